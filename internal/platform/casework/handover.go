package casework

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Place is where a case lies: the competent body, its division, and the subject under which the body exercises the power.
type Place struct{ Body, Division, Subject string }

// handOver (移交) gives an open case to another body, because its power went there. The platform alone sends it.
type handOver struct {
	from, to Place
	why      string // public: number of the round that decided it
}

func (handOver) action() string { return "" }

// handOver does nothing to a case that has ended, or that lies elsewhere already: so it is done once however often it is sent. Who holds
// its tasks stays behind; its procedure, clocks and number come along.
func (s *step) handOver(act handOver) error {
	c := s.c
	if !c.Open() || c.Body != act.from.Body || c.Subject != act.from.Subject || act.from == act.to {
		s.quiet = true
		return nil
	}
	c.Body, c.Division, c.Subject = act.to.Body, act.to.Division, act.to.Subject
	e := s.event(HandedOver, s.now)
	e.data["from"], e.data["moved"], e.data["why"] = act.from.Body, act.to.Body, act.why
	for i := range c.state.Tasks {
		t := &c.state.Tasks[i]
		if t.Holder != 0 {
			t.Holder = 0
			s.opened = append(s.opened, *t)
		}
	}
	return nil
}

// HandOver (移交) gives an open case to another body. A case that has ended, or that does not lie at from any more, stays as it is.
func (r *Runtime) HandOver(ctx context.Context, id store.ID, from, to Place, why string) error {
	cmd := Command{Actor: identity.Platform, Case: id, Act: handOver{from, to, why}}
	if _, err := r.group.Do(ctx, uint64(id), func() (ask, error) { return ask{cmd: cmd, id: id}, nil }); err != nil {
		return fmt.Errorf("hand over case %s: %w", id, err)
	}
	return nil
}

// OpenOn returns the next open cases of a body about a subject by their identifiers, found by an index: at most limit.
func (r *Runtime) OpenOn(ctx context.Context, body, subject string, after store.ID, limit int) ([]*Case, error) {
	cases, err := store.All(ctx, r.DB.Read(), scanCase, `SELECT `+caseColumns+` FROM case_
		WHERE ended_at = 0 AND subject = $1 AND body = $2 AND id > $3 ORDER BY id LIMIT $4`, subject, body, int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("open cases of %s: %w", body, err)
	}
	return cases, nil
}
