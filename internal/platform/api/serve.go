package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
)

// maxBody bounds a request, in bytes: one upload. JSON bodies are bounded to 1 MiB by huma.
const maxBody = file.DefaultMaxBytes + 1<<10

// serve answers one request: who, how often, in which language; then the operation.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	begun := a.Now()
	id := newRequestID()
	a.headers(w.Header(), id)
	out := &answer{ResponseWriter: w, keep: r.Method == http.MethodGet || r.Method == http.MethodHead}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	r = r.WithContext(context.WithValue(r.Context(), askerKey{}, asker{
		who: identity.Principal{Kind: identity.Visitor}, tag: a.language(r.Header.Get("Accept-Language")),
	}))
	r = a.operate(out, r)
	out.finish(r)
	status := out.status
	if status == http.StatusServiceUnavailable && gone(r.Context()) {
		status = statusGone
	}
	took := a.Now().Sub(begun)
	a.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("id", id), slog.String("method", r.Method),
		slog.String("route", r.Pattern), slog.Int("status", status), slog.String("token", Caller(r.Context()).Account.String()),
		slog.Duration("took", took))
	a.Observe(r.Context(), r.Pattern, r.Method, status, took)
}

// statusGone is what the log and the metrics say of a request whose client did not wait for the answer: no failure of the hall. No client
// ever reads it. The number is the one that nginx uses.
const statusGone = 499

// gone reports whether the client of a request has left.
func gone(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// operate finds out who asks and runs the operation. It returns the request as the operation saw it.
func (a *API) operate(w *answer, r *http.Request) (seen *http.Request) {
	seen = r
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p) //nolint:forbidigo // net/http asks handlers to pass this one on: it ends the connection, not the program
		}
		if w.keep {
			w.status = 0
			w.body.Reset()
		}
		a.fail(w, seen, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	}()
	if r.Header.Get("Authorization") != "" {
		who, err := a.caller(r)
		if err != nil {
			a.fail(w, r, err)
			return seen
		}
		seen = r.WithContext(context.WithValue(r.Context(), askerKey{}, asker{who: who, tag: Language(r.Context())}))
	}
	if _, pattern := a.mux.Handler(seen); pattern == "" {
		a.fail(w, seen, a.noRoute(w, seen))
		return seen
	}
	a.mux.ServeHTTP(w, seen)
	return seen
}

// caller reads the token of a request and counts the request against its rate.
func (a *API) caller(r *http.Request) (identity.Principal, error) {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return identity.Principal{}, &Error{Status: http.StatusUnauthorized, Code: "scheme"}
	}
	who, err := a.Callers.Principal(r)
	if err != nil {
		return who, err
	}
	if wait := a.limits.take(who.Account, a.Now()); wait > 0 {
		return who, &Error{Status: http.StatusTooManyRequests, Code: "too-many", RetryAfter: wait}
	}
	return who, nil
}

// noRoute tells a path that does not exist from one that has another method.
func (a *API) noRoute(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = method
		if _, pattern := a.mux.Handler(probe); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &Error{Status: http.StatusNotFound, Code: "no-operation"}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &Error{Status: http.StatusMethodNotAllowed, Code: "method"}
}

func (a *API) headers(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", privateCaching)
	if a.TLS {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never returns an error
	return hex.EncodeToString(b[:])
}

// newMatcher matches what clients ask for (zh-CN, zh-TW, en-GB …) to the languages of the platform.
func newMatcher() language.Matcher {
	tags := make([]language.Tag, 0, len(lang.All))
	for _, tag := range lang.All {
		tags = append(tags, language.MustParse(string(tag)))
	}
	return language.NewMatcher(tags)
}

// language reads Accept-Language. The wishes are matched one by one: all at once, a bare "zh" after "zh-HK" would win over it.
func (a *API) language(accept string) lang.Tag {
	wishes, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return lang.Hans
	}
	for _, wish := range wishes {
		if _, i, confidence := a.matcher.Match(wish); confidence >= language.Low {
			return lang.All[i]
		}
	}
	return lang.Hans
}

// answer notes the status of an answer. The body of a read is kept until the end, so that its ETag can stand before it.
type answer struct {
	http.ResponseWriter
	keep   bool
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (w *answer) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if status >= http.StatusBadRequest {
		w.Header().Set("Cache-Control", privateCaching) // what is missing now may be there in a second
	}
	if !w.keep {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write keeps or sends a part of the body.
func (w *answer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.keep {
		return w.body.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish sends what was kept, or 304 when the client has it already.
func (w *answer) finish(r *http.Request) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.keep {
		return
	}
	if w.status == http.StatusOK {
		sum := sha256.Sum256(w.body.Bytes())
		tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
		w.Header().Set("ETag", tag)
		if holds(r.Header.Values("If-None-Match"), tag) {
			w.status = http.StatusNotModified
			w.Header().Del("Content-Type")
			w.ResponseWriter.WriteHeader(w.status)
			return
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(w.body.Len()))
	w.ResponseWriter.WriteHeader(w.status)
	if r.Method != http.MethodHead {
		_, _ = w.body.WriteTo(w.ResponseWriter) // the client has gone
	}
}

// holds reports whether If-None-Match names the tag. Weak and strong ones compare alike (RFC 9110 § 13.1.2).
func holds(headers []string, tag string) bool {
	for _, h := range headers {
		for part := range strings.SplitSeq(h, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// seconds is how long a client should wait, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
