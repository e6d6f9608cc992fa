package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Happened implements approval.Assistance: in the transaction of an event it refuses what the villager has not agreed to, and follows what
// was handed in, sent up and decided.
func (s *Service) Happened(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		if !agentOf(h.Actor) {
			return nil
		}
		return s.submitted(ctx, tx, c, h)
	}
	if agentOf(h.Actor) && asApplicant(c, h) {
		if err := s.acted(ctx, tx, c, h); err != nil {
			return err
		}
	}
	at := store.Micros(h.Event.At)
	if c.Channel == casework.Agent {
		s.follow(tx, c)
	}
	if to, moved := h.Data["moved"].(string); moved {
		if home, _ := c.Variables()["home"].(string); home != "" && to != home {
			due := int64(0)
			for _, t := range c.Tasks() {
				if t.Role != registry.Clerk && t.Term != nil {
					due = store.Micros(t.DueAt)
				}
			}
			tx.Queue(`INSERT INTO agent_transfer (id, number, sender, receiver, sent_at, due_at, back_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)
				ON CONFLICT (id) DO UPDATE SET receiver = $4, sent_at = $5, due_at = $6, back_at = 0`, int64(c.ID), c.Number, home, to, at, due)
		} else if home != "" {
			tx.Queue(`UPDATE agent_transfer SET back_at = $2 WHERE id = $1 AND back_at = 0`, int64(c.ID), at)
		}
	}
	if _, ended := h.Data["ended"]; ended {
		tx.Queue(`UPDATE agent_transfer SET ended_at = $2 WHERE id = $1`, int64(c.ID), at)
		tx.Queue(`UPDATE agent_case SET ended_at = $2 WHERE id = $1`, int64(c.ID), at)
	}
	return nil
}

// follow notes what the authority waits for from the villager, and until when. It writes only when that has changed.
func (s *Service) follow(tx *store.Tx, c *casework.Case) {
	since, until := waits(c)
	tx.Queue(`UPDATE agent_case SET asked_at = $2, ask_due = $3, followed = 1 WHERE id = $1 AND (asked_at <> $2 OR followed = 0)`, int64(c.ID), store.Micros(since), store.Micros(until))
}

// roleApplicant is the role of tasks that are the applicant's, and messageWithdraw the message by which they withdraw (撤回).
const (
	roleApplicant   = "applicant"
	messageWithdraw = "withdraw"
)

// asApplicant reports whether an event is something that the applicant does: a step of theirs, or a withdrawal.
func asApplicant(c *casework.Case, h casework.Happened) bool {
	if h.Kind == casework.Messaged {
		return h.Data["message"] == messageWithdraw
	}
	done := c.Done()
	return h.Kind == casework.Completed && len(done) > 0 && lastOf(done, h).Role == roleApplicant
}

// lastOf is the step that an event completed.
func lastOf(done []casework.Done, h casework.Happened) casework.Done {
	token, _ := h.Data["token"].(int)
	for i := len(done) - 1; i >= 0; i-- {
		if done[i].Token == token {
			return done[i]
		}
	}
	return casework.Done{}
}

// acted holds what an agent does for a villager after they had applied against their consent, whose row it locks, and tells the villager.
func (s *Service) acted(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	none := &casework.Refusal{Code: casework.RefusedSubject, Text: noConsent, Args: map[string]any{"Why": WhyEnded}}
	x, err := store.One(ctx, tx, scanHanded, `SELECT `+handedColumns+` FROM agent_case WHERE id = $1`, int64(c.ID))
	if isNotFound(err) {
		return none
	}
	if err != nil {
		return fmt.Errorf("application %s: %w", c.Number, err)
	}
	given, err := store.One(ctx, tx, scanGiven, `SELECT `+givenColumns+` FROM agent_consent WHERE agent = $1 AND ended_at = 0
		AND villager = (SELECT villager FROM agent_consent WHERE id = $2)`+tx.ForUpdate(), int64(h.Actor.Account), int64(x.Consent))
	if isNotFound(err) {
		if given, err = store.One(ctx, tx, scanGiven, `SELECT `+givenColumns+` FROM agent_consent WHERE id = $1`, int64(x.Consent)); err == nil && given.EndedBy != "" {
			return s.ended(&given)
		}
		return none
	}
	switch {
	case err != nil:
		return fmt.Errorf("consent to %s: %w", c.Number, err)
	case !given.InForce(h.Event.At):
		return s.ended(&given)
	}
	if err := s.outside(&given, x.Field); err != nil {
		return err
	}
	kind := DeedSupplied
	if h.Kind == casework.Messaged {
		kind = DeedRecalled
	}
	how, _ := h.Data["consent"].(string)
	s.did(tx, &Deed{Consent: given.ID, Case: c.ID, Agent: given.Agent, Post: h.Actor.Post.ID, Kind: kind, How: How(how), At: h.Event.At})
	return nil
}

const givenColumns = `id, number, body, village, agent, from_at, until_day, ended_at, ended_by, fields, villager`

// scanGiven reads what of a consent decides whether it lets something be done: nothing that is sealed.
func scanGiven(row store.Row) (c Consent, err error) {
	var from, until, ended int64
	var fields string
	err = row.Scan(&c.ID, &c.Number, &c.Body, &c.Village, &c.Agent, &from, &until, &ended, &c.EndedBy, &fields, &c.villager)
	c.From, c.Until, c.EndedAt, c.Fields = store.Instant(from), dateOf(until), store.Instant(ended), strings.Fields(fields)
	return c, err
}

// submitted holds an application of an agent against the consent, whose row it locks, and enters it in the book.
func (s *Service) submitted(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var a casework.Applicant
	if err := json.Unmarshal(h.Private["applicant"], &a); err != nil {
		return fmt.Errorf("applicant of %s: %w", c.Number, err)
	}
	none := &casework.Refusal{Code: casework.RefusedSubject, Text: noConsent, Args: map[string]any{"Why": WhyEnded}}
	if a.Consent == 0 || a.Draft == "" {
		return none
	}
	given, err := store.One(ctx, tx, scanGiven, `SELECT `+givenColumns+` FROM agent_consent WHERE id = $1`+tx.ForUpdate(), int64(a.Consent))
	if isNotFound(err) {
		return none
	}
	if err != nil {
		return fmt.Errorf("consent to %s: %w", c.Number, err)
	}
	switch {
	case given.Agent != h.Actor.Account || !same(given.villager, s.cases.HolderIndex(a.IDNumber)):
		return none
	case !given.InForce(h.Event.At):
		return s.ended(&given)
	}
	key, _ := h.Data["item"].(string)
	f, _ := s.fieldOf(key)
	if err := s.outside(&given, f.Key); err != nil {
		return err
	}
	at := h.Event.At
	tx.Queue(`INSERT INTO agent_case (id, number, consent, body, village, agent, item, field, draft, opened_at, ended_at, followed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1)`,
		int64(c.ID), c.Number, int64(given.ID), given.Body, given.Village, int64(given.Agent), c.Subject, f.Key, a.Draft, store.Micros(at))
	s.did(tx, &Deed{Consent: given.ID, Case: c.ID, Agent: given.Agent, Post: h.Actor.Post.ID, Kind: DeedApplied, At: at})
	count(tx, given.Body, given.Agent, CountCases, at)
	return nil
}
