package joint

import (
	"errors"
	"net/http"
	"slices"

	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/ui"
)

// hubPage lists the joint matters of a place.
type hubPage struct {
	place  *registry.Division
	places []ui.Option
	groups []hubGroup
	recent []Whole
}

// hubGroup is a platform with its matters.
type hubGroup struct {
	platform string
	matters  []hubMatter
}

type hubMatter struct {
	*Matter
	href  string
	parts int
}

// places returns the divisions that have a lead body: where joint matters can be offered.
func (s *Service) places() []*registry.Division {
	var list []*registry.Division
	now := s.Registry.Now()
	for _, d := range now.Divisions() {
		if slices.ContainsFunc(now.Bodies(d.Code), func(b *registry.Body) bool { return b.Kind == leadKind && !registry.Over(b.Ended, s.Now()) }) {
			list = append(list, d)
		}
	}
	return list
}

// leadKind is the kind of body whose windows lead joint matters.
const leadKind = "data"

// here is the place of a request: that of its query, else the first below the province, else the first.
func (s *Service) here(r *http.Request) (*registry.Division, []*registry.Division) {
	list := s.places()
	if len(list) == 0 {
		return nil, nil
	}
	best := list[0]
	for _, d := range list {
		if d.Code == r.URL.Query().Get("area") {
			return d, list
		}
		if best.Level == registry.Province && d.Level != registry.Province {
			best = d
		}
	}
	return best, list
}

func (s *Service) getHub(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p := hubPage{}
	var list []*registry.Division
	if p.place, list = s.here(r); p.place == nil {
		return web.NotFound("joint.nowhere")
	}
	for _, d := range list {
		p.places = append(p.places, ui.Option{Value: d.Code, Text: v.L.Text(d.Name)})
	}
	for _, m := range s.Matters() {
		plan, err := s.Plan(m.Key, p.place.Code, nil)
		var refusal *casework.Refusal
		if errors.As(err, &refusal) {
			continue // not offered here
		}
		if err != nil {
			return err
		}
		if n := len(p.groups); n == 0 || p.groups[n-1].platform != m.Platform {
			p.groups = append(p.groups, hubGroup{platform: m.Platform})
		}
		g := &p.groups[len(p.groups)-1]
		g.matters = append(g.matters, hubMatter{m, guidePath(m.Key, p.place.Code), len(plan.Parts)})
	}
	var err error
	if p.recent, err = s.List(r.Context(), p.place.Code, 0, 10); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, hubView(v, p))
}

func guidePath(matter, division string) string {
	return "/hall/joint/matter/" + matter + "/" + division
}

// guidePage is what somebody needs to know before applying for a joint matter.
type guidePage struct {
	*Plan
	signed  bool
	whole   casework.Terms
	example ui.ExplainProps // if it were accepted today
	statute ui.ExplainProps
	drafts  []casework.Draft
}

func (s *Service) getGuide(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	plan, err := s.planOf(r)
	if err != nil {
		return err
	}
	p := guidePage{Plan: plan}
	if p.whole, err = s.wholeTerms(plan.Matter, s.today()); err != nil {
		return err
	}
	if t, err := term.New(v.Now, p.whole.Statutory, p.whole.Promised); err == nil {
		p.example, p.statute = due.Promise(v.L, t, s.Calendar(), v.Now), due.Statute(v.L, t, s.Calendar(), v.Now)
	}
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	if p.signed = who.Party().ID != 0; p.signed {
		web.Private(w)
		if p.drafts, err = s.drafts(r.Context(), who.Account, subjectOf(plan.Matter.Key, plan.Division)); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, guideView(v, s, p))
}

// planOf works out the matter and the place of the path.
func (s *Service) planOf(r *http.Request) (*Plan, error) {
	plan, err := s.Plan(r.PathValue("matter"), r.PathValue("division"), nil)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) {
		return nil, web.NotFound("joint.no-matter")
	}
	return plan, err
}

// optional lists the parts that the applicant chooses.
func (p *Plan) optional() []*Planned {
	var list []*Planned
	for i := range p.Parts {
		if p.Parts[i].Optional {
			list = append(list, &p.Parts[i])
		}
	}
	return list
}

// progressPage lists the applications of a place, newest first.
type progressPage struct {
	place  *registry.Division
	places []ui.Option
	list   []Whole
	next   string
}

const progressSize = 20

func (s *Service) getProgress(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p := progressPage{}
	var list []*registry.Division
	if p.place, list = s.here(r); p.place == nil {
		return web.NotFound("joint.nowhere")
	}
	for _, d := range list {
		p.places = append(p.places, ui.Option{Value: d.Code, Text: v.L.Text(d.Name)})
	}
	before, err := store.ParseID(r.URL.Query().Get("before"))
	if err != nil {
		before = 0
	}
	if p.list, err = s.List(r.Context(), p.place.Code, before, progressSize+1); err != nil {
		return err
	}
	if len(p.list) > progressSize {
		p.list = p.list[:progressSize]
		p.next = "/hall/joint/progress?area=" + p.place.Code + "&before=" + p.list[progressSize-1].Case.String()
	}
	return web.Render(w, r, http.StatusOK, progressView(v, p))
}
