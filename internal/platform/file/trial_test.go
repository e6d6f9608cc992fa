package file_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// A trial says of a file what taking it says, lets it be read, and keeps nothing.
func TestTry(t *testing.T) {
	storetest.Each(t, []store.Migrations{file.Schema()}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		before, err := w.Put(ctx, 7, "before.pdf", strings.NewReader(pdf(100)), file.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		trial := w.Try()
		opens := func(content string) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
		}
		limits := file.Limits{MaxBytes: 1000}
		for name, content := range map[string]string{
			"good.pdf": pdf(200), "empty.pdf": "", "large.pdf": pdf(1001), "program.exe": "MZ\x90\x00", "other.png": pdf(200), "": pdf(200),
		} {
			told, tried := trial.Take(ctx, 7, name, opens(content), limits)
			put, triedPut := trial.Put(ctx, 7, name, strings.NewReader(content), limits)
			done, taken := w.Put(ctx, 7, name, strings.NewReader(content), limits)
			if errorOf(tried) != errorOf(taken) || errorOf(triedPut) != errorOf(taken) {
				t.Errorf("%q: a trial says %v and %v; taking it: %v", name, tried, triedPut, taken)
			}
			told.ID, put.ID, done.ID = 0, 0, 0
			if told != done || put != done {
				t.Errorf("%q: a trial makes of it %+v and %+v; taking it: %+v", name, told, put, done)
			}
		}
		if _, err := trial.Take(ctx, 7, "gone.pdf", func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }, limits); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a file that does not open: %v", err)
		}
		taken, err := trial.Take(ctx, 7, "taken.pdf", opens(pdf(300)), limits)
		if err != nil {
			t.Fatal(err)
		}
		first, err := trial.Put(ctx, 7, "first.pdf", strings.NewReader(pdf(400)), limits)
		if err != nil {
			t.Fatal(err)
		}
		last, err := trial.Put(ctx, 7, "last.pdf", strings.NewReader(pdf(500)), limits)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []file.File{before, taken, last} {
			stat, err := trial.Stat(ctx, f.ID)
			if err != nil || stat != f {
				t.Errorf("%s: %+v, %v", f.Name, stat, err)
			}
			got, r, err := trial.Get(ctx, f.ID)
			if err != nil {
				t.Fatal(err)
			}
			if content, err := io.ReadAll(r); err != nil || string(content) != pdf(int(f.Size)) || got != f || r.Close() != nil {
				t.Errorf("%s: %d bytes, %v", f.Name, len(content), err)
			}
		}
		if _, _, err := trial.Get(ctx, first.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what was put before the last one: %v", err)
		}
		if _, err := w.Stat(ctx, taken.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a file that was tried is kept: %v", err)
		}
		if n := len(w.blobs(t)); n != 2 {
			t.Errorf("%d blobs are kept, want those of two files that were taken", n)
		}
	})
}

func errorOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
