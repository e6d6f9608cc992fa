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

	written [][]any // events that stand in the log when it is sequenced next

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
	cal := loadCalendar(t)
	s, err := supervision.New(db, rules, func() *calendar.Calendar { return cal })
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
	w.by(casework.Actor{Kind: identity.Staff, Role: w.role}, kase, at(day), p, kind, d)
}

// by writes an event of an actor.
func (w *world) by(actor casework.Actor, kase int64, at time.Time, p where, kind string, d data) {
	w.t.Helper()
	w.next++
	w.seq[kase]++
	private := map[string]string{}
	for _, field := range w.sealed {
		private[field] = "commitment"
	}
	content, err := merkle.Canonical(casework.Envelope{
		Actor: actor, At: at.Format("2006-01-02T15:04:05.000000Z"), Body: p.body,
		Case: fmt.Sprintf("C%d", kase), Data: d, Division: p.division, Kind: kind, Seq: w.seq[kase], Subject: p.subject, Private: private,
		Type: cmp.Or(w.kind, "licence"), V: 1,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.written = append(w.written, []any{w.next, kase, w.seq[kase], store.Micros(at), kind, string(content)})
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
		n = w.catch(supervision.Consumer, w.Handle) + w.catch(supervision.CountConsumer, w.Count)
	}
}

func (w *world) catch(consumer string, handle ledger.Handle) int {
	w.t.Helper()
	n, err := w.log.Catch(w.t.Context(), consumer, handle)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) sequence() {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(_ context.Context, tx *store.Tx) error {
		for _, row := range w.written {
			tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content) VALUES ($1, $2, $3, $4, $5, $6)`, row...)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.written = nil
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
