package joint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Asked is the form of one part: what it would ask if it stood alone.
type Asked struct {
	Part string
	Form json.RawMessage // a JSON Schema of an object
}

// Take says under which name of the merged form a field of a part stands.
type Take struct {
	From string `json:"from"` // in the merged form
	To   string `json:"to"`   // in the form of the part
}

// Merged (合并表单) is one form in place of several.
type Merged struct {
	Form  json.RawMessage
	Takes map[string][]Take // by part
}

// schemaHead is what of a form is not its fields. Conditions name fields, so a form that has any keeps the names of its own.
type schemaHead struct {
	Required []string          `json:"required"`
	AllOf    []json.RawMessage `json:"allOf"`
}

// field is one property with its schema, in the order of the form.
type field struct {
	name   string
	schema json.RawMessage
}

var errForm = errors.New("is no JSON Schema of an object with properties")

// fieldsOf reads the properties of a form in their order.
func fieldsOf(form json.RawMessage) ([]field, error) {
	var doc struct {
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(form, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	dec := json.NewDecoder(bytes.NewReader(doc.Properties))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errForm
	}
	var list []field
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		name, _ := t.(string)
		f := field{name: name}
		if err := dec.Decode(&f.schema); err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		list = append(list, f)
	}
	return list, nil
}

// sameField reports whether two fields ask the same: alike in all but their hints.
func sameField(a, b json.RawMessage) bool {
	return bytes.Equal(bareField(a), bareField(b))
}

func bareField(raw json.RawMessage) []byte {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return raw
	}
	delete(m, "description")
	delete(m, "x-hint")
	for k, v := range m {
		var x any
		if json.Unmarshal(v, &x) == nil {
			if canon, err := json.Marshal(x); err == nil {
				m[k] = canon
			}
		}
	}
	out, err := json.Marshal(m)
	if err != nil {
		return raw
	}
	return out
}

// Merge makes one form of several: fields that ask the same stand in it once, fields that only share a name stand side by side. A field is
// required when a part requires it.
func Merge(forms []Asked) (Merged, error) {
	m := Merged{Takes: map[string][]Take{}}
	var all []field
	var required []string
	var conditions []json.RawMessage
	for _, f := range forms {
		fields, err := fieldsOf(f.Form)
		if err != nil {
			return m, fmt.Errorf("form of %s: %w", f.Part, err)
		}
		var head schemaHead
		if err := json.Unmarshal(f.Form, &head); err != nil {
			return m, fmt.Errorf("form of %s: %w", f.Part, err)
		}
		for _, x := range fields {
			name := place(&all, f.Part, x)
			if name != x.name && len(head.AllOf) > 0 {
				return m, fmt.Errorf("form of %s: another part asks something else under the name %s, and the form has conditions: rename the field", f.Part, x.name)
			}
			m.Takes[f.Part] = append(m.Takes[f.Part], Take{From: name, To: x.name})
			if slices.Contains(head.Required, x.name) && !slices.Contains(required, name) {
				required = append(required, name)
			}
		}
		for _, c := range head.AllOf {
			if !slices.ContainsFunc(conditions, func(o json.RawMessage) bool { return sameField(o, c) }) {
				conditions = append(conditions, c)
			}
		}
	}
	var err error
	m.Form, err = schemaOf(all, required, conditions)
	return m, err
}

// place finds the field that asks the same, or adds it, under another name when the name is taken.
func place(all *[]field, part string, x field) string {
	name := x.name
	for n := 2; ; n++ {
		i := slices.IndexFunc(*all, func(o field) bool { return o.name == name })
		if i < 0 {
			*all = append(*all, field{name, x.schema})
			return name
		}
		if sameField((*all)[i].schema, x.schema) {
			return name
		}
		name = x.name + "_" + strings.ReplaceAll(part, "-", "_")
		if n > 2 {
			name += fmt.Sprint(n)
		}
	}
}

// schemaOf writes a form whose fields keep their order.
func schemaOf(fields []field, required []string, conditions []json.RawMessage) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteString(`{"type":"object","additionalProperties":false,"properties":{`)
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(f.schema)
	}
	b.WriteByte('}')
	for _, list := range []struct {
		key   string
		value any
		empty bool
	}{{"required", required, len(required) == 0}, {"allOf", conditions, len(conditions) == 0}} {
		if list.empty {
			continue
		}
		raw, err := json.Marshal(list.value)
		if err != nil {
			return nil, err
		}
		b.WriteString(`,"` + list.key + `":`)
		b.Write(raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Share takes out of what was filled in what one part asks, under the names of the part. Nothing else goes to its department.
func (m *Merged) Share(filled json.RawMessage, part string) (json.RawMessage, error) {
	return share(filled, m.Takes[part])
}

func share(filled json.RawMessage, takes []Take) (json.RawMessage, error) {
	var doc map[string]json.RawMessage
	if len(filled) > 0 {
		if err := json.Unmarshal(filled, &doc); err != nil {
			return nil, fmt.Errorf("joint form: %w", err)
		}
	}
	own := map[string]json.RawMessage{}
	for _, t := range takes {
		if v, ok := doc[t.From]; ok {
			own[t.To] = v
		}
	}
	return json.Marshal(own)
}
