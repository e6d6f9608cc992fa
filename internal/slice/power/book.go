package power

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

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
			add(s.bookEntry(ctx, l, im)...)
		}
	}
	return p
}

// bookEntry is one power of the book.
func (s *Service) bookEntry(ctx context.Context, l *web.Localizer, im *Implementation) []document.Block {
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
		document.Block{Grid: s.bookSteps(l, def)})
}

// bookSteps says the steps of a chart in words: a drawing as wide as a page is small.
func (s *Service) bookSteps(l *web.Localizer, def *procedure.Definition) *document.Grid {
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
		case e.Term.Rule != "":
			term = caseview.Rule(l, s.deps.Rules, e.Term.Rule)
		default:
			term = l.Text(lengthText(e.Term.Length, statute.Unit(e.Term.Unit)))
		}
		g.Rows = append(g.Rows, []document.GridCell{{Text: l.Text(e.Title), Left: true}, {Text: caseview.Role(l, e.Role()), Left: true}, {Text: term, Left: true}})
	}
	return g
}

// Measures of a drawn chart, in its own units.
const (
	bookType   = 17.0 // height of type
	bookLine   = 20.0 // from line to line
	bookMargin = 20.0
)

// drawingOf sets a chart as lines and words, as paper takes them.
func drawingOf(c flowchart.Chart) *document.Drawing {
	d := &document.Drawing{}
	left, top := 0.0, 0.0
	for i, n := range c.Nodes {
		if i == 0 || n.Box.X < left {
			left = n.Box.X
		}
		if i == 0 || n.Box.Y < top {
			top = n.Box.Y
		}
	}
	for _, lane := range c.Lanes {
		left, top = min(left, lane.Box.X), min(top, lane.Box.Y)
	}
	left, top = left-bookMargin, top-bookMargin
	reach := func(x, y float64) { d.Width, d.Height = max(d.Width, x+bookMargin), max(d.Height, y+bookMargin) }
	box := func(b flowchart.Box) {
		d.Boxes = append(d.Boxes, document.DrawnBox{X: b.X - left, Y: b.Y - top, W: b.W, H: b.H})
		reach(b.X-left+b.W, b.Y-top+b.H)
	}
	line := func(x1, y1, x2, y2 float64) {
		d.Lines = append(d.Lines, document.DrawnLine{X1: x1 - left, Y1: y1 - top, X2: x2 - left, Y2: y2 - top})
		reach(max(x1, x2)-left, max(y1, y2)-top)
	}
	// round draws an event as what it is on every other drawing; eight corners are a circle at this size.
	round := func(b flowchart.Box) {
		const corner = 0.29289 // of the side: an octagon with equal sides
		cx, cy := b.W*corner, b.H*corner
		at := [][2]float64{{cx, 0}, {b.W - cx, 0}, {b.W, cy}, {b.W, b.H - cy}, {b.W - cx, b.H}, {cx, b.H}, {0, b.H - cy}, {0, cy}}
		for i, p := range at {
			q := at[(i+1)%len(at)]
			line(b.X+p[0], b.Y+p[1], b.X+q[0], b.Y+q[1])
		}
	}
	words := func(x, y float64, text string, per int) {
		signs := []rune(text)
		for row := 0; len(signs) > 0; row++ {
			part := signs[:min(per, len(signs))]
			signs = signs[len(part):]
			at := y - top + float64(row)*bookLine
			d.Words = append(d.Words, document.DrawnWords{X: x - left, Y: at, Size: bookType, Text: string(part)})
			reach(x-left, at)
		}
	}
	const within, beneath = 6, 7 // signs in a line
	for _, lane := range c.Lanes {
		box(lane.Box)
		words(lane.Box.X+50, lane.Box.Y+bookLine, lane.Name, beneath)
	}
	for _, n := range c.Nodes {
		b := n.Box
		switch n.Kind {
		case flowchart.ExclusiveGateway, flowchart.ParallelGateway, flowchart.InclusiveGateway, flowchart.EventGateway:
			x, y := b.X+b.W/2, b.Y+b.H/2
			line(x, b.Y, b.X+b.W, y)
			line(b.X+b.W, y, x, b.Y+b.H)
			line(x, b.Y+b.H, b.X, y)
			line(b.X, y, x, b.Y)
			words(x, b.Y+b.H+bookLine, n.Label, beneath)
		case flowchart.StartEvent, flowchart.EndEvent, flowchart.CatchEvent, flowchart.ThrowEvent, flowchart.BoundaryEvent:
			round(b)
			words(b.X+b.W/2, b.Y+b.H+bookLine, n.Label, beneath)
		default:
			box(b)
			if !n.Expanded {
				rows := (len([]rune(n.Label)) + within - 1) / within
				words(b.X+b.W/2, b.Y+b.H/2+bookType/2-float64(rows-1)*bookLine/2, n.Label, within)
			}
		}
	}
	const arrow = 7.0
	for _, e := range c.Edges {
		for i := 1; i < len(e.Points); i++ {
			a, z := e.Points[i-1], e.Points[i]
			line(a.X, a.Y, z.X, z.Y)
			if i+1 < len(e.Points) {
				continue
			}
			dx, dy := sign(z.X-a.X), sign(z.Y-a.Y) // lines run along the axes, nearly always
			line(z.X, z.Y, z.X-arrow*dx-arrow/2*dy, z.Y-arrow*dy-arrow/2*dx)
			line(z.X, z.Y, z.X-arrow*dx+arrow/2*dy, z.Y-arrow*dy+arrow/2*dx)
		}
	}
	return d
}

func sign(f float64) float64 {
	switch {
	case f > 1:
		return 1
	case f < -1:
		return -1
	default:
		return 0
	}
}
