package term

import (
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
)

// FromRule returns the length that a rule gives on a day: the version of the law then in force. A rule that isn't in force that
// day, or isn't a stretch of time, is an error.
func FromRule(p statute.Parameter, on calendar.Date) (Length, error) {
	value, err := p.At(on)
	if err != nil {
		return Length{}, fmt.Errorf("term: %w", err)
	}
	l := Length{N: int(value.Amount), Unit: value.Unit, Rule: p.ID, Title: p.Title, Article: value.Source.CiteText()}
	if !l.valid() {
		return Length{}, fmt.Errorf("term: rule %s is %d %s, not a length of time; choose a rule in a unit of time", p.ID, value.Amount, value.Unit)
	}
	return l, nil
}
