package store_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

var thing = []store.Migrations{{Module: "thing", Files: fstest.MapFS{"00001_thing.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE thing (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, body BYTEA);\n-- +goose Down\nDROP TABLE thing;\n")}}}}

func count(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := store.Scalar[int](db.Read().QueryRow(t.Context(), "SELECT count(*) FROM thing"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteIsAllOrNothing(t *testing.T) {
	storetest.Each(t, thing, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue("INSERT INTO thing (id, n) VALUES ($1, $2)", 1, 1)
			if n, err := store.Scalar[int](tx.QueryRow(ctx, "SELECT n FROM thing WHERE id = $1", 1)); err != nil || n != 1 {
				t.Errorf("a queued statement must run before a read: %d, %v", n, err)
			}
			return boom
		})
		if !errors.Is(err, boom) || count(t, db) != 0 {
			t.Fatalf("err %v, rows %d; want boom, 0", err, count(t, db))
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for i := range 5 {
				tx.Queue("INSERT INTO thing (id, n, body) VALUES ($1, $2, $3)", i, i, []byte{0, 1})
			}
			return nil
		})
		if err != nil || count(t, db) != 5 {
			t.Fatalf("err %v, rows %d; want nil, 5", err, count(t, db))
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue("INSERT INTO thing (id, n) VALUES ($1, $2)", 9, 9)
			tx.Queue("INSERT INTO thing (id, n) VALUES ($1, $2)", 3, 3)
			return nil
		})
		if !store.IsDuplicate(err) || count(t, db) != 5 {
			t.Fatalf("err %v, rows %d; want a duplicate, 5", err, count(t, db))
		}
		if err := db.Read().QueryRow(t.Context(), "SELECT n FROM thing WHERE id = $1", 77).Scan(new(int)); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("a missing row: %v; want ErrNotFound", err)
		}
	})
}

// A change that is conditional on a row fails as a whole when the row has moved, alone or among others; the connection lives on.
func TestQueueOneFindsOutThatARowMoved(t *testing.T) {
	storetest.Each(t, thing, func(t *testing.T, db *store.DB) {
		change := func(from, to int, more ...int) error {
			return db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
				tx.QueueOne("UPDATE thing SET n = $3 WHERE id = $1 AND n = $2", 1, from, to)
				for _, id := range more {
					tx.Queue("INSERT INTO thing (id, n) VALUES ($1, $2)", id, 0)
				}
				return nil
			})
		}
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, "INSERT INTO thing (id, n) VALUES ($1, $2)", 1, 1)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			from, to int
			more     []int
			moved    bool
			rows     int // afterwards
		}{
			{1, 2, nil, false, 1},
			{1, 3, nil, true, 1},
			{1, 3, []int{7, 8}, true, 1},
			{2, 4, []int{7, 8}, false, 3},
		} {
			err := change(step.from, step.to, step.more...)
			if errors.Is(err, store.ErrMoved) != step.moved || (err != nil && !step.moved) || count(t, db) != step.rows {
				t.Errorf("%+v: err %v, %d rows", step, err, count(t, db))
			}
		}
		if n, err := store.Scalar[int](db.Read().QueryRow(t.Context(), "SELECT n FROM thing WHERE id = $1", 1)); err != nil || n != 4 {
			t.Errorf("n = %d, %v; want 4", n, err)
		}
	})
}

// One request that breaks the transaction, or panics, harms no other of its batch.
func TestGroupKeepsRequestsApart(t *testing.T) {
	storetest.Each(t, thing, func(t *testing.T, db *store.DB) {
		refused := errors.New("refused")
		var mu sync.Mutex
		batches := 0
		g := store.NewGroup(db, func(_ context.Context, tx *store.Tx, batch []int) ([]store.Answer[int], error) {
			mu.Lock()
			batches++
			mu.Unlock()
			out := make([]store.Answer[int], len(batch))
			for i, q := range batch {
				switch q {
				case 13:
					out[i].Err = refused
				case 99:
					panic("a defect")
				default:
					tx.Queue("INSERT INTO thing (id, n) VALUES ($1, $2)", q%50, q)
					out[i].Value = q * 2
				}
			}
			return out, nil
		})
		defer g.Close()
		var wg sync.WaitGroup
		errs := make([]error, 100)
		for q := range 100 {
			wg.Go(func() {
				var v int
				v, errs[q] = g.Do(t.Context(), uint64(q), func() (int, error) { return q, nil })
				if errs[q] == nil && v != q*2 {
					t.Errorf("request %d got the answer of another: %d", q, v)
				}
			})
		}
		wg.Wait()
		ok := 0
		for q, err := range errs {
			switch {
			case err == nil:
				ok++
			case q == 13 && !errors.Is(err, refused), q == 99 && store.IsDuplicate(err):
				t.Errorf("request %d: %v", q, err)
			}
		}
		// 0..49 and 50..98 share keys but for 13 (refused) and 49/99: one of each pair is kept.
		if got := count(t, db); got != 50 || ok != 50 {
			t.Errorf("rows %d, accepted %d; want 50 and 50", got, ok)
		}
	})
}

func TestGroupRefusesAfterClose(t *testing.T) {
	db := storetest.New(t, store.SQLite, thing...)
	g := store.NewGroup(db, func(_ context.Context, _ *store.Tx, b []int) ([]store.Answer[int], error) {
		return make([]store.Answer[int], len(b)), nil
	})
	g.Close()
	if _, err := g.Do(t.Context(), 0, func() (int, error) { return 1, nil }); !errors.Is(err, store.ErrClosed) {
		t.Fatalf("%v; want ErrClosed", err)
	}
}

func TestLeaseIsHeldByOne(t *testing.T) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		a := store.Lease{DB: db, Name: "sequencer", Holder: "a", For: time.Minute, Now: clock}
		b := a
		b.Holder = "b"
		hold := func(l store.Lease, want bool) {
			t.Helper()
			if got, err := l.Hold(t.Context()); err != nil || got != want {
				t.Fatalf("%s holds: %v, %v; want %v", l.Holder, got, err, want)
			}
		}
		hold(a, true)
		hold(b, false)
		hold(a, true)
		now = now.Add(61 * time.Second)
		hold(b, true)
		hold(a, false)
		if err := b.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		hold(a, true)
	})
}

func TestIDs(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	g, err := store.NewIDs(7, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	seen := map[store.ID]bool{}
	var last store.ID
	for i := range 10_000 {
		if i == 5_000 {
			now = now.Add(-time.Hour) // a clock set back must not repeat an identifier
		}
		id := g.New()
		if seen[id] || id <= last || int64(id)>>12&1023 != 7 {
			t.Fatalf("identifier %d after %d: repeated, not growing, or of another node", id, last)
		}
		seen[id], last = true, id
	}
	if _, err := store.NewIDs(1024, nil); err == nil {
		t.Error("node 1024 was taken; only 0 to 1023 fit")
	}
	b, err := last.MarshalText()
	var back store.ID
	if err != nil || back.UnmarshalText(b) != nil || back != last {
		t.Errorf("text form of %d reads back as %d (%v)", last, back, err)
	}
	if _, err := store.ParseID("-1"); err == nil {
		t.Error("a negative identifier was taken")
	}
}

// Commands that run beside the nodes, and beside each other, have numbers that no node has, each its own.
func TestCommandNumber(t *testing.T) {
	storetest.Each(t, []store.Migrations{store.Schema()}, func(t *testing.T, db *store.DB) {
		const commands = 600 // more than there are numbers: they are taken in turn
		last := map[int]int{}
		for i := range commands {
			n, err := db.CommandNumber(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n <= store.MaxNode {
				t.Fatalf("command %d has the number %d, which is a node's", i, n)
			}
			if _, err := store.NewIDs(n, time.Now); err != nil {
				t.Fatalf("command %d: %v", i, err)
			}
			if before, ok := last[n]; ok && i-before < 512 {
				t.Fatalf("commands %d and %d have the number %d both", before, i, n)
			}
			last[n] = i
		}
	})
}

func TestOpenRefusesUnknownEngines(t *testing.T) {
	for _, dsn := range []string{"", "mysql://x", "sqlite:", filepath.Join(t.TempDir(), "x.db")} {
		if db, err := store.Open(t.Context(), dsn); err == nil {
			t.Errorf("%q was opened", dsn)
			_ = db.Close()
		}
	}
}

// Tables that a newer program has added to are worked with; those from which it has taken something away are refused, and left as they are.
func TestOlderProgramIsRefused(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)} }
	today := fstest.MapFS{"00001_a.sql": file(`CREATE TABLE a (x BIGINT NOT NULL);`)}
	next := fstest.MapFS{"00001_a.sql": today["00001_a.sql"], "00002_b.sql": file(`ALTER TABLE a ADD COLUMN y BIGINT NOT NULL DEFAULT 0;`)}
	far := fstest.MapFS{
		"00001_a.sql": today["00001_a.sql"], "00002_b.sql": next["00002_b.sql"],
		"00003_c.sql": file(`ALTER TABLE a DROP COLUMN x; INSERT INTO schema_floor (module, version) VALUES ('a', 3);`),
	}
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		for _, step := range []struct {
			what    string
			files   fstest.MapFS
			refused bool
		}{{"today", today, false}, {"next", next, false}, {"today beside next", today, false}, {"far", far, false}, {"next after far", next, true}, {"today after far", today, true}, {"far again", far, false}} {
			err := db.Migrate(t.Context(), store.Migrations{Module: "a", Files: step.files})
			if errors.Is(err, store.ErrOlderProgram) != step.refused || !step.refused && err != nil {
				t.Errorf("%s: %v", step.what, err)
			}
		}
		if err := db.Migrate(t.Context(), store.Migrations{Module: "other", Files: today}); err == nil {
			t.Error("a table was made twice")
		}
	})
}

// TestBytesAreNotUsedAgain holds the drivers to what Bytes builds on: what was read stays as it was while further rows are read, and after.
func TestBytesAreNotUsedAgain(t *testing.T) {
	storetest.Each(t, thing, func(t *testing.T, db *store.DB) {
		body := func(id int) []byte { return bytes.Repeat([]byte{byte(id)}, 9000+id) }
		const rows = 40
		err := db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
			for id := range rows {
				tx.Queue("INSERT INTO thing (id, n, body) VALUES ($1, $2, $3)", id, id, body(id))
			}
			tx.Queue("INSERT INTO thing (id, n, body) VALUES ($1, $2, $3)", rows, rows, nil)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		read := func() []store.Bytes {
			all, err := store.All(t.Context(), db.Read(), store.Scalar[store.Bytes], "SELECT body FROM thing ORDER BY id")
			if err != nil || len(all) != rows+1 {
				t.Fatalf("%d rows: %v", len(all), err)
			}
			return all
		}
		first := read()
		for range 3 {
			read()
		}
		for id, b := range first[:rows] {
			if !bytes.Equal(b, body(id)) {
				t.Fatalf("row %d has changed after it was read", id)
			}
		}
		if first[rows] != nil {
			t.Errorf("NULL is %v", first[rows])
		}
		if _, err := store.Scalar[store.Bytes](db.Read().QueryRow(t.Context(), "SELECT n FROM thing WHERE id = $1", 1)); err == nil {
			t.Error("a number was taken for bytes")
		}
	})
}
