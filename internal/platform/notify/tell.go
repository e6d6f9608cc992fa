package notify

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Tell tells the owner of an account what has happened to it. What strangers can bring about, such as a lock after wrong passwords,
// is told once an hour at most, so that nobody fills the mailbox of another.
func (s *Service) Tell(ctx context.Context, n identity.Notice) error {
	notice := s.o.Book.ofAccount(n.Kind)
	if notice == nil {
		return fmt.Errorf("notify: nothing is written about %q of accounts", n.Kind)
	}
	event := s.o.IDs.New()
	if notice.Hourly {
		event = -store.ID(n.At.Unix() / int64(time.Hour/time.Second)) // below zero: no event of the log has it
	}
	p := post{
		occasion: &occasion{notice: notice, event: casework.Event{ID: event, At: n.At}}, account: n.Account,
		args: args{Link: cmp.Or(notice.Link, s.o.Book.Account), At: n.At.UTC().Format(time.RFC3339)},
	}
	err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		readers, err := s.readers(ctx, tx, []store.ID{n.Account})
		if err != nil {
			return err
		}
		return s.write(ctx, tx, &p, readers[n.Account])
	})
	if err != nil {
		return fmt.Errorf("tell of %s: %w", n.Kind, err)
	}
	return nil
}
