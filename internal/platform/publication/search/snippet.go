package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
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
	return marks(unitsOf(text), wanted)
}

func marks(units []unit, wanted []phrase) []Span {
	var out []Span
	for _, p := range wanted {
		for i := range units {
			if stands(units[i:], p.units) {
				out = append(out, Span{units[i].begin, units[i+len(p.units)-1].end})
			}
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
	return merged
}

// stands reports whether a text begins with the units of a phrase.
func stands(text, p []unit) bool {
	if len(text) < len(p) {
		return false
	}
	for i := range p {
		if text[i].text != p[i].text || text[i].at-text[0].at != p[i].at {
			return false
		}
	}
	return true
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
		units := unitsOf(text)
		for i, ph := range p.words.phrases {
			if (missing[i] || ph.exclude) && standsIn(units, ph.units) {
				delete(missing, i)
				banned = banned || ph.exclude
			}
		}
	})
	return !banned && len(missing) == 0
}

func standsIn(units, p []unit) bool {
	for i := range units {
		if stands(units[i:], p) {
			return true
		}
	}
	return false
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
