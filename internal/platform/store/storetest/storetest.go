// Package storetest gives tests a real, empty database on every engine.
//
// SQLite is always there. PostgreSQL is used when OPENHALL_TEST_POSTGRES holds the URL of a server on which databases may be
// created; make check starts one and sets it.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
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
	dsn := URL(t, engine)
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context(), append([]store.Migrations{store.Schema()}, sets...)...); err != nil {
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
	server := os.Getenv(PostgresEnv)
	if server == "" {
		t.Fatalf("%s is not set: give the URL of a PostgreSQL server, or run make check", PostgresEnv)
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	name := "t_" + hex.EncodeToString(b[:])
	admin(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.Background(), statement)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
