package document

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/letters"
)

// The letters that the law wants: 行政许可法 32 (acceptance, correction, refusal to accept), 38 (decision, refusal), 42 (extension),
// 44 (delivery), 45 (special procedures); and the receipt slip.
func TestShippedTemplates(t *testing.T) {
	ts := templates(t)
	for _, kind := range []string{
		"receipt-slip", "acceptance-slip", "deemed-acceptance-notice", "correction-notice", "rejection-slip", "decision-grant", "decision-refusal",
		"extension-notice", "pause-notice", "delivery-receipt",
	} {
		if ts.Kind(kind) == nil {
			t.Errorf("there is no template of %s", kind)
			continue
		}
		for _, tag := range lang.All {
			l := ts.Fill(kind, tag, facts(tag))
			if l.Title == "" || len(l.Parts) < 2 || (l.Note == "") != (tag == lang.Hans) {
				t.Errorf("%s in %s: %+v", kind, tag, l)
			}
			for _, p := range l.Parts {
				if strings.Contains(p.Text, "{") {
					t.Errorf("%s in %s: not filled in: %s", kind, tag, p.Text)
				}
			}
		}
	}
	for _, kind := range []string{"rejection-slip", "decision-refusal"} {
		if x := ts.Kind(kind); !x.Adverse || len(x.Remedies) != 2 {
			t.Errorf("%s must tell of reconsideration and suit", kind)
		}
	}
}

// Each file of testdata/refused begins with what is to be said of it.
func TestLoadRefuses(t *testing.T) {
	names, err := filepath.Glob("testdata/refused/*.yaml")
	if err != nil || len(names) < 8 {
		t.Fatalf("%d fixtures, %v", len(names), err)
	}
	common, err := letters.Files.ReadFile("common.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, err := bufio.NewReader(bytes.NewReader(data)).ReadLine()
		if err != nil {
			t.Fatal(err)
		}
		want, ok := strings.CutPrefix(string(first), "# refused: ")
		if !ok {
			t.Fatalf("%s: the first line must say what is refused", name)
		}
		_, err = Load(fstest.MapFS{"common.yaml": {Data: common}, "notice.yaml": {Data: data}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "letters/notice.yaml") {
			t.Errorf("%s: %v, want it to name letters/notice.yaml and say %q", name, err, want)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("letters without common.yaml were loaded")
	}
	if _, err := Load(fstest.MapFS{"common.yaml": {Data: bytes.ReplaceAll(common, []byte("{applicant}"), []byte("{applicnt}"))}}); err == nil ||
		!strings.Contains(err.Error(), "letters/common.yaml: to: unknown placeholder {applicnt}") {
		t.Errorf("common.yaml with an unknown placeholder: %v", err)
	}
}

// What a person wrote is put in as it is.
func TestFillLeavesWordsAlone(t *testing.T) {
	f := facts(lang.Hans)
	f["applicant"], f["missing"] = "{date}公司", "缺少 {item}\n\n  第二项  \n"
	l := templates(t).Fill("correction-notice", lang.Hans, f)
	for _, p := range l.Parts {
		for _, fact := range p.Facts { // what is all of a fact is told, for pages that mark what people wrote
			if want := map[string]string{f["case"]: "case", f["item"]: "item"}[fact.Value]; want != "" && fact.Of != want {
				t.Errorf("%s is %s of %q", fact.Name, fact.Value, fact.Of)
			}
		}
	}
	if l.To != "{date}公司：" {
		t.Errorf("addressee %q", l.To)
	}
	for _, p := range l.Parts {
		if p.Heading != "" && (len(p.Words) != 2 || p.Words[0] != "缺少 {item}" || p.Words[1] != "第二项") {
			t.Errorf("words %q", p.Words)
		}
	}
	if templates(t).Fill("love-letter", lang.Hans, f) != nil {
		t.Error("a letter of a kind that there is not")
	}
}

// A part whose fact is missing is left out.
func TestFillLeavesOut(t *testing.T) {
	f := facts(lang.Hans)
	delete(f, "promise-day")
	with, without := templates(t).Fill("acceptance-slip", lang.Hans, facts(lang.Hans)), templates(t).Fill("acceptance-slip", lang.Hans, f)
	if len(without.Parts) != len(with.Parts)-1 {
		t.Errorf("%d parts with a promise, %d without", len(with.Parts), len(without.Parts))
	}
	delete(f, "licence")
	if l := templates(t).Fill("decision-grant", lang.Hans, f); l.Title != "准予决定书" {
		t.Errorf("title %q of a matter that is no licence", l.Title)
	}
}

// The forms are those of GB/T 9704-2012, 7.2.5: 发文机关代字、年份、发文顺序号; 年份应标全称，用六角括号; 发文顺序号不加“第”，不编虚位.
func TestNumberFormats(t *testing.T) {
	for _, test := range []struct {
		kind, agency string
		year         int
		ordinal      int64
		want         string
	}{
		{"acceptance-slip", "合人社", 2026, 12, "合人社受〔2026〕12号"},
		{"correction-notice", "合市监", 2026, 1, "合市监补〔2026〕1号"},
		{"rejection-slip", "皖卫", 2027, 105, "皖卫不受〔2027〕105号"},
		{"decision-grant", "合水", 2026, 10000, "合水准〔2026〕10000号"},
		{"decision-refusal", "怀教", 2026, 3, "怀教不准〔2026〕3号"},
		{"extension-notice", "桐建", 2026, 9, "桐建延〔2026〕9号"},
		{"pause-notice", "宁环", 2026, 9, "宁环特〔2026〕9号"},
		{"delivery-receipt", "天农", 2026, 77, "天农送〔2026〕77号"},
		{"receipt-slip", "榴政", 2026, 2, "榴政收〔2026〕2号"},
		{"deemed-acceptance-notice", "合人社", 2026, 2, "合人社视受〔2026〕2号"},
		{"acceptance-slip", "合肥市水务局", 2026, 4, "合肥市水务局受〔2026〕4号"}, // a body without 机关代字
	} {
		if got := templates(t).Kind(test.kind).FormatNumber(test.agency, test.year, test.ordinal); got != test.want {
			t.Errorf("%s: %s, want %s", test.kind, got, test.want)
		}
	}
	for _, typed := range []string{"合人社受[2026]12号", "合人社受（2026）12号", "合人社受(2026)12號", " 合人社受 ﹝2026﹞ 12号 ", "合人社受【2026】12号", "合人社受［2026］12号", "合人社受〔2026〕第12号"} {
		if got := NormalNumber(typed); got != "合人社受〔2026〕12号" {
			t.Errorf("%q is taken for %q", typed, got)
		}
	}
}
