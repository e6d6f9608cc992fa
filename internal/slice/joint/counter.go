package joint

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Where the lead window takes joint applications from people who come in person (窗口代录).
const counterPath = "/desk/joint/receive"

func receivedPath(number string) string { return "/desk/joint/received/" + number }

// Fields of the applicant, as [casework.Refusal] names them.
const (
	fieldKind    = "applicant.kind"
	fieldName    = "applicant.name"
	fieldID      = "applicant.idNumber"
	fieldPhone   = "applicant.phone"
	fieldAddress = "applicant.address"
	fieldAgent   = "applicant.agent"
)

// keptField carries the uploads of a form that came back with errors.
func keptField(key string) string { return "kept-" + key }

// counter is what one clerk can take in.
type counter struct {
	who   identity.Principal
	place string
	plans []*Plan
}

// counter finds the joint matters that the lead bodies of the clerk's place take in, for whoever serves those bodies.
func (s *Service) counter(r *http.Request) (counter, error) {
	who, err := s.People.Principal(r)
	if err != nil {
		return counter{}, err
	}
	c := counter{who: who, place: who.Post.Division}
	if !who.Post.Has(registry.Clerk) && !who.Post.Has(registry.Agent) {
		return c, &identity.Denied{Action: casework.ActionSubmit, Reason: identity.DeniedRole}
	}
	for _, m := range s.Matters() {
		plan, err := s.Plan(m.Key, c.place, nil)
		var refusal *casework.Refusal
		if errors.As(err, &refusal) {
			continue // it is not offered here
		}
		if err != nil {
			return c, err
		}
		if s.mayReceive(who, plan) {
			c.plans = append(c.plans, plan)
		}
	}
	return c, nil
}

func (s *Service) mayReceive(who identity.Principal, p *Plan) bool {
	return s.Policies.Allow(who, casework.ActionSubmit, identity.Resource{
		Type: "case", Division: p.Division, Body: p.Lead.Key, Role: WholeKind, Item: subjectOf(p.Matter.Key, p.Division),
	}) == nil
}

func (s *Service) getCounter(w http.ResponseWriter, r *http.Request) error {
	c, err := s.counter(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, counterView(web.ViewOf(r), c))
}

// counterForm is a joint application as a clerk enters it, on one page.
type counterForm struct {
	plan   *Plan
	forms  *compiled
	all    *Plan // with every optional part
	parts  []string
	key    string
	typed  *form.Form
	wrong  form.Errors
	kept   map[string][]casework.FileRef // by material
	above  []ui.FieldError               // what is wrong, for the summary
	action string
}

// counterForm prepares the form of a matter with the optional parts that were chosen.
func (s *Service) counterForm(r *http.Request, chosen []string) (counter, *counterForm, error) {
	c, err := s.counter(r)
	if err != nil {
		return c, nil, err
	}
	key := r.PathValue("matter")
	i := slices.IndexFunc(c.plans, func(p *Plan) bool { return p.Matter.Key == key })
	if i < 0 {
		return c, nil, web.NotFound("joint.no-matter")
	}
	f := &counterForm{all: c.plans[i], parts: []string{}, typed: form.Of(nil), key: rand.Text(), kept: map[string][]casework.FileRef{}, action: counterPath + "/" + key}
	for _, x := range f.all.optional() {
		if slices.Contains(chosen, x.Key) {
			f.parts = append(f.parts, x.Key)
		}
	}
	if f.plan, err = s.Plan(key, c.place, f.parts); err != nil {
		return c, nil, err
	}
	f.forms, err = s.compile(f.plan.Form.Form)
	return c, f, err
}

func (s *Service) getCounterForm(w http.ResponseWriter, r *http.Request) error {
	_, f, err := s.counterForm(r, r.URL.Query()["part"])
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, counterFormView(web.ViewOf(r), s, f))
}

// postCounterForm hands the application in for whoever stands at the counter. What is wrong comes back with all that was typed and uploaded.
func (s *Service) postCounterForm(w http.ResponseWriter, r *http.Request) error {
	typed, err := form.Parse(r)
	if err != nil {
		return err
	}
	c, f, err := s.counterForm(r, typed.All("part"))
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	f.typed = typed
	if key := typed.Value("key"); key != "" {
		f.key = key
	}
	app := Application{Matter: f.plan.Matter.Key, Division: f.plan.Division, Channel: casework.Window, Applicant: f.applicant(v.L), Sent: Sent{Parts: f.parts}}
	if err := s.counterFiles(r, v, c.who, f, &app); err != nil {
		return err
	}
	doc := f.forms.page.Decode(typed.Values())
	f.wrong = f.forms.page.Check(v.L, doc)
	f.above = append(typed.Summary(), f.forms.page.Summary(f.wrong)...)
	if app.Sent.Answers, err = json.Marshal(doc); err != nil {
		return err
	}
	if len(f.above) == 0 {
		rec, err := s.Apply(r.Context(), c.who, app, "joint/counter/"+f.key)
		if err == nil {
			return web.SeeOther(w, r, receivedPath(rec.Number))
		}
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || refusal.Code == casework.RefusedPolicy {
			return err
		}
		for name, text := range web.FieldTexts(v.L, refusal) {
			typed.Fail(name, text)
		}
		if f.above = typed.Summary(); len(f.above) == 0 {
			f.above = problems(v.L, refusal)
		}
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, counterFormView(v, s, f))
}

// applicant reads whose application it is. Numbers are checked with the application.
func (f *counterForm) applicant(l *web.Localizer) casework.Applicant {
	const maxName = 100
	a := casework.Applicant{
		Name: f.typed.Limited(l, fieldName, l.T("joint.applicant"), maxName), IDNumber: f.typed.Required(l, fieldID, l.T("joint.applicant.number")),
		Phone: f.typed.Required(l, fieldPhone, l.T("joint.applicant.phone")), Address: f.typed.Value(fieldAddress), Agent: f.typed.Value(fieldAgent),
	}
	if kinds := f.kinds(l); len(kinds) == 1 {
		a.Kind = identity.Kind(kinds[0].Value)
	} else {
		a.Kind = identity.Kind(f.typed.Choice(l, fieldKind, l.T("joint.counter.kind"), kinds))
	}
	return a
}

// kinds are who may apply for the matter.
func (f *counterForm) kinds(l *web.Localizer) []ui.Option {
	var list []ui.Option
	for _, x := range []struct {
		serves string
		kind   identity.Kind
	}{{"person", identity.Person}, {"organisation", identity.Enterprise}} {
		if slices.Contains(f.plan.Matter.Serves, x.serves) {
			list = append(list, ui.Option{Value: string(x.kind), Text: l.T("joint.serves." + x.serves)})
		}
	}
	return list
}

// counterFiles keeps the uploads, beside those of the attempt before, and reads the commitments.
func (s *Service) counterFiles(r *http.Request, v *web.View, who identity.Principal, f *counterForm, app *Application) error {
	for i := range f.plan.Materials {
		m := &f.plan.Materials[i]
		for _, text := range f.typed.All(keptField(m.Key)) {
			id, err := store.ParseID(text)
			if err != nil {
				continue // not one of ours: nothing is lost
			}
			kept, err := s.Files.Stat(r.Context(), id)
			switch {
			case isNotFound(err), err == nil && kept.Owner != who.Account:
				continue
			case err != nil:
				return err
			}
			f.kept[m.Key] = append(f.kept[m.Key], refOf(&kept, m.Key))
		}
		more, err := s.uploads(r, v, who.Account, f.typed, fileField(m.Key), m.Key, maxFiles-len(app.Files))
		if err != nil {
			return err
		}
		f.kept[m.Key] = append(f.kept[m.Key], more...)
		app.Files = append(app.Files, f.kept[m.Key]...)
		if !m.Commit.IsZero() && f.typed.Value(commitField(m.Key)) == "true" {
			app.Sent.Commitments = append(app.Sent.Commitments, m.Key)
		}
	}
	return nil
}

func refOf(f *file.File, material string) casework.FileRef {
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: material}
}

// field is a control of the applicant's details.
func (f *counterForm) field(l *web.Localizer, name, label string) ui.Field {
	return ui.Field{Name: name, Label: l.T(label), Value: f.typed.Value(name), Error: f.typed.Error(name)}
}

func optionalField(x ui.Field) ui.Field {
	x.Optional = true
	return x
}

// formHref is the address of the form of a matter.
func (p *Plan) formHref() string { return counterPath + "/" + url.PathEscape(p.Matter.Key) }

// slip is what goes home with whoever stood at the counter.
type slip struct {
	opened
	rows []ui.Row
}

// getReceivedSlip hands the clerk what goes to the applicant: the number and the query code.
func (s *Service) getReceivedSlip(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byPost(r)
	if err != nil {
		return err
	}
	if o.Case.Kind != WholeKind || o.Case.Channel != casework.Window {
		return web.NotFound("joint.no-case")
	}
	if !o.Full { // the code opens the case to whoever knows it
		return &identity.Denied{Action: casework.ActionPrivate, Reason: identity.DeniedOther}
	}
	v := web.ViewOf(r)
	web.Private(w)
	p := slip{opened: o, rows: s.publicRows(v.L, o.whole)}
	p.Code = s.Cases.Code(o.Case)
	return web.Render(w, r, http.StatusOK, slipView(v, s, p))
}
