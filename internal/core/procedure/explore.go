package procedure

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// The checker explores the reachable states with the engine itself. Whatever data decides, such as the outcome of a condition or
// the number of instances, is asked of an oracle, which answers in every way in turn. The walk stops at each question, so that a
// loop comes back to a known state instead of asking for ever. A state is known by where its tokens wait and move, without
// numbers and variables.

// spareTokens, with the elements of the process, bounds the tokens of a state that is explored further: beyond, they only pile up.
const spareTokens = 12

// oracle answers questions along a script; past its end it answers 0 and takes notes, so that the next script can be made.
type oracle struct {
	script []choice
	pos    int
}

type choice struct{ answer, of int }

func (o *oracle) pick(n int) int {
	if o.pos == len(o.script) {
		o.script = append(o.script, choice{0, n})
	}
	o.pos++
	return o.script[o.pos-1].answer
}

// asked reports whether a question has been asked in this run.
func (o *oracle) asked() bool { return o != nil && o.pos > 0 }

// next makes the script of the next run, and reports false when all have been run.
func (o *oracle) next() bool {
	o.pos = 0
	for i := len(o.script) - 1; i >= 0; i-- {
		if c := &o.script[i]; c.answer+1 < c.of {
			c.answer++
			o.script = o.script[:i+1]
			return true
		}
	}
	return false
}

// flows chooses what a gateway takes: one flow, or for an inclusive gateway any set (of more than four flows: one or all).
func (o *oracle) flows(e *Element) []*Flow {
	n := len(e.Outgoing)
	if e.Kind == ExclusiveGateway {
		i := o.pick(n)
		return e.Outgoing[i : i+1]
	}
	if n > 4 {
		if i := o.pick(n + 1); i < n {
			return e.Outgoing[i : i+1]
		}
		return e.Outgoing
	}
	var out []*Flow
	set := 1 + o.pick(1<<n-1)
	for i, f := range e.Outgoing {
		if set&(1<<i) != 0 && (f != e.Default || set == 1<<i) { // the default only by itself
			out = append(out, f)
		}
	}
	return out
}

// explorer walks the states of one process.
type explorer struct {
	d     *Definition
	index map[string]int
	nodes []explored
	pile  int // tokens of a state that is not explored further
	spent int // tokens of all states that were tried
}

// maxSpent bounds the tokens of all states that are tried, and with them time and memory: a gateway with thousands of branches has few states
// before it, and thousands of thousands of tokens behind.
const maxSpent = 2_000_000

type explored struct {
	state  State
	moving []arrival // tokens on their way when a question was asked
	quiet  bool      // nothing moves: it is the turn of people, time and messages
	from   []int     // states that lead here
	ends   bool      // has ended, or was not explored for want of time and gets the benefit of the doubt
	piled  bool      // has too many tokens to be explored further
}

func (c *checker) explore(p *Process) {
	d := *c.d
	d.Main, d.problems = p, nil
	x := explorer{d: &d, index: map[string]int{}, pile: spareTokens}
	for _, e := range d.order {
		if e.Body.Process == p {
			x.pile++
		}
	}
	starts, err := p.Body.startsFor("")
	if err != nil {
		starts = p.Body.starts
	}
	for _, s := range starts {
		in := Input{Kind: InputStart}
		if s.Kind == StartEvent {
			in.Element = s.ID
		}
		x.try(-1, explored{}, func(m *machine) error { return m.accept(in) })
	}
	done := 0
	for ; done < len(x.nodes) && len(x.nodes) < c.opt.MaxStates && x.spent < maxSpent; done++ {
		x.expand(done)
		if x.spent >= maxSpent {
			x.nodes[done].ends = true // it may have been broken off
		}
	}
	for i := done; i < len(x.nodes); i++ {
		x.nodes[i].ends = true
	}
	if done < len(x.nodes) {
		c.add(CodeTooLarge, p.ID, p.Name, p.Line, done)
	}
	c.stuck(&x)
}

// maxAnswers bounds the ways in which one event is tried.
const maxAnswers = 4096

// try lets one thing happen in every way the oracle knows, up to the next question, and notes the states it leads to.
func (x *explorer) try(from int, at explored, happens func(*machine) error) {
	o := &oracle{}
	for more, n := true, 0; more && n < maxAnswers && x.spent < maxSpent; more, n = o.next(), n+1 {
		s := at.state
		s.Tokens, s.Scopes, s.Timers = slices.Clone(s.Tokens), slices.Clone(s.Scopes), slices.Clone(s.Timers)
		m := &machine{e: &Engine{explore: o}, d: x.d, s: s, queue: slices.Clone(at.moving)}
		if happens(m) != nil || m.run() != nil {
			x.spent += 1 + len(s.Tokens)
			continue // no way to go with these answers; the finding for it is another
		}
		x.spent += 1 + len(m.s.Tokens) + len(m.queue)
		node := explored{state: m.s, moving: m.queue, quiet: !o.asked(), ends: m.s.Ended(), piled: len(m.s.Tokens) > x.pile}
		key := node.key()
		i, known := x.index[key]
		if !known {
			i = len(x.nodes)
			x.index[key] = i
			x.nodes = append(x.nodes, node)
		}
		if from >= 0 {
			x.nodes[i].from = append(x.nodes[i].from, from)
		}
	}
}

// expand tries everything that can happen in a state.
func (x *explorer) expand(i int) {
	at := x.nodes[i]
	if at.ends || at.piled {
		return
	}
	if !at.quiet {
		x.try(i, at, onward)
		return
	}
	m := machine{e: &Engine{explore: &oracle{}}, d: x.d, s: at.state}
	for k := range at.state.Tokens {
		t := &at.state.Tokens[k]
		e := m.element(t)
		id := t.ID
		if e.Kind.IsActivity() && e.Kind != SubProcess && e.Kind != ReceiveTask && (e.Multi == nil || m.isInstance(t)) {
			x.try(i, at, func(m *machine) error { return m.complete(id) })
		}
		for _, w := range m.awaited(t) {
			if w.Trigger == ErrorTrigger && e.Kind == SubProcess { // thrown from within, where the error end is
				continue
			}
			x.try(i, at, func(m *machine) error { return m.happen(id, w) })
		}
	}
}

var errDisarmed = errors.New("the timer has fired")

// happen sets off an event. A timer fires as often as it is armed, a cycle again and again.
func (m *machine) happen(token int, e *Element) error {
	if e.Trigger == TimerTrigger {
		i := slices.IndexFunc(m.s.Timers, func(t Timer) bool { return t.Token == token && t.Element == e.ID })
		if i < 0 {
			return errDisarmed
		}
		if !e.Timer.Cycle {
			m.s.Timers = slices.Delete(m.s.Timers, i, i+1)
		}
	}
	return m.fire(token, e)
}

// onward moves the tokens that are on their way: the first by itself, because it may ask a question.
func onward(m *machine) error {
	if len(m.queue) == 0 {
		return nil
	}
	a := m.queue[0]
	m.queue = m.queue[1:]
	return m.arrive(a)
}

// key is the state without numbers and variables: the tree of what waits, in sorted order, and what moves.
func (n *explored) key() string {
	s := &n.state
	if s.Ended() {
		return "ended"
	}
	var scopeKey func(scope int) string
	scopeKey = func(scope int) string {
		var parts []string
		for i := range s.Tokens {
			t := &s.Tokens[i]
			if t.Scope != scope {
				continue
			}
			part := t.Element + " " + t.Flow
			for j := range s.Scopes {
				if s.Scopes[j].Host == t.ID {
					part += scopeKey(s.Scopes[j].ID)
				}
			}
			for j := range s.Timers {
				if s.Timers[j].Token == t.ID {
					part += "@" + s.Timers[j].Element
				}
			}
			parts = append(parts, part)
		}
		slices.Sort(parts)
		for _, a := range n.moving { // in their order, which matters
			if a.scope == scope {
				parts = append(parts, ">"+a.at.ID)
				if a.flow != nil {
					parts = append(parts, a.flow.ID)
				}
			}
		}
		key := "(" + strings.Join(parts, ",")
		if c := s.scope(scope).Multi; c != nil {
			key += "#" + strconv.Itoa(c.Total-c.Completed)
		}
		return key + ")"
	}
	key := scopeKey(s.Scopes[0].ID)
	if n.quiet {
		return key
	}
	return key + "…"
}

// stuck reports the states from which no end can be reached: those closest to the standstill, one finding for each set of
// elements where tokens wait for ever. A state with many tokens is passed over, because its way to an end may lead through states
// that were not explored.
func (c *checker) stuck(x *explorer) {
	ends := make([]bool, len(x.nodes))
	var todo []int
	for i := range x.nodes {
		if x.nodes[i].ends {
			ends[i] = true
			todo = append(todo, i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range x.nodes[i].from {
			if !ends[j] {
				ends[j] = true
				todo = append(todo, j)
			}
		}
	}
	leads := make([]bool, len(x.nodes)) // has a way on to another state
	for i := range x.nodes {
		for _, j := range x.nodes[i].from {
			leads[j] = leads[j] || j != i
		}
	}
	seen := map[string]bool{}
	report := func(i int) {
		if len(x.nodes[i].state.Tokens) > x.pile/2 {
			return
		}
		var at []string
		for _, t := range x.nodes[i].state.Tokens {
			at = append(at, t.Element)
		}
		for _, a := range x.nodes[i].moving {
			at = append(at, a.at.ID)
		}
		slices.Sort(at)
		at = slices.Compact(at)
		if key := strings.Join(at, ", "); !seen[key] && len(at) > 0 {
			seen[key] = true
			c.at(x.d.elements[at[0]], CodeStuck, key)
		}
	}
	for i := range x.nodes {
		if !ends[i] && !leads[i] {
			report(i)
		}
	}
	for i := range x.nodes { // a loop without a way out: no state stands still, none can end
		if !ends[i] && len(seen) == 0 {
			report(i)
		}
	}
}
