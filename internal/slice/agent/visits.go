package agent

import (
	"net/http"
	"slices"

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
	move   typed       // the form that moves it
	Agents []ui.Option // for the head: who can make it
	Mine   bool        // whoever looks makes it
}

// problems are those of both forms.
func (p *visitPage) problems() []ui.FieldError { return slices.Concat(p.Summary, p.move.Summary) }

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
	return who, &visitPage{Visit: x, typed: blank(), move: moveOf(&x), Mine: true}, err
}

// moveOf is the form that moves a visit, with its day as it is.
func moveOf(x *Visit) typed {
	t := blank()
	t.Values.Set("due", x.Due.String())
	t.Values.Set("agent", x.Agent.String())
	return t
}

func (s *Service) getVisit(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.visit(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, visitView(large(r), s, p))
}

// postMove lets an agent put a visit of theirs off.
func (s *Service) postMove(w http.ResponseWriter, r *http.Request) error {
	who, p, err := s.visit(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := large(r)
	moved, err := s.moved(r, v, who, &p.Visit, p.Agent, f, &p.move)
	if err != nil {
		return err
	}
	if !moved {
		return web.Render(w, r, http.StatusUnprocessableEntity, visitView(v, s, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.moved"})
	return web.SeeOther(w, r, visitHref(p.ID))
}

// moved moves a visit as the form says, or fills in what is wrong with it.
func (s *Service) moved(r *http.Request, v *web.View, who identity.Principal, x *Visit, to store.ID, f *form.Form, t *typed) (bool, error) {
	t.Values = f.Values()
	due := f.Date(v.L, "due", v.L.T("agent.visit.due"))
	t.failed(f)
	if !f.Valid() { // the rest is checked all the same
		found, err := s.checkMove(r.Context(), x, to, s.today(), f.Value("reason"))
		found = slices.DeleteFunc(found, func(e casework.FieldError) bool { return e.Path == "/due" })
		if len(found) > 0 {
			t.wrong(v.L, &casework.Refusal{Code: casework.RefusedForm, Fields: found})
		}
		return false, err
	}
	err := s.Move(r.Context(), who, x, to, due, f.Value("reason"))
	if refusal, ok := isForm(err); ok {
		t.wrong(v.L, refusal)
		return false, nil
	}
	return err == nil, err
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
