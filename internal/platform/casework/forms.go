package casework

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
)

// Format checks a string of a named format, such as id-card, and says what is wrong with it.
type Format func(value string) error

// Forms are the forms of the steps of procedures, by key. Each is a JSON Schema; properties marked x-public go into the log in
// clear, those marked x-variable into the procedure's variables, all others are sealed.
type Forms struct {
	m map[string]*Form
	// Others finds forms that were made in the program rather than shipped with it; it answers alike for ever. Set it before the first
	// command. Nil: there are none.
	Others func(key string) (*Form, bool)
}

func (f *Forms) find(key string) (*Form, bool) {
	form, ok := f.m[key]
	if !ok && f.Others != nil {
		return f.Others(key)
	}
	return form, ok
}

// Form is one form.
type Form struct {
	Key      string
	Source   json.RawMessage // the schema as written, for drawing the form
	schema   *jsonschema.Schema
	public   map[string]bool
	variable map[string]bool
}

// LoadForms reads every *.json of a folder as the form of that name.
func LoadForms(fsys fs.FS, dir string, formats map[string]Format) (*Forms, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("forms: %w", err)
	}
	f := &Forms{m: map[string]*Form{}}
	for _, e := range entries {
		key, isForm := strings.CutSuffix(e.Name(), ".json")
		if !isForm {
			continue
		}
		source, err := fs.ReadFile(fsys, path.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("form %s: %w", key, err)
		}
		if f.m[key], err = NewForm(key, source, formats); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// NewForm compiles a form.
func NewForm(key string, source []byte, formats map[string]Format) (*Form, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, check := range formats {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok && s != "" {
				return check(s)
			}
			return nil
		}})
	}
	name := "form:" + key
	if err := c.AddResource(name, doc); err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	var marks struct {
		Properties map[string]struct {
			Public   bool `json:"x-public"`
			Variable bool `json:"x-variable"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(source, &marks); err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	f := &Form{Key: key, Source: source, schema: schema, public: map[string]bool{}, variable: map[string]bool{}}
	for p, m := range marks.Properties {
		f.public[p], f.variable[p] = m.Public, m.Variable
	}
	return f, nil
}

// Form returns the form with the key.
func (f *Forms) Form(key string) (*Form, bool) {
	return f.find(key)
}

// Keys lists the forms that ship, in order.
func (f *Forms) Keys() []string { return slices.Sorted(maps.Keys(f.m)) }

// Validate checks data against the form. The error is a *Refusal with the fields that are wrong, all of them at once.
func (f *Form) Validate(data json.RawMessage) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return &Refusal{Code: RefusedForm, Fields: []FieldError{{Code: "json"}}}
	}
	err = f.schema.Validate(doc)
	var invalid *jsonschema.ValidationError
	if err == nil || !errors.As(err, &invalid) {
		return err
	}
	r := &Refusal{Code: RefusedForm}
	collect(invalid, &r.Fields)
	slices.SortStableFunc(r.Fields, func(a, b FieldError) int { return strings.Compare(a.Path, b.Path) })
	r.Fields = slices.CompactFunc(r.Fields, func(a, b FieldError) bool { return a.Path == b.Path })
	return r
}

// collect gathers the innermost causes: those that name a field.
func collect(e *jsonschema.ValidationError, out *[]FieldError) {
	if len(e.Causes) > 0 {
		for _, c := range e.Causes {
			collect(c, out)
		}
		return
	}
	at := pointer(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, p := range k.Missing {
			*out = append(*out, FieldError{Path: at + "/" + p, Code: "required"})
		}
	case *kind.AdditionalProperties:
		for _, p := range k.Properties {
			*out = append(*out, FieldError{Path: at + "/" + p, Code: "unknown"})
		}
	case *kind.Format:
		f := FieldError{Path: at, Code: k.Want}
		var said interface{ Message() lang.Text }
		if errors.As(k.Err, &said) {
			f.Text = said.Message()
		}
		*out = append(*out, f)
	case *kind.FalseSchema:
		*out = append(*out, FieldError{Path: at, Code: "not-wanted"})
	default:
		code := "invalid"
		if p := e.ErrorKind.KeywordPath(); len(p) > 0 {
			code = p[len(p)-1]
		}
		*out = append(*out, FieldError{Path: at, Code: code})
	}
}

func pointer(location []string) string {
	var b strings.Builder
	for _, s := range location {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(s))
	}
	return b.String()
}

// decoded is the data of a step, parted by who may see it.
type decoded struct {
	public  map[string]any
	private map[string]json.RawMessage
	vars    procedure.Variables
}

// decode checks the data of a step against its form and parts it. A step without a form takes no data.
func (f *Forms) decode(key string, data json.RawMessage) (decoded, error) {
	d := decoded{public: map[string]any{}, private: map[string]json.RawMessage{}, vars: procedure.Variables{}}
	if key == "" {
		return d, nil
	}
	form, ok := f.find(key)
	if !ok {
		return d, fmt.Errorf("casework: there is no form %q", key)
	}
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	if err := form.Validate(data); err != nil {
		return d, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return d, &Refusal{Code: RefusedForm, Fields: []FieldError{{Code: "json"}}}
	}
	for name, raw := range fields {
		if !form.public[name] {
			d.private[name] = raw
		} else {
			v, err := plainValue(raw)
			if err != nil {
				return d, fmt.Errorf("field %s of form %s: %w", name, key, err)
			}
			d.public[name] = v
		}
		if form.variable[name] {
			v, err := feel.FromJSON(raw)
			if err != nil {
				return d, fmt.Errorf("field %s of form %s: %w", name, key, err)
			}
			d.vars[name] = v
		}
	}
	return d, nil
}

// plainValue reads JSON keeping integers exact.
func plainValue(raw json.RawMessage) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if n, ok := v.(json.Number); ok {
		if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
			return i, nil
		}
	}
	return v, nil
}
