package supervision

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// By is what counts are grouped by.
type By string

// The groupings.
const (
	ByTotal    By = ""         // one line for all
	ByDivision By = "division" // the divisions one level below
	ByBody     By = "body"     // of a division its own bodies, of a post those for which it took in
	ByItem     By = "item"     // by basic code
	ByPost     By = "post"     // of a body the posts at windows that took in for it; of posts each
	ByKind     By = "kind"     // of cases
	ByDay      By = "day"
)

// Scope is what somebody looks at. Of Posts, Body and Division the first that is given counts; one of them is required. Posts with a
// Body are what these posts took in for it: counted as a total, by day, kind and post.
type Scope struct {
	Division string   // with all below it
	Body     string   // of the division
	Posts    []string // at the windows of a centre
	Kind     string   // of the cases; empty: all
	Item     string   // empty: all
}

// keys are the scopes of the counters that the scope is made of.
func (s Scope) keys() (keys []string) {
	switch {
	case len(s.Posts) > 0:
		for _, p := range s.Posts {
			keys = append(keys, ofPost+p)
		}
	case s.Body != "":
		keys = []string{ofBody + s.Body}
	default:
		keys = []string{ofDivision + s.Division}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// where chooses the lines of the scope: those of the days from and to, both included, or those of ever when both are 0. Kinds are all
// that the scope has lines of: named, they lead to the lines wanted, past all others of the scope.
func (s Scope) where(kinds []string, by By, from, to calendar.Date) (w condition) {
	w.among("scope", s.keys())
	w.among("kind", kinds)
	part := by
	if by == ByDay || by == ByKind || by == ByPost && len(s.Posts) > 0 {
		part = ByTotal
	}
	if len(s.Posts) > 0 && s.Body != "" {
		w.add("item = ? AND part = ? AND part_key = ?", s.Item, string(ByBody), s.Body)
	} else {
		w.add("item = ? AND part = ?", s.Item, string(part))
	}
	if from == 0 && to == 0 && by != ByDay {
		w.add("day = 0")
		return w
	}
	w.add("day > 0 AND day >= ?", int64(from))
	if to != 0 {
		w.add("day <= ?", int64(to))
	}
	return w
}

// column is what the lines of the counters are grouped by.
func (s Scope) column(by By) (string, error) {
	switch by {
	case ByTotal:
		return "''", nil
	case ByDivision, ByBody, ByItem:
		return "part_key", nil
	case ByPost:
		if len(s.Posts) > 0 {
			return "substr(scope, 3)", nil
		}
		return "part_key", nil
	case ByKind:
		return "kind", nil
	case ByDay:
		return "day", nil
	default:
		return "", fmt.Errorf("counts can't be grouped by %q", by)
	}
}

// Count is the sum over one group. Key is a division, a body, an item, a post, a kind or a day (YYYY-MM-DD).
type Count struct {
	Key string
	Tally
}

// What the lines of a board need of a tally: of the days asked for, and of ever. Counting what nobody looks at would cost as much again.
var (
	wholeTally = func(t *Tally) []*int64 { return t.fields() }
	daysTally  = func(t *Tally) []*int64 {
		return []*int64{&t.Received, &t.Ended, &t.Rated[0], &t.Rated[1], &t.Rated[2], &t.Rated[3], &t.Rated[4], &t.Gross, &t.Paused}
	}
	everTally = func(t *Tally) []*int64 {
		return []*int64{&t.Received, &t.Ended, &t.Standing, &t.LitAmber, &t.LitYellow, &t.LitRed}
	}
)

// sumsOf are the columns that hold some of the fields of a tally, summed.
func sumsOf(some func(*Tally) []*int64) string {
	var t Tally
	wanted := some(&t)
	var columns []string
	for i, f := range t.fields() {
		if slices.Contains(wanted, f) {
			columns = append(columns, "CAST(sum("+tallyNames[i]+") AS BIGINT)")
		}
	}
	return strings.Join(columns, ", ")
}

var wholeSums, daysSums, everSums = sumsOf(wholeTally), sumsOf(daysTally), sumsOf(everTally)

// Counts returns sums by group, ordered by key. Without days it counts ever, and how open cases stand.
func (s *Supervision) Counts(ctx context.Context, sc Scope, by By, from, to calendar.Date) ([]Count, error) {
	kinds, err := s.kinds(ctx, sc)
	if err != nil {
		return nil, err
	}
	return s.counts(ctx, sc, kinds, by, from, to, wholeSums, wholeTally)
}

func (s *Supervision) counts(ctx context.Context, sc Scope, kinds []string, by By, from, to calendar.Date, sums string, fields func(*Tally) []*int64) ([]Count, error) {
	column, err := sc.column(by)
	if err != nil || len(kinds) == 0 {
		return nil, err
	}
	w := sc.where(kinds, by, from, to)
	return store.All(ctx, s.db.Read(), func(row store.Row) (c Count, err error) {
		var day calendar.Date
		into := make([]any, 1, len(tallyNames)+1)
		if into[0] = &c.Key; by == ByDay {
			into[0] = &day
		}
		for _, f := range fields(&c.Tally) {
			into = append(into, f)
		}
		if err = row.Scan(into...); by == ByDay {
			c.Key = day.String()
		}
		return c, err
	}, `SELECT `+column+` AS k, `+sums+` FROM supervision_count`+w.String()+` GROUP BY k ORDER BY k`, w.args...)
}

// kinds are the kinds of cases of which the scope has lines: its own, or all. Each is found by one look into the index.
func (s *Supervision) kinds(ctx context.Context, sc Scope) (kinds []string, err error) {
	if sc.Kind != "" {
		return []string{sc.Kind}, nil
	}
	for _, key := range sc.keys() {
		for _, table := range []string{"supervision_count", "supervision_card_count"} {
			more, err := store.All(ctx, s.db.Read(), store.Scalar[string], `WITH RECURSIVE k (kind) AS (
				SELECT min(kind) FROM `+table+` WHERE scope = $1
				UNION ALL SELECT (SELECT min(c.kind) FROM `+table+` c WHERE c.scope = $1 AND c.kind > k.kind) FROM k WHERE k.kind IS NOT NULL)
				SELECT kind FROM k WHERE kind IS NOT NULL`, key)
			if err != nil {
				return nil, fmt.Errorf("kinds of cases: %w", err)
			}
			kinds = append(kinds, more...)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}

// Row is a line of a board: what happened in the days asked for, what ever did and how open cases stand, and which cards are open.
type Row struct {
	Key   string
	Days  Tally            // what came in and ended, its time and its ratings; the rest is not counted
	Ever  Tally            // what came in and ended, and how open cases stand; the rest is not counted
	Cards map[Colour]int64 // open ones
}

// Rows (看板) returns the lines of a board: of the scope itself, or of what it consists of. Cards are not counted by post.
func (s *Supervision) Rows(ctx context.Context, sc Scope, by By, from, to calendar.Date) ([]Row, error) {
	kinds, err := s.kinds(ctx, sc)
	if err != nil || len(kinds) == 0 {
		return nil, err
	}
	days, err := s.counts(ctx, sc, kinds, by, from, to, daysSums, daysTally)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	ever, err := s.counts(ctx, sc, kinds, by, 0, 0, everSums, everTally)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	rows := make([]Row, 0, len(ever))
	row := func(key string) *Row {
		i, found := slices.BinarySearchFunc(rows, key, func(r Row, k string) int { return strings.Compare(r.Key, k) })
		if !found {
			rows = slices.Insert(rows, i, Row{Key: key, Cards: map[Colour]int64{}})
		}
		return &rows[i]
	}
	for _, c := range ever {
		row(c.Key).Ever = c.Tally
	}
	for _, c := range days {
		row(c.Key).Days = c.Tally
	}
	if len(sc.Posts) > 0 || by == ByPost {
		return rows, nil
	}
	type open struct {
		key    string
		colour Colour
		n      int64
	}
	column, err := sc.column(by)
	if err != nil {
		return nil, err
	}
	w := sc.where(kinds, by, 0, 0)
	cards, err := store.All(ctx, s.db.Read(), func(row store.Row) (o open, err error) {
		return o, row.Scan(&o.key, &o.colour, &o.n)
	}, `SELECT `+column+` AS k, colour, CAST(sum(open) AS BIGINT) FROM supervision_card_count`+w.String()+` GROUP BY k, colour ORDER BY k, colour`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("cards of the board: %w", err)
	}
	for _, o := range cards {
		if o.n != 0 {
			row(o.key).Cards[o.colour] = o.n
		}
	}
	return rows, nil
}

// Title returns what the newest case of an item is called, or the zero text.
func (s *Supervision) Title(ctx context.Context, item string) (lang.Text, error) {
	titles, err := store.All(ctx, s.db.Read(), func(row store.Row) (lang.Text, error) {
		var raw []byte
		if err := row.Scan(&raw); err != nil {
			return lang.Text{}, err
		}
		return textOf(raw)
	}, `SELECT c.title FROM (SELECT case_id FROM supervision_record WHERE item = $1 ORDER BY received_at DESC, case_id DESC LIMIT 1) AS newest
		JOIN case_ c ON c.id = newest.case_id`, item)
	if err != nil || len(titles) == 0 {
		return lang.Text{}, err
	}
	return titles[0], nil
}

// Freshness says how far the figures of a board reach.
type Freshness struct {
	Counted int64     // events of the log that are in the figures
	Waiting int64     // events of the log that are not yet
	Newest  time.Time // when the newest that is counted happened; zero when none is
}

// Freshness tells how far the figures reach: as far as the slower of counters and cards.
func (s *Supervision) Freshness(ctx context.Context) (f Freshness, err error) {
	log := ledger.OpenReader(s.db)
	f.Counted = -1
	for _, consumer := range []string{CountConsumer, Consumer} {
		next, err := log.Next(ctx, consumer)
		if err != nil {
			return f, err
		}
		behind, err := log.Behind(ctx, consumer)
		if err != nil {
			return f, err
		}
		if f.Counted < 0 || next < f.Counted {
			f.Counted = next
		}
		f.Waiting = max(f.Waiting, behind)
	}
	if f.Counted == 0 {
		return f, nil
	}
	last, err := log.Events(ctx, f.Counted-1, 1)
	if err != nil {
		return f, fmt.Errorf("newest event counted: %w", err)
	}
	if len(last) > 0 {
		f.Newest = last[0].At
	}
	return f, nil
}
