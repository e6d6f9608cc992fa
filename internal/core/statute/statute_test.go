package statute_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// load reads a rule set of the files of an archive, and fails the test if it is refused.
func load(t testing.TB, fsys fstest.MapFS, code string) *statute.Rules {
	t.Helper()
	r, err := statute.Load(fsys, statute.Chain(code)...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tightened is a term of two versions, which a province shortens for some years.
const tightened = `
-- cn/a.yaml --
parameters:
  - id: request.reply
    title: {zh-Hans: 答复, zh-Hant: 答覆, en: Reply}
    unit: working-day
    tighter: less
    values:
      - {from: 2008-05-01, until: 2019-05-15, amount: 15, source: {law: disclosure-2007, article: "24"}, confidence: verified}
      - {from: 2019-05-15, amount: 20, source: {law: licence, article: "33"}, confidence: verified}
-- cn-ah/a.yaml --
parameters:
  - id: request.reply
    overrides: true
    values:
      - {from: 2013-04-10, until: 2020-01-01, amount: 12, source: {law: licence, article: "1"}, confidence: practice}
`

func TestOverrideHoldsWhereItIsInForce(t *testing.T) {
	fsys, _ := ruleSet(t, tightened)
	r := load(t, fsys, "cn-ah")
	if r.Jurisdiction() != "cn-ah" {
		t.Errorf("jurisdiction %s", r.Jurisdiction())
	}
	for _, tt := range []struct {
		on, jurisdiction string
		want             int64
	}{
		{"2008-05-01", "cn", 15},
		{"2013-04-09", "cn", 15},
		{"2013-04-10", "cn-ah", 12},
		{"2019-05-15", "cn-ah", 12},
		{"2019-12-31", "cn-ah", 12},
		{"2020-01-01", "cn", 20},
		{"2090-01-01", "cn", 20},
	} {
		v, err := r.At("request.reply", day(t, tt.on))
		if err != nil || v.Amount != tt.want || v.Jurisdiction != tt.jurisdiction {
			t.Errorf("on %s: %d of %s, %v; want %d of %s", tt.on, v.Amount, v.Jurisdiction, err, tt.want, tt.jurisdiction)
		}
	}
	if v, err := load(t, fsys, "cn").At("request.reply", day(t, "2013-04-10")); err != nil || v.Amount != 15 {
		t.Errorf("the state's own value is %d, %v", v.Amount, err)
	}
}

func TestOverrideMayTightenUpward(t *testing.T) {
	archive := strings.NewReplacer("tighter: less", "tighter: more", "amount: 12", "amount: 25").Replace(tightened)
	fsys, _ := ruleSet(t, archive)
	if v, err := load(t, fsys, "cn-ah").At("request.reply", day(t, "2014-01-01")); err != nil || v.Amount != 25 {
		t.Errorf("%d, %v", v.Amount, err)
	}
}

// Over any dated values and any tightening of them, each day has the value of the lowest layer that has one.
func TestOverrideProperty(t *testing.T) {
	base := day(t, "2008-05-01")
	rapid.Check(t, func(t *rapid.T) {
		// cuts gives the first days of consecutive values, then the last one's end (or none).
		layer := func(name string, low, high int64, open bool) (starts []calendar.Date, end calendar.Date, amounts []int64, yaml string) {
			d := base
			if name == "cn-ah" {
				d = d.Add(rapid.IntRange(0, 1500).Draw(t, name+" start"))
			}
			n := rapid.IntRange(1, 4).Draw(t, name+" values")
			for i := range n {
				starts = append(starts, d)
				amounts = append(amounts, rapid.Int64Range(low, high).Draw(t, "amount"))
				d = d.Add(rapid.IntRange(1, 600).Draw(t, "days"))
				until := fmt.Sprintf("until: %s, ", d)
				if i == n-1 && open {
					until = ""
				}
				yaml += fmt.Sprintf("      - {from: %s, %samount: %d, source: {law: licence, article: \"1\"}, confidence: verified}\n", starts[i], until, amounts[i])
			}
			if !open {
				end = d
			}
			return starts, end, amounts, yaml
		}
		us, _, ua, upper := layer("cn", 20, 40, true)
		ls, le, la, lower := layer("cn-ah", 1, 20, rapid.Bool().Draw(t, "open"))
		fsys := fstest.MapFS{
			"cn/laws.yaml": {Data: []byte(laws)},
			"cn/a.yaml": {Data: []byte("parameters:\n  - id: a.b\n    title: {zh-Hans: a, zh-Hant: a, en: a}\n    unit: calendar-day\n    tighter: less\n" +
				"    values:\n" + upper)},
			"cn-ah/a.yaml": {Data: []byte("parameters:\n  - id: a.b\n    overrides: true\n    values:\n" + lower)},
		}
		r, err := statute.Load(fsys, "cn", "cn-ah")
		if err != nil {
			t.Fatal(err)
		}
		latest := func(starts []calendar.Date, amounts []int64, d calendar.Date) (want int64) {
			for i, s := range starts {
				if d >= s {
					want = amounts[i]
				}
			}
			return want
		}
		for range 20 {
			d := base.Add(rapid.IntRange(0, 4000).Draw(t, "on"))
			want := latest(us, ua, d)
			if d >= ls[0] && (le == 0 || d < le) {
				want = latest(ls, la, d)
			}
			if v, err := r.At("a.b", d); err != nil || v.Amount != want {
				t.Fatalf("on %s: %d, %v; want %d", d, v.Amount, err, want)
			}
		}
	})
}

func TestErrorsSayWhatThereIs(t *testing.T) {
	fsys, _ := ruleSet(t, tightened)
	r := load(t, fsys, "cn")
	_, err := r.At("request.reply", day(t, "2008-04-30"))
	var early *statute.NotInForceError
	if !errors.As(err, &early) || early.From != day(t, "2008-05-01") || !strings.Contains(err.Error(), "not in force on 2008-04-30: it holds from 2008-05-01") {
		t.Errorf("before the first value: %v", err)
	}
	_, err = r.At("request.replay", 0)
	var unknown *statute.UnknownError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "request.reply") {
		t.Errorf("unknown id of a known family: %v", err)
	}
	if _, err = r.Lookup("nothing"); err == nil || !strings.Contains(err.Error(), "openhall rules list") {
		t.Errorf("unknown id: %v", err)
	}
}

func TestDigestFollowsTheFiles(t *testing.T) {
	fsys, _ := ruleSet(t, tightened)
	before := load(t, fsys, "cn").Digest()
	if again := load(t, fsys, "cn").Digest(); again != before || len(before) != 64 {
		t.Errorf("%s, then %s", before, again)
	}
	if load(t, fsys, "cn-ah").Digest() == before {
		t.Error("another layer, the same digest")
	}
	fsys["cn/a.yaml"].Data = append(fsys["cn/a.yaml"].Data, "# read again\n"...)
	if load(t, fsys, "cn").Digest() == before {
		t.Error("another file, the same digest")
	}
}

func TestCite(t *testing.T) {
	law := lang.Text{Hans: "信访工作条例", Hant: "信訪工作條例", En: "Regulations on the Work of Complaint Letters and Visits"}
	for _, tt := range []struct{ article, hans, hant, en string }{
		{"34", "《信访工作条例》第34条", "《信訪工作條例》第34條", law.En + ", art. 34"},
		{"22, 23", "《信访工作条例》第22、23条", "《信訪工作條例》第22、23條", law.En + ", arts. 22, 23"},
		{"34–36", "《信访工作条例》第34–36条", "《信訪工作條例》第34–36條", law.En + ", arts. 34–36"},
		{"36（一）、（二）", "《信访工作条例》第36条第（一）、（二）项", "《信訪工作條例》第36條第（一）、（二）項", law.En + ", art. 36(1), (2)"},
		{"附件", "《信访工作条例》附件", "《信訪工作條例》附件", law.En + ", 附件"},
		{"二（六）", "《信访工作条例》二（六）", "《信訪工作條例》二（六）", law.En + ", section 2(6)"},
		{"一–六", "《信访工作条例》一–六", "《信訪工作條例》一–六", law.En + ", sections 1–6"},
		{"十二（三）", "《信访工作条例》十二（三）", "《信訪工作條例》十二（三）", law.En + ", section 12(3)"},
		{"二十", "《信访工作条例》二十", "《信訪工作條例》二十", law.En + ", section 20"},
		{"二十一", "《信访工作条例》二十一", "《信訪工作條例》二十一", law.En + ", section 21"},
		{"十", "《信访工作条例》十", "《信訪工作條例》十", law.En + ", section 10"},
		{"二、三", "《信访工作条例》二、三", "《信訪工作條例》二、三", law.En + ", sections 2, 3"},
		{"二（一）、（四）", "《信访工作条例》二（一）、（四）", "《信訪工作條例》二（一）、（四）", law.En + ", section 2(1), (4)"},
	} {
		got := statute.Source{Law: law, Article: tt.article}.CiteText()
		if got.Hans != tt.hans || got.Hant != tt.hant || got.En != tt.en {
			t.Errorf("%s: %+v", tt.article, got)
		}
	}
}

// A heading is cited in the words of the reader's language.
func TestCiteByHeading(t *testing.T) {
	const cited = `laws:
  practice:
    title: {zh-Hans: 惯例, zh-Hant: 慣例, en: Practice}
    from: 2008-05-01
    headings:
      目录更新: {zh-Hant: 目錄更新, en: renewal of the catalogue}
`
	fsys := fstest.MapFS{"cn/laws.yaml": {Data: []byte(cited)}}
	source, ok := load(t, fsys, "cn").Law("practice")
	if !ok {
		t.Fatal("no such law")
	}
	for article, want := range map[string]lang.Text{
		"目录更新": {Hans: "《惯例》目录更新", Hant: "《慣例》目錄更新", En: "Practice, renewal of the catalogue"},
		"保存期限": {Hans: "《惯例》保存期限", Hant: "《慣例》保存期限", En: "Practice, 保存期限"}, // nobody has translated it
	} {
		source.Article = article
		if got := source.CiteText(); got != want {
			t.Errorf("%s: %+v", article, got)
		}
	}
	fsys["cn/laws.yaml"].Data = []byte(strings.Replace(cited, ", en: renewal of the catalogue", "", 1))
	if _, err := statute.Load(fsys, "cn"); err == nil || !strings.Contains(err.Error(), "headings.目录更新.en") {
		t.Errorf("half translated: %v", err)
	}
}

func TestJSONLeavesOutWhatIsNotThere(t *testing.T) {
	fsys, _ := ruleSet(t, tightened)
	v, err := load(t, fsys, "cn").At("request.reply", day(t, "2020-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"from":"2019-05-15","unit":"working-day","amount":20,"source":{"law":{"zh-Hans":"行政许可法","zh-Hant":"行政許可法","en":"Administrative License Law"},` +
		`"document":"主席令第7号","article":"33"},"confidence":"verified","jurisdiction":"cn"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
