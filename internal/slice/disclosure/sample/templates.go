package sample

import (
	"bytes"
	_ "embed" // the templates
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed templates.yaml
var source []byte

// templates is what templates.yaml holds.
type templates struct {
	Words           map[string][]string `yaml:"words"`
	Fields          map[string]field    `yaml:"fields"`
	Templates       []template          `yaml:"templates"`
	Policies        document            `yaml:"policies"`
	Interpretations explanation         `yaml:"interpretations"`
}

// field is what a kind of body deals with.
type field struct {
	Topics   []string `yaml:"topics"`
	Measures []string `yaml:"measures"`
}

type document struct {
	Titles []string `yaml:"titles"`
	Text   []part   `yaml:"text"`
}

type template struct {
	document `yaml:",inline"`

	Key      string   `yaml:"key"`
	Category string   `yaml:"category"`
	Genre    string   `yaml:"genre"`
	Kinds    []string `yaml:"kinds"`   // of bodies; empty: all
	Number   bool     `yaml:"number"`  // has a document number
	Once     bool     `yaml:"once"`    // seldom: one a body and year at most
	Yearly   bool     `yaml:"yearly"`  // about the year before
	Monthly  bool     `yaml:"monthly"` // about the month before
}

type explanation struct {
	document `yaml:",inline"`

	Questions []struct {
		Ask    string `yaml:"ask"`
		Answer string `yaml:"answer"`
	} `yaml:"questions"`
}

// part is a paragraph: alternatives of which one is taken, or several of the measures of a field.
type part struct {
	alternatives []string
	some         int
	as           []string
}

// UnmarshalYAML reads a list of alternatives, or some of a list.
func (p *part) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode(&p.alternatives)
	}
	var s struct {
		Some int      `yaml:"some"`
		Of   string   `yaml:"of"`
		As   []string `yaml:"as"`
	}
	if err := n.Decode(&s); err != nil {
		return err
	}
	if s.Of != "measures" || s.Some < 1 || len(s.As) == 0 {
		return fmt.Errorf("line %d: some measures, and how each is written", n.Line)
	}
	p.some, p.as = s.Some, s.As
	return nil
}

func load() (*templates, error) {
	var t templates
	d := yaml.NewDecoder(bytes.NewReader(source))
	d.KnownFields(true)
	if err := d.Decode(&t); err != nil {
		return nil, fmt.Errorf("templates of the demo's records: %w", err)
	}
	if len(t.Templates) == 0 || len(t.Words) == 0 || t.Fields[government].Topics == nil {
		return nil, errors.New("templates of the demo's records: something is missing")
	}
	return &t, nil
}

// government is the kind of body of a city or county itself.
const government = "government"

// of lists the templates for a kind of body.
func (t *templates) of(kind string) []*template {
	var out []*template
	for i := range t.Templates {
		if k := t.Templates[i].Kinds; len(k) == 0 || slices.Contains(k, kind) {
			out = append(out, &t.Templates[i])
		}
	}
	return out
}

func (t *templates) field(kind string) field {
	if f, ok := t.Fields[kind]; ok {
		return f
	}
	return t.Fields[government]
}
