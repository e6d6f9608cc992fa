package centre_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/centre"
)

// The walk of an authorisation: nothing recorded, stationed, authorised to accept, to decide with a chief representative, one item taken
// back, the body gone. Expected values by hand from the programme's part 七 and 行政许可法 26.
func TestAuthorityIsDated(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		accepts := func(item string) bool { return w.Authorised("data.clerk", "window", "water", item, "accept") }
		if w.Authorised("data.clerk", "window", "water", "WATER1", "accept") != true {
			t.Error("a centre of which nothing is recorded does not work as the registry says")
		}
		w.record(manager, centre.KindBody, "w1", "water", "", "2026-11-25", true)
		w.record(manager, centre.KindStaff, "w1", "data", "data.clerk", "2026-11-25", true)
		if accepts("WATER1") || !w.Kept("water", "WATER1", "accept") || !w.Keeps("water") {
			t.Error("stationed, but nothing is authorised yet: the window only receives and hands over")
		}
		w.record(head, centre.KindAccept, "w1", "water", centre.All, "2026-11-26", true)
		if accepts("WATER1") {
			t.Error("the authority counts from tomorrow, and holds today")
		}
		w.at("2026-11-26", "09:00")
		if !accepts("WATER1") || w.Kept("water", "WATER1", "accept") || w.Keeps("water") != true {
			t.Errorf("accepts %t, kept %t; the item on the spot is still kept to decide: %t", accepts("WATER1"), w.Kept("water", "WATER1", "accept"), w.Keeps("water"))
		}
		if w.Authorised("data.clerk2", "window", "water", "WATER1", "accept") {
			t.Error("a clerk at another window is authorised")
		}
		w.record(head, centre.KindDecide, "w1", "water", "WATER1", "2026-11-26", true)
		if w.Authorised("data.clerk", "head", "water", "WATER1", "decide") {
			t.Error("a clerk who is no chief representative decides")
		}
		if !w.Authorised("data.clerk", "window", "water", "WATER1", "decide") {
			t.Error("the window does not decide on the spot what it is authorised to decide")
		}
		w.record(head, centre.KindChief, "w1", "water", "data.clerk", "2026-11-26", true)
		if !w.Authorised("data.clerk", "head", "water", "WATER1", "decide") || w.Authorised("data.clerk", "head", "water", "WATER2", "decide") {
			t.Error("the chief representative decides the item that was authorised, and no other")
		}
		if got := w.ChiefFor("data.clerk"); len(got) != 1 || got[0] != "water" {
			t.Errorf("chief for %v", got)
		}
		w.record(head, centre.KindAccept, "w1", "water", "WATER2", "2026-11-26", false)
		if accepts("WATER2") || !accepts("WATER1") {
			t.Error("one item taken back goes before all items given")
		}
		w.record(manager, centre.KindBody, "w1", "water", "", "2026-12-01", false)
		w.at("2026-12-01", "09:00")
		if accepts("WATER1") || w.Authorised("data.clerk", "head", "water", "WATER1", "decide") {
			t.Error("the body has gone, and its authority holds on")
		}
		history := w.Book().History(func(*centre.Record) bool { return true })
		if len(history) != 7 || history[0].Kind != centre.KindBody || history[0].Held || history[0].Post != "data.manager" {
			t.Errorf("history: %+v", history)
		}
	})
}

// Who may record what, and what is refused.
func TestRecordRefuses(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.record(manager, centre.KindBody, "w1", "water", "", "2026-11-25", true)
		good := centre.Record{Window: "w1", Kind: centre.KindAccept, Body: "water", Subject: "WATER1", Day: day(t, "2026-11-26"), Held: true, Basis: "水办 1 号"}
		for name, c := range map[string]struct {
			who  identity.Principal
			with func(*centre.Record)
			want string
		}{
			"the manager gives the body's power away": {manager, func(*centre.Record) {}, "denied"},
			"another body's head":                     {doctor, func(*centre.Record) {}, "denied"},
			"no window":                               {head, func(r *centre.Record) { r.Window = "w9" }, "no-window"},
			"no basis":                                {head, func(r *centre.Record) { r.Basis = "" }, "no-basis"},
			"the past":                                {head, func(r *centre.Record) { r.Day = day(t, "2026-11-24") }, "past"},
			"too far":                                 {head, func(r *centre.Record) { r.Day = day(t, "2029-11-24") }, "far"},
			"another body's item":                     {head, func(r *centre.Record) { r.Subject = "HEALTH1" }, "no-item"},
			"not stationed there":                     {head, func(r *centre.Record) { r.Window = "w2" }, "body-not-there"},
			"a post that is no clerk's":               {head, func(r *centre.Record) { r.Kind, r.Subject = centre.KindChief, "water.head" }, "no-post"},
			"twice":                                   {manager, func(r *centre.Record) { r.Kind = centre.KindBody }, "no-change"},
		} {
			r := good
			c.with(&r)
			err := w.Record(t.Context(), c.who, r)
			var denied *identity.Denied
			if errors.As(err, &denied) {
				if c.want != "denied" {
					t.Errorf("%s: %v", name, err)
				}
			} else if got := code(t, err); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

// Whatever is recorded in whatever order, what holds on a day is what the last record that had begun says, and nothing is ever lost.
func TestBookHoldsWhatWasRecordedLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type change struct {
			day  int
			held bool
		}
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
			return change{rapid.IntRange(20_000, 20_020).Draw(t, "day"), rapid.Bool().Draw(t, "held")}
		}), 0, 12).Draw(t, "changes")
		var records []centre.Record
		for i, c := range list {
			records = append(records, centre.Record{ID: idOf(i), Window: "w", Kind: centre.KindBody, Body: "b", Day: calendar.Date(c.day), Held: c.held})
		}
		book := centre.NewBook(records)
		for on := 19_999; on <= 20_021; on++ {
			want, best := false, -1
			for i, c := range list { // the newest of the latest day that has begun
				if c.day <= on && (best < 0 || c.day >= list[best].day) {
					best, want = i, c.held
				}
			}
			if got := book.Holds("w", centre.KindBody, "b", "", calendar.Date(on)); got != want {
				t.Fatalf("day %d: %t, want %t (%+v)", on, got, want, list)
			}
		}
		if n := len(book.History(func(*centre.Record) bool { return true })); n != len(list) {
			t.Fatalf("%d records of %d", n, len(list))
		}
	})
}
