package intermediary_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

func asRefusal(err error, r **casework.Refusal) bool { return errors.As(err, r) }

// Before they are opened nobody reads what bids say, nor who bids: not by their post, not with the query code, not in the log, not on a page;
// and what is stored in clear holds no amount.
func TestBidsAreSealed(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		first := w.admit(0, nil)
		w.admit(1, nil)
		number := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Bids, Rule: draw.Lowest})
		rec, err := w.Bid(ctx, agent(0), number, 1_234_567, 13, w.newKey())
		must(t, err)
		c, err := w.cases.Get(ctx, rec.Case)
		must(t, err)
		admin := func(role string) identity.Principal { return staff(90, "admin", "data", role) }
		machine := identity.Principal{Kind: identity.Machine, Account: 77, Post: identity.Post{Body: "water", Division: hefei, Roles: []string{"case.read", "case.private", "file.read"}}}
		for _, who := range []identity.Principal{
			visitor, applicant, stranger, agent(1), clerk, second, registrar, chief, overseer, staff(91, "water-head", "water", "head"), staff(92, "water-window", "water", "window"),
			staff(93, "centre", "data", "manager"), admin("system-admin"), admin("security-admin"), admin("audit-admin"), machine,
		} {
			for _, private := range []bool{false, true} {
				if w.cases.MayRead(who, c, true, private) == nil {
					t.Errorf("%s %v reads a sealed bid (private: %t)", who.Kind, who.Post, private)
				}
			}
		}
		must(t, w.cases.MayRead(agent(0), c, false, true)) // its own
		events, err := w.cases.Events(ctx, rec.Case, 0, 10)
		must(t, err)
		for _, e := range events {
			for _, word := range []string{"1234567", number, first, codes[0]} {
				if strings.Contains(string(e.Content), word) {
					t.Errorf("the log says %q of a sealed bid: %s", word, e.Content)
				}
			}
		}
		order, call := "/intermediary/orders/"+number, "/intermediary/bids/"+number
		for _, look := range []struct {
			who  identity.Principal
			path string
		}{
			{applicant, order}, {clerk, order}, {overseer, order}, {visitor, "/intermediary/services/assessment"}, {visitor, "/intermediary/shares/water"},
			{visitor, "/intermediary/agencies/" + first}, {agent(1), call}, {agent(1), "/intermediary/agency"}, {clerk, "/desk/intermediary"},
		} {
			if page := w.says(look.who, "GET", look.path, nil, http.StatusOK); strings.Contains(page, "12,345.67") || strings.Contains(page, rec.Number) {
				t.Errorf("%s shows a sealed bid", look.path)
			}
		}
		// Opened, it is public, with the count that came in.
		w.at("2026-03-06", 0)
		w.work()
		w.says(applicant, "GET", order, nil, http.StatusOK, "12,345.67", "机构0")
		opened, err := w.cases.Events(ctx, w.order(number).ID, 0, 10)
		must(t, err)
		if last := string(opened[len(opened)-1].Content); !strings.Contains(last, "1234567") || !strings.Contains(last, rec.Number) || !strings.Contains(last, `"taken":1`) {
			t.Errorf("the opening: %s", last)
		}
	})
}

// Bids come in until the very end of their time while the platform opens them: each is opened with the others, or refused.
func TestBidsAtTheEdge(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range codes {
			w.admit(n, nil)
		}
		matter := w.matter(applicant)
		for round := range 4 {
			w.at("2026-03-02", 10)
			number := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Bids, Rule: draw.Lowest})
			id := w.order(number).ID
			w.at("2026-03-05", 23)
			taken, refused := w.atOnce(len(codes)+2, func(i int) error {
				if i == len(codes) { // the end of the time for bids, in the midst of them
					w.at("2026-03-06", 0)
					return nil
				}
				if i > len(codes) {
					_, err := w.Work(ctx)
					return err
				}
				_, err := w.Bid(ctx, agent(i), number, int64(500_000+i), 10, w.newKey())
				return err
			})
			w.work()
			rows, err := w.BidsOf(ctx, id)
			must(t, err)
			if len(rows) != taken-2 || taken+refused != len(codes)+2 {
				t.Fatalf("round %d: %d bids acknowledged, %d refused, %d kept", round, taken-2, refused, len(rows))
			}
			for _, b := range rows {
				if b.Fen == 0 {
					t.Errorf("round %d: %s was acknowledged and never opened", round, b.Number)
				}
			}
			o := w.order(number)
			if want := map[bool]string{true: intermediary.Offered, false: intermediary.Unbid}[len(rows) > 0]; o.State != want {
				t.Fatalf("round %d: %s with %d bids", round, o.State, len(rows))
			}
			if o.State == intermediary.Offered {
				_, err := w.Answer(ctx, w.agencyOf(o), number, intermediary.Decline, "任务已满", w.newKey())
				must(t, err)
			}
		}
	})
}

// An agency bids while its applicant cancels the order: whatever came first, nothing is opened, and no bid goes to a cancelled order.
func TestCancelWhileABidArrives(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range 4 {
			w.admit(n, nil)
		}
		matter := w.matter(applicant)
		number := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Bids, Rule: draw.Lowest})
		taken, refused := w.atOnce(5, func(i int) error {
			if i == 4 {
				_, err := w.Cancel(ctx, applicant, number, "改为直接选取", w.newKey())
				return err
			}
			_, err := w.Bid(ctx, agent(i), number, 500_000, 10, w.newKey())
			return err
		})
		o := w.order(number)
		rows, err := w.BidsOf(ctx, o.ID)
		must(t, err)
		if o.State != intermediary.Cancelled || len(rows) != taken-1 || taken+refused != 5 {
			t.Fatalf("%s, %d bids kept, %d acknowledged, %d refused", o.State, len(rows), taken-1, refused)
		}
		_, err = w.Bid(ctx, agent(3), number, 500_000, 10, w.newKey())
		refusedBy(t, err, "/order", "opened")
		w.at("2026-03-06", 9)
		w.work()
		rows, err = w.BidsOf(ctx, o.ID)
		must(t, err)
		for _, b := range rows {
			if b.Fen != 0 {
				t.Error("a bid for a cancelled order was opened")
			}
		}
		w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw}) // the place is free
	})
}

// Two draws at once for the same service of a case: one of them is placed.
func TestTwoDrawsAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range 3 {
			w.admit(n, nil)
		}
		matter := w.matter(applicant)
		placed, refused := w.atOnce(8, func(int) error {
			_, err := w.Place(ctx, applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw}, w.newKey())
			return err
		})
		if placed != 1 || refused != 7 {
			t.Fatalf("%d placed, %d refused", placed, refused)
		}
		list, err := w.Drawn(ctx)
		must(t, err)
		if len(list) != 1 {
			t.Fatalf("%d orders", len(list))
		}
		started, again := w.atOnce(4, func(i int) error {
			_, err := w.Start(ctx, applicant, list[0].Number, int64(i), w.newKey())
			return err
		})
		if started != 1 || again != 3 {
			t.Errorf("%d started, %d refused", started, again)
		}
		w.work()
		if o := w.order(list[0].Number); o.State != intermediary.Offered {
			t.Errorf("drawn: %+v", o)
		}
	})
}

// An order is cancelled before there is a result, and never after a draw or bids have one: whoever does not like it would order anew.
func TestCancel(t *testing.T) {
	w := onSQLite(t)
	ctx := t.Context()
	first := w.admit(0, nil)
	w.admit(1, nil)
	matter := w.matter(applicant)
	cancel := func(who identity.Principal, number string) error {
		_, err := w.Cancel(ctx, who, number, "", w.newKey())
		return err
	}
	chosen := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: first})
	denied(t, cancel(stranger, chosen))
	denied(t, cancel(agent(0), chosen))
	denied(t, cancel(clerk, chosen))
	must(t, cancel(applicant, chosen))
	_, err := w.Answer(ctx, agent(0), chosen, intermediary.Confirm, "", w.newKey())
	var r *casework.Refusal
	if !asRefusal(err, &r) || r.Code != casework.RefusedEnded {
		t.Errorf("confirm a cancelled order: %v", err)
	}
	drawn := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw})
	must(t, cancel(applicant, drawn))
	w.says(visitor, "GET", "/intermediary/draws/"+drawn, nil, http.StatusOK, "没有抽取")
	if _, err := w.Start(ctx, applicant, drawn, 1, w.newKey()); !asRefusal(err, &r) {
		t.Errorf("start a cancelled draw: %v", err)
	}
	attempts, err := w.cases.List(ctx, casework.Filter{Kind: intermediary.AttemptKind})
	must(t, err)
	if len(attempts) != 0 {
		t.Error("starting a cancelled draw counts as repeating one")
	}
	drawn = w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw})
	_, err = w.Start(ctx, applicant, drawn, 1, w.newKey())
	must(t, err)
	if err := cancel(applicant, drawn); !asRefusal(err, &r) || r.Code != casework.RefusedMessage {
		t.Errorf("cancelled while it is drawn: %v", err)
	}
	w.work()
	refusedBy(t, cancel(applicant, drawn), "/cancel", "chosen")
	w.says(applicant, "POST", "/intermediary/orders/"+drawn+"/cancel", url.Values{"key": {"c1"}, "cancel-reason": {"不想要"}}, http.StatusUnprocessableEntity, "不能撤销订单重新选取")
	o := w.order(drawn)
	_, err = w.Answer(ctx, w.agencyOf(o), drawn, intermediary.Confirm, "", w.newKey())
	must(t, err)
	refusedBy(t, cancel(applicant, drawn), "/cancel", "begun")
}
