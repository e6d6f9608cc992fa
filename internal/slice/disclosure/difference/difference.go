package difference

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says in which of the two versions a part stands.
type Kind string

// The kinds of parts. A paragraph may also be Changed: it stands in both, worded differently.
const (
	Same    Kind = "same"
	Removed Kind = "removed"
	Added   Kind = "added"
	Changed Kind = "changed"
)

// Span is a part of a paragraph.
type Span struct {
	Kind Kind
	Text string
}

// Paragraph is one paragraph of either version, or of both.
type Paragraph struct {
	Kind  Kind
	Spans []Span
}

// Before is the text of the paragraph in the old version.
func (p Paragraph) Before() string { return p.without(Added) }

// After is the text of the paragraph in the new version.
func (p Paragraph) After() string { return p.without(Removed) }

func (p Paragraph) without(kind Kind) string {
	var b strings.Builder
	for _, s := range p.Spans {
		if s.Kind != kind {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Of compares two texts. Paragraphs end at line ends; their number and order is kept.
func Of(before, after string) []Paragraph {
	a, b := paragraphs(before), paragraphs(after)
	var out []Paragraph
	for _, run := range compare(a, b) {
		if run.same {
			for _, text := range a[run.a0:run.a1] {
				out = append(out, Paragraph{Kind: Same, Spans: spans(Span{Same, text})})
			}
			continue
		}
		out = append(out, pair(a[run.a0:run.a1], b[run.b0:run.b1])...)
	}
	return out
}

// Equal reports whether nothing differs.
func Equal(all []Paragraph) bool {
	for _, p := range all {
		if p.Kind != Same {
			return false
		}
	}
	return true
}

// paragraphs cuts a text at its line ends, whatever system wrote them.
func paragraphs(text string) []string {
	if text == "" {
		return nil
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(text, "\n")
}

// spans leaves out what is empty.
func spans(all ...Span) []Span {
	out := all[:0]
	for _, s := range all {
		if s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

// alike is how large a part of two paragraphs must be the same for the one to be a rewording of the other.
const alike = 0.4

// pair finds the rewordings among paragraphs that were removed and those that came in their place. Order is kept: the pairs are those
// of the heaviest common sequence, weighed by how much of two paragraphs is the same.
func pair(before, after []string) []Paragraph {
	var out []Paragraph
	i, j := 0, 0
	removed := func(to int) {
		for ; i < to; i++ {
			out = append(out, Paragraph{Kind: Removed, Spans: spans(Span{Removed, before[i]})})
		}
	}
	added := func(to int) {
		for ; j < to; j++ {
			out = append(out, Paragraph{Kind: Added, Spans: spans(Span{Added, after[j]})})
		}
	}
	for _, m := range matches(before, after) {
		removed(m.a)
		added(m.b)
		out = append(out, Paragraph{Kind: Changed, Spans: reworded(before[i], after[j])})
		i++
		j++
	}
	removed(len(before))
	added(len(after))
	return out
}

type match struct{ a, b int }

// maxPairs bounds how many pairs of paragraphs are weighed against each other; above it they are paired by their places.
const maxPairs = 4_000

func matches(before, after []string) []match {
	n, m := len(before), len(after)
	if n == 0 || m == 0 {
		return nil
	}
	if n*m > maxPairs {
		return byPlace(before, after)
	}
	bags := make([]map[string]int, m)
	for j, text := range after {
		bags[j] = bag(text)
	}
	weight := make([][]float64, n+1)
	score := make([][]float64, n)
	weight[n] = make([]float64, m+1)
	for i := n - 1; i >= 0; i-- {
		weight[i], score[i] = make([]float64, m+1), make([]float64, m)
		mine := bag(before[i])
		for j := m - 1; j >= 0; j-- {
			weight[i][j] = max(weight[i+1][j], weight[i][j+1])
			if s := similarity(mine, bags[j]); s >= alike {
				score[i][j] = s
				weight[i][j] = max(weight[i][j], s+weight[i+1][j+1])
			}
		}
	}
	var out []match
	for i, j := 0, 0; i < n && j < m; {
		switch s := score[i][j]; {
		case s > 0 && weight[i][j] == s+weight[i+1][j+1]:
			out = append(out, match{i, j})
			i, j = i+1, j+1
		case weight[i][j] == weight[i+1][j]:
			i++
		default:
			j++
		}
	}
	return out
}

func byPlace(before, after []string) []match {
	var out []match
	for i := range min(len(before), len(after)) {
		if similarity(bag(before[i]), bag(after[i])) >= alike {
			out = append(out, match{i, i})
		}
	}
	return out
}

// bag counts the tokens of a paragraph; "" holds how many there are.
func bag(text string) map[string]int {
	all := tokens(text)
	counts := make(map[string]int, len(all))
	for _, t := range all {
		counts[t]++
	}
	counts[""] = len(all)
	return counts
}

// similarity is twice what two bags share, divided by what both hold: 1 for equal ones.
func similarity(a, b map[string]int) float64 {
	total := a[""] + b[""]
	if total == 0 {
		return 0
	}
	if len(b) < len(a) {
		a, b = b, a
	}
	shared := 0
	for t, n := range a {
		if t != "" {
			shared += min(n, b[t])
		}
	}
	return 2 * float64(shared) / float64(total)
}

// reworded compares two wordings of a paragraph token by token.
func reworded(before, after string) []Span {
	a, b := tokens(before), tokens(after)
	var out []Span
	for _, run := range smooth(compare(a, b)) {
		if run.same {
			out = append(out, Span{Same, strings.Join(a[run.a0:run.a1], "")})
			continue
		}
		out = append(out, Span{Removed, strings.Join(a[run.a0:run.a1], "")}, Span{Added, strings.Join(b[run.b0:run.b1], "")})
	}
	return spans(out...)
}

// island is how short what is the same between two changes must be to be swallowed by them: single characters that happen to stand in
// both wordings make a comparison harder to read, not easier.
const island = 1

func smooth(runs []run) []run {
	var out []run
	for i, r := range runs {
		between := i > 0 && i < len(runs)-1
		if last := len(out) - 1; last >= 0 && !out[last].same && (!r.same || between && r.a1-r.a0 <= island) {
			out[last].a1, out[last].b1 = r.a1, r.b1
			continue
		}
		out = append(out, r)
	}
	return out
}

// tokens cuts a paragraph into what is compared: a Han character or sign with what combines with it, a word of Latin letters, a number.
// Joined they are the paragraph.
func tokens(text string) []string {
	out := make([]string, 0, utf8.RuneCountInString(text))
	start, last := 0, rune(-1)
	for at, r := range text {
		if at > start && !joins(last, r) {
			out = append(out, text[start:at])
			start = at
		}
		last = r
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// joins reports whether a character belongs to the token of the one before it.
func joins(last, r rune) bool {
	switch {
	case unicode.Is(unicode.M, r), r == '\u200d', last == '\u200d':
		return true // marks, variation selectors of Han characters, joined signs
	case unicode.IsDigit(r) || r == '.' || r == '%' || r == ',':
		return unicode.IsDigit(last) || last == '.' && unicode.IsDigit(r)
	case unicode.Is(unicode.Latin, r):
		return unicode.Is(unicode.Latin, last)
	}
	return false
}
