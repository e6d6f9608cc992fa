package demo

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// english is the form of English names.
var english = regexp.MustCompile(`^[A-Z][A-Za-z’' -]+$`)

// The counts are those of the 2023 edition of the statistical division codes of Anhui.
func TestDivisions(t *testing.T) {
	want := map[Level]int{Province: 1, City: 16, County: 119, Township: 1685, Village: 18334}
	got := map[Level]int{}
	seen := map[string]Level{"": 0}
	last := ""
	unnamed := map[Level]int{} // in English
	for d, err := range Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		if d.Code <= last {
			t.Fatalf("%s stands after %s", d.Code, last)
		}
		if level, ok := seen[d.Parent()]; !ok || level != d.Level-1 {
			t.Errorf("%s %s: parent %q has not come before it", d.Code, d.Name.Hans, d.Parent())
		}
		if d.Level <= County && !d.Name.Complete() {
			t.Errorf("%s %s: name lacks a language", d.Code, d.Name.Hans)
		}
		if d.Name.Hant == "" || utf8.RuneCountInString(d.Name.Hant) != utf8.RuneCountInString(d.Name.Hans) {
			t.Errorf("%s %s: %q is no traditional name of it", d.Code, d.Name.Hans, d.Name.Hant)
		}
		if d.Name.En == "" {
			unnamed[d.Level]++
		} else if !english.MatchString(d.Name.En) {
			t.Errorf("%s %s: %q is no English name", d.Code, d.Name.Hans, d.Name.En)
		}
		last = d.Code
		seen[d.Code] = d.Level
		got[d.Level]++
	}
	if unnamed[Township] > 30 || unnamed[Village] > 183 { // one in a hundred
		t.Errorf("without English: %v", unnamed)
	}
	for level, n := range want {
		if got[level] != n {
			t.Errorf("level %d: %d divisions, want %d", level, got[level], n)
		}
	}
}

// The four pilot places of the founding document, part eleven.
func TestPilotPlaces(t *testing.T) {
	want := map[string]string{
		"340100000000": "合肥市 Hefei 340000000000",
		"340321000000": "怀远县 Huaiyuan County 340300000000",
		"341881000000": "宁国市 Ningguo 341800000000",
		"341181000000": "天长市 Tianchang 341100000000",
		"340881000000": "桐城市 Tongcheng 340800000000",
		"340321100000": "榴城镇 Liucheng Town 340321000000",
	}
	for d, err := range Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[d.Code]; ok {
			if got := d.Name.Hans + " " + d.Name.En + " " + d.Parent(); got != w {
				t.Errorf("%s: %s, want %s", d.Code, got, w)
			}
			delete(want, d.Code)
		}
	}
	for code := range want {
		t.Errorf("%s is missing", code)
	}
}

// Villages, read off by hand: a surname and 里 keep their character, 圩 is read wéi.
func TestVillageNames(t *testing.T) {
	want := map[string]string{
		"340102100002": "鍾油坊社區居委會 Zhongyoufang Community", "340122105009": "新展社區村民委員會 Xinzhan Village Community", "341702008202": "駐駕村委會 Zhujia Village",
	}
	for d, err := range Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := want[d.Code]; ok && d.Name.Hant+" "+d.Name.En != w {
			t.Errorf("%s: %s %s, want %s", d.Code, d.Name.Hant, d.Name.En, w)
		}
		if strings.Contains(d.Name.Hans, "圩") && strings.Contains(d.Name.En, "xu ") {
			t.Errorf("%s: 圩 is read wéi in Anhui: %s", d.Name.Hans, d.Name.En)
		}
	}
}

func TestDivisionsStopEarly(t *testing.T) {
	n := 0
	for _, err := range Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("broke after %d rows", n)
	}
}

func TestBrokenDivisions(t *testing.T) {
	const names = "code,zh-Hans,zh-Hant,en\n340000000000,安徽省,安徽省,Anhui Province\n"
	for name, c := range map[string]struct{ rows, names, want string }{
		"level":   {"code,level,name\n340000000000,6,安徽省\n", names, `line 2: level "6"`},
		"code":    {"code,level,name\n34,1,安徽省\n", names, `code "34": want 12 digits`},
		"columns": {"code,level,name\n340000000000,1\n", names, "wrong number of fields"},
		"empty":   {"", names, "heading"},
		"names":   {"code,level,name\n", "code\n", "names.csv: heading"},
	} {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			if _, err := w.Write([]byte(c.rows)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			villages, err := fs.ReadFile(Files, "villages.csv.gz")
			if err != nil {
				t.Fatal(err)
			}
			fsys := fstest.MapFS{"divisions.csv.gz": {Data: packed.Bytes()}, "names.csv": {Data: []byte(c.names)}, "villages.csv.gz": {Data: villages}}
			err = eachDivision(fsys, func(Division) bool { return true })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func BenchmarkDivisions(b *testing.B) {
	for b.Loop() {
		for _, err := range Divisions() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
