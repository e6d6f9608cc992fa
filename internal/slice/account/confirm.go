package account

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// confirmView is what the page shows on which somebody proves once more who they are.
type confirmView struct {
	next    string
	carried [][2]string // fields of the form that waits meanwhile
	post    bool        // it waits to be posted
	ways    ways
	form    *form.Form
}

// ways are how an account can prove itself beside the password.
type ways struct {
	code    bool   // there is an authenticator program, or there are recovery codes
	passkey bool   // there is a passkey
	host    string // to which passkeys are bound
}

func (s *Service) waysOf(r *http.Request, account identity.Account) (ways, error) {
	all, err := s.Identity.Factors(r.Context(), account.ID)
	out := ways{code: len(all) > 0, host: s.Identity.PasskeyHost()}
	for _, f := range all {
		out.passkey = out.passkey || f.Kind == identity.Passkey
	}
	return out, err
}

// The fields of this page begin so, to be told from those that it carries.
const confirmPrefix = "confirm-"

func (s *Service) confirmView(who identity.Principal, r *http.Request, f *form.Form) (confirmView, error) {
	p := confirmView{next: web.LocalPath(r.URL.Query().Get("next"), "/account"), form: f}
	a, err := s.Identity.Account(r.Context(), who.Account)
	if err != nil {
		return p, err
	}
	p.ways, err = s.waysOf(r, a)
	return p, err
}

func (s *Service) getConfirm(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	p, err := s.confirmView(who, r, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, confirmPage(web.ViewOf(r), p))
}

// postConfirm gets a form that was on its way elsewhere and keeps it in its page, or gets the proof and sends the form on: status 307 lets
// the browser post once more what it posted here.
func (s *Service) postConfirm(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	p, err := s.confirmView(who, r, f)
	if err != nil {
		return err
	}
	secret := false
	for name, values := range f.Values() {
		if strings.HasPrefix(name, confirmPrefix) {
			continue
		}
		if web.SecretField(name) {
			secret = true
			continue
		}
		for _, value := range values {
			p.carried = append(p.carried, [2]string{name, value})
		}
	}
	slices.SortFunc(p.carried, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	p.post = f.Value(confirmPrefix+"how") != "get"
	v := web.ViewOf(r)
	if f.Value(confirmPrefix+"how") == "" { // it has just arrived
		if secret {
			return web.SeeOther(w, r, p.action()) // what was typed there is typed again; it goes through no page
		}
		return web.Render(w, r, http.StatusOK, confirmPage(v, p))
	}
	if err := s.proveAgain(r, p); err != nil {
		if refused(err, identity.RefusedWrong) {
			f.Fail(confirmPrefix+"password", v.L.T("account.password.wrong"))
		} else if err := s.refuseProof(w, r, f, confirmPrefix+"code", err); err != nil {
			return err
		}
		return web.Render(w, r, statusOf(f), confirmPage(v, p))
	}
	if p.post {
		http.Redirect(w, r, p.next, http.StatusTemporaryRedirect)
		return nil
	}
	return web.SeeOther(w, r, p.next)
}

func (s *Service) proveAgain(r *http.Request, p confirmView) error {
	f := p.form
	if answer := f.Value(confirmPrefix + "answer"); answer != "" {
		_, err := s.Identity.ProvePasskey(r, []byte(answer))
		return err
	}
	if p.ways.code {
		_, err := s.Identity.ProveCode(r, f.Value(confirmPrefix+"code"))
		return err
	}
	return s.Identity.ProvePassword(r, f.Values().Get(confirmPrefix+"password"))
}

// action is where the form of the page goes.
func (p confirmView) action() string {
	return "/account/confirm?" + url.Values{"next": {p.next}}.Encode()
}
