package document

// Drawing is a picture of lines, boxes and words, in units of its own; it is set as wide as the page, and no higher.
type Drawing struct {
	Width, Height float64
	Boxes         []DrawnBox
	Lines         []DrawnLine
	Words         []DrawnWords
}

// DrawnBox is a rectangle by its upper left corner.
type DrawnBox struct{ X, Y, W, H float64 }

// DrawnLine leads from one point to another.
type DrawnLine struct{ X1, Y1, X2, Y2 float64 }

// DrawnWords is a line of text whose middle stands at X, and whose baseline at Y. Size is the height of its type.
type DrawnWords struct {
	X, Y, Size float64
	Text       string
}

// thinLine is the width of the lines of a drawing, in mm.
const thinLine = 0.18

// drawing sets a picture, on the next page when it does not fit on this one.
func (x *setter) drawing(d *Drawing) error {
	if d.Width <= 0 || d.Height <= 0 {
		return nil
	}
	scale := min(paperWidth/d.Width, (paperBottom-paperTop)/d.Height, 0.26) // never larger than as it is drawn at 96 dots an inch
	if x.y+d.Height*scale > paperBottom {
		x.turn()
	}
	left, top := paperLeft+(paperWidth-d.Width*scale)/2, x.y+1
	line := style{size: thinLine, colour: black}
	for _, b := range d.Boxes {
		x.put(item{kind: "box", x: left + b.X*scale, y: top + b.Y*scale, x2: left + (b.X+b.W)*scale, y2: top + (b.Y+b.H)*scale, style: line})
	}
	for _, l := range d.Lines {
		x.put(item{kind: "rule", x: left + l.X1*scale, y: top + l.Y1*scale, x2: left + l.X2*scale, y2: top + l.Y2*scale, style: line})
	}
	for _, w := range d.Words {
		s := style{faces: plainFaces, size: w.Size * scale * point, colour: black}
		width, err := x.measure(&s, w.Text)
		if err != nil {
			return err
		}
		x.put(item{kind: "text", x: left + w.X*scale - width/2, y: top + w.Y*scale, style: s, text: w.Text})
	}
	x.y = top + d.Height*scale + 3
	return nil
}
