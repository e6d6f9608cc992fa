package ledger

import (
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// Handlers returns what serves the log, by patterns of [http.ServeMux]: the checkpoint, the tiles and bundles in the C2SP
// tlog-tiles layout, and the public key. All of it is for everybody, and full tiles may be kept by any cache for good.
func (l *Ledger) Handlers() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /log/checkpoint":     l.serveCheckpoint,
		"GET /log/key":            l.serveKey,
		"GET /log/tile/{path...}": l.serveTile,
	}
}

const plainText = "text/plain; charset=utf-8"

func (l *Ledger) serveCheckpoint(w http.ResponseWriter, r *http.Request) {
	signed, err := l.Checkpoint(r.Context())
	l.answer(w, r, signed, err, plainText, "no-store")
}

func (l *Ledger) serveKey(w http.ResponseWriter, r *http.Request) {
	l.answer(w, r, []byte(l.o.Key.Public+"\n"), nil, plainText, "public, max-age=3600")
}

func (l *Ledger) serveTile(w http.ResponseWriter, r *http.Request) {
	path := "tile/" + r.PathValue("path")
	data, err := l.Tile(r.Context(), path)
	caching := "public, max-age=31536000, immutable"
	if strings.Contains(path, ".p/") {
		caching = "public, max-age=60" // a wider one takes its place soon
	}
	l.answer(w, r, data, err, "application/octet-stream", caching)
}

func (l *Ledger) answer(w http.ResponseWriter, r *http.Request, data []byte, err error, contentType, caching string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a page of anybody's may verify the log
	switch {
	case errors.Is(err, fs.ErrNotExist):
		h.Set("Cache-Control", "no-store") // it may be there in a second
		http.Error(w, "no such tile", http.StatusNotFound)
	case err != nil:
		l.o.Log.ErrorContext(r.Context(), "serve the log", "path", r.URL.Path, "err", err)
		http.Error(w, "the log can't be read now; try again", http.StatusInternalServerError)
	default:
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", caching)
		h.Set("Content-Length", strconv.Itoa(len(data)))
		if _, err := w.Write(data); err != nil { //nolint:gosec // G705: bytes of the log, served as plain text or octets
			l.o.Log.DebugContext(r.Context(), "serve the log", "path", r.URL.Path, "err", err)
		}
	}
}
