package disclosure

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/search"
)

func TestBlocks(t *testing.T) {
	got := blocks("# 一、总则\n第一行\n第二行\n\n- 甲\n- 乙\n\n## 小标题\n末段")
	want := []block{{"h3", []string{"一、总则"}}, {"p", []string{"第一行", "第二行"}}, {"ul", []string{"甲", "乙"}}, {"h4", []string{"小标题"}}, {"p", []string{"末段"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Whatever stands in a text, each of its words stands in exactly one block.
func TestBlocksLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"甲", "# ", "- ", "## ", "\n", "\n\n", " ", "乙丙"})).Draw(t, "text"), "")
		count := 0
		for _, b := range blocks(text) {
			count += strings.Count(strings.Join(b.lines, ""), "甲")
		}
		if count != strings.Count(text, "甲") {
			t.Fatalf("%d of %d in %q", count, strings.Count(text, "甲"), text)
		}
	})
}

// A Chinese word is not split by its marks: nothing stands between the pieces, and nothing of the text is markup.
func TestMarked(t *testing.T) {
	for _, tt := range []struct {
		s    search.Snippet
		want string
	}{
		{search.Snippet{Text: "合肥市水务局", Marks: []search.Span{{Begin: 9, End: 12}}}, `合肥市<mark class="oh-mark">水</mark>务局`},
		{search.Snippet{Text: "水<b>", Marks: []search.Span{{Begin: 0, End: 3}}, Begun: true, Ended: true}, `…<mark class="oh-mark">水</mark>&lt;b&gt;…`},
		{search.Snippet{}, ""},
	} {
		var b strings.Builder
		if err := marked(tt.s).Render(t.Context(), &b); err != nil || b.String() != tt.want {
			t.Errorf("%+v gives %q, want %q; %v", tt.s, b.String(), tt.want, err)
		}
	}
}

// Readers of a snippet see the words of headings and lists without the marks of the text, and what was found stays marked.
func TestUnmarked(t *testing.T) {
	for _, tt := range []struct{ text, mark, want string }{
		{"# 一、总则\n第一行", "总则", "一、总则\n第一行"},
		{"第一行\n\n## 二、水\n- 甲\n- 水 - 乙 # 丙", "水", "第一行\n\n二、水\n甲\n水 - 乙 # 丙"},
		{"甲\n# 水", "甲\n# 水", "甲\n水"},
		{"", "", ""},
	} {
		s := search.Snippet{Text: tt.text}
		if i := strings.Index(tt.text, tt.mark); tt.mark != "" && i >= 0 {
			s.Marks = []search.Span{{Begin: i, End: i + len(tt.mark)}}
		}
		got := unmarked(s)
		if got.Text != tt.want {
			t.Errorf("%q gives %q, want %q", tt.text, got.Text, tt.want)
		}
		for i, m := range got.Marks {
			before, after := s.Text[s.Marks[i].Begin:s.Marks[i].End], got.Text[m.Begin:m.End]
			if strings.ReplaceAll(before, "# ", "") != after {
				t.Errorf("%q: %q is marked, was %q", tt.text, after, before)
			}
		}
	}
	if got := unmarked(search.Snippet{Text: "- 水", Begun: true}); got.Text != "- 水" {
		t.Errorf("a sign in the middle of a line was taken for a mark: %q", got.Text)
	}
	if got := unmarked(search.Snippet{Text: "# 任务一\n- 水", Begun: true}); got.Text != "任务一\n水" {
		t.Errorf("the heading with which a piece begins: %q", got.Text)
	}
}

// Joined, the pieces of a snippet are its text, whatever its marks are.
func TestPiecesAreTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := search.Snippet{Text: rapid.StringMatching(`[甲乙a ]{0,20}`).Draw(t, "text")}
		for range rapid.IntRange(0, 4).Draw(t, "marks") {
			s.Marks = append(s.Marks, search.Span{Begin: rapid.IntRange(0, 30).Draw(t, "begin"), End: rapid.IntRange(0, 30).Draw(t, "end")})
		}
		joined := ""
		for _, p := range pieces(s) {
			joined += p.text
		}
		if joined != s.Text {
			t.Fatalf("%q became %q", s.Text, joined)
		}
	})
}

// Masks go in the place of what was found and not overridden; what stands around stays.
func TestMask(t *testing.T) {
	d := &publication.Draft{Content: publication.Content{Title: "甲", Text: "电话13812345678，又13912345678。"}}
	at := func(text, value string) (int, int) {
		i := strings.Index(text, value)
		return i, i + len(value)
	}
	var found []publication.Found
	for _, x := range []struct {
		value, mask string
		stays       bool
	}{{"13812345678", "138****5678", false}, {"13912345678", "139****5678", true}} {
		from, to := at(d.Text, x.value)
		found = append(found, publication.Found{
			Finding: guard.Finding{Kind: guard.Mobile, From: from, To: to, Mask: x.mask}, Field: "text", Text: x.value, Mark: x.value, Overridden: x.stays, Action: guard.DoMask,
		})
	}
	marked := markedFields(d, found)
	if len(marked) != 1 || len(marked[0].pieces) != 5 || marked[0].pieces[1].mask != "138****5678" || marked[0].pieces[1].stays || !marked[0].pieces[3].stays {
		t.Errorf("marked: %+v", marked)
	}
	if gathered := findingsOf(d, append(found, found[0])); len(gathered) != 2 || gathered[0].times != 2 || !open(gathered) {
		t.Errorf("gathered: %+v", gathered)
	}
	(&Service{}).mask(d, found)
	if d.Text != "电话138****5678，又13912345678。" {
		t.Errorf("masked: %s", d.Text)
	}
}

func TestRecordPath(t *testing.T) {
	if got := recordPath("11341702486344515H/202110-00013"); got != "/open/r/11341702486344515H/202110-00013" {
		t.Error(got)
	}
	if year, part, ok := yearPart("2013-2"); !ok || year != 2013 || part != 2 {
		t.Errorf("%d %d %v", year, part, ok)
	}
	for _, bad := range []string{"", "2013", "2013-", "2013-x", "columns", "2013--1"} {
		if _, _, ok := yearPart(bad); ok {
			t.Errorf("%q was taken for a part", bad)
		}
	}
}
