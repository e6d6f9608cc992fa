package sample

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
)

// pen writes one record: it knows what the words in braces stand for.
type pen struct {
	*templates
	r       *rand.Rand
	body    *Body
	field   field
	year    int
	month   int
	date    calendar.Date
	begins  calendar.Date // from which it holds
	topic   string
	policy  string // title of the policy that is interpreted
	kind    string // what a policy calls itself
	ordinal int
	measure string // within a list of measures
}

func (p *pen) pick(all []string) string { return all[p.r.IntN(len(all))] }

// text writes the paragraphs of a document.
func (p *pen) text(parts []part) string {
	var b strings.Builder
	p.ordinal = 0
	for _, x := range parts {
		if x.some == 0 {
			p.paragraph(&b, p.pick(x.alternatives))
			continue
		}
		order := p.r.Perm(len(p.field.Measures))
		for i := range min(x.some, len(order)) {
			p.measure = p.field.Measures[order[i]]
			line := p.pick(x.as)
			if i == 0 && !strings.Contains(line, "{measure}") {
				line = x.as[0]
			}
			p.paragraph(&b, line)
		}
		p.measure = ""
	}
	return b.String()
}

func (p *pen) paragraph(b *strings.Builder, template string) {
	if b.Len() > 0 {
		b.WriteString("\n\n")
	}
	if strings.Contains(template, "{i}") { // only what bears a number counts
		p.ordinal++
	}
	b.WriteString(strings.ReplaceAll(p.fill(template), "\n", "\n\n"))
}

// fill replaces the words in braces.
func (p *pen) fill(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		word, after, _ := strings.Cut(rest, "}")
		b.WriteString(p.word(word))
		template = after
	}
}

func (p *pen) word(word string) string {
	name, argument, _ := strings.Cut(word, ":")
	switch name {
	case "place":
		return p.body.Place
	case "body":
		return p.body.Name
	case "agency":
		return p.body.Agency
	case "topic":
		return p.topic
	case "measure":
		if p.measure != "" {
			return p.measure
		}
		return p.pick(p.field.Measures)
	case "year":
		return strconv.Itoa(p.year)
	case "year_late":
		return strconv.Itoa(p.year + 2 + p.r.IntN(3))
	case "month":
		return strconv.Itoa(p.month)
	case "month_late":
		return strconv.Itoa(min(12, p.month+1+p.r.IntN(6)))
	case "date":
		return chinese(p.date)
	case "effective":
		return chinese(p.begins)
	case "policy":
		return p.policy
	case "kind":
		return p.kind
	case "i":
		return numeral(p.ordinal)
	case "company":
		return p.body.Place + p.pick(p.Words["brand"]) + p.pick(p.Words["trade"]) + "有限公司"
	case "n":
		return strconv.Itoa(p.whole(argument))
	case "f":
		return p.decimal(argument)
	case "one":
		return p.pick(strings.Split(argument, "|"))
	}
	if list := p.Words[name]; len(list) > 0 {
		return p.pick(list)
	}
	return "{" + word + "}" // a test finds it
}

// whole draws a number of a range such as 10-500, small ones more often than large ones where the range is wide.
func (p *pen) whole(span string) int {
	from, to, _ := strings.Cut(span, "-")
	low, _ := strconv.Atoi(from) // a range that cannot be read shows as 0, and a test finds it
	high, _ := strconv.Atoi(to)
	if high <= low {
		return low
	}
	if high > 20*max(low, 1) {
		f := p.r.Float64()
		return low + int(f*f*float64(high-low))
	}
	return low + p.r.IntN(high-low+1)
}

func (p *pen) decimal(span string) string {
	from, to, _ := strings.Cut(span, "-")
	low, _ := strconv.ParseFloat(from, 64)
	high, _ := strconv.ParseFloat(to, 64)
	return strconv.FormatFloat(low+p.r.Float64()*(high-low), 'f', 1, 64)
}

// chinese writes a day as documents do.
func chinese(d calendar.Date) string {
	return fmt.Sprintf("%d年%d月%d日", d.Year(), int(d.Month()), d.DayOfMonth())
}

func numeral(n int) string {
	digits := []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
	if n >= 0 && n < len(digits) {
		return digits[n]
	}
	return strconv.Itoa(n)
}
