package procedure

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/feel"
)

// State is where a case stands in its procedure. It is a value: Step never changes the state it is given. As JSON it is stored
// with the case; equal histories give equal bytes.
type State struct {
	Process string  `json:"process"`           // id of the main process
	Next    int     `json:"next"`              // the next number for a token, scope or timer
	Tokens  []Token `json:"tokens,omitempty"`  // where it waits, in the order in which the tokens came to wait
	Scopes  []Scope `json:"scopes"`            // the first is that of the main process
	Timers  []Timer `json:"timers,omitempty"`  // armed, in the order of arming
	Outcome Outcome `json:"outcome,omitempty"` // empty while the process runs
}

// Outcome is how a process has ended.
type Outcome string

// The outcomes. A failed process has come to an error end that nothing caught.
const (
	Completed  Outcome = "completed"
	Terminated Outcome = "terminated"
	Failed     Outcome = "failed"
	Cancelled  Outcome = "cancelled"
)

// Token is something that waits: an open task, an event, a branch at a join, an activity with scopes of its own.
type Token struct {
	ID      int       `json:"id"`
	Element string    `json:"element"`
	Scope   int       `json:"scope"`
	Flow    string    `json:"flow,omitempty"`  // at a join: the flow it came by
	Index   int       `json:"index,omitempty"` // of the innermost multi-instance instance it is or is in, from 0
	Vars    Variables `json:"vars,omitempty"`  // an instance's own
}

// Scope is a running process, sub-process, call or multi-instance activity. Host is the token that waits for it; 0 for the main
// process.
type Scope struct {
	ID      int       `json:"id"`
	Host    int       `json:"host,omitempty"`
	Process string    `json:"process,omitempty"` // of a call: the called process
	Multi   *Counters `json:"multi,omitempty"`   // of a multi-instance activity
	Vars    Variables `json:"vars,omitempty"`
}

// Counters are the figures of a multi-instance activity. Items wait for their turn when it is sequential.
type Counters struct {
	Total     int    `json:"total"`
	Completed int    `json:"completed,omitempty"`
	Active    int    `json:"active,omitempty"`
	Items     Values `json:"items,omitempty"`
}

// Timer is an armed timer. Element is the event; Token is who waits: the event's token, its activity, or its gateway.
type Timer struct {
	ID      int       `json:"id"`
	Token   int       `json:"token"`
	Element string    `json:"element"`
	Due     time.Time `json:"due"`
	Left    int       `json:"left,omitempty"` // repetitions after this one, or Forever
}

// Variables are values by name. As JSON the names are sorted.
type Variables map[string]feel.Value

// MarshalJSON implements json.Marshaler.
func (v Variables) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(v))
	for k, x := range v {
		m[k] = feel.ToJSON(x)
	}
	return json.Marshal(m) // encoding/json sorts the keys
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Variables) UnmarshalJSON(data []byte) error {
	x, err := feel.FromJSON(data)
	if err != nil {
		return fmt.Errorf("variables: %w", err)
	}
	c, ok := x.(*feel.Context)
	if !ok {
		return errors.New("variables are a JSON object of names and values")
	}
	*v = make(Variables, c.Len())
	for name, value := range c.All() {
		(*v)[name] = value
	}
	return nil
}

// Values are the items of a collection.
type Values []feel.Value

// MarshalJSON implements json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	list := make([]any, len(v))
	for i, x := range v {
		list[i] = feel.ToJSON(x)
	}
	return json.Marshal(list)
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Values) UnmarshalJSON(data []byte) error {
	x, err := feel.FromJSON(data)
	if err != nil {
		return fmt.Errorf("items: %w", err)
	}
	list, ok := x.(feel.List)
	if !ok {
		return errors.New("items are a JSON list")
	}
	*v = Values(list)
	return nil
}

// Ended reports whether the process has ended.
func (s *State) Ended() bool { return s.Outcome != "" }

// Vars returns the variables of the case. The map is the state's own: do not change it.
func (s *State) Vars() Variables {
	if len(s.Scopes) == 0 {
		return nil
	}
	return s.Scopes[0].Vars
}

// NextDue returns the earliest instant at which a timer falls due, and false when none is armed: the case's wake-up.
func (s *State) NextDue() (time.Time, bool) {
	var at time.Time
	for i := range s.Timers {
		if t := s.Timers[i].Due; i == 0 || t.Before(at) {
			at = t
		}
	}
	return at, len(s.Timers) > 0
}

// find returns the position of the token, which exist in ascending order of id, or -1.
func (s *State) find(id int) int {
	i, ok := slices.BinarySearchFunc(s.Tokens, id, func(t Token, id int) int { return t.ID - id })
	if !ok {
		return -1
	}
	return i
}

func (s *State) findScope(id int) int {
	i, ok := slices.BinarySearchFunc(s.Scopes, id, func(c Scope, id int) int { return c.ID - id })
	if !ok {
		return -1
	}
	return i
}

func (s *State) token(id int) *Token { return &s.Tokens[s.find(id)] }
func (s *State) scope(id int) *Scope { return &s.Scopes[s.findScope(id)] }
