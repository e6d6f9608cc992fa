package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// chooserPage lists what can be applied for at this counter.
type chooserPage struct {
	Words string
	Items []Item
	Body  func(key string) string
}

func (s *Service) getReceive(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	items, err := s.Counter.Items(r.Context(), s.bodiesOf(actor.Post, registry.Clerk), words)
	if err != nil {
		return fmt.Errorf("items of the counter: %w", err)
	}
	p := chooserPage{Words: words, Items: items, Body: func(key string) string { return s.bodyName(v.L, key) }}
	return web.Render(w, r, http.StatusOK, chooserView(v, p))
}

// counterPage is the form of an application at the counter.
type counterPage struct {
	Item    *Item
	Body    string
	Key     string
	Typed   url.Values
	Errors  form.Errors
	Kept    map[string][]casework.FileRef // by material
	Summary []ui.FieldError
}

// Fields of the applicant, as [casework.Refusal] names them.
const (
	fieldKind    = "applicant.kind"
	fieldName    = "applicant.name"
	fieldID      = "applicant.idNumber"
	fieldPhone   = "applicant.phone"
	fieldAddress = "applicant.address"
	fieldAgent   = "applicant.agent"
)

func fileField(material string) string { return "files." + material }
func keptField(material string) string { return "kept." + material }

// counterItem returns the item of a request, if the clerk may take applications for it.
func (s *Service) counterItem(r *http.Request, actor identity.Principal) (*Item, error) {
	it, err := s.Counter.Item(r.Context(), normal(r.PathValue("code")))
	if err != nil {
		return nil, err
	}
	if !s.canReceive(actor.Post) || !slices.Contains(s.bodiesOf(actor.Post, registry.Clerk), it.Body) {
		return nil, web.Forbidden("desk.receive.other-body")
	}
	return it, nil
}

func (s *Service) getReceiveForm(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	it, err := s.counterItem(r, actor)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, counterView(v, &counterPage{Item: it, Body: s.bodyName(v.L, it.Body), Key: newKey(), Typed: url.Values{}}))
}

func (s *Service) postReceive(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	it, err := s.counterItem(r, actor)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &counterPage{Item: it, Body: s.bodyName(v.L, it.Body), Key: f.Value(fieldKey), Typed: f.Values(), Errors: form.Errors{},
		Kept: map[string][]casework.FileRef{}}
	app := Application{Code: it.Code, Applicant: applicantOf(v, f, it)}
	for _, m := range it.Materials {
		files, err := s.uploads(r, actor, f, fileField(m.Key), keptField(m.Key), m.Key)
		if err != nil {
			return err
		}
		p.Kept[m.Key] = files
		app.Files = append(app.Files, files...)
	}
	p.Summary = f.Summary()
	doc := map[string]any{}
	if it.Form != nil {
		doc = it.Form.Decode(f.Values())
		p.Errors = it.Form.Check(v.L, doc)
		p.Summary = append(p.Summary, it.Form.Summary(p.Errors)...)
	}
	if app.Form, err = json.Marshal(doc); err != nil {
		return fmt.Errorf("application form: %w", err)
	}
	if len(p.Summary) == 0 {
		rec, err := s.Counter.Submit(r.Context(), actor, app, p.Key)
		if err == nil {
			return web.SeeOther(w, r, "/desk/received/"+url.PathEscape(rec.Number))
		}
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || !mendable(refusal) {
			return err
		}
		p.Errors, p.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
	}
	p.Errors = withErrors(p.Errors, f, p.Summary)
	return web.Render(w, r, http.StatusUnprocessableEntity, counterView(v, p))
}

// mendable reports whether the clerk can mend on the form what a rule stands against.
func mendable(r *casework.Refusal) bool {
	switch r.Code {
	case casework.RefusedForm, casework.RefusedIdentity, casework.RefusedMaterial, casework.RefusedFile:
		return true
	}
	return false
}

// withErrors puts the errors that the page found beside those of the schema.
func withErrors(found form.Errors, f *form.Form, summary []ui.FieldError) form.Errors {
	all := form.Errors{}
	for name, text := range found {
		all[name] = text
	}
	for _, e := range summary {
		if text := f.Error(e.Field); text != "" {
			all[e.Field] = text
		}
	}
	return all
}

// applicantOf reads whose application it is. Numbers are checked by those who take the application.
func applicantOf(v *web.View, f *form.Form, it *Item) casework.Applicant {
	a := casework.Applicant{
		Name:     f.Limited(v.L, fieldName, v.L.T("desk.applicant.name"), 100),
		IDNumber: normal(f.Required(v.L, fieldID, v.L.T("desk.applicant.id-number"))),
		Phone:    normal(f.Required(v.L, fieldPhone, v.L.T("desk.applicant.phone"))),
		Address:  f.Value(fieldAddress), Agent: f.Value(fieldAgent),
	}
	if len(it.Serves) == 1 {
		a.Kind = it.Serves[0]
		return a
	}
	a.Kind = identity.Kind(f.Choice(v.L, fieldKind, v.L.T("desk.applicant.kind"), kindOptions(v.L, it)))
	return a
}

func kindOptions(l *web.Localizer, it *Item) []ui.Option {
	options := make([]ui.Option, len(it.Serves))
	for i, kind := range it.Serves {
		options[i] = ui.Option{Value: string(kind), Text: say(l, "desk.actor."+string(kind), string(kind))}
	}
	return options
}

// receivedPage confirms that an application was taken in.
type receivedPage struct {
	Case    *casework.Case
	Code    string // query code (查询码)
	Letters []Letter
	Again   string
}

// getReceived hands the clerk what goes to the applicant: the number, the query code and the slip.
func (s *Service) getReceived(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	c, err := s.find(r.Context(), actor, normal(r.PathValue("number")))
	if err != nil {
		return err
	}
	if err := s.Cases.MayRead(actor, c, false, true); err != nil {
		return err // the query code opens the case to whoever knows it
	}
	matter, err := s.Matters.Matter(r.Context(), c)
	if err != nil {
		return fmt.Errorf("matter of %s: %w", c.Number, err)
	}
	p := receivedPage{Case: c, Code: s.Cases.Code(c), Letters: matter.Letters, Again: "/desk/receive/" + url.PathEscape(c.Subject)}
	return web.Render(w, r, http.StatusOK, receivedView(web.ViewOf(r), p))
}
