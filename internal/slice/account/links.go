package account

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/web"
)

// keptOIDC is the name under which the session keeps what a sign-in at a provider needs.
const keptOIDC = "oidc"

func (s *Service) provider(r *http.Request) (*oidc.Provider, error) {
	for _, p := range s.Providers {
		if p.Name == r.PathValue("provider") {
			return p, nil
		}
	}
	return nil, web.NotFound("")
}

// getProvider sends the browser to an identity provider.
func (s *Service) getProvider(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	to, kept, err := p.Begin(r.Context())
	if err != nil {
		return &web.Error{Status: http.StatusServiceUnavailable, Key: "account.provider.away", Err: err}
	}
	s.Identity.Keep(r, keptOIDC, kept)
	s.Identity.Keep(r, keptOIDC+".next", r.URL.Query().Get("next"))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// getCallback takes the answer with which a provider sends the browser back.
func (s *Service) getCallback(w http.ResponseWriter, r *http.Request) error {
	p, err := s.provider(r)
	if err != nil {
		return err
	}
	kept, asked := s.Identity.Take(r, keptOIDC), s.Identity.Take(r, keptOIDC+".next")
	said, err := p.Finish(r.Context(), kept, r.URL.Query())
	switch {
	case errors.Is(err, oidc.ErrCancelled):
		return done(w, r, signInPath(asked), "account.provider.cancelled")
	case errors.Is(err, oidc.ErrRefused):
		return &web.Error{Status: http.StatusForbidden, Key: "account.provider.refused", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &web.Error{Status: http.StatusServiceUnavailable, Key: "account.provider.away", Err: err}
	case err != nil:
		return err
	}
	before, err := s.Identity.Principal(r)
	if err != nil {
		return err
	}
	_, err = s.Identity.SignInAsserted(r, said)
	switch {
	case err == nil:
		return s.signedIn(w, r, asked)
	case refused(err, identity.RefusedFactor):
		return web.SeeOther(w, r, secondPath(asked))
	case refused(err, identity.RefusedProvider) && before.Kind != identity.Visitor:
		return web.SeeOther(w, r, "/account/links")
	case refused(err, identity.RefusedProvider):
		web.SetFlash(w, r, web.Flash{Kind: "important", Key: "identity.provider"})
		return web.SeeOther(w, r, signInPath(asked))
	case refused(err, identity.RefusedWrong):
		return &web.Error{Status: http.StatusForbidden, Key: "account.provider.closed", Err: err}
	}
	return err
}

// linksView is what the page about identity providers shows.
type linksView struct {
	offered identity.Link
	offer   bool
	title   lang.Text // of the provider that is offered
	linked  []linked
	others  []provider
}

type linked struct {
	issuer string
	title  lang.Text
}

func (s *Service) getLinks(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	var p linksView
	p.offered, p.offer = s.Identity.LinkOffered(r)
	p.title = s.issuerTitle(p.offered.Issuer)
	issuers, err := s.Identity.Links(r.Context(), who.Account)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, issuer := range issuers {
		has[issuer] = true
		p.linked = append(p.linked, linked{issuer, s.issuerTitle(issuer)})
	}
	for _, q := range s.Providers {
		if !has[q.Issuer] {
			p.others = append(p.others, provider{q.Name, q.Title})
		}
	}
	return web.Render(w, r, http.StatusOK, linksPage(web.ViewOf(r), p))
}

// postLink says whether the link that a provider offers is wanted.
func (s *Service) postLink(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	if f.Value("link") != "yes" {
		s.Identity.DeclineLink(r)
		return done(w, r, "/account/links", "account.links.declined")
	}
	if err := s.Identity.AcceptLink(r); err != nil {
		return unprocessable(err)
	}
	return done(w, r, "/account/links", "account.links.done")
}

func (s *Service) postUnlink(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	if err := s.Identity.Unlink(r, f.Value("issuer")); err != nil {
		return unprocessable(err)
	}
	return done(w, r, "/account/links", "account.links.ended")
}

func providerPath(name, next string) string {
	if next == "" {
		return "/signin/oidc/" + name
	}
	return "/signin/oidc/" + name + "?" + url.Values{"next": {next}}.Encode()
}
