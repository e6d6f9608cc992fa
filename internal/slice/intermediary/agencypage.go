package intermediary

import (
	"net/http"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// applyPage is the application of an agency for admission.
type applyPage struct {
	typed
	Name       string
	Registrars []ui.Option
	Services   []Service
}

func (s *Rooms) applyPage(r *http.Request) (*applyPage, identity.Principal, error) {
	v := web.ViewOf(r)
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	p := &applyPage{typed: untyped(), Name: actor.Party().Name, Registrars: []ui.Option{{Value: "", Text: v.L.T("intermediary.choose")}}}
	for _, b := range s.Registrars() {
		p.Registrars = append(p.Registrars, ui.Option{Value: b.Key, Text: v.L.Text(b.Name)})
	}
	all, err := s.Services(r.Context())
	for i := range all {
		if !all[i].Flagged() && all[i].Retired == "" {
			p.Services = append(p.Services, all[i])
		}
	}
	return p, actor, err
}

func (s *Rooms) getApply(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.applyPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, applyView(web.ViewOf(r), p))
}

func (s *Rooms) postApply(w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	p, actor, err := s.applyPage(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	a := Application{Body: f.Value("body"), Owner: strings.ToUpper(f.Value("owner")), Profile: Profile{
		Qualifications: f.Value("qualifications"), Promise: f.Value("promise"), Address: f.Value("address"), Phone: f.Value("phone"),
	}}
	for _, x := range p.Services {
		if f.Value("fen-"+x.Key) == "" && f.Value("days-"+x.Key) == "" {
			continue
		}
		a.Profile.Offers = append(a.Profile.Offers, Offer{Service: x.Key, Fen: yuan(v.L, f, "fen-"+x.Key), Days: integer(v.L, f, "days-"+x.Key)})
	}
	var done error
	if f.Valid() {
		_, done = s.Apply(r.Context(), actor, a, f.Value(fieldKey))
	}
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, applyView(v, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.applied"})
	return web.SeeOther(w, r, ownHref)
}

// ownPage is what an agency has to do.
type ownPage struct {
	typed
	Agency    *Agency // nil: it has not applied
	Services  map[string]Service
	Orders    []Order
	Calls     []Order
	Sanctions []Sanction
	Relations []Relation
	Lifts     []Lift
	Remark    string
}

// own opens the agency of whoever asks.
func (s *Rooms) own(r *http.Request) (*Agency, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	party := actor.Party().ID
	if party == 0 {
		return nil, actor, web.Forbidden("intermediary.agencies-only")
	}
	a, err := s.OfParty(r.Context(), party)
	if isNotFound(err) {
		return nil, actor, nil
	}
	if err != nil {
		return nil, actor, err
	}
	return &a, actor, nil
}

func (s *Rooms) ownPage(r *http.Request, a *Agency) (*ownPage, error) {
	p := &ownPage{typed: untyped(), Agency: a}
	if a == nil {
		return p, nil
	}
	ctx := r.Context()
	var err error
	if p.Services, err = s.byKey(r); err != nil {
		return nil, err
	}
	if p.Orders, err = s.OrdersOfAgency(ctx, a.ID); err != nil {
		return nil, err
	}
	if p.Calls, err = s.OpenCalls(ctx, a.ID); err != nil {
		return nil, err
	}
	if p.Sanctions, err = s.SanctionsOf(ctx, a.ID); err != nil {
		return nil, err
	}
	if p.Relations, err = s.Relations(ctx, a.ID); err != nil {
		return nil, err
	}
	if p.Lifts, err = s.LiftsOf(ctx, a.ID); err != nil {
		return nil, err
	}
	if a.State != Admitted {
		p.Remark, err = s.remark(ctx, a.ID, "remark")
	}
	return p, err
}

func (s *Rooms) getOwn(w http.ResponseWriter, r *http.Request) error {
	a, _, err := s.own(r)
	if err != nil {
		return err
	}
	p, err := s.ownPage(r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ownView(web.ViewOf(r), s, p))
}

// asOwn does something for the agency of whoever asks. What is wrong is shown with everything typed.
func (s *Rooms) asOwn(w http.ResponseWriter, r *http.Request, flash string, do func(identity.Principal, *Agency, *form.Form) error) error {
	a, actor, err := s.own(r)
	if err != nil {
		return err
	}
	if a == nil {
		return web.NotFound("intermediary.no-agency")
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	err = do(actor, a, f)
	v := web.ViewOf(r)
	if t := untyped(); t.wrong(v, f, err) {
		p, err := s.ownPage(r, a)
		if err != nil {
			return err
		}
		p.typed = t
		return web.Render(w, r, http.StatusUnprocessableEntity, ownView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash})
	return web.SeeOther(w, r, ownHref)
}

func (s *Rooms) postMend(w http.ResponseWriter, r *http.Request) error {
	return s.asOwn(w, r, "intermediary.flash.mended", func(actor identity.Principal, a *Agency, f *form.Form) error {
		refs, err := s.uploads(r, web.ViewOf(r), actor.Account, f)
		if err != nil || !f.Valid() {
			return err
		}
		_, err = s.Supply(r.Context(), actor, a.Number, f.Value("note"), refs, f.Value(fieldKey))
		return err
	})
}

func (s *Rooms) postRelation(w http.ResponseWriter, r *http.Request) error {
	return s.asOwn(w, r, "intermediary.flash.declared", func(actor identity.Principal, a *Agency, f *form.Form) error {
		return s.Declare(r.Context(), actor, a.Number, Relation{Kind: f.Value("kind"), Target: f.Value("target"), Note: f.Value("relation-note")})
	})
}

// callPage is a call for bids as an agency sees it.
type callPage struct {
	typed
	Order   Order
	Service Service
	Mine    *BidRow
}

func (s *Rooms) callPage(r *http.Request) (*callPage, identity.Principal, error) {
	a, actor, err := s.own(r)
	if err != nil {
		return nil, actor, err
	}
	o, err := s.Order(r.Context(), number(r))
	if isNotFound(err) || err == nil && o.Method != Bids || a == nil {
		return nil, actor, web.NotFound("intermediary.no-call")
	}
	if err != nil {
		return nil, actor, err
	}
	p := &callPage{typed: untyped(), Order: o}
	if p.Service, err = s.Service(r.Context(), o.Service); err != nil {
		return nil, actor, err
	}
	bids, err := s.BidsOf(r.Context(), o.ID)
	for i := range bids {
		if bids[i].Agency == a.ID {
			p.Mine = &bids[i]
		}
	}
	return p, actor, err
}

func (s *Rooms) getCall(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.callPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, callView(web.ViewOf(r), s, p))
}

func (s *Rooms) postBid(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.callPage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	fen, days := yuan(v.L, f, "fen"), integer(v.L, f, "days")
	var done error
	if f.Valid() {
		_, done = s.Bid(r.Context(), actor, p.Order.Number, fen, days, f.Value(fieldKey))
	}
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, callView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.bid"})
	return web.SeeOther(w, r, callHref(p.Order.Number))
}

func callHref(number string) string { return homeHref + "/bids/" + number }

// hearingPage is a sanction as the agency sees it.
type hearingPage struct {
	typed
	Sanction
	Agency Agency
	May    bool // state its case now
}

func (s *Rooms) hearingPage(r *http.Request) (*hearingPage, identity.Principal, error) {
	a, actor, err := s.own(r)
	if err != nil {
		return nil, actor, err
	}
	x, err := s.Sanction(r.Context(), number(r))
	if isNotFound(err) || err == nil && (a == nil || x.Agency != a.ID) {
		return nil, actor, web.NotFound("intermediary.no-sanction")
	}
	if err != nil {
		return nil, actor, err
	}
	return &hearingPage{typed: untyped(), Sanction: x, Agency: *a, May: x.State == Hearing}, actor, nil
}

func (s *Rooms) getHearing(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.hearingPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, hearingView(web.ViewOf(r), s, p))
}

func (s *Rooms) postHearing(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.hearingPage(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	_, done := s.State(r.Context(), actor, p.Number, f.Value("statement"), f.Value(fieldKey))
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, hearingView(v, s, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.stated"})
	return web.SeeOther(w, r, ownHref)
}
