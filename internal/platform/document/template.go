package document

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
)

// Form is which head of GB/T 9704-2012 a letter has.
type Form string

// The forms.
const (
	FullForm   Form = "document" // 公文格式 (7): large red heading, number beneath it, red rule
	LetterForm Form = "letter"   // 信函格式 (10.1): heading near the top edge, double red rule, number at the right
)

// Template is one kind of letter.
type Template struct {
	Kind     string   `yaml:"kind"`
	Version  int      `yaml:"version"`
	Form     Form     `yaml:"form"`
	Word     string   `yaml:"word"`     // 字: each word of a body has numbers of its own
	Number   string   `yaml:"number"`   // pattern of the document number
	Adverse  bool     `yaml:"adverse"`  // it must tell of remedies
	Replaces []string `yaml:"replaces"` // kinds of letters of the same matter that hold no more once this one is there
	Titles   []Titled `yaml:"titles"`   // the first whose fact is there
	Body     []Part   `yaml:"body"`
	Remedies []Part   `yaml:"remedies"` // 救济途径
}

// Titled is a title for when a fact is there.
type Titled struct {
	When string    `yaml:"when"`
	Text lang.Text `yaml:"text"`
}

// Part is a part of the body: a paragraph, a list of facts, or what an official wrote. It is left out when the fact named by When, or
// all that it would say, is empty.
type Part struct {
	When    string    `yaml:"when"`
	Text    lang.Text `yaml:"text"`
	Facts   []Fact    `yaml:"facts"`
	Words   string    `yaml:"words"` // placeholder of what an official wrote, the same in every language
	Heading lang.Text `yaml:"heading"`
}

// Fact is a line of a list.
type Fact struct {
	When  string    `yaml:"when"`
	Name  lang.Text `yaml:"name"`
	Value string    `yaml:"value"`
}

// common is what all letters share.
type common struct {
	Translation  lang.Text         `yaml:"translation"`
	To           lang.Text         `yaml:"to"`
	Seal         lang.Text         `yaml:"seal"`
	Scan         lang.Text         `yaml:"scan"`
	Proof        []lang.Text       `yaml:"proof"`
	Placeholders map[string]string `yaml:"placeholders"` // name → what it is
}

// Templates are all kinds of letters. They are not changed once loaded.
type Templates struct {
	common common
	kinds  map[string]*Template
}

const commonFile = "common.yaml"

// Load reads the templates of a folder. It answers every defect at once, each with its file: an unknown key, an unknown placeholder, a
// missing language, an adverse letter without remedies.
func Load(files fs.FS) (*Templates, error) {
	t := &Templates{kinds: map[string]*Template{}}
	if err := read(files, commonFile, &t.common); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	problems := []error{t.checkCommon()}
	for _, name := range names {
		if name == commonFile {
			continue
		}
		var x Template
		if err := read(files, name, &x); err != nil {
			problems = append(problems, err)
			continue
		}
		c := checker{file: name, known: t.common.Placeholders}
		c.template(&x, strings.TrimSuffix(name, path.Ext(name)))
		problems = append(problems, c.problems...)
		t.kinds[x.Kind] = &x
	}
	for _, x := range t.kinds {
		for _, other := range x.Replaces {
			if t.kinds[other] == nil {
				problems = append(problems, fmt.Errorf("letters/%s.yaml: replaces %q, which is no kind of letter", x.Kind, other))
			}
		}
	}
	return t, errors.Join(problems...)
}

func read(files fs.FS, name string, into any) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("letters: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("letters/%s: %w", name, err)
	}
	return nil
}

// Kind returns the template of a kind, or nil.
func (t *Templates) Kind(kind string) *Template { return t.kinds[kind] }

// Kinds lists the kinds of letters.
func (t *Templates) Kinds() []string { return slices.Sorted(maps.Keys(t.kinds)) }

// Placeholders returns what may stand in braces, with what it is.
func (t *Templates) Placeholders() map[string]string { return maps.Clone(t.common.Placeholders) }

func (t *Templates) checkCommon() error {
	c := checker{file: commonFile, known: t.common.Placeholders}
	x := &t.common
	if x.Translation.Hant == "" || x.Translation.En == "" {
		c.say("translation: want zh-Hant and en")
	}
	c.text("to", x.To)
	c.text("seal", x.Seal)
	c.text("scan", x.Scan)
	for i, p := range x.Proof {
		c.text(fmt.Sprintf("proof %d", i+1), p)
	}
	return errors.Join(c.problems...)
}

// checker collects what is wrong with a file.
type checker struct {
	file     string
	known    map[string]string
	problems []error
}

func (c *checker) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("letters/"+c.file+": "+format, args...))
}

func (c *checker) template(x *Template, name string) {
	switch {
	case x.Kind != name:
		c.say("kind: want %s, the name of the file; it is %q", name, x.Kind)
	case x.Version < 1:
		c.say("version: want 1 or more; raise it when the words change")
	case x.Form != FullForm && x.Form != LetterForm:
		c.say("form: want %s or %s; it is %q", FullForm, LetterForm, x.Form)
	case x.Word == "":
		c.say("word: missing; it is the 字 by which the letters are numbered, such as 受")
	}
	c.number(x.Number)
	if n := len(x.Titles); n == 0 || x.Titles[n-1].When != "" {
		c.say("titles: the last one must stand without when")
	}
	for _, t := range x.Titles {
		c.when(t.When)
		c.text("titles", t.Text)
	}
	if len(x.Body) == 0 {
		c.say("body: missing")
	}
	c.parts("body", x.Body)
	c.parts("remedies", x.Remedies)
	if x.Adverse && len(x.Remedies) == 0 {
		// 行政许可法 38: a refusal tells the applicant of reconsideration and suit.
		c.say("remedies: missing; an adverse letter must tell of them (行政许可法 38)")
	}
}

// number checks the pattern of document numbers: GB/T 9704-2012, 7.2.5 wants agency, year in full in 〔〕, and a number without 第.
func (c *checker) number(pattern string) {
	c.placeholders("number", pattern)
	if !strings.HasPrefix(pattern, "{agency}") || !strings.Contains(pattern, "〔{year}〕{ordinal}号") {
		c.say("number: want {agency}…〔{year}〕{ordinal}号 (GB/T 9704-2012, 7.2.5); it is %q", pattern)
	}
}

func (c *checker) parts(where string, parts []Part) {
	for i := range parts {
		p := &parts[i]
		at := fmt.Sprintf("%s %d", where, i+1)
		c.when(p.When)
		kinds := 0
		if p.Text != (lang.Text{}) {
			kinds++
			c.text(at, p.Text)
		}
		if len(p.Facts) > 0 {
			kinds++
			for _, f := range p.Facts {
				c.when(f.When)
				c.text(at+" facts name", f.Name)
				c.placeholders(at+" facts value", f.Value)
			}
		}
		if p.Words != "" {
			kinds++
			c.when(p.Words)
			c.text(at+" heading", p.Heading)
		}
		if kinds != 1 {
			c.say("%s: want one of text, facts, words", at)
		}
	}
}

func (c *checker) when(name string) {
	if _, ok := c.known[name]; name != "" && !ok {
		c.say("unknown placeholder %q; common.yaml lists those that there are", name)
	}
}

func (c *checker) text(where string, x lang.Text) {
	for _, t := range []struct{ tag, text string }{{"zh-Hans", x.Hans}, {"zh-Hant", x.Hant}, {"en", x.En}} {
		if strings.TrimSpace(t.text) == "" {
			c.say("%s: %s is missing", where, t.tag)
		}
		c.placeholders(where, t.text)
	}
}

// braces finds what is to be filled in.
var braces = regexp.MustCompile(`\{[^{}]*\}`)

func (c *checker) placeholders(where, text string) {
	for _, found := range braces.FindAllString(text, -1) {
		if _, ok := c.known[found[1:len(found)-1]]; !ok {
			c.say("%s: unknown placeholder %s; common.yaml lists those that there are", where, found)
		}
	}
	if rest := braces.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
		c.say("%s: a brace is open or closed alone in %q", where, text)
	}
}
