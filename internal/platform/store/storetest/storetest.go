// Package storetest gives tests a real, empty database on every engine.
//
// SQLite is always there. PostgreSQL is used when OPENHALL_TEST_POSTGRES holds the URL of a server on which databases may be
// created; make check starts one and sets it.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"openhall.org/openhall/internal/platform/store"
)

// PostgresEnv names the environment variable with the URL of the PostgreSQL server for tests.
const PostgresEnv = "OPENHALL_TEST_POSTGRES"

// Each runs the test on an empty database of every engine, with the migrations applied.
func Each(t *testing.T, sets []store.Migrations, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, New(t, store.SQLite, sets...)) })
	if os.Getenv(PostgresEnv) == "" {
		t.Logf("%s is not set: SQLite only", PostgresEnv)
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, New(t, store.Postgres, sets...)) })
}

// New opens an empty database of the engine with the migrations applied, and removes it after the test.
func New(t testing.TB, engine store.Engine, sets ...store.Migrations) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), copied(t, engine, sets))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	// The tables are there; what is left of this is what a program does that starts on a database that it knows.
	if err := db.Migrate(t.Context(), sets...); err != nil {
		t.Fatal(err)
	}
	return db
}

// URL returns the URL of a new empty database of the engine, which is removed after the test.
func URL(t testing.TB, engine store.Engine) string {
	t.Helper()
	if engine == store.SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "openhall.db")
	}
	return create(t, "template1")
}

// create makes a database on the server like the one named, removes it after the test, and returns its URL.
func create(t testing.TB, like string) string {
	t.Helper()
	name := "t_" + rand.Text()
	admin(t, func(ctx context.Context, c *sql.Conn) error {
		_, err := c.ExecContext(ctx, fmt.Sprintf(`CREATE DATABASE %q TEMPLATE %q`, name, like))
		return err
	})
	t.Cleanup(func() {
		admin(t, func(ctx context.Context, c *sql.Conn) error {
			_, err := c.ExecContext(ctx, fmt.Sprintf(`DROP DATABASE %q WITH (FORCE)`, name))
			return err
		})
	})
	return database(t, name)
}

// database returns the URL of a database of the server.
func database(t testing.TB, name string) string {
	t.Helper()
	u, err := url.Parse(server(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func server(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		t.Fatalf("%s is not set: give the URL of a PostgreSQL server, or run make check", PostgresEnv)
	}
	return server
}

// admin does something on a connection to the server on which databases are made and dropped.
func admin(t testing.TB, do func(ctx context.Context, c *sql.Conn) error) {
	t.Helper()
	db, err := sql.Open("pgx", server(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background() // the test's own has ended when databases are dropped
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // what is locked on it must not outlive a test that fails
	if err := do(ctx, c); err != nil {
		t.Fatal(err)
	}
}
