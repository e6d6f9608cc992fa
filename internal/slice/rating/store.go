package rating

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "rating", Files: files}
}

// bad is a bad rating as it is kept.
type bad struct {
	Entry
	of      store.ID // case that was rated; 0: a visit
	seq     int64
	reasons string // JSON
}

func saveBad(tx *store.Tx, b bad) {
	tx.Queue(`INSERT INTO rating_bad (id, case_id, seq, division, body, item, win, grade, reasons, at, followup, number, status, due_at, closed_at,
		late, closure, comment, withheld) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', '', 0, 0, 0, '', '', 0) ON CONFLICT (id) DO NOTHING`,
		int64(b.ID), int64(b.of), b.seq, b.Place.Division, b.Place.Body, b.Place.Item, b.Place.Window, b.Grade, b.reasons, store.Micros(b.At))
}

const badColumns = `id, case_id, seq, division, body, item, win, grade, reasons, at, followup, number, status, due_at, closed_at, late, closure,
	comment, withheld`

func scanBad(row store.Row) (b bad, err error) {
	var at, due, closed int64
	var late, withheld int
	if err = row.Scan(&b.ID, &b.of, &b.seq, &b.Place.Division, &b.Place.Body, &b.Place.Item, &b.Place.Window, &b.Grade, &b.reasons, &at,
		&b.Case, &b.Number, &b.Status, &due, &closed, &late, &b.Closure, &b.Comment, &withheld); err != nil {
		return b, err
	}
	b.At, b.Due, b.Closed, b.Late, b.Withheld = store.Instant(at), store.Instant(due), store.Instant(closed), late != 0, withheld != 0
	if err := json.Unmarshal([]byte(b.reasons), &b.Reasons); err != nil {
		return b, fmt.Errorf("reasons of rating %s: %w", b.ID, err)
	}
	return b, nil
}

func (s *Service) bad(ctx context.Context, id store.ID) (bad, error) {
	b, err := store.One(ctx, s.DB.Read(), scanBad, `SELECT `+badColumns+` FROM rating_bad WHERE id = $1`, int64(id))
	if err != nil {
		return b, fmt.Errorf("bad rating %s: %w", id, err)
	}
	return b, nil
}

// Filter chooses ratings and complaints. Empty fields choose all.
type Filter struct {
	Division string // its subtree
	Body     string
	Item     string
	Window   string
	From, To calendar.Date // both included; 0: open
	Before   *Cursor
	Limit    int // 1 to 100; 0: 20
}

// Cursor is the place in a register after which a page goes on.
type Cursor struct {
	At int64 // UTC microseconds
	ID store.ID
}

// where puts a condition together. Texts stay few, because each field is asked for or not.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(cond string, values ...any) {
	for _, v := range values {
		w.args = append(w.args, v)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.parts = append(w.parts, cond)
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

func (f *Filter) where() (w where) {
	if f.Division != "" {
		prefix := casework.Subtree(f.Division)
		w.add("division >= ?", prefix)
		w.add("division <= ?", prefix+strings.Repeat("9", 12-len(prefix)))
	}
	for _, c := range []struct{ column, value string }{{"body", f.Body}, {"item", f.Item}, {"win", f.Window}} {
		if c.value != "" {
			w.add(c.column+" = ?", c.value)
		}
	}
	return w
}

func (f *Filter) page(w *where, id string) string {
	if f.Before != nil {
		w.add("(at, "+id+") < (?, ?)", f.Before.At, int64(f.Before.ID))
	}
	limit := f.Limit
	if limit <= 0 || limit > 100 {
		limit = 20
	}
	w.args = append(w.args, limit)
	return w.String() + fmt.Sprintf(" ORDER BY at DESC, %s DESC LIMIT $%d", id, len(w.args))
}

// BadRatings returns the register of bad ratings, the latest first.
func (s *Service) BadRatings(ctx context.Context, f Filter) ([]Entry, error) {
	w := f.where()
	list, err := store.All(ctx, s.DB.Read(), scanBad, `SELECT `+badColumns+` FROM rating_bad`+f.page(&w, "id"), w.args...)
	if err != nil {
		return nil, fmt.Errorf("register of ratings: %w", err)
	}
	out := make([]Entry, len(list))
	for i := range list {
		out[i] = list[i].Entry
	}
	return out, nil
}

// FollowupOf returns the bad rating of a case; ok is false when it has none, or it is not known yet.
func (s *Service) FollowupOf(ctx context.Context, rated store.ID) (e Entry, ok bool, err error) {
	list, err := store.All(ctx, s.DB.Read(), scanBad, `SELECT `+badColumns+` FROM rating_bad WHERE case_id = $1 AND case_id > 0`, int64(rated))
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0].Entry, true, nil
}

// Complaints returns the register of complaints, the latest first.
func (s *Service) Complaints(ctx context.Context, f Filter) ([]Complaint, error) {
	w := f.where()
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (c Complaint, err error) {
		var at, due, closed int64
		var late int
		err = row.Scan(&c.Case, &c.Number, &c.Place.Division, &c.Place.Body, &c.Place.Item, &c.Place.Window, &c.Matter, &at, &c.Status, &due,
			&closed, &late, &c.Verdict, &c.Summary)
		c.At, c.Due, c.Closed, c.Late = store.Instant(at), store.Instant(due), store.Instant(closed), late != 0
		return c, err
	}, `SELECT case_id, number, division, body, item, win, matter, at, status, due_at, closed_at, late, verdict, summary FROM rating_complaint`+
		f.page(&w, "case_id"), w.args...)
	if err != nil {
		return nil, fmt.Errorf("register of complaints: %w", err)
	}
	return list, nil
}

// By is what figures are grouped by.
type By string

// The groupings.
const (
	ByBody   By = "body"
	ByItem   By = "item"
	ByWindow By = "win"
)

// Figure is the sum over one group.
type Figure struct {
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

// Figures returns sums by group, in the order of the keys. What belongs to no item or window in particular is left out of those groups.
func (s *Service) Figures(ctx context.Context, f Filter, by By) ([]Figure, error) {
	w := f.where()
	if f.From != 0 {
		w.add("day >= ?", int64(f.From))
	}
	if f.To != 0 {
		w.add("day <= ?", int64(f.To))
	}
	switch by {
	case ByBody:
	case ByItem, ByWindow:
		w.add(string(by) + " <> ''")
	default:
		return nil, fmt.Errorf("ratings can't be grouped by %q", by)
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (x Figure, err error) {
		return x, row.Scan(append([]any{&x.Key}, x.scan()...)...)
	}, `SELECT `+string(by)+`, `+sums+` FROM rating_count`+w.String()+` GROUP BY `+string(by)+` ORDER BY `+string(by), w.args...)
	if err != nil {
		return nil, fmt.Errorf("figures of ratings: %w", err)
	}
	return list, nil
}
