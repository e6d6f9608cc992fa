package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// permanent marks an error after which trying again is of no use.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error after which trying again is of no use. The job is dead at once.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether the error was marked by [Permanent].
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// later asks for another attempt that is not counted.
type later struct{ at time.Time }

func (l later) Error() string { return "waits until " + l.at.UTC().Format(time.RFC3339) }

// Later is returned by a handler that has to wait: until quiet hours are over, until a limit allows more. The attempt does not count.
func Later(at time.Time) error { return later{at} }

// claimed is a job that this queue has until its lease ends.
type claimed struct {
	Job
	claim store.ID
	until time.Time // end of the lease
}

// claim takes up to n due jobs of a lane. Two nodes that ask at the same time never get the same one: whoever comes second waits
// for the first and then finds that the instant of the row has moved.
func (q *Queue) claim(ctx context.Context, l *lane, n int) ([]claimed, error) {
	now := q.o.Now()
	// Reading first keeps an idle node from asking for the writer.
	_, err := store.Scalar[int64](q.o.DB.Read().QueryRow(ctx,
		`SELECT id FROM job WHERE state = 'open' AND kind = $1 AND run_at <= $2 ORDER BY run_at, id LIMIT 1`, l.kind, store.Micros(now)))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("jobs due: %w", err)
	}
	token, until := q.o.IDs.New(), now.Add(l.Timeout+margin)
	var out []claimed
	err = q.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = store.All(ctx, tx, func(r store.Row) (c claimed, err error) {
			var payload string
			err = r.Scan(&c.ID, &c.Key, &payload, &c.Attempt)
			c.Kind, c.Payload, c.claim, c.until, c.Last = l.kind, []byte(payload), token, until, c.Attempt >= l.Attempts
			return c, err
		}, `UPDATE job SET run_at = $3, attempts = attempts + 1, claim = $4, holder = $5
			WHERE state = 'open' AND kind = $1 AND run_at <= $2 AND id IN (
				SELECT id FROM job WHERE state = 'open' AND kind = $1 AND run_at <= $2 ORDER BY run_at, id LIMIT $6)
			RETURNING id, key, payload, attempts`,
			l.kind, store.Micros(now), store.Micros(until), int64(token), q.o.Holder, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	return out, nil
}

// takeBack frees what a program of the same node had when it was killed, so that it need not wait for the end of the leases.
func (q *Queue) takeBack(ctx context.Context) error {
	return q.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE job SET run_at = $2, claim = 0, holder = '' WHERE state = 'open' AND holder <> '' AND holder = $1`,
			q.o.Holder, store.Micros(q.o.Now()))
	})
}

// The outcomes of an attempt.
const (
	outcomeDone     = "done"
	outcomeLater    = "later"    // it waits for something
	outcomeRetry    = "retry"    // it failed and is tried again
	outcomeDead     = "dead"     // it failed for good
	outcomeReleased = "released" // the program ended before it was done
)

// verdict is what becomes of a job after an attempt.
type verdict struct {
	job     *claimed
	outcome string
	state   string
	at      time.Time // of the next attempt, or when it ended
	problem string
	counted bool // the attempt counts
}

// maxProblem bounds the reason that is kept, in bytes.
const maxProblem = 500

// judge says what becomes of a job after its handler returned.
func (q *Queue) judge(l *lane, c *claimed, err error, stopping bool) verdict {
	v := verdict{job: c, outcome: outcomeDone, state: "done", at: q.o.Now(), counted: true}
	if err == nil {
		return v
	}
	v.problem = strings.ToValidUTF8(err.Error(), "�")
	if len(v.problem) > maxProblem {
		v.problem = strings.ToValidUTF8(v.problem[:maxProblem], "") + "…"
	}
	var wait later
	switch {
	case errors.As(err, &wait):
		v.outcome, v.state, v.counted, v.problem, v.at = outcomeLater, "open", false, "", wait.at
	case stopping && errors.Is(err, context.Canceled):
		v.outcome, v.state, v.counted, v.problem = outcomeReleased, "open", false, ""
	case IsPermanent(err), c.Last:
		v.outcome, v.state = outcomeDead, "dead"
	default:
		v.outcome, v.state, v.at = outcomeRetry, "open", v.at.Add(l.pause(c.ID, c.Attempt))
	}
	return v
}

// write puts verdicts down. A job whose lease has ended and that another worker has taken meanwhile is left to that one.
func write(_ context.Context, tx *store.Tx, batch []verdict) ([]store.Answer[struct{}], error) {
	for _, v := range batch {
		finished, uncounted := int64(0), 0
		if v.state != "open" {
			finished = store.Micros(v.at)
		}
		if !v.counted {
			uncounted = 1
		}
		tx.Queue(`UPDATE job SET state = $3, run_at = $4, attempts = attempts - $5, claim = 0, holder = '', problem = $6, finished_at = $7
			WHERE id = $1 AND claim = $2`,
			int64(v.job.ID), int64(v.job.claim), v.state, store.Micros(v.at), uncounted, v.problem, finished)
	}
	return make([]store.Answer[struct{}], len(batch)), nil
}
