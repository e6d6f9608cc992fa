package supervision_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

var schemas = []store.Migrations{casework.Schema(), ledger.Schema(), supervision.Schema()}

// world is a log with supervision following it.
type world struct {
	*supervision.Supervision
	t    testing.TB
	db   *store.DB
	log  *ledger.Ledger
	next int64
	seq  map[int64]int64

	// Of the events written next: the role of whoever acts, what stands sealed in them, and the kind of their cases.
	role   string
	sealed []string
	kind   string
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "test.openhall.org/log")
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: time.Now, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := supervision.Rules()
	if err != nil {
		t.Fatal(err)
	}
	s, err := supervision.New(db, rules)
	if err != nil {
		t.Fatal(err)
	}
	return &world{Supervision: s, t: t, db: db, log: l, seq: map[int64]int64{}}
}

// at is 9 o'clock in Asia/Shanghai on a day of March 2026.
func at(day int) time.Time { return time.Date(2026, 3, day, 1, 0, 0, 0, time.UTC) }

type data = map[string]any

// where is the division, body and item of a case.
type where struct{ division, body, subject string }

var hefei = where{"340100000000", "hf-market", "item-1"}

// event writes an event as casework does.
func (w *world) event(kase int64, day int, p where, kind string, d data) {
	w.t.Helper()
	w.next++
	w.seq[kase]++
	private := map[string]string{}
	for _, field := range w.sealed {
		private[field] = "commitment"
	}
	content, err := merkle.Canonical(casework.Envelope{
		Actor: casework.Actor{Kind: identity.Staff, Role: w.role}, At: at(day).Format("2006-01-02T15:04:05.000000Z"), Body: p.body,
		Case: fmt.Sprintf("C%d", kase), Data: d, Division: p.division, Kind: kind, Seq: w.seq[kase], Subject: p.subject, Private: private,
		Type: cmp.Or(w.kind, "licence"), V: 1,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`INSERT INTO event (id, case_id, seq, at, kind, content) VALUES ($1, $2, $3, $4, $5, $6)`,
		w.next, kase, w.seq[kase], store.Micros(at(day)), kind, string(content))
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, query, args...) })
	if err != nil {
		w.t.Fatal(err)
	}
}

// follow lets supervision read what was written.
func (w *world) follow() {
	w.t.Helper()
	w.sequence()
	for n := 1; n > 0; {
		var err error
		if n, err = w.log.Catch(w.t.Context(), supervision.Consumer, w.Handle); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) sequence() {
	w.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = w.log.Sequence(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// clocks is what casework notes of clocks that moved.
func clocks(name, action string, promise, statute int) data {
	note := data{"name": name, "action": action}
	if action == "pause" {
		note["ground"] = "licence.pause.hearing"
	}
	if statute > 0 {
		note["promise"], note["statute"] = march(promise), march(statute)
	}
	return data{"clocks": []any{note}}
}

func march(day int) string { return fmt.Sprintf("2026-03-%02d", day) }

func line(clock string, promise, statute int) data {
	return data{"clock": clock, "rule": "licence.decide", "promise": march(promise), "statute": march(statute)}
}

func step(task string, token, statute int) data {
	return data{"task": task, "token": token, "role": "reviewer", "statute": march(statute)}
}

func TestCards(t *testing.T) {
	type ev struct {
		day  int
		kind string
		data data
	}
	ended := data{"ended": "end", "result": "granted"}
	for _, c := range []struct {
		name   string
		events []ev
		want   string // colour, line, due, and why closed, oldest first
	}{
		{"a reminder stands while nothing happens", []ev{{5, casework.LineWarned, line("decide", 6, 20)}}, "reminder decide 2026-03-06"},
		{
			"each line has its card; the reminder gives way", []ev{
				{5, casework.LineWarned, line("decide", 6, 20)},
				{7, casework.PromiseMissed, line("decide", 6, 20)},
				{21, casework.StatuteMissed, line("decide", 6, 20)},
			}, "reminder decide 2026-03-06 overtook; yellow decide 2026-03-06; red decide 2026-03-20",
		},
		{
			"the case ends", []ev{
				{7, casework.PromiseMissed, line("decide", 6, 20)},
				{8, casework.StepOvertime, step("examine", 3, 7)},
				{9, casework.Completed, ended},
			}, "yellow decide 2026-03-06 ended; overtime examine/3 2026-03-07 ended",
		},
		{
			"the clock stops before the case ends", []ev{
				{7, casework.PromiseMissed, line("decide", 6, 20)},
				{8, casework.Completed, clocks("decide", "stop", 0, 0)},
			}, "yellow decide 2026-03-06 stopped",
		},
		{
			"another clock stops", []ev{
				{7, casework.PromiseMissed, line("decide", 6, 20)},
				{8, casework.Completed, clocks("deliver", "stop", 0, 0)},
			}, "yellow decide 2026-03-06",
		},
		{
			"an extension moves both lines into the future", []ev{
				{7, casework.PromiseMissed, line("decide", 6, 20)},
				{8, casework.Completed, clocks("decide", "extend", 16, 30)},
			}, "yellow decide 2026-03-06 moved",
		},
		{
			"an extension that comes too late to mend it", []ev{
				{17, casework.StatuteMissed, line("decide", 6, 10)},
				{18, casework.Completed, clocks("decide", "extend", 12, 17)},
			}, "red decide 2026-03-10",
		},
		{
			"moved, and crossed again", []ev{
				{5, casework.LineWarned, line("decide", 6, 20)},
				{6, casework.Completed, clocks("decide", "resume", 10, 24)},
				{9, casework.LineWarned, line("decide", 10, 24)},
			}, "reminder decide 2026-03-06 moved; reminder decide 2026-03-10",
		},
		{
			"a pause alone moves nothing yet", []ev{
				{5, casework.LineWarned, line("decide", 6, 20)},
				{6, casework.Completed, clocks("decide", "pause", 6, 20)},
			}, "reminder decide 2026-03-06",
		},
		{
			"the same line noticed twice has one card", []ev{
				{5, casework.LineWarned, line("decide", 6, 20)},
				{5, casework.LineWarned, line("decide", 6, 20)},
			}, "reminder decide 2026-03-06",
		},
		{
			"a step that is done, another that is not", []ev{
				{8, casework.StepOvertime, step("examine", 3, 7)},
				{8, casework.StepOvertime, step("examine", 4, 7)},
				{9, casework.Completed, data{"task": "examine", "token": 4}},
			}, "overtime examine/3 2026-03-07; overtime examine/4 2026-03-07 done",
		},
		{
			"a step that a withdrawal ended", []ev{
				{8, casework.StepOvertime, step("examine", 3, 7)},
				{9, casework.Messaged, data{"message": "withdraw", "cut": []any{"examine"}}},
			}, "overtime examine/3 2026-03-07 done",
		},
		{
			"members of forms that look like ours but are not", []ev{
				{5, casework.LineWarned, line("decide", 6, 20)},
				{6, casework.Completed, data{"ended": true, "clocks": "stop", "cut": "examine", "token": "x", "result": 7}},
			}, "reminder decide 2026-03-06",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				w.event(1, 2, hefei, casework.Submitted, data{"channel": "online"})
				for i, e := range c.events {
					w.event(1, e.day, hefei, e.kind, e.data)
					if i%2 == 0 {
						w.follow() // in one batch with the next, or alone
					}
				}
				w.follow()
				if got := w.cards(supervision.CardFilter{}); got != c.want {
					t.Errorf("cards: %s\nwant:  %s", got, c.want)
				}
			})
		})
	}
}

func (w *world) cards(f supervision.CardFilter) string {
	w.t.Helper()
	list, err := w.Cards(w.t.Context(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := make([]string, len(list))
	for i, c := range list {
		what := c.Clock
		if c.Task != "" {
			what = fmt.Sprintf("%s/%d", c.Task, c.Token)
		}
		lines[len(list)-1-i] = strings.TrimSpace(fmt.Sprintf("%s %s %s %s", c.Colour, what, c.Due, c.Closed))
		if c.Open() != (c.Closed == "") {
			w.t.Errorf("card %s closed %q at %s", c.ID, c.Closed, c.ClosedAt)
		}
	}
	return strings.Join(lines, "; ")
}

func TestCardFilters(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		shushan := where{"340104000000", "ss-market", "item-1"} // a district of Hefei
		wuhu := where{"340200000000", "wh-market", "item-2"}
		w.event(1, 5, hefei, casework.LineWarned, line("decide", 6, 20))
		w.event(2, 6, shushan, casework.PromiseMissed, line("decide", 5, 20))
		w.event(3, 7, wuhu, casework.StatuteMissed, line("decide", 4, 6))
		w.event(1, 8, hefei, casework.Completed, data{"ended": "end", "result": "granted"})
		w.follow()
		const third = (2 + 1) * 16 // of the third place in the log
		for _, c := range []struct {
			filter supervision.CardFilter
			want   string
		}{
			{supervision.CardFilter{Division: "340000000000"}, "reminder decide 2026-03-06 ended; yellow decide 2026-03-05; red decide 2026-03-06"},
			{supervision.CardFilter{Division: "340100000000"}, "reminder decide 2026-03-06 ended; yellow decide 2026-03-05"},
			{supervision.CardFilter{Division: "340104000000"}, "yellow decide 2026-03-05"},
			{supervision.CardFilter{Division: "350000000000"}, ""},
			{supervision.CardFilter{OpenOnly: true}, "yellow decide 2026-03-05; red decide 2026-03-06"},
			{supervision.CardFilter{Colour: supervision.Red}, "red decide 2026-03-06"},
			{supervision.CardFilter{Body: "ss-market"}, "yellow decide 2026-03-05"},
			{supervision.CardFilter{Case: 1}, "reminder decide 2026-03-06 ended"},
			{supervision.CardFilter{Limit: 2}, "yellow decide 2026-03-05; red decide 2026-03-06"},
			{supervision.CardFilter{Before: third}, "reminder decide 2026-03-06 ended; yellow decide 2026-03-05"},
		} {
			if got := w.cards(c.filter); got != c.want {
				t.Errorf("%+v: %s; want %s", c.filter, got, c.want)
			}
		}
		card, err := w.Card(t.Context(), third)
		if err != nil || card.Number != "C3" || card.Case != 3 || card.Event != 3 || card.Explain != "head" || card.Rule != "supervision.statute-missed" || card.Leaf != 2 || card.Kind != "licence" ||
			card.Subject != "item-2" || !card.At.Equal(at(7)) {
			t.Errorf("card 3: %+v, %v", card, err)
		}
		if rule, ok := w.Rule(card.Rule); !ok || rule.Explain != "head" || rule.Title.Hans != "超过法定期限（红牌）" {
			t.Errorf("its rule: %+v, %v", rule, ok)
		}
		if _, err := w.Card(t.Context(), 99); err == nil {
			t.Error("a card that is not there was found")
		}
	})
}

// Cases on two days in three divisions; the sums are worked out by hand below.
func TestCountsAndBoard(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		shushan := where{"340104000000", "ss-market", "item-1"}
		wuhu := where{"340200000000", "wh-market", "item-2"}
		own := where{"340000000000", "ah-market", "item-1"}
		start := clocks("decide", "start", 6, 20)
		end := func(result string) data { return data{"ended": "end", "result": result} }
		w.event(1, 2, hefei, casework.Submitted, nil)
		w.event(1, 3, hefei, casework.Completed, start)
		w.event(1, 4, hefei, casework.Completed, start) // once accepted, a case is not accepted again
		w.event(1, 4, hefei, casework.Completed, end("granted"))
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
		w.event(5, 31, own, casework.Submitted, nil)
		w.follow()

		type tally = supervision.Tally
		counts := func(f supervision.CountFilter, by supervision.By) map[string]tally {
			t.Helper()
			list, err := w.Counts(t.Context(), f, by)
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]tally{}
			for _, c := range list {
				out[c.Key] = c.Tally
			}
			return out
		}
		same := func(what string, got, want map[string]tally) {
			t.Helper()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
			}
		}
		same("by division", counts(supervision.CountFilter{}, supervision.ByDivision), map[string]tally{
			"340000000000": {Received: 1},
			"340100000000": {Received: 2, Accepted: 2, Ended: 1, Granted: 1, Warned: 1, Yellow: 1},
			"340104000000": {Received: 1, Ended: 1},
			"340200000000": {Received: 1, Accepted: 1, Ended: 1, Refused: 1, Overtime: 1, Red: 1},
		})
		same("Hefei by day", counts(supervision.CountFilter{Division: "340100000000"}, supervision.ByDay), map[string]tally{
			"2026-03-02": {Received: 3, Accepted: 1},
			"2026-03-03": {Accepted: 1, Ended: 1, Warned: 1},
			"2026-03-04": {Ended: 1, Granted: 1},
			"2026-03-05": {Yellow: 1},
		})
		same("by item until the 5th", counts(supervision.CountFilter{To: calendar.Day(2026, 3, 5)}, supervision.BySubject), map[string]tally{
			"item-1": {Received: 3, Accepted: 2, Ended: 2, Granted: 1, Warned: 1, Yellow: 1},
			"item-2": {Received: 1, Accepted: 1, Overtime: 1},
		})
		same("by body from the 5th", counts(supervision.CountFilter{From: calendar.Day(2026, 3, 5), Body: "wh-market"}, supervision.ByBody), map[string]tally{
			"wh-market": {Ended: 1, Refused: 1, Red: 1},
		})
		if _, err := w.Counts(t.Context(), supervision.CountFilter{}, "id; DROP TABLE x"); err == nil {
			t.Error("an unknown grouping was taken")
		}

		board := func(division string, to int) string {
			t.Helper()
			b, err := w.Board(t.Context(), division, calendar.Day(2026, 3, 1), calendar.Day(2026, 3, to))
			if err != nil {
				t.Fatal(err)
			}
			row := func(r supervision.Row) string {
				return fmt.Sprintf("%s in %d out %d open %v\n", r.Key, r.Received, r.Ended, r.Open)
			}
			s := "total " + row(b.Total)
			for _, r := range b.Divisions {
				s += "below " + row(r)
			}
			for _, r := range b.Bodies {
				s += "body " + row(r)
			}
			return s
		}
		// Case 2 keeps its yellow card; the cards of case 4 closed with it.
		for _, c := range []struct {
			division string
			to       int
			want     string
		}{
			{"340000000000", 31, "total 340000000000 in 5 out 3 open map[yellow:1]\nbelow 340100000000 in 3 out 2 open map[yellow:1]\n" +
				"below 340200000000 in 1 out 1 open map[]\nbody ah-market in 1 out 0 open map[]\n"},
			{"340000000000", 1, "total 340000000000 in 0 out 0 open map[yellow:1]\nbelow 340100000000 in 0 out 0 open map[yellow:1]\n"},
			{"340100000000", 31, "total 340100000000 in 3 out 2 open map[yellow:1]\nbelow 340104000000 in 1 out 1 open map[]\n" +
				"body hf-market in 2 out 1 open map[yellow:1]\n"},
			{"340104000000", 31, "total 340104000000 in 1 out 1 open map[]\nbody ss-market in 1 out 1 open map[]\n"},
		} {
			if got := board(c.division, c.to); got != c.want {
				t.Errorf("board of %s to the %d:\n%swant:\n%s", c.division, c.to, got, c.want)
			}
		}
	})
}

// A count that was changed, added or lost behind the platform's back is named.
func TestRecount(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for c := int64(1); c <= 400; c++ { // more than one batch
			w.event(c, 2+int(c%20), hefei, casework.Submitted, clocks("decide", "start", 6, 20))
			if c%3 == 0 {
				w.event(c, 2+int(c%20), hefei, casework.Completed, data{"ended": "end", "result": "granted"})
			}
		}
		w.follow()
		w.event(401, 2, hefei, casework.Submitted, nil) // not followed yet: no difference
		diffs, err := w.Recount(t.Context())
		if err != nil || len(diffs) != 0 {
			t.Fatalf("%d differences, %v; want none: %+v", len(diffs), err, diffs)
		}
		total, err := w.Counts(t.Context(), supervision.CountFilter{}, supervision.ByDivision)
		if err != nil || len(total) != 1 || total[0].Tally != (supervision.Tally{Received: 400, Accepted: 400, Ended: 133, Granted: 133}) {
			t.Fatalf("%+v, %v; want 400 received and accepted, 133 ended and granted", total, err)
		}
		w.exec(`UPDATE supervision_count SET granted = granted + 1 WHERE day = $1`, int64(calendar.Day(2026, 3, 5)))
		w.exec(`DELETE FROM supervision_count WHERE day = $1`, int64(calendar.Day(2026, 3, 7)))
		w.exec(`UPDATE supervision_count SET subject = 'other' WHERE day = $1`, int64(calendar.Day(2026, 3, 9)))
		diffs, err = w.Recount(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diffs {
			got = append(got, fmt.Sprintf("%s %s %+d", d.Subject, d.Day, d.Kept.Granted-d.Counted.Granted))
		}
		// On each day 400/20 = 20 cases begin. Of those of the 7th (c = 5, 25, 45, …, 385) the multiples of three are 45, 105, …, 345: 6;
		// of those of the 9th (c = 7, 27, …, 387) they are 27, 87, …, 387: 7.
		if want := "item-1 2026-03-05 +1, item-1 2026-03-07 -6, item-1 2026-03-09 -7, other 2026-03-09 +7"; strings.Join(got, ", ") != want {
			t.Errorf("differences: %s\nwant: %s", strings.Join(got, ", "), want)
		}
	})
}
