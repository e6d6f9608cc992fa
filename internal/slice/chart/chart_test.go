package chart_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/slice/chart"
	"openhall.org/openhall/procedures"
)

// begin makes a chart from the general licence, for the power of the bureau.
func (w *world) begin() chart.Chart {
	w.t.Helper()
	c, err := w.Create(w.t.Context(), drawer, chart.Beginning{Title: text("取水许可流程"), Items: []string{"water-intake"}, From: "general-licence"})
	must(w.t, err)
	return c
}

// draw saves a version with something replaced.
func (w *world) draw(c chart.Chart, n int, edit *strings.Replacer) chart.Version {
	w.t.Helper()
	v, err := w.Version(w.t.Context(), c.ID, n)
	must(w.t, err)
	v, err = w.Save(w.t.Context(), drawer, c.ID, n, v.Stamp, edit.Replace(v.XML), "缩短审查时限")
	must(w.t, err)
	return v
}

// From the drawing board into force: drawn by one, reviewed by another, approved by a third; only then do new cases run by it, and the file
// that runs is the one whose digest was approved.
func TestAChartComesIntoForceThroughPublication(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.begin()
		v := w.draw(c, 1, strings.NewReplacer(`name="审查"`, `name="审核"`))
		rec, err := w.HandIn(ctx, drawer, c.ID, 1, w.key())
		must(t, err)
		if _, err := w.Save(ctx, drawer, c.ID, 1, v.Stamp, v.XML, ""); err == nil {
			t.Error("a version under review was changed")
		}
		if moved, err := w.Follow(ctx); err != nil || moved {
			t.Errorf("before the approval: %v, %v", moved, err)
		}
		if _, err := w.records.Review(ctx, drawer, rec.Case, w.key(), publication.Clear()); err == nil {
			t.Error("whoever drew it reviewed it")
		}
		_, err = w.records.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		if got := w.For("water", "water-intake", "general-licence"); got != "general-licence" {
			t.Errorf("before the approval cases run by %s", got)
		}
		_, err = w.records.Approve(ctx, head, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		for range 2 { // doing it again changes nothing
			_, err = w.Follow(ctx)
			must(t, err)
		}
		if got := w.For("water", "water-intake", "general-licence"); got != c.Key {
			t.Errorf("cases run by %s", got)
		}
		live, err := w.cases.ProcedureVersions(ctx, c.Key)
		must(t, err)
		if len(live) != 1 || live[0].Digest != v.Digest {
			t.Errorf("in force: %+v, drawn: %s", live, v.Digest)
		}
		c, err = w.Get(ctx, c.ID)
		must(t, err)
		record, err := w.records.Get(ctx, c.Record)
		must(t, err)
		for _, want := range []string{v.Digest, "审核", "取水许可（CODE-1）", "修改：审核", "缩短审查时限"} {
			if !strings.Contains(record.Text, want) {
				t.Errorf("the record does not say %q:\n%s", want, record.Text)
			}
		}
		// The next version is of the same record, and the one in force goes on until it is approved.
		n, err := w.Begin(ctx, drawer, c.ID)
		must(t, err)
		w.draw(c, n, strings.NewReplacer(`name="审核"`, `name="审查核实"`))
		rec, err = w.HandIn(ctx, drawer, c.ID, n, w.key())
		must(t, err)
		_, err = w.records.Review(ctx, reviewer, rec.Case, w.key(), publication.Review{Outcome: publication.Return, Secret: publication.No, Forbidden: publication.No,
			Security: publication.No, ThirdParty: publication.No, Internal: publication.No, Process: publication.No, Enforcement: publication.No, Opinion: "请写明依据后再送审"})
		must(t, err)
		back, err := w.Look(ctx, c.ID, n)
		must(t, err)
		if !back.Returned || !back.Editable() {
			t.Fatalf("returned: %+v", back)
		}
		w.draw(c, n, strings.NewReplacer(`name="审查核实"`, `name="核实"`))
		_, err = w.HandIn(ctx, drawer, c.ID, n, w.key())
		must(t, err)
		_, err = w.records.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		_, err = w.records.Approve(ctx, head, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		_, err = w.Follow(ctx)
		must(t, err)
		if c, err = w.Get(ctx, c.ID); err != nil || c.Live != casework.Reference(c.Key, 2) {
			t.Errorf("in force: %s, %v", c.Live, err)
		}
	})
}

func TestFaultsKeepAChartBack(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	for _, x := range []struct {
		name, from, to string
		code           procedure.Code
		element        string
	}{
		{"a dangling flow", `sourceRef="received" targetRef="receive"`, `sourceRef="received" targetRef="nowhere"`, procedure.CodeDanglingFlow, ""},
		{"a lane without role", ` openhall:role="reviewer"`, ``, procedure.CodeLaneRole, ""},
		{"a role that nobody has", `openhall:role="reviewer"`, `openhall:role="wizard"`, chart.CodeUnknownRole, ""},
		{"a form that is not there", `<openhall:form key="examine"/>`, `<openhall:form key="dream"/>`, chart.CodeUnknownForm, ""},
		{"a letter that is not there", `kind="acceptance-slip"`, `kind="love-letter"`, chart.CodeUnknownLetter, ""},
		{"what is not executed", `<bpmn:exclusiveGateway`, `<bpmn:complexGateway id="odd"/><bpmn:exclusiveGateway`, procedure.CodeUnreadable, "odd"},
	} {
		t.Run(x.name, func(t *testing.T) {
			raw, err := procedures.Files.ReadFile("general-licence.bpmn")
			must(t, err)
			xml := strings.Replace(string(raw), x.from, x.to, 1)
			if xml == string(raw) {
				t.Fatal("the file has no " + x.from)
			}
			v, err := w.Version(t.Context(), c.ID, 1)
			must(t, err)
			_, err = w.Save(t.Context(), drawer, c.ID, 1, v.Stamp, xml, "")
			must(t, err)
			_, err = w.HandIn(t.Context(), drawer, c.ID, 1, w.key())
			var faults *chart.FaultsError
			if !errors.As(err, &faults) {
				t.Fatalf("handed in: %v", err)
			}
			found := false
			for _, f := range faults.Findings {
				if f.Code == x.code && (x.element == "" || f.Element == x.element) {
					found = f.Element != "" && f.Message.Complete()
				}
			}
			if !found {
				t.Errorf("found %v", faults.Findings)
			}
		})
	}
}

// What is no XML, or a bomb, is refused; what was typed comes back with the reason.
func TestBadInputIsRefusedAndKeptOnThePage(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	path := "/desk/charts/" + c.ID.String() + "/v/1"
	for name, xml := range map[string]string{
		"half a file": `<bpmn:definitions`,
		"a bomb":      `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>`,
		"words":       `这不是文件`,
	} {
		rec := w.ask(drawer, http.MethodPost, path, url.Values{"xml": {xml}, "stamp": {"1"}, "op": {"save"}, "note": {"说明写好了"}})
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "说明写好了") || !strings.Contains(rec.Body.String(), "error-summary") {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	rec := w.ask(drawer, http.MethodPost, path, url.Values{"xml": {"<a/>"}, "stamp": {"99"}, "op": {"save"}})
	if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "&lt;a/&gt;") {
		t.Errorf("over somebody else's change: %d", rec.Code)
	}
	if rec := w.ask(outsider, http.MethodGet, path, nil); rec.Code != http.StatusForbidden {
		t.Errorf("another body: %d", rec.Code)
	}
	if _, err := w.Create(t.Context(), drawer, chart.Beginning{Title: text("x"), Items: []string{"no-such-power"}}); err == nil {
		t.Error("a chart for a power that the body has not")
	}
}

// Files of other tools come in and go out byte for byte, with everything that we do not know.
func TestFilesOfOtherToolsStayAsTheyAre(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	raw, err := procedures.Files.ReadFile("general-licence.bpmn")
	must(t, err)
	foreign := strings.NewReplacer("\n", "\r\n", `id="general-licence-definitions"`, `xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:x="urn:x" x:kept="yes" id="general-licence-definitions"`,
		"</bpmn:process>", "<!-- kept --><bpmn:extensionElements><x:any deep=\"1\"><x:in>词</x:in></x:any></bpmn:extensionElements></bpmn:process>").Replace(string(raw))
	_, err = w.Save(t.Context(), drawer, c.ID, 1, 1, foreign, "")
	must(t, err)
	rec := w.ask(drawer, http.MethodGet, "/desk/charts/"+c.ID.String()+"/v/1/diagram.bpmn", nil)
	if rec.Code != http.StatusOK || rec.Body.String() != foreign {
		t.Errorf("%d: %d bytes went in, %d came out", rec.Code, len(foreign), rec.Body.Len())
	}
}

func TestFormsAreBuiltAndFrozen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.begin()
		must(t, w.NewForm(ctx, drawer, c.ID, "site-visit", text("现场核查")))
		if err := w.NewForm(ctx, drawer, c.ID, "site-visit", text("现场核查")); err == nil {
			t.Error("two forms of one name")
		}
		put := func(f chart.FormField) error {
			_, err := w.ChangeForm(ctx, drawer, c.ID, "site-visit", 1, func(d *chart.Design) error { d.Put("", f); return nil })
			return err
		}
		for _, f := range []chart.FormField{
			{Name: "outcome", Kind: chart.OneOf, Title: text("结论"), Required: true, Public: true, Variable: true, Options: chart.ParseOptions("pass 符合 | 符合 | Fits\nfail 不符合 | 不符合 | Does not fit")},
			{Name: "depth", Kind: chart.Whole, Title: text("井深（米）"), Max: 500},
			{Name: "day", Kind: chart.Day, Title: text("核查日期"), Required: true},
		} {
			must(t, put(f))
		}
		for name, f := range map[string]chart.FormField{
			"a taken name":        {Name: "depth", Kind: chart.Short, Title: text("又一个")},
			"a name with a space": {Name: "two words", Kind: chart.Short, Title: text("x")},
			"one answer only":     {Name: "one", Kind: chart.OneOf, Title: text("x"), Options: chart.ParseOptions("a 甲")},
			"bounds turned round": {Name: "n", Kind: chart.Whole, Title: text("x"), Min: 9, Max: 3},
			"no title":            {Name: "n", Kind: chart.Short},
			"a text in the log":   {Name: "n", Kind: chart.Long, Title: text("x"), Public: true},
			"a number in the log": {Name: "n", Kind: chart.IDCard, Title: text("x"), Public: true},
			"a way by telephone":  {Name: "n", Kind: chart.Phone, Title: text("x"), Variable: true},
			"a hint like a book":  {Name: "n", Kind: chart.Day, Title: text("x"), Hint: text(strings.Repeat("说", 501))},
			"an endless answer":   {Name: "n", Kind: chart.OneOf, Title: text("x"), Options: chart.ParseOptions("甲\n" + strings.Repeat("乙", 101))},
		} {
			var refused *casework.Refusal
			if err := put(f); !errors.As(err, &refused) || refused.Fields[0].Text.IsZero() {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.ChangeForm(ctx, drawer, c.ID, "site-visit", 1, func(d *chart.Design) error {
			d.Rules = append(d.Rules, chart.Rule{When: "outcome", Is: "fail", Then: "opinion"})
			d.Fields[0].Required = false
			return nil
		})
		must(t, err)
		f, d, err := w.Form(ctx, drawer, c.ID, "site-visit")
		must(t, err)
		if again, err := d.Schema(); err != nil || string(again) != string(f.Schema) {
			t.Errorf("read and written again it is another: %s", again)
		}
		key := c.Key + "/site-visit/1"
		made, ok := w.cases.Forms.Form(key)
		if !ok {
			t.Fatal("the runtime does not know the form")
		}
		for data, right := range map[string]bool{
			`{"outcome":"pass","day":"2026-03-02"}`:                  true,
			`{"outcome":"fail","day":"2026-03-02"}`:                  false,
			`{"outcome":"fail","day":"2026-03-02","opinion":"距离不足"}`: true,
			`{"outcome":"maybe","day":"2026-03-02"}`:                 false,
			`{"outcome":"pass","day":"2026-03-02","depth":501}`:      false,
		} {
			if err := made.Validate([]byte(data)); (err == nil) != right {
				t.Errorf("%s: %v", data, err)
			}
		}
		w.draw(c, 1, strings.NewReplacer(`<openhall:form key="examine"/>`, `<openhall:form key="`+key+`"/>`))
		_, err = w.HandIn(ctx, drawer, c.ID, 1, w.key())
		must(t, err)
		next, err := w.ChangeForm(ctx, drawer, c.ID, "site-visit", 1, func(d *chart.Design) error { return d.Drop("depth") })
		must(t, err)
		if kept, _ := w.cases.Forms.Form(key); next.N != 2 || kept.Validate([]byte(`{"outcome":"pass","day":"2026-03-02","depth":5}`)) != nil {
			t.Errorf("the frozen form changed; the next is %d", next.N)
		}
	})
}

func TestPagesAreThere(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	w.draw(c, 1, strings.NewReplacer(`name="审查"`, `name="审核"`))
	must(t, w.NewForm(t.Context(), drawer, c.ID, "site-visit", text("现场核查")))
	at := "/desk/charts/" + c.ID.String()
	for path, want := range map[string]string{
		"/desk/charts": "取水许可流程", "/desk/charts/new": "general-licence", at: "site-visit", at + "/v/1": "data-board", at + "/v/1/diff": "oh-chart__node--changed",
		at + "/forms/site-visit": "opinion", at + "/v/1/diff?from=general-licence": "审核",
	} {
		for _, tag := range []string{"zh-Hans", "zh-Hant", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			if rec := w.ask(drawer, http.MethodGet, path+sep+"lang="+tag, nil); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), want) {
				t.Errorf("%s in %s: %d", path, tag, rec.Code)
			}
		}
	}
	for _, path := range []string{at + "/v/9", at + "/v/x", "/desk/charts/1", at + "/forms/none"} {
		if rec := w.ask(drawer, http.MethodGet, path, nil); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	if rec := w.ask(identity.Principal{Kind: identity.Visitor}, http.MethodGet, "/desk/charts", nil); rec.Code == http.StatusOK {
		t.Error("everybody sees the drafts")
	}
}
