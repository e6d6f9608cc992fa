package centre

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// bookView is the page on which an appointment is made or moved: line, day, slot, who comes.
type bookView struct {
	centre *registry.Centre
	action string // where the form goes
	back   string
	lines  []ui.Link // to choose from; the chosen one is current
	line   *Line
	days   []dayLink
	day    calendar.Date
	slots  []ui.Option
	full   bool // no place is left on the day
	items  []ui.Option
	rules  string
	form   *form.Form
}

type dayLink struct {
	href, text string
	current    bool
}

// dayOf reads a day of an address or form; the zero day when there is none.
func dayOf(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		return 0
	}
	return d
}

func (s *Service) getBook(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p, err := s.bookView(r, c, q.Get("line"), dayOf(q.Get("day")), form.Of(url.Values{"item": {q.Get("item")}}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, bookPage(web.ViewOf(r), p))
}

// bookView collects what can be chosen.
func (s *Service) bookView(r *http.Request, c *registry.Centre, lineKey string, day calendar.Date, f *form.Form) (*bookView, error) {
	v := web.ViewOf(r)
	path := "/centres/" + c.Key + "/book"
	p := &bookView{centre: c, action: path, back: "/centres/" + c.Key, form: f}
	days := s.Days(c.Key)
	plan, ok := s.Book().Plan(c.Key, s.today())
	if !ok || len(days) == 0 {
		return nil, web.NotFound("centre.no-plan")
	}
	p.line = plan.Line(lineKey)
	for i := range plan.Lines {
		if l := &plan.Lines[i]; l.Capacity > 0 && l.Slot > 0 {
			p.lines = append(p.lines, ui.Link{Href: path + "?" + url.Values{"line": {l.Key}}.Encode(), Text: l.Letter + " " + v.L.Text(l.Name)})
			if len(plan.Lines) == 1 {
				p.line = l
			}
		}
	}
	p.rules = v.L.T("centre.book.rules", web.Args{"Ahead": plan.Rules.AheadDays, "Cancel": plan.Rules.CancelUntil, "Late": plan.Rules.Late,
		"Early": plan.Rules.Early, "Misses": plan.Rules.NoShows, "Days": plan.Rules.NoShowDays, "Block": plan.Rules.BlockDays, "Erase": plan.Rules.EraseDays})
	if p.line == nil {
		return p, nil
	}
	if !slices.Contains(days, day) {
		day = days[0]
		for _, d := range days { // the first day with a place
			slots, err := s.Slots(r.Context(), c.Key, p.line.Key, d)
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(slots, func(x Slot) bool { return x.Free() > 0 }) {
				day = d
				break
			}
		}
	}
	p.day = day
	p.choose(v.L, path, days)
	if err := s.slotOptions(r, v.L, p); err != nil {
		return nil, err
	}
	p.items = s.itemOptions(v.L, p.line)
	return p, nil
}

func (p *bookView) choose(l *web.Localizer, path string, days []calendar.Date) {
	for _, d := range days {
		p.days = append(p.days, dayLink{path + "?" + url.Values{"line": {p.line.Key}, "day": {d.String()}}.Encode(), weekday(l, d), d == p.day})
	}
}

func (s *Service) slotOptions(r *http.Request, l *web.Localizer, p *bookView) error {
	slots, err := s.Slots(r.Context(), p.centre.Key, p.line.Key, p.day)
	if err != nil {
		return err
	}
	p.full = true
	for _, x := range slots {
		if x.Past {
			continue
		}
		free := x.Free()
		p.full = p.full && free == 0
		p.slots = append(p.slots, ui.Option{Value: x.At.String(), Text: slotText(x.At, p.line.Slot), Hint: l.T("centre.book.free", web.Args{"Count": free}), Disabled: free == 0})
	}
	return nil
}

// itemOptions are the items that the windows of a line handle.
func (s *Service) itemOptions(l *web.Localizer, x *Line) []ui.Option {
	n, book, today := s.names(l), s.Book(), s.today()
	out := []ui.Option{{Value: "", Text: l.T("centre.book.no-item")}}
	for _, w := range x.Windows {
		for _, r := range book.Held(w, KindItem, today) {
			if it, ok := s.Items.ItemInfo(r.Subject); ok && it.Active {
				out = append(out, ui.Option{Value: it.Code, Text: l.Text(it.Name) + l.T("centre.of-body", web.Args{"Body": n.body(it.Body)})})
			}
		}
	}
	return out
}

func (s *Service) postBook(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	if !s.draws.Allow(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "centre.too-many"}
	}
	s.draws.Count(r)
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	b := Booking{Centre: c.Key, Line: f.Value("line"), Day: dayOf(f.Value("day")), Party: who.Party().ID, Item: f.Value("item"),
		Person: Person{Name: f.Value("name"), Phone: f.Value("phone")}}
	f.Required(v.L, "name", label(v.L, "name"))
	f.Required(v.L, "phone", label(v.L, "phone"))
	if b.Slot, err = ParseMinute(f.Value("slot")); err != nil {
		f.Fail("slot", v.L.T("web.form.choose", web.Args{"Label": label(v.L, "slot")}))
	}
	if f.Valid() {
		a, err := s.Reserve(r.Context(), b)
		if err == nil {
			web.SetFlash(w, r, web.Flash{Kind: "success", Key: "centre.book.done"})
			return web.SeeOther(w, r, appointmentPath(s.CodeOf(a)))
		}
		if err := into(v.L, f, err); err != nil {
			return err
		}
	}
	p, err := s.bookView(r, c, b.Line, b.Day, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), bookPage(v, p))
}

func appointmentPath(code string) string { return "/appointments/" + code }

// getFind asks for the code of an appointment or ticket.
func (s *Service) getFind(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, findPage(web.ViewOf(r), form.Of(nil)))
}

// postFind leads to what a code opens. Codes do not stand in queries, which are logged.
func (s *Service) postFind(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	if code := normalCode(f.Required(v.L, "code", label(v.L, "code"))); code != "" {
		to, err := s.find(r, code)
		if err != nil {
			return err
		}
		if to != "" {
			return web.SeeOther(w, r, to)
		}
		f.Fail("code", v.L.T("centre.no-code"))
	}
	return web.Render(w, r, statusOf(f), findPage(v, f))
}

// find returns the page that a code opens, or "" when there is none. Wrong codes are counted.
func (s *Service) find(r *http.Request, code string) (string, error) {
	if !s.failures.Allow(r) {
		return "", &web.Error{Status: http.StatusTooManyRequests, Key: "centre.too-many"}
	}
	_, err := s.Appointment(r.Context(), code)
	if err == nil {
		return appointmentPath(code), nil
	}
	if errors.Is(err, store.ErrNotFound) {
		if _, err = s.Ticket(r.Context(), code); err == nil {
			return ticketPath(code), nil
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		s.failures.Count(r)
		return "", nil
	}
	return "", err
}

// appointmentView is one's own appointment.
type appointmentView struct {
	*Appointment
	centre *registry.Centre
	code   string
	line   *Line
	rows   []ui.Row
	open   bool // it can be changed
	until  string
	move   *bookView
	qr     string
	ticket string // address of the ticket that was drawn for it
	form   *form.Form
}

// appointmentAt opens the appointment of the address. Wrong codes are counted.
func (s *Service) appointmentAt(r *http.Request) (*Appointment, error) {
	if !s.failures.Allow(r) {
		return nil, &web.Error{Status: http.StatusTooManyRequests, Key: "centre.too-many"}
	}
	a, err := s.Appointment(r.Context(), r.PathValue("code"))
	if errors.Is(err, store.ErrNotFound) {
		s.failures.Count(r)
	}
	return a, page(err)
}

func (s *Service) getAppointment(w http.ResponseWriter, r *http.Request) error {
	a, err := s.appointmentAt(r)
	if err != nil {
		return err
	}
	p, err := s.appointmentView(r, a, dayOf(r.URL.Query().Get("day")), form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, appointmentPage(web.ViewOf(r), p))
}

func (s *Service) appointmentView(r *http.Request, a *Appointment, day calendar.Date, f *form.Form) (*appointmentView, error) {
	v := web.ViewOf(r)
	n := s.names(v.L)
	p := &appointmentView{Appointment: a, centre: n.places.Centre(a.Centre), code: s.CodeOf(a), form: f}
	if p.centre == nil {
		return nil, web.NotFound("centre.no-centre")
	}
	plan, _ := s.Book().Plan(a.Centre, a.Day)
	p.line = plan.Line(a.Line)
	length := 0
	if p.line != nil {
		length = p.line.Slot
	}
	until := s.Changeable(a)
	p.open, p.until = a.State == Booked && s.Now().Before(until), v.L.Time(until)
	p.qr = s.BaseURL + appointmentPath(p.code)
	if a.Ticket != 0 {
		p.ticket = ticketPath(s.code("ticket", a.Ticket))
	}
	p.rows = []ui.Row{
		{Key: v.L.T("centre.name"), Value: v.L.Text(p.centre.Name)}, {Key: v.L.T("centre.address"), Value: v.L.Text(p.centre.Address)},
		{Key: v.L.T("centre.line"), Value: line(v.L, p.line)}, {Key: label(v.L, "day"), Value: weekday(v.L, a.Day)},
		{Key: label(v.L, "slot"), Value: slotText(a.Slot, length)},
		{Key: v.L.T("centre.state"), Content: ui.Tag(stateKind(a.State), v.L.T("centre.state."+string(a.State)))},
	}
	if a.Item != "" {
		p.rows = append(p.rows, ui.Row{Key: label(v.L, "item"), Value: n.item(a.Item)})
	}
	if a.Person.Name != "" {
		p.rows = append(p.rows, ui.Row{Key: label(v.L, "name"), Value: maskName(a.Person.Name)}, ui.Row{Key: label(v.L, "phone"), Value: maskPhone(a.Person.Phone)})
	}
	p.rows = append(p.rows, ui.Row{Key: label(v.L, "code"), Value: p.code})
	if !p.open || p.line == nil {
		return p, nil
	}
	move := &bookView{centre: p.centre, line: p.line, form: f, action: appointmentPath(p.code) + "/move"}
	days := s.Days(a.Centre)
	if move.day = day; !slices.Contains(days, day) {
		move.day = a.Day
	}
	for _, d := range days {
		move.days = append(move.days, dayLink{appointmentPath(p.code) + "?day=" + d.String() + "#move", weekday(v.L, d), d == move.day})
	}
	p.move = move
	return p, s.slotOptions(r, v.L, move)
}

func stateKind(state State) ui.TagKind {
	switch state {
	case Booked, Called, Waiting:
		return ui.TagInfo
	case Arrived, Serving, Served:
		return ui.TagGood
	case Missed, Skipped:
		return ui.TagWarn
	case Cancelled, Left:
	}
	return ui.TagNeutral
}

// change does something to the appointment of the address, or shows its page with what stands against it.
func (s *Service) change(w http.ResponseWriter, r *http.Request, done string, do func(code string, f *form.Form) error) error {
	a, err := s.appointmentAt(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	code := s.CodeOf(a)
	if err := do(code, f); err != nil {
		if err := into(v.L, f, err); err != nil {
			return page(err)
		}
	}
	if f.Valid() {
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: done})
		return web.SeeOther(w, r, appointmentPath(code))
	}
	p, err := s.appointmentView(r, a, dayOf(f.Value("day")), f)
	if err != nil {
		return err
	}
	return web.Render(w, r, statusOf(f), appointmentPage(v, p))
}

func (s *Service) postMove(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "centre.moved", func(code string, f *form.Form) error {
		slot, err := ParseMinute(f.Value("slot"))
		if err != nil {
			return refuse("no-slot", "slot")
		}
		return s.Move(r.Context(), code, dayOf(f.Value("day")), slot)
	})
}

func (s *Service) postCancel(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "centre.cancelled", func(code string, _ *form.Form) error { return s.Cancel(r.Context(), code) })
}

// getMine lists the appointments of an account.
func (s *Service) getMine(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	var rows [][]ui.Cell
	if party := who.Party().ID; party != 0 {
		list, err := s.AppointmentsOf(r.Context(), party, s.today().AddMonths(-3))
		if err != nil {
			return err
		}
		n := s.names(v.L)
		for _, a := range list {
			rows = append(rows, []ui.Cell{{Text: weekday(v.L, a.Day) + " " + a.Slot.String(), Href: appointmentPath(s.CodeOf(a))}, {Text: n.centre(a.Centre)},
				{Content: ui.Tag(stateKind(a.State), v.L.T("centre.state."+string(a.State)))}})
		}
	}
	return web.Render(w, r, http.StatusOK, minePage(v, rows))
}

// count writes a number.
func count(n int) string { return strconv.Itoa(n) }
