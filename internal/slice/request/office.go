package request

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// officePage lists the requests of a body for its disclosure office.
type officePage struct {
	body    string
	waiting [][]ui.Cell
	closed  [][]ui.Cell
	renew   calendar.Date // until when the catalogue is due; 0: there is none
	late    bool
}

const waitingShown = 200

func (s *Service) getOffice(w http.ResponseWriter, r *http.Request) error {
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := officePage{body: v.L.Text(s.bodyName(who.Post.Body))}
	list, err := s.Waiting(r.Context(), who.Post.Body, waitingShown)
	if err != nil {
		return err
	}
	about, err := s.about(r.Context(), who, list)
	if err != nil {
		return err
	}
	for _, e := range list {
		due := v.L.T("request.office.no-due")
		if !e.Due.IsZero() {
			due = dayWords(v.L, e.Due)
		}
		p.waiting = append(p.waiting, []ui.Cell{{Text: e.Number, Href: officePath(e.Number)}, {Text: about[e.Case], Lang: written}, {Text: v.L.T("request.channel." + string(e.Channel))}, {Text: v.L.Date(e.Arrived)},
			{Content: ui.Tag(caseview.StatusKind(e.Status), caseview.Status(v.L, e.Status))}, {Text: due}})
	}
	closed, err := s.Register(r.Context(), Filter{Body: who.Post.Body})
	if err != nil {
		return err
	}
	for _, e := range closed {
		p.closed = append(p.closed, []ui.Cell{{Text: e.Number, Href: officePath(e.Number)}, subjectCell(v.L, e),
			{Text: v.L.Text(s.OutcomeTitle(e.Outcome, e.Arrived))}, {Text: v.L.Date(e.Closed)}})
	}
	edition, there, err := s.Edition(r.Context(), who.Post.Body)
	if err != nil {
		return err
	}
	if there {
		p.renew = s.Renew(edition.Published)
		p.late = s.today() > p.renew
	}
	return web.Render(w, r, http.StatusOK, officeView(v, p))
}

// aboutLength is how many characters of a request stand in a list.
const aboutLength = 40

// about is how requests describe what they ask for, by their cases, cut short. Those that were erased and those that the reader may not read
// are left out.
func (s *Service) about(ctx context.Context, who identity.Principal, list []Entry) (map[store.ID]string, error) {
	var readable []store.ID
	for i := range list {
		if s.Policies.Allow(who, casework.ActionPrivate, s.resource(list[i])) == nil {
			readable = append(readable, list[i].Case)
		}
	}
	parts, err := s.Cases.PrivateOf(ctx, readable)
	if err != nil {
		return nil, err
	}
	words := make(map[store.ID]string, len(parts))
	for id, sealed := range parts {
		var sent Sent
		for _, p := range sealed {
			if err := sent.take(p); err != nil {
				return nil, fmt.Errorf("form of case %s: %w", id, err)
			}
		}
		cut := []rune(strings.Join(strings.Fields(sent.Description), " "))
		if len(cut) > aboutLength {
			cut = append(cut[:aboutLength-1], '…')
		}
		words[id] = string(cut)
	}
	return words, nil
}

// servedBodies are the bodies for which a post takes requests in.
func (s *Service) servedBodies(who identity.Principal) []*registry.Body {
	places := s.Registry.Now()
	var list []*registry.Body
	if who.Post.Has("reviewer") || who.Post.Has("disclosure") {
		if b := places.Body(who.Post.Body); s.office(b) {
			return []*registry.Body{b}
		}
	}
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			if places.Serves(who.Post.ID, b.Key) && s.office(b) {
				list = append(list, b)
			}
		}
	}
	return list
}

// enterPage finds out for which body a request is entered.
func (s *Service) enterPage(r *http.Request, f *form.Form) (who identity.Principal, p asking, choices []bodyChoice, err error) {
	if who, err = s.People.Principal(r); err != nil {
		return who, p, nil, err
	}
	v := web.ViewOf(r)
	bodies := s.servedBodies(who)
	key := cmp.Or(f.Value("body"), r.URL.Query().Get("body"))
	if len(bodies) == 1 && key == "" {
		key = bodies[0].Key
	}
	at := slices.IndexFunc(bodies, func(b *registry.Body) bool { return b.Key == key })
	if at < 0 {
		for _, b := range bodies {
			choices = append(choices, bodyChoice{v.L.Text(b.Name), "", "/open/office/new?" + url.Values{"body": {b.Key}}.Encode()})
		}
		return who, p, choices, nil
	}
	p, err = s.asking(r.Context(), identity.Principal{}, bodies[at], f)
	p.office, p.path = true, "/open/office/new"
	return who, p, nil, err
}

func (s *Service) getEnter(w http.ResponseWriter, r *http.Request) error {
	_, p, choices, err := s.enterPage(r, form.Of(url.Values{}))
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	if p.body == nil {
		return web.Render(w, r, http.StatusOK, forWhomView(v, choices))
	}
	return web.Render(w, r, http.StatusOK, applyView(v, s, p))
}

func (s *Service) postEnter(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	who, p, _, err := s.enterPage(r, f)
	if err != nil {
		return err
	}
	if p.body == nil {
		return web.SeeOther(w, r, "/open/office/new")
	}
	if f.Value("channel") == string(Web) {
		f.Values().Del("channel")
	}
	return s.goOn(w, r, who, &p)
}

// officeCasePage is a request as its disclosure office sees it.
type officeCasePage struct {
	opened
	facts    []ui.Row
	asker    []ui.Row // empty: not for the reader
	erased   bool
	files    []casework.FileRef // of the asker
	month    int64
	clocks   []caseview.Clock
	letters  []ui.Row
	steps    []ui.Step
	disputes []ui.Row
	provided []casework.FileRef
	publish  bool
	record   string // address of what was published from it
	redact   bool
	reviews  []reviewed // empty for whoever may not read the sealed parts
	works    bool       // the reader works in the office
	records  bool       // … and may record disputes, and take them back
	standing []Dispute  // disputes that can be taken back
	key      string
	typed    *form.Form
}

func (s *Service) getOfficeCase(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byPost(r)
	if err != nil {
		return err
	}
	p, err := s.officeCase(r.Context(), web.ViewOf(r), o, form.Of(url.Values{}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, officeCaseView(web.ViewOf(r), s, p))
}

func (s *Service) officeCase(ctx context.Context, v *web.View, o opened, f *form.Form) (officeCasePage, error) {
	p := officeCasePage{opened: o, facts: s.entryRows(v.L, o.entry), clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now), key: cmp.Or(f.Value("key"), rand.Text()), typed: f}
	p.works = s.Policies.Allow(o.Who, ActionOffice, s.resource(o.entry)) == nil
	var err error
	if p.letters, err = s.letterRows(ctx, v.L, o); err != nil {
		return p, err
	}
	p.steps = s.stepsOf(v.L, o)
	if s.mayAsker(o.Who, o.entry) == nil {
		if err := s.fillAsker(ctx, v.L, &p); err != nil {
			return p, err
		}
	}
	list, err := s.Disputes(ctx, o.Case.ID)
	if err != nil {
		return p, err
	}
	p.records = s.mayRecord(o.Who, o.entry, casework.ActionSubmit) == nil
	for _, d := range list {
		row := ui.Row{Key: v.L.T("request.dispute." + d.Kind), Value: disputeWords(v.L, d), ActionFor: d.Number, Action: ui.Link{Href: "/desk/case/" + d.Number, Text: d.Number}}
		if d.TakenBack == 0 {
			if s.mayRecord(o.Who, o.entry, casework.ActionTakeBack) == nil {
				p.standing = append(p.standing, d)
			}
		} else if p.Full {
			why, err := s.whyTakenBack(ctx, d)
			if err != nil {
				return p, err
			}
			if why != "" {
				row.Content = because(v.L, row.Value, why)
			}
		}
		p.disputes = append(p.disputes, row)
	}
	if p.Full {
		m, err := s.material(ctx, o.Case, o.Case.Seq)
		if err != nil {
			return p, err
		}
		if m.sent.Description != "" { // else it was erased
			p.facts = append(p.facts, sentRows(v.L, m.sent)...)
		}
		p.provided = m.files
		if p.reviews, err = s.reviews(ctx, v.L, o.Case); err != nil {
			return p, err
		}
	}
	p.publish = s.Publisher != nil && p.works && !o.entry.Open() && discloses(o.entry.Outcome) && o.entry.Record == ""
	if p.record, err = s.recordPage(ctx, o.entry); err != nil {
		return p, err
	}
	p.redact = s.Redactor != nil && p.works && o.Case.Open()
	return p, nil
}

func (s *Service) resource(e Entry) identity.Resource {
	return identity.Resource{Type: "case", ID: e.Number, Division: e.Division, Body: e.Body, Role: KindName}
}

// fillAsker shows who asks.
func (s *Service) fillAsker(ctx context.Context, l *web.Localizer, p *officeCasePage) error {
	a, err := s.Asker(ctx, p.entry)
	if errors.Is(err, store.ErrNotFound) {
		p.erased = true
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range s.Askers() {
		if e.Code == a.Kind {
			p.asker = append(p.asker, ui.Row{Key: l.T("request.field.kind"), Value: l.Text(e.Title)})
		}
	}
	id := "id-number"
	if a.Kind != Person {
		id = "uscc"
	}
	for _, f := range []struct{ name, value string }{{"name", a.Name}, {id, a.IDNumber}, {"contact", a.Contact}, {"phone", a.Phone}, {"email", a.Email},
		{"address", a.Address}, {"agent", a.Agent}} {
		if f.value != "" {
			p.asker = append(p.asker, ui.Row{Key: l.T("request.field." + f.name), Value: f.value})
		}
	}
	for _, o := range languages {
		if o.Value == string(a.Language) {
			p.asker = append(p.asker, ui.Row{Key: l.T("request.field.language"), Value: o.Text})
		}
	}
	p.files = a.Files
	p.month, err = s.InMonth(ctx, p.entry)
	return err
}

// getAskerFile hands out a proof of identity to those who may know who asks.
func (s *Service) getAskerFile(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byPost(r)
	if err != nil {
		return err
	}
	if err := s.mayAsker(o.Who, o.entry); err != nil {
		return err
	}
	a, err := s.Asker(r.Context(), o.entry)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.sendFile(w, r, a.Files)
}

// works opens a request to whoever works in its disclosure office.
func (s *Service) works(r *http.Request) (opened, error) {
	o, err := s.byPost(r)
	if err != nil {
		return o, err
	}
	return o, s.Policies.Allow(o.Who, ActionOffice, s.resource(o.entry))
}

func (s *Service) postDispute(w http.ResponseWriter, r *http.Request) error {
	o, err := s.works(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	kind := f.Choice(v.L, "dispute", v.L.T("request.dispute.kind"), words(v.L, "request.dispute.", DisputeKinds))
	day := f.Date(v.L, "filed", v.L.T("request.dispute.filed"))
	if f.Valid() {
		rec, err := s.File(r.Context(), o.Who, o.entry, kind, day, "dispute/"+f.Value("key"))
		var refusal *casework.Refusal
		switch {
		case err == nil:
			web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.dispute.done", Args: map[string]string{"Number": rec.Number}})
			return web.SeeOther(w, r, o.base)
		case errors.As(err, &refusal) && refusal.Code == casework.RefusedForm:
			for _, e := range web.FieldSummary(v.L, refusal) {
				f.Fail(strings.TrimPrefix(e.Field, "/"), e.Text)
			}
		default:
			return err
		}
	}
	p, err := s.officeCase(r.Context(), v, o, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, officeCaseView(v, s, p))
}

// figuresPage are the figures of a body for a year, as the annual report lays them out.
type figuresPage struct {
	body     string
	year     int
	figures  Figures
	outcomes []Outcome
	kinds    []string
	disputes map[string]DisputeCounts
}

func (s *Service) getFigures(w http.ResponseWriter, r *http.Request) error {
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := figuresPage{body: v.L.Text(s.bodyName(who.Post.Body)), year: s.today().Year()}
	if year, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil && year >= 2008 && year <= p.year {
		p.year = year
	}
	from, to := calendar.Day(p.year, 1, 1), calendar.Day(p.year, 12, 31)
	if p.figures, err = s.Figures(r.Context(), Scope{Body: who.Post.Body}, from, to); err != nil {
		return err
	}
	if p.disputes, err = s.DisputeFigures(r.Context(), Scope{Body: who.Post.Body}, from, to); err != nil {
		return err
	}
	p.outcomes = s.Outcomes(to)
	for _, e := range s.Askers() {
		p.kinds = append(p.kinds, e.Code)
	}
	return web.Render(w, r, http.StatusOK, figuresView(v, s, p))
}

// editPage is the catalogue of a body as it is being written.
type editPage struct {
	body     string
	text     string
	typed    *form.Form
	editions []Edition
	waiting  string // number of the catalogue that waits for approval; empty: one can be handed in
	key      string
}

func (s *Service) editPage(r *http.Request, f *form.Form) (who identity.Principal, p editPage, err error) {
	if who, err = s.People.Principal(r); err != nil {
		return who, p, err
	}
	p = editPage{body: web.ViewOf(r).L.Text(s.bodyName(who.Post.Body)), typed: f, key: cmp.Or(f.Value("key"), rand.Text()), text: f.Value("entries")}
	if p.editions, err = s.Editions(r.Context(), who.Post.Body); err != nil {
		return who, p, err
	}
	if p.waiting, err = s.WaitingCatalogue(r.Context(), who.Post.Body); err != nil {
		return who, p, err
	}
	if p.text == "" && len(p.editions) > 0 && r.Method == http.MethodGet {
		var b strings.Builder
		for _, a := range p.editions[0].Entries {
			b.WriteString(a.Name)
			if a.Summary != "" {
				b.WriteString(" | " + a.Summary)
			}
			b.WriteByte('\n')
		}
		p.text = b.String()
	}
	return who, p, nil
}

func (s *Service) getEditCatalogue(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.editPage(r, form.Of(url.Values{}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editView(web.ViewOf(r), p))
}

func (s *Service) postEditCatalogue(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	who, p, err := s.editPage(r, f)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	again := func(wrong []casework.FieldError) error {
		for _, e := range wrong {
			if e.Text.IsZero() {
				f.Fail("entries", v.L.T("web.form.required", web.Args{"Label": v.L.T("request.catalogue.title")}))
				continue
			}
			f.Fail("entries", v.L.Text(e.Text))
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, editView(v, p))
	}
	list, wrong := ParseCatalogue(f.Value("entries"))
	if len(wrong) > 0 {
		return again(wrong)
	}
	rec, err := s.HandIn(r.Context(), who, who.Post.Body, list, "catalogue/"+p.key)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		return again(refusal.Fields)
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.catalogue.handed-in", Args: map[string]string{"Number": rec.Number}})
	return web.SeeOther(w, r, "/open/office/catalogue")
}
