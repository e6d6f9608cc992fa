package agent_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/agent"
)

// asked hands an application in for the villager of a consent and lets the window ask for a correction; it returns the step that waits.
func (w *world) asked(c *agent.Consent) (agent.Handed, int) {
	w.t.Helper()
	h, err := w.HandIn(w.t.Context(), zhao, c, w.handing(draft1))
	must(w.t, err)
	kept, err := w.cases.Get(w.t.Context(), h.ID)
	must(w.t, err)
	w.step(clerk, kept, "receive", `{"outcome":"correct","missing":"请补交户口簿"}`)
	kept, err = w.cases.Get(w.t.Context(), h.ID)
	must(w.t, err)
	for _, t := range kept.Tasks() {
		if t.Element == "supplement" {
			return h, t.Token
		}
	}
	w.t.Fatalf("%s waits for %v", kept.Number, kept.Tasks())
	return h, 0
}

var said = agent.Wish{How: agent.Spoken, Witness: "村民组长"}

// TestSupply: what the authority asks for is supplied by the agent with the villager's word, once, and not without their consent.
func TestSupply(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		h, token := w.asked(&c)
		ref := w.photo(zhao)
		for name, row := range map[string]struct {
			wish  agent.Wish
			data  string
			files []casework.FileRef
			want  string
		}{
			"not how":      {agent.Wish{}, `{"note":"x"}`, nil, "/how required"},
			"no witness":   {agent.Wish{How: agent.Spoken, Witness: " "}, `{"note":"x"}`, nil, "/witness required"},
			"long witness": {agent.Wish{How: agent.Signed, Witness: strings.Repeat("长", 101)}, `{"note":"x"}`, nil, "/witness maxLength"},
			"nothing":      {said, `{}`, nil, "/files/supplement required"},
		} {
			if err := w.Supply(ctx, zhao, &h, token, row.wish, []byte(row.data), row.files, name); why(err) != row.want {
				t.Errorf("%s: %v, want %s", name, err, row.want)
			}
		}
		if err := w.Supply(ctx, qian, &h, token, said, []byte(`{"note":"x"}`), nil, "other"); err == nil {
			t.Error("another agent supplied it")
		}
		// Past the service: the command alone is refused too, with and without a word of consent.
		act := casework.Complete{Token: token, Data: []byte(`{"note":"x"}`)}
		if _, err := w.cases.Do(ctx, casework.Command{Key: "bare", Actor: zhao, Case: h.ID, Act: act}); err == nil {
			t.Error("a step of the villager was done without their word")
		}
		if _, err := w.cases.Do(ctx, casework.Command{Key: "qian", Actor: qian, Case: h.ID, Consent: &casework.Consent{How: "spoken"}, Act: act}); why(err) == "" {
			t.Errorf("another agent did a step of the villager: %v", err)
		}
		for range 2 { // the answer was lost
			must(t, w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"户口簿"}`), []casework.FileRef{ref}, "k"))
		}
		kept, err := w.cases.Get(ctx, h.ID)
		must(t, err)
		if tasks := kept.Tasks(); len(tasks) != 1 || tasks[0].Element != "recheck" {
			t.Errorf("after the correction it waits for %v", tasks)
		}
		events, err := w.cases.Private(ctx, h.ID)
		must(t, err)
		if last := events[len(events)-1]; string(last.Fields["witness"]) != `"村民组长"` {
			t.Errorf("the witness is not kept: %s", last.Fields["witness"])
		}
		_, page := w.get(visitor, "/agent/consent/"+c.Number+"/"+w.code(c), "zh-CN")
		if strings.Count(page, "代您补正材料") != 1 || !strings.Contains(page, "您的同意方式：口头同意") {
			t.Errorf("the villager's paper: %s", page)
		}
	})
}

// TestSupplyNeedsConsent: a consent that was taken back, or has run out, lets nothing be supplied; a new one does, also to another agent.
func TestSupplyNeedsConsent(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		h, token := w.asked(&c)
		must(t, w.Withdraw(ctx, elder, c.ID, true, "w"))
		if err := w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"x"}`), nil, "1"); why(err) != agent.WhyWithdrawn {
			t.Errorf("taken back: %v", err)
		}
		if _, err := w.cases.Do(ctx, casework.Command{Key: "past", Actor: zhao, Case: h.ID, Consent: &casework.Consent{How: "spoken"},
			Act: casework.Complete{Token: token, Data: []byte(`{"note":"x"}`)}}); why(err) != agent.WhyWithdrawn {
			t.Errorf("taken back, past the service: %v", err)
		}
		w.see(zhao, "/agent/cases/"+h.Number, "委托已经终止")
		w.see(zhao, "/agent", "王*", "等村民补正的申请")

		narrow := agreed(wangID)
		narrow.Fields = []string{"employment"}
		narrow.Until = day(t, "2026-03-05")
		_, err := w.Take(ctx, zhao, narrow, "narrow")
		must(t, err)
		if err := w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"x"}`), nil, "2"); why(err) != agent.WhyField {
			t.Errorf("another field: %v", err)
		}
		w.at("2026-03-06", 9)
		if err := w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"x"}`), nil, "3"); why(err) == "" {
			t.Errorf("run out: %v", err)
		}
		must(t, w.Assign(ctx, chief, qian.Account, suji, day(t, "2026-03-06")))
		if code, _ := w.get(qian, "/agent/cases/"+h.Number, "zh-CN"); code != http.StatusNotFound {
			t.Errorf("another agent sees it before the villager has agreed: %d", code)
		}
		next, err := w.Take(ctx, qian, agreed(wangID), "qian")
		must(t, err)
		w.see(qian, "/agent/cases/"+h.Number, "代为补正", "请补交户口簿")
		w.see(qian, "/agent/villagers/"+next.ID.String(), h.Number)
		must(t, w.Supply(ctx, qian, &h, token, said, []byte(`{"note":"x"}`), nil, "4"))
		_, page := w.get(elder, "/me/agents", "zh-CN")
		if !strings.Contains(page, "账户12") || !strings.Contains(page, "代您补正材料") {
			t.Error("the villager does not see who did it")
		}
	})
}

// TestRecall: an application is withdrawn at the villager's wish, once, while it can be.
func TestRecall(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		h, _ := w.asked(&c)
		if err := w.Recall(ctx, zhao, &h, said, " ", "no reason"); why(err) != "/reason required" {
			t.Errorf("without a reason: %v", err)
		}
		if err := w.Recall(ctx, qian, &h, said, "儿子已办", "other"); err == nil {
			t.Error("another agent withdrew it")
		}
		for range 2 {
			must(t, w.Recall(ctx, zhao, &h, said, "儿子已在县里办好", "k"))
		}
		kept, err := w.cases.Get(ctx, h.ID)
		must(t, err)
		if kept.Open() || kept.Status != "withdrawn" {
			t.Errorf("it is %s", kept.Status)
		}
		if _, page := w.get(zhao, "/agent", "zh-CN"); strings.Contains(page, "等村民补正的申请") {
			t.Error("what was withdrawn still waits for a correction")
		}
		_, page := w.get(visitor, "/agent/consent/"+c.Number+"/"+w.code(c), "zh-CN")
		if strings.Count(page, "代您撤回申请") != 1 {
			t.Errorf("the villager's paper: %s", page)
		}
	})
}

// TestFollowPages: the forms keep what was typed and name what is wrong.
func TestFollowPages(t *testing.T) {
	w := onSQLite(t)
	c := w.take(wangID)
	h, token := w.asked(&c)
	w.see(zhao, "/agent", "等村民补正的申请", "王奶奶")
	at := "/agent/cases/" + h.Number + "/supply/" + strconv.Itoa(token)
	w.see(zhao, at, "请补交户口簿", "为王奶奶提交补正", "2026年4月1日") // thirty days after 2 March are over with 1 April
	code, _, page := w.post(zhao, at, url.Values{"key": {"k"}, "note": {"户口簿照片"}, "how": {"spoken"}})
	for _, word := range []string{"请先问过村民", "见证人", "户口簿照片"} {
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, word) {
			t.Errorf("half a correction: %d lacks %s", code, word)
		}
	}
	ref := w.photo(zhao)
	full := url.Values{"key": {"k"}, "how": {"signed"}, "agreed": {"true"}}
	if code, _, page = w.post(zhao, at, full); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请上传要补正的材料") {
		t.Errorf("nothing supplied: %d", code)
	}
	full.Set("kept.supplement", ref.ID.String())
	for range 2 {
		if code, next, _ := w.post(zhao, at, full); code != http.StatusSeeOther || next != "/agent/cases/"+h.Number {
			t.Errorf("supplied: %d %s", code, next)
		}
	}
	w.see(zhao, "/agent/cases/"+h.Number, "代您补正材料", "代为撤回申请")
	if code, _ := w.get(zhao, "/agent/cases/"+h.Number+"/supply/999", "zh-CN"); code != http.StatusConflict {
		t.Errorf("a step that is not there: %d", code)
	}
	if code, _ := w.get(zhao, "/agent/cases/"+h.Number+"/supply/x", "zh-CN"); code != http.StatusNotFound {
		t.Errorf("no step: %d", code)
	}
	at = "/agent/cases/" + h.Number + "/withdraw"
	w.see(zhao, at, "不能恢复")
	if code, _, page = w.post(zhao, at, url.Values{"key": {"r"}, "how": {"signed"}, "agreed": {"true"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "为什么撤回") {
		t.Errorf("no reason: %d", code)
	}
	for range 2 {
		if code, next, _ := w.post(zhao, at, url.Values{"key": {"r"}, "how": {"signed"}, "agreed": {"true"}, "reason": {"不办了"}}); code != http.StatusSeeOther || next != "/agent/cases/"+h.Number {
			t.Errorf("withdrawn: %d %s", code, next)
		}
	}
}

// TestFields: a consent covers the fields that the villager chose; what lies outside is refused in one place, on every way in.
func TestFields(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := agreed(wangID)
		a.Fields = []string{"no-such-field"}
		if _, err := w.Take(ctx, zhao, a, "bad"); why(err) != "/fields enum" {
			t.Errorf("an unknown field: %v", err)
		}
		a.Fields = []string{"employment", "household", "employment"}
		c, err := w.Take(ctx, zhao, a, "two")
		must(t, err)
		if strings.Join(c.Fields, " ") != "employment household" || c.Covers("assistance") || !c.Covers("household") {
			t.Errorf("fields: %v", c.Fields)
		}
		_, err = w.HandIn(ctx, zhao, &c, w.handing(draft1))
		if why(err) != agent.WhyField || !strings.Contains(errText(err), "就业、户籍") || !strings.Contains(errText(err), "社会救助") {
			t.Errorf("outside: %v %s", err, errText(err))
		}
		_, err = w.Submit(ctx, zhao, agent.Application{Code: "DESTITUTE", Form: w.handing("x").Form, Files: []casework.FileRef{w.photo(zhao)},
			Applicant: casework.Applicant{Kind: "person", Name: "王奶奶", IDNumber: wangID, Consent: c.ID, Draft: "past"}}, "past")
		if why(err) != agent.WhyField {
			t.Errorf("outside, past the service: %v", err)
		}
		code, got := w.handin(zhao, map[string]any{"draft": draft1, "item": "DESTITUTE", "version": 1, "consent": c.ID.String(), "values": map[string]any{}}, nil)
		if code != http.StatusConflict || got["reason"] != agent.WhyField {
			t.Errorf("outside, from the device: %d %v", code, got)
		}
		// Another consent that was taken without a line, after this one, takes its place if it covers what is handed in.
		w.at("2026-03-02", 14)
		villager := map[string]any{"name": "王奶奶", "id": wangID, "how": "signed", "at": "2026-03-02T05:00:00Z", "fields": []string{"household"}}
		widened := map[string]any{"draft": draft1, "item": "DESTITUTE", "version": 1, "villager": villager, "values": map[string]any{"name": "王奶奶", "group": "old"}}
		if code, got = w.handin(zhao, widened, map[string]string{"photo": pdf}); code != http.StatusConflict || got["reason"] != agent.WhyField {
			t.Errorf("a later consent for yet another field: %d %v", code, got)
		}
		if _, page := w.get(zhao, "/agent/villagers/"+c.ID.String(), "zh-CN"); strings.Contains(page, "特困人员认定") || !strings.Contains(page, "就业、户籍") {
			t.Error("the villager's page offers what they have not agreed to")
		}
		w.see(zhao, "/agent/villagers/"+c.ID.String()+"/paper.pdf", "委托的领域：就业、户籍")
		w.see(elder, "/me/agents", "就业、户籍")

		// Taken anew with all fields: the narrow one ends, and the application goes in.
		w.see(zhao, "/agent/consents/new?renews="+c.ID.String(), "王奶奶", "由新的委托代替")
		again := url.Values{"key": {"n"}, "renews": {c.ID.String()}, "name": {"王奶奶"}, "id": {liID}, "how": {"signed"}, "until": {"2026-12-31"}, "read": {"true"}, "fields": {"assistance"}}
		if code, _, page := w.post(zhao, "/agent/consents/new", again); code != http.StatusUnprocessableEntity || !strings.Contains(page, "原来的村民") {
			t.Errorf("taken anew of somebody else: %d", code)
		}
		again.Set("id", wangID)
		code, next, _ := w.post(zhao, "/agent/consents/new", again)
		if code != http.StatusSeeOther {
			t.Fatalf("taken anew: %d", code)
		}
		w.see(zhao, next, "特困人员认定")
		list, err := w.InForce(ctx, zhao.Account, w.time())
		must(t, err)
		if len(list) != 1 || strings.Join(list[0].Fields, " ") != "assistance" {
			t.Errorf("in force: %+v", list)
		}
		_, err = w.HandIn(ctx, zhao, &list[0], w.handing(draft1))
		must(t, err)
	})
}

// TestNoField: all fields are offered ticked, one when they have come for it; none is refused.
func TestNoField(t *testing.T) {
	w := onSQLite(t)
	_, page := w.get(zhao, "/agent/consents/new", "zh-CN")
	if n := strings.Count(page, `name="fields"`); n != 10 || strings.Count(page, "checked") != 10 {
		t.Errorf("%d fields, %d ticked", n, strings.Count(page, "checked"))
	}
	_, page = w.get(zhao, "/agent/consents/new?field=assistance", "zh-CN")
	if strings.Count(page, "checked") != 1 {
		t.Errorf("%d ticked", strings.Count(page, "checked"))
	}
	if _, page = w.get(zhao, "/agent/consents/new?field=nope", "zh-CN"); strings.Count(page, "checked") != 10 {
		t.Errorf("%d ticked for an unknown field", strings.Count(page, "checked"))
	}
	code, _, page := w.post(zhao, "/agent/consents/new", url.Values{"key": {"k"}, "name": {"王奶奶"}, "id": {wangID}, "how": {"signed"}, "until": {"2026-06-30"}, "read": {"true"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, "至少选择一个村民委托的领域") {
		t.Errorf("no field: %d", code)
	}
}

// TestWidened: a later consent without a line takes the place of a narrower one, also when the line broke in between; an earlier one does not.
func TestWidened(t *testing.T) {
	for name, row := range map[string]struct {
		at    string // when the villager agreed to the other field; they agreed to the narrow one at 10 o'clock, in Beijing
		cut   bool
		taken bool
	}{
		"later": {"2026-03-02T03:00:00Z", false, true}, "later, and cut": {"2026-03-02T03:00:00Z", true, true}, "earlier": {"2026-03-02T01:00:00Z", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				a := agreed(wangID)
				a.Fields = []string{"employment"}
				narrow, err := w.Take(ctx, zhao, a, "narrow")
				must(t, err)
				villager := map[string]any{"name": "王奶奶", "id": wangID, "how": "signed", "at": row.at, "fields": []string{"assistance"}}
				draft := map[string]any{"draft": draft1, "item": "DESTITUTE", "version": 1, "villager": villager, "values": map[string]any{"name": "王奶奶", "group": "old"}}
				w.at("2026-03-02", 14)
				if row.cut {
					must(t, w.LayDown(ctx, zhao, &narrow, "由新的委托代替", narrow.Number+"/renewed/"+draft1)) // as far as the first try came
				}
				code, got := w.handin(zhao, draft, map[string]string{"photo": pdf})
				list, err := w.InForce(ctx, zhao.Account, w.time())
				must(t, err)
				if !row.taken {
					if code != http.StatusConflict || got["reason"] != agent.WhyField || len(list) != 1 || list[0].ID != narrow.ID {
						t.Errorf("%d %v, in force %+v", code, got, list)
					}
					return
				}
				if code != http.StatusOK || got["state"] != "taken" || len(list) != 1 || strings.Join(list[0].Fields, " ") != "assistance" {
					t.Fatalf("handed in: %d %v, in force %+v", code, got, list)
				}
				if code, again := w.handin(zhao, draft, map[string]string{"photo": pdf}); code != http.StatusOK || again["number"] != got["number"] {
					t.Errorf("again: %d %v", code, again)
				}
			})
		})
	}
}

// TestLongReason: an overlong reason of an end is named and kept, and the consent goes on.
func TestLongReason(t *testing.T) {
	w := onSQLite(t)
	c := w.take(wangID)
	long := strings.Repeat("长", 501)
	code, _, page := w.post(zhao, "/agent/villagers/"+c.ID.String()+"/end", url.Values{"key": {"k"}, "reason": {long}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, "不超过 500 个字") || !strings.Contains(page, long) {
		t.Errorf("%d %s", code, page)
	}
	c, err := w.Consent(t.Context(), c.ID)
	must(t, err)
	if !c.InForce(w.time()) {
		t.Error("it has ended all the same")
	}
}
