package cleanup_test

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/slice/cleanup"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

var (
	drawnItems  = []string{"clinic", "nurse", "hygiene", "spa"}
	drawnBodies = []string{"health", "city-health", "county-health"}
)

// Random rounds over items, bodies and open cases, with work cut off anywhere: what can be applied for is in a round that day; every open
// case lies with exactly one body, and none is lost; and the register read anew is the same.
func TestRandomRounds(t *testing.T) {
	db := storetest.New(t, store.SQLite, schemas...)
	w := newWorld(t, db)
	w.found()
	start := today(w)
	open := map[store.ID]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(0, 3).Draw(rt, "applications") {
			item, body := rapid.SampledFrom(drawnItems).Draw(rt, "item"), rapid.SampledFrom(drawnBodies).Draw(rt, "body")
			id, err := w.apply(item, body)
			if kept := w.Standing(item, body, today(w)).Kept; (err == nil) != kept {
				rt.Fatalf("%s at %s: kept %v, application %v", item, body, kept, err)
			}
			if err == nil {
				open[id] = true
			}
		}
		number := w.begin("批次")
		for range rapid.IntRange(1, 3).Draw(rt, "lines") {
			l := register.Line{Item: rapid.SampledFrom(drawnItems).Draw(rt, "of"), From: rapid.SampledFrom(drawnBodies).Draw(rt, "from"), Name: text("事项"),
				Fate: rapid.SampledFrom(register.Fates()).Draw(rt, "fate"), On: today(w).Add(rapid.IntRange(0, 2).Draw(rt, "on")), Basis: "依据", Reason: "理由", Manner: "备案",
				Cases: rapid.SampledFrom([]register.Open{register.Finish, register.Move}).Draw(rt, "cases"), Checklist: []string{"档案"}}
			l.Follow = []register.Follow{{Body: "health", What: "检查", Due: l.On}}
			if l.Fate == register.Delegated {
				l.To = []string{rapid.SampledFrom(drawnBodies).Draw(rt, "to")}
			}
			if l.Fate == register.Merged {
				l.Into = rapid.SampledFrom(drawnItems).Draw(rt, "into")
			}
			_ = w.Put(t.Context(), drafter, number, 0, 0, l) // what is not sound is refused, and that is right
		}
		r, err := w.Round(t.Context(), number)
		must(t, err)
		lines, err := w.Lines(t.Context(), r.ID)
		must(t, err)
		if len(lines) == 0 {
			w.put(number, register.Line{Item: "new-" + number, Name: text("新设"), From: "health", Fate: register.Retained, On: today(w), Basis: "依据"})
		}
		w.publish(number)
		for range rapid.IntRange(0, 3).Draw(rt, "steps") { // cut off anywhere
			if _, err := w.Work(t.Context()); err != nil {
				rt.Fatal(err)
			}
		}
		takeAll(rt, w)
		w.at(today(w).Add(rapid.IntRange(0, 2).Draw(rt, "days")).String(), 9)
		w.work()
		holdsTogether(rt, w, open)
		if today(w) > start.Add(200) {
			rt.Fatal("the test runs out of its year")
		}
	})
}

// takeAll takes over, or leaves, what is being handed over.
func takeAll(rt *rapid.T, w *world) {
	for _, by := range []struct {
		body string
		i    int
	}{{"city-health", 0}, {"county-health", 1}} {
		given, err := w.Handovers(w.t.Context(), by.body)
		must(w.t, err)
		taker := cityHead
		if by.i == 1 {
			taker = countyHead
		}
		for _, h := range given {
			if h.Receiver != by.body || h.State != cleanup.HandoverOpen || rapid.Bool().Draw(rt, "late") {
				continue
			}
			giver := healthy
			if h.Giver == "city-health" {
				giver = cityHead
			}
			if _, err := w.HandOver(w.t.Context(), giver, h.Number, []int{1}, "", w.key()); err != nil {
				rt.Fatal(err)
			}
			if _, err := w.TakeOver(w.t.Context(), taker, h.Number, cleanup.Taking{Outcome: cleanup.Taken, Points: []int{1}, Trained: 1, Training: h.On, Seal: h.On}, w.key()); err != nil {
				rt.Fatal(err)
			}
		}
	}
}

func holdsTogether(rt *rapid.T, w *world, open map[store.ID]bool) {
	for _, it := range w.Items() {
		for _, body := range it.Bodies {
			if it.Active && !w.Register().Kept(it.Key, body, today(w)) {
				rt.Fatalf("%s is active at %s and in no round", it.Key, body)
			}
		}
	}
	seen := map[store.ID]int{}
	for _, item := range drawnItems {
		for _, body := range drawnBodies {
			list, err := w.cases.OpenOn(w.t.Context(), body, item+"@"+body, 0, 10_000)
			must(w.t, err)
			for _, c := range list {
				seen[c.ID]++
			}
		}
	}
	for id := range open {
		if seen[id] != 1 {
			rt.Fatalf("case %s lies with %d bodies", id, seen[id])
		}
	}
	before := w.Register()
	must(w.t, w.Load(w.t.Context()))
	for _, item := range before.Items() {
		for _, body := range drawnBodies {
			if before.Kept(item, body, today(w)) != w.Register().Kept(item, body, today(w)) {
				rt.Fatalf("%s at %s is another when read anew", item, body)
			}
		}
	}
	if !slices.Equal(before.Items(), w.Register().Items()) {
		rt.Fatal("the items are others when read anew")
	}
}
