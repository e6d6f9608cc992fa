package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
)

// Categories of policies and of what explains them.
const (
	categoryPolicy         = "statutory.1.normative"
	categoryInterpretation = "statutory.1.interpretation"
)

// policy makes a policy with what interprets it, and lets it amend or repeal the one before it of the same body, sometimes.
func (c *course) policy(r *rand.Rand, day calendar.Date) []Record {
	c.policies++
	b := c.body(r)
	p := c.pen(r, b, day-calendar.Date(1+r.IntN(9)))
	title := p.fill(p.pick(c.Policies.Titles))
	p.kind = kindOf(title)
	rec := c.record(b, p, day, title)
	rec.Category, rec.Genre, rec.Number, rec.Policy = categoryPolicy, p.kind, c.number(b, p.date), c.policies
	rec.Effective = p.begins
	rec.Text = c.text(p, c.Policies.Text)
	rec.Summary = summary(rec.Text)
	if r.IntN(9) == 0 { // it was limited in time
		rec.Repealed = p.begins + calendar.Date(365*(2+r.IntN(3)))
	}
	if before := c.latest[b.Key]; before != nil {
		switch r.IntN(4) {
		case 0:
			rec.Links = append(rec.Links, Link{"amends", before.Index})
			rec.Text += "\n\n# 其他\n\n对《" + before.Title + "》（" + before.Number + "）的有关规定作相应修改。"
		case 1:
			rec.Links = append(rec.Links, Link{"repeals", before.Index})
			rec.Text += "\n\n《" + before.Title + "》（" + before.Number + "）同时废止。"
		}
	}
	c.latest[b.Key] = &rec
	made := []Record{rec}
	for i := range 1 + r.IntN(2) {
		x := c.interpretation(p, &rec, i, day+calendar.Date(min(3, r.IntN(4))))
		if x.Published > c.options.Until {
			x.Published = c.options.Until
		}
		made = append(made, x)
	}
	return made
}

// kindOf is what a document calls itself.
func kindOf(title string) string {
	for _, k := range []string{"办法", "细则", "措施", "方案", "规程", "规定"} {
		if strings.Contains(title, k) {
			return k
		}
	}
	return "意见"
}

// interpretation makes the n-th interpretation of a policy: in words, as questions and answers, as a chart, a picture or a video.
func (c *course) interpretation(p *pen, of *Record, n int, day calendar.Date) Record {
	p.policy, p.date, p.ordinal = of.Title, day, 0
	form := (of.Policy + 2*n) % 5
	titles := c.Interpretations.Titles
	x := c.record(p.body, p, day, p.fill(titles[[]int{0, 2, 1, 1, 3}[form]]))
	x.Category, x.Genre, x.Policy = categoryInterpretation, "解读", of.Policy
	x.Links = []Link{{"interprets", of.Index}}
	x.Text = c.text(p, c.Interpretations.Text)
	x.Summary = summary(x.Text)
	switch form {
	case 1:
		for _, at := range p.r.Perm(len(c.Interpretations.Questions))[:3+p.r.IntN(2)] {
			q := c.Interpretations.Questions[at]
			x.Questions = append(x.Questions, Question{q.Ask, p.fill(q.Answer)})
		}
	case 2:
		x.Media = []Media{p.chart()}
	case 3:
		x.Media = []Media{{Kind: "picture", Caption: p.fill("一图读懂：{topic}怎么办、找谁办、几天办好，共{n:3-8}步")}}
	case 4:
		x.Media = []Media{{Kind: "video", Caption: p.fill("负责人谈{topic}（{n:2-9}分{n:10-59}秒）"), Href: fmt.Sprintf("https://video.example.org/policy/%d", of.Policy)}}
	}
	return x
}

// chart draws up the figures of some years.
func (p *pen) chart() Media {
	m := Media{Kind: "chart"}
	value := 200 + p.r.IntN(900)
	for y := p.date.Year() - 4; y < p.date.Year(); y++ {
		m.Bars = append(m.Bars, Bar{fmt.Sprintf("%d年", y), value})
		value += value * (p.r.IntN(40) - 8) / 100
	}
	var b strings.Builder
	b.WriteString(p.fill("{place}{topic}受益人数（百人）："))
	for i, bar := range m.Bars {
		if i > 0 {
			b.WriteString("，")
		}
		fmt.Fprintf(&b, "%s%d", bar.Label, bar.Value)
	}
	m.Caption = b.String()
	return m
}
