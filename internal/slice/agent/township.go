package agent

import (
	"net/http"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// townshipPage is what the head of a township centre sees.
type townshipPage struct {
	typed
	Which     string // which form was sent: assign, release
	Body      string
	Figures   []Figures
	Transfers []transferRow
	Asked     []askedRow
	Late      []Visit
	Places    []Place
	Agents    []ui.Option
	Villages  []ui.Option
	Uncovered []string // villages without an agent today
}

type transferRow struct {
	Transfer
	Case *casework.Case
}

// transferShown bounds the list of transfers.
const transferShown = 100

func (s *Service) townshipPage(r *http.Request, l *web.Localizer, who identity.Principal) (*townshipPage, error) {
	ctx, now, today := r.Context(), s.Now(), s.today()
	p := &townshipPage{typed: blank(), Body: who.Post.Body}
	var err error
	if p.Figures, err = s.Figures(ctx, p.Body, today); err != nil {
		return nil, err
	}
	if p.Late, err = s.LateVisits(ctx, p.Body, today); err != nil {
		return nil, err
	}
	if p.Places, err = s.Places(ctx, p.Body); err != nil {
		return nil, err
	}
	sent, err := s.Transfers(ctx, p.Body, now)
	if err != nil {
		return nil, err
	}
	sent = sent[:min(len(sent), transferShown)]
	ids := make([]store.ID, len(sent))
	for i := range sent {
		ids[i] = sent[i].ID
	}
	cases, err := s.cases.Several(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, t := range sent {
		if c := cases[t.ID]; c != nil {
			p.Transfers = append(p.Transfers, transferRow{t, c})
		}
	}
	if err := s.townshipAsked(ctx, p); err != nil {
		return nil, err
	}
	p.Agents = s.agentOptions(r, p.Body)
	covered := map[string]bool{}
	for i := range p.Places {
		covered[p.Places[i].Village] = covered[p.Places[i].Village] || p.Places[i].Holds(today)
	}
	for _, code := range s.villagesOf(p.Body) {
		p.Villages = append(p.Villages, ui.Option{Value: code, Text: l.Text(s.Names.Division(code))})
		if !covered[code] {
			p.Uncovered = append(p.Uncovered, code)
		}
	}
	return p, nil
}

// chief lets only the head of a township centre in: in larger divisions managers have other pages.
func (s *Service) chief(r *http.Request) (identity.Principal, error) {
	who, err := s.principal(r)
	if err != nil {
		return who, err
	}
	b := s.Registry.Now().Body(who.Post.Body)
	if b == nil || b.Level != "township" || !who.Post.Has(registry.Manager) {
		return who, web.Forbidden("agent.only-township")
	}
	return who, s.cases.Policy.Allow(who, ActionManage, identity.Resource{Type: "agent", Division: b.Division, Body: b.Key})
}

func (s *Service) getTownship(w http.ResponseWriter, r *http.Request) error {
	who, err := s.chief(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.townshipPage(r, v.L, who)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, townshipView(v, s, p))
}

// townshipForm does what a form of the page asks. What is wrong is shown with everything typed.
func (s *Service) townshipForm(w http.ResponseWriter, r *http.Request, which, flash string, do func(v *web.View, who identity.Principal, f *form.Form) error) error {
	who, err := s.chief(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	err = do(v, who, f)
	refusal, wrong := isForm(err)
	if err != nil && !wrong {
		return err
	}
	if wrong || !f.Valid() {
		p, err := s.townshipPage(r, v.L, who)
		if err != nil {
			return err
		}
		p.Which, p.Values = which, f.Values()
		p.failed(f)
		if wrong {
			p.wrong(v.L, refusal)
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, townshipView(v, s, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash})
	return web.SeeOther(w, r, "/agent/township")
}

func accountOf(text string) store.ID {
	id, err := store.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}

func (s *Service) postAssign(w http.ResponseWriter, r *http.Request) error {
	return s.townshipForm(w, r, "assign", "agent.flash.assigned", func(v *web.View, who identity.Principal, f *form.Form) error {
		if f.Value("agent") == "" {
			f.Fail("agent", v.L.T("agent.place.agent-missing"))
		}
		if f.Value("village") == "" {
			f.Fail("village", v.L.T("agent.place.village-missing"))
		}
		from := f.Date(v.L, "from", v.L.T("agent.place.from"))
		if !f.Valid() {
			return nil
		}
		return s.Assign(r.Context(), who, accountOf(f.Value("agent")), f.Value("village"), from)
	})
}

func (s *Service) postRelease(w http.ResponseWriter, r *http.Request) error {
	return s.townshipForm(w, r, "release", "agent.flash.released", func(v *web.View, who identity.Principal, f *form.Form) error {
		id, err := store.ParseID(r.PathValue("place"))
		if err != nil {
			return web.NotFound("")
		}
		last := s.today() - 1
		if f.Value("until") != "" {
			last = f.Date(v.L, "until", v.L.T("agent.place.until"))
		}
		if !f.Valid() {
			return nil
		}
		if err := s.Release(r.Context(), who, id, last); isNotFound(err) {
			return web.NotFound("")
		} else if err != nil {
			return err
		}
		return nil
	})
}
