package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are the numbered SQL files of one module. Each module counts its own. A file that was released is never altered.
//
// While a release comes in, the program before it goes on working on the same tables. So a file only adds: a table, a column with a
// default, an index (expand). What is no longer needed goes a release later (contract), by a file that says so itself, in its own
// transaction, because from then on a program that does not know it must not start:
//
//	INSERT INTO schema_floor (module, version) VALUES ('rating', 40)
//	ON CONFLICT (module) DO UPDATE SET version = excluded.version;
type Migrations struct {
	Module string // the name of the module; its table of applied versions is schema_MODULE
	Files  fs.FS  // NNNNN_what.sql at the top, in goose's form
}

// ErrOlderProgram says that the tables have been changed for a newer program in a way that this one can't work with.
var ErrOlderProgram = errors.New("this program is older than the database")

// Migrate brings the tables of every module to the newest version. Nodes that start together wait for each other. Tables that a newer
// program has added to are left as they are; where one has taken something away, nothing is done and the answer is [ErrOlderProgram].
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
	if !db.grounded {
		if err := db.migrate(ctx, Schema()); err != nil {
			return fmt.Errorf("migrate store: %w", err)
		}
		db.grounded = true
	}
	for _, set := range sets {
		if err := db.checkFloor(ctx, set); err != nil {
			return err
		}
	}
	for _, set := range sets {
		if err := db.migrate(ctx, set); err != nil {
			return fmt.Errorf("migrate %s: %w", set.Module, err)
		}
	}
	return nil
}

// checkFloor refuses to work on tables from which a newer program has taken something away.
func (db *DB) checkFloor(ctx context.Context, set Migrations) error {
	var floor int64
	err := db.write.QueryRowContext(ctx, `SELECT version FROM schema_floor WHERE module = $1`, set.Module).Scan(&floor)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("migrate %s: who can work on its tables: %w", set.Module, err)
	}
	known, err := set.newest()
	if err != nil {
		return fmt.Errorf("migrate %s: %w", set.Module, err)
	}
	if known < floor {
		return fmt.Errorf("%w: the tables of %s were brought to state %d by a newer one, and this one knows them up to %d. Start the newer program; the way back is a "+
			"backup from before the upgrade (openhall restore)", ErrOlderProgram, set.Module, floor, known)
	}
	return nil
}

// newest returns the number of the last file.
func (set Migrations) newest() (n int64, err error) {
	names, err := fs.Glob(set.Files, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		n = max(n, v)
	}
	return n, nil
}

func (db *DB) migrate(ctx context.Context, set Migrations) error {
	flavour := goose.DialectSQLite3
	var opts []goose.ProviderOption
	if db.engine == Postgres {
		flavour = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	table, err := database.NewStore(flavour, "schema_"+set.Module)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectCustom, db.write, dialect(db.engine, set.Files), append(opts, goose.WithStore(table))...)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// dialect returns the files in the words of the engine. One word differs: SQLite keeps a table in the order of its key, without
// an index beside it, only when the key is written INTEGER PRIMARY KEY; its integers have 64 bits all the same.
func dialect(e Engine, files fs.FS) fs.FS {
	if e == SQLite {
		return sqliteFiles{files}
	}
	return files
}

type sqliteFiles struct{ fs.FS }

func (f sqliteFiles) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	return rewritten(file)
}

func rewritten(file fs.File) (fs.File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	data, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	data = keyColumn.ReplaceAll(data, []byte("INTEGER PRIMARY KEY"))
	return &memoryFile{Reader: bytes.NewReader(data), FileInfo: info, size: int64(len(data))}, nil
}

var keyColumn = regexp.MustCompile(`\bBIGINT\s+PRIMARY KEY\b`)

// memoryFile is a file with other content.
type memoryFile struct {
	*bytes.Reader
	fs.FileInfo
	size int64
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memoryFile) Size() int64                { return f.size }
func (f *memoryFile) Close() error               { return nil }
