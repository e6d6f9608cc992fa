package assets_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"

	"openhall.org/openhall/internal/platform/web/assets"
)

func serve(s *assets.Set, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func sample(t *testing.T, text string) *assets.Set {
	t.Helper()
	s, err := assets.LoadFS(fstest.MapFS{"a.css": {Data: []byte(text)}, "p.png": {Data: []byte("png")}, "manifest.json": {Data: []byte("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServe(t *testing.T) {
	text := strings.Repeat("body { margin: 0 }\n", 50)
	s := sample(t, text)
	href := s.Href("a.css")
	for _, row := range []struct {
		accept, encoding string
		open             func(io.Reader) (io.Reader, error)
	}{
		{"", "", func(r io.Reader) (io.Reader, error) { return r, nil }},
		{"gzip, deflate", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"gzip, br", "br", func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
	} {
		w := serve(s, href, "Accept-Encoding", row.accept)
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Encoding") != row.encoding || h.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Fatalf("%q: status %d, %v", row.accept, w.Code, h)
		}
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("Cache-Control is %q", h.Get("Cache-Control"))
		}
		r, err := row.open(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != text {
			t.Errorf("%q: content differs: %v", row.accept, err)
		}
		if again := serve(s, href, "Accept-Encoding", row.accept, "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%q: status %d for a known tag", row.accept, again.Code)
		}
	}
	if w := serve(s, s.Href("p.png"), "Accept-Encoding", "gzip, br"); w.Header().Get("Content-Encoding") != "" || w.Body.String() != "png" {
		t.Error("a picture that is compressed already is compressed again")
	}
	for _, path := range []string{"/assets/a.css", "/assets/a.0000000000.css", s.Href("none.css"), "/assets/manifest.json", "/assets/../assets.go"} {
		if w := serve(s, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

func TestHrefFollowsContent(t *testing.T) {
	a, b := sample(t, "a").Href("a.css"), sample(t, "b").Href("a.css")
	if a == b || !strings.HasPrefix(a, "/assets/a.") || !strings.HasSuffix(a, ".css") {
		t.Errorf("%s and %s", a, b)
	}
}

// TestManifest compares the built files with the sums that the build wrote down, so that nobody edits them by hand.
func TestManifest(t *testing.T) {
	raw, err := os.ReadFile("dist/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		SHA256 map[string]string `json:"sha256"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	s, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	names := s.Names()
	slices.Sort(names)
	if want := []string{"aloud.js", "board.js", "bpmn.woff2", "desk.css", "htmx.js", "icon.svg", "modeler.css", "modeler.js", "offline-worker.js", "offline.css", "offline.js", "site.css", "site.js"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	for _, name := range names {
		content, err := os.ReadFile("dist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != manifest.SHA256[name] {
			t.Errorf("%s is not what node web/build.mjs wrote", name)
		}
	}
}

// TestWeight keeps the pages of the public light: at most 60 KB of styles and scripts as they travel (quality norm).
func TestWeight(t *testing.T) {
	s, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, name := range []string{"site.css", "site.js", "htmx.js"} {
		if s.Size(name) == 0 {
			t.Errorf("%s is missing", name)
		}
		total += s.Size(name)
	}
	if total > 60_000 {
		t.Errorf("%d bytes, at most 60,000", total)
	}
	t.Logf("%d bytes", total)
}
