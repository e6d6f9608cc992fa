package document

import (
	"fmt"

	"openhall.org/openhall/internal/core/lang"
)

// Measures of GB/T 9704-2012 in mm: A4 (5.1), 天头 37 and 订口 28, 版心 156 × 225 (5.2.1), 22 lines of 28 characters of 3号 (5.2.3).
const (
	pageWidth, pageHeight = 210.0, 297.0
	top, left             = 37.0, 28.0
	textWidth, textHeight = 156.0, 225.0
	right, bottom         = left + textWidth, top + textHeight
	linesPerPage          = 22
	charsPerLine          = 28
	pitch                 = textHeight / linesPerPage
	cell                  = textWidth / charsPerLine
	pointMM               = 25.4 / 72
	ascent                = 0.88 // of the em, above the baseline
	descent               = 0.12

	markTop        = 35.0 // 发文机关标志上边缘至版心上边缘 (7.2.4)
	ruleBelow      = 4.0  // 版头分隔线: 发文字号之下 4 mm (7.2.7)
	numberBelow    = 7.0  // 页码: 一字线上距版心下边缘 7 mm (7.5)
	letterMarkTop  = 30.0 // 信函格式: 发文机关标志上边缘至上页边 (10.1)
	letterRuleLow  = 20.0 // 第二条红色双线距下页边
	letterRuleLeft = 20.0 // 红色双线长 170 mm，居中
	sealSize       = 42.0 // diameter of a seal (国发〔1999〕25号)
)

// Sizes of type in points (字号).
const (
	size2      = 22.0 // 2号: title
	size3      = 16.0 // 3号: everything else
	size4      = 14.0 // 4号: page numbers
	sizeSmall  = 7.5  // 六号: small print
	maxMark    = 34.0
	maxMarkLow = 26.0 // in a letter
)

type colour [3]uint8

var (
	black = colour{0, 0, 0}
	red   = colour{220, 20, 20}
	grey  = colour{110, 110, 110}
)

// item is something on a page: a text with its baseline at x, y; a rule; a box; a ring; or a code. All measures are in mm from the upper
// left.
type item struct {
	kind   string // text, rule, box, bar, ring, code
	x, y   float64
	x2, y2 float64 // end of a rule; the lower right corner of a box or bar; width of a code and diameter of a ring in x2
	style  style
	text   string
}

// page is what stands on one page.
type page struct{ items []item }

func bodyStyle() style {
	s := style{faces: plainFaces, size: size3, colour: black}
	s.spacing = cell - s.em() // 28 characters fill a line exactly
	return s
}

func boldStyle() style {
	s := bodyStyle()
	s.faces = boldFaces
	return s
}

// line is a line of the body.
type line struct {
	x     float64
	text  string
	style style
	keeps bool // a heading: never the last line of a page
}

type layouter struct {
	*typeset
	letter *Letter
	pages  []page
	y      float64 // baseline of the last line
}

// layout places everything on pages. It fails with a *MissingGlyph before anything is drawn.
func layout(t *typeset, l *Letter) ([]page, error) {
	x := &layouter{typeset: t, letter: l}
	x.newPage()
	if err := x.head(); err != nil {
		return nil, err
	}
	lines, err := x.body()
	if err != nil {
		return nil, err
	}
	closing := x.closingHeight()
	for i, n := range lines {
		left := len(lines) - i
		// The seal never stands on a page without text (7.3.5.4): the last lines go with it.
		need := pitch
		if n.keeps {
			need = 2 * pitch
		}
		if x.y+need > bottom-descent*pitch || (left == 2 && x.y+2*pitch+closing > bottom && !x.fresh()) {
			x.newPage()
		}
		x.y += pitch
		x.put(item{kind: "text", x: n.x, y: x.y, style: n.style, text: n.text})
	}
	if err := x.close(); err != nil {
		return nil, err
	}
	x.number()
	return x.pages, nil
}

func (x *layouter) newPage() {
	x.pages = append(x.pages, page{})
	x.y = top - pitch + 0.75*pitch // the first baseline lies in the first line of the grid
}

// fresh reports whether nothing of the body stands on the page yet.
func (x *layouter) fresh() bool { return len(x.pages) > 1 && x.y < top }

func (x *layouter) put(i item) {
	p := &x.pages[len(x.pages)-1]
	p.items = append(p.items, i)
}

// centred puts a text into the middle of the text block.
func (x *layouter) centred(s style, text string, y float64) error {
	w, err := x.measure(&s, text)
	if err != nil {
		return err
	}
	x.put(item{kind: "text", x: left + (textWidth-w)/2, y: y, style: s, text: text})
	return nil
}

func (x *layouter) rule(x1, y, x2, width float64) {
	x.put(item{kind: "rule", x: x1, y: y, x2: x2, y2: y, style: style{size: width, colour: red}})
}

// mark returns the style of the issuer's name: as large as it fits (7.2.4: 不宜过大 is left to the eye).
func (x *layouter) mark(limit float64) (style, error) {
	s := style{faces: boldFaces, size: limit, colour: red}
	w, err := x.measure(&s, x.letter.Issuer)
	if err == nil && w > textWidth {
		s.size *= textWidth / w
	}
	return s, err
}

// head sets the head of the first page, the title and the addressee.
func (x *layouter) head() error {
	l := x.letter
	if l.Note != "" {
		s := style{faces: plainFaces, size: 9, colour: grey}
		if _, err := x.measure(&s, l.Note); err != nil {
			return err
		}
		x.put(item{kind: "text", x: left, y: 18, style: s, text: l.Note})
	}
	body := bodyStyle()
	if l.Form == LetterForm {
		s, err := x.mark(maxMarkLow)
		if err != nil {
			return err
		}
		y := letterMarkTop + ascent*s.em()
		if err := x.centred(s, l.Issuer, y); err != nil {
			return err
		}
		y += descent*s.em() + ruleBelow
		x.rule(letterRuleLeft, y, pageWidth-letterRuleLeft, 1.0) // 上粗下细
		x.rule(letterRuleLeft, y+1.2, pageWidth-letterRuleLeft, 0.35)
		low := pageHeight - letterRuleLow
		x.rule(letterRuleLeft, low-1.2, pageWidth-letterRuleLeft, 0.35) // 上细下粗
		x.rule(letterRuleLeft, low, pageWidth-letterRuleLeft, 1.0)
		w, err := x.measure(&body, l.Number)
		if err != nil {
			return err
		}
		// 10.1: from the rule 7/8 of the height of a character, at the right edge.
		x.y = y + 1.2 + body.em()*(7.0/8+ascent)
		x.put(item{kind: "text", x: right - w, y: x.y, style: body, text: l.Number})
		x.y += 1.5 * pitch
	} else {
		s, err := x.mark(maxMark)
		if err != nil {
			return err
		}
		y := top + markTop + ascent*s.em()
		if err := x.centred(s, l.Issuer, y); err != nil {
			return err
		}
		x.y = y + descent*s.em() + 2*pitch + ascent*body.em() // 发文机关标志下空二行 (7.2.5)
		if err := x.centred(body, l.Number, x.y); err != nil {
			return err
		}
		x.y += descent*body.em() + ruleBelow
		x.rule(left, x.y, right, 0.7)
		x.y += 2*pitch - 0.4*pitch // 红色分隔线下空二行 (7.3.1)
	}
	return x.title()
}

func (x *layouter) title() error {
	s := style{faces: boldFaces, size: size2, colour: black}
	lines, err := x.wrap(&s, x.letter.Title, textWidth-4*cell, 0)
	if err != nil {
		return err
	}
	for _, text := range lines {
		x.y += 1.15 * pitch
		if err := x.centred(s, text, x.y); err != nil {
			return err
		}
	}
	x.y += pitch // 标题下空一行 (7.3.2)
	body := bodyStyle()
	lines, err = x.wrap(&body, x.letter.To, textWidth, 0)
	for _, text := range lines {
		x.y += pitch
		x.put(item{kind: "text", x: left, y: x.y, style: body, text: text})
	}
	return err
}

// body wraps the parts into lines: each paragraph begins two characters in (7.3.3).
func (x *layouter) body() ([]line, error) {
	var out []line
	add := func(s style, text string, keeps bool) error {
		lines, err := x.wrap(&s, text, textWidth, 2*cell)
		for i, t := range lines {
			n := line{x: left, text: t, style: s, keeps: keeps}
			if i == 0 {
				n.x += 2 * cell
			}
			out = append(out, n)
		}
		return err
	}
	colon := "："
	if x.letter.Tag == lang.En {
		colon = ": "
	}
	for _, p := range x.letter.Parts {
		if p.Text != "" {
			if err := add(bodyStyle(), p.Text, false); err != nil {
				return nil, err
			}
		}
		for _, f := range p.Facts {
			if err := add(bodyStyle(), f.Name+colon+f.Value, false); err != nil {
				return nil, err
			}
		}
		if p.Heading != "" {
			if err := add(boldStyle(), p.Heading, true); err != nil {
				return nil, err
			}
		}
		for _, w := range p.Words {
			if err := add(bodyStyle(), w, false); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

const (
	codeSize = 22.0 // mm
	footSize = 27.0 // the small print with its rule
)

// closingHeight is what signature and small print need below the last line.
func (x *layouter) closingHeight() float64 {
	h := 4.5 * pitch // the seal reaches below the date
	if x.letter.Code != "" {
		h += footSize
	}
	return h
}

// close sets issuer and date over the place of the seal, and the small print at the foot of the last page.
func (x *layouter) close() error {
	l := x.letter
	s := bodyStyle()
	name, err := x.measure(&s, l.Issuer)
	if err != nil {
		return err
	}
	date, err := x.measure(&s, l.Date)
	if err != nil {
		return err
	}
	if x.y+x.closingHeight() > bottom {
		x.newPage()
	}
	// 成文日期右空四字; 署名 above it, centred on it (7.3.5.1). A long name pushes both to the left.
	middle := min(right-4*cell-date/2, right-name/2)
	middle = min(middle, right-sealSize/2)
	x.y += 2 * pitch
	x.put(item{kind: "text", x: middle - name/2, y: x.y, style: s, text: l.Issuer})
	x.y += pitch
	x.put(item{kind: "text", x: middle - date/2, y: x.y, style: s, text: l.Date})
	// 印章端正、居中下压发文机关署名和成文日期.
	x.put(item{kind: "ring", x: middle - sealSize/2, y: x.y - pitch/2 - sealSize/2 - 1.5, x2: sealSize, style: style{colour: red}})
	small := style{faces: plainFaces, size: sizeSmall, colour: red}
	w, err := x.measure(&small, l.Seal)
	if err != nil {
		return err
	}
	x.put(item{kind: "text", x: middle - w/2, y: x.y - pitch/2 - sealSize/2 + 3, style: small, text: l.Seal})
	if l.Code == "" {
		return nil
	}
	return x.foot()
}

func (x *layouter) foot() error {
	l := x.letter
	y := bottom - footSize + 2
	x.put(item{kind: "rule", x: left, y: y, x2: right, y2: y, style: style{size: 0.25, colour: black}})
	x.put(item{kind: "code", x: left, y: y + 2, x2: codeSize, text: l.Code})
	s := style{faces: plainFaces, size: sizeSmall, colour: black}
	lead := s.em() * 1.5
	y += 2 + lead
	for _, text := range append([]string{l.Scan}, l.Proof...) {
		lines, err := x.wrap(&s, text, textWidth-codeSize-4, 0)
		if err != nil {
			return err
		}
		for _, t := range lines {
			x.put(item{kind: "text", x: left + codeSize + 4, y: y, style: s, text: t})
			y += lead
		}
	}
	return nil
}

// number sets the page numbers: odd ones right, even ones left, one character in (7.5); a letter has none on its first page (10.1).
func (x *layouter) number() {
	s := style{faces: plainFaces, size: size4, colour: black}
	for i := range x.pages {
		if i == 0 && x.letter.Form == LetterForm {
			continue
		}
		text := fmt.Sprintf("— %d —", i+1)
		w, err := x.measure(&s, text)
		if err != nil {
			continue // digits and dashes are in every font
		}
		at := right - cell - w
		if i%2 == 1 {
			at = left + cell
		}
		p := &x.pages[i]
		p.items = append(p.items, item{kind: "text", x: at, y: bottom + numberBelow + ascent*s.em()/2, style: s, text: text})
	}
}
