package request_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/request"
)

// A letter that arrived more than a year ago is entered with the reason why it comes so late: the day of arrival sets the clock and the figures,
// and the reason stands in the log.
func TestEnteredLate(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const why = "档案室整理旧信时发现，当年没有移交信息公开机构。"
		letter := sent(request.Registered)
		for _, row := range []struct{ received, late, path, code string }{
			{"2024-11-20", "", "/late", "required"},
			{"2024-11-20", "短", "/late", "minLength"},
			{"2024-11-20", strings.Repeat("长", 501), "/late", "maxLength"},
			{"2024-11-20", "这封信由 13800000001 转来，压了一年", "/late", "public-text"},
			{"2008-04-30", why, "/received", "date"}, // no regulations yet
			{"2026-03-03", why, "/received", "date"},
		} {
			letter.Received, letter.Late = row.received, row.late
			_, err := w.Ask(t.Context(), officer, "water", asker, letter, true, w.key())
			var refusal *casework.Refusal
			if !errors.As(err, &refusal) || refusal.Fields[0].Path != row.path || refusal.Fields[0].Code != row.code {
				t.Errorf("%s %.12s: %v; want %s %s", row.received, row.late, err, row.path, row.code)
			}
		}
		letter.Received, letter.Late = "2024-11-20", why
		id := w.ask(asker, letter)
		w.wake()
		// 20 working days after Wednesday 20 November 2024 ended on 18 December.
		c, e := w.get(id), w.entry(id)
		if due := c.Clock("reply").Term.Compute(w.cal, w.now).StatuteDay.String(); due != "2024-12-18" || e.Receipt.String() != "2024-11-20" || c.Lamp != casework.Red {
			t.Errorf("due on %s, received on %s, lamp %d", due, e.Receipt, c.Lamp)
		}
		first, err := w.cases.Event(t.Context(), id, 1)
		if err != nil || !strings.Contains(string(first.Content), why) {
			t.Errorf("the log does not say why: %s %v", first.Content, err)
		}
		f, err := w.Figures(t.Context(), request.Scope{Body: "water"}, calendar.Day(2024, 1, 1), calendar.Day(2024, 12, 31))
		if err != nil || f.Received.Total() != 1 || f.Forward.Total() != 1 {
			t.Errorf("2024: %+v, %v", f, err)
		}
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"published","subject":"甲","where":"网站"}`)
		if !w.entry(id).Late {
			t.Error("a reply after more than a year is not late")
		}
		w.actor = officer
		_, body, _ := w.page(http.MethodGet, "/open/office/"+c.Number, nil)
		for _, want := range []string{why, "收到申请", "2024年11月20日"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page of the request does not say %s", want)
			}
		}
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+c.Number+"/letters/1/request-receipt", nil); !strings.Contains(body, "2024年11月20日") || strings.Contains(body, "2026年3月2日收到") {
			t.Error("the receipt does not name the day of arrival")
		}

		// On the page the reason is asked for when the day needs it, and only then.
		form := url.Values{"part": {"what"}, "key": {"k1"}, "description": {letter.Description}, "channel": {"registered"}, "received-year": {"2024"}, "received-month": {"11"}, "received-day": {"20"}}
		code, body, _ := w.page(http.MethodPost, "/open/office/new", form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, `name="late"`) || !strings.Contains(body, "为什么现在才登记") || strings.Contains(body, "管理员") {
			t.Errorf("without a reason: %d", code)
		}
		form.Set("late", why)
		if code, body, _ = w.page(http.MethodPost, "/open/office/new", form); code != http.StatusOK || !strings.Contains(body, `name="late" value="`+why) {
			t.Errorf("with a reason: %d", code)
		}
		form.Set("received-year", "2025")
		form.Del("late")
		if code, body, _ = w.page(http.MethodPost, "/open/office/new", form); code != http.StatusOK || strings.Contains(body, `name="late"`) {
			t.Errorf("a letter of last November: %d", code)
		}
	})
}

// A letter goes by the regulations of the day on which it arrived, however late it is entered: the last of those of 2007 is that of 14 May 2019.
func TestLawOfTheDayOfArrival(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.at("2019-05-20", 9)
		nameless := request.Asker{Kind: request.Person, Name: "王小明", Phone: "13800000001"} // the text of 2007 asks for no proof of identity (20)
		letter := sent(request.Mail)
		letter.Received = "2019-05-15"
		_, err := w.Ask(t.Context(), officer, "water", nameless, letter, true, w.key())
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || refusal.Fields[0].Path != "/asker/idNumber" {
			t.Errorf("of 15 May without a number: %v", err)
		}
		if c := w.get(w.ask(asker, letter)); !strings.HasPrefix(c.Procedure, "request@") || c.Clock("reply") != nil {
			t.Errorf("of 15 May: %s, and the clock may only run from the day that is confirmed", c.Procedure)
		}
		letter.Received = "2019-05-14"
		id := w.ask(nameless, letter)
		c := w.get(id)
		// 15 working days after Tuesday 14 May 2019 end with 4 June.
		if due := c.Clock("reply").Term.Compute(w.cal, w.now).StatuteDay.String(); !strings.HasPrefix(c.Procedure, "request-2008@") || due != "2019-06-04" {
			t.Errorf("of 14 May: %s, due on %s", c.Procedure, due)
		}
		if article := w.cases.Explained(c, c.Clock("reply").Term).Statutory.Article.Hans; !strings.Contains(article, "第24条") {
			t.Errorf("the clock cites %s", article)
		}
		w.Redactor = noRedactor{}
		w.actor = officer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+c.Number+"/redact", nil); !strings.Contains(body, "第八条") || strings.Contains(body, "第十六条") {
			t.Error("the grounds of a redaction are not those of the text of 2007")
		}
		w.step(id, "examine", `{"outcome":"third-party","party":"甲公司","question":"是否同意"}`)
		w.step(id, "third-party", `{"thirdParty":"unreasoned","answeredOn":"2019-05-20"}`)
		w.step(id, "examine", draft)
		if at := w.refused(id, "draft", `{"reply":"published","subject":"甲","where":"网站","cost":1250}`); at != "/publicInterest" {
			t.Errorf("against the will of the third party (23): refused at %s", at)
		}
		w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站","cost":1250,"publicInterest":"涉及饮用水安全"}`)
		w.step(id, "decide", issue)
		if seqOf(w.get(id), "request-third-party-told") == "0" {
			t.Error("the third party is not told what is disclosed against its will")
		}
		if body := w.letter(id, "request-cost"); !strings.Contains(body, "第27条") || !strings.Contains(body, "12.50") {
			t.Error("the notice of the costs lacks its article or its amount")
		}
		w.on(16)
		if c := w.get(id); c.Status != "lapsed" {
			t.Errorf("not paid for: %s", c.Status)
		}
		if e := w.entry(id); w.OutcomeTitle(e.Outcome, e.Arrived).Hans != "属于公开范围，告知获取方式和途径" {
			t.Errorf("called %s", w.OutcomeTitle(e.Outcome, e.Arrived).Hans)
		}
	})
}

type noRedactor struct{}

func (noRedactor) Redact(context.Context, string, []byte, []string, string) ([]byte, error) {
	return nil, request.ErrNoRedaction
}

// Who asked in 2013 was told what the regulations of that year say: of special needs, of costs, of no proof of identity.
func TestPagesOf2013(t *testing.T) {
	w := onSQLite(t)
	w.at("2013-05-06", 9)
	look := func(method, path string, form url.Values, want ...string) {
		t.Helper()
		code, body, _ := w.page(method, path, form)
		if code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
		for _, words := range want {
			if words, no := strings.CutPrefix(words, "!"); strings.Contains(body, words) == no {
				t.Errorf("%s: holds %q: %t", path, words, !no)
			}
		}
	}
	look(http.MethodGet, "/open/apply", nil, "特殊需要", "第十三条")
	look(http.MethodGet, "/open/apply/water", nil, "15 个工作日", "第27条", "第28条", "!不收费")
	form := url.Values{"part": {"what"}, "key": {"k1"}, "description": {"申请公开2012年河道采砂许可的批准文件。"}}
	look(http.MethodPost, "/open/apply/water", form, "第二十条", "第二十五条", "!姓名或者名称、身份证明")
	w.at("2026-03-02", 9)
	look(http.MethodGet, "/open/apply", nil, "!特殊需要")
	look(http.MethodGet, "/open/apply/water", nil, "20 个工作日", "不收费")
	look(http.MethodPost, "/open/apply/water", form, "姓名或者名称、身份证明", "!第二十五条")
}

// What was recorded by mistake is taken back by whoever may record it, pending or concluded: it counts nowhere and stays on record with its reason.
func TestDisputeTakenBack(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const why = "登记时看错了编号，这件申请没有人申请复议。"
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"refused.forbidden","subject":"甲","reasons":"乙","law":"统计法9"}`)
		e, today := w.entry(id), calendar.Of(w.now)
		record := func(kind string) request.Dispute {
			t.Helper()
			rec, err := w.File(t.Context(), officer, e, kind, today, w.key())
			if err != nil {
				t.Fatal(err)
			}
			return request.Dispute{Case: rec.Case, Number: rec.Number}
		}
		review, suit := record(request.Review), record(request.SuitAfterReview)
		counted := func() (n int64) {
			t.Helper()
			f, err := w.DisputeFigures(t.Context(), request.Scope{Body: "water"}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range f {
				n += c.Total()
			}
			return n
		}
		if n := counted(); n != 2 {
			t.Errorf("%d disputes are counted, want 2", n)
		}
		base := "/open/office/" + e.Number
		send := func(d request.Dispute, reason string) (int, string) {
			code, body, _ := w.page(http.MethodPost, base+"/disputes/"+d.Number, url.Values{"key": {w.key()}, "reason": {reason}})
			return code, body
		}
		// The head records no disputes and takes none back.
		w.actor = head
		if err := w.TakeBack(t.Context(), head, suit, why, w.key()); err == nil {
			t.Error("the head takes a dispute back")
		}
		if _, body, _ := w.page(http.MethodGet, base, nil); strings.Contains(body, "/disputes") {
			t.Error("the page of the head offers to record or to take back")
		}
		w.actor = officer
		if code, body, _ := w.page(http.MethodGet, base, nil); code != http.StatusOK || !strings.Contains(body, base+"/disputes/"+suit.Number) {
			t.Errorf("the page does not offer it: %d", code)
		}
		if code, body, _ := w.page(http.MethodGet, base+"/disputes/"+suit.Number, nil); code != http.StatusOK || !strings.Contains(body, "复议后起诉") {
			t.Errorf("the page that asks for the reason: %d", code)
		}
		for reason, want := range map[string]string{"错了": "至少十个字", strings.Repeat("错", 501): "最多五百个字"} {
			if code, body := send(suit, reason); code != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
				t.Errorf("%.6s: %d", reason, code)
			}
		}
		if code, body := send(review, why); code != http.StatusUnprocessableEntity || !strings.Contains(body, suit.Number) || !strings.Contains(body, why) {
			t.Errorf("a reconsideration on which a suit rests: %d", code)
		}
		if n := counted(); n != 2 {
			t.Errorf("refused, and %d are counted", n)
		}
		if code, body := send(suit, why); code != http.StatusSeeOther {
			t.Fatalf("taken back: %d %s", code, body)
		}
		if c := w.get(suit.Case); c.Open() || c.Status != "taken-back" || c.Result != "taken-back" || len(c.Tasks()) != 0 {
			t.Errorf("the suit: %s %s, %d tasks", c.Status, c.Result, len(c.Tasks()))
		}
		// One that has ended is taken back as well; how it ended stays on record.
		w.step(review.Case, "conclude", `{"outcome":"other","concluded":"`+today.String()+`"}`)
		if n := counted(); n != 1 {
			t.Errorf("%d are counted, want 1", n)
		}
		if code, body := send(review, why); code != http.StatusSeeOther {
			t.Fatalf("taken back after its end: %d %s", code, body)
		}
		c := w.get(review.Case)
		if n := counted(); n != 0 || c.Status != "taken-back" || c.Result != "concluded" {
			t.Errorf("%d are counted, the case is %s, %s", n, c.Status, c.Result)
		}
		if _, body, _ := w.page(http.MethodGet, base+"?lang=en", nil); strings.Count(body, `Reason: <span lang="zh-Hans">`+why+`</span>`) != 2 {
			t.Error("an English page does not say in which language the reasons are")
		}
		if code, _ := send(review, why); code != http.StatusConflict {
			t.Errorf("taken back twice: %d", code)
		}
		if code, _, _ := w.page(http.MethodGet, base+"/disputes/"+review.Number, nil); code != http.StatusConflict {
			t.Errorf("the page of one that was taken back: %d", code)
		}
		if code, _, _ := w.page(http.MethodGet, base+"/disputes/YF340100202603029999", nil); code != http.StatusNotFound {
			t.Errorf("one that is not there: %d", code)
		}
		event, err := w.cases.Event(t.Context(), review.Case, c.Seq)
		if err != nil || event.Kind != casework.TakenBack || strings.Contains(string(event.Content), why) {
			t.Errorf("the log: %s %s %v", event.Kind, event.Content, err)
		}
		var env casework.Envelope
		if err := json.Unmarshal(event.Content, &env); err != nil || env.Private["reason"] == "" || env.Actor.Post != officer.Post.ID {
			t.Errorf("the log holds neither the reason nor who: %+v %v", env, err)
		}
		if _, body, _ := w.page(http.MethodGet, base, nil); strings.Count(body, why) != 2 || strings.Contains(body, base+"/disputes/"+review.Number) {
			t.Error("the record does not say what was taken back and why")
		}
		if _, body, _ := w.page(http.MethodGet, "/open/requests/"+e.Number, nil); strings.Contains(body, "复议后起诉") || strings.Contains(body, why) {
			t.Error("the public register tells of disputes that never were")
		}
		// The right one is recorded on the same day.
		if record(request.Review); counted() != 1 {
			t.Errorf("%d are counted after it was recorded anew", counted())
		}
	})
}
