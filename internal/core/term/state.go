package term

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
)

// State is how a term stands.
type State string

// The states of a term.
const (
	Running       State = "running"
	Paused        State = "paused"
	Warned        State = "warned"         // the last working day before the earlier line has begun
	PromiseMissed State = "promise-missed" // yellow: past the promise, within the statute
	StatuteMissed State = "statute-missed" // red
	Met           State = "met"            // stopped in time
	MetStatute    State = "met-statute"    // stopped past the promise, within the statute
	StoppedLate   State = "stopped-late"   // stopped past the statute
)

// State returns how the term stands at now. A line that was missed stays missed when the clock is paused afterwards.
func (t Term) State(cal *calendar.Calendar, now time.Time) State {
	lines := t.Compute(cal, now)
	if !t.Stopped.IsZero() {
		switch {
		case t.Stopped.Before(lines.Promise):
			return Met
		case t.Stopped.Before(lines.Statute):
			return MetStatute
		default:
			return StoppedLate
		}
	}
	switch {
	case !now.Before(lines.Statute):
		return StatuteMissed
	case !now.Before(lines.Promise):
		return PromiseMissed
	case t.Paused():
		return Paused
	case !now.Before(lines.Warn):
		return Warned
	default:
		return Running
	}
}

// Remaining returns what is left at now until the promised line, or the statutory one when nothing was promised, in the unit
// of the line; months and years are told in calendar days. The day of now isn't counted, so that 0 means: due today, and -2:
// two days over. Days on which the clock is known to stand still aren't counted. Of a stopped term it says what was left.
func (t Term) Remaining(cal *calendar.Calendar, now time.Time) (int, statute.Unit) {
	length := t.Promised
	if lines := t.Compute(cal, now); length.N == 0 || !lines.Promise.Before(lines.Statute) {
		length = t.Statutory
	}
	return t.remaining(cal, now, length)
}

// RemainingStatute is Remaining for the statutory line.
func (t Term) RemainingStatute(cal *calendar.Calendar, now time.Time) (int, statute.Unit) {
	return t.remaining(cal, now, t.Statutory)
}

func (t Term) remaining(cal *calendar.Calendar, now time.Time, length Length) (int, statute.Unit) {
	if !t.Stopped.IsZero() {
		now = t.Stopped
	}
	halts := t.halts(now)
	due := t.run(cal, length, halts)
	today := calendar.Of(now)
	segments := t.segments(length)
	switch unit := segments[len(segments)-1].unit; unit {
	case statute.Hour, statute.Minute:
		return remainingClock(due.at, now, unit, halts), unit
	case statute.WorkingDay:
		return cal.Count(today, due.day) - haltedAhead(today, due.day, halts, func(first, last calendar.Date) int {
			return cal.Count(first-1, last)
		}), unit
	default:
		return int(due.day-today) - haltedAhead(today, due.day, halts, func(first, last calendar.Date) int {
			return int(last-first) + 1
		}), statute.CalendarDay
	}
}

// haltedAhead counts the days after today and up to due on which the clock is known to stand still.
func haltedAhead(today, due calendar.Date, halts []halt, count func(first, last calendar.Date) int) int {
	n := 0
	for _, h := range halts {
		if first, last := max(h.first(), today+1), min(h.last(), due); first <= last {
			n += count(first, last)
		}
	}
	return n
}

// remainingClock counts whole hours or minutes, rounded down.
func remainingClock(due, now time.Time, unit statute.Unit, halts []halt) int {
	left := due.Sub(now)
	for _, h := range halts {
		from, until := h.from, h.until
		if from.Before(now) {
			from = now
		}
		if until.After(due) {
			until = due
		}
		if from.Before(until) {
			left -= until.Sub(from)
		}
	}
	n := int(left / clockUnit(unit))
	if left < 0 && left%clockUnit(unit) != 0 {
		n--
	}
	return n
}
