package offline

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// The sign of the platform on a square of 36 units, as web/pictures/icon.svg has it: an open hall, whose roof and door one sees through.
type point struct{ x, y float64 }

var (
	navy  = color.NRGBA{0x0b, 0x3a, 0x5b, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	teal  = color.NRGBA{0x7f, 0xc7, 0xcd, 0xff}

	strokes = []struct {
		fill color.NRGBA
		area []point
	}{
		{white, []point{{18, 6}, {6, 13.8}, {6, 16}, {30, 16}, {30, 13.8}}},
		{white, []point{{8, 18}, {11.5, 18}, {11.5, 26.5}, {8, 26.5}}},
		{white, []point{{24.5, 18}, {28, 18}, {28, 26.5}, {24.5, 26.5}}},
		{white, []point{{6, 28}, {30, 28}, {30, 30.2}, {6, 30.2}}},
		{teal, []point{{13, 18}, {23, 18}, {23, 26.5}, {20.5, 26.5}, {20.5, 21}, {15.5, 21}, {15.5, 26.5}, {13, 26.5}}},
	}
)

// Units of the square, radius of its corners, and how much smaller the sign is where a system cuts icons into a shape of its own (a circle
// of four fifths of the width is sure to be seen).
const (
	units, corner = 36.0, 7.0
	masked        = 0.78
	samples       = 4 // in each direction of a point, for smooth edges
)

// drawIcon returns the sign as a PNG of so many points. A maskable one fills its square.
func drawIcon(size int, maskable bool) ([]byte, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	scale := units / float64(size)
	row := func(y int) []color.NRGBA { // the colours at the corners of a row of points
		colours := make([]color.NRGBA, size+1)
		for x := range colours {
			colours[x], _ = colourAt(point{float64(x) * scale, float64(y) * scale}, maskable)
		}
		return colours
	}
	above := row(0)
	for y := range size {
		below := row(y + 1)
		for x := range size {
			c := above[x]
			if c != above[x+1] || c != below[x] || c != below[x+1] { // an edge goes through it
				c = mean(point{float64(x), float64(y)}, scale, maskable)
			}
			picture.SetNRGBA(x, y, c)
		}
		above = below
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// mean is the colour of one point: the mean of its samples, weighted by how much they cover.
func mean(corner point, scale float64, maskable bool) color.NRGBA {
	var r, g, b, a int
	for i := range samples * samples {
		at := point{
			(corner.x + (float64(i%samples)+0.5)/samples) * scale,
			(corner.y + (float64(i/samples)+0.5)/samples) * scale,
		}
		if c, inside := colourAt(at, maskable); inside {
			r, g, b, a = r+int(c.R), g+int(c.G), b+int(c.B), a+1
		}
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a * 0xff / (samples * samples))}
}

func colourAt(p point, maskable bool) (c color.NRGBA, inside bool) {
	if maskable {
		p = point{(p.x-units/2)/masked + units/2, (p.y-units/2)/masked + units/2}
	} else if !rounded(p) {
		return c, false
	}
	c = navy
	for _, s := range strokes {
		if within(s.area, p) {
			c = s.fill
		}
	}
	return c, true
}

// rounded reports whether a point lies in the square with round corners.
func rounded(p point) bool {
	dx, dy := max(corner-p.x, p.x-(units-corner), 0), max(corner-p.y, p.y-(units-corner), 0)
	return dx*dx+dy*dy <= corner*corner
}

// within counts how often a line to the right crosses the edges.
func within(area []point, p point) bool {
	in := false
	for i, a := range area {
		b := area[(i+1)%len(area)]
		if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
			in = !in
		}
	}
	return in
}
