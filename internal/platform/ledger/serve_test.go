package ledger_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// webSource reads a log as a stranger does.
type webSource struct{ base string }

func (s webSource) get(path string) (http.Header, []byte, error) {
	res, err := http.Get(s.base + path)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if res.StatusCode == http.StatusNotFound {
		err = fs.ErrNotExist
	} else if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	return res.Header, body, err
}

func (s webSource) Checkpoint() ([]byte, error) {
	_, b, err := s.get("/log/checkpoint")
	return b, err
}

func (s webSource) Tile(path string) ([]byte, error) {
	_, b, err := s.get("/log/" + path)
	return b, err
}

func serve(t *testing.T, l *ledger.Ledger) webSource {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, h := range l.Handlers() {
		mux.Handle(pattern, h)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return webSource{srv.URL}
}

func TestServe(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		web := serve(t, l)
		insert(t, db, cases(1, 10)...)
		sequence(t, l)
		_, early, err := web.get("/log/tile/0/000.p/40")
		if err != nil || len(early) != 40*32 {
			t.Fatalf("partial tile of 40 hashes: %d bytes, %v", len(early), err)
		}
		insert(t, db, cases(1001, 100)...)
		sequence(t, l)
		verify(t, web, k, 440)
		// A width that was current once stays there although the tile is full now (tlog-tiles: clients may ask for either).
		if _, again, err := web.get("/log/tile/0/000.p/40"); err != nil || string(again) != string(early) {
			t.Errorf("the old width of a grown tile: %v; want the same bytes", err)
		}
		if _, b, err := web.get("/log/tile/entries/000.p/3"); err != nil {
			t.Error(err)
		} else if entries, err := merkle.DecodeBundle(b); err != nil || len(entries) != 3 || string(entries[0]) != content(t, entry{1, 1, 1, "task.completed"}) {
			t.Errorf("bundle of 3: %d entries, %v; want the first three events", len(entries), err)
		}
		// RFC 9111 and tlog-tiles: what is full never changes, the checkpoint always may.
		for path, want := range map[string][2]string{
			"/log/checkpoint":           {"text/plain; charset=utf-8", "no-store"},
			"/log/tile/0/000":           {"application/octet-stream", "public, max-age=31536000, immutable"},
			"/log/tile/entries/000":     {"application/octet-stream", "public, max-age=31536000, immutable"},
			"/log/tile/0/001.p/184":     {"application/octet-stream", "public, max-age=60"},
			"/log/tile/1/000.p/1":       {"application/octet-stream", "public, max-age=60"},
			"/log/key":                  {"text/plain; charset=utf-8", "public, max-age=3600"},
			"/log/tile/entries/001.p/9": {"application/octet-stream", "public, max-age=60"},
		} {
			header, _, err := web.get(path)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if got := [2]string{header.Get("Content-Type"), header.Get("Cache-Control")}; got != want {
				t.Errorf("%s is served as %q; want %q", path, got, want)
			}
		}
		for _, path := range []string{
			"0/001", "0/001.p/185", "0/001.p/256", "0/002.p/1", "1/000", "2/000.p/1", "entries/001", "entries/001.p/185", "entries/9", "0/1", "x", "0/-01", "0/000.p/0",
		} {
			if _, _, err := web.get("/log/tile/" + path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("tile/%s: %v; want 404", path, err)
			}
		}
		_, key, err := web.get("/log/key")
		if err != nil || strings.TrimSpace(string(key)) != k.Public {
			t.Errorf("key %q, %v; want %q", key, err, k.Public)
		}
		if own, err := l.Source(t.Context()).Key(); err != nil || own != k.Public {
			t.Errorf("key of the source %q, %v", own, err)
		}
	})
}

func TestReceipts(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		k := newKey(t)
		l := open(t, db, k, "a")
		insert(t, db, cases(1, 70)...)
		if _, err := l.Receipt(t.Context(), 5); !errors.Is(err, ledger.ErrPending) {
			t.Fatalf("receipt before sequencing: %v; want ErrPending", err)
		}
		if _, err := l.Receipt(t.Context(), 9999); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("receipt of no event: %v; want ErrNotFound", err)
		}
		sequence(t, l)
		oldSigned, _, err := l.Inclusion(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		insert(t, db, cases(1001, 300)...)
		sequence(t, l)
		for _, id := range []store.ID{1, 2, 256, 257, 280, 1001, 2200} {
			r, err := ledger.OpenReader(db).Receipt(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			file, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if r, err = merkle.ParseReceipt(file); err != nil {
				t.Fatal(err)
			}
			proven, err := r.Verify(k.Verifier)
			if err != nil || proven.Checkpoint.Size != 1480 {
				t.Errorf("receipt of %d: %v, size %d; want 1480", id, err, proven.Checkpoint.Size)
			}
		}
		old, err := merkle.OpenCheckpoint(oldSigned, k.Verifier)
		if err != nil || old.Size != 280 {
			t.Fatalf("old checkpoint of size %d, %v; want 280", old.Size, err)
		}
		signed, proof, err := l.Consistency(t.Context(), old.Size)
		if err != nil {
			t.Fatal(err)
		}
		c, err := merkle.OpenCheckpoint(signed, k.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		if err := merkle.VerifyConsistency(proof, c.Size, c.Root, old.Size, old.Root); err != nil {
			t.Error(err)
		}
		if _, _, err := l.Inclusion(t.Context(), 1480); err == nil {
			t.Error("a place behind the end has a proof")
		}
	})
}
