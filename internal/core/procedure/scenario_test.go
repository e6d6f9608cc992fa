package procedure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
)

// epoch is the instant at which every scenario starts: Monday 2 March 2026, 09:00 in Shanghai.
var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, calendar.Zone)

// player plays a script against a model and checks what is open after each line.
type player struct {
	t       *testing.T
	e       *Engine
	d       *Definition
	s       State
	now     time.Time
	effects []Effect // of the last line
}

// play runs a script. A line is an input, and after "=>" what is then open (sorted, one name for each open instance), or ended
// with its outcome:
//
//	start x=1 y="a"            => a, b
//	complete a[1] ok=true      => b
//	message m v=1 / error a code / cancel / +PT1H (an hour passes and what is due fires) / at DATE
//	                           => ended completed
//	complete b                 => refused not open
func play(t *testing.T, e *Engine, d *Definition, script string) *player {
	t.Helper()
	p := &player{t: t, e: e, d: d, now: epoch}
	for _, line := range strings.Split(strings.TrimSpace(script), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		p.line(line)
	}
	return p
}

func (p *player) line(line string) {
	p.t.Helper()
	command, want, _ := strings.Cut(line, "=>")
	in := p.input(strings.TrimSpace(command))
	before, err := json.Marshal(p.s)
	if err != nil {
		p.t.Fatal(err)
	}
	s, effects, err := p.e.Step(p.d, p.s, in, p.now)
	got := ""
	if err != nil {
		got = "refused " + err.Error()
	} else {
		got = p.open(s)
	}
	want = strings.TrimSpace(want)
	if err != nil && strings.HasPrefix(want, "refused ") && strings.Contains(got, want[8:]) {
		got = want
	}
	if got != want {
		p.t.Fatalf("after %q:\n got %s\nwant %s", line, got, want)
	}
	if after, _ := json.Marshal(p.s); string(after) != string(before) {
		p.t.Fatalf("after %q: Step has changed the state it was given:\n%s\n%s", line, before, after)
	}
	// The state goes through JSON after every line, as it does between two commands of a case.
	stored, err := json.Marshal(s)
	if err != nil {
		p.t.Fatal(err)
	}
	p.s, p.effects = State{}, effects
	if err := json.Unmarshal(stored, &p.s); err != nil {
		p.t.Fatal(err)
	}
	if again, _ := json.Marshal(p.s); string(again) != string(stored) {
		p.t.Fatalf("after %q: the state is not the same after JSON:\n%s\n%s", line, stored, again)
	}
}

func (p *player) open(s State) string {
	p.t.Helper()
	if s.Ended() {
		if len(s.Tokens)+len(s.Timers) > 0 {
			p.t.Fatalf("the process has ended and yet waits: %+v", s)
		}
		return "ended " + string(s.Outcome)
	}
	items, err := p.e.Open(p.d, s)
	if err != nil {
		p.t.Fatal(err)
	}
	ids := make([]string, len(items))
	for i, o := range items {
		ids[i] = o.Element.ID
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

func (p *player) input(command string) Input {
	p.t.Helper()
	words := strings.Fields(command)
	in := Input{}
	rest := words[1:]
	name := func() string { n := rest[0]; rest = rest[1:]; return n }
	switch words[0] {
	case "start":
		in.Kind = InputStart
		if len(rest) > 0 && !strings.Contains(rest[0], "=") {
			in.Element = name()
		}
	case "complete", "error":
		in.Kind, in.Element = InputKind(words[0]), name()
		if i := strings.IndexByte(in.Element, '['); i > 0 {
			if _, err := fmt.Sscanf(in.Element[i:], "[%d]", &in.Index); err != nil {
				p.t.Fatal(err)
			}
			in.Element = in.Element[:i]
		}
		if words[0] == "error" {
			in.Code = name()
		}
	case "message":
		in.Kind, in.Name = InputMessage, name()
	case "cancel":
		in.Kind = InputCancel
	default:
		in.Kind = InputAdvance
		length, ok := strings.CutPrefix(words[0], "+")
		d, err := parseISO(length)
		if !ok || err != nil {
			p.t.Fatalf("%q: %v", command, err)
		}
		p.now = d.after(p.now)
	}
	in.Vars = Variables{}
	for _, w := range rest {
		key, value, _ := strings.Cut(w, "=")
		v, err := feel.FromJSON([]byte(value))
		if err != nil {
			p.t.Fatalf("%q: %v", w, err)
		}
		in.Vars[key] = v
	}
	return in
}

func TestScenarios(t *testing.T) {
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			play(t, &Engine{}, mustDraw(t, c.model), c.script)
		})
	}
}
