package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Handle takes events in the order of the log. What it writes through tx is kept together with the consumer's cursor: when it
// fails, neither is, and the same events come again. It must have no effect but through tx.
type Handle func(ctx context.Context, tx *store.Tx, events []casework.Event) error

// maxHanded is how many events a consumer gets at once.
const maxHanded = 256

// Follow hands every event of a case to a consumer, from the first one on, until ctx ends. One node at a time does so for each
// name. A consumer that fails is tried again and holds up nobody else.
func (l *Ledger) Follow(ctx context.Context, name string, handle Handle) {
	l.lease("ledger.follow."+name).Poll(ctx, pause, func(ctx context.Context) (bool, error) {
		n, err := l.Catch(ctx, name, handle)
		return n > 0, err
	}, func(err error) { l.o.Log.ErrorContext(ctx, "follow the log", "consumer", name, "err", err) })
}

// Catch hands the consumer the next events, up to 256, and returns how many there were.
func (l *Ledger) Catch(ctx context.Context, name string, handle Handle) (int, error) {
	behind, err := l.Behind(ctx, name)
	if err != nil || behind == 0 {
		return 0, err
	}
	n := 0
	err = l.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO ledger_cursor (name, next) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`, name)
		next, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT next FROM ledger_cursor WHERE name = $1`+tx.ForUpdate(), name))
		if err != nil {
			return err
		}
		events, err := eventsFrom(ctx, tx, next, maxHanded)
		if n = len(events); err != nil || n == 0 {
			return err
		}
		if cases := ofCases(events); len(cases) > 0 {
			if err := handle(ctx, tx, cases); err != nil {
				return err
			}
		}
		tx.Queue(`UPDATE ledger_cursor SET next = $2 WHERE name = $1`, name, events[n-1].Leaf+1)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("hand the log to %s: %w", name, err)
	}
	return n, nil
}

// ofCases leaves out the entries of journals: what administrators do is no matter that a consumer could count or tell anybody of.
func ofCases(events []casework.Event) []casework.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e casework.Event) bool { return e.IsJournal() })
}

// Next returns the place of the first event that a consumer has not seen.
func (r Reader) Next(ctx context.Context, name string) (int64, error) {
	next, err := store.Scalar[int64](r.db.Read().QueryRow(ctx, `SELECT next FROM ledger_cursor WHERE name = $1`, name))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("cursor of %s: %w", name, err)
	}
	return next, nil
}

// Behind returns how many events of the log a consumer has not seen.
func (r Reader) Behind(ctx context.Context, name string) (int64, error) {
	next, err := r.Next(ctx, name)
	if err != nil {
		return 0, err
	}
	size, err := store.Scalar[int64](r.db.Read().QueryRow(ctx, `SELECT size FROM ledger_head WHERE id = 1`))
	if err != nil {
		return 0, fmt.Errorf("head of the log: %w", err)
	}
	return size - next, nil
}

// Events returns up to limit events in the order of the log, from a place on.
func (r Reader) Events(ctx context.Context, from, limit int64) ([]casework.Event, error) {
	return eventsFrom(ctx, r.db.Read(), from, limit)
}

func eventsFrom(ctx context.Context, q store.Querier, from, limit int64) ([]casework.Event, error) {
	return store.All(ctx, q, func(row store.Row) (e casework.Event, err error) {
		var at int64
		err = row.Scan(&e.ID, &e.Case, &e.Seq, &at, &e.Kind, &e.Leaf, &e.Content)
		e.At = store.Instant(at)
		return e, err
	}, `SELECT id, case_id, seq, at, kind, leaf, content FROM event WHERE leaf >= $1 ORDER BY leaf LIMIT $2`, from, limit)
}
