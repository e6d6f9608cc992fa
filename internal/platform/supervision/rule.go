package supervision

import (
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
)

// Colour is how grave a card is. Pages write the word beside the colour.
type Colour string

// The colours.
const (
	Reminder  Colour = "reminder"  // 提醒: about to be due
	Overtime  Colour = "overtime"  // 超时: a step past its own time
	Yellow    Colour = "yellow"    // 黄牌: past the promise
	Irregular Colour = "irregular" // 异常: not late, but not as the law wants it
	Red       Colour = "red"       // 红牌: past the statute
)

// Colours lists the colours, the gravest last.
func Colours() []Colour { return []Colour{Reminder, Overtime, Yellow, Irregular, Red} }

// grave orders the colours.
func (c Colour) grave() int { return slices.Index(Colours(), c) }

// timely reports whether the colour is about a line in time: such a card closes when the line does not matter any more. What was
// irregular stays so.
func (c Colour) timely() bool { return c != Irregular }

// WhoeverHasTheStep stands in [Rule.Explain] for the role of the step that is late.
const WhoeverHasTheStep = "step"

// explainers are the roles that can be asked to explain, the higher last.
var explainers = []string{"window", "reviewer", "head"}

// Rule (监察规则) says for which events a card is raised.
type Rule struct {
	ID           string             `json:"id"`
	Title        lang.Text          `json:"title"`
	From         calendar.Date      `json:"from"`            // the first day whose events it watches
	Until        calendar.Date      `json:"until,omitempty"` // the first day whose events it does not watch any more; zero: still
	Events       []string           `json:"events"`          // kinds of events in casework
	Kinds        []string           `json:"kinds,omitempty"` // kinds of cases; empty: all but those that stand apart
	When         string             `json:"when,omitempty"`  // FEEL over the event and what is known of its case; empty: each such event
	Also         []string           `json:"also,omitempty"`  // what lower jurisdictions hold against a case as well
	Line         string             `json:"line,omitempty"`  // promise or statute: which line the card is about; empty: none
	Colour       Colour             `json:"colour"`
	Explain      string             `json:"explain,omitempty"` // role of the body that has to explain; empty: nobody has to
	Within       Length             `json:"within,omitzero"`   // until when
	Trigger      string             `json:"trigger,omitempty"` // entry of the list supervision.triggers of the law's rules; empty: none
	Source       statute.Source     `json:"source"`
	Confidence   statute.Confidence `json:"confidence"`
	Note         string             `json:"note,omitempty"`
	Jurisdiction string             `json:"jurisdiction"` // the lowest layer that said something about it

	conditions []*feel.Expr
	grounds    feel.List // on which the law lets a clock stand still
	apart      []string  // kinds of cases that only rules which name them watch
	law        *statute.Rules
}

// Length is a length of time in a unit of the law.
type Length struct {
	N    int          `json:"length" yaml:"length"`
	Unit statute.Unit `json:"unit" yaml:"unit"`
	Rule string       `json:"rule,omitempty" yaml:"rule"` // parameter of the law's rules that holds it; empty: it stands here
}

// Term returns until when a card of a day has to be explained. A parameter of the rules may have been set anew since the program began.
func (r *Rule) Term(day calendar.Date) Length {
	if r.Within.Rule == "" || r.law == nil {
		return r.Within
	}
	v, err := r.law.At(r.Within.Rule, day)
	if err != nil {
		return r.Within
	}
	return Length{N: int(v.Amount), Unit: v.Unit, Rule: r.Within.Rule}
}

// Answered reports whether a card of the rule has to be explained, and so becomes a case of its own.
func (r *Rule) Answered() bool { return r.Explain != "" }

// watches reports whether the rule looks at the event at all.
func (r *Rule) watches(n *notice) bool {
	day := calendar.Of(n.event.At)
	if day < r.From || r.Until != 0 && day >= r.Until || !slices.Contains(r.Events, n.event.Kind) {
		return false
	}
	if len(r.Kinds) > 0 {
		return slices.Contains(r.Kinds, n.env.Type)
	}
	return !slices.Contains(r.apart, n.env.Type)
}

// holds reports whether a condition of the rule is met. What cannot be answered is not held against anybody.
func (r *Rule) holds(n *notice, known facts) bool {
	if len(r.conditions) == 0 {
		return true
	}
	scope := n.scope(known, r.grounds)
	for _, c := range r.conditions {
		if v, err := c.Eval(scope); err == nil && feel.Truth(v) {
			return true
		}
	}
	return false
}

// watchable are the kinds of events that a rule can watch. Those that name a line or a step make cards about it.
var (
	lines     = []string{casework.LineWarned, casework.PromiseMissed, casework.StatuteMissed, casework.StepOvertime}
	watchable = slices.Concat(lines, []string{casework.Submitted, casework.Completed, casework.Messaged, casework.Assigned, casework.GivenBack, casework.Attached,
		casework.Rated, casework.TimerFired})
)
