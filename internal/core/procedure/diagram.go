package procedure

import "strconv"

// Diagram is the drawing of a definition (BPMN DI), in the units of the modeller, which are pixels; y grows downward.
type Diagram struct {
	Shapes []Shape
	Edges  []Edge
}

// Shape is the place of an element, lane or pool (Element is its id). Label is where its name stands, zero when not given.
type Shape struct {
	Element    string
	Bounds     Bounds
	Label      Bounds
	Horizontal bool // of a lane or pool
	Expanded   bool // of a sub-process
}

// Edge is the line of a flow, message flow or association (Element is its id).
type Edge struct {
	Element string
	Points  []Point
	Label   Bounds
}

// Bounds is a rectangle: its upper left corner, width and height.
type Bounds struct{ X, Y, W, H float64 }

// Point is a point of a line.
type Point struct{ X, Y float64 }

const (
	diSpace     = "http://www.omg.org/spec/BPMN/20100524/DI"
	boundsSpace = "http://www.omg.org/spec/DD/20100524/DC"
	pointSpace  = "http://www.omg.org/spec/DD/20100524/DI"
)

// Diagram returns the drawing. A file without one gives an empty diagram; figures that are no numbers are zero.
func (d *Definition) Diagram() Diagram {
	var out Diagram
	for _, n := range d.root.elements() {
		if n.space != diSpace || n.local != "BPMNDiagram" {
			continue
		}
		plane := n.child(diSpace, "BPMNPlane")
		if plane == nil {
			continue
		}
		for _, c := range plane.elements() {
			switch c.local {
			case "BPMNShape":
				out.Shapes = append(out.Shapes, Shape{
					Element: c.attr("bpmnElement"), Bounds: bounds(c), Label: bounds(c.child(diSpace, "BPMNLabel")),
					Horizontal: c.attr("isHorizontal") == "true", Expanded: c.attr("isExpanded") == "true",
				})
			case "BPMNEdge":
				e := Edge{Element: c.attr("bpmnElement"), Label: bounds(c.child(diSpace, "BPMNLabel"))}
				for _, w := range c.elements() {
					if w.local == "waypoint" && w.space == pointSpace {
						e.Points = append(e.Points, Point{number(w, "x"), number(w, "y")})
					}
				}
				out.Edges = append(out.Edges, e)
			}
		}
	}
	return out
}

func bounds(n *xmlNode) Bounds {
	if n == nil {
		return Bounds{}
	}
	b := n.child(boundsSpace, "Bounds")
	if b == nil {
		return Bounds{}
	}
	return Bounds{number(b, "x"), number(b, "y"), number(b, "width"), number(b, "height")}
}

func number(n *xmlNode, attr string) float64 {
	f, err := strconv.ParseFloat(n.attr(attr), 64)
	if err != nil || f != f || f > 1e9 || f < -1e9 {
		return 0
	}
	return f
}
