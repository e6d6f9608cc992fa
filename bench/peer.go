package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// recording is what the four steps of one case wrote: the rows as they stood after each step, read from a real run.
type recording struct{ steps [4]recorded }

type recorded struct {
	kase  []any // in the order of caseColumns
	task  []any // in the order of taskColumns; nil after the last step
	event []any // in the order of eventColumns
}

const (
	caseColumns = `id, number, kind, subject, title, division, body, procedure, party, holder, channel, status, result, rating, lamp,
		seq, created_at, ended_at, promise_due, statute_due, wake_at, terms, state`
	taskColumns  = `case_id, token, element, role, division, body, holder, opened_at, due_at, sort_at`
	eventColumns = `id, case_id, seq, at, kind, content, sealed, command, asked`
)

// record brings one case from application to decision and reads after each step what it has written.
func record(ctx context.Context, db *store.DB, rt *casework.Runtime) (*recording, error) {
	var rec recording
	step := 0
	err := oneCase(ctx, rt, 0, func(r casework.Receipt) (err error) {
		s := &rec.steps[step]
		step++
		if s.kase, err = columns(ctx, db, 23, `SELECT `+caseColumns+` FROM case_ WHERE id = $1`, int64(r.Case)); err != nil {
			return err
		}
		if len(r.Open) > 0 {
			if s.task, err = columns(ctx, db, 10, `SELECT `+taskColumns+` FROM task WHERE case_id = $1`, int64(r.Case)); err != nil {
				return err
			}
		}
		s.event, err = columns(ctx, db, 9, `SELECT `+eventColumns+` FROM event WHERE id = $1`, int64(r.Event))
		return err
	})
	if err == nil && step != len(rec.steps) {
		err = fmt.Errorf("the recorded case took %d steps", step)
	}
	return &rec, err
}

// columns reads one row as it is.
func columns(ctx context.Context, db *store.DB, n int, query string, id int64) ([]any, error) {
	values, into := make([]any, n), make([]any, n)
	for i := range values {
		into[i] = &values[i]
	}
	if err := db.Read().QueryRow(ctx, query, id).Scan(into...); err != nil {
		return nil, fmt.Errorf("record a step: %w", err)
	}
	return values, nil
}

// replayed is one step to be written again, as another case.
type replayed struct {
	step   int
	id     int64 // of the case
	event  int64
	number string
	series string
	key    []byte
}

var (
	insertCase  = `INSERT INTO case_ (` + caseColumns + `) VALUES (` + store.Placeholders(1, 23) + `)`
	insertTask  = `INSERT INTO task (` + taskColumns + `) VALUES (` + store.Placeholders(1, 10) + `)`
	insertEvent = `INSERT INTO event (` + eventColumns + `) VALUES (` + store.Placeholders(1, 9) + `)`
)

// queue writes the step: the same statements with the same bytes to the same tables as the case runtime's, without reading,
// checking or deciding anything.
func (rec *recording) queue(tx *store.Tx, q *replayed) {
	s := &rec.steps[q.step]
	k := slices.Clone(s.kase)
	k[0], k[1] = q.id, q.number
	if q.step == 0 {
		tx.Queue(insertCase, k...)
	} else {
		tx.Queue(`UPDATE case_ SET status = $2, result = $3, rating = $4, lamp = $5, seq = $6, ended_at = $7, promise_due = $8,
			statute_due = $9, wake_at = $10, state = $11 WHERE id = $1`,
			q.id, k[11], k[12], k[13], k[14], k[15], k[17], k[18], k[19], k[20], k[22])
	}
	switch t := slices.Clone(s.task); {
	case q.step == 0:
		t[0] = q.id
		tx.Queue(insertTask, t...)
	case t == nil:
		tx.Queue(`DELETE FROM task WHERE case_id = $1 AND token = $2`, q.id, rec.steps[q.step-1].task[1])
	default:
		tx.Queue(`UPDATE task SET token = $3, element = $4, role = $5, holder = $6, opened_at = $7, due_at = $8, sort_at = $9
			WHERE case_id = $1 AND token = $2`, q.id, rec.steps[q.step-1].task[1], t[1], t[2], t[3], t[6], t[7], t[8], t[9])
	}
	e := slices.Clone(s.event)
	e[0], e[1], e[7] = q.event, q.id, q.key
	tx.Queue(insertEvent, e...)
	if q.step == 0 {
		tx.Queue(`UPDATE series SET last = last + 1 WHERE name = $1`, q.series)
	}
}

// peerSeries makes the counters from which the peer's cases take their numbers, one for each client.
func peerSeries(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for client := range clients {
			tx.Queue(`INSERT INTO series (name, last) VALUES ($1, 0)`, seriesOf(client))
		}
		return nil
	})
}

func seriesOf(client int) string { return fmt.Sprintf("peer%02d", client) }

// runPeer lets every client write n cases of four steps by raw group commit, and returns steps per second.
func runPeer(ctx context.Context, db *store.DB, ids *store.IDs, rec *recording, n int) (float64, error) {
	g := store.NewGroup(db, func(_ context.Context, tx *store.Tx, batch []replayed) ([]store.Answer[bool], error) {
		slices.SortStableFunc(batch, func(a, b replayed) int { return int(a.id - b.id) })
		for i := range batch {
			rec.queue(tx, &batch[i])
		}
		return make([]store.Answer[bool], len(batch)), nil
	})
	defer g.Close()
	begin := time.Now()
	err := together(func(client int) error {
		series := seriesOf(client)
		for range n {
			id := int64(ids.New())
			number := fmt.Sprintf("%043d", id)
			for step := range 4 {
				q := replayed{step: step, id: id, event: int64(ids.New()), number: number, series: series, key: make([]byte, 16)}
				_, _ = rand.Read(q.key) // never fails
				if _, err := g.Do(ctx, uint64(id), func() (replayed, error) { return q, nil }); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return float64(clients*n*4) / time.Since(begin).Seconds(), err
}
