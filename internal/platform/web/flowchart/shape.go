package flowchart

import (
	"math"
	"strconv"
	"strings"
)

// class lists the classes of a node.
func (n Node) class() string {
	group := "task"
	switch {
	case n.Kind == EndEvent:
		group = "end"
	case n.event():
		group = "event"
	case n.gateway():
		group = "gateway"
	}
	class := "oh-chart__node oh-chart__node--" + group
	if n.State != Idle {
		class += " oh-chart__node--" + string(n.State)
	}
	if n.Turn != Same {
		class += " oh-chart__node--" + string(n.Turn)
	}
	return class
}

// textClass tells labels beneath a shape from labels within it.
func (n Node) textClass() string {
	if n.outside() {
		return "oh-chart__text oh-chart__text--outside"
	}
	return "oh-chart__text"
}

// diamond is the outline of a gateway.
func (n Node) diamond() string {
	b := n.Box
	return "M" + num(b.X+b.W/2) + " " + num(b.Y) + "L" + num(b.X+b.W) + " " + num(b.Y+b.H/2) +
		"L" + num(b.X+b.W/2) + " " + num(b.Y+b.H) + "L" + num(b.X) + " " + num(b.Y+b.H/2) + "Z"
}

// corner rounds the boxes of tasks.
func (n Node) corner() string {
	if n.Kind == SubProcess || n.Kind == CallActivity {
		return "4"
	}
	return "8"
}

// dash is the stroke of a boundary event that does not interrupt.
func (n Node) dash() string {
	if n.Kind == BoundaryEvent && !n.Interrupting {
		return "4 3"
	}
	return ""
}

// mark is the sign within the shape, as a path; empty when it has none.
func (n Node) mark() string {
	mid := Point{n.Box.X + n.Box.W/2, n.Box.Y + n.Box.H/2}
	size := math.Min(n.Box.W, n.Box.H) / 2
	switch n.Kind {
	case ExclusiveGateway:
		return draw(mid, size, "M-.3 -.3L.3 .3M.3 -.3L-.3 .3")
	case ParallelGateway:
		return draw(mid, size, "M-.45 0L.45 0M0 -.45L0 .45")
	case InclusiveGateway:
		return circle(mid, size*.42)
	case EventGateway:
		return circle(mid, size*.5) + draw(mid, size*.8, "M0 -.38L.36 -.12L.22 .3L-.22 .3L-.36 -.12Z")
	case SubProcess, CallActivity:
		if n.Expanded {
			return ""
		}
		return draw(Point{mid.X, n.Box.Y + n.Box.H - 9}, 7, "M-1 -1L1 -1L1 1L-1 1ZM-.55 0L.55 0M0 -.55L0 .55")
	}
	if !n.event() {
		return n.multiMark()
	}
	switch n.Trigger {
	case Timer:
		return circle(mid, size*.62) + draw(mid, size, "M0 -.4L0 0L.3 .18")
	case Message:
		return draw(mid, size, "M-.5 -.34L.5 -.34L.5 .34L-.5 .34ZM-.5 -.34L0 .08L.5 -.34")
	case Error:
		return draw(mid, size, "M-.5 .4L-.15 -.4L.12 .12L.5 -.42")
	case Signal:
		return draw(mid, size, "M0 -.52L.5 .36L-.5 .36Z")
	case Terminate:
		return circle(mid, size*.45) + circle(mid, size*.2)
	}
	return ""
}

// multiMark is three lines at the foot of a task done several times: upright at once, lying one after the other.
func (n Node) multiMark() string {
	foot := Point{n.Box.X + n.Box.W/2, n.Box.Y + n.Box.H - 8}
	switch n.Multi {
	case "parallel":
		return draw(foot, 6, "M-.8 -.8L-.8 .8M0 -.8L0 .8M.8 -.8L.8 .8")
	case "sequential":
		return draw(foot, 6, "M-.8 -.8L.8 -.8M-.8 0L.8 0M-.8 .8L.8 .8")
	}
	return ""
}

// inner is the radius of the second circle of an intermediate event; 0 when there is none.
func (n Node) inner() float64 {
	switch n.Kind {
	case CatchEvent, ThrowEvent, BoundaryEvent:
		return n.Box.W/2 - 3.5
	}
	return 0
}

// draw places a pattern of M, L and Z with coordinates relative to a centre, in units of scale.
func draw(at Point, scale float64, pattern string) string {
	var b strings.Builder
	for _, step := range strings.FieldsFunc(strings.NewReplacer("M", "|M", "L", "|L", "Z", "|Z").Replace(pattern), func(r rune) bool { return r == '|' }) {
		if step == "Z" {
			b.WriteString("Z")
			continue
		}
		x, y, _ := strings.Cut(step[1:], " ")
		b.WriteString(step[:1] + num(at.X+scale*parse(x)) + " " + num(at.Y+scale*parse(y)))
	}
	return b.String()
}

// parse reads a coordinate of a pattern. The patterns are constants of this file, so there is no error to meet.
func parse(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// circle is a circle as a path.
func circle(at Point, r float64) string {
	return "M" + num(at.X-r) + " " + num(at.Y) + "a" + num(r) + " " + num(r) + " 0 1 0 " + num(2*r) + " 0a" + num(r) + " " + num(r) + " 0 1 0 " + num(-2*r) + " 0"
}

// line is an edge as a path, its corners a little rounded.
func (e Edge) line() string {
	const radius = 6.0
	if len(e.Points) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("M" + num(e.Points[0].X) + " " + num(e.Points[0].Y))
	for i := 1; i < len(e.Points); i++ {
		p := e.Points[i]
		if i == len(e.Points)-1 {
			b.WriteString("L" + num(p.X) + " " + num(p.Y))
			break
		}
		before, after := toward(p, e.Points[i-1], radius), toward(p, e.Points[i+1], radius)
		b.WriteString("L" + num(before.X) + " " + num(before.Y) + "Q" + num(p.X) + " " + num(p.Y) + " " + num(after.X) + " " + num(after.Y))
	}
	return b.String()
}

// toward is the point at a distance from p on the way to q, at most half way.
func toward(p, q Point, distance float64) Point {
	length := math.Hypot(q.X-p.X, q.Y-p.Y)
	if length == 0 {
		return p
	}
	d := math.Min(distance, length/2) / length
	return Point{p.X + (q.X-p.X)*d, p.Y + (q.Y-p.Y)*d}
}

// arrow is the head at the end of an edge.
func (e Edge) arrow() string {
	n := len(e.Points)
	if n < 2 {
		return ""
	}
	tip, from := e.Points[n-1], e.Points[n-2]
	for i := n - 2; i > 0 && from == tip; i-- {
		from = e.Points[i-1]
	}
	length := math.Hypot(tip.X-from.X, tip.Y-from.Y)
	if length == 0 {
		return ""
	}
	const long, half = 10.0, 4.5
	ux, uy := (tip.X-from.X)/length, (tip.Y-from.Y)/length
	base := Point{tip.X - ux*long, tip.Y - uy*long}
	return "M" + num(tip.X) + " " + num(tip.Y) + "L" + num(base.X-uy*half) + " " + num(base.Y+ux*half) +
		"L" + num(base.X+uy*half) + " " + num(base.Y-ux*half) + "Z"
}
