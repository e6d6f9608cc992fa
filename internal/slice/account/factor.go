package account

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// factorsView is what the page of one's second factors (第二因素) shows.
type factorsView struct {
	who      identity.Principal
	factors  []identity.Factor
	recovery int    // codes left
	host     string // of passkeys; empty: there are none
	next     string // where somebody goes on who was led here
	form     *form.Form
}

// needed says that somebody was led here because staff do nothing without a second factor.
func (p factorsView) needed() bool { return p.who.Unproven && len(p.factors) == 0 }

func (s *Service) factorsView(who identity.Principal, r *http.Request, f *form.Form) (factorsView, error) {
	p := factorsView{who: who, host: s.Identity.PasskeyHost(), form: f}
	var err error
	if p.factors, err = s.Identity.Factors(r.Context(), who.Account); err == nil {
		p.recovery, err = s.Identity.RecoveryLeft(r.Context(), who.Account)
	}
	if asked := r.URL.Query().Get("next"); asked != "" {
		p.next = web.LocalPath(asked, "")
	}
	return p, err
}

func (s *Service) getFactors(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if who.Given { // whoever may do nothing yet is led here; a password of one's own comes first
		return web.SeeOther(w, r, "/account/password")
	}
	p, err := s.factorsView(who, r, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, factorsPage(web.ViewOf(r), p))
}

// totpView is what the page shows on which an authenticator program is added.
type totpView struct {
	offer identity.TOTPOffer
	next  string
	form  *form.Form
}

// groups writes the secret in groups of four, as it is read out.
func (p totpView) groups() string {
	var b strings.Builder
	for i, c := range p.offer.Secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func (s *Service) getTOTP(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	return s.showTOTP(w, r, form.Of(map[string][]string{"next": {r.URL.Query().Get("next")}, "name": {web.ViewOf(r).L.T("account.factor.totp-name")}}))
}

func (s *Service) showTOTP(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	offer, err := s.Identity.OfferTOTP(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), totpPage(web.ViewOf(r), totpView{offer: offer, next: f.Value("next"), form: f}))
}

func (s *Service) postTOTP(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	codes, err := s.Identity.ConfirmTOTP(r, f.Value("name"), f.Value("code"))
	if err == nil {
		return s.added(who, w, r, f, codes)
	}
	if refused(err, identity.RefusedCode) {
		f.Fail("code", v.L.T("identity.code"))
	} else if err := refuse(v.L, f, err); err != nil {
		return err
	}
	return s.showTOTP(w, r, f)
}

// added shows the recovery codes that came with the first factor, or goes on.
func (s *Service) added(_ identity.Principal, w http.ResponseWriter, r *http.Request, f *form.Form, codes []string) error {
	to := "/account/factors"
	if next := web.LocalPath(f.Value("next"), ""); next != "" {
		to = next
	}
	if len(codes) == 0 {
		return done(w, r, to, "account.factor.added")
	}
	return s.showCodes(w, r, codes, to)
}

// showCodes is a page and no redirect, because the codes are kept nowhere as they are.
func (s *Service) showCodes(w http.ResponseWriter, r *http.Request, codes []string, to string) error {
	who, err := s.Identity.Principal(r)
	if err != nil {
		return err
	}
	if to == "" || to == "/account/factors" {
		to = landing(who)
	}
	return web.Render(w, r, http.StatusOK, codesPage(web.ViewOf(r), codes, to))
}

// postAskPasskey answers what the browser's script is to ask for a new passkey.
func (s *Service) postOfferPasskey(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	options, err := s.Identity.OfferPasskey(r)
	return writeOptions(w, options, err)
}

func writeOptions(w http.ResponseWriter, options []byte, err error) error {
	if err != nil {
		return unprocessable(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(options) //nolint:gosec // G705: JSON of our own, sent as JSON; the browser may have gone, and there is nobody to tell
	return nil
}

// unprocessable turns what identity refuses into an answer that says so.
func unprocessable(err error) error {
	var refusal *identity.Refusal
	if errors.As(err, &refusal) {
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: refusal.Key(), Err: err}
	}
	return err
}

func (s *Service) postPasskey(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	codes, err := s.Identity.AddPasskey(r, f.Value("name"), []byte(f.Value("answer")))
	if err == nil {
		return s.added(who, w, r, f, codes)
	}
	if err := refuse(v.L, f, err); err != nil {
		return err
	}
	p, err := s.factorsView(who, r, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), factorsPage(v, p))
}

func (s *Service) postRemoveFactor(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r, "id")
	if err != nil {
		return err
	}
	if err := s.Identity.RemoveFactor(r, id); err != nil {
		return unprocessable(err)
	}
	return done(w, r, "/account/factors", "account.factor.removed")
}

func (s *Service) postRecovery(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	codes, err := s.Identity.RenewRecovery(r)
	if err != nil {
		return unprocessable(err)
	}
	return s.showCodes(w, r, codes, "/account/factors")
}

// rows lists the factors with what can be done to each.
func (p factorsView) rows(l *web.Localizer) [][]ui.Cell {
	rows := make([][]ui.Cell, len(p.factors))
	for i, f := range p.factors {
		used := l.T("account.factor.never")
		if !f.UsedAt.IsZero() {
			used = l.DateOf(f.UsedAt)
		}
		rows[i] = []ui.Cell{{Text: f.Name}, {Text: l.T("account.factor." + string(f.Kind))}, {Text: l.DateOf(f.CreatedAt)}, {Text: used}, {Content: removeFactor(l, f)}}
	}
	return rows
}

// provider is an identity provider as pages show it.
type provider struct{ Name, Title string }

func (s *Service) providers() []provider {
	out := make([]provider, len(s.Providers))
	for i, p := range s.Providers {
		out[i] = provider{p.Name, p.Title}
	}
	return out
}

// deviceText says from what kind of device somebody signed in.
func deviceText(l *web.Localizer, d identity.Device) string {
	return l.T("account.device."+d.Kind) + l.T("account.device.comma") + l.T("account.browser."+d.Browser)
}

// issuerTitle is how people know a provider.
func (s *Service) issuerTitle(issuer string) lang.Text {
	for _, p := range s.Providers {
		if p.Issuer == issuer {
			return lang.Text{Hans: p.Title}
		}
	}
	return lang.Text{Hans: issuer}
}

func totpPath(next string) string {
	if next == "" {
		return "/account/factors/totp"
	}
	return "/account/factors/totp?" + url.Values{"next": {next}}.Encode()
}

// backOf is where the page leads back to: nowhere when somebody has to add a factor first.
func backOf(p factorsView) string {
	if p.who.Unproven {
		return ""
	}
	return "/account"
}
