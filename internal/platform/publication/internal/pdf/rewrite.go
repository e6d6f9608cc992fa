package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
)

// ErrPicture says that a withheld text stands in a picture which cannot be changed here.
var ErrPicture = errors.New("the text stands in a picture of a kind that cannot be changed")

// Cut is a stretch of a page that is taken out.
type Cut struct {
	Page   int
	Glyphs []int  // of Page.Glyphs
	Label  string // printed in its place; empty for a plain bar
}

// taken is a glyph that is taken out of a text operator.
type taken struct {
	item, at, size int
	move           float64
}

// quad is an area of a page: the corners below left, below right, above right, above left of a stretch of text.
type quad [4][2]float64

// bar is a black area with what is printed on it.
type bar struct {
	quad
	label string
}

type rewriter struct {
	f      *File
	w      *writer
	ctx    context.Context //nolint:containedctx // lives as long as one file
	copied map[int]Ref
	cuts   map[source]map[int][]taken
	hide   map[int][]imageArea // areas of pictures that are blackened, by the number of the picture
	labels *LabelFont          // what is printed on bars
	label  Object              // its font in the new file
	err    error
}

type imageArea struct {
	quad
	to matrix
}

// Rewrite makes a new file of the pages, without the cuts and without anything that is not drawn on a page: properties, annotations, form
// fields, bookmarks, attachments, scripts, structure, layers that are switched off, thumbnails, earlier versions. pages are those that Read
// has returned, one for each of the file.
// labels is the font of the labels of cuts; it may be nil when there are none.
func (f *File) Rewrite(ctx context.Context, pages []*Page, cuts []Cut, labels *LabelFont) ([]byte, error) {
	r := &rewriter{f: f, w: &writer{}, ctx: ctx, labels: labels, copied: map[int]Ref{}, cuts: map[source]map[int][]taken{}, hide: map[int][]imageArea{}}
	bars := make([][]bar, len(pages))
	for _, c := range cuts {
		if c.Page < 0 || c.Page >= len(pages) {
			return nil, fmt.Errorf("cut on page %d of %d", c.Page+1, len(pages))
		}
		if c.Label != "" {
			if labels == nil {
				return nil, fmt.Errorf("cut on page %d: a label without a font", c.Page+1)
			}
			if err := labels.check(c.Label); err != nil {
				return nil, err
			}
		}
		list := barsOf(pages[c.Page], c)
		bars[c.Page] = append(bars[c.Page], list...)
	}
	for n, p := range pages {
		if err := r.take(p, cuts, n, bars[n]); err != nil {
			return nil, err
		}
	}
	return r.file(pages, bars)
}

// take notes which glyphs go: those of the cuts, and all others whose middle lies below a bar, such as the copy that makes a text bold.
func (r *rewriter) take(p *Page, cuts []Cut, n int, bars []bar) error {
	gone := make([]bool, len(p.Glyphs))
	for _, c := range cuts {
		if c.Page != n {
			continue
		}
		for _, i := range c.Glyphs {
			gone[i] = true
		}
	}
	for i := range p.Glyphs {
		g := &p.Glyphs[i]
		for b := 0; b < len(bars) && !gone[i]; b++ {
			x, y := g.Start.apply(g.Width/2, 0.3)
			gone[i] = bars[b].holds(x, y)
		}
		if !gone[i] {
			if g.font != nil && g.Text != "" {
				g.font.used[g.code] = g.Text
			}
			continue
		}
		if r.cuts[g.src] == nil {
			r.cuts[g.src] = map[int][]taken{}
		}
		r.cuts[g.src][g.op] = append(r.cuts[g.src][g.op], taken{g.item, g.at, g.size, g.move})
		if g.Hidden {
			if err := r.blacken(p, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// blacken notes that a picture shows what an invisible glyph says.
func (r *rewriter) blacken(p *Page, g *Glyph) error {
	q := quadOf(g)
	x, y := g.Start.apply(g.Width/2, 0.3)
	for _, i := range p.Images {
		inv, ok := i.To.inverse()
		if !ok {
			continue
		}
		if u, v := inv.apply(x, y); u < 0 || u > 1 || v < 0 || v > 1 {
			continue
		}
		if i.Number == 0 {
			return ErrPicture
		}
		r.hide[i.Number] = append(r.hide[i.Number], imageArea{q, inv})
	}
	return nil
}

func (m matrix) inverse() (matrix, bool) {
	d := m[0]*m[3] - m[1]*m[2]
	if math.Abs(d) < 1e-12 {
		return m, false
	}
	return matrix{
		m[3] / d, -m[1] / d, -m[2] / d, m[0] / d,
		(m[2]*m[5] - m[3]*m[4]) / d, (m[1]*m[4] - m[0]*m[5]) / d,
	}, true
}

// How far glyphs reach below and above the base line, in em.
const (
	depth  = -0.25
	height = 0.95
)

func quadOf(g *Glyph) quad {
	var q quad
	left, right, low, high := 0.0, g.Width, depth, height
	if g.font != nil && g.font.vertical {
		left, right, low, high = -0.5, 0.5, -1, 0
	}
	q[0][0], q[0][1] = g.Start.apply(left, low)
	q[1][0], q[1][1] = g.Start.apply(right, low)
	q[2][0], q[2][1] = g.Start.apply(right, high)
	q[3][0], q[3][1] = g.Start.apply(left, high)
	return q
}

// holds reports whether a point lies in the quad.
func (q *quad) holds(x, y float64) bool {
	pos, neg := false, false
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		c := (b[0]-a[0])*(y-a[1]) - (b[1]-a[1])*(x-a[0])
		pos, neg = pos || c > 1e-9, neg || c < -1e-9
	}
	return !(pos && neg)
}

// barsOf joins the glyphs of a cut into bars, one for each line.
func barsOf(p *Page, c Cut) []bar {
	var bars []bar
	var last *Glyph
	for _, i := range c.Glyphs {
		g := &p.Glyphs[i]
		q := quadOf(g)
		if n := len(bars); n > 0 && goesOn(last, g) {
			bars[n-1].quad[1], bars[n-1].quad[2] = q[1], q[2]
		} else {
			bars = append(bars, bar{quad: q})
		}
		last = g
	}
	widest := 0
	for i := range bars {
		if bars[i].width() > bars[widest].width() {
			widest = i
		}
	}
	if len(bars) > 0 {
		bars[widest].label = c.Label
	}
	return bars
}

// goesOn reports whether a glyph stands right behind another on the same line.
func goesOn(last, g *Glyph) bool {
	if last == nil {
		return false
	}
	x, y := last.Start.apply(last.Width, 0)
	if last.font != nil && last.font.vertical {
		return false
	}
	dx, dy := g.Start[4]-x, g.Start[5]-y
	return math.Hypot(dx, dy) < 1.5*math.Max(last.Height, 0.1)
}

func (q *quad) width() float64  { return math.Hypot(q[1][0]-q[0][0], q[1][1]-q[0][1]) }
func (q *quad) height() float64 { return math.Hypot(q[3][0]-q[0][0], q[3][1]-q[0][1]) }

// file writes the pages.
func (r *rewriter) file(pages []*Page, bars [][]bar) ([]byte, error) {
	root, tree := r.w.reserve(), r.w.reserve()
	kids := Array{}
	for n := range pages {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		kid, err := r.page(n, tree, bars[n])
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", n+1, err)
		}
		kids = append(kids, kid)
	}
	if r.err != nil {
		return nil, r.err
	}
	r.w.set(tree, Dict{"Type": Name("Pages"), "Kids": kids, "Count": len(kids)})
	r.w.set(root, Dict{"Type": Name("Catalog"), "Pages": tree})
	return r.w.file(root), nil
}

func (r *rewriter) page(n int, parent Ref, bars []bar) (Ref, error) {
	page := r.f.pages[n]
	data, err := r.f.content(page)
	if err != nil {
		return Ref{}, err
	}
	resources := r.f.dict(page["Resources"])
	out := Dict{"Type": Name("Page"), "Parent": parent, "MediaBox": Array{0, 0, 595, 842}}
	for _, k := range [...]Name{"MediaBox", "CropBox", "Rotate", "UserUnit", "Group"} {
		if v := page[k]; v != nil {
			out[k] = r.copy(v, 0)
		}
	}
	content := append([]byte("q\n"), r.content(data, resources, source{page: n})...)
	content = append(content, "Q\n"...)
	res := r.resources(resources)
	if len(bars) > 0 {
		labels, printed := r.labels.drawBars(bars, r.f.box(page))
		content = append(content, labels...)
		if printed {
			fonts, _ := res["Font"].(Dict)
			fonts = maps.Clone(fonts)
			if fonts == nil {
				fonts = Dict{}
			}
			if r.label == nil {
				other := &rewriter{f: r.labels.file, w: r.w, ctx: r.ctx, copied: map[int]Ref{}, cuts: map[source]map[int][]taken{}, hide: map[int][]imageArea{}}
				r.label = other.font(r.labels.ref)
			}
			fonts[labelFont] = r.label
			res["Font"] = fonts
		}
	}
	s, err := packed(nil, content)
	if err != nil {
		return Ref{}, err
	}
	out["Contents"], out["Resources"] = r.w.add(s), res
	return r.w.add(out), nil
}

// content writes a content stream again without what was taken.
func (r *rewriter) content(data []byte, resources Dict, src source) []byte {
	var b bytes.Buffer
	count, open := -1, 0
	marks := []bool{} // whether each open marked content is switched off
	hidden := 0
	cuts := r.cuts[src]
	err := operations(data, func(op *operation) error {
		count++
		switch op.name {
		case "q":
			open++
		case "Q":
			if open == 0 { // it would undo what keeps the bars in their place
				return nil
			}
			open--
		case "BMC", "BDC":
			off := op.name == "BDC" && r.off(op, resources)
			marks = append(marks, off)
			if off {
				hidden++
			}
			tag, _ := op.args[0].(Name)
			writeName(&b, tag)
			b.WriteString(" BMC\n") // without properties: they say what the text says
			return nil
		case "EMC":
			if n := len(marks); n > 0 {
				if marks[n-1] {
					hidden--
				}
				marks = marks[:n-1]
			}
		case "MP", "DP":
			return nil
		case "Tj", "'", "\"", "TJ":
			if hidden > 0 {
				return nil
			}
			if list := cuts[count]; len(list) > 0 {
				retype(&b, op, list)
				return nil
			}
		case "Do", "BI", "sh":
			if hidden > 0 {
				return nil
			}
		case "f", "F", "f*", "S", "s", "B", "B*", "b", "b*":
			if hidden > 0 {
				b.WriteString("n\n")
				return nil
			}
		}
		b.Write(data[op.from:op.to])
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		r.err = err
	}
	for ; open > 0; open-- {
		b.WriteString("Q\n")
	}
	return b.Bytes()
}

// off reports whether marked content belongs to a layer that is switched off.
func (r *rewriter) off(op *operation, resources Dict) bool {
	if len(op.args) < 2 || op.args[0] != Name("OC") {
		return false
	}
	name, _ := op.args[1].(Name)
	ref, ok := r.f.dict(resources["Properties"])[name].(Ref)
	return ok && r.f.layerOff(ref)
}

// layerOff reports whether an optional content group is off when the file is opened.
func (f *File) layerOff(ref Ref) bool {
	config := f.dict(f.dict(f.root()["OCProperties"])["D"])
	for _, o := range f.list(config["OFF"]) {
		if o == ref {
			return true
		}
	}
	if f.Resolve(config["BaseState"]) == Name("OFF") {
		for _, o := range f.list(config["ON"]) {
			if o == ref {
				return false
			}
		}
		return true
	}
	return false
}

// retype writes a text operator with gaps in place of what was taken.
func retype(b *bytes.Buffer, op *operation, cuts []taken) {
	switch op.name {
	case "\"":
		if len(op.args) >= 3 {
			write(b, op.args[0], 0)
			b.WriteString(" Tw ")
			write(b, op.args[1], 0)
			b.WriteString(" Tc ")
		}
		b.WriteString("T* ")
	case "'":
		b.WriteString("T* ")
	}
	list, ok := op.args[len(op.args)-1].(Array)
	if !ok {
		list = Array{op.args[len(op.args)-1]}
	}
	out := Array{}
	for item, o := range list {
		text, ok := o.(String)
		if !ok {
			out = append(out, o)
			continue
		}
		from := 0
		for _, c := range cuts {
			if c.item != item || c.at < from {
				continue
			}
			if c.at > from {
				out = append(out, text[from:c.at])
			}
			out = append(out, math.Round(c.move*1000)/1000)
			from = c.at + c.size
		}
		if from < len(text) {
			out = append(out, text[from:])
		}
	}
	write(b, out, 0)
	b.WriteString(" TJ\n")
}
