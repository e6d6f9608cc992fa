package procedure

import (
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
)

// Lawful returns the computation of timers that are rules of the law or in whole days, for Engine.Due. Such a timer falls due
// at the end of its last day, 24:00 in Asia/Shanghai: what the law lets happen "after five working days" (行政许可法 art. 32) has not
// happened while the fifth still runs.
func Lawful(cal *calendar.Calendar, rules *statute.Rules) func(TimerSpec, time.Time) (time.Time, error) {
	return func(spec TimerSpec, from time.Time) (time.Time, error) {
		if spec.Rule == "" {
			return lawfulEnd(cal, from, term.Length{N: spec.Count, Unit: statute.Unit(spec.Unit)})
		}
		p, err := rules.Lookup(spec.Rule)
		if err != nil {
			return time.Time{}, fmt.Errorf("timer: %w", err)
		}
		length, err := term.FromRule(p, calendar.Of(from))
		if err != nil {
			return time.Time{}, fmt.Errorf("timer: %w", err)
		}
		return lawfulEnd(cal, from, length)
	}
}

func lawfulEnd(cal *calendar.Calendar, from time.Time, length term.Length) (time.Time, error) {
	t, err := term.New(from, length, term.Length{})
	if err != nil {
		return time.Time{}, fmt.Errorf("timer %s: %w", length.Rule, err)
	}
	return t.Compute(cal, from).Statute, nil
}
