package demo

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"testing/fstest"
)

// The counts are those of the 2023 edition of the statistical division codes of Anhui.
func TestDivisions(t *testing.T) {
	want := map[Level]int{Province: 1, City: 16, County: 119, Township: 1685, Village: 18334}
	got := map[Level]int{}
	seen := map[string]Level{"": 0}
	last := ""
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
		if d.Level == Township && d.Name.Hant == "" {
			t.Errorf("%s %s: no traditional name", d.Code, d.Name.Hans)
		}
		last = d.Code
		seen[d.Code] = d.Level
		got[d.Level]++
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
			fsys := fstest.MapFS{"divisions.csv.gz": {Data: packed.Bytes()}, "names.csv": {Data: []byte(c.names)}}
			err := eachDivision(fsys, func(Division) bool { return true })
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
