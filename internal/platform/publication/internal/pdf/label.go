package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

const (
	labelFont  Name = "OpenhallLabel"
	leastLabel      = 5.0 // points: what is smaller cannot be read
	noteSize        = 7.0
)

// ErrLabel says that the font of labels lacks a character of one.
var ErrLabel = errors.New("no font has a character of what is to be printed on the bar")

// LabelFont is the font of what is printed on bars, taken out of another PDF.
type LabelFont struct {
	file  *File
	ref   Ref
	codes map[rune]labelGlyph
}

type labelGlyph struct {
	code  String
	width float64
}

// NewLabelFont takes the font out of a PDF in which all characters that will be printed stand on the first page.
func NewLabelFont(ctx context.Context, content []byte, limits Limits) (*LabelFont, error) {
	f, err := Open(ctx, content, limits)
	if err != nil {
		return nil, fmt.Errorf("font of labels: %w", err)
	}
	p, err := f.Read(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("font of labels: %w", err)
	}
	l := &LabelFont{file: f, codes: map[rune]labelGlyph{}}
	for _, o := range f.dict(f.dict(f.pages[0]["Resources"])["Font"]) {
		if ref, ok := o.(Ref); ok {
			l.ref = ref
		}
	}
	for i := range p.Glyphs {
		g := &p.Glyphs[i]
		r, size := utf8.DecodeRuneInString(g.Text)
		if size != len(g.Text) || size == 0 {
			continue
		}
		if g.code == 0 { // the glyph for what is not there
			continue
		}
		code := make(String, g.size)
		for n := range code {
			code[n] = byte(g.code >> (8 * (g.size - 1 - n)))
		}
		l.codes[r] = labelGlyph{code, g.Width}
		g.font.used[g.code] = g.Text
	}
	return l, nil
}

// Has reports whether the font draws all characters.
func (l *LabelFont) Has(all map[rune]bool) bool {
	for r := range all {
		if _, ok := l.codes[r]; !ok {
			return false
		}
	}
	return true
}

// check reports whether the font has all characters.
func (l *LabelFont) check(text string) error {
	for _, r := range text {
		if _, ok := l.codes[r]; !ok {
			return fmt.Errorf("%w: U+%04X", ErrLabel, r)
		}
	}
	return nil
}

// ems returns the width of a text, in em.
func (l *LabelFont) ems(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += l.codes[r].width
	}
	return w
}

// drawBars draws bars and what is printed on them. A label that has no room is printed at the foot of the page, under a number on the bar.
func (l *LabelFont) drawBars(bars []bar, box [4]float64) (content []byte, printed bool) {
	var b bytes.Buffer
	b.WriteString("q 0 g\n")
	for i := range bars {
		for n, c := range bars[i].quad {
			fmt.Fprintf(&b, "%.2f %.2f %s ", c[0], c[1], [...]string{"m", "l", "l", "l"}[n])
		}
		b.WriteString("h f\n")
	}
	b.WriteString("Q\n")
	var notes []string
	numbers := map[string]int{}
	for i := range bars {
		q := &bars[i]
		if q.label == "" {
			continue
		}
		printed = true
		text := q.label
		size := math.Min(0.7*q.height(), 0.95*q.width()/l.ems(text))
		if size < leastLabel {
			n, ok := numbers[text]
			if !ok {
				notes = append(notes, text)
				n = len(notes)
				numbers[text] = n
			}
			text = fmt.Sprint(n)
			size = math.Min(0.7*q.height(), 0.95*q.width()/l.ems(text))
		}
		ux, uy := (q.quad[1][0]-q.quad[0][0])/q.width(), (q.quad[1][1]-q.quad[0][1])/q.width()
		left := (q.width() - size*l.ems(text)) / 2
		low := (q.height() - size*0.76) / 2
		x := q.quad[0][0] + left*ux - low*uy
		y := q.quad[0][1] + left*uy + low*ux
		l.print(&b, text, "1 g", size, ux, uy, x, y)
	}
	for i, note := range notes {
		text := fmt.Sprintf("%d %s", i+1, note)
		x, y := box[0]+24, box[1]+8+float64(len(notes)-1-i)*(noteSize+2)
		fmt.Fprintf(&b, "q 1 g %.2f %.2f %.2f %.2f re f Q\n", x-2, y-2, noteSize*l.ems(text)+4, noteSize+2)
		l.print(&b, text, "0 g", noteSize, 1, 0, x, y)
	}
	return b.Bytes(), printed
}

func (l *LabelFont) print(b *bytes.Buffer, text, colour string, size, ux, uy, x, y float64) {
	fmt.Fprintf(b, "q %s BT /%s %.2f Tf %.4f %.4f %.4f %.4f %.2f %.2f Tm <", colour, labelFont, size, ux, uy, -uy, ux, x, y)
	for _, r := range text {
		fmt.Fprintf(b, "%x", []byte(l.codes[r].code))
	}
	b.WriteString("> Tj ET Q\n")
}
