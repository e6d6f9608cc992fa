package guard

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// supplement are the radicals of U+2E80 to U+2EFF that stand for a character of their own, in turn with it. Unicode decomposes only some.
const supplement = "⺁厂⺇几⺈刀⺊卜⺋巳⺍小⺎尢⺏尣⺐尢⺑尣⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘手⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡水⺢水⺣火⺤爪⺥爪⺦爿⺧牛⺨犬⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糸⺰纟⺱网⺲网⺳网⺴网⺵网⺶羊⺷羊⺸羊⺹老⺺聿⺻聿⺼肉" +
	"⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃西⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒長⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟饣⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龟⻲亀⻳龟"

var supplements = func() map[rune]rune {
	m := map[rune]rune{}
	list := []rune(supplement)
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}()

// Unify writes the character for each radical that looks like it (⾝ for 身): browsers put those into the PDF files that they print. The text
// keeps its length in bytes, so that offsets hold.
func Unify(text string) string {
	i := firstRadical(text)
	if i < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	b.WriteString(text[:i])
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		u := r
		switch {
		case r >= 0x2F00 && r <= 0x2FDF:
			if n, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(r))); utf8.RuneLen(n) == size {
				u = n
			}
		case r >= 0x2E80 && r <= 0x2EFF:
			if n, ok := supplements[r]; ok && utf8.RuneLen(n) == size {
				u = n
			}
		}
		if u == r {
			b.WriteString(text[i : i+size])
		} else {
			b.WriteRune(u)
		}
		i += size
	}
	return b.String()
}

// firstRadical returns where the first radical stands, or -1.
func firstRadical(text string) int {
	for from := 0; ; {
		i := strings.IndexByte(text[from:], 0xE2)
		if i < 0 {
			return -1
		}
		from += i
		if from+1 < len(text) && text[from+1] >= 0xBA && text[from+1] <= 0xBF {
			return from
		}
		from++
	}
}
