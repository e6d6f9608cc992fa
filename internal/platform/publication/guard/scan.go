package guard

import (
	"slices"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// How far, in bytes, a word reaches: a character of Chinese has three.
const (
	reachNear = 45  // the number follows the word, perhaps with a name between
	reachFar  = 180 // the same sentence or row
)

// Scan finds the personal data in a text. The findings are in the order of the text and do not overlap.
func Scan(text string) []Finding {
	s := scanner{text: Unify(text)}
	s.reset()
	s.run()
	return s.finish()
}

// scanner walks over a text once and remembers where it last saw a word of each class.
type scanner struct {
	text       string
	found      []Finding
	seen       [classes]int // the end of the last word of the class; far below zero when there was none
	line       int          // where the line begins
	table      table
	headingEnd int    // where the heading of the table ends: names of columns are no names of people
	run1       digits // reused for each run
	run2       digits
}

func (s *scanner) reset() {
	for i := range s.seen {
		s.seen[i] = -1 << 40
	}
}

// near reports whether a word of the class ends at most reach bytes before an offset.
func (s *scanner) near(c class, at, reach int) bool { return at-s.seen[c] <= reach }

// lastOf returns the class, of those given, whose word stands closest before an offset within reach.
func (s *scanner) lastOf(at, reach int, of ...class) class {
	best, end := sayNothing, at-reach-1
	for _, c := range of {
		if s.seen[c] > end {
			best, end = c, s.seen[c]
		}
	}
	return best
}

// onLine reports whether a word of the class stands before on the same line.
func (s *scanner) onLine(c class) bool { return s.seen[c] >= s.line }

func (s *scanner) add(f Finding) { s.found = append(s.found, f) }

// run walks over the text. Every step goes forward, so that the walk is linear.
func (s *scanner) run() {
	s.startLine(0)
	for i := 0; i < len(s.text); {
		c := s.text[i]
		if c < utf8.RuneSelf {
			i = s.ascii(i, c)
			continue
		}
		r, size := lang.Three(s.text, i)
		if size == 0 {
			r, size = utf8.DecodeRuneInString(s.text[i:])
		}
		if w, ok := words.at(s.text, i, r); ok {
			i = s.word(i, w)
			continue
		}
		switch {
		case '０' <= r && r <= '９':
			i = s.number(i)
		case isLetter(r):
			i = s.token(i)
		case r == '＠':
			s.mail(i, size)
			i += size
		case platePrefix(r):
			i = s.plate(i, size)
		case chineseDigit(r) != 0:
			i = s.spoken(i)
		case r == '室' || r == '号' || r == '號':
			s.room(i, r)
			i += size
		default:
			i += size
		}
	}
}

func (s *scanner) ascii(i int, c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return s.number(i)
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return s.token(i)
	case c == '\n':
		s.startLine(i + 1)
	case c == '@':
		s.mail(i, 1)
	}
	return i + 1
}

// word remembers a word, and looks for a name or an address behind it.
func (s *scanner) word(i int, w word) int {
	end := i + len(w.text)
	if w.text == "住" && !s.livesAt(i) {
		return end
	}
	s.seen[w.is] = end
	if i < s.headingEnd {
		return end
	}
	switch w.is {
	case sayName, sayRole, sayContact:
		s.namesAfter(end, w.is)
	case sayHome, sayPlace:
		s.addressAfter(end, w)
	case sayPaper:
		s.paperAfter(end)
	default:
	}
	return end
}

// finish sorts the findings and joins those that overlap: what is left of one when the other is masked might be found again.
func (s *scanner) finish() []Finding {
	if len(s.found) == 0 {
		return nil
	}
	slices.SortStableFunc(s.found, func(a, b Finding) int { return a.From - b.From })
	kept := s.found[:0]
	for _, f := range s.found {
		if n := len(kept); n > 0 && f.From < kept[n-1].To {
			kept[n-1] = join(kept[n-1], f)
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

// join makes one of two findings that overlap, of the kind of the surer one, or the longer of two as sure. a begins first.
func join(a, b Finding) Finding {
	f := a
	if b.Confidence > a.Confidence || b.Confidence == a.Confidence && b.To-b.From > a.To-a.From {
		f = b
	}
	f.From, f.To = a.From, max(a.To, b.To)
	switch {
	case a.From == b.From && b.To > a.To:
		f.Mask = b.Mask
	case b.To <= a.To:
		f.Mask = a.Mask
	default:
		f.Mask = a.Mask + b.Mask
	}
	return f
}

// invisible reports characters that show nothing and are copied along: zero-width ones, marks of direction, the soft hyphen.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r >= 0xFE00 && r <= 0xFE0F:
		return true
	}
	return r == 0xFEFF || r == 0x00AD || r == 0x180E || r == 0x061C
}

func blank(r rune) bool {
	return r == ' ' || r == 0xA0 || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F
}

func isLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || 'Ａ' <= r && r <= 'Ｚ' || 'ａ' <= r && r <= 'ｚ'
}

// narrow returns the ASCII form of a digit or letter, half or full width, or 0.
func narrow(r rune) byte {
	switch {
	case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return byte(r)
	case '０' <= r && r <= '９':
		return byte(r - '０' + '0')
	case 'Ａ' <= r && r <= 'Ｚ':
		return byte(r - 'Ａ' + 'A')
	case 'ａ' <= r && r <= 'ｚ':
		return byte(r - 'ａ' + 'a')
	default:
		return 0
	}
}

// before returns the last visible character that ends at an offset, or 0 at the beginning.
func before(text string, at int) rune {
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if !invisible(r) {
			return r
		}
		at -= size
	}
	return 0
}

// after returns the first visible character at an offset, or 0 at the end.
func after(text string, at int) rune {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !invisible(r) {
			return r
		}
		at += size
	}
	return 0
}
