package term

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Step is one sentence of the arithmetic of a term. Put one below the other, the steps account for every day from the start to
// the last day.
type Step struct {
	Kind    Kind          `json:"kind"`
	From    calendar.Date `json:"from"` // first and last day that the step is about
	To      calendar.Date `json:"to"`
	Counted bool          `json:"counted"`        // these days count towards the term
	Days    int           `json:"days,omitempty"` // how many units of the term were counted, or days taken out
	N       int           `json:"n,omitempty"`    // how many units have been counted in all, in the unit of this part of the term
	Text    lang.Text     `json:"text"`
	Article lang.Text     `json:"article,omitzero"` // what the step rests on: an article, or the State Council's notice
}

// Kind says what a step is about.
type Kind string

// The kinds of steps.
const (
	StepStart       Kind = "start"       // the day of the start, which isn't counted
	StepCounted     Kind = "counted"     // a run of days, or a length, that counts
	StepMakeup      Kind = "makeup"      // weekend days that count because they are worked
	StepWeekend     Kind = "weekend"     // skipped
	StepHoliday     Kind = "holiday"     // skipped
	StepPaused      Kind = "paused"      // taken out
	StepExtension   Kind = "extension"   // the term is prolonged from here
	StepMoved       Kind = "moved"       // the last day is a day off and moves
	StepProvisional Kind = "provisional" // the notice of the year isn't known yet
	StepDue         Kind = "due"         // the last day
)

// Explain gives the arithmetic of the statutory line as it stands at now.
func (t Term) Explain(cal *calendar.Calendar, now time.Time) []Step {
	return t.explain(cal, now, t.Statutory)
}

// ExplainPromise gives the arithmetic of the promised line; when nothing was promised, or nothing shorter than the statute,
// that of the statutory line.
func (t Term) ExplainPromise(cal *calendar.Calendar, now time.Time) []Step {
	if lines := t.Compute(cal, now); t.Promised.N == 0 || !lines.Promise.Before(lines.Statute) {
		return t.Explain(cal, now)
	}
	return t.explain(cal, now, t.Promised)
}

func (t Term) explain(cal *calendar.Calendar, now time.Time, base Length) []Step {
	w := &writer{cal: cal, term: t, now: now, halts: t.halts(now), law: countingLaw(calendar.Of(t.Start))}
	at := point{day: calendar.Of(t.Start), at: t.Start}
	segments := t.segments(base)
	w.start(at, segments[0].unit, base)
	for i, s := range segments {
		if i > 0 {
			w.extension(at.day, s.ends[0].by)
			s.ends = s.ends[1:]
		}
		next := s.advance(cal, at, w.halts)
		switch s.unit {
		case statute.Hour, statute.Minute:
			w.clock(s, at, next)
		case statute.WorkingDay, statute.CalendarDay:
			w.days(s, at.day, next.day)
		default:
			w.months(s, at.day)
		}
		at = next
	}
	unit := segments[len(segments)-1].unit
	if movable(unit) {
		w.moved(at.day)
	}
	due := t.run(cal, base, w.halts)
	if due.provisional {
		w.add(Step{Kind: StepProvisional, From: due.day, To: due.day, Text: provisionalText})
	}
	w.due(due, unit)
	return w.steps
}

// writer collects the steps.
type writer struct {
	cal   *calendar.Calendar
	term  Term
	now   time.Time
	halts []halt
	law   law
	steps []Step
}

func (w *writer) add(s Step) { w.steps = append(w.steps, s) }

func (w *writer) start(at point, unit statute.Unit, base Length) {
	step := Step{Kind: StepStart, From: at.day, To: at.day, Text: startText(at.day, base), Article: w.law.start}
	if unit == statute.Hour || unit == statute.Minute {
		step.Text, step.Article = clockStartText(at.at, base), base.Article
	}
	w.add(step)
}

func (w *writer) extension(day calendar.Date, ext Extension) {
	w.add(Step{Kind: StepExtension, From: day, To: day, Text: extensionText(ext), Article: ext.By.Article})
}

// sort is what becomes of a day: days of one sort in a row form one step.
type sort struct {
	kind   Kind
	name   lang.Text // of the holiday
	notice lang.Text
	pause  int // index in the term's pauses
}

// sortOf says what becomes of one day in a segment of the given unit.
func (w *writer) sortOf(d calendar.Date, unit statute.Unit) sort {
	if i := w.pauseOn(d); i >= 0 {
		return sort{kind: StepPaused, pause: i}
	}
	if unit != statute.WorkingDay {
		return sort{kind: StepCounted}
	}
	info := w.cal.Explain(d)
	s := sort{kind: StepCounted, name: info.Name}
	switch info.Kind {
	case calendar.KindWeekend:
		s.kind = StepWeekend
	case calendar.KindHoliday:
		s.kind = StepHoliday
	case calendar.KindMakeup:
		s.kind = StepMakeup
	}
	if info.NoticeYear != 0 {
		s.notice = calendar.NoticeTitle(info.NoticeYear, info.Notice)
	}
	return s
}

// days accounts for each day of a segment in working or calendar days.
func (w *writer) days(s segment, from, to calendar.Date) {
	counted := 0
	for d := from + 1; d <= to; {
		kind := w.sortOf(d, s.unit)
		step := Step{Kind: kind.kind, From: d, Counted: kind.kind == StepCounted || kind.kind == StepMakeup, Article: kind.notice}
		for d <= to && w.sortOf(d, s.unit) == kind {
			if s.unit != statute.WorkingDay || w.cal.Working(d) {
				step.Days++
			}
			step.To = d
			d++
			if step.Counted && len(s.ends) > 0 && counted+step.Days == s.ends[0].n {
				break // an extension begins here
			}
		}
		if step.Counted {
			counted += step.Days
		}
		step.N = counted
		if step.Kind == StepPaused {
			w.paused(step, s.unit, kind.pause)
		} else {
			step.Text = dayText(step, kind.name, s.unit)
			w.add(step)
		}
		for step.Counted && len(s.ends) > 0 && counted == s.ends[0].n {
			w.extension(step.To, s.ends[0].by)
			s.ends = s.ends[1:]
		}
	}
}

// months accounts for a segment in months or years: the matching day, then each pause moves it.
func (w *writer) months(s segment, from calendar.Date) {
	for _, e := range s.ends {
		w.extension(from, e.by)
	}
	matching := s.matching(from)
	w.add(Step{
		Kind: StepCounted, From: from + 1, To: matching, Counted: true, Days: s.n, N: s.n,
		Text: matchingText(s.n, s.unit, matching), Article: w.law.month,
	})
	push(matching, from, w.halts, func(due, first, last calendar.Date) calendar.Date {
		days := int(last-first) + 1
		step := Step{Kind: StepPaused, From: first, To: last, Days: days, N: s.n}
		w.paused(step, statute.CalendarDay, w.pauseOn(first))
		return due.Add(days)
	})
}

// clock accounts for a segment in hours or minutes.
func (w *writer) clock(s segment, from, to point) {
	for _, e := range s.ends {
		w.extension(from.day, e.by)
	}
	for _, h := range w.halts {
		if !h.from.Before(to.at) || !h.until.After(from.at) {
			continue
		}
		start := h.from
		if start.Before(from.at) {
			start = from.at
		}
		step := Step{Kind: StepPaused, From: calendar.Of(start), To: calendar.Of(h.until), Text: clockPauseText(start, h.until)}
		if i := w.pauseAt(start); i >= 0 {
			step.Article = w.term.Pauses[i].Article
		}
		w.add(step)
	}
	w.add(Step{
		Kind: StepCounted, From: from.day, To: to.day, Counted: true, Days: s.n, N: s.n,
		Text: clockText(s.n, s.unit, to.at),
	})
}

// paused adds a step about days taken out by the pause with the given index.
func (w *writer) paused(step Step, unit statute.Unit, pause int) {
	p := w.term.Pauses[pause]
	step.Text, step.Article = pauseText(step, p, unit), p.Article
	w.add(step)
}

// pauseOn returns the index of the pause that takes out the day, or -1.
func (w *writer) pauseOn(d calendar.Date) int {
	for i, p := range w.term.Pauses {
		if h := (halt{p.From, w.until(p)}); h.first() <= d && d <= h.last() {
			return i
		}
	}
	return -1
}

// pauseAt returns the index of the pause in which the instant lies, or -1.
func (w *writer) pauseAt(at time.Time) int {
	for i, p := range w.term.Pauses {
		if !at.Before(p.From) && at.Before(w.until(p)) {
			return i
		}
	}
	return -1
}

func (w *writer) until(p Pause) time.Time {
	if p.Until.IsZero() {
		return w.now
	}
	return p.Until
}

// moved says why the last day can't be the last, and where it goes.
func (w *writer) moved(last calendar.Date) {
	for _, m := range moves(w.cal, last, w.halts) {
		step := Step{Kind: StepMoved, From: m.from, To: m.to, Text: movedText(w.cal.Explain(m.from), m.to), Article: w.law.end}
		if m.halted {
			p := w.term.Pauses[w.pauseOn(m.from)]
			step.Text, step.Article = movedByPauseText(m.from, m.to, p), p.Article
		}
		w.add(step)
	}
}

func (w *writer) due(due point, unit statute.Unit) {
	step := Step{Kind: StepDue, From: due.day, To: due.day, Text: dueText(due.day), Article: w.law.end}
	if unit == statute.Hour || unit == statute.Minute {
		step.Text, step.Article = clockDueText(due.at), lang.Text{}
	}
	w.add(step)
}
