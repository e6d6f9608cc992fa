package procedure

import (
	"cmp"
	"slices"
)

// Options says what the checker may rely on.
type Options struct {
	KnownRule func(id string) bool                      // nil: rules are not looked up
	Resolve   func(process string) (*Definition, error) // called processes of other files
	Applicant []string                                  // roles that are not the authority's; nil: applicant
	MaxStates int                                       // bound of the exploration; 0: 5,000
	Plain     bool                                      // plain BPMN: lanes, roles and terms are not asked for
}

// Check examines a definition and returns what it finds, in the order of the file. A definition without errors among the
// findings can be published.
func Check(d *Definition, opt Options) []Finding {
	c := checker{d: d, opt: opt, found: slices.Clone(d.problems)}
	if opt.Applicant == nil {
		c.opt.Applicant = []string{"applicant"}
	}
	if opt.MaxStates == 0 {
		c.opt.MaxStates = 5_000
	}
	for _, p := range d.Processes {
		if len(p.Body.Elements) == 0 {
			if p == d.Main {
				c.add(CodeNoStart, p.ID, p.Name, p.Line)
			}
			continue
		}
		c.process(p)
	}
	if c.sound() { // exploring needs a graph that hangs together
		for _, p := range d.Processes {
			if len(p.Body.Elements) > 0 {
				c.explore(p)
			}
		}
	}
	slices.SortStableFunc(c.found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	return c.found
}

type checker struct {
	d     *Definition
	opt   Options
	found []Finding
}

func (c *checker) add(code Code, id, name string, line int, args ...any) {
	c.found = append(c.found, finding(code, id, name, line, args...))
}

func (c *checker) at(e *Element, code Code, args ...any) { c.add(code, e.ID, e.Name, e.Line, args...) }

// sound reports whether the graph is whole enough to be executed.
func (c *checker) sound() bool {
	return !slices.ContainsFunc(c.found, func(f Finding) bool {
		switch f.Code {
		case CodeLaneMissing, CodeLaneRole, CodeTermMissing, CodeUnknownRule, CodeCallUnresolved, CodeBadCondition,
			CodeFlowUnconditional, CodeBadTimer, CodeUnreachable, CodeCannotEnd:
			return false
		default:
			return f.Level == Error
		}
	})
}

func (c *checker) process(p *Process) {
	for _, l := range p.Lanes {
		leaf := !slices.ContainsFunc(p.Lanes, func(o *Lane) bool { return o.Parent == l })
		if leaf && !c.opt.Plain && roleOf(l) == "" {
			c.add(CodeLaneRole, l.ID, l.Name, l.Line)
		}
	}
	c.body(p.Body, p.ID, p.Name, p.Line)
}

func roleOf(l *Lane) string { return (&Element{Lane: l}).Role() }

func (c *checker) body(b *Body, id, name string, line int) {
	if len(b.Elements) == 0 {
		return
	}
	starts := slices.DeleteFunc(slices.Clone(b.Elements), func(e *Element) bool { return e.Kind != StartEvent })
	ends := slices.ContainsFunc(b.Elements, func(e *Element) bool { return e.Kind == EndEvent })
	switch {
	case len(starts) == 0:
		c.add(CodeNoStart, id, name, line)
	default:
		if _, err := b.startsFor(""); err != nil && (b.Owner != nil || none(starts) > 1) {
			c.add(CodeManyStarts, id, name, line)
		}
	}
	if !ends {
		c.add(CodeNoEnd, id, name, line)
	}
	c.reach(b)
	for _, e := range b.Elements {
		c.element(e)
		if e.Inner != nil {
			c.body(e.Inner, e.ID, e.Name, e.Line)
		}
	}
	for _, f := range b.Flows {
		c.condition(f.Condition, f.ID, f.Name)
	}
}

func none(starts []*Element) int {
	n := 0
	for _, e := range starts {
		if e.Trigger == NoTrigger {
			n++
		}
	}
	return n
}

// reach finds what no start reaches, and what reaches no end.
func (c *checker) reach(b *Body) {
	reached, ends := newNodeSet(len(b.Elements)), newNodeSet(len(b.Elements))
	var visit func(e *Element)
	visit = func(e *Element) {
		if reached.has(e.index) {
			return
		}
		reached.add(e.index)
		for _, f := range e.Outgoing {
			visit(f.To)
		}
		for _, x := range e.Boundary {
			visit(x)
		}
	}
	for _, e := range b.starts {
		visit(e)
	}
	for _, e := range b.Elements {
		if e.Kind == EndEvent || len(e.Outgoing) == 0 && e.Kind != EventGateway { // a path may end without an end event
			ends.addAll(b.reaching(e, nil))
		}
	}
	for _, e := range b.Elements {
		switch {
		case !reached.has(e.index):
			c.at(e, CodeUnreachable)
		case !ends.has(e.index):
			c.at(e, CodeCannotEnd)
		}
	}
}

func (c *checker) element(e *Element) {
	c.events(e)
	switch e.Kind {
	case ExclusiveGateway, InclusiveGateway:
		c.gateway(e)
	case EventGateway:
		for _, f := range e.Outgoing {
			catches := f.To.Kind == CatchEvent && f.To.Trigger != LinkTrigger
			if !catches && f.To.Kind != ReceiveTask || len(f.To.Incoming) > 1 {
				c.at(e, CodeEventGatewayTarget, f.To.Kind.String()+" "+f.To.ID)
			}
		}
	case UserTask, ManualTask:
		c.person(e)
	case CallActivity:
		if _, err := (&Engine{Resolve: c.opt.Resolve}).resolve(c.d, e.Called); err != nil {
			c.at(e, CodeCallUnresolved, e.Called)
		}
	}
	if mi := e.Multi; mi != nil {
		for _, x := range []*Condition{mi.Cardinality, mi.Collection, mi.Completion} {
			c.condition(x, e.ID, e.Name)
		}
	}
	c.extension(e)
}

// events checks what starts, interrupts and ends.
func (c *checker) events(e *Element) {
	switch e.Kind {
	case StartEvent:
		if len(e.Incoming) > 0 {
			c.at(e, CodeStartEntered)
		}
		if e.Trigger != NoTrigger && e.Body.Owner != nil {
			c.at(e, CodeBadTrigger)
		}
	case EndEvent:
		if len(e.Outgoing) > 0 {
			c.at(e, CodeEndLeft)
		}
	case CatchEvent:
		if e.Trigger == NoTrigger {
			c.at(e, CodeBadTrigger)
		}
	case BoundaryEvent:
		if len(e.Incoming) > 0 {
			c.at(e, CodeStartEntered)
		}
		if len(e.Outgoing) == 0 {
			c.at(e, CodeBoundaryLeadsOn)
		}
		if e.Trigger == NoTrigger || e.Trigger == ErrorTrigger && !e.Interrupting {
			c.at(e, CodeBadTrigger)
		}
		if e.Trigger == ErrorTrigger && e.AttachedTo != nil && !throws(e.AttachedTo, e.Ref) {
			c.at(e, CodeErrorNeverThrown, e.Ref)
		}
	}
	if t := e.Timer; t != nil {
		switch {
		case t.Err != nil:
			c.at(e, CodeBadTimer, t.Err)
		case t.Rule != "":
			c.rule(e, t.Rule)
		}
	}
}

// throws reports whether an error of the code can come out of an activity. A person or a service may report any; a call may hold
// what this file does not show.
func throws(e *Element, code string) bool {
	if e.Kind != SubProcess {
		return e.Kind != ReceiveTask && e.Kind != SendTask && e.Kind != Task
	}
	return slices.ContainsFunc(e.Inner.Elements, func(x *Element) bool {
		return x.Kind == EndEvent && x.Trigger == ErrorTrigger && (code == "" || x.Ref == code) || x.Kind.IsActivity() && throws(x, code)
	})
}

func (c *checker) gateway(e *Element) {
	if len(e.Outgoing) < 2 {
		return
	}
	for _, f := range e.Outgoing {
		if f.Condition == nil && f != e.Default {
			c.at(e, CodeFlowUnconditional, f.ID)
			return
		}
	}
	if e.Default == nil {
		c.at(e, CodeNoDefault)
	}
}

// person checks a task that a person does: who, and by when.
func (c *checker) person(e *Element) {
	if c.opt.Plain {
		return
	}
	switch {
	case e.Lane == nil && e.Assign == "":
		c.at(e, CodeLaneMissing)
	case e.Term == nil && e.Role() != "" && !slices.Contains(c.opt.Applicant, e.Role()):
		c.at(e, CodeTermMissing)
	}
}

func (c *checker) extension(e *Element) {
	if e.Term != nil && e.Term.Rule != "" {
		c.rule(e, e.Term.Rule)
	}
	for _, k := range e.Clocks {
		c.condition(k.When, e.ID, e.Name)
		for _, id := range []string{k.Rule, k.Ground} {
			if id != "" {
				c.rule(e, id)
			}
		}
	}
	for _, list := range [][]Timed{e.Documents, e.Publish, e.Status} {
		for _, t := range list {
			c.condition(t.When, e.ID, e.Name)
		}
	}
	for _, id := range e.Separate {
		if t := c.d.elements[id]; t == nil || !t.Kind.ByPerson() {
			c.at(e, CodeBadReference, id)
		}
	}
}

func (c *checker) rule(e *Element, id string) {
	if c.opt.KnownRule != nil && !c.opt.KnownRule(id) {
		c.at(e, CodeUnknownRule, id)
	}
}

func (c *checker) condition(x *Condition, id, name string) {
	if x != nil && x.Err != nil {
		c.add(CodeBadCondition, id, name, x.Line, x.Source, x.Err)
	}
}
