package rating

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Consumer is the name under which the slice follows the log.
const Consumer = "rating"

// tracked is what a follow-up or a complaint is counted under, and whether its line has passed.
type tracked struct {
	Place
	late bool
}

// news is an event of the log, as far as ratings and complaints are concerned.
type news struct {
	event casework.Event
	env   casework.Envelope
}

func (n *news) text(name string) string {
	s, _ := n.env.Data[name].(string)
	return s
}

func (n *news) place() Place {
	p := Place{Division: n.env.Division, Body: n.env.Body, Item: n.env.Subject}
	if n.env.Type == FollowupKind || n.env.Type == ComplaintKind {
		// The case is handled by others than those whom it is about.
		p = Place{Division: n.env.Division, Body: n.text("about"), Item: n.text("item"), Window: n.text("window")}
	}
	return p
}

// turned reports whether the event did something to a clock of the case.
func (n *news) turned(clock, action string) bool {
	list, _ := n.env.Data["clocks"].([]any)
	return slices.ContainsFunc(list, func(v any) bool {
		note, _ := v.(map[string]any)
		return note["name"] == clock && note["action"] == action
	})
}

// grade returns the grade of a rating of somebody's matter; 0 for every other event.
func (n *news) grade() int {
	if n.event.Kind != casework.Rated || n.env.Type == FollowupKind || n.env.Type == ComplaintKind {
		return 0
	}
	g, _ := n.env.Data["grade"].(float64)
	if g < Worst || g > Best {
		return 0
	}
	return int(g)
}

// count says what an event counts as, and where. cases holds what is known of follow-ups and complaints, and learns.
func count(n *news, cases map[store.ID]tracked) (Place, Tally) {
	var t Tally
	if g := n.grade(); g > 0 {
		t.Grades[g-1] = 1
		return n.place(), t
	}
	if n.env.Type != FollowupKind && n.env.Type != ComplaintKind {
		return Place{}, t
	}
	c, known := cases[n.event.Case]
	if n.event.Kind == casework.Submitted {
		c, known = tracked{Place: n.place()}, true
		cases[n.event.Case] = c
		if n.env.Type == FollowupKind {
			t.Followed = 1
		} else {
			t.Filed = 1
		}
	}
	if !known {
		return Place{}, t
	}
	if n.event.Kind == casework.StatuteMissed && (n.text("clock") == clockClose || n.text("clock") == clockAnswer) {
		c.late = true
		cases[n.event.Case] = c
	}
	late := int64(0)
	if c.late {
		late = 1
	}
	if n.turned(clockAnswer, "stop") {
		t.Answered, t.Tardy = 1, late
	}
	if n.text("ended") != "" {
		n.ended(&t, late)
	}
	return c.Place, t
}

func (n *news) ended(t *Tally, late int64) {
	if n.env.Type == FollowupKind {
		t.Closed, t.Overdue = 1, late
	}
	switch n.text("result") {
	case "settled":
		t.Settled = 1
	case "not-accepted":
		t.Declined = 1
	case "satisfied":
		t.Content = 1
	case "reviewed":
		t.Reviewed = 1
	}
}

// Count takes events of the log: it is a ledger.Handle. It counts what they say of ratings, and notes bad ones so that [Service.Open]
// opens their cases.
func (s *Service) Count(ctx context.Context, tx *store.Tx, events []casework.Event) error {
	list, err := read(events)
	if err != nil {
		return err
	}
	cases, err := trackedBefore(ctx, tx, list)
	if err != nil {
		return err
	}
	before := maps.Clone(cases)
	counts := map[key]Tally{}
	for i := range list {
		n := &list[i]
		place, t := count(n, cases)
		if t == (Tally{}) {
			continue
		}
		k := key{place, calendar.Of(n.event.At)}
		sum := counts[k]
		sum.add(t)
		counts[k] = sum
		if g := n.grade(); g > 0 && g <= Bad {
			reasons, err := json.Marshal(n.env.Data["reasons"])
			if err != nil {
				return fmt.Errorf("reasons of event %s: %w", n.event.ID, err)
			}
			saveBad(tx, bad{Entry: Entry{ID: n.event.ID, Place: place, Grade: g, At: n.event.At}, of: n.event.Case, seq: n.event.Seq, reasons: string(reasons)})
		}
	}
	for id, c := range cases {
		if was, ok := before[id]; !ok {
			tx.Queue(`INSERT INTO rating_case (case_id, division, body, item, win, late) VALUES ($1, $2, $3, $4, $5, $6)`,
				int64(id), c.Division, c.Body, c.Item, c.Window, flag(c.late))
		} else if was.late != c.late {
			tx.Queue(`UPDATE rating_case SET late = $2 WHERE case_id = $1`, int64(id), flag(c.late))
		}
	}
	saveCounts(tx, counts)
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func read(events []casework.Event) ([]news, error) {
	list := make([]news, 0, len(events))
	for _, e := range events {
		if e.IsJournal() {
			continue // what administrators do is no case
		}
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		list = append(list, news{e, env})
	}
	return list, nil
}

// trackedBefore reads what is known of the follow-ups and complaints among the cases of the events.
func trackedBefore(ctx context.Context, tx *store.Tx, list []news) (map[store.ID]tracked, error) {
	found := map[store.ID]tracked{}
	var ids []int64
	for i := range list {
		if t := list[i].env.Type; t == FollowupKind || t == ComplaintKind {
			ids = append(ids, int64(list[i].event.Case))
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		c, err := store.One(ctx, tx, func(row store.Row) (c tracked, err error) {
			var late int
			err = row.Scan(&c.Division, &c.Body, &c.Item, &c.Window, &late)
			c.late = late != 0
			return c, err
		}, `SELECT division, body, item, win, late FROM rating_case WHERE case_id = $1`, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("what case %d is counted under: %w", id, err)
		}
		found[store.ID(id)] = c
	}
	return found, nil
}

func saveCounts(tx *store.Tx, counts map[key]Tally) {
	for _, k := range slices.SortedFunc(maps.Keys(counts), compareKeys) {
		t := counts[k]
		args := []any{k.Division, k.Body, k.Item, k.Window, int64(k.Day)}
		for _, f := range t.fields() {
			args = append(args, *f)
		}
		tx.Queue(`INSERT INTO rating_count (division, body, item, win, day, `+tallyColumns+`) VALUES (`+countPlaceholders+`)
			ON CONFLICT (division, body, item, win, day) DO UPDATE SET grade1 = rating_count.grade1 + excluded.grade1,
			grade2 = rating_count.grade2 + excluded.grade2, grade3 = rating_count.grade3 + excluded.grade3,
			grade4 = rating_count.grade4 + excluded.grade4, grade5 = rating_count.grade5 + excluded.grade5,
			followed = rating_count.followed + excluded.followed, closed = rating_count.closed + excluded.closed,
			overdue = rating_count.overdue + excluded.overdue, settled = rating_count.settled + excluded.settled,
			filed = rating_count.filed + excluded.filed, declined = rating_count.declined + excluded.declined,
			answered = rating_count.answered + excluded.answered, tardy = rating_count.tardy + excluded.tardy,
			contented = rating_count.contented + excluded.contented, reviewed = rating_count.reviewed + excluded.reviewed`, args...)
	}
}

var countPlaceholders = store.Placeholders(1, 20)

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.Division, b.Division), cmp.Compare(a.Body, b.Body), cmp.Compare(a.Item, b.Item),
		cmp.Compare(a.Window, b.Window), cmp.Compare(a.Day, b.Day))
}

// Difference is a place and day whose counts are not what the log and the ratings of visits say.
type Difference struct {
	Place
	Day     calendar.Date
	Kept    Tally // what stands in the database
	Counted Tally
}

// Recount counts the log again, as far as the slice has read it, and the ratings of visits, and returns every difference.
func (s *Service) Recount(ctx context.Context) ([]Difference, error) {
	kept, counted, upto, err := s.kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("recount ratings: %w", err)
	}
	cases := map[store.ID]tracked{}
	for at := int64(0); at < upto; {
		events, err := s.log.Events(ctx, at, min(upto-at, 1000))
		if err != nil {
			return nil, fmt.Errorf("recount ratings: %w", err)
		}
		if len(events) == 0 {
			return nil, fmt.Errorf("recount ratings: the log ends at %d, but was read up to %d", at, upto)
		}
		at = events[len(events)-1].Leaf + 1
		list, err := read(events)
		if err != nil {
			return nil, fmt.Errorf("recount ratings: %w", err)
		}
		for i := range list {
			place, t := count(&list[i], cases)
			if t == (Tally{}) {
				continue
			}
			k := key{place, calendar.Of(list[i].event.At)}
			sum := counted[k]
			sum.add(t)
			counted[k] = sum
		}
	}
	var out []Difference
	for k, t := range counted {
		if kept[k] != t {
			out = append(out, Difference{k.Place, k.Day, kept[k], t})
		}
	}
	for k, t := range kept {
		if _, ok := counted[k]; !ok && t != (Tally{}) {
			out = append(out, Difference{k.Place, k.Day, t, Tally{}})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return compareKeys(key{a.Place, a.Day}, key{b.Place, b.Day}) })
	return out, nil
}

// kept reads the counts, the ratings of visits counted anew, and up to which place of the log the counts go: again when they moved
// meanwhile.
func (s *Service) kept(ctx context.Context) (kept, visits map[key]Tally, upto int64, err error) {
	for range 100 {
		before, err := s.log.Next(ctx, Consumer)
		if err != nil {
			return nil, nil, 0, err
		}
		if visits, err = s.countVisits(ctx); err != nil {
			return nil, nil, 0, err
		}
		if kept, err = s.counts(ctx); err != nil {
			return nil, nil, 0, err
		}
		again, err := s.countVisits(ctx)
		if err != nil {
			return nil, nil, 0, err
		}
		if upto, err = s.log.Next(ctx, Consumer); err != nil || upto == before && maps.Equal(visits, again) {
			return kept, visits, upto, err
		}
	}
	return nil, nil, 0, errors.New("the counts never stood still")
}

// counts reads all counts.
func (s *Service) counts(ctx context.Context) (map[key]Tally, error) {
	out := map[key]Tally{}
	_, err := store.All(ctx, s.DB.Read(), func(row store.Row) (k key, err error) {
		var t Tally
		err = row.Scan(append([]any{&k.Division, &k.Body, &k.Item, &k.Window, &k.Day}, t.scan()...)...)
		out[k] = t
		return k, err
	}, `SELECT division, body, item, win, day, `+tallyColumns+` FROM rating_count`)
	return out, err
}

// countVisits counts the ratings of visits.
func (s *Service) countVisits(ctx context.Context) (map[key]Tally, error) {
	out := map[key]Tally{}
	_, err := store.All(ctx, s.DB.Read(), func(row store.Row) (k key, err error) {
		var grade, n int64
		err = row.Scan(&k.Division, &k.Body, &k.Item, &k.Window, &k.Day, &grade, &n)
		t := out[k]
		t.Grades[grade-1] += n
		out[k] = t
		return k, err
	}, `SELECT division, body, item, win, day, grade, count(*) FROM rating_visit GROUP BY division, body, item, win, day, grade`)
	return out, err
}
