package oversight_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/slice/oversight"
)

// late raises a yellow card: a case accepted on Monday 2 March 2026, with ten working days promised, is looked at on the 17th.
func late(w *world) casework.Receipt {
	w.t.Helper()
	rec := w.apply()
	w.at("2026-03-17", 9)
	w.follow()
	return rec
}

// From the card to its end: the reviewer explains, who examined does not verify, the supervisor of the city concludes.
func TestACardIsExcused(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		watched := w.apply()
		w.step(reviewer, watched.Case, `{"outcome":"approve","opinion":"符合条件"}`)
		w.at("2026-03-17", 9)
		w.follow()
		card := w.card("promise-missed")
		if card.State != supervision.Unanswered && card.State != supervision.Explaining || card.AnswerCase == 0 || !strings.HasPrefix(card.Answer, "JC"+hefei+"20260317") {
			t.Fatalf("card %+v; want a case of its own", card)
		}
		id := card.AnswerCase
		c := w.get1(id)
		// Three working days after the 17th: the 20th. 行政许可法 82 counts from the next day.
		lines := c.Clock("explain").Term.Compute(w.cases.Calendar(), w.now)
		if task := c.Tasks()[0]; task.Element != "explain-reviewer" || task.Role != "reviewer" || lines.StatuteDay.String() != "2026-03-20" || c.Body != "hf-water" {
			t.Errorf("first step %+v until %s in %s", task, lines.StatuteDay, c.Body)
		}
		queue, err := w.cases.Queue(t.Context(), casework.QueueFilter{Body: "hf-water", Role: "reviewer"})
		if err != nil || len(queue) != 1 || queue[0].Case.ID != id {
			t.Errorf("queue of the reviewer: %+v, %v; want the card", queue, err)
		}
		w.refused(head, id, `{"cause":"workload","statement":"甲"}`, "denied")
		w.refused(city, id, `{"cause":"workload","statement":"甲"}`, "denied")
		w.step(reviewer, id, `{"cause":"system","statement":"专网中断三日，附运维记录","remedy":"已切换线路"}`)
		const verdict = `{"outcome":"excused","ground":"outage","reasons":"运维记录属实"}`
		w.refused(reviewer, id, verdict, casework.RefusedInvolved)
		w.refused(head, id, verdict, "denied")
		w.refused(other, id, verdict, "denied")
		w.refused(county, id, verdict, "denied")
		w.refused(inside, id, verdict, casework.RefusedInvolved) // 四眼: the same person examined the case in question
		w.step(city, id, verdict)
		ahead := w.card("promise-missed")
		ahead.Follow(w.get1(id))
		w.follow()
		card = w.card("promise-missed")
		sameAs(t, &ahead, &card)
		if card.State != supervision.Concluded || card.Conclusion != supervision.Excused || card.Open() {
			t.Errorf("card at the end: %+v", card)
		}
		counts, err := w.supervision.Counts(t.Context(), supervision.Scope{Division: hefei}, supervision.ByBody, 0, 0)
		if err != nil || len(counts) != 1 || counts[0].Yellow != 0 || counts[0].Received != 1 {
			t.Errorf("figures %+v, %v; want no yellow, and the card's case not counted as received", counts, err)
		}
		if diffs, err := w.supervision.Recount(t.Context()); err != nil || len(diffs) > 0 {
			t.Errorf("recount: %+v, %v", diffs, err)
		}
		due, err := w.supervision.Due(t.Context(), supervision.DueFilter{Lamp: casework.Yellow})
		if err != nil || len(due) != 1 {
			t.Errorf("late cases: %+v, %v; want the one that was late, and no card's case", due, err)
		}
		// Nothing personal, and none of the words, stands in the log.
		events, err := w.cases.Events(t.Context(), id, 0, 50)
		if err != nil || len(events) < 3 {
			t.Fatal(events, err)
		}
		for _, e := range events {
			if strings.Contains(string(e.Content), "专网") || strings.Contains(string(e.Content), "运维") {
				t.Errorf("in clear: %s", e.Content)
			}
		}
	})
}

// sameAs holds what a reader saw of a card before the log came to its answer against what the card says afterwards.
func sameAs(t *testing.T, ahead, later *supervision.Card) {
	t.Helper()
	if ahead.State != later.State || ahead.Conclusion != later.Conclusion || !ahead.ConcludedAt.Equal(later.ConcludedAt) || ahead.Closed != later.Closed ||
		!ahead.ClosedAt.Equal(later.ClosedAt) {
		t.Errorf("ahead of the log: %+v\nafter it: %+v", ahead, later)
	}
}

// An upheld card leads to accountability, and stays in the figures.
func TestACardIsUpheld(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		late(w)
		id := w.card("promise-missed").AnswerCase
		w.step(reviewer, id, `{"cause":"oversight","statement":"遗漏"}`)
		w.step(province, id, `{"outcome":"return","reasons":"请说明由谁遗漏"}`)
		w.step(reviewer, id, `{"cause":"oversight","statement":"张某遗漏"}`)
		w.step(province, id, `{"outcome":"upheld","ground":"no-excuse","reasons":"没有免责事由"}`)
		ahead := w.card("promise-missed")
		ahead.Follow(w.get1(id))
		w.follow()
		now := w.card("promise-missed")
		sameAs(t, &ahead, &now)
		if c := w.card("promise-missed"); c.State != supervision.Accounting || c.Conclusion != supervision.Upheld || !c.Open() {
			t.Errorf("upheld card: %+v; it stays open while the case is late", c)
		}
		w.step(city, id, `{"measures":["education","correct"],"findings":"约谈科室负责人","deadline":"2026-04-01"}`)
		w.follow()
		if c := w.card("promise-missed"); c.State != supervision.Concluded || w.get1(id).Result != "upheld" {
			t.Errorf("settled card: %+v of %s", c, w.get1(id).Result)
		}
		counts, err := w.supervision.Counts(t.Context(), supervision.Scope{Division: hefei}, supervision.ByBody, 0, 0)
		if err != nil || len(counts) != 1 || counts[0].Yellow != 1 {
			t.Errorf("figures %+v, %v; want one yellow", counts, err)
		}
	})
}

// Nobody explains: one notice that it is late, no case of a case, and after ten working days it is verified all the same.
func TestNobodyExplains(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		late(w)
		card := w.card("promise-missed")
		w.at("2026-03-20", 9)
		w.follow() // the last of the three working days
		if soon := w.cardOf("answer-due-soon", card.AnswerCase); soon.Colour != supervision.Reminder || soon.Case != card.AnswerCase {
			t.Errorf("reminder: %+v", soon)
		}
		w.at("2026-03-21", 9)
		w.follow()
		if overdue := w.cardOf("answer-overtime", card.AnswerCase); overdue.Case != card.AnswerCase || overdue.Explain != "" || overdue.AnswerCase != 0 {
			t.Errorf("notice: %+v; it must breed nothing", overdue)
		}
		// The reviewer's own step is late by now too: its card is one of the bureau's case, and has one of its own.
		w.at("2026-04-01", 0) // ten working days after 17 March end with the 31st
		w.follow()
		if task := w.get1(card.AnswerCase).Tasks()[0]; task.Element != "verify" || task.Role != "supervisor" {
			t.Errorf("open: %+v; want verification without an explanation", task)
		}
		all, err := w.cases.List(t.Context(), casework.Filter{Kind: oversight.CardKind})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if !strings.HasPrefix(c.Subject, "supervision.") || strings.HasPrefix(c.Subject, "supervision.answer") {
				t.Errorf("a case for %s", c.Subject)
			}
		}
	})
}

// A crash between the raising of cards and the end of their opening: each has one case, whatever had been written.
func TestEachCardOpensOneCase(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const n = 7
		for range n {
			w.apply()
		}
		w.at("2026-03-17", 9)
		for w.wake() > 0 {
			continue
		}
		w.log()
		asked, err := w.supervision.Asked(t.Context(), 0, 100)
		if err != nil || len(asked) != 2*n { // each is past its promise, and its examination over its own term
			t.Fatalf("asked: %d, %v; want %d", len(asked), err, 2*n)
		}
		// The node died after it had opened three of them, and before it moved its cursor.
		for i := range 3 {
			if err := w.OpenCase(t.Context(), &asked[i]); err != nil {
				t.Fatal(err)
			}
		}
		// Two nodes come up, and both believe that they hold the lease.
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := w.OpenCases(t.Context())
				errs <- err
			}()
		}
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Fatal(err)
		}
		if again, err := w.OpenCases(t.Context()); again != 0 || err != nil {
			t.Errorf("opened %d again, %v", again, err)
		}
		w.follow()
		all, err := w.cases.List(t.Context(), casework.Filter{Kind: oversight.CardKind, Limit: 200})
		if err != nil || len(all) != 2*n {
			t.Errorf("%d cases, %v; want %d", len(all), err, 2*n)
		}
		for _, c := range asked {
			if now, err := w.supervision.Card(t.Context(), c.ID); err != nil || now.AnswerCase == 0 || now.State != supervision.Explaining {
				t.Errorf("card %s: %+v, %v", c.ID, now, err)
			}
		}
	})
}

// Nobody but the platform opens the case of a card, and nobody but supervision issues an order.
func TestWhoMayOpen(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		form, err := json.Marshal(oversight.Order{To: "hf-water", About: oversight.AboutMatter, Title: "甲", Text: "乙", Days: 5,
			Issuer: oversight.Issuer{Account: 1, Body: "hf-supervision", Division: hefei}})
		if err != nil {
			t.Fatal(err)
		}
		own := casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X"}
		late(w)
		card := w.card("promise-missed")
		for _, who := range []identity.Principal{citizen, reviewer, head, clerk, manager, county, other} {
			for _, s := range []casework.Submit{
				{Kind: oversight.OrderKind, Subject: "matter", Channel: casework.Online, Applicant: own, Form: form},
				{Kind: oversight.CardKind, Subject: card.Rule, Channel: casework.Online, Applicant: own, Form: json.RawMessage(`{"card":"` + card.ID.String() + `"}`)},
			} {
				var denied *identity.Denied
				if _, err := w.try(who, 0, s); !errors.As(err, &denied) {
					t.Errorf("%s opens %s: %v; want it denied", who.Post.ID, s.Kind, err)
				}
			}
		}
		if _, err := w.try(city, 0, casework.Submit{Kind: oversight.CardKind, Form: json.RawMessage(`{"card":"` + card.ID.String() + `"}`)}); err == nil {
			t.Error("a supervisor opens the case of a card by hand")
		}
	})
}

// An order goes to the head of a body, comes back once, and is settled; one goes below and is answered by supervision there.
func TestOrders(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		watched := late(w)
		o := oversight.Order{To: "hf-water", About: oversight.AboutCase, Ref: strings.ToLower(watched.Number) + " ", Title: "限期办结取水许可", Text: "五日内作出决定", Days: 5}
		rec, err := w.Issue(t.Context(), city, o, "order-1")
		if err != nil || !strings.HasPrefix(rec.Number, "DB"+hefei) {
			t.Fatal(rec, err)
		}
		if again, err := w.Issue(t.Context(), city, o, "order-1"); err != nil || again.Case != rec.Case {
			t.Errorf("sent twice: %+v, %v", again, err)
		}
		w.refused(reviewer, rec.Case, `{"outcome":"done","answer":"甲"}`, "denied")
		w.step(head, rec.Case, `{"outcome":"under-way","answer":"正在审查"}`)
		w.refused(county, rec.Case, `{"outcome":"accepted"}`, "denied")
		w.step(province, rec.Case, `{"outcome":"return","remark":"请给出办结日期"}`) // above
		w.step(head, rec.Case, `{"outcome":"done","answer":"已于今日决定"}`)
		w.step(city, rec.Case, `{"outcome":"accepted"}`)
		if c := w.get1(rec.Case); c.Open() || c.Result != "order-settled" {
			t.Errorf("order %+v", c)
		}

		below, err := w.Issue(t.Context(), city, oversight.Order{To: "fx-supervision", About: oversight.AboutMatter, Title: "清理超期办件", Text: "一周内清理", Days: 3}, "order-2")
		if err != nil {
			t.Fatal(err)
		}
		if task := w.get1(below.Case).Tasks()[0]; task.Element != "answer-supervisor" {
			t.Errorf("first step below: %+v", task)
		}
		const answer = `{"outcome":"done","answer":"已清理"}`
		w.refused(city, below.Case, answer, casework.RefusedPolicy)     // who issued it does not answer
		w.refused(province, below.Case, answer, casework.RefusedPolicy) // nor do those above
		w.at("2026-03-21", 9)                                           // three working days after the 17th end with the 20th
		w.follow()
		lines, err := w.Orders(t.Context(), oversight.OrderFilter{Body: "fx-supervision", Open: true})
		if err != nil || len(lines) != 1 || lines[0].Status != "answering" || !lines[0].DueAt.Before(w.now) || lines[0].Issuer != "hf-supervision" {
			t.Errorf("orders of the county: %+v, %v; want one that is overdue", lines, err)
		}
		if late := w.cardOf("answer-overtime", below.Case); late.Case != below.Case || late.Explain != "" {
			t.Errorf("notice of the late answer: %+v", late)
		}
		w.step(county, below.Case, answer)
		w.refused(county, below.Case, `{"outcome":"accepted"}`, casework.RefusedPolicy)
		w.step(city, below.Case, `{"outcome":"accepted"}`)
		if issued, err := w.Orders(t.Context(), oversight.OrderFilter{Issued: hefei}); err != nil || len(issued) != 2 || issued[0].Open() || issued[1].Open() {
			t.Errorf("issued by the city: %+v, %v; want two that are settled", issued, err)
		}
	})
}

// What is wrong with an order is said field by field, all at once.
func TestOrdersAreRefused(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		watched := late(w)
		for _, c := range []struct {
			order oversight.Order
			want  string
		}{
			{oversight.Order{About: oversight.AboutMatter}, "/to:required /title:required /text:required /days:range"},
			{oversight.Order{To: "wh-supervision", About: oversight.AboutMatter, Title: "甲", Text: "乙", Days: 5}, "/to:enum"},
			{oversight.Order{To: "hf-supervision", About: oversight.AboutMatter, Title: "甲", Text: "乙", Days: 5}, "/to:enum"},
			{oversight.Order{To: "hf-water", About: oversight.AboutCase, Ref: "X1", Title: "甲", Text: "乙", Days: 5}, "/ref:unknown"},
			{oversight.Order{To: "hf-water", About: oversight.AboutCard, Ref: "17", Title: "甲", Text: "乙", Days: 5}, "/ref:unknown"},
			{oversight.Order{To: "hf-water", About: "rumour", Title: "甲", Text: "乙", Days: 5}, "/about:enum"},
			{oversight.Order{To: "hf-water", About: oversight.AboutMatter, Title: strings.Repeat("长", 81), Text: "乙", Days: 61}, "/title:maxLength /days:range"},
		} {
			_, err := w.Issue(t.Context(), city, c.order, "refused")
			var refusal *casework.Refusal
			if !errors.As(err, &refusal) {
				t.Errorf("%+v: %v", c.order, err)
				continue
			}
			var got []string
			for _, f := range refusal.Fields {
				got = append(got, f.Path+":"+f.Code)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%+v: %v; want %s", c.order, got, c.want)
			}
		}
		if _, err := w.Issue(t.Context(), other, oversight.Order{To: "wh-supervision", About: oversight.AboutCase, Ref: watched.Number, Title: "甲", Text: "乙", Days: 5}, "x"); err == nil {
			t.Error("an order about a case of another city")
		}
	})
}

// The pages: who sees what, and the whole way of a card and of an order through forms.
func TestPages(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		watched := late(w)
		card := w.card("promise-missed")
		page := "/oversight/cards/" + card.ID.String()
		w.get(city, "/oversight", http.StatusOK, "待核查的卡片", "待说明的卡片", "超过承诺期限（黄牌）")
		w.get(head, "/oversight", http.StatusOK, "!待核查的卡片", "超过承诺期限（黄牌）")
		w.get(outsider, "/oversight", http.StatusOK, "!超过承诺期限（黄牌）")
		w.get(citizen, "/oversight", http.StatusForbidden)
		w.get(city, "/oversight/cards", http.StatusOK, watched.Number, "环节超时")
		w.get(city, "/oversight/cards?state=excused&colour=yellow&rule=supervision.promise-missed", http.StatusOK, "没有这样的卡片")
		w.get(city, "/oversight/cards?state=explaining&colour=yellow", http.StatusOK, watched.Number, "!<td>环节超时")
		w.get(city, "/oversight/cards?state=nonsense&before=x", http.StatusOK, watched.Number)
		w.get(other, page, http.StatusForbidden)
		w.get(outsider, page, http.StatusForbidden)
		w.get(city, "/oversight/cards/12345", http.StatusNotFound)
		w.get(city, "/oversight/cards/x", http.StatusNotFound)
		w.get(city, page, http.StatusOK, "supervision.promise-missed", "《政务服务电子监察实践》监察规则", "3 个工作日", "承诺时限已过", "在日志中的位置",
			"当前环节：审查人员说明", "2026年3月20日", "!<textarea", "!王小明")
		w.get(city, page+"/proof.json", http.StatusOK, `"checkpoint"`)
		if at := w.get(reviewer, "/oversight/case/"+card.Answer, http.StatusSeeOther); at != page {
			t.Errorf("from the desk to %s; want %s", at, page)
		}
		w.get(city, "/oversight/case/"+watched.Number, http.StatusNotFound)
		for from, to := range map[string]string{"/board/cards": "/oversight/cards", "/board/orders": "/oversight/orders"} {
			if at := w.get(city, from, http.StatusSeeOther); at != to {
				t.Errorf("%s leads to %s; want %s", from, at, to)
			}
		}

		w.send(reviewer, page, url.Values{"cause": {"workload"}}, http.StatusUnprocessableEntity, "情况说明")
		explained := url.Values{"cause": {"workload"}, "statement": {"三人同时休假"}}
		w.send(reviewer, page, explained, http.StatusSeeOther)
		w.get(head, page, http.StatusOK, "三人同时休假", "当前环节：核查", "!<textarea") // the own body reads it
		w.get(manager, page, http.StatusOK, "!三人同时休假", "办件集中、人手不足")         // the log shows the cause to everybody
		verdict := url.Values{"outcome": {"excused"}, "reasons": {"请假手续属实"}}
		w.send(city, page, verdict, http.StatusUnprocessableEntity, "请假手续属实", "公开的理由")
		verdict.Set("ground", "force-majeure")
		verdict.Set("act-task", "99")
		w.send(city, page, verdict, http.StatusConflict)
		verdict.Del("act-task")
		w.send(city, page, verdict, http.StatusSeeOther)
		w.get(city, page, http.StatusOK, "免责", "核查结论", "请假手续属实", "!<textarea") // at once: the log has not come to it yet
		w.follow()
		w.get(city, page, http.StatusOK, "免责", "核查结论", "请假手续属实", "!<textarea")
		w.get(manager, page, http.StatusOK, "不可抗力、应急处置", "!请假手续属实")
		w.get(city, "/oversight/cards?state=excused", http.StatusOK, watched.Number)

		w.get(head, "/oversight/orders/new", http.StatusForbidden)
		w.get(city, "/oversight/orders/new?about=case&ref="+watched.Number+"&to=hf-water", http.StatusOK, watched.Number, "合肥市水务局", "肥西县监察室", "!芜湖市监察室")
		order := url.Values{"to": {"hf-water"}, "about": {"case"}, "ref": {"NONE"}, "title": {"限期办结"}, "text": {"五日内决定"}, "days": {"五"}}
		w.send(city, "/oversight/orders/new", order, http.StatusUnprocessableEntity, "五日内决定", "本地区没有这个编号", "1 至 60 的工作日数")
		order.Set("ref", watched.Number)
		order.Set("days", "5")
		at := w.send(city, "/oversight/orders/new", order, http.StatusSeeOther)
		w.get(city, at, http.StatusOK, "限期办结", "五日内决定", "当前环节：答复督办", "!<textarea")
		w.get(outsider, at, http.StatusForbidden)
		w.get(head, "/oversight/orders", http.StatusOK, "发给本机关的督办", "限期办结", "!发出督办</a>")
		w.get(head, "/oversight", http.StatusOK, "限期办结")
		w.send(head, at, url.Values{"outcome": {"done"}}, http.StatusUnprocessableEntity, "答复")
		w.send(head, at, url.Values{"outcome": {"done"}, "answer": {"已于今日决定"}}, http.StatusSeeOther)
		w.get(city, "/oversight", http.StatusOK, "限期办结", "待审核")
		w.send(city, at, url.Values{"outcome": {"accepted"}}, http.StatusSeeOther)
		w.get(city, at, http.StatusOK, "已于今日决定", "已办结")
		w.get(city, "/oversight/orders/"+watched.Number, http.StatusNotFound)
	})
}
