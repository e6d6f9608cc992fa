package supervision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// Difference is a figure that is not what the log says.
type Difference struct {
	What    string // count, cards or case
	Place   Place  // of a count; zero for a case
	Case    string // number
	Field   string
	Kept    int64 // what stands in the database
	Counted int64 // what the events give
}

// String names the difference.
func (d Difference) String() string {
	if d.What == "case" {
		return fmt.Sprintf("case %s: %s", d.Case, d.Field)
	}
	day := "ever"
	if d.Place.Day != 0 {
		day = d.Place.Day.String()
	}
	return fmt.Sprintf("%s of %s, kind %q, item %q, %s %q, %s: %s is %d, the events give %d",
		d.What, d.Place.Scope, d.Place.Kind, d.Place.Item, d.Place.Part, d.Place.Key, day, d.Field, d.Kept, d.Counted)
}

// Recount counts the log again, as far as it was counted, and names every figure that differs: counts, what is known of a case, and
// the counts of cards. Cards depend on the rules of the day on which they were raised; they are counted from the cards themselves,
// each of which must have its event in the log.
func (s *Supervision) Recount(ctx context.Context) ([]Difference, error) {
	log := ledger.OpenReader(s.db)
	for {
		before, err := log.Next(ctx, CountConsumer)
		if err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		f := s.newFold()
		if err := f.follow(ctx, log, 0, before); err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		diffs, err := s.compare(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		after, err := log.Next(ctx, CountConsumer)
		if err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		if len(diffs) == 0 || after == before {
			return diffs, nil // otherwise the counters have moved while they were read
		}
	}
}

// follow takes the events of the log from a place up to another.
func (f *fold) follow(ctx context.Context, log ledger.Reader, from, upto int64) error {
	for from < upto {
		events, err := log.Events(ctx, from, min(upto-from, 1000))
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return fmt.Errorf("the log ends at %d, but was counted up to %d", from, upto)
		}
		from = events[len(events)-1].Leaf + 1
		notices, err := read(events)
		if err != nil {
			return err
		}
		for i := range notices {
			f.take(&notices[i])
		}
	}
	return nil
}

func (s *Supervision) compare(ctx context.Context, f *fold) ([]Difference, error) {
	kept := counters{}
	_, err := store.All(ctx, s.db.Read(), func(row store.Row) (p Place, err error) {
		var t Tally
		err = row.Scan(t.scan(&p.Scope, &p.Kind, &p.Item, &p.Part, &p.Day, &p.Key)...)
		kept[p] = t
		return p, err
	}, `SELECT `+placeColumns+`, `+tallyColumns+` FROM supervision_count`)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, p := range slices.SortedFunc(maps.Keys(union(kept, f.counts)), comparePlaces) {
		a, b := kept[p], f.counts[p]
		counted := b.fields()
		for i, field := range a.fields() {
			if *field != *counted[i] {
				out = append(out, Difference{What: "count", Place: p, Field: tallyNames[i], Kept: *field, Counted: *counted[i]})
			}
		}
	}
	cases, err := s.compareCases(ctx, f)
	if err != nil {
		return nil, err
	}
	cards, err := s.compareCards(ctx)
	return slices.Concat(out, cases, cards), err
}

func union[K comparable, V any](a, b map[K]V) map[K]bool {
	all := make(map[K]bool, len(a))
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return all
}

// compareCases compares what is known of each case.
func (s *Supervision) compareCases(ctx context.Context, f *fold) (out []Difference, err error) {
	seen := 0
	for after := int64(-1); ; {
		list, err := store.All(ctx, s.db.Read(), scanRecord,
			`SELECT `+recordColumns+` FROM supervision_record WHERE case_id > $1 ORDER BY case_id LIMIT 1000`, after)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			break
		}
		for _, r := range list {
			want := f.records[r.ID]
			switch {
			case want == nil:
				out = append(out, Difference{What: "case", Case: r.Number, Field: "no event of the log is about it"})
			case !sameRecord(r, want):
				seen++
				out = append(out, Difference{What: "case", Case: r.Number, Field: "what is known of it is not what its events say"})
			default:
				seen++
			}
		}
		after = int64(list[len(list)-1].ID)
	}
	if seen == len(f.records) {
		return out, nil
	}
	for _, id := range slices.Sorted(maps.Keys(f.records)) {
		if _, err := s.Record(ctx, id); errors.Is(err, store.ErrNotFound) {
			out = append(out, Difference{What: "case", Case: f.records[id].Number, Field: "it is missing"})
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Supervision) compareCards(ctx context.Context) (out []Difference, err error) {
	counted, err := cardsCounted(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	kept := cardCounters{}
	_, err = store.All(ctx, s.db.Read(), func(row store.Row) (p cardPlace, err error) {
		var t cardTally
		err = row.Scan(&p.Scope, &p.Kind, &p.Item, &p.Part, &p.Day, &p.Key, &p.colour, &t.raised, &t.open)
		kept[p] = t
		return p, err
	}, `SELECT `+placeColumns+`, colour, raised, open FROM supervision_card_count`)
	if err != nil {
		return nil, err
	}
	all := slices.SortedFunc(maps.Keys(union(kept, counted)), func(a, b cardPlace) int { return comparePlaces(a.Place, b.Place) })
	for _, p := range all {
		a, b := kept[p], counted[p]
		if a.raised != b.raised {
			out = append(out, Difference{What: "cards", Place: p.Place, Field: string(p.colour) + " raised", Kept: a.raised, Counted: b.raised})
		}
		if a.open != b.open {
			out = append(out, Difference{What: "cards", Place: p.Place, Field: string(p.colour) + " open", Kept: a.open, Counted: b.open})
		}
	}
	lost, err := store.All(ctx, s.db.Read(), store.Scalar[string],
		`SELECT c.number FROM supervision_card c LEFT JOIN event e ON e.id = c.event WHERE e.id IS NULL ORDER BY c.id`)
	for _, number := range lost {
		out = append(out, Difference{What: "case", Case: number, Field: "a card of it has no event in the log"})
	}
	return out, err
}

// Repair counts everything anew and writes it in one transaction. Whoever follows the log waits meanwhile.
func (s *Supervision) Repair(ctx context.Context) error {
	log := ledger.OpenReader(s.db)
	upto, err := log.Next(ctx, CountConsumer)
	if err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	f := s.newFold()
	if err := f.follow(ctx, log, 0, upto); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		at, err := store.All(ctx, tx, store.Scalar[int64], `SELECT next FROM ledger_cursor WHERE name = $1`+tx.ForUpdate(), CountConsumer)
		if err != nil || len(at) == 0 {
			return err
		}
		// What was counted since is on disk, and the cursor stands still now.
		if err := f.follow(ctx, log, upto, at[0]); err != nil {
			return err
		}
		upto = at[0]
		if err := tx.Exec(ctx, `DELETE FROM supervision_count`); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `DELETE FROM supervision_record`); err != nil {
			return err
		}
		for id := range f.records {
			f.changed[id] = true
		}
		if err := f.save(tx); err != nil {
			return err
		}
		return recountCards(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	return nil
}
