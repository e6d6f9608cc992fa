package term

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Length is how long a term lasts and where that stands.
type Length struct {
	N       int          `json:"n"`
	Unit    statute.Unit `json:"unit"`
	Rule    string       `json:"rule,omitempty"` // id of the rule, such as licence.decide
	Title   lang.Text    `json:"title,omitzero"`
	Article lang.Text    `json:"article,omitzero"` // citation, such as 《行政许可法》第42条
}

// Pause is a time in which the clock stands still.
type Pause struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"` // zero while it stands still
	Ground  string    `json:"ground"`         // id of the rule that allows it, such as licence.pause.hearing
	Title   lang.Text `json:"title,omitzero"`
	Article lang.Text `json:"article,omitzero"`
}

// PauseDays returns the pause that takes out the days from first to last, both included.
func PauseDays(first, last calendar.Date) Pause { return Pause{From: first.Start(), Until: last.End()} }

// Extension is a decision that prolongs a term.
type Extension struct {
	By       Length    `json:"by"`
	At       time.Time `json:"at"`       // when it was decided
	Approver string    `json:"approver"` // who decided, as the caller names people
	Reason   string    `json:"reason"`   // told to the applicant (行政许可法 42)
}

// Term is one clock. Make it with New; the zero value is a term of nothing.
type Term struct {
	Start         time.Time   `json:"start"`
	Statutory     Length      `json:"statutory"`
	Promised      Length      `json:"promised,omitzero"` // N is 0 when nothing shorter was promised
	Pauses        []Pause     `json:"pauses,omitempty"`
	Extensions    []Extension `json:"extensions,omitempty"`
	MaxExtensions int         `json:"maxExtensions,omitempty"` // how often the law lets it be extended
	Stopped       time.Time   `json:"stopped,omitzero"`        // when the duty was done or fell away
}

// maxLength bounds the number in a length, so that dates stay within what can be printed: 100,000 days are 273 years.
const maxLength = 100_000

func (l Length) valid() bool { return l.N > 0 && l.N <= maxLength && l.Unit.IsTime() }

// New starts a term at the given instant. The promised length may be zero. The error is an *Error with code BadLength.
func New(start time.Time, statutory, promised Length) (Term, error) {
	if !statutory.valid() || (promised.N != 0 && !promised.valid()) {
		return Term{}, &Error{Code: BadLength, At: start}
	}
	return Term{Start: start, Statutory: statutory, Promised: promised}, nil
}

// Paused reports whether the clock stands still, by a pause that hasn't ended.
func (t Term) Paused() bool {
	for _, p := range t.Pauses {
		if p.Until.IsZero() {
			return true
		}
	}
	return false
}

// Pause stops the clock at the given instant on a ground that the law gives. A clock that has run out may be paused, but that
// doesn't make up for the line that was missed.
func (t *Term) Pause(at time.Time, ground string, title, article lang.Text) error {
	switch {
	case !t.Stopped.IsZero():
		return &Error{Code: AlreadyStopped, At: at}
	case t.Paused():
		return &Error{Code: AlreadyPaused, At: at}
	case at.Before(t.Start):
		return &Error{Code: BeforeStart, At: at}
	}
	t.Pauses = append(t.Pauses, Pause{From: at, Ground: ground, Title: title, Article: article})
	return nil
}

// Resume lets the clock run again.
func (t *Term) Resume(at time.Time) error {
	if !t.Stopped.IsZero() {
		return &Error{Code: AlreadyStopped, At: at}
	}
	for i, p := range t.Pauses {
		if !p.Until.IsZero() {
			continue
		}
		if at.Before(p.From) {
			return &Error{Code: BeforePause, At: at}
		}
		t.Pauses[i].Until = at
		return nil
	}
	return &Error{Code: NotPaused, At: at}
}

// Extend prolongs the term. It is refused beyond MaxExtensions, once the statutory line has passed, and after the end.
func (t *Term) Extend(cal *calendar.Calendar, ext Extension) error {
	switch {
	case !t.Stopped.IsZero():
		return &Error{Code: AlreadyStopped, At: ext.At}
	case t.Statutory.N <= 0 || !ext.By.valid():
		return &Error{Code: BadLength, At: ext.At}
	case ext.At.Before(t.Start):
		return &Error{Code: BeforeStart, At: ext.At}
	case len(t.Extensions) >= t.MaxExtensions:
		return &Error{Code: NoMoreExtensions, At: ext.At}
	case !ext.At.Before(t.Compute(cal, ext.At).Statute):
		return &Error{Code: Overdue, At: ext.At}
	}
	t.Extensions = append(t.Extensions, ext)
	return nil
}

// Stop ends the term: the decision was made, or the matter fell away. An open pause ends with it.
func (t *Term) Stop(at time.Time) error {
	switch {
	case !t.Stopped.IsZero():
		return &Error{Code: AlreadyStopped, At: at}
	case at.Before(t.Start):
		return &Error{Code: BeforeStart, At: at}
	}
	for i, p := range t.Pauses {
		if p.Until.IsZero() {
			if at.Before(p.From) {
				return &Error{Code: BeforePause, At: at}
			}
			t.Pauses[i].Until = at
		}
	}
	t.Stopped = at
	return nil
}
