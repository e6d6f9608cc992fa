package supervision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// Consumer is the name under which supervision follows the log.
const Consumer = "supervision"

// Supervision finds and counts. It is safe for concurrent use.
type Supervision struct {
	db    *store.DB
	rules []Rule
}

// New returns the supervision of a node, by the rules given; see [Rules].
func New(db *store.DB, rules []Rule) (*Supervision, error) {
	if db == nil || len(rules) == 0 {
		return nil, errors.New("supervision: the database or the rules are missing")
	}
	return &Supervision{db: db, rules: slices.Clone(rules)}, nil
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

// Run follows the log until ctx ends.
func (s *Supervision) Run(ctx context.Context, l *ledger.Ledger) { l.Follow(ctx, Consumer, s.Handle) }

// Handle takes events of the log: it is a [ledger.Handle].
func (s *Supervision) Handle(ctx context.Context, tx *store.Tx, events []casework.Event) error {
	notices, err := read(events)
	if err != nil {
		return err
	}
	d, err := s.lay(ctx, tx, notices)
	if err != nil {
		return err
	}
	accepted, err := acceptedBefore(ctx, tx, notices)
	if err != nil {
		return err
	}
	known := maps.Clone(accepted)
	counts := map[Place]Tally{}
	for i := range notices {
		n := &notices[i]
		d.apply(n)
		a, answers := answerOf(n, d.known[n.event.Case].Card)
		s.count(counts, n, accepted, a)
		if answers {
			a.save(tx, n)
		}
	}
	for id := range accepted {
		if !known[id] {
			tx.Queue(`INSERT INTO supervision_accepted (case_id) VALUES ($1)`, int64(id))
		}
	}
	saveCounts(tx, counts)
	d.save(tx)
	return d.saveFacts(tx)
}

// count adds what an event counts as. Cases about supervision itself are not counted, but what they conclude is taken off where the
// card stood.
func (s *Supervision) count(counts map[Place]Tally, n *notice, accepted map[store.ID]bool, a answer) {
	place, t := a.pardon()
	if !s.apart(n.env.Type) {
		place, t = placeOf(n), tallyOf(n, accepted)
	}
	if t == (Tally{}) {
		return
	}
	sum := counts[place]
	sum.add(t)
	counts[place] = sum
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

// acceptedBefore returns which of the cases whose clock starts in these events were counted as accepted already.
func acceptedBefore(ctx context.Context, tx *store.Tx, notices []notice) (map[store.ID]bool, error) {
	found := map[store.ID]bool{}
	var ids []int64
	for i := range notices {
		if notices[i].starts() {
			ids = append(ids, int64(notices[i].event.Case))
		}
	}
	if len(ids) == 0 {
		return found, nil
	}
	list, args := in(ids)
	rows, err := store.All(ctx, tx, store.Scalar[int64], `SELECT case_id FROM supervision_accepted WHERE case_id IN (`+list+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("accepted cases: %w", err)
	}
	for _, id := range rows {
		found[store.ID(id)] = true
	}
	return found, nil
}

func saveCounts(tx *store.Tx, counts map[Place]Tally) {
	for _, p := range slices.SortedFunc(maps.Keys(counts), comparePlaces) {
		t := counts[p]
		tx.Queue(`INSERT INTO supervision_count (division, body, subject, day, `+tallyColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (division, body, subject, day) DO UPDATE SET received = supervision_count.received + excluded.received,
			accepted = supervision_count.accepted + excluded.accepted, ended = supervision_count.ended + excluded.ended,
			granted = supervision_count.granted + excluded.granted, refused = supervision_count.refused + excluded.refused,
			warned = supervision_count.warned + excluded.warned, yellow = supervision_count.yellow + excluded.yellow,
			red = supervision_count.red + excluded.red, overtime = supervision_count.overtime + excluded.overtime`,
			p.Division, p.Body, p.Subject, int64(p.Day), t.Received, t.Accepted, t.Ended, t.Granted, t.Refused, t.Warned, t.Yellow, t.Red, t.Overtime)
	}
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Division, b.Division), cmp.Compare(a.Body, b.Body), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Day, b.Day))
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
