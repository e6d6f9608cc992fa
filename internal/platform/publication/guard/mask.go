package guard

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Mask writes the masks of findings into a text. Findings that overlap are masked as one, with the first one's mask; those that lie
// outside the text are left out.
func Mask(text string, findings []Finding) string {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int { return a.From - b.From })
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, f := range sorted {
		if f.From < 0 || f.To > len(text) || f.From >= f.To {
			continue
		}
		if f.From < at {
			at = max(at, f.To)
			continue
		}
		b.WriteString(text[at:f.From])
		b.WriteString(f.Mask)
		at = f.To
	}
	b.WriteString(text[at:])
	return b.String()
}

// rounds is how often Clean looks again. A mask is shorter than what it masks, so that a word may come within reach of a number that it did not
// announce before; once more is enough for any text that somebody wrote.
const rounds = 8

// Clean masks whatever it finds, of any confidence, until nothing is found.
func Clean(text string) string {
	for range rounds {
		found := Scan(text)
		if len(found) == 0 {
			break
		}
		text = Mask(text, found)
	}
	return text
}

// maskMail keeps the first character and the domain.
func maskMail(local, domain string) string {
	_, size := utf8.DecodeRuneInString(local)
	return local[:size] + "***@" + domain
}

// maskTail hides all but the last four characters, and everything where fewer than four would be hidden.
func maskTail(s string) string {
	if len(s) < 8 {
		return strings.Repeat("*", len(s))
	}
	return strings.Repeat("*", len(s)-4) + s[len(s)-4:]
}
