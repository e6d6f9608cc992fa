package centre

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// getManaged lists the centres that a manager looks after.
func (s *Service) getManaged(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	var rows [][]ui.Cell
	for _, c := range s.Registry.Now().AllCentres() {
		if s.allow(who, ActionManage, c) != nil {
			continue
		}
		bodies := 0
		for i := range c.Windows {
			bodies += len(s.Book().Held(c.Windows[i].Key, KindBody, s.today()))
		}
		rows = append(rows, []ui.Cell{{Text: v.L.Text(c.Name), Href: "/desk/centre/" + c.Key}, {Text: count(len(c.Windows))}, {Text: count(bodies)}})
	}
	return web.Render(w, r, http.StatusOK, managedPage(v, rows))
}

// manageView is a centre as its manager sees it.
type manageView struct {
	centre  *registry.Centre
	windows []manageWindow
	history [][]ui.Cell
	plan    []ui.Row
	lost    [][]ui.Cell // appointments that have no place in the plan
}

type manageWindow struct {
	key, name string
	rows      [][]ui.Cell
}

// managed is the centre of the address for those who may manage it.
func (s *Service) managed(who identity.Principal, r *http.Request) (*registry.Centre, error) {
	c, err := s.centreAt(r)
	if err != nil {
		return nil, err
	}
	return c, s.allow(who, ActionManage, c)
}

func (s *Service) getManage(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	n, book, today := s.names(v.L), s.Book(), s.today()
	p := manageView{centre: c}
	for i := range c.Windows {
		win := &c.Windows[i]
		m := manageWindow{key: win.Key, name: n.window(win.Key)}
		for _, kind := range kinds {
			for _, rec := range book.Held(win.Key, kind, today) {
				m.rows = append(m.rows, s.recordRow(r, v.L, n, book, &rec))
			}
		}
		p.windows = append(p.windows, m)
	}
	p.history = historyRows(v.L, n, book.History(func(rec *Record) bool { return rec.Centre == c.Key }), maxHistory)
	if plan, ok := book.Plan(c.Key, today); ok {
		p.plan = planRows(v.L, n, &plan)
		lost, err := s.PlanCheck(r.Context(), who, c.Key, today, &plan)
		if err != nil {
			return page(err)
		}
		p.lost = appointmentRows(v.L, &plan, lost)
	}
	return web.Render(w, r, http.StatusOK, managePage(v, p))
}

// maxHistory is how many changes one page shows.
const maxHistory = 60

// recordRow is what holds at a window now, with the way to end it.
func (s *Service) recordRow(r *http.Request, l *web.Localizer, n names, book *Book, rec *Record) []ui.Cell {
	about := n.subject(rec)
	if rec.Kind == KindStaff || rec.Kind == KindChief {
		if who := s.holderNames(r.Context(), rec.Subject); who != "" {
			about += l.T("centre.of-body", web.Args{"Body": who})
		}
	}
	until := l.T("centre.open-end")
	if day, ok := book.Until(rec); ok {
		until = l.Date(day.Add(-1))
	}
	end := ui.Cell{Text: l.T("centre.by-body")}
	if !rec.Kind.authority() {
		end = ui.Cell{Content: endLink(l, changePath(rec.Centre, url.Values{
			"window": {rec.Window}, "kind": {string(rec.Kind)}, "body": {rec.Body}, "subject": {rec.Subject}, "held": {"no"},
		}), about)}
	}
	return []ui.Cell{{Text: about}, {Text: l.T("centre.kind." + string(rec.Kind))}, {Text: n.body(rec.Body)}, {Text: l.Date(book.Since(rec))}, {Text: until}, {Text: rec.Basis}, end}
}

func changePath(centre string, q url.Values) string {
	return "/desk/centre/" + centre + "/change?" + q.Encode()
}

// historyRows lists changes, the newest first.
func historyRows(l *web.Localizer, n names, records []Record, most int) [][]ui.Cell {
	rows := make([][]ui.Cell, 0, min(len(records), most))
	for i := range records[:min(len(records), most)] {
		r := &records[i]
		by := l.T("centre.imported")
		if r.Post != "" {
			by = n.post(r.Post)
		}
		what := "ends"
		if r.Held {
			what = "begins"
		}
		rows = append(rows, []ui.Cell{{Text: l.Date(r.Day)}, {Text: l.T("centre.change." + what)}, {Text: l.T("centre.kind." + string(r.Kind))}, {Text: n.subject(r)},
			{Text: n.window(r.Window)}, {Text: r.Basis}, {Text: by}, {Text: l.Time(r.At)}})
	}
	return rows
}

// changeView is the form of a change, and then its dry run.
type changeView struct {
	title, action, back string
	authority           bool
	windows, kinds      []ui.Option
	bodies, subjects    []ui.Option
	held                []ui.Option
	form                *form.Form
	record              *Record // checked: shown before it is done
	preview             []ui.Row
	effect              string
}

func (s *Service) getChange(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, changePage(v, s.changeView(v.L, c, s.prefilled(r))))
}

// prefilled is a form with what the address says of it, from tomorrow on.
func (s *Service) prefilled(r *http.Request) *form.Form {
	q := url.Values{}
	for _, name := range []string{"window", "kind", "body", "subject", "held"} {
		q.Set(name, r.URL.Query().Get(name))
	}
	if q.Get("held") == "" {
		q.Set("held", "yes")
	}
	day := s.today().Add(1)
	q.Set("day-year", strconv.Itoa(day.Year()))
	q.Set("day-month", strconv.Itoa(int(day.Month())))
	q.Set("day-day", strconv.Itoa(day.DayOfMonth()))
	return form.Of(q)
}

func (s *Service) changeView(l *web.Localizer, c *registry.Centre, f *form.Form) *changeView {
	n := s.names(l)
	p := &changeView{title: l.T("centre.change.title"), action: "/desk/centre/" + c.Key + "/change", back: "/desk/centre/" + c.Key, form: f}
	var bodies []string
	for i := range c.Windows {
		p.windows = append(p.windows, ui.Option{Value: c.Windows[i].Key, Text: n.window(c.Windows[i].Key)})
		bodies = append(bodies, c.Windows[i].Bodies...)
	}
	for _, b := range n.places.Bodies(c.Division) {
		bodies = append(bodies, b.Key)
	}
	slices.Sort(bodies)
	for _, b := range slices.Compact(bodies) {
		p.bodies = append(p.bodies, ui.Option{Value: b, Text: n.body(b)})
	}
	for _, k := range []Kind{KindBody, KindItem, KindStaff} {
		p.kinds = append(p.kinds, ui.Option{Value: string(k), Text: l.T("centre.kind." + string(k)), Hint: l.T("centre.kind." + string(k) + "-hint")})
	}
	p.subjects = []ui.Option{{Value: "", Text: l.T("centre.subject.body")}}
	for _, o := range p.bodies {
		for _, it := range s.activeItems(o.Value) {
			p.subjects = append(p.subjects, ui.Option{Value: it.Code, Text: o.Text + "：" + l.Text(it.Name)})
		}
	}
	p.subjects = append(p.subjects, s.postOptions(l, n, c)...)
	p.held = heldOptions(l)
	return p
}

func heldOptions(l *web.Localizer) []ui.Option {
	return []ui.Option{{Value: "yes", Text: l.T("centre.change.begins")}, {Value: "no", Text: l.T("centre.change.ends")}}
}

// postOptions are the posts that can sit at a window of a centre: clerks and agents of the body that runs it, and of those that are there.
func (s *Service) postOptions(l *web.Localizer, n names, c *registry.Centre) []ui.Option {
	var out []ui.Option
	seen := map[string]bool{}
	add := func(body string) {
		for _, post := range n.places.Posts(body) {
			if (post.Has(registry.Clerk) || post.Has(registry.Agent)) && !seen[post.Key] {
				seen[post.Key] = true
				out = append(out, ui.Option{Value: post.Key, Text: n.body(body) + "：" + l.Text(post.Title)})
			}
		}
	}
	add(c.Body)
	for i := range c.Windows {
		for _, b := range c.Windows[i].Bodies {
			add(b)
		}
	}
	return out
}

// recordOf reads a change from a form, and notes in it what is wrong.
func (s *Service) recordOf(l *web.Localizer, p *changeView) Record {
	f := p.form
	r := Record{
		Window: f.Choice(l, "window", label(l, "window"), p.windows), Kind: Kind(f.Choice(l, "kind", label(l, "kind"), p.kinds)),
		Body: f.Choice(l, "body", label(l, "body"), p.bodies), Subject: f.Value("subject"),
		Held: f.Choice(l, "held", label(l, "held"), p.held) == "yes", Basis: f.Limited(l, "basis", label(l, "basis"), maxBasis),
		Day: f.Date(l, "day", label(l, "day")),
	}
	if r.Kind != KindBody && r.Subject == "" {
		f.Fail("subject", l.T("web.form.choose", web.Args{"Label": label(l, "subject")}))
	}
	return r
}

func (s *Service) postChange(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	f, err := parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	return s.record(who, w, r, s.changeView(v.L, c, f))
}

// record checks a change, shows what it would do, and does it when that was seen.
func (s *Service) record(who identity.Principal, w http.ResponseWriter, r *http.Request, p *changeView) error {
	v, f := web.ViewOf(r), p.form
	rec := s.recordOf(v.L, p)
	if f.Valid() {
		if err := s.Check(who, &rec); err != nil {
			if err := into(v.L, f, err); err != nil {
				return err
			}
		}
	}
	if !f.Valid() || f.Value("act") == "edit" {
		return web.Render(w, r, statusOf(f), changePage(v, p))
	}
	if f.Value("act") != "do" {
		s.preview(v.L, p, &rec)
		return web.Render(w, r, http.StatusOK, changePage(v, p))
	}
	if err := s.Record(r.Context(), who, rec); err != nil {
		if err := into(v.L, f, err); err != nil {
			return err
		}
		return web.Render(w, r, statusOf(f), changePage(v, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "centre.change.done"})
	return web.SeeOther(w, r, p.back)
}

// preview says what a change would do.
func (s *Service) preview(l *web.Localizer, p *changeView, r *Record) {
	n, book := s.names(l), s.Book()
	p.record = r
	state := func(held bool) string {
		if held {
			return l.T("centre.change.holds")
		}
		return l.T("centre.change.holds-not")
	}
	before := book.Holds(r.Window, r.Kind, r.Body, r.Subject, r.Day)
	if r.Kind == KindAccept || r.Kind == KindDecide {
		a := book.Authority(r.Window, r.Kind, r.Body, r.Subject, r.Day)
		before = a != nil && a.Held
	}
	p.preview = []ui.Row{
		{Key: label(l, "window"), Value: n.window(r.Window)}, {Key: label(l, "kind"), Value: l.T("centre.kind." + string(r.Kind))},
		{Key: label(l, "body"), Value: n.body(r.Body)}, {Key: label(l, "subject"), Value: n.subject(r)}, {Key: label(l, "day"), Value: l.Date(r.Day)},
		{Key: l.T("centre.change.before"), Value: state(before)}, {Key: l.T("centre.change.after"), Value: state(r.Held)}, {Key: label(l, "basis"), Value: r.Basis},
	}
	items := 1
	if r.Kind == KindBody || r.Subject == All {
		items = len(s.activeItems(r.Body))
	}
	what := "ends"
	if r.Held {
		what = "begins"
	}
	p.effect = l.T("centre.effect."+string(r.Kind)+"-"+what, web.Args{"Items": items, "Window": n.window(r.Window)})
}

// getAppointments lists what is booked at a centre from today on. Telephone numbers are masked.
func (s *Service) getAppointments(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	list, err := s.appointmentsFrom(r.Context(), c.Key, s.today())
	if err != nil {
		return err
	}
	plan, _ := s.Book().Plan(c.Key, s.today())
	return web.Render(w, r, http.StatusOK, appointmentsPage(v, c, appointmentRows(v.L, &plan, list)))
}

func appointmentRows(l *web.Localizer, plan *Plan, list []*Appointment) [][]ui.Cell {
	rows := make([][]ui.Cell, len(list))
	for i, a := range list {
		rows[i] = []ui.Cell{{Text: weekday(l, a.Day) + " " + a.Slot.String()}, {Text: line(l, plan.Line(a.Line))}, {Text: maskName(a.Person.Name)}, {Text: maskPhone(a.Person.Phone)}}
	}
	return rows
}
