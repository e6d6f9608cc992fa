package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// State says whether a job is still to be done.
type State string

// The states.
const (
	Open State = "open" // waits for its time, or somebody has it
	Done State = "done"
	Dead State = "dead" // given up; an operator can begin it anew
)

// Record is a job as an operator sees it.
type Record struct {
	ID       store.ID
	Kind     string
	Key      string
	State    State
	Attempts int
	At       time.Time // open: when it is tried, or when the lease of who has it ends; else when it ended
	Holder   string    // the node that has it; empty: nobody
	Problem  string    // why the last attempt failed
	Created  time.Time
}

// Filter chooses jobs. Empty fields choose all.
type Filter struct {
	State State // empty: open
	Kind  string
	After store.ID // cursor: the last id of the page before
	Limit int      // 1 to 1,000; 0: 100
}

// List returns jobs, oldest first.
func List(ctx context.Context, db *store.DB, f Filter) ([]Record, error) {
	if f.State == "" {
		f.State = Open
	}
	if f.Limit < 1 || f.Limit > 1000 {
		f.Limit = 100
	}
	out, err := store.All(ctx, db.Read(), func(r store.Row) (j Record, err error) {
		var at, ended, created int64
		err = r.Scan(&j.ID, &j.Kind, &j.Key, &j.State, &j.Attempts, &at, &ended, &j.Holder, &j.Problem, &created)
		if j.At, j.Created = store.Instant(at), store.Instant(created); ended > 0 {
			j.At = store.Instant(ended)
		}
		return j, err
	}, `SELECT id, kind, key, state, attempts, run_at, finished_at, holder, problem, created_at FROM job
		WHERE state = $1 AND ($2 = '' OR kind = $2) AND id > $3 ORDER BY id LIMIT $4`, string(f.State), f.Kind, int64(f.After), f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list of jobs: %w", err)
	}
	return out, nil
}

// Retry begins dead jobs anew: those named, or with none named all of the kind (empty: of every kind). Their attempts are counted
// from the start. It returns how many there were. Jobs that are not dead stay as they are.
func Retry(ctx context.Context, db *store.DB, now time.Time, kind string, ids ...store.ID) (n int64, err error) {
	const again = `UPDATE job SET state = 'open', run_at = $1, attempts = 0, finished_at = 0 WHERE state = 'dead' AND finished_at > 0 AND `
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if len(ids) == 0 {
			n, err = tx.ExecCount(ctx, again+`($2 = '' OR kind = $2)`, store.Micros(now), kind)
			return err
		}
		n = 0
		for _, id := range ids {
			one, err := tx.ExecCount(ctx, again+`($2 = '' OR kind = $2) AND id = $3`, store.Micros(now), kind, int64(id))
			if err != nil {
				return err
			}
			n += one
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("begin jobs anew: %w", err)
	}
	return n, nil
}

// Stats are the figures of the queue for operators.
type Stats struct {
	Due      int           // jobs that wait and could be done now, up to 10,000 of each kind
	Oldest   time.Duration // how long the oldest of them has been waiting
	Dead     int           // jobs given up, up to 10,000
	Failures int64         // attempts that failed since this program began
}

// Stats reads the figures: a few looks into indexes.
func (q *Queue) Stats(ctx context.Context) (s Stats, err error) {
	now := q.o.Now()
	s.Failures = q.failures.Load()
	for _, kind := range q.kinds() {
		n, err := store.Scalar[int](q.o.DB.Read().QueryRow(ctx, `SELECT count(*) FROM
			(SELECT 1 FROM job WHERE state = 'open' AND kind = $1 AND run_at <= $2 LIMIT 10000) AS due`, kind, store.Micros(now)))
		if err != nil {
			return s, fmt.Errorf("jobs due: %w", err)
		}
		if n == 0 {
			continue
		}
		s.Due += n
		first, err := store.Scalar[int64](q.o.DB.Read().QueryRow(ctx,
			`SELECT run_at FROM job WHERE state = 'open' AND kind = $1 ORDER BY run_at, id LIMIT 1`, kind))
		if errors.Is(err, store.ErrNotFound) {
			continue // done meanwhile
		}
		if err != nil {
			return s, fmt.Errorf("oldest job: %w", err)
		}
		s.Oldest = max(s.Oldest, now.Sub(store.Instant(first)))
	}
	s.Dead, err = store.Scalar[int](q.o.DB.Read().QueryRow(ctx,
		`SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'dead' AND finished_at > 0 LIMIT 10000) AS dead`))
	if err != nil {
		return s, fmt.Errorf("dead jobs: %w", err)
	}
	return s, nil
}

const (
	keepDone   = 7 * 24 * time.Hour  // how long a finished job keeps its key from being used again
	keepDead   = 90 * 24 * time.Hour // how long an operator can see and retry a dead one
	sweepEvery = time.Hour
	sweepBatch = 1000
)

// sweepAll removes what ended long ago, on one node at a time, until ctx ends.
func (q *Queue) sweepAll(ctx context.Context) {
	l := store.Lease{DB: q.o.DB, Name: "job.sweep", Holder: q.o.Holder, For: sweepEvery + time.Minute, Now: q.o.Now}
	l.Poll(ctx, sweepEvery, func(ctx context.Context) (bool, error) {
		n, err := q.Sweep(ctx)
		return n == sweepBatch, err
	}, func(err error) { q.o.Log.ErrorContext(ctx, "sweeping jobs", "error", err) })
}

// Sweep removes up to 1,000 jobs that ended long ago, and returns how many it removed.
func (q *Queue) Sweep(ctx context.Context) (removed int64, err error) {
	now := q.o.Now()
	for _, s := range []struct {
		state State
		keep  time.Duration
	}{{Done, keepDone}, {Dead, keepDead}} {
		err := q.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.ExecCount(ctx, `DELETE FROM job WHERE id IN (
				SELECT id FROM job WHERE state = $1 AND finished_at > 0 AND finished_at < $2 ORDER BY finished_at, id LIMIT $3)`,
				string(s.state), store.Micros(now.Add(-s.keep)), sweepBatch-removed)
			removed += n
			return err
		})
		if err != nil {
			return removed, fmt.Errorf("sweep jobs: %w", err)
		}
	}
	return removed, nil
}
