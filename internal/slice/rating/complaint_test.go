package rating_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/rating"
)

// complain files a complaint on the page and returns its case.
func (w *world) complain(p identity.Principal, more url.Values) *casework.Case {
	w.t.Helper()
	v := url.Values{"body": {"water"}, "key": {w.key()}, "matter": {"delay"}, "what": {"材料补齐以后没有消息"}, "wish": {"尽快办理"}, "name": {"梁不言"}, "phone": {"13800000102"}}
	for name, values := range more {
		v[name] = values
	}
	a := w.fetch(p, "/complaints/new", v).want(http.StatusSeeOther)
	number := strings.Split(a.Header().Get("Location"), "/")[2]
	if p.Kind == identity.Person {
		number = strings.Split(a.Header().Get("Location"), "/")[3]
	}
	c, err := w.cases.ByNumber(w.t.Context(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) complaintPage(c *casework.Case) string {
	return "/complaints/" + c.Number + "/" + w.cases.Code(c)
}

// What is wrong with a complaint is said beside its field, and nothing typed is lost.
func TestComplaintForm(t *testing.T) {
	w := onSQLite(t)
	w.fetch(visitor, "/complaints/new", nil).want(http.StatusOK, "哪个机关")
	w.fetch(visitor, "/complaints/new?q=水务", nil).want(http.StatusOK, "合肥市水务局", "!监察局")
	w.fetch(visitor, "/complaints/new?body=water", nil).want(http.StatusOK, "综合窗口", "取水许可", "拖延")
	w.fetch(reviewer, "/complaints/new?body=water", nil).want(http.StatusForbidden, "工作账号不能投诉")
	good := url.Values{"body": {"water"}, "matter": {"delay"}, "what": {"没有消息"}, "wish": {"尽快办理"}}
	for name, row := range map[string]struct{ field, value, says string }{
		"no matter":     {"matter", "", "投诉的事由"},
		"nothing":       {"what", "", "事情经过"},
		"too long":      {"wish", strings.Repeat("快", 1001), "1001"},
		"a wrong case":  {"case", "123", "办件编号"},
		"no such case":  {"case", item + "202603020099", "没有这个编号的办件"},
		"phone":         {"phone", "999", "电话"},
		"foreign":       {"window", "w9", "窗口"},
		"a foreign use": {"item", "X", "事项"},
	} {
		v := url.Values{"key": {w.key()}}
		for field, values := range good {
			v[field] = values
		}
		v.Set(row.field, row.value)
		a := w.fetch(visitor, "/complaints/new", v).want(http.StatusUnprocessableEntity, row.says)
		if row.field != "what" && !strings.Contains(a.Body.String(), "没有消息") {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	v := url.Values{"key": {w.key()}, "when-year": {"2027"}, "when-month": {"1"}, "when-day": {"1"}}
	for field, values := range good {
		v[field] = values
	}
	w.fetch(visitor, "/complaints/new", v).want(http.StatusUnprocessableEntity, "今天以后")
}

// A complaint goes to the office of another body within five working days, to the body complained of, and back to the complainant.
func TestComplaintIsAnswered(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.complain(visitor, nil)
		if !strings.HasPrefix(c.Number, "TS34010020260302") || c.Body != "centre" || c.Subject != "water" {
			t.Fatalf("complaint %s at %s about %s", c.Number, c.Body, c.Subject)
		}
		page := w.complaintPage(c)
		w.fetch(visitor, page, nil).want(http.StatusOK, "决定是否受理", "2026年3月9日", "!梁不言") // Monday + 5 working days
		w.fetch(visitor, "/complaints/"+c.Number+"/AAAAAAAA", nil).want(http.StatusNotFound)
		if err := w.try(c.ID, reviewer, "accept", `{"outcome":"accept","handler":"body"}`); err == nil {
			t.Error("the body complained of accepts it itself")
		}
		w.step(c.ID, officer, "accept", `{"outcome":"accept","handler":"body"}`)
		if c = w.get(c.ID); c.Body != "water" {
			t.Errorf("the complaint is at %s", c.Body)
		}
		queue, err := w.cases.Queue(t.Context(), casework.QueueFilter{Body: "water", Role: "reviewer"})
		if err != nil || len(queue) != 1 {
			t.Errorf("queue of the body: %d, %v", len(queue), err)
		}
		w.step(c.ID, reviewer, "investigate", `{"outcome":"upheld","findings":"属实"}`)
		if err := w.try(c.ID, officer, "reply", `{"outcome":"upheld","answer":"已办","summary":"属实"}`); err == nil {
			t.Error("another body answers")
		}
		w.step(c.ID, head, "reply", `{"outcome":"upheld","answer":"三日内办结并致歉","summary":"拖延属实，已致歉"}`)
		w.fetch(visitor, page, nil).want(http.StatusOK, "三日内办结并致歉", "投诉属实", "!调查情况")
		w.fetch(visitor, page+"/answer", url.Values{"outcome": {"escalate"}}).want(http.StatusUnprocessableEntity, "不满意的理由")
		w.fetch(visitor, page+"/answer", url.Values{"outcome": {"escalate"}, "reasons": {"没有办"}}).want(http.StatusSeeOther)
		w.step(c.ID, overseer, "review", `{"outcome":"changed","answer":"责令即日办结","summary":"责令限期办结"}`)
		w.fetch(visitor, page, nil).want(http.StatusOK, "责令即日办结", "复核后办结")
		w.fetch(visitor, page+"/answer", nil).want(http.StatusConflict)
		w.fetch(visitor, "/complaints/register", nil).want(http.StatusOK, c.Number, "责令限期办结", "拖延", "!梁不言", "!13800000102", "!材料补齐")
		w.settle()
		figures, err := w.Figures(t.Context(), rating.Filter{}, rating.ByBody)
		if err != nil || len(figures) != 1 || figures[0].Key != "water" || figures[0].Filed != 1 || figures[0].Answered != 1 || figures[0].Tardy != 0 || figures[0].Reviewed != 1 {
			t.Errorf("figures %+v, %v", figures, err)
		}
		w.same(t)
	})
}

// Who asked for confidentiality is seen by nobody of the body complained of, at no time; nothing of who complains stands in the log.
func TestComplainantStaysHidden(t *testing.T) {
	w := onSQLite(t)
	hidden := w.complain(visitor, url.Values{"confidential": {"true"}})
	openly := w.complain(visitor, nil)
	see := func(c *casework.Case) (who []string) {
		for _, p := range []identity.Principal{clerk, reviewer, second, head, officer, overseer} {
			if w.cases.MayRead(p, w.get(c.ID), false, true) == nil {
				who = append(who, p.Post.ID)
			}
		}
		return who
	}
	steps := []struct{ by, element, data string }{
		{"officer", "accept", `{"outcome":"accept","handler":"body"}`},
		{"officer", "inquire", `{"outcome":"unfounded","findings":"查阅","answer":"尚在期限内","summary":"投诉不实"}`},
	}
	for _, s := range steps {
		if got := strings.Join(see(hidden), " "); got != "centre-manager" {
			t.Errorf("before %s the complainant is seen by %q", s.element, got)
		}
		w.step(hidden.ID, officer, s.element, s.data)
	}
	if got := strings.Join(see(openly), " "); got != "centre-manager" {
		t.Errorf("an open complaint is seen by %q before it is accepted", got)
	}
	w.step(openly.ID, officer, "accept", `{"outcome":"accept","handler":"body"}`)
	if got := strings.Join(see(openly), " "); got != "water-reviewer water-second water-head" {
		t.Errorf("an open complaint is seen by %q", got)
	}
	w.settle()
	events, err := w.log.Events(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		for _, secret := range []string{"梁不言", "13800000102", "材料补齐以后没有消息"} {
			if strings.Contains(string(e.Content), secret) {
				t.Errorf("the log says %q", secret)
			}
		}
	}
}

// Nobody works on a complaint about a case that they handled; when that leaves nobody in the body, the office inquires itself.
func TestThoseConcernedKeepOut(t *testing.T) {
	w := onSQLite(t)
	matter := w.ended() // by the clerk
	c := w.complain(citizen, url.Values{"case": {matter.Number}, "window": {"w1"}})
	if !c.Bars(clerk.Account) || c.Bars(reviewer.Account) {
		t.Error("barred are others than the clerk of the case")
	}
	env, err := w.cases.Event(t.Context(), c.ID, 1)
	if err != nil || strings.Contains(string(env.Content), matter.Number) {
		t.Errorf("the log names the case of the complainant, %v", err)
	}
	w.fetch(citizen, "/me/complaints", nil).want(http.StatusOK, c.Number)
	w.fetch(citizen, "/me/complaints/"+c.Number, nil).want(http.StatusOK, "材料补齐以后没有消息")
	w.fetch(identity.Principal{Account: 2, Kind: identity.Person}, "/me/complaints/"+c.Number, nil).want(http.StatusForbidden)
	first := c.ID
	w.step(first, officer, "accept", `{"outcome":"accept","handler":"body"}`)
	w.step(first, reviewer, "investigate", `{"outcome":"upheld","findings":"属实"}`)
}

// The answer is due fifteen working days after acceptance; silence of the complainant for ten closes the complaint.
func TestTermsOfAComplaint(t *testing.T) {
	w := onSQLite(t)
	c := w.complain(visitor, nil)
	w.pass("2026-03-10") // five working days after Monday, 2 March, are over
	events, err := w.cases.Events(t.Context(), c.ID, 0, 50)
	if err != nil || len(events) != 2 || events[1].Kind != casework.StepOvertime {
		t.Fatalf("events %+v, %v", events, err)
	}
	w.step(c.ID, officer, "accept", `{"outcome":"accept","handler":"own"}`)
	w.pass("2026-04-02") // 15 working days after Tuesday, 10 March: Tuesday, 31 March
	w.step(c.ID, officer, "inquire", `{"outcome":"unfounded","findings":"查阅","answer":"不实","summary":"不实"}`)
	w.pass("2026-04-17") // ten working days after 2 April, over 清明 (6 April): Friday, 17 April
	if c = w.get(c.ID); !c.Open() {
		t.Error("closed a day early")
	}
	w.pass("2026-04-18")
	if c = w.get(c.ID); c.Open() || c.Result != "closed" {
		t.Errorf("%s, open %v", c.Status, c.Open())
	}
	w.settle()
	figures, err := w.Figures(t.Context(), rating.Filter{}, rating.ByBody)
	if err != nil || len(figures) != 1 || figures[0].Answered != 1 || figures[0].Tardy != 1 {
		t.Errorf("figures %+v, %v", figures, err)
	}
	w.same(t)
}

// Out of remit: the complainant is told why, and where to go.
func TestComplaintIsNotAccepted(t *testing.T) {
	w := onSQLite(t)
	c := w.complain(visitor, nil)
	if err := w.try(c.ID, officer, "accept", `{"outcome":"reject","reasons":"不是政务服务"}`); err == nil {
		t.Error("not accepted without saying where to go")
	}
	w.step(c.ID, officer, "accept", `{"outcome":"reject","reasons":"不是政务服务","where":"请拨打 12345"}`)
	w.fetch(visitor, w.complaintPage(c), nil).want(http.StatusOK, "不是政务服务", "请拨打 12345", "不予受理")
}

// An address that files without end is slowed down.
func TestFilingIsLimited(t *testing.T) {
	w := onSQLite(t)
	for range 10 {
		w.complain(visitor, nil)
	}
	v := url.Values{"body": {"water"}, "key": {w.key()}, "matter": {"delay"}, "what": {"慢"}, "wish": {"快"}}
	w.fetch(visitor, "/complaints/new", v).want(http.StatusTooManyRequests, "太频繁")
}
