package power

import (
	"math"

	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/web/flowchart"
)

// Measures of a drawn chart, in its own units.
const (
	bookType   = 17.0  // height of type, where there is room for it
	bookSmall  = 14.0  // where there is not
	bookLine   = 1.18  // from line to line, in heights of type
	bookMargin = 20.0  // around the drawing
	bookGap    = 4.0   // between a shape and its label
	bookLabel  = 119.0 // width of a label beside a shape: seven signs
	bookSpread = 40.0  // how far a lane reaches for its name, and a label moves along its line
	bookSteps  = 8     // how many places along a line are tried
	bookTurns  = 3     // lines of a label beside a shape
	bookWithin = 6.0   // free in a box, on both sides together
)

// rect is what a shape or a label covers.
type rect struct{ x, y, w, h float64 }

// over is the area that two rectangles share.
func (r rect) over(q rect) float64 {
	w := min(r.x+r.w, q.x+q.w) - max(r.x, q.x)
	h := min(r.y+r.h, q.y+q.h) - max(r.y, q.y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// drafter sets a chart as lines and words, as paper takes them. Labels are placed one after the other, each where it covers least.
type drafter struct {
	d      *document.Drawing
	shapes []rect // boxes, events and gateways
	words  []rect // labels that have their place
	lines  []rect // the flows, as thin rectangles: better free, but a label may lie across one
}

// drawingOf draws a chart for the book.
func drawingOf(c flowchart.Chart) *document.Drawing {
	x := &drafter{d: &document.Drawing{}}
	for _, lane := range c.Lanes {
		x.box(lane.Box)
		x.frame(lane.Box)
	}
	for i := range c.Edges {
		x.edge(&c.Edges[i])
	}
	for i := range c.Nodes {
		x.node(&c.Nodes[i], c.On(c.Nodes[i]))
	}
	for _, lane := range c.Lanes {
		x.laneName(lane)
	}
	for i := range c.Nodes {
		if n := &c.Nodes[i]; outside(n.Kind) && n.Label != "" {
			x.beside(n)
		}
	}
	for i := range c.Edges {
		if e := &c.Edges[i]; e.Label != "" && len(e.Points) > 1 {
			x.along(e)
		}
	}
	return x.fitted()
}

// fitted moves the drawing to where paper begins.
func (x *drafter) fitted() *document.Drawing {
	d := x.d
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	grow := func(r rect) {
		left, top, right, bottom = min(left, r.x), min(top, r.y), max(right, r.x+r.w), max(bottom, r.y+r.h)
	}
	for _, list := range [][]rect{x.shapes, x.words, x.lines} {
		for _, r := range list {
			grow(r)
		}
	}
	for _, b := range d.Boxes {
		grow(rect{b.X, b.Y, b.W, b.H})
	}
	if right < left {
		return d // nothing is drawn
	}
	left, top = left-bookMargin, top-bookMargin
	d.Width, d.Height = right-left+bookMargin, bottom-top+bookMargin
	for i := range d.Boxes {
		d.Boxes[i].X, d.Boxes[i].Y = d.Boxes[i].X-left, d.Boxes[i].Y-top
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		l.X1, l.X2, l.Y1, l.Y2 = l.X1-left, l.X2-left, l.Y1-top, l.Y2-top
	}
	for i := range d.Words {
		d.Words[i].X, d.Words[i].Y = d.Words[i].X-left, d.Words[i].Y-top
	}
	return d
}

func (x *drafter) box(b flowchart.Box) {
	x.d.Boxes = append(x.d.Boxes, document.DrawnBox{X: b.X, Y: b.Y, W: b.W, H: b.H})
}

func (x *drafter) line(x1, y1, x2, y2 float64) {
	x.d.Lines = append(x.d.Lines, document.DrawnLine{X1: x1, Y1: y1, X2: x2, Y2: y2})
}

// frame keeps labels off the border of a lane or a sub-process, within which they stand.
func (x *drafter) frame(b flowchart.Box) {
	const thin = 2.0
	x.lines = append(x.lines, rect{b.X, b.Y, b.W, thin}, rect{b.X, b.Y + b.H - thin, b.W, thin}, rect{b.X, b.Y, thin, b.H}, rect{b.X + b.W - thin, b.Y, thin, b.H})
}

// outline draws a closed line through the corners.
func (x *drafter) outline(corners ...[2]float64) {
	for i, p := range corners {
		q := corners[(i+1)%len(corners)]
		x.line(p[0], p[1], q[0], q[1])
	}
}

func isGateway(k flowchart.Kind) bool {
	switch k {
	case flowchart.ExclusiveGateway, flowchart.ParallelGateway, flowchart.InclusiveGateway, flowchart.EventGateway:
		return true
	}
	return false
}

// outside reports whether the name stands beside the shape.
func outside(k flowchart.Kind) bool {
	switch k {
	case flowchart.StartEvent, flowchart.EndEvent, flowchart.CatchEvent, flowchart.ThrowEvent, flowchart.BoundaryEvent:
		return true
	}
	return isGateway(k)
}

func (x *drafter) node(n *flowchart.Node, off []flowchart.Box) {
	b := n.Box
	if n.Expanded {
		x.frame(b)
	} else {
		x.shapes = append(x.shapes, rect{b.X, b.Y, b.W, b.H})
	}
	switch {
	case isGateway(n.Kind):
		mx, my := b.X+b.W/2, b.Y+b.H/2
		x.outline([2]float64{mx, b.Y}, [2]float64{b.X + b.W, my}, [2]float64{mx, b.Y + b.H}, [2]float64{b.X, my})
	case outside(n.Kind): // an event: eight corners are a circle at this size
		const corner = 0.29289 // of the side: an octagon with equal sides
		cx, cy := b.W*corner, b.H*corner
		x.outline([2]float64{b.X + cx, b.Y}, [2]float64{b.X + b.W - cx, b.Y}, [2]float64{b.X + b.W, b.Y + cy}, [2]float64{b.X + b.W, b.Y + b.H - cy},
			[2]float64{b.X + b.W - cx, b.Y + b.H}, [2]float64{b.X + cx, b.Y + b.H}, [2]float64{b.X, b.Y + b.H - cy}, [2]float64{b.X, b.Y + cy})
	default:
		x.box(b)
		x.within(n, off)
	}
}

// within writes the name of a task into its box, in smaller type where it has too many signs or an event on the border would lie on it; of a
// sub-process that is drawn open, at its head.
func (x *drafter) within(n *flowchart.Node, off []flowchart.Box) {
	const least = bookSmall - 2
	b := n.Box
	if n.Expanded {
		x.write(flowchart.Lines(n.Label, bookType, b.W-bookWithin, max(int((b.H-bookWithin)/(bookType*bookLine)), 1)), bookType, b.X+b.W/2, b.Y+bookGap)
		return
	}
	for _, size := range []float64{bookType, bookSmall, least} {
		p := flowchart.Within(n.Label, b, off, size, size*bookLine, bookWithin/2)
		if (!p.Whole || p.Over > 0) && size > least {
			continue
		}
		x.write(p.Lines, size, p.Mid, p.Top)
		return
	}
}

// write sets lines of one size centred on mid, the first beginning at top.
func (x *drafter) write(lines []string, size, mid, top float64) {
	const baseline = 0.88 // of the height of type, from the top of a line
	for i, text := range lines {
		w := flowchart.Width(text, size)
		y := top + float64(i)*size*bookLine
		x.d.Words = append(x.d.Words, document.DrawnWords{X: mid, Y: y + size*baseline, Size: size, Text: text})
		x.words = append(x.words, rect{mid - w/2, y, w, size * bookLine})
	}
}

// place is where a label could stand.
type place struct {
	lines []string
	size  float64
	rect  rect
}

// placed is a label of lines with its middle at mid and its top at top.
func placed(lines []string, size, mid, top float64) place {
	w := 0.0
	for _, text := range lines {
		w = max(w, flowchart.Width(text, size))
	}
	return place{lines, size, rect{mid - w/2, top, w, float64(len(lines)) * size * bookLine}}
}

// choose writes a label where it covers least: the first of the places where it covers nothing, if there is one.
func (x *drafter) choose(list []place) {
	best, least := 0, math.Inf(1)
	for i, p := range list {
		cost := 0.0
		for _, r := range x.words {
			const unreadable = 40 // two labels on each other are worse than a label on a shape, or on a line
			cost += unreadable * p.rect.over(r)
		}
		for _, r := range x.shapes {
			const bad = 10
			cost += bad * p.rect.over(r)
		}
		for _, r := range x.lines {
			cost += p.rect.over(r)
		}
		if cost < least {
			best, least = i, cost
		}
		if cost == 0 {
			break
		}
	}
	p := list[best]
	x.write(p.lines, p.size, p.rect.x+p.rect.w/2, p.rect.y)
}

// beside places the name of an event or a gateway: where the drawing has it, beneath, above, to the right, to the left, in both sizes.
func (x *drafter) beside(n *flowchart.Node) {
	b, list := n.Box, []place(nil)
	mx, my := b.X+b.W/2, b.Y+b.H/2
	for _, size := range []float64{bookType, bookSmall} {
		for _, width := range []float64{bookLabel, bookLabel * 2, bookLabel / 2} {
			lines := flowchart.Lines(n.Label, size, width, bookTurns)
			at := func(mid, top float64) { list = append(list, placed(lines, size, mid, top)) }
			p := placed(lines, size, 0, 0).rect
			if l := n.LabelBox; l.W > 0 {
				at(l.X+l.W/2, l.Y+l.H/2-p.h/2)
			}
			at(mx, b.Y+b.H+bookGap)
			at(mx, b.Y-bookGap-p.h)
			at(b.X+b.W+bookGap+p.w/2, b.Y-p.h)
			at(b.X-bookGap-p.w/2, b.Y-p.h)
			at(b.X+b.W+bookGap+p.w/2, b.Y+b.H)
			at(b.X-bookGap-p.w/2, b.Y+b.H)
			at(b.X+b.W+bookGap+p.w/2, my-p.h/2)
			at(b.X-bookGap-p.w/2, my-p.h/2)
		}
	}
	x.choose(list)
}

// along places the name of a flow, which is mostly its condition, somewhere along its pieces, the longest first.
func (x *drafter) along(e *flowchart.Edge) {
	var list []place
	for _, width := range []float64{bookLabel, bookLabel / 2} {
		lines := flowchart.Lines(e.Label, bookSmall, width, bookTurns)
		p := placed(lines, bookSmall, 0, 0).rect
		if l := e.LabelBox; l.W > 0 {
			list = append(list, placed(lines, bookSmall, l.X+l.W/2, l.Y+l.H/2-p.h/2))
		}
		for i := 1; i < len(e.Points); i++ {
			a, z := e.Points[i-1], e.Points[i]
			for step := 1; step < bookSteps; step++ {
				t := float64(step) / bookSteps
				cx, cy := a.X+(z.X-a.X)*t, a.Y+(z.Y-a.Y)*t
				if math.Abs(z.X-a.X) >= math.Abs(z.Y-a.Y) {
					list = append(list, placed(lines, bookSmall, cx, cy-bookGap-p.h), placed(lines, bookSmall, cx, cy+bookGap))
				} else {
					list = append(list, placed(lines, bookSmall, cx+bookGap+p.w/2, cy-p.h/2), placed(lines, bookSmall, cx-bookGap-p.w/2, cy-p.h/2))
				}
			}
		}
	}
	x.choose(list)
}

// laneName writes the name of a lane: sign under sign in its head where it is of Han characters, else along its upper or lower border.
func (x *drafter) laneName(l flowchart.Lane) {
	const head = 30.0
	signs := []rune(l.Name)
	if l.Name == "" {
		return
	}
	if flowchart.Width(l.Name, 1) == float64(len(signs)) && float64(len(signs))*bookSmall*bookLine <= l.Box.H {
		lines := make([]string, len(signs))
		for i, r := range signs {
			lines[i] = string(r)
		}
		x.choose([]place{placed(lines, bookSmall, l.Box.X+head/2, l.Box.Y+(l.Box.H-float64(len(signs))*bookSmall*bookLine)/2)})
		return
	}
	var list []place
	lines := []string{l.Name}
	p := placed(lines, bookSmall, 0, 0).rect
	for dx := 0.0; dx+p.w+bookGap < l.Box.W; dx += bookSpread {
		mid := l.Box.X + bookGap + dx + p.w/2
		list = append(list, placed(lines, bookSmall, mid, l.Box.Y+bookGap), placed(lines, bookSmall, mid, l.Box.Y+l.Box.H-bookGap-p.h))
	}
	if len(list) == 0 {
		list = []place{placed(flowchart.Lines(l.Name, bookSmall, l.Box.W, bookTurns), bookSmall, l.Box.X+l.Box.W/2, l.Box.Y+bookGap)}
	}
	x.choose(list)
}

// edge draws a flow with the head of its arrow.
func (x *drafter) edge(e *flowchart.Edge) {
	const arrow, thin = 7.0, 2.0
	for i := 1; i < len(e.Points); i++ {
		a, z := e.Points[i-1], e.Points[i]
		x.line(a.X, a.Y, z.X, z.Y)
		x.lines = append(x.lines, rect{min(a.X, z.X) - thin/2, min(a.Y, z.Y) - thin/2, math.Abs(z.X-a.X) + thin, math.Abs(z.Y-a.Y) + thin})
		if i+1 < len(e.Points) {
			continue
		}
		length := math.Hypot(z.X-a.X, z.Y-a.Y)
		if length == 0 {
			continue
		}
		dx, dy := (z.X-a.X)/length, (z.Y-a.Y)/length
		x.line(z.X, z.Y, z.X-arrow*dx-arrow/2*dy, z.Y-arrow*dy+arrow/2*dx)
		x.line(z.X, z.Y, z.X-arrow*dx+arrow/2*dy, z.Y-arrow*dy-arrow/2*dx)
	}
}
