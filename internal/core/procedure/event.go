package procedure

import (
	"fmt"
	"slices"
)

// awaits reports whether an event or receive task is set off by a message or signal of that name (or id in the file).
func (e *Element) awaits(name string) bool {
	if e.Trigger != MessageTrigger && e.Trigger != SignalTrigger && e.Kind != ReceiveTask {
		return false
	}
	return name != "" && (e.Ref == name || e.RefID == name)
}

// deliver brings a message to the token that has waited longest for it, or else a signal to all that wait.
func (m *machine) deliver(in Input) error {
	n, err := m.reach(1, in.Vars, func(e *Element) bool { return e.Trigger != SignalTrigger && e.awaits(in.Name) })
	if n > 0 || err != nil {
		return err
	}
	n, err = m.reach(-1, in.Vars, func(e *Element) bool { return e.Trigger == SignalTrigger && e.awaits(in.Name) })
	if n == 0 && err == nil {
		return fmt.Errorf("%w: message %q", ErrNotAwaited, in.Name)
	}
	return err
}

// broadcast sets off every waiting event that matches.
func (m *machine) broadcast(match func(*Element) bool) (int, error) { return m.reach(-1, nil, match) }

// reach sets off up to limit (-1: all) of the waiting events that match, the oldest token first, and returns how many.
func (m *machine) reach(limit int, vars Variables, match func(*Element) bool) (int, error) {
	var ids []int
	var events []*Element
	for i := range m.s.Tokens {
		for _, e := range m.awaited(&m.s.Tokens[i]) {
			if match(e) {
				ids, events = append(ids, m.s.Tokens[i].ID), append(events, e)
			}
		}
	}
	n := 0
	for i, id := range ids {
		if n == limit || m.s.Ended() {
			break
		}
		if m.s.find(id) < 0 { // the one before has interrupted it
			continue
		}
		m.setVars(id, vars)
		if err := m.fire(id, events[i]); err != nil {
			return n, fmt.Errorf("%s %s (line %d): %w", events[i].Kind, events[i].ID, events[i].Line, err)
		}
		n++
	}
	return n, nil
}

// awaited returns the events that can be set off where the token waits.
func (m *machine) awaited(t *Token) []*Element {
	e := m.element(t)
	switch {
	case e.Kind == CatchEvent:
		return []*Element{e}
	case e.Kind == EventGateway:
		targets := make([]*Element, len(e.Outgoing))
		for i, f := range e.Outgoing {
			targets[i] = f.To
		}
		return targets
	case e.Kind == ReceiveTask && m.isLeaf(t, e):
		if m.isInstance(t) {
			return []*Element{e}
		}
		return append([]*Element{e}, e.Boundary...)
	case e.Kind.IsActivity() && !m.isInstance(t):
		return e.Boundary
	default:
		return nil
	}
}

// fire sets off an event for the token that waits for it.
func (m *machine) fire(token int, e *Element) error {
	t := m.s.token(token)
	scope := t.Scope
	switch {
	case e.Kind == BoundaryEvent:
		return m.border(token, e)
	case e.Kind == ReceiveTask && t.Element == e.ID:
		return m.complete(token)
	}
	gateway := t.Element != e.ID
	m.disarm(token)
	m.remove(token)
	if gateway {
		if err := m.mark(e, Enter, m.from(0, scope)); err != nil {
			return err
		}
	}
	return m.leave(scope, e)
}

// border sets off a boundary event: an interrupting one ends its activity.
func (m *machine) border(token int, b *Element) error {
	scope := m.s.token(token).Scope
	if b.Interrupting || b.Trigger == ErrorTrigger { // an error always ends its activity
		m.cancel(token)
	}
	if err := m.mark(b, Enter, m.from(0, scope)); err != nil {
		return err
	}
	return m.leave(scope, b)
}

// arm starts the timer of an event for a token.
func (m *machine) arm(token int, e *Element) error {
	if e.Trigger != TimerTrigger {
		return nil
	}
	due, repeat := m.now, 1
	if m.e.explore == nil {
		var err error
		if due, repeat, err = m.e.due(e.Timer, m.now, m.from(token, 0)); err != nil {
			return fmt.Errorf("timer %s: %w", e.ID, err)
		}
	}
	left := 0
	if e.Kind == BoundaryEvent && !e.Interrupting && repeat != 1 {
		left = max(repeat-1, Forever)
	}
	m.addTimer(Timer{Token: token, Element: e.ID, Due: due.UTC(), Left: left}, e)
	return nil
}

func (m *machine) addTimer(t Timer, e *Element) {
	t.ID = m.id()
	m.s.Timers = append(m.s.Timers, t)
	m.emit(Effect{Kind: ArmTimer, Timer: t.ID, Due: t.Due}, e)
}

// disarm removes the timers of a token.
func (m *machine) disarm(token int) {
	for i := 0; i < len(m.s.Timers); {
		t := m.s.Timers[i]
		if t.Token != token {
			i++
			continue
		}
		m.s.Timers = slices.Delete(m.s.Timers, i, i+1)
		m.emit(Effect{Kind: DisarmTimer, Timer: t.ID}, m.event(t))
	}
}

// event returns the event of a timer.
func (m *machine) event(t Timer) *Element {
	d, err := m.definitionOf(m.s.token(t.Token).Scope)
	if err != nil {
		return nil
	}
	return d.elements[t.Element]
}

// timer fires one timer that is due.
func (m *machine) timer(id int) error {
	i := slices.IndexFunc(m.s.Timers, func(t Timer) bool { return t.ID == id })
	if i < 0 {
		return fmt.Errorf("%w: %d", ErrNoTimer, id)
	}
	if m.s.Timers[i].Due.After(m.now) {
		return fmt.Errorf("%w: %s is due at %s", ErrNotDue, m.s.Timers[i].Element, m.s.Timers[i].Due)
	}
	return m.expire(i)
}

// advance fires the timers due by now in the order of their instants, each at its own instant, with what follows from it.
func (m *machine) advance() error {
	until := m.now
	defer func() { m.now = until }()
	for !m.s.Ended() {
		next := -1
		for i := range m.s.Timers {
			t := &m.s.Timers[i]
			if !t.Due.After(until) && (next < 0 || t.Due.Before(m.s.Timers[next].Due)) {
				next = i
			}
		}
		if next < 0 {
			return nil
		}
		if m.moves++; m.moves > maxMoves {
			return ErrLivelock
		}
		m.now = m.s.Timers[next].Due
		if err := m.expire(next); err != nil {
			return err
		}
		if err := m.run(); err != nil {
			return err
		}
	}
	return nil
}

// expire fires the timer at a position of the list, and arms the next repetition of a cycle.
func (m *machine) expire(i int) error {
	t := m.s.Timers[i]
	e := m.event(t)
	if e == nil || e.Timer == nil {
		return fmt.Errorf("the definition has no timer event %q: use the version the case was started with", t.Element)
	}
	m.s.Timers = slices.Delete(m.s.Timers, i, i+1)
	if t.Left != 0 && m.e.explore == nil {
		due, _, err := m.e.due(e.Timer, t.Due, m.from(t.Token, 0))
		if err != nil {
			return fmt.Errorf("timer %s: %w", e.ID, err)
		}
		m.addTimer(Timer{Token: t.Token, Element: t.Element, Due: due.UTC(), Left: max(t.Left-1, Forever)}, e)
	}
	return m.fire(t.Token, e)
}

// mark reports what the extensions of an element say for the moment.
func (m *machine) mark(e *Element, on Moment, v *view) error {
	if !e.marked {
		return nil
	}
	for i := range e.Clocks {
		c := &e.Clocks[i]
		if ok, err := m.applies(c.On == on, c.When, v); err != nil {
			return err
		} else if ok {
			m.emit(Effect{Kind: SetClock, Name: c.Name, Clock: c}, e)
		}
	}
	for _, l := range [...]struct {
		kind EffectKind
		list []Timed
	}{{MakeDoc, e.Documents}, {Publish, e.Publish}, {SetStatus, e.Status}} {
		for i := range l.list {
			if ok, err := m.applies(l.list[i].On == on, l.list[i].When, v); err != nil {
				return err
			} else if ok {
				m.emit(Effect{Kind: l.kind, Name: l.list[i].Value}, e)
			}
		}
	}
	return nil
}

// applies reports whether an extension takes effect now. To the checker they are of no matter.
func (m *machine) applies(now bool, when *Condition, v *view) (bool, error) {
	if !now || m.e.explore != nil {
		return false, nil
	}
	return m.holds(when, v)
}
