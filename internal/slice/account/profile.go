package account

import (
	"net/http"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// profileView is what the page of one's account shows.
type profileView struct {
	who     identity.Principal
	account identity.Account
	parties []identity.Party
	posts   []ui.Option

	providers bool // there are identity providers
}

func (s *Service) getProfile(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	a, err := s.Identity.Account(r.Context(), who.Account)
	if err != nil {
		return missing(err)
	}
	p := profileView{who: who, account: a, providers: len(s.Providers) > 0}
	if who.Kind == identity.Person {
		if p.parties, err = s.Identity.Parties(r.Context(), who.Account); err != nil {
			return err
		}
	}
	places := s.Registry.Now()
	for _, post := range s.Identity.Posts(who.Account) {
		p.posts = append(p.posts, ui.Option{Value: post.ID, Text: v.L.Text(postName(places, post.ID)), Hint: post.ID})
	}
	return web.Render(w, r, http.StatusOK, profilePage(v, p))
}

// rows are what the account knows of its holder; numbers are masked, because screens are seen by others.
func (p profileView) rows(l *web.Localizer) []ui.Row {
	a := p.account
	rows := []ui.Row{
		{Key: label(l, "name"), Value: a.Name},
		{Key: l.T("account.profile.kind"), Value: l.T("identity.kind." + string(a.Kind))},
		{Key: label(l, "login"), Value: a.Login},
	}
	if a.Number != "" {
		number := a.Number
		if a.Kind == identity.Person {
			number = identifier.MaskID(number)
		}
		rows = append(rows, ui.Row{Key: label(l, "number"), Value: number})
	}
	if a.Phone != "" {
		rows = append(rows, ui.Row{Key: label(l, "phone"), Value: identifier.MaskPhone(a.Phone)})
	}
	return append(rows, ui.Row{Key: label(l, "password"), Value: l.T("account.profile.changed", web.Args{"Day": l.DateOf(a.PasswordChanged)}),
		Action: ui.Link{Href: "/account/password", Text: l.T("web.form.change")}, ActionFor: label(l, "password")})
}

// partyOptions are those for whom the holder may act, themselves first.
func (p profileView) partyOptions(l *web.Localizer) []ui.Option {
	options := []ui.Option{{Value: "0", Text: l.T("account.acting.self", web.Args{"Name": p.who.Name})}}
	for _, party := range p.parties {
		options = append(options, ui.Option{Value: party.ID.String(), Text: party.Name, Hint: l.T("identity.kind." + string(party.Kind))})
	}
	return options
}

// postActing makes a person act for somebody else, or for themselves again.
func (s *Service) postActing(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	var party store.ID
	if text := f.Value("party"); text != "0" {
		if party, err = store.ParseID(text); err != nil {
			return web.BadRequest("", err)
		}
	}
	if err := s.Identity.ActFor(r, party); err != nil {
		return forbidden(err)
	}
	return done(w, r, "/account", "account.acting.done")
}

// postPost makes a member of staff act in another of their posts, and goes to where that post begins.
func (s *Service) postPost(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	if err := s.Identity.ChoosePost(r, f.Value("post")); err != nil {
		return forbidden(err)
	}
	who, err := s.Identity.Principal(r)
	if err != nil {
		return err
	}
	return done(w, r, landing(who), "account.post.done")
}

func (s *Service) getPassword(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, passwordPage(web.ViewOf(r), who, form.Of(nil)))
}

// postPassword changes one's own password. All other sessions of the account end.
func (s *Service) postPassword(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	old, password := f.Values().Get("old"), f.Values().Get("password")
	if old == "" {
		f.Required(v.L, "old", label(v.L, "old"))
	}
	repeated(v.L, f)
	if f.Valid() {
		if err = s.Identity.ChangeOwnPassword(r, old, password); err == nil {
			return done(w, r, "/account", "account.password.done")
		}
		if refused(err, identity.RefusedWrong) {
			f.Fail("old", v.L.T("account.password.wrong"))
		} else if err := refuse(v.L, f, err); err != nil {
			return err
		}
	}
	return web.Render(w, r, statusOf(f), passwordPage(v, who, f))
}
