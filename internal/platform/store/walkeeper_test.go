package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// However much is written, the engine keeps the lock by which other programs on the same file see that somebody is there. Without it the
// next one that opens the file begins its log anew, and what was written is lost.
func TestLocksAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hall.db")
	db, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	write := func(query string) {
		t.Helper()
		if err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error { return tx.Exec(ctx, query) }); err != nil {
			t.Fatal(err)
		}
	}
	write(`CREATE TABLE t (id BIGINT NOT NULL)`)
	for range 50 {
		write(`INSERT INTO t (id) VALUES (1)`)
		db.wal.look(t.Context())
	}
	info, err := os.Stat(path + "-shm")
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("%T", info.Sys())
	}
	held, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	// 128 is the byte that each who uses the index of the log has a lock on (UNIX_SHM_DMS in os_unix.c).
	if want := regexp.MustCompile(fmt.Sprintf(`(?m)POSIX +ADVISORY +READ +%d .*:%d 128 128$`, os.Getpid(), stat.Ino)); !want.Match(held) {
		t.Errorf("the lock is gone; there are:\n%s", held)
	}
}

// The log of SQLite stays short although there is no moment in which nobody reads, and nothing that was written is lost.
func TestLogStaysShortUnderReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hall.db")
	db, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	files := fstest.MapFS{"00001_t.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (id BIGINT PRIMARY KEY, body BYTEA NOT NULL);\n-- +goose Down\nDROP TABLE t;\n")}}
	if err := db.Migrate(t.Context(), Migrations{Module: "t", Files: files}); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, 64<<10)
	write := func(id int) {
		t.Helper()
		err := db.Write(t.Context(), func(_ context.Context, tx *Tx) error {
			tx.Queue(`INSERT INTO t (id, body) VALUES ($1, $2)`, id, body)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(0)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				rows, err := db.Read().Query(context.WithoutCancel(ctx), `SELECT id FROM t ORDER BY id`)
				if err != nil {
					t.Error(err)
					return
				}
				rows.Next()
				time.Sleep(3 * time.Millisecond) // longer than others take to begin
				if err := errors.Join(rows.Err(), rows.Close()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	const writes = 1500 // of 17 pages at least: more than six times what the log may hold
	longest := 0
	for id := 1; id <= writes; id++ {
		write(id)
		n, err := db.wal.frames(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, n)
	}
	stop()
	readers.Wait()
	if longest > 3*walFrames {
		t.Errorf("the log grew to %d pages, want about %d", longest, walFrames)
	}
	var n int
	if err := db.Read().QueryRow(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil || n != writes+1 {
		t.Errorf("%d rows, %v", n, err)
	}
}
