package procedure

import "slices"

// gateway takes a token that has come to a gateway.
func (m *machine) gateway(a arrival) error {
	e := a.at
	joins := len(e.Incoming) > 1 && a.flow != nil
	switch {
	case e.Kind == ParallelGateway && joins:
		m.s.token(m.wait(a.scope, e)).Flow = a.flow.ID
		if m.take(a.scope, e, len(e.Incoming)) {
			return m.split(a.scope, e)
		}
		return nil
	case e.Kind == InclusiveGateway && joins:
		m.s.token(m.wait(a.scope, e)).Flow = a.flow.ID
		return nil // joinInclusive decides when nothing moves
	case e.Kind == EventGateway:
		if err := m.mark(e, Enter, m.from(0, a.scope)); err != nil {
			return err
		}
		tok := m.wait(a.scope, e)
		for _, f := range e.Outgoing {
			if f.To.Trigger == TimerTrigger {
				if err := m.arm(tok, f.To); err != nil {
					return err
				}
			}
		}
		return nil
	default:
		return m.split(a.scope, e)
	}
}

// take removes one waiting token for each incoming flow that has one, and reports true, if at least need flows have one.
func (m *machine) take(scope int, e *Element, need int) bool {
	waiting := 0
	for i := range m.s.Tokens {
		if t := &m.s.Tokens[i]; t.Scope == scope && t.Element == e.ID {
			waiting++
		}
	}
	if waiting < need { // most often; so a join of a thousand flows costs each that arrives a thousand steps, and not a million
		return false
	}
	var ids []int
	for _, f := range e.Incoming {
		if i := slices.IndexFunc(m.s.Tokens, func(t Token) bool { return t.Scope == scope && t.Flow == f.ID && t.Element == e.ID }); i >= 0 {
			ids = append(ids, m.s.Tokens[i].ID)
		}
	}
	if len(ids) < need {
		return false
	}
	for _, id := range ids {
		m.remove(id)
	}
	return true
}

// split sends tokens along the outgoing flows that the gateway chooses.
func (m *machine) split(scope int, e *Element) error {
	if err := m.mark(e, Enter, m.from(0, scope)); err != nil {
		return err
	}
	if err := m.mark(e, Leave, m.from(0, scope)); err != nil {
		return err
	}
	if len(e.Outgoing) == 0 {
		return m.settle(scope)
	}
	if m.e.explore != nil && e.Kind != ParallelGateway && len(e.Outgoing) > 1 {
		for _, f := range m.e.explore.flows(e) {
			m.send(scope, f)
		}
		return nil
	}
	taken := 0
	for _, f := range e.Outgoing {
		if e.Kind != ParallelGateway {
			if f == e.Default {
				continue
			}
			if ok, err := m.holds(f.Condition, m.from(0, scope)); err != nil {
				return err
			} else if !ok {
				continue
			}
		}
		m.send(scope, f)
		if taken++; e.Kind == ExclusiveGateway {
			break
		}
	}
	if taken > 0 {
		return nil
	}
	if e.Default == nil {
		return ErrNoFlow
	}
	m.send(scope, e.Default)
	return nil
}

// joinInclusive lets one inclusive join go on that no other token can reach any more, and reports whether there was one.
func (m *machine) joinInclusive() (bool, error) {
	if m.s.Ended() {
		return false, nil
	}
	for i := range m.s.Tokens {
		t := &m.s.Tokens[i]
		if t.Flow == "" {
			continue
		}
		e := m.element(t)
		if e.Kind != InclusiveGateway || !m.inclusiveReady(t.Scope, e) {
			continue
		}
		scope := t.Scope
		m.take(scope, e, 1)
		return true, m.split(scope, e)
	}
	return false, nil
}

// inclusiveReady decides by the rule of BPMN 2.0, § 13.4.3: a token that can still reach an incoming flow where none waits holds
// the join back, unless it can also reach one where a token waits (then it would come after this one in any case).
func (m *machine) inclusiveReady(scope int, join *Element) bool {
	waits := func(f *Flow) bool {
		return slices.ContainsFunc(m.s.Tokens, func(t Token) bool {
			return t.Scope == scope && t.Element == join.ID && t.Flow == f.ID
		})
	}
	empty, full := newNodeSet(len(join.Body.Elements)), newNodeSet(len(join.Body.Elements))
	for _, f := range join.Incoming {
		if waits(f) {
			full.addAll(f.before)
		} else {
			empty.addAll(f.before)
		}
	}
	for i := range m.s.Tokens {
		t := &m.s.Tokens[i]
		if t.Scope != scope || t.Element == join.ID {
			continue
		}
		if at := m.element(t).index; empty.has(at) && !full.has(at) {
			return false
		}
	}
	return true
}
