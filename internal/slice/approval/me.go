package approval

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// mePage is everything that concerns one party.
type mePage struct {
	party        string // in whose name; empty when for themselves
	drafts       [][]ui.Cell
	open, ended  [][]ui.Cell
	next         string // address of the next page
	startService ui.Link
	agents       bool // village agents act for villagers here
}

func (s *Service) getMe(w http.ResponseWriter, r *http.Request) error {
	who, err := s.applicant(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := mePage{agents: s.Assistance != nil && who.Kind == identity.Person}
	if who.For.ID != 0 {
		p.party = who.For.Name
	}
	before, err := store.ParseID(r.URL.Query().Get("before"))
	if err != nil {
		before = 0 // the first page
	}
	if before == 0 {
		drafts, err := s.OpenDrafts(r.Context(), who.Account, "")
		if err != nil {
			return err
		}
		for _, d := range drafts {
			p.drafts = append(p.drafts, []ui.Cell{{Text: s.itemTitle(v.L, d.Subject), Href: draftPath(d, "")}, {Text: v.L.Time(d.UpdatedAt)}})
		}
	}
	matters, err := s.Matters(r.Context(), who, before)
	if err != nil {
		return err
	}
	for _, c := range matters {
		row := s.matterRow(v, c)
		if c.Open() {
			p.open = append(p.open, row)
		} else {
			p.ended = append(p.ended, row)
		}
	}
	if len(matters) == mattersPerPage {
		p.next = "/me?before=" + matters[len(matters)-1].ID.String()
	}
	p.startService = ui.Link{Href: "/hall", Text: v.L.T("approval.me.find")}
	return web.Render(w, r, http.StatusOK, meView(v, p))
}

func (s *Service) itemTitle(l *web.Localizer, code string) string {
	if it, ok := s.Items.Item(code); ok {
		return l.Text(it.Title)
	}
	return code
}

// matterRow is a case in a list: what, number, status, and the days left.
func (s *Service) matterRow(v *web.View, c *casework.Case) []ui.Cell {
	left := ui.Cell{}
	if k := c.Clock(clockDecide); k != nil {
		left.Content = ui.DueBadge(due.Badge(k.Term, s.Calendar(), v.Now))
	}
	return []ui.Cell{{Text: v.L.Text(c.Title), Href: matterPath(c.Number)}, {Text: c.Number}, {Text: v.L.DateOf(c.CreatedAt)},
		{Content: ui.Tag(statusKind(c.Status), statusText(v.L, c.Status))}, left}
}

// receiptPage confirms that an application was received.
type receiptPage struct {
	door     door
	answerBy *line  // until when the answer to the application is owed, or nil when it was given
	decide   string // how long the decision takes once it is accepted
	track    string // full address for the QR
}

// getReceipt shows the receipt of one's own application.
func (s *Service) getReceipt(w http.ResponseWriter, r *http.Request) error {
	d, err := s.byOwner(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := receiptPage{door: d, track: s.BaseURL + trackPath(d.c.Number, d.code)}
	if lines := s.answerLines(v, d); len(lines) > 0 {
		p.answerBy = &lines[0]
	}
	if terms, ok := d.c.Terms()[decideRule]; ok {
		p.decide = lengthText(v.L, promisedOr(terms))
	}
	return web.Render(w, r, http.StatusOK, receiptView(v, p))
}

// promisedOr returns the length that the applicant is told: the promise, or the statute where nothing shorter was promised.
func promisedOr(t casework.Terms) term.Length {
	if t.Promised.N > 0 {
		return t.Promised
	}
	return t.Statutory
}

func (s *Service) getTrack(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, trackView(web.ViewOf(r), form.Of(url.Values{"number": {r.PathValue("number")}})))
}

// postTrack leads to the matter. What is wrong is said without telling whether there is such a case.
func (s *Service) postTrack(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	number := strings.ToUpper(strings.ReplaceAll(f.Required(v.L, "number", v.L.T("approval.number")), " ", ""))
	code := strings.ToUpper(strings.ReplaceAll(f.Required(v.L, "code", v.L.T("approval.query-code")), " ", ""))
	if number != "" && (s.Others == nil || !s.Others.Number(number)) {
		if err := checkFormat(identifier.KindCase, number, s.Now()); err != nil {
			f.Fail("number", v.L.T("web.form.format", web.Args{"Label": v.L.T("approval.number"), "Text": v.L.Text(messageOf(err))}))
		}
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, trackView(v, f))
	}
	c, err := s.keeper.Track(r, number, code)
	if missing := (*web.Error)(nil); errors.As(err, &missing) && missing.Status == http.StatusNotFound {
		f.Fail("code", v.L.T(missing.Key))
		return web.Render(w, r, http.StatusNotFound, trackView(v, f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, s.pageOf(c, code))
}

// decisionsPage is the public register.
type decisionsPage struct {
	rows [][]ui.Cell
	next string
	what lang.Text // what the list is filtered by, or nothing
}

func (s *Service) getDecisions(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := DecisionFilter{Body: q.Get("body"), Item: q.Get("item")}
	p := decisionsPage{}
	if area, err := identifier.ParseArea(q.Get("division")); err == nil {
		f.Division = q.Get("division")
		_ = area
		p.what = s.Names.Division(f.Division)
	}
	if f.Body != "" {
		p.what = s.Names.Body(f.Body)
	}
	if it, ok := s.Items.Item(f.Item); ok {
		p.what = it.Title
	}
	if at, id, ok := strings.Cut(q.Get("before"), "."); ok {
		micros, err := strconv.ParseInt(at, 10, 64)
		last, err2 := store.ParseID(id)
		if err == nil && err2 == nil {
			f.Before = &Cursor{DecidedAt: micros, Case: last}
		}
	}
	const perPage = 20
	f.Limit = perPage
	list, err := s.Decisions(r.Context(), f)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	for _, d := range list {
		p.rows = append(p.rows, []ui.Cell{{Text: v.L.Text(d.Title)}, {Text: d.Applicant}, {Text: v.L.Text(s.Names.Body(d.Body))},
			{Text: v.L.Text(s.Names.Division(d.Division))}, {Text: d.Number}, {Text: v.L.DateOf(d.DecidedAt)}})
	}
	if len(list) == perPage {
		last := list[perPage-1]
		q.Set("before", strconv.FormatInt(store.Micros(last.DecidedAt), 10)+"."+last.Case.String())
		q.Del("lang")
		p.next = "/hall/decisions?" + q.Encode()
	}
	return web.RenderTagged(w, r, decisionsView(v, p))
}
