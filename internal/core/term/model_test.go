package term_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
)

// anyTerm draws terms in the given units with pauses and extensions in the same unit.
func anyTerm(units ...statute.Unit) *rapid.Generator[term.Term] {
	return rapid.Custom(func(t *rapid.T) term.Term {
		base := calendar.Day(2012, time.June, 1)
		instant := func(label string) time.Time {
			return base.Start().Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, label)) * time.Minute)
		}
		unit := rapid.SampledFrom(units).Draw(t, "unit")
		length := func(label string) term.Length {
			return term.Length{N: rapid.IntRange(1, 60).Draw(t, label), Unit: unit}
		}
		c := term.Term{Start: instant("start"), Statutory: length("statutory")}
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			from := instant("from")
			c.Pauses = append(c.Pauses, term.Pause{From: from, Until: from.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "for")) * time.Minute)})
		}
		for range rapid.IntRange(0, 2).Draw(t, "extensions") {
			c.Extensions = append(c.Extensions, term.Extension{By: length("by")})
		}
		return c
	})
}

// standsStill is the rule of pauses read literally: the clock stands still at the end of the day.
func standsStill(c term.Term, d calendar.Date) bool {
	for _, p := range c.Pauses {
		if p.From.Before(d.End()) && !p.Until.Before(d.End()) {
			return true
		}
	}
	return false
}

// model counts day by day, knowing nothing of prefix sums and joined pauses.
func model(cal *calendar.Calendar, c term.Term) calendar.Date {
	left := c.Statutory.N
	for _, e := range c.Extensions {
		left += e.By.N
	}
	d := calendar.Of(c.Start)
	for left > 0 {
		d++
		if !standsStill(c, d) && (c.Statutory.Unit == statute.CalendarDay || cal.Explain(d).Working) {
			left--
		}
	}
	for !cal.Explain(d).Working || standsStill(c, d) {
		d++
	}
	return d
}

func TestAgreesWithCountingDayByDay(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyTerm(statute.WorkingDay, statute.CalendarDay).Draw(t, "term")
		lines := c.Compute(cal, c.Start)
		if want := model(cal, c); lines.StatuteDay != want || !lines.Statute.Equal(want.End()) {
			t.Fatalf("due %s; want %s", lines.StatuteDay, want)
		}
	})
}

var timeUnits = []statute.Unit{statute.WorkingDay, statute.CalendarDay, statute.Month, statute.Year, statute.Hour, statute.Minute}

func TestPausingAndLengtheningNeverBringForward(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyTerm(timeUnits...).Draw(t, "term")
		due := c.Compute(cal, c.Start).Statute
		longer := c
		longer.Statutory.N += rapid.IntRange(1, 10).Draw(t, "more")
		if got := longer.Compute(cal, c.Start).Statute; got.Before(due) {
			t.Fatalf("longer, but due %s instead of %s", got, due)
		}
		if n := len(c.Pauses); n > 0 {
			running := c
			running.Pauses = c.Pauses[:n-1]
			if got := running.Compute(cal, c.Start).Statute; got.After(due) {
				t.Fatalf("with a pause less due %s instead of %s", got, due)
			}
		}
	})
}

// With pauses this holds in days and hours only: 29 and 31 January have the same matching day in February, but a pause on the
// 30th moves only the one.
func TestLaterStartIsNeverDueEarlier(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyTerm(timeUnits...).Draw(t, "term")
		if c.Statutory.Unit == statute.Month || c.Statutory.Unit == statute.Year {
			c.Pauses = nil
		}
		later := c
		later.Start = c.Start.Add(time.Duration(rapid.IntRange(1, 30*24*60).Draw(t, "later")) * time.Minute)
		if a, b := c.Compute(cal, c.Start).Statute, later.Compute(cal, c.Start).Statute; b.Before(a) {
			t.Fatalf("started later, but due %s instead of %s", b, a)
		}
	})
}

// What a person is shown adds up: every day has one step, and the counted ones make up the length.
func TestExplanationAddsUp(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyTerm(timeUnits...).Draw(t, "term")
		total := c.Statutory.N
		for _, e := range c.Extensions {
			total += e.By.N
		}
		lines, steps := c.Compute(cal, c.Start), c.Explain(cal, c.Start)
		counted, extensions, next := 0, 0, calendar.Of(c.Start)+1
		byDay := c.Statutory.Unit == statute.WorkingDay || c.Statutory.Unit == statute.CalendarDay
		for _, s := range steps {
			if !s.Text.Complete() {
				t.Fatalf("step without text: %+v", s)
			}
			switch s.Kind {
			case term.StepStart, term.StepMoved, term.StepDue, term.StepProvisional:
				continue
			case term.StepExtension:
				extensions++
				continue
			}
			if s.Counted {
				counted += s.Days
				if s.N != counted {
					t.Fatalf("running count %d; want %d", s.N, counted)
				}
			}
			if byDay {
				if s.From != next {
					t.Fatalf("step from %s; want %s", s.From, next)
				}
				next = s.To + 1
			}
		}
		if counted != total || extensions != len(c.Extensions) {
			t.Fatalf("%d counted, %d extensions; want %d, %d", counted, extensions, total, len(c.Extensions))
		}
		if end := steps[len(steps)-1]; end.Kind != term.StepDue || end.To != lines.StatuteDay {
			t.Fatalf("ends with %+v; want %s", end, lines.StatuteDay)
		}
	})
}

// The days left go down by one with each counted day, and stand still while the clock does.
func TestRemainingCountsDown(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyTerm(statute.WorkingDay).Draw(t, "term")
		today := calendar.Of(c.Start)
		due := c.Compute(cal, c.Start).StatuteDay
		left, _ := c.Remaining(cal, today.Start())
		for ; today < due; today++ {
			tomorrow := today + 1
			want := left
			if cal.Working(tomorrow) && !standsStill(c, tomorrow) {
				want--
			}
			got, _ := c.Remaining(cal, tomorrow.Start())
			if got != want {
				t.Fatalf("%d left on %s, %d on the next day; want %d", left, today, got, want)
			}
			left = got
		}
		if left != 0 {
			t.Fatalf("%d left on the last day", left)
		}
	})
}

func BenchmarkCompute(b *testing.B) {
	cal := load(b)
	c := term.Term{
		Start: at(b, "2025-09-26"), Statutory: wd(20), Promised: wd(5),
		Pauses: []term.Pause{term.PauseDays(day(b, "2025-10-13"), day(b, "2025-10-17"))},
	}
	for b.Loop() {
		_ = c.Compute(cal, c.Start)
	}
}

func BenchmarkExplain(b *testing.B) {
	cal := load(b)
	c := term.Term{Start: at(b, "2025-09-26"), Statutory: wd(20)}
	for b.Loop() {
		_ = c.Explain(cal, c.Start)
	}
}
