package approval

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// dueOf says how much time a clock has left.
func dueOf(cal *calendar.Calendar, now time.Time, t term.Term) ui.DueProps {
	left, unit := t.Remaining(cal, now)
	p := ui.DueProps{Left: left, Unit: string(unit)}
	switch t.State(cal, now) {
	case term.Paused:
		p.State = ui.DuePaused
	case term.Warned:
		p.State = ui.DueSoon
	case term.PromiseMissed:
		p.State = ui.DueLate
	case term.StatuteMissed:
		p.State = ui.DueOverdue
		p.Left, unit = t.RemainingStatute(cal, now)
		p.Unit = string(unit)
	case term.Met, term.MetStatute:
		p.State = ui.DueMet
	case term.StoppedLate:
		p.State = ui.DueMissed
	default:
		p.State = ui.DueRunning
	}
	return p
}

// explain gives the arithmetic of the promised line of a clock (X02).
func explain(l *web.Localizer, cal *calendar.Calendar, now time.Time, t term.Term) ui.ExplainProps {
	lines := t.Compute(cal, now)
	return explained(l, l.Date(lines.PromiseDay), t.ExplainPromise(cal, now))
}

// explainStatute gives the arithmetic of the statutory line of a clock.
func explainStatute(l *web.Localizer, cal *calendar.Calendar, now time.Time, t term.Term) ui.ExplainProps {
	return explained(l, l.Date(t.Compute(cal, now).StatuteDay), t.Explain(cal, now))
}

func explained(l *web.Localizer, due string, steps []term.Step) ui.ExplainProps {
	p := ui.ExplainProps{Due: due}
	for _, s := range steps {
		if s.Kind == term.StepProvisional {
			p.Note = l.Text(s.Text)
			continue
		}
		p.Steps = append(p.Steps, ui.ExplainStep{Kind: stepLook(s.Kind), Text: l.Text(s.Text), Article: l.Text(s.Article)})
	}
	return p
}

// stepLook is the class under which the components draw a kind of step.
func stepLook(k term.Kind) string {
	switch k {
	case term.StepCounted, term.StepMakeup:
		return "count"
	case term.StepWeekend, term.StepHoliday:
		return "skip"
	case term.StepPaused:
		return "pause"
	case term.StepExtension:
		return "extend"
	case term.StepMoved:
		return "move"
	default:
		return string(k)
	}
}

// lengthText writes a length of time, such as 20 working days.
func lengthText(l *web.Localizer, n term.Length) string {
	key := "approval.length.calendar-day"
	switch n.Unit {
	case statute.WorkingDay:
		key = "approval.length.working-day"
	case statute.Hour:
		key = "approval.length.hour"
	case statute.Minute:
		key = "approval.length.minute"
	case statute.Month:
		key = "approval.length.month"
	case statute.Year:
		key = "approval.length.year"
	}
	return l.T(key, web.Args{"Count": n.N})
}
