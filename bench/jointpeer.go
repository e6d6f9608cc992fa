package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/joint"
)

// jointStep is what one step of a recorded matter wrote.
type jointStep struct {
	stage int // of the matter: every client does one for all of its matters before it goes on
	of    int // which of the cases of the matter
	first bool
	kase  []any
	gone  []any // tokens of the tasks that it closed
	come  [][]any
	event []any
}

// jointRecorder reads after each step what it has written.
type jointRecorder struct {
	db    *store.DB
	cases []store.ID
	seen  map[store.ID]int             // events
	tasks map[store.ID]map[string]bool // open, by token
	steps []jointStep
	stage int
}

// note reads the step of a case that has just been done.
func (r *jointRecorder) note(ctx context.Context, id store.ID) error {
	s := jointStep{stage: r.stage, of: slices.Index(r.cases, id)}
	if s.of < 0 {
		s.of, s.first = len(r.cases), true
		r.cases = append(r.cases, id)
	}
	r.seen[id]++
	var err error
	if s.kase, err = columns(ctx, r.db, 23, `SELECT `+caseColumns+` FROM case_ WHERE id = $1`, int64(id)); err != nil {
		return err
	}
	if s.event, err = columns(ctx, r.db, 9, `SELECT `+eventColumns+` FROM event WHERE case_id = $1 AND seq = `+strconv.Itoa(r.seen[id]), int64(id)); err != nil {
		return err
	}
	const width = 10
	rows, err := store.All(ctx, r.db.Read(), func(row store.Row) ([]any, error) {
		values, into := make([]any, width), make([]any, width)
		for i := range values {
			into[i] = &values[i]
		}
		return values, row.Scan(into...)
	}, `SELECT `+taskColumns+` FROM task WHERE case_id = $1`, int64(id))
	if err != nil {
		return err
	}
	was, is := r.tasks[id], map[string]bool{}
	for _, row := range rows {
		token := fmt.Sprint(row[1])
		is[token] = true
		if !was[token] {
			s.come = append(s.come, row)
		}
	}
	for token := range was {
		if !is[token] {
			n, err := strconv.Atoi(token)
			if err != nil {
				return err
			}
			s.gone = append(s.gone, n)
		}
	}
	r.tasks[id] = is
	r.steps = append(r.steps, s)
	return nil
}

// record brings one matter to its end, one step after another.
func (h *jointHall) record(ctx context.Context) ([]jointStep, error) {
	r := &jointRecorder{db: h.db, seen: map[store.ID]int{}, tasks: map[store.ID]map[string]bool{}}
	did := func(id store.ID) error { return r.note(ctx, id) }
	rec, err := h.apply(ctx, 0)
	if err == nil {
		err = did(rec.Case)
	}
	if err == nil {
		_, err = h.step(ctx, h.staff(0, jointBody(0, "data"), "reviewer"), rec.Case, rec.Open, "receive", `{"outcome":"accept"}`)
	}
	if err == nil {
		err = did(rec.Case)
	}
	for err == nil {
		if _, err = h.joint.Settle(ctx, h.cases); err != nil {
			break
		}
		var w *joint.Whole
		if w, err = h.joint.Whole(ctx, rec.Case); err != nil {
			break
		}
		at := slices.IndexFunc(w.Parts, func(e joint.Entry) bool { return e.State == joint.Open })
		if at < 0 {
			break
		}
		var opened []store.ID
		for i := range w.Parts { // those that have just been opened: a stage begins
			if id := w.Parts[i].Case; id != 0 && r.seen[id] == 0 && err == nil {
				if len(opened) == 0 {
					r.stage++
				}
				opened = append(opened, id)
				err = did(id)
			}
		}
		if err == nil {
			err = h.opinion(ctx, 0, &w.Parts[at], did)
		}
		if err == nil {
			_, err = h.joint.Settle(ctx, h.cases)
		}
		if err == nil {
			err = did(rec.Case) // the answer
		}
	}
	if err == nil {
		r.stage++
		err = h.conclude(ctx, 0, rec.Case, did)
	}
	if err != nil {
		return nil, fmt.Errorf("record a joint matter: %w", err)
	}
	const parts = 8
	if len(r.cases) != parts {
		return nil, fmt.Errorf("the recorded matter has %d cases", len(r.cases))
	}
	return r.steps, nil
}

// jointReplayed is one step to be written again, as another matter.
type jointReplayed struct {
	step   *jointStep
	id     int64
	event  int64
	number string
	series string
	key    []byte
}

// queue writes the step: the same bytes to the same tables as the case runtime's, without reading, checking or deciding anything.
func (q *jointReplayed) queue(tx *store.Tx) {
	k := slices.Clone(q.step.kase)
	k[0], k[1] = q.id, q.number
	if q.step.first {
		tx.Queue(insertCase, k...)
		tx.Queue(`UPDATE series SET last = last + 1 WHERE name = $1`, q.series)
	} else {
		tx.Queue(`UPDATE case_ SET status = $2, result = $3, rating = $4, lamp = $5, seq = $6, ended_at = $7, promise_due = $8,
			statute_due = $9, wake_at = $10, state = $11 WHERE id = $1`,
			q.id, k[11], k[12], k[13], k[14], k[15], k[17], k[18], k[19], k[20], k[22])
	}
	for _, token := range q.step.gone {
		tx.Queue(`DELETE FROM task WHERE case_id = $1 AND token = $2`, q.id, token)
	}
	for _, row := range q.step.come {
		t := slices.Clone(row)
		t[0] = q.id
		tx.Queue(insertTask, t...)
	}
	e := slices.Clone(q.step.event)
	e[0], e[1], e[7] = q.event, q.id, q.key
	tx.Queue(insertEvent, e...)
}

// runJointPeer lets every client write n matters by raw group commit, stage after stage like the slice's, and returns steps per second.
func runJointPeer(ctx context.Context, db *store.DB, ids *store.IDs, steps []jointStep, n int) (float64, error) {
	g := store.NewGroup(db, func(_ context.Context, tx *store.Tx, batch []jointReplayed) ([]store.Answer[bool], error) {
		slices.SortStableFunc(batch, func(a, b jointReplayed) int { return int(a.id - b.id) })
		for i := range batch {
			batch[i].queue(tx)
		}
		return make([]store.Answer[bool], len(batch)), nil
	})
	defer g.Close()
	begin := time.Now()
	err := together(func(client int) error {
		series := seriesOf(client)
		const parts = 8
		matters := make([][parts]int64, n)
		for from := 0; from < len(steps); {
			to := from
			for to < len(steps) && steps[to].stage == steps[from].stage {
				to++
			}
			for m := range matters {
				for i := from; i < to; i++ {
					kase := &matters[m][steps[i].of]
					if steps[i].first {
						*kase = int64(ids.New())
					}
					q := jointReplayed{step: &steps[i], id: *kase, event: int64(ids.New()), series: series, key: make([]byte, 16)}
					q.number = fmt.Sprintf("%043d", q.id)
					_, _ = rand.Read(q.key) // never fails
					if _, err := g.Do(ctx, uint64(q.id), func() (jointReplayed, error) { return q, nil }); err != nil {
						return err
					}
				}
			}
			from = to
		}
		return nil
	})
	return float64(clients*n*len(steps)) / time.Since(begin).Seconds(), err
}
