package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"openhall.org/openhall/internal/core/lang"
)

// Formats maps names of formats to checks: nil when the value is right, else a sentence that says what is wrong and how to mend it.
type Formats map[string]func(value string) *lang.Text

// Schema is a form that is data. It is immutable and safe for concurrent use.
type Schema struct {
	raw      json.RawMessage
	compiled *jsonschema.Schema
	fields   []*field
	byName   map[string]*field
}

// asking is the way in which a field is asked and read.
type asking int

const (
	askText asking = iota
	askLong
	askInteger
	askNumber
	askMoney
	askBoolean
	askDate
	askChoice
	askChoices
	askGroup
)

// field is one question of a schema. Fields of a group are named group.field.
type field struct {
	name, key string
	kind      asking
	node      *node
	required  bool
	title     lang.Text
	hint      lang.Text
	options   []option
	fields    []*field
}

type option struct {
	value string
	title lang.Text
}

// node is the part of JSON Schema that a form understands.
type node struct {
	Type        string    `json:"type"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	XTitle      lang.Text `json:"x-title"`
	XHint       lang.Text `json:"x-hint"`
	XPattern    lang.Text `json:"x-pattern"`
	XSuffix     lang.Text `json:"x-suffix"`
	XPersonal   bool      `json:"x-personal"`
	XPurpose    string    `json:"x-autocomplete"`
	XWidth      int       `json:"x-width"`
	XSuggest    string    `json:"x-suggest"` // list of words that the page offers for it
	// XWhen says when the question is asked: each field that is named has one of the values. Otherwise what stands in it counts for nothing.
	XWhen      map[string][]string `json:"x-when"`
	Format     string              `json:"format"`
	Pattern    string              `json:"pattern"`
	Enum       []string            `json:"enum"`
	OneOf      []choice            `json:"oneOf"`
	Items      *node               `json:"items"`
	Properties properties          `json:"properties"`
	Required   []string            `json:"required"`
	MaxLength  int                 `json:"maxLength"`
}

// choice is one alternative of oneOf: a constant with its words.
type choice struct {
	Const  string    `json:"const"`
	Title  string    `json:"title"`
	XTitle lang.Text `json:"x-title"`
}

// properties keeps the order of the document, which is the order of the questions.
type properties []property

type property struct {
	key  string
	node *node
}

// UnmarshalJSON reads an object and keeps its order.
func (p *properties) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("properties must be an object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		n := &node{}
		if err := d.Decode(n); err != nil {
			return fmt.Errorf("property %v: %w", key, err)
		}
		name, _ := key.(string) // keys of an object are strings
		*p = append(*p, property{name, n})
	}
	return nil
}

// Compile checks a schema and prepares it. The formats of core/identifier (id-card, uscc …) come in through formats; date, email,
// phone and money are known. Errors wrap ErrSchema and name the property.
func Compile(raw []byte, formats Formats) (*Schema, error) {
	root := &node{}
	if err := json.Unmarshal(raw, root); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	s := &Schema{raw: slices.Clone(raw), byName: map[string]*field{}}
	if root.Type != "object" || len(root.Properties) == 0 {
		return nil, fmt.Errorf("%w: the schema must be of type object and have properties", ErrSchema)
	}
	known := withBuiltin(formats)
	var err error
	if s.fields, err = s.fieldsOf(root, "", known); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	for name, f := range s.byName {
		for other := range f.node.XWhen {
			if s.byName[other] == nil || other == name {
				return nil, fmt.Errorf("%w: property %s: x-when names %s, which is no other property", ErrSchema, name, other)
			}
		}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	for name, check := range known {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: asFormat(check)})
	}
	const location = "form.json"
	if err := compiler.AddResource(location, doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if s.compiled, err = compiler.Compile(location); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return s, nil
}

// noLoader refuses references out of the schema: a form must not depend on files or hosts.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("references to other documents are not allowed: %s", url)
}

// formatError carries the message of a format to Check.
type formatError struct{ text lang.Text }

func (e *formatError) Error() string { return e.text.Hans }

func asFormat(check func(string) *lang.Text) func(any) error {
	return func(v any) error {
		text, ok := v.(string)
		if !ok {
			return nil // a wrong type is another error
		}
		if wrong := check(text); wrong != nil {
			return &formatError{*wrong}
		}
		return nil
	}
}

// fieldsOf reads the properties of an object, and those of groups beneath it.
func (s *Schema) fieldsOf(object *node, prefix string, formats Formats) ([]*field, error) {
	fields := make([]*field, 0, len(object.Properties))
	for _, p := range object.Properties {
		f := &field{name: prefix + p.key, key: p.key, node: p.node, required: slices.Contains(object.Required, p.key)}
		if s.byName[f.name] != nil {
			return nil, fmt.Errorf("property %s: defined twice", f.name)
		}
		s.byName[f.name] = f
		if err := s.describe(f, prefix, formats); err != nil {
			return nil, fmt.Errorf("property %s: %w", f.name, err)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// describe fills in kind, titles and options of a field.
func (s *Schema) describe(f *field, prefix string, formats Formats) error {
	n := f.node
	f.title = lang.Text{Hans: n.Title, Hant: n.XTitle.Hant, En: n.XTitle.En}
	if !f.title.Complete() {
		return errors.New("title and x-title must give the words in zh-Hans, zh-Hant and en")
	}
	f.hint = lang.Text{Hans: n.Description, Hant: n.XHint.Hant, En: n.XHint.En}
	if !f.hint.IsZero() && !f.hint.Complete() {
		return errors.New("description and x-hint must give the hint in zh-Hans, zh-Hant and en")
	}
	if n.Pattern != "" && !n.XPattern.Complete() {
		return errors.New("a pattern needs x-pattern, which says in three languages what is expected")
	}
	var err error
	if f.options, err = optionsOf(n); err != nil {
		return err
	}
	if n.Format != "" && n.Format != "money" && formats[n.Format] == nil {
		return fmt.Errorf("unknown format %q", n.Format)
	}
	if n.Type == "object" {
		if prefix != "" {
			return errors.New("objects may be one level deep")
		}
		f.kind = askGroup
		f.fields, err = s.fieldsOf(n, f.name+".", formats)
		return err
	}
	f.kind, err = askingOf(n, f)
	return err
}

// longText is the length from which a text is asked for in several lines, in characters.
const longText = 100

func askingOf(n *node, f *field) (asking, error) {
	switch {
	case n.Type == "string" && len(f.options) > 0:
		return askChoice, nil
	case n.Type == "string" && n.Format == "date":
		return askDate, nil
	case n.Type == "string" && n.MaxLength > longText: // a format of a long text is about its words, not its signs
		return askLong, nil
	case n.Type == "string":
		return askText, nil
	case n.Type == "integer" && n.Format == "money":
		return askMoney, nil
	case n.Type == "integer":
		return askInteger, nil
	case n.Type == "number":
		return askNumber, nil
	case n.Type == "boolean":
		return askBoolean, nil
	case n.Type == "array" && n.Items != nil:
		var err error
		if f.options, err = optionsOf(n.Items); err != nil {
			return 0, err
		}
		if len(f.options) > 0 {
			return askChoices, nil
		}
		return 0, errors.New("items of an array must be choices (enum or oneOf)")
	}
	return 0, fmt.Errorf("type %q cannot be asked in a form", n.Type)
}

// optionsOf reads the choices of enum (whose values are their own words) or of oneOf.
func optionsOf(n *node) ([]option, error) {
	options := make([]option, 0, len(n.Enum)+len(n.OneOf))
	for _, v := range n.Enum {
		options = append(options, option{v, lang.Text{Hans: v, Hant: v, En: v}})
	}
	for _, c := range n.OneOf {
		title := lang.Text{Hans: c.Title, Hant: c.XTitle.Hant, En: c.XTitle.En}
		if c.Const == "" || !title.Complete() {
			return nil, errors.New("each alternative of oneOf needs const, title and x-title")
		}
		options = append(options, option{c.Const, title})
	}
	return options, nil
}

// Raw returns the schema as it was given.
func (s *Schema) Raw() json.RawMessage { return s.raw }

// Personal lists the fields that hold personal data (x-personal), in the form field or group.field.
func (s *Schema) Personal() []string {
	var names []string
	for name, f := range s.byName {
		if f.node.XPersonal && f.kind != askGroup {
			names = append(names, name)
			continue
		}
		for _, child := range f.fields {
			if f.node.XPersonal && !child.node.XPersonal {
				names = append(names, child.name)
			}
		}
	}
	slices.Sort(names)
	return names
}
