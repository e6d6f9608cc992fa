package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// Span is a part of a text: from byte Begin to before byte End.
type Span struct{ Begin, End int }

// Snippet is a piece of a text with the places of what was looked for.
type Snippet struct {
	Text  string
	Marks []Span // in order; they do not overlap
	// Begun and Ended say that the text goes on before and behind the piece.
	Begun, Ended bool
}

// snippetLength is how long the piece of a hit's text is, in characters.
const snippetLength = 120

// Marks returns where the words stand in a text, in the script in which it was written.
func (w Words) Marks(text string) []Span {
	wanted := w.wanted()
	if len(wanted) == 0 || text == "" {
		return nil
	}
	folded := lang.Fold(text)
	var out []Span
	for _, p := range wanted {
		for from := 0; from < len(folded); {
			begin, end := p.find(folded, from)
			if begin < 0 {
				break
			}
			out = append(out, Span{begin, end})
			_, size := utf8.DecodeRuneInString(folded[begin:])
			from = begin + size
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End)) })
	merged := out[:0]
	for _, s := range out {
		if n := len(merged); n > 0 && s.Begin <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	// Folding keeps the number of characters but not their bytes, so places are carried over character by character.
	from, to := 0, 0
	carry := func(offset int) int {
		for from < offset {
			_, a := utf8.DecodeRuneInString(folded[from:])
			_, b := utf8.DecodeRuneInString(text[to:])
			from, to = from+a, to+b
		}
		return to
	}
	for i, s := range merged {
		merged[i] = Span{carry(s.Begin), carry(s.End)}
	}
	return merged
}

// find returns where the phrase stands first in a folded text, from an offset on; -1 when it does not.
func (p *phrase) find(folded string, from int) (begin, end int) {
	head := p.head()
	for from < len(folded) {
		i := strings.Index(folded[from:], head)
		if i < 0 {
			break
		}
		begin = from + i
		if end, ok := p.at(folded, begin); ok {
			return begin, end
		}
		_, size := utf8.DecodeRuneInString(folded[begin:])
		from = begin + size
	}
	return -1, -1
}

// head is what a text must hold for the phrase to stand there: its first characters, or its first word.
func (p *phrase) head() string {
	end := p.units[0].end
	for i := 1; i < len(p.units) && p.units[i-1].kind == character && p.units[i].kind == character; i++ {
		end = p.units[i].end
	}
	return p.text[:end-p.units[0].begin]
}

// at reports whether the phrase stands at an offset of a folded text, and where it ends.
func (p *phrase) at(folded string, offset int) (end int, ok bool) {
	before, _ := utf8.DecodeLastRuneInString(folded[:offset])
	if offset > 0 && p.units[0].kind != character && kindOf(before) == p.units[0].kind {
		return 0, false // the end of a longer word
	}
	for i, u := range p.units {
		if i > 0 && (u.kind != character || p.units[i-1].kind != character) { // signs beside words and numbers do not count
			for offset < len(folded) {
				r, size := utf8.DecodeRuneInString(folded[offset:])
				if kindOf(r) != 0 {
					break
				}
				offset += size
			}
		}
		if !strings.HasPrefix(folded[offset:], u.text) {
			return 0, false
		}
		offset += len(u.text)
		if u.kind != character && offset < len(folded) {
			if r, _ := utf8.DecodeRuneInString(folded[offset:]); kindOf(r) == u.kind {
				return 0, false // the beginning of a longer word
			}
		}
	}
	return offset, true
}

// Snippet cuts the piece out of a text in which most of the words stand, of about so many characters.
func (w Words) Snippet(text string, length int) Snippet {
	all := w.Marks(text)
	// The window with the most marks that begins with one of them; the earliest of those.
	best, most := 0, 0
	for i := range all {
		n, room := 0, length*2 // bytes are three for a Chinese character; what counts is that it is the same for each
		for _, m := range all[i:] {
			if m.End-all[i].Begin > room {
				break
			}
			n++
		}
		if n > most {
			best, most = i, n
		}
	}
	begin := 0
	if most > 0 {
		begin = back(text, all[best].Begin, length/4)
	}
	end := begin
	for range length {
		if end >= len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end == len(text) { // near the end: show more of what stands before
		for n := utf8.RuneCountInString(text[begin:]); n < length && begin > 0; n++ {
			_, size := utf8.DecodeLastRuneInString(text[:begin])
			begin -= size
		}
	}
	s := Snippet{Text: text[begin:end], Begun: begin > 0, Ended: end < len(text)}
	for _, m := range all {
		if m.End > begin && m.Begin < end {
			s.Marks = append(s.Marks, Span{max(m.Begin, begin) - begin, min(m.End, end) - begin})
		}
	}
	return s
}

// back returns where a piece begins that shows up to n characters before an offset: behind the end of a sentence or a line, if there is
// one among them.
func back(text string, offset, n int) int {
	at := offset
	for range n {
		if at == 0 {
			return 0
		}
		r, size := utf8.DecodeLastRuneInString(text[:at])
		switch r {
		case '。', '！', '？', '；', '\n', '!', '?', ';':
			return at
		}
		at -= size
	}
	return at
}

// Matches reports whether a record is a hit of the query, looking at the record alone: for saved searches. The order, the cursor and the
// size of pages do not matter.
func (q Query) Matches(d *Doc) bool {
	p := q.plan()
	if q.Words != "" && p.words.Empty() {
		return false
	}
	left := map[string]bool{}
	for _, f := range p.filters {
		left[f] = true
	}
	d.filters(func(term string) { delete(left, term) })
	if len(left) > 0 || !p.fitsDays(d) {
		return false
	}
	if p.number != "" && !hasNumber(d, p.number) {
		return false
	}
	missing := map[int]bool{}
	for i, ph := range p.words.phrases {
		if !ph.exclude {
			missing[i] = true
		}
	}
	banned := false
	d.zones(func(text string) {
		folded := lang.Fold(text)
		for i, ph := range p.words.phrases {
			if missing[i] || ph.exclude {
				if begin, _ := ph.find(folded, 0); begin >= 0 {
					delete(missing, i)
					banned = banned || ph.exclude
				}
			}
		}
	})
	return !banned && len(missing) == 0
}

func hasNumber(d *Doc, prefix string) bool {
	form := numberForm(d.Number)
	return form != "" && strings.HasPrefix(string(classNumber)+form, prefix)
}

func (p *plan) fitsDays(d *Doc) bool {
	switch {
	case p.From != 0 && d.Published < p.From, p.To != 0 && d.Published > p.To:
		return false
	case p.InForce != 0 && (d.From > p.InForce || d.Until != 0 && d.Until <= p.InForce):
		return false
	}
	return true
}
