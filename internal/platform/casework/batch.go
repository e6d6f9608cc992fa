package casework

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// batch is what one transaction has read, and what it will write.
//
// It is quick when every command was decided ahead, each on another case. Nothing is read then but what new cases need: every
// change is conditional on the case being where the decision found it, and if one has moved the transaction fails as a whole
// ([store.ErrMoved]). Its commands then come again one by one, and are not quick: their cases are locked, read and decided anew.
type batch struct {
	r     *Runtime
	now   time.Time // one instant for all that is decided in the transaction
	cal   *calendar.Calendar
	quick bool

	seqs      map[store.ID]int64       // number of events of the cases, as stored; unless quick
	cases     map[store.ID]*Case       // as they stand now
	submitted map[string]storedReceipt // of submissions that were carried out before, by key
	series    map[string]int64

	steps   []*step         // accepted, in the order in which they were decided
	counted map[string]bool // series that moved
}

// load reads and locks, in an order that no other writer crosses: series by name, then cases by id.
func (r *Runtime) load(ctx context.Context, tx *store.Tx, asks []ask) (*batch, error) {
	b := &batch{
		r: r, now: r.instant(), cal: r.Calendar(), quick: len(asks) > 1, seqs: map[store.ID]int64{}, cases: map[store.ID]*Case{},
		series: map[string]int64{}, counted: map[string]bool{},
	}
	var fresh []ask
	var names []string
	ids := make(map[store.ID]bool, len(asks))
	for i := range asks {
		a := &asks[i]
		if a.fresh() {
			fresh, names = append(fresh, *a), append(names, b.seriesName(a.begin.Series))
			continue
		}
		b.quick = b.quick && a.ahead != nil && !ids[a.id]
		ids[a.id] = true
	}
	var err error
	if b.submitted, err = loadSubmitted(ctx, tx, fresh); err != nil {
		return nil, err
	}
	slices.Sort(names)
	if err := b.lockSeries(ctx, tx, slices.Compact(names)); err != nil {
		return nil, err
	}
	if b.quick {
		return b, nil
	}
	return b, b.lockCases(ctx, tx, slices.Sorted(maps.Keys(ids)))
}

// in returns an IN list for the values, padded to a power of two so that there are few texts to prepare.
func in[T any](values []T) (list string, args []any) {
	n := 1
	for n < len(values) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return store.Placeholders(1, n), args
}

// lockCases locks the cases and learns how many events each has. Their content is read only where it is not known already.
func (b *batch) lockCases(ctx context.Context, tx *store.Tx, ids []store.ID) error {
	if len(ids) == 0 {
		return nil
	}
	type row struct {
		id  store.ID
		seq int64
	}
	list, args := in(ids)
	rows, err := store.All(ctx, tx, func(r store.Row) (v row, err error) { return v, r.Scan(&v.id, &v.seq) },
		`SELECT id, seq FROM case_ WHERE id IN (`+list+`) ORDER BY id`+tx.ForUpdate(), args...)
	if err != nil {
		return fmt.Errorf("lock cases: %w", err)
	}
	for _, v := range rows {
		b.seqs[v.id] = v.seq
	}
	return nil
}

// unmoved reports whether a decision made ahead still rests on the case as it stands. In a quick batch the change itself asks.
func (b *batch) unmoved(s *step) bool {
	if s.base == nil || b.quick {
		return true
	}
	seq, there := b.seqs[s.base.ID]
	return there && seq == s.base.Seq && b.cases[s.base.ID] == nil
}

// current returns a locked case as it stands now, or nil when there is none.
func (b *batch) current(ctx context.Context, tx *store.Tx, id store.ID) (*Case, error) {
	if c := b.cases[id]; c != nil {
		return c, nil
	}
	seq, there := b.seqs[id]
	if !there {
		return nil, nil
	}
	c := b.r.cache.get(id)
	if c == nil || c.Seq != seq {
		var err error
		if c, err = store.One(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM case_ WHERE id = $1`, int64(id)); err == nil {
			err = c.loadMarks(ctx, tx)
		}
		if err != nil {
			return nil, fmt.Errorf("load case %s: %w", id, err)
		}
	}
	b.cases[id] = c
	return c, nil
}

// lockSeries locks the counters from which new cases take their numbers. A counter that is not there yet is made first: a row
// that does not exist cannot be locked.
func (b *batch) lockSeries(ctx context.Context, tx *store.Tx, names []string) error {
	for range 2 {
		if len(b.series) == len(names) {
			return nil
		}
		for _, name := range names {
			if len(b.series) > 0 {
				break
			}
			tx.Queue(`INSERT INTO series (name, last) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`, name)
		}
		list, args := in(names)
		rows, err := store.All(ctx, tx, func(row store.Row) (s struct {
			name string
			last int64
		}, err error,
		) {
			return s, row.Scan(&s.name, &s.last)
		}, `SELECT name, last FROM series WHERE name IN (`+list+`) ORDER BY name`+tx.ForUpdate(), args...)
		if err != nil {
			return fmt.Errorf("load series: %w", err)
		}
		for _, s := range rows {
			b.series[s.name] = s.last
		}
	}
	return nil
}

const maxNumber = 9999 // a case number has four digits for the day

func (b *batch) seriesName(prefix string) string {
	return prefix + strings.ReplaceAll(calendar.Of(b.now).String(), "-", "")
}

// number returns the next number of the series. It is taken only when the case is kept, so that a refusal leaves no gap.
func (b *batch) number(prefix string) (string, error) {
	name := b.seriesName(prefix)
	n := b.series[name] + 1
	if n > maxNumber {
		return "", refuse(RefusedSeries, "Series", name)
	}
	return fmt.Sprintf("%s%04d", name, n), nil
}

// keep takes over what an accepted command changed.
func (b *batch) keep(s *step) {
	if s.base == nil {
		name := b.seriesName(s.a.begin.Series)
		b.series[name]++
		b.counted[name] = true
		b.submitted[string(s.a.key)] = storedReceipt{s.a.key, s.a.digest, s.receipt}
	}
	b.cases[s.c.ID] = s.c
	b.steps = append(b.steps, s)
}

// save queues every row, cases by id. They travel together when the transaction commits.
func (b *batch) save(tx *store.Tx) {
	slices.SortStableFunc(b.steps, func(x, y *step) int { return cmp.Compare(x.c.ID, y.c.ID) })
	for _, s := range b.steps {
		s.rows.queue(tx)
	}
	for _, name := range slices.Sorted(maps.Keys(b.counted)) {
		tx.Queue(`UPDATE series SET last = $2 WHERE name = $1`, name, b.series[name])
	}
}
