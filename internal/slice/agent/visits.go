package agent

import (
	"net/http"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// visitsPage lists home visits, and plans another.
type visitsPage struct {
	typed
	Villages []ui.Option
	Planned  []Visit
	Done     []Visit
}

func (s *Service) visitsPage(r *http.Request, l *web.Localizer, who identity.Principal) (*visitsPage, error) {
	p := &visitsPage{typed: blank()}
	mine, err := s.Villages(r.Context(), who.Account, who.Post.Body, s.today())
	if err != nil {
		return nil, err
	}
	for _, code := range mine {
		p.Villages = append(p.Villages, ui.Option{Value: code, Text: l.Text(s.Names.Division(code))})
	}
	if p.Planned, err = s.Visits(r.Context(), who.Account, VisitPlanned); err != nil {
		return nil, err
	}
	p.Done, err = s.Visits(r.Context(), who.Account, VisitDone)
	return p, err
}

func (s *Service) getVisits(w http.ResponseWriter, r *http.Request) error {
	who, err := s.principal(r)
	if err != nil {
		return err
	}
	v := large(r)
	p, err := s.visitsPage(r, v.L, who)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, visitsView(v, s, p))
}

// visitOf reads a visit as it was typed.
func visitOf(v *web.View, f *form.Form) *Visit {
	return &Visit{
		Village: f.Value("village"), Reason: f.Value("reason"), Due: f.Date(v.L, "due", v.L.T("agent.visit.due")),
		Visited: Visited{Name: f.Value("name"), Number: f.Value("id"), Phone: f.Value("phone"), Address: f.Value("address"), Purpose: f.Value("purpose")},
	}
}

func (s *Service) postVisit(w http.ResponseWriter, r *http.Request) error {
	who, err := s.principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := large(r)
	p, err := s.visitsPage(r, v.L, who)
	if err != nil {
		return err
	}
	p.Values = f.Values()
	x := visitOf(v, f)
	x.Agent = who.Account
	if len(p.Villages) == 1 {
		x.Village = p.Villages[0].Value
	}
	if done, err := s.planned(r, who, x, f, &p.typed, v); err != nil || done {
		if err != nil {
			return err
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.planned"})
		return web.SeeOther(w, r, "/agent/visits")
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, visitsView(v, s, p))
}

// planned plans a visit, or fills in what is wrong with it.
func (s *Service) planned(r *http.Request, who identity.Principal, x *Visit, f *form.Form, t *typed, v *web.View) (bool, error) {
	if !f.Valid() {
		t.failed(f)
		if x.Due == 0 {
			x.Due = s.today() // the rest is checked all the same
		}
		probe := *x
		probe.Agent = -1 // nobody: nothing is planned
		if refusal, ok := isForm(s.Plan(r.Context(), who, &probe)); ok {
			kept := refusal.Fields[:0]
			for _, e := range refusal.Fields {
				if e.Path != "/village" {
					kept = append(kept, e)
				}
			}
			t.wrong(v.L, &casework.Refusal{Code: casework.RefusedForm, Fields: kept})
		}
		return false, nil
	}
	err := s.Plan(r.Context(), who, x)
	if refusal, ok := isForm(err); ok {
		t.wrong(v.L, refusal)
		return false, nil
	}
	return err == nil, err
}

// visitPage is one visit of the agent who asks.
type visitPage struct {
	Visit
	typed
}

func (s *Service) visit(r *http.Request) (identity.Principal, *visitPage, error) {
	who, err := s.principal(r)
	if err != nil {
		return who, nil, err
	}
	id, err := store.ParseID(r.PathValue("visit"))
	if err != nil {
		return who, nil, web.NotFound("agent.no-visit")
	}
	x, err := s.Visit(r.Context(), id)
	if isNotFound(err) || err == nil && x.Agent != who.Account {
		return who, nil, web.NotFound("agent.no-visit")
	}
	return who, &visitPage{Visit: x, typed: blank()}, err
}

func (s *Service) getVisit(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.visit(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, visitView(large(r), s, p))
}

func (s *Service) postFinish(w http.ResponseWriter, r *http.Request) error {
	who, p, err := s.visit(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p.Values = f.Values()
	err = s.Finish(r.Context(), who, &p.Visit, f.Value("state"), f.Value("result"))
	if refusal, ok := isForm(err); ok {
		v := large(r)
		p.wrong(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, visitView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.visited"})
	return web.SeeOther(w, r, "/agent/visits")
}
