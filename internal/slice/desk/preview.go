package desk

import (
	"encoding/json"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/form"
)

// Outcome is one way in which a step can end, and what follows from it.
type Outcome struct {
	Value   string // of the field outcome; empty for a step that has only one way on
	Title   lang.Text
	Effects []procedure.Effect
	Blocked bool // the procedure has no way on with it now
}

// Preview says what each outcome of an open task leads to, by stepping the procedure on a copy of the case. Nothing is changed.
func (s *Service) Preview(def *procedure.Definition, c *casework.Case, t *casework.Task, asked *form.Schema) ([]Outcome, error) {
	outcomes, err := outcomesOf(asked)
	if err != nil {
		return nil, err
	}
	// A timer that the step arms doesn't matter here; its instant is not shown.
	engine := procedure.Engine{Due: func(_ procedure.TimerSpec, from time.Time) (time.Time, error) { return from, nil }}
	for i := range outcomes {
		o := &outcomes[i]
		vars := procedure.Variables{}
		if o.Value != "" {
			raw, err := json.Marshal(o.Value)
			if err == nil {
				vars[outcomeField], err = feel.FromJSON(raw)
			}
			if err != nil {
				return nil, fmt.Errorf("outcome %q: %w", o.Value, err)
			}
		}
		in := procedure.Input{Kind: procedure.InputComplete, Token: t.Token, Vars: vars}
		_, o.Effects, err = engine.Step(def, *c.Progress(), in, s.Cases.Now())
		o.Blocked = err != nil
	}
	return outcomes, nil
}

// outcomeField is the field of a step's form on which the gateway behind the step decides.
const outcomeField = "outcome"

// outcomesOf reads the choices of the field outcome; a form without it has one nameless outcome.
func outcomesOf(asked *form.Schema) ([]Outcome, error) {
	if asked == nil {
		return make([]Outcome, 1), nil
	}
	var schema struct {
		Properties map[string]struct {
			OneOf []struct {
				Const  string    `json:"const"`
				Title  string    `json:"title"`
				XTitle lang.Text `json:"x-title"`
			} `json:"oneOf"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(asked.Raw(), &schema); err != nil {
		return nil, fmt.Errorf("form of a step: %w", err)
	}
	choices := schema.Properties[outcomeField].OneOf
	if len(choices) == 0 {
		return make([]Outcome, 1), nil
	}
	outcomes := make([]Outcome, len(choices))
	for i, o := range choices {
		outcomes[i] = Outcome{Value: o.Const, Title: lang.Text{Hans: o.Title, Hant: o.XTitle.Hant, En: o.XTitle.En}}
	}
	return outcomes, nil
}
