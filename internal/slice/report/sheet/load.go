package sheet

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Laws knows the laws that may be cited. [statute.Rules] is one.
type Laws interface {
	Law(key string) (statute.Source, bool)
}

// raw is a file as it is written.
type raw struct {
	Key    string    `yaml:"key"`
	From   int       `yaml:"from"`
	Until  int       `yaml:"until"`
	Title  lang.Text `yaml:"title"`
	Source struct {
		Law     string `yaml:"law"`
		Article string `yaml:"article"`
		URL     string `yaml:"url"`
	} `yaml:"source"`
	Confidence statute.Confidence `yaml:"confidence"`
	Note       string             `yaml:"note"`
	Sections   []Section          `yaml:"sections"`
	Checks     []Check            `yaml:"checks"`
}

// Load reads every layout of a folder. It answers all defects at once, each with its file and place.
func Load(files fs.FS, folder string, laws Laws) (*Layouts, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("layouts of reports: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("layouts of reports: there is none in %s", folder)
	}
	out := &Layouts{}
	var problems []error
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("layouts of reports: %w", err)
		}
		l, err := parse(name, data, laws)
		problems = append(problems, err)
		if l != nil {
			out.list = append(out.list, l)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	slices.SortFunc(out.list, func(a, b *Layout) int { return cmp.Compare(a.From, b.From) })
	for i, l := range out.list {
		switch {
		case i+1 < len(out.list) && out.list[i+1].From != l.Until:
			problems = append(problems, fmt.Errorf("layouts of reports: %s holds until %d and %s from %d: each year needs one layout", l.Key, l.Until, out.list[i+1].Key, out.list[i+1].From))
		case i+1 == len(out.list) && l.Until != 0:
			problems = append(problems, fmt.Errorf("layouts of reports: nothing follows %s, which holds until %d", l.Key, l.Until))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return out, nil
}

// parse reads one file.
func parse(name string, data []byte, laws Laws) (*Layout, error) {
	var r raw
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &checker{file: name}
	l := &Layout{
		Key: r.Key, From: r.From, Until: r.Until, Title: r.Title, Confidence: r.Confidence, Note: r.Note, Sections: r.Sections, Checks: r.Checks,
	}
	cited, ok := laws.Law(r.Source.Law)
	if !ok {
		c.say("source.law", "%q is not in laws.yaml", r.Source.Law)
	}
	l.Source = cited
	l.Source.Article, l.Source.URL = r.Source.Article, cmp.Or(r.Source.URL, cited.URL)
	for i := range l.Sections {
		for _, t := range l.Sections[i].Tables {
			if t == nil || hollow(t.Rows) || hollow(t.Columns) {
				return nil, fmt.Errorf("%s: sections %d: a table, row or column is empty", name, i+1)
			}
		}
	}
	c.layout(l, strings.TrimSuffix(path.Base(name), path.Ext(name)))
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	return l, nil
}

// hollow reports whether a line of the tree is empty, which YAML lets stand.
func hollow(ls Lines) bool {
	return slices.ContainsFunc(ls, func(l *Line) bool { return l == nil || hollow(l.Lines) })
}

// checker collects what is wrong with a file.
type checker struct {
	file     string
	problems []error
}

func (c *checker) say(at, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %s: %s", c.file, at, fmt.Sprintf(format, args...)))
}

func (c *checker) text(at string, x lang.Text) {
	for _, t := range []struct{ tag, text string }{{"zh-Hans", x.Hans}, {"zh-Hant", x.Hant}, {"en", x.En}} {
		if strings.TrimSpace(t.text) == "" {
			c.say(at+"."+t.tag, "missing; write it in zh-Hans, zh-Hant and en")
		}
	}
}

// optional checks a text that may be left out whole.
func (c *checker) optional(at string, x lang.Text) {
	if x != (lang.Text{}) {
		c.text(at, x)
	}
}

// code is what may stand in an address.
var code = regexp.MustCompile(`^[a-z0-9]+(?:[-.][a-z0-9]+)*$`)

func (c *checker) code(at, text string) {
	if !code.MatchString(text) {
		c.say(at, "%q is no code; use small letters, digits, - and .", text)
	}
}

func (c *checker) layout(l *Layout, name string) {
	if l.Key != name {
		c.say("key", "want %s, the name of the file; it is %q", name, l.Key)
	}
	if l.From < 2008 || l.Until != 0 && l.Until <= l.From {
		c.say("from", "want the first year reported on, 2008 or later, before until; it is %d, until %d", l.From, l.Until)
	}
	c.text("title", l.Title)
	if l.Source.Article == "" {
		c.say("source.article", "missing; write where it stands")
	}
	switch l.Confidence {
	case statute.Verified, statute.Practice, statute.Unverified:
	default:
		c.say("confidence", "want verified, practice or unverified; it is %q", l.Confidence)
	}
	if len(l.Sections) == 0 {
		c.say("sections", "missing")
	}
	sections, tables := map[string]bool{}, map[string]bool{}
	for i := range l.Sections {
		x := &l.Sections[i]
		at := fmt.Sprintf("sections %d", i+1)
		c.code(at+".code", x.Code)
		if sections[x.Code] {
			c.say(at+".code", "%q is there twice", x.Code)
		}
		sections[x.Code] = true
		c.text(at+".title", x.Title)
		c.optional(at+".hint", x.Hint)
		if !slices.Contains([]Need{Never, Optional, Required}, x.Narrative) {
			c.say(at+".narrative", "want optional or required, or leave it out; it is %q", x.Narrative)
		}
		if x.Narrative == Never && len(x.Tables) == 0 {
			c.say(at, "has neither words nor tables")
		}
		for _, t := range x.Tables {
			if tables[t.Key] {
				c.say(at+".tables", "%q is there twice", t.Key)
			}
			tables[t.Key] = true
			c.table("table "+t.Key, t)
		}
	}
	ids := map[string]bool{}
	for i := range l.Checks {
		x := &l.Checks[i]
		at := "check " + x.ID
		c.code(at+".id", x.ID)
		if ids[x.ID] || x.ID == CheckSum || x.ID == CheckEmpty || x.ID == CheckWords {
			c.say(at+".id", "is there twice, or one of the program’s own (%s, %s, %s)", CheckSum, CheckEmpty, CheckWords)
		}
		ids[x.ID] = true
		c.check(at, l, x)
	}
}

func (c *checker) table(at string, t *Table) {
	c.code(at+".key", t.Key)
	c.optional(at+".heading", t.Heading)
	c.text(at+".stub", t.Stub)
	c.optional(at+".note", t.Note)
	c.lines(at+" rows", t.Rows)
	c.lines(at+" columns", t.Columns)
	if t.Bare && len(t.Rows.Leaves()) != 1 {
		c.say(at+".bare", "only a table with one row prints no name of it")
	}
	seen := map[string]Address{}
	for _, row := range t.Rows.Leaves() {
		for _, column := range t.Columns.Leaves() {
			a, name := Address{t.Key, row.Code, column.Code}, t.figure(row, column)
			if before, twice := seen[name]; twice {
				c.say(at+".figure", "%s and %s show the same figure %q; name {row} and {column} in it", before, a, name)
				return
			}
			seen[name] = a
		}
	}
	if t.Figure == "" || strings.ContainsAny(strings.NewReplacer("{row}", "", "{column}", "").Replace(t.Figure), "{} ") {
		c.say(at+".figure", "want the name of a figure, such as requests/{row}/{column}; it is %q", t.Figure)
	}
}

// lines checks a tree and works out what its totals add up.
func (c *checker) lines(at string, all Lines) {
	if len(all) == 0 {
		c.say(at, "missing")
		return
	}
	seen := map[string]bool{}
	var walk func(Lines)
	walk = func(ls Lines) {
		for _, l := range ls {
			here := at + " " + l.Code
			c.code(here+".code", l.Code)
			if seen[l.Code] {
				c.say(here, "is there twice")
			}
			seen[l.Code] = true
			c.text(here+".title", l.Title)
			c.optional(here+".note", l.Note)
			if l.Unit != Count && l.Unit != Money {
				c.say(here+".unit", "want money, or leave it out; it is %q", l.Unit)
			}
			if l.Group() && (l.Total() || l.Figure != "" || l.Unit != Count) {
				c.say(here, "is a group: its lines have figures, it has none")
			}
			walk(l.Lines)
		}
	}
	walk(all)
	for _, l := range all.Leaves() {
		c.parts(at+" "+l.Code+".sum", all, l)
	}
}

func (c *checker) parts(at string, all Lines, total *Line) {
	for _, code := range total.Sum {
		found := all.Find(code)
		if found == nil {
			c.say(at, "there is no %q", code)
			continue
		}
		for _, leaf := range (Lines{found}).Leaves() {
			switch {
			case leaf == total || leaf.Total():
				c.say(at, "%q is a total itself; name what it adds up", leaf.Code)
			case slices.Contains(total.parts, leaf.Code):
				c.say(at, "%q is added twice", leaf.Code)
			default:
				total.parts = append(total.parts, leaf.Code)
			}
		}
	}
}

func (c *checker) check(at string, l *Layout, x *Check) {
	c.text(at+".title", x.Title)
	c.text(at+".remedy", x.Remedy)
	t := l.Table(x.Table)
	if t == nil {
		c.say(at+".table", "there is no table %q", x.Table)
		return
	}
	lines := t.Rows
	switch x.Each {
	case EachColumn:
	case EachRow:
		lines = t.Columns
	default:
		c.say(at+".each", "want column or row; it is %q", x.Each)
	}
	if len(x.Left) == 0 || len(x.Right)+len(x.Previous) == 0 {
		c.say(at, "wants left, and right or previous")
	}
	for _, code := range slices.Concat(x.Left, x.Right, x.Previous) {
		code, _ = strings.CutPrefix(code, "-")
		if found := lines.Find(code); found == nil || found.Group() {
			c.say(at, "there is no line %q with cells in table %s", code, x.Table)
		}
	}
}
