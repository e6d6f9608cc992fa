package joint_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/rules"
)

// cease lets bodies end today.
func (w *world) cease(day string, keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		if err := w.reg.Edit(w.t.Context(), func(e *registry.Edit) error {
			b := *w.reg.Now().Body(key)
			b.Ended = day
			return e.PutBody(b)
		}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) body(key, kind string) {
	w.t.Helper()
	if err := w.reg.Edit(w.t.Context(), func(e *registry.Edit) error {
		return e.PutBody(registry.Body{Key: key, Division: hefei, Kind: kind, Level: "municipal", Name: text("合肥市" + key)})
	}); err != nil {
		w.t.Fatal(err)
	}
}

// TestDepartmentCeases: a department that is there no more while its part is open hands over to its successor, with its clock as it is; where
// there is none the part is void, its case ends, and the others go on. Doing it again changes nothing.
func TestDepartmentCeases(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.accepted(enterprise())
		w.opine(id, "name", "agree")
		w.opine(id, "licence", "agree")
		fund, bank := w.part(id, "fund"), w.part(id, "bank")
		w.cease("2026-03-02", "bank", "housing-fund")
		w.body("new-fund", "housing-fund")
		for range 2 {
			if err := w.Succeed(t.Context(), w.cases); err != nil {
				t.Fatal(err)
			}
			w.settle()
		}
		e := w.part(id, "fund")
		c, err := w.cases.Get(t.Context(), fund.Case)
		if err != nil {
			t.Fatal(err)
		}
		if e.Body != "new-fund" || e.State != joint.Open || c.Body != "new-fund" || !e.DueAt.Equal(fund.DueAt) || !c.StatuteDue.Equal(fund.StatuteAt) {
			t.Errorf("the successor got %+v; the case lies at %s", e, c.Body)
		}
		heir := staff(90, "new-fund-reviewer", "new-fund", "reviewer")
		w.do(fund.Case, heir, "review", map[string]any{"opinion": "agree"})
		if err := w.try(fund.Case, of("housing-fund", "head"), "sign", map[string]any{"outcome": "issue"}); err == nil {
			t.Error("who was head of the former body still signs")
		}
		w.do(fund.Case, staff(91, "new-fund-head", "new-fund", "head"), "sign", map[string]any{"outcome": "issue"})
		w.settle()
		if e := w.part(id, "bank"); e.State != joint.Void {
			t.Errorf("nobody is competent for the bank, and the part is %s", e.State)
		}
		if c, err = w.cases.Get(t.Context(), bank.Case); err != nil || c.Open() {
			t.Errorf("the case at the body that is there no more is still open: %v", err)
		}
		for _, key := range []string{"seal", "tax", "insurance"} {
			w.opine(id, key, "agree")
		}
		w.finish(id)
		if x := w.whole(id); x.Status != "granted" || w.part(id, "bank").State != joint.Void {
			t.Errorf("the whole is %s, the bank %s", x.Status, w.part(id, "bank").State)
		}
		w.see(visitor, "/hall/joint/progress/"+w.whole(id).Number, "无主管部门", "合肥市new-fund")
	})
}

// TestDefaultRaisesACard: each default raises a card that the head of the department has to explain; so does a part for which nobody is
// competent any more, at the lead body. A default that a law forbids raises none.
func TestDefaultRaisesACard(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, append(schemas, supervision.Schema())...))
	law, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := supervision.Load(rules.Files, law, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	watch, err := supervision.New(w.db, list, w.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	id := w.accepted(enterprise())
	w.days(3) // the name is in default on time-out; the licence has begun, for which a law forbids it
	w.days(6)
	w.opine(id, "licence", "agree")
	w.opine(id, "seal", "bare")
	w.cease("2026-03-02", "bank")
	if err := w.Succeed(t.Context(), w.cases); err != nil {
		t.Fatal(err)
	}
	w.settle()
	leaf := int64(0)
	cards := func(kase store.ID, rule string) []supervision.Card {
		t.Helper()
		events, err := w.cases.Events(t.Context(), kase, 0, 200)
		if err != nil {
			t.Fatal(err)
		}
		for i := range events {
			leaf++
			events[i].Leaf = leaf // where it stands in the log
		}
		if err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return watch.Handle(ctx, tx, events) }); err != nil {
			t.Fatal(err)
		}
		found, err := watch.Cards(t.Context(), supervision.CardFilter{Case: kase, Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, row := range []struct {
		kase store.ID
		rule string
		body string
		n    int
	}{
		{w.part(id, "name").Case, "supervision.joint-default", "market-regulation", 1},
		{w.part(id, "seal").Case, "supervision.joint-default", "public-security", 1},
		{w.part(id, "licence").Case, "supervision.joint-default", "", 0},
		{id, "supervision.joint-void", "lead", 1},
	} {
		found := cards(row.kase, row.rule)
		if len(found) != row.n {
			t.Errorf("%s of %s: %d cards, want %d", row.rule, row.kase, len(found), row.n)
			continue
		}
		for i := range found {
			if c := &found[i]; c.Body != row.body || c.Explain != registry.Head || c.Colour != supervision.Irregular {
				t.Errorf("card: %+v", c)
			}
		}
	}
}

// TestExtension: the lead window asks for more time on its page, the head grants it once (行政许可法 42): 15 working days more, and a letter.
func TestExtension(t *testing.T) {
	w := onSQLite(t)
	id := w.accepted(enterprise())
	path := "/desk/joint/case/" + w.whole(id).Number
	before, err := w.cases.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := w.post(of("bank", "head"), path+"/extend", url.Values{"key": {"a"}}); code == http.StatusSeeOther {
		t.Error("a department asks for more time for the whole")
	}
	if code, to, _ := w.post(clerk, path+"/extend", url.Values{"key": {"a"}}); code != http.StatusSeeOther || to != path {
		t.Fatalf("ask: %d %s", code, to)
	}
	if err := w.try(id, clerk, "approve-extension", map[string]any{"outcome": "yes", "reasons": "部门较多"}); err == nil {
		t.Error("the window grants it to itself")
	}
	w.do(id, leadHead, "approve-extension", map[string]any{"outcome": "yes", "reasons": "需要会同省级部门核实"})
	after, err := w.cases.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// 行政许可法 42: 45 working days, and 15 more.
	was, is := w.cal.Count(dateOf(before.CreatedAt), dateOf(before.StatuteDue)), w.cal.Count(dateOf(before.CreatedAt), dateOf(after.StatuteDue))
	if is-was != 15 || !issued(after, "joint-extension") {
		t.Errorf("the line moved by %d working days, want 15; letters %v", is-was, after.Documents())
	}
	if code, _, _ := w.post(clerk, path+"/extend", url.Values{"key": {"b"}}); code == http.StatusSeeOther {
		t.Error("extended twice")
	}
	w.see(applicant, "/me/joint/"+w.whole(id).Number, "延长")
}

// TestCounter: the lead window enters an application for whoever came in person; what is wrong comes back with all that was typed.
func TestCounter(t *testing.T) {
	w := onSQLite(t)
	path := "/desk/joint/receive"
	w.see(clerk, path, "企业设立联合审批", path+"/enterprise-establishment")
	for _, who := range []identity.Principal{applicant, of("tax", "reviewer"), leadHead} {
		if code, _ := w.get(who, path+"/enterprise-establishment", "zh-CN"); code == http.StatusOK {
			t.Errorf("%s takes in joint applications", who.Post.ID)
		}
	}
	if code, _ := w.get(clerk, path+"/nothing", "zh-CN"); code != http.StatusNotFound {
		t.Errorf("a matter that is not there: %d", code)
	}
	if _, body := w.get(clerk, path+"/enterprise-establishment", "zh-CN"); strings.Contains(body, `name="bankBranch"`) {
		t.Error("the form asks for a part that was not chosen")
	}
	w.see(clerk, path+"/enterprise-establishment?part=bank", `name="bankBranch"`, "以承诺代替")
	typed := url.Values{"key": {"k1"}, "part": {"bank"}, "applicant.kind": {"person"}, "applicant.idNumber": {"340104199003159026"}, "applicant.phone": {"13800000009"},
		"name": {"合肥晨光科技有限公司"}, "alternative": {"合肥晨曦科技有限公司"}, "kind": {"llc"}, "telephone": {"13800000001"}, "capital": {"1000000"}, "address": {"虚构路1号"},
		"scope": {"软件开发"}, "representative": {"陈晓禾"}, "representativeId": {"340104199003159026"}, "shareholders": {"陈晓禾"}, "seals": {"company"}, "taxpayer": {"small"},
		"staff": {"3"}, "payday": {"45"}, "fundRate": {"8"}, "bankBranch": {"虚构支行"}, "commit-premises": {"true"}}
	code, _, page := w.post(clerk, path+"/enterprise-establishment", typed)
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, "合肥晨光科技有限公司") || !strings.Contains(page, `href="#`+ui.ID("payday")) || !strings.Contains(page, `href="#`+ui.ID("applicant.name")) {
		t.Errorf("what is wrong: %d", code)
	}
	typed.Set("payday", "15")
	typed.Set("applicant.name", "周予安")
	code, to, page := w.post(clerk, path+"/enterprise-establishment", typed)
	if code != http.StatusSeeOther {
		t.Fatalf("take in: %d %s", code, page)
	}
	if _, again, _ := w.post(clerk, path+"/enterprise-establishment", typed); again != to {
		t.Errorf("sent twice it is another: %s, %s", to, again)
	}
	number := strings.TrimPrefix(to, "/desk/joint/received/")
	x, err := w.ByNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.cases.Get(t.Context(), x.Case)
	if err != nil || c.Channel != casework.Window || c.Party != 0 || len(x.Parts) != 7 {
		t.Fatalf("received: %+v, %v", c, err)
	}
	w.see(clerk, to, number, w.cases.Code(c), "打印")
	if code, _ := w.get(of("tax", "reviewer"), to, "zh-CN"); code == http.StatusOK {
		t.Error("a department sees the query code")
	}
	w.see(visitor, "/hall/joint/case/"+number+"/"+w.cases.Code(c), "各部门进度")
}

// dateOf is the day on which a line ends, whose instant is the first after it.
func dateOf(t time.Time) calendar.Date { return calendar.Of(t.Add(-time.Microsecond)) }
