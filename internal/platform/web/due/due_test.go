package due_test

import (
	"os"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/rules"
)

func at(day calendar.Date, hour int) time.Time {
	return day.Start().Add(time.Duration(hour) * time.Hour)
}

func setup(t *testing.T) (*calendar.Calendar, *i18n.Localizer, term.Term) {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load(i18n.Source{Module: "web", FS: os.DirFS("..")})
	if err != nil {
		t.Fatal(err)
	}
	days := func(n int) term.Length {
		return term.Length{N: n, Unit: statute.WorkingDay, Article: lang.Text{Hans: "《行政许可法》第四十二条"}}
	}
	// Accepted on Monday 2 March 2026: ten working days end on Monday the 16th, twenty on Monday the 30th.
	accepted, err := term.New(at(calendar.Day(2026, 3, 2), 10), days(20), days(10))
	if err != nil {
		t.Fatal(err)
	}
	return cal, words.Localizer(lang.Hans), accepted
}

func TestBadge(t *testing.T) {
	cal, _, running := setup(t)
	paused, met, late := running, running, running
	if err := paused.Pause(at(calendar.Day(2026, 3, 4), 9), "licence.pause.hearing", lang.Text{}, lang.Text{}); err != nil {
		t.Fatal(err)
	}
	if err := met.Stop(at(calendar.Day(2026, 3, 10), 9)); err != nil {
		t.Fatal(err)
	}
	if err := late.Stop(at(calendar.Day(2026, 4, 1), 9)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		term term.Term
		now  time.Time
		want ui.DueProps
	}{
		{"the first day", running, at(calendar.Day(2026, 3, 2), 12), ui.DueProps{State: ui.DueRunning, Left: 10, Unit: "working-day"}},
		{"the working day before the promise", running, at(calendar.Day(2026, 3, 13), 9), ui.DueProps{State: ui.DueSoon, Left: 1, Unit: "working-day"}},
		{"two days past the promise", running, at(calendar.Day(2026, 3, 18), 9), ui.DueProps{State: ui.DueLate, Left: -2, Unit: "working-day"}},
		{"a day past the statute", running, at(calendar.Day(2026, 3, 31), 9), ui.DueProps{State: ui.DueOverdue, Left: -1, Unit: "working-day"}},
		{"paused", paused, at(calendar.Day(2026, 3, 5), 9), ui.DueProps{State: ui.DuePaused, Left: 8, Unit: "working-day"}},
		{"done in time", met, at(calendar.Day(2026, 5, 1), 9), ui.DueProps{State: ui.DueMet, Left: 4, Unit: "working-day"}},
		{"done too late", late, at(calendar.Day(2026, 5, 1), 9), ui.DueProps{State: ui.DueMissed, Left: -12, Unit: "working-day"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := due.Badge(row.term, cal, row.now); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestExplanations(t *testing.T) {
	cal, l, running := setup(t)
	now := at(calendar.Day(2026, 3, 2), 12)
	if !due.HasPromise(running, cal, now) {
		t.Error("the promise of ten days is not seen")
	}
	promise, law := due.Promise(l, running, cal, now), due.Statute(l, running, cal, now)
	if promise.Due != "2026年3月16日" || law.Due != "2026年3月30日" || promise.Note != "" {
		t.Errorf("promise %q, statute %q, note %q", promise.Due, law.Due, promise.Note)
	}
	first, last := law.Steps[0], law.Steps[len(law.Steps)-1]
	if first.Kind != "start" || first.Date != "2026年3月2日" || first.Article == "" || first.Count != "" {
		t.Errorf("first step %+v", first)
	}
	if last.Kind != "due" || last.Date != "2026年3月30日" {
		t.Errorf("last step %+v", last)
	}
	counted := false
	for _, s := range law.Steps {
		if s.Kind == "" || s.Text == "" {
			t.Errorf("a step without words or look: %+v", s)
		}
		counted = counted || s.Kind == "count" && s.Count == "20"
	}
	if !counted {
		t.Errorf("no step counts the twentieth day: %+v", law.Steps)
	}

	far, err := term.New(at(calendar.Day(2030, 9, 20), 9), term.Length{N: 20, Unit: statute.WorkingDay}, term.Length{})
	if err != nil {
		t.Fatal(err)
	}
	if p := due.Promise(l, far, cal, now); p.Note == "" {
		t.Error("a year without a notice of the State Council is not marked as provisional")
	}
}
