package main

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// A figure that was changed behind the program's back is named, the exit code says so, and --repair mends it.
func TestBoardCheck(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "openhall.db"))
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.Migrate(t.Context(), store.Schema(), casework.Schema(), ledger.Schema(), supervision.Schema()))
	exec := func(query string, args ...any) {
		t.Helper()
		must(db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, query, args...) }))
	}
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	content, err := merkle.Canonical(casework.Envelope{Actor: casework.Actor{Kind: identity.Person}, At: at.Format("2006-01-02T15:04:05.000000Z"),
		Body: "hefei-water", Case: "C1", Division: "340100000000", Kind: casework.Submitted, Seq: 1, Subject: "item", Type: "approval", V: 1})
	must(err)
	exec(`INSERT INTO event (id, case_id, seq, at, kind, content) VALUES (1, 1, 1, $1, $2, $3)`, store.Micros(at), casework.Submitted, string(content))
	key, err := ledger.LoadKey(filepath.Join(dir, "log.key"), "test.openhall.org/log")
	must(err)
	log, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(err)
	_, err = log.Sequence(t.Context())
	must(err)

	check := func(args ...string) (string, error) {
		t.Helper()
		root := newRoot()
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetArgs(append([]string{"board", "check", "--data", dir}, args...))
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
	if out, err := check(); err != nil || !strings.Contains(out, "events counted: 0, waiting: 1, figures that differ: 0") {
		t.Fatalf("before anything was counted: %s, %v", out, err)
	}
	exec(`INSERT INTO ledger_cursor (name, next) VALUES ('supervision', 1), ('supervision.count', 1)`) // as if the event had been counted, and lost
	out, err := check()
	if err == nil || !strings.Contains(err.Error(), "--repair") || !strings.Contains(out, "received is 0, the events give 1") || !strings.Contains(out, "case C1: it is missing") {
		t.Fatalf("counted and lost: %s, %v; want it named, and an error", out, err)
	}
	if out, err = check("--repair"); err != nil || !strings.Contains(out, "repaired") {
		t.Fatalf("repair: %s, %v", out, err)
	}
	if out, err = check(); err != nil || !strings.Contains(out, "events counted: 1, waiting: 0, figures that differ: 0") {
		t.Errorf("after the repair: %s, %v", out, err)
	}
	must(db.Close())
	dir = filepath.Join(dir, "nothing")
	if _, err := check(); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a folder that is not there: %v; want the flag to be named", err)
	}
}
