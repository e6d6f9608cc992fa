package board

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// Scope is what somebody looks at: a division with all below it, one body of it, or a centre of it or one window there.
type Scope struct {
	Division *registry.Division
	Body     *registry.Body   // nil: the division with all below it
	Centre   *registry.Centre // nil: wherever things were taken in
	Window   string           // key of a window of the centre; empty: all
	Posts    []string         // that sit there; events name the post that acted
	Item     string           // basic code; empty: all
	Kind     string           // of the cases
}

func (s Scope) bodyKey() string {
	if s.Body == nil {
		return ""
	}
	return s.Body.Key
}

// atWindow reports whether what was taken in at a centre or a window is looked at.
func (s Scope) atWindow() bool { return s.Centre != nil || s.Window != "" }

func (s Scope) centreKey() string {
	if s.Centre == nil {
		return ""
	}
	return s.Centre.Key
}

// counted is the scope as the counters know it.
func (s Scope) counted() supervision.Scope {
	c := supervision.Scope{Division: s.Division.Code, Body: s.bodyKey(), Kind: s.Kind, Item: s.Item}
	if s.atWindow() {
		c.Posts = s.Posts
		if len(c.Posts) == 0 {
			c.Posts = []string{""} // nobody sits there: nothing was taken in
		}
	}
	return c
}

// look reads the scope of a request and asks whether the reader may look at it. No division means their own, which for a head is
// their own body.
func (s *Service) look(r *http.Request, actor identity.Principal) (Scope, error) {
	places, q := s.Registry.Now(), r.URL.Query()
	code, body, centre, window := r.PathValue("division"), q.Get("body"), q.Get("centre"), q.Get("window")
	if code == "" {
		code = actor.Post.Division
		if !actor.Post.Has(registry.Supervisor) && !actor.Post.Has(registry.Manager) {
			body = actor.Post.Body
		}
	}
	scope := Scope{Division: places.Division(code), Item: q.Get("item"), Kind: s.Kind, Window: window}
	if kind := q.Get("kind"); kind != "" {
		scope.Kind = kind
	}
	if scope.Division == nil {
		return scope, fmt.Errorf("division %q: %w", code, store.ErrNotFound)
	}
	if body != "" {
		if scope.Body = places.Body(body); scope.Body == nil || scope.Body.Division != code {
			return scope, fmt.Errorf("body %q of %s: %w", body, code, store.ErrNotFound)
		}
	}
	asked := body
	if centre != "" || window != "" {
		owner, err := s.lookAtWindow(&scope, centre)
		if err != nil {
			return scope, err
		}
		if asked == "" {
			asked = owner
		}
	}
	return scope, s.allow(actor, scope, asked)
}

// lookAtWindow finds the centre and the posts of a scope, and the body to which they belong. Without a body, the centre must be one of
// the division itself: a window of the city takes in for its counties, but its figures are the city's.
func (s *Service) lookAtWindow(scope *Scope, centre string) (owner string, err error) {
	places, code := s.Registry.Now(), scope.Division.Code
	none := fmt.Errorf("centre %q, window %q of %s: %w", centre, scope.Window, code, store.ErrNotFound)
	if key, alone := strings.CutPrefix(scope.Window, aloneAt); alone {
		p := places.Post(key)
		if p == nil || scope.Body == nil && p.Division != code {
			return "", none
		}
		scope.Posts = []string{key}
		return p.Body, nil
	}
	if centre == "" {
		scope.Centre = s.centreOf(code, scope.Window)
	} else {
		scope.Centre = places.Centre(centre)
	}
	c := scope.Centre
	if c == nil || scope.Body == nil && c.Division != code {
		return "", none
	}
	if scope.Window != "" && !slices.ContainsFunc(c.Windows, func(w registry.Window) bool { return w.Key == scope.Window }) {
		return "", none
	}
	scope.Posts = s.seats(c, scope.Window)
	return c.Body, nil
}

// aloneAt stands before the key of a post that has no window of its own, where a window is named.
const aloneAt = "post:"

// allow asks whether somebody may look at a scope; body is the one to which it belongs, or empty.
func (s *Service) allow(actor identity.Principal, scope Scope, body string) error {
	code := scope.Division.Code
	return s.Cases.Policy.Allow(actor, identity.ActionBoard, identity.Resource{Type: "board", ID: code, Division: code, Body: body})
}

// centreOf finds the centre of a window: in the division, or in one above it, whose windows serve the bodies below as well.
func (s *Service) centreOf(division, window string) *registry.Centre {
	places := s.Registry.Now()
	path := places.Path(division)
	for i := len(path) - 1; i >= 0; i-- {
		for _, c := range places.Centres(path[i].Code) {
			if slices.ContainsFunc(c.Windows, func(w registry.Window) bool { return w.Key == window }) {
				return c
			}
		}
	}
	return nil
}

// windowOf is the window at which a post sits: the first, if it has several; the post itself when it has none of its own.
func (s *Service) windowOf(post string) string {
	if p := s.Registry.Now().Post(post); p != nil && len(p.Windows) > 0 {
		return p.Windows[0]
	}
	return aloneAt + post
}

// seats returns the posts that sit at a window of a centre, or at any of it; then also the clerks of the body that runs the centre who
// have no window of their own.
func (s *Service) seats(c *registry.Centre, window string) (posts []string) {
	places := s.Registry.Now()
	of := func(w string) bool {
		return w == window || window == "" && slices.ContainsFunc(c.Windows, func(o registry.Window) bool { return o.Key == w })
	}
	for _, b := range places.Bodies(c.Division) {
		for _, p := range places.Posts(b.Key) {
			switch {
			case len(p.Windows) > 0 && of(p.Windows[0]):
				posts = append(posts, p.Key)
			case len(p.Windows) == 0 && window == "" && b.Key == c.Body && p.Has(registry.Clerk):
				posts = append(posts, p.Key)
			}
		}
	}
	return posts
}
