package account

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// mandatesView is what the page of mandates shows: those that the party has given, and by which the person acts for others.
type mandatesView struct {
	who             identity.Principal
	given, received []mandateRow
	mayGive         bool
	form            *form.Form
}

type mandateRow struct {
	identity.Mandate
	other string // who acts, or for whom
	open  bool
}

func (s *Service) mandatesView(ctx context.Context, who identity.Principal) (mandatesView, error) {
	p := mandatesView{who: who, form: form.Of(nil)}
	given, err := s.Identity.MandatesFrom(ctx, who.Party().ID)
	if err != nil {
		return p, err
	}
	received, err := s.Identity.MandatesOf(ctx, who.Account)
	if err != nil {
		return p, err
	}
	if p.given, err = s.rows(ctx, given, func(m identity.Mandate) store.ID { return m.Agent }); err != nil {
		return p, err
	}
	if p.received, err = s.rows(ctx, received, func(m identity.Mandate) store.ID { return m.Party }); err != nil {
		return p, err
	}
	p.mayGive = mayGive(who, received)
	return p, nil
}

// rows adds the name of the other side to each mandate.
func (s *Service) rows(ctx context.Context, mandates []identity.Mandate, other func(identity.Mandate) store.ID) ([]mandateRow, error) {
	rows := make([]mandateRow, len(mandates))
	for i, m := range mandates {
		a, err := s.Identity.Account(ctx, other(m))
		if err != nil {
			return nil, err
		}
		rows[i] = mandateRow{Mandate: m, other: a.Name, open: m.Until.IsZero() || m.Until.After(s.Now())}
	}
	return rows, nil
}

// mayGive reports whether somebody may give mandates for the side on which they act: their own, and that of an organisation whose
// representative they are. An agent needs the principal's consent to pass a mandate on (转委托, 民法典 art. 169).
func mayGive(who identity.Principal, held []identity.Mandate) bool {
	return who.For.ID == 0 || slices.ContainsFunc(held, func(m identity.Mandate) bool {
		return m.Party == who.For.ID && m.Ground == identity.Representative
	})
}

// public refuses staff: posts act for bodies, and nobody gives mandates for a post.
func public(who identity.Principal) error {
	if who.Kind == identity.Staff {
		return web.Forbidden("account.mandate.public-only")
	}
	return nil
}

func (s *Service) getMandates(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := public(who); err != nil {
		return err
	}
	p, err := s.mandatesView(r.Context(), who)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, mandatesPage(web.ViewOf(r), p))
}

// postGrant lets somebody else act for the party. Login and name have to belong together, so that a slip of the finger does not give
// a stranger the mandate.
func (s *Service) postGrant(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := public(who); err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.mandatesView(r.Context(), who)
	if err != nil {
		return err
	}
	if !p.mayGive {
		return web.Forbidden("account.mandate.not-yours")
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	p.form = f
	agent := s.person(r.Context(), v.L, f)
	until := s.until(v.L, f)
	if f.Valid() {
		if _, err := s.Identity.Grant(r.Context(), who, agent, s.Now(), until); err == nil {
			return done(w, r, "/account/mandates", "account.mandate.given-done")
		} else if err := refuse(v.L, f, err); err != nil {
			return err
		}
	}
	return web.Render(w, r, statusOf(f), mandatesPage(v, p))
}

// person returns the account with the login and the name that were typed.
func (s *Service) person(ctx context.Context, l *web.Localizer, f *form.Form) store.ID {
	login, name := f.Required(l, "login", label(l, "login")), f.Required(l, "name", label(l, "name"))
	if !f.Valid() {
		return 0
	}
	a, err := s.Identity.AccountByLogin(ctx, login)
	if err != nil || a.Name != name || a.Kind != identity.Person {
		f.Fail("login", l.T("account.mandate.nobody"))
		return 0
	}
	return a.ID
}

// until returns the end of the last day that was typed; no day is no end.
func (s *Service) until(l *web.Localizer, f *form.Form) time.Time {
	parts := f.DateParts("until")
	if strings.TrimSpace(parts.Year+parts.Month+parts.Day) == "" {
		return time.Time{}
	}
	day := f.Date(l, "until", label(l, "until"))
	if f.Error("until") != "" {
		return time.Time{}
	}
	if day < calendar.Of(s.Now()) {
		f.Fail("until", l.T("account.past"))
	}
	return day.End()
}

// postRevoke ends a mandate: the party takes it back, or the agent lays it down.
func (s *Service) postRevoke(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r, "id")
	if err != nil {
		return err
	}
	if err := s.Identity.Revoke(r.Context(), who, id); err != nil {
		return forbidden(err)
	}
	return done(w, r, "/account/mandates", "account.mandate.revoked")
}

// cells are the lines of a table of mandates.
func cells(l *web.Localizer, rows []mandateRow) [][]ui.Cell {
	out := make([][]ui.Cell, len(rows))
	for i, m := range rows {
		out[i] = []ui.Cell{{Text: m.other}, {Text: l.T("account.mandate.ground-" + m.Ground)}, {Text: l.Time(m.From)},
			{Text: lastDay(l, m.Until, l.T("account.mandate.no-end"))}, {Content: revokeButton(l, m)}}
	}
	return out
}
