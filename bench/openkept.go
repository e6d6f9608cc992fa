package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// openKept names the folder in which filled SQLite databases are kept from one run to the next, about 3 GB; that of the user's caches
// unless it says otherwise. On PostgreSQL they stay on the server, under names that begin with bench_open.
const openKept = "OPENHALL_BENCH_CACHE"

// fillVersion is to be raised when what fill writes changes.
const fillVersion = "4"

func openSchemas() []store.Migrations {
	return []store.Migrations{store.Schema(), registry.Schema(), casework.Schema(), file.Schema(), ledger.Schema(), supervision.Schema()}
}

// openName is what a filled database is called: another name as soon as anything about its tables has changed.
func openName(n int) (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, fillVersion, n) // a hash never fails
	for _, s := range openSchemas() {
		err := fs.WalkDir(s.Files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(s.Files, path)
			_, _ = fmt.Fprintf(h, "%s %s %d\n%s", s.Module, path, len(text), text)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("tables of %s: %w", s.Module, err)
		}
	}
	return fmt.Sprintf("bench_open_%x_%d", h.Sum(nil)[:6], n), nil
}

// filled returns the address of a database with n open cases. It is made when it is not there yet.
func filled(ctx context.Context, engine store.Engine, dir string, n int, report func(string, ...any)) (dsn string, err error) {
	name, err := openName(n)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	made := false
	if engine == store.SQLite {
		dsn, made, err = filledFile(ctx, name, dir, n)
	} else {
		dsn, made, err = filledOnServer(ctx, name, dir, n)
	}
	if err == nil && made {
		report("%s: %d open cases written in %v; kept as %s", engine, n, time.Since(begin).Round(time.Second), name)
	}
	return dsn, err
}

func filledFile(ctx context.Context, name, dir string, n int) (dsn string, made bool, err error) {
	kept := os.Getenv(openKept)
	if kept == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return "", false, fmt.Errorf("%s is not set: %w", openKept, err)
		}
		kept = filepath.Join(caches, "openhall-bench")
	}
	if err := os.MkdirAll(kept, 0o700); err != nil { //nolint:gosec // who runs the benchmark names the folder
		return "", false, err
	}
	path := filepath.Join(kept, name+".db")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // as above
		return "sqlite:" + path, false, err
	}
	half := path + ".half"
	if err := errors.Join(remove(half), fill(ctx, "sqlite:"+half, dir, n)); err != nil {
		return "", false, errors.Join(err, remove(half))
	}
	return "sqlite:" + path, true, errors.Join(os.Rename(half, path), remove(half)) //nolint:gosec // as above
}

// remove removes a database and what the engine keeps beside it.
func remove(path string) (err error) {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if e := os.Remove(path + end); !errors.Is(e, fs.ErrNotExist) { //nolint:gosec // as above
			err = errors.Join(err, e)
		}
	}
	return err
}

func filledOnServer(ctx context.Context, name, dir string, n int) (dsn string, made bool, err error) {
	u, err := url.Parse(os.Getenv("OPENHALL_TEST_POSTGRES"))
	if err != nil {
		return "", false, err
	}
	server, err := sql.Open("pgx", u.String())
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	var there int
	if err := server.QueryRowContext(ctx, `SELECT count(*) FROM pg_database WHERE datname = $1`, name).Scan(&there); err != nil {
		return "", false, err
	}
	u.Path = "/" + name
	dsn = u.String()
	if there > 0 {
		return dsn, false, nil
	}
	half := name + "_half"
	u.Path = "/" + half
	for _, step := range []func() error{
		func() error { _, err := server.ExecContext(ctx, "DROP DATABASE IF EXISTS "+half); return err },
		func() error { _, err := server.ExecContext(ctx, "CREATE DATABASE "+half); return err },
		func() error { return fill(ctx, u.String(), dir, n) },
		func() error { _, err := server.ExecContext(ctx, "ALTER DATABASE "+half+" RENAME TO "+name); return err },
	} {
		if err := step(); err != nil {
			return "", false, err
		}
	}
	return dsn, true, nil
}

// clockOf is a clock that went on from when the cases were written, however long ago that was: what is due stays as far away.
func clockOf(ctx context.Context, db *store.DB) (func() time.Time, error) {
	var at int64
	if err := db.Read().QueryRow(ctx, `SELECT at FROM bench_made`).Scan(&at); err != nil {
		return nil, fmt.Errorf("when the cases were written: %w", err)
	}
	began := time.Now()
	return func() time.Time { return time.UnixMicro(at).Add(time.Since(began)) }, nil
}
