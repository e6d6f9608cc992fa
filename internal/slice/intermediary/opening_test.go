package intermediary_test

import (
	"net/http"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// Before the opening nobody finds anything about the bids; after it everybody reads all of them with price, term and promise, who was chosen and why.
func TestOpeningsArePublic(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range 3 {
			w.admit(n, func(a *intermediary.Application) { a.Profile.Promise = "承诺" + agent(n).Name })
		}
		number := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Bids, Rule: draw.Lowest})
		page, list := "/intermediary/openings/"+number, "/intermediary/openings"
		var bids []string
		for n, fen := range []int64{1_234_567, 1_111_111, 1_111_111} {
			rec, err := w.Bid(ctx, agent(n), number, fen, 13-n, w.newKey())
			must(t, err)
			bids = append(bids, rec.Number)
		}
		w.at("2026-03-02", 11)
		must(t, w.Amend(ctx, agent(2), w.own(2).Number, 1, changed(w.own(2).Profile, "后来的承诺"))) // after its bid
		for _, at := range []string{"2026-03-02", "2026-03-05"} {
			w.at(at, 23)
			w.work()
			if _, err := w.Opening(ctx, number); !isNone(err) {
				t.Errorf("%s: before the opening: %v", at, err)
			}
			if rows, err := w.Openings(ctx); err != nil || len(rows) != 0 {
				t.Errorf("%s: before the opening the list has %+v %v", at, rows, err)
			}
			for _, who := range []struct{ name, path string }{{"page", page}, {"list", list}} {
				rec := w.ask(visitor, "GET", who.path, nil)
				for _, word := range append([]string{"12,345.67", "11,111.11", "承诺机构", number}, bids...) {
					if strings.Contains(rec.Body.String(), word) && (word != number || who.name == "list") {
						t.Errorf("%s: the %s says %q before the opening", at, who.name, word)
					}
				}
				if who.name == "page" && rec.Code != http.StatusNotFound {
					t.Errorf("%s: the page answers %d before the opening", at, rec.Code)
				}
			}
		}
		w.at("2026-03-06", 0)
		w.work()
		o, err := w.Opening(ctx, number)
		must(t, err)
		if o.Why != draw.ByDays || len(o.Bids) != 3 || o.Bids[0].Name != "机构2" || o.Bids[1].Name != "机构1" || o.Bids[2].Place != 3 {
			t.Fatalf("opened: %s %+v", o.Why, o.Bids)
		}
		said := w.says(visitor, "GET", page, nil, http.StatusOK, "12,345.67", "11,111.11", "机构0", "机构1", "承诺机构0", "承诺机构2", "机构2：与第二名价格相同，工期更短", "最低价")
		if strings.Contains(said, "后来的承诺") {
			t.Error("a promise that was made after the bid stands beside it")
		}
		for _, n := range bids {
			if !strings.Contains(strings.ReplaceAll(said, "<wbr>", ""), n) {
				t.Errorf("bid %s is not named", n)
			}
		}
		w.says(visitor, "GET", list, nil, http.StatusOK, page)
		w.says(visitor, "GET", "/intermediary/services/assessment", nil, http.StatusOK, page)
		w.says(visitor, "GET", "/intermediary", nil, http.StatusOK, list)
		// The contract holds what was promised with the bid.
		_, err = w.Answer(ctx, agent(2), number, intermediary.Confirm, "", w.newKey())
		must(t, err)
		if c := w.order(number).Contract; !strings.Contains(c, "质量承诺：承诺机构2\n") {
			t.Errorf("the contract: %s", c)
		}
	})
}

// What nobody bid for is shown as such; a bid whose agency was sanctioned before the opening is shown and does not count; what was cancelled before its
// opening stays unknown.
func TestOpeningsWithoutWinner(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		number0 := w.admit(0, nil)
		w.admit(1, nil)
		call := func() string {
			return w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Bids, Rule: draw.Scored})
		}
		unbid, void, cancelled := call(), call(), call()
		for _, number := range []string{void, cancelled} {
			_, err := w.Bid(ctx, agent(0), number, 900_000, 9, w.newKey())
			must(t, err)
		}
		_, err := w.Cancel(ctx, applicant, cancelled, "不做了", w.newKey())
		must(t, err)
		w.barred(0, number0)
		w.at("2026-03-06", 0)
		w.work()
		w.says(visitor, "GET", "/intermediary/openings/"+unbid, nil, http.StatusOK, "到期没有机构报价", "没有有效报价")
		said := w.says(visitor, "GET", "/intermediary/openings/"+void, nil, http.StatusOK, "机构0", "开启时已被惩戒", "没有有效报价")
		if strings.Contains(said, "9,000") {
			t.Error("a bid that was not opened says its price")
		}
		w.says(visitor, "GET", "/intermediary/openings/"+cancelled, nil, http.StatusNotFound)
		if page := w.says(visitor, "GET", "/intermediary/openings", nil, http.StatusOK, unbid, void); strings.Contains(page, cancelled) {
			t.Error("an order that was cancelled before its opening is listed")
		}
		w.says(visitor, "GET", "/intermediary/openings/NO-SUCH", nil, http.StatusNotFound, "还没有到开启时间")
	})
}

// own is the n-th agency as the register has it.
func (w *world) own(n int) intermediary.Agency {
	w.t.Helper()
	a, err := w.OfParty(w.t.Context(), agent(n).Account)
	must(w.t, err)
	return a
}

// barred suspends an agency.
func (w *world) barred(n int, number string) {
	w.t.Helper()
	ctx := w.t.Context()
	rec, err := w.Propose(ctx, overseer, intermediary.Proposal{Agency: number, Kind: intermediary.Suspension, Months: 3, Reason: "出具虚假报告", Basis: "管理办法第1条"}, w.newKey())
	must(w.t, err)
	_, err = w.State(ctx, agent(n), rec.Number, "已经整改", w.newKey())
	must(w.t, err)
	_, err = w.Decide(ctx, chief, rec.Number, intermediary.Impose, "", w.newKey())
	must(w.t, err)
}

func isNone(err error) bool {
	return err != nil && strings.Contains(err.Error(), store.ErrNotFound.Error())
}
