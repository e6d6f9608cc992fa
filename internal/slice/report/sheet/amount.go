package sheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fenInUnit is how many fen are the unit in which reports show money: 万元.
const fenInUnit = 1_000_000

const (
	decimals = 6 // of 万元, down to the fen
	shown    = 2 // decimals that are always printed
)

// MaxValue bounds what a cell can hold, so that sums of a whole nation cannot overflow.
const MaxValue = math.MaxInt64 / 1_000_000

// Format writes a number as reports print it: pieces whole, money in 万元.
func (u Unit) Format(n int64) string {
	if u != Money {
		return strconv.FormatInt(n, 10)
	}
	sign, abs := "", uint64(n)
	if n < 0 {
		sign, abs = "-", -uint64(n)
	}
	digits := strconv.FormatUint(abs%fenInUnit, 10)
	fraction := strings.Repeat("0", decimals-len(digits)) + digits
	cut := strings.TrimRight(fraction[shown:], "0")
	return sign + strconv.FormatUint(abs/fenInUnit, 10) + "." + fraction[:shown] + cut
}

// grouped is a number with separators of thousands.
var grouped = regexp.MustCompile(`^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$`)

// ungrouped takes the commas between thousands out.
func ungrouped(text string) string {
	if grouped.MatchString(text) {
		return strings.ReplaceAll(text, ",", "")
	}
	return text
}

// TooLarge reports whether a text is a number that no cell of the unit can hold.
func (u Unit) TooLarge(text string) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(ungrouped(plain(text)), "-"), ".")
	if !digits(whole) || !digits(fraction) {
		return false
	}
	whole = strings.TrimLeft(whole, "0")
	most := strconv.FormatInt(u.Largest(), 10)
	return len(whole) > len(most) || len(whole) == len(most) && whole > most
}

// Largest is the largest whole number that can be entered in a cell of the unit.
func (u Unit) Largest() int64 {
	if u == Money {
		return MaxValue/fenInUnit - 1 // with all its decimals
	}
	return MaxValue
}

// Parse reads a number as people type it: with spaces, commas between thousands, full-width digits; money in 万元 with up to six decimals.
// It answers false when it is none, or too large. A comma that separates no thousands makes it none: whoever writes 12,5 does not mean 125.
func (u Unit) Parse(text string) (int64, bool) {
	text = ungrouped(plain(text))
	sign := int64(1)
	if rest, minus := strings.CutPrefix(text, "-"); minus {
		sign, text = -1, rest
	}
	whole, fraction, point := strings.Cut(text, ".")
	if point && (u != Money || fraction == "" || len(fraction) > decimals) {
		return 0, false
	}
	if !digits(whole) || whole == "" || !digits(fraction) || len(whole) > 18 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > u.Largest() {
		return 0, false
	}
	if u == Money {
		part, err := strconv.ParseInt(fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
		if err != nil {
			return 0, false
		}
		n = n*fenInUnit + part
	}
	return sign * n, true
}

// plain turns what input methods write into ASCII, and leaves out what only divides.
func plain(text string) string {
	if !utf8.ValidString(text) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．' || r == '。':
			return '.'
		case r == '－' || r == '−':
			return '-'
		case r == '，':
			return ','
		case r == ' ' || r == '\u3000' || r == '\t':
			return -1
		}
		return r
	}, text)
}

func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
