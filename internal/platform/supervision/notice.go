package supervision

import (
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
)

// notice is an event as supervision reads it.
type notice struct {
	event casework.Event
	env   casework.Envelope
}

func read(events []casework.Event) ([]notice, error) {
	out := make([]notice, 0, len(events))
	for _, e := range events {
		if e.IsJournal() {
			continue // what administrators do is no case
		}
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		out = append(out, notice{e, env})
	}
	return out, nil
}

// text returns a member of the public part; empty when it is missing or no text. Forms put members of their own there.
func (n *notice) text(name string) string {
	s, _ := n.env.Data[name].(string)
	return s
}

func (n *notice) token() int64 {
	f, _ := n.env.Data["token"].(float64)
	return int64(f)
}

func (n *notice) ended() bool { return n.text("ended") != "" }

// cut returns the steps that something else ended.
func (n *notice) cut() (elements []string) {
	list, _ := n.env.Data["cut"].([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			elements = append(elements, s)
		}
	}
	return elements
}

// turn is what an event did to a clock.
type turn struct {
	clock, action    string
	ground           string        // of a pause
	promise, statute calendar.Date // its lines from then on; 0 when the event does not say
}

func (n *notice) turns() (turns []turn) {
	list, _ := n.env.Data["clocks"].([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		name, _ := m["name"].(string)
		action, _ := m["action"].(string)
		if name != "" && action != "" {
			ground, _ := m["ground"].(string)
			turns = append(turns, turn{name, action, ground, day(m["promise"]), day(m["statute"])})
		}
	}
	return turns
}

func (n *notice) starts() bool {
	for _, t := range n.turns() {
		if t.action == "start" {
			return true
		}
	}
	return false
}

func day(v any) calendar.Date {
	s, _ := v.(string)
	d, err := calendar.Parse(s)
	if err != nil {
		return 0
	}
	return d
}
