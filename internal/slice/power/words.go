package power

import (
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/web"
)

// unitWords are the units of time after a number: in Chinese, in English for one, in English for several.
var unitWords = map[statute.Unit][4]string{
	statute.WorkingDay:  {"个工作日", "個工作日", " working day", " working days"},
	statute.CalendarDay: {"日（自然日）", "日（自然日）", " calendar day", " calendar days"},
	statute.Month:       {"个月", "個月", " month", " months"},
	statute.Year:        {"年", "年", " year", " years"},
	statute.Hour:        {"小时", "小時", " hour", " hours"},
	statute.Minute:      {"分钟", "分鐘", " minute", " minutes"},
}

// lengthText is a term in words: 20 个工作日, 20 working days. A unit that is none of time gives the number alone.
func lengthText(n int, unit statute.Unit) lang.Text {
	number := strconv.Itoa(n)
	words, ok := unitWords[unit]
	if !ok {
		return lang.Text{Hans: number, Hant: number, En: number}
	}
	english := words[3]
	if n == 1 {
		english = words[2]
	}
	return lang.Text{Hans: number + " " + words[0], Hant: number + " " + words[1], En: number + english}
}

// Text is the term in words: 20 个工作日, 20 working days.
func (t TermLength) Text() lang.Text { return lengthText(t.N, t.Unit) }

// Text is the promised term in words.
func (p Promise) Text() lang.Text { return lengthText(p.N, p.Unit) }

// CiteText is the citation of a basis in all three languages.
func (b LegalBasis) CiteText() lang.Text {
	return lang.Text{Hans: b.Cite(lang.Hans), Hant: b.Cite(lang.Hant), En: b.Cite(lang.En)}
}

// nameOf names a type at the beginning of a line; the vocabulary belongs to package identifier.
func nameOf(t Type) lang.Text {
	name := t.Name()
	if name.En != "" {
		name.En = strings.ToUpper(name.En[:1]) + name.En[1:]
	}
	return name
}

// unitName is a unit by itself, after a field for its number.
func unitName(l *web.Localizer, unit statute.Unit) string {
	words := unitWords[unit]
	return strings.TrimSpace(l.Text(lang.Text{Hans: words[0], Hant: words[1], En: words[3]}))
}
