package admin

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// lineOf is the last day of a line; a dash for none.
func lineOf(l *web.Localizer, at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return l.Date(calendar.Of(at.Add(-time.Microsecond)))
}

// policiesView shows who may do what.
type policiesView struct {
	roles  []string
	matrix [][]ui.Cell
	keys   [][]ui.Cell
	rules  []identity.Rule
}

// getPolicies asks the rules in force for each role and each action: what could a post with that role do, at best.
func (s *Service) getPolicies(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p := policiesView{roles: registry.Roles(), rules: s.Policies.Rules()}
	for _, action := range s.Policies.Actions() {
		row := []ui.Cell{{Text: action}}
		for _, role := range p.roles {
			who := identity.Principal{Account: 1, Kind: identity.Staff, Post: identity.Post{ID: "asked", Body: "asked", Roles: []string{role}}}
			text := "—"
			if s.Policies.AllowRoute(who, action) == nil {
				text = "✓"
			}
			row = append(row, ui.Cell{Text: text})
		}
		p.matrix = append(p.matrix, row)
	}
	for _, k := range s.Keys {
		days := int64(s.Now().Sub(k.Since) / (24 * time.Hour))
		p.keys = append(p.keys, []ui.Cell{{Text: v.L.T("admin.key." + k.Purpose)}, {Text: k.ID}, {Text: k.Algorithm}, {Text: v.L.DateOf(k.Since)}, {Text: v.L.Number(days)}})
	}
	return web.Render(w, r, http.StatusOK, policiesPage(v, p))
}

// erasuresView lists proposals, for the one who proposes or the one who decides.
type erasuresView struct {
	form    *form.Form
	open    []Erasure
	over    [][]ui.Cell
	decides bool
}

func (s *Service) erasuresView(who identity.Principal, r *http.Request, f *form.Form) (erasuresView, error) {
	l := web.ViewOf(r).L
	p := erasuresView{form: f, decides: s.Policies.Allow(who, identity.ActionConfirm, identity.Resource{Type: "erasure"}) == nil}
	all, err := s.Erasures(r.Context(), who)
	if err != nil {
		return p, err
	}
	for _, e := range all {
		if e.State == "open" && p.decides {
			p.open = append(p.open, e)
			continue
		}
		p.over = append(p.over, []ui.Cell{{Text: e.Number}, {Text: e.Reason}, {Text: l.Time(e.ProposedAt)}, {Text: l.T("admin.erase.state-" + e.State)}})
	}
	return p, nil
}

func (s *Service) getErasures(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	p, err := s.erasuresView(who, r, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, erasuresPage(web.ViewOf(r), p))
}

func (s *Service) postErasure(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	number := f.Required(v.L, "number", v.L.T("admin.erase.number"))
	reason := f.Required(v.L, "reason", v.L.T("admin.erase.reason"))
	if f.Valid() {
		_, err := s.ProposeErasure(r.Context(), who, number, reason)
		at := slices.IndexFunc(refusals, func(x refusal) bool { return errors.Is(err, x.err) })
		switch {
		case err == nil:
			return done(w, r, "/admin/erasures", "admin.erase.proposed", nil)
		case at < 0:
			return err
		}
		f.Fail(refusals[at].field, v.L.T("admin.erase."+refusals[at].key))
	}
	p, err := s.erasuresView(who, r, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), erasuresPage(v, p))
}

// refusal is an error with the field that it belongs to.
type refusal struct {
	err        error
	field, key string
}

var refusals = []refusal{{ErrNoCase, "number", "no-case"}, {ErrOpen, "number", "open"}, {ErrProposed, "number", "twice"}, {ErrReason, "reason", "reason-length"}}

func (s *Service) postDecide(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("")
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	confirm := f.Value("decision") == "erase"
	err = s.DecideErasure(r.Context(), who, id, confirm)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return web.NotFound("")
	case errors.Is(err, ErrDecided):
		return web.Conflict("admin.erase.decided", nil)
	case errors.Is(err, ErrSamePerson):
		return web.Forbidden("admin.erase.same")
	case err != nil:
		return err
	}
	key := "admin.erase.declined"
	if confirm {
		key = "admin.erase.erased"
	}
	return done(w, r, "/audit/erasures", key, nil)
}
