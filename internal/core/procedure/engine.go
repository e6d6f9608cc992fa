package procedure

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/feel"
)

// Bounds of one step and one case.
const (
	maxMoves     = 10_000 // moves of tokens in one step; a diagram that needs more loops without waiting
	maxInstances = 1_000  // instances of a multi-instance activity
	maxCalls     = 32     // calls within calls
)

// Errors of Step that a caller may act upon. All leave the state as it was.
var (
	ErrNotStarted = errors.New("the process has not been started")
	ErrStarted    = errors.New("the process has been started already")
	ErrEnded      = errors.New("the process has ended")
	ErrNotOpen    = errors.New("the task is not open")
	ErrNotAwaited = errors.New("nothing waits for it")
	ErrNoTimer    = errors.New("no such timer is armed")
	ErrNotDue     = errors.New("the timer is not due yet")
	ErrNoFlow     = errors.New("no condition of its outgoing flows holds and it has no default flow")
	ErrLivelock   = fmt.Errorf("more than %d moves without waiting for anything: the diagram loops", maxMoves)
	ErrDefinition = errors.New("the definition has faults")
)

// Engine executes definitions. Its zero value runs diagrams of one file whose timers are in calendar time.
type Engine struct {
	// Resolve finds the definition of a called process that is not in the file of its caller. It must answer alike as long as a
	// case lives: pin the version.
	Resolve func(process string) (*Definition, error)
	// Due computes a timer that is a rule of the law or in working days, armed at from.
	Due func(spec TimerSpec, from time.Time) (time.Time, error)
	// AutoServices lets service and business rule tasks pass at once, for running a diagram without its services.
	AutoServices bool

	explore *oracle // chooses the outcome of conditions when the checker explores
}

// InputKind is what kind of thing happened.
type InputKind string

// The inputs. Which fields of Input they use stands there.
const (
	InputStart    InputKind = "start"    // Element (a start event, may be empty), Vars
	InputComplete InputKind = "complete" // Token, or Element and Index; Vars
	InputError    InputKind = "error"    // as complete, and Code: the task has failed
	InputMessage  InputKind = "message"  // Name of a message, else of a signal; Vars
	InputTimer    InputKind = "timer"    // Timer
	InputAdvance  InputKind = "advance"  // fires all that is due, in order, each at its instant
	InputCancel   InputKind = "cancel"   // ends the process
)

// Input is one thing that happened.
type Input struct {
	Kind    InputKind `json:"kind"`
	Token   int       `json:"token,omitempty"`
	Element string    `json:"element,omitempty"`
	Index   int       `json:"index,omitempty"` // of the instance, from 0, as it was started
	Name    string    `json:"name,omitempty"`
	Code    string    `json:"code,omitempty"`
	Timer   int       `json:"timer,omitempty"`
	Vars    Variables `json:"vars,omitempty"`
}

// EffectKind is what kind of thing the host has to do.
type EffectKind string

// The effects. Which fields of Effect they use stands there, besides At, Element and Node.
const (
	OpenTask    EffectKind = "open-task"    // Token, Index, Role
	CloseTask   EffectKind = "close-task"   // Token, Index, Interrupted
	CallService EffectKind = "call-service" // Token, Index, Name: the topic; answer with complete or error
	SendMessage EffectKind = "send-message" // Name
	SendSignal  EffectKind = "send-signal"  // Name
	ArmTimer    EffectKind = "arm-timer"    // Timer, Due
	DisarmTimer EffectKind = "disarm-timer" // Timer
	SetClock    EffectKind = "clock"        // Clock
	MakeDoc     EffectKind = "document"     // Name: the kind of document
	Publish     EffectKind = "publish"      // Name: the publication standard
	SetStatus   EffectKind = "status"       // Name: the status
	Ended       EffectKind = "ended"        // Outcome, Code; Element is empty where no one event ended it
)

// Effect is one thing the host has to do, in the order given.
type Effect struct {
	Kind        EffectKind `json:"kind"`
	At          time.Time  `json:"at"` // when it happened: for a timer fired by advance, the instant it fell due
	Element     string     `json:"element,omitempty"`
	Token       int        `json:"token,omitempty"`
	Index       int        `json:"index,omitempty"`
	Role        string     `json:"role,omitempty"`
	Name        string     `json:"name,omitempty"`
	Code        string     `json:"code,omitempty"`
	Timer       int        `json:"timer,omitempty"`
	Due         time.Time  `json:"due,omitzero"`
	Interrupted bool       `json:"interrupted,omitempty"`
	Outcome     Outcome    `json:"outcome,omitempty"`
	Clock       *Clock     `json:"-"`
	Node        *Element   `json:"-"` // the element, of a called definition too
}

// Step applies one input at the instant now and returns the new state and what is to be done. State s is not changed. On an
// error the state returned is s, and there are no effects.
func (e *Engine) Step(d *Definition, s State, in Input, now time.Time) (State, []Effect, error) {
	m := machine{e: e, d: d, s: s, now: now.Round(0).UTC(), effects: make([]Effect, 0, 8)}
	if err := m.step(in); err != nil {
		return s, nil, fmt.Errorf("procedure: %w", err)
	}
	return m.s, m.effects, nil
}

func (m *machine) step(in Input) error {
	if f := m.d.defect(); f != nil {
		return fmt.Errorf("%w: %s (line %d): %s", ErrDefinition, f.Element, f.Line, f.Message.En)
	}
	m.s.Tokens, m.s.Scopes, m.s.Timers = slices.Clone(m.s.Tokens), slices.Clone(m.s.Scopes), slices.Clone(m.s.Timers)
	if err := m.accept(in); err != nil {
		return err
	}
	return m.run()
}

// accept applies the input itself; run then moves what it has set moving.
func (m *machine) accept(in Input) error {
	if m.s.Process == "" {
		return m.start(in)
	}
	if m.s.Ended() {
		return fmt.Errorf("%w (%s): %s changes nothing", ErrEnded, m.s.Outcome, in.Kind)
	}
	if err := m.validate(); err != nil {
		return err
	}
	switch in.Kind {
	case InputStart:
		return ErrStarted
	case InputComplete, InputError:
		return m.finish(in)
	case InputMessage:
		return m.deliver(in)
	case InputTimer:
		return m.timer(in.Timer)
	case InputAdvance:
		return m.advance()
	case InputCancel:
		m.end(Cancelled, nil, "")
		return nil
	default:
		return fmt.Errorf("unknown input %q", in.Kind)
	}
}

// start makes the scope of the main process and sets its start event going.
func (m *machine) start(in Input) error {
	var starts []*Element
	body := m.d.Main.Body
	switch in.Kind {
	case InputStart:
		var err error
		if starts, err = body.startsFor(in.Element); err != nil {
			return err
		}
	case InputMessage:
		i := slices.IndexFunc(body.starts, func(e *Element) bool { return e.awaits(in.Name) })
		if i < 0 {
			return fmt.Errorf("%w: and no start event waits for %q", ErrNotStarted, in.Name)
		}
		starts = body.starts[i : i+1]
	default:
		return ErrNotStarted
	}
	m.s.Process, m.s.Next = m.d.Main.ID, 1
	m.s.Scopes = []Scope{{ID: m.id(), Vars: in.Vars}}
	for _, e := range starts {
		m.queue = append(m.queue, arrival{scope: 1, at: e})
	}
	return nil
}

// startsFor returns where a body starts: the event named, or its none start event, or its only start event.
func (b *Body) startsFor(id string) ([]*Element, error) {
	if len(b.starts) == 0 || b.starts[0].Kind != StartEvent {
		return b.starts, nil
	}
	var none *Element
	for i, e := range b.starts {
		switch {
		case e.ID == id:
			return b.starts[i : i+1], nil
		case id == "" && e.Trigger == NoTrigger && none != nil:
			return nil, fmt.Errorf("the start events %s and %s are both possible: name the one to start", none.ID, e.ID)
		case e.Trigger == NoTrigger:
			none = e
		}
	}
	switch {
	case id != "":
		return nil, fmt.Errorf("%q is no start event of %s", id, b.Process.ID)
	case none != nil:
		return []*Element{none}, nil
	case len(b.starts) == 1:
		return b.starts, nil
	default:
		return nil, fmt.Errorf("%s starts with a message, signal or timer: name the start event", b.Process.ID)
	}
}

// finish completes an open task, or lets it fail.
func (m *machine) finish(in Input) error {
	id, err := m.s.openTask(m, in)
	if err != nil {
		return err
	}
	tok := m.s.token(id)
	m.setVars(id, in.Vars)
	e := m.element(tok)
	m.emit(Effect{Kind: CloseTask, Token: id, Index: tok.Index, Interrupted: in.Kind == InputError}, e)
	if in.Kind == InputError {
		m.closed = id
		return m.throw(id, in.Code, e)
	}
	return m.complete(id)
}

// openTask finds the task an input means: by its token, or the first of the element with the index.
func (s *State) openTask(m *machine, in Input) (int, error) {
	for i := range s.Tokens {
		tok := &s.Tokens[i]
		if in.Token != 0 && tok.ID != in.Token || in.Token == 0 && (tok.Element != in.Element || tok.Index != in.Index) {
			continue
		}
		if e := m.element(tok); m.isOpen(tok, e) {
			return tok.ID, nil
		}
	}
	if in.Token != 0 {
		return 0, fmt.Errorf("%w: token %d %s", ErrNotOpen, in.Token, in.Element)
	}
	return 0, fmt.Errorf("%w: %s, index %d", ErrNotOpen, in.Element, in.Index)
}

// OpenItem is something that is waited for at an element: an open task, or an event.
type OpenItem struct {
	Token   int
	Index   int
	Element *Element
}

// Open returns the open tasks and the events waited at (those behind an event-based gateway too), in the order of their tokens.
// Boundary events are not among them.
func (e *Engine) Open(d *Definition, s State) ([]OpenItem, error) {
	m := machine{e: e, d: d, s: s}
	if s.Process == "" || s.Ended() {
		return nil, nil
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("procedure: %w", err)
	}
	var items []OpenItem
	for i := range s.Tokens {
		tok := &s.Tokens[i]
		switch el := m.element(tok); {
		case el.Kind == EventGateway:
			for _, f := range el.Outgoing {
				items = append(items, OpenItem{Token: tok.ID, Index: tok.Index, Element: f.To})
			}
		case el.Kind == CatchEvent, m.isLeaf(tok, el):
			items = append(items, OpenItem{Token: tok.ID, Index: tok.Index, Element: el})
		}
	}
	return items, nil
}

// validate refuses a state that does not belong to the definition, before anything relies on it.
func (m *machine) validate() error {
	s := &m.s
	if s.Process != m.d.Main.ID || len(s.Scopes) == 0 || s.Scopes[0].Host != 0 {
		return fmt.Errorf("the state is of process %q, the definition of %q: use the version the case was started with", s.Process, m.d.Main.ID)
	}
	last := 0
	for i := range s.Scopes {
		c := &s.Scopes[i]
		if c.ID <= last || c.ID >= s.Next || i > 0 && (c.Host >= c.ID || s.find(c.Host) < 0) {
			return fmt.Errorf("the state is damaged: scope %d", c.ID)
		}
		last = c.ID
	}
	last = 0
	for i := range s.Tokens {
		t := &s.Tokens[i]
		if t.ID <= last || t.ID >= s.Next || s.findScope(t.Scope) < 0 || t.Scope > t.ID {
			return fmt.Errorf("the state is damaged: token %d", t.ID)
		}
		last = t.ID
	}
	for i := range s.Tokens {
		if m.element(&s.Tokens[i]) == nil {
			return fmt.Errorf("the definition has no element %q, where the case waits: use the version the case was started with", s.Tokens[i].Element)
		}
	}
	for i := range s.Timers {
		if s.find(s.Timers[i].Token) < 0 {
			return fmt.Errorf("the state is damaged: timer %d", s.Timers[i].ID)
		}
	}
	return nil
}

// view is the variables as they are seen from a token or a scope: the innermost first.
type view struct {
	m            *machine
	token, scope int // token 0: from the scope itself
}

// Lookup implements feel.Scope.
func (v *view) Lookup(name string) (feel.Value, bool) {
	token, scope := v.token, v.scope
	for {
		if token != 0 {
			t := v.m.s.token(token)
			scope = t.Scope
			if x, ok := t.Vars[name]; ok {
				return x, true
			}
			if name == "loopCounter" && v.m.s.scope(scope).Multi != nil {
				return feel.Int(int64(t.Index)), true
			}
		}
		c := v.m.s.scope(scope)
		if x, ok := c.Vars[name]; ok {
			return x, true
		}
		if c.Multi != nil {
			if x, ok := c.Multi.lookup(name); ok {
				return x, true
			}
		}
		if token = c.Host; token == 0 {
			return nil, false
		}
	}
}

func (c *Counters) lookup(name string) (feel.Value, bool) {
	switch name {
	case "nrOfInstances":
		return feel.Int(int64(c.Total)), true
	case "nrOfActiveInstances":
		return feel.Int(int64(c.Active)), true
	case "nrOfCompletedInstances":
		return feel.Int(int64(c.Completed)), true
	default:
		return nil, false
	}
}
