package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

func eraseCase(t *testing.T, db *store.DB, id store.ID) {
	t.Helper()
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return ledger.EraseCase(ctx, tx, id) }); err != nil {
		t.Fatal(err)
	}
}

// Erasing private values leaves every receipt and the whole log valid: the log never held them.
func TestEraseLeavesProofs(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		insert(t, db, cases(1, 3)...)
		exec(t, db, `UPDATE event SET sealed = $1`, []byte("secret"))
		sequence(t, l)
		before, err := l.Receipt(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		eraseCase(t, db, 2)
		left, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM event WHERE sealed IS NOT NULL AND case_id <> 2`))
		if err != nil || left != 8 {
			t.Errorf("private rows of the other cases: %d, %v; want 8", left, err)
		}
		gone, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM event WHERE sealed IS NOT NULL AND case_id = 2`))
		if err != nil || gone != 0 {
			t.Errorf("private rows of the case: %d, %v; want 0", gone, err)
		}
		after, err := l.Receipt(t.Context(), 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []interface{ Encode() ([]byte, error) }{before, after} {
			if _, err := r.Encode(); err != nil {
				t.Error(err)
			}
		}
		if _, err := before.Verify(k.Verifier); err != nil {
			t.Errorf("receipt from before: %v", err)
		}
		if _, err := after.Verify(k.Verifier); err != nil {
			t.Errorf("receipt from after: %v", err)
		}
		verify(t, l.Source(t.Context()), k, 12)
	})
}

// What was erased can't be found in the bytes of the database file.
func TestErasedValuesLeaveTheFile(t *testing.T) {
	dsn := storetest.URL(t, store.SQLite)
	path := strings.TrimPrefix(dsn, "sqlite:")
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), append([]store.Migrations{store.Schema()}, schemas...)...); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)") // the keeper of the write-ahead log may be at it
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	file := func() []byte {
		t.Helper()
		var busy, pages, moved int // the write-ahead log is moved into the file and emptied
		if err := raw.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil || busy != 0 {
			t.Fatalf("checkpoint: busy %d, %v", busy, err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	mark, other := []byte("sealed-bytes-that-must-go"), []byte("sealed-bytes-that-stay")
	exec(t, db, `INSERT INTO event (id, case_id, seq, at, kind, content, sealed) VALUES (1, 1, 1, 1, 'x', '{}', $1)`, append(bytes.Repeat([]byte{7}, 300), mark...))
	exec(t, db, `INSERT INTO event (id, case_id, seq, at, kind, content, sealed) VALUES (2, 2, 1, 1, 'x', '{}', $1)`, other)
	if !bytes.Contains(file(), mark) {
		t.Fatal("the test looks for the wrong bytes: they are not in the file before erasing either")
	}
	eraseCase(t, db, 1)
	if data := file(); bytes.Contains(data, mark) || !bytes.Contains(data, other) {
		t.Errorf("the erased value is in the file: %v (want false); the other case's: %v (want true)", bytes.Contains(data, mark), bytes.Contains(data, other))
	}
}
