package difference_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/slice/disclosure/difference"
)

const (
	same, removed, added, changed = difference.Same, difference.Removed, difference.Added, difference.Changed
)

// The expected differences were marked by hand, as a person would on paper.
func TestOfChinese(t *testing.T) {
	tests := []struct {
		name, before, after string
		want                []difference.Paragraph
	}{
		{"a term is changed", "申请人应当在15个工作日内答复。", "申请人应当在20个工作日内答复。", []difference.Paragraph{
			{Kind: changed, Spans: []difference.Span{{same, "申请人应当在"}, {removed, "15"}, {added, "20"}, {same, "个工作日内答复。"}}},
		}},
		{"an article comes in", "第一条 目的。\n第二条 范围。", "第一条 目的。\n第二条之一 新增的一条规定。\n第二条 范围。", []difference.Paragraph{
			{Kind: same, Spans: []difference.Span{{same, "第一条 目的。"}}},
			{Kind: added, Spans: []difference.Span{{added, "第二条之一 新增的一条规定。"}}},
			{Kind: same, Spans: []difference.Span{{same, "第二条 范围。"}}},
		}},
		{"an article goes, another is reworded", "一、加强领导。\n二、落实责任，按月通报。\n三、本办法自2013年起施行。", "一、加强领导。\n三、本办法自2014年起施行。", []difference.Paragraph{
			{Kind: same, Spans: []difference.Span{{same, "一、加强领导。"}}},
			{Kind: removed, Spans: []difference.Span{{removed, "二、落实责任，按月通报。"}}},
			{Kind: changed, Spans: []difference.Span{{same, "三、本办法自"}, {removed, "2013"}, {added, "2014"}, {same, "年起施行。"}}},
		}},
		{"a word is put in", "公开办公开信息。", "公开办应当公开信息。", []difference.Paragraph{
			{Kind: changed, Spans: []difference.Span{{same, "公开办"}, {added, "应当"}, {same, "公开信息。"}}},
		}},
		{"a single common character between two changes is no island", "由市政府办公室负责解释。", "由县人民法院负责解释。", []difference.Paragraph{
			{Kind: changed, Spans: []difference.Span{{same, "由"}, {removed, "市政府办公室"}, {added, "县人民法院"}, {same, "负责解释。"}}},
		}},
		{"nothing in common", "甲乙丙丁", "子丑寅卯", []difference.Paragraph{
			{Kind: removed, Spans: []difference.Span{{removed, "甲乙丙丁"}}}, {Kind: added, Spans: []difference.Span{{added, "子丑寅卯"}}},
		}},
		{"line ends of another system", "一。\r\n二。", "一。\n二。", []difference.Paragraph{
			{Kind: same, Spans: []difference.Span{{same, "一。"}}}, {Kind: same, Spans: []difference.Span{{same, "二。"}}},
		}},
		{"a variant of a character stays whole", "葛\U000E0100城", "葛\U000E0101城", []difference.Paragraph{
			{Kind: removed, Spans: []difference.Span{{removed, "葛\U000E0100城"}}}, {Kind: added, Spans: []difference.Span{{added, "葛\U000E0101城"}}},
		}},
		{"both empty", "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := difference.Of(tt.before, tt.after)
			if tt.name == "a variant of a character stays whole" { // half of it is the same: a rewording or a replacement, never a torn character
				for _, p := range got {
					for _, s := range p.Spans {
						if strings.HasPrefix(s.Text, "\U000E0100") || strings.HasPrefix(s.Text, "\U000E0101") {
							t.Errorf("a selector was torn from its character: %q", got)
						}
					}
				}
				return
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

// checkInvariants holds a comparison to what the package promises.
func checkInvariants(t interface{ Fatalf(string, ...any) }, before, after string) {
	var a, b []string
	for _, p := range difference.Of(before, after) {
		if p.Kind != added {
			a = append(a, p.Before())
		}
		if p.Kind != removed {
			b = append(b, p.After())
		}
		for i, s := range p.Spans {
			if s.Text == "" || i > 0 && p.Spans[i-1].Kind == s.Kind {
				t.Fatalf("spans are empty or not joined: %v", p)
			}
			if p.Kind != changed && s.Kind != p.Kind {
				t.Fatalf("a span of another kind than its paragraph: %v", p)
			}
		}
	}
	if got, want := strings.Join(a, "\n"), strings.ReplaceAll(before, "\r\n", "\n"); got != want {
		t.Fatalf("the old text is not there: %q, want %q", got, want)
	}
	if got, want := strings.Join(b, "\n"), strings.ReplaceAll(after, "\r\n", "\n"); got != want {
		t.Fatalf("the new text is not there: %q, want %q", got, want)
	}
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"公", "开", "信", "息", "的", "，", "。", "2013", "law", " ", "\n", "\n", "葛\U000E0100", "é"})
		before := strings.Join(rapid.SliceOfN(word, 0, 120).Draw(t, "before"), "")
		after := strings.Join(rapid.SliceOfN(word, 0, 120).Draw(t, "after"), "")
		checkInvariants(t, before, after)
		if all := difference.Of(before, before); !difference.Equal(all) {
			t.Fatalf("a text differs from itself: %v", all)
		}
	})
}

func FuzzOf(f *testing.F) {
	f.Add("第一条 目的。", "第一条 依据。")
	f.Add("a\r\nb", "a\nb\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before) > 2000 || len(after) > 2000 || !utf8.ValidString(before) || !utf8.ValidString(after) {
			return
		}
		checkInvariants(t, before, after)
	})
}

// A comparison of texts with nothing in common must not hold up a page, however long they are.
func TestLongTextsEndSoon(t *testing.T) {
	var a, b strings.Builder
	for i := range 60_000 {
		a.WriteRune(rune(0x4E00 + i*7919%9000))
		b.WriteRune(rune(0x4E00 + i*104729%9000))
		if i%900 == 899 {
			a.WriteByte('\n')
			b.WriteByte('\n')
		}
	}
	checkInvariants(t, a.String(), b.String())
}
