package procedure

import (
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/feel"
)

// begin starts an activity: its boundary timers run over all its instances.
func (m *machine) begin(a arrival) error {
	e := a.at
	if err := m.mark(e, Enter, m.from(0, a.scope)); err != nil {
		return err
	}
	tok := m.wait(a.scope, e)
	for _, b := range e.Boundary {
		if b.Trigger == TimerTrigger {
			if err := m.arm(tok, b); err != nil {
				return err
			}
		}
	}
	if e.Multi != nil {
		return m.multiply(tok, e)
	}
	return m.work(tok, e)
}

// work does the activity once.
func (m *machine) work(token int, e *Element) error {
	switch e.Kind {
	case UserTask, ManualTask:
		m.emit(Effect{Kind: OpenTask, Token: token, Index: m.s.token(token).Index, Role: e.Role()}, e)
	case ServiceTask, BusinessRuleTask:
		if m.e.AutoServices {
			return m.complete(token)
		}
		m.emit(Effect{Kind: CallService, Token: token, Index: m.s.token(token).Index, Name: e.Topic}, e)
	case SendTask:
		m.emit(Effect{Kind: SendMessage, Name: e.Ref}, e)
		return m.complete(token)
	case Task:
		return m.complete(token)
	case SubProcess:
		return m.open(token, "", e.Inner)
	case CallActivity:
		return m.call(token, e)
	}
	return nil
}

// open makes the scope of a sub-process or call and sets its starts going.
func (m *machine) open(host int, process string, b *Body) error {
	starts, err := b.startsFor("")
	if err != nil {
		return err
	}
	scope := m.id()
	m.s.Scopes = append(m.s.Scopes, Scope{ID: scope, Host: host, Process: process})
	for _, e := range starts {
		m.queue = append(m.queue, arrival{scope: scope, at: e})
	}
	return m.settle(scope) // an empty body ends at once
}

func (m *machine) call(token int, e *Element) error {
	if m.e.explore != nil { // a call is one piece to the checker: what it calls is checked for itself
		return nil
	}
	depth := 0
	for scope := m.s.token(token).Scope; ; {
		c := m.s.scope(scope)
		if c.Process != "" {
			depth++
		}
		if c.Host == 0 {
			break
		}
		scope = m.s.token(c.Host).Scope
	}
	if depth >= maxCalls {
		return fmt.Errorf("calls within calls more than %d deep: %s calls itself", maxCalls, e.Called)
	}
	outer, err := m.definitionOf(m.s.token(token).Scope)
	if err != nil {
		return err
	}
	d, err := m.e.resolve(outer, e.Called)
	if err != nil {
		return err
	}
	if f := d.defect(); f != nil {
		return fmt.Errorf("%w: %s in %s: %s", ErrDefinition, f.Element, e.Called, f.Message.En)
	}
	return m.open(token, e.Called, d.processes[e.Called].Body)
}

// multiply starts the instances of an activity: all at once, or the first.
func (m *machine) multiply(host int, e *Element) error {
	total, items, err := m.count(host, e.Multi)
	if err != nil {
		return err
	}
	if total == 0 {
		return m.complete(host)
	}
	c := &Counters{Total: total, Active: total}
	if e.Multi.Sequential {
		c.Active, c.Items = 1, items
	}
	scope := m.id()
	m.s.Scopes = append(m.s.Scopes, Scope{ID: scope, Host: host, Multi: c})
	if e.Multi.Sequential {
		return m.instance(scope, e, 0, items)
	}
	first := m.s.Next
	for i := range total {
		m.addInstance(scope, e, i, items)
	}
	for tok := first; tok < first+total; tok++ {
		if m.s.find(tok) < 0 { // an instance before it has fulfilled the completion condition
			break
		}
		if err := m.work(tok, e); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many instances there are, and their items when they come from a collection.
func (m *machine) count(host int, mi *MultiInstance) (int, Values, error) {
	if m.e.explore != nil {
		return 1 + m.e.explore.pick(2), nil, nil
	}
	source := mi.Cardinality
	if mi.Collection != nil {
		source = mi.Collection
	}
	v, err := source.eval(m.from(host, 0))
	if err != nil {
		return 0, nil, err
	}
	total := -1
	var items Values
	if mi.Collection != nil {
		list, ok := v.(feel.List)
		if !ok {
			return 0, nil, fmt.Errorf("the collection %q %w", source.Source, errNoItems)
		}
		total, items = len(list), Values(list)
	} else if n, ok := v.(feel.Number); ok {
		if i, whole := n.Int64(); whole && i >= 0 && i <= maxInstances {
			total = int(i)
		}
	}
	if total < 0 || total > maxInstances {
		return 0, nil, fmt.Errorf("the number of instances %q gives %v: it must be a whole number from 0 to %d", source.Source, feel.ToJSON(v), maxInstances)
	}
	if mi.Variable == "" {
		items = nil
	}
	return total, items, nil
}

func (m *machine) addInstance(scope int, e *Element, i int, items Values) int {
	tok := m.wait(scope, e)
	t := m.s.token(tok)
	t.Index = i
	if items != nil {
		t.Vars = Variables{e.Multi.Variable: items[i]}
	}
	return tok
}

func (m *machine) instance(scope int, e *Element, i int, items Values) error {
	return m.work(m.addInstance(scope, e, i, items), e)
}

// complete ends an activity that has been done: an instance is counted, and the activity left when all are, or enough.
func (m *machine) complete(token int) error {
	tok := m.s.token(token)
	e := m.element(tok)
	if m.isInstance(tok) {
		return m.counted(token, e)
	}
	scope := tok.Scope
	m.disarm(token)
	m.remove(token)
	return m.leave(scope, e)
}

func (m *machine) counted(token int, e *Element) error {
	scope := m.s.token(token).Scope
	sc := m.s.scope(scope)
	c := *sc.Multi // the state before the step keeps its own
	c.Completed++
	c.Active--
	sc.Multi = &c
	done := c.Completed == c.Total
	if e.Multi.Completion != nil && !done {
		enough, err := m.holds(e.Multi.Completion, m.from(token, 0))
		if err != nil {
			return err
		}
		done = enough
	}
	m.remove(token)
	if done {
		host := sc.Host
		m.clear(scope)
		m.removeScope(scope)
		return m.complete(host)
	}
	if e.Multi.Sequential {
		c.Active = 1
		if m.moves++; m.moves > maxMoves {
			return ErrLivelock
		}
		return m.instance(scope, e, c.Completed, c.Items)
	}
	return nil
}

// throwFrom throws an error out of a scope.
func (m *machine) throwFrom(scope int, code string, e *Element) error {
	if host := m.s.scope(scope).Host; host != 0 {
		return m.throw(host, code, e)
	}
	m.end(Failed, e, code)
	return nil
}

// throw lets an activity fail: the nearest boundary event outward that catches the error takes over; otherwise the process
// fails.
func (m *machine) throw(token int, code string, by *Element) error {
	for {
		tok := m.s.token(token)
		if !m.isInstance(tok) {
			if b := catcher(m.element(tok), code); b != nil {
				return m.border(token, b)
			}
		}
		if token = m.s.scope(tok.Scope).Host; token == 0 {
			m.end(Failed, by, code)
			return nil
		}
	}
}

// catcher returns the boundary event that catches the error: one of its code before one of every code.
func catcher(e *Element, code string) *Element {
	var every *Element
	for _, b := range e.Boundary {
		if b.Trigger != ErrorTrigger {
			continue
		}
		switch b.Ref {
		case code:
			return b
		case "":
			every = b
		}
	}
	return every
}

var errNoItems = errors.New("is not a list: set the variable before the activity begins")
