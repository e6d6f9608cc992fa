package document

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

func (b *bureau) content(t testing.TB, r Record) []byte {
	t.Helper()
	f, err := b.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return data
}

func (b *bureau) genuine(t testing.TB, file []byte) Verdict {
	t.Helper()
	keys, err := b.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	log, err := merkle.NewVerifier(b.public)
	if err != nil {
		t.Fatal(err)
	}
	return Verify(file, keys, log)
}

// A letter is printed when its event has its place in the log, once, and is what it was for good: also for who comes after a restart
// with other keys.
func TestIssuedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		r := b.issue(t, b.order("human-resources", "acceptance-slip"))[0]
		b.waiting = true
		if _, err := b.Ensure(t.Context(), r); !errors.Is(err, ErrPending) {
			t.Errorf("before its place in the log: %v", err)
		}
		if busy, err := b.Turn(t.Context()); busy || err != nil {
			t.Errorf("a turn with nothing to print: %v, %v", busy, err)
		}
		b.waiting = false
		if busy, err := b.Turn(t.Context()); !busy || err != nil {
			t.Fatalf("turn: %v, %v", busy, err)
		}
		r, err := b.Get(t.Context(), r.ID)
		if err != nil || !r.Ready() || r.Holder != "王*" || r.Digest == "" {
			t.Fatalf("%+v, %v", r, err)
		}
		file := b.content(t, r)
		if v := b.genuine(t, file); v.Outcome != Genuine || v.Proof != Proven || v.Statement.Number != r.Number || v.Statement.Case != r.CaseNumber {
			t.Errorf("%+v", v)
		}
		if n, err := b.Pending(t.Context()); n != 0 || err != nil {
			t.Errorf("%d letters wait, %v", n, err)
		}
		printed := b.printed
		for range 3 {
			if again, err := b.Ensure(t.Context(), r); err != nil || again.File != r.File {
				t.Errorf("%+v, %v", again, err)
			}
		}
		stale := r
		stale.IssuedAt = time.Time{} // as somebody knew it who looked before it was printed
		if again, err := b.Ensure(t.Context(), stale); err != nil || again.File != r.File || b.printed != printed {
			t.Errorf("printed again: %+v, %v", again, err)
		}

		b.pass(time.Hour)
		after := open(t, b.db, t.TempDir()) // its key files are gone: new ones are made
		after.now = b.now
		if err := after.register(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := after.Keys(t.Context())
		if err != nil || len(keys) != 4 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		if v := after.genuine(t, file); v.Outcome != Genuine {
			t.Errorf("a letter signed by the old keys: %s", v.Outcome)
		}
		later, err := sign(file[:bytes.LastIndex(file, []byte("%%EOF\n1 0 obj"))+6], &Statement{SignedAt: b.time().Add(time.Hour).Format(time.RFC3339Nano)}, b.o.Signers)
		if err != nil {
			t.Fatal(err)
		}
		if v := after.genuine(t, later); v.Outcome != Changed {
			t.Errorf("signed by the old keys after their time: %s", v.Outcome)
		}
	})
}

// Many ask for a letter at once: it is printed once.
func TestAskedForAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		r := b.issue(t, b.order("human-resources", "pause-notice"))[0]
		var wait sync.WaitGroup
		files := make([]store.ID, 8)
		for i := range files {
			wait.Go(func() {
				got, err := b.Ensure(t.Context(), r)
				if err != nil {
					t.Error(err)
				}
				files[i] = got.File
			})
		}
		wait.Wait()
		for _, f := range files {
			if f != files[0] || f == 0 {
				t.Errorf("files %v", files)
			}
		}
		if b.printed != 1 {
			t.Errorf("printed %d times", b.printed)
		}
	})
}

// Another node was first: what counts is what it has issued.
func TestTheFirstCounts(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		r := b.issue(t, b.order("human-resources", "pause-notice"))[0]
		other := open(t, b.db, t.TempDir())
		b.Register("approval", func(ctx context.Context, _ Record, _ lang.Tag) (Facts, string, error) {
			if _, err := other.Ensure(ctx, r); err != nil {
				return nil, "", err
			}
			return facts("zh-Hans"), "李*", nil
		})
		got, err := b.Ensure(t.Context(), r)
		if err != nil || got.Holder != "王*" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// A letter with a character that no font has is not issued. It says why, waits, and does not hold the others up.
func TestMissingGlyphWaits(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		b.name = "王\U0002F00F"
		r := b.issue(t, b.order("human-resources", "acceptance-slip"))[0]
		if _, err := b.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := b.Get(t.Context(), r.ID)
		if err != nil || r.Ready() || !strings.Contains(r.Trouble, "U+2F00F") {
			t.Errorf("%+v, %v", r, err)
		}
		b.name = "王小明"
		if busy, err := b.Turn(t.Context()); busy || err != nil {
			t.Errorf("it was tried again at once: %v, %v", busy, err)
		}
		b.pass(again)
		if busy, err := b.Turn(t.Context()); !busy || err != nil {
			t.Errorf("it was not tried again: %v, %v", busy, err)
		}
		if r, err = b.Get(t.Context(), r.ID); err != nil || !r.Ready() || r.Trouble != "" {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestFoundByCode(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		r := b.issue(t, b.order("human-resources", "acceptance-slip"))[0]
		code := b.Code(r.ID)
		for _, typed := range []string{code, strings.ToLower(code), " " + code[:5] + " " + code[5:]} {
			if got, err := b.ByCode(t.Context(), "合人社受[2026]1号", typed); err != nil || got.ID != r.ID {
				t.Errorf("%q: %+v, %v", typed, got, err)
			}
		}
		for _, bad := range [][2]string{{r.Number, "AAAAAAAAAA"}, {r.Number, ""}, {"合人社受〔2026〕2号", code}, {"", code}} {
			if _, err := b.ByCode(t.Context(), bad[0], bad[1]); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v: %v", bad, err)
			}
		}
		if got, err := b.ByID(t.Context(), r.ID, code); err != nil || got.Number != r.Number {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := b.ByID(t.Context(), r.ID+1, code); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the code of another letter: %v", err)
		}
	})
}

// The fonts are let go when nothing is printed for a while.
func TestFontsAreLetGo(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		r := b.issue(t, b.order("human-resources", "acceptance-slip"))[0]
		if _, err := b.Ensure(t.Context(), r); err != nil || b.fonts.set == nil {
			t.Fatalf("fonts %v, %v", b.fonts.set, err)
		}
		if _, err := b.Turn(t.Context()); err != nil || b.fonts.set == nil {
			t.Errorf("they are gone at once, %v", err)
		}
		b.pass(idle + time.Second)
		if _, err := b.Turn(t.Context()); err != nil || b.fonts.set != nil {
			t.Errorf("they are still there, %v", err)
		}
	})
}

func TestOptions(t *testing.T) {
	if _, err := New(t.Context(), Options{}); err == nil {
		t.Error("a service without anything")
	}
	if _, err := LoadSigners(os.DevNull, "x"); err == nil {
		t.Error("keys in a folder that is none")
	}
}

// The letters of an erased case are gone, printed or not; a copy that somebody has is still genuine, and its number still known.
func TestErasedLetters(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		list := b.issue(t, b.order("human-resources", "acceptance-slip"), b.order("human-resources", "pause-notice"))
		printed, err := b.Ensure(t.Context(), list[0])
		if err != nil {
			t.Fatal(err)
		}
		copied := b.content(t, printed)
		err = b.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for _, c := range []store.ID{list[0].Case, list[1].Case} {
				if _, err := b.EraseCase(ctx, tx, c, b.time()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := b.o.Files.Purge(t.Context()); err != nil || n != 1 {
			t.Errorf("%d files were removed, %v; want the one that was printed", n, err)
		}
		for _, r := range list {
			r, err := b.Get(t.Context(), r.ID)
			if err != nil || r.ErasedAt.IsZero() || r.Holder != "" || r.Number == "" {
				t.Errorf("%+v, %v", r, err)
			}
			if _, err := b.Ensure(t.Context(), r); !errors.Is(err, ErrErased) {
				t.Errorf("printed anew: %v", err)
			}
			if _, err := b.Open(t.Context(), r); !errors.Is(err, ErrErased) {
				t.Errorf("opened: %v", err)
			}
		}
		if busy, err := b.Turn(t.Context()); busy || err != nil {
			t.Errorf("something was printed: %v, %v", busy, err)
		}
		b.genuine(t, copied)
	})
}
