package chart

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// formView is the builder of a form.
type formView struct {
	Chart
	StepForm
	design  *Design
	edit    string // name of the field in the form below; empty: a new one
	form    *form.Form
	preview *form.Schema
	kinds   []ui.Option
	key     string // under which a chart names the form
}

// postForms makes a form.
func (s *Service) postForms(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	name := f.Value("name")
	err = s.NewForm(r.Context(), who, c.ID, name, lang.Text{Hans: f.Value("form-title"), Hant: f.Value("form-title-hant"), En: f.Value("form-title-en")})
	if refused := fields(err); refused != nil {
		v := web.ViewOf(r)
		failAll(v.L, f, refused)
		p, err := s.chartView(who, r, c, f)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, chartPage(v, p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, formPath(c.ID, name))
}

func (s *Service) getForm(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	p, err := s.formView(who, r, c, r.URL.Query().Get("edit"), nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formPage(web.ViewOf(r), p))
}

func (s *Service) formView(who identity.Principal, r *http.Request, c Chart, edit string, typed *form.Form) (*formView, error) {
	f, d, err := s.Form(r.Context(), who, c.ID, r.PathValue("name"))
	if errors.Is(err, store.ErrNotFound) {
		return nil, web.NotFound("chart.error.form")
	}
	if err != nil {
		return nil, err
	}
	p := &formView{Chart: c, StepForm: f, design: d, form: typed, key: formKey(c.Key, &f)}
	l := web.ViewOf(r).L
	for _, k := range FieldKinds() {
		p.kinds = append(p.kinds, ui.Option{Value: string(k), Text: l.T("chart.field." + string(k))})
	}
	if i := slices.IndexFunc(d.Fields, func(x FormField) bool { return x.Name == edit }); i >= 0 {
		p.edit = edit
		if typed == nil {
			p.form = typedField(&d.Fields[i])
		}
	}
	if p.form == nil {
		p.form = form.Of(nil)
	}
	if p.preview, err = form.Compile(f.Schema, s.PageFormats); err != nil {
		return nil, fmt.Errorf("preview of form %s: %w", f.Name, err)
	}
	return p, nil
}

// typedField fills the form below with what a field says.
func typedField(f *FormField) *form.Form {
	v := map[string][]string{
		"name": {f.Name}, "kind": {string(f.Kind)}, "title": {f.Title.Hans}, "title-hant": {f.Title.Hant}, "title-en": {f.Title.En},
		"hint": {f.Hint.Hans}, "hint-hant": {f.Hint.Hant}, "hint-en": {f.Hint.En}, "options": {OptionLines(f.Options)},
	}
	for name, on := range map[string]bool{"required": f.Required, "public": f.Public, "variable": f.Variable} {
		if on {
			v["marks"] = append(v["marks"], name)
		}
	}
	if f.Max > 0 {
		v["max"] = []string{strconv.Itoa(f.Max)}
	}
	if f.Min > 0 {
		v["min"] = []string{strconv.Itoa(f.Min)}
	}
	return form.Of(v)
}

// fieldOf reads a field from the form below.
func fieldOf(l *web.Localizer, f *form.Form) FormField {
	out := FormField{
		Name: f.Value("name"), Kind: FieldKind(f.Value("kind")), Title: lang.Text{Hans: f.Value("title"), Hant: f.Value("title-hant"), En: f.Value("title-en")},
		Hint: lang.Text{Hans: f.Value("hint"), Hant: f.Value("hint-hant"), En: f.Value("hint-en")}, Required: slices.Contains(f.All("marks"), "required"),
		Public: slices.Contains(f.All("marks"), "public"), Variable: slices.Contains(f.All("marks"), "variable"),
	}
	if out.Kind == OneOf || out.Kind == SomeOf {
		out.Options = ParseOptions(f.Value("options"))
	}
	for name, to := range map[string]*int{"min": &out.Min, "max": &out.Max} {
		if f.Value(name) == "" {
			continue
		}
		n, err := strconv.Atoi(f.Value(name))
		if err != nil || n < 0 {
			f.Fail(name, l.T("chart.form.number"))
		}
		*to = n
	}
	return out
}

// postForm changes the form: a field put, moved or taken out; a rule; the title.
func (s *Service) postForm(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	name, field, n := r.PathValue("name"), f.Value("field"), 0
	n, _ = strconv.Atoi(f.Value("n")) // what is no number is no version
	var change func(*Design) error
	switch f.Value("op") {
	case "put":
		put := fieldOf(v.L, f)
		change = func(d *Design) error { d.Put(field, put); return nil }
	case "up", "down":
		by := 1
		if f.Value("op") == "up" {
			by = -1
		}
		change = func(d *Design) error { d.Shift(field, by); return nil }
	case "drop":
		change = func(d *Design) error { return d.Drop(field) }
	case "title":
		title := lang.Text{Hans: f.Value("form-title"), Hant: f.Value("form-title-hant"), En: f.Value("form-title-en")}
		change = func(d *Design) error { d.Title = title; return nil }
	case "rule":
		rule := Rule{When: f.Value("when"), Is: f.Value("is"), Then: f.Value("then")}
		change = func(d *Design) error { d.Rules = append(d.Rules, rule); return nil }
	case "drop-rule":
		at, err := strconv.Atoi(f.Value("rule"))
		change = func(d *Design) error {
			if err == nil && at >= 0 && at < len(d.Rules) {
				d.Rules = slices.Delete(d.Rules, at, at+1)
			}
			return nil
		}
	default:
		return web.BadRequest("chart.error.op", nil)
	}
	if f.Valid() {
		_, err = s.ChangeForm(r.Context(), who, c.ID, name, n, change)
	}
	refused := fields(err)
	if err != nil && refused == nil {
		return err
	}
	if refused == nil && f.Valid() {
		return web.SeeOther(w, r, formPath(c.ID, name)+"#fields")
	}
	if refused != nil {
		failAll(v.L, f, refused)
	}
	p, err := s.formView(who, r, c, field, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, formPage(v, p))
}

// fieldOptions lists the fields of a form, for its rules.
func (p *formView) fieldOptions(l *web.Localizer) []ui.Option {
	list := make([]ui.Option, len(p.design.Fields))
	for i := range p.design.Fields {
		f := &p.design.Fields[i]
		list[i] = ui.Option{Value: f.Name, Text: l.Text(f.Title) + " (" + f.Name + ")"}
	}
	return list
}

// ruleText says a rule in words.
func (p *formView) ruleText(l *web.Localizer, r Rule) string {
	name := func(key string) string {
		for i := range p.design.Fields {
			if p.design.Fields[i].Name == key {
				return l.Text(p.design.Fields[i].Title)
			}
		}
		return key
	}
	return l.T("chart.form.rule-text", web.Args{"When": name(r.When), "Is": r.Is, "Then": name(r.Then)})
}
