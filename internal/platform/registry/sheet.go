package registry

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
)

// Sheets are the kinds of things that come as a table (CSV, UTF-8, a row of column names first), in the order in which they refer to
// one another.
func Sheets() []string { return []string{"divisions", "bodies", "centres", "windows", "posts"} }

// Column is a column of a sheet.
type Column struct {
	Name     string
	Required bool
}

// name is the three columns of a name.
func name(prefix string) []Column {
	return []Column{{prefix + "_hans", true}, {prefix + "_hant", false}, {prefix + "_en", false}}
}

// Columns returns the columns of a sheet; nil when there is no such sheet. The first is the key.
func Columns(sheet string) []Column {
	must := func(names ...string) (out []Column) {
		for _, n := range names {
			out = append(out, Column{n, true})
		}
		return out
	}
	may := func(names ...string) (out []Column) {
		for _, n := range names {
			out = append(out, Column{n, false})
		}
		return out
	}
	optional := func(c []Column) []Column {
		c[0].Required = false
		return c
	}
	switch sheet {
	case "divisions":
		return slices.Concat(must("code", "level"), name("name"))
	case "bodies":
		return slices.Concat(must("key", "division"), name("name"), must("kind", "level"), may("agency", "uscc", "centre"), optional(name("address")), may("consult", "complaint", "ended"))
	case "centres":
		return slices.Concat(must("key", "division", "body"), name("name"), optional(name("address")), optional(name("hours")), may("telephone", "ended"))
	case "windows":
		return slices.Concat(must("key", "centre"), name("name"), may("number", "bodies"))
	case "posts":
		return slices.Concat(must("key", "body", "roles"), name("title"), may("windows", "ended"))
	}
	return nil
}

// SheetError says what is wrong with one cell. Code is stable: pages find its words by it.
type SheetError struct {
	Row    int // as a spreadsheet counts: the column names are row 1; 0: the sheet as a whole
	Column string
	Code   string // unreadable, column-unknown, column-missing, required, number, unknown, role, day, uscc, twice, code, empty
	Value  string
}

// sheetWords are the codes of errors in words.
var sheetWords = map[string]string{
	"unreadable": "this is no CSV in UTF-8: save the table as “CSV UTF-8”", "column-unknown": "no such column: remove it, or correct its name",
	"column-missing": "the column is missing: add it", "required": "the cell is empty: fill it in", "number": "want a number from 1 (province) to 5 (village)",
	"unknown": "there is no such thing, neither in the hall nor further up in the sheet", "role": "no such role", "day": "want a day such as 2026-12-31",
	"uscc": "not a valid unified social credit code", "twice": "the key stands twice in the sheet", "code": "want 12 digits, with zeros below its own level",
	"empty": "the sheet has no rows", "large": "the sheet has too many rows",
}

func (e SheetError) Error() string {
	words := sheetWords[e.Code]
	switch {
	case e.Row == 0 && e.Column == "":
		return words
	case e.Row == 0:
		return fmt.Sprintf("column %s: %s", e.Column, words)
	}
	return fmt.Sprintf("row %d, column %s, %q: %s", e.Row, e.Column, e.Value, words)
}

// SheetErrors are all that is wrong with a sheet.
type SheetErrors []SheetError

func (e SheetErrors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Sheet is a table that was read and can be put into the registry.
type Sheet struct {
	Kind string
	Keys []string // of its rows

	divisions []Division
	bodies    []Body
	centres   []Centre
	posts     []Post
	windows   []seatedWindow
}

// seatedWindow is a window with the key of its centre.
type seatedWindow struct {
	centre string
	window Window
}

const (
	maxRows   = 50_000
	maxErrors = 100
)

// ReadSheet reads a table against the registry as it stands. Everything that is wrong comes back at once, as [SheetErrors].
func (s *Snapshot) ReadSheet(kind string, data []byte) (*Sheet, error) {
	columns := Columns(kind)
	if columns == nil {
		return nil, fmt.Errorf("there is no sheet %q: choose one of %s", kind, strings.Join(Sheets(), ", "))
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, SheetErrors{{Code: "empty"}}
	}
	if err != nil {
		return nil, SheetErrors{{Code: "unreadable"}}
	}
	in := &sheetReader{before: s, sheet: &Sheet{Kind: kind}, columns: columns, seen: map[string]bool{}}
	if in.head(head); len(in.errors) > 0 {
		return nil, in.errors
	}
	for n := 2; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, append(in.errors, SheetError{Row: n, Column: columns[0].Name, Code: "unreadable"})
		}
		if n > maxRows+1 {
			return nil, SheetErrors{{Code: "large"}}
		}
		line, _ := r.FieldPos(0)
		in.row(line, record)
		if len(in.errors) >= maxErrors {
			break
		}
	}
	if len(in.sheet.Keys) == 0 && len(in.errors) == 0 {
		return nil, SheetErrors{{Code: "empty"}}
	}
	if len(in.errors) > 0 {
		return nil, in.errors
	}
	return in.sheet, nil
}

// ReadRow reads one thing, given by its columns, as a form sends it.
func (s *Snapshot) ReadRow(kind string, cells map[string]string) (*Sheet, error) {
	in := &sheetReader{before: s, sheet: &Sheet{Kind: kind}, columns: Columns(kind), seen: map[string]bool{}}
	in.cells, in.n = cells, 1
	if in.read(); len(in.errors) > 0 {
		return nil, in.errors
	}
	return in.sheet, nil
}

// sheetReader reads the rows of a sheet.
type sheetReader struct {
	before  *Snapshot
	sheet   *Sheet
	columns []Column
	place   map[string]int // of each column
	seen    map[string]bool
	errors  SheetErrors

	n     int
	cells map[string]string
}

func (in *sheetReader) head(record []string) {
	in.place = map[string]int{}
	for i, c := range record {
		c = strings.ToLower(strings.TrimSpace(c))
		if c == "" {
			continue
		}
		if !slices.ContainsFunc(in.columns, func(x Column) bool { return x.Name == c }) {
			in.errors = append(in.errors, SheetError{Column: c, Code: "column-unknown"})
		}
		in.place[c] = i
	}
	for _, c := range in.columns {
		if _, there := in.place[c.Name]; !there && c.Required {
			in.errors = append(in.errors, SheetError{Column: c.Name, Code: "column-missing"})
		}
	}
}

func (in *sheetReader) row(n int, record []string) {
	in.n, in.cells = n, map[string]string{}
	empty := true
	for c, i := range in.place {
		if i < len(record) {
			in.cells[c] = strings.TrimSpace(record[i])
			empty = empty && in.cells[c] == ""
		}
	}
	if !empty {
		in.read()
	}
}

func (in *sheetReader) fail(column, code string) {
	in.errors = append(in.errors, SheetError{Row: in.n, Column: column, Code: code, Value: in.cells[column]})
}

func (in *sheetReader) text(prefix string) lang.Text {
	return lang.Text{Hans: in.cells[prefix+"_hans"], Hant: in.cells[prefix+"_hant"], En: in.cells[prefix+"_en"]}
}

// known refuses a cell that names something which is not there.
func (in *sheetReader) known(column string, there bool) {
	if in.cells[column] != "" && !there {
		in.fail(column, "unknown")
	}
}

// list reads a cell with several keys and refuses those that are not known.
func (in *sheetReader) list(column, code string, known func(string) bool) []string {
	keys := strings.FieldsFunc(in.cells[column], func(r rune) bool { return r == ' ' || r == ';' || r == ',' || r == '，' || r == '；' })
	for _, k := range keys {
		if !known(k) {
			in.errors = append(in.errors, SheetError{Row: in.n, Column: column, Code: code, Value: k})
		}
	}
	return keys
}

func (in *sheetReader) ended() string {
	day := in.cells["ended"]
	if _, err := calendar.Parse(day); day != "" && err != nil {
		in.fail("ended", "day")
	}
	return day
}

func (in *sheetReader) read() {
	for _, c := range in.columns {
		if c.Required && in.cells[c.Name] == "" {
			in.fail(c.Name, "required")
		}
	}
	key := in.cells[in.columns[0].Name]
	if in.seen[key] && key != "" {
		in.fail(in.columns[0].Name, "twice")
	}
	in.seen[key] = true
	in.sheet.Keys = append(in.sheet.Keys, key)
	switch in.sheet.Kind {
	case "divisions":
		in.division()
	case "bodies":
		in.body()
	case "centres":
		in.centre()
	case "windows":
		in.window()
	case "posts":
		in.post()
	}
}

func (in *sheetReader) division() {
	d := Division{Code: in.cells["code"], Name: in.text("name")}
	level, err := strconv.Atoi(in.cells["level"])
	d.Level = Level(level)
	switch {
	case in.cells["level"] != "" && (err != nil || d.Level < Province || d.Level > Village):
		in.fail("level", "number")
	case d.Code != "" && d.Name.Hans != "" && in.cells["level"] != "" && d.check() != nil:
		in.fail("code", "code")
	}
	in.sheet.divisions = append(in.sheet.divisions, d)
}

func (in *sheetReader) body() {
	c := in.cells
	b := Body{
		Key: c["key"], Division: c["division"], Kind: c["kind"], Level: c["level"], Name: in.text("name"), Agency: c["agency"], USCC: c["uscc"],
		Centre: c["centre"], Address: in.text("address"), Consult: c["consult"], Complaint: c["complaint"], Ended: in.ended(),
	}
	in.known("division", in.before.Division(b.Division) != nil)
	in.known("centre", in.before.Centre(b.Centre) != nil)
	if _, err := identifier.ParseUSCC(b.USCC); b.USCC != "" && err != nil {
		in.fail("uscc", "uscc")
	}
	in.sheet.bodies = append(in.sheet.bodies, b)
}

func (in *sheetReader) centre() {
	c := in.cells
	x := Centre{
		Key: c["key"], Division: c["division"], Body: c["body"], Name: in.text("name"), Address: in.text("address"), Hours: in.text("hours"),
		Telephone: c["telephone"], Ended: in.ended(),
	}
	in.known("division", in.before.Division(x.Division) != nil)
	in.known("body", in.before.Body(x.Body) != nil)
	if was := in.before.Centre(x.Key); was != nil {
		x.Windows = was.Windows
	}
	in.sheet.centres = append(in.sheet.centres, x)
}

func (in *sheetReader) window() {
	w := Window{Key: in.cells["key"], Number: in.cells["number"], Name: in.text("name")}
	in.known("centre", in.before.Centre(in.cells["centre"]) != nil)
	w.Bodies = in.list("bodies", "unknown", func(k string) bool { return in.before.Body(k) != nil })
	in.sheet.windows = append(in.sheet.windows, seatedWindow{in.cells["centre"], w})
}

func (in *sheetReader) post() {
	p := Post{Key: in.cells["key"], Body: in.cells["body"], Title: in.text("title"), Ended: in.ended()}
	in.known("body", in.before.Body(p.Body) != nil)
	p.Roles = in.list("roles", "role", func(k string) bool { return slices.Contains(Roles(), k) })
	p.Windows = in.list("windows", "unknown", func(k string) bool { return in.before.Window(k) != nil })
	in.sheet.posts = append(in.sheet.posts, p)
}

// PutSheet puts everything of a sheet into the registry. What is there already and not in the sheet stays.
func (e *Edit) PutSheet(s *Sheet) error {
	if err := e.PutDivisions(s.divisions); err != nil {
		return err
	}
	for _, b := range s.bodies {
		if err := e.PutBody(b); err != nil {
			return err
		}
	}
	for _, c := range s.centres {
		if err := e.PutCentre(c); err != nil {
			return err
		}
	}
	for _, p := range s.posts {
		if err := e.PutPost(p); err != nil {
			return err
		}
	}
	return e.putWindows(s.windows)
}

// putWindows puts each centre with its windows once.
func (e *Edit) putWindows(windows []seatedWindow) error {
	var order []string
	centres := map[string]Centre{}
	for _, w := range windows {
		c, there := centres[w.centre]
		if !there {
			was := e.before.centre[w.centre]
			if was == nil {
				return fmt.Errorf("window %s: there is no centre %q", w.window.Key, w.centre)
			}
			c = *was
			c.Windows = slices.Clone(c.Windows)
			order = append(order, w.centre)
		}
		if i := slices.IndexFunc(c.Windows, func(x Window) bool { return x.Key == w.window.Key }); i >= 0 {
			c.Windows[i] = w.window
		} else {
			c.Windows = append(c.Windows, w.window)
		}
		centres[w.centre] = c
	}
	for _, key := range order {
		if err := e.PutCentre(centres[key]); err != nil {
			return err
		}
	}
	return nil
}
