package account

import (
	"net/http"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// tokensView is what the page of tokens shows.
type tokensView struct {
	tokens []tokenRow
	form   *form.Form
	made   identity.Token
	secret string // of the token just made; shown this once
}

type tokenRow struct {
	identity.Token
	bound lang.Text
	open  bool
}

func (s *Service) tokensView(who identity.Principal, r *http.Request, f *form.Form) (tokensView, error) {
	p := tokensView{form: f}
	tokens, err := s.Identity.Tokens(r.Context(), who)
	if err != nil {
		return p, err
	}
	places := s.Registry.Now()
	for _, t := range tokens {
		p.tokens = append(p.tokens, tokenRow{Token: t, bound: boundTo(places, t), open: t.Until.After(s.Now())})
	}
	return p, nil
}

// boundTo names what a token is bound to; empty when it is bound to nothing.
func boundTo(places *registry.Snapshot, t identity.Token) lang.Text {
	if b := places.Body(t.Body); b != nil {
		return b.Name
	}
	if d := places.Division(t.Division); d != nil {
		return d.Name
	}
	return lang.Text{}
}

func (s *Service) getTokens(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	p, err := s.tokensView(who, r, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, tokensPage(web.ViewOf(r), p))
}

// postToken makes a token and shows its secret. The answer is the page itself and no redirect, because the secret is kept nowhere.
func (s *Service) postToken(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	t := identity.Token{Name: f.Required(v.L, "name", v.L.T("account.token.name")), Scopes: f.All("scopes"), Body: f.Value("body"), Division: division(f)}
	if len(t.Scopes) == 0 {
		f.Fail("scopes", v.L.T("web.form.choose", web.Args{"Label": label(v.L, "scopes")}))
	}
	if day := f.Date(v.L, "until", label(v.L, "until")); f.Error("until") == "" {
		t.Until = day.End()
	}
	var made tokensView
	if f.Valid() {
		made.made, made.secret, err = s.Identity.CreateMachineToken(r.Context(), who, t)
		if err == nil {
			f = form.Of(nil)
		} else if err := refuse(v.L, f, err); err != nil {
			return err
		}
	}
	p, err := s.tokensView(who, r, f)
	if err != nil {
		return err
	}
	p.made, p.secret = made.made, made.secret
	return web.Render(w, r, statusOf(f), tokensPage(v, p))
}

// division reads the code of a division in any of its spellings; what is none is handed on, to be refused as unknown.
func division(f *form.Form) string {
	text := f.Value("division")
	if a, err := identifier.ParseArea(text); err == nil {
		return a.Code
	}
	return text
}

func (s *Service) postRevokeToken(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r, "id")
	if err != nil {
		return err
	}
	if err := s.Identity.RevokeToken(r.Context(), who, id); err != nil {
		if refused(err, identity.RefusedToken) {
			return web.Conflict("account.token.over-already", nil)
		}
		return err
	}
	return done(w, r, "/admin/tokens", "account.token.revoked")
}

// scopeOptions are the actions that a token may open.
func scopeOptions(l *web.Localizer) []ui.Option {
	scopes := identity.Scopes()
	options := make([]ui.Option, len(scopes))
	for i, scope := range scopes {
		options[i] = ui.Option{Value: scope, Text: l.T("account.scope." + scope), Hint: scope}
	}
	return options
}

func (p tokensView) cells(l *web.Localizer) [][]ui.Cell {
	cells := make([][]ui.Cell, len(p.tokens))
	for i, t := range p.tokens {
		bound := l.Text(t.bound)
		if bound == "" {
			bound = l.T("account.token.unbound")
		}
		cells[i] = []ui.Cell{{Text: t.Name}, {Content: scopeList(l, t.Scopes)}, {Text: bound}, {Text: l.DateOf(t.CreatedAt)}, {Text: lastDay(l, t.Until, "")},
			{Content: tokenAction(l, t)}}
	}
	return cells
}
