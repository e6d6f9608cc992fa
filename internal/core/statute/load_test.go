package statute_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"openhall.org/openhall/internal/core/statute"
)

// laws is what a fixture cites that brings no laws of its own.
const laws = `laws:
  licence:
    title: {zh-Hans: 行政许可法, zh-Hant: 行政許可法, en: Administrative License Law}
    document: 主席令第7号
    from: 2004-07-01
  disclosure-2007:
    title: {zh-Hans: 政府信息公开条例, zh-Hant: 政府信息公開條例, en: Regulations on Open Government Information}
    from: 2008-05-01
    until: 2019-05-15
`

// ruleSet makes a rule set of the files of an archive.
func ruleSet(t *testing.T, archive string) (fsys fstest.MapFS, comment string) {
	t.Helper()
	a := txtar.Parse([]byte(archive))
	fsys = fstest.MapFS{"cn/laws.yaml": {Data: []byte(laws)}}
	for _, f := range a.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return fsys, strings.TrimSpace(string(a.Comment))
}

// chainOf is cn-ah when the rule set has that layer, cn when it hasn't.
func chainOf(fsys fs.FS) []string {
	if _, err := fs.Stat(fsys, "cn-ah"); err == nil {
		return statute.Chain("cn-ah")
	}
	return statute.Chain("cn")
}

// Each fixture is a rule set with one fault (or two), and above it the whole message that refuses it.
func TestLoadRefuses(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/refuse/*.txtar")
	if err != nil || len(fixtures) < 60 {
		t.Fatalf("found %d fixtures, %v; want at least 60", len(fixtures), err)
	}
	for _, name := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys, want := ruleSet(t, string(txtar.Format(archive)))
			rules, err := statute.Load(fsys, chainOf(fsys)...)
			if err == nil {
				t.Fatalf("accepted; want %s", want)
			}
			if rules != nil {
				t.Error("rules and an error")
			}
			if err.Error() != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			var p *statute.Problem
			if !errors.As(err, &p) || p.File == "" {
				t.Errorf("%T is no *Problem with a file", err)
			}
		})
	}
}

func TestLoadRefusesChain(t *testing.T) {
	fsys := fstest.MapFS{"cn/laws.yaml": {Data: []byte(laws)}, "us/laws.yaml": {Data: []byte(laws)}}
	for _, tt := range []struct {
		chain []string
		want  string
	}{
		{nil, "no jurisdiction given"},
		{[]string{"cn", "us"}, "us does not lie below cn"},
		{[]string{"cn", "cn-ah"}, "load rules of jurisdiction cn-ah"},
	} {
		if _, err := statute.Load(fsys, tt.chain...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Load(%v) = %v, want %q", tt.chain, err, tt.want)
		}
	}
}

func TestChain(t *testing.T) {
	if got := strings.Join(statute.Chain("cn-ah-hf"), " "); got != "cn cn-ah cn-ah-hf" {
		t.Errorf("got %s", got)
	}
}

// FuzzLoad holds the loader to its word: whatever a file holds, it answers with rules or with an error.
func FuzzLoad(f *testing.F) {
	f.Add("parameters:\n  - id: licence.decide\n    unit: working-day\n    values: [{from: 2004-07-01, amount: 20}]\n")
	f.Add("parameters:\n  - id: a.b\n    unit: list\n    values: [{entries: [{code: a}], source: {law: licence, article: \"1\"}}]\n")
	f.Add("parameters: [&a {id: a.b, values: [*a]}]")
	f.Add("laws: {}")
	f.Fuzz(func(t *testing.T, content string) {
		fsys := fstest.MapFS{"cn/laws.yaml": {Data: []byte(laws)}, "cn/a.yaml": {Data: []byte(content)}}
		rules, err := statute.Load(fsys, "cn")
		if (rules == nil) == (err == nil) {
			t.Fatalf("rules %v, error %v", rules, err)
		}
		if err != nil {
			return
		}
		for _, p := range rules.All() {
			for i, v := range p.Values {
				if got, err := p.At(v.From); err != nil || got.From != v.From {
					t.Fatalf("%s: value %d is not in force on its first day: %v", p.ID, i, err)
				}
			}
		}
	})
}
