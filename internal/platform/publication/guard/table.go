package guard

import (
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

// longestRow is how long a line may be, in bytes, and still be a row of a table.
const longestRow = 4000

// table is what the heading of the table said that the walk is in.
type table struct {
	sep     rune // '\t', '|', ',' or ' '; 0 outside of tables
	columns []class
	public  bool // a column tells the duty of people: they are named in their office
	misses  int
	// where the walk has counted cells to
	counted, cell int
}

func (t *table) separates(r rune) bool {
	switch t.sep {
	case 0:
		return false
	case ' ':
		return blank(r) || r == '\t'
	case ',':
		return r == ',' || r == '，'
	}
	return r == t.sep
}

// lineAt returns the line that begins at an offset.
func lineAt(text string, at int) string {
	line := text[at:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return line
}

// startLine does what is due at the beginning of each line.
func (s *scanner) startLine(at int) {
	s.line = at
	line := lineAt(s.text, at)
	s.table.counted, s.table.cell = at, 0
	if len(line) > longestRow {
		s.table.leave()
		return
	}
	if s.table.heading(line) {
		s.headingEnd = at + len(line)
		return
	}
	if s.table.sep == 0 {
		return
	}
	cells := 0
	s.table.cells(line, func(n, from, to int) {
		cells++
		if n >= len(s.table.columns) {
			return
		}
		switch s.table.columns[n] {
		case sayName:
			s.nameCell(at+from, at+to)
		case sayHome:
			s.homeCell(at+from, at+to)
		default:
		}
	})
	if cells > 1 {
		s.table.misses = 0
	} else if s.table.misses++; s.table.misses > 2 {
		s.table.leave()
	}
}

func (t *table) leave() { *t = table{columns: t.columns[:0]} }

// headings are what the heading of a table of people holds one of.
var headings = [...]string{"姓名", "身份证", "身份證", "电话", "電話", "手机", "手機", "住址", "账号", "帐号", "帳號", "卡号", "户主", "戶主", "申请人", "申請人", "证件号"}

// heading reads a line that may be the heading of a table, and reports whether it is one.
func (t *table) heading(line string) bool {
	if len(line) > 900 || strings.Contains(line, "。") { // prose
		return false
	}
	found := false
	for _, h := range headings {
		if strings.Contains(line, h) {
			found = true
			break
		}
	}
	if !found {
		return false
	}
	h := table{columns: t.columns[:0]}
	switch {
	case strings.Contains(line, "\t"):
		h.sep = '\t'
	case strings.Count(line, "|") > 1:
		h.sep = '|'
	case strings.Count(line, ",") > 1 || strings.Count(line, "，") > 1:
		h.sep = ','
	case strings.Count(line, " ")+strings.Count(line, "　") > 1:
		h.sep = ' '
	default:
		return false
	}
	named, count, long := 0, 0, false
	h.cells(line, func(_, from, to int) {
		c := columnClass(line[from:to])
		h.columns = append(h.columns, c)
		count++
		if c == sayDuty {
			h.public = true
		} else if c != sayNothing {
			named++
		}
		long = long || to-from > 36 || strings.ContainsAny(line[from:to], "0123456789：:。；")
	})
	if long || count < 2 || named == 0 || named < 2 && h.sep != '\t' && h.sep != '|' {
		return false
	}
	h.counted, h.cell = t.counted, t.cell
	*t = h
	return true
}

// columnClass says what a column holds by its heading.
func columnClass(heading string) class {
	heading = strings.Map(func(r rune) rune {
		if blank(r) || invisible(r) {
			return -1
		}
		return r
	}, heading)
	best := sayNothing
	for i, r := range heading {
		w, ok := words.at(heading, i, r)
		if !ok {
			continue
		}
		switch w.is {
		case sayRole, sayContact:
			if best == sayNothing {
				best = sayName
			}
		case sayName, sayID, sayPhone, sayHomePhone, sayAccount, sayPaper, sayPlate, sayDuty, sayMail:
			best = w.is
		case sayHome:
			if w.text != "住" {
				best = sayHome
			}
		case sayPlace:
			best = sayHome
		case sayOffice, sayOfficePhone, sayNumber, sayPublic:
			return sayNothing
		default:
		}
	}
	return best
}

// cells calls f with number and place of each cell of a line.
func (t *table) cells(line string, f func(n, from, to int)) {
	n, from := 0, 0
	flush := func(to int) {
		if t.sep == ' ' && from == to {
			return
		}
		f(n, from, to)
		n++
	}
	for i, r := range line {
		if t.separates(r) {
			flush(i)
			from = i + utf8.RuneLen(r) // no separator is a broken character
		}
	}
	flush(len(line))
}

// column returns what the column holds in which an offset of the current line stands.
func (s *scanner) column(at int) class {
	t := &s.table
	if t.sep == 0 || at < s.line || at-s.line > longestRow {
		return sayNothing
	}
	if at < t.counted {
		t.counted, t.cell = s.line, 0
	}
	for i, r := range s.text[t.counted:at] {
		// In a table set with blanks, several count as one, and those that begin the line as none.
		if t.separates(r) && (t.sep != ' ' || t.counted+i > s.line && !t.separates(before(s.text, t.counted+i))) {
			t.cell++
		}
	}
	t.counted = at
	if t.cell < len(t.columns) {
		return t.columns[t.cell]
	}
	return sayNothing
}

// nameCell judges a cell in a column of names.
func (s *scanner) nameCell(from, to int) {
	if s.table.public {
		return
	}
	from = skipDelimiters(s.text[:to], from)
	var c candidate
	readName(s.text[:to], from, &c)
	k := len(c.runes)
	if k < 2 || s.tail(c.to[k-1], to) != "" || c.name(s.text[:to], false) != k {
		return
	}
	s.add(Finding{Kind: PersonName, From: from, To: c.to[k-1], Mask: identifier.MaskName(string(c.runes)), Confidence: Likely, Why: ByColumn})
}

func (s *scanner) tail(from, to int) string { return strings.Trim(s.text[from:to], " 　\t\r|\"") }

// homeCell judges a cell in a column of addresses.
func (s *scanner) homeCell(from, to int) {
	if s.table.public {
		return
	}
	from = skipDelimiters(s.text[:to], from)
	end := min(to, addressEnd(s.text, from))
	if end <= from {
		return
	}
	a := s.text[from:end]
	if belowTownship(a) == "" || !strings.ContainsAny(a, addressMarks) || officeAddress(a) {
		return
	}
	s.add(Finding{Kind: Address, From: from, To: end, Mask: identifier.MaskAddress(a), Confidence: Likely, Why: ByColumn})
}
