package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

const (
	wakeBatch = 200
	wakePause = time.Second
)

// Wake lets time pass for the cases in which something is due: timers fire, crossed lines are noticed. It returns how many
// cases it woke. Its cost grows with what is due, not with what is open.
func (r *Runtime) Wake(ctx context.Context) (int, error) {
	ids, err := store.All(ctx, r.DB.Read(), func(row store.Row) (id store.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM case_ WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT $2`, store.Micros(r.Now()), wakeBatch)
	if err != nil {
		return 0, fmt.Errorf("look for due cases: %w", err)
	}
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() { errs <- r.wake(ctx, id) }() // together, so that they share transactions
	}
	var failed error
	for range ids {
		failed = errors.Join(failed, <-errs)
	}
	return len(ids), failed
}

func (r *Runtime) wake(ctx context.Context, id store.ID) error {
	cmd := Command{Actor: identity.Platform, Case: id, Act: advance{}}
	if _, err := r.group.Do(ctx, uint64(id), func() (ask, error) { return ask{cmd: cmd, id: id}, nil }); err != nil {
		return fmt.Errorf("case %s: %w", id, err)
	}
	return nil
}

// Run wakes due cases until ctx ends, on the one node that holds the lease.
func (r *Runtime) Run(ctx context.Context, holder string, report func(error)) {
	l := store.Lease{DB: r.DB, Name: "casework.wake", Holder: holder, For: 15 * time.Second, Now: r.Now}
	l.Poll(ctx, wakePause, func(ctx context.Context) (bool, error) {
		if !r.quiet.TryLock() {
			return false, nil // see Quiet
		}
		defer r.quiet.Unlock()
		n, err := r.Wake(ctx)
		return n == wakeBatch, err
	}, report)
}
