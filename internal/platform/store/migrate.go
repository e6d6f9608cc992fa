package store

import (
	"bytes"
	"context"
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
