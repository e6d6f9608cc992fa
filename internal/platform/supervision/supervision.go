package supervision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// Consumer is the name under which supervision follows the log.
const Consumer = "supervision"

// Supervision finds and counts. It is safe for concurrent use.
type Supervision struct {
	db       *store.DB
	rules    []Rule
	calendar func() *calendar.Calendar
}

// New returns the supervision of a node, by the rules given; see [Rules]. cal is the calendar in force.
func New(db *store.DB, rules []Rule, cal func() *calendar.Calendar) (*Supervision, error) {
	if db == nil || len(rules) == 0 || cal == nil {
		return nil, errors.New("supervision: the database, the rules or the calendar are missing")
	}
	return &Supervision{db: db, rules: slices.Clone(rules), calendar: cal}, nil
}

// Rules returns the rules, in their order.
func (s *Supervision) Rules() []Rule { return slices.Clone(s.rules) }

// apart reports whether a case of the kind is about supervision itself: it is not counted in the figures of the body, and watched
// only by rules that name its kind.
func (s *Supervision) apart(kind string) bool { return slices.Contains(s.rules[0].apart, kind) }

// Rule returns the rule with the id.
func (s *Supervision) Rule(id string) (Rule, bool) {
	for _, r := range s.rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}

// Run follows the log until ctx ends: for the cards, and for the counters.
func (s *Supervision) Run(ctx context.Context, l *ledger.Ledger) {
	var work sync.WaitGroup
	work.Go(func() { l.Follow(ctx, Consumer, s.Handle) })
	work.Go(func() { l.Follow(ctx, CountConsumer, s.Count) })
	work.Wait()
}

// Handle takes events of the log for the cards: it is a [ledger.Handle].
func (s *Supervision) Handle(ctx context.Context, tx *store.Tx, events []casework.Event) error {
	notices, err := read(events)
	if err != nil {
		return err
	}
	if len(notices) == 0 {
		return nil // nothing but what administrators did
	}
	d, err := s.lay(ctx, tx, notices)
	if err != nil {
		return err
	}
	type said struct {
		a answer
		n *notice
	}
	var answers []said
	for i := range notices {
		n := &notices[i]
		d.apply(n)
		if a, ok := answerOf(n, d.known[n.event.Case].Card); ok {
			answers = append(answers, said{a, n})
		}
	}
	d.save(tx)
	countCards(tx, d.raised, d.closed)
	for _, it := range answers {
		if it.a.closes() { // and takes it out of the counts, if it still stands there
			open, err := store.All(ctx, tx, scanCard, `SELECT `+cardColumns+` FROM supervision_card WHERE id = $1 AND closed_at = 0`, int64(it.a.card.ID))
			if err != nil {
				return fmt.Errorf("card that was answered: %w", err)
			}
			for i := range open {
				countCards(tx, nil, []*Card{&open[i]})
			}
		}
		it.a.save(tx, it.n)
	}
	return d.saveFacts(tx)
}

// in returns an IN list for cases, padded to a power of two so that there are few texts to prepare.
func in(ids []int64) (list string, args []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	return store.Placeholders(1, n), args
}

// lay reads the open cards of the cases that the events are about.
func (s *Supervision) lay(ctx context.Context, tx *store.Tx, notices []notice) (*desk, error) {
	d := &desk{rules: s.rules, open: map[store.ID][]*Card{}, learned: map[store.ID]bool{}, ended: map[store.ID]bool{}}
	ids := make([]int64, len(notices))
	for i := range notices {
		ids[i] = int64(notices[i].event.Case)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var err error
	if d.known, err = remember(ctx, tx, ids); err != nil {
		return nil, err
	}
	list, args := in(ids)
	cards, err := store.All(ctx, tx, scanCard, `SELECT `+cardColumns+` FROM supervision_card WHERE closed_at = 0 AND case_id IN (`+list+`) ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("open cards: %w", err)
	}
	for i := range cards {
		d.open[cards[i].Case] = append(d.open[cards[i].Case], &cards[i])
	}
	return d, nil
}

func (d *desk) save(tx *store.Tx) {
	for _, c := range d.raised {
		tx.Queue(`INSERT INTO supervision_card (`+cardColumns+`) VALUES (`+cardPlaceholders+`)`, int64(c.ID), int64(c.Case), c.Number, c.Rule,
			string(c.Colour), c.Clock, c.Task, c.Token, int64(c.Due), c.Division, c.Body, c.Subject, c.Kind, store.Micros(c.At), c.Leaf,
			store.Micros(c.ClosedAt), string(c.Closed), int64(c.Event), c.Explain, int64(c.AnswerCase), c.Answer, string(c.State),
			string(c.Conclusion), store.Micros(c.ConcludedAt))
	}
	for _, c := range d.closed {
		tx.Queue(`UPDATE supervision_card SET closed_at = $2, closed = $3 WHERE id = $1`, int64(c.ID), store.Micros(c.ClosedAt), string(c.Closed))
	}
}
