package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

const origin = "test.openhall.org/log"

var (
	schemas = []store.Migrations{casework.Schema(), ledger.Schema()}
	noon    = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
)

func now() time.Time { return noon }

func newKey(t testing.TB) ledger.Key {
	t.Helper()
	k, err := ledger.LoadKey(filepath.Join(t.TempDir(), "keys", "log.key"), origin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func open(t testing.TB, db *store.DB, k ledger.Key, holder string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: k, Now: now, Log: slog.New(slog.DiscardHandler), Holder: holder})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// entry is an event row as casework writes it. Cases are numbered from 1; id decides in which order events wait.
type entry struct {
	id, kase, seq int64
	kind          string
}

func content(t testing.TB, e entry) string {
	t.Helper()
	b, err := merkle.Canonical(casework.Envelope{
		Actor: casework.Actor{Kind: identity.Person}, At: "2026-03-02T04:00:00.000000Z", Body: "b", Case: fmt.Sprintf("C%d", e.kase),
		Division: "340100000000", Kind: e.kind, Seq: e.seq, Subject: "s", Type: "licence", V: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func insert(t testing.TB, db *store.DB, entries ...entry) {
	t.Helper()
	err := db.Write(context.WithoutCancel(t.Context()), func(_ context.Context, tx *store.Tx) error {
		for _, e := range entries {
			if e.kind == "" {
				e.kind = casework.Completed
			}
			tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content) VALUES ($1, $2, $3, $4, $5, $6)`,
				e.id, e.kase, e.seq, store.Micros(noon), e.kind, content(t, e))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// cases makes n cases of four events each, one after the other, with ids from first on.
func cases(first, n int64) (out []entry) {
	for c := range n {
		for s := range int64(4) {
			id := first + c*4 + s
			out = append(out, entry{id: id, kase: first + c, seq: s + 1})
		}
	}
	return out
}

func sequence(t testing.TB, l *ledger.Ledger) (total int) {
	t.Helper()
	for {
		n, err := l.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return total
		}
		total += n
	}
}

func verify(t testing.TB, src merkle.Source, k ledger.Key, want int64, earlier ...merkle.Checkpoint) {
	t.Helper()
	r, err := merkle.VerifyLog(src, k.Verifier, earlier...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Entries != want || len(r.Earlier) != len(earlier) {
		t.Fatalf("the log has %d entries and contains %d earlier checkpoints; want %d and %d", r.Entries, len(r.Earlier), want, len(earlier))
	}
}

func TestSequenceAndReopen(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		verify(t, l.Source(t.Context()), k, 0)
		var earlier []merkle.Checkpoint
		size := int64(0)
		// Sizes on both sides of a full tile (256), and more than one round (1,024).
		for i, n := range []int64{1, 2, 60, 1, 1, 300, 520} {
			insert(t, db, cases(size+1, n)...)
			if got := sequence(t, l); got != int(4*n) {
				t.Fatalf("placed %d events; want %d", got, 4*n)
			}
			size += 4 * n
			verify(t, l.Source(t.Context()), k, size, earlier...)
			signed, err := l.Checkpoint(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c, err := merkle.OpenCheckpoint(signed, k.Verifier)
			if err != nil || c.Size != size || c.Origin != origin {
				t.Fatalf("checkpoint %+v, %v; want size %d", c, err, size)
			}
			earlier = append(earlier, c)
			if i%2 == 1 {
				l = open(t, db, k, "a") // a restart
			}
		}
		if lag, err := l.Lag(t.Context()); err != nil || lag != 0 {
			t.Errorf("lag %v, %v; want 0: nothing waits", lag, err)
		}
	})
}

// A case's events may get identifiers out of order when nodes with different clocks write them, and more may wait than one
// round takes. The log must still have them as 1, 2, 3, …, which VerifyLog demands.
func TestOrderWithinACase(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		var all []entry
		const n = 700 // cases; with three events each: more than two rounds
		for c := int64(1); c <= n; c++ {
			all = append(all, entry{id: 3*n + c, kase: c, seq: 1}, entry{id: c, kase: c, seq: 3}, entry{id: n + c, kase: c, seq: 2})
		}
		insert(t, db, all...)
		sequence(t, l)
		verify(t, l.Source(t.Context()), k, 3*n)
	})
}

func TestSequencersAtOnce(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		a, b := open(t, db, k, "a"), open(t, db, k, "b")
		const writers, each = 4, 60
		ctx, stop := context.WithCancel(t.Context())
		var writing, placing sync.WaitGroup
		for w := range int64(writers) {
			writing.Go(func() {
				for c := range int64(each) {
					for s := range int64(4) {
						first := 1 + w*each*4 + c*4
						insert(t, db, entry{id: first + s, kase: first, seq: s + 1})
					}
				}
			})
		}
		for _, l := range []*ledger.Ledger{a, b} {
			placing.Go(func() {
				for ctx.Err() == nil {
					if _, err := l.Sequence(ctx); err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
						return
					}
				}
			})
		}
		writing.Wait()
		stop()
		placing.Wait()
		sequence(t, a)
		verify(t, b.Source(t.Context()), k, writers*each*4)
		n, err := store.Scalar[int64](db.Read().QueryRow(t.Context(), `SELECT count(DISTINCT leaf) FROM event WHERE leaf BETWEEN 0 AND $1`, writers*each*4-1))
		if err != nil || n != writers*each*4 {
			t.Errorf("%d places are taken, %v; want %d", n, err, writers*each*4)
		}
	})
}

// A round that fails leaves nothing behind: neither places nor tiles nor a checkpoint.
func TestFailedRoundLeavesNothing(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		insert(t, db, cases(1, 3)...)
		sequence(t, l)
		insert(t, db, cases(101, 3)...)
		exec(t, db, `UPDATE event SET content = $2 WHERE id = $1`, 105, strings.Repeat("x", merkle.MaxEntry+1))
		if _, err := l.Sequence(t.Context()); !errors.Is(err, merkle.ErrEntryTooLong) {
			t.Fatalf("%v; want ErrEntryTooLong", err)
		}
		verify(t, l.Source(t.Context()), k, 12)
		exec(t, db, `UPDATE event SET content = $2 WHERE id = $1`, 105, content(t, entry{105, 102, 1, "x"}))
		exec(t, db, `UPDATE event SET kind = 'x' WHERE id = 105`)
		sequence(t, l)
		verify(t, l.Source(t.Context()), k, 24)
	})
}

func exec(t testing.TB, db *store.DB, query string, args ...any) {
	t.Helper()
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, query, args...) }); err != nil {
		t.Fatal(err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	attacks := []struct {
		name, query string
		want        error
		refused     bool // New refuses to go on with it
	}{
		{"a word of an event", `UPDATE event SET content = replace(content, '"subject":"s"', '"subject":"t"') WHERE leaf = 5`, merkle.ErrEntryAltered, false},
		{"an event removed", `DELETE FROM event WHERE leaf = 599`, fs.ErrNotExist, false},
		{"two events exchanged", `UPDATE event SET content = (SELECT e.content FROM event e WHERE e.leaf = 9) WHERE leaf = 5`, merkle.ErrSequence, false},
		{"a full tile", `UPDATE ledger_tile SET hashes = (SELECT t.hashes FROM ledger_tile t WHERE t.level = 0 AND t.number = 1) WHERE level = 0 AND number = 0`, merkle.ErrEntryAltered, false},
		{"the last tile", `UPDATE ledger_tile SET hashes = (SELECT t.hashes FROM ledger_tile t WHERE t.level = 0 AND t.number = 0) WHERE level = 0 AND number = 2`, merkle.ErrEntryAltered, true},
		{"a tile removed", `DELETE FROM ledger_tile WHERE level = 1`, fs.ErrNotExist, true},
		{"the size in the checkpoint", `UPDATE ledger_head SET checkpoint = replace(checkpoint, '600', '599')`, merkle.ErrSignature, true},
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				k := newKey(t)
				l := open(t, db, k, "a")
				insert(t, db, cases(1, 150)...)
				sequence(t, l)
				verify(t, l.Source(t.Context()), k, 600)
				exec(t, db, a.query)
				if _, err := merkle.VerifyLog(l.Source(t.Context()), k.Verifier); !errors.Is(err, a.want) {
					t.Errorf("VerifyLog answers %v; want %v", err, a.want)
				}
				_, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: k, Now: now, Log: slog.New(slog.DiscardHandler), Holder: "a"})
				if (err != nil) != a.refused {
					t.Errorf("opening the log again: %v; want refused: %v", err, a.refused)
				}
			})
		})
	}
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "log.key")
	k, err := ledger.LoadKey(path, origin)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ledger.LoadKey(path, origin)
	if err != nil || again.Public != k.Public {
		t.Fatalf("read again: %q, %v; want %q", again.Public, err, k.Public)
	}
	if !strings.HasPrefix(k.Public, origin+"+") {
		t.Errorf("public key %q does not name the log", k.Public)
	}
	if _, err := ledger.LoadKey(path, "other.example/log"); err == nil {
		t.Error("a key of another log was taken")
	}
	if _, err := ledger.NewKey("PRIVATE+KEY+x"); err == nil {
		t.Error("half a key was taken")
	}
	db := storetest.New(t, store.SQLite, schemas...)
	open(t, db, k, "a")
	_, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: newKey(t), Now: now, Log: slog.New(slog.DiscardHandler), Holder: "a"})
	if !errors.Is(err, ledger.ErrKey) {
		t.Errorf("another key for the same log: %v; want ErrKey", err)
	}
	if _, err := ledger.New(t.Context(), ledger.Options{DB: db}); err == nil {
		t.Error("a log without a key was opened")
	}
}
