package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"openhall.org/openhall/internal/platform/store"
)

// To migrate a database takes longer than most tests. It is done once for each set of migrations, and each test gets a copy: of a
// file that this process keeps in memory, or of a template that all processes share on their server.

// copied returns the URL of a new database of the engine in which the sets have been applied.
func copied(t testing.TB, engine store.Engine, sets []store.Migrations) string {
	t.Helper()
	if engine == store.SQLite {
		path := filepath.Join(t.TempDir(), "openhall.db")
		if err := os.WriteFile(path, migratedFile(t, sets), 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	return create(t, migratedTemplate(t, sets))
}

// files keeps the SQLite databases that this process has migrated, by the fingerprint of their sets.
var files struct {
	sync.Mutex
	of map[string][]byte
}

// migratedFile returns the bytes of a SQLite database in which the sets have been applied and nothing else is.
func migratedFile(t testing.TB, sets []store.Migrations) []byte {
	t.Helper()
	key := fingerprint(t, sets)
	files.Lock()
	defer files.Unlock()
	if b := files.of[key]; b != nil {
		return b
	}
	path := filepath.Join(t.TempDir(), "template.db")
	migrate(t, "sqlite:"+path, sets)
	b, err := os.ReadFile(path) //nolint:gosec // the file that was just migrated
	if err != nil {
		t.Fatal(err)
	}
	if files.of == nil {
		files.of = map[string][]byte{}
	}
	files.of[key] = b
	return b
}

// migratedTemplate returns the name of a PostgreSQL database in which the sets have been applied and nothing else is. It stays on
// the server, which make check throws away.
func migratedTemplate(t testing.TB, sets []store.Migrations) string {
	t.Helper()
	name := "template_" + fingerprint(t, sets)
	admin(t, func(ctx context.Context, c *sql.Conn) error {
		// The tests of several packages run at once: one of them migrates.
		if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name); err != nil {
			return err
		}
		var there bool
		if err := c.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
			return err
		}
		// It gets its name when it is finished: what is interrupted is never taken for it.
		half := "half_" + fingerprint(t, sets)
		for _, statement := range []string{`DROP DATABASE IF EXISTS %q WITH (FORCE)`, `CREATE DATABASE %q`} {
			if _, err := c.ExecContext(ctx, fmt.Sprintf(statement, half)); err != nil {
				return err
			}
		}
		migrate(t, database(t, half), sets)
		_, err := c.ExecContext(ctx, fmt.Sprintf(`ALTER DATABASE %q RENAME TO %q`, half, name))
		return err
	})
	return name
}

// migrate applies the sets to the database and lets go of it.
func migrate(t testing.TB, dsn string, sets []store.Migrations) {
	t.Helper()
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), append([]store.Migrations{store.Schema()}, sets...)...); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// fingerprint names what the sets say, in their order.
func fingerprint(t testing.TB, sets []store.Migrations) string {
	t.Helper()
	h := sha256.New()
	for _, set := range append([]store.Migrations{store.Schema()}, sets...) {
		_, _ = fmt.Fprintf(h, "%q\n", set.Module)
		err := fs.WalkDir(set.Files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
				return err
			}
			b, err := fs.ReadFile(set.Files, path)
			_, _ = fmt.Fprintf(h, "%q %q\n", path, b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
