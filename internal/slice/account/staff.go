package account

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// adminDoors are the pages of the administrators, each with the action that opens it.
var adminDoors = []struct{ action, name, path string }{
	{identity.ActionAccounts, "accounts", "/admin/accounts"},
	{identity.ActionTokens, "tokens", "/admin/tokens"},
	{identity.ActionRegistry, "people", "/admin/people"},
	{identity.ActionItems, "items", "/admin/items"},
	{identity.ActionRegistry, "places", "/admin/places/bodies"},
	{identity.ActionRegistry, "coming", "/admin/coming"},
	{identity.ActionLaw, "calendars", "/admin/calendars"},
	{identity.ActionLaw, "rules", "/admin/rules"},
	{identity.ActionPolicies, "policies", "/admin/policies"},
	{identity.ActionErase, "erasures", "/admin/erasures"},
	{identity.ActionAudit, "audit", "/audit"},
	{identity.ActionAudit, "completeness", "/audit/completeness"},
	{identity.ActionConfirm, "confirm", "/audit/erasures"},
}

// getAdmin is where an administrator begins: what their post opens, and nothing else.
func (s *Service) getAdmin(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	var doors []ui.CardProps
	for _, d := range adminDoors {
		if s.Policies.AllowRoute(who, d.action) == nil {
			doors = append(doors, ui.CardProps{Link: ui.Link{Href: d.path, Text: v.L.T("account.admin." + d.name)}, Text: v.L.T("account.admin." + d.name + "-text")})
		}
	}
	if len(doors) == 0 && s.Policies.AllowRoute(who, identity.ActionAudit) != nil {
		return web.Forbidden("identity.denied.role")
	}
	return web.Render(w, r, http.StatusOK, adminPage(v, doors))
}

func (s *Service) getAccounts(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, accountsPage(web.ViewOf(r), form.Of(nil)))
}

// postFindAccount leads to the account with a login. Logins do not stand in addresses, which are logged.
func (s *Service) postFindAccount(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	if login := f.Required(v.L, "login", label(v.L, "login")); login != "" {
		a, err := s.Identity.AccountByLogin(r.Context(), login)
		if err == nil {
			return web.SeeOther(w, r, accountPath(a.ID))
		}
		if !refused(err, identity.RefusedNoAccount) {
			return err
		}
		f.Fail("login", v.L.T("identity.no-account"))
	}
	return web.Render(w, r, statusOf(f), accountsPage(v, f))
}

func accountPath(id store.ID) string { return "/admin/accounts/" + id.String() }

func (s *Service) getNewStaff(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, newStaffPage(web.ViewOf(r), form.Of(nil)))
}

// postNewStaff adds a member of staff and shows their first password.
func (s *Service) postNewStaff(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	password := newPassword()
	a, err := s.Identity.CreateStaff(r.Context(), who, identity.NewStaff{
		Login: f.Value("login"), Password: password, Name: f.Value("name"), Phone: f.Value("phone"),
	})
	if err == nil {
		return web.Render(w, r, http.StatusOK, accountPage(v, s.accountView(v.L, a, accountState{}, password)))
	}
	if err := refuse(v.L, f, err); err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), newStaffPage(v, f))
}

// newPassword makes up a password of 20 letters and digits, 100 bits, in groups that can be read out.
func newPassword() string {
	text := strings.ToLower(rand.Text()[:20])
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}

// accountView is what an administrator sees of an account.
type accountView struct {
	account identity.Account
	accountState
	rows   []ui.Row
	posts  [][]ui.Cell
	secret string // a password just made up; shown this once
	left   leaving
}

func (s *Service) accountView(l *web.Localizer, a identity.Account, now accountState, secret string) accountView {
	state := l.T("account.staff.open")
	if a.Disabled {
		state = l.T("account.staff.disabled")
	}
	if !now.locked.IsZero() {
		state = l.T("account.staff.locked", web.Args{"Time": l.Time(now.locked)})
	}
	p := accountView{account: a, accountState: now, secret: secret, rows: []ui.Row{
		{Key: label(l, "name"), Value: a.Name}, {Key: label(l, "login"), Value: a.Login},
		{Key: l.T("account.profile.kind"), Value: l.T("identity.kind." + string(a.Kind))},
		{Key: l.T("account.staff.state"), Value: state},
		{Key: l.T("account.staff.created"), Value: l.Time(a.CreatedAt)},
		{Key: label(l, "password"), Value: l.T("account.profile.changed", web.Args{"Day": l.DateOf(a.PasswordChanged)})},
	}}
	p.rows = append(p.rows, ui.Row{Key: l.T("account.factor.title"), Value: factorNames(l, now.factors)},
		ui.Row{Key: l.T("account.sessions.title"), Value: l.T("account.staff.sessions", web.Args{"Count": len(now.sessions)})})
	if a.Kind == identity.Person {
		p.rows = append(p.rows, ui.Row{Key: label(l, "number"), Value: identifier.MaskID(a.Number)})
	}
	places := s.Registry.Now()
	for _, x := range places.AppointmentsOf(a.ID) {
		p.posts = append(p.posts, []ui.Cell{{Text: l.Text(postName(places, x.Post))}, {Text: l.Time(x.From)}, {Text: lastDay(l, x.Until, l.T("account.people.no-end"))}})
	}
	return p
}

// account opens the account of the address, for whoever may manage it.
func (s *Service) account(who identity.Principal, r *http.Request) (identity.Account, error) {
	id, err := idOf(r, "id")
	if err != nil {
		return identity.Account{}, err
	}
	if err := s.Policies.Allow(who, identity.ActionAccounts, identity.Resource{Type: "account", ID: id.String()}); err != nil {
		return identity.Account{}, err
	}
	a, err := s.Identity.Account(r.Context(), id)
	return a, missing(err)
}

func (s *Service) getAccount(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	return s.showAccount(who, w, r, a, "")
}

// postDisabled closes an account or opens it again.
func (s *Service) postDisabled(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	if a.ID == who.Account {
		return web.Unprocessable("account.staff.self", nil)
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	key := "account.staff.enabled-done"
	disable := f.Value("disabled") == "true"
	if disable {
		key = "account.staff.disabled-done"
	}
	if err := s.Identity.SetDisabled(r.Context(), who, a.ID, disable); err != nil {
		return err
	}
	return done(w, r, accountPath(a.ID), key)
}

// postReset gives an account a password that is made up and shown once; its holder is to change it.
func (s *Service) postReset(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	if a.ID == who.Account {
		return web.Unprocessable("account.staff.self", nil)
	}
	password := newPassword()
	if err := s.Identity.SetPassword(r.Context(), who, a.ID, password); err != nil {
		return err
	}
	fresh, err := s.Identity.Account(r.Context(), a.ID)
	if err != nil {
		return errors.Join(errors.New("read the account after its password was changed"), err)
	}
	return s.showAccount(who, w, r, fresh, password)
}
