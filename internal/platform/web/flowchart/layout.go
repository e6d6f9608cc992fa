package flowchart

import (
	"cmp"
	"math"
	"slices"
)

// Measures of the labels of flows, whose type is smaller than that of names.
const (
	flowSize     = 12.5
	flowLine     = 16
	flowBaseline = 12 // of a line, from its top
	flowGap      = 4  // between a flow and its label
	flowStep     = 12 // between the places along a flow that are tried
	flowSteps    = 14 // how many of them on either side of the middle
)

// halo is the room that a label keeps free on both sides, in pixels.
const halo = 3

// rounds is how often labels that lie on one another are placed again.
const rounds = 4

// widths are those over which a label beside a shape or a flow may run: the first at which nothing of it is left out, wider ones where the text
// finds no free place, and at last a narrow column.
var widths = []float64{outsideWidth, 1.4 * outsideWidth, 2 * outsideWidth, 0.7 * outsideWidth}

// layout is where the words of a chart stand: the names of nodes and the labels of flows, each in the order of the chart. It is worked out once
// for a drawing.
type layout struct{ nodes, flows []label }

// layout places all words. Names within boxes stand where the box has room; names of frames, events and gateways follow and then the labels of
// flows, each where it covers least of what has its place. What lies on another is placed again when all have one.
func (c Chart) layout() layout {
	l := layout{make([]label, len(c.Nodes)), make([]label, len(c.Edges))}
	f := c.field()
	texts := make([]placing, 0, len(c.Nodes))
	for i := range c.Nodes {
		switch n := &c.Nodes[i]; {
		case n.Label == "":
		case n.Expanded:
			texts = append(texts, placing{at: &l.nodes[i], places: c.headPlaces(n), line: lineHeight, base: baseline})
		case n.outside():
			texts = append(texts, placing{at: &l.nodes[i], places: c.namePlaces(n), line: lineHeight, base: baseline, given: n.LabelBox.W > 0})
		default:
			p := Within(n.Label, n.Box, c.On(*n), fontSize, lineHeight, padding)
			l.nodes[i] = label{p.Lines, p.Mid, p.Top + baseline}
		}
	}
	// What the diagram places comes first: others give way to it.
	slices.SortStableFunc(texts, func(a, b placing) int { return given(b) - given(a) })
	for i := range c.Edges {
		if e := &c.Edges[i]; e.Label != "" && len(e.Points) > 1 {
			texts = append(texts, placing{at: &l.flows[i], places: c.flowPlaces(e), line: flowLine, base: flowBaseline, given: e.LabelBox.W > 0})
		}
	}
	for i := range texts {
		texts[i].place(f)
	}
	for range rounds {
		again := false
		for i := range texts {
			if t := &texts[i]; t.hard > 0 {
				f.take(t.thing)
				before := t.hard
				t.place(f)
				again = again || t.hard < before
			}
		}
		if !again {
			break
		}
	}
	return l
}

// placing is a text that looks for its place.
type placing struct {
	at         *label
	places     func(yield func(place) bool)
	line, base float64
	given      bool // the first place is the diagram's, and kept if nothing else stands there
	thing      int  // in the field, once it is placed
	hard       float64
}

func given(p placing) int {
	if p.given {
		return 1
	}
	return 0
}

// place is where a text may stand: its lines, their middle, the top of the first, and what speaks against it.
type place struct {
	lines    []string
	width    float64
	mid, top float64
	against  float64
}

// place puts the text where it covers least; of equal places it takes the first.
func (t *placing) place(f *field) {
	least := math.Inf(1)
	var best Box
	t.places(func(p place) bool {
		b := Box{p.mid - p.width/2 - halo, p.top, p.width + 2*halo, float64(len(p.lines)) * t.line}
		hard, soft := f.cover(b, least-p.against)
		cost := hard + soft + p.against
		if hard > 0 {
			cost += unreadable
		}
		if cost < least {
			least, best, t.hard = cost, b, hard
			*t.at = label{p.lines, p.mid, p.top + t.base}
		}
		return least > 0
	})
	t.thing = f.put(best, shapeWeight, true)
}

// headPlaces are those of the name at the head of a frame: in its middle, else at its left or right.
func (c Chart) headPlaces(n *Node) func(func(place) bool) {
	return func(yield func(place) bool) {
		lines := wrap(n.Label, n.Box.W-2*padding, max(int((n.Box.H-2*padding)/lineHeight), 1))
		w := widest(lines)
		for _, x := range []float64{n.Box.X + n.Box.W/2, n.Box.X + padding + w/2, n.Box.X + n.Box.W - padding - w/2} {
			if !yield(place{lines, w, x, n.Box.Y + padding, 0}) {
				return
			}
		}
	}
}

// narrowness is what speaks against a label of another width than the usual, so that it is taken only where that covers something.
const narrowness = 0.5

// wraps are the ways to break a text whose type has a size, each with its width; those that leave something out only if all do.
func wraps(text string, size float64, yield func(lines []string, width, against float64) bool) {
	seen := 0
	for i, room := range widths {
		lines := Lines(text, size, room, maxOutside+1)
		if len(lines) > maxOutside {
			if i < len(widths)-1 || seen > 0 {
				continue
			}
			lines = Lines(text, size, widths[2], maxOutside)
		}
		if len(lines) == seen { // it runs as before, or near enough
			continue
		}
		against := narrowness
		if seen == 0 {
			against = 0
		}
		seen = len(lines)
		if !yield(lines, widest(lines)*size/fontSize, against) {
			return
		}
	}
}

// namePlaces are those of the name of an event or gateway: where the diagram puts it, else beneath or above the shape or beside it, clear of
// flows that leave it.
func (c Chart) namePlaces(n *Node) func(func(place) bool) {
	b, mid := n.Box, n.Box.X+n.Box.W/2
	above := c.touches(Point{mid, b.Y + b.H})
	return func(yield func(place) bool) {
		wraps(n.Label, fontSize, func(lines []string, w, against float64) bool {
			h := float64(len(lines)) * lineHeight
			put := func(x, y float64) bool { return yield(place{lines, w, x, y, against}) }
			if n.LabelBox.W > 0 && !put(n.LabelBox.X+n.LabelBox.W/2, n.labelTop(h)) {
				return false
			}
			right, left := b.X+b.W+labelGap+halo+w/2, b.X-labelGap-halo-w/2 // clear of the shape
			near, far := mid+labelGap+halo+w/2, mid-labelGap-halo-w/2       // clear of a flow that leaves it
			under, over := b.Y+b.H+labelGap, b.Y-labelGap-h
			foot, head, level := b.Y+b.H/2+labelGap, b.Y+b.H/2-labelGap-h, b.Y+(b.H-h)/2
			places := [...]Point{{mid, under}, {mid, over}, {right, foot}, {left, foot}, {near, under}, {far, under}, {right, head}, {left, head},
				{near, over}, {far, over}, {right, level}, {left, level}, {right, under}, {left, under}, {right, over}, {left, over},
				{mid + w/4, under}, {mid - w/4, under}, {mid + w/4, over}, {mid - w/4, over}}
			if above {
				places[0], places[1] = places[1], places[0]
			}
			for _, p := range places {
				if !put(p.X, p.Y) {
					return false
				}
			}
			return true
		})
	}
}

// flowPlaces are those of the label of a flow: where the diagram puts it, else along its pieces, the longest first, from the middle outward, on
// one side of the line or the other, at last across it. Where another flow runs on the same line a label would speak for both.
func (c Chart) flowPlaces(e *Edge) func(func(place) bool) {
	return func(yield func(place) bool) {
		pieces := make([]int, 0, len(e.Points)-1)
		for i := 1; i < len(e.Points); i++ {
			pieces = append(pieces, i)
		}
		slices.SortStableFunc(pieces, func(a, b int) int { return cmp.Compare(e.piece(b), e.piece(a)) })
		wraps(e.Label, flowSize, func(lines []string, w, against float64) bool {
			h := float64(len(lines)) * flowLine
			put := func(x, y, more float64) bool { return yield(place{lines, w, x, y, against + more}) }
			if b := e.LabelBox; b.W > 0 && !put(b.X+b.W/2, b.Y+(b.H-h)/2, 0) {
				return false
			}
			for _, i := range pieces {
				p, q := e.Points[i-1], e.Points[i]
				length := e.piece(i)
				for k := range 2*flowSteps + 1 {
					along := float64((k+1)/2*flowStep) * float64(1-k%2*2)
					if math.Abs(along) > length/2 {
						break
					}
					at := Point{(p.X + q.X) / 2, (p.Y + q.Y) / 2}
					if length > 0 {
						at = Point{at.X + (q.X-p.X)/length*along, at.Y + (q.Y-p.Y)/length*along}
					}
					more := 0.0
					if c.shares(e, at) {
						more = ambiguous
					}
					sides := [...]Point{{at.X, at.Y - flowGap - h}, {at.X, at.Y + flowGap}, {at.X, at.Y - h/2}}
					if math.Abs(p.X-q.X) < math.Abs(p.Y-q.Y) {
						sides = [...]Point{{at.X + flowGap + halo + w/2, at.Y - h/2}, {at.X - flowGap - halo - w/2, at.Y - h/2}, {at.X, at.Y - h/2}}
					}
					for _, s := range sides {
						if !put(s.X, s.Y, more) {
							return false
						}
					}
				}
			}
			return true
		})
	}
}

// unreadable is what speaks against a place where the text would lie on a shape or on other words, however little.
const unreadable = 4000

// ambiguous is what speaks against a label where two flows run on one line.
const ambiguous = 400

// piece is the length of a flow up to a waypoint from the one before.
func (e *Edge) piece(i int) float64 {
	return math.Hypot(e.Points[i].X-e.Points[i-1].X, e.Points[i].Y-e.Points[i-1].Y)
}

// shares reports whether another flow runs through a point of this one.
func (c Chart) shares(e *Edge, at Point) bool {
	const near = 1.0
	for i := range c.Edges {
		o := &c.Edges[i]
		if o.ID == e.ID && o.From == e.From && o.To == e.To {
			continue
		}
		for j := 1; j < len(o.Points); j++ {
			p, q := o.Points[j-1], o.Points[j]
			if at.X > min(p.X, q.X)-near && at.X < max(p.X, q.X)+near && at.Y > min(p.Y, q.Y)-near && at.Y < max(p.Y, q.Y)+near {
				return true
			}
		}
	}
	return false
}

// cell is the side of a square of the field, in pixels.
const cell = 96

// field knows what stands where, by squares, so that a place costs as much as there is near it and not as much as is drawn.
type field struct {
	left, top  float64
	cols, rows int
	squares    [][]int32
	things     []thing
	turn       int
}

// thing is something drawn that words should not lie on; hard things never, soft ones if they can.
type thing struct {
	Box
	weight float64
	hard   bool
	turn   int // of the last question in which it was counted
}

// field begins with what is drawn without words: shapes, flows, and the frames and heads of lanes and sub-processes.
func (c Chart) field() *field {
	b := c.drawn()
	f := &field{left: b.X, top: b.Y, cols: max(int(b.W/cell), 0) + 1, rows: max(int(b.H/cell), 0) + 1}
	f.squares = make([][]int32, f.cols*f.rows)
	f.things = make([]thing, 0, 3*len(c.Nodes)+5*len(c.Edges)+8*len(c.Lanes))
	for i := range c.Nodes {
		switch n := &c.Nodes[i]; {
		case n.Expanded:
			f.frame(n.Box)
		case n.gateway(): // whose corners are free
			f.put(Box{n.Box.X, n.Box.Y + n.Box.H/4, n.Box.W, n.Box.H / 2}, shapeWeight, true)
			f.put(Box{n.Box.X + n.Box.W/4, n.Box.Y, n.Box.W / 2, n.Box.H}, shapeWeight, true)
		default:
			f.put(n.Box, shapeWeight, true)
		}
	}
	for i := range c.Lanes {
		f.put(c.Lanes[i].head(), shapeWeight, true)
		f.frame(c.Lanes[i].Box)
	}
	for i := range c.Edges {
		points := c.Edges[i].Points
		for j := 1; j < len(points); j++ {
			p, q := points[j-1], points[j]
			f.put(Box{min(p.X, q.X) - flowWidth/2, min(p.Y, q.Y) - flowWidth/2, math.Abs(p.X-q.X) + flowWidth, math.Abs(p.Y-q.Y) + flowWidth}, 1, false)
		}
	}
	return f
}

// frame puts the four sides of a box.
func (f *field) frame(b Box) {
	const thin = 2.0
	for _, side := range []Box{{b.X, b.Y, b.W, thin}, {b.X, b.Y + b.H - thin, b.W, thin}, {b.X, b.Y, thin, b.H}, {b.X + b.W - thin, b.Y, thin, b.H}} {
		f.put(side, 1, false)
	}
}

// span lists the squares that a box touches: columns and rows, first and last. What lies outside the field belongs to the squares at its border.
func (f *field) span(b Box) (c1, c2, r1, r2 int) {
	within := func(x float64, most int) int { return min(max(int(x/cell), 0), most-1) }
	return within(b.X-f.left, f.cols), within(b.X+b.W-f.left, f.cols), within(b.Y-f.top, f.rows), within(b.Y+b.H-f.top, f.rows)
}

// put adds a thing and says which it is.
func (f *field) put(b Box, weight float64, hard bool) int {
	i := len(f.things)
	f.things = append(f.things, thing{b, weight, hard, 0})
	c1, c2, r1, r2 := f.span(b)
	for r := r1; r <= r2; r++ {
		for c := c1; c <= c2; c++ {
			f.squares[r*f.cols+c] = append(f.squares[r*f.cols+c], int32(i))
		}
	}
	return i
}

// take makes a thing cover nothing any more.
func (f *field) take(i int) { f.things[i].Box = Box{} }

// cover is the weighted area of a box that lies on things; it stops counting where that reaches a limit.
func (f *field) cover(b Box, limit float64) (hard, soft float64) {
	f.turn++
	c1, c2, r1, r2 := f.span(b)
	for r := r1; r <= r2; r++ {
		for c := c1; c <= c2; c++ {
			for _, i := range f.squares[r*f.cols+c] {
				t := &f.things[i]
				if t.turn == f.turn {
					continue
				}
				t.turn = f.turn
				if t.hard {
					hard += t.weight * b.shared(t.Box)
				} else {
					soft += t.weight * b.shared(t.Box)
				}
				if hard+soft >= limit {
					return hard, soft
				}
			}
		}
	}
	return hard, soft
}

// head is the strip with the name of a lane: the left of a row, the top of a column.
func (l *Lane) head() Box {
	if l.Box.W >= l.Box.H {
		return Box{l.Box.X, l.Box.Y, laneHead, l.Box.H}
	}
	return Box{l.Box.X, l.Box.Y, l.Box.W, laneHead}
}
