package intermediary

import (
	"net/http"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

const (
	ownLiftHref  = ownHref + "/lift"
	deskLiftHref = deskHref + "/lift"
)

func liftHref(number string) string { return deskHref + "/lifts/" + number }

// LiftHref is the page on which it is decided whether something is lifted.
func LiftHref(number string) string { return liftHref(number) }

// pleadHref is where somebody asks that a sanction, or a relation of an agency, is lifted.
func pleadHref(base, agency, sanction string, r *Relation) string {
	q := url.Values{}
	if base == deskLiftHref {
		q.Set("agency", agency)
	}
	if sanction != "" {
		q.Set("sanction", sanction)
	}
	if r != nil {
		q.Set("kind", r.Kind)
		q.Set("target", r.Target)
	}
	return base + "?" + q.Encode()
}

// pleadPage asks for a lifting. Base says whether at the desk or by the agency.
type pleadPage struct {
	typed
	Base     string
	Agency   Agency
	Sanction *Sanction
	Relation *Relation
}

// action is where the form goes.
func (p *pleadPage) action() string {
	sanction := ""
	if p.Sanction != nil {
		sanction = p.Sanction.Number
	}
	return pleadHref(p.Base, p.Agency.Number, sanction, p.Relation)
}

// grounds are those on which this can be lifted.
func (p *pleadPage) grounds() []string {
	if p.Sanction != nil {
		return []string{Objection, Repair}
	}
	return []string{Over}
}

func (s *Rooms) pleadPage(r *http.Request, base string) (*pleadPage, identity.Principal, error) {
	ctx, q := r.Context(), r.URL.Query()
	p := &pleadPage{typed: untyped(), Base: base}
	var actor identity.Principal
	var err error
	if base == ownLiftHref {
		var a *Agency
		if a, actor, err = s.own(r); err == nil && a == nil {
			return nil, actor, web.NotFound("intermediary.no-agency")
		}
		if err != nil {
			return nil, actor, err
		}
		p.Agency = *a
	} else {
		if actor, err = s.People.Principal(r); err != nil {
			return nil, actor, err
		}
		p.Agency, err = s.Agency(ctx, q.Get("agency"))
		if isNotFound(err) {
			return nil, actor, web.NotFound("intermediary.no-agency")
		}
		if err == nil {
			err = s.allow(actor, ActionSanction, p.Agency.Number, p.Agency.Body, 0)
		}
		if err != nil {
			return nil, actor, err
		}
	}
	if number := q.Get("sanction"); number != "" {
		x, err := s.Sanction(ctx, number)
		if isNotFound(err) || err == nil && x.Agency != p.Agency.ID {
			return nil, actor, web.NotFound("intermediary.no-sanction")
		}
		p.Sanction = &x
		return p, actor, err
	}
	list, err := s.Relations(ctx, p.Agency.ID)
	if err != nil {
		return nil, actor, err
	}
	i := slices.IndexFunc(list, func(x Relation) bool { return x.Kind == q.Get("kind") && x.Target == q.Get("target") })
	if i < 0 {
		return nil, actor, web.NotFound("intermediary.no-relation")
	}
	p.Relation = &list[i]
	return p, actor, nil
}

func (s *Rooms) getPlead(base string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, _, err := s.pleadPage(r, base)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, pleadView(web.ViewOf(r), s, p))
	}
}

func (s *Rooms) postPlead(base string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, actor, err := s.pleadPage(r, base)
		if err != nil {
			return err
		}
		f, err := parse(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		x := Plea{Agency: p.Agency.Number, Ground: f.Value("ground"), Statement: f.Value("statement")}
		if p.Sanction != nil {
			x.Sanction = p.Sanction.Number
		} else {
			x.Kind, x.Target = p.Relation.Kind, p.Relation.Target
		}
		rec, done := s.Plead(r.Context(), actor, x, f.Value(fieldKey))
		if p.wrong(v, f, done) {
			return web.Render(w, r, http.StatusUnprocessableEntity, pleadView(v, s, p))
		}
		if done != nil {
			return done
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.pleaded"})
		if base == ownLiftHref {
			return web.SeeOther(w, r, ownHref)
		}
		return web.SeeOther(w, r, liftHref(rec.Number))
	}
}

// liftPage is what was asked, for those who decide, and those who asked at the desk.
type liftPage struct {
	typed
	Lift
	Agency    Agency
	Sanction  *Sanction
	Relation  *Relation
	Statement string
	May       bool
}

func (s *Rooms) liftPage(r *http.Request) (*liftPage, identity.Principal, error) {
	ctx := r.Context()
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	x, err := s.Lift(ctx, number(r))
	if isNotFound(err) {
		return nil, actor, web.NotFound("intermediary.no-lift")
	}
	if err != nil {
		return nil, actor, err
	}
	p := &liftPage{typed: untyped(), Lift: x}
	if p.Agency, err = s.agencyByID(ctx, s.DB.Read(), x.Agency); err != nil {
		return nil, actor, err
	}
	if err := s.allow(actor, ActionOrder, x.Number, p.Agency.Body, 0); err != nil {
		return nil, actor, err
	}
	if p.Lift.Sanction != "" {
		found, err := s.Sanction(ctx, p.Lift.Sanction)
		if err != nil {
			return nil, actor, err
		}
		p.Sanction = &found
	} else {
		list, err := s.Relations(ctx, x.Agency)
		if err != nil {
			return nil, actor, err
		}
		for i := range list {
			if list[i].Kind == x.Kind && list[i].Target == x.Target {
				p.Relation = &list[i]
			}
		}
	}
	d, err := s.cases.Dossier(ctx, x.ID)
	if err != nil {
		return nil, actor, err
	}
	if p.Statement, err = statementOf(d.Form); err != nil {
		return nil, actor, err
	}
	c, err := s.cases.Get(ctx, x.ID)
	if err != nil {
		return nil, actor, err
	}
	if t := task(c, stepLift); t != nil {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role, Owner: c.Party}
		p.May = s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil
	}
	return p, actor, nil
}

func (s *Rooms) getLift(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.liftPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, liftView(web.ViewOf(r), s, p))
}

func (s *Rooms) postLift(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.liftPage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	_, done := s.DecideLift(r.Context(), actor, p.Number, f.Value("outcome"), f.Value("reason"), f.Value(fieldKey))
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, liftView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.decided"})
	return web.SeeOther(w, r, liftHref(p.Number))
}
