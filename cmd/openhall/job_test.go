package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/store"
)

func runCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// An operator sees what was given up and why, and begins it anew.
func TestJobListAndRetry(t *testing.T) {
	dir := t.TempDir()
	if _, err := runCommand(t, "job", "list", "--data", dir); err == nil || !strings.Contains(err.Error(), "no database yet") {
		t.Fatalf("without a database: %v", err)
	}
	db, err := store.Open(t.Context(), "sqlite:"+dir+"/openhall.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), store.Schema(), job.Schema()); err != nil {
		t.Fatal(err)
	}
	ids, err := store.NewIDs(0, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	q, err := job.New(job.Options{DB: db, IDs: ids, Now: time.Now, Holder: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	refused := job.Permanent(errors.New("the mail server answered 550"))
	if err := q.Register("notify.mail", func(context.Context, job.Job) error { return refused }, job.Lane{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return q.Enqueue(ctx, tx, "notify.mail", "a", nil, time.Time{})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ args, says string }{
		{"job list", "the mail server answered 550"},
		{"job list --json", `"Kind":"notify.mail"`},
		{"job list --state open", "no jobs are open"},
		{"job retry --all --dry-run", "notify.mail"},
		{"job retry --kind other", "0 jobs begin anew"},
		{"job retry --all", "1 jobs begin anew"},
		{"job list", "no jobs are dead"},
		{"job list --state open", "notify.mail"},
	} {
		if out, err := runCommand(t, append(strings.Fields(row.args), "--data", dir)...); err != nil || !strings.Contains(out, row.says) {
			t.Errorf("openhall %s: %s%v; want %q", row.args, out, err, row.says)
		}
	}
	for args, says := range map[string]string{
		"job retry": "name the jobs", "job retry x": "identifier", "job list --state lost": "want dead, open or done", "job list --limit 0": "want 1 to 1000",
	} {
		if _, err := runCommand(t, append(strings.Fields(args), "--data", dir)...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("openhall %s: %v; want %q", args, err, says)
		}
	}
}
