package document

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Order asks for a letter in the transaction of its event.
type Order struct {
	Case   *casework.Case
	Event  casework.Event
	Kind   string
	Agency string // 机关代字 of the body

	template *Template
	series   string
}

// Issue lets a letter come into being with its event: in the same transaction it gets the next number of its body, year and word. A
// kind that has no template is none, and nothing happens.
//
// The counters are locked last and in order (see [store.Last]): writers wait for each other's commit, never in a circle. When the
// transaction fails, the numbers that it took are taken back with it, so there are no gaps.
func (s *Service) Issue(tx *store.Tx, o Order) {
	if o.template = s.o.Templates.Kind(o.Kind); o.template == nil {
		return
	}
	o.series = seriesName(o.Case.Body, calendar.Of(o.Event.At).Year(), o.template.Word)
	store.Last(tx, "document", o, s.number)
}

// seriesName names a series of numbers: each body numbers each word anew every year.
func seriesName(body string, year int, word string) string {
	return body + "/" + strconv.Itoa(year) + "/" + word
}

// number gives the letters of a transaction their numbers, in the order in which they were asked for.
func (s *Service) number(ctx context.Context, tx *store.Tx, orders []Order) error {
	count := map[string]int64{}
	for i := range orders {
		count[orders[i].series]++
	}
	next, err := s.take(ctx, tx, count)
	if err != nil {
		return err
	}
	for i := range orders {
		o := &orders[i]
		next[o.series]++
		n := next[o.series]
		id := s.o.IDs.New()
		number := o.template.FormatNumber(o.Agency, calendar.Of(o.Event.At).Year(), n)
		tx.Queue(`INSERT INTO document_letter (id, case_id, case_number, seq, event_id, type, kind, number, series, ordinal, body, division, at,
			holder, try_at, trouble, issued_at, file_id, digest, revoked_at, reason, replaced_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $13, '', 0, 0, '', 0, '', 0)`,
			int64(id), int64(o.Case.ID), o.Case.Number, o.Event.Seq, int64(o.Event.ID), o.Case.Kind, o.Kind, number, o.series, n,
			o.Case.Body, o.Case.Division, store.Micros(o.Event.At))
		for _, kind := range o.template.Replaces {
			tx.Queue(`UPDATE document_letter SET replaced_by = $3 WHERE case_id = $1 AND kind = $2 AND replaced_by = 0`,
				int64(o.Case.ID), kind, int64(id))
		}
	}
	return nil
}

// take moves the counters on by what is wanted of each, and returns where they stood before.
func (s *Service) take(ctx context.Context, tx *store.Tx, count map[string]int64) (map[string]int64, error) {
	names := slices.Sorted(maps.Keys(count))
	var args []any
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = fmt.Sprintf("($%d, $%d)", 2*i+1, 2*i+2)
		args = append(args, name, count[name])
	}
	type counter struct {
		name string
		last int64
	}
	// PostgreSQL locks the rows in the order in which they stand in VALUES.
	rows, err := store.All(ctx, tx, func(r store.Row) (c counter, err error) { return c, r.Scan(&c.name, &c.last) },
		`INSERT INTO document_series (name, last) VALUES `+strings.Join(values, ", ")+`
		ON CONFLICT (name) DO UPDATE SET last = document_series.last + excluded.last RETURNING name, last`, args...)
	if err != nil {
		return nil, fmt.Errorf("document numbers: %w", err)
	}
	before := make(map[string]int64, len(rows))
	for _, c := range rows {
		before[c.name] = c.last - count[c.name]
	}
	return before, nil
}
