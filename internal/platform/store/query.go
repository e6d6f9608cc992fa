package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// ErrNotFound says that the row asked for is not there.
var ErrNotFound = errors.New("not found")

// Row is one row of an answer.
type Row interface{ Scan(dest ...any) error }

// Querier reads: both the readers of a database and an open transaction are one.
type Querier interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
}

// Reader reads outside any transaction.
type Reader struct{ s *statements }

// Read returns the readers of the database. Queries should be constant texts: each is prepared once and kept.
func (db *DB) Read() Reader { return Reader{db.stmts} }

// Query runs a query. The caller closes the rows.
func (r Reader) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := r.s.get(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case st == nil:
		return r.s.db.QueryContext(ctx, query, args...)
	default:
		return st.QueryContext(ctx, args...)
	}
}

// QueryRow runs a query of which one row is wanted. Scan answers [ErrNotFound] when there is none.
func (r Reader) QueryRow(ctx context.Context, query string, args ...any) Row {
	st, err := r.s.get(ctx, query)
	switch {
	case err != nil:
		return failedRow{err}
	case st == nil:
		return row{r.s.db.QueryRowContext(ctx, query, args...)}
	default:
		return row{st.QueryRowContext(ctx, args...)}
	}
}

type row struct{ *sql.Row }

func (r row) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// All runs a query and returns every row as read by scan.
func All[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) (out []T, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// One runs a query and returns its single row as read by scan, or [ErrNotFound].
func One[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) (T, error) {
	return scan(q.QueryRow(ctx, query, args...))
}

// Scalar reads a row of one column.
func Scalar[T any](r Row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// Placeholders returns "$from, …" for n parameters, for an IN list or a row of VALUES.
func Placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// statements keeps prepared statements of the readers by their text.
type statements struct {
	db   *sql.DB
	form func(query string) string // in which a text is prepared
	mu   sync.RWMutex
	m    map[string]*sql.Stmt
}

// maxStatements bounds the statements kept; texts beyond it are sent unprepared.
const maxStatements = 1000

func newStatements(db *sql.DB, engine Engine) *statements {
	s := &statements{db: db, form: unnamed, m: map[string]*sql.Stmt{}}
	if engine == Postgres {
		s.form = func(query string) string { return query }
	}
	return s
}

// get returns the prepared statement of a text, or nil when no more are kept.
func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	st, full := s.m[query], len(s.m) >= maxStatements
	s.mu.RUnlock()
	if st != nil || full {
		return st, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.m[query]; st != nil {
		return st, nil
	}
	st, err := s.db.PrepareContext(context.WithoutCancel(ctx), s.form(query))
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", query, err)
	}
	s.m[query] = st
	return st, nil
}

func (s *statements) close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for q, st := range s.m {
		errs = append(errs, st.Close())
		delete(s.m, q)
	}
	return errors.Join(errs...)
}

// Bytes receives a value of bytes as the driver made it. A []byte would be copied once more, because drivers may use their memory again; ours
// give each value memory of its own, and a test holds them to it. For large values that are read by the hundred.
type Bytes []byte

// Scan implements [sql.Scanner].
func (b *Bytes) Scan(value any) error {
	v, ok := value.([]byte)
	if !ok && value != nil {
		return fmt.Errorf("store: %T where bytes were expected", value)
	}
	*b = v
	return nil
}
