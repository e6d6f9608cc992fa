package main

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
)

// filled are demos on SQLite that were filled once, by the instant at which their clocks stand: tests work on copies, because filling takes
// longer than most of them.
var filled = struct {
	sync.Mutex
	folder string
	at     map[int64]string
}{at: map[int64]string{}}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, folder := range []string{filled.folder, built.folder} {
		if folder != "" && os.RemoveAll(folder) != nil && code == 0 {
			code = 1
		}
	}
	os.Exit(code)
}

// copyOfDemo returns where a copy of the demo of an instant stands that is the test's own.
func copyOfDemo(t *testing.T, now time.Time) app.Config {
	t.Helper()
	mine := t.TempDir()
	if err := os.CopyFS(mine, os.DirFS(filledAt(t, now))); err != nil {
		t.Fatal(err)
	}
	return inFolder(mine)
}

func inFolder(folder string) app.Config {
	return app.Config{Data: filepath.Join(folder, "data"), Database: "sqlite:" + filepath.Join(folder, "openhall.db")}
}

// filledAt fills the demo of an instant, unless another test has.
func filledAt(t *testing.T, now time.Time) string {
	t.Helper()
	filled.Lock()
	defer filled.Unlock()
	if folder := filled.at[now.UnixNano()]; folder != "" {
		return folder
	}
	if filled.folder == "" {
		var err error
		if filled.folder, err = os.MkdirTemp("", "openhall-demo-"); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(filled.folder, strconv.FormatInt(now.UnixNano(), 10))
	if err := os.MkdirAll(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := inFolder(folder)
	c.BaseURL, c.Origin, c.Jurisdiction, c.Division = "http://localhost", "localhost/log", "cn-ah", "340000000000"
	before := now.Add(-time.Minute) // numbers of rows are taken from the clock: it does not stand at the same instant twice
	n := assembleAt(t, c, func() time.Time { return before })
	fillDemo(t, n)
	closeNode(t, n)
	filled.at[now.UnixNano()] = folder
	return folder
}
