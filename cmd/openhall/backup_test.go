package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/backup"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// engines are those that are there to be tested on.
func engines(t *testing.T) []store.Engine {
	t.Helper()
	if os.Getenv(storetest.PostgresEnv) == "" {
		t.Logf("%s is not set: SQLite only", storetest.PostgresEnv)
		return []store.Engine{store.SQLite}
	}
	return []store.Engine{store.SQLite, store.Postgres}
}

// A hall is copied while it is worked in, and brought back: the same cases, the same log, each upload; and it can be worked in again.
// What is wrong in a copy is found; old copies go. One demo serves all of it: making it takes longer than the rest.
func TestBackup(t *testing.T) {
	t.Parallel()
	for _, engine := range engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			n := demoOn(t, engine, time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone))
			cases := playMatters(t, n)
			sequenceAll(t, n)
			backups := t.TempDir()
			done := make(chan error)
			go func() { done <- rateAgain(n, cases) }()
			dir, m, err := backup.Take(t.Context(), sourceOf(n, n.Now), backups)
			if err := errors.Join(err, <-done); err != nil {
				t.Fatal(err)
			}
			if m.Uploads == 0 || m.Entries < int64(len(cases)) {
				t.Fatalf("the backup holds %d uploads and %d entries; the hall has %d cases", m.Uploads, m.Entries, len(cases))
			}
			target := app.Config{
				Data: t.TempDir(), Database: storetest.URL(t, engine), BaseURL: "http://localhost", Origin: n.Config.Origin,
				Jurisdiction: "cn-ah", Division: "340000000000",
			}
			to := backup.Target{Database: target.Database, Files: filepath.Join(target.Data, "files")}
			if _, err := backup.Restore(t.Context(), dir, to); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Restore(t.Context(), dir, to); err == nil {
				t.Error("a hall was brought back over one that was there")
			}
			copyKeys(t, n.Config.Data, target.Data)
			back, err := app.OpenBase(t.Context(), target, n.Now, n.Log)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = back.Close() }()
			for _, table := range []string{"case_", "task", "file_", "identity_account", "registry_division", "power_implementation"} {
				count := `SELECT count(*) FROM ` + table
				was, err1 := store.Scalar[int](n.DB.Read().QueryRow(t.Context(), count))
				is, err2 := store.Scalar[int](back.DB.Read().QueryRow(t.Context(), count))
				if err := errors.Join(err1, err2); err != nil || was != is || was == 0 {
					t.Errorf("%s: %d rows, %d brought back, %v", table, was, is, err)
				}
			}
			who, err := back.Identity.AccountByLogin(t.Context(), "person.chen")
			if err != nil || who.Number == "" {
				t.Errorf("what was sealed can't be read after the way back: %v", err)
			}
			if engine == store.SQLite {
				sequenceAll(t, n)
				t.Run("altered", func(t *testing.T) { findsAlterations(t, n) })
				t.Run("pruned", func(t *testing.T) { prunes(t, n) })
			}
		})
	}
}

// copyKeys puts the keys back by hand, as an operator does.
func copyKeys(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(to, "keys"), os.DirFS(filepath.Join(from, "keys"))); err != nil {
		t.Fatal(err)
	}
}

// sourceOf is the hall of a node, copied at the instants of a clock.
func sourceOf(n *app.Node, now func() time.Time) backup.Source {
	return backup.Source{Database: n.Config.Database, Files: filepath.Join(n.Config.Data, "files"), Version: "test", Now: now}
}

func sequenceAll(t *testing.T, n *app.Node) {
	t.Helper()
	for {
		placed, err := n.Ledger.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if placed == 0 {
			return
		}
	}
}

// rateAgain writes while the hall is copied: the ended matters are rated, some for the second time, which is refused.
func rateAgain(n *app.Node, cases []*casework.Case) error {
	for _, c := range cases {
		if c.Open() || c.Party == 0 {
			continue
		}
		_, err := n.Cases.Do(context.Background(), casework.Command{
			Key: "during the backup", Case: c.ID, Act: casework.Rate{Grade: 4},
			Actor: identity.Principal{Kind: identity.Person, Account: c.Party},
		})
		var refused *casework.Refusal
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// findsAlterations: whatever is missing or altered in a backup is found before anything is brought back.
func findsAlterations(t *testing.T, n *app.Node) {
	t.Helper()
	for _, c := range []struct {
		what  string
		spoil func(t *testing.T, backups, dir string)
	}{
		{"a byte of the database", func(t *testing.T, _, dir string) { flip(t, filepath.Join(dir, "openhall.db")) }},
		{"a byte of an upload", func(t *testing.T, backups, _ string) { flip(t, anUpload(t, backups)) }},
		{"an upload is gone", func(t *testing.T, backups, _ string) { remove(t, anUpload(t, backups)) }},
		{"the list of uploads is shorter", func(t *testing.T, _, dir string) {
			path := filepath.Join(dir, "files.txt")
			data, err := os.ReadFile(path)
			if err == nil {
				_, rest, _ := strings.Cut(string(data), "\n")
				err = os.WriteFile(path, []byte(rest), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"it was never finished", func(t *testing.T, _, dir string) { remove(t, filepath.Join(dir, "manifest.json")) }},
		{"the manifest names a file elsewhere", func(t *testing.T, _, dir string) {
			replace(t, filepath.Join(dir, "manifest.json"), `"openhall.db"`, `"../openhall.db"`)
		}},
		{"the manifest is of a later program", func(t *testing.T, _, dir string) {
			replace(t, filepath.Join(dir, "manifest.json"), `"format": 1`, `"format": 3`)
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			backups := t.TempDir()
			dir, _, err := backup.Take(t.Context(), sourceOf(n, n.Now), backups)
			if err != nil {
				t.Fatal(err)
			}
			c.spoil(t, backups, dir)
			target := t.TempDir()
			if _, err := backup.Restore(t.Context(), dir, backup.Target{Database: "sqlite:" + filepath.Join(target, "openhall.db"), Files: filepath.Join(target, "files")}); err == nil {
				t.Fatal("it was brought back")
			}
			if left, err := os.ReadDir(target); err != nil || len(left) > 0 {
				t.Errorf("something was written: %v, %v", left, err)
			}
		})
	}
}

// prunes: old backups go, with the uploads that only they needed; a backup that was broken off goes with the next one.
func prunes(t *testing.T, n *app.Node) {
	t.Helper()
	now := n.Now()
	backups := t.TempDir()
	later := func(hours int) func() time.Time {
		return func() time.Time { return now.Add(time.Duration(hours) * time.Hour) }
	}
	broken := filepath.Join(backups, now.UTC().Format("2006-01-02T150405Z"))
	if err := os.MkdirAll(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for hours := 1; hours <= 3; hours++ {
		dir, _, err := backup.Take(t.Context(), sourceOf(n, later(hours)), backups)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	if _, err := os.Stat(broken); !errors.Is(err, os.ErrNotExist) {
		t.Error("what was broken off is still there")
	}
	orphan := filepath.Join(backups, "files", "00", "7")
	if err := errors.Join(os.MkdirAll(filepath.Dir(orphan), 0o700), os.WriteFile(orphan, []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	removed, err := backup.Prune(backups, 2)
	if err != nil || removed != 1 {
		t.Fatalf("%d removed, %v; want 1", removed, err)
	}
	left, err := backup.List(backups)
	if err != nil || strings.Join(left, " ") != strings.Join(dirs[1:], " ") {
		t.Errorf("left: %v, %v; want %v", left, err, dirs[1:])
	}
	if _, err := os.Stat(orphan); !errors.Is(err, os.ErrNotExist) {
		t.Error("an upload that nobody needs is still there")
	}
	for _, dir := range left {
		if _, err := backup.Check(t.Context(), dir); err != nil {
			t.Error(err)
		}
	}
	if _, err := backup.Prune(backups, 0); err == nil {
		t.Error("all backups could be removed")
	}
}

func flip(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		data[len(data)/2] ^= 1
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func replace(t *testing.T, path, old, with string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil && !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %s", path, old)
	}
	if err == nil {
		err = os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, with)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func anUpload(t *testing.T, backups string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(backups, "files", "*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("the pool holds no upload: %v", err)
	}
	return found[0]
}

// Wrong arguments and missing folders are named, and nothing is made.
func TestBackupRefuses(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"backup"}, "--to DIR"},
		{[]string{"backup", "--to", nowhere, "--keep", "-1"}, "at least one backup is kept"},
		{[]string{"backup", "--data", nowhere, "--to", nowhere}, "no database to copy"},
		{[]string{"backup", "list", nowhere}, "no folder of backups"},
		{[]string{"backup", "check", nowhere}, "is no backup"},
		{[]string{"restore", nowhere, "--data", nowhere}, "is no backup"},
		{[]string{"board", "check", "--data", nowhere}, "no database to check"},
		{[]string{"erase", "list", "--data", nowhere}, "holds no hall"},
		{[]string{"keys", "reseal", "--data", nowhere}, "holds no hall"},
		{[]string{"keys", "reseal", "--batch", "0", "--data", nowhere}, "--batch is 1 to 5000"},
		{[]string{"keys", "retire", "--data", nowhere}, "holds no hall"},
	} {
		if out, err := run(t, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v: %s; want %q", c.args, err, out, c.want)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a folder was made")
	}
}
