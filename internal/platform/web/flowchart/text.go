package flowchart

import (
	"math"
	"strings"
	"unicode"
)

// Measures of text in pixels, for the 14 px type of the chart.
const (
	fontSize     = 14
	lineHeight   = 18
	padding      = 6   // between text and the border of a box
	outsideWidth = 112 // of a label beneath an event or gateway
	labelGap     = 4   // between a shape and its label
	baseline     = 13  // of a line, from its top
	maxOutside   = 3   // lines of a label beneath a shape
)

// closing marks must not begin a line (避头尾).
const closing = "，。、；：！？）》」』”’】〉,.;:!?)]}%"

// advance is the width of a character: Han characters fill a square, others about half of it.
func advance(r rune) float64 {
	switch {
	case r >= 0x1100 && (unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffe6):
		return fontSize
	case r == 'i' || r == 'l' || r == 'j' || r == 't' || r == 'f' || r == ' ' || r == '.' || r == ',':
		return fontSize * 0.3
	case unicode.IsUpper(r) || r == 'm' || r == 'w':
		return fontSize * 0.72
	}
	return fontSize * 0.56
}

func widthOf(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += advance(r)
	}
	return w
}

// words cuts text where a line may break: around Han characters, after spaces; closing marks stay with what they close.
func words(text string) []string {
	var list []string
	for _, r := range text {
		last := len(list) - 1
		switch {
		case last < 0:
			list = append(list, string(r))
		case strings.ContainsRune(closing, r), !wide(r) && !wide(lastRune(list[last])) && !strings.HasSuffix(list[last], " "):
			list[last] += string(r)
		case r == ' ':
			list[last] += " "
		default:
			list = append(list, string(r))
		}
	}
	return list
}

func wide(r rune) bool { return advance(r) == fontSize }

func lastRune(s string) rune {
	var last rune
	for _, r := range s {
		last = r
	}
	return last
}

// wrap breaks text into at most limit lines of the given width; what does not fit ends in an ellipsis.
func wrap(text string, width float64, limit int) []string {
	var lines []string
	line := ""
	for _, word := range words(text) {
		if line != "" && widthOf(line)+widthOf(strings.TrimRight(word, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		for line == "" && widthOf(word) > width { // one word longer than a line
			head, rest := cut(word, width)
			if rest == "" {
				break
			}
			lines = append(lines, head)
			word = rest
		}
		line += word
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	if len(lines) > limit {
		lines = lines[:limit]
		lines[limit-1] = shorten(lines[limit-1], width)
	}
	return lines
}

// cut splits a word at the given width; at least one character goes into the head.
func cut(word string, width float64) (head, rest string) {
	w := 0.0
	for i, r := range word {
		if w += advance(r); w > width && i > 0 {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

// shorten ends a line with an ellipsis within the width.
func shorten(line string, width float64) string {
	runes := []rune(line)
	for len(runes) > 1 && widthOf(string(runes))+fontSize > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// label is text as it is drawn: lines centred on x, the first on the baseline y.
type label struct {
	lines []string
	x, y  float64
}

// box is what a label covers, in type of that size, with lines of that height and baseline.
func (l label) box(size, line, base float64) Box {
	w := widest(l.lines) * size / fontSize
	return Box{l.x - w/2, l.y - base, w, float64(len(l.lines)) * line}
}

// labelTop is where a label of that height begins at its place in the diagram, which was measured for one line: above the shape it
// grows upward, beneath it downward, beside it both ways.
func (n Node) labelTop(height float64) float64 {
	b := n.LabelBox
	switch mid := b.Y + b.H/2; {
	case mid < n.Box.Y:
		return b.Y + b.H - height
	case mid > n.Box.Y+n.Box.H:
		return b.Y
	default:
		return b.Y + (lineHeight-height)/2
	}
}

// touches reports whether a flow begins or ends at p.
func (c Chart) touches(p Point) bool {
	const near = 2.0
	for _, e := range c.Edges {
		for _, i := range []int{0, len(e.Points) - 1} {
			if len(e.Points) > 0 && math.Abs(e.Points[i].X-p.X) < near && math.Abs(e.Points[i].Y-p.Y) < near {
				return true
			}
		}
	}
	return false
}

// Lines breaks text into at most limit lines of a width, as this package does, for type of another size: for paper.
func Lines(text string, size, width float64, limit int) []string {
	return wrap(text, width*fontSize/size, limit)
}

// Width is how wide text of that size is drawn.
func Width(text string, size float64) float64 { return widthOf(text) * size / fontSize }
