package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Args are the values of a message's placeholders by name. Count also chooses the English plural form. Texts in three languages,
// days and instants are written in the language of the message.
type Args map[string]any

const countArg = "Count"

// Localizer gives texts, dates and numbers in one language. It is immutable and safe for concurrent use.
type Localizer struct {
	catalogue *Catalogue
	tag       lang.Tag
	plain     map[string]string
	rich      *goi18n.Localizer
}

// Tag returns the language.
func (l *Localizer) Tag() lang.Tag { return l.tag }

// Text returns the translation of x that belongs to the language.
func (l *Localizer) Text(x lang.Text) string { return x.In(l.tag) }

// T returns the message named key. Messages with placeholders take their values from args. An unknown key, or a missing value,
// yields ⟦key⟧ and is recorded.
func (l *Localizer) T(key string, args ...Args) string {
	if text, ok := l.plain[key]; ok {
		return text
	}
	return l.fill(key, args)
}

// Has reports whether the message named key exists.
func (l *Localizer) Has(key string) bool { return l.catalogue.Has(key) }

func (l *Localizer) fill(key string, args []Args) string {
	e, ok := l.catalogue.entries[key]
	if !ok {
		l.catalogue.recordMissing(key)
		return "⟦" + key + "⟧"
	}
	var values Args
	if len(args) > 0 {
		values = args[0]
	}
	for _, name := range e.placeholders {
		if _, given := values[name]; !given {
			l.catalogue.recordMissing(key + ": no value for {{." + name + "}}")
			return "⟦" + key + "⟧"
		}
	}
	config := &goi18n.LocalizeConfig{MessageID: key, TemplateData: l.words(values)}
	if e.plural {
		config.PluralCount = values[countArg]
	}
	text, err := l.rich.Localize(config)
	if err != nil {
		l.catalogue.recordMissing(key + ": " + err.Error())
		return "⟦" + key + "⟧"
	}
	return text
}

// words writes the values that have words of their own in the language.
func (l *Localizer) words(values Args) map[string]any {
	written := make(map[string]any, len(values))
	for name, v := range values {
		switch v := v.(type) {
		case lang.Text:
			written[name] = l.Text(v)
		case calendar.Date:
			written[name] = l.Date(v)
		case time.Time:
			written[name] = l.Time(v)
		default:
			written[name] = v
		}
	}
	return written
}

// Day formats a civil day given by year, month and day: 2026年11月23日, or 23 November 2026.
func (l *Localizer) Day(year int, month time.Month, day int) string {
	if l.tag == lang.En {
		return strconv.Itoa(day) + " " + month.String() + " " + strconv.Itoa(year)
	}
	return strconv.Itoa(year) + "年" + strconv.Itoa(int(month)) + "月" + strconv.Itoa(day) + "日"
}

// Date formats a civil day: 2026年11月23日, or 23 November 2026.
func (l *Localizer) Date(d calendar.Date) string { return l.Day(d.Year(), d.Month(), d.DayOfMonth()) }

// DateOf formats the day of an instant as it is in Asia/Shanghai. The zero time gives an empty string.
func (l *Localizer) DateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.Day(t.In(calendar.Zone).Date())
}

// Time formats an instant to the minute in Asia/Shanghai. The zero time gives an empty string.
func (l *Localizer) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	clock := t.In(calendar.Zone).Format("15:04")
	if l.tag == lang.En {
		return l.DateOf(t) + ", " + clock
	}
	return l.DateOf(t) + " " + clock
}

// Number formats a whole number with thousands separated: 12,345.
func (l *Localizer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Money formats an amount given in fen (分, a hundredth of a yuan): 1,234.50元, or CNY 1,234.50.
func (l *Localizer) Money(fen int64) string {
	sign, rest := "", fen%100
	if rest < 0 {
		rest = -rest
	}
	if fen < 0 && fen > -100 {
		sign = "-"
	}
	cents := strconv.FormatInt(rest, 10)
	if rest < 10 {
		cents = "0" + cents
	}
	amount := sign + l.Number(fen/100) + "." + cents
	if l.tag == lang.En {
		return "CNY " + amount
	}
	return amount + "元"
}

type contextKey struct{}

// NewContext returns a context that carries the localizer, for the components of a page.
func NewContext(ctx context.Context, l *Localizer) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// FromContext returns the localizer that a page put into its context. Without one the result shows every key as missing.
func FromContext(ctx context.Context) *Localizer {
	if l, ok := ctx.Value(contextKey{}).(*Localizer); ok {
		return l
	}
	c := &Catalogue{missing: map[string]bool{}}
	return &Localizer{catalogue: c, tag: lang.Hans}
}
