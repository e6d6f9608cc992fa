package account

import (
	"errors"
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// landing is where somebody begins who came to no page in particular.
func landing(who identity.Principal) string {
	if who.Kind != identity.Staff {
		return "/me"
	}
	for _, begin := range []struct{ role, path string }{
		{registry.Clerk, "/desk"}, {registry.Reviewer, "/desk"}, {registry.Head, "/desk"}, {registry.Agent, "/desk"},
		{registry.Supervisor, "/board"}, {registry.Manager, "/board"},
		{registry.SystemAdmin, "/admin"}, {registry.SecurityAdmin, "/admin"}, {registry.AuditAdmin, "/admin"},
	} {
		if who.Post.Has(begin.role) {
			return begin.path
		}
	}
	return "/account"
}

// next is the page to go on to after signing in: the one that was asked for when it is of this site, else where they begin.
func next(asked string, who identity.Principal) string {
	switch to := web.LocalPath(asked, landing(who)); to {
	case "/signin", "/register": // never in a circle
		return landing(who)
	default:
		return to
	}
}

func (s *Service) getSignIn(w http.ResponseWriter, r *http.Request) error {
	who, err := s.Identity.Principal(r)
	if err != nil {
		return err
	}
	asked := r.URL.Query().Get("next")
	if who.Kind != identity.Visitor {
		return web.SeeOther(w, r, next(asked, who))
	}
	return s.showSignIn(w, r, http.StatusOK, form.Of(map[string][]string{"next": {asked}}))
}

func (s *Service) showSignIn(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return web.Render(w, r, status, signInPage(web.ViewOf(r), f, s.Identity.PasskeyHost(), s.providers()))
}

func (s *Service) postSignIn(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	login := f.Required(v.L, "login", label(v.L, "login"))
	password := f.Values().Get("password")
	if password == "" {
		f.Required(v.L, "password", label(v.L, "password"))
	}
	if !f.Valid() {
		return s.showSignIn(w, r, http.StatusUnprocessableEntity, f)
	}
	_, err = s.Identity.SignIn(r, login, password)
	if refused(err, identity.RefusedFactor) {
		return web.SeeOther(w, r, secondPath(f.Value("next")))
	}
	if err != nil {
		return s.notSignedIn(w, r, f, err)
	}
	return s.signedIn(w, r, f.Value("next"))
}

// notSignedIn says why. An unknown login, a wrong password and a disabled account are told by the same words.
func (s *Service) notSignedIn(w http.ResponseWriter, r *http.Request, f *form.Form, err error) error {
	var refusal *identity.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	l := web.ViewOf(r).L
	text, status := l.T(refusal.Key()), http.StatusUnprocessableEntity
	switch refusal.Code {
	case identity.RefusedTooMany:
		text, status = text+" "+s.wait(w, l, refusal.Until), http.StatusTooManyRequests
	case identity.RefusedBusy:
		status = http.StatusServiceUnavailable
	}
	f.Fail("", text)
	return s.showSignIn(w, r, status, f)
}

func (s *Service) postSignOut(w http.ResponseWriter, r *http.Request) error {
	source, err := s.Identity.SignOut(r)
	if err != nil {
		return err
	}
	// Pages that the way back would show again go too. What programs keep for work off line is theirs to clear: it may not be handed in yet.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	for _, p := range s.Providers {
		if to := p.Logout("/"); p.Name == source && to != "" {
			return web.Render(w, r, http.StatusOK, signedOutPage(web.ViewOf(r), p.Title, to))
		}
	}
	return done(w, r, "/", "account.signout.done")
}
