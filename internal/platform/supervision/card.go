package supervision

import (
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Card (监察卡片) says what a rule has found: that one line of one case, or one step, is about to be late or is late, or that a step
// was not as the law wants it.
type Card struct {
	ID       store.ID // goes up with the place of its event in the log
	Event    store.ID // that raised it
	Case     store.ID
	Number   string // 办件编号
	Rule     string
	Colour   Colour
	Clock    string // whose line was crossed; empty for a step
	Task     string // element of the step; empty for a clock
	Explain  string // role of the body that has to explain; empty: nobody has to
	Token    int64  // of the step
	Due      calendar.Date
	Division string
	Body     string
	Subject  string
	Kind     string // of the case
	At       time.Time
	Leaf     int64     // place of the event in the log
	ClosedAt time.Time // zero while it is open
	Closed   Closed

	AnswerCase  store.ID // the case that answers it; 0: none yet
	Answer      string   // number of that case
	State       State
	Conclusion  Conclusion // empty: none yet
	ConcludedAt time.Time
}

// Closed says why a card is no longer open.
type Closed string

// The reasons.
const (
	ClosedEnded     Closed = "ended"     // the case has ended
	ClosedStopped   Closed = "stopped"   // its clock has stopped
	ClosedMoved     Closed = "moved"     // its line lies later now: an extension, a pause
	ClosedDone      Closed = "done"      // the step was done, or ended by something else
	ClosedOvertook  Closed = "overtook"  // what it warned of has happened
	ClosedConcluded Closed = "concluded" // it was verified, and does not stand against the body any more
)

// Open reports whether the card is open.
func (c *Card) Open() bool { return c.ClosedAt.IsZero() }

// desk holds the open cards of the cases of a batch, and what is known of these, while events are applied to them.
type desk struct {
	rules  []Rule
	open   map[store.ID][]*Card
	known  map[store.ID]facts
	raised []*Card
	closed []*Card

	learned, ended map[store.ID]bool // cases
}

// cardsOfAnEvent bounds how many cards one event can raise: their ids have this much room between two places of the log.
const cardsOfAnEvent = 16

// apply raises and closes cards as an event demands.
func (d *desk) apply(n *notice) {
	raised := 0
	for i := range d.rules {
		r := &d.rules[i]
		if raised < cardsOfAnEvent && r.watches(n) && r.holds(n, d.known[n.event.Case]) {
			id := store.ID((n.event.Leaf+1)*cardsOfAnEvent + int64(raised))
			if d.raise(n, r, id) {
				raised++
			}
		}
	}
	if n.teaches() {
		d.known[n.event.Case] = d.known[n.event.Case].learn(n)
		d.learned[n.event.Case] = true
	}
	for _, t := range n.turns() {
		d.turned(n, t)
	}
	if n.event.Kind == casework.Completed {
		d.close(n, ClosedDone, func(c *Card) bool { return c.Task != "" && c.Token == n.token() })
	}
	if cut := n.cut(); len(cut) > 0 {
		d.close(n, ClosedDone, func(c *Card) bool { return slices.Contains(cut, c.Task) })
	}
	if n.ended() {
		d.ended[n.event.Case] = true
		d.close(n, ClosedEnded, func(*Card) bool { return true })
	}
}

func (d *desk) raise(n *notice, rule *Rule, id store.ID) bool {
	c := &Card{
		ID: id, Event: n.event.ID, Case: n.event.Case, Number: n.env.Case, Rule: rule.ID, Colour: rule.Colour, Clock: n.text("clock"),
		Task: n.text("task"), Token: n.token(), Due: day(n.env.Data[rule.Line]), Division: n.env.Division, Body: n.env.Body,
		Subject: n.env.Subject, Kind: n.env.Type, Explain: rule.Explain, At: n.event.At, Leaf: n.event.Leaf,
	}
	if c.Explain == WhoeverHasTheStep {
		if c.Explain = n.text("role"); !slices.Contains(explainers, c.Explain) {
			c.Explain = "head"
		}
	}
	same := func(o *Card) bool { return o.Clock == c.Clock && o.Task == c.Task && o.Token == c.Token }
	if slices.ContainsFunc(d.open[c.Case], func(o *Card) bool { return same(o) && o.Rule == c.Rule }) {
		return false // one card for each case, rule and line
	}
	d.close(n, ClosedOvertook, func(o *Card) bool { return same(o) && o.Colour == Reminder })
	d.open[c.Case] = append(d.open[c.Case], c)
	d.raised = append(d.raised, c)
	return true
}

// turned closes the cards of a clock that stopped, began anew, or whose line moved to a later day that has not passed.
func (d *desk) turned(n *notice, t turn) {
	today := calendar.Of(n.event.At)
	switch t.action {
	case "stop":
		d.close(n, ClosedStopped, func(c *Card) bool { return c.Clock == t.clock })
	case "start":
		d.close(n, ClosedMoved, func(c *Card) bool { return c.Clock == t.clock })
	default:
		d.close(n, ClosedMoved, func(c *Card) bool {
			line := t.promise
			if c.Colour == Red {
				line = t.statute
			}
			return c.Clock == t.clock && line > c.Due && line >= today
		})
	}
}

func (d *desk) close(n *notice, why Closed, which func(*Card) bool) {
	d.open[n.event.Case] = slices.DeleteFunc(d.open[n.event.Case], func(c *Card) bool {
		if !c.Colour.timely() || !which(c) {
			return false
		}
		c.ClosedAt, c.Closed = n.event.At, why
		d.closed = append(d.closed, c)
		return true
	})
}
