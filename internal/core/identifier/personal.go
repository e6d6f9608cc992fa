package identifier

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Found is a number in a text by which somebody could be known or robbed.
type Found struct {
	Kind Kind   // KindIDCard, KindPhone or KindBankCard
	Text string // as it stands in the text
	From int    // byte offset
}

// FindPersonal looks for ID card, telephone and bank card numbers in a text that is to be published. People write them with spaces,
// hyphens and full-width digits; such numbers are found too. It errs on the side of finding: a date, an amount or a document number
// is none, but an ID number with a wrong check digit is one.
func FindPersonal(text string) []Found {
	var found []Found
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if _, ok := asciiDigit(r); !ok {
			i += size
			continue
		}
		bare, ends := numberAt(text, i)
		kind, n := personalNumber(bare)
		if n == 0 {
			i = ends[len(ends)-1]
			continue
		}
		found = append(found, Found{Kind: kind, Text: text[i:ends[n-1]], From: i})
		i = ends[n-1]
	}
	return found
}

// MaskPersonal writes what FindPersonal finds in a text as it may be published.
func MaskPersonal(text string) string {
	var b strings.Builder
	at := 0
	for _, f := range FindPersonal(text) {
		b.WriteString(text[at:f.From])
		bare, _ := numberAt(f.Text, 0)
		switch f.Kind {
		case KindIDCard:
			b.WriteString(MaskID(bare))
		case KindBankCard:
			b.WriteString(MaskBankCard(bare))
		default:
			b.WriteString(MaskPhone(bare))
		}
		at = f.From + len(f.Text)
	}
	b.WriteString(text[at:])
	return b.String()
}

// asciiDigit returns the ASCII form of a digit, half or full width.
func asciiDigit(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), true
	case r >= '０' && r <= '９':
		return byte('0' + r - '０'), true
	default:
		return 0, false
	}
}

// numberAt reads digits from a place on, over single spaces and hyphens between them, and an X at the end of seventeen. ends holds
// for each digit the offset behind it; there is at least one.
func numberAt(text string, from int) (bare string, ends []int) {
	var b strings.Builder
	gap := false
	for i, r := range text[from:] {
		if d, ok := asciiDigit(r); ok {
			b.WriteByte(d)
			ends = append(ends, from+i+len(string(r)))
			gap = false
			continue
		}
		if b.Len() == 17 && strings.ContainsRune("xXｘＸ", r) {
			b.WriteByte('X')
			ends = append(ends, from+i+len(string(r)))
			break
		}
		if gap || r != '-' && r != '－' && !unicode.Is(unicode.Zs, r) {
			break
		}
		gap = true
	}
	return b.String(), ends
}

// personalNumber says which kind of number digits begin with, and how many belong to it; n is 0 for none.
func personalNumber(bare string) (kind Kind, n int) {
	switch {
	case len(bare) == 18 && birthDay(bare[6:14]):
		return KindIDCard, 18
	case len(bare) >= 16 && len(bare) <= 19 && (strings.HasPrefix(bare, "62") || CheckBankCard(bare) == nil): // 62: UnionPay
		return KindBankCard, len(bare)
	case len(bare) == 13 && strings.HasPrefix(bare, "86") && isMobile(bare[2:]):
		return KindPhone, 13
	case len(bare) == 11 && isMobile(bare):
		return KindPhone, 11
	case len(bare) >= 10 && len(bare) <= 12 && bare[0] == '0' && bare[1] != '0':
		if _, err := ParsePhone(bare); err == nil {
			return KindPhone, len(bare)
		}
	}
	return "", 0
}

func isMobile(bare string) bool { return bare[0] == '1' && bare[1] >= '3' }

func birthDay(ymd string) bool {
	day, err := time.Parse("20060102", ymd)
	return err == nil && day.Year() >= 1850 && day.Year() < 2200
}
