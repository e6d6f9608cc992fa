package flowchart

import "math"

// Placed is text as it stands within a box: lines centred on Mid, the first beginning at Top.
type Placed struct {
	Lines    []string
	Mid, Top float64
	Whole    bool    // nothing was left out
	Over     float64 // area that lies on what reaches into the box
}

// clearance is kept between text and what reaches into its box, in pixels.
const clearance = 2

// Within places text into a box so that it keeps off what reaches into it, such as an event on its border: in the middle, else at the head or
// the foot of the box, else beside what is in the way; where nothing is free, where it covers least. Size and line are those of the type, pad
// the room along the border.
func Within(text string, b Box, off []Box, size, line, pad float64) Placed {
	left, right := b.X+pad, b.X+b.W-pad
	spans := [][2]float64{{left, right}}
	for _, o := range off {
		if x := o.X + o.W + clearance; x > left && x < right {
			spans = append(spans, [2]float64{x, right})
		}
		if x := o.X - clearance; x > left && x < right {
			spans = append(spans, [2]float64{left, x})
		}
	}
	var best Placed
	for i, span := range spans {
		lines := Lines(text, size, span[1]-span[0], math.MaxInt)
		room := max(int((b.H-2*pad)/line), 1)
		whole := len(lines) <= room
		if !whole {
			lines = Lines(text, size, span[1]-span[0], room)
		}
		height := float64(len(lines)) * line
		for j, top := range []float64{b.Y + (b.H-height)/2, b.Y + pad, b.Y + b.H - pad - height} {
			p := Placed{lines, (span[0] + span[1]) / 2, top, whole, 0}
			for _, o := range off {
				p.Over += p.covers(o, size, line)
			}
			if i == 0 && j == 0 || p.better(&best) {
				best = p
			}
		}
	}
	return best
}

// better reports whether a place is to be preferred: all of the text first, then what covers less.
func (p *Placed) better(o *Placed) bool {
	if p.Whole != o.Whole {
		return p.Whole
	}
	return p.Over < o.Over
}

// covers is the area of a box on which the lines lie.
func (p *Placed) covers(o Box, size, line float64) float64 {
	area := 0.0
	for i, text := range p.Lines {
		w, y := Width(text, size), p.Top+float64(i)*line
		dx := min(p.Mid+w/2, o.X+o.W+clearance) - max(p.Mid-w/2, o.X-clearance)
		dy := min(y+line, o.Y+o.H+clearance) - max(y, o.Y-clearance)
		if dx > 0 && dy > 0 {
			area += dx * dy
		}
	}
	return area
}

// On lists what reaches into the box of a task: events on its border, and the sign at its foot.
func (c Chart) On(n Node) []Box {
	var list []Box
	for i := range c.Nodes {
		if c.Nodes[i].On == n.ID && c.Nodes[i].Kind == BoundaryEvent {
			list = append(list, c.Nodes[i].Box)
		}
	}
	if n.Multi != "" || (n.Kind == SubProcess || n.Kind == CallActivity) && !n.Expanded {
		const half, high = 7.0, 16.0
		list = append(list, Box{n.Box.X + n.Box.W/2 - half, n.Box.Y + n.Box.H - high, 2 * half, high})
	}
	return list
}

// widest is the width of the widest line.
func widest(lines []string) float64 {
	w := 0.0
	for _, line := range lines {
		w = max(w, widthOf(line))
	}
	return w
}

// flowWidth is how much of a label a flow across it spoils, in pixels: a line is thin, but read through.
const flowWidth = 8

// shapeWeight is how much worse it is to cover a step, which has a name of its own, than a flow.
const shapeWeight = 8

// shared is the area that two boxes have in common.
func (b Box) shared(o Box) float64 {
	dx, dy := min(b.X+b.W, o.X+o.W)-max(b.X, o.X), min(b.Y+b.H, o.Y+o.H)-max(b.Y, o.Y)
	if dx <= 0 || dy <= 0 {
		return 0
	}
	return dx * dy
}
