package request_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/request"
	"openhall.org/openhall/procedures"
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

// The forms of the reply offer the closed list of the law of their day, and each entry has its article.
func TestClosedList(t *testing.T) {
	w := onSQLite(t)
	for _, row := range []struct {
		form string
		day  calendar.Date
	}{{"request-draft", calendar.Day(2026, 3, 2)}, {"request-draft-2008", calendar.Day(2013, 6, 3)}} {
		raw, err := procedures.Files.ReadFile("forms/" + row.form + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Properties struct {
				Reply struct {
					OneOf []struct{ Const string }
				}
			}
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		var offered, want []string
		for _, o := range schema.Properties.Reply.OneOf {
			offered = append(offered, o.Const)
		}
		for _, o := range w.Outcomes(row.day) {
			if o.Article == "" {
				t.Errorf("%s of %s has no article", o.Code, row.day)
			}
			if o.Leaf && o.Code != request.Uncorrected && o.Code != request.Unpaid {
				want = append(want, o.Code)
			}
		}
		if !slices.Equal(offered, want) {
			t.Errorf("%s offers %v, want %v", row.form, offered, want)
		}
	}
}

// 条例 31: when a request counts as received, by its channel; the 20 working days of art. 33 run from then.
func TestDayOfReceipt(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		for _, row := range []struct {
			channel           request.Channel
			received, confirm string
			receipt, due      string
		}{
			{request.Window, "", "", "2026-03-02", "2026-03-30"},               // 20 working days after Monday 2 March
			{request.Registered, "2026-02-27", "", "2026-02-27", "2026-03-26"}, // signed for on Friday; 28 February was worked
			{request.Mail, "2026-02-27", "2026-03-02", "2026-03-02", "2026-03-30"},
			{request.Web, "", "2026-03-02", "2026-03-02", "2026-03-30"},
		} {
			r := sent(row.channel)
			r.Received = row.received
			id := w.ask(asker, r)
			if row.confirm != "" {
				if c := w.get(id); c.Clock("reply") != nil {
					t.Errorf("%s: the clock runs before the day is confirmed", row.channel)
				}
				w.step(id, "confirm", `{"receivedOn":"`+row.confirm+`","manner":"phone"}`)
			}
			c, e := w.get(id), w.entry(id)
			lines := c.Clock("reply").Term.Compute(w.cal, w.now)
			if e.Receipt.String() != row.receipt || lines.StatuteDay.String() != row.due {
				t.Errorf("%s: received on %s, due on %s; want %s, %s", row.channel, e.Receipt, lines.StatuteDay, row.receipt, row.due)
			}
		}
		id := w.ask(asker, sent(request.Web))
		if at := w.refused(id, "confirm", `{"receivedOn":"2026-03-03","manner":"phone"}`); at != "/receivedOn" {
			t.Errorf("a day in the future is refused at %s", at)
		}
	})
}

// A request goes from the web to its delivery; what becomes public, and what stands in the log, never says who asked.
func TestAnsweredAndNobodyKnows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Web))
		w.step(id, "confirm", `{"receivedOn":"2026-03-02","manner":"phone"}`)
		w.step(id, "check", examine)
		w.on(3)
		w.replied(id, `{"reply":"published","reasons":"本机关制作","subject":"2025年河道采砂许可的批准文件"}`, "批准文件.pdf")
		w.step(id, "hand-over", `{"manner":"online","delivered":"2026-03-05"}`)
		e := w.entry(id)
		if e.Outcome != "published" || e.Days != 3 || e.Late || e.Status != "answered" {
			t.Errorf("entry %+v", e)
		}
		c := w.get(id)
		if c.Party != 0 {
			t.Error("the case names a party")
		}
		events, err := w.cases.Events(t.Context(), id, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		private, err := w.cases.Private(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			for _, secret := range []string{asker.Name, asker.IDNumber, asker.Phone} {
				if strings.Contains(string(ev.Content), secret) {
					t.Errorf("event %d says %s", ev.Seq, secret)
				}
			}
		}
		for _, p := range private {
			for name, raw := range p.Fields {
				if strings.Contains(string(raw), asker.Name) || strings.Contains(string(raw), asker.IDNumber) {
					t.Errorf("the sealed %s of event %d names the asker", name, p.Seq)
				}
			}
		}
		for _, path := range []string{"/open/requests", "/open/requests/" + e.Number} {
			code, body, _ := w.page(http.MethodGet, path, nil)
			if code != http.StatusOK || !strings.Contains(body, "河道采砂许可") || strings.Contains(body, asker.Name) {
				t.Errorf("%s: %d", path, code)
			}
		}
		// Supervision sees the course of the request, and neither who asks nor the letters that name them.
		w.actor = overseer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); strings.Contains(body, asker.IDNumber) {
			t.Error("supervision reads who asks")
		}
		w.actor = officer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); !strings.Contains(body, asker.IDNumber) {
			t.Error("the office does not see who asks")
		}
		// Five years after the end who asked is erased; the request stays.
		if n, err := w.Erase(t.Context()); n != 0 || err != nil {
			t.Errorf("erased %d too early, %v", n, err)
		}
		w.at("2031-03-06", 9)
		if n, err := w.Erase(t.Context()); n != 1 || err != nil {
			t.Errorf("erased %d, %v; want one", n, err)
		}
		if _, err := w.Asker(t.Context(), w.entry(id)); err == nil {
			t.Error("who asked is still there")
		}
		if code, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); code != http.StatusOK || strings.Contains(body, asker.Name) {
			t.Errorf("the office after erasing: %d", code)
		}
	})
}

// An administrator erases the private parts of an ended request before its term: who asked goes with them, in the same transaction, and what
// is public stays.
func TestErasedWithItsCase(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id, other := w.ask(asker, sent(request.Window)), w.ask(asker, sent(request.Window))
		for _, each := range []store.ID{id, other} {
			w.step(each, "check", examine)
			w.replied(each, `{"reply":"published","subject":"甲","where":"网站"}`)
			w.step(each, "hand-over", `{"manner":"online","delivered":"2026-03-02"}`)
		}
		for range 2 { // again, there is nothing more to do
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := w.EraseCase(ctx, tx, id)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Asker(t.Context(), w.entry(id)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("who asked is still there: %v", err)
		}
		left, err := store.Scalar[int64](w.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM request_asker`))
		if err != nil || left != 1 {
			t.Errorf("%d rows of askers, want that of the other request: %v", left, err)
		}
		if a, err := w.Asker(t.Context(), w.entry(other)); err != nil || a.Name != asker.Name {
			t.Errorf("the asker of another request: %+v, %v", a, err)
		}
		if e := w.entry(id); e.Outcome != "published" || e.Subject != "甲" {
			t.Errorf("what is public went too: %+v", e)
		}
		if who, err := w.Reach(t.Context(), id); who.Email+who.Phone != "" || err != nil {
			t.Errorf("still told at %+v: %v", who, err)
		}
	})
}

// The rules that a form alone can't check, each with its article.
func TestChecks(t *testing.T) {
	w := onSQLite(t)
	start := func() store.ID {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		return id
	}
	id := start()
	if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-item","count":10,"fee":0}`); at != "/count" {
		t.Errorf("10 items are free: refused at %s", at)
	}
	if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-page","count":101,"fee":100}`); at != "/fee" {
		t.Errorf("a wrong amount: refused at %s", at)
	}
	w.step(id, "examine", draft)
	for reply, want := range map[string]string{
		`{"reply":"published","subject":"甲"}`:                           "/where",
		`{"reply":"partial","subject":"甲","reasons":"乙"}`:               "/files",
		`{"reply":"unavailable.unclear","subject":"甲","reasons":"乙"}`:   "/reply", // 30: nobody asked for a correction
		`{"reply":"unprocessed.excessive","subject":"甲","reasons":"乙"}`: "/reply", // 35: nobody asked for reasons
		`{"reply":"refused.third-party","subject":"甲","reasons":"乙"}`:   "/reply", // 32: nobody asked the third party
		`{"reply":"refused.forbidden","subject":"甲","reasons":"乙"}`:     "/law",
		`{"reply":"published","subject":"电话13800000001","where":"网站"}`:  "/subject",
	} {
		if at := w.refused(id, "draft", reply); at != want {
			t.Errorf("%s is refused at %s, want %s", reply, at, want)
		}
	}
	// 33: extended once.
	id = start()
	w.step(id, "examine", `{"outcome":"extend","reasons":"档案多"}`)
	w.step(id, "approve-extension", `{"outcome":"yes","reasons":"档案多"}`)
	if at := w.refused(id, "examine", `{"outcome":"extend","reasons":"还要"}`); at != "/outcome" {
		t.Errorf("a second extension is refused at %s", at)
	}
	// 32: published against a reasoned objection only for the public interest.
	id = start()
	w.step(id, "examine", `{"outcome":"third-party","party":"某公司","question":"是否同意"}`)
	w.on(4)
	w.step(id, "third-party", `{"thirdParty":"objects","objection":"商业秘密","answeredOn":"`+calendar.Of(w.now).String()+`"}`)
	w.step(id, "examine", draft)
	if at := w.refused(id, "draft", `{"reply":"published","subject":"甲","where":"网站"}`); at != "/publicInterest" {
		t.Errorf("published against an objection: refused at %s", at)
	}
	w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站","publicInterest":"关系饮水安全"}`)
	w.step(id, "decide", issue)
	if e := w.entry(id); e.Days != 0 {
		t.Errorf("%d days used while the third party was asked, want 0 (art. 33)", e.Days)
	}
}

// The notice fixes its own term; nobody answers it: given up (条例 30).
func TestUncorrected(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Window))
	w.step(id, "check", `{"outcome":"correct","missing":"写明文号","days":8}`)
	w.on(8)
	if e := w.entry(id); !e.Open() {
		t.Fatal("given up before the term of the notice was over")
	}
	w.on(1)
	e := w.entry(id)
	if e.Outcome != request.Uncorrected || w.get(id).Status != "lapsed" {
		t.Errorf("%s, %s", e.Outcome, w.get(id).Status)
	}
}

// The forms of the examination hold the checklists of the law of their day, point by point.
func TestChecklistsOfTheForms(t *testing.T) {
	w := onSQLite(t)
	for _, row := range []struct {
		form  string
		day   calendar.Date
		lists []string // 711号 14–17; 492号 8, 14
	}{
		{"request-examine", calendar.Day(2026, 3, 2), []string{"general", "secret", "safety", "third-party", "internal", "process", "enforcement"}},
		{"request-examine-2008", calendar.Day(2013, 6, 3), []string{"general", "secret", "safety", "third-party"}},
	} {
		raw, err := procedures.Files.ReadFile("forms/" + row.form + ".json")
		if err != nil {
			t.Fatal(err)
		}
		type choices struct {
			OneOf []struct{ Const, Title string }
		}
		var schema struct {
			Properties map[string]struct {
				Type  string
				Items choices
			}
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		var codes, further []string
		for _, c := range w.Checklists(row.day) {
			codes = append(codes, c.Code)
			if !c.Always {
				further = append(further, c.Code)
			}
			var want, got []string
			for _, p := range c.Points {
				want = append(want, p.Code+" "+p.Title.Hans)
			}
			for _, o := range schema.Properties[c.Code].Items.OneOf {
				got = append(got, o.Const+" "+o.Title)
			}
			if !slices.Equal(got, want) || c.Article == "" {
				t.Errorf("%s, %s (%s): the form has %q, the rules %q", row.form, c.Code, c.Article, got, want)
			}
		}
		var concerns []string
		for _, o := range schema.Properties["concerns"].Items.OneOf {
			concerns = append(concerns, o.Const)
		}
		if !slices.Equal(codes, row.lists) || !slices.Equal(concerns, further) {
			t.Errorf("%s: lists %v, to choose from %v", row.form, codes, concerns)
		}
	}
}

// Nothing is drafted before each list that matters was gone through; a ground needs its list; the office sees who ticked what.
func TestChecklists(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		for data, want := range map[string]string{
			`{"outcome":"draft"}`: "/general",
			`{"outcome":"draft",` + strings.Replace(always, `"unsure"`, `"marked"`, 1) + `}`:      "", // not a list: twice the same
			`{"outcome":"draft",` + strings.Replace(always, `,"unsure"`, ``, 1) + `}`:             "/secret",
			`{"outcome":"draft","concerns":["internal"],` + always + `}`:                          "/internal",
			`{"outcome":"draft","concerns":["internal"],"internal":["personnel"],` + always + `}`: "/internal",
		} {
			if at := w.refused(id, "examine", data); want != "" && at != want {
				t.Errorf("%s is refused at %s, want %s", data, at, want)
			}
		}
		w.step(id, "examine", draft)
		if at := w.refused(id, "draft", `{"reply":"refused.internal","subject":"甲","reasons":"乙"}`); at != "/reply" {
			t.Errorf("withheld on a ground that was not gone through: refused at %s", at)
		}
		w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站"}`)
		w.step(id, "decide", `{"outcome":"return","opinion":"涉及内部流程"}`)
		w.step(id, "examine", `{"outcome":"draft","concerns":["internal"],"internal":["personnel","logistics","workflow"],`+always+`}`)
		w.step(id, "draft", `{"reply":"refused.internal","subject":"甲","reasons":"乙"}`)
		w.actor = officer
		_, body, _ := w.page(http.MethodGet, "/open/office/"+w.get(id).Number, nil)
		for _, want := range []string{"审查清单", "已核对是否属于后勤管理", "第16条", officer.Post.ID, "经办张 于"} {
			if !strings.Contains(body, want) {
				t.Errorf("the office does not see %q", want)
			}
		}
		if strings.Count(body, "审查清单</h2>") != 2 {
			t.Errorf("%d examinations are shown, want two", strings.Count(body, "审查清单</h2>"))
		}
		w.actor = overseer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+w.get(id).Number, nil); strings.Contains(body, "已核对是否属于后勤管理") {
			t.Error("supervision reads what the office ticked")
		}
	})
}

// A reply that another body has to be asked names it with its address and telephone from the registry, or as the official wrote it.
func TestTransfer(t *testing.T) {
	w := onSQLite(t)
	for data, want := range map[string][]string{
		`"agency":"合肥市监察局"`: {"合肥市监察局", "合肥市望湖街1号", "0551-5550099"}, `"outside":"某省水利厅，某市某路1号，010-00000000"`: {"某省水利厅，某市某路1号"},
	} {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.step(id, "examine", draft)
		for wrong, path := range map[string]string{`"agency":"没有这个局"`: "/agency", `"agency":"合肥市水务局"`: "/agency"} {
			if at := w.refused(id, "draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"不掌握",`+wrong+`}`); at != path {
				t.Errorf("%s: refused at %s", wrong, at)
			}
		}
		w.step(id, "draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"不掌握",`+data+`}`)
		w.step(id, "decide", issue)
		c := w.get(id)
		w.actor = visitor
		_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, "request-unavailable")+"/request-unavailable", nil)
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("the letter does not say %s", text)
			}
		}
		if list := w.Suggested(c); len(list) != 1 || list[0].Hans != "合肥市监察局" {
			t.Errorf("offered are %v", list)
		}
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
		letter := func(id store.ID, kind string) string {
			c := w.get(id)
			_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, kind)+"/"+kind, nil)
			return body
		}
		paid, waived, unpaid := replied(), replied(), replied()
		c := w.get(paid)
		// 15 working days after Monday 6 May 2013 end with Monday the 27th.
		for _, body := range []string{letter(paid, "request-cost"), func() string {
			_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c), nil)
			return body
		}()} {
			if !strings.Contains(body, "12.50") || !strings.Contains(body, "2013年5月27日") {
				t.Errorf("the amount and the day are not told:\n%s", body)
			}
		}
		if !strings.Contains(letter(paid, "request-cost"), "27") || c.Status != "unpaid" {
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
		if e, c := w.entry(unpaid), w.get(unpaid); c.Status != "lapsed" || e.Outcome != "published" || !strings.Contains(letter(unpaid, "request-lapsed"), "答复不变") {
			t.Errorf("%s, %s", c.Status, e.Outcome)
		}
		f, err := w.Fees(t.Context(), request.Scope{Body: "water"}, calendar.Day(2013, 1, 1), calendar.Day(2013, 12, 31))
		if err != nil || f != (request.Fees{Charged: 1250, Waived: 1250}) {
			t.Errorf("fees %+v, %v", f, err)
		}
		figures, err := w.Figures(t.Context(), request.Scope{Body: "water"}, calendar.Day(2013, 1, 1), calendar.Day(2013, 12, 31))
		if err != nil || figures.Total().Total() != 3 || figures.Outcome("published").Total() != 3 {
			t.Errorf("each counts once: %+v, %v", figures, err)
		}
	})
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
	if e := w.entry(unpaid); e.Outcome != request.Unpaid || w.get(unpaid).Status != "lapsed" {
		t.Errorf("%s", e.Outcome)
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

func seqOf(c *casework.Case, kind string) string {
	for _, d := range c.Documents() {
		if d.Kind == kind {
			return string(rune('0' + d.Seq))
		}
	}
	return "0"
}

// ways are steps that can be tried at random, with what is entered.
var ways = []struct{ step, data, file string }{
	{"confirm", `{"receivedOn":"TODAY","manner":"phone"}`, ""},
	{"check", examine, ""}, {"check", `{"outcome":"correct","missing":"甲","days":5}`, ""}, {"check", `{"outcome":"reasons","reasons":"甲"}`, ""},
	{"supplement", `{"description":"补正后的内容"}`, ""}, {"explain", `{"explanation":"科研"}`, ""},
	{"weigh", `{"outcome":"reasonable","days":30,"reasons":"甲"}`, ""}, {"weigh", `{"outcome":"unreasonable","reasons":"甲"}`, ""},
	{"examine", draft, ""}, {"examine", `{"outcome":"third-party","party":"甲","question":"乙"}`, ""}, {"examine", `{"outcome":"joint","party":"甲","question":"乙"}`, ""},
	{"examine", `{"outcome":"agencies","party":"甲","question":"乙"}`, ""}, {"examine", `{"outcome":"extend","reasons":"甲"}`, ""},
	{"examine", `{"outcome":"fee","scale":"per-page","count":40,"fee":10000}`, ""},
	{"third-party", `{"thirdParty":"agrees","answeredOn":"TODAY"}`, ""}, {"agencies", `{"opinion":"同意","answeredOn":"TODAY"}`, ""}, {"joint", `{"joint":"agrees","answeredOn":"TODAY"}`, ""},
	{"approve-extension", `{"outcome":"yes","reasons":"甲"}`, ""}, {"approve-extension", `{"outcome":"no"}`, ""}, {"payment", `{"paidOn":"TODAY","receipt":"1"}`, ""},
	{"draft", `{"reply":"published","subject":"甲","where":"网站"}`, ""}, {"draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"乙"}`, ""},
	{"draft", `{"reply":"unprocessed.excessive","subject":"甲","reasons":"乙"}`, ""}, {"draft", `{"reply":"partial","subject":"甲","reasons":"乙"}`, "a.pdf"},
	{"decide", issue, ""}, {"decide", issue, ""}, {"decide", `{"outcome":"return","opinion":"甲"}`, ""}, {"hand-over", `{"manner":"online","delivered":"TODAY"}`, ""},
}

// Whatever happens in whatever order, a request comes to one outcome, once; and in each column 一 + 二 = 三（七） + 四, by the counts as by the
// requests one by one.
func TestOneOutcomeAndTheCheckOfTheReport(t *testing.T) {
	w := onSQLite(t)
	w.at("2025-11-03", 9)
	kinds := []string{request.Person, "organisation.business", "organisation.legal"}
	var all []store.ID
	rapid.Check(t, func(t *rapid.T) {
		channel := rapid.SampledFrom([]request.Channel{request.Web, request.Window, request.Registered}).Draw(t, "channel")
		r, a := sent(channel), asker
		a.Kind = rapid.SampledFrom(kinds).Draw(t, "kind")
		if a.Kind != request.Person {
			a.IDNumber = "91340100MA2MQK1R9H" // an invented organisation; its check character is right
		}
		if channel == request.Registered {
			r.Received = calendar.Of(w.now).String()
		}
		id := w.ask(a, r)
		all = append(all, id)
		for range rapid.IntRange(0, 25).Draw(t, "steps") {
			before := w.entry(id)
			if rapid.IntRange(0, 30).Draw(t, "withdraw") == 0 {
				_, _ = w.cases.Do(w.t.Context(), casework.Command{Key: w.key(), Case: id, Actor: visitor, Proven: true, Act: casework.Send{Message: "withdraw"}}) // refused once replied to
			}
			way := rapid.SampledFrom(ways).Draw(t, "way")
			data := strings.ReplaceAll(way.data, "TODAY", calendar.Of(w.now).String())
			var files []string
			if way.file != "" {
				files = []string{way.file}
			}
			_ = w.try(id, way.step, data, files...) // what is not open, or against a rule, is refused and changes nothing
			if rapid.IntRange(0, 9).Draw(t, "pass") == 0 {
				w.on(rapid.IntRange(1, 6).Draw(t, "days"))
			}
			after := w.entry(id)
			if before.Outcome != "" && (after.Outcome != before.Outcome || after.Closed != before.Closed) {
				t.Fatalf("%s had the outcome %s, and has %s", after.Number, before.Outcome, after.Outcome)
			}
			if c := w.get(id); !c.Open() && after.Outcome == "" {
				t.Fatalf("%s ended as %s without an outcome", after.Number, c.Status)
			}
			if after.Outcome != "" && after.Outcome != request.Withdrawn {
				if o, ok := w.Outcome(after.Outcome, after.Arrived); !ok || !o.Leaf {
					t.Fatalf("%s is no outcome of the closed list", after.Outcome)
				}
			}
		}
	})
	end := calendar.Of(w.now)
	for _, span := range [][2]calendar.Date{{calendar.Day(2025, 1, 1), calendar.Day(2025, 12, 31)}, {calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31)}, {end - 40, end - 10}, {end - 10, end}} {
		for _, scope := range []request.Scope{{}, {Body: "water"}, {Division: hefei}, {Division: "340000000000"}, {Body: "supervision"}} {
			f, err := w.Figures(w.t.Context(), scope, span[0], span[1])
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.Recount(w.t.Context(), scope, span[0], span[1])
			if err != nil {
				t.Fatal(err)
			}
			total := f.Total()
			for _, k := range kinds {
				if f.Received[k]+f.Over[k] != total[k]+f.Forward[k] {
					t.Errorf("%v %s: 一 %d + 二 %d is not 三 %d + 四 %d", span, k, f.Received[k], f.Over[k], total[k], f.Forward[k])
				}
				if f.Received[k] != again.Received[k] || f.Over[k] != again.Over[k] || f.Forward[k] != again.Forward[k] || total[k] != again.Total()[k] {
					t.Errorf("%v %v %s: counted %d %d %d %d, one by one %d %d %d %d", span, scope, k, f.Received[k], f.Over[k], total[k], f.Forward[k],
						again.Received[k], again.Over[k], again.Total()[k], again.Forward[k])
				}
			}
			for code := range f.Outcomes {
				if code == request.Withdrawn {
					t.Error("who withdrew is not counted among 其他处理")
				}
			}
		}
	}
	// Every letter that came of all this can be composed in every language.
	left := regexp.MustCompile(`\{[a-z-]+\}`) // a placeholder that was not filled
	composed := 0
	for _, id := range all {
		c := w.get(id)
		for _, d := range c.Documents() {
			if composed > 80 {
				break
			}
			composed++
			path := "/open/office/" + c.Number + "/letters/" + itoa(d.Seq) + "/" + d.Kind
			w.actor = officer
			if code, body, _ := w.page(http.MethodGet, path+"?lang="+string(lang.All[composed%len(lang.All)]), nil); code != http.StatusOK || left.MatchString(body) {
				t.Errorf("%s: %d", path, code)
			}
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Disputes are table 4: kept by kind and result; pending ones are those not concluded on the last day.
func TestDisputes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"refused.forbidden","subject":"甲","reasons":"乙","law":"统计法9"}`)
		e := w.entry(id)
		if _, err := w.File(t.Context(), officer, e, request.SuitAfterReview, calendar.Of(w.now), w.key()); err == nil {
			t.Error("a suit after a reconsideration that nobody recorded")
		}
		if _, err := w.File(t.Context(), visitor, e, request.Review, calendar.Of(w.now), w.key()); err == nil {
			t.Error("a visitor records a dispute")
		}
		rec, err := w.File(t.Context(), officer, e, request.Review, calendar.Of(w.now), w.key())
		if err != nil {
			t.Fatal(err)
		}
		year := func(y int) request.DisputeCounts {
			t.Helper()
			f, err := w.DisputeFigures(t.Context(), request.Scope{Body: "water"}, calendar.Day(y, 1, 1), calendar.Day(y, 12, 31))
			if err != nil {
				t.Fatal(err)
			}
			return f[request.Review]
		}
		if got := year(2026); got != (request.DisputeCounts{Pending: 1}) {
			t.Errorf("pending: %+v", got)
		}
		w.at("2026-04-10", 9)
		w.step(rec.Case, "conclude", `{"outcome":"corrected","concluded":"2026-04-09"}`)
		if got := year(2026); got != (request.DisputeCounts{Corrected: 1}) {
			t.Errorf("corrected: %+v", got)
		}
		if got := year(2027); got != (request.DisputeCounts{}) {
			t.Errorf("the year after: %+v", got)
		}
	})
}

// Letters name the applicant on paper only.
func TestComposed(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Window))
	w.step(id, "check", examine)
	list, err := w.docs.Of(t.Context(), id)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d letters, %v; want receipt and registration", len(list), err)
	}
	if list[0].Kind != "request-receipt" || list[0].Number != "合水公开收〔2026〕1号" {
		t.Errorf("%s %s", list[0].Kind, list[0].Number)
	}
}
