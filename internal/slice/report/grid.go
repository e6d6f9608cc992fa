package report

import (
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// grid is a table of a report as it is drawn: on a page, on paper, in a workbook. Cells reach over others as those of HTML do.
type grid struct {
	Table   *sheet.Table
	Heading string
	Caption string
	Stub    int // columns that the names of the rows take
	Columns int // in all
	Head    [][]gridCell
	Body    [][]gridCell
}

// gridCell is a name or a number.
type gridCell struct {
	Text         string
	Note         string
	Across, Down int
	Group        bool        // a name over several rows or columns
	Cell         *sheet.Cell // of a number
}

// gridOf draws a table in a language.
func gridOf(l *web.Localizer, s *sheet.Sheet, x *sheet.Section, t *sheet.Table) *grid {
	g := &grid{Table: t, Heading: l.Text(t.Heading), Stub: t.Rows.Depth()}
	g.Caption = numbered(l, x.Number, x.Title)
	if g.Heading != "" {
		g.Caption += " " + g.Heading
	}
	if t.Bare {
		g.Stub = 0
	}
	columns := t.Columns.Leaves()
	g.Columns = g.Stub + len(columns)
	depth := t.Columns.Depth()
	g.Head = make([][]gridCell, depth)
	if g.Stub > 0 {
		g.Head[0] = append(g.Head[0], gridCell{Text: l.Text(t.Stub), Note: l.Text(t.Note), Across: g.Stub, Down: depth})
	}
	for _, span := range t.Columns.Spans() {
		g.Head[span.Level] = append(g.Head[span.Level], gridCell{Text: name(l, span.Line), Note: l.Text(span.Line.Note), Across: span.Width, Down: span.Depth, Group: span.Line.Group()})
	}
	rows := t.Rows.Leaves()
	g.Body = make([][]gridCell, len(rows))
	if !t.Bare {
		for _, span := range t.Rows.Spans() {
			g.Body[span.At] = append(g.Body[span.At], gridCell{Text: name(l, span.Line), Note: l.Text(span.Line.Note), Across: span.Depth, Down: span.Width, Group: span.Line.Group()})
		}
	}
	for i, row := range rows {
		for _, column := range columns {
			c := s.Cell(sheet.Address{Table: t.Key, Row: row.Code, Column: column.Code})
			g.Body[i] = append(g.Body[i], gridCell{Text: number(c), Across: 1, Down: 1, Cell: c})
		}
	}
	return g
}

// name writes the name of a row or column with its number: 一、 with a stop, （一） and 1. without; in English 1. and (1).
func name(l *web.Localizer, line *sheet.Line) string {
	text := l.Text(line.Title)
	switch {
	case line.Number == "":
		return text
	case isASCII(line.Number[0]):
		return line.Number + " " + text
	case line.Number[:len("（")] == "（":
		return sheet.Numbered(l.Tag(), line.Number) + text
	default:
		return sheet.Numbered(l.Tag(), line.Number) + l.T("report.number-stop") + text
	}
}

// number writes the final value of a cell; nothing when it has none.
func number(c *sheet.Cell) string {
	if !c.Filled {
		return ""
	}
	return c.Unit.Format(c.Final)
}

// widths are the shares of the columns on paper: names are wider than numbers, and the innermost names widest.
func (g *grid) widths() []float64 {
	list := make([]float64, g.Columns)
	for i := range list {
		switch {
		case i >= g.Stub:
			list[i] = 1
		case i == g.Stub-1:
			list[i] = 3.6
		default:
			list[i] = 1.3
		}
	}
	return list
}
