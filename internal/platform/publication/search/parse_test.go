package search

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

func (w Words) said() string {
	var out []string
	for _, p := range w.phrases {
		var units []string
		for _, u := range p.units {
			units = append(units, fmt.Sprintf("%s@%d", u.text, u.at))
		}
		sign := ""
		if p.exclude {
			sign = "-"
		}
		out = append(out, sign+strings.Join(units, " "))
	}
	return strings.Join(out, " | ")
}

func TestParse(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"", ""},
		{" \t　\n", ""},
		{"養老保險", "养@0 老@1 保@2 险@3"},
		{"养老　保险", "养@0 老@1 | 保@0 险@1"},
		{"养老 养老", "养@0 老@1"},
		{"养老，保险", "养@0 老@1 | 保@0 险@1"},
		{"“养老保险 合肥”", "养@0 老@1 保@2 险@3 | 合@0 肥@1"},
		{`"open hall" OPEN`, "open@0 hall@1 | open@0"},
		{"皖政办〔2013〕12号", "皖@0 政@1 办@2 2013@3 12@4 号@5"},
		{"皖政办[2013]12号", "皖@0 政@1 办@2 2013@3 12@4 号@5"},
		{"皖政办（２０１３）１２号", "皖@0 政@1 办@2 2013@3 12@4 号@5"},
		{"皖政办2013-12号", "皖@0 政@1 办@2 2013@3 12@4 号@5"},
		{"003110926/201510-00216", "003110926@0 201510@1 00216@2"},
		{"GB50016", "gb@0 50016@1"},
		{"养老 -保险", "养@0 老@1 | -保@0 险@1"},
		{"养老 −“社会 保险”", "养@0 老@1 | -社@0 会@1 | -保@0 险@1"},
		{"养老 －保险 ——", "养@0 老@1 | -保@0 险@1"},
		{"养老-保险", "养@0 老@1 | 保@0 险@1"},
		{"「扶貧」", "扶@0 贫@1"},
		{`"未关`, "未@0 关@1"},
		{"%_'; DROP TABLE", "drop@0 | table@0"},
		{"《条例》", "条@0 例@1"},
		{"A股", "a@0 股@1"},
		{"\x00\xff", ""},
		{"\xff办\xfe", "办@0"},
	} {
		if got := Parse(row.in).said(); got != row.want {
			t.Errorf("Parse(%q)\n got %s\nwant %s", row.in, got, row.want)
		}
	}
}

func TestParseCutsWhatIsTooLong(t *testing.T) {
	for _, in := range []string{strings.Repeat("政", 401), strings.Repeat("政府 ", 200), strings.Repeat("政", 65)} {
		w := Parse(in)
		if in == strings.Repeat("政府 ", 200) {
			in, w = "seventeen", Parse("一 二 三 四 五 六 七 八 九 十 甲 乙 丙 丁 戊 己 庚")
		}
		if !w.Cut || w.Empty() || len(w.phrases) > maxPhrases {
			t.Errorf("%.20q: cut %v, %d phrases", in, w.Cut, len(w.phrases))
		}
	}
	if Parse(strings.Repeat("政", 64)).Cut {
		t.Error("64 characters are cut")
	}
}

// What is written of words reads as the same words; marks lie in the text, in order, on the beginnings of characters.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"养老 -“社会 保险” 皖政办〔2013〕12号", `"a b" c-d −e`, "“”「」--", "\xff\"'", "𠮷野家 Ａ１ か゛"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		w := Parse(query)
		if again := Parse(w.String()); !w.Cut && again.said() != w.said() {
			t.Fatalf("%q is written %q, which is %s, not %s", query, w.String(), again.said(), w.said())
		}
		for _, p := range w.phrases {
			if len(p.units) == 0 || len(p.units) > maxUnits {
				t.Fatalf("%q: a phrase of %d units", query, len(p.units))
			}
			for i := 1; i < len(p.units); i++ {
				if !p.units[i-1].next(p.units[i]) {
					t.Fatalf("%q: a phrase with a gap: %s", query, w.said())
				}
			}
		}
		checkMarks(t, text, w.Marks(text))
		s := w.Snippet(text, 20)
		if !strings.Contains(text, s.Text) {
			t.Fatalf("%q is no part of %q", s.Text, text)
		}
		checkMarks(t, s.Text, s.Marks)
		folded := lang.Fold(text)
		var sp splitter
		var units []unit
		sp.split(folded, func(u unit) { units = append(units, u) })
		for _, u := range units {
			if folded[u.begin:u.end] != u.text {
				t.Fatalf("%q: unit %q lies on %q", folded, u.text, folded[u.begin:u.end])
			}
		}
		// Looking at the text itself finds a phrase exactly where its units follow each other.
		for _, p := range w.phrases {
			want := -1
			for i := 0; want < 0 && i+len(p.units) <= len(units); i++ {
				same := true
				for k, u := range p.units {
					same = same && units[i+k].text == u.text && units[i+k].at-units[i].at == u.at
				}
				if same {
					want = units[i].begin
				}
			}
			if got, _ := p.find(folded, 0); got != want {
				t.Fatalf("%q stands in %q at %d, found at %d", p.text, folded, want, got)
			}
		}
	})
}

func checkMarks(t *testing.T, text string, marks []Span) {
	t.Helper()
	end := 0
	for _, m := range marks {
		if m.Begin < end || m.End <= m.Begin || m.End > len(text) {
			t.Fatalf("marks %v in a text of %d bytes", marks, len(text))
		}
		if utf8.ValidString(text) && (!utf8.RuneStart(text[m.Begin]) || m.End < len(text) && !utf8.RuneStart(text[m.End])) {
			t.Fatalf("mark %v cuts a character of %q", m, text)
		}
		end = m.End
	}
}

func TestMarks(t *testing.T) {
	show := func(text string, marks []Span) string {
		var b strings.Builder
		at := 0
		for _, m := range marks {
			b.WriteString(text[at:m.Begin] + "[" + text[m.Begin:m.End] + "]")
			at = m.End
		}
		return b.String() + text[at:]
	}
	for _, row := range []struct{ words, text, want string }{
		{"养老保险", "關於養老保險的通知，养老、保险", "關於[養老保險]的通知，养老、保险"},
		{"養老 保险", "关于养老保险的通知", "关于[养老保险]的通知"},
		{"险", "保險险", "保[險险]"},
		{"皖政办[2013]12号", "依据皖政办〔２０１３〕12號文", "依据[皖政办〔２０１３〕12號]文"},
		{"hall", "OpenHall Hall hall", "OpenHall [Hall] [hall]"},
		{"养老 -保险", "养老保险", "[养老]保险"},
		{"民政 政民", "人民政民", "人[民政民]"},
		{"保险", "", ""},
		{"", "养老", "养老"},
		{"险", "\xff险\xfe", "\xff[险]\xfe"},
		{"台", "𫒡臺<b>台</b>", "𫒡[臺]<b>[台]</b>"},
	} {
		if got := show(row.text, Parse(row.words).Marks(row.text)); got != row.want {
			t.Errorf("%q in %q\n got %q\nwant %q", row.words, row.text, got, row.want)
		}
	}
}

func TestSnippet(t *testing.T) {
	text := strings.Repeat("无关的话。", 40) + "各市人民政府：城乡居民养老保险有关事项如下，" + strings.Repeat("还有别的内容。", 40)
	s := Parse("養老保險 事项").Snippet(text, 60)
	if n := utf8.RuneCountInString(s.Text); n != 60 || !s.Begun || !s.Ended || len(s.Marks) != 2 {
		t.Fatalf("%d characters, %+v", n, s)
	}
	for i, want := range []string{"养老保险", "事项"} {
		if got := s.Text[s.Marks[i].Begin:s.Marks[i].End]; got != want {
			t.Errorf("mark %d: %q, want %q", i, got, want)
		}
	}
	if !strings.HasPrefix(s.Text, "各市人民政府：") {
		t.Errorf("the piece does not begin with the sentence: %q", s.Text)
	}
	for _, row := range []struct {
		words, text, want string
	}{
		{"没有", "甲乙丙", "甲乙丙"},
		{"没有", strings.Repeat("甲", 90), strings.Repeat("甲", 60)},
		{"尾", strings.Repeat("甲", 90) + "尾", strings.Repeat("甲", 59) + "尾"},
		{"尾", "", ""},
	} {
		if got := Parse(row.words).Snippet(row.text, 60); got.Text != row.want {
			t.Errorf("%q: %q, want %q", row.words, got.Text, row.want)
		}
	}
}
