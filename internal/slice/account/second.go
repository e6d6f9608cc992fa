package account

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// secondPath is the page of the second step of signing in.
func secondPath(next string) string {
	if next == "" {
		return "/signin/code"
	}
	return "/signin/code?" + url.Values{"next": {next}}.Encode()
}

func (s *Service) getSecond(w http.ResponseWriter, r *http.Request) error {
	return s.showSecond(w, r, form.Of(map[string][]string{"next": {r.URL.Query().Get("next")}}))
}

func (s *Service) showSecond(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	a, err := s.Identity.Pending(r)
	if refused(err, identity.RefusedOffer) { // too late, or straight to this page
		return web.SeeOther(w, r, signInPath(f.Value("next")))
	}
	if err != nil {
		return err
	}
	can, err := s.waysOf(r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), secondPage(web.ViewOf(r), f, can))
}

func signInPath(next string) string {
	if next == "" {
		return "/signin"
	}
	return "/signin?" + url.Values{"next": {next}}.Encode()
}

func (s *Service) postSecond(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	if f.Required(v.L, "code", label(v.L, "code")) != "" {
		_, err = s.Identity.ProveCode(r, f.Value("code"))
		if err == nil {
			return s.signedIn(w, r, f.Value("next"))
		}
		if refused(err, identity.RefusedOffer) {
			return done(w, r, signInPath(f.Value("next")), "identity.offer")
		}
		if err := s.refuseProof(w, r, f, "code", err); err != nil {
			return err
		}
	}
	return s.showSecond(w, r, f)
}

// refuseProof puts into the form why a second factor is not taken.
func (s *Service) refuseProof(w http.ResponseWriter, r *http.Request, f *form.Form, field string, err error) error {
	var refusal *identity.Refusal
	l := web.ViewOf(r).L
	switch {
	case !errors.As(err, &refusal):
		return err
	case refusal.Code == identity.RefusedTooMany:
		f.Fail(field, l.T(refusal.Key())+" "+s.wait(w, l, refusal.Until))
	case refusal.Code == identity.RefusedPasskey:
		f.Fail("", l.T(refusal.Key()))
	default:
		f.Fail(field, l.T(refusal.Key()))
	}
	return nil
}

// wait says how long somebody has to wait, and tells programs too.
func (s *Service) wait(w http.ResponseWriter, l *web.Localizer, until time.Time) string {
	seconds := max(1, int((until.Sub(s.Now())+time.Second-1)/time.Second))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	if seconds > 120 {
		return l.T("account.signin.wait-minutes", web.Args{"Count": (seconds + 59) / 60})
	}
	return l.T("account.signin.wait", web.Args{"Count": seconds})
}

// postAskPasskey answers what the browser's script is to ask a passkey.
func (s *Service) postAskPasskey(w http.ResponseWriter, r *http.Request) error {
	options, err := s.Identity.AskPasskey(r)
	return writeOptions(w, options, err)
}

// postSignInPasskey takes the proof of a passkey: alone, or as the second step.
func (s *Service) postSignInPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	_, pending := s.Identity.Pending(r)
	_, err = s.Identity.ProvePasskey(r, []byte(f.Value("answer")))
	if err == nil {
		return s.signedIn(w, r, f.Value("next"))
	}
	if err := s.refuseProof(w, r, f, "", err); err != nil {
		return err
	}
	if pending == nil {
		return s.showSecond(w, r, f)
	}
	return s.showSignIn(w, r, statusOf(f), f)
}

// signedIn goes on after signing in: to a link that waits for a word, to the second factor that is still missing, or to what was asked for.
func (s *Service) signedIn(w http.ResponseWriter, r *http.Request, asked string) error {
	who, err := s.Identity.Principal(r)
	if err != nil {
		return err
	}
	to := next(asked, who)
	if who.Given {
		return web.SeeOther(w, r, "/account/password")
	}
	if who.Unproven {
		return web.SeeOther(w, r, "/account/factors?"+url.Values{"next": {to}}.Encode())
	}
	if _, ok := s.Identity.LinkOffered(r); ok {
		return web.SeeOther(w, r, "/account/links")
	}
	return web.SeeOther(w, r, to)
}
