package document

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func report(rows int) *Paper {
	g := &Grid{Columns: []float64{1, 2, 3, 1, 1}, Head: 2, Rows: [][]GridCell{
		{{Text: "申请人情况", Across: 3, Down: 2, Bold: true}, {Text: "法人或其他组织", Across: 2}},
		{{Text: "商业企业"}, {Text: "其他"}},
	}}
	for i := range rows {
		row := []GridCell{{Text: fmt.Sprintf("第%d行：属于国家秘密", i+1), Across: 2, Left: true}, {Text: "12"}, {Text: "3"}}
		if i == 0 {
			row = append([]GridCell{{Text: "三、本年度办理结果", Down: rows}}, row...)
		}
		g.Rows = append(g.Rows, row)
	}
	return &Paper{Title: "政府信息公开工作年度报告", Subtitle: "合肥市水务局　2025年", Foot: "openhall", Blocks: []Block{
		{Heading: "一、总体情况", Level: 1}, {Text: strings.Repeat("本年度主动公开信息。", 40)}, {Item: "第一项"}, {Heading: "三、申请情况", Level: 1}, {Grid: g},
		{Chart: &Chart{Caption: "各年度的申请", Bars: []Bar{{Name: "2024年收到", Number: 12}, {Name: "2024年办结，名称很长，一行放不下，要分成两行才能印完", Number: 9, Second: true}, {Name: "2025年收到", Number: 0}, {Name: "2025年办结", Number: 120_000}}}},
	}}
}

// Everything stands within the margins, no two texts in one place, and each row of a table is there once.
func TestPaperStandsOnItsPages(t *testing.T) {
	set := typesetting(t)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.IntRange(1, 120).Draw(rt, "rows")
		pages, err := layoutPaper(set, report(rows))
		if err != nil {
			rt.Fatal(err)
		}
		seen := map[string]int{}
		heads, groups, bars := 0, 0, 0
		for n, p := range pages {
			places := map[string]bool{}
			for i := range p.items {
				x := &p.items[i]
				if x.kind == "text" {
					w, err := set.measure(&x.style, x.text)
					if err != nil {
						rt.Fatal(err)
					}
					if x.x < paperLeft-0.1 || x.x+w > paperRight+0.1 || x.y < paperTop || x.y > paperBottom+10 {
						rt.Fatalf("page %d: %q stands at %.1f, %.1f", n+1, x.text, x.x, x.y)
					}
					place := fmt.Sprintf("%.1f %.1f", x.x, x.y)
					if places[place] {
						rt.Fatalf("page %d: two texts at %s", n+1, place)
					}
					places[place] = true
					if strings.HasPrefix(x.text, "第") && strings.Contains(x.text, "行") {
						seen[x.text]++
					}
					if x.text == "商业企业" {
						heads++
					}
					if strings.HasPrefix(x.text, "三、本") {
						groups++
					}
				}
				if x.kind == "bar" {
					bars++
				}
				if (x.kind == "box" || x.kind == "bar") && (x.y < paperTop-0.1 || x.y2 > paperBottom+0.1) {
					rt.Fatalf("page %d: a box from %.1f to %.1f", n+1, x.y, x.y2)
				}
			}
		}
		if bars != 3 { // none for the number 0
			rt.Fatalf("%d bars", bars)
		}
		if len(seen) != rows {
			rt.Fatalf("%d of %d rows are there", len(seen), rows)
		}
		for text, times := range seen {
			if times != 1 {
				rt.Fatalf("%q is there %d times", text, times)
			}
		}
		if heads == 0 || groups == 0 || heads > len(pages) {
			rt.Fatalf("the head is there %d times, the group %d times, on %d pages", heads, groups, len(pages))
		}
	})
}

// Words of narrow columns stay whole where the others have room for it, and shares count where there is none. A heading goes to the next page with
// its table.
func TestWordsOfColumnsStayWhole(t *testing.T) {
	set := typesetting(t)
	row := []GridCell{{Text: "Item", Left: true}}
	for _, word := range []string{"Natural person", "Commercial enterprise", "Public welfare organisation", "Total"} {
		row = append(row, GridCell{Text: word})
	}
	g := &Grid{Columns: []float64{12, 1, 1, 1, 1}, Head: 1, Rows: [][]GridCell{row, {{Text: "Requests", Left: true}, {Text: "1"}, {Text: "2"}, {Text: "3"}, {Text: "6"}}}}
	texts := func(p *Paper) (all []string, pages []int) {
		for n, page := range must(layoutPaper(set, p)) {
			for i := range page.items {
				if page.items[i].kind == "text" {
					all, pages = append(all, page.items[i].text), append(pages, n)
				}
			}
		}
		return all, pages
	}
	words, _ := texts(&Paper{Title: "Report", Blocks: []Block{{Grid: g}}})
	for _, want := range []string{"Natural", "Commercial", "enterprise", "organisation", "Total"} {
		if !slices.ContainsFunc(words, func(s string) bool { return slices.Contains(strings.Fields(s), want) }) {
			t.Errorf("%q is divided: %q", want, words)
		}
	}
	long := &Grid{Columns: []float64{3, 1}, Rows: [][]GridCell{{{Text: strings.Repeat("x", 200)}, {Text: strings.Repeat("y", 200)}}}}
	edges := must((&setter{typeset: set}).edges(long))
	if got := edges[1] - edges[0]; got != paperWidth*3/4 {
		t.Errorf("without room the first column is %v mm wide", got)
	}
	for fill := range 60 {
		p := &Paper{Title: "Report", Blocks: []Block{{Heading: "Part", Level: 1}, {Heading: "Table", Level: 2}, {Grid: g}}}
		for range fill {
			p.Blocks = slices.Insert(p.Blocks, 0, Block{Text: "words"})
		}
		all, pages := texts(p)
		if a, b := pages[slices.Index(all, "Part")], pages[slices.Index(all, "Requests")]; a != b {
			t.Errorf("after %d lines the heading stands on page %d, its table on %d", fill, a+1, b+1)
		}
	}
}

func TestPaperPrints(t *testing.T) {
	pdf, err := typesetting(t).printPages(must(layoutPaper(typesetting(t), report(60))))
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("%d bytes: %v", len(pdf), err)
	}
	if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages < 2 {
		t.Errorf("a table of 60 rows stands on %d pages", pages)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPaperRefusesWhatItCannotSet(t *testing.T) {
	set := typesetting(t)
	var missing *MissingGlyph
	if _, err := layoutPaper(set, &Paper{Title: "报告", Blocks: []Block{{Text: "好\U0001F600"}}}); !errors.As(err, &missing) || missing.Char != '\U0001F600' {
		t.Errorf("a character that no font has: %v", err)
	}
	for name, rows := range map[string][][]GridCell{
		"too few":  {{{Text: "a"}}},
		"too many": {{{Text: "a"}, {Text: "b"}, {Text: "c"}}},
		"too deep": {{{Text: "a", Down: 2}, {Text: "b"}}},
	} {
		p := &Paper{Title: "报告", Blocks: []Block{{Grid: &Grid{Columns: []float64{1, 1}, Rows: rows}}}}
		if _, err := layoutPaper(set, p); !errors.Is(err, errGrid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
