package document

import (
	"bytes"
	"fmt"

	"github.com/signintech/gopdf"
	"github.com/skip2/go-qrcode"
)

const point = 72 / 25.4 // points in a millimetre

// print makes the PDF of a letter. Every character was found in a font before the first is drawn.
func (t *typeset) print(l *Letter) ([]byte, error) {
	pages, err := layout(t, l)
	if err != nil {
		return nil, err
	}
	return t.printPages(pages)
}

// printPages draws pages whose every character is in a font.
func (t *typeset) printPages(pages []page) ([]byte, error) {
	pdf := &gopdf.GoPdf{}
	pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	used := t.used(pages)
	for _, name := range boldFaces {
		if len(used[name]) == 0 {
			continue
		}
		font, err := t.faces[name].cut(used[name])
		if err == nil {
			err = pdf.AddTTFFontData(name, font)
		}
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
	}
	for _, p := range pages {
		pdf.AddPage()
		for i := range p.items {
			if err := t.draw(pdf, &p.items[i]); err != nil {
				return nil, fmt.Errorf("print: %w", err)
			}
		}
	}
	var b bytes.Buffer
	if _, err := pdf.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	return b.Bytes(), nil
}

// used lists the characters that the pages need of each font.
func (t *typeset) used(pages []page) map[string][]rune {
	type sign struct {
		font string
		r    rune
	}
	out, seen := map[string][]rune{}, map[sign]bool{}
	for _, p := range pages {
		for i := range p.items {
			if p.items[i].kind != "text" {
				continue
			}
			for _, r := range p.items[i].text {
				name, _, err := t.find(p.items[i].style.faces, r)
				if s := (sign{name, r}); err == nil && !seen[s] {
					seen[s] = true
					out[name] = append(out[name], r)
				}
			}
		}
	}
	return out
}

func (t *typeset) draw(pdf *gopdf.GoPdf, i *item) error {
	c := i.style.colour
	switch i.kind {
	case "text":
		pdf.SetTextColor(c[0], c[1], c[2])
		return t.text(pdf, i)
	case "rule":
		pdf.SetStrokeColor(c[0], c[1], c[2])
		pdf.SetLineType("solid")
		pdf.SetLineWidth(i.style.size * point)
		pdf.Line(i.x*point, i.y*point, i.x2*point, i.y2*point)
		return nil
	case "box":
		pdf.SetStrokeColor(c[0], c[1], c[2])
		pdf.SetLineType("solid")
		pdf.SetLineWidth(i.style.size * point)
		pdf.RectFromUpperLeftWithStyle(i.x*point, i.y*point, (i.x2-i.x)*point, (i.y2-i.y)*point, "D")
		return nil
	case "bar":
		pdf.SetFillColor(c[0], c[1], c[2])
		pdf.RectFromUpperLeftWithStyle(i.x*point, i.y*point, (i.x2-i.x)*point, (i.y2-i.y)*point, "F")
		return nil
	case "ring":
		pdf.SetStrokeColor(c[0], c[1], c[2])
		pdf.SetLineWidth(0.4)
		pdf.SetLineType("dotted")
		pdf.Oval(i.x*point, i.y*point, (i.x+i.x2)*point, (i.y+i.x2)*point)
		pdf.SetLineType("solid")
		return nil
	default:
		return code(pdf, i)
	}
}

// text draws a text, each stretch in the font that has it.
func (t *typeset) text(pdf *gopdf.GoPdf, i *item) error {
	at := i.x
	var run []rune
	font, width := "", 0.0
	flush := func() error {
		if len(run) == 0 {
			return nil
		}
		if err := pdf.SetFont(font, "", i.style.size); err != nil {
			return err
		}
		if err := pdf.SetCharSpacing(i.style.spacing * point); err != nil {
			return err
		}
		pdf.SetXY(at*point, i.y*point)
		if err := pdf.Text(string(run)); err != nil {
			return err
		}
		at, run, width = at+width, run[:0], 0
		return nil
	}
	for _, r := range i.text {
		name, w, err := t.find(i.style.faces, r)
		if err != nil {
			return err
		}
		if name != font {
			if err := flush(); err != nil {
				return err
			}
			font = name
		}
		run = append(run, r)
		width += w*i.style.em() + i.style.spacing
	}
	return flush()
}

// code draws a QR code as rectangles: sharp at any size, and small.
func code(pdf *gopdf.GoPdf, i *item) error {
	q, err := qrcode.New(i.text, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	q.DisableBorder = true
	dots := q.Bitmap()
	size := i.x2 / float64(len(dots))
	pdf.SetFillColor(0, 0, 0)
	for y, row := range dots {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				pdf.RectFromUpperLeftWithStyle((i.x+float64(from)*size)*point, (i.y+float64(y)*size)*point, float64(x-from)*size*point, size*point, "F")
			}
		}
	}
	return nil
}
