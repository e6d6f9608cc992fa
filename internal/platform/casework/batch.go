package casework

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// batch is what one transaction has read, and what it will write.
type batch struct {
	now      time.Time // one instant for all
	cal      *calendar.Calendar
	cases    map[store.ID]*Case
	receipts map[string]storedReceipt
	series   map[string]int64

	created map[store.ID]bool
	changed map[store.ID]*changes
	events  []sealedEvent
	done    []storedReceipt
	counted map[string]bool // series that moved
}

// changes are the rows of a case that differ from what is stored.
type changes struct {
	opened map[int]Task
	closed []int
	all    bool // the lines of the case moved: every open task sorts anew
}

// storedReceipt is the answer to a command that was carried out.
type storedReceipt struct {
	key, digest []byte
	receipt     Receipt
}

// answer returns the receipt again, or refuses a key that was used for something else.
func (w storedReceipt) answer(a ask) (Receipt, error) {
	if !bytes.Equal(w.digest, a.digest) {
		return Receipt{}, refuse(RefusedReplay)
	}
	rec := w.receipt
	rec.Replay = true
	return rec, nil
}

// load reads and locks, in an order that no other writer crosses: cases by id, then series by name.
func (r *Runtime) load(ctx context.Context, tx *store.Tx, asks []ask) (*batch, error) {
	b := &batch{
		now: r.Now().Round(0).UTC().Truncate(time.Microsecond), cal: r.Calendar(), cases: map[store.ID]*Case{}, series: map[string]int64{},
		created: map[store.ID]bool{}, changed: map[store.ID]*changes{}, counted: map[string]bool{},
	}
	var ids []store.ID
	var names []string
	for i := range asks {
		if _, fresh := asks[i].cmd.Act.(Submit); fresh {
			names = append(names, seriesName(asks[i].begin.Series, b.now))
		} else {
			ids = append(ids, asks[i].id)
		}
	}
	var err error
	if b.cases, err = lockCases(ctx, tx, ids); err != nil {
		return nil, err
	}
	if b.receipts, err = loadReceipts(ctx, tx, asks); err != nil {
		return nil, err
	}
	slices.Sort(names)
	return b, b.lockSeries(ctx, tx, slices.Compact(names))
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

func lockCases(ctx context.Context, tx *store.Tx, ids []store.ID) (map[store.ID]*Case, error) {
	found := map[store.ID]*Case{}
	if len(ids) == 0 {
		return found, nil
	}
	list, args := in(ids)
	cases, err := store.All(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM case_ WHERE id IN (`+list+`) ORDER BY id`+tx.ForUpdate(), args...)
	if err != nil {
		return nil, fmt.Errorf("load cases: %w", err)
	}
	for _, c := range cases {
		found[c.ID] = c
	}
	return found, nil
}

func loadReceipts(ctx context.Context, q store.Querier, asks []ask) (map[string]storedReceipt, error) {
	keys := make([][]byte, 0, len(asks))
	for i := range asks {
		if _, own := asks[i].cmd.Act.(advance); !own {
			keys = append(keys, asks[i].key)
		}
	}
	found := map[string]storedReceipt{}
	if len(keys) == 0 {
		return found, nil
	}
	list, args := in(keys)
	rows, err := store.All(ctx, q, func(row store.Row) (w storedReceipt, err error) {
		var receipt []byte
		if err = row.Scan(&w.key, &w.digest, &receipt); err == nil {
			err = json.Unmarshal(receipt, &w.receipt)
		}
		return w, err
	}, `SELECT key, digest, receipt FROM command WHERE key IN (`+list+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("load receipts: %w", err)
	}
	for _, w := range rows {
		found[string(w.key)] = w
	}
	return found, nil
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

func seriesName(prefix string, now time.Time) string {
	return prefix + strings.ReplaceAll(calendar.Of(now).String(), "-", "")
}

// number returns the next number of the series. It is taken only when the case is kept, so that a refusal leaves no gap.
func (b *batch) number(prefix string, now time.Time) (string, error) {
	name := seriesName(prefix, now)
	n := b.series[name] + 1
	if n > maxNumber {
		return "", refuse(RefusedSeries, "Series", name)
	}
	return fmt.Sprintf("%s%04d", name, n), nil
}

// keep takes over what an accepted command changed.
func (b *batch) keep(s *step, rec Receipt) {
	c := s.c
	ch := b.changed[c.ID]
	if ch == nil {
		ch = &changes{opened: map[int]Task{}}
		b.changed[c.ID] = ch
	}
	if was := b.cases[c.ID]; was == nil {
		b.created[c.ID] = true
		name := seriesName(s.a.begin.Series, b.now)
		b.series[name]++
		b.counted[name] = true
	} else if !was.PromiseDue.Equal(c.PromiseDue) {
		ch.all = true
	}
	for _, t := range s.opened {
		ch.opened[t.Token] = t
	}
	for _, token := range s.closed {
		if _, fresh := ch.opened[token]; fresh {
			delete(ch.opened, token)
		}
		ch.closed = append(ch.closed, token)
	}
	b.cases[c.ID] = c
	if _, own := s.a.cmd.Act.(advance); !own {
		w := storedReceipt{s.a.key, s.a.digest, rec}
		b.receipts[string(s.a.key)] = w
		b.done = append(b.done, w)
	}
}

// touch stores a case whose wake-up moved without anything having happened.
func (b *batch) touch(c *Case) {
	b.cases[c.ID] = c
	if b.changed[c.ID] == nil {
		b.changed[c.ID] = &changes{opened: map[int]Task{}}
	}
}

// save queues every row. They travel together when the transaction commits.
func (b *batch) save(_ context.Context, tx *store.Tx) error {
	for _, id := range slices.Sorted(maps.Keys(b.changed)) {
		c, ch := b.cases[id], b.changed[id]
		if err := writeCase(tx, c, b.created[id]); err != nil {
			return err
		}
		writeTasks(tx, c, ch)
	}
	for i := range b.events {
		e := &b.events[i]
		tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content) VALUES ($1, $2, $3, $4, $5, $6)`,
			int64(e.ID), int64(e.Case), e.Seq, store.Micros(e.At), e.Kind, string(e.Content))
		if e.secrets != nil {
			tx.Queue(`INSERT INTO event_private (event_id, case_id, seq, sealed) VALUES ($1, $2, $3, $4)`,
				int64(e.ID), int64(e.Case), e.Seq, e.secrets)
		}
	}
	for _, w := range b.done {
		receipt, err := json.Marshal(w.receipt)
		if err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		tx.Queue(`INSERT INTO command (key, digest, receipt, at) VALUES ($1, $2, $3, $4)`,
			w.key, w.digest, string(receipt), store.Micros(b.now))
	}
	for _, name := range slices.Sorted(maps.Keys(b.counted)) {
		tx.Queue(`UPDATE series SET last = $2 WHERE name = $1`, name, b.series[name])
	}
	return nil
}
