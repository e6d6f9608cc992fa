package term

import (
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
)

// Lines are the instants at which a term becomes late. A term counted in days ends at 24:00 in Asia/Shanghai of its last day.
type Lines struct {
	Promise     time.Time     `json:"promise"` // equal to Statute when nothing was promised
	Statute     time.Time     `json:"statute"`
	PromiseDay  calendar.Date `json:"promiseDay"` // last day of the promise
	StatuteDay  calendar.Date `json:"statuteDay"` // last day of the statutory term
	Warn        time.Time     `json:"warn"`       // 00:00 of the working day before PromiseDay, not before the start
	Provisional bool          `json:"provisional,omitempty"`
}

// Compute returns the lines of the term as they stand at now, which matters only while a pause is open.
func (t Term) Compute(cal *calendar.Calendar, now time.Time) Lines {
	halts := t.halts(now)
	law := t.run(cal, t.Statutory, halts)
	promise := law
	if t.Promised.N > 0 {
		if p := t.run(cal, t.Promised, halts); p.at.Before(law.at) {
			promise = p
		}
	}
	warn := cal.Add(promise.day, -1).Start()
	if warn.Before(t.Start) {
		warn = t.Start
	}
	return Lines{
		Promise: promise.at, Statute: law.at,
		PromiseDay: promise.day, StatuteDay: law.day,
		Warn:        warn,
		Provisional: law.provisional || promise.provisional,
	}
}

// halt is a time in which the clock stands still. Halts are sorted and don't overlap.
type halt struct{ from, until time.Time }

// first and last are the days that the halt takes out; there are none when last lies before first.
func (h halt) first() calendar.Date { return calendar.Of(h.from) }
func (h halt) last() calendar.Date  { return calendar.Of(h.until) - 1 }

// halts joins the pauses of the term. An open pause lasts until now.
func (t Term) halts(now time.Time) []halt {
	halts := make([]halt, 0, len(t.Pauses))
	for _, p := range t.Pauses {
		h := halt{p.From, p.Until}
		if h.until.IsZero() {
			h.until = now
		}
		if h.from.Before(h.until) {
			halts = append(halts, h)
		}
	}
	slices.SortFunc(halts, func(a, b halt) int { return a.from.Compare(b.from) })
	joined := halts[:0]
	for _, h := range halts {
		if n := len(joined); n > 0 && !h.from.After(joined[n-1].until) {
			if h.until.After(joined[n-1].until) {
				joined[n-1].until = h.until
			}
			continue
		}
		joined = append(joined, h)
	}
	return joined
}

// segment is a part of a term in one unit: the length itself, or extensions in another unit than what they extend.
type segment struct {
	n    int
	unit statute.Unit
	ends []extended // where, within n, extensions of the same unit begin
}

// extended is an extension that begins after the first n units of a segment.
type extended struct {
	n  int
	by Extension
}

// segments lays the extensions behind the length. Those of the same unit are counted as one with it: three months and one more
// are four months.
func (t Term) segments(base Length) []segment {
	segments := []segment{{n: base.N, unit: base.Unit}}
	for _, ext := range t.Extensions {
		last := &segments[len(segments)-1]
		if last.unit != ext.By.Unit {
			segments = append(segments, segment{unit: ext.By.Unit})
			last = &segments[len(segments)-1]
		}
		last.ends = append(last.ends, extended{last.n, ext})
		last.n += ext.By.N
	}
	return segments
}

// point is how far counting has come: a day, and the instant at which it is over, or, in hours, the instant within it.
type point struct {
	day         calendar.Date
	at          time.Time
	provisional bool // it rests on days whose notice isn't known yet
}

// run counts the whole of a length with the extensions.
func (t Term) run(cal *calendar.Calendar, base Length, halts []halt) point {
	p := point{day: calendar.Of(t.Start), at: t.Start}
	segments := t.segments(base)
	for _, s := range segments {
		p = s.advance(cal, p, halts)
	}
	if movable(segments[len(segments)-1].unit) {
		p.provisional = p.provisional || cal.Provisional(p.day)
		for _, m := range moves(cal, p.day, halts) {
			p.provisional = p.provisional || cal.ProvisionalRange(m.from, m.to)
			p.day, p.at = m.to, m.to.End()
		}
	}
	return p
}

// advance counts one segment from a point.
func (s segment) advance(cal *calendar.Calendar, from point, halts []halt) point {
	switch s.unit {
	case statute.Hour, statute.Minute:
		at := s.advanceClock(from.at, halts)
		return point{calendar.Of(at), at, from.provisional}
	case statute.WorkingDay:
		day := push(cal.Add(from.day, s.n), from.day, halts, func(due, first, last calendar.Date) calendar.Date {
			return cal.Add(due, cal.Count(first-1, last))
		})
		return point{day, day.End(), from.provisional || cal.ProvisionalRange(from.day+1, day)}
	default:
		day := push(s.matching(from.day), from.day, halts, func(due, first, last calendar.Date) calendar.Date {
			return due + (last - first + 1)
		})
		return point{day, day.End(), from.provisional}
	}
}

// matching is the last day of a segment in calendar days, months or years, were the clock never to stand still.
func (s segment) matching(from calendar.Date) calendar.Date {
	switch s.unit {
	case statute.Month:
		return from.AddMonths(s.n)
	case statute.Year:
		return from.AddMonths(12 * s.n)
	default:
		return from.Add(s.n)
	}
}

// push moves a last day by every halt that begins on or before it. In the order of time one pass is enough: a halt can only
// reach further halts.
func push(due, start calendar.Date, halts []halt, by func(due, first, last calendar.Date) calendar.Date) calendar.Date {
	for _, h := range halts {
		first, last := max(h.first(), start+1), h.last()
		if first > due {
			break
		}
		if first <= last {
			due = by(due, first, last)
		}
	}
	return due
}

// advanceClock counts hours and minutes.
func (s segment) advanceClock(start time.Time, halts []halt) time.Time {
	due := start.Add(time.Duration(s.n) * clockUnit(s.unit))
	for _, h := range halts {
		from := h.from
		if from.Before(start) {
			from = start
		}
		if !from.Before(due) {
			break
		}
		if from.Before(h.until) {
			due = due.Add(h.until.Sub(from))
		}
	}
	return due
}

func clockUnit(u statute.Unit) time.Duration {
	if u == statute.Minute {
		return time.Minute
	}
	return time.Hour
}

// movable reports whether the last day of a length in this unit may be a day off, from which it then moves (民法典 203).
func movable(u statute.Unit) bool {
	return u == statute.CalendarDay || u == statute.Month || u == statute.Year
}

// move is a step of a last day that can't be the last.
type move struct {
	from, to calendar.Date
	halted   bool // from lies in a pause; else it is a day off
}

// moves takes a last day that is a day off to the next working day on which the clock runs.
func moves(cal *calendar.Calendar, last calendar.Date, halts []halt) []move {
	var moved []move
	if next := cal.Next(last); next != last {
		moved = append(moved, move{from: last, to: next})
		last = next
	}
	for _, h := range halts {
		if h.first() <= last && last <= h.last() {
			next := cal.Next(h.last() + 1)
			moved = append(moved, move{last, next, true})
			last = next
		}
	}
	return moved
}
