package request_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/request"
)

// Expected amounts are counted by hand from 国办函〔2020〕109号 4 and 5, in yuan: per item the 11th to the 30th of a month cost 100 each, then every
// further ten 100 more each; per page 31–100 cost 10 each, 101–200 20, from 201 on 40.
func TestFee(t *testing.T) {
	w := onSQLite(t)
	day := calendar.Day(2026, 3, 2)
	for _, row := range []struct {
		scale       string
		count, yuan int64
	}{
		{request.PerItem, 1, 0}, {request.PerItem, 10, 0}, {request.PerItem, 11, 100}, {request.PerItem, 30, 100}, {request.PerItem, 31, 200},
		{request.PerItem, 40, 200}, {request.PerItem, 41, 300}, {request.PerItem, 51, 400}, {request.PerItem, 101, 900},
		{request.PerPage, 30, 0}, {request.PerPage, 31, 10}, {request.PerPage, 100, 700}, {request.PerPage, 101, 720}, {request.PerPage, 200, 2700},
		{request.PerPage, 201, 2740}, {request.PerPage, 250, 4700},
	} {
		if got, ok := w.Fee(row.scale, row.count, day); !ok || got != row.yuan*100 {
			t.Errorf("%s %d: %d fen, %t; want %d yuan", row.scale, row.count, got, ok, row.yuan)
		}
	}
	if _, ok := w.Fee(request.PerItem, 31, calendar.Day(2020, 12, 31)); ok {
		t.Error("a fee before 2021-01-01, on which the scales came into force")
	}
	// All items of a month together cost what the scale says of their number: 20 × 100 + 10 × 200 of 40.
	sum := int64(0)
	for n := int64(1); n <= 40; n++ {
		fen, _ := w.Fee(request.PerItem, n, day)
		sum += fen
	}
	if sum != 400_000 {
		t.Errorf("40 items of a month: %d fen, want 400000", sum)
	}
}

// 492号 27, 28: the costs of search, copies and post are told after the reply, and paid or waived before anything is handed over; unpaid in
// time, the copies are given up and the reply stands.
func TestCostsOf2007(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		replied := func() store.ID {
			w.at("2013-05-06", 9)
			id := w.ask(request.Asker{Kind: request.Person, Name: "王小明", Phone: "13800000001"}, sent(request.Web))
			w.step(id, "examine", draft)
			if at := w.refused(id, "draft", `{"reply":"refused","subject":"甲","reasons":"乙","cost":1250}`); at != "/cost" {
				t.Errorf("costs of a refusal: refused at %s", at)
			}
			w.step(id, "draft", `{"reply":"published","subject":"甲","where":"复制件","cost":1250}`)
			w.step(id, "decide", issue)
			return id
		}
		paid, waived, unpaid := replied(), replied(), replied()
		c := w.get(paid)
		// 15 working days after Monday 6 May 2013 end with Monday the 27th.
		for _, body := range []string{w.letter(paid, "request-cost"), func() string {
			_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c), nil)
			return body
		}()} {
			if !strings.Contains(body, "12.50") || !strings.Contains(body, "2013年5月27日") {
				t.Errorf("the amount and the day are not told:\n%s", body)
			}
		}
		if !strings.Contains(w.letter(paid, "request-cost"), "27") || c.Status != "unpaid" {
			t.Errorf("%s; the article is not cited", c.Status)
		}
		w.step(paid, "payment", `{"outcome":"paid","paidOn":"2013-05-06","receipt":"1"}`)
		if at := w.refused(waived, "payment", `{"outcome":"waived","paidOn":"2013-05-06"}`); at != "/hardship" {
			t.Errorf("waived without a reason: refused at %s", at)
		}
		w.step(waived, "payment", `{"outcome":"waived","paidOn":"2013-05-06","hardship":"低保户"}`)
		for _, id := range []store.ID{paid, waived} {
			w.step(id, "hand-over", `{"manner":"pick-up","delivered":"2013-05-06"}`)
		}
		w.on(15)
		if w.get(unpaid).Status != "unpaid" {
			t.Error("given up before the term was over")
		}
		w.on(1)
		if e, c := w.entry(unpaid), w.get(unpaid); c.Status != "lapsed" || e.Outcome != "published" || !strings.Contains(w.letter(unpaid, "request-lapsed"), "答复不变") {
			t.Errorf("%s, %s", c.Status, e.Outcome)
		}
		f, err := w.Fees(t.Context(), request.Scope{Body: "water"}, calendar.Day(2013, 1, 1), calendar.Day(2013, 12, 31))
		if err != nil || f != (request.Fees{Charged: 1250, Waived: 1250, Number: 1}) {
			t.Errorf("fees %+v, %v", f, err)
		}
		figures, err := w.Figures(t.Context(), request.Scope{Body: "water"}, calendar.Day(2013, 1, 1), calendar.Day(2013, 12, 31))
		if err != nil || figures.Total().Total() != 3 || figures.Outcome("published").Total() != 3 {
			t.Errorf("each counts once: %+v, %v", figures, err)
		}
	})
}

// letter is a letter of a request as whoever holds its query code reads it.
func (w *world) letter(id store.ID, kind string) string {
	w.t.Helper()
	c := w.get(id)
	w.actor = visitor
	_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, kind)+"/"+kind, nil)
	return body
}

// 国办函〔2020〕109号: the notice says scale, quantity, amount, day and where to pay; paid, the clock starts anew; unpaid in 20 working days, given up.
func TestProcessingFee(t *testing.T) {
	w := onSQLite(t)
	start := func() store.ID {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.on(3)
		// 120 pages: 70 × 10 + 20 × 20 = 1,100 yuan (5).
		w.step(id, "examine", `{"outcome":"fee","scale":"per-page","count":120,"fee":110000}`)
		return id
	}
	id := start()
	c := w.get(id)
	w.actor = visitor
	_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, "request-fee")+"/request-fee", nil)
	for _, want := range []string{"按量计收", "120", "1,100.00", "2026年4月2日", "合肥市文博路2号", "信息处理费管理办法"} { // 20 working days after Thursday 5 March
		if !strings.Contains(body, want) {
			t.Errorf("the notice does not say %s", want)
		}
	}
	w.on(2)
	w.step(id, "payment", `{"paidOn":"`+calendar.Of(w.now).String()+`","receipt":"1"}`)
	if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-page","count":120,"fee":110000}`); at != "/outcome" {
		t.Errorf("charged twice: refused at %s", at)
	}
	// Paid on Monday 9 March: the twenty working days begin again and end with the 7th of April, after 清明 on the 6th.
	if day := w.get(id).Clock("reply").Term.Compute(w.cal, w.now).StatuteDay.String(); day != "2026-04-07" {
		t.Errorf("due on %s after the payment", day)
	}
	w.replied(id, `{"reply":"published","subject":"甲","where":"网站"}`)
	unpaid := start()
	w.on(20)
	if !w.get(unpaid).Open() {
		t.Error("given up before the term was over")
	}
	w.on(1)
	if e := w.entry(unpaid); e.Outcome != request.Unpaid || w.get(unpaid).Status != "lapsed" || e.Days != 3 {
		t.Errorf("%s after %d days of the office, want 3", e.Outcome, e.Days)
	}
	if body := w.letter(unpaid, "request-lapsed"); !strings.Contains(body, "缴纳信息处理费") || strings.Contains(body, "补正") {
		t.Errorf("the notice does not say what was not done in time:\n%s", body)
	}
}

// 492号: matters of 2013 run by the regulations of that year: 15 working days, no confirmation, five replies.
func TestOf2013(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.at("2013-05-06", 9)
		id := w.ask(request.Asker{Kind: request.Person, Name: "王小明", Phone: "13800000001"}, sent(request.Web)) // no proof of identity (20)
		c := w.get(id)
		if !strings.HasPrefix(c.Procedure, "request-2008@") {
			t.Errorf("runs %s", c.Procedure)
		}
		// 15 working days after Monday 6 May 2013 end with Monday the 27th.
		if day := c.Clock("reply").Term.Compute(w.cal, w.now).StatuteDay.String(); day != "2013-05-27" {
			t.Errorf("due on %s, want 2013-05-27", day)
		}
		if at := w.refused(id, "examine", `{"outcome":"joint","party":"甲","question":"乙"}`); at != "/outcome" {
			t.Errorf("joint makers in 2013: refused at %s", at)
		}
		w.step(id, "examine", draft)
		if at := w.refused(id, "draft", `{"reply":"refused.secret","subject":"甲","reasons":"乙"}`); at != "/reply" {
			t.Errorf("a reply of 2019 in 2013: refused at %s", at)
		}
		w.step(id, "draft", `{"reply":"refused","subject":"甲","reasons":"乙"}`)
		w.step(id, "decide", issue)
		w.step(id, "hand-over", `{"manner":"pick-up","delivered":"2013-05-06"}`)
		if e := w.entry(id); e.Outcome != "refused" || e.Status != "answered" {
			t.Errorf("%+v", e)
		}
	})
}

// Every letter is composed; refusals tell of the remedies of their day: from 2024 reconsideration comes first (行政复议法 23).
func TestRemedies(t *testing.T) {
	for day, first := range map[string]bool{"2023-12-28": false, "2024-01-02": true} {
		w := onSQLite(t)
		w.at(day, 9)
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"unavailable.to-make","subject":"甲","reasons":"没有现成的"}`)
		c := w.get(id)
		_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, "request-unavailable")+"/request-unavailable", nil)
		if got := strings.Contains(body, "应当先申请行政复议"); got != first || !strings.Contains(body, "38") {
			t.Errorf("%s: reconsideration first: %t, want %t", day, got, first)
		}
		if strings.Contains(body, asker.Name) {
			t.Error("the page of the code names the asker in full")
		}
	}
}

// Per item the fee is that of the how-manieth request of a month: the register tells the clerk, who may count the contents of one request as
// several (国办函〔2020〕109号).
func TestFeePerItem(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.ask(request.Asker{Kind: request.Person, Name: "王小明", Phone: "13800000001", IDNumber: "110105198001010016"}, sent(request.Window)) // somebody else
		elsewhere := w.ask(asker, sent(request.Window))                                                                                     // another body charges for itself
		if err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `UPDATE request_case SET body = 'supervision' WHERE case_id = $1`, int64(elsewhere))
		}); err != nil {
			t.Fatal(err)
		}
		inMonth := func(id store.ID, want int64) {
			t.Helper()
			if n, err := w.InMonth(t.Context(), w.entry(id)); err != nil || n != want {
				t.Errorf("%d in the month, %v; want %d", n, err, want)
			}
		}
		first := w.ask(asker, sent(request.Window))
		id := first
		for range 10 {
			id = w.ask(asker, sent(request.Window))
		}
		inMonth(id, 11)
		inMonth(first, 1)
		w.step(id, "check", examine)
		if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-item","count":12,"fee":20000}`); at != "/fee" {
			t.Errorf("the amount of 31 for 12: refused at %s", at)
		}
		w.step(id, "examine", `{"outcome":"fee","scale":"per-item","count":12,"fee":10000}`)
		w.at("2026-04-01", 9)
		april := w.ask(asker, sent(request.Window))
		inMonth(april, 1)
		posted := sent(request.Registered) // it came on the last day of March and is entered behind one of April
		posted.Received = "2026-03-31"
		inMonth(w.ask(asker, posted), 12)
		inMonth(april, 1)
	})
}
