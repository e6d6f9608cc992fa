package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/platform/identity"
)

// buffers holds pages while they are rendered, so that an error in the middle still becomes an error page.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKeptBuffer is the largest buffer that is kept for the next page, in bytes.
const maxKeptBuffer = 1 << 20

// Render writes a component as the answer.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	return render(w, r, status, c, false)
}

// RenderTagged is Render for public pages: it gives the page an ETag and answers 304 to a browser that has it already.
func RenderTagged(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return render(w, r, http.StatusOK, c, true)
}

func render(w http.ResponseWriter, r *http.Request, status int, c templ.Component, tagged bool) error {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= maxKeptBuffer {
			buffers.Put(buffer)
		}
	}()
	if err := c.Render(r.Context(), buffer); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie, Accept-Language, HX-Request")
	if tagged {
		h.Set("Cache-Control", "no-cache")
		if NotModified(w, r, buffer.Bytes()) {
			return nil
		}
	}
	h.Set("Content-Length", strconv.Itoa(buffer.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // the reader has gone; there is nobody to tell
	return nil
}

// NotModified sets a weak ETag made from content and, when the browser has that content already, answers 304 and reports true.
func NotModified(w http.ResponseWriter, r *http.Request, content []byte) bool {
	sum := sha256.Sum256(content)
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if !strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// Private forbids browsers and proxies to keep the answer. Routes marked Private have it already.
func Private(w http.ResponseWriter) { w.Header().Set("Cache-Control", "no-store") }

// IsPart reports whether htmx asks for a part of a page rather than for the page.
func IsPart(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") != "true"
}

// SeeOther sends the browser to another page after a form was accepted.
func SeeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// LocalPath returns next when it is a path of this site, else fallback. Sign-in uses it, so that a forged link cannot lead readers
// to a foreign site afterwards.
func LocalPath(next, fallback string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return fallback
	}
	return next
}

// fail answers with the page for an error, or with problem+json for programs.
func (s *Shell) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := s.asError(err)
	infoOf(r).err = err
	if out, ok := w.(*response); ok && out.status != 0 {
		return // part of the answer is on its way; the log has the error
	}
	Private(w)
	v, ok := r.Context().Value(viewKey{}).(*View)
	if !ok {
		v = s.viewForError(w, r)
	}
	if wantsJSON(r) {
		writeProblem(w, v, e)
		return
	}
	if e.Status == http.StatusUnauthorized && s.config.Site.SignIn != "" && r.Method == http.MethodGet && !IsPart(r) {
		http.Redirect(w, r, v.signInHref(), http.StatusSeeOther) //nolint:gosec // our own sign-in page; the path only stands in its query
		return
	}
	if to, status := v.first(r, err); to != "" {
		http.Redirect(w, r, to, status) //nolint:gosec // a page of our own; the path only stands in its query
		return
	}
	var kept *waitingForm
	if e.Status == http.StatusUnauthorized && v.site.SignIn != "" {
		kept = waiting(r)
	}
	r = r.WithContext(v.into(r.Context()))
	if err := Render(w, r, e.Status, errorPage(v, e, kept)); err != nil {
		http.Error(w, v.L.T("web.error.500.title"), http.StatusInternalServerError)
	}
}

// first is the page to which a reader is led who has something to do before what they asked for, if there is one. A form on its way is
// sent on to the page that asks for a proof, which sends it back: nothing that was typed is lost.
func (v *View) first(r *http.Request, err error) (to string, status int) {
	var denied *identity.Denied
	if !errors.As(err, &denied) || IsPart(r) {
		return "", 0
	}
	next := "?" + url.Values{"next": {v.here()}}.Encode()
	switch {
	case denied.Reason == identity.DeniedFactor && v.site.Factors != "":
		if r.Method != http.MethodGet {
			return v.site.Factors, http.StatusSeeOther
		}
		return v.site.Factors + next, http.StatusSeeOther
	case denied.Reason == identity.DeniedStale && v.site.Confirm != "":
		if r.Method != http.MethodGet {
			return v.site.Confirm + next, http.StatusTemporaryRedirect
		}
		return v.site.Confirm + next, http.StatusSeeOther
	}
	return "", 0
}

// viewForError shows the reader's own header on error pages too, as far as it can be found out.
func (s *Shell) viewForError(w http.ResponseWriter, r *http.Request) *View {
	if v, err := s.newView(w, r); err == nil {
		return v
	}
	return s.bareView(w, r)
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// writeProblem answers in the form of RFC 9457.
func writeProblem(w http.ResponseWriter, v *View, e *Error) {
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the reader has gone; there is nobody to tell
		"type": "about:blank", "title": errorTitle(v.L, e), "status": e.Status, "detail": errorText(v.L, e), "instance": v.RequestID,
	})
}
