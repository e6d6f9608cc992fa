package procedure

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// machine executes one step on a copy of the state. Only what waits is a token; what moves stands in the queue, first in, first
// out, so that the order of effects follows the diagram and is the same everywhere.
type machine struct {
	e       *Engine
	d       *Definition
	s       State
	now     time.Time
	effects []Effect
	queue   []arrival
	moves   int
	owned   []int    // scopes and tokens whose variables this step has copied
	closed  int      // a task already reported as closed
	last    *Element // the end event that was reached last
	eyes    view     // reused for every expression
}

// arrival is a token on its way: it comes to at by flow (nil at a start).
type arrival struct {
	scope int
	at    *Element
	flow  *Flow
}

func (m *machine) id() int {
	m.s.Next++
	return m.s.Next - 1
}

func (m *machine) emit(f Effect, e *Element) {
	f.At, f.Node = m.now, e
	if e != nil {
		f.Element = e.ID
	}
	m.effects = append(m.effects, f)
}

// run moves tokens until all wait. Inclusive joins are looked at when nothing else moves.
func (m *machine) run() error {
	for {
		for len(m.queue) > 0 && !m.s.Ended() {
			if m.e.explore.asked() { // the checker goes on from here for each answer
				return nil
			}
			if m.moves++; m.moves > maxMoves {
				return ErrLivelock
			}
			a := m.queue[0]
			m.queue = m.queue[1:]
			if err := m.arrive(a); err != nil {
				return fmt.Errorf("%s %s (line %d): %w", a.at.Kind, a.at.ID, a.at.Line, err)
			}
		}
		if m.e.explore.asked() {
			return nil
		}
		fired, err := m.joinInclusive()
		if err != nil || !fired {
			return err
		}
	}
}

func (m *machine) arrive(a arrival) error {
	e := a.at
	if e.Kind.IsActivity() {
		return m.begin(a)
	}
	if e.Kind.IsGateway() {
		return m.gateway(a)
	}
	if err := m.mark(e, Enter, m.from(0, a.scope)); err != nil {
		return err
	}
	switch e.Kind {
	case CatchEvent:
		if e.Trigger != LinkTrigger {
			tok := m.wait(a.scope, e)
			return m.arm(tok, e)
		}
	case ThrowEvent:
		if err := m.leave(a.scope, e); err != nil { // before the signal, which may interrupt where the token goes
			return err
		}
		return m.throwEvent(e)
	case EndEvent:
		return m.endEvent(a.scope, e)
	}
	return m.leave(a.scope, e)
}

// throwEvent sends the message or signal of a throw or end event.
func (m *machine) throwEvent(e *Element) error {
	switch e.Trigger {
	case MessageTrigger:
		m.emit(Effect{Kind: SendMessage, Name: e.Ref}, e)
	case SignalTrigger:
		m.emit(Effect{Kind: SendSignal, Name: e.Ref}, e)
		_, err := m.broadcast(func(x *Element) bool { return x.Trigger == SignalTrigger && x.awaits(e.Ref) })
		return err
	}
	return nil
}

func (m *machine) endEvent(scope int, e *Element) error {
	if err := m.mark(e, Leave, m.from(0, scope)); err != nil {
		return err
	}
	if err := m.throwEvent(e); err != nil {
		return err
	}
	switch e.Trigger {
	case ErrorTrigger:
		return m.throwFrom(scope, e.Ref, e)
	case TerminateTrigger:
		m.clear(scope)
		if scope == m.s.Scopes[0].ID {
			m.end(Terminated, e, "")
			return nil
		}
	}
	m.last = e
	return m.settle(scope)
}

// from sets the view from which expressions are evaluated.
func (m *machine) from(token, scope int) *view {
	m.eyes = view{m: m, token: token, scope: scope}
	return &m.eyes
}

// wait puts a token at an element. It has the index of the instance it is in.
func (m *machine) wait(scope int, e *Element) int {
	id, index := m.id(), 0
	if host := m.s.scope(scope).Host; host != 0 {
		index = m.s.token(host).Index
	}
	m.s.Tokens = append(m.s.Tokens, Token{ID: id, Element: e.ID, Scope: scope, Index: index})
	return id
}

func (m *machine) remove(token int) {
	i := m.s.find(token)
	m.s.Tokens = slices.Delete(m.s.Tokens, i, i+1)
}

func (m *machine) removeScope(scope int) {
	i := m.s.findScope(scope)
	m.s.Scopes = slices.Delete(m.s.Scopes, i, i+1)
}

// leave marks the element as left and sends tokens along its outgoing flows: all without a condition, and those whose condition
// holds; the default flow when no condition does.
func (m *machine) leave(scope int, e *Element) error {
	if err := m.mark(e, Leave, m.from(0, scope)); err != nil {
		return err
	}
	taken := 0
	for _, f := range e.Outgoing {
		if f == e.Default {
			continue
		}
		ok, err := m.holds(f.Condition, m.from(0, scope))
		if err != nil {
			return err
		}
		if ok {
			m.send(scope, f)
			taken++
		}
	}
	switch {
	case taken == 0 && e.Default != nil:
		m.send(scope, e.Default)
	case taken == 0 && len(e.Outgoing) > 0:
		return ErrNoFlow
	case taken == 0:
		return m.settle(scope)
	}
	return nil
}

func (m *machine) send(scope int, f *Flow) {
	m.queue = append(m.queue, arrival{scope: scope, at: f.To, flow: f})
}

// holds reports whether a condition holds; a flow without one is open.
func (m *machine) holds(c *Condition, v *view) (bool, error) {
	switch {
	case c == nil:
		return true, nil
	case m.e.explore != nil:
		return m.e.explore.pick(2) == 0, nil
	default:
		return c.holds(v)
	}
}

// settle ends the scope when nothing in it waits or moves any more.
func (m *machine) settle(scope int) error {
	if m.s.Ended() || m.s.findScope(scope) < 0 {
		return nil
	}
	for i := range m.s.Tokens {
		if m.s.Tokens[i].Scope == scope {
			return nil
		}
	}
	for i := range m.queue {
		if m.queue[i].scope == scope {
			return nil
		}
	}
	c := m.s.scope(scope)
	if c.Host == 0 {
		m.end(Completed, m.last, "")
		return nil
	}
	host, vars := c.Host, c.Vars
	m.removeScope(scope)
	m.setVars(host, vars) // what a called process has set becomes its caller's; other scopes have no variables
	return m.complete(host)
}

// end ends the main process.
func (m *machine) end(how Outcome, e *Element, code string) {
	root := m.s.Scopes[0].ID
	m.clear(root)
	m.s.Outcome = how
	m.s.Tokens, m.s.Timers, m.queue = nil, nil, nil
	m.emit(Effect{Kind: Ended, Outcome: how, Code: code}, e)
}

// clear removes all that waits or moves in a scope, with what it contains.
func (m *machine) clear(scope int) {
	for i := 0; i < len(m.s.Tokens); {
		if m.s.Tokens[i].Scope != scope {
			i++
			continue
		}
		m.cancel(m.s.Tokens[i].ID)
	}
	m.queue = slices.DeleteFunc(m.queue, func(a arrival) bool { return a.scope == scope })
}

// cancel removes a token with its timers and everything it is host of; an open task is reported as interrupted.
func (m *machine) cancel(token int) {
	tok := m.s.token(token)
	e := m.element(tok)
	if m.isOpen(tok, e) && m.closed != token {
		m.emit(Effect{Kind: CloseTask, Token: token, Index: tok.Index, Interrupted: true}, e)
	}
	m.disarm(token)
	if i := slices.IndexFunc(m.s.Scopes, func(c Scope) bool { return c.Host == token }); i >= 0 {
		id := m.s.Scopes[i].ID
		m.clear(id)
		m.removeScope(id)
	}
	m.remove(token)
}

// element returns the element a token stands at, in the definition of its scope.
func (m *machine) element(t *Token) *Element {
	d := m.d
	if len(m.s.Scopes) > 1 {
		var err error
		if d, err = m.definitionOf(t.Scope); err != nil {
			return nil
		}
	}
	return d.elements[t.Element]
}

// definitionOf returns the definition whose elements a scope executes: the main one, or that of the innermost call around it.
func (m *machine) definitionOf(scope int) (*Definition, error) {
	c := m.s.scope(scope)
	if c.Host == 0 {
		return m.d, nil
	}
	outer, err := m.definitionOf(m.s.token(c.Host).Scope)
	if err != nil || c.Process == "" {
		return outer, err
	}
	return m.e.resolve(outer, c.Process)
}

// resolve finds a called process: in the caller's file, or by the engine.
func (e *Engine) resolve(d *Definition, process string) (*Definition, error) {
	if d.processes[process] != nil {
		return d, nil
	}
	if e.Resolve == nil {
		return nil, fmt.Errorf("the called process %q is not in the file", process)
	}
	called, err := e.Resolve(process)
	if err != nil {
		return nil, fmt.Errorf("the called process %q: %w", process, err)
	}
	if called == nil || called.processes[process] == nil {
		return nil, fmt.Errorf("the called process %q is not known", process)
	}
	return called, nil
}

// isLeaf reports whether a token is an activity that is done as one piece: no sub-process, no call, no host of instances.
func (m *machine) isLeaf(t *Token, e *Element) bool {
	return e.Kind.IsActivity() && e.Kind != SubProcess && e.Kind != CallActivity && (e.Multi == nil || m.isInstance(t))
}

// isInstance reports whether a token is an instance of a multi-instance activity.
func (m *machine) isInstance(t *Token) bool { return m.s.scope(t.Scope).Multi != nil }

// isOpen reports whether a token is a task that somebody or some service has to complete.
func (m *machine) isOpen(t *Token, e *Element) bool {
	return m.isLeaf(t, e) && (e.Kind.ByPerson() || e.Kind == ServiceTask || e.Kind == BusinessRuleTask)
}

// setVars sets variables as seen from a token: each where it is found, outward up to the process; otherwise in the process.
func (m *machine) setVars(token int, vars Variables) {
	for name, value := range vars { // each name for itself: the order is of no effect
		at := token
		for {
			t := m.s.token(at)
			if _, own := t.Vars[name]; own {
				t.Vars = m.own(at, t.Vars)
				t.Vars[name] = value
				break
			}
			c := m.s.scope(t.Scope)
			if c.Host == 0 || c.Process != "" {
				c.Vars = m.own(c.ID, c.Vars)
				c.Vars[name] = value
				break
			}
			at = c.Host
		}
	}
}

// own returns variables that this step may write: a copy, made once.
func (m *machine) own(id int, vars Variables) Variables {
	if slices.Contains(m.owned, id) {
		return vars
	}
	m.owned = append(m.owned, id)
	if vars == nil {
		return Variables{}
	}
	return maps.Clone(vars)
}
