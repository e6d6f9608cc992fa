package intermediary

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// deskPage is what an office has to do with intermediary services.
type deskPage struct {
	Registrar  bool
	May        bool    // propose sanctions
	Orders     []Order // to check
	Others     []Order // the latest of the body in every other state
	Names      map[int64]string
	Admissions []Agency
	Sanctions  []Sanction
	Lifts      []Lift
	Agencies   map[int64]Agency
	Services   []Service
	Watched    []Agency // against whom this reader may propose a sanction
}

func (s *Rooms) getDesk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	body := actor.Post.Body
	if err := s.allow(actor, ActionOrder, body, body, 0); err != nil {
		return err
	}
	p := &deskPage{Registrar: s.mayRegister(actor) == nil, May: s.allow(actor, ActionSanction, body, body, 0) == nil, Agencies: map[int64]Agency{}}
	if p.Orders, err = s.ToGrade(ctx, body); err != nil {
		return err
	}
	if p.Others, err = s.OrdersOfBody(ctx, body); err != nil {
		return err
	}
	p.Others = slices.DeleteFunc(p.Others, func(o Order) bool { return o.State == Delivered })
	if p.Names, err = s.namesOf(r, slices.Concat(p.Orders, p.Others)); err != nil {
		return err
	}
	if p.Registrar {
		if p.Admissions, err = s.ToExamine(ctx, body); err != nil {
			return err
		}
		if p.Sanctions, err = s.OpenSanctions(ctx, body); err != nil {
			return err
		}
		if p.Lifts, err = s.OpenLifts(ctx, body); err != nil {
			return err
		}
		if p.Services, err = s.Services(ctx); err != nil {
			return err
		}
	}
	if p.May {
		all, err := s.Register(ctx, "")
		if err != nil {
			return err
		}
		for i := range all {
			if s.allow(actor, ActionSanction, all[i].Number, all[i].Body, 0) == nil {
				p.Watched = append(p.Watched, all[i])
			}
		}
		p.May = len(p.Watched) > 0
	}
	var about []store.ID
	for i := range p.Sanctions {
		about = append(about, p.Sanctions[i].Agency)
	}
	for i := range p.Lifts {
		about = append(about, p.Lifts[i].Agency)
	}
	for _, id := range about {
		if p.Agencies[int64(id)], err = s.agencyByID(ctx, s.DB.Read(), id); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, deskView(web.ViewOf(r), s, p))
}

// examinePage is an application for admission, for the registrar.
type examinePage struct {
	typed
	Agency
	Services  map[string]Service
	Relations []Relation
	Note      string
	Files     []casework.FileRef
	May       bool
}

func (s *Rooms) examinePage(r *http.Request) (*examinePage, identity.Principal, error) {
	ctx := r.Context()
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	a, err := s.Agency(ctx, number(r))
	if isNotFound(err) {
		return nil, actor, web.NotFound("intermediary.no-agency")
	}
	if err == nil {
		err = s.allow(actor, ActionRegister, a.Number, a.Body, 0)
	}
	if err != nil {
		return nil, actor, err
	}
	p := &examinePage{typed: untyped(), Agency: a}
	if p.Services, err = s.byKey(r); err != nil {
		return nil, actor, err
	}
	if p.Relations, err = s.Relations(ctx, a.ID); err != nil {
		return nil, actor, err
	}
	c, err := s.cases.Get(ctx, a.ID)
	if err != nil {
		return nil, actor, err
	}
	dossier, err := s.cases.Dossier(ctx, a.ID)
	if err != nil {
		return nil, actor, err
	}
	p.Files, p.Note = dossier.Files, lastText(dossier.Private, "note")
	if t := task(c, stepExamine); t != nil {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		p.May = s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil
	}
	return p, actor, nil
}

func (s *Rooms) getAdmission(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.examinePage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, examineView(web.ViewOf(r), s, p))
}

func (s *Rooms) postAdmission(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.examinePage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	_, done := s.Examine(r.Context(), actor, p.Number, f.Value("outcome"), f.Value("remark"), f.Value(fieldKey))
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, examineView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.examined"})
	return web.SeeOther(w, r, deskHref)
}

// proposePage is a sanction that somebody proposes.
type proposePage struct {
	typed
	Agency
}

func (s *Rooms) proposePage(r *http.Request) (*proposePage, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	a, err := s.Agency(r.Context(), number(r))
	if isNotFound(err) || err == nil && a.State != Admitted {
		return nil, actor, web.NotFound("intermediary.no-agency")
	}
	if err == nil {
		err = s.allow(actor, ActionSanction, a.Number, a.Body, 0)
	}
	return &proposePage{typed: untyped(), Agency: a}, actor, err
}

func (s *Rooms) getPropose(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.proposePage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, proposeView(web.ViewOf(r), s, p))
}

func (s *Rooms) postPropose(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.proposePage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	x := Proposal{Agency: p.Number, Kind: f.Value("kind"), Reason: f.Value("reason"), Basis: f.Value("basis")}
	if f.Value("months") != "" {
		x.Months = integer(v.L, f, "months")
	}
	var done error
	var rec casework.Receipt
	if f.Valid() {
		rec, done = s.Propose(r.Context(), actor, x, f.Value(fieldKey))
	}
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, proposeView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.proposed"})
	return web.SeeOther(w, r, sanctionHref(rec.Number))
}

// sanctionPage is a sanction for those who decide, and those who proposed it.
type sanctionPage struct {
	typed
	Sanction
	Agency    Agency
	Statement string
	May       bool
	MayLift   bool // ask that it is lifted
}

func (s *Rooms) sanctionPage(r *http.Request) (*sanctionPage, identity.Principal, error) {
	ctx := r.Context()
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	x, err := s.Sanction(ctx, number(r))
	if isNotFound(err) {
		return nil, actor, web.NotFound("intermediary.no-sanction")
	}
	if err == nil {
		err = s.allow(actor, ActionOrder, x.Number, x.Body, 0)
	}
	if err != nil {
		return nil, actor, err
	}
	p := &sanctionPage{typed: untyped(), Sanction: x}
	if p.Agency, err = s.agencyByID(ctx, s.DB.Read(), x.Agency); err != nil {
		return nil, actor, err
	}
	if p.Statement, err = s.remark(ctx, x.ID, "statement"); err != nil {
		return nil, actor, err
	}
	p.MayLift = x.InForce(s.today()) && s.allow(actor, ActionSanction, p.Agency.Number, p.Agency.Body, 0) == nil
	c, err := s.cases.Get(ctx, x.ID)
	if err != nil {
		return nil, actor, err
	}
	if t := task(c, stepDecide); t != nil {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		p.May = s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil
	}
	return p, actor, nil
}

func (s *Rooms) getSanction(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.sanctionPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, sanctionView(web.ViewOf(r), s, p))
}

func (s *Rooms) postSanction(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.sanctionPage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	_, done := s.Decide(r.Context(), actor, p.Number, f.Value("outcome"), f.Value("remark"), f.Value(fieldKey))
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, sanctionView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.decided"})
	return web.SeeOther(w, r, sanctionHref(p.Number))
}

// serviceNew stands in the address of a service that is not there yet.
const serviceNew = "new"

// editPage is the form of a service.
type editPage struct {
	typed
	New     bool
	Version int64
	Path    string
}

func (s *Rooms) editPage(r *http.Request) (*editPage, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	if err := s.mayRegister(actor); err != nil {
		return nil, actor, err
	}
	key := r.PathValue("key")
	p := &editPage{typed: untyped(), New: key == serviceNew, Path: key}
	if p.New {
		return p, actor, nil
	}
	x, err := s.Service(r.Context(), key)
	if isNotFound(err) {
		return nil, actor, web.NotFound("intermediary.no-service")
	}
	if err != nil {
		return nil, actor, err
	}
	p.Version = x.Version
	var uses []string
	for _, u := range x.Items {
		uses = append(uses, u.Item+"/"+u.Material)
	}
	for name, value := range map[string]string{
		"service": x.Key, "name": x.Name.Hans, "name-en": x.Name.En, "summary": x.Summary.Hans, "items": strings.Join(uses, "\n"), "basis": x.Basis, "days": strconv.Itoa(x.Days),
		"fen": yuanText(x.Fen), "pricing": x.Pricing, "needs": x.Needs, "retired": x.Retired,
	} {
		p.Values.Set(name, value)
	}
	return p, actor, nil
}

func (s *Rooms) getDeskService(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.editPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editView(web.ViewOf(r), p))
}

func (s *Rooms) postDeskService(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.editPage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	x := Service{Key: p.Path}
	if p.New {
		x.Key = f.Value("service")
	} else {
		if x, err = s.Service(r.Context(), p.Path); err != nil {
			return err
		}
		n, err := strconv.ParseInt(f.Value("version"), 10, 64)
		if err != nil {
			n = -1 // what is no number is no version
		}
		x.Version = n
	}
	x.Name.Hans, x.Name.En, x.Summary.Hans, x.Basis, x.Needs, x.Retired = f.Value("name"), f.Value("name-en"), f.Value("summary"), f.Value("basis"), f.Value("needs"), f.Value("retired")
	if was := p.Values.Get("name"); x.Name.Hans != was { // a traditional form of another name is none of this one
		x.Name.Hant = ""
	}
	if was := p.Values.Get("summary"); x.Summary.Hans != was {
		x.Summary.Hant, x.Summary.En = "", ""
	}
	x.Pricing, x.Items = f.Value("pricing"), nil
	for line := range strings.Lines(f.Value("items")) {
		item, material, _ := strings.Cut(strings.TrimSpace(line), "/")
		if item != "" {
			x.Items = append(x.Items, Use{strings.TrimSpace(item), strings.TrimSpace(material)})
		}
	}
	x.Items = slices.Compact(x.Items)
	x.Days, x.Fen = integer(v.L, f, "days"), yuan(v.L, f, "fen")
	var done error
	if f.Valid() {
		done = s.PutService(r.Context(), actor, x)
	}
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, editView(v, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.saved"})
	return web.SeeOther(w, r, serviceHref(x.Key))
}
