package agent

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// askedShown bounds the list of corrections of a township.
const askedShown = 200

// AskedOf lists the applications of the agents of a township for which an authority waits for something from the villager (待补正), what is due
// first at the head.
func (s *Service) AskedOf(ctx context.Context, body string) ([]Handed, error) {
	list, err := store.All(ctx, s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case
		WHERE body = $1 AND asked_at > 0 ORDER BY ask_due, id LIMIT $2`, body, askedShown)
	if err != nil {
		return nil, fmt.Errorf("corrections asked for in %s: %w", body, err)
	}
	return list, nil
}

// Overdue reports whether what is asked for was due before an instant.
func (h *Handed) Overdue(at time.Time) bool {
	return !h.AskedAt.IsZero() && !h.AskDue.IsZero() && !at.Before(h.AskDue)
}

// Following lists the agents who can do the villager's steps in a case now: those whom the villager lets act in its field. When there is none any
// more it is the one who handed it in, who can take consent anew.
func (s *Service) Following(ctx context.Context, c *casework.Case) ([]store.ID, error) {
	h, err := store.One(ctx, s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case WHERE id = $1`, int64(c.ID))
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("application %s: %w", c.Number, err)
	}
	given, err := store.All(ctx, s.DB.Read(), scanGiven, `SELECT `+givenColumns+` FROM agent_consent
		WHERE villager = (SELECT villager FROM agent_consent WHERE id = $1) AND ended_at = 0 AND until_day >= $2 ORDER BY id`, int64(h.Consent), int64(s.today()))
	if err != nil {
		return nil, fmt.Errorf("consents to follow %s: %w", c.Number, err)
	}
	var agents []store.ID
	for i := range given {
		if given[i].InForce(s.Now()) && s.outside(&given[i], h.Field) == nil {
			agents = append(agents, given[i].Agent)
		}
	}
	if len(agents) == 0 {
		agents = []store.ID{h.Agent}
	}
	return agents, nil
}

// waits says since when, and until when, a case waits for something from its applicant; zero when it does not, or without a term.
func waits(c *casework.Case) (since, until time.Time) {
	for _, t := range c.Tasks() {
		if t.Role == roleApplicant {
			since, until = t.OpenedAt, c.Until(t.Token)
		}
	}
	return since, until
}

// caughtUp bounds the applications that one turn of CatchUp looks at.
const caughtUp = 200

// CatchUp works out for applications whose rows were written by a program that did not keep it what is waited for from the villager: those that were
// waiting for a correction when the hall got this program would be seen at their next event only. Each is looked at once, found by index. It
// reports whether there were any.
func (s *Service) CatchUp(ctx context.Context) (found bool, err error) {
	behind, err := store.All(ctx, s.DB.Read(), func(r store.Row) (id store.ID, err error) { return id, r.Scan(&id) },
		`SELECT id FROM agent_case WHERE followed = 0 AND ended_at = 0 ORDER BY id LIMIT $1`, caughtUp)
	if err != nil {
		return false, fmt.Errorf("applications to catch up with: %w", err)
	}
	if len(behind) == 0 {
		return false, nil
	}
	cases, err := s.cases.Several(ctx, behind)
	if err != nil {
		return false, fmt.Errorf("applications to catch up with: %w", err)
	}
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, id := range behind {
			var since, until time.Time
			if c := cases[id]; c != nil {
				since, until = waits(c)
			}
			// An event since has marked the row as followed, and knows better.
			tx.Queue(`UPDATE agent_case SET asked_at = $2, ask_due = $3, followed = 1 WHERE id = $1 AND followed = 0`, int64(id), store.Micros(since), store.Micros(until))
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("catch up with applications: %w", err)
	}
	return true, nil
}

// askedRow is a correction as the head of a township centre sees it: whose it is they learn from the agent.
type askedRow struct {
	Handed
	Case *casework.Case
}

// townshipAsked fills in the corrections of a township.
func (s *Service) townshipAsked(ctx context.Context, p *townshipPage) error {
	list, err := s.AskedOf(ctx, p.Body)
	if err != nil {
		return err
	}
	ids := make([]store.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	cases, err := s.cases.Several(ctx, ids)
	if err != nil {
		return fmt.Errorf("corrections asked for in %s: %w", p.Body, err)
	}
	for _, h := range list {
		if c := cases[h.ID]; c != nil {
			p.Asked = append(p.Asked, askedRow{h, c})
		}
	}
	return nil
}
