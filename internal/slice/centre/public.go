package centre

import (
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// centresView lists the centres by division.
type centresView struct {
	rows [][]ui.Cell
}

func (s *Service) getCentres(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	n := s.names(v.L)
	var p centresView
	for _, c := range n.places.AllCentres() {
		division := ""
		if d := n.places.Division(c.Division); d != nil {
			division = v.L.Text(d.Name)
		}
		plan, ok := s.Book().Plan(c.Key, s.today())
		open := ui.Tag(ui.TagNeutral, v.L.T("centre.closed-now"))
		if ok && plan.OpenAt(s.Calendar(), s.Now()) {
			open = ui.Tag(ui.TagGood, v.L.T("centre.open-now"))
		}
		p.rows = append(p.rows, []ui.Cell{{Text: v.L.Text(c.Name), Href: "/centres/" + c.Key}, {Text: division}, {Text: v.L.Text(c.Address)}, {Content: open}})
	}
	return web.Render(w, r, http.StatusOK, centresPage(v, p))
}

// centreView is what the page of a centre says.
type centreView struct {
	centre  *registry.Centre
	plan    Plan
	known   bool // it has a plan
	open    bool
	today   string // opening hours of today
	body    string // that runs it
	facts   []ui.Row
	queues  [][]ui.Cell
	windows []windowView
}

// windowView is a window with who and what is stationed there.
type windowView struct {
	key, name string
	bodies    [][]ui.Cell
	spot      []ui.Link // what is done on the spot
	items     []ui.Link
}

func (s *Service) getCentre(w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.centreView(r, v, c)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, centrePage(v, p))
}

func (s *Service) centreView(r *http.Request, v *web.View, c *registry.Centre) (centreView, error) {
	n, book, today := s.names(v.L), s.Book(), s.today()
	p := centreView{centre: c, body: n.body(c.Body)}
	p.plan, p.known = book.Plan(c.Key, today)
	p.open = p.known && p.plan.OpenAt(s.Calendar(), s.Now())
	if p.known {
		p.today = v.L.T("centre.closed-today")
		if open := p.plan.On(s.Calendar(), today); len(open) > 0 {
			p.today = hours(open)
		}
		queues, err := s.Queues(r.Context(), c.Key)
		if err != nil {
			return p, err
		}
		free, err := s.freeToday(r, c.Key, &p.plan)
		if err != nil {
			return p, err
		}
		for i := range queues {
			q := &queues[i]
			p.queues = append(p.queues, []ui.Cell{{Text: q.Line.Letter + " " + v.L.Text(q.Line.Name)}, {Text: strconv.Itoa(q.Waiting)},
				{Text: s.waitCell(v.L, p.open, q)}, {Text: strconv.Itoa(free[q.Line.Key])}})
		}
	}
	p.facts = s.centreFacts(v.L, n, c, p)
	for i := range c.Windows {
		p.windows = append(p.windows, s.windowView(v.L, n, &c.Windows[i]))
	}
	return p, nil
}

func (s *Service) waitCell(l *web.Localizer, open bool, q *QueueState) string {
	if !open {
		return l.T("centre.closed-now")
	}
	return wait(l, q.Wait)
}

// freeToday counts the places that can still be booked for today, by line.
func (s *Service) freeToday(r *http.Request, centre string, plan *Plan) (map[string]int, error) {
	free := map[string]int{}
	for i := range plan.Lines {
		slots, err := s.Slots(r.Context(), centre, plan.Lines[i].Key, s.today())
		if err != nil {
			return nil, err
		}
		for _, x := range slots {
			free[plan.Lines[i].Key] += x.Free()
		}
	}
	return free, nil
}

func (s *Service) centreFacts(l *web.Localizer, n names, c *registry.Centre, p centreView) []ui.Row {
	rows := []ui.Row{{Key: l.T("centre.address"), Value: l.Text(c.Address)}, {Key: l.T("centre.hours"), Value: l.Text(c.Hours)}}
	if p.known {
		rows = append(rows, ui.Row{Key: l.T("centre.hours-today"), Value: p.today})
	}
	if c.Telephone != "" {
		rows = append(rows, ui.Row{Key: l.T("centre.telephone"), Value: c.Telephone})
	}
	if d := n.places.Division(c.Division); d != nil {
		rows = append(rows, ui.Row{Key: l.T("centre.division"), Value: l.Text(d.Name)})
	}
	return append(rows, ui.Row{Key: l.T("centre.run-by"), Value: p.body})
}

func (s *Service) windowView(l *web.Localizer, n names, w *registry.Window) windowView {
	book, today := s.Book(), s.today()
	out := windowView{key: w.Key, name: n.window(w.Key)}
	for _, r := range book.Held(w.Key, KindBody, today) {
		items := 0
		for _, it := range book.Held(w.Key, KindItem, today) {
			if it.Body != r.Body {
				continue
			}
			items++
			info, ok := s.Items.ItemInfo(it.Subject)
			if !ok || !info.Active {
				continue
			}
			link := ui.Link{Href: "/hall/items/" + info.Code, Text: l.Text(info.Name) + l.T("centre.of-body", web.Args{"Body": n.body(info.Body)})}
			if info.OnTheSpot && book.authorises(w.Key, KindDecide, info.Body, info.Code, today) {
				out.spot = append(out.spot, link)
			} else {
				out.items = append(out.items, link)
			}
		}
		out.bodies = append(out.bodies, []ui.Cell{{Text: n.body(r.Body)}, {Text: l.Date(book.Since(&r))}, {Text: strconv.Itoa(items)}, {Text: s.authorityText(l, w.Key, r.Body, today)}})
	}
	return out
}

// authorityText says in a few words what a body lets a window do with its items.
func (s *Service) authorityText(l *web.Localizer, window, body string, day calendar.Date) string {
	book := s.Book()
	accepts, decides, all := 0, 0, 0
	for _, it := range s.activeItems(body) {
		all++
		if book.authorises(window, KindAccept, body, it.Code, day) {
			accepts++
		}
		if book.authorises(window, KindDecide, body, it.Code, day) {
			decides++
		}
	}
	key := "centre.authority.some"
	switch {
	case accepts == 0 && decides == 0:
		key = "centre.authority.none"
	case accepts == all && decides == all:
		key = "centre.authority.full"
	case accepts == all && decides == 0:
		key = "centre.authority.accept"
	}
	return l.T(key, web.Args{"Accepts": accepts, "Decides": decides, "All": all})
}

// queueColumns are the columns of the table of queues.
func queueColumns(l *web.Localizer) []ui.Column {
	return []ui.Column{{Text: l.T("centre.line")}, {Text: l.T("centre.waiting"), Numeric: true}, {Text: l.T("centre.wait")}, {Text: l.T("centre.free-today"), Numeric: true}}
}

// getPublicMeasures shows how far the three in-place rules are kept, centre by centre.
func (s *Service) getPublicMeasures(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, publicMeasuresPage(v, s.summaries(v.L), s.measures))
}

// summary adds up the measures of a centre.
type summary struct {
	centre *registry.Centre
	bodies int
	cells  []ui.Cell
}

func (s *Service) summaries(l *web.Localizer) []summary {
	var out []summary
	for _, c := range s.Registry.Now().AllCentres() {
		list := s.MeasuresOf(c)
		if len(list) == 0 {
			continue
		}
		x := summary{centre: c, bodies: len(list)}
		for i := range s.measures {
			sum := Share{Measure: &s.measures[i]}
			for j := range list {
				if one := list[j].Share(s.measures[i].Key); one != nil {
					sum.Kept += one.Kept
					sum.Facts = append(sum.Facts, one.Facts...)
				}
			}
			x.cells = append(x.cells, ui.Cell{Content: shareCell(l, &sum, "")})
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b summary) int { return compareDivision(a.centre.Division, b.centre.Division) })
	return out
}

func compareDivision(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
