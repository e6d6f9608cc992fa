package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// phrase is what has to be found together: units that touch each other.
type phrase struct {
	units   []unit
	text    string // folded, as it was typed
	exclude bool
}

// What is read of a query at most. More is cut off, and [Words.Cut] says so.
const (
	maxQuery   = 400 // characters
	maxPhrases = 16
	maxUnits   = 64 // of a phrase
)

// Words are the words of a query.
type Words struct {
	phrases []phrase
	// Cut says that not all of the query was taken: it was too long.
	Cut bool
}

// Parse reads the words of a query. There is no wrong query: what can't be found is left out.
//
// Spaces part words; "…", “…” and 「…」 keep words together; a word after a minus (−, －, -) must not be there. Signs in a Chinese word part
// it as a space does.
func Parse(text string) Words {
	var w Words
	if n := 0; len(text) > maxQuery {
		for i := range text {
			if n++; n > maxQuery {
				text, w.Cut = text[:i], true
				break
			}
		}
	}
	folded := lang.Fold(text)
	for len(folded) > 0 {
		folded = strings.TrimLeftFunc(folded, unicode.IsSpace)
		exclude := false
		for {
			r, size := utf8.DecodeRuneInString(folded)
			if r != '-' && r != '−' && r != '–' {
				break
			}
			folded, exclude = folded[size:], true
		}
		var piece string
		piece, folded = cutPiece(folded)
		w.add(piece, exclude)
	}
	return w
}

// quotes gives the sign that ends what a sign begins.
func closing(r rune) rune {
	switch r {
	case '"', '\'':
		return r
	case '“', '”':
		return '”'
	case '「':
		return '」'
	case '『':
		return '』'
	}
	return 0
}

// cutPiece cuts the first word or quotation off.
func cutPiece(s string) (piece, rest string) {
	r, size := utf8.DecodeRuneInString(s)
	if end := closing(r); end != 0 {
		if piece, rest, found := strings.Cut(s[size:], string(end)); found {
			return piece, rest
		}
		return cutPiece(s[size:]) // never closed: no quotation
	}
	for i, r := range s {
		if unicode.IsSpace(r) || i > 0 && closing(r) != 0 && r != '\'' {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// add takes in a word. Where two characters of it do not touch, it is two words.
func (w *Words) add(piece string, exclude bool) {
	var units []unit
	var s splitter
	s.split(piece, func(u unit) { units = append(units, u) })
	for len(units) > 0 {
		n := 1
		for n < len(units) && units[n-1].next(units[n]) {
			n++
		}
		if n > maxUnits {
			n, w.Cut = maxUnits, true
		}
		if len(w.phrases) == maxPhrases {
			w.Cut = true
			return
		}
		part := units[:n]
		units = units[n:]
		p := phrase{exclude: exclude, text: piece[part[0].begin:part[n-1].end]}
		base := part[0].at
		for _, u := range part {
			u.at -= base
			p.units = append(p.units, u)
		}
		if !w.has(p) {
			w.phrases = append(w.phrases, p)
		}
	}
}

func (w *Words) has(p phrase) bool {
	for _, q := range w.phrases {
		if q.text == p.text && q.exclude == p.exclude {
			return true
		}
	}
	return false
}

// Empty reports whether nothing was asked for.
func (w Words) Empty() bool { return len(w.phrases) == 0 }

// wanted returns the phrases that must be found.
func (w Words) wanted() []phrase {
	var out []phrase
	for _, p := range w.phrases {
		if !p.exclude {
			out = append(out, p)
		}
	}
	return out
}

// terms returns what has to be looked up for a phrase: lists with positions and where each stands in the phrase; and, for a single
// character, the list of records without positions.
type needed struct {
	term string
	at   uint32
}

func (p phrase) terms() (need []needed, positional bool) {
	if len(p.units) == 1 && p.units[0].kind == character {
		return []needed{{string(classChar) + p.units[0].text, 0}}, false
	}
	for i, u := range p.units {
		switch {
		case u.kind != character:
			need = append(need, needed{wordTerm(classWord, u.text), uint32(u.at)})
		case i+1 < len(p.units) && p.units[i+1].kind == character:
			need = append(need, needed{codeOf(classPair, u.char, p.units[i+1].char).term(), uint32(u.at)})
		case i == 0 || p.units[i-1].kind != character:
			need = append(need, needed{string(classEdge) + u.text, uint32(u.at)})
		}
	}
	return need, true
}

// titleTerms are the lists of titles that a phrase stands in.
func (p phrase) titleTerms() (out []string) {
	for i, u := range p.units {
		switch {
		case u.kind != character:
			out = append(out, wordTerm(classTitle, u.text))
		case i+1 < len(p.units) && p.units[i+1].kind == character:
			out = append(out, codeOf(classTitle, u.char, p.units[i+1].char).term())
		case i == 0 || p.units[i-1].kind != character:
			out = append(out, string(classTitle)+u.text)
		}
	}
	return out
}
