package document

import (
	"errors"
	"fmt"
	"strconv"
)

// Paper is a longer document that is no letter: a report with headings, paragraphs and tables.
type Paper struct {
	Title    string
	Subtitle string // whose it is, or of which day; may be empty
	Blocks   []Block
	Foot     string // at the foot of every page, beside its number; may be empty
}

// Block is a part of a paper: exactly one of Heading, Text, Item, Grid, Chart, Drawing, QR and Turn.
type Block struct {
	Turn    bool // what follows begins on a new page
	Heading string
	Level   int     // of a heading: 1 is the largest
	Text    string  // a paragraph
	Size    float64 // of the type of a paragraph or an item, in points; 0: 12
	QR      string  // the content of a QR code, as large as a hand can hold a telephone before
	Item    string  // of a list
	Grid    *Grid
	Chart   *Chart   // numbers as bars
	Drawing *Drawing // boxes, lines and words, such as a flow chart
}

// Grid is a table. Cells reach over columns and rows as those of HTML do: each row names the cells that begin in it.
type Grid struct {
	Columns []float64 // shares of the width
	Head    int       // so many rows are repeated on every page
	Size    float64   // of type, in points; 0: 9
	Rows    [][]GridCell
}

// GridCell is a cell of a grid. Across and Down of 0 count as 1.
type GridCell struct {
	Text         string
	Across, Down int
	Bold         bool
	Left         bool // begins at the left; otherwise in the middle
}

// Measures of a paper in mm.
const (
	paperLeft, paperTop = 20.0, 22.0
	paperRight          = pageWidth - 20.0
	paperBottom         = pageHeight - 24.0
	paperWidth          = paperRight - paperLeft
	paperText           = 12.0 // 小四
	paperSmall          = 8.0
	paperCode           = 45.0
	gridText            = 9.0 // 小五
	gridPad             = 1.0
	gridLine            = 0.15
	leading             = 1.5
)

// Paper prints a paper. The error is a *MissingGlyph when no font has a character of it.
func (s *Service) Paper(p *Paper) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.fonts.get()
	if err != nil {
		return nil, err
	}
	s.used = s.o.Now()
	pages, err := layoutPaper(t, p)
	if err != nil {
		return nil, err
	}
	return t.printPages(pages)
}

// Missing returns the first character of a text that no font has, so that it can be told to whoever types it.
func (s *Service) Missing(text string) (char rune, missing bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.fonts.get()
	if err != nil {
		return 0, false, err
	}
	s.used = s.o.Now()
	for _, r := range text {
		if r == '\n' || r == '\r' || r == '\t' {
			continue
		}
		if _, _, err := t.find(plainFaces, r); err != nil {
			return r, true, nil
		}
	}
	return 0, false, nil
}

// setter places the blocks of a paper on pages. y is the lower edge of what was placed last.
type setter struct {
	*typeset
	pages []page
	y     float64
}

func layoutPaper(t *typeset, p *Paper) ([]page, error) {
	x := &setter{typeset: t}
	x.turn()
	title := style{faces: boldFaces, size: 20, colour: black}
	if err := x.lines(title, p.Title, 0, 0, true); err != nil {
		return nil, err
	}
	x.y += 2
	if p.Subtitle != "" {
		if err := x.lines(style{faces: plainFaces, size: paperText, colour: black}, p.Subtitle, 0, 0, true); err != nil {
			return nil, err
		}
	}
	x.y += 4
	for i := range p.Blocks {
		if err := x.together(p.Blocks[i:]); err != nil {
			return nil, err
		}
		if err := x.block(&p.Blocks[i]); err != nil {
			return nil, err
		}
	}
	return x.pages, x.foot(p.Foot)
}

func (x *setter) turn() {
	x.pages = append(x.pages, page{})
	x.y = paperTop
}

// together turns the page before headings whose table would go to the next one and leave them behind.
func (x *setter) together(blocks []Block) error {
	const heading = 12 // mm that one takes, at most
	n := 0
	for n < len(blocks) && blocks[n].Heading != "" {
		n++
	}
	if n == 0 || n == len(blocks) || blocks[n].Grid == nil {
		return nil
	}
	edges, err := x.edges(blocks[n].Grid)
	if err != nil {
		return err
	}
	cells, err := x.place(blocks[n].Grid, edges)
	if err != nil {
		return err
	}
	all := float64(n)*heading + total(heights(cells, len(blocks[n].Grid.Rows)))
	if x.y > paperTop && x.y+all > paperBottom && paperTop+all <= paperBottom {
		x.turn()
	}
	return nil
}

func (x *setter) put(i item) {
	p := &x.pages[len(x.pages)-1]
	p.items = append(p.items, i)
}

func (x *setter) block(b *Block) error {
	plain := style{faces: plainFaces, size: paperText, colour: black}
	if b.Size > 0 {
		plain.size = b.Size
	}
	switch {
	case b.Turn:
		x.turn()
		return nil
	case b.QR != "":
		if x.y+paperCode > paperBottom {
			x.turn()
		}
		x.put(item{kind: "code", x: paperLeft, y: x.y + 2, x2: paperCode, text: b.QR})
		x.y += paperCode + 4
		return nil
	case b.Drawing != nil:
		return x.drawing(b.Drawing)
	case b.Grid != nil:
		if err := x.grid(b.Grid); err != nil {
			return err
		}
		x.y += 4
		return nil
	case b.Chart != nil:
		return x.chart(b.Chart)
	case b.Heading != "":
		s := style{faces: boldFaces, size: 15, colour: black}
		if b.Level > 1 {
			s.size = paperText
		}
		const follows = 14 // mm of what it stands over
		if x.y+s.em()*leading+follows > paperBottom {
			x.turn()
		}
		x.y += 1.5
		if err := x.lines(s, b.Heading, 0, 0, false); err != nil {
			return err
		}
		x.y++
		return nil
	case b.Item != "":
		return x.lines(plain, "· "+b.Item, 4, 0, false)
	default:
		return x.lines(plain, b.Text, 0, 2*plain.em(), false)
	}
}

// lines sets a text; the first line begins indent later.
func (x *setter) lines(s style, text string, from, indent float64, centred bool) error {
	wrapped, err := x.wrap(&s, text, paperWidth-from, indent)
	if err != nil {
		return err
	}
	pitch := s.em() * leading
	for i, line := range wrapped {
		if x.y+pitch > paperBottom {
			x.turn()
		}
		at := paperLeft + from
		if i == 0 {
			at += indent
		}
		if centred {
			w, err := x.measure(&s, line)
			if err != nil {
				return err
			}
			at = paperLeft + (paperWidth-w)/2
		}
		x.y += pitch
		x.put(item{kind: "text", x: at, y: x.y - (pitch-s.em())/2 - descent*s.em(), style: s, text: line})
	}
	return nil
}

// foot sets the page numbers, and what stands beside them.
func (x *setter) foot(text string) error {
	s := style{faces: plainFaces, size: paperSmall, colour: grey}
	for i := range x.pages {
		number := strconv.Itoa(i+1) + " / " + strconv.Itoa(len(x.pages))
		w, err := x.measure(&s, number)
		if err != nil {
			return err
		}
		p := &x.pages[i]
		p.items = append(p.items, item{kind: "text", x: paperRight - w, y: paperBottom + 9, style: s, text: number})
		if text == "" {
			continue
		}
		if _, err := x.measure(&s, text); err != nil {
			return err
		}
		p.items = append(p.items, item{kind: "text", x: paperLeft, y: paperBottom + 9, style: s, text: text})
	}
	return nil
}

// placed is a cell at its place in the grid.
type placed struct {
	row, column, down, across int
	style                     style
	lines                     []string
	left                      bool
}

func (p *placed) height() float64 {
	return float64(len(p.lines))*p.style.em()*gridLeading + 2*gridPad
}

const gridLeading = 1.3

// errGrid says that a grid is no rectangle.
var errGrid = errors.New("document: the cells of a grid do not fill its columns")

// place gives each cell its row and column, as HTML does.
func (x *setter) place(g *Grid, edges []float64) ([]placed, error) {
	taken := make([]int, len(g.Columns)) // until which row each column is taken
	var list []placed
	for r, row := range g.Rows {
		column := 0
		for _, c := range row {
			for column < len(taken) && taken[column] > r {
				column++
			}
			p := placed{row: r, column: column, down: max(1, c.Down), across: max(1, c.Across), left: c.Left}
			if column+p.across > len(taken) || r+p.down > len(g.Rows) {
				return nil, fmt.Errorf("%w: row %d", errGrid, r+1)
			}
			for k := column; k < column+p.across; k++ {
				taken[k] = r + p.down
			}
			p.style = g.style(c)
			var err error
			if p.lines, err = x.wrap(&p.style, c.Text, edges[column+p.across]-edges[column]-2*gridPad, 0); err != nil {
				return nil, err
			}
			list = append(list, p)
			column += p.across
		}
		for _, until := range taken {
			if until <= r {
				return nil, fmt.Errorf("%w: row %d", errGrid, r+1)
			}
		}
	}
	return list, nil
}

// heights gives each row what its cells need; a cell over several rows stretches the last of them.
func heights(cells []placed, rows int) []float64 {
	list := make([]float64, rows)
	for i := range cells {
		if c := &cells[i]; c.down == 1 {
			list[c.row] = max(list[c.row], c.height())
		}
	}
	for i := range cells {
		c := &cells[i]
		have := total(list[c.row : c.row+c.down])
		if need := c.height(); need > have {
			list[c.row+c.down-1] += need - have
		}
	}
	return list
}

func total(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum
}

// grid sets a table: on one page when it fits on one; else it goes on with its head on the next.
func (x *setter) grid(g *Grid) error {
	edges, err := x.edges(g)
	if err != nil {
		return err
	}
	cells, err := x.place(g, edges)
	if err != nil {
		return err
	}
	tall := heights(cells, len(g.Rows))
	if all := total(tall); x.y+all > paperBottom && paperTop+all <= paperBottom {
		x.turn()
	}
	head := total(tall[:g.Head])
	parts := [][2]int{{0, 0}}
	y := x.y
	for r, h := range tall {
		part := &parts[len(parts)-1]
		if y+h > paperBottom && r > g.Head && part[1] > part[0] {
			parts = append(parts, [2]int{r, r})
			part = &parts[len(parts)-1]
			y = paperTop + head
		}
		part[1] = r + 1
		y += h
	}
	for i, part := range parts {
		if i > 0 {
			x.turn()
			x.rows(cells, tall, edges, 0, g.Head, parts)
		}
		x.rows(cells, tall, edges, part[0], part[1], parts)
	}
	return nil
}

// rows draws the rows from first up to last below y. Of a cell that the page cuts, the words stand in its largest part.
func (x *setter) rows(cells []placed, tall, edges []float64, first, last int, parts [][2]int) {
	for i := range cells {
		c := &cells[i]
		from, to := max(c.row, first), min(c.row+c.down, last)
		if from >= to {
			continue
		}
		top := x.y + total(tall[first:from])
		h := total(tall[from:to])
		left, right := edges[c.column], edges[c.column+c.across]
		x.put(item{kind: "box", x: left, y: top, x2: right, y2: top + h, style: style{size: gridLine, colour: black}})
		if c.height() > h+0.01 && !largest(c, tall, from, to, parts) {
			continue
		}
		lead := c.style.em() * gridLeading
		y := top + (h-float64(len(c.lines))*lead)/2
		for _, line := range c.lines {
			at := left + gridPad
			if !c.left {
				if w, err := x.measure(&c.style, line); err == nil { // it was measured before
					at = left + (right-left-w)/2
				}
			}
			y += lead
			x.put(item{kind: "text", x: at, y: y - (lead-c.style.em())/2 - descent*c.style.em(), style: c.style, text: line})
		}
	}
	x.y += total(tall[first:last])
}

// largest reports whether no other page has more of the cell.
func largest(c *placed, tall []float64, from, to int, parts [][2]int) bool {
	h := total(tall[from:to])
	for _, p := range parts {
		a, b := max(c.row, p[0]), min(c.row+c.down, p[1])
		if a < b && a != from && total(tall[a:b]) > h {
			return false
		}
	}
	return true
}
