package joint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
)

// The rules under which terms stand in the cases of a joint matter.
const (
	wholeRule   = "licence.joint"  // 行政许可法 42: 45 working days
	opinionRule = "licence.decide" // the clock of a department
	defaultRule = "joint.opinion"  // after this the default on time-out applies
	promiseRule = "joint.promise"
	checkRule   = "joint.commitment.check"
)

// Plan is a joint matter as it runs in one division: who is competent, what is asked, which terms hold.
type Plan struct {
	Matter    *Matter
	Version   int
	Division  string
	Lead      *registry.Body
	Parts     []Planned
	Form      Merged
	Materials []Shared
	Missing   []*Part // parts for which nobody is competent in the division
}

// Planned is a part of a plan.
type Planned struct {
	*Part
	Ordinal             int // from 1
	Stage               int
	Body                string
	Subject             string
	Guide               string
	Statutory, Promised term.Length
	After               term.Length // until the default on time-out
	Form                json.RawMessage
	Needs               []string // keys of materials
}

// Shared (共享材料) is a material of the one set, with the parts that need it.
type Shared struct {
	Key string
	Material
	Parts []string
}

// Has reports whether a part needs the material.
func (s *Shared) Has(part string) bool { return slices.Contains(s.Parts, part) }

// Part returns a planned part, or nil.
func (p *Plan) Part(key string) *Planned {
	for i := range p.Parts {
		if p.Parts[i].Key == key {
			return &p.Parts[i]
		}
	}
	return nil
}

// plan works a matter out for a division. Chosen are the optional parts that are wanted; nil: all.
func (s *Service) plan(m *Matter, version int, division string, chosen []string, today calendar.Date) (*Plan, error) {
	p := &Plan{Matter: m, Version: version, Division: division, Lead: s.competent(division, m.Lead)}
	var forms []Asked
	ordinal := 0
	for i := range m.Stages {
		for j := range m.Stages[i].Parts {
			part := &m.Stages[i].Parts[j]
			ordinal++
			if part.Optional && chosen != nil && !slices.Contains(chosen, part.Key) {
				continue
			}
			x := Planned{Part: part, Ordinal: ordinal, Stage: i, Subject: m.Key + "/" + part.Key}
			if !s.staffed(p, &x) {
				p.Missing = append(p.Missing, part)
				continue
			}
			p.Parts = append(p.Parts, x)
			forms = append(forms, Asked{part.Key, x.Form})
		}
	}
	var err error
	if p.Form, err = s.merge(forms); err != nil {
		return nil, fmt.Errorf("joint matter %s: %w", m.Key, err)
	}
	return p, nil
}

// competent finds the body of a kind in the division, or nil.
func (s *Service) competent(division, kind string) *registry.Body {
	for _, b := range s.Registry.Now().Bodies(division) {
		if b.Kind == kind && !registry.Over(b.Ended, s.Now()) {
			return b
		}
	}
	return nil
}

// staffed fills in who is competent for a part and what it asks; false when nobody is.
func (s *Service) staffed(p *Plan, x *Planned) bool {
	part := x.Part
	var it *Item
	if part.Item != "" {
		if found, ok := s.Items.Item(part.Item, p.Division); ok {
			it = found
			x.Body, x.Subject, x.Guide, x.Form = it.Body, it.Code, it.Guide, it.Form
			x.Statutory, x.Promised = it.Statutory, it.Promised
		}
	}
	switch b := s.Registry.Now().Body(part.Body); {
	case b != nil && !registry.Over(b.Ended, s.Now()):
		x.Body = b.Key
	case x.Body == "" && part.Department != "":
		if b := s.competent(p.Division, part.Department); b != nil {
			x.Body = b.Key
		}
	}
	if len(part.Asks) > 0 {
		x.Form = formOf(p.Matter, part.Asks)
	}
	if part.Statutory.N > 0 {
		x.Statutory = term.Length{N: part.Statutory.N, Unit: statute.WorkingDay, Rule: opinionRule, Title: part.Title, Article: part.Statutory.Basis}
		x.Promised = term.Length{}
	}
	if part.Promised > 0 {
		x.Promised = term.Length{N: part.Promised, Unit: x.Statutory.Unit, Rule: opinionRule, Title: promisedTitle}
	}
	if x.Body == "" || x.Statutory.N == 0 || len(x.Form) == 0 {
		return false
	}
	x.After = x.Statutory
	if x.Promised.N > 0 {
		x.After = x.Promised
	}
	if part.Default.After > 0 {
		x.After = term.Length{N: part.Default.After, Unit: statute.WorkingDay}
	}
	x.After.Rule = defaultRule
	p.share(x, it)
	return true
}

var promisedTitle = lang.Text{Hans: "承诺时限", Hant: "承諾時限", En: "Promised term"}

// formOf makes a form of fields of the matter. All of them are required.
func formOf(m *Matter, names []string) json.RawMessage {
	fields := make([]field, 0, len(names))
	for _, name := range names {
		fields = append(fields, field{name, m.Fields[name]})
	}
	raw, err := schemaOf(fields, names, nil)
	if err != nil {
		return nil // unreachable: names and schemas were read from JSON
	}
	return raw
}

// share adds what a part needs to the one set of materials: what has the same name is the same paper.
func (p *Plan) share(x *Planned, it *Item) {
	add := func(key string, m Material) {
		i := slices.IndexFunc(p.Materials, func(o Shared) bool { return o.Key == key || o.Name.Hans == m.Name.Hans })
		if i < 0 {
			p.Materials, i = append(p.Materials, Shared{Key: key, Material: m}), len(p.Materials)
		}
		sh := &p.Materials[i]
		sh.Main = sh.Main || m.Main
		if !sh.Has(x.Key) {
			sh.Parts = append(sh.Parts, x.Key)
			x.Needs = append(x.Needs, sh.Key)
		}
	}
	if it != nil && len(x.Asks) == 0 {
		for _, m := range it.Materials {
			if !m.ByForm {
				add(it.Key+"-"+m.Key, Material{Name: m.Name, Main: m.Main})
			}
		}
	}
	for _, key := range slices.Concat(x.Materials, x.Extra) {
		add(key, p.Matter.Materials[key])
	}
}

// subjectOf names a matter in a division: what a case of the whole is about.
func subjectOf(matter, division string) string { return matter + "/" + division }

func splitSubject(subject string) (matter, division string) {
	matter, division, _ = strings.Cut(subject, "/")
	return matter, division
}

// wholeTerms are the terms of the whole on a day: 45 working days by law, and what the place promises.
func (s *Service) wholeTerms(m *Matter, today calendar.Date) (casework.Terms, error) {
	rule, err := s.Rules.Lookup(wholeRule)
	if err != nil {
		return casework.Terms{}, err
	}
	n, err := term.FromRule(rule, today)
	if err != nil {
		return casework.Terms{}, err
	}
	t := casework.Terms{Statutory: n}
	if m.Promised > 0 && m.Promised < n.N {
		t.Promised = term.Length{N: m.Promised, Unit: n.Unit, Rule: wholeRule, Title: promisedTitle}
	}
	return t, nil
}
