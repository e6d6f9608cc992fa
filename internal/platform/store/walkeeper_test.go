package store

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

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
	longest := uint32(0)
	for id := 1; id <= writes; id++ {
		write(id)
		n, err := db.wal.frames()
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
