package supervision

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// CountConsumer is the name under which the counters follow the log. It is another than that of the cards: a database from before a
// counter was there is counted from its first event on, while its cards stay as they are.
const CountConsumer = "supervision.count"

// Count takes events of the log into the counters, in the transaction that moves their cursor: it is a [ledger.Handle].
func (s *Supervision) Count(ctx context.Context, tx *store.Tx, events []casework.Event) error {
	notices, err := read(events)
	if err != nil {
		return err
	}
	if len(events) > 0 && events[0].Leaf == 0 {
		if err := recountCards(ctx, tx); err != nil {
			return err
		}
	}
	if len(notices) == 0 {
		return nil // nothing but what administrators did
	}
	f := s.newFold()
	ids := make([]int64, len(notices))
	for i := range notices {
		ids[i] = int64(notices[i].event.Case)
	}
	slices.Sort(ids)
	list, args := in(slices.Compact(ids))
	known, err := store.All(ctx, tx, scanRecord, `SELECT `+recordColumns+` FROM supervision_record WHERE case_id IN (`+list+`)`, args...)
	if err != nil {
		return fmt.Errorf("cases counted before: %w", err)
	}
	for _, r := range known {
		f.records[r.ID] = r
	}
	for i := range notices {
		f.take(&notices[i])
	}
	return f.save(tx)
}

// save queues what the events have changed. Rows are written in the order of their keys, so that nodes never wait for each other in a
// circle.
func (f *fold) save(tx *store.Tx) error {
	var rows []any
	for _, id := range slices.Sorted(maps.Keys(f.changed)) {
		row, err := f.records[id].row()
		if err != nil {
			return err
		}
		rows = append(rows, row...)
	}
	upsert(tx, recordUpsert, recordWidth, rows)
	rows = nil
	for _, p := range slices.SortedFunc(maps.Keys(f.counts), comparePlaces) {
		rows = append(rows, countRow(p, f.counts[p])...)
	}
	upsert(tx, countUpsert, countWidth, rows)
	return nil
}

const (
	placeColumns = `scope, kind, item, part, day, part_key`
	countWidth   = 26
)

func countRow(p Place, t Tally) []any {
	row := []any{p.Scope, p.Kind, p.Item, string(p.Part), int64(p.Day), p.Key}
	for _, f := range t.fields() {
		row = append(row, *f)
	}
	return row
}

// statement is an INSERT of many rows, and what becomes of those that are there.
type statement struct{ into, conflict string }

var (
	recordUpsert = statement{`INSERT INTO supervision_record (` + recordColumns + `)`, `ON CONFLICT (case_id) DO UPDATE SET ` +
		renewed("division", "city", "area", "body", "post", "status", "result", "lamp", "grade", "taken_at", "accepted_at", "ended_at", "rated_at", "paused_at", "paused_days", "gross_days", "pause_rank", "clocks")}
	countUpsert = statement{`INSERT INTO supervision_count (` + placeColumns + `, ` + tallyColumns + `)`,
		`ON CONFLICT (` + placeColumns + `) DO UPDATE SET ` + added("supervision_count", tallyNames...)}
	cardUpsert = statement{`INSERT INTO supervision_card_count (` + placeColumns + `, colour, raised, open)`,
		`ON CONFLICT (` + placeColumns + `, colour) DO UPDATE SET ` + added("supervision_card_count", "raised", "open")}
)

func renewed(columns ...string) string {
	for i, c := range columns {
		columns[i] = c + " = excluded." + c
	}
	return strings.Join(columns, ", ")
}

func added(table string, columns ...string) string {
	sums := make([]string, len(columns))
	for i, c := range columns {
		sums[i] = c + " = " + table + "." + c + " + excluded." + c
	}
	return strings.Join(sums, ", ")
}

// maxRows is how many rows one statement writes at most. The driver of SQLite looks for each parameter from the first one on, so many
// more rows would cost more than many more statements.
const maxRows = 8

// upsert queues rows, laid one behind the other, in statements of as many rows as a power of two, so that there are few texts to
// prepare.
func upsert(tx *store.Tx, s statement, width int, rows []any) {
	for n := maxRows; len(rows) > 0; {
		if len(rows) < n*width {
			n /= 2
			continue
		}
		values := make([]string, n)
		for i := range values {
			values[i] = "(" + store.Placeholders(i*width+1, width) + ")"
		}
		tx.Queue(s.into+" VALUES "+strings.Join(values, ", ")+" "+s.conflict, rows[:n*width]...)
		rows = rows[n*width:]
	}
}

// cardTally counts cards of one colour.
type cardTally struct{ raised, open int64 }

type cardPlace struct {
	Place
	colour Colour
}

type cardCounters map[cardPlace]cardTally

func (c cardCounters) add(card *Card, raised, open int64) {
	plus := func(p Place, t cardTally) {
		key := cardPlace{p, card.Colour}
		sum := c[key]
		c[key] = cardTally{sum.raised + t.raised, sum.open + t.open}
	}
	for _, v := range views(card.Division, card.Body, itemOf(card.Subject), card.Kind) {
		if raised != 0 {
			plus(Place{v, calendar.Of(card.At)}, cardTally{raised: raised})
		}
		plus(Place{v, 0}, cardTally{raised, open})
	}
}

func (c cardCounters) save(tx *store.Tx) {
	keys := slices.SortedFunc(maps.Keys(c), func(a, b cardPlace) int {
		if n := comparePlaces(a.Place, b.Place); n != 0 {
			return n
		}
		return strings.Compare(string(a.colour), string(b.colour))
	})
	var rows []any
	for _, k := range keys {
		rows = append(rows, k.Scope, k.Kind, k.Item, string(k.Part), int64(k.Day), k.Key, string(k.colour), c[k].raised, c[k].open)
	}
	upsert(tx, cardUpsert, 9, rows)
}

// countCards counts the cards that a batch of events has raised and closed.
func countCards(tx *store.Tx, raised, closed []*Card) {
	counts := cardCounters{}
	for _, c := range raised {
		counts.add(c, 1, 1)
	}
	for _, c := range closed {
		counts.add(c, 0, -1)
	}
	counts.save(tx)
}

// recountCards counts all cards anew, from the cards themselves. It holds the cursor of the cards meanwhile, so that none comes or goes.
func recountCards(ctx context.Context, tx *store.Tx) error {
	if _, err := store.All(ctx, tx, store.Scalar[int64], `SELECT next FROM ledger_cursor WHERE name = $1`+tx.ForUpdate(), Consumer); err != nil {
		return fmt.Errorf("cursor of the cards: %w", err)
	}
	if err := tx.Exec(ctx, `DELETE FROM supervision_card_count`); err != nil {
		return fmt.Errorf("counts of the cards: %w", err)
	}
	counts, err := cardsCounted(ctx, tx)
	if err != nil {
		return err
	}
	counts.save(tx)
	return nil
}

func cardsCounted(ctx context.Context, q store.Querier) (cardCounters, error) {
	counts := cardCounters{}
	for after := int64(-1); ; {
		cards, err := store.All(ctx, q, scanCard, `SELECT `+cardColumns+` FROM supervision_card WHERE id > $1 ORDER BY id LIMIT 1000`, after)
		if err != nil {
			return nil, fmt.Errorf("cards: %w", err)
		}
		if len(cards) == 0 {
			return counts, nil
		}
		for i := range cards {
			open := int64(0)
			if cards[i].Open() {
				open = 1
			}
			counts.add(&cards[i], 1, open)
		}
		after = int64(cards[len(cards)-1].ID)
	}
}
