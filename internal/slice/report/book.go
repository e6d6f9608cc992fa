package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// bookType is the media type of a workbook.
const bookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// book is a workbook being written. The first error stops everything that follows.
type book struct {
	file *excelize.File
	err  error

	name, head, side, count, money int // styles
}

func newBook() *book {
	b := &book{file: excelize.NewFile()}
	border := []excelize.Border{
		{Type: "left", Color: "808080", Style: 1}, {Type: "right", Color: "808080", Style: 1},
		{Type: "top", Color: "808080", Style: 1}, {Type: "bottom", Color: "808080", Style: 1},
	}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	money := "0.00####"
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.name, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}, Alignment: &excelize.Alignment{WrapText: false}}},
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: middle, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EFF4"}}}},
		{&b.side, excelize.Style{Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}, Border: border}},
		{&b.count, excelize.Style{Alignment: middle, Border: border, NumFmt: 1}},
		{&b.money, excelize.Style{Alignment: middle, Border: border, CustomNumFmt: &money}},
	} {
		if b.err == nil {
			*s.id, b.err = b.file.NewStyle(&s.style)
		}
	}
	return b
}

// page begins a sheet. Names of sheets are cut to what workbooks take.
func (b *book) page(name string, first bool) string {
	const longest = 31
	name = strings.NewReplacer(":", " ", "\\", " ", "/", " ", "?", " ", "*", " ", "[", "(", "]", ")").Replace(name)
	if r := []rune(name); len(r) > longest {
		name = string(r[:longest])
	}
	if b.err != nil {
		return name
	}
	if first {
		b.err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, b.err = b.file.NewSheet(name)
	}
	return name
}

// put writes one cell over a range: a text, or a number.
func (b *book) put(page string, column, row, across, down int, value any, style int) {
	if b.err != nil {
		return
	}
	from, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		b.err = err
		return
	}
	to, err := excelize.CoordinatesToCellName(column+across-1, row+down-1)
	if err != nil {
		b.err = err
		return
	}
	if text, ok := value.(string); ok {
		b.err = b.file.SetCellStr(page, from, text) // never a formula, whatever it begins with
	} else {
		b.err = b.file.SetCellValue(page, from, value)
	}
	if b.err == nil && from != to {
		b.err = b.file.MergeCell(page, from, to)
	}
	if b.err == nil {
		b.err = b.file.SetCellStyle(page, from, to, style)
	}
}

// table writes a table from a row on and returns the row after it.
func (b *book) table(l *web.Localizer, page string, row int, g *grid) int {
	taken := make([]int, g.Columns+1) // until which row each column is taken
	line := func(cells []gridCell, names int) {
		column := 1
		for _, c := range cells {
			for column <= g.Columns && taken[column] > row {
				column++
			}
			if c.Cell != nil {
				b.number(page, column, row, c.Cell)
			} else {
				b.put(page, column, row, c.Across, c.Down, withNote(l, c), names)
			}
			for k := column; k < column+c.Across && k <= g.Columns; k++ {
				taken[k] = row + c.Down
			}
			column += c.Across
		}
		row++
	}
	for _, cells := range g.Head {
		line(cells, b.head)
	}
	for _, cells := range g.Body {
		line(cells, b.side)
	}
	return row
}

func withNote(l *web.Localizer, c gridCell) string {
	if c.Note == "" {
		return c.Text
	}
	return l.T("report.with-note", web.Args{"Text": c.Text, "Note": c.Note})
}

func (b *book) number(page string, column, row int, c *sheet.Cell) {
	switch {
	case !c.Filled:
		b.put(page, column, row, 1, 1, "", b.count)
	case c.Unit == sheet.Money:
		const fenInUnit = 1_000_000 // 万元
		b.put(page, column, row, 1, 1, float64(c.Final)/fenInUnit, b.money)
	default:
		b.put(page, column, row, 1, 1, c.Final, b.count)
	}
}

// width sets the widths of the columns of a sheet.
func (b *book) width(page string, from, to int, width float64) {
	if b.err != nil || from > to {
		return
	}
	first, err := excelize.ColumnNumberToName(from)
	if err != nil {
		b.err = err
		return
	}
	last, err := excelize.ColumnNumberToName(to)
	if err != nil {
		b.err = err
		return
	}
	b.err = b.file.SetColWidth(page, first, last, width)
}

// tables writes the tables of sections, a sheet for each section.
func (b *book) tables(l *web.Localizer, s *sheet.Sheet, title string, sections []*sheet.Section) {
	for i, x := range sections {
		page := b.page(numbered(l, x.Number, x.Title), i == 0)
		b.put(page, 1, 1, 1, 1, title, b.name)
		row, stub, columns := 3, 0, 0
		for _, t := range x.Tables {
			g := gridOf(l, s, x, t)
			if g.Heading != "" {
				b.put(page, 1, row, 1, 1, g.Heading, b.name)
				row++
			}
			row = b.table(l, page, row, g) + 1
			stub, columns = max(stub, g.Stub), max(columns, g.Columns)
		}
		b.width(page, 1, columns, 13)
		if stub > 0 {
			b.width(page, stub, stub, 34)
		}
	}
}

// write writes the workbook and closes it.
func (b *book) write(w io.Writer) error {
	if b.err == nil {
		_, b.err = b.file.WriteTo(w)
	}
	if err := b.file.Close(); b.err == nil {
		b.err = err
	}
	if b.err != nil {
		return fmt.Errorf("workbook: %w", b.err)
	}
	return nil
}

// book makes the workbook of a report: its tables, and its words on a sheet of their own.
func (s *Service) book(l *web.Localizer, w *Work) *book {
	b := newBook()
	title := l.Text(s.title(w.Owner, w.Year))
	b.tables(l, w.Sheet, title, tabled(w.Layout))
	page := b.page(l.T("report.words"), false)
	b.width(page, 1, 1, 90)
	row := 1
	for i := range w.Layout.Sections {
		x := &w.Layout.Sections[i]
		parts := Prose(w.content(x.Code))
		if len(parts) == 0 {
			continue
		}
		b.put(page, 1, row, 1, 1, numbered(l, x.Number, x.Title), b.name)
		row++
		for _, p := range parts {
			b.put(page, 1, row, 1, 1, p.Heading+p.Item+p.Text, b.side)
			row++
		}
	}
	return b
}
