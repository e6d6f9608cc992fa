package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are the numbered SQL files of one module. Each module counts its own.
type Migrations struct {
	Module string // the name of the module; its table of applied versions is schema_MODULE
	Files  fs.FS  // NNNNN_what.sql at the top, in goose's form
}

// Migrate brings the tables of every module to the newest version. Nodes that start together wait for each other.
func (db *DB) Migrate(ctx context.Context, sets ...Migrations) (err error) {
	// On SQLite the pool has one connection, and the writer keeps it: let go of it first.
	held := make([]*writer, 0, cap(db.conns))
	for range cap(db.conns) {
		w := <-db.conns
		held = append(held, w)
		err = errors.Join(err, w.release())
	}
	defer func() {
		for _, w := range held {
			db.conns <- w
		}
	}()
	if err != nil {
		return err
	}
	for _, set := range sets {
		if err := db.migrate(ctx, set); err != nil {
			return fmt.Errorf("migrate %s: %w", set.Module, err)
		}
	}
	return nil
}

func (db *DB) migrate(ctx context.Context, set Migrations) error {
	dialect := goose.DialectSQLite3
	var opts []goose.ProviderOption
	if db.engine == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	table, err := database.NewStore(dialect, "schema_"+set.Module)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectCustom, db.write, set.Files, append(opts, goose.WithStore(table))...)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}
