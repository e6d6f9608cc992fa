package chart

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// listView is the charts of a body.
type listView struct {
	body  string
	lines []listLine
}

// listLine is one chart with its newest version.
type listLine struct {
	Chart
	newest Version
}

func (s *Service) getList(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	charts, err := s.OfBody(r.Context(), who.Post.Body)
	if err != nil {
		return err
	}
	p := listView{body: v.L.Text(s.Names.Body(who.Post.Body))}
	for _, c := range charts {
		newest, err := s.Look(r.Context(), c.ID, c.Latest)
		if err != nil {
			return err
		}
		p.lines = append(p.lines, listLine{c, newest})
	}
	return web.Render(w, r, http.StatusOK, listPage(v, &p))
}

func (p *listView) rows(l *web.Localizer) [][]ui.Cell {
	rows := make([][]ui.Cell, len(p.lines))
	for i := range p.lines {
		x := &p.lines[i]
		kind, word := stateTag(l, &x.newest)
		live := ui.Cell{Text: l.T("chart.none-live")}
		if x.Live != "" {
			live = ui.Cell{Text: x.Live, Href: "/power/procedures/" + x.Live}
		}
		rows[i] = []ui.Cell{{Text: l.Text(x.Title), Href: chartPath(x.ID)}, {Content: ui.Tag(kind, word)}, live, {Text: l.Time(x.newest.At)}}
	}
	return rows
}

// newView is the form in which a chart is begun.
type newView struct {
	form   *form.Form
	from   []ui.Option
	powers []ui.Option
}

func (s *Service) newView(l *web.Localizer, body string, f *form.Form) *newView {
	p := &newView{form: f, from: []ui.Option{{Value: "", Text: l.T("chart.new.blank")}}, powers: s.powerOptions(l, body)}
	for _, key := range s.sources(body) {
		p.from = append(p.from, ui.Option{Value: key, Text: key})
	}
	return p
}

func (s *Service) powerOptions(l *web.Localizer, body string) []ui.Option {
	var list []ui.Option
	for _, x := range s.Powers.OfBody(body) {
		list = append(list, ui.Option{Value: x.Key, Text: l.Text(x.Name), Hint: s.For(body, x.Key, x.Procedure)})
	}
	return list
}

func (s *Service) getNew(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	first := url.Values{}
	if from := s.sources(who.Post.Body); len(from) > 0 {
		first.Set("from", from[0])
	}
	return web.Render(w, r, http.StatusOK, newPage(v, s.newView(v.L, who.Post.Body, form.Of(first))))
}

func (s *Service) postNew(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	c, err := s.Create(r.Context(), who, Beginning{
		Title: lang.Text{Hans: f.Value("title"), Hant: f.Value("title-hant"), En: f.Value("title-en")}, Items: f.All("items"), From: f.Value("from"),
	})
	if refused := fields(err); refused != nil {
		v := web.ViewOf(r)
		failAll(v.L, f, refused)
		return web.Render(w, r, http.StatusUnprocessableEntity, newPage(v, s.newView(v.L, who.Post.Body, f)))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, boardPath(c.ID, 1))
}

// fields returns the refusal of a form, or nil when the error is another one.
func fields(err error) *casework.Refusal {
	var refused *casework.Refusal
	if errors.As(err, &refused) && refused.Code == casework.RefusedForm {
		return refused
	}
	return nil
}

func failAll(l *web.Localizer, f *form.Form, refused *casework.Refusal) {
	for _, e := range web.FieldSummary(l, refused) {
		f.Fail(e.Field, e.Text)
	}
}

// chartView is one chart: versions, forms, what it is for.
type chartView struct {
	Chart
	versions []Version
	forms    []StepForm
	powers   []ui.Option
	form     *form.Form
	mayMove  bool
}

func (s *Service) chartView(who identity.Principal, r *http.Request, c Chart, f *form.Form) (*chartView, error) {
	v := web.ViewOf(r)
	p := &chartView{Chart: c, powers: s.powerOptions(v.L, c.Body), form: f}
	var err error
	if p.versions, err = s.Versions(r.Context(), c.ID); err != nil {
		return nil, err
	}
	if p.versions[0], err = s.Look(r.Context(), c.ID, p.versions[0].N); err != nil {
		return nil, err
	}
	if p.forms, err = s.Forms(r.Context(), c.ID); err != nil {
		return nil, err
	}
	p.mayMove = c.Live != "" && s.allow(who, casework.ActionMigrate, c.Body) == nil
	return p, nil
}

func (s *Service) getChart(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	p, err := s.chartView(who, r, c, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, chartPage(web.ViewOf(r), p))
}

// postChart begins the next version, or says for which powers the chart is.
func (s *Service) postChart(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if f.Value("op") == "version" {
		n, err := s.Begin(r.Context(), who, c.ID)
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, boardPath(c.ID, n))
	}
	if err := s.Assign(r.Context(), who, c.ID, f.All("items")); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Key: "chart.flash.powers", Kind: "success"})
	return web.SeeOther(w, r, chartPath(c.ID))
}

func (p *chartView) rows(l *web.Localizer) [][]ui.Cell {
	rows := make([][]ui.Cell, len(p.versions))
	for i := range p.versions {
		x := &p.versions[i]
		kind, word := stateTag(l, x)
		ref, diff := ui.Cell{Text: l.T("chart.none-live")}, ui.Cell{Text: l.T("chart.diff.nothing")}
		if x.Ref != "" {
			ref = ui.Cell{Text: x.Ref, Href: "/power/procedures/" + x.Ref}
		}
		if x.Base != "" {
			diff = ui.Cell{Text: l.T("chart.diff.with", web.Args{"Ref": x.Base}), Href: boardPath(p.ID, x.N) + "/diff"}
		}
		rows[i] = []ui.Cell{{Text: l.T("chart.version", web.Args{"N": x.N}), Href: boardPath(p.ID, x.N)}, {Content: ui.Tag(kind, word)}, ref, diff, {Text: l.Time(x.At)}}
	}
	return rows
}

// moveView is the rehearsal, and what became of what was moved.
type moveView struct {
	Chart
	form  *form.Form
	list  []Running
	free  int // cases that can move
	next  string
	moved []Moved
}

func (s *Service) moveView(who identity.Principal, r *http.Request, c Chart, f *form.Form) (*moveView, error) {
	p := &moveView{Chart: c, form: f}
	m, err := s.Mapping(f.Value("mapping"))
	if refused := fields(err); refused != nil {
		failAll(web.ViewOf(r).L, f, refused)
		m = nil
	} else if err != nil {
		return nil, err
	}
	after, err := store.ParseID(f.Value("after"))
	if err != nil {
		after = 0 // from the beginning
	}
	var next store.ID
	if p.list, next, err = s.Rehearse(r.Context(), who, c.ID, m, after); err != nil {
		return nil, err
	}
	if next != 0 {
		p.next = chartPath(c.ID) + "/move?" + url.Values{"mapping": {f.Value("mapping")}, "after": {next.String()}}.Encode()
	}
	for i := range p.list {
		if len(p.list[i].Obstacles) == 0 {
			p.free++
		}
	}
	return p, nil
}

func (s *Service) getMove(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	p, err := s.moveView(who, r, c, form.Of(r.URL.Query()))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, movePage(web.ViewOf(r), p))
}

func (s *Service) postMove(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.chartOf(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	var moved []Moved
	m, err := s.Mapping(f.Value("mapping"))
	if err == nil {
		moved, err = s.Move(r.Context(), who, c.ID, m, f.Value("reason"), chosen(f.All("case")))
	}
	status := http.StatusOK
	if refused := fields(err); refused != nil {
		failAll(v.L, f, refused)
		status = http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	p, err := s.moveView(who, r, c, f)
	if err != nil {
		return err
	}
	p.moved = moved
	return web.Render(w, r, status, movePage(v, p))
}

// chosen reads the identifiers of the cases that were ticked.
func chosen(texts []string) []store.ID {
	var ids []store.ID
	for _, t := range texts {
		if id, err := store.ParseID(t); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
