package casework_test

import (
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/rules"
)

// A notice for the coming year moves the lines of the cases that run into it, once, and of no other.
func TestAnotherCalendarMovesOpenCases(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		start := func(day string) store.ID {
			t.Helper()
			h.at(day, 10)
			rec := h.apply()
			if _, err := h.step(clerk, rec.Case, `{"outcome":"accept"}`); err != nil {
				t.Fatal(err)
			}
			return rec.Case
		}
		early, late := start("2026-11-02"), start("2026-12-21")
		waiting := h.apply().Case // not accepted: no clock runs
		h.at("2026-12-22", 9)
		for range 3 { // what the first one is late with is noticed before
			if _, err := h.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		files, err := calendar.Load(rules.Files, "calendar")
		if err != nil {
			t.Fatal(err)
		}
		next := withNotice(t, calendar.Notice{Year: 2027, Source: "invented", Holidays: []calendar.Holiday{{
			Name: lang.Text{Hans: "元旦", Hant: "元旦", En: "New Year's Day"}, Days: []calendar.Span{{From: calendar.Day(2027, 1, 1), To: calendar.Day(2027, 1, 1)}},
			Working: []calendar.Date{calendar.Day(2027, 1, 2)}, // a Saturday
		}}})
		moves, upto, err := h.Moves(t.Context(), next, 0)
		if err != nil || upto != 0 || len(moves) != 1 || moves[0].Case.ID != late {
			t.Fatalf("%+v up to %s, %v; want the case of December alone", moves, upto, err)
		}
		// From Monday 21 December 10 working days end on 5 January, 20 on the 19th; with the 2nd worked a day earlier: by hand.
		m := moves[0]
		for name, pair := range map[string][2]time.Time{
			"promise before": {m.Promise[0], calendar.Day(2027, 1, 5).End()}, "promise": {m.Promise[1], calendar.Day(2027, 1, 4).End()},
			"statute before": {m.Statute[0], calendar.Day(2027, 1, 19).End()}, "statute": {m.Statute[1], calendar.Day(2027, 1, 18).End()},
		} {
			if !pair[0].Equal(pair[1]) {
				t.Errorf("%s: %s, want %s", name, pair[0], pair[1])
			}
		}
		if c := h.load(late); !c.PromiseDue.Equal(m.Promise[0]) || files.Working(calendar.Day(2027, 1, 2)) {
			t.Error("the preview has changed something")
		}
		events := h.kinds(late)
		h.Calendar = func() *calendar.Calendar { return next }
		for _, want := range []int{1, 0} { // done again, it changes nothing
			moved, upto, err := h.Recompute(t.Context(), 0)
			if err != nil || moved != want || upto != 0 {
				t.Errorf("moved %d up to %s, %v; want %d", moved, upto, err, want)
			}
		}
		c := h.load(late)
		if !c.PromiseDue.Equal(m.Promise[1]) || !c.StatuteDue.Equal(m.Statute[1]) || h.kinds(late) != events {
			t.Errorf("the lines stand at %s and %s", c.PromiseDue, c.StatuteDue)
		}
		for _, id := range []store.ID{early, waiting} {
			if again, _, err := h.Moves(t.Context(), next, 0); err != nil || len(again) != 0 {
				t.Errorf("case %s: %+v, %v", id, again, err)
			}
		}
	})
}

func withNotice(t *testing.T, n calendar.Notice) *calendar.Calendar {
	t.Helper()
	var notices []calendar.Notice
	for year := 2024; year <= 2026; year++ {
		data, err := rules.Files.ReadFile("calendar/" + calendar.Day(year, 1, 1).String()[:4] + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		old, err := calendar.ParseNotice(data)
		if err != nil {
			t.Fatal(err)
		}
		notices = append(notices, old)
	}
	cal, err := calendar.New(append(notices, n))
	if err != nil {
		t.Fatal(err)
	}
	return cal
}
