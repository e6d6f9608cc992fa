package casework

import (
	"bytes"
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
type batch struct {
	now      time.Time // one instant for all that is decided in the transaction
	cal      *calendar.Calendar
	seqs     map[store.ID]int64 // number of events of the cases, as stored
	cases    map[store.ID]*Case // as they stand now
	receipts map[string]storedReceipt
	series   map[string]int64

	changed map[store.ID]*changes
	events  []writtenEvent
	counted map[string]bool // series that moved
}

// changes are the rows of a case that differ from what is stored.
type changes struct {
	created bool
	opened  map[int]bool // tokens
	closed  []int
	all     bool // the lines of the case moved: every open task sorts anew
}

// writtenEvent is an event with the command that made it, if it is the command's first.
type writtenEvent struct {
	sealedEvent
	key, digest []byte
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
		now: r.instant(), cal: r.Calendar(), seqs: map[store.ID]int64{}, cases: map[store.ID]*Case{}, series: map[string]int64{},
		changed: map[store.ID]*changes{}, counted: map[string]bool{},
	}
	var ids []store.ID
	var names []string
	for i := range asks {
		if _, fresh := asks[i].cmd.Act.(Submit); fresh {
			names = append(names, b.seriesName(asks[i].begin.Series))
		} else {
			ids = append(ids, asks[i].id)
		}
	}
	if err := b.lockCases(ctx, tx, ids); err != nil {
		return nil, err
	}
	var err error
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

// unmoved reports whether a decision made ahead still rests on the case as it stands.
func (b *batch) unmoved(s *step) bool {
	if s.base == nil {
		return true
	}
	if b.changed[s.base.ID] != nil {
		return false
	}
	seq, there := b.seqs[s.base.ID]
	return there && seq == s.base.Seq
}

// current returns the case as it stands now, or nil when there is none.
func (b *batch) current(ctx context.Context, tx *store.Tx, id store.ID) (*Case, error) {
	if c := b.cases[id]; c != nil {
		return c, nil
	}
	if _, there := b.seqs[id]; !there {
		return nil, nil
	}
	c, err := store.One(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM case_ WHERE id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("load case %s: %w", id, err)
	}
	b.cases[id] = c
	return c, nil
}

func loadReceipts(ctx context.Context, q store.Querier, asks []ask) (map[string]storedReceipt, error) {
	keys := make([][]byte, 0, len(asks))
	for i := range asks {
		if asks[i].key != nil {
			keys = append(keys, asks[i].key)
		}
	}
	found := map[string]storedReceipt{}
	if len(keys) == 0 {
		return found, nil
	}
	list, args := in(keys)
	rows, err := store.All(ctx, q, func(row store.Row) (w storedReceipt, err error) {
		var e Event
		var at int64
		var number string
		if err = row.Scan(&w.key, &w.digest, &e.ID, &e.Case, &e.Seq, &at, &e.Content, &number); err == nil {
			e.At = store.Instant(at)
			w.receipt = receiptOf(&e, number)
		}
		return w, err
	}, `SELECT e.command, e.asked, e.id, e.case_id, e.seq, e.at, e.content, c.number
		FROM event AS e JOIN case_ AS c ON c.id = e.case_id WHERE e.command IN (`+list+`)`, args...)
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
	c := s.c
	ch := b.changed[c.ID]
	if ch == nil {
		ch = &changes{opened: map[int]bool{}}
		b.changed[c.ID] = ch
	}
	if s.base == nil {
		ch.created = true
		name := b.seriesName(s.a.begin.Series)
		b.series[name]++
		b.counted[name] = true
	} else if !s.base.PromiseDue.Equal(c.PromiseDue) {
		ch.all = true
	}
	for _, token := range s.closed {
		if !ch.opened[token] {
			ch.closed = append(ch.closed, token)
		}
		delete(ch.opened, token)
	}
	for i := range s.opened {
		ch.opened[s.opened[i].Token] = true
	}
	b.cases[c.ID] = c
	for i, e := range s.sealed {
		w := writtenEvent{sealedEvent: e}
		if i == 0 && s.a.key != nil {
			w.key, w.digest = s.a.key, s.a.digest
			b.receipts[string(w.key)] = storedReceipt{w.key, w.digest, s.receipt}
		}
		b.events = append(b.events, w)
	}
}

// save queues every row. They travel together when the transaction commits.
func (b *batch) save(tx *store.Tx) error {
	for _, id := range slices.Sorted(maps.Keys(b.changed)) {
		c, ch := b.cases[id], b.changed[id]
		if err := writeCase(tx, c, ch.created); err != nil {
			return err
		}
		writeTasks(tx, c, ch)
	}
	for i := range b.events {
		e := &b.events[i]
		tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content, sealed, command, asked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			int64(e.ID), int64(e.Case), e.Seq, store.Micros(e.At), e.Kind, string(e.Content), e.secrets, e.key, e.digest)
	}
	for _, name := range slices.Sorted(maps.Keys(b.counted)) {
		tx.Queue(`UPDATE series SET last = $2 WHERE name = $1`, name, b.series[name])
	}
	return nil
}
