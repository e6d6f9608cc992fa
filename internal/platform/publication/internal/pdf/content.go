package pdf

import (
	"context"
	"fmt"
	"math"
)

// matrix is an affine map: x' = a·x + c·y + e, y' = b·x + d·y + f.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times applies m first and then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// source is the content stream that a glyph is drawn by: a page (Form 0), or a form that pages share.
type source struct {
	page int // -1 for forms
	form int // number of the object
}

// Glyph is one character that is drawn.
type Glyph struct {
	Text   string  // empty when nobody knows what it says
	Start  matrix  // from the glyph's em square to the page
	Width  float64 // in em
	Height float64 // size on the page, for gaps
	Hidden bool    // drawn invisibly, as the text under a scan is
	src    source
	op     int // number of the operator in its stream
	item   int // which string of it
	at     int // byte of the string
	size   int // bytes
	font   *font
	code   uint32
	move   float64 // the number of a TJ operator that moves on as far as the glyph does
}

// Image is a picture that is drawn.
type Image struct {
	Number int    // of the object; 0 for one in the content
	To     matrix // from the unit square to the page
}

// Page is what a page draws.
type Page struct {
	Glyphs []Glyph
	Images []Image
	// Paths counts strokes and fills: a page of many and no text may be text that was turned into drawings.
	Paths int
	// Marked are texts that stand in the content for programs that read aloud or copy (ActualText, Alt).
	Marked []string
}

// state is what q saves.
type state struct {
	ctm                          matrix
	font                         *font
	size, char, word, rise, lead float64
	scale                        float64
	mode                         int
}

// interpreter runs content streams.
type interpreter struct {
	f      *File
	ctx    context.Context //nolint:containedctx // lives as long as one page
	page   *Page
	active map[int]bool // forms that are being drawn
	steps  int
}

// operation is one operator with its operands.
type operation struct {
	name     string
	args     []Object
	from, to int // where it stands in the stream
}

// operations calls each for the operators of a content stream; inline pictures count as one operator, BI.
func operations(data []byte, each func(op *operation) error) error {
	l := lexer{b: data, plain: true}
	op := operation{}
	l.space()
	op.from = l.at
	for {
		switch v := l.value().(type) {
		case end:
			return nil
		case closing:
		case Operator:
			op.name, op.to = string(v), l.at
			if v == "BI" {
				l.inlineImage(&op)
			}
			if err := each(&op); err != nil {
				return err
			}
			l.space()
			op = operation{args: op.args[:0], from: l.at}
		default:
			if len(op.args) < 1<<12 {
				op.args = append(op.args, v)
			}
		}
	}
}

// inlineImage passes over a picture in the content: up to EI between white space.
func (l *lexer) inlineImage(op *operation) {
	for at := l.at; ; {
		i := indexFrom(l.b, at, "EI")
		if i >= len(l.b) {
			l.at, op.to = len(l.b), len(l.b)
			return
		}
		at = i + 2
		if i > 0 && isSpace(l.b[i-1]) && (at == len(l.b) || isSpace(l.b[at])) {
			l.at, op.to = at, at
			return
		}
	}
}

// content returns what the content streams of a page hold, one behind the other.
func (f *File) content(page Dict) ([]byte, error) {
	var all []byte
	for _, o := range f.list(page["Contents"]) {
		s, ok := f.Resolve(o).(*Stream)
		if !ok {
			continue
		}
		data, picture, err := f.decode(s)
		if err != nil {
			return nil, err
		}
		if picture != "" {
			continue
		}
		all = append(append(all, data...), '\n')
	}
	return all, nil
}

// Read runs the content of a page.
func (f *File) Read(ctx context.Context, n int) (*Page, error) {
	p := &Page{}
	in := &interpreter{f: f, ctx: ctx, page: p, active: map[int]bool{}}
	data, err := f.content(f.pages[n])
	if err != nil {
		return nil, err
	}
	base := state{ctm: identity, scale: 1}
	if err := in.run(data, f.dict(f.pages[n]["Resources"]), base, source{page: n}, 0); err != nil {
		return nil, err
	}
	return p, nil
}

// ReadForm runs a form that no page draws: the appearance of an annotation, something left over.
func (f *File) ReadForm(ctx context.Context, number int) (*Page, error) {
	p := &Page{}
	x, ok := f.load(number).(*Stream)
	if !ok || f.drawn[number] {
		return p, nil
	}
	in := &interpreter{f: f, ctx: ctx, page: p, active: map[int]bool{number: true}}
	data, _, err := f.decode(x)
	if err != nil {
		return nil, err
	}
	return p, in.run(data, f.dict(x.Dict["Resources"]), state{ctm: identity, scale: 1}, source{-1, number}, 1)
}

const maxStates = 512

// maxPageGlyphs bounds the characters of a page, each of which takes some 160 bytes while the page is read. A page of a newspaper has 15,000.
const maxPageGlyphs = 1 << 18

// run executes a content stream.
func (in *interpreter) run(data []byte, resources Dict, s state, src source, depth int) error {
	if depth > min(in.f.limits.Depth, 30) {
		return nil
	}
	var stack []state
	tm, line := identity, identity
	count := -1
	arg := func(op *operation, i int) float64 {
		if i < len(op.args) {
			return num(op.args[i])
		}
		return 0
	}
	matrixOf := func(op *operation) matrix {
		return matrix{arg(op, 0), arg(op, 1), arg(op, 2), arg(op, 3), arg(op, 4), arg(op, 5)}
	}
	next := func(x, y float64) {
		line = matrix{1, 0, 0, 1, x, y}.times(line)
		tm = line
	}
	return operations(data, func(op *operation) error {
		count++
		if in.steps++; in.steps%512 == 0 {
			if err := in.ctx.Err(); err != nil {
				return err
			}
		}
		switch op.name {
		case "q":
			if len(stack) < maxStates {
				stack = append(stack, s)
			}
		case "Q":
			if n := len(stack); n > 0 {
				s, stack = stack[n-1], stack[:n-1]
			}
		case "cm":
			s.ctm = matrixOf(op).times(s.ctm)
		case "BT":
			tm, line = identity, identity
		case "Tf":
			if len(op.args) >= 2 {
				name, _ := op.args[0].(Name)
				s.font, s.size = in.f.fontOf(resources, name), arg(op, 1)
			}
		case "gs":
			if len(op.args) > 0 {
				name, _ := op.args[0].(Name)
				if list := in.f.list(in.f.dict(in.f.dict(resources["ExtGState"])[name])["Font"]); len(list) == 2 {
					s.font, s.size = in.f.fontAt(list[0]), num(list[1])
				}
			}
		case "Tc":
			s.char = arg(op, 0)
		case "Tw":
			s.word = arg(op, 0)
		case "Tz":
			s.scale = arg(op, 0) / 100
		case "TL":
			s.lead = arg(op, 0)
		case "Ts":
			s.rise = arg(op, 0)
		case "Tr":
			s.mode = int(arg(op, 0))
		case "Td":
			next(arg(op, 0), arg(op, 1))
		case "TD":
			s.lead = -arg(op, 1)
			next(arg(op, 0), arg(op, 1))
		case "Tm":
			line = matrixOf(op)
			tm = line
		case "T*":
			next(0, -s.lead)
		case "Tj", "'", "\"", "TJ":
			if op.name == "\"" && len(op.args) >= 3 {
				s.word, s.char = arg(op, 0), arg(op, 1)
			}
			if op.name == "'" || op.name == "\"" {
				next(0, -s.lead)
			}
			return in.show(op, &s, &tm, src, count)
		case "Do":
			return in.object(op, resources, s, depth)
		case "BI":
			in.page.Images = append(in.page.Images, Image{To: s.ctm})
		case "BDC", "DP":
			if len(op.args) == 2 {
				d, ok := op.args[1].(Dict)
				if name, isName := op.args[1].(Name); isName && !ok {
					d = in.f.dict(in.f.dict(resources["Properties"])[name])
				}
				for _, key := range [...]Name{"ActualText", "Alt", "E"} {
					if text, ok := d[key].(String); ok {
						in.page.Marked = append(in.page.Marked, text.Text())
					}
				}
			}
		case "f", "F", "f*", "S", "s", "B", "B*", "b", "b*":
			in.page.Paths++
		}
		return nil
	})
}

// show draws the strings of a text operator.
func (in *interpreter) show(op *operation, s *state, tm *matrix, src source, count int) error {
	if s.font == nil || len(op.args) == 0 {
		return nil
	}
	list, ok := op.args[len(op.args)-1].(Array)
	if !ok {
		list = Array{op.args[len(op.args)-1]}
	}
	for item, o := range list {
		text, ok := o.(String)
		if !ok {
			move := -num(o) / 1000 * s.size
			if s.font.vertical {
				*tm = matrix{1, 0, 0, 1, 0, move}.times(*tm)
			} else {
				*tm = matrix{1, 0, 0, 1, move * s.scale, 0}.times(*tm)
			}
			continue
		}
		for at := 0; at < len(text); {
			g := s.font.next(text[at:])
			if in.f.glyphs++; in.f.glyphs > in.f.limits.Glyphs {
				return fmt.Errorf("%w: more than %d characters", ErrLimit, in.f.limits.Glyphs)
			}
			if len(in.page.Glyphs) >= maxPageGlyphs {
				return fmt.Errorf("%w: more than %d characters on a page", ErrLimit, maxPageGlyphs)
			}
			start := matrix{s.size * s.scale, 0, 0, s.size, 0, s.rise}.times(*tm).times(s.ctm)
			in.page.Glyphs = append(in.page.Glyphs, Glyph{
				Text: validText(g.text), Start: start, Width: g.width, Height: math.Hypot(start[2], start[3]), Hidden: s.mode == 3 || s.mode == 7,
				src: src, op: count, item: item, at: at, size: g.size, font: s.font, code: g.code, move: s.tj(g),
			})
			advance := s.advance(g)
			if s.font.vertical {
				*tm = matrix{1, 0, 0, 1, 0, -math.Abs(advance)}.times(*tm)
			} else {
				*tm = matrix{1, 0, 0, 1, advance * s.scale, 0}.times(*tm)
			}
			at += g.size
		}
	}
	return nil
}

// advance is how far a glyph moves on, before the horizontal scale.
func (s *state) advance(g glyphCode) float64 {
	w := g.width*s.size + s.char
	if s.font.vertical {
		w = s.size + s.char
	}
	if g.space {
		w += s.word
	}
	return w
}

// tj returns the number by which a TJ operator moves on as far as the glyph does.
func (s *state) tj(g glyphCode) float64 {
	if s.size == 0 {
		return 0
	}
	n := s.advance(g) / s.size * 1000
	if s.font.vertical {
		return math.Abs(n)
	}
	return -n
}

// object draws a form or a picture.
func (in *interpreter) object(op *operation, resources Dict, s state, depth int) error {
	if len(op.args) == 0 {
		return nil
	}
	name, _ := op.args[0].(Name)
	o := in.f.dict(resources["XObject"])[name]
	ref, _ := o.(Ref)
	x, ok := in.f.Resolve(o).(*Stream)
	if !ok {
		return nil
	}
	if x.Dict["Subtype"] != Name("Form") {
		in.page.Images = append(in.page.Images, Image{ref.Number, s.ctm})
		return nil
	}
	if in.active[ref.Number] {
		return nil
	}
	data, _, err := in.f.decode(x)
	if err != nil {
		return err
	}
	if m := in.f.list(x.Dict["Matrix"]); len(m) == 6 {
		var fm matrix
		for i := range m {
			fm[i] = num(in.f.Resolve(m[i]))
		}
		s.ctm = fm.times(s.ctm)
	}
	own := in.f.dict(x.Dict["Resources"])
	if own == nil {
		own = resources
	}
	in.active[ref.Number], in.f.drawn[ref.Number] = true, true
	defer delete(in.active, ref.Number)
	return in.run(data, own, s, source{-1, ref.Number}, depth+1)
}
