package term

import (
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Countdown is the last day on which something that the law wants done before an event is done in time, such as the notice of a
// hearing (行政许可法 48: 举行听证的七日前).
type Countdown struct {
	Day         calendar.Date
	Steps       []Step // the arithmetic, from the event backwards
	Provisional bool   // a year concerned has no notice yet
}

// Before counts a length back from an event. The day of the event isn't counted; the n-th day before it is the last day on which
// the duty can be done. It isn't moved when it is a day off: a later day would be late, and the law gives no earlier one. The
// error is an *Error with code BadLength for hours and minutes, and for a length of nothing.
func Before(cal *calendar.Calendar, event calendar.Date, length Length) (Countdown, error) {
	c := Countdown{}
	switch {
	case !length.valid():
		return c, &Error{Code: BadLength, At: event.Start()}
	case length.Unit == statute.WorkingDay:
		c.Day = cal.Add(event, -length.N)
		c.Provisional = cal.ProvisionalRange(c.Day, event-1)
	case length.Unit == statute.CalendarDay:
		c.Day = event.Add(-length.N)
	case length.Unit == statute.Month:
		c.Day = event.AddMonths(-length.N)
	case length.Unit == statute.Year:
		c.Day = event.AddMonths(-12 * length.N)
	default:
		return c, &Error{Code: BadLength, At: event.Start()}
	}
	w := &writer{cal: cal, law: countingLaw(event)}
	w.add(Step{Kind: StepStart, From: event, To: event, Text: eventText(event, length), Article: w.law.start})
	switch length.Unit {
	case statute.WorkingDay, statute.CalendarDay:
		w.daysBefore(event, c.Day, length.Unit)
	default:
		w.add(Step{
			Kind: StepCounted, From: c.Day, To: event - 1, Counted: true, Days: length.N, N: length.N,
			Text: matchingBeforeText(length, c.Day), Article: w.law.month,
		})
	}
	if c.Provisional {
		w.add(Step{Kind: StepProvisional, From: c.Day, To: c.Day, Text: provisionalText})
	}
	w.add(Step{Kind: StepDue, From: c.Day, To: c.Day, Text: lastDayText(c.Day), Article: length.Article})
	c.Steps = w.steps
	return c, nil
}

// daysBefore accounts for each day from the one before the event back to the last day.
func (w *writer) daysBefore(event, last calendar.Date, unit statute.Unit) {
	counted := 0
	for d := event - 1; d >= last; {
		kind := w.sortOf(d, unit)
		step := Step{Kind: kind.kind, To: d, Counted: kind.kind == StepCounted || kind.kind == StepMakeup, Article: kind.notice}
		for d >= last && w.sortOf(d, unit) == kind {
			if step.Counted {
				step.Days++
			}
			step.From = d
			d--
		}
		counted += step.Days
		step.N = counted
		step.Text = dayText(step, kind.name, unit)
		w.add(step)
	}
}

func eventText(event calendar.Date, length Length) lang.Text {
	day, n := withWeekday(event), amount(length.N, length.Unit)
	return lang.Text{
		Hans: day.Hans + "当日不计入；自前一日起往前计" + n.Hans + "。",
		Hant: day.Hant + "當日不計入；自前一日起往前計" + n.Hant + "。",
		En:   "The day itself, " + day.En + ", isn't counted; " + n.En + " run back from the day before.",
	}
}

func matchingBeforeText(length Length, matching calendar.Date) lang.Text {
	n, day := amount(length.N, length.Unit), withWeekday(matching)
	return lang.Text{
		Hans: n.Hans + "前的对应日（没有对应日的，为月末）为" + day.Hans + "。",
		Hant: n.Hant + "前的對應日（沒有對應日的，為月末）為" + day.Hant + "。",
		En:   n.En + " before, the matching day, or the end of a month that has none, is " + day.En + ".",
	}
}

func lastDayText(d calendar.Date) lang.Text {
	day := withWeekday(d)
	return lang.Text{
		Hans: "最迟应于" + day.Hans + "办理。",
		Hant: "最遲應於" + day.Hant + "辦理。",
		En:   "To be done on " + day.En + " at the latest.",
	}
}
