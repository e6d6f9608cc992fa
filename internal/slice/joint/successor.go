package joint

import (
	"context"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// successor finds who is competent for a part in place of a department that is there no more: whoever exercises its item now, else the body
// of the same kind; nil when there is none. The subject is that under which it goes on.
func (s *Service) successor(division string, e *Entry) (b *registry.Body, subject string) {
	if e.Item != "" {
		if it, ok := s.Items.Item(e.Item, division); ok && it.Body != e.Body {
			if b := s.Registry.Now().Body(it.Body); b != nil && !registry.Over(b.Ended, s.Now()) {
				return b, it.Code
			}
		}
	}
	if e.Department == "" {
		return nil, ""
	}
	if b = s.competent(division, e.Department); b != nil && b.Key != e.Body {
		return b, e.Subject
	}
	return nil, ""
}

// watched is what Succeed looked at last: nothing changes unless the registry does, or the day.
type watched struct {
	places *registry.Snapshot
	day    calendar.Date
}

// Succeed (承接) gives the parts that wait for a department which is there no more to its successor, with their clocks as they are; where
// nobody is competent any more the part is void and the others go on. It is cheap where nothing has changed since last.
func (s *Service) Succeed(ctx context.Context, cases *casework.Runtime) error {
	now := watched{s.Registry.Now(), calendar.Of(s.Now())}
	if last := s.looked.Load(); last != nil && *last == now {
		return nil
	}
	var problems []error
	for _, d := range now.places.Divisions() {
		for _, b := range now.places.Bodies(d.Code) {
			if registry.Over(b.Ended, s.Now()) {
				problems = append(problems, s.succeed(ctx, cases, b))
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	s.looked.Store(&now)
	return nil
}

func (s *Service) succeed(ctx context.Context, cases *casework.Runtime, gone *registry.Body) error {
	list, err := store.All(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE body = $1 AND status IN ('open', 'deemed') AND late = '' AND case_id > 0 ORDER BY whole`, gone.Key)
	if err != nil {
		return fmt.Errorf("open parts of %s: %w", gone.Key, err)
	}
	for i := range list {
		e := &list[i]
		next, subject := s.successor(gone.Division, e)
		switch {
		case next == nil && e.State == Deemed: // nobody is left who could give the late opinion, and nothing waits for it
		case next == nil:
			_, err = s.reply(ctx, cases, e, "void", "")
		default:
			err = cases.HandOver(ctx, e.Case, casework.Place{Body: gone.Key, Division: gone.Division, Subject: e.Subject},
				casework.Place{Body: next.Key, Division: next.Division, Subject: subject}, gone.Ended)
		}
		if err != nil && !over(err) {
			return fmt.Errorf("part %s of %s: %w", e.Key, gone.Key, err)
		}
	}
	return nil
}
