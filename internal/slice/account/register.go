package account

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

func (s *Service) getRegister(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, registerPage(web.ViewOf(r), form.Of(nil)))
}

// registration reads what a person and an organisation fill in alike.
func registration(f *form.Form, kind identity.Kind) identity.Registration {
	return identity.Registration{
		Kind: kind, Login: f.Value("login"), Password: f.Values().Get("password"), Name: f.Value("name"), Number: f.Value("number"), Phone: f.Value("phone"),
	}
}

// repeated notes when the password was not typed twice in the same way.
func repeated(l *web.Localizer, f *form.Form) {
	if f.Values().Get("password") != f.Values().Get("again") {
		f.Fail("again", l.T("account.password.differ"))
	}
}

// postRegister makes an account for a person and signs them in.
func (s *Service) postRegister(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	repeated(v.L, f)
	if f.Valid() {
		reg := registration(f, identity.Person)
		if _, err = s.Identity.Register(r.Context(), reg); err == nil {
			_, err = s.Identity.SignIn(r, reg.Login, reg.Password)
		}
		if err == nil {
			return done(w, r, "/account", "account.register.done")
		}
		if err := refuse(v.L, f, err); err != nil {
			return err
		}
	}
	return web.Render(w, r, statusOf(f), registerPage(v, f))
}

func (s *Service) getOrganisation(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := representing(who); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, organisationPage(web.ViewOf(r), who, form.Of(nil)))
}

// representing reports whether somebody can be the legal representative (法定代表人) of an organisation: a person for themselves.
func representing(who identity.Principal) error {
	if who.Kind != identity.Person || who.For.ID != 0 {
		return web.Forbidden("account.organisation.persons-only")
	}
	return nil
}

// postOrganisation makes an account for an organisation, with its representative, who acts for it from then on.
func (s *Service) postOrganisation(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := representing(who); err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	repeated(v.L, f)
	if f.Valid() {
		reg := registration(f, identity.Enterprise)
		reg.Representative = who.Account
		made, err := s.Identity.Register(r.Context(), reg)
		if err == nil {
			err = s.Identity.ActFor(r, made.ID)
		}
		if err == nil {
			return done(w, r, "/account", "account.organisation.done")
		}
		if err := refuse(v.L, f, err); err != nil {
			return err
		}
	}
	return web.Render(w, r, statusOf(f), organisationPage(v, who, f))
}
