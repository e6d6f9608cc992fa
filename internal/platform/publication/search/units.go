package search

import (
	"unicode"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// kind says how a unit of text is found.
type kind uint8

const (
	character kind = iota + 1 // one character of a script that is written without spaces
	word                      // a run of letters of other scripts
	digits                    // a run of digits
)

// unit is the smallest part of a text that is found: a character, a word of letters, or a number. What stands between units
// (spaces, signs, brackets) is not indexed.
type unit struct {
	kind  kind
	text  string // folded
	char  rune   // of a character; else 0
	at    int    // position in the text; see [splitter]
	begin int    // bytes of the folded text
	end   int
}

// next reports whether b follows a without a gap.
func (a unit) next(b unit) bool { return b.at == a.at+1 }

// kindOf returns the kind of a folded character, or 0 for one that is not indexed.
func kindOf(r rune) kind {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return word
		case '0' <= r && r <= '9':
			return digits
		}
		return 0
	case 0x4E00 <= r && r <= 0x9FFF, r == '〇':
		return character
	case '、' <= r && r <= '〃', '〈' <= r && r <= '】': // signs, which the tables below know too; of all others these are the most frequent
		return 0
	case unicode.IsDigit(r):
		return digits
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer,
		unicode.Myanmar, unicode.Tibetan):
		if unicode.IsLetter(r) {
			return character
		}
		return 0
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return word
	case unicode.IsMark(r):
		return word
	}
	return 0
}

// splitter cuts texts into units and counts their positions.
//
// Units that touch have positions that follow each other. Between two characters with a sign between them one position is left out,
// so that 人民，政府 does not answer to 人民政府. Beside words and numbers none is left out: 皖政办〔2013〕12号, 皖政办[2013]12号 and
// 皖政办2013-12号 are the same to the index, and a text answers to each of them.
type splitter struct {
	at    int // position of the next unit that touches the last one
	last  kind
	broke bool // something stood since the last unit
}

// gap leaves a position out for good: what stands before and after is never one phrase.
func (s *splitter) gap() {
	if s.last != 0 {
		s.at++
	}
	s.last, s.broke = 0, false
}

// split calls yield for each unit of a folded text. Offsets are those of the folded text.
func (s *splitter) split(folded string, yield func(unit)) {
	for i := 0; i < len(folded); {
		r, size := rune(folded[i]), 1
		if r >= utf8.RuneSelf {
			if r, size = lang.Three(folded, i); size == 0 {
				r, size = utf8.DecodeRuneInString(folded[i:])
			}
		}
		k := kindOf(r)
		if k == 0 {
			s.broke = true
			i += size
			continue
		}
		end := i + size
		if k != character {
			for end < len(folded) {
				r, size := rune(folded[end]), 1
				if r >= utf8.RuneSelf {
					r, size = utf8.DecodeRuneInString(folded[end:])
				}
				if kindOf(r) != k {
					break
				}
				end += size
			}
		}
		if s.broke && s.last == character && k == character {
			s.at++
		}
		u := unit{kind: k, text: folded[i:end], at: s.at, begin: i, end: end}
		if k == character {
			u.char = r
		}
		yield(u)
		s.at++
		s.last, s.broke = k, false
		i = end
	}
}
