package publication

import (
	"context"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// SmallParts lets an event publish only so many records.
func (s *Service) SmallParts(n int) { s.part = n }

// Prepare numbers and seals the next part of a case, and is killed before it is published.
func (s *Service) Prepare(ctx context.Context, kase store.ID) error {
	_, _, _, _, err := s.prepare(ctx, kase)
	return err
}

// ReleasePart publishes the next part of a case, and is killed then.
func (s *Service) ReleasePart(ctx context.Context, kase store.ID) error {
	_, err := s.releasePart(ctx, kase)
	return err
}

// ImportUpTo is an import that is killed: 0: after the lines were taken in, 1: after the first of them, 2: after its case was opened.
func (s *Service) ImportUpTo(ctx context.Context, actor identity.Principal, b Batch, stage int) error {
	r := s.importing(&b)
	body := s.Registry.Now().Body(b.Body)
	if err := r.begin(ctx, actor, body.Division); err != nil {
		return err
	}
	n := len(b.Records)
	if stage == 1 {
		n = 50
	}
	if err := r.part(ctx, 0, ownLines(b.Records[:n])); err != nil || stage != 2 {
		return err
	}
	if _, err := s.handIn(ctx, r.batch.id); err != nil {
		return err
	}
	return nil
}

// PeriodOf is periodOf.
func PeriodOf(every string, day calendar.Date) (key string, name lang.Text, first, last calendar.Date) {
	p := periodOf(every, day)
	return p.key, p.name, p.first, p.last
}

// Ahead is how many parts wait that were prepared for the index.
func (s *Service) Ahead() int {
	s.ahead.mu.Lock()
	defer s.ahead.mu.Unlock()
	return len(s.ahead.parts)
}
