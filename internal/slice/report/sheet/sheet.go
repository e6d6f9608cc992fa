package sheet

import (
	"slices"

	"openhall.org/openhall/internal/core/lang"
)

// Figures are counted numbers by their names. One that is not counted anywhere is absent.
type Figures map[string]int64

// Add adds other figures. A figure that only one of them has is kept: what a body does not count, it does not have.
func (f Figures) Add(o Figures) {
	for name, n := range o {
		f[name] += n
	}
}

// Adjustment (调整) is what somebody put in the place of what was counted.
type Adjustment struct {
	Value  int64
	Reason string
}

// Cell is one number of a report.
type Cell struct {
	Address  Address
	Unit     Unit
	Signed   bool
	Total    bool
	Counted  int64 // from the records
	Known    bool  // whether anything counts it
	Adjusted *Adjustment
	Final    int64
	Filled   bool // whether there is a final value
}

// Sheet is the tables of one report. Make it with Fill.
type Sheet struct {
	Layout *Layout
	cells  map[Address]*Cell
}

// Fill makes the tables of a layout from figures and adjustments. A total is what the records count for it, or the sum of its parts
// when they don't, moved by what its parts were adjusted by; it can be adjusted itself, and then stands as it is.
func Fill(l *Layout, figures Figures, adjusted map[Address]Adjustment) *Sheet {
	s := &Sheet{Layout: l, cells: map[Address]*Cell{}}
	for _, t := range l.Tables() {
		s.plain(t, figures, adjusted)
		s.totals(t, figures, adjusted)
	}
	return s
}

// plain fills the cells that add nothing up.
func (s *Sheet) plain(t *Table, figures Figures, adjusted map[Address]Adjustment) {
	for _, row := range t.Rows.Leaves() {
		for _, column := range t.Columns.Leaves() {
			c := &Cell{Address: Address{t.Key, row.Code, column.Code}, Unit: unitOf(row, column), Signed: row.Signed || column.Signed, Total: row.Total() || column.Total()}
			c.Counted, c.Known = figures[t.figure(row, column)]
			c.Final, c.Filled = c.Counted, c.Known
			if a, ok := adjusted[c.Address]; ok {
				c.Adjusted, c.Final, c.Filled = &a, a.Value, true
			}
			s.cells[c.Address] = c
		}
	}
}

func unitOf(row, column *Line) Unit {
	if row.Unit == Money || column.Unit == Money {
		return Money
	}
	return Count
}

// totals fills the cells that add up others: those of total rows, of total columns, and where both meet.
func (s *Sheet) totals(t *Table, figures Figures, adjusted map[Address]Adjustment) {
	for _, row := range t.Rows.Leaves() {
		for _, column := range t.Columns.Leaves() {
			if !row.Total() && !column.Total() {
				continue
			}
			c := s.cells[Address{t.Key, row.Code, column.Code}]
			sum, moved, filled := int64(0), int64(0), true
			for _, r := range partsOf(row) {
				for _, k := range partsOf(column) {
					part := s.cells[Address{t.Key, r, k}]
					sum += part.Counted
					moved += part.Final - part.Counted
					filled = filled && part.Filled
				}
			}
			if !c.Known {
				c.Counted, c.Known = sum, filled
			}
			if c.Adjusted == nil {
				c.Final, c.Filled = c.Counted+moved, filled
			}
		}
	}
}

// partsOf returns what a line adds up, or itself.
func partsOf(l *Line) []string {
	if l.Total() {
		return l.parts
	}
	return []string{l.Code}
}

// Cell returns the cell at an address, or nil.
func (s *Sheet) Cell(a Address) *Cell { return s.cells[a] }

// Cells returns all cells in the order of the layout.
func (s *Sheet) Cells() []*Cell {
	list := make([]*Cell, 0, len(s.cells))
	for _, a := range s.Layout.Addresses() {
		list = append(list, s.cells[a])
	}
	return list
}

// Values returns the final values by address, of the cells that have one: what is kept of a report that is handed on.
func (s *Sheet) Values() map[string]int64 {
	out := map[string]int64{}
	for a, c := range s.cells {
		if c.Filled {
			out[a.String()] = c.Final
		}
	}
	return out
}

// Frozen makes the sheet of a report from the values that were kept of it.
func Frozen(l *Layout, values map[string]int64) *Sheet {
	s := &Sheet{Layout: l, cells: map[Address]*Cell{}}
	for _, t := range l.Tables() {
		for _, row := range t.Rows.Leaves() {
			for _, column := range t.Columns.Leaves() {
				c := &Cell{Address: Address{t.Key, row.Code, column.Code}, Unit: unitOf(row, column), Signed: row.Signed || column.Signed, Total: row.Total() || column.Total()}
				c.Final, c.Filled = values[c.Address.String()]
				c.Counted, c.Known = c.Final, c.Filled
				s.cells[c.Address] = c
			}
		}
	}
	return s
}

// The checks that every table has to pass, whatever its layout says.
const (
	CheckEmpty = "empty" // every cell has a number
	CheckSum   = "sum"   // totals are the sums of their parts
	CheckWords = "words" // required sections have words; whoever holds the words makes this finding
)

// Finding is a check that does not hold.
type Finding struct {
	Check string    // id
	Rule  lang.Text // what should hold; empty for the program's own checks, which pages name
	// Remedy is what to do; empty likewise.
	Remedy lang.Text
	Table  string
	Line   string    // the column or row in which it does not hold
	Each   Each      // which of both it is
	Left   []Term    // what was added up …
	Right  []Term    // … and should be the same
	Cells  []Address // that the finding is about
	Missed bool      // there is no report on the year before to compare with; nothing is wrong
}

// Term is a number in a sum.
type Term struct {
	Address  Address
	Value    int64
	Minus    bool
	Previous bool // from the report on the year before
}

// Sum adds terms up.
func Sum(terms []Term) int64 {
	sum := int64(0)
	for _, t := range terms {
		if t.Minus {
			sum -= t.Value
		} else {
			sum += t.Value
		}
	}
	return sum
}

// Key names a finding so that it can be explained (说明): the check and where it does not hold.
func (f *Finding) Key() string { return f.Check + "/" + f.Table + "/" + f.Line }

// Check answers every check that does not hold, in the order of the layout. previous is the report on the year before, or nil.
func (s *Sheet) Check(previous *Sheet) []Finding {
	var list []Finding
	for _, t := range s.Layout.Tables() {
		list = append(list, s.empty(t)...)
		list = append(list, s.sums(t)...)
	}
	for i := range s.Layout.Checks {
		x := &s.Layout.Checks[i]
		t := s.Layout.Table(x.Table)
		over := t.Columns
		if x.Each == EachRow {
			over = t.Rows
		}
		for _, line := range over.Leaves() {
			f, broken := s.check(x, line, previous)
			if broken {
				list = append(list, f)
			}
			if broken && f.Missed {
				break // said once
			}
		}
	}
	return list
}

// empty finds cells without a number, one finding for each row.
func (s *Sheet) empty(t *Table) (list []Finding) {
	for _, row := range t.Rows.Leaves() {
		f := Finding{Check: CheckEmpty, Table: t.Key, Line: row.Code, Each: EachRow}
		for _, column := range t.Columns.Leaves() {
			a := Address{t.Key, row.Code, column.Code}
			if c := s.cells[a]; !c.Filled && !c.Total {
				f.Cells = append(f.Cells, a)
			}
		}
		if len(f.Cells) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// sums finds totals that are not the sum of their parts.
func (s *Sheet) sums(t *Table) (list []Finding) {
	for _, row := range t.Rows.Leaves() {
		for _, column := range t.Columns.Leaves() {
			total := Address{t.Key, row.Code, column.Code}
			if column.Total() {
				list = s.sum(list, EachRow, row.Code, total, column.parts, func(part string) Address { return Address{t.Key, row.Code, part} })
			}
			if row.Total() {
				list = s.sum(list, EachColumn, column.Code, total, row.parts, func(part string) Address { return Address{t.Key, part, column.Code} })
			}
		}
	}
	return list
}

func (s *Sheet) sum(list []Finding, each Each, line string, total Address, parts []string, at func(string) Address) []Finding {
	f := Finding{Check: CheckSum, Table: total.Table, Line: line, Each: each, Cells: []Address{total}}
	f.Left = []Term{{Address: total, Value: s.cells[total].Final}}
	if !s.cells[total].Filled {
		return list // a part is missing, which is said of the part
	}
	for _, p := range parts {
		c := s.cells[at(p)]
		if !c.Filled {
			return list
		}
		f.Right = append(f.Right, Term{Address: c.Address, Value: c.Final})
	}
	if Sum(f.Left) != Sum(f.Right) {
		list = append(list, f)
	}
	return list
}

// check does one check of the layout in one column or row.
func (s *Sheet) check(x *Check, line *Line, previous *Sheet) (Finding, bool) {
	f := Finding{Check: x.ID, Rule: x.Title, Remedy: x.Remedy, Table: x.Table, Line: line.Code, Each: x.Each}
	at := func(code string) (Address, bool) {
		code, minus := cutMinus(code)
		if x.Each == EachRow {
			return Address{x.Table, line.Code, code}, minus
		}
		return Address{x.Table, code, line.Code}, minus
	}
	collect := func(codes []string, from *Sheet, before bool) (terms []Term, whole bool) {
		for _, code := range codes {
			a, minus := at(code)
			c := from.Cell(a)
			if c == nil || !c.Filled {
				return nil, false
			}
			terms = append(terms, Term{Address: a, Value: c.Final, Minus: minus, Previous: before})
		}
		return terms, true
	}
	var whole, right bool
	f.Left, whole = collect(x.Left, s, false)
	f.Right, right = collect(x.Right, s, false)
	if !whole || !right {
		return f, false // an empty cell is a finding of its own
	}
	for _, t := range slices.Concat(f.Left, f.Right) {
		f.Cells = append(f.Cells, t.Address)
	}
	if len(x.Previous) > 0 {
		var before []Term
		if previous != nil {
			before, whole = collect(x.Previous, previous, true)
		}
		if previous == nil || !whole {
			f.Missed = true
			return f, previous == nil
		}
		f.Right = append(f.Right, before...)
	}
	return f, Sum(f.Left) != Sum(f.Right)
}

func cutMinus(code string) (string, bool) {
	if len(code) > 0 && code[0] == '-' {
		return code[1:], true
	}
	return code, false
}
