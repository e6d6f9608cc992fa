package sample

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
)

// Body is a body that publishes.
type Body struct {
	Key    string
	Name   string // in Simplified Chinese, as are all texts
	Place  string // name of its division
	Kind   string // as in the registry; what has no field of its own publishes as a government does
	Agency string // 机关代字
	Code   string // credit code, with which index numbers begin
	Weight int    // how much more it publishes than others; 0 counts as 1
}

// Options say how much is made up.
type Options struct {
	Records  int // in all, with the policies and what belongs to them
	Policies int
	Seed     uint64
	From     calendar.Date // first day
	Until    calendar.Date // last day
}

// Record is a made-up record.
type Record struct {
	Body      string
	Index     string
	Category  string
	Genre     string
	Number    string
	Title     string
	Summary   string
	Text      string
	Theme     string
	Keywords  []string
	Made      calendar.Date
	Published calendar.Date
	Effective calendar.Date // 0: at once
	Repealed  calendar.Date // 0: not
	Questions []Question
	Media     []Media
	Links     []Link
	Policy    int // number of the policy that it is or belongs to; 0: of none
}

// Question is a question with its answer.
type Question struct{ Question, Answer string }

// Media is a picture, chart or video. A chart has bars; who takes the record draws them, and a picture.
type Media struct {
	Kind    string // picture, chart, video
	Caption string
	Href    string // of a video
	Bars    []Bar
}

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value int
}

// Link leads to another record by its index number.
type Link struct{ Kind, Index string }

// Plan makes records up.
type Plan struct {
	options Options
	bodies  []Body
	*templates
}

// New returns a plan for some bodies. Their order matters: the same list gives the same records.
func New(bodies []Body, o Options) (*Plan, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	if len(bodies) == 0 || o.Until <= o.From || o.Records < 1 {
		return nil, errors.New("records of the demo: bodies, a number and a span of days are needed")
	}
	return &Plan{options: o, bodies: bodies, templates: t}, nil
}

// course is one run through the plan.
type course struct {
	*Plan
	serial   map[string]int // of a body and month
	numbers  map[string]int // document numbers of a body and year
	titles   map[string]bool
	texts    map[string]bool
	latest   map[string]*Record // policy of a body
	policies int
	weights  []int // running sums
}

// All makes all records, from the oldest to the newest.
func (p *Plan) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		c := &course{Plan: p, serial: map[string]int{}, numbers: map[string]int{}, titles: map[string]bool{}, texts: map[string]bool{}, latest: map[string]*Record{}}
		sum := 0
		for i := range p.bodies {
			sum += max(1, p.bodies[i].Weight)
			c.weights = append(c.weights, sum)
		}
		span := int(p.options.Until - p.options.From)
		for n := 0; n < p.options.Records; {
			r := rand.New(rand.NewPCG(p.options.Seed, uint64(n))) //nolint:gosec // made-up records, the same ones every time
			day := p.options.From + calendar.Date(span*n/p.options.Records)
			var made []Record
			if due := (n + 1) * p.options.Policies / p.options.Records; c.policies < due {
				made = c.policy(r, day)
			} else {
				made = []Record{c.ordinary(r, day)}
			}
			for _, rec := range made {
				if !yield(rec) {
					return
				}
			}
			n += len(made)
		}
	}
}

func (c *course) body(r *rand.Rand) *Body {
	at := r.IntN(c.weights[len(c.weights)-1])
	for i, sum := range c.weights {
		if at < sum {
			return &c.bodies[i]
		}
	}
	return &c.bodies[0]
}

// pen prepares to write for a body on a day.
func (c *course) pen(r *rand.Rand, b *Body, day calendar.Date) *pen {
	p := &pen{templates: c.templates, r: r, body: b, field: c.field(b.Kind), date: day, year: day.Year(), month: int(day.Month())}
	p.topic = p.pick(p.field.Topics)
	p.begins = day + calendar.Date(10+r.IntN(50))
	return p
}

// tries is how often a title is drawn again that is taken. After them a number is put behind it.
const tries = 40

// ordinary makes a record of one of the templates.
func (c *course) ordinary(r *rand.Rand, day calendar.Date) Record {
	for try := 0; ; try++ {
		b := c.body(r)
		all := c.of(b.Kind)
		t := all[r.IntN(len(all))]
		p := c.pen(r, b, day-calendar.Date(r.IntN(12)))
		switch {
		case t.Yearly:
			p.year--
		case t.Monthly:
			if p.month--; p.month == 0 {
				p.year, p.month = p.year-1, 12
			}
		}
		title := p.fill(p.pick(t.Titles))
		if c.titles[title] && try < tries {
			continue
		}
		rec := c.record(b, p, day, title)
		rec.Category, rec.Genre = t.Category, t.Genre
		if t.Number {
			rec.Number = c.number(b, p.date)
		}
		rec.Text = c.text(p, t.Text)
		if strings.Contains(rec.Text, chinese(p.begins)) {
			rec.Effective = p.begins
		}
		rec.Summary = summary(rec.Text)
		return rec
	}
}

// record begins a record that is published on a day.
func (c *course) record(b *Body, p *pen, day calendar.Date, title string) Record {
	month := fmt.Sprintf("%s/%04d%02d", b.Code, day.Year(), int(day.Month()))
	c.serial[month]++
	index := fmt.Sprintf("%s-%05d", month, c.serial[month])
	for n, plain := 2, title; c.titles[title]; n++ {
		title = plain + fmt.Sprintf("（%d）", n)
	}
	c.titles[title] = true
	return Record{
		Body: b.Key, Index: index, Title: title, Theme: p.topic, Keywords: []string{p.topic, p.pick(p.field.Topics)}[:1+p.r.IntN(2)],
		Made: p.date, Published: day,
	}
}

func (c *course) number(b *Body, day calendar.Date) string {
	key := fmt.Sprintf("%s〔%d〕", b.Agency, day.Year())
	c.numbers[key]++
	return fmt.Sprintf("%s%d号", key, c.numbers[key])
}

// summary is the beginning of a text.
func summary(text string) string {
	const most = 90
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", ""), "# ", "")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// text writes a text that no other record has.
func (c *course) text(p *pen, parts []part) string {
	text := p.text(parts)
	for try := 0; c.texts[text] && try < tries; try++ {
		text = p.text(parts)
	}
	c.texts[text] = true
	return text
}
