package flowchart

import (
	"fmt"
	"io/fs"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/procedures"
)

// inked is a line of text as the test measures it by itself: a Han character as wide as it is high, any other half as wide.
type inked struct {
	what string
	Box
}

func ink(what string, l label, size, line float64) []inked {
	var list []inked
	for i, text := range l.lines {
		w := 0.0
		for _, r := range text {
			if utf8.RuneLen(r) > 2 {
				w += size
			} else {
				w += size / 2
			}
		}
		const above, beneath = 0.8, 0.16 // the baseline, in heights of type
		list = append(list, inked{fmt.Sprintf("%q of %s", text, what), Box{l.x - w/2, l.y + float64(i)*line - above*size, w, (above + beneath) * size}})
	}
	return list
}

// TestNothingLiesOnWords: in the charts that ship, in every language, no words lie on other words, on a shape or on the head of a lane, all words
// are there, and what the picture holds reaches around them.
func TestNothingLiesOnWords(t *testing.T) {
	files, err := fs.Glob(procedures.Files, "*.bpmn")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d charts: %v", len(files), err)
	}
	looked, crossed := 0, 0
	for _, file := range files {
		for _, tag := range lang.All {
			c := FromProcedure(shipped(t, strings.TrimSuffix(file, ".bpmn")), tag, nil)
			l := c.layout()
			bounds := c.bounds(l)
			var free, shapes []inked
			for i, n := range c.Nodes {
				switch {
				case n.gateway():
					free = append(free, ink(n.ID, l.nodes[i], fontSize, lineHeight)...)
				case n.outside():
					shapes = append(shapes, inked{n.ID, n.Box})
					free = append(free, ink(n.ID, l.nodes[i], fontSize, lineHeight)...)
				case n.Expanded:
					free = append(free, ink(n.ID, l.nodes[i], fontSize, lineHeight)...)
				default:
					shapes = append(shapes, inked{n.ID, n.Box})
				}
				whole(t, file, tag, n.Label, l.nodes[i])
			}
			for i, e := range c.Edges {
				free = append(free, ink(e.ID, l.flows[i], flowSize, flowLine)...)
				whole(t, file, tag, e.Label, l.flows[i])
			}
			for i := range c.Lanes {
				shapes = append(shapes, inked{c.Lanes[i].Name, c.Lanes[i].head()})
			}
			for i, w := range free {
				looked++
				for _, o := range append(free[i+1:len(free):len(free)], shapes...) {
					if w.shared(o.Box) > 0 {
						t.Errorf("%s, %s: %s lies on %s", file, tag, w.what, o.what)
					}
				}
				for _, n := range c.Nodes {
					if n.gateway() && onDiamond(w.Box, n.Box) {
						t.Errorf("%s, %s: %s lies on %s", file, tag, w.what, n.ID)
					}
				}
				if w.X < bounds.X || w.Y < bounds.Y || w.X+w.W > bounds.X+bounds.W || w.Y+w.H > bounds.Y+bounds.H {
					t.Errorf("%s, %s: %s leaves the picture", file, tag, w.what)
				}
				if c.crossed(w.Box) {
					crossed++
				}
			}
		}
	}
	if looked < 1000 {
		t.Errorf("%d lines were looked at", looked)
	}
	if crossed*50 > looked {
		t.Errorf("flows run through %d of %d lines", crossed, looked)
	}
	t.Logf("%d lines, flows run through %d", looked, crossed)
}

// whole tests that nothing of a text is left out.
func whole(t *testing.T, file string, tag lang.Tag, text string, l label) {
	t.Helper()
	squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if got := squeeze(strings.Join(l.lines, "")); got != squeeze(text) {
		t.Errorf("%s, %s: of %q stands %q", file, tag, text, l.lines)
	}
}

// onDiamond reports whether a box reaches into the diamond that another holds.
func onDiamond(b, d Box) bool {
	x, y := d.X+d.W/2, d.Y+d.H/2
	dx, dy := max(b.X-x, x-b.X-b.W, 0), max(b.Y-y, y-b.Y-b.H, 0)
	return dx/(d.W/2)+dy/(d.H/2) < 1
}

// crossed reports whether a flow runs through a box.
func (c Chart) crossed(b Box) bool {
	for _, e := range c.Edges {
		for i := 1; i < len(e.Points); i++ {
			p, q := e.Points[i-1], e.Points[i]
			if b.shared(Box{min(p.X, q.X) - 0.5, min(p.Y, q.Y) - 0.5, math.Abs(p.X-q.X) + 1, math.Abs(p.Y-q.Y) + 1}) > 0 {
				return true
			}
		}
	}
	return false
}

// TestFieldCountsOnce: what covers several squares counts once, what lies outside the field counts too, and what is taken does not count.
func TestFieldCountsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Chart{Lanes: []Lane{{Box: Box{0, 0, 900, 700}}}}
		f := c.field()
		f.things, f.squares = nil, make([][]int32, len(f.squares))
		draw := func(name string) Box {
			return Box{rapid.Float64Range(-300, 1200).Draw(t, name+" x"), rapid.Float64Range(-300, 1000).Draw(t, name+" y"),
				rapid.Float64Range(1, 600).Draw(t, name+" w"), rapid.Float64Range(1, 600).Draw(t, name+" h")}
		}
		asked, want := draw("asked"), 0.0
		for range rapid.IntRange(0, 6).Draw(t, "things") {
			b := draw("thing")
			i := f.put(b, 2, true)
			if rapid.Bool().Draw(t, "taken") {
				f.take(i)
			} else {
				want += 2 * asked.shared(b)
			}
		}
		if hard, soft := f.cover(asked, math.Inf(1)); math.Abs(hard-want) > 1e-6*(1+want) || soft != 0 {
			t.Fatalf("%v and %v are covered, want %v", hard, soft, want)
		}
	})
}

// BenchmarkLayout places the words of the chart of requests for information, which has the most of those that ship.
func BenchmarkLayout(b *testing.B) {
	data, err := procedures.Files.ReadFile("request.bpmn")
	if err != nil {
		b.Fatal(err)
	}
	c := FromProcedure(parsed(b, data), lang.Hans, nil)
	b.ReportAllocs()
	for b.Loop() {
		_ = c.layout()
	}
}
