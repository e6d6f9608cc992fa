package centre

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func maskName(name string) string   { return identifier.MaskName(name) }
func maskPhone(phone string) string { return identifier.MaskPhone(phone) }

func ticketPath(code string) string { return "/tickets/" + code }

// kioskView is the machine at the door.
type kioskView struct {
	centre *registry.Centre
	open   bool
	hours  string
	queues []QueueState
	form   *form.Form
}

func (s *Service) getKiosk(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	p, err := s.kioskView(r, c, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, kioskPage(web.ViewOf(r), p))
}

func (s *Service) kioskView(r *http.Request, c *registry.Centre, f *form.Form) (*kioskView, error) {
	plan, ok := s.Book().Plan(c.Key, s.today())
	if !ok {
		return nil, web.NotFound("centre.no-plan")
	}
	p := &kioskView{centre: c, open: plan.OpenAt(s.Calendar(), s.Now()), hours: hours(plan.On(s.Calendar(), s.today())), form: f}
	p.hours = cmp.Or(p.hours, web.ViewOf(r).L.T("centre.closed-today"))
	var err error
	p.queues, err = s.Queues(r.Context(), c.Key)
	return p, err
}

// postKiosk draws a ticket, checks in for an appointment, or lets somebody come back who was skipped.
func (s *Service) postKiosk(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	if !s.draws.Allow(r) || !s.failures.Allow(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "centre.too-many"}
	}
	s.draws.Count(r)
	var t *Ticket
	if f.Value("act") == "code" {
		t, err = s.byCode(r, v.L, c.Key, f)
	} else {
		t, err = s.Draw(r.Context(), c.Key, f.Value("line"), Class(f.Value("class")))
	}
	if err == nil && t != nil {
		return web.SeeOther(w, r, ticketPath(s.TicketCode(t))+"/slip")
	}
	if err := into(v.L, f, err); err != nil {
		return err
	}
	p, err := s.kioskView(r, c, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), kioskPage(v, p))
}

// byCode takes what the scanner of the machine, or somebody's finger, gives: the code of an appointment, or of a ticket that was skipped.
func (s *Service) byCode(r *http.Request, l *web.Localizer, centre string, f *form.Form) (*Ticket, error) {
	code := f.Required(l, "code", label(l, "code"))
	if code == "" {
		return nil, nil
	}
	t, err := s.CheckIn(r.Context(), centre, code)
	if errors.Is(err, store.ErrNotFound) {
		t, err = s.Return(r.Context(), centre, code)
	}
	if errors.Is(err, store.ErrNotFound) {
		s.failures.Count(r)
		f.Fail("code", l.T("centre.no-code"))
		return nil, nil
	}
	return t, err
}

// ticketView is one's ticket.
type ticketView struct {
	*Ticket
	centre *registry.Centre
	code   string
	qr     string
	line   *Line
	window string
	place  Place
	wait   string
	issued string
	back   string
}

func (s *Service) ticketView(r *http.Request) (*ticketView, error) {
	if !s.failures.Allow(r) {
		return nil, &web.Error{Status: http.StatusTooManyRequests, Key: "centre.too-many"}
	}
	t, err := s.Ticket(r.Context(), r.PathValue("code"))
	if errors.Is(err, store.ErrNotFound) {
		s.failures.Count(r)
	}
	if err != nil {
		return nil, page(err)
	}
	v := web.ViewOf(r)
	n := s.names(v.L)
	p := &ticketView{Ticket: t, centre: n.places.Centre(t.Centre), code: s.TicketCode(t), issued: v.L.Time(t.Issued)}
	if p.centre == nil {
		return nil, web.NotFound("centre.no-centre")
	}
	plan, _ := s.Book().Plan(t.Centre, t.Day)
	p.line, p.qr, p.back = plan.Line(t.Line), s.BaseURL+ticketPath(p.code), "/centres/"+t.Centre+"/kiosk"
	if t.Window != "" {
		p.window = n.window(t.Window)
	}
	if t.State == Waiting {
		if p.place, err = s.PlaceOf(r.Context(), t); err != nil {
			return nil, err
		}
		p.wait = wait(v.L, p.place.Wait)
	}
	return p, nil
}

func (s *Service) getTicket(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ticketView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ticketPage(web.ViewOf(r), p))
}

func (s *Service) getSlip(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ticketView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, slipPage(web.ViewOf(r), p))
}

func (p *ticketView) rows(l *web.Localizer) []ui.Row {
	rows := []ui.Row{
		{Key: l.T("centre.name"), Value: l.Text(p.centre.Name)}, {Key: l.T("centre.line"), Value: line(l, p.line)},
		{Key: l.T("centre.state"), Content: ui.Tag(stateKind(p.State), l.T("centre.state."+string(p.State)))},
	}
	if p.window != "" {
		rows = append(rows, ui.Row{Key: l.T("centre.window"), Value: p.window})
	}
	if p.State == Waiting {
		rows = append(rows, ui.Row{Key: l.T("centre.before"), Value: count(p.place.Before)}, ui.Row{Key: l.T("centre.wait"), Value: p.wait})
	}
	return append(rows, ui.Row{Key: l.T("centre.issued"), Value: p.issued}, ui.Row{Key: label(l, "code"), Value: p.code})
}

// screenView is the call screen.
type screenView struct {
	centre  *registry.Centre
	key     string
	version int64
	time    string
	calls   []screenCall
	queues  []QueueState
	say     string // for screen readers: the newest call
}

type screenCall struct {
	number string
	window string    // its number on the sign
	name   lang.Text // of the window
	who    string    // masked; empty when it is not known
	fresh  bool
	again  bool
}

// freshCalls is how many of the newest calls stand out.
const freshCalls = 1

func (s *Service) getScreen(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := screenView{centre: c, key: c.Key, time: v.L.Time(s.Now())}
	if p.version, err = s.live(r.Context(), c.Key); err != nil {
		return err
	}
	calls, err := s.Calls(r.Context(), c.Key)
	if err != nil {
		return err
	}
	if p.queues, err = s.Queues(r.Context(), c.Key); err != nil {
		return err
	}
	n := s.names(v.L)
	var said []string
	for i, t := range calls {
		call := screenCall{number: t.Number, window: n.number(t.Window), fresh: i < freshCalls && t.State == Called, again: t.Calls > 1}
		if win := n.places.Window(t.Window); win != nil {
			call.name = three(win.Name)
		}
		if t.Name != "" {
			call.who = maskName(t.Name)
		}
		if call.fresh {
			said = append(said, v.L.T("centre.screen.say", web.Args{"Number": t.Number, "Window": n.window(t.Window)}))
		}
		p.calls = append(p.calls, call)
	}
	p.say = strings.Join(said, " ")
	return web.Render(w, r, http.StatusOK, screenPage(v, p))
}
