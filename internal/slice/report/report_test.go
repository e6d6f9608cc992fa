package report_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/report/sheet"
)

var (
	water      = report.Owner{Division: hefei, Body: "water"}
	government = report.Owner{Division: hefei}
)

func cell(table, row, column string) sheet.Address {
	return sheet.Address{Table: table, Row: row, Column: column}
}

// refused asks for a refusal with a code, and returns the codes of its fields.
func refused(t *testing.T, err error, code string) string {
	t.Helper()
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
	var fields []string
	for _, f := range r.Fields {
		fields = append(fields, f.Path+":"+f.Code)
	}
	return strings.Join(fields, " ")
}

// 条例 49: departments by 31 January, governments by 31 March; 492号 art. 31 both by 31 March.
func TestDue(t *testing.T) {
	w := onSQLite(t)
	for _, tt := range []struct {
		owner report.Owner
		year  int
		want  string
	}{
		{water, 2025, "2026-01-31"}, {government, 2025, "2026-03-31"}, {water, 2018, "2019-03-31"}, {government, 2018, "2019-03-31"}, {water, 2019, "2020-01-31"},
	} {
		got, err := w.Term(tt.owner, tt.year)
		if err != nil || got.Due.String() != tt.want || got.Source.Article == "" {
			t.Errorf("the report of %s on %d is due %s (%v), want %s", tt.owner.Key(), tt.year, got.Due, err, tt.want)
		}
	}
}

// A report from its beginning to its publication, on both databases: adjusted, returned, handed on again, approved.
func TestReport(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.figures["water@2025"] = w.whole(2025, sheet.Figures{
			"requests/received/person": 7, "requests/published/person": 4, "requests/partial/person": 1, "requests/carried-forward/person": 1,
			"records/documents/in-force": 3, "records/documents/made": 3,
		})
		delete(w.figures["water@2025"], "decisions/penalty") // nobody counts penalties yet
		if _, err := w.Begin(ctx, other, water, 2025, w.key()); err == nil {
			t.Error("another body begins the report")
		}
		_, err := w.Begin(ctx, clerk, water, 2007, w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/year:range" {
			t.Errorf("a year without reports: %s", got)
		}
		r := w.begin(clerk, water, 2025)
		if r.State != report.Compiling || r.Due.String() != "2026-01-31" || !strings.HasPrefix(r.Number, "NB"+hefei) || r.Office != "water" {
			t.Fatalf("the report is %+v", r)
		}
		_, err = w.Begin(ctx, clerk, water, 2025, w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/year:twice" {
			t.Errorf("begun twice: %s", got)
		}

		work, err := w.Work(ctx, r)
		must(t, err)
		var keys []string
		for i := range work.Findings {
			if f := &work.Findings[i]; f.Open() {
				keys = append(keys, f.Key())
			}
		}
		// 7 received, 5 ended and 1 carried forward: one is missing, in its column and in the total.
		want := "empty/enforcement/penalty balance/requests/person balance/requests/total words//overview words//problems words//other"
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
		_, err = w.Hand(ctx, clerk, r.ID, w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/checks:failing" {
			t.Errorf("handed on with findings: %s", got)
		}

		// Adjusting needs a number and a reason; what is typed wrong is named, all of it.
		lost := cell("requests", "refused.secret", "person")
		err = w.Adjust(ctx, clerk, r.ID, lost, "一件", "漏")
		if got := refused(t, err, casework.RefusedForm); got != "/value:number /reason:reason" {
			t.Errorf("a bad adjustment: %s", got)
		}
		err = w.Adjust(ctx, clerk, r.ID, lost, "-1", "纸质台账第 12 号")
		if got := refused(t, err, casework.RefusedForm); got != "/value:number" {
			t.Errorf("a negative number: %s", got)
		}
		if err := w.Adjust(ctx, other, r.ID, lost, "1", "纸质台账第 12 号"); !errors.As(err, new(*identity.Denied)) {
			t.Errorf("another body adjusts: %v", err)
		}
		was := w.rows("report_adjustment")
		must(t, w.Adjust(ctx, clerk, r.ID, lost, "1", "纸质台账第 12 号"))
		must(t, w.Adjust(ctx, clerk, r.ID, lost, "１", " 纸质台账第 12 号 ")) // sent twice
		if n := w.rows("report_adjustment") - was; n != 1 {
			t.Errorf("%d adjustments are kept, want 1", n)
		}
		must(t, w.Adjust(ctx, clerk, r.ID, cell("enforcement", "penalty", "decisions"), "１2", "执法台账，系统尚未登记处罚"))
		must(t, w.Adjust(ctx, clerk, r.ID, cell("fees", "administrative", "amount"), "12.5", "财务决算报表第 3 页"))
		w.write(clerk, r)
		_, err = w.Hand(ctx, clerk, r.ID, w.key())
		must(t, err)

		r = w.get(water, 2025)
		if r.State != report.Deciding || r.Statement == nil || r.Statement.Values["fees/administrative/amount"] != 12_500_000 || r.Statement.Values["requests/results-total/total"] != 6 {
			t.Fatalf("handed on: %+v %+v", r, r.Statement)
		}
		if err := w.Adjust(ctx, clerk, r.ID, lost, "2", "纸质台账第 13 号"); err == nil {
			t.Error("adjusted after it was handed on")
		}
		// The records move on; what was handed on does not.
		w.figures["water@2025"]["requests/received/person"] = 100
		work, err = w.Work(ctx, r)
		must(t, err)
		if got := work.Sheet.Cell(cell("requests", "received", "person")).Final; got != 7 {
			t.Errorf("what was handed on has moved to %d", got)
		}
		w.figures["water@2025"]["requests/received/person"] = 7

		// Who compiled does not approve, though the post has both roles; a return needs a remark.
		if _, err := w.Decide(ctx, clerk, r.ID, report.Approve, "", w.key()); err == nil {
			t.Error("the reviewer approves")
		}
		_, err = w.Decide(ctx, head, r.ID, report.Return, " ", w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/remark:required" {
			t.Errorf("returned without a remark: %s", got)
		}
		_, err = w.Decide(ctx, head, r.ID, report.Return, "请补充第五部分", w.key())
		must(t, err)
		if r = w.get(water, 2025); r.State != report.Compiling {
			t.Fatalf("returned: %s", r.State)
		}
		must(t, w.Adjust(ctx, clerk, r.ID, lost, "", "台账第 12 号系重复登记"))
		must(t, w.Adjust(ctx, clerk, r.ID, cell("requests", "other.other", "person"), "1", "台账第 12 号为其他处理"))
		_, err = w.Hand(ctx, clerk, r.ID, w.key())
		must(t, err)
		_, err = w.Decide(ctx, head, r.ID, report.Approve, "", w.key())
		must(t, err)
		r = w.get(water, 2025)
		if r.State != report.Published || r.PublishedAt.IsZero() || r.Late(w.time()) || len(r.Statement.Adjusted) != 3 {
			t.Fatalf("published: %+v", r)
		}

		// The log shows numbers, adjustments and reasons in clear, and the digest of the whole.
		events, err := w.cases.Events(ctx, r.ID, 0, 20)
		must(t, err)
		var data map[string]any
		for i := range events {
			env, err := events[i].Envelope()
			must(t, err)
			if env.Data["task"] == "compile-report" {
				data = env.Data
			}
		}
		raw, err := json.Marshal(data)
		must(t, err)
		for _, part := range []string{`"requests/received/person":7`, "台账第 12 号为其他处理", `"sha256":"`, "执法台账"} {
			if !strings.Contains(string(raw), part) {
				t.Errorf("the log does not show %s: %s", part, raw)
			}
		}
		must(t, w.Follow(ctx))
		must(t, w.Follow(ctx))
		if len(w.published) != 1 || w.published[0].Title != "合肥市水务局2025年政府信息公开工作年度报告" {
			t.Errorf("the catalogue got %+v", w.published)
		}
		if r = w.get(water, 2025); r.Record == "" {
			t.Error("the report does not know its record")
		}
	})
}

// A step that was not prepared by the service is not done: invented numbers do not get in by the form.
func TestOnlyPreparedNumbersAreHandedOn(t *testing.T) {
	w := onSQLite(t)
	r := w.begin(clerk, water, 2025)
	c, err := w.cases.Get(t.Context(), r.ID)
	must(t, err)
	data := `{"statement":{"sha256":"` + strings.Repeat("a", 64) + `"},"figures":{"requests/received/person":1},"balanced":true}`
	_, err = w.cases.Do(t.Context(), casework.Command{Key: "x", Actor: clerk, Case: r.ID, Act: casework.Complete{Token: c.Tasks()[0].Token, Data: json.RawMessage(data)}})
	if err == nil {
		t.Error("invented numbers were handed on")
	}
	if r = w.get(water, 2025); r.State != report.Compiling || r.Statement != nil {
		t.Errorf("the report is %+v", r)
	}
}

// An explanation holds for the numbers that it was given for, and for these alone.
func TestExplaining(t *testing.T) {
	w := onSQLite(t)
	ctx := t.Context()
	w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 2, "requests/published/person": 1})
	r := w.begin(clerk, water, 2025)
	w.write(clerk, r)
	for _, key := range []string{"balance/requests/person", "balance/requests/total"} {
		must(t, w.Explain(ctx, clerk, r.ID, key, "一件申请转由住房局办理，已在其报告中反映"))
		must(t, w.Explain(ctx, clerk, r.ID, key, "一件申请转由住房局办理，已在其报告中反映")) // sent twice
	}
	if n := w.rows("report_explanation"); n != 2 {
		t.Errorf("%d explanations are kept, want 2", n)
	}
	if err := w.Explain(ctx, clerk, r.ID, "balance/requests/organisation.legal", "没有这一项"); err == nil {
		t.Error("what holds was explained")
	}
	work, err := w.Work(ctx, r)
	must(t, err)
	if n := work.Failing(); n != 0 {
		t.Errorf("%d findings are open after they were explained", n)
	}
	w.figures["water@2025"]["requests/published/person"] = 0
	work, err = w.Work(ctx, r)
	must(t, err)
	if n := work.Failing(); n != 2 {
		t.Errorf("the numbers moved, and %d findings are open", n)
	}
}

// Two people write the same section: the second to save sees both texts, and neither is lost.
func TestWordsAreNotLost(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.begin(clerk, water, 2025)
		first, err := w.Save(ctx, clerk, r.ID, "overview", "一稿\r\n\r\n第二段  \n", 0)
		must(t, err)
		if first.Version != 1 || first.Content != "一稿\n\n第二段" {
			t.Errorf("kept as %+v", first)
		}
		_, err = w.Save(ctx, chief, r.ID, "overview", "另一稿", 0)
		var moved *report.MovedError
		if !errors.As(err, &moved) || moved.Theirs.Content != "一稿\n\n第二段" || moved.Theirs.Version != 1 {
			t.Fatalf("the second to save is told %v", err)
		}
		if again, err := w.Save(ctx, chief, r.ID, "overview", "一稿\n\n第二段", 0); err != nil || again.Version != 1 {
			t.Errorf("saving the same again: %+v %v", again, err)
		}
		second, err := w.Save(ctx, chief, r.ID, "overview", "另一稿", 1)
		must(t, err)
		if second.Version != 2 {
			t.Errorf("the next version is %d", second.Version)
		}
		_, err = w.Save(ctx, clerk, r.ID, "overview", strings.Repeat("长", 20001), 2)
		if got := refused(t, err, casework.RefusedForm); got != "/text:maxLength" {
			t.Errorf("too long: %s", got)
		}
		_, err = w.Save(ctx, clerk, r.ID, "overview", "好\U0001F600", 2)
		if got := refused(t, err, casework.RefusedForm); got != "/text:glyph" {
			t.Errorf("not printable: %s", got)
		}
		if _, err := w.Save(ctx, clerk, r.ID, "requests", "没有文字的部分", 0); err == nil {
			t.Error("words where there are none")
		}
	})
}

// The government’s report counts all below, and is compared with the reports of those below once all are there.
func TestRollUp(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, body := range []string{"water", "housing", "data", "county-water", "town"} {
			w.figures[body+"@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 2, "requests/published/person": 2})
		}
		// Of the city: the government and three bureaux; the old bureau is gone. The county has no office, and its bureau reports by itself.
		lines, err := w.Owed(ctx, hefei, 2025)
		must(t, err)
		var owners []string
		for _, l := range lines {
			owners = append(owners, l.Owner.Key())
		}
		if got := strings.Join(owners, " "); got != hefei+" data housing water" && got != hefei+" water housing data" {
			t.Errorf("reports are owed by %s", got)
		}
		w.publish(clerk, head, water, 2025)
		_, sum, err := w.Below(ctx, hefei, 2025)
		must(t, err)
		if sum.Owed != 6 || sum.Published != 1 || sum.Late != 0 {
			t.Errorf("on 12 January: %+v", sum)
		}
		w.at("2026-02-02", 10)
		parts, sum, err := w.Below(ctx, anhui, 2025)
		must(t, err)
		// Departments are late: two bureaux and data of the city without the one that published, the county’s, the township’s, supervision.
		if sum.Owed != 7 || sum.Published != 1 || sum.Late != 5 || len(parts) != 1 || parts[0].Division != hefei || parts[0].Owed != 6 {
			t.Errorf("on 2 February: %+v, parts %+v", sum, parts)
		}
		g := w.begin(dataClerk, government, 2025)
		work, err := w.Work(ctx, g)
		must(t, err)
		if got := work.Sheet.Cell(cell("requests", "received", "person")).Final; got != 10 {
			t.Errorf("the government counts %d requests, want those of five bodies", got)
		}
		if len(work.Missing) != 2 {
			t.Errorf("missing are %v", work.Missing)
		}
		w.at("2026-04-01", 10)
		_, sum, err = w.Below(ctx, anhui, 2025)
		must(t, err)
		if sum.Late != 6 || sum.Compiling != 1 {
			t.Errorf("on 1 April: %+v", sum)
		}
	})
}

// The tables of last year’s report are what this year’s begin with.
func TestLastYear(t *testing.T) {
	w := onSQLite(t)
	w.at("2025-01-13", 10)
	w.figures["water@2024"] = w.whole(2024, sheet.Figures{"requests/received/person": 3, "requests/published/person": 1, "requests/carried-forward/person": 2})
	w.publish(clerk, head, water, 2024)
	w.at("2026-01-12", 10)
	w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/carried-over/person": 1, "requests/published/person": 1})
	work, err := w.Work(t.Context(), w.begin(clerk, water, 2025))
	must(t, err)
	var keys []string
	for i := range work.Findings {
		if f := &work.Findings[i]; f.Open() && !strings.HasPrefix(f.Key(), "words") {
			keys = append(keys, f.Key())
		}
	}
	if got := strings.Join(keys, " "); got != "carried-over/requests/person carried-over/requests/total" {
		t.Errorf("found %s", got)
	}
}

func TestProse(t *testing.T) {
	got := report.Prose("# 一、主动公开\n本年度公开\n信息 12 条\nand more\n\n## 小节\n- 第一项\n- 第二项\n#无空格不是标题\n-1 也不是列表\n\n\n末段")
	want := []report.Paragraph{
		{Heading: "一、主动公开"}, {Text: "本年度公开信息 12 条and more"}, {Heading: "小节"}, {Item: "第一项"}, {Item: "第二项"}, {Text: "#无空格不是标题-1 也不是列表"}, {Text: "末段"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d parts: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

// Nothing that was written is lost: all its characters but marks and white space are there, in order.
func FuzzProse(f *testing.F) {
	f.Add("# 标题\n\n- 项\n文字")
	f.Add("- \n# \n## - x")
	f.Fuzz(func(t *testing.T, text string) {
		strip := func(s string) string {
			return strings.NewReplacer("#", "", "-", "", "·", "").Replace(strings.Join(strings.Fields(s), ""))
		}
		var all strings.Builder
		for _, p := range report.Prose(text) {
			all.WriteString(p.Heading + p.Text + p.Item)
		}
		if got, want := strip(all.String()), strip(text); got != want {
			t.Errorf("%q became %q", want, got)
		}
	})
}
