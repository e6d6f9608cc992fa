package request

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// registerPage is the public register of answered requests.
type registerPage struct {
	what string
	rows [][]ui.Cell
	next string
}

// filterOf reads what a page of the register is narrowed to.
func (s *Service) filterOf(v *web.View, q url.Values) (f Filter, what string) {
	places := s.Registry.Now()
	if b := places.Body(q.Get("body")); b != nil {
		f.Body, what = b.Key, v.L.Text(b.Name)
	} else if d := places.Division(q.Get("division")); d != nil {
		f.Division, what = d.Code, v.L.Text(d.Name)
	}
	day, id, _ := strings.Cut(q.Get("before"), ".")
	n, err := strconv.ParseInt(day, 10, 32)
	if after, perr := store.ParseID(id); err == nil && perr == nil {
		f.Before = Place{Closed: calendar.Date(n), Case: after}
	}
	return f, what
}

// written is the language in which people write to offices, and offices to them.
const written = string(lang.Hans)

// subjectCell is what was asked for, as the disclosure office wrote it for the public.
func subjectCell(l *web.Localizer, e Entry) ui.Cell {
	if e.Subject == "" {
		return ui.Cell{Text: l.T("request.register.no-subject")}
	}
	return ui.Cell{Text: e.Subject, Lang: written}
}

func (s *Service) getRegister(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, what := s.filterOf(v, r.URL.Query())
	list, err := s.Register(r.Context(), f)
	if err != nil {
		return err
	}
	p := registerPage{what: what}
	for _, e := range list {
		subject := subjectCell(v.L, e)
		subject.Href = "/open/requests/" + e.Number
		p.rows = append(p.rows, []ui.Cell{subject, {Text: v.L.Text(s.bodyName(e.Body))},
			{Text: v.L.Text(s.OutcomeTitle(e.Outcome, e.Arrived))}, {Text: v.L.Date(e.Closed)}, {Text: strconv.Itoa(e.Days)}})
	}
	if len(list) == pageOfRegister {
		last := list[len(list)-1]
		q := url.Values{"before": {strconv.Itoa(int(last.Closed)) + "." + last.Case.String()}}
		if f.Body != "" {
			q.Set("body", f.Body)
		}
		if f.Division != "" {
			q.Set("division", f.Division)
		}
		p.next = "/open/requests?" + q.Encode()
	}
	return web.RenderTagged(w, r, registerView(v, p))
}

// entryPage is an entry of the register.
type entryPage struct {
	entry  Entry
	rows   []ui.Row
	record string // address of what was published from it
}

func (s *Service) getEntry(w http.ResponseWriter, r *http.Request) error {
	e, err := s.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if errors.Is(err, store.ErrNotFound) || err == nil && e.Open() {
		return web.NotFound("request.entry.none") // whether an open request exists is nobody's business
	}
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := entryPage{entry: e, rows: s.entryRows(v.L, e)}
	if e.Subject != "" {
		p.rows = append([]ui.Row{{Key: v.L.T("request.entry.subject"), Value: e.Subject, Lang: written}}, p.rows...)
	}
	list, err := s.Disputes(r.Context(), e.Case)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.TakenBack != 0 { // there never was one
			continue
		}
		p.rows = append(p.rows, ui.Row{Key: v.L.T("request.dispute." + d.Kind), Value: disputeWords(v.L, d)})
	}
	if p.record, err = s.recordPage(r.Context(), e); err != nil {
		return err
	}
	return web.RenderTagged(w, r, entryView(v, p))
}

func disputeWords(l *web.Localizer, d Dispute) string {
	if d.TakenBack != 0 {
		return l.T("request.dispute.taken-back", web.Args{"Filed": l.Date(d.Filed), "Day": l.Date(d.TakenBack)})
	}
	if d.Result == "" {
		return l.T("request.dispute.pending", web.Args{"Filed": l.Date(d.Filed)})
	}
	return l.T("request.dispute.concluded", web.Args{"Filed": l.Date(d.Filed), "Day": l.Date(d.Concluded), "Result": l.T("request.dispute.result." + d.Result)})
}

func (s *Service) getCatalogues(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, cataloguesView(v, s.choose(v, r.URL.Query(), "/open/catalogue/")))
}

// cataloguePage is what can be asked for with a body.
type cataloguePage struct {
	body    string
	key     string
	there   bool
	edition Edition
	renew   calendar.Date
	late    bool
	rows    [][]ui.Cell
}

func (s *Service) getCatalogue(w http.ResponseWriter, r *http.Request) error {
	b := s.Registry.Now().Body(r.PathValue("body"))
	if !s.office(b) {
		return web.NotFound("request.apply.no-office")
	}
	v := web.ViewOf(r)
	p := cataloguePage{body: v.L.Text(b.Name), key: b.Key}
	var err error
	if p.edition, p.there, err = s.Edition(r.Context(), b.Key); err != nil {
		return err
	}
	if p.there {
		p.renew = s.Renew(p.edition.Published)
		p.late = p.renew != 0 && s.today() > p.renew
	}
	for _, a := range p.edition.Entries {
		p.rows = append(p.rows, []ui.Cell{{Text: a.Name, Lang: written}, {Text: a.Summary, Lang: written},
			{Text: v.L.T("request.catalogue.ask"), Href: "/open/apply/" + b.Key + "?" + url.Values{"about": {a.Name}}.Encode()}})
	}
	return web.RenderTagged(w, r, catalogueView(v, p))
}
