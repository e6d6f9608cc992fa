package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoSnapshot says that the engine copies itself by its own programs, not by this one.
var ErrNoSnapshot = errors.New("this engine is copied by its own programs")

// Snapshot writes the database as it is at one instant into a new file, while it goes on being written. SQLite only: PostgreSQL
// has pg_dump.
func (db *DB) Snapshot(ctx context.Context, path string) error {
	if db.engine != SQLite {
		return ErrNoSnapshot
	}
	// Not by the one writer: readers copy while the writer goes on.
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	_, err = conn.ExecContext(ctx, `PRAGMA query_only = 0`)
	if err == nil {
		_, err = conn.ExecContext(ctx, `VACUUM INTO ?`, path)
	}
	_, back := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA query_only = 1`)
	if err = errors.Join(err, back, conn.Close()); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return nil
}

// Intact asks the engine whether the structure of the database is whole. SQLite only; PostgreSQL checks its pages by itself.
func (db *DB) Intact(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	verdict, err := Scalar[string](db.Read().QueryRow(ctx, `PRAGMA integrity_check(1)`))
	if err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check the database: %s", verdict)
	}
	return nil
}
