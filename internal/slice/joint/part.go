package joint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// partForm is what the case of a department is opened with: its share of the application, and nothing else of it.
type partForm struct {
	Whole   store.ID        `json:"whole"`
	Number  string          `json:"number"` // of the whole
	Ordinal int             `json:"ordinal"`
	Body    string          `json:"body"`
	Lead    string          `json:"lead,omitempty"` // body whose window leads: it signs what goes to the department
	Answers json.RawMessage `json:"answers"`
}

// seriesPart begins the numbers of parts without an item of their own; those of items begin with its code.
const seriesPart = "LP"

// seriesOf is the series of numbers of a body: what begins it, and the body's unified social credit code (统一社会信用代码), so that each body has
// its own 9,999 a day. A body without a code shares the series of its division, as all did before; such a number is six characters shorter, so
// that no number is given twice.
func seriesOf(begin string, b *registry.Body) string {
	if len(b.USCC) != codeOfBody {
		return begin + b.Division
	}
	return begin + b.USCC
}

// codeOfBody is how many characters a unified social credit code has.
const codeOfBody = 18

func (s *Service) beginPart(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var f partForm
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, fmt.Errorf("part of a joint matter: %w", err)
	}
	e, err := s.entry(ctx, f.Whole, f.Ordinal)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("part %d of %s: %w", f.Ordinal, f.Whole, err)
	}
	b := s.Registry.Now().Body(f.Body)
	if b == nil || registry.Over(b.Ended, s.Now()) {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": f.Body}}
	}
	series := e.Subject
	if !itemCode(series) {
		series = seriesOf(seriesPart, b)
	}
	return casework.Beginning{
		Title: e.Title, Division: b.Division, Body: b.Key, Procedure: PartKind, Series: series,
		Terms: map[string]casework.Terms{
			opinionRule: {Statutory: e.Statutory, Promised: e.Promised},
			defaultRule: {Statutory: e.After},
		},
		Variables: map[string]any{"defaultLate": e.Late, "defaultAbsent": e.Absent, varLead: f.Lead},
		Public:    map[string]any{"whole": f.Number, "item": e.Ordinal, "late": e.Late, "absent": e.Absent},
	}, nil
}

// Variables of the cases of departments and of checks.
const (
	varLead = "lead" // body whose window leads
	varPart = "part" // number of the part whose commitment is checked
)

// codeLength is how many characters an implementation code (实施编码) has.
const codeLength = 31

// itemCode reports whether the subject of a part is the implementation code of an item, and not the part's own name MATTER/PART, which may be as
// long.
func itemCode(subject string) bool {
	return len(subject) == codeLength && !strings.ContainsFunc(subject, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

// partStates are the states of parts by the status that the procedure sets.
var partStates = map[string]PartState{
	"joint-agreed": Agreed, "joint-forwarded": Forwarded, "joint-refused": Refused, "joint-deemed": Deemed, "joint-discontinued": Discontinued,
}

// partChanged keeps a part in step with the case of its department, and notes the answer for the whole.
func (s *Service) partChanged(_ context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.DocumentRevoked {
		return s.revoked(tx, c, h)
	}
	s.issue(tx, c, h)
	if h.Kind == casework.HandedOver {
		tx.Queue(`UPDATE joint_part SET body = $2, subject = $3 WHERE case_id = $1 AND case_id > 0`, int64(c.ID), c.Body, c.Subject)
		return nil
	}
	if h.Kind == casework.Submitted {
		var f partForm
		if err := json.Unmarshal(h.Private["form"], &f); err != nil {
			return fmt.Errorf("form of %s: %w", c.Number, err)
		}
		due := c.PromiseDue
		if due.IsZero() {
			due = c.StatuteDue
		}
		tx.Queue(`UPDATE joint_part SET case_id = $3, number = $4, body = $5, opened_at = $6, due_at = $7, statute_at = $8 WHERE whole = $1 AND ordinal = $2`,
			int64(f.Whole), f.Ordinal, int64(c.ID), c.Number, c.Body, store.Micros(h.Event.At), store.Micros(due), store.Micros(c.StatuteDue))
		linked(tx, f.Whole, f.Ordinal, linkBegin)
		return nil
	}
	if task, _ := h.Data["task"].(string); h.Kind == casework.Completed && task == "late-opinion" {
		word, _ := h.Data["opinion"].(string)
		tx.Queue(`UPDATE joint_part SET late = $2, late_at = $3 WHERE case_id = $1 AND case_id > 0`, int64(c.ID), word, store.Micros(h.Event.At))
		return nil
	}
	for i := range h.Effects {
		f := &h.Effects[i]
		state, is := partStates[f.Name]
		if f.Kind != procedure.SetStatus || !is {
			continue
		}
		cause := ""
		if state == Deemed {
			cause = causeOf(h.Kind)
		}
		// A part for which nobody is competent any more stays void when its case is ended.
		tx.Queue(`UPDATE joint_part SET status = $2, cause = $3, answered_at = $4 WHERE case_id = $1 AND case_id > 0 AND status <> 'void'`,
			int64(c.ID), string(state), cause, store.Micros(f.At))
		if state != Discontinued {
			s.linkWhere(tx, f.At, linkAnswer, `case_id = $4 AND case_id > 0`, int64(c.ID))
		}
	}
	return nil
}

// causeOf tells by what the department fell into default: a timer, that it did not come, or its own refusal without a reason.
func causeOf(event string) string {
	switch event {
	case casework.TimerFired:
		return CauseLate
	case casework.Messaged:
		return CauseAbsent
	default:
		return CauseNoReason
	}
}

// checkForm is what the check of a commitment is opened with.
type checkForm struct {
	Whole       store.ID        `json:"whole"`
	Ordinal     int             `json:"ordinal"`
	Commitments []string        `json:"commitments"`
	Answers     json.RawMessage `json:"answers"`
}

// seriesCheck begins the numbers of checks.
const seriesCheck = "HC"

func (s *Service) beginCheck(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var f checkForm
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, fmt.Errorf("check of a commitment: %w", err)
	}
	e, err := s.entry(ctx, f.Whole, f.Ordinal)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("part %d of %s: %w", f.Ordinal, f.Whole, err)
	}
	b := s.Registry.Now().Body(e.Body)
	if b == nil {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": e.Body}}
	}
	return casework.Beginning{
		Title: lang.Text{
			Hans: "告知承诺核查：" + e.Title.Hans, Hant: "告知承諾核查：" + e.Title.In(lang.Hant), En: "Check of a commitment: " + e.Title.In(lang.En),
		},
		Division: b.Division, Body: b.Key, Procedure: CheckKind, Series: seriesOf(seriesCheck, b),
		Variables: map[string]any{varPart: e.Number},
		Public:    map[string]any{"part": e.Number, "item": e.Ordinal, "commitments": f.Commitments},
	}, nil
}

func (s *Service) checkChanged(_ context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.DocumentRevoked {
		return s.revoked(tx, c, h)
	}
	s.issue(tx, c, h)
	if h.Kind != casework.Submitted {
		s.untrue(tx, c, h)
		return nil
	}
	var f checkForm
	if err := json.Unmarshal(h.Private["form"], &f); err != nil {
		return fmt.Errorf("form of a check: %w", err)
	}
	linked(tx, f.Whole, f.Ordinal, linkCheck)
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
