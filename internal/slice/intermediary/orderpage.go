package intermediary

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// lastText is the last text of a field among the sealed parts of a case.
func lastText(private []casework.Private, field string) (text string) {
	for _, p := range private {
		if raw := p.Fields[field]; len(raw) > 0 {
			if err := json.Unmarshal(raw, &text); err != nil {
				text = ""
			}
		}
	}
	return text
}

// placePage is placing an order from within a case.
type placePage struct {
	typed
	Case    *casework.Case
	Offers  []placeOffer
	Orders  []Order
	Names   map[int64]string
	Flagged []Service
}

// placeOffer is a service that the case asks for, with the agencies that offer it.
type placeOffer struct {
	Service
	Agencies []standing
}

func (s *Rooms) placePage(r *http.Request, number string) (*placePage, identity.Principal, error) {
	ctx := r.Context()
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	c, err := s.cases.ByNumber(ctx, number)
	if isNotFound(err) {
		return nil, actor, web.NotFound("intermediary.no-case")
	}
	if err != nil {
		return nil, actor, err
	}
	m, ok := s.Matters.Matter(c)
	if !ok || c.Party == 0 || c.Party != actor.Party().ID { // another's case is as good as none
		return nil, actor, web.NotFound("intermediary.no-case")
	}
	p := &placePage{typed: untyped(), Case: c}
	services, err := s.Needed(ctx, m.Item)
	if err != nil {
		return nil, actor, err
	}
	with, err := s.sideOf(ctx, c.Party, c.Body)
	if err != nil {
		return nil, actor, err
	}
	for i := range services {
		if services[i].Flagged() {
			p.Flagged = append(p.Flagged, services[i])
			continue
		}
		o := placeOffer{Service: services[i]}
		if o.Agencies, err = s.offering(ctx, &services[i], with); err != nil {
			return nil, actor, err
		}
		p.Offers = append(p.Offers, o)
	}
	if p.Orders, err = s.OrdersOf(ctx, c.ID); err != nil {
		return nil, actor, err
	}
	p.Names, err = s.namesOf(r, p.Orders)
	return p, actor, err
}

func (s *Rooms) getPlace(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.placePage(r, r.URL.Query().Get("case"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, placeView(web.ViewOf(r), s, p))
}

func (s *Rooms) postPlace(w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	p, actor, err := s.placePage(r, f.Value("case"))
	if err != nil {
		return err
	}
	ask := Ask{Case: p.Case.Number, Service: f.Value("service"), Method: Method(f.Value("method")), Agency: f.Value("agency"), Rule: draw.Rule(f.Value("rule"))}
	ask.Seen = f.Value("seen-" + ask.Agency)
	rec, err := s.Place(r.Context(), actor, ask, f.Value(fieldKey))
	v := web.ViewOf(r)
	if p.wrong(v, f, err) {
		return web.Render(w, r, http.StatusUnprocessableEntity, placeView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.placed"})
	return web.SeeOther(w, r, orderHref(rec.Number))
}

func (s *Rooms) getMine(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	var list []Order
	if party := actor.Party().ID; party != 0 {
		if list, err = s.OrdersOfParty(r.Context(), party); err != nil {
			return err
		}
	}
	names, err := s.namesOf(r, list)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, mineView(web.ViewOf(r), s, list, names))
}

// orderPage is an order for those whose it is.
type orderPage struct {
	typed
	Order
	Agency  *Agency
	Service Service
	Case    *casework.Case
	Draw    *DrawRow
	Bids    []BidRow
	Names   map[int64]string
	Files   []casework.FileRef
	Remark  string
	Note    string
	Term    *ui.DueProps
	Explain ui.ExplainProps
	Does    string // the step that this reader may do now, or none
	Mine    bool   // the reader is the applicant
	Cancel  bool   // the reader may cancel it
	Again   bool   // the reader may order anew: it came to nothing, and its case is open
	Over    bool   // it came to nothing, and its case has ended
	Steps   []ui.Step
}

// seen opens an order to whoever may see it.
func (s *Rooms) seen(r *http.Request) (Order, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return Order{}, actor, err
	}
	o, err := s.Order(r.Context(), number(r))
	if isNotFound(err) {
		return o, actor, web.NotFound("intermediary.no-order")
	}
	if err != nil {
		return o, actor, err
	}
	err = s.allow(actor, ActionOrder, o.Number, o.Body, o.Party)
	if err != nil && o.Agency != 0 {
		a, found := s.agencyByID(r.Context(), s.DB.Read(), o.Agency)
		if found != nil {
			return o, actor, found
		}
		err = s.allow(actor, ActionOrder, o.Number, o.Body, a.Party)
	}
	return o, actor, err
}

// roles say who does a step of an order.
var roles = map[string]string{stepStart: "applicant", stepConfirm: "agency", stepDeliver: "agency", stepGrade: "reviewer"}

func (s *Rooms) orderPage(r *http.Request, o Order, actor identity.Principal) (*orderPage, error) {
	ctx, v := r.Context(), web.ViewOf(r)
	p := &orderPage{typed: untyped(), Order: o, Mine: o.Party != 0 && actor.Party().ID == o.Party, Names: map[int64]string{}}
	var err error
	if p.Service, err = s.Service(ctx, o.Service); err != nil {
		return nil, err
	}
	if p.Case, err = s.cases.Get(ctx, o.ID); err != nil {
		return nil, err
	}
	owner := o.Party
	if o.Agency != 0 {
		a, err := s.agencyByID(ctx, s.DB.Read(), o.Agency)
		if err != nil {
			return nil, err
		}
		p.Agency = &a
	}
	for _, t := range p.Case.Tasks() {
		if t.Role == "agency" && p.Agency != nil {
			owner = p.Agency.Party
		}
		on := identity.Resource{Type: "case", ID: p.Case.Number, Division: p.Case.Division, Body: p.Case.Body, Role: t.Role, Owner: owner}
		if roles[t.Element] != "" && s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil && !p.Case.Bars(actor.Account) {
			p.Does = t.Element
		}
	}
	if o.Method == Draw {
		d, err := s.DrawOf(ctx, o.Commitment)
		if err != nil {
			return nil, err
		}
		p.Draw = &d
	}
	if o.Method == Bids && o.State != Bidding {
		if p.Bids, err = s.BidsOf(ctx, o.ID); err != nil {
			return nil, err
		}
		for _, b := range p.Bids {
			a, err := s.agencyByID(ctx, s.DB.Read(), b.Agency)
			if err != nil {
				return nil, err
			}
			p.Names[int64(b.Agency)] = a.Name
		}
	}
	private, err := s.cases.Private(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	p.Remark, p.Note = lastText(private, "remark"), lastText(private, "note")
	if p.Files, err = s.Deliverables(ctx, &o); err != nil {
		return nil, err
	}
	if k := p.Case.Clock("deliver"); k != nil {
		t := s.cases.Explained(p.Case, k.Term)
		badge := due.Badge(t, s.Calendar(), v.Now)
		p.Term, p.Explain = &badge, due.Statute(v.L, t, s.Calendar(), v.Now)
	}
	p.Steps = s.steps(v.L, p.Case)
	if p.Mine {
		of, err := s.cases.Get(ctx, o.OfCase)
		if err != nil {
			return nil, err
		}
		p.Cancel = o.cancellable(of.Open())
		nothing := slices.Contains([]string{Declined, Lapsed, Unbid, Cancelled}, o.State)
		p.Again, p.Over = nothing && of.Open(), nothing && !of.Open()
	}
	return p, nil
}

// steps tells what was done in an order and when.
func (s *Rooms) steps(l *web.Localizer, c *casework.Case) []ui.Step {
	steps := []ui.Step{{State: ui.StepDone, Title: l.T("intermediary.step.ordered"), Time: l.Time(c.CreatedAt)}}
	for _, d := range c.Done() {
		x := ui.Step{State: ui.StepDone, Title: l.T("intermediary.step." + d.Element), Time: l.Time(d.At), By: l.T("intermediary.role." + d.Role)}
		if d.Cut && c.Status == "intermediary-"+Cancelled {
			x.StateText = l.T("intermediary.order-state.cancelled")
		} else if d.Cut {
			x.StateText = l.T("intermediary.step.cut")
		} else if d.Outcome != "" {
			x.StateText = l.T("intermediary.outcome." + strings.ToLower(d.Outcome))
		}
		steps = append(steps, x)
	}
	for _, t := range c.Tasks() {
		steps = append(steps, ui.Step{State: ui.StepActive, Title: l.T("intermediary.step." + t.Element), By: l.T("intermediary.role." + t.Role)})
	}
	return steps
}

func (s *Rooms) getOrder(w http.ResponseWriter, r *http.Request) error {
	o, actor, err := s.seen(r)
	if err != nil {
		return err
	}
	p, err := s.orderPage(r, o, actor)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, orderView(web.ViewOf(r), s, p))
}

// act does a step of an order. What is wrong is shown with everything typed.
func (s *Rooms) act(w http.ResponseWriter, r *http.Request, flash string, do func(identity.Principal, Order, *form.Form) error) error {
	o, actor, err := s.seen(r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	err = do(actor, o, f)
	v := web.ViewOf(r)
	if t := untyped(); t.wrong(v, f, err) {
		p, err := s.orderPage(r, o, actor)
		if err != nil {
			return err
		}
		p.typed = t
		return web.Render(w, r, http.StatusUnprocessableEntity, orderView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash})
	return web.SeeOther(w, r, orderHref(o.Number))
}

func (s *Rooms) postStart(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "intermediary.flash.started", func(actor identity.Principal, o Order, f *form.Form) error {
		words := integer(web.ViewOf(r).L, f, "words")
		if !f.Valid() {
			return nil
		}
		_, err := s.Start(r.Context(), actor, o.Number, int64(words), f.Value(fieldKey))
		return err
	})
}

func (s *Rooms) postAnswer(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "intermediary.flash.answered", func(actor identity.Principal, o Order, f *form.Form) error {
		_, err := s.Answer(r.Context(), actor, o.Number, f.Value("outcome"), f.Value("remark"), f.Value(fieldKey))
		return err
	})
}

func (s *Rooms) postDeliver(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "intermediary.flash.delivered", func(actor identity.Principal, o Order, f *form.Form) error {
		refs, err := s.uploads(r, web.ViewOf(r), actor.Account, f)
		if err != nil || !f.Valid() {
			return err
		}
		_, err = s.Deliver(r.Context(), actor, o.Number, f.Value("note"), refs, f.Value(fieldKey))
		return err
	})
}

func (s *Rooms) postGrade(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "intermediary.flash.graded", func(actor identity.Principal, o Order, f *form.Form) error {
		_, err := s.Grade(r.Context(), actor, o.Number, f.Value("outcome"), f.Value("remark"), f.Value(fieldKey))
		return err
	})
}

func (s *Rooms) postCancel(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "intermediary.flash.cancelled", func(actor identity.Principal, o Order, f *form.Form) error {
		_, err := s.Cancel(r.Context(), actor, o.Number, f.Value("cancel-reason"), f.Value(fieldKey))
		return err
	})
}

// getFile sends a deliverable. It is always saved, never shown in the page: a hostile document must not run in ours.
func (s *Rooms) getFile(w http.ResponseWriter, r *http.Request) (err error) {
	o, actor, err := s.seen(r)
	if err != nil {
		return err
	}
	if actor.Kind == identity.Staff && actor.Post.Body != o.Body { // supervision follows the course of an order, not what is in its papers
		return web.Forbidden("intermediary.no-file")
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("")
	}
	dossier, err := s.cases.Dossier(r.Context(), o.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(dossier.Files, func(f casework.FileRef) bool { return f.ID == id })
	if i < 0 {
		return web.NotFound("")
	}
	ref := dossier.Files[i]
	_, content, err := s.Files.Get(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := w.Header()
	h.Set("Content-Type", ref.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ref.Name}))
	h.Set("Content-Length", strconv.FormatInt(ref.Size, 10))
	_, err = io.Copy(w, content)
	return err
}
