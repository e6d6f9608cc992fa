package rules_test

import (
	"io/fs"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/rules"
)

func load(t *testing.T) *statute.Rules {
	t.Helper()
	r, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Read from the laws, not from the files: on the day, the rule is worth so much and stands in that article.
func TestNumbersOfTheLaw(t *testing.T) {
	r := load(t)
	for _, tt := range []struct {
		id, on  string
		amount  int64
		unit    statute.Unit
		article string
	}{
		// 政府信息公开条例, 492号 and 711号
		{"disclosure.proactive", "2013-04-10", 20, statute.WorkingDay, "18"},
		{"disclosure.proactive", "2025-01-01", 20, statute.WorkingDay, "26"},
		{"request.correction", "2019-05-15", 7, statute.WorkingDay, "30"},
		{"request.reply", "2008-05-01", 15, statute.WorkingDay, "24"},
		{"request.reply", "2019-05-14", 15, statute.WorkingDay, "24"},
		{"request.reply", "2019-05-15", 20, statute.WorkingDay, "33"},
		{"request.reply.extension", "2019-05-14", 15, statute.WorkingDay, "24"},
		{"request.reply.extension", "2019-05-15", 20, statute.WorkingDay, "33"},
		{"request.third-party", "2020-01-01", 15, statute.WorkingDay, "32"},
		{"request.joint-maker", "2020-01-01", 15, statute.WorkingDay, "34"},
		// 行政许可法: the same before and after the amendment of 2019-04-23
		{"licence.accept.correction", "2004-07-01", 5, statute.WorkingDay, "32"},
		{"licence.accept.deemed", "2025-01-01", 1, statute.Flag, "32"},
		{"licence.decide", "2013-04-10", 20, statute.WorkingDay, "42"},
		{"licence.decide", "2025-01-01", 20, statute.WorkingDay, "42"},
		{"licence.decide.extension", "2025-01-01", 10, statute.WorkingDay, "42"},
		{"licence.joint", "2025-01-01", 45, statute.WorkingDay, "42"},
		{"licence.joint.extension", "2025-01-01", 15, statute.WorkingDay, "42"},
		{"licence.first-review", "2025-01-01", 20, statute.WorkingDay, "43"},
		{"licence.deliver", "2025-01-01", 10, statute.WorkingDay, "44"},
		{"licence.hearing.request", "2025-01-01", 5, statute.WorkingDay, "47"},
		{"licence.hearing.hold", "2025-01-01", 20, statute.WorkingDay, "47"},
		{"licence.hearing.notice", "2025-01-01", 7, statute.WorkingDay, "48"},
		{"licence.renewal.request", "2025-01-01", 30, statute.WorkingDay, "50"},
		{"licence.inspection.begin", "2025-01-01", 5, statute.WorkingDay, "55"},
		// 重大行政决策程序暂行条例
		{"decision.consult", "2020-01-01", 30, statute.CalendarDay, "15"},
		{"decision.legality-review", "2020-01-01", 7, statute.WorkingDay, "26"},
		// 行政处罚法: days until 2021-07-14, working days from then on (85)
		{"penalty.hearing.request", "2021-07-14", 3, statute.CalendarDay, "42"},
		{"penalty.hearing.request", "2021-07-15", 5, statute.WorkingDay, "64"},
		{"penalty.decide", "2021-07-15", 90, statute.CalendarDay, "60"},
		{"penalty.on-spot.person", "2021-07-15", 20_000, statute.Fen, "51"},
		// 招标投标法, 政府采购法
		{"trade.bid.prepare", "2013-04-10", 20, statute.CalendarDay, "24"},
		{"trade.bond.bid", "2013-04-10", 2, statute.Percent, "26"},
		{"procurement.complaint.decide", "2013-04-10", 30, statute.WorkingDay, "56"},
		// 行政复议法, 行政诉讼法, 信访
		{"review.apply", "2013-04-10", 60, statute.CalendarDay, "9"},
		{"review.apply", "2024-01-01", 60, statute.CalendarDay, "20"},
		{"suit.direct", "2015-04-30", 3, statute.Month, "39"},
		{"suit.direct", "2015-05-01", 6, statute.Month, "46"},
		{"petition.finish", "2022-04-30", 60, statute.CalendarDay, "33"},
		{"petition.finish.extension", "2022-05-01", 30, statute.CalendarDay, "34"},
		{"keyarea.accident.report.extension", "2013-04-10", 60, statute.CalendarDay, "29"},
		// practice
		{"rating.bad.close", "2020-01-01", 5, statute.WorkingDay, "差评整改"},
		{"supervision.reminder", "2013-04-10", 1, statute.WorkingDay, "时限预警"},
		{"complaint.accept", "2013-04-10", 5, statute.WorkingDay, "投诉受理"},
		{"licence.joint.default.notice", "2013-04-10", 1, statute.WorkingDay, "默认通知"},
	} {
		d, err := calendar.Parse(tt.on)
		if err != nil {
			t.Fatal(err)
		}
		v, err := r.At(tt.id, d)
		if err != nil || v.Amount != tt.amount || v.Unit != tt.unit || v.Source.Article != tt.article {
			t.Errorf("%s on %s: %d %s, article %s, %v; want %d %s, article %s",
				tt.id, tt.on, v.Amount, v.Unit, v.Source.Article, err, tt.amount, tt.unit, tt.article)
		}
	}
}

// 711号 49: departments by 31 January, governments by 31 March; before, everyone by 31 March (492号 31).
func TestAnnualReportDates(t *testing.T) {
	r := load(t)
	for _, tt := range []struct {
		id         string
		year       int
		month, day int
	}{
		{"report.annual.departments", 2013, 3, 31},
		{"report.annual.departments", 2025, 1, 31},
		{"report.annual.governments", 2025, 3, 31},
	} {
		v, err := r.At(tt.id, calendar.Day(tt.year, 1, 1))
		if want := (statute.YearlyDate{Month: tt.month, Day: tt.day}); err != nil || v.Yearly != want {
			t.Errorf("%s in %d: %v, %v; want %v", tt.id, tt.year, v.Yearly, err, want)
		}
	}
}

// 行政许可法 45 names eight grounds; 条例 33 names two for requests.
func TestPauseGrounds(t *testing.T) {
	r := load(t)
	for id, want := range map[string]int{"licence.decide": 8, "licence.joint": 8, "request.reply": 2, "licence.deliver": 0} {
		if got := r.PauseGrounds(id); len(got) != want {
			t.Errorf("%s has %d grounds, want %d", id, len(got), want)
		}
	}
	if ext, ok := r.Extension("licence.decide"); !ok || ext.ID != "licence.decide.extension" || ext.Times != 1 || ext.Approver.Hans != "本行政机关负责人" {
		t.Errorf("extension of licence.decide: %+v", ext)
	}
	if ext, ok := r.Extension("licence.deliver"); ok {
		t.Errorf("delivery has an extension: %s", ext.ID)
	}
}

// Table 3 of the annual report has 21 ways in which a request can end; a refusal without its ground is none of them.
func TestRequestOutcomes(t *testing.T) {
	v, err := load(t).At("request.outcomes", calendar.Day(2025, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	leaves := 0
	for _, e := range v.Entries {
		if v.Leaf(e.Code) {
			leaves++
		}
	}
	// 予以公开, 部分公开, 8 不予公开, 3 无法提供, 5 不予处理, 3 其他
	if leaves != 21 {
		t.Errorf("%d outcomes can be chosen, want 21", leaves)
	}
	if v.Leaf("refused") || v.Leaf("nothing") || !v.Leaf("refused.secret") {
		t.Error("a group or an unknown code counts as an outcome")
	}
	if e, ok := v.Entry("unavailable.not-held"); !ok || e.Title.En != "This agency does not hold it" {
		t.Errorf("%+v", e)
	}
}

// law.md marks what nobody has read; it must not become certain by itself.
func TestUnreadStaysUnverified(t *testing.T) {
	r := load(t)
	for _, tt := range []struct {
		id   string
		on   calendar.Date
		want statute.Confidence
	}{
		{"licence.decide", calendar.Day(2025, 1, 1), statute.Verified},
		{"request.fee.payment", calendar.Day(2025, 1, 1), statute.Unverified},
		{"keyarea.aid.first-review", calendar.Day(2025, 1, 1), statute.Unverified},
		{"trade.mining.notice", calendar.Day(2025, 1, 1), statute.Unverified},
		{"licence.joint.default", calendar.Day(2025, 1, 1), statute.Unverified},
		{"rating.bad.close", calendar.Day(2025, 1, 1), statute.Practice},
	} {
		if v, err := r.At(tt.id, tt.on); err != nil || v.Confidence != tt.want {
			t.Errorf("%s on %s is %s, %v; want %s", tt.id, tt.on, v.Confidence, err, tt.want)
		}
	}
}

// Whoever reads English or traditional characters is told in them where a rule stands written.
func TestHeadingsHaveWords(t *testing.T) {
	cited := map[string]statute.Source{}
	for _, p := range load(t).All() {
		for _, v := range p.Values {
			cited[p.ID+" from "+v.From.String()] = v.Source
			for _, e := range v.Entries {
				source := v.Source
				source.Article = e.Article
				cited[p.ID+" "+e.Code] = source
			}
		}
	}
	for id, source := range cited {
		if c := source.CiteText(); strings.ContainsFunc(c.En, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s cites %q in English: give its law the heading in laws.yaml", id, c.En)
		}
	}
}

// All files that ship are looked through, also those that other packages read: each article that is cited has words in English, and each
// heading that has words is cited.
func TestEverySourceHasWords(t *testing.T) {
	r := load(t)
	cited := map[[2]string]bool{}
	var walk func(file string, v any)
	walk = func(file string, v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(file, x)
			}
		case map[string]any:
			law, _ := v["law"].(string)
			article, _ := v["article"].(string)
			if source, ok := r.Law(law); ok && article != "" {
				cited[[2]string{law, article}] = true
				source.Article = article
				if en := source.Cite(lang.En); strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("%s cites %q in English: give the law the heading in laws.yaml", file, en)
				}
			}
			for key, x := range v {
				walk(file, x)
				if entries, ok := x.([]any); ok && key == "entries" { // each stands in an article of the same law
					for _, e := range entries {
						if e, ok := e.(map[string]any); ok {
							if source, ok := v["source"].(map[string]any); ok && e["article"] != nil {
								walk(file, map[string]any{"law": source["law"], "article": e["article"]})
							}
						}
					}
				}
			}
		}
	}
	named := map[[2]string]string{}
	err := fs.WalkDir(rules.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		raw, err := fs.ReadFile(rules.Files, name)
		if err != nil {
			return err
		}
		var doc any
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			return err
		}
		walk(name, doc)
		if top, ok := doc.(map[string]any); ok {
			laws, _ := top["laws"].(map[string]any)
			for law, x := range laws {
				x, _ := x.(map[string]any)
				headings, _ := x["headings"].(map[string]any)
				for heading := range headings {
					named[[2]string{law, heading}] = name
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for at, file := range named {
		if !cited[at] {
			t.Errorf("%s: nothing cites the heading %s of %s", file, at[1], at[0])
		}
	}
	if len(cited) < 100 || len(named) < 5 {
		t.Errorf("looked at %d sources and %d headings only", len(cited), len(named))
	}
}
