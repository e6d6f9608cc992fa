package flowchart

import (
	"cmp"
	"slices"

	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/procedure"
)

// Progress is what is known of one case: the steps that people did, oldest first, what is open now, and how it ended.
type Progress struct {
	Done   []Step
	Open   []string // ids of the open tasks
	Awaits []string // ids of the events that are waited for
	Result string   // status with which the case ended; empty while it is open
}

// Step is one step that was done, with its outcome when its form has one. Cut says that something else ended it: a timer, a
// withdrawal.
type Step struct {
	Element string
	Outcome string
	Cut     bool
}

// ProgressOf gives the progress of a case from the state of its procedure and the steps that were done in it.
func ProgressOf(d *procedure.Definition, s procedure.State, done []Step, result string) (*Progress, error) {
	p := &Progress{Done: done, Result: result}
	open, err := (&procedure.Engine{}).Open(d, s)
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		if o.Element.Kind == procedure.CatchEvent {
			p.Awaits = append(p.Awaits, o.Element.ID)
		} else {
			p.Open = append(p.Open, o.Element.ID)
		}
	}
	return p, nil
}

// trace is what the progress means for the elements and flows of the diagram.
type trace struct {
	state map[*procedure.Element]State
	taken map[*procedure.Flow]bool
}

// trace finds the ways that the case went. Only the steps of people are on record; between two of them it went the shortest way
// over gateways and events that the outcome of the first allows. A step follows the latest step before it from which there is
// such a way.
func (p *Progress) trace(d *procedure.Definition) trace {
	t := trace{map[*procedure.Element]State{}, map[*procedure.Flow]bool{}}
	if p == nil {
		return t
	}
	var past []visit
	for _, e := range d.Main.Body.Elements {
		if e.Kind == procedure.StartEvent {
			past = append(past, visit{at: e})
			t.state[e] = Done
		}
	}
	follow := func(is func(*procedure.Element) bool) {
		for _, strict := range []bool{true, false} { // a condition may ask for more than the outcome
			for _, v := range slices.Backward(past) {
				if t.walk(v, strict, is) {
					return
				}
			}
		}
	}
	outcome := ""
	for _, s := range p.Done {
		if e := d.Element(s.Element); e != nil {
			follow(func(x *procedure.Element) bool { return x == e })
			outcome = cmp.Or(s.Outcome, outcome)
			past = append(past, visit{e, outcome, s.Cut})
			t.state[e] = Done
		}
	}
	for _, open := range []struct {
		ids   []string
		state State
	}{{p.Open, Active}, {p.Awaits, Waiting}} {
		for _, id := range open.ids {
			if e := d.Element(id); e != nil {
				follow(func(x *procedure.Element) bool { return x == e })
				t.state[e] = open.state
			}
		}
	}
	if p.Result != "" {
		follow(func(x *procedure.Element) bool {
			return x.Kind == procedure.EndEvent && slices.ContainsFunc(x.Status, func(s procedure.Timed) bool { return s.Value == p.Result })
		})
	}
	return t
}

// visit is a step as the walk leaves it, with the outcome known then.
type visit struct {
	at      *procedure.Element
	outcome string
	cut     bool
}

// hop is one move of the walk: to an element, over a flow or (nil) into or out of a sub-process or over its border.
type hop struct {
	to   *procedure.Element
	flow *procedure.Flow
	from *hop
}

// walk looks for the shortest way from a visit to an element, passing no step of a person, and marks it as done. It reports
// whether there is one. A strict walk takes of an exclusive gateway only the flow that the outcome opens.
func (t *trace) walk(v visit, strict bool, is func(*procedure.Element) bool) bool {
	seen := map[*procedure.Element]bool{}
	var queue []*hop
	add := func(h hop) {
		if !seen[h.to] {
			seen[h.to] = true
			queue = append(queue, &h)
		}
	}
	leave := exits
	if v.cut {
		leave = borders
	}
	for _, h := range leave(v.at) {
		add(h)
	}
	for len(queue) > 0 {
		h := queue[0]
		queue = queue[1:]
		if is(h.to) {
			t.mark(h)
			return true
		}
		ways := passing(h.to)
		if strict && h.to.Kind == procedure.ExclusiveGateway {
			ways = chosen(h.to, v.outcome)
		}
		for _, next := range ways {
			next.from = h
			add(next)
		}
	}
	return false
}

func (t *trace) mark(h *hop) {
	for ; h != nil; h = h.from {
		if t.state[h.to] == Idle && h.to.Inner == nil {
			t.state[h.to] = Done
		}
		if h.flow != nil {
			t.taken[h.flow] = true
		}
	}
}

// passing lists the ways on from an element that the walk may pass: a person's step stops it.
func passing(e *procedure.Element) []hop {
	switch {
	case e.Kind.ByPerson():
		return nil
	case e.Inner != nil:
		var in []hop
		for _, x := range e.Inner.Elements {
			if x.Kind == procedure.StartEvent {
				in = append(in, hop{to: x})
			}
		}
		return append(in, borders(e)...)
	case e.Kind == procedure.EndEvent && e.Body.Owner != nil:
		return exits(e.Body.Owner)
	default:
		return exits(e)
	}
}

// exits lists the outgoing flows of an element.
func exits(e *procedure.Element) []hop {
	out := make([]hop, 0, len(e.Outgoing))
	for _, f := range e.Outgoing {
		out = append(out, hop{to: f.To, flow: f})
	}
	return out
}

// chosen lists the flow that an exclusive gateway opens when nothing but the outcome is known.
func chosen(e *procedure.Element, outcome string) []hop {
	for _, f := range e.Outgoing {
		if f == e.Default || f.Condition == nil {
			continue
		}
		x, err := feel.Parse(f.Condition.Source)
		if err != nil {
			continue
		}
		if v, err := x.Eval(feel.Vars{"outcome": outcome}); err == nil && feel.Truth(v) {
			return []hop{{to: f.To, flow: f}}
		}
	}
	if f := e.Default; f != nil {
		return []hop{{to: f.To, flow: f}}
	}
	return nil
}

// borders lists the boundary events of an element and of the sub-processes around it.
func borders(e *procedure.Element) []hop {
	var out []hop
	for e != nil {
		for _, b := range e.Boundary {
			out = append(out, hop{to: b})
		}
		e = e.Body.Owner
	}
	return out
}
