package sheet_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/slice/report/sheet"
	"openhall.org/openhall/rules"
)

func layouts(t testing.TB) *sheet.Layouts {
	t.Helper()
	law, err := statute.Load(rules.Files, "cn")
	if err != nil {
		t.Fatal(err)
	}
	all, err := sheet.Load(rules.Files, "report", law)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Counted by hand in 国办公开办函〔2021〕30号: the third table has 7 columns and, of the results, 1 + 1 + 8 + 3 + 5 + 3 rows and a total, with
// 新收, 结转 and 结转下年度 beside them; the fourth has three times five numbers.
func TestLayoutOf2021(t *testing.T) {
	l := layouts(t).Of(2025)
	if l == nil || l.Key != "2021" {
		t.Fatalf("the layout of 2025 is %v", l)
	}
	var numbers, titles []string
	for _, s := range l.Sections {
		numbers, titles = append(numbers, s.Number), append(titles, s.Title.Hans)
	}
	if got := strings.Join(numbers, ""); got != "一二三四五六" {
		t.Errorf("the sections are numbered %s", got)
	}
	want := []string{"总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况", "存在的主要问题及改进情况", "其他需要报告的事项"}
	if !slices.Equal(titles, want) {
		t.Errorf("the sections are %v", titles)
	}
	for key, size := range map[string][2]int{"rules": {2, 3}, "licences": {1, 1}, "enforcement": {2, 1}, "fees": {1, 1}, "requests": {25, 7}, "disputes": {1, 15}} {
		table := l.Table(key)
		if table == nil {
			t.Errorf("there is no table %s", key)
			continue
		}
		if rows, columns := len(table.Rows.Leaves()), len(table.Columns.Leaves()); rows != size[0] || columns != size[1] {
			t.Errorf("table %s has %d rows and %d columns, want %v", key, rows, columns, size)
		}
	}
	var heads []string
	for _, s := range l.Table("disputes").Columns.Spans() {
		heads = append(heads, fmt.Sprintf("%d:%s+%d×%d@%d", s.Level, s.Line.Title.Hans, s.Width, s.Depth, s.At))
	}
	for _, want := range []string{"0:行政复议+5×1@0", "1:结果维持+1×2@0", "0:行政诉讼+10×1@5", "1:未经复议直接起诉+5×1@5", "2:结果维持+1×1@5", "1:复议后起诉+5×1@10"} {
		if !slices.Contains(heads, want) {
			t.Errorf("the head of the fourth table lacks %s: %v", want, heads)
		}
	}
}

// The rows of the third table are the outcomes of requests that the rules list.
func TestRowsAreTheOutcomesOfTheRules(t *testing.T) {
	law, err := statute.Load(rules.Files, "cn")
	if err != nil {
		t.Fatal(err)
	}
	all := layouts(t)
	p, err := law.Lookup("request.outcomes")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Values {
		year := max(v.From.Year(), all.First())
		if v.Until == 0 {
			year = 2021
		}
		table := all.Of(year).Table("requests")
		for _, e := range v.Entries {
			line := table.Rows.Find(e.Code)
			if line == nil || v.Leaf(e.Code) && line.Group() {
				t.Errorf("the layout of %d has no row for the outcome %s", year, e.Code)
			}
		}
	}
}

func TestEveryYearHasALayout(t *testing.T) {
	all := layouts(t)
	for year, want := range map[int]string{2007: "", 2008: "2008", 2018: "2008", 2019: "2019", 2020: "2019", 2021: "2021", 2040: "2021"} {
		got := ""
		if l := all.Of(year); l != nil {
			got = l.Key
		}
		if got != want {
			t.Errorf("the layout of %d is %q, want %q", year, got, want)
		}
	}
}

// small is a layout that can be counted by hand.
const small = `
key: small
from: 2008
title: &t {zh-Hans: 表, zh-Hant: 表, en: Table}
source: {law: disclosure-2007, article: "31"}
confidence: practice
sections:
  - code: requests
    number: 一
    title: *t
    tables:
      - key: requests
        stub: *t
        figure: "requests/{row}/{column}"
        columns:
          - {code: a, title: *t}
          - {code: b, title: *t}
          - {code: total, title: *t, sum: [a, b]}
        rows:
          - {code: received, title: *t}
          - {code: carried-over, title: *t}
          - code: results
            title: *t
            lines:
              - {code: given, title: *t}
              - {code: refused, title: *t}
              - {code: all, title: *t, sum: [given, refused]}
          - {code: carried-forward, title: *t}
checks:
  - {id: balance, table: requests, each: column, left: [received, carried-over], right: [all, carried-forward], title: *t, remedy: *t}
  - {id: carried-over, table: requests, each: column, left: [carried-over], previous: [carried-forward], title: *t, remedy: *t}
  - {id: difference, table: requests, each: row, left: [b], right: [total, -a], title: *t, remedy: *t}
`

func load(text string) (*sheet.Layouts, error) {
	law, err := statute.Load(rules.Files, "cn")
	if err != nil {
		return nil, err
	}
	return sheet.Load(fstest.MapFS{"x/small.yaml": {Data: []byte(text)}}, "x", law)
}

func smallLayout(t testing.TB) *sheet.Layout {
	t.Helper()
	all, err := load(small)
	if err != nil {
		t.Fatal(err)
	}
	return all.Of(2010)
}

func at(row, column string) sheet.Address {
	return sheet.Address{Table: "requests", Row: row, Column: column}
}

// Numbers added up by hand.
func TestTotalsAndChecks(t *testing.T) {
	l := smallLayout(t)
	figures := sheet.Figures{
		"requests/received/a": 5, "requests/received/b": 3, "requests/carried-over/a": 1, "requests/carried-over/b": 0,
		"requests/given/a": 4, "requests/given/b": 1, "requests/refused/a": 1, "requests/refused/b": 1,
		"requests/carried-forward/a": 1, "requests/carried-forward/b": 1,
	}
	s := sheet.Fill(l, figures, nil)
	for a, want := range map[sheet.Address]int64{at("received", "total"): 8, at("all", "a"): 5, at("all", "b"): 2, at("all", "total"): 7, at("carried-forward", "total"): 2} {
		if got := s.Cell(a).Final; got != want {
			t.Errorf("%s is %d, want %d", a, got, want)
		}
	}
	found := s.Check(nil)
	if len(found) != 1 || found[0].Check != "carried-over" || !found[0].Missed {
		t.Errorf("without a report of last year, that alone is said: %+v", found)
	}
	// Last year carried one of each forward: column b does not go with it, nor do the totals.
	before := sheet.Fill(l, figures, nil)
	var keys []string
	for _, f := range s.Check(before) {
		keys = append(keys, f.Key())
		if f.Check == "carried-over" && f.Line == "b" && (sheet.Sum(f.Left) != 0 || sheet.Sum(f.Right) != 1 || !f.Right[0].Previous) {
			t.Errorf("the finding in column b is %+v", f)
		}
	}
	if want := []string{"carried-over/requests/b", "carried-over/requests/total"}; !slices.Equal(keys, want) {
		t.Errorf("found %v, want %v", keys, want)
	}
	// One more given in column a: the total of the column, of the row and of the table move with it, and the balance breaks there.
	s = sheet.Fill(l, figures, map[sheet.Address]sheet.Adjustment{at("given", "a"): {Value: 5, Reason: "漏登一件"}})
	if c := s.Cell(at("given", "a")); c.Counted != 4 || c.Final != 5 || c.Adjusted.Reason != "漏登一件" {
		t.Errorf("the adjusted cell is %+v", c)
	}
	if s.Cell(at("all", "a")).Final != 6 || s.Cell(at("given", "total")).Final != 6 || s.Cell(at("all", "total")).Final != 8 {
		t.Error("the totals have not moved with the adjusted cell")
	}
	keys = nil
	for _, f := range s.Check(sheet.Frozen(l, map[string]int64{at("carried-forward", "a").String(): 1, at("carried-forward", "b").String(): 0, at("carried-forward", "total").String(): 1})) {
		keys = append(keys, f.Key())
	}
	if want := []string{"balance/requests/a", "balance/requests/total"}; !slices.Equal(keys, want) {
		t.Errorf("found %v, want %v", keys, want)
	}
}

// The records count five requests, of which only four have a kind of applicant: the total shows it.
func TestATotalThatTheRecordsCount(t *testing.T) {
	l := smallLayout(t)
	s := sheet.Fill(l, sheet.Figures{"requests/received/a": 3, "requests/received/b": 1, "requests/received/total": 5}, nil)
	if c := s.Cell(at("received", "total")); c.Final != 5 || c.Counted != 5 {
		t.Fatalf("the total is %+v", c)
	}
	i := slices.IndexFunc(s.Check(nil), func(f sheet.Finding) bool { return f.Check == sheet.CheckSum })
	if i < 0 {
		t.Fatal("a total that is not the sum of its parts was not found")
	}
	f := s.Check(nil)[i]
	if f.Line != "received" || f.Each != sheet.EachRow || sheet.Sum(f.Left) != 5 || sheet.Sum(f.Right) != 4 {
		t.Errorf("the finding is %+v", f)
	}
	// Adjusting the part that lacks one brings the total along; it needs an adjustment of its own, or the record mended.
	s = sheet.Fill(l, sheet.Figures{"requests/received/a": 3, "requests/received/b": 1, "requests/received/total": 5}, map[sheet.Address]sheet.Adjustment{
		at("received", "b"): {Value: 2, Reason: "类别漏填"}, at("received", "total"): {Value: 5, Reason: "总数不变"},
	})
	if slices.ContainsFunc(s.Check(nil), func(f sheet.Finding) bool { return f.Check == sheet.CheckSum }) {
		t.Error("the sum holds now")
	}
}

// A figure that nobody counts is an empty cell, not a zero.
func TestWhatNobodyCountsIsEmpty(t *testing.T) {
	l := layouts(t).Of(2025)
	s := sheet.Fill(l, sheet.Figures{"decisions/licence": 0}, nil)
	if c := s.Cell(sheet.Address{Table: "enforcement", Row: "penalty", Column: "decisions"}); c.Filled || c.Known {
		t.Errorf("the cell of penalties is %+v", c)
	}
	if c := s.Cell(sheet.Address{Table: "licences", Row: "licence", Column: "decisions"}); !c.Filled || c.Final != 0 {
		t.Errorf("the cell of licences is %+v", c)
	}
	empty := 0
	for _, f := range s.Check(nil) {
		if f.Check == sheet.CheckEmpty {
			empty += len(f.Cells)
		}
	}
	// 2×3 + 2 + 1 in the second table, 24 rows × 6 columns in the third without totals, 12 in the fourth without totals, 2 of processing fees.
	if want := 6 + 2 + 1 + 24*6 + 12 + 2; empty != want {
		t.Errorf("%d cells are empty, want %d", empty, want)
	}
}

func everyFigure(rt *rapid.T, l *sheet.Layout) (sheet.Figures, map[sheet.Address]sheet.Adjustment) {
	// The names of figures are found by asking with each cell alone.
	figures, adjusted := sheet.Figures{}, map[sheet.Address]sheet.Adjustment{}
	for _, name := range figureNames(l) {
		if rapid.IntRange(0, 19).Draw(rt, "absent") != 0 {
			figures[name] = rapid.Int64Range(0, 1_000_000).Draw(rt, name)
		}
	}
	for _, a := range l.Addresses() {
		t := l.Table(a.Table)
		if !t.Rows.Find(a.Row).Total() && !t.Columns.Find(a.Column).Total() && rapid.IntRange(0, 9).Draw(rt, "adjusted") == 0 {
			adjusted[a] = sheet.Adjustment{Value: rapid.Int64Range(0, 1_000_000).Draw(rt, "to"), Reason: "x"}
		}
	}
	return figures, adjusted
}

func figureNames(l *sheet.Layout) (names []string) {
	for _, t := range l.Tables() {
		for _, r := range t.Rows.Leaves() {
			for _, c := range t.Columns.Leaves() {
				if r.Total() || c.Total() {
					continue
				}
				row, column := r.Code, c.Code
				names = append(names, strings.NewReplacer("{row}", row, "{column}", column).Replace(t.Figure))
			}
		}
	}
	return names
}

// Whatever is counted and adjusted: totals are the sums of their parts, and a balance is found broken exactly where it is.
func TestSumsAlwaysHold(t *testing.T) {
	for _, l := range append(layouts(t).All(), smallLayout(t)) {
		t.Run(l.Key, rapid.MakeCheck(func(rt *rapid.T) {
			figures, adjusted := everyFigure(rt, l)
			s := sheet.Fill(l, figures, adjusted)
			broken := map[string]bool{}
			for _, f := range s.Check(nil) {
				if f.Check == sheet.CheckSum {
					rt.Fatalf("%s does not hold", f.Key())
				}
				if f.Check == "balance" {
					broken[f.Line] = true
				}
			}
			requests := l.Table("requests")
			for _, column := range requests.Columns.Leaves() {
				sum, whole := int64(0), true
				for _, row := range requests.Rows.Leaves() {
					c := s.Cell(at(row.Code, column.Code))
					whole = whole && c.Filled
					switch {
					case row.Total():
					case row.Code == "received", row.Code == "carried-over":
						sum += c.Final
					default:
						sum -= c.Final
					}
				}
				if whole && broken[column.Code] != (sum != 0) {
					rt.Fatalf("column %s differs by %d, found broken: %v", column.Code, sum, broken[column.Code])
				}
			}
			// What is kept of a report gives the same report.
			again := sheet.Frozen(l, s.Values())
			if !maps.Equal(again.Values(), s.Values()) {
				rt.Fatal("the kept report has other numbers")
			}
		}))
	}
}

func TestAddresses(t *testing.T) {
	for _, a := range layouts(t).Of(2025).Addresses() {
		if again, ok := sheet.ParseAddress(a.String()); !ok || again != a {
			t.Errorf("%s is read as %v", a, again)
		}
	}
	for _, bad := range []string{"", "a", "a/b", "a//b", "/a/b", "a/b/", "a/b/c/d"} {
		if a, ok := sheet.ParseAddress(bad); ok {
			t.Errorf("%q is read as %v", bad, a)
		}
	}
}

// One 万元 is 1,000,000 fen.
func TestAmounts(t *testing.T) {
	for _, tt := range []struct {
		unit sheet.Unit
		text string
		want int64
		ok   bool
		back string
	}{
		{sheet.Count, "12", 12, true, "12"},
		{sheet.Count, " １２，３４５ ", 12345, true, "12345"},
		{sheet.Count, "-3", -3, true, "-3"},
		{sheet.Count, "-1,234", -1234, true, "-1234"},
		{sheet.Count, "12,5", 0, false, ""},
		{sheet.Count, "1，23", 0, false, ""},
		{sheet.Count, ",123", 0, false, ""},
		{sheet.Money, "12,5", 0, false, ""},
		{sheet.Money, "0.123,456", 0, false, ""},
		{sheet.Count, "1.5", 0, false, ""},
		{sheet.Count, "", 0, false, ""},
		{sheet.Count, "十二", 0, false, ""},
		{sheet.Count, "12345678901234567890", 0, false, ""},
		{sheet.Money, "12", 12_000_000, true, "12.00"},
		{sheet.Money, "0.5", 500_000, true, "0.50"},
		{sheet.Money, "1,234.567891", 1_234_567_891, true, "1234.567891"},
		{sheet.Money, "0.0000001", 0, false, ""},
		{sheet.Money, "1.", 0, false, ""},
		{sheet.Money, "1.2.3", 0, false, ""},
		{sheet.Money, "-0.000001", -1, true, "-0.000001"},
	} {
		got, ok := tt.unit.Parse(tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%q is read as %d, %v; want %d, %v", tt.text, got, ok, tt.want, tt.ok)
		}
		if ok && tt.unit.Format(got) != tt.back {
			t.Errorf("%d is written %q, want %q", got, tt.unit.Format(got), tt.back)
		}
	}
}

// What is read is not too large, and the next whole number after the largest one is.
func TestLargestAmounts(t *testing.T) {
	for unit, tests := range map[sheet.Unit]map[string]bool{
		sheet.Count: {"9223372036854": false, "9,223,372,036,854": false, "-9223372036854": false, "9223372036855": true, "0009223372036854": false, "12345678901234567890": true, "1e30": false, "": false, "三": false},
		sheet.Money: {"9223371.999999": false, "9223372": true, "９２２３３７２": true, "-9223372": true},
	} {
		for text, want := range tests {
			if got := unit.TooLarge(text); got != want {
				t.Errorf("%q is too large: %v, want %v", text, got, want)
			}
			if _, ok := unit.Parse(text); want && ok {
				t.Errorf("%q is read", text)
			}
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, seed := range []string{"12", "0.5", "-1", "１２．５", "1e9", "9223372036854775807", "\xff"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, money bool) {
		unit := sheet.Count
		if money {
			unit = sheet.Money
		}
		n, ok := unit.Parse(text)
		if ok && unit.TooLarge(text) {
			t.Errorf("%q is read as %d, and is too large", text, n)
		}
		if !ok {
			return
		}
		if again, ok := unit.Parse(unit.Format(n)); !ok || again != n {
			t.Errorf("%q is %d, written %q, read again as %d", text, n, unit.Format(n), again)
		}
	})
}

// Each way to break a layout is refused, and says where and how.
func TestBrokenLayoutsAreRefused(t *testing.T) {
	for _, tt := range []struct{ was, is, want string }{
		{"key: small", "key: other", "key: want small"},
		{"from: 2008", "from: 1999", "want the first year"},
		{"from: 2008", "from: 2008\nuntil: 2010", "nothing follows"},
		{"law: disclosure-2007", "law: nothing", "not in laws.yaml"},
		{`article: "31"`, `article: ""`, "source.article"},
		{"confidence: practice", "confidence: sure", "confidence: want verified"},
		{"code: requests\n", "code: Requests\n", "is no code"},
		{"en: Table", `en: ""`, "title.en: missing"},
		{"sum: [a, b]", "sum: [a, c]", `there is no "c"`},
		{"sum: [a, b]", "sum: [a, a]", "added twice"},
		{"sum: [given, refused]", "sum: [given, results]", "is a total itself"},
		{"{code: b, title: *t}", "{code: a, title: *t}", "is there twice"},
		{"{code: b, title: *t}", "{code: b, title: *t, unit: yuan}", "want money"},
		{"code: results\n", "code: results\n            sum: [received]\n", "is a group"},
		{`figure: "requests/{row}/{column}"`, `figure: "requests/{row}"`, "show the same figure"},
		{`figure: "requests/{row}/{column}"`, `figure: "requests/{row}/{column}/{year}"`, "want the name of a figure"},
		{"each: row", "each: cell", "want column or row"},
		{"left: [b]", "left: [c]", "there is no line"},
		{"previous: [carried-forward]", "previous: [results]", "there is no line"},
		{"id: difference, table: requests", "id: difference, table: answers", "there is no table"},
		{"id: difference", "id: sum", "one of the program’s own"},
		{"right: [total, -a]", "right: []", "wants left, and right or previous"},
		{"number: 一", "number: 一\n    narrative: always", "narrative: want"},
		{"stub: *t", "stub: *t\n        bare: true", "only a table with one row"},
		{"stub: *t", "stub: *t\n        colour: red", "field colour not found"},
	} {
		text := strings.Replace(small, tt.was, tt.is, 1)
		if text == small {
			t.Errorf("%q is not in the layout", tt.was)
		}
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("with %q: %v; want it to say %q", tt.is, err, tt.want)
		}
	}
	gap := fstest.MapFS{
		"x/small.yaml": {Data: []byte(strings.Replace(small, "from: 2008", "from: 2008\nuntil: 2010", 1))},
		"x/later.yaml": {Data: []byte(strings.NewReplacer("key: small", "key: later", "from: 2008", "from: 2012").Replace(small))},
	}
	law, err := statute.Load(rules.Files, "cn")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sheet.Load(gap, "x", law); err == nil || !strings.Contains(err.Error(), "each year needs one layout") {
		t.Errorf("a gap between layouts: %v", err)
	}
	if _, err := sheet.Load(fstest.MapFS{}, "x", law); err == nil {
		t.Error("no layout at all is not refused")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add("key: small\nsections: [{tables: [null]}]")
	f.Add("sections: [{tables: [{rows: [null], columns: [{lines: [null]}]}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := load(text)
		if err != nil {
			return
		}
		for _, l := range all.All() {
			s := sheet.Fill(l, nil, nil)
			s.Check(s)
		}
	})
}

func TestNamesInThreeLanguages(t *testing.T) {
	l := layouts(t).Of(2025)
	row := l.Table("requests").Rows.Find("refused.secret")
	for tag, want := range map[lang.Tag]string{lang.Hans: "1.属于国家秘密", lang.Hant: "1.屬於國家秘密", lang.En: "1.State secret"} {
		if got := row.Name(tag); got != want {
			t.Errorf("the row is %q, want %q", got, want)
		}
	}
}
