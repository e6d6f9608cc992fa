package intermediary_test

import (
	"context"
	"testing"

	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/rules"
)

// watch hands events of cases to supervision, each once, as the log does.
type watch struct {
	*supervision.Supervision
	w    *world
	leaf int64
	seen map[store.ID]int64
}

func newWatch(w *world) *watch {
	w.t.Helper()
	law, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
	must(w.t, err)
	list, err := supervision.Load(rules.Files, law, statute.Chain("cn-ah")...)
	must(w.t, err)
	s, err := supervision.New(w.db, list, w.cases.Calendar)
	must(w.t, err)
	return &watch{Supervision: s, w: w, seen: map[store.ID]int64{}}
}

// cards lets supervision look at what has happened to a case, and returns its cards under a rule.
func (x *watch) cards(id store.ID, rule string) []supervision.Card {
	t := x.w.t
	t.Helper()
	events, err := x.w.cases.Events(t.Context(), id, x.seen[id], 100)
	must(t, err)
	for i := range events {
		x.leaf++
		events[i].Leaf = x.leaf
	}
	x.seen[id] += int64(len(events))
	if len(events) > 0 {
		must(t, x.w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return x.Handle(ctx, tx, events) }))
	}
	found, err := x.Cards(t.Context(), supervision.CardFilter{Case: id, Rule: rule})
	must(t, err)
	return found
}

// TestLateDeliverableRaisesACard: ten working days after Monday, 2 March 2026 end with the 16th. On the 17th a yellow card is there, which a
// reviewer of the body that asked for the paper explains; what the body takes to check is not counted; one card for one term.
func TestLateDeliverableRaisesACard(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, append(schemas, supervision.Schema())...))
	ctx := t.Context()
	first := w.admit(0, nil)
	number := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Choice, Agency: first})
	_, err := w.Answer(ctx, agent(0), number, intermediary.Confirm, "", w.newKey())
	must(t, err)
	x, id := newWatch(w), w.order(number).ID
	const rule = "supervision.intermediary-late"
	wake := func(day string, hour int) {
		t.Helper()
		w.at(day, hour)
		_, err := w.cases.Wake(ctx)
		must(t, err)
	}
	wake("2026-03-05", 9)
	_, err = w.Deliver(ctx, agent(0), number, "", w.paper(agent(0).Account), w.newKey())
	must(t, err)
	wake("2026-03-09", 9) // two working days in which the body checks
	_, err = w.Grade(ctx, clerk, number, intermediary.Return, "缺少坐标", w.newKey())
	must(t, err)
	wake("2026-03-17", 9) // past the 16th, not past the 18th
	if n := len(x.cards(id, rule)); n != 0 {
		t.Fatalf("%d cards though the body took two days to check", n)
	}
	wake("2026-03-19", 9)
	found := x.cards(id, rule)
	if len(found) != 1 {
		t.Fatalf("%d cards, want 1", len(found))
	}
	if c := found[0]; c.Colour != supervision.Yellow || c.Body != "water" || c.Explain != registry.Reviewer || c.State != supervision.Unanswered || c.Case != id {
		t.Errorf("card: %+v", c)
	}
	wake("2026-03-25", 9) // still late: no second card for the same term
	_, err = w.Deliver(ctx, agent(0), number, "", w.paper(agent(0).Account), w.newKey())
	must(t, err)
	_, err = w.Grade(ctx, second, number, intermediary.GradeB, "", w.newKey())
	must(t, err)
	if n := len(x.cards(id, rule)); n != 1 {
		t.Errorf("%d cards at the end, want 1", n)
	}
	counted, err := x.Counts(ctx, supervision.Scope{}, supervision.ByBody, 0, 0)
	must(t, err)
	for _, c := range counted {
		if c.Received != 0 {
			t.Errorf("an order counts as a case of the body: %+v", c)
		}
	}
}

// TestRepeatedDrawRaisesACard: whoever tries to have a draw repeated makes a card that the head of the body explains; once a day, however
// often it is tried; a draw that is started twice by one form makes none.
func TestRepeatedDrawRaisesACard(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, append(schemas, supervision.Schema())...))
	ctx := t.Context()
	for n := range 3 {
		w.admit(n, nil)
	}
	number := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Draw})
	key := w.newKey()
	for range 2 {
		_, err := w.Start(ctx, applicant, number, 7, key)
		must(t, err)
	}
	w.work()
	x := newWatch(w)
	attempts := func() (n int) {
		t.Helper()
		list, err := w.cases.List(ctx, attemptsOnly)
		must(t, err)
		for _, c := range list {
			for _, card := range x.cards(c.ID, "supervision.draw-repeated") {
				n++
				if card.Colour != supervision.Irregular || card.Body != "water" || card.Explain != registry.Head || card.State != supervision.Unanswered {
					t.Errorf("card: %+v", card)
				}
			}
		}
		return n
	}
	if n := attempts(); n != 0 {
		t.Fatalf("%d cards before anybody tried", n)
	}
	again := func(words int64) {
		t.Helper()
		if _, err := w.Start(ctx, applicant, number, words, w.newKey()); err == nil {
			t.Fatal("drawn anew")
		}
	}
	again(1)
	again(2)
	if n := attempts(); n != 1 {
		t.Fatalf("%d cards for one day", n)
	}
	w.at("2026-03-03", 10)
	again(3)
	if n := attempts(); n != 2 {
		t.Errorf("%d cards for two days", n)
	}
	if _, err := w.Start(ctx, stranger, number, 4, w.newKey()); err == nil {
		t.Error("a stranger starts it")
	}
	if n := attempts(); n != 2 {
		t.Errorf("a stranger’s request makes a card of the body: %d", n)
	}
}

var attemptsOnly = casework.Filter{Kind: intermediary.AttemptKind}
