package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// contentPolicy allows only our own files: no inline script or style, no foreign host, no frame.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; object-src 'none'"

// permissionsPolicy switches off what pages never use.
const permissionsPolicy = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), usb=()"

// secureHeaders sets the headers that every answer carries.
func (s *Shell) secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissionsPolicy)
	h.Set("X-Frame-Options", "DENY")
	if s.config.TLS {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// requestInfo is what the access log tells of a request. It holds nothing personal: no query, no address, no name.
type requestInfo struct {
	id, route string
	client    string // who sends it, for limits; never logged
	tls       bool
	err       error
}

type infoKey struct{}

func infoOf(r *http.Request) *requestInfo {
	if info, ok := r.Context().Value(infoKey{}).(*requestInfo); ok {
		return info
	}
	return &requestInfo{}
}

// secure reports whether cookies of this request travel only through https.
func secure(r *http.Request) bool { return infoOf(r).tls || r.TLS != nil }

// withRequest names the request, sets the headers, compresses the answer, and logs it.
func (s *Shell) withRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.config.Clock()
		info := &requestInfo{id: newRequestID(), tls: s.config.TLS, client: clientOf(r.RemoteAddr, r.Header.Values("X-Forwarded-For"), s.config.Proxies)}
		r = r.WithContext(context.WithValue(r.Context(), infoKey{}, info))
		s.secureHeaders(w.Header())
		w.Header().Set("X-Request-Id", info.id)
		out := newResponse(w, r)
		next.ServeHTTP(out, r)
		out.close()
		if out.status == 0 { // net/http answers 200 when a handler writes nothing
			out.status = http.StatusOK
		}
		if out.status >= http.StatusInternalServerError && gaveUp(r.Context(), info.err) {
			out.status = statusGone
		}
		took := s.config.Clock().Sub(begun)
		s.logRequest(r, info, out, took)
		if s.config.Observe != nil {
			s.config.Observe(r.Context(), info.route, r.Method, out.status, took)
		}
	})
}

// statusGone is what the log and the metrics say of a request whose client did not wait for the answer: no failure of the hall. No client
// ever reads it. The number is the one that nginx uses.
const statusGone = 499

// gaveUp reports whether an answer failed, if the shell was told why, because whoever asked was gone.
func gaveUp(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) && (err == nil || errors.Is(err, context.Canceled))
}

func (s *Shell) logRequest(r *http.Request, info *requestInfo, out *response, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("id", info.id), slog.String("method", r.Method), slog.String("route", info.route),
		slog.Int("status", out.status), slog.Int64("bytes", out.written), slog.Duration("took", took)}
	if info.route == "" {
		attrs = append(attrs, slog.String("path", firstSegment(r.URL.Path)))
	}
	if info.err != nil {
		attrs = append(attrs, slog.String("error", info.err.Error()))
		if out.status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	s.config.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// firstSegment is what the log tells of an address that nothing has. Behind it may stand a number and a query code: whoever copies a link from
// a slip wrongly, with a full stop at its end, asks for such an address.
func firstSegment(path string) string {
	first, rest, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	const longest = 20
	if len(first) > longest {
		return "/…"
	}
	if rest != "" {
		return "/" + first + "/…"
	}
	return "/" + first
}

// newRequestID returns 16 hexadecimal digits.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never returns an error
	return hex.EncodeToString(b[:])
}

// withRecovery turns a panic into the page for 500 and a line in the log.
func (s *Shell) withRecovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) //nolint:forbidigo // net/http asks handlers to pass this one on: it ends the connection, not the program
			}
			s.config.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("id", infoOf(r).id),
				slog.String("route", infoOf(r).route), slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
			s.fail(w, r, &Error{Status: http.StatusInternalServerError, Err: fmt.Errorf("panic: %v", p)})
		}()
		next.ServeHTTP(w, r)
	})
}

// newView gathers what the page needs to know of the request.
func (s *Shell) newView(w http.ResponseWriter, r *http.Request) (*View, error) {
	v := s.bareView(w, r)
	var err error
	if s.config.Users != nil {
		if v.User, err = s.config.Users.UserOf(r); err != nil {
			return nil, err
		}
	}
	if s.config.Places != nil {
		if v.Division, err = s.config.Places.PlaceOf(r); err != nil {
			return nil, err
		}
	}
	v.Flash = takeFlash(w, r, v.L)
	return v, nil
}

// bareView is a view without reader and place. Error pages use it when the rest could not be found out.
func (s *Shell) bareView(w http.ResponseWriter, r *http.Request) *View {
	tag, asked := chooseLanguage(s.matcher, r)
	if asked {
		s.remember(w, cookieLanguage, string(tag))
	}
	elder, asked := chooseType(r)
	if asked {
		choice := "standard"
		if elder {
			choice = "elder"
		}
		s.remember(w, cookieType, choice)
	}
	return &View{L: s.config.Catalogue.Localizer(tag), Path: "/" + strings.TrimLeft(r.URL.Path, `/\`), Elder: elder, Dev: s.config.Dev, Now: s.config.Clock(),
		RequestID: infoOf(r).id, site: &s.config.Site, assets: s.assets, query: r.URL.Query()}
}

// tags is the languages that the header offers.
func tags() []lang.Tag { return lang.All[:] }
