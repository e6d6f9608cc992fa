package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
)

// maxPixels bounds the pictures that are unpacked to be blackened.
const maxPixels = 100 << 20

// blackened unpacks a picture and paints areas of it black. JPEG and plain pictures of 1 or 8 bits in grey or RGB are understood: what scanners
// and office programs write.
func (f *File) blackened(s *Stream, areas []imageArea) (*Stream, error) {
	width, _ := integer(f.Resolve(s.Dict["Width"]))
	height, _ := integer(f.Resolve(s.Dict["Height"]))
	if width <= 0 || height <= 0 || width > maxPixels/height {
		return nil, ErrPicture
	}
	data, left, err := f.decode(s)
	if err != nil {
		return nil, err
	}
	var img image.Image
	switch left {
	case "DCTDecode", "DCT":
		// The picture's own head counts, which may say more than the file around it.
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
			return nil, ErrPicture
		}
		if img, err = jpeg.Decode(bytes.NewReader(data)); err != nil {
			return nil, ErrPicture
		}
	case "":
		if img = f.plainPicture(s, data, width, height); img == nil {
			return nil, ErrPicture
		}
	default:
		return nil, ErrPicture
	}
	b := img.Bounds()
	rgb := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) //nolint:errcheck,forcetypeassert // the model makes no other
			rgb = append(rgb, c.R, c.G, c.B)
		}
	}
	for i := range areas {
		paint(rgb, b.Dx(), b.Dy(), &areas[i])
	}
	return packed(Dict{
		"Type": Name("XObject"), "Subtype": Name("Image"), "Width": b.Dx(), "Height": b.Dy(), "ColorSpace": Name("DeviceRGB"), "BitsPerComponent": 8,
	}, rgb)
}

// plainPicture reads pixels that stand in the stream as they are.
func (f *File) plainPicture(s *Stream, data []byte, width, height int) image.Image {
	bits, _ := integer(f.Resolve(s.Dict["BitsPerComponent"]))
	if mask, _ := f.Resolve(s.Dict["ImageMask"]).(bool); mask || s.Dict["Decode"] != nil {
		return nil
	}
	colours := 0
	switch space := f.list(s.Dict["ColorSpace"]); {
	case len(space) == 0:
	case f.Resolve(space[0]) == Name("DeviceGray"), f.Resolve(space[0]) == Name("CalGray"):
		colours = 1
	case f.Resolve(space[0]) == Name("DeviceRGB"), f.Resolve(space[0]) == Name("CalRGB"):
		colours = 3
	case f.Resolve(space[0]) == Name("ICCBased") && len(space) > 1:
		colours, _ = integer(f.Resolve(f.dict(space[1])["N"]))
	}
	row := (width*colours*bits + 7) / 8
	if colours != 1 && colours != 3 || bits != 8 && (bits != 1 || colours != 1) || len(data) < row*height {
		return nil
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		line := data[y*row:]
		for x := range width {
			c := color.RGBA{A: 255}
			switch {
			case bits == 1:
				v := line[x/8] >> (7 - x%8) & 1 * 255
				c.R, c.G, c.B = v, v, v
			case colours == 1:
				c.R, c.G, c.B = line[x], line[x], line[x]
			default:
				c.R, c.G, c.B = line[3*x], line[3*x+1], line[3*x+2]
			}
			out.SetRGBA(x, y, c)
		}
	}
	return out
}

// paint blackens the pixels that an area covers, and those beside them.
func paint(rgb []byte, width, height int, a *imageArea) {
	x0, y0, x1, y1 := 1.0, 1.0, 0.0, 0.0
	for _, corner := range a.quad {
		u, v := a.to.apply(corner[0], corner[1])
		x0, x1, y0, y1 = min(x0, u), max(x1, u), min(y0, v), max(y1, v)
	}
	// The rows of a picture run down, the unit square up.
	left, right := int(x0*float64(width))-2, int(x1*float64(width))+2
	top, bottom := int((1-y1)*float64(height))-2, int((1-y0)*float64(height))+2
	for y := max(0, top); y < min(height, bottom); y++ {
		for x := max(0, left); x < min(width, right); x++ {
			at := 3 * (y*width + x)
			rgb[at], rgb[at+1], rgb[at+2] = 0, 0, 0
		}
	}
}

// WithoutMetadata takes comments and all application segments out of a JPEG file but those that its colours need: place, time, camera, owner
// and a thumbnail of the picture before it was cropped stand in them. What is no JPEG file is returned as it is.
func WithoutMetadata(b []byte) []byte {
	if len(b) < 4 || b[0] != 0xFF || b[1] != 0xD8 {
		return b
	}
	out := append(make([]byte, 0, len(b)), b[:2]...)
	for at := 2; at+4 <= len(b); {
		if b[at] != 0xFF {
			return b
		}
		marker := b[at+1]
		if marker == 0xDA { // the picture itself
			return append(out, b[at:]...)
		}
		size := int(b[at+2])<<8 | int(b[at+3])
		end := at + 2 + size
		if size < 2 || end > len(b) {
			return b
		}
		if marker != 0xFE && (marker < 0xE1 || marker > 0xEF || marker == 0xEE || marker == 0xE2 && bytes.HasPrefix(b[at+4:end], []byte("ICC_PROFILE"))) {
			out = append(out, b[at:end]...)
		}
		at = end
	}
	return b
}
