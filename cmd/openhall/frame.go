package main

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/api/observe"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/message"
	"openhall.org/openhall/internal/slice/portal"
)

// frame is what the pages of all modules stand in.
func frame(n *program) (app.Frame, error) {
	other, err := outside(n)
	if err != nil {
		return app.Frame{}, err
	}
	top := names{n.Registry}.Division(n.Config.Division)
	return app.Frame{
		Site: web.Site{
			Name: siteName(n.Base), BaseURL: n.Config.BaseURL,
			Owner: lang.Text{Hans: top.Hans + "人民政府", Hant: top.In(lang.Hant) + "人民政府", En: "People's Government of " + top.In(lang.En)},
			Nav: []web.NavItem{
				{Href: "/hall", Label: "site.nav.hall"}, {Href: "/hall/joint", Label: "joint.title"}, {Href: "/open", Label: "disclosure.nav"}, {Href: "/power", Label: "site.nav.power"}, {Href: "/track", Label: "site.nav.track"},
				{Href: "/centres", Label: "site.nav.centres"},
				{Href: "/hall/decisions", Label: "site.nav.decisions"}, {Href: "/hall/ratings", Label: "site.nav.ratings"},
				{Href: "/log", Label: "site.nav.log"},
				{Href: "/me", Label: "site.nav.me", Show: public},
				{Href: "/desk", Label: "site.nav.desk", Show: has("window", "reviewer", "head", "complaints", "supervisor", "disclosure")},
				{Href: "/agent", Label: "agent.title", Show: has("agent")},
				{Href: "/board", Label: "site.nav.board", Show: has("supervisor", "manager")},
				{Href: "/admin", Label: "site.nav.admin", Show: has("system-admin", "security-admin", "audit-admin")},
			},
			DeskNav: []web.NavItem{
				{Href: "/desk", Label: "site.nav.desk", Show: has("window", "reviewer", "head", "complaints", "supervisor", "disclosure")},
				{Href: "/desk/receive", Label: "site.nav.receive", Show: has("window")},
				{Href: "/desk/joint/receive", Label: "joint.counter.title", Show: has("window")},
				{Href: "/desk/counter", Label: "site.nav.counter", Show: has("window")},
				{Href: "/desk/records", Label: "disclosure.desk.nav", Also: []string{"/desk/categories", "/desk/imports", "/desk/publications", "/desk/withdrawals"}, Show: has("disclosure", "window", "reviewer", "head")},
				{Href: "/open/office", Label: "request.office.title", Show: has("disclosure", "reviewer", "head")},
				{Href: "/desk/charts", Label: "chart.title", Show: has("disclosure", "reviewer", "head")},
				{Href: "/desk/centre", Label: "site.nav.manage-centre", Show: has("manager")},
				{Href: "/agent/township", Label: "agent.township.nav", Show: has("manager")},
				{Href: "/desk/joint/matters", Label: "joint.builder.title", Show: has("manager")},
				{Href: "/desk/authority", Label: "site.nav.authority", Show: has("head")},
				{Href: "/desk/measures", Label: "site.nav.measures", Show: has("manager", "supervisor", "head")},
				{Href: "/board", Label: "site.nav.board", Show: has("supervisor", "manager")},
				{Href: "/oversight", Label: "site.nav.oversight", Show: has("supervisor", "manager", "head", "reviewer")},
				{Href: "/admin", Label: "site.nav.admin", Show: has("system-admin", "security-admin", "audit-admin")},
				{Href: "/desk/ratings", Label: "site.nav.ratings", Show: has("supervisor", "manager", "head")},
				{Href: "/desk/reports", Label: "report.desk.title", Show: has("disclosure", "reviewer", "head")},
				{Href: "/desk/cleanup", Label: "cleanup.desk.title", Show: has("reviewer", "head")},
				{Href: "/desk/intermediary", Label: "intermediary.desk.title", Show: has("reviewer", "head", "supervisor")},
				{Href: "/", Label: "site.nav.home"},
			},
			Footer: append(portal.Footer(), web.NavItem{Href: "/open/reports", Label: "report.desk.title"}, web.NavItem{Href: "/cleanup", Label: "cleanup.title"}, web.NavItem{Href: "/intermediary", Label: "intermediary.title"}, web.NavItem{Href: "/complaints", Label: "rating.complaints.title"}, web.NavItem{Href: "/verify", Label: "verify.title"}),
			SignIn: "/signin", SignOut: "/signout", Account: "/account", Messages: "/me/messages", Factors: "/account/factors", Confirm: "/account/confirm",
		},
		Users:   users{n.Base, n.wiring.message},
		Places:  portal.Places(n.Registry),
		Guard:   guard{n.Base},
		Outside: other,
		Observe: n.answered,
	}, nil
}

// gauges are figures that are read when the metrics are asked for: each one look into an index.
func (p *program) gauges() []observe.Gauge {
	return append([]observe.Gauge{
		{Name: "openhall_cases_overdue", Help: "Open cases past their promise or the statute.", Read: func(ctx context.Context) (float64, error) {
			n, err := p.Cases.Overdue(ctx)
			return float64(n), err
		}},
		{Name: "openhall_oldest_case_seconds", Help: "Age of the oldest case that waits for an official.", Read: func(ctx context.Context) (float64, error) {
			at, err := p.Cases.Oldest(ctx)
			if err != nil || at.IsZero() {
				return 0, err
			}
			return p.Now().Sub(at).Seconds(), nil
		}},
		{Name: "openhall_log_lag_seconds", Help: "Age of the oldest event that has no place in the log yet.", Read: func(ctx context.Context) (float64, error) {
			lag, err := p.Ledger.Lag(ctx)
			return lag.Seconds(), err
		}},
		{Name: "openhall_letters_due", Help: "Letters that wait to be printed, up to 10,000.", Read: func(ctx context.Context) (float64, error) {
			n, err := p.Letters.Pending(ctx)
			return float64(n), err
		}},
	}, p.jobGauges()...)
}

// messages are the words of the frame.
func messages() i18n.Source { return i18n.Source{Module: "site", FS: locales} }

//go:embed locales/*.yaml
var locales embed.FS

func public(u *web.UserView) bool { return u != nil && !u.Staff() }

// has shows an entry to those who hold one of the roles.
func has(roles ...string) func(*web.UserView) bool {
	return func(u *web.UserView) bool { return u != nil && slices.ContainsFunc(roles, u.Has) }
}

// users shows pages who is signed in.
type users struct {
	base    *app.Base
	message *message.Room
}

func (u users) UserOf(r *http.Request) (*web.UserView, error) {
	p, err := u.base.Identity.Principal(r)
	if refused := (*identity.Refusal)(nil); errors.As(err, &refused) {
		return nil, web.Unauthorized() // a token that is not valid
	}
	if err != nil || p.Kind == identity.Visitor {
		return nil, err
	}
	v := &web.UserView{Name: p.Name, Kind: string(p.Kind), Roles: p.Post.Roles, For: p.For.Name}
	if p.Post.ID != "" {
		v.Post = names{u.base.Registry}.Post(p.Post.ID)
	}
	v.Unread, err = u.message.Notify.Unread(r.Context(), message.BoxOf(p))
	return v, err
}

// guard asks for each page, once, whether the reader could do there anything at all. Whether they may do it to one case, the
// service behind the page asks.
type guard struct{ base *app.Base }

func (g guard) Allow(r *http.Request, route web.Route) error {
	p, err := g.base.Identity.Principal(r)
	if err != nil {
		return err
	}
	if err := g.base.Policies.AllowRoute(p, route.Action); err != nil {
		if p.Kind == identity.Visitor {
			return web.Unauthorized()
		}
		if p.Kind == identity.Staff && identity.Administrative(route.Action) {
			act := journal.Act{Kind: journal.Refused, By: p.Actor(), On: journal.On("page", route.Name), Refused: route.Action}
			if rerr := g.base.Journal.RecordAlone(r.Context(), act); rerr != nil {
				return rerr
			}
		}
		return &web.Error{Status: http.StatusForbidden, Err: err}
	}
	if route.Fresh {
		return g.base.Identity.Fresh(r)
	}
	return nil
}
