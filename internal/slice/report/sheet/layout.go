package sheet

import (
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Layouts are all layouts, the oldest first. They are not changed once loaded.
type Layouts struct{ list []*Layout }

// Of returns the layout of reports on a year, or nil when there was none.
func (ls *Layouts) Of(year int) *Layout {
	for _, l := range ls.list {
		if year >= l.From && (l.Until == 0 || year < l.Until) {
			return l
		}
	}
	return nil
}

// First returns the first year that is reported on.
func (ls *Layouts) First() int { return ls.list[0].From }

// All returns the layouts, the oldest first.
func (ls *Layouts) All() []*Layout { return ls.list }

// Layout is how reports on the years From up to Until, which is not one of them, are laid out. Until 0 has no end.
type Layout struct {
	Key         string
	From, Until int
	Title       lang.Text
	Source      statute.Source
	Confidence  statute.Confidence
	Note        string
	Sections    []Section
	Checks      []Check
}

// Table returns the table with the key, or nil.
func (l *Layout) Table(key string) *Table {
	for i := range l.Sections {
		for _, t := range l.Sections[i].Tables {
			if t.Key == key {
				return t
			}
		}
	}
	return nil
}

// Section returns the section with the code, or nil.
func (l *Layout) Section(code string) *Section {
	for i := range l.Sections {
		if l.Sections[i].Code == code {
			return &l.Sections[i]
		}
	}
	return nil
}

// Tables returns all tables in their order.
func (l *Layout) Tables() (list []*Table) {
	for i := range l.Sections {
		list = append(list, l.Sections[i].Tables...)
	}
	return list
}

// Addresses returns every cell of the layout in its order.
func (l *Layout) Addresses() (list []Address) {
	for _, t := range l.Tables() {
		for _, row := range t.Rows.Leaves() {
			for _, column := range t.Columns.Leaves() {
				list = append(list, Address{t.Key, row.Code, column.Code})
			}
		}
	}
	return list
}

// Need says whether a section has words.
type Need string

// The needs.
const (
	Never    Need = ""         // tables only
	Optional Need = "optional" // may be left empty
	Required Need = "required" // a report without it is not finished
)

// Section (部分) is a numbered part of a report.
type Section struct {
	Code      string    `yaml:"code"`
	Number    string    `yaml:"number"`
	Title     lang.Text `yaml:"title"`
	Narrative Need      `yaml:"narrative"`
	Hint      lang.Text `yaml:"hint"` // what belongs into its words
	Tables    []*Table  `yaml:"tables"`
}

// Table is a table of a section. Its cells stand where a leaf of Rows meets a leaf of Columns.
type Table struct {
	Key     string    `yaml:"key"`
	Heading lang.Text `yaml:"heading"` // above the table; empty: none
	Stub    lang.Text `yaml:"stub"`    // heading of the names of the rows
	Note    lang.Text `yaml:"note"`    // beneath the stub, as the notice prints it
	Bare    bool      `yaml:"bare"`    // one row, whose name is not printed
	Figure  string    `yaml:"figure"`  // which figure a cell shows, with {row} and {column}
	Columns Lines     `yaml:"columns"`
	Rows    Lines     `yaml:"rows"`
}

// Line is a row or a column, or a group of such.
type Line struct {
	Code   string    `yaml:"code"`
	Number string    `yaml:"number"` // as the notice numbers it, such as （三） or 1.
	Title  lang.Text `yaml:"title"`
	Note   lang.Text `yaml:"note"`
	Unit   Unit      `yaml:"unit"`
	Signed bool      `yaml:"signed"` // may be less than zero
	Figure string    `yaml:"figure"` // stands in the name of the figure instead of Code; empty: Code
	Sum    []string  `yaml:"sum"`    // codes of the lines that are added up; a group stands for its leaves
	Lines  Lines     `yaml:"lines"`  // of a group

	parts []string // Sum, groups replaced by their leaves
}

// Group reports whether the line only holds others together.
func (l *Line) Group() bool { return len(l.Lines) > 0 }

// Total reports whether the line adds others up.
func (l *Line) Total() bool { return len(l.Sum) > 0 }

// Name returns the number and the title of the line.
func (l *Line) Name(tag lang.Tag) string { return Numbered(tag, l.Number) + l.Title.In(tag) }

// Numbered is a number of the notice as a language writes it: in English 一 is 1, （三） is (3).
func Numbered(tag lang.Tag, number string) string {
	if tag != lang.En {
		return number
	}
	return inEnglish.Replace(number)
}

var inEnglish = strings.NewReplacer("一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9", "（", "(", "）", ") ", "、", ". ")

// Unit is what a number counts.
type Unit string

// The units.
const (
	Count Unit = ""      // pieces
	Money Unit = "money" // kept in fen, shown in 万元
)

// Lines is a tree of rows or columns.
type Lines []*Line

// Leaves returns the lines that hold cells, in order.
func (ls Lines) Leaves() (list []*Line) {
	for _, l := range ls {
		if l.Group() {
			list = append(list, l.Lines.Leaves()...)
		} else {
			list = append(list, l)
		}
	}
	return list
}

// Find returns the line with the code, group or leaf, or nil.
func (ls Lines) Find(code string) *Line {
	for _, l := range ls {
		if l.Code == code {
			return l
		}
		if found := l.Lines.Find(code); found != nil {
			return found
		}
	}
	return nil
}

// Depth is how many levels the tree has.
func (ls Lines) Depth() int {
	depth := 0
	for _, l := range ls {
		depth = max(depth, 1+l.Lines.Depth())
	}
	return depth
}

// Path returns the line with the code and the groups that it stands in, the outermost first.
func (ls Lines) Path(code string) []*Line {
	for _, l := range ls {
		if l.Code == code {
			return []*Line{l}
		}
		if below := l.Lines.Path(code); below != nil {
			return append([]*Line{l}, below...)
		}
	}
	return nil
}

// Span is a name in the head or at the side of a table: it begins at a leaf and a level, and reaches over some of both.
type Span struct {
	Line  *Line
	At    int // index of its first leaf
	Level int
	Width int // leaves
	Depth int // levels
}

// Spans returns the names of the tree as they stand beside each other: of a head, all spans of level 0 are its first row; of the side,
// the spans that begin at a leaf stand before its cells.
func (ls Lines) Spans() []Span {
	var list []Span
	ls.spans(0, 0, ls.Depth(), &list)
	return list
}

func (ls Lines) spans(at, level, depth int, list *[]Span) {
	for _, l := range ls {
		width := 1
		if l.Group() {
			width = len(l.Lines.Leaves())
			*list = append(*list, Span{l, at, level, width, 1})
			l.Lines.spans(at, level+1, depth, list)
		} else {
			*list = append(*list, Span{l, at, level, 1, depth - level})
		}
		at += width
	}
}

// figure returns the name of the figure that a cell shows.
func (t *Table) figure(row, column *Line) string {
	name := func(l *Line) string {
		if l.Figure != "" {
			return l.Figure
		}
		return l.Code
	}
	return strings.NewReplacer("{row}", name(row), "{column}", name(column)).Replace(t.Figure)
}

// Each says over which cells a check goes.
type Each string

// What a check goes over.
const (
	EachColumn Each = "column" // its lines are rows
	EachRow    Each = "row"    // its lines are columns
)

// Check (勾稽关系) is a sum that must hold in every column or row of a table: Left equals Right plus Previous. A code with - before it is
// subtracted.
type Check struct {
	ID       string    `yaml:"id"`
	Table    string    `yaml:"table"`
	Each     Each      `yaml:"each"`
	Left     []string  `yaml:"left"`
	Right    []string  `yaml:"right"`
	Previous []string  `yaml:"previous"` // from the report on the year before
	Title    lang.Text `yaml:"title"`
	Remedy   lang.Text `yaml:"remedy"`
}

// Address names a cell.
type Address struct{ Table, Row, Column string }

// String returns the address as it stands in files, such as requests/received/person.
func (a Address) String() string { return a.Table + "/" + a.Row + "/" + a.Column }

// ParseAddress reads an address. It answers false when it is none; whether there is such a cell the layout knows.
func ParseAddress(text string) (Address, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return Address{}, false
	}
	return Address{parts[0], parts[1], parts[2]}, true
}
