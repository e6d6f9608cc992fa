// Package due shows statutory clocks on pages: how much is left, and how each date due was counted (X02).
//
//	@ui.DueBadge(due.Badge(t, cal, now))
//	@ui.Explain(due.Promise(l, t, cal, now))
//	@ui.Explain(due.Statute(l, t, cal, now))
//
// The arithmetic is that of package term, sentence by sentence; nothing is computed here. Dates are days in Asia/Shanghai.
package due

import (
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Badge says how a term stands and how much is left until its next line: the promise, and once that has passed, the statute.
func Badge(t term.Term, cal *calendar.Calendar, now time.Time) ui.DueProps {
	state := t.State(cal, now)
	left, unit := t.Remaining(cal, now)
	if state == term.StatuteMissed {
		left, unit = t.RemainingStatute(cal, now)
	}
	return ui.DueProps{State: states[state], Left: left, Unit: string(unit)}
}

var states = map[term.State]ui.DueState{
	term.Running: ui.DueRunning, term.Paused: ui.DuePaused, term.Warned: ui.DueSoon, term.PromiseMissed: ui.DueLate,
	term.StatuteMissed: ui.DueOverdue, term.Met: ui.DueMet, term.MetStatute: ui.DueMet, term.StoppedLate: ui.DueMissed,
}

// HasPromise reports whether the term has a promised line (承诺时限) of its own, before the statutory one.
func HasPromise(t term.Term, cal *calendar.Calendar, now time.Time) bool {
	lines := t.Compute(cal, now)
	return lines.Promise.Before(lines.Statute)
}

// Promise explains the promised line (承诺时限), or the statutory one when nothing shorter was promised.
func Promise(l *i18n.Localizer, t term.Term, cal *calendar.Calendar, now time.Time) ui.ExplainProps {
	lines := t.Compute(cal, now)
	return explain(l, lines.PromiseDay, t.ExplainPromise(cal, now), lines.Provisional)
}

// Statute explains the statutory line (法定时限).
func Statute(l *i18n.Localizer, t term.Term, cal *calendar.Calendar, now time.Time) ui.ExplainProps {
	lines := t.Compute(cal, now)
	return explain(l, lines.StatuteDay, t.Explain(cal, now), lines.Provisional)
}

func explain(l *i18n.Localizer, day calendar.Date, steps []term.Step, provisional bool) ui.ExplainProps {
	p := ui.ExplainProps{Due: l.Date(day), Steps: Steps(l, steps)}
	if provisional {
		p.Note = l.T("web.due.provisional")
	}
	return p
}

// Steps puts the sentences of an explanation into the language of the page.
func Steps(l *i18n.Localizer, steps []term.Step) []ui.ExplainStep {
	shown := make([]ui.ExplainStep, len(steps))
	for i, s := range steps {
		shown[i] = ui.ExplainStep{Kind: looks[s.Kind], Date: span(l, s.From, s.To), Text: l.Text(s.Text), Article: l.Text(s.Article)}
		if s.Counted {
			shown[i].Count = strconv.Itoa(s.N)
		}
	}
	return shown
}

// looks gives the kinds of sentences that look alike one name.
var looks = map[term.Kind]string{
	term.StepStart: "start", term.StepCounted: "count", term.StepMakeup: "count", term.StepWeekend: "skip", term.StepHoliday: "skip",
	term.StepPaused: "pause", term.StepExtension: "extend", term.StepMoved: "move", term.StepProvisional: "skip", term.StepDue: "due",
}

// span writes a run of days.
func span(l *i18n.Localizer, from, to calendar.Date) string {
	if from == to || to == 0 {
		return l.Date(from)
	}
	return l.Date(from) + " – " + l.Date(to)
}
