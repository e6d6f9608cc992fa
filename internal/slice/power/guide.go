package power

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/ui"
)

// guide is what the page of an item says (办事指南).
type guide struct {
	l       *web.Localizer
	im      *Implementation
	it      *Item
	on      calendar.Date
	body    *registry.Body
	path    []*registry.Division // of the body's division, the province first
	centre  *registry.Centre     // nil when the body has none
	windows []registry.Window    // that take the item in
	granted []WindowAuthority    // what they are authorised to do
	// promise and law explain until when a decision comes if the application is accepted today.
	promise, law ui.ExplainProps
	remedies     []remedy
	procedure    string // key@version of the chart, empty when it is not published
	chart        flowchart.Chart
	topics       []Label
	heirs        []ui.Link // where one goes when the item has gone from the body
	specials     []string  // the special procedures whose time isn't counted, with their articles
}

// remedy is a way to contest a decision, with its term (行政复议, 行政诉讼).
type remedy struct {
	title, length, cite string
}

// remedyRules are the terms that every guide names, after 行政许可法 38.
var remedyRules = []string{"review.apply", "suit.direct"}

// guideOf collects what the page says.
func (s *Service) guideOf(l *web.Localizer, c *cut, im *Implementation) *guide {
	g := &guide{l: l, im: im, it: im.Item, on: c.on, body: c.reg.Body(im.Body), procedure: c.procedure}
	if g.body != nil {
		g.path = c.reg.Path(g.body.Division)
		g.centre = c.reg.Centre(g.body.Centre)
	} else {
		g.body = &registry.Body{Key: im.Body, Name: plain(im.Body)}
	}
	if g.centre != nil {
		for _, w := range g.centre.Windows {
			if slices.Contains(w.Bodies, im.Body) {
				g.windows = append(g.windows, w)
			}
		}
	}
	if s.deps.Windows != nil {
		g.granted = s.deps.Windows().Windows(im.Body, im.Code)
	}
	g.explain(c.cal, c.now)
	g.remedies = remediesOn(l, s.deps.Rules, c.on)
	for _, sp := range g.it.Special {
		g.specials = append(g.specials, specialText(l, s.deps.Rules, sp, c.on))
	}
	if c.definition != nil {
		g.chart = chartOf(l, c.definition)
	}
	if im.Gone != nil {
		g.heirs = heirsOf(l, c, im.Gone)
	}
	for _, t := range c.shelf.refs.Topics {
		if slices.Contains(g.it.Topics, t.Key) {
			g.topics = append(g.topics, t)
		}
	}
	return g
}

// heirsOf are links to who exercises an item, or what it became, instead.
func heirsOf(l *web.Localizer, c *cut, gone *Gone) (links []ui.Link) {
	for _, h := range gone.Heirs {
		e := c.shelf.byKey[h.Item]
		if e == nil {
			continue
		}
		for _, im := range e.by {
			if b := c.reg.Body(im.Body); b != nil && im.Body == h.Body {
				links = append(links, ui.Link{Href: "/hall/items/" + im.Code, Text: l.T("power.guide.gone.heir", web.Args{"Item": e.item.Name, "Body": b.Name})})
			}
		}
	}
	return links
}

// chartOf draws a procedure as it is published.
func chartOf(l *web.Localizer, d *procedure.Definition) flowchart.Chart {
	chart := flowchart.FromProcedure(d, l.Tag(), nil)
	chart.ID, chart.Description = "chart", l.T("power.chart.description")
	return chart
}

// explain counts both terms from today, as if the application were accepted now.
func (g *guide) explain(cal *calendar.Calendar, now time.Time) {
	it := g.it
	clock, err := term.New(now,
		term.Length{N: it.Statutory.N, Unit: it.Statutory.Unit, Title: statutoryTitle, Article: it.Statutory.Basis.CiteText()},
		term.Length{N: it.Promised.N, Unit: it.Promised.Unit, Title: promisedTitle})
	if err != nil {
		return // the linter lets no item without a statutory term be published; an explanation of nothing is left out
	}
	g.promise, g.law = due.Promise(g.l, clock, cal, now), due.Statute(g.l, clock, cal, now)
	g.promise.Due = g.l.T("power.due.promised", web.Args{"Date": g.promise.Due})
	g.law.Due = g.l.T("power.due.statutory", web.Args{"Date": g.law.Due})
}

var (
	statutoryTitle = lang.Text{Hans: "法定时限", Hant: "法定時限", En: "statutory term"}
	promisedTitle  = lang.Text{Hans: "承诺时限", Hant: "承諾時限", En: "promised term"}
)

func remediesOn(l *web.Localizer, rules *statute.Rules, on calendar.Date) []remedy {
	var list []remedy
	for _, id := range remedyRules {
		p, err := rules.Lookup(id)
		if err != nil {
			continue
		}
		v, err := p.At(on)
		if err != nil {
			continue
		}
		list = append(list, remedy{title: l.Text(p.Title), length: l.Text(lengthText(int(v.Amount), v.Unit)), cite: v.Source.Cite(l.Tag())})
	}
	return list
}

// specialText names a special procedure (特别程序) by the ground that the law gives for it.
func specialText(l *web.Localizer, rules *statute.Rules, sp Special, on calendar.Date) string {
	text := sp.Ground
	if p, ok := rules.Parameter(sp.Ground); ok {
		text = l.Text(p.Title)
		if v, err := p.At(on); err == nil {
			text += " (" + v.Source.Cite(l.Tag()) + ")"
		}
	}
	if !sp.Note.IsZero() {
		text += ": " + l.Text(sp.Note)
	}
	return text
}

// cut is everything that a guide is made of, as it stands at one instant. Two requests with equal cuts see the same guide.
type cut struct {
	shelf      *shelf
	reg        *registry.Snapshot
	cal        *calendar.Calendar
	on         calendar.Date
	procedure  string
	windows    int64                 // stamp of what windows are authorised to do
	now        time.Time             // not compared: the guide counts in days
	definition *procedure.Definition // follows from procedure
}

func (c *cut) same(o *cut) bool {
	return c.shelf == o.shelf && c.reg == o.reg && c.cal == o.cal && c.on == o.on && c.procedure == o.procedure &&
		c.windows == o.windows
}

func (s *Service) cutFor(ctx context.Context, im *Implementation, shelf *shelf, now time.Time) *cut {
	c := &cut{shelf: shelf, reg: s.deps.Registry.Now(), cal: s.deps.Calendar(), on: calendar.Of(now), now: now}
	if s.deps.Windows != nil {
		c.windows = s.deps.Windows().Stamp()
	}
	// An item whose chart is not published yet still has a guide, without the chart.
	if ref, def, err := s.deps.Procedures.Procedure(ctx, s.procedureOf(im)); err == nil {
		c.procedure, c.definition = ref, def
	}
	return c
}

// procedureOf is the key of the procedure by which new cases of an item run in a body.
func (s *Service) procedureOf(im *Implementation) string {
	if s.deps.Charts == nil {
		return im.Item.Procedure
	}
	return s.deps.Charts(im.Body, im.Item.Key, im.Item.Procedure)
}

// pageCache keeps the main part of guides as they were rendered: it is the same for every reader of a language, all day.
type pageCache struct {
	mu    sync.RWMutex
	pages map[pageKey]cachedPage
}

type pageKey struct {
	code string
	tag  lang.Tag
}

type cachedPage struct {
	cut  *cut
	html string
}

// maxPages bounds the cache: some 40 KB each.
const maxPages = 500

func (p *pageCache) get(key pageKey, c *cut) (string, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	page, ok := p.pages[key]
	if !ok || !page.cut.same(c) {
		return "", false
	}
	return page.html, true
}

func (p *pageCache) put(key pageKey, c *cut, html string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pages == nil || len(p.pages) >= maxPages {
		p.pages = map[pageKey]cachedPage{}
	}
	p.pages[key] = cachedPage{c, html}
}

// guideHTML returns the main part of a guide.
func (s *Service) guideHTML(ctx context.Context, v *web.View, im *Implementation, c *cut) (string, error) {
	key := pageKey{im.Code, v.L.Tag()}
	if html, ok := s.pages.get(key, c); ok {
		return html, nil
	}
	var b bytes.Buffer
	if err := guideMain(s.guideOf(v.L, c, im)).Render(v.Context(ctx), &b); err != nil {
		return "", err
	}
	html := b.String()
	s.pages.put(key, c, html)
	return html, nil
}
