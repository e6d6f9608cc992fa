package supervision

import (
	"context"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// Difference is a place whose counts are not what the log says.
type Difference struct {
	Place
	Kept    Tally // what stands in the database
	Counted Tally // what the log gives
}

// Recount counts the log again, as far as supervision has read it, and returns every place where the counts kept differ.
func (s *Supervision) Recount(ctx context.Context) ([]Difference, error) {
	kept, upto, err := s.kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("recount: %w", err)
	}
	log := ledger.OpenReader(s.db)
	counted := map[Place]Tally{}
	accepted := map[store.ID]bool{}
	answers := map[store.ID]*cardRef{} // by the case that answers
	for at := int64(0); at < upto; {
		events, err := log.Events(ctx, at, min(upto-at, 1000))
		if err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		if len(events) == 0 {
			return nil, fmt.Errorf("recount: the log ends at %d, but was read up to %d", at, upto)
		}
		at = events[len(events)-1].Leaf + 1
		notices, err := read(events)
		if err != nil {
			return nil, fmt.Errorf("recount: %w", err)
		}
		for i := range notices {
			n := &notices[i]
			if n.event.Kind == casework.Submitted && n.card() != nil {
				answers[n.event.Case] = n.card()
			}
			a, _ := answerOf(n, answers[n.event.Case])
			s.count(counted, n, accepted, a)
			if n.ended() {
				delete(answers, n.event.Case)
			}
		}
	}
	var out []Difference
	for p, t := range counted {
		if kept[p] != t {
			out = append(out, Difference{p, kept[p], t})
		}
	}
	for p, t := range kept {
		if _, ok := counted[p]; !ok && t != (Tally{}) {
			out = append(out, Difference{p, t, Tally{}})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return comparePlaces(a.Place, b.Place) })
	return out, nil
}

// kept reads the counts, and up to which place of the log they go: again when they moved meanwhile.
func (s *Supervision) kept(ctx context.Context) (map[Place]Tally, int64, error) {
	log := ledger.OpenReader(s.db)
	for {
		before, err := log.Next(ctx, Consumer)
		if err != nil {
			return nil, 0, err
		}
		kept := map[Place]Tally{}
		_, err = store.All(ctx, s.db.Read(), func(row store.Row) (p Place, err error) {
			var t Tally
			err = row.Scan(append([]any{&p.Division, &p.Body, &p.Subject, &p.Day}, t.fields()...)...)
			kept[p] = t
			return p, err
		}, `SELECT division, body, subject, day, `+tallyColumns+` FROM supervision_count`)
		if err != nil {
			return nil, 0, err
		}
		after, err := log.Next(ctx, Consumer)
		if err != nil || after == before {
			return kept, after, err
		}
	}
}
