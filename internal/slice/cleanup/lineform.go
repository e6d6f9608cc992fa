package cleanup

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// lineNew stands in the address of a line that is not there yet, lineAdd of one about an item that the catalogue does not have.
const (
	lineNew = "new"
	lineAdd = "add"
)

const follows = 3 // dates of follow-up that the form has at least

// linePage is the form of one line.
type linePage struct {
	Round
	Line      string // id, or new, or add
	Version   int64
	Item      Item
	Add       bool
	Values    url.Values
	Receivers []ui.Option
	Intos     []ui.Option
	Bodies    []ui.Option // who may owe follow-up supervision
	Rows      int
	Errors    map[string]string
	Summary   []ui.FieldError
}

func (s *Service) linePage(r *http.Request, round Round) (*linePage, error) {
	p := &linePage{Round: round, Line: r.PathValue("line"), Values: url.Values{}, Errors: map[string]string{}, Rows: follows}
	q := r.URL.Query()
	switch p.Line {
	case lineAdd:
		p.Add = true
		p.Values.Set("fate", string(register.Retained))
	case lineNew:
		p.Values.Set("item", q.Get("item"))
		p.Values.Set("from", q.Get("from"))
		p.Values.Set("checklist", web.ViewOf(r).L.T("cleanup.checklist.usual"))
	default:
		id, err := strconv.ParseInt(p.Line, 10, 64)
		if err != nil {
			return nil, web.NotFound("")
		}
		l, of, err := s.line(r.Context(), id)
		if isNotFound(err) || err == nil && of != round.ID {
			return nil, web.NotFound("")
		}
		if err != nil {
			return nil, err
		}
		p.Version = l.Version
		p.Values = valuesOf(&l.Line)
		_, known := s.Catalogue.Item(l.Item)
		p.Add = !known
		p.Rows = max(follows, len(l.Follow)+1)
	}
	return p, nil
}

// offer fills in what can be chosen.
func (s *Service) offer(v *web.View, p *linePage) {
	p.Item, _ = s.Catalogue.Item(p.Values.Get("item"))
	reg, from := s.Registry.Now(), s.Registry.Now().Body(p.Values.Get("from"))
	p.Bodies = []ui.Option{{Value: "", Text: v.L.T("cleanup.choose")}}
	if from == nil {
		return
	}
	p.Bodies = append(p.Bodies, ui.Option{Value: from.Key, Text: v.L.Text(from.Name)})
	own := reg.Division(from.Division)
	for _, d := range reg.Divisions() {
		if own == nil || d.Level > registry.Township || !reg.Contains(from.Division, d.Code) {
			continue
		}
		for _, b := range reg.Bodies(d.Code) {
			if b.Key == from.Key || registry.Over(b.Ended, v.Now) || b.Kind != p.Item.Kind && (b.Kind != "township" || own.Level != registry.County) {
				continue
			}
			o := ui.Option{Value: b.Key, Text: v.L.Text(b.Name), Hint: v.L.Text(d.Name)}
			p.Receivers = append(p.Receivers, o)
			p.Bodies = append(p.Bodies, ui.Option{Value: b.Key, Text: v.L.Text(b.Name)})
		}
	}
	p.Intos = []ui.Option{{Value: "", Text: v.L.T("cleanup.choose")}}
	for _, it := range s.Catalogue.Items() {
		if it.Kind == p.Item.Kind && it.Key != p.Item.Key && it.Active {
			p.Intos = append(p.Intos, ui.Option{Value: it.Key, Text: v.L.Text(it.Name)})
		}
	}
}

// valuesOf is a line as the form shows it.
func valuesOf(l *register.Line) url.Values {
	v := url.Values{
		"item": {l.Item}, "name": {l.Name.Hans}, "from": {l.From}, "fate": {string(l.Fate)}, "on": {dateText(l.On)}, "to": l.To, "into": {l.Into},
		"cases": {string(l.Cases)}, "basis": {l.Basis}, "reason": {l.Reason}, "manner": {l.Manner}, "checklist": {strings.Join(l.Checklist, "\n")},
	}
	for i, f := range l.Follow {
		n := strconv.Itoa(i + 1)
		v.Set("follow-due-"+n, dateText(f.Due))
		v.Set("follow-body-"+n, f.Body)
		v.Set("follow-what-"+n, f.What)
	}
	return v
}

// lineOf reads a line from the form. Days that are none are told by field.
func lineOf(l *web.Localizer, f *form.Form, add bool) register.Line {
	day := func(name, label string) calendar.Date {
		text := f.Value(name)
		if text == "" {
			return 0
		}
		d, err := calendar.Parse(text)
		if err != nil {
			f.Fail(name, l.T("cleanup.bad-date", web.Args{"Label": label}))
		}
		return d
	}
	x := register.Line{
		Item: f.Value("item"), From: f.Value("from"), Fate: register.Fate(f.Value("fate")), On: day("on", l.T("cleanup.column.on")),
		Basis: f.Value("basis"), Reason: f.Value("reason"),
	}
	if add {
		x.Name = lang.Text{Hans: f.Value("name")}
	}
	if !x.Fate.Takes() {
		return x
	}
	x.Cases = register.Open(f.Value("cases"))
	switch x.Fate {
	case register.Otherwise:
		x.Manner = f.Value("manner")
	case register.Merged:
		x.Into = f.Value("into")
	}
	if x.Fate.Gives() {
		x.To = slices.DeleteFunc(slices.Clone(f.All("to")), func(key string) bool { return key == "" })
	}
	if handsOver(&x) {
		for point := range strings.Lines(f.Value("checklist")) {
			if point = strings.TrimSpace(point); point != "" {
				x.Checklist = append(x.Checklist, point)
			}
		}
	}
	for i := 1; i <= maxList; i++ {
		n := strconv.Itoa(i)
		y := register.Follow{Body: f.Value("follow-body-" + n), What: f.Value("follow-what-" + n), Due: day("follow-due-"+n, l.T("cleanup.column.follow"))}
		if y != (register.Follow{}) {
			x.Follow = append(x.Follow, y)
		}
	}
	return x
}

func (s *Service) getLine(w http.ResponseWriter, r *http.Request) error {
	round, _, err := s.working(r)
	if err != nil {
		return err
	}
	p, err := s.linePage(r, round)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	s.offer(v, p)
	return web.Render(w, r, http.StatusOK, lineFormView(v, s, p))
}

func (s *Service) postLine(w http.ResponseWriter, r *http.Request) error {
	round, actor, err := s.working(r)
	if err != nil {
		return err
	}
	p, err := s.linePage(r, round)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	v := web.ViewOf(r)
	again := func(status int) error {
		p.Values = f.Values()
		s.offer(v, p)
		return web.Render(w, r, status, lineFormView(v, s, p))
	}
	line := lineOf(v.L, f, p.Add)
	if !f.Valid() {
		p.Summary = f.Summary()
		for _, e := range p.Summary {
			p.Errors[e.Field] = e.Text
		}
		return again(http.StatusUnprocessableEntity)
	}
	id, _ := strconv.ParseInt(p.Line, 10, 64)                  // new and add are 0
	version, _ := strconv.ParseInt(f.Value("version"), 10, 64) // what is no number is no version
	err = s.Put(r.Context(), actor, round.Number, id, version, line)
	var moved *MovedError
	refusal, wrong := isForm(err)
	switch {
	case wrong:
		p.Errors, p.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return again(http.StatusUnprocessableEntity)
	case errors.As(err, &moved):
		p.Summary = []ui.FieldError{{Text: v.L.T("cleanup.moved")}}
		return again(http.StatusConflict)
	case err != nil:
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "cleanup.flash.saved"})
	return web.SeeOther(w, r, workHref(round.Number))
}

func (s *Service) postDrop(w http.ResponseWriter, r *http.Request) error {
	round, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	id, err := strconv.ParseInt(r.PathValue("line"), 10, 64)
	if err != nil {
		return web.NotFound("")
	}
	version, _ := strconv.ParseInt(f.Value("version"), 10, 64) // what is no number is no version
	err = s.Drop(r.Context(), actor, round.Number, id, version)
	if moved := (*MovedError)(nil); errors.As(err, &moved) {
		return web.Conflict("cleanup.moved", nil)
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "cleanup.flash.dropped"})
	return web.SeeOther(w, r, workHref(round.Number))
}
