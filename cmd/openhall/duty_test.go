package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// TestLateDutyLightsARedCard: what had to be published and was not becomes a case on the day after, the case a red card that the head of the
// body has to explain; when the record arrives the case ends, and the card with it. An annual report is one of these duties.
func TestLateDutyLightsARedCard(t *testing.T) {
	now := time.Date(2027, 1, 4, 2, 0, 0, 0, time.UTC)
	folder := t.TempDir()
	config := app.Config{Data: folder, Database: "sqlite:" + filepath.Join(folder, "openhall.db"), Addr: "127.0.0.1:0", BaseURL: "http://duty.test", Jurisdiction: "cn-ah", Division: "340000000000", Origin: "duty.test/log"}
	n := assembleProgram(t, config, func() time.Time { return now })
	t.Cleanup(func() {
		n.Cases.Close()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	ok(n.Registry.Edit(ctx, func(e *registry.Edit) error {
		name := func(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: name("安徽省")}, {Code: "340100000000", Level: registry.City, Name: name("合肥市")}})
		if err != nil {
			return err
		}
		return e.PutBody(registry.Body{Key: "hefei-water", Division: "340100000000", Kind: "water", Level: "municipal", Name: name("合肥市水务局"), USCC: "11340000MB9000023Q"})
	}))
	catch := func() []supervision.Card {
		t.Helper()
		for _, step := range []func() (int, error){
			func() (int, error) { return n.Publication.NoticeLate(ctx) },
			func() (int, error) { return n.Ledger.Sequence(ctx) },
			func() (int, error) { return n.Ledger.Catch(ctx, supervision.Consumer, n.Supervision.Handle) },
		} {
			for {
				done, err := step()
				ok(err)
				if done == 0 {
					break
				}
			}
		}
		cards, err := n.Supervision.Cards(ctx, supervision.CardFilter{Body: "hefei-water", Rule: "supervision.duty-late"})
		ok(err)
		return cards
	}
	ok(n.Publication.HoldFrom(ctx, calendar.Day(2027, time.January, 1)))
	_, err := n.Publication.Arise(ctx)
	ok(err)
	ok(n.wiring.report.Owing(ctx))
	open, err := n.Publication.Duties(ctx, publication.DutyFilter{Body: "hefei-water"})
	ok(err)
	var keys []string
	for i := range open {
		keys = append(keys, open[i].Key)
	}
	// 20 working days after 31 December 2026 lie in January 2027, for which there is no notice yet; reports and figures are due by the 31st.
	if len(keys) != 3 {
		t.Fatalf("on 4 January the bureau owes %v", keys)
	}
	if cards := catch(); len(cards) != 0 {
		t.Fatalf("cards before the day: %+v", cards)
	}
	now = time.Date(2027, 2, 10, 2, 0, 0, 0, time.UTC)
	cards := catch()
	if len(cards) != 3 {
		t.Fatalf("%d cards, want one for each of %v", len(cards), keys)
	}
	for i := range cards {
		if c := &cards[i]; c.Colour != supervision.Red || !c.Open() || c.Explain != registry.Head || c.Kind != publication.DutyKind {
			t.Errorf("the card is %+v", c)
		}
	}
	// The safety of drinking water is published, late; the report is met by its approval.
	out, err := n.Publication.Import(ctx, identity.Platform, publication.Batch{Key: "late", Body: "hefei-water", Records: []publication.Incoming{{Body: "hefei-water", Content: publication.Content{
		Title: "2026年第四季度饮用水安全状况", Category: "statutory.13.environment", Text: "合格。",
	}}}})
	ok(err)
	if out.New != 1 {
		t.Fatalf("published: %+v", out)
	}
	ok(n.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return n.Publication.Meet(ctx, tx, "annual-report/hefei-water/2026", 0, now)
	}))
	closed := 0
	for _, c := range catch() {
		if !c.Open() && c.Closed == supervision.ClosedEnded {
			closed++
		}
	}
	if closed != 2 {
		t.Errorf("%d cards closed with their duties, want 2", closed)
	}
	counts, err := n.Publication.DutyCounts(ctx, "340100000000", true, "")
	ok(err)
	for _, c := range counts {
		if c.Kind == "annual-report" && (c.Owed != 0 || c.Late != 0 || c.Met != 1 || c.MetLate != 1) {
			t.Errorf("counted %+v", c)
		}
	}
}
