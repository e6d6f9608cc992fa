package supervision_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/tools/txtar"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/rules"
)

// theLaw is what fixtures cite: one law, one ground, one list of triggers.
const theLaw = `
-- cn/laws.yaml --
laws:
  licence:
    title: {zh-Hans: 行政许可法, zh-Hant: 行政許可法, en: Administrative License Law}
    document: 主席令第7号
    from: 2004-07-01
-- cn/licence.yaml --
parameters:
  - id: licence.decide
    title: {zh-Hans: 决定, zh-Hant: 決定, en: Decide}
    unit: working-day
    tighter: less
    values: [{from: 2004-07-01, amount: 20, source: {law: licence, article: "42"}, confidence: verified}]
  - id: supervision.triggers
    title: {zh-Hans: 触发, zh-Hant: 觸發, en: Triggers}
    unit: list
    values:
      - {from: 2004-07-01, entries: [{code: late, title: {zh-Hans: 迟, zh-Hant: 遲, en: Late}}], source: {law: licence, article: "42"}, confidence: practice}
-- cn-ah/laws.yaml --
laws: {}
`

func files(archive string) (fstest.MapFS, string) {
	a := txtar.Parse([]byte(archive))
	fsys := fstest.MapFS{}
	for _, f := range slices.Concat(txtar.Parse([]byte(theLaw)).Files, a.Files) {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return fsys, strings.TrimSpace(string(a.Comment))
}

func load(t *testing.T, fsys fstest.MapFS) ([]supervision.Rule, error) {
	t.Helper()
	law, err := statute.Load(fsys, "cn")
	if err != nil {
		t.Fatal(err)
	}
	return supervision.Load(fsys, law, "cn", "cn-ah")
}

// Each fixture is a set of rules with one fault, and above it the whole message that refuses it.
func TestRulesAreRefused(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/refuse/*.txtar")
	if err != nil || len(fixtures) < 35 {
		t.Fatalf("found %d fixtures, %v; want at least 35", len(fixtures), err)
	}
	for _, name := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys, want := files(string(txtar.Format(a)))
			list, err := load(t, fsys)
			if err == nil || list != nil {
				t.Fatalf("accepted; want %s", want)
			}
			if err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			var p *statute.Problem
			if !errors.As(err, &p) || p.File == "" {
				t.Errorf("%T is no *statute.Problem with a file", err)
			}
		})
	}
	if _, err := supervision.Load(fstest.MapFS{}, nil, "cn"); err == nil || !strings.Contains(err.Error(), "supervision/cn.yaml") {
		t.Errorf("without a file: %v", err)
	}
}

// A lower jurisdiction tightens: sooner, graver, somebody higher, more cases; and adds rules of its own.
func TestLowerJurisdiction(t *testing.T) {
	fsys, _ := files(`
-- supervision/cn.yaml --
rules:
  - id: a.b
    title: {zh-Hans: 甲, zh-Hant: 甲, en: A}
    from: 2013-01-01
    events: [task.completed]
    when: data.fee > 100
    colour: yellow
    explain: reviewer
    within: {length: 5, unit: working-day}
    source: {law: licence, article: "42"}
    confidence: verified
-- supervision/cn-ah.yaml --
rules:
  - id: a.b
    overrides: true
    also: data.fee = 7
    colour: red
    explain: head
    within: {length: 2, unit: working-day}
    source: {law: licence, article: "43"}
    confidence: unverified
    note: from memory
  - id: a.c
    title: {zh-Hans: 乙, zh-Hant: 乙, en: B}
    from: 2013-01-01
    events: [line.warned]
    line: promise
    colour: reminder
    source: {law: licence, article: "42"}
    confidence: practice
`)
	list, err := load(t, fsys)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	r := list[0]
	if r.Colour != supervision.Red || r.Explain != "head" || r.Within != (supervision.Length{N: 2, Unit: statute.WorkingDay}) || r.Jurisdiction != "cn-ah" ||
		r.Source.Cite(lang.En) != "Administrative License Law, art. 43" || r.Confidence != statute.Unverified || r.Also[0] != "data.fee = 7" || r.When != "data.fee > 100" {
		t.Errorf("the rule above, tightened: %+v", r)
	}
	if list[1].Jurisdiction != "cn-ah" || list[1].Answered() {
		t.Errorf("the rule below: %+v", list[1])
	}
}

// The rules that ship: each that the issue asks for is there; who has to explain has a term; every trigger and every law's article
// stands in the law's rules.
func TestRulesThatShip(t *testing.T) {
	list, err := supervision.Rules()
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string]supervision.Colour{
		"supervision.due-soon": supervision.Reminder, "supervision.promise-missed": supervision.Yellow, "supervision.statute-missed": supervision.Red,
		"supervision.step-overtime": supervision.Overtime, "supervision.no-slip": supervision.Irregular, "supervision.no-reasons": supervision.Irregular,
		"supervision.irregular-extension": supervision.Irregular, "supervision.pause-without-ground": supervision.Irregular,
		"supervision.off-network": supervision.Irregular, "supervision.unlisted-fee": supervision.Irregular,
		"supervision.answer-due-soon": supervision.Reminder, "supervision.answer-overtime": supervision.Overtime,
		"supervision.publication-due-soon": supervision.Reminder, "supervision.publication-late": supervision.Red,
		"supervision.duty-late": supervision.Red, "supervision.request-due-soon": supervision.Reminder,
		"supervision.request-late-2007": supervision.Red, "supervision.request-late": supervision.Red,
		"supervision.item-outside-rounds": supervision.Irregular, "supervision.hand-over-late": supervision.Red,
		"supervision.joint-default": supervision.Irregular, "supervision.joint-void": supervision.Irregular,
		"supervision.intermediary-late": supervision.Yellow, "supervision.draw-repeated": supervision.Irregular,
	}
	for _, r := range list {
		if colours[r.ID] != r.Colour {
			t.Errorf("%s is %s; want %q", r.ID, r.Colour, colours[r.ID])
		}
		delete(colours, r.ID)
		if r.Answered() != (r.Within.N > 0) || r.Answered() && slices.ContainsFunc(r.Kinds, func(k string) bool { return strings.HasPrefix(k, "oversight-") }) {
			t.Errorf("%s: explained by %q within %+v, kinds %v; a card of a card's case breeds no case", r.ID, r.Explain, r.Within, r.Kinds)
		}
		if r.Source.Law.IsZero() || r.Source.Article == "" || r.Confidence == statute.Unverified && r.Note == "" {
			t.Errorf("%s: source %+v, confidence %s, note %q", r.ID, r.Source, r.Confidence, r.Note)
		}
		if r.ID == "supervision.statute-missed" && (r.Within.N != 2 || r.Jurisdiction != "cn-ah") {
			t.Errorf("Anhui's term for a red card: %+v of %s; want 2 of cn-ah", r.Within, r.Jurisdiction)
		}
	}
	if len(colours) > 0 {
		t.Errorf("missing: %v", colours)
	}
}

// Whoever reads English is told in it where a rule stands written.
func TestHeadingsHaveWords(t *testing.T) {
	law, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	watched, err := supervision.Load(rules.Files, law, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	if len(watched) == 0 {
		t.Fatal("no rules")
	}
	for i := range watched {
		c := watched[i].Source.CiteText()
		if strings.ContainsFunc(c.En, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s cites %q in English: give its law the heading in laws.yaml", watched[i].ID, c.En)
		}
	}
}

// Whatever a file holds, it is answered with rules or with an error.
func FuzzLoad(f *testing.F) {
	shipped, err := rules.Files.ReadFile("supervision/cn.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(shipped))
	f.Add("rules: [{id: a.b, when: data.x > 1}]")
	f.Add("apart: [x]\nrules: [&a {id: a.b, events: [*a]}]")
	fsys, _ := files("")
	law, err := statute.Load(fsys, "cn")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := supervision.Load(fstest.MapFS{"supervision/cn.yaml": {Data: []byte(text)}}, law, "cn")
		if (err == nil) == (len(list) == 0) {
			t.Errorf("%d rules, %v", len(list), err)
		}
	})
}
