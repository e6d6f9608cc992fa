package supervision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// By is what counts are grouped by.
type By string

// The groupings.
const (
	ByDivision By = "division"
	ByBody     By = "body"
	BySubject  By = "subject"
	ByDay      By = "day"
)

// CountFilter chooses what is counted. Empty fields choose all.
type CountFilter struct {
	Division string // its subtree
	Body     string
	Subject  string
	From, To calendar.Date // both included; To 0: without end
}

func (f CountFilter) where() (w condition) {
	w.within(f.Division)
	w.equal("body", f.Body)
	w.equal("subject", f.Subject)
	if f.From != 0 {
		w.add("day >= ?", int64(f.From))
	}
	if f.To != 0 {
		w.add("day <= ?", int64(f.To))
	}
	return w
}

// Count is the sum over one group. Key is a division, a body, a subject or a day (YYYY-MM-DD).
type Count struct {
	Key string
	Tally
}

var sums = func() string {
	columns := strings.Split(tallyColumns, ", ")
	for i, c := range columns {
		columns[i] = "CAST(sum(" + c + ") AS BIGINT)"
	}
	return strings.Join(columns, ", ")
}()

// Counts returns sums by group, ordered by key.
func (s *Supervision) Counts(ctx context.Context, f CountFilter, by By) ([]Count, error) {
	if !slices.Contains([]By{ByDivision, ByBody, BySubject, ByDay}, by) {
		return nil, fmt.Errorf("counts can't be grouped by %q", by)
	}
	if by != ByDay {
		return s.sum(ctx, string(by), f.where())
	}
	w := f.where()
	return store.All(ctx, s.db.Read(), func(row store.Row) (c Count, err error) {
		var day calendar.Date
		err = row.Scan(append([]any{&day}, c.fields()...)...)
		c.Key = day.String()
		return c, err
	}, `SELECT day, `+sums+` FROM supervision_count`+w.String()+` GROUP BY day ORDER BY day`, w.args...)
}

func (s *Supervision) sum(ctx context.Context, key string, w condition) ([]Count, error) {
	return store.All(ctx, s.db.Read(), func(row store.Row) (c Count, err error) {
		return c, row.Scan(append([]any{&c.Key}, c.fields()...)...)
	}, `SELECT `+key+` AS k, `+sums+` FROM supervision_count`+w.String()+` GROUP BY k ORDER BY k`, w.args...)
}

// Row is a line of a board: what happened in the time asked for, and which cards are open now.
type Row struct {
	Key string // division or body
	Tally
	Open map[Colour]int64
}

// Board (看板) is what a supervisor of a division sees: the divisions one level below, and the bodies of the division itself.
type Board struct {
	Division  string
	From, To  calendar.Date
	Total     Row
	Divisions []Row
	Bodies    []Row
}

// Board returns the board of a division for the days from and to, both included.
func (s *Supervision) Board(ctx context.Context, division string, from, to calendar.Date) (Board, error) {
	b := Board{Division: division, From: from, To: to, Total: Row{Key: division, Open: map[Colour]int64{}}}
	days := CountFilter{From: from, To: to}
	below, own := days, days.where()
	below.Division = division
	own.add("division = ?", division)
	child := fmt.Sprintf("substr(division, 1, %d)", childDigits(division))
	low, high := span(division)
	var err error
	if b.Divisions, err = s.rows(ctx, child, below.where(), low, high); err != nil {
		return b, err
	}
	if b.Bodies, err = s.rows(ctx, "body", own, division, division); err != nil {
		return b, err
	}
	for i := range b.Divisions {
		r := &b.Divisions[i]
		r.Key += strings.Repeat("0", max(0, 12-len(r.Key)))
		b.Total.add(r.Tally)
		for colour, n := range r.Open {
			b.Total.Open[colour] += n
		}
	}
	// What is the division's own stands under its bodies.
	b.Divisions = slices.DeleteFunc(b.Divisions, func(r Row) bool { return r.Key == division })
	return b, nil
}

// childDigits is how many digits tell the divisions directly below apart.
func childDigits(division string) int {
	n := len(casework.Subtree(division))
	for _, next := range []int{4, 6, 9} {
		if n < next {
			return next
		}
	}
	return 12
}

func (s *Supervision) rows(ctx context.Context, key string, w condition, low, high string) ([]Row, error) {
	counts, err := s.sum(ctx, key, w)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	type open struct {
		key    string
		colour Colour
		n      int64
	}
	cards, err := store.All(ctx, s.db.Read(), func(row store.Row) (o open, err error) {
		return o, row.Scan(&o.key, &o.colour, &o.n)
	}, `SELECT `+key+` AS k, colour, count(*) FROM supervision_card WHERE closed_at = 0 AND division BETWEEN $1 AND $2
		GROUP BY k, colour ORDER BY k, colour`, low, high)
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	rows := make([]Row, 0, len(counts))
	row := func(key string) *Row {
		i, found := slices.BinarySearchFunc(rows, key, func(r Row, k string) int { return strings.Compare(r.Key, k) })
		if !found {
			rows = slices.Insert(rows, i, Row{Key: key, Open: map[Colour]int64{}})
		}
		return &rows[i]
	}
	for _, c := range counts {
		row(c.Key).Tally = c.Tally
	}
	for _, o := range cards {
		row(o.key).Open[o.colour] = o.n
	}
	return rows, nil
}
