// Package assets holds the built style sheets, scripts and pictures of the pages and serves them for ever.
//
// The files are built by `node web/build.mjs` from the sources in web/ and committed. Their addresses carry a hash of their content
// (/assets/site.3f2a9c41d0.css), so a browser may keep them for a year; they are compressed once, when first asked for.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed dist
var dist embed.FS

// Prefix is the path under which assets are served.
const Prefix = "/assets/"

// Set is a set of assets, addressed by name. It is safe for concurrent use.
type Set struct {
	byName map[string]*file
	byPath map[string]*file
}

type file struct {
	href, contentType, etag string
	raw                     []byte

	compress     sync.Once
	gzip, brotli []byte
}

// Load returns the assets built into the program.
func Load() (*Set, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return LoadFS(sub)
}

// LoadFS returns the files of fsys as assets; manifest.json, which describes the build, is not one of them.
func LoadFS(fsys fs.FS) (*Set, error) {
	s := &Set{byName: map[string]*file{}, byPath: map[string]*file{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "manifest.json" {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		hash := hex.EncodeToString(sum[:5])
		ext := path.Ext(name)
		f := &file{raw: raw, etag: `"` + hash + `"`, contentType: contentType(ext)}
		f.href = Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext
		s.byName[name], s.byPath[f.href] = f, f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return s, nil
}

// contentType does not ask the machine's tables, so that every machine answers the same.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	default:
		return "application/octet-stream"
	}
}

// Href returns the address of the asset, or an address that answers 404 when there is no such asset.
func (s *Set) Href(name string) string {
	if f, ok := s.byName[name]; ok {
		return f.href
	}
	return Prefix + name
}

// Raw returns the asset as it was built. It is not to be changed.
func (s *Set) Raw(name string) (raw []byte, ok bool) {
	f, ok := s.byName[name]
	if !ok {
		return nil, false
	}
	return f.raw, true
}

// Size returns the size of the asset in bytes as it travels, gzip-compressed; 0 when there is no such asset.
func (s *Set) Size(name string) int {
	f, ok := s.byName[name]
	if !ok {
		return 0
	}
	f.squeeze()
	if f.gzip == nil {
		return len(f.raw)
	}
	return len(f.gzip)
}

// Names lists the assets in no particular order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.byName))
	for name := range s.byName {
		names = append(names, name)
	}
	return names
}

// ServeHTTP serves an asset under its hashed address.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.byPath[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body, encoding := f.encoded(r.Header.Get("Accept-Encoding"))
	etag := f.etag
	if encoding != "" {
		// A strong validator names one representation, so the encoding is part of it.
		h.Set("Content-Encoding", encoding)
		etag = strings.TrimSuffix(etag, `"`) + "-" + encoding + `"`
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone; there is nobody to tell
	}
}

// encoded picks the smallest form that the browser accepts.
func (f *file) encoded(accept string) (body []byte, encoding string) {
	f.squeeze()
	switch {
	case f.brotli != nil && strings.Contains(accept, "br"):
		return f.brotli, "br"
	case f.gzip != nil && strings.Contains(accept, "gzip"):
		return f.gzip, "gzip"
	default:
		return f.raw, ""
	}
}

// squeeze compresses text once. Pictures other than SVG are compressed already.
func (f *file) squeeze() {
	f.compress.Do(func() {
		if !strings.HasPrefix(f.contentType, "text/") && !strings.Contains(f.contentType, "svg") {
			return
		}
		var g, b bytes.Buffer
		gz, err := gzip.NewWriterLevel(&g, gzip.BestCompression)
		if err != nil {
			return
		}
		br := brotli.NewWriterLevel(&b, 9)
		_, errG := gz.Write(f.raw)
		_, errB := br.Write(f.raw)
		if errG == nil && gz.Close() == nil {
			f.gzip = g.Bytes()
		}
		if errB == nil && br.Close() == nil {
			f.brotli = b.Bytes()
		}
	})
}
