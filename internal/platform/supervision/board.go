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

// where chooses the lines of the scope: those of the days from and to, both included, or those of ever when both are 0.
func (s Scope) where(by By, from, to calendar.Date) (w condition) {
	keys := s.keys()
	marks := strings.Repeat("?, ", len(keys)-1) + "?"
	values := make([]any, len(keys))
	for i, k := range keys {
		values[i] = k
	}
	w.add("scope IN ("+marks+")", values...)
	w.equal("kind", s.Kind)
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

var sums = func() string {
	columns := make([]string, len(tallyNames))
	for i, c := range tallyNames {
		columns[i] = "CAST(sum(" + c + ") AS BIGINT)"
	}
	return strings.Join(columns, ", ")
}()

// Counts returns sums by group, ordered by key. Without days it counts ever, and how open cases stand.
func (s *Supervision) Counts(ctx context.Context, sc Scope, by By, from, to calendar.Date) ([]Count, error) {
	column, err := sc.column(by)
	if err != nil {
		return nil, err
	}
	w := sc.where(by, from, to)
	return store.All(ctx, s.db.Read(), func(row store.Row) (c Count, err error) {
		if by != ByDay {
			return c, row.Scan(c.scan(&c.Key)...)
		}
		var day calendar.Date
		err = row.Scan(c.scan(&day)...)
		c.Key = day.String()
		return c, err
	}, `SELECT `+column+` AS k, `+sums+` FROM supervision_count`+w.String()+` GROUP BY k ORDER BY k`, w.args...)
}

// Row is a line of a board: what happened in the days asked for, what ever did and how open cases stand, and which cards are open.
type Row struct {
	Key   string
	Days  Tally
	Ever  Tally
	Cards map[Colour]int64 // open ones
}

// Rows (看板) returns the lines of a board: of the scope itself, or of what it consists of. Cards are not counted by post.
func (s *Supervision) Rows(ctx context.Context, sc Scope, by By, from, to calendar.Date) ([]Row, error) {
	days, err := s.Counts(ctx, sc, by, from, to)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	ever, err := s.Counts(ctx, sc, by, 0, 0)
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
	w := sc.where(by, 0, 0)
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
