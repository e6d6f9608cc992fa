package power

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/flowchart"
)

// Printer prints the catalogue of a body as a book. Package document stands behind it.
type Printer interface {
	Paper(p *document.Paper) ([]byte, error)
}

// showBook hands out the catalogue of powers of a body as a book (职权目录成册): cover, contents, and each power with its basis, its terms and
// its chart.
func (s *Service) showBook(w http.ResponseWriter, r *http.Request) error {
	b := s.deps.Registry.Now().Body(r.PathValue("key"))
	if b == nil || s.deps.Printer == nil {
		return web.NotFound("power.error.body")
	}
	v := web.ViewOf(r)
	pdf, err := s.deps.Printer.Paper(s.book(r.Context(), v.L, b, v.Now))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+b.Key+`.pdf"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pdf))
	return nil
}

func (s *Service) book(ctx context.Context, l *web.Localizer, b *registry.Body, now time.Time) *document.Paper {
	groups := typeGroups(s.OfBody(b.Key))
	p := &document.Paper{Title: l.Text(b.Name) + " " + l.T("power.body.title"), Subtitle: l.DateOf(now), Foot: l.Text(b.Name) + " " + l.T("power.body.title")}
	add := func(blocks ...document.Block) { p.Blocks = append(p.Blocks, blocks...) }
	add(document.Block{Heading: l.T("power.book.contents"), Level: 1})
	n := 0
	for _, g := range groups {
		add(document.Block{Heading: withCount(l.Text(nameOf(g.kind)), len(g.list)), Level: 2})
		for _, im := range g.list {
			n++
			add(document.Block{Item: strconv.Itoa(n) + "  " + l.Text(im.Item.Name) + "  " + im.Code})
		}
	}
	n = 0
	for _, g := range groups {
		for _, im := range g.list {
			n++
			add(document.Block{Turn: true}, document.Block{Heading: strconv.Itoa(n) + "  " + l.Text(im.Item.Name), Level: 1})
			add(s.bookEntry(ctx, l, im, calendar.Of(now))...)
		}
	}
	return p
}

// bookEntry is one power of the book.
func (s *Service) bookEntry(ctx context.Context, l *web.Localizer, im *Implementation, on calendar.Date) []document.Block {
	it := im.Item
	g := &document.Grid{Columns: []float64{1, 4}, Size: 10}
	row := func(key, text string) {
		if text != "" {
			g.Rows = append(g.Rows, []document.GridCell{{Text: l.T("power.element." + key), Bold: true}, {Text: text, Left: true}})
		}
	}
	row("code", im.Code)
	for _, basis := range it.Basis {
		row("basis", basis.Cite(l.Tag())+" "+basis.Text)
	}
	row("statutory", l.Text(it.Statutory.Text()))
	row("promised", l.Text(it.Promised.Text()))
	blocks := []document.Block{{Text: l.Text(it.Summary)}, {Grid: g}}
	ref, def, err := s.deps.Procedures.Procedure(ctx, s.procedureOf(im))
	if err != nil {
		return blocks // an item whose chart is not published yet has none
	}
	return append(blocks, document.Block{Heading: l.T("power.chart.title") + " " + ref, Level: 2}, document.Block{Drawing: drawingOf(flowchart.FromProcedure(def, l.Tag(), nil))},
		document.Block{Grid: s.bookSteps(l, def, it, on)})
}

// bookSteps says the steps of a chart in words: a drawing as wide as a page is small.
func (s *Service) bookSteps(l *web.Localizer, def *procedure.Definition, it *Item, on calendar.Date) *document.Grid {
	head := func(key string) document.GridCell { return document.GridCell{Text: l.T(key), Bold: true} }
	g := &document.Grid{Columns: []float64{3, 2, 3}, Size: 10, Head: 1, Rows: [][]document.GridCell{{head("power.book.step"), head("power.book.who"), head("power.book.term")}}}
	for _, n := range flowchart.FromProcedure(def, l.Tag(), nil).Order() {
		e := def.Element(n.ID)
		if e == nil || !e.Kind.ByPerson() {
			continue
		}
		term := ""
		switch {
		case e.Term == nil:
		case e.Term.Rule == ownRule && it.Statutory.N > 0:
			term = s.ruleTerm(l, ownRule, it.Statutory.Text(), on)
		case e.Term.Rule != "":
			term = s.ruleTerm(l, e.Term.Rule, lang.Text{}, on)
		default:
			term = l.Text(lengthText(e.Term.Length, statute.Unit(e.Term.Unit)))
		}
		g.Rows = append(g.Rows, []document.GridCell{{Text: l.Text(e.Title), Left: true}, {Text: caseview.Role(l, e.Role()), Left: true}, {Text: term, Left: true}})
	}
	return g
}

// ownRule is the rule under which an item's own term stands in its cases (行政许可法 42: other laws may set another term).
const ownRule = "licence.decide"

// ruleTerm is the term that a rule of the law gives on a day, or the one that stands in its place, with the title of the rule: 20 working days
// (hold the hearing). A rule that is not in force on that day, or gives no time, is named alone.
func (s *Service) ruleTerm(l *web.Localizer, id string, length lang.Text, on calendar.Date) string {
	title := caseview.Rule(l, s.deps.Rules, id)
	if length.IsZero() {
		v, err := s.deps.Rules.At(id, on)
		if err != nil || v.Amount <= 0 {
			return title
		}
		if _, ok := unitWords[v.Unit]; !ok {
			return title
		}
		length = lengthText(int(v.Amount), v.Unit)
	}
	return l.T("power.book.rule", web.Args{"Length": l.Text(length), "Rule": title})
}
