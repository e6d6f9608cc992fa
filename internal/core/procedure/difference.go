package procedure

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Kinds of what a difference names beside flow elements, by their names in BPMN.
const (
	FlowKind    = "sequenceFlow"
	LaneKind    = "lane"
	ProcessKind = "process"
)

// Alteration is what became of an element between two versions.
type Alteration string

// The alterations. A moved element is only drawn at another place.
const (
	Added   Alteration = "added"
	Removed Alteration = "removed"
	Changed Alteration = "changed"
	Moved   Alteration = "moved"
)

// Change is one element that differs between two versions (版本差异). Where it is gone, the fields say how it was.
type Change struct {
	ID      string
	Kind    string // name in BPMN, also of flows, lanes and processes
	Name    string
	Title   lang.Text
	What    Alteration
	Aspects []Aspect // of a changed element: in what
}

// Aspect is one thing in which a changed element differs. Name is one of name, kind, condition, default, from, to, lane, role, trigger,
// timer, attached, interrupting, multi, calls, topic, term, clocks, form, documents, publish, status, separate, power, documentation,
// other (what other tools keep with it).
type Aspect struct{ Name, Before, After string }

// Difference tells two versions of a definition apart. Elements are the same when their ids are; the order is that of the newer file,
// then what is gone. It takes time in proportion to the size of the files.
func Difference(older, newer *Definition) []Change {
	was, is := portray(older), portray(newer)
	if slices.ContainsFunc(older.order, func(e *Element) bool { return newer.elements[e.ID] != nil }) { // one was drawn from the other
		was.call(older.Main.ID, newer.Main.ID)
	}
	var out []Change
	for _, id := range is.order {
		b := is.of[id]
		a, ok := was.of[id]
		c := b.Change
		switch {
		case !ok:
			c.What = Added
		default:
			if c.Aspects = compare(a.says, b.says); len(c.Aspects) > 0 {
				c.What = Changed
			} else if a.drawn != b.drawn {
				c.What = Moved
			} else {
				continue
			}
		}
		out = append(out, c)
	}
	for _, id := range was.order {
		if _, ok := is.of[id]; !ok {
			c := was.of[id].Change
			c.What = Removed
			out = append(out, c)
		}
	}
	return out
}

func compare(a, b []Aspect) []Aspect {
	before := make(map[string]string, len(a))
	for _, x := range a {
		before[x.Name] = x.After
	}
	var out []Aspect
	for _, x := range b {
		if was := before[x.Name]; was != x.After {
			out = append(out, Aspect{x.Name, was, x.After})
		}
		delete(before, x.Name)
	}
	for _, x := range a {
		if was, gone := before[x.Name]; gone {
			out = append(out, Aspect{x.Name, was, ""})
		}
	}
	return out
}

// portraits are all that a definition says, by the ids of its elements.
type portraits struct {
	of    map[string]portrait
	order []string
}

// portrait is what a definition says of one element; the texts of its aspects stand in After.
type portrait struct {
	Change
	says  []Aspect
	drawn string
}

// call gives the main process of the older version the id of the newer one's: a chart drawn from another has an id of its own, and both are the
// process.
func (p *portraits) call(old, id string) {
	main, ok := p.of[old]
	if _, taken := p.of[id]; !ok || taken {
		return
	}
	delete(p.of, old)
	main.ID = id
	p.of[id] = main
	p.order[slices.Index(p.order, old)] = id
}

func portray(d *Definition) *portraits {
	p := &portraits{of: map[string]portrait{}}
	nodes := map[string]*xmlNode{}
	index(d.root, nodes)
	drawn := placesOf(d.Diagram())
	add := func(c Change, says []Aspect) {
		if _, twice := p.of[c.ID]; twice || c.ID == "" {
			return // a fault of the file, which the checker names
		}
		says = append(says, foreign(nodes[c.ID])...)
		says = slices.DeleteFunc(says, func(a Aspect) bool { return a.After == "" })
		p.of[c.ID] = portrait{c, says, drawn[c.ID]}
		p.order = append(p.order, c.ID)
	}
	for _, q := range d.Processes {
		add(Change{ID: q.ID, Kind: ProcessKind, Name: q.Name, Title: q.Title}, []Aspect{said("name", named(q.Name, q.Title))})
		for _, l := range q.Lanes {
			says := []Aspect{said("name", named(l.Name, l.Title)), said("role", l.Role)}
			if l.Parent != nil {
				says = append(says, said("lane", l.Parent.ID))
			}
			add(Change{ID: l.ID, Kind: LaneKind, Name: l.Name, Title: l.Title}, says)
		}
	}
	for _, e := range d.order {
		add(Change{ID: e.ID, Kind: e.Kind.String(), Name: e.Name, Title: e.Title}, e.says())
	}
	for _, e := range d.order {
		for _, f := range e.Outgoing {
			if nodes[f.ID] != nil { // else it joins two links and is not in the file
				add(Change{ID: f.ID, Kind: FlowKind, Name: f.Name, Title: f.Title}, []Aspect{
					said("name", named(f.Name, f.Title)), said("from", f.From.ID), said("to", f.To.ID), said("condition", f.Condition.source()),
				})
			}
		}
	}
	return p
}

func said(name, text string) Aspect { return Aspect{Name: name, After: text} }

// named is a name with its other languages.
func named(name string, t lang.Text) string {
	parts := []string{name}
	for _, s := range []string{t.Hans, t.Hant, t.En} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " / ")
}

func (c *Condition) source() string {
	if c == nil {
		return ""
	}
	return c.Source
}

// says lists what an element says, as far as we understand it.
func (e *Element) says() []Aspect {
	list := []Aspect{
		said("name", named(e.Name, e.Title)), said("kind", e.Kind.String()), said("calls", e.Called),
		said("form", e.Form), said("separate", strings.Join(e.Separate, ", ")), said("power", string(e.Power)),
		said("documents", timedText(e.Documents)), said("publish", timedText(e.Publish)), said("status", timedText(e.Status)),
	}
	if e.Kind.ByPerson() {
		list = append(list, said("role", e.Role()))
	}
	if e.Lane != nil {
		list = append(list, said("lane", e.Lane.ID))
	}
	if e.Body.Owner != nil {
		list = append(list, said("within", e.Body.Owner.ID))
	}
	if e.Default != nil {
		list = append(list, said("default", e.Default.ID))
	}
	if e.Trigger != NoTrigger {
		list = append(list, said("trigger", strings.TrimSpace(e.Trigger.String()+" "+e.Ref)))
	}
	if e.Timer != nil {
		list = append(list, said("timer", strings.TrimSpace(strings.Join([]string{e.Timer.Rule, e.Timer.Text, e.Timer.Unit}, " "))))
	}
	if e.AttachedTo != nil {
		list = append(list, said("attached", e.AttachedTo.ID), said("interrupting", strconv.FormatBool(e.Interrupting)))
	}
	if e.Kind == ServiceTask || e.Kind == BusinessRuleTask {
		list = append(list, said("topic", e.Topic))
	}
	if m := e.Multi; m != nil {
		order := "parallel"
		if m.Sequential {
			order = "sequential"
		}
		list = append(list, said("multi", strings.Join(nonEmpty(order, m.Cardinality.source(), m.Collection.source(), m.Variable, m.Completion.source()), " ")))
	}
	if t := e.Term; t != nil {
		list = append(list, said("term", t.String()))
	}
	var clocks []string
	for _, k := range e.Clocks {
		clocks = append(clocks, strings.Join(nonEmpty(k.Name, k.Action, string(k.On), k.Rule, k.Ground, k.From, k.When.source()), " "))
	}
	return append(list, said("clocks", strings.Join(clocks, "; ")))
}

// String writes the term of a step: its rule, or its length and why.
func (t *StepTerm) String() string {
	if t.Rule != "" {
		return t.Rule
	}
	return strings.Join(nonEmpty(strconv.Itoa(t.Length), t.Unit, t.Basis), " ")
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func timedText(list []Timed) string {
	texts := make([]string, 0, len(list))
	for _, t := range list {
		texts = append(texts, strings.Join(nonEmpty(t.Value, string(t.On), t.When.source()), " "))
	}
	return strings.Join(texts, "; ")
}

// String names what an event waits for or throws: message, timer, …; empty for none.
func (t Trigger) String() string {
	for name, x := range triggerNames {
		if x == t {
			return strings.TrimSuffix(name, "EventDefinition")
		}
	}
	return ""
}

// index finds the elements of the BPMN part of a document by their ids.
func index(n *xmlNode, into map[string]*xmlNode) {
	if n.space != bpmnSpace {
		return
	}
	if id := n.attr("id"); id != "" && into[id] == nil {
		into[id] = n
	}
	for _, c := range n.elements() {
		index(c, into)
	}
}

// foreign lists what other tools keep with an element, and its documentation.
func foreign(n *xmlNode) []Aspect {
	if n == nil {
		return nil
	}
	var words, rest bytes.Buffer
	for _, a := range n.attrs {
		if a.space != "" && a.space != Namespace && a.prefix != "xmlns" {
			fmt.Fprintf(&rest, "%s=%q ", a.local, a.value)
		}
	}
	for _, c := range n.elements() {
		switch {
		case c.space == bpmnSpace && c.local == "documentation":
			words.WriteString(c.content())
		case c.space == bpmnSpace && c.local == "extensionElements":
			for _, x := range c.elements() {
				if x.space != Namespace {
					x.write(&rest)
				}
			}
		case c.space != bpmnSpace:
			c.write(&rest)
		}
	}
	return []Aspect{said("documentation", words.String()), said("other", strings.TrimSpace(rest.String()))}
}

// placesOf writes where each element is drawn.
func placesOf(d Diagram) map[string]string {
	out := make(map[string]string, len(d.Shapes)+len(d.Edges))
	for _, s := range d.Shapes {
		out[s.Element] = fmt.Sprint(s.Bounds, s.Label, s.Expanded)
	}
	for _, e := range d.Edges {
		out[e.Element] = fmt.Sprint(e.Points, e.Label)
	}
	return out
}
