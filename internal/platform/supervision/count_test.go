package supervision_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	law "openhall.org/openhall/rules"
)

type tally = supervision.Tally

var (
	anhui   = where{"340000000000", "ah-market", "item-1"}
	shushan = where{"340104000000", "ss-market", "item-1"} // a district of Hefei
	wuhu    = where{"340200000000", "wh-market", "item-2"}
)

func (w *world) counts(sc supervision.Scope, by supervision.By, from, to int) map[string]tally {
	w.t.Helper()
	first, last := calendar.Date(0), calendar.Date(0)
	if from > 0 {
		first = calendar.Day(2026, 3, from)
	}
	if to > 0 {
		last = calendar.Day(2026, 3, to)
	}
	list, err := w.Counts(w.t.Context(), sc, by, first, last)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]tally{}
	for _, c := range list {
		out[c.Key] = c.Tally
	}
	return out
}

// Cases on some days in three divisions; the sums are worked out by hand.
func TestCounts(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		start := clocks("decide", "start", 6, 20)
		end := func(result string) data { return data{"ended": "end", "result": result} }
		clerk := casework.Actor{Kind: identity.Staff, Post: "hf.window", Role: "window"}
		w.event(1, 2, hefei, casework.Submitted, nil)
		w.by(clerk, 1, at(3), hefei, casework.Completed, start)
		w.event(1, 4, hefei, casework.Completed, start) // once accepted, a case is not accepted again
		w.event(1, 4, hefei, casework.Completed, end("granted"))
		w.event(1, 5, hefei, casework.Rated, data{"grade": 4})
		w.event(2, 2, hefei, casework.Submitted, start)
		w.event(2, 3, hefei, casework.LineWarned, line("decide", 4, 20))
		w.event(3, 2, shushan, casework.Submitted, nil)
		w.event(3, 3, shushan, casework.Completed, data{"ended": "end", "result": "not-accepted", "documents": []any{"rejection-slip"}})
		w.follow()
		w.event(2, 4, hefei, casework.Completed, start) // nor in a later batch
		w.event(2, 5, hefei, casework.PromiseMissed, line("decide", 4, 20))
		w.event(4, 2, wuhu, casework.Submitted, start)
		w.event(4, 3, wuhu, casework.StepOvertime, step("examine", 2, 2))
		w.event(4, 21, wuhu, casework.StatuteMissed, line("decide", 4, 20))
		w.event(4, 22, wuhu, casework.Completed, end("refused"))
		w.event(5, 31, anhui, casework.Submitted, nil)
		w.follow()
		yellow := supervision.Gauge{LitYellow: 1}
		four := [supervision.Grades]int64{3: 1}
		province, city := supervision.Scope{Division: anhui.division}, supervision.Scope{Division: hefei.division}
		window := supervision.Scope{Posts: []string{"hf.window", "nobody"}}
		for _, c := range []struct {
			what     string
			scope    supervision.Scope
			by       supervision.By
			from, to int
			want     map[string]tally
		}{
			{"the province ever", province, supervision.ByTotal, 0, 0, map[string]tally{
				"": {Received: 5, Accepted: 3, Ended: 3, Granted: 1, Refused: 1, Warned: 1, Yellow: 1, Red: 1, Overtime: 1, Rated: four, Gross: 2 + 1 + 14, Gauge: yellow},
			}},
			{"the divisions below it, until the 5th", province, supervision.ByDivision, 1, 5, map[string]tally{
				"340100000000": {Received: 3, Accepted: 2, Ended: 2, Granted: 1, Warned: 1, Yellow: 1, Rated: four, Gross: 2 + 1},
				"340200000000": {Received: 1, Accepted: 1, Overtime: 1},
			}},
			{"Hefei by day", city, supervision.ByDay, 0, 0, map[string]tally{
				"2026-03-02": {Received: 3, Accepted: 1},
				"2026-03-03": {Accepted: 1, Ended: 1, Warned: 1, Gross: 1},
				"2026-03-04": {Ended: 1, Granted: 1, Gross: 2},
				"2026-03-05": {Yellow: 1, Rated: four},
			}},
			{"its bodies", city, supervision.ByBody, 0, 0, map[string]tally{
				"hf-market": {Received: 2, Accepted: 2, Ended: 1, Granted: 1, Warned: 1, Yellow: 1, Rated: four, Gross: 2, Gauge: yellow},
			}},
			{"the districts below it", city, supervision.ByDivision, 0, 0, map[string]tally{"340104000000": {Received: 1, Ended: 1, Gross: 1}}},
			{"items of the province from the 6th", province, supervision.ByItem, 6, 31, map[string]tally{
				"item-1": {Received: 1}, "item-2": {Ended: 1, Refused: 1, Red: 1, Gross: 14},
			}},
			{"one item below the province", supervision.Scope{Division: anhui.division, Item: "item-2"}, supervision.ByDivision, 0, 0, map[string]tally{
				"340200000000": {Received: 1, Accepted: 1, Ended: 1, Refused: 1, Overtime: 1, Red: 1, Gross: 14},
			}},
			{"a body", supervision.Scope{Body: "ss-market"}, supervision.ByTotal, 0, 0, map[string]tally{"": {Received: 1, Ended: 1, Gross: 1}}},
			{"a window has what it took in, from then on", window, supervision.ByPost, 0, 0, map[string]tally{
				"hf.window": {Received: 1, Accepted: 1, Ended: 1, Granted: 1, Rated: four, Gross: 2},
			}},
			{"and on the day on which it did", window, supervision.ByDay, 3, 3, map[string]tally{"2026-03-03": {Received: 1, Accepted: 1}}},
			{"for a body", window, supervision.ByBody, 0, 0, map[string]tally{"hf-market": {Received: 1, Accepted: 1, Ended: 1, Granted: 1, Rated: four, Gross: 2}}},
			{"the windows of a body", supervision.Scope{Body: "hf-market"}, supervision.ByPost, 4, 4, map[string]tally{"hf.window": {Ended: 1, Granted: 1, Gross: 2}}},
			{"kinds", city, supervision.ByKind, 2, 2, map[string]tally{"licence": {Received: 3, Accepted: 1}}},
			{"another kind", supervision.Scope{Division: anhui.division, Kind: "complaint"}, supervision.ByTotal, 0, 0, map[string]tally{}},
		} {
			if got := w.counts(c.scope, c.by, c.from, c.to); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s:\n got %+v\nwant %+v", c.what, got, c.want)
			}
		}
		if _, err := w.Counts(t.Context(), province, "id; DROP TABLE x", 0, 0); err == nil {
			t.Error("an unknown grouping was taken")
		}
		rows, err := w.Rows(t.Context(), province, supervision.ByDivision, calendar.Day(2026, 3, 1), calendar.Day(2026, 3, 5))
		if err != nil || len(rows) != 2 || rows[0].Days.Received != 3 || rows[0].Ever.Open() != 1 || rows[0].Ever.Green() != 0 ||
			fmt.Sprint(rows[0].Cards) != "map[yellow:1]" || len(rows[1].Cards) != 0 {
			t.Errorf("rows %+v, %v; want Hefei with one yellow card, Wuhu with none", rows, err)
		}
		fresh, err := w.Freshness(t.Context())
		if err != nil || fresh.Counted != w.next || fresh.Waiting != 0 || !fresh.Newest.Equal(at(31)) {
			t.Errorf("fresh %+v, %v; want all %d events, the newest of the 31st", fresh, err, w.next)
		}
	})
}

// A pause takes its working days out of the time that the body had. 2026-03-07 and 08 are a weekend.
func TestPausesAreCounted(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		cal := loadCalendar(t)
		type turned struct { // on a day, the action of the clock, or the end
			day  int
			what string
		}
		for _, c := range []struct {
			kase          int64
			events        []turned
			gross, paused int64
			standing      bool
		}{
			{1, []turned{{2, "start"}, {4, "pause"}, {10, "resume"}, {12, "ended"}}, 8, 4, false}, // Wed 4, Thu, Fri, Mon 9
			{2, []turned{{2, "start"}, {2, "pause"}, {3, "resume"}, {4, "ended"}}, 2, 0, false},   // the day of receipt is in no term
			{3, []turned{{2, "start"}, {4, "pause"}, {4, "resume"}, {5, "ended"}}, 3, 0, false},   // it ran at the end of the day
			{4, []turned{{2, "start"}, {4, "pause"}, {12, "ended"}}, 8, 6, false},                 // the end ends the pause
			{5, []turned{{2, "start"}, {9, "pause"}}, 10, 5, true},                                // and goes on: 9 to 13 of those to the 16th
			{6, []turned{{2, "start"}, {3, "pause"}, {5, "resume"}}, 10, 2, false},
			{7, []turned{{2, "start"}, {5, "pause"}, {6, "resume"}, {12, "pause"}}, 10, 3, true},
		} {
			w.event(c.kase, 2, hefei, casework.Submitted, nil)
			for _, e := range c.events {
				d := data{"ended": "end", "result": "granted"}
				if e.what != "ended" {
					d = clocks("decide", e.what, 20, 30)
				}
				w.event(c.kase, e.day, hefei, casework.Completed, d)
			}
			w.follow()
			r, err := w.Record(t.Context(), store.ID(c.kase))
			if err != nil {
				t.Fatal(err)
			}
			gross, paused, net := r.Days(cal, calendar.Day(2026, 3, 16))
			if gross != c.gross || paused != c.paused || net != c.gross-c.paused || r.PausedSince.IsZero() == c.standing {
				t.Errorf("case %d: %d working days, %d paused, %d net, standing since %s; want %d, %d", c.kase, gross, paused, net, r.PausedSince, c.gross, c.paused)
			}
		}
		total := w.counts(supervision.Scope{Body: hefei.body}, supervision.ByTotal, 0, 0)[""]
		if total.Gross != 8+2+3+8 || total.Paused != 4+6 || total.Standing != 2 {
			t.Errorf("the body: %+v; want 21 working days, 10 of them paused, two standing still", total)
		}
		// The most paused first, whether they stand still or not; page by page.
		f := supervision.CaseFilter{Scope: supervision.Scope{Division: hefei.division, Kind: "licence"}, Limit: 1}
		var got []string
		for {
			list, err := w.Paused(t.Context(), f, calendar.Day(2026, 3, 16))
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			got = append(got, fmt.Sprint(list[0].Number, " ", list[0].At.At))
			f.After = &list[0].At
		}
		if strings.Join(got, ", ") != "C5 5, C7 3, C6 2" {
			t.Errorf("the most paused: %v; want C5 with 5 days, C7 with 3, C6 with 2", got)
		}
	})
}

func loadCalendar(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.Load(law.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// A figure that was changed, added or lost behind the platform's back is named, and mended.
func TestRecountAndRepair(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for c := int64(1); c <= 400; c++ { // more than one batch
			w.event(c, 2+int(c%20), hefei, casework.Submitted, clocks("decide", "start", 6, 20))
			if c%3 == 0 {
				w.event(c, 2+int(c%20), hefei, casework.Completed, data{"ended": "end", "result": "granted"})
			}
		}
		w.event(1, 22, hefei, casework.PromiseMissed, line("decide", 6, 20))
		w.follow()
		w.event(401, 2, hefei, casework.Submitted, nil) // not followed yet: no difference
		check := func() (said []string) {
			t.Helper()
			diffs, err := w.Recount(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diffs {
				said = append(said, d.String())
			}
			return said
		}
		if said := check(); len(said) != 0 {
			t.Fatalf("%d differences; want none: %v", len(said), said)
		}
		total := w.counts(supervision.Scope{Division: hefei.division}, supervision.ByTotal, 0, 0)[""]
		if total.Received != 400 || total.Ended != 133 || total.Granted != 133 || total.LitYellow != 1 {
			t.Fatalf("%+v; want 400 received, 133 ended and granted, one past its promise", total)
		}
		where := ` WHERE scope = 'b:hf-market' AND item = '' AND part = '' AND day = $1`
		w.exec(`UPDATE supervision_count SET granted = granted + 1`+where, int64(calendar.Day(2026, 3, 5)))
		w.exec(`DELETE FROM supervision_count`+where, int64(calendar.Day(2026, 3, 7)))
		w.exec(`UPDATE supervision_count SET part_key = 'other'`+where, int64(calendar.Day(2026, 3, 9)))
		w.exec(`UPDATE supervision_record SET status = 'x' WHERE case_id = 7`)
		w.exec(`DELETE FROM supervision_record WHERE case_id = 8`)
		w.exec(`UPDATE supervision_record SET case_id = 9000 WHERE case_id = 9`)
		w.exec(`UPDATE supervision_card_count SET open = 2 WHERE scope = 'b:hf-market' AND item = '' AND part = '' AND day = 0`)
		// On each day 400/20 = 20 cases begin. Of those of the 7th (c = 5, 25, …, 385) the multiples of three are 45, 105, …, 345: 6.
		// Of those of the 5th (c = 3, 23, …, 383) they are 3, 63, …, 363: 7; of those of the 9th (c = 7, …, 387) 27, 87, …, 387: 7.
		for i, want := range []string{
			`count of b:hf-market, kind "licence", item "",  "", 2026-03-05: granted is 8, the events give 7`,
			`count of b:hf-market, kind "licence", item "",  "", 2026-03-07: received is 0, the events give 20`,
			`count of b:hf-market, kind "licence", item "",  "other", 2026-03-09: received is 20, the events give 0`,
			"case C7: what is known of it is not what its events say", "case C8: it is missing", "case C9: no event of the log is about it",
			`cards of b:hf-market, kind "licence", item "",  "", ever: yellow open is 2, the events give 1`,
		} {
			if said := check(); !slices.Contains(said, want) {
				t.Errorf("%d: none of the differences is %q: %s", i, want, strings.Join(said, "\n"))
			}
		}
		if err := w.Repair(t.Context()); err != nil {
			t.Fatal(err)
		}
		if said := check(); len(said) != 0 {
			t.Errorf("after the repair: %v", said)
		}
		w.follow()
		if said := check(); len(said) != 0 {
			t.Errorf("after going on: %v", said)
		}
	})
}

// A database from before the counters follow the log by themselves: they count from its first event, and the cards that are there.
func TestCountersCatchUp(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.event(1, 2, hefei, casework.Submitted, clocks("decide", "start", 6, 20))
		w.event(1, 7, hefei, casework.PromiseMissed, line("decide", 6, 20))
		w.sequence()
		w.catch(supervision.Consumer, w.Handle)
		w.exec(`DELETE FROM supervision_card_count`)
		w.catch(supervision.CountConsumer, w.Count)
		rows, err := w.Rows(t.Context(), supervision.Scope{Division: anhui.division}, supervision.ByDivision, 0, 0)
		if err != nil || len(rows) != 1 || rows[0].Ever.Open() != 1 || rows[0].Cards[supervision.Yellow] != 1 {
			t.Errorf("%+v, %v; want one open case with a yellow card", rows, err)
		}
	})
}

// A matter that is handed to another body counts there as a whole, whatever happened before.
func TestHandedOver(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		clerk := casework.Actor{Kind: identity.Staff, Post: "hf.window", Role: "window"}
		w.event(1, 2, hefei, casework.Submitted, nil)
		w.by(clerk, 1, at(3), hefei, casework.Completed, clocks("decide", "start", 6, 20))
		w.event(1, 7, hefei, casework.PromiseMissed, line("decide", 6, 20))
		w.follow()
		w.event(1, 8, wuhu, casework.Completed, nil)
		w.follow()
		now := tally{Received: 1, Accepted: 1, Gauge: supervision.Gauge{LitYellow: 1}}
		if got := w.counts(supervision.Scope{Body: wuhu.body}, supervision.ByTotal, 0, 0)[""]; got != now {
			t.Errorf("there: %+v; want %+v", got, now)
		}
		if got := w.counts(supervision.Scope{Body: wuhu.body}, supervision.ByTotal, 2, 2)[""]; got.Received != 1 {
			t.Errorf("there, on the day of receipt: %+v", got)
		}
		if got := w.counts(supervision.Scope{Body: hefei.body}, supervision.ByTotal, 0, 0)[""]; got != (tally{Yellow: 1}) {
			t.Errorf("where it was: %+v; want nothing but the line that was missed there", got)
		}
		if got := w.counts(supervision.Scope{Body: wuhu.body}, supervision.ByPost, 0, 0)["hf.window"]; got.Received != 1 || got.LitYellow != 1 {
			t.Errorf("by the window that took it in: %+v", got)
		}
		for body, want := range map[where]int{hefei: 0, wuhu: 1} {
			list, err := w.Cases(t.Context(), supervision.CaseFilter{Scope: supervision.Scope{Body: body.body, Kind: "licence"}, Show: supervision.ShowOpen})
			if err != nil || len(list) != want {
				t.Errorf("%s lists %d, %v; want %d", body.body, len(list), err, want)
			}
		}
		if diffs, err := w.Recount(t.Context()); err != nil || len(diffs) != 0 {
			t.Errorf("recount: %v, %v", diffs, err)
		}
	})
}

// history is what happened, kept apart from the tables: the model counts it by going through all of it.
type history struct {
	w     *world
	cal   *calendar.Calendar
	cases []*countedCase
}

type countedCase struct {
	id                                int64
	p                                 where
	received, taken, ended, rated     calendar.Date
	post, result                      string
	grade                             int
	started                           bool
	lamp                              casework.Lamp
	pausedFrom                        calendar.Date
	pauses                            [][2]calendar.Date // first day, and the day on which it ran again
	warned, yellow, red, acceptedDays []calendar.Date
}

func (c *countedCase) open() bool { return c.ended == 0 }

// pausedDays goes through the days one by one.
func (c *countedCase) pausedDays(cal *calendar.Calendar) (n int64) {
	for d := c.received + 1; d <= calendar.Day(2026, 12, 31); d++ {
		for _, p := range c.pauses {
			if cal.Working(d) && d >= p[0] && d < p[1] {
				n++
			}
		}
	}
	return n
}

func (c *countedCase) grossDays(cal *calendar.Calendar) (n int64) {
	for d := c.received + 1; d <= c.ended; d++ {
		if cal.Working(d) {
			n++
		}
	}
	return n
}

// step lets something happen to a case that can.
func (h *history) step(r *rand.Rand, c *countedCase, day int) {
	d := calendar.Day(2026, 3, day)
	do := func(actor casework.Actor, kind string, with data) { h.w.by(actor, c.id, at(day), c.p, kind, with) }
	staff := casework.Actor{Kind: identity.Staff, Post: "examiner", Role: "reviewer"}
	clerk := casework.Actor{Kind: identity.Staff, Post: c.p.body + ".window", Role: "window"}
	take := func() {
		if c.post == "" {
			c.post, c.taken = clerk.Post, d
		}
	}
	switch n := r.IntN(8); {
	case !c.open():
		if c.grade == 0 && n < 4 {
			c.grade, c.rated = 1+n%5, d
			do(casework.Actor{Kind: identity.Person}, casework.Rated, data{"grade": c.grade})
		}
	case n == 0 && !c.started:
		c.started = true
		c.acceptedDays = append(c.acceptedDays, d)
		take()
		do(clerk, casework.Completed, clocks("decide", "start", 28, 30))
	case n == 1 && c.started && c.pausedFrom == 0:
		c.pausedFrom = d
		do(staff, casework.Completed, clocks("decide", "pause", 28, 30))
	case n == 2 && c.pausedFrom != 0:
		c.pauses, c.pausedFrom = append(c.pauses, [2]calendar.Date{c.pausedFrom, d}), 0
		c.lamp = casework.Green // its lines lie far ahead
		do(staff, casework.Completed, data{"clocks": []any{data{"name": "decide", "action": "resume", "promise": "2026-06-30", "statute": "2026-07-30"}}})
	case n == 3 && c.started && c.pausedFrom == 0 && c.lamp < casework.Amber:
		c.lamp, c.warned = casework.Amber, append(c.warned, d)
		do(staff, casework.LineWarned, line("decide", 28, 30))
	case n == 4 && c.started && c.pausedFrom == 0 && c.lamp < casework.Yellow:
		c.lamp, c.yellow = casework.Yellow, append(c.yellow, d)
		do(staff, casework.PromiseMissed, line("decide", 28, 30))
	case n == 5 && c.started && c.pausedFrom == 0 && c.lamp < casework.Red:
		c.lamp, c.red = casework.Red, append(c.red, d)
		do(staff, casework.StatuteMissed, line("decide", 28, 30))
	case n == 6:
		if c.pausedFrom != 0 {
			c.pauses, c.pausedFrom = append(c.pauses, [2]calendar.Date{c.pausedFrom, d}), 0
		}
		c.ended, c.lamp, c.result = d, casework.Green, []string{"granted", "refused", "withdrawn"}[r.IntN(3)]
		take()
		do(clerk, casework.Completed, data{"ended": "end", "result": c.result})
	default:
		do(staff, casework.Attached, nil)
	}
}

// tally counts by the model. own says whether a case counts, and when it counts as received.
func (h *history) tally(own func(*countedCase) (calendar.Date, bool), from, to calendar.Date) (t tally) {
	within := func(d calendar.Date) int64 {
		if d != 0 && (from == 0 || d >= from && d <= to) {
			return 1
		}
		return 0
	}
	for _, c := range h.cases {
		since, counts := own(c)
		if !counts {
			continue
		}
		// A window's figures begin with what it took in.
		later := func(days []calendar.Date) (n int64) {
			for _, d := range days {
				if d >= since {
					n += within(d)
				}
			}
			return n
		}
		t.Received += within(since)
		t.Accepted += later(c.acceptedDays)
		t.Warned += later(c.warned)
		t.Yellow += later(c.yellow)
		t.Red += later(c.red)
		if within(c.ended) == 1 {
			t.Ended++
			t.Gross += c.grossDays(h.cal)
			t.Paused += c.pausedDays(h.cal)
			switch c.result {
			case "granted":
				t.Granted++
			case "refused":
				t.Refused++
			}
		}
		if c.grade > 0 {
			t.Rated[c.grade-1] += within(c.rated)
		}
		if from != 0 || !c.open() {
			continue
		}
		if c.pausedFrom != 0 {
			t.Standing++
		}
		switch c.lamp {
		case casework.Amber:
			t.LitAmber++
		case casework.Yellow:
			t.LitYellow++
		case casework.Red:
			t.LitRed++
		}
	}
	return t
}

// Whatever happens in whatever order: the counters are what a scan of the whole history gives, each number's list has as many lines,
// and the checker agrees.
func TestCountersEqualAScan(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := &history{w: w, cal: loadCalendar(t)}
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1))
		places := []where{anhui, hefei, shushan, wuhu, {"340104001000", "street", "item-2"}, {"340104000000", "ss-market", "item-2"}}
		for day := 2; day <= 27; day++ {
			for range 1 + r.IntN(4) {
				c := &countedCase{id: int64(len(h.cases) + 1), p: places[r.IntN(len(places))], received: calendar.Day(2026, 3, day)}
				h.cases = append(h.cases, c)
				actor := casework.Actor{Kind: identity.Person}
				if r.IntN(3) == 0 {
					actor = casework.Actor{Kind: identity.Staff, Post: c.p.body + ".window"}
					c.post, c.taken = actor.Post, c.received
				}
				w.by(actor, c.id, at(day), c.p, casework.Submitted, nil)
				w.openCase(c.id, fmt.Sprintf("C%d", c.id), c.p.division, c.p.body, casework.Green, 20, 0)
			}
			for range r.IntN(25) {
				h.step(r, h.cases[r.IntN(len(h.cases))], day)
			}
			if r.IntN(3) == 0 {
				w.follow()
			}
		}
		w.follow()
		h.check(t, seed, places)
		if diffs, err := w.Recount(t.Context()); err != nil || len(diffs) != 0 {
			t.Errorf("seed %d: recount: %v, %v", seed, diffs, err)
		}
	})
}

func (h *history) check(t *testing.T, seed uint64, places []where) {
	t.Helper()
	scopes := map[string]supervision.Scope{}
	for _, p := range places {
		for _, item := range []string{"", p.subject} {
			scopes["division "+p.division+item] = supervision.Scope{Division: p.division, Kind: "licence", Item: item}
			scopes["body "+p.body+item] = supervision.Scope{Division: p.division, Body: p.body, Kind: "licence", Item: item}
			scopes["post "+p.body+item] = supervision.Scope{Division: p.division, Posts: []string{p.body + ".window"}, Kind: "licence", Item: item}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(scopes)) {
		sc := scopes[name]
		own := func(c *countedCase) (calendar.Date, bool) {
			switch {
			case sc.Item != "" && sc.Item != c.p.subject:
				return 0, false
			case len(sc.Posts) > 0:
				return c.taken, c.post == sc.Posts[0]
			case sc.Body != "":
				return c.received, c.p.body == sc.Body
			default:
				return c.received, strings.HasPrefix(c.p.division, casework.Subtree(sc.Division))
			}
		}
		for _, days := range [][2]int{{0, 0}, {2, 9}, {10, 10}, {11, 31}} {
			from, to := calendar.Date(0), calendar.Date(0)
			if days[0] > 0 {
				from, to = calendar.Day(2026, 3, days[0]), calendar.Day(2026, 3, days[1])
			}
			got, want := h.w.counts(sc, supervision.ByTotal, days[0], days[1])[""], h.tally(own, from, to)
			if got != want {
				t.Errorf("seed %d: %s on %v:\n got %+v\nwant %+v", seed, name, days, got, want)
			}
			h.lists(t, seed, name, sc, got, from, to)
		}
	}
}

// lists compares each number with its list.
func (h *history) lists(t *testing.T, seed uint64, name string, sc supervision.Scope, n tally, from, to calendar.Date) {
	t.Helper()
	type list struct {
		want int64
		f    supervision.CaseFilter
	}
	all := []list{{n.Received, supervision.CaseFilter{Show: supervision.ShowReceived}}, {n.Ended, supervision.CaseFilter{Show: supervision.ShowEnded}},
		{n.Granted, supervision.CaseFilter{Show: supervision.ShowEnded, Result: "granted"}}, {n.Ratings(), supervision.CaseFilter{Show: supervision.ShowRated}},
		{n.Rated[2], supervision.CaseFilter{Show: supervision.ShowRated, Grade: 3}}}
	if from == 0 {
		for lamp, want := range []int64{n.Green(), n.LitAmber, n.LitYellow, n.LitRed} {
			all = append(all, list{want, supervision.CaseFilter{Show: supervision.ShowOpen, Lamp: casework.Lamp(lamp), InTime: lamp == 0}})
		}
		all = append(all, list{n.Open(), supervision.CaseFilter{Show: supervision.ShowOpen}},
			list{n.Standing, supervision.CaseFilter{Show: supervision.ShowStanding}})
	}
	for _, l := range all {
		l.f.Scope, l.f.From, l.f.To, l.f.Limit = sc, from, to, 7
		seen := map[store.ID]bool{}
		for {
			page, err := h.w.Cases(t.Context(), l.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				seen[c.ID] = true
			}
			if len(page) < l.f.Limit {
				break
			}
			l.f.After = &page[len(page)-1].At
		}
		if int64(len(seen)) != l.want {
			t.Errorf("seed %d: %s, %s under lamp %d from %s: %d cases listed, the number is %d", seed, name, l.f.Show, l.f.Lamp, from, len(seen), l.want)
		}
	}
}
