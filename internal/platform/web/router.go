package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"openhall.org/openhall/internal/platform/web/assets"
)

// HandlerFunc serves a page. A returned error becomes an error page; nothing may have been written before it.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Route says what a route is for and who may use it. Exactly one of Public and Action is set.
type Route struct {
	// Name identifies the route in logs, metrics and the security matrix, for instance power.guide.
	Name string
	// Public is true for what everybody may read or do.
	Public bool
	// Action is what the caller must be allowed; Guard decides.
	Action string
	// Fresh is true for what an unlocked screen must not suffice for: Guard asks for a proof given a short while ago. Set it on the
	// page with the form as well as on the form, so that the proof is asked for before anything is typed.
	Fresh bool
	// Private forbids caches to keep the answer. It is implied by Action.
	Private bool
	// MaxBody limits the request body, in bytes; zero takes the limit of the shell.
	MaxBody int64
	// Machine is true for routes that programs call with a token of their own: no cookie counts there, so requests from foreign
	// origins are let through, and no page frame is computed.
	Machine bool

	// Pattern is filled in by Handle: method, path and wildcards as in http.ServeMux.
	Pattern string
}

// Shell serves the pages of all modules in one frame. Add routes, then take Handler; it is not to be changed afterwards.
type Shell struct {
	config   Config
	mux      *http.ServeMux
	matcher  language.Matcher
	assets   *assets.Set
	origin   *http.CrossOriginProtection
	routes   []Route
	problems []error
}

const defaultMaxBody = 256 << 10

// New returns a shell without routes.
func New(config Config) (*Shell, error) {
	if config.Catalogue == nil || config.Clock == nil || config.Log == nil {
		return nil, errors.New("web: Config needs Catalogue, Clock and Log")
	}
	if config.MaxBody == 0 {
		config.MaxBody = defaultMaxBody
	}
	files, err := assets.Load()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s := &Shell{config: config, mux: http.NewServeMux(), matcher: newMatcher(), assets: files,
		origin: http.NewCrossOriginProtection()}
	s.mux.Handle("GET "+assets.Prefix, files)
	return s, nil
}

// Handle adds a route. Mistakes are collected and reported by Handler.
func (s *Shell) Handle(pattern string, route Route, h HandlerFunc) {
	route.Pattern = pattern
	if err := s.checkRoute(route); err != nil {
		s.problems = append(s.problems, err)
		return
	}
	if route.Action != "" {
		route.Private = true
	}
	if err := s.register(pattern, s.serve(route, h)); err != nil {
		s.problems = append(s.problems, err)
		return
	}
	s.routes = append(s.routes, route)
}

// Mount adds a handler of its own kind, such as the API or the tiles of the log, under the same checks as a page.
func (s *Shell) Mount(pattern string, route Route, h http.Handler) {
	s.Handle(pattern, route, func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	})
}

func (s *Shell) checkRoute(route Route) error {
	switch {
	case route.Name == "":
		return fmt.Errorf("route %q: give it a Name", route.Pattern)
	case route.Public == (route.Action != ""):
		return fmt.Errorf("route %q (%s): set either Public or Action", route.Pattern, route.Name)
	case slices.ContainsFunc(s.routes, func(r Route) bool { return r.Name == route.Name }):
		return fmt.Errorf("route %q: another route is named %s", route.Pattern, route.Name)
	}
	return nil
}

// register turns ServeMux's panic about a bad or double pattern into an error.
func (s *Shell) register(pattern string, h http.Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %q: %v", pattern, p)
		}
	}()
	s.mux.Handle(pattern, h)
	return nil
}

// Routes lists the routes in the order of their patterns.
func (s *Shell) Routes() []Route {
	routes := slices.Clone(s.routes)
	slices.SortFunc(routes, func(a, b Route) int { return strings.Compare(a.Pattern, b.Pattern) })
	return routes
}

// Handler returns the whole site, or all that is wrong with its routes.
func (s *Shell) Handler() (http.Handler, error) {
	if err := errors.Join(s.problems...); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return s.withRequest(s.withRecovery(http.HandlerFunc(s.dispatch))), nil
}

// maxAddress bounds the address of a request, in bytes: a search for a whole document says so instead of looking for it.
const maxAddress = 32 << 10

// dispatch answers unknown paths and methods with pages of our own instead of ServeMux's plain text.
func (s *Shell) dispatch(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > maxAddress {
		r = r.Clone(r.Context()) // the links of the page lead to where it was looked for, and do not repeat the words
		r.URL.RawQuery = ""
		if len(r.URL.Path) > maxAddress/2 {
			r.URL.Path, r.URL.RawPath = "/", ""
		}
		s.fail(w, r, &Error{Status: http.StatusRequestURITooLong})
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	// ServeMux tells by its own answer whether the path exists for another method, or has another spelling.
	probe := &statusProbe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		s.fail(w, r, &Error{Status: http.StatusMethodNotAllowed})
	case probe.status >= 300 && probe.status < 400:
		h.ServeHTTP(w, r)
	default:
		s.fail(w, r, &Error{Status: http.StatusNotFound})
	}
}

// statusProbe keeps status and headers of an answer and throws its body away.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }

// serve runs what every route needs before and after its handler.
func (s *Shell) serve(route Route, h HandlerFunc) http.Handler {
	limit := s.config.MaxBody
	if route.MaxBody > 0 {
		limit = route.MaxBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		infoOf(r).route = route.Name
		if route.Private {
			Private(w)
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if !route.Machine {
			if err := s.origin.Check(r); err != nil {
				s.fail(w, r, &Error{Status: http.StatusForbidden, Key: "web.error.origin", Err: err})
				return
			}
			v, err := s.newView(w, r)
			if err != nil {
				s.fail(w, r, err)
				return
			}
			r = r.WithContext(v.into(r.Context()))
		}
		if err := s.admit(r, route); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// admit refuses callers who may not do what the route does.
func (s *Shell) admit(r *http.Request, route Route) error {
	if route.Public {
		return nil
	}
	if s.config.Guard == nil {
		return Forbidden("")
	}
	return s.config.Guard.Allow(r, route)
}
