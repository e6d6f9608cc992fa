package agent

import (
	"net/http"
	"slices"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func townVisitHref(id store.ID) string { return "/agent/township/visits/" + id.String() }

// townVisitsPage is where the head of a township centre plans home visits for the agents.
type townVisitsPage struct {
	typed
	Planned  []Visit
	Ended    []Visit
	Agents   []ui.Option
	Villages []ui.Option
	astray   map[store.ID]bool // planned visits whose agent has the village no longer
}

// How many visits the page lists.
const plannedShown, endedShown = 200, 50

func (s *Service) townVisitsPage(r *http.Request, l *web.Localizer, who identity.Principal) (*townVisitsPage, error) {
	ctx, body := r.Context(), who.Post.Body
	p := &townVisitsPage{typed: blank(), astray: map[store.ID]bool{}}
	var err error
	if p.Planned, err = s.VisitsOf(ctx, body, VisitPlanned, plannedShown); err != nil {
		return nil, err
	}
	for _, state := range []string{VisitDone, VisitDropped} {
		ended, err := s.VisitsOf(ctx, body, state, endedShown)
		if err != nil {
			return nil, err
		}
		p.Ended = append(p.Ended, ended...)
	}
	slices.SortFunc(p.Ended, func(a, b Visit) int { return b.DoneAt.Compare(a.DoneAt) })
	p.Ended = p.Ended[:min(len(p.Ended), endedShown)]
	theirs := map[store.ID][]string{}
	for i := range p.Planned {
		x := &p.Planned[i]
		if _, known := theirs[x.Agent]; !known {
			if theirs[x.Agent], err = s.Villages(ctx, x.Agent, body, s.today()); err != nil {
				return nil, err
			}
		}
		p.astray[x.ID] = !slices.Contains(theirs[x.Agent], x.Village)
	}
	p.Agents = s.agentOptions(r, body)
	for _, code := range s.villagesOf(body) {
		p.Villages = append(p.Villages, ui.Option{Value: code, Text: l.Text(s.Names.Division(code))})
	}
	return p, nil
}

// agentOptions are the agents of a township by name.
func (s *Service) agentOptions(r *http.Request, body string) (list []ui.Option) {
	for _, account := range s.Agents(body) {
		list = append(list, ui.Option{Value: account.String(), Text: s.People.NameOf(r.Context(), account)})
	}
	return list
}

func (s *Service) getTownVisits(w http.ResponseWriter, r *http.Request) error {
	who, err := s.chief(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.townVisitsPage(r, v.L, who)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, townVisitsView(v, s, p))
}

func (s *Service) postTownVisit(w http.ResponseWriter, r *http.Request) error {
	who, err := s.chief(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.townVisitsPage(r, v.L, who)
	if err != nil {
		return err
	}
	p.Values = f.Values()
	if f.Value("village") == "" {
		f.Fail("village", v.L.T("agent.visit.village-missing"))
	}
	if !slices.ContainsFunc(p.Agents, func(o ui.Option) bool { return o.Value == f.Value("agent") }) {
		f.Fail("agent", v.L.T("agent.visit.agent-missing"))
	}
	x := visitOf(v, f)
	x.Agent = accountOf(f.Value("agent"))
	done, err := s.planned(r, who, x, f, &p.typed, v)
	if err != nil {
		return err
	}
	if !done {
		return web.Render(w, r, http.StatusUnprocessableEntity, townVisitsView(v, s, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.planned"})
	return web.SeeOther(w, r, "/agent/township/visits")
}

// townVisit opens a visit of the township whose head asks.
func (s *Service) townVisit(r *http.Request) (identity.Principal, *visitPage, error) {
	who, err := s.chief(r)
	if err != nil {
		return who, nil, err
	}
	id, err := store.ParseID(r.PathValue("visit"))
	if err != nil {
		return who, nil, web.NotFound("agent.no-visit")
	}
	x, err := s.Visit(r.Context(), id)
	if isNotFound(err) || err == nil && x.Body != who.Post.Body {
		return who, nil, web.NotFound("agent.no-visit")
	}
	return who, &visitPage{Visit: x, typed: blank(), move: moveOf(&x), Agents: s.agentOptions(r, who.Post.Body)}, err
}

func (s *Service) getTownOneVisit(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.townVisit(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, townVisitView(web.ViewOf(r), s, p))
}

func (s *Service) postTownMove(w http.ResponseWriter, r *http.Request) error {
	who, p, err := s.townVisit(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	moved, err := s.moved(r, v, who, &p.Visit, accountOf(f.Value("agent")), f, &p.move)
	if err != nil {
		return err
	}
	if !moved {
		return web.Render(w, r, http.StatusUnprocessableEntity, townVisitView(v, s, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.moved"})
	return web.SeeOther(w, r, townVisitHref(p.ID))
}

func (s *Service) postTownClose(w http.ResponseWriter, r *http.Request) error {
	who, p, err := s.townVisit(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p.Values = f.Values()
	err = s.Finish(r.Context(), who, &p.Visit, VisitDropped, f.Value("result"))
	v := web.ViewOf(r)
	if refusal, ok := isForm(err); ok {
		p.wrong(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, townVisitView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.visit-closed"})
	return web.SeeOther(w, r, "/agent/township/visits")
}
