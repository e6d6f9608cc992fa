package publication

import (
	"context"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

const (
	// pause is how long the background work waits when there is nothing to do.
	pause = 2 * time.Second
	// leaseFor is how long a node that died keeps others from it.
	leaseFor = 15 * time.Second
)

// Run does the background work until ctx ends, on the one node that holds the lease: it goes on with releases that were interrupted or are
// large, notes what bodies owe at regular times, notices duties that are late, counts their days again by a new calendar, and merges the index. report is told what goes wrong.
func (s *Service) Run(ctx context.Context, holder string, report func(error)) {
	var merging sync.WaitGroup
	merging.Go(func() { s.Search.Run(ctx, holder, report) })
	defer merging.Wait()
	l := store.Lease{DB: s.DB, Name: "publication", Holder: holder, For: leaseFor, Now: s.Now}
	l.Poll(ctx, pause, func(ctx context.Context) (bool, error) {
		n, err := s.ReleaseAll(ctx)
		if err != nil {
			return false, err
		}
		if _, err := s.Recount(ctx); err != nil {
			return false, err
		}
		owed, err := s.Arise(ctx)
		if err != nil {
			return false, err
		}
		late, err := s.NoticeLate(ctx)
		return n+owed+late > 0, err
	}, report)
}

// Refresh reads the classification again if somebody, perhaps on another node, has changed it.
func (s *Service) Refresh(ctx context.Context) error { return s.reload(ctx) }
