package pdf

import (
	"math"
	"strings"
)

// Text is the text of a page, with the glyph that each byte comes from.
type Text struct {
	Text string
	// From is where each glyph of the page begins in the text; glyphs without text have the same place as the next one.
	From    []int
	To      []int
	Unknown int // glyphs of which nobody knows what they say
}

// Arrange writes the glyphs of a page as text: in the order in which they are drawn, which is the order of reading for all programs that
// make documents, with line breaks where the base line changes and blanks where there is a gap.
func (p *Page) Arrange() Text {
	t := Text{From: make([]int, len(p.Glyphs)), To: make([]int, len(p.Glyphs))}
	var b strings.Builder
	var endX, endY float64
	var last *Glyph
	for i := range p.Glyphs {
		g := &p.Glyphs[i]
		x, y := g.Start[4], g.Start[5]
		if last != nil && g.Text != "" {
			switch move(last, endX, endY, x, y, g) {
			case '\n':
				b.WriteByte('\n')
			case ' ':
				if s := b.String(); s != "" && s[len(s)-1] != ' ' && g.Text != " " {
					b.WriteByte(' ')
				}
			}
		}
		t.From[i] = b.Len()
		if g.Text == "" {
			t.Unknown++
		}
		b.WriteString(g.Text)
		t.To[i] = b.Len()
		if g.Text != "" || last == nil {
			last = g
		}
		endX, endY = g.Start.apply(g.Width, 0)
		if g.font != nil && g.font.vertical {
			endX, endY = g.Start.apply(0, -1)
		}
	}
	t.Text = b.String()
	return t
}

// move says what stands between a glyph and the next: a line break, a blank or nothing.
func move(last *Glyph, endX, endY, x, y float64, g *Glyph) byte {
	size := math.Max(last.Height, 0.1)
	length := math.Hypot(last.Start[0], last.Start[1])
	if length == 0 {
		return 0
	}
	// Along and across the base line of the last glyph.
	ux, uy := last.Start[0]/length, last.Start[1]/length
	dx, dy := x-endX, y-endY
	along, across := dx*ux+dy*uy, -dx*uy+dy*ux
	if last.font != nil && last.font.vertical {
		along, across = -across, along
	}
	switch {
	case math.Abs(across) > 0.5*size:
		return '\n'
	case along < -0.8*size-math.Hypot(g.Start[0], g.Start[1])*g.Width && last.Text != g.Text: // back on the line: a new column
		return '\n'
	case along > 0.25*size:
		return ' '
	}
	return 0
}

// Code returns the bytes by which the content stream names the glyph.
func (g *Glyph) Code() []byte {
	code := make([]byte, g.size)
	for n := range code {
		code[n] = byte(g.code >> (8 * (g.size - 1 - n)))
	}
	return code
}
