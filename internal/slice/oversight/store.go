package oversight

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

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
	return store.Migrations{Module: "oversight", Files: files}
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// cursor returns the last card whose case was opened.
func (s *Service) cursor(ctx context.Context) (store.ID, error) {
	id, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT card FROM oversight_cursor WHERE id = 1`))
	if err != nil && !isNotFound(err) {
		return 0, fmt.Errorf("cursor of oversight: %w", err)
	}
	return store.ID(id), nil
}

func (s *Service) moveCursor(ctx context.Context, to store.ID) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO oversight_cursor (id, card) VALUES (1, $1)
			ON CONFLICT (id) DO UPDATE SET card = excluded.card WHERE oversight_cursor.card < excluded.card`, int64(to))
	})
	if err != nil {
		return fmt.Errorf("cursor of oversight: %w", err)
	}
	return nil
}

// OrderLine is an order as lists show it.
type OrderLine struct {
	Case      store.ID
	Number    string
	Title     string
	Division  string // of the body that answers
	Body      string
	Issuer    string // key of the body that issued it
	Above     string // division of that body
	Status    string
	IssuedAt  time.Time
	DueAt     time.Time // zero when nothing is awaited
	SettledAt time.Time // zero while it is open
}

// Open reports whether the order is open.
func (o *OrderLine) Open() bool { return o.SettledAt.IsZero() }

// recordOrder keeps the list of orders in step with their cases, in their transaction.
func recordOrder(_ context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		issuer, _ := c.Variables()["body"].(string)
		above, _ := c.Variables()["division"].(string)
		tx.Queue(`INSERT INTO oversight_order (case_id, number, title, division, body, issuer, above, status, issued_at, due_at, settled_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`, int64(c.ID), c.Number, c.Title.Hans, c.Division, c.Body, issuer, above,
			c.Status, store.Micros(c.CreatedAt), store.Micros(c.StatuteDue))
		return nil
	}
	tx.Queue(`UPDATE oversight_order SET status = $2, due_at = $3, settled_at = $4 WHERE case_id = $1`,
		int64(c.ID), c.Status, store.Micros(c.StatuteDue), store.Micros(c.EndedAt))
	return nil
}

// OrderFilter chooses orders. Empty fields choose all.
type OrderFilter struct {
	Issued string // division that issued them
	Body   string // that has to answer
	Status string
	Open   bool
	Before store.ID // cursor: the last id of the page before
	Limit  int
}

// Orders returns orders, the latest first.
func (s *Service) Orders(ctx context.Context, f OrderFilter) ([]OrderLine, error) {
	var terms []string
	var args []any
	add := func(term string, v any) {
		args = append(args, v)
		terms = append(terms, fmt.Sprintf(term, len(args)))
	}
	if f.Issued != "" {
		add("above = $%d", f.Issued)
	}
	if f.Body != "" {
		add("body = $%d", f.Body)
	}
	if f.Status != "" {
		add("status = $%d", f.Status)
	}
	if f.Open {
		terms = append(terms, "settled_at = 0")
	}
	if f.Before != 0 {
		add("case_id < $%d", int64(f.Before))
	}
	where := ""
	if len(terms) > 0 {
		where = " WHERE " + strings.Join(terms, " AND ")
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (o OrderLine, err error) {
		var issued, due, settled int64
		err = row.Scan(&o.Case, &o.Number, &o.Title, &o.Division, &o.Body, &o.Issuer, &o.Above, &o.Status, &issued, &due, &settled)
		o.IssuedAt, o.DueAt, o.SettledAt = store.Instant(issued), store.Instant(due), store.Instant(settled)
		return o, err
	}, `SELECT case_id, number, title, division, body, issuer, above, status, issued_at, due_at, settled_at FROM oversight_order`+where+
		fmt.Sprintf(" ORDER BY case_id DESC LIMIT %d", f.Limit), args...)
	if err != nil {
		return nil, fmt.Errorf("orders: %w", err)
	}
	return list, nil
}
