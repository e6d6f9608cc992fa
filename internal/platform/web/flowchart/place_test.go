package flowchart

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/procedures"
)

// TestNoEventLiesOnALabel: in the charts that ship no event on the border of a step covers its name, in any language. The test measures by
// itself: a Han character is as wide as it is high, any other half of that, and an event is round.
func TestNoEventLiesOnALabel(t *testing.T) {
	files, err := fs.Glob(procedures.Files, "*.bpmn")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d charts: %v", len(files), err)
	}
	events := 0
	for _, file := range files {
		for _, tag := range lang.All {
			c := FromProcedure(shipped(t, strings.TrimSuffix(file, ".bpmn")), tag, nil)
			words := c.layout()
			for i, n := range c.Nodes {
				if n.outside() || n.Expanded {
					continue
				}
				for _, o := range c.Nodes {
					if o.On != n.ID {
						continue
					}
					events++
					l := words.nodes[i]
					for i, line := range l.lines {
						if covered(line, l.x, l.y+float64(i)*lineHeight, o.Box) {
							t.Errorf("%s, %s: the event %s lies on %q of %q", file, tag, o.ID, line, n.Label)
						}
					}
				}
			}
		}
	}
	if events < 50 {
		t.Errorf("%d events on borders were looked at", events)
	}
}

// covered reports whether a round event touches a line of words, whose middle and baseline are given.
func covered(line string, mid, base float64, event Box) bool {
	w := 0.0
	for _, r := range line {
		if utf8.RuneLen(r) > 2 {
			w += fontSize
		} else {
			w += fontSize / 2
		}
	}
	const capitals = 0.72 // of the height of type
	cx, cy, r := event.X+event.W/2, event.Y+event.H/2, event.W/2
	x, y := min(max(cx, mid-w/2), mid+w/2), min(max(cy, base-capitals*fontSize), base)
	return math.Hypot(cx-x, cy-y) < r
}

// TestWithinKeepsTheMiddle: where nothing is in the way the text stands in the middle of its box; where there is room it keeps off what is.
func TestWithinKeepsTheMiddle(t *testing.T) {
	b := Box{100, 100, 120, 72}
	p := Within("审查", b, nil, fontSize, lineHeight, padding)
	if p.Mid != 160 || p.Top != 127 || !p.Whole || p.Over != 0 {
		t.Errorf("nothing in the way: %+v", p)
	}
	for name, o := range map[string]Box{"at the foot": {142, 154, 36, 36}, "at the head": {142, 82, 36, 36}, "at the left": {82, 118, 36, 36}, "at the right": {202, 118, 36, 36}} {
		if p := Within("Supply what is missing", b, []Box{o}, fontSize, lineHeight, padding); p.Over != 0 || !p.Whole || strings.Join(p.Lines, " ") != "Supply what is missing" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestWithinStaysInside: wherever events are, each line stands within the box that has room for it, and nothing is lost that would fit without
// them.
func TestWithinStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("受理审查决定abc XYZ")), 0, 30, -1).Draw(t, "text")
		b := Box{0, 0, rapid.Float64Range(60, 200).Draw(t, "w"), rapid.Float64Range(40, 120).Draw(t, "h")}
		var off []Box
		for range rapid.IntRange(0, 3).Draw(t, "events") {
			off = append(off, Box{rapid.Float64Range(-18, b.W-18).Draw(t, "x"), rapid.Float64Range(-18, b.H-18).Draw(t, "y"), 36, 36})
		}
		p, free := Within(text, b, off, fontSize, lineHeight, padding), Within(text, b, nil, fontSize, lineHeight, padding)
		if free.Whole && !p.Whole {
			t.Fatalf("%q is cut: %+v", text, p)
		}
		if p.Over > float64(len(off)*len(p.Lines))*lineHeight*b.W { // what lies on two events counts twice
			t.Fatalf("more is covered than there is: %+v", p)
		}
		if p.Whole && (p.Top < 0 || p.Top+float64(len(p.Lines))*lineHeight > b.H) && b.H >= lineHeight+2*padding {
			t.Fatalf("%q leaves its box: %+v", text, p)
		}
	})
}

// TestNameOfAnEventKeepsOff: beneath the event, unless something is there; a flow counts as well as a step.
func TestNameOfAnEventKeepsOff(t *testing.T) {
	step := Node{ID: "step", Kind: UserTask, Label: "审查", Box: Box{100, 100, 120, 72}}
	event := Node{ID: "late", Kind: BoundaryEvent, Label: "逾期", On: "step", Box: Box{142, 154, 36, 36}}
	down := Edge{From: "late", To: "end", Points: []Point{{160, 190}, {160, 300}}}
	right := Node{ID: "right", Kind: UserTask, Label: "办结", Box: Box{170, 180, 120, 72}}
	for name, tt := range map[string]struct {
		nodes  []Node
		edges  []Edge
		beside float64 // the sign of how far the name stands from the middle of the event
	}{
		"alone":                  {nil, nil, 0},
		"a flow":                 {nil, []Edge{down}, 1},
		"a flow and a step":      {[]Node{right}, []Edge{down}, -1},
		"a step, on one side":    {[]Node{right}, nil, -1},
		"a step and another way": {[]Node{right}, []Edge{{From: "late", Points: []Point{{142, 172}, {20, 172}}}}, -1},
	} {
		c := Chart{Nodes: append([]Node{step, event}, tt.nodes...), Edges: tt.edges}
		l := c.layout().nodes[1]
		if off := l.x - 160; off*tt.beside < 0 || (off == 0) != (tt.beside == 0) {
			t.Errorf("%s: the name stands %v beside the event", name, off)
		}
		if hard, soft := c.field().cover(l.box(fontSize, lineHeight, baseline), math.Inf(1)); hard+soft > 0 {
			t.Errorf("%s: the name covers %v and %v", name, hard, soft)
		}
	}
}
