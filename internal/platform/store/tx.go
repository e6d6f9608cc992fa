package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrMoved says that a row is not as it was when the change to it was decided: another transaction was first. Nothing of the
// transaction was kept; read the row again and decide anew.
var ErrMoved = errors.New("the row has moved since it was read")

// Tx is an open transaction. It is used by one goroutine.
type Tx struct {
	w     *writer
	queue []statement
	after []func()
	last  []*ending
}

type statement struct {
	query string
	args  []any
	one   bool // it must touch one row
}

// Engine returns which engine the transaction runs on.
func (tx *Tx) Engine() Engine { return tx.w.db.engine }

// ForUpdate is [DB.ForUpdate].
func (tx *Tx) ForUpdate() string { return tx.w.db.ForUpdate() }

// Queue keeps a statement that answers nothing until the next read, [Tx.Flush] or the commit. Queued statements travel to
// PostgreSQL in one round trip.
func (tx *Tx) Queue(query string, args ...any) {
	tx.queue = append(tx.queue, statement{query, args, false})
}

// QueueOne is [Tx.Queue] for a change that must touch one row. When it touches another number, what runs it fails with
// [ErrMoved]: a change can so be conditional on the row being as it was read, without reading it again first.
func (tx *Tx) QueueOne(query string, args ...any) {
	tx.queue = append(tx.queue, statement{query, args, true})
}

// OnCommit keeps a function to be called once the transaction is on disk; never when it is rolled back.
func (tx *Tx) OnCommit(f func()) { tx.after = append(tx.after, f) }

// Flush runs the queued statements, in order.
func (tx *Tx) Flush(ctx context.Context) error {
	if len(tx.queue) == 0 {
		return nil
	}
	queue := tx.queue
	tx.queue = tx.queue[:0]
	defer clear(queue)
	if tx.w.db.engine == Postgres && len(queue) > 1 {
		return tx.w.pipeline(ctx, queue)
	}
	for _, s := range queue {
		res, err := tx.w.exec(ctx, s.query, s.args)
		if err != nil {
			return err
		}
		if !s.one {
			continue
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(s.moved(), err)
		}
	}
	return nil
}

func (s *statement) moved() error { return fmt.Errorf("%w: %.40q", ErrMoved, s.query) }

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.ExecCount(ctx, query, args...)
	return err
}

// ExecCount runs a statement and returns how many rows it touched.
func (tx *Tx) ExecCount(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.Flush(ctx); err != nil {
		return 0, err
	}
	res, err := tx.w.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query runs a query inside the transaction. The caller closes the rows before the next statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.Flush(ctx); err != nil {
		return nil, err
	}
	st, err := tx.w.statement(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case st == nil:
		return tx.w.conn.QueryContext(ctx, query, args...)
	default:
		return st.QueryContext(ctx, args...)
	}
}

// QueryRow runs a query of which one row is wanted. Scan answers [ErrNotFound] when there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	if err := tx.Flush(ctx); err != nil {
		return failedRow{err}
	}
	st, err := tx.w.statement(ctx, query)
	switch {
	case err != nil:
		return failedRow{err}
	case st == nil:
		return row{tx.w.conn.QueryRowContext(ctx, query, args...)}
	default:
		return row{st.QueryRowContext(ctx, args...)}
	}
}

// Write runs fn in a transaction of its own and commits it. When fn fails, nothing is changed. A transaction that the engine
// gave up for another one's sake (deadlock, serialisation) is run again, so fn must have no effect but through tx. The
// transaction is finished even if ctx is cancelled meanwhile: whoever asked may be gone, the answer must stay true.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	var w *writer
	select {
	case w = <-db.conns:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.conns <- w }()
	ctx = context.WithoutCancel(ctx)
	for try := 1; ; try++ {
		err := w.transact(ctx, fn)
		if err == nil || try == maxTries || !IsConflict(err) {
			return err
		}
	}
}

const maxTries = 5

// IsConflict reports whether the engine gave the transaction up so that another one could go on. [DB.Write] runs it again if it is told: who
// puts an error into other words inside a transaction leaves this one as it is.
func IsConflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// IsDuplicate reports whether a statement failed because a row with the same key is already there.
func IsDuplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite interface{ Code() int }
	const constraintPrimaryKey, constraintUnique = 1555, 2067
	return errors.As(err, &lite) && (lite.Code() == constraintUnique || lite.Code() == constraintPrimaryKey)
}

// writer owns one connection that carries transactions.
type writer struct {
	db    *DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (w *writer) transact(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	if err := w.ready(ctx); err != nil {
		return err
	}
	begin := "BEGIN"
	if w.db.engine == SQLite {
		begin = "BEGIN IMMEDIATE"
	}
	if _, err := w.exec(ctx, begin, nil); err != nil {
		return errors.Join(fmt.Errorf("begin: %w", err), w.discard())
	}
	done := false
	defer func() {
		if done {
			return
		}
		// Also reached by a panic in fn: the connection must never go back with an open transaction.
		if _, rerr := w.exec(ctx, "ROLLBACK", nil); rerr != nil {
			err = errors.Join(err, w.discard())
		}
	}()
	tx := &Tx{w: w}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.end(ctx); err != nil {
		return err
	}
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	if _, err := w.exec(ctx, "COMMIT", nil); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	w.db.wal.committed()
	for _, f := range tx.after {
		f()
	}
	return nil
}

func (w *writer) ready(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	c, err := w.db.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	w.conn, w.stmts = c, map[string]*sql.Stmt{}
	return nil
}

// discard gives a connection up for good.
func (w *writer) discard() error {
	if w.conn == nil {
		return nil
	}
	c := w.conn
	w.conn, w.stmts = nil, nil
	err := c.Raw(func(any) error { return driver.ErrBadConn })
	if err = errors.Join(err, c.Close()); errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// release hands the connection back to the pool, for work that needs the pool itself.
func (w *writer) release() error {
	if w.conn == nil {
		return nil
	}
	c := w.conn
	w.conn, w.stmts = nil, nil
	return c.Close()
}

// statement returns the prepared form of a text on SQLite, where preparing costs more than running. pgx keeps its own: nil.
func (w *writer) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if w.db.engine == Postgres {
		return nil, nil
	}
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", query, err)
	}
	if len(w.stmts) >= maxStatements {
		for q, old := range w.stmts {
			delete(w.stmts, q)
			if err := old.Close(); err != nil {
				return nil, errors.Join(err, st.Close())
			}
		}
	}
	w.stmts[query] = st
	return st, nil
}

func (w *writer) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	st, err := w.statement(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case st == nil:
		return w.conn.ExecContext(ctx, query, args...)
	default:
		return st.ExecContext(ctx, args...)
	}
}

// pipeline sends statements to PostgreSQL in one round trip.
func (w *writer) pipeline(ctx context.Context, queue []statement) error {
	batch := &pgx.Batch{}
	for _, s := range queue {
		queued := batch.Queue(s.query, s.args...)
		if s.one {
			queued.Exec(func(done pgconn.CommandTag) error {
				if done.RowsAffected() != 1 {
					return s.moved()
				}
				return nil
			})
		}
	}
	var failed error
	err := w.conn.Raw(func(c any) error {
		conn, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("pipeline: the driver is %T", c)
		}
		// The statement's own failure is kept apart: returned from Raw it would make database/sql give the connection up.
		failed = conn.Conn().SendBatch(ctx, batch).Close()
		return nil
	})
	return errors.Join(err, failed)
}
