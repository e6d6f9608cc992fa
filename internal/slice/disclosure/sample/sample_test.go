package sample_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/slice/disclosure/sample"
)

func bodies(t *testing.T) []sample.Body {
	t.Helper()
	var out []sample.Body
	for i, kind := range []string{"government", "water", "ecology", "market-regulation", "education", "civil-affairs", "unheard-of", "human-resources"} {
		code, err := identifier.NewUSCC('1', '1', "340000", "MB1"+string(rune('A'+i))+"0001")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sample.Body{Key: kind, Name: "青山市" + kind, Place: "青山市", Kind: kind, Agency: "青" + kind, Code: code.Code, Weight: 1 + i%3})
	}
	return out
}

func plan(t *testing.T, records, policies int) *sample.Plan {
	t.Helper()
	p, err := sample.New(bodies(t), sample.Options{Records: records, Policies: policies, Seed: 20130410, From: calendar.Day(2011, 12, 1), Until: calendar.Day(2026, 11, 27)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Of more than 20,000 records no two have a title, an index number or a text in common, although only eight bodies share them here.
func TestNoTwoAreEqual(t *testing.T) {
	titles, indexes, texts, numbers := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	categories, years, total := map[string]int{}, map[int]int{}, 0
	last := calendar.Date(0)
	for r := range plan(t, 20_000, 210).All() {
		total++
		if titles[r.Title] || indexes[r.Index] || texts[r.Text] || r.Number != "" && numbers[r.Number] {
			t.Fatalf("twice: %+v", r)
		}
		titles[r.Title], indexes[r.Index], texts[r.Text], numbers[r.Number] = true, true, true, true
		categories[r.Category]++
		years[r.Published.Year()]++
		if _, err := identifier.ParseIndexNumber(r.Index); err != nil {
			t.Fatalf("%s: %v", r.Index, err)
		}
		if strings.ContainsAny(r.Title+r.Text+r.Summary, "{}|") || len(r.Text) < 60 || r.Title == "" || r.Summary == "" {
			t.Fatalf("not filled in: %+v", r)
		}
		if r.Made > r.Published || r.Published > calendar.Day(2026, 11, 27) || r.Effective != 0 && r.Repealed != 0 && r.Repealed <= r.Effective {
			t.Fatalf("days out of order: %+v", r)
		}
		if r.Published < last-4 {
			t.Fatalf("the records don't follow one another: %v after %v", r.Published, last)
		}
		last = max(last, r.Published)
	}
	if total < 20_000 || len(categories) < 20 || len(years) != 16 {
		t.Errorf("%d records, %d categories, %d years", total, len(categories), len(years))
	}
}

// The headings of a text are numbered one after the other, as whoever writes a letter numbers them.
func TestHeadingsAreNumberedInOrder(t *testing.T) {
	numerals := []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
	seen := 0
	for r := range plan(t, 2_000, 40).All() {
		next := 0
		for line := range strings.Lines(r.Text) {
			number, _, _ := strings.Cut(strings.TrimPrefix(line, "# "), "、")
			if got := slices.Index(numerals, number); strings.HasPrefix(line, "# ") && got >= 0 {
				if got != next {
					t.Fatalf("%s: heading %s stands where %s should:\n%s", r.Title, number, numerals[next], r.Text)
				}
				next++
				seen++
			}
		}
	}
	if seen < 500 {
		t.Errorf("saw only %d headings", seen)
	}
}

// Each policy has an interpretation that leads to it; all forms of interpretations occur; some policies amend or repeal older ones.
func TestPoliciesAndTheirInterpretations(t *testing.T) {
	index := map[string]sample.Record{}
	interpreted, forms, links := map[int]int{}, map[string]int{}, map[string]int{}
	policies := 0
	for r := range plan(t, 2_000, 210).All() {
		index[r.Index] = r
		if r.Policy == 0 {
			continue
		}
		if r.Category == "statutory.1.normative" {
			policies++
		} else {
			interpreted[r.Policy]++
			form := "text"
			if len(r.Questions) > 0 {
				form = "questions"
			}
			for _, m := range r.Media {
				form = m.Kind
				if m.Caption == "" || (m.Kind == "chart") != (len(m.Bars) > 0) || (m.Kind == "video") != (m.Href != "") {
					t.Errorf("media: %+v", m)
				}
			}
			forms[form]++
		}
		for _, l := range r.Links {
			links[l.Kind]++
			if to, ok := index[l.Index]; !ok || to.Body != r.Body || to.Published > r.Published {
				t.Errorf("%s: a link to what isn't there yet: %+v", r.Title, l)
			}
		}
	}
	if policies != 210 || len(interpreted) != 210 {
		t.Errorf("%d policies, %d interpreted", policies, len(interpreted))
	}
	for _, form := range []string{"text", "questions", "chart", "picture", "video"} {
		if forms[form] < 20 {
			t.Errorf("%d interpretations by %s", forms[form], form)
		}
	}
	if links["amends"] < 10 || links["repeals"] < 10 {
		t.Errorf("links: %v", links)
	}
}

func TestTheSameEveryTime(t *testing.T) {
	a, b := slices.Collect(plan(t, 300, 12).All()), slices.Collect(plan(t, 300, 12).All())
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs differ")
	}
}

func TestNothingToWorkWith(t *testing.T) {
	if _, err := sample.New(nil, sample.Options{Records: 1, Until: 1}); err == nil {
		t.Error("a plan without bodies")
	}
}

func BenchmarkAll(b *testing.B) {
	p, err := sample.New([]sample.Body{{Key: "a", Name: "青山市水利局", Place: "青山市", Kind: "water", Agency: "青水", Code: "11341702486344515H"}},
		sample.Options{Records: 20_000, Policies: 210, From: calendar.Day(2011, 12, 1), Until: calendar.Day(2026, 11, 27)})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for range p.All() {
			n++
		}
	}
}
