package importing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean takes out what careless conversions leave in texts: the reading (拼音) in brackets that follows a Han character, as in 印發(fā)
// or 監（jiān）督. A bracket that holds anything else, such as (居), (km) or (a), is the author's and stays. It also takes out byte order
// marks and characters that cannot be seen and say nothing; n is how many readings went.
func Clean(text string) (clean string, n int) {
	if isClean(text) {
		return text, 0
	}
	var b strings.Builder
	b.Grow(len(text))
	last := rune(0)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if (r == '(' || r == '（') && unicode.Is(unicode.Han, last) {
			if end := reading(text[i+size:]); end > 0 {
				i += size + end
				n++
				continue
			}
		}
		if r != '\ufeff' && r != '\u200b' && r != '\u00ad' && r != 0 {
			b.WriteString(text[i : i+size])
			last = r
		}
		i += size
	}
	return b.String(), n
}

// isClean reports whether a text holds none of the signs of which one would have to be looked at. One after the other they are found several
// times faster than all in one pass.
func isClean(text string) bool {
	for _, sign := range [...]string{"(", "（", "\ufeff", "\u200b", "\u00ad", "\x00"} {
		if strings.Contains(text, sign) {
			return false
		}
	}
	return true
}

// longestReading is that of zhuāng, chuáng and shuāng.
const longestReading = 6

// reading returns where the text behind a reading and its closing bracket goes on, or 0 when it does not begin with one.
func reading(text string) int {
	var syllable []rune
	toned := false
	for i, r := range text {
		if r == ')' || r == '）' {
			if toned && isSyllable(string(syllable)) {
				return i + utf8.RuneLen(r)
			}
			return 0
		}
		plain, tone := plainVowel(r)
		if len(syllable) == longestReading || tone && toned || plain < 'a' || plain > 'z' && plain != 'ü' {
			return 0
		}
		toned = toned || tone
		syllable = append(syllable, plain)
	}
	return 0
}

// plainVowel takes the tone off a vowel.
func plainVowel(r rune) (plain rune, tone bool) {
	const marked, plains = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ", "aaaaeeeeiiiioooouuuuüüüünnnm"
	at := 0
	for _, m := range marked {
		if m == r {
			return []rune(plains)[at], true
		}
		at++
	}
	return r, false
}

// isSyllable reports whether letters without tones are a syllable of Hanyu Pinyin.
func isSyllable(s string) bool {
	for _, initial := range [...]string{"zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w", ""} {
		if rest, ok := strings.CutPrefix(s, initial); ok && isFinal(rest) {
			return true
		}
	}
	return false
}

func isFinal(s string) bool {
	switch s {
	case "a", "o", "e", "i", "u", "ü", "ai", "ei", "ui", "ao", "ou", "iu", "ie", "üe", "ue", "er", "an", "en", "in", "un", "ün", "ang", "eng",
		"ing", "ong", "ia", "iao", "ian", "iang", "iong", "ua", "uo", "uai", "uan", "uang", "üan", "n", "ng", "m":
		return true
	}
	return false
}
