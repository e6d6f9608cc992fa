package publication

import (
	"context"
	"errors"

	"openhall.org/openhall/internal/platform/identity"
)

// ImportUpTo is an import that is killed: 0: after the lines were taken in, 1: after the first of them, 2: after its case was opened.
func (s *Service) ImportUpTo(ctx context.Context, actor identity.Principal, b Batch, stage int, killed error) error {
	r := &importing{s: s, b: &b, day: s.today(), tree: s.tree.Load(), seen: map[string]int{}}
	body := s.Registry.Now().Body(b.Body)
	if err := r.begin(ctx, actor, body.Division); err != nil {
		return err
	}
	n := len(b.Records)
	if stage == 1 {
		n = 50
	}
	if err := r.part(ctx, 0, ownLines(b.Records[:n])); err != nil || stage != 2 {
		return errors.Join(err, nil)
	}
	if _, err := s.handIn(ctx, r.batch.id); err != nil {
		return err
	}
	_ = killed
	return nil
}
