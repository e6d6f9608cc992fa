package document

import (
	"strings"
	"unicode"
)

// Signs that begin no line, and signs that end none (避头尾, GB/T 15834).
const (
	neverFirst = "，。、；：！？）》〉」』】〕”’％…—·～),.;:!?%]}"
	neverLast  = "（《〈「『【〔“‘([{"
)

// atom is a piece of text that is not divided between lines.
type atom struct {
	text  string
	width float64 // mm
	space bool
}

// style is how text is set: fonts in their order, size in points, and how much is added between characters, in mm.
type style struct {
	faces   []string
	size    float64
	spacing float64
	colour  colour
}

func (s *style) em() float64 { return s.size * pointMM }

// measure returns how wide a text is, in mm.
func (t *typeset) measure(s *style, text string) (float64, error) {
	sum := 0.0
	for _, r := range text {
		_, w, err := t.find(s.faces, r)
		if err != nil {
			return 0, err
		}
		sum += w*s.em() + s.spacing
	}
	return sum, nil
}

// atoms cuts a text into pieces: Han characters one by one, words of other scripts whole, signs with what they belong to.
func (t *typeset) atoms(s *style, text string) ([]atom, error) {
	var out []atom
	open := false // the last piece takes what follows
	for _, r := range text {
		w, err := t.measure(s, string(r))
		if err != nil {
			return nil, err
		}
		space := r == ' '
		joins := len(out) > 0 && !out[len(out)-1].space && !space &&
			(open || strings.ContainsRune(neverFirst, r) || (latin(r) && endsLatin(out[len(out)-1].text)))
		if joins {
			out[len(out)-1].text += string(r)
			out[len(out)-1].width += w
		} else {
			out = append(out, atom{string(r), w, space})
		}
		open = strings.ContainsRune(neverLast, r)
	}
	return out, nil
}

func latin(r rune) bool {
	return r < 0x2E80 && !unicode.IsSpace(r) && r != '“' && r != '”' && r != '…' && r != '—'
}

func endsLatin(s string) bool {
	r := []rune(s)
	return latin(r[len(r)-1])
}

// wrap divides a text into lines of at most width mm; the first one begins indent mm later.
func (t *typeset) wrap(s *style, text string, width, indent float64) ([]string, error) {
	atoms, err := t.atoms(s, text)
	if err != nil {
		return nil, err
	}
	var lines []string
	var line strings.Builder
	used := indent
	flush := func() {
		lines = append(lines, strings.TrimRight(line.String(), " "))
		line.Reset()
		used = 0
	}
	const give = 0.01 // mm, for rounding
	for _, a := range atoms {
		if used+a.width > width+give && line.Len() > 0 && !a.space {
			flush()
		}
		if a.space && line.Len() == 0 && len(lines) > 0 {
			continue
		}
		if a.width > width {
			// Longer than a line, such as a hash: divided where the line ends.
			for _, r := range a.text {
				w, err := t.measure(s, string(r))
				if err != nil {
					return nil, err
				}
				if used+w > width+give && line.Len() > 0 {
					flush()
				}
				line.WriteRune(r)
				used += w
			}
			continue
		}
		line.WriteString(a.text)
		used += a.width
	}
	if line.Len() > 0 || len(lines) == 0 {
		flush()
	}
	return lines, nil
}
