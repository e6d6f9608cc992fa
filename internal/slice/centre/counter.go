package centre

import (
	"errors"
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// counterView is a clerk's window: who is there, and who waits.
type counterView struct {
	centre  *registry.Centre
	window  string // key
	name    string
	now     *Ticket
	person  string // of who is there: masked until they are being served
	lines   []ui.Option
	items   []ui.Option
	queues  []QueueState
	waiting [][]ui.Cell
	version int64
	problem string
}

// getCounters leads to the window at which one sits, or lets choose.
func (s *Service) getCounters(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	n := s.names(v.L)
	var links []ui.Link
	for _, key := range s.WindowsOf(who.Post.ID) {
		links = append(links, ui.Link{Href: "/desk/counter/" + key, Text: n.window(key)})
	}
	if len(links) == 1 {
		return web.SeeOther(w, r, links[0].Href)
	}
	return web.Render(w, r, http.StatusOK, countersPage(v, links))
}

func (s *Service) getCounter(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	p, err := s.counterView(who, r)
	if err != nil {
		return page(err)
	}
	return web.Render(w, r, http.StatusOK, counterPage(web.ViewOf(r), p))
}

func (s *Service) counterView(who identity.Principal, r *http.Request) (*counterView, error) {
	ctx, v, window := r.Context(), web.ViewOf(r), r.PathValue("window")
	c, err := s.mayServe(who, window)
	if err != nil {
		return nil, err
	}
	n := s.names(v.L)
	p := &counterView{centre: c, window: window, name: n.window(window)}
	plan, ok := s.Book().Plan(c.Key, s.today())
	if !ok {
		return nil, web.NotFound("centre.no-plan")
	}
	mine := plan.LinesOf(window)
	if p.version, err = s.live(ctx, c.Key); err != nil {
		return nil, err
	}
	if p.now, err = s.AtWindow(ctx, window); err != nil {
		return nil, err
	}
	if p.queues, err = s.Queues(ctx, c.Key); err != nil {
		return nil, err
	}
	waiting, err := s.WaitingFor(ctx, c.Key, mine)
	if err != nil {
		return nil, err
	}
	for _, t := range waiting {
		p.waiting = append(p.waiting, []ui.Cell{{Text: t.Number}, {Text: v.L.T("centre.class." + string(t.Class))}, {Text: line(v.L, plan.Line(t.Line))}, {Text: v.L.Time(t.Issued)}})
	}
	if p.now != nil {
		p.person = p.now.Name
		if p.now.State != Serving { // who is called is called by number; a name is needed when they are there
			p.person = maskName(p.now.Name)
		}
		if l := plan.Line(p.now.Line); l != nil {
			p.items = s.itemOptions(v.L, l)
		}
		for i := range plan.Lines {
			if l := &plan.Lines[i]; l.Key != p.now.Line {
				p.lines = append(p.lines, ui.Option{Value: l.Key, Text: l.Letter + " " + v.L.Text(l.Name)})
			}
		}
	}
	return p, nil
}

func (s *Service) postCounter(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := parse(r)
	if err != nil {
		return err
	}
	window := r.PathValue("window")
	err = s.serve(r, who, window, f)
	var refused *Refusal
	if errors.As(err, &refused) {
		p, err := s.counterView(who, r)
		if err != nil {
			return page(err)
		}
		p.problem = show(v.L, refused)
		return web.Render(w, r, http.StatusConflict, counterPage(v, p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/desk/counter/"+window)
}

// serve carries out what a button of the counter asks for.
func (s *Service) serve(r *http.Request, who identity.Principal, window string, f *form.Form) error {
	ctx, act := r.Context(), f.Value("act")
	if act == "next" {
		t, err := s.CallNext(ctx, who, window)
		if err == nil && t == nil {
			return refuse("nobody", "")
		}
		return err
	}
	id, err := store.ParseID(f.Value("ticket"))
	if err != nil {
		return refuse("ticket-moved", "")
	}
	switch act {
	case "recall":
		return s.Recall(ctx, who, window, id)
	case "begin":
		return s.Begin(ctx, who, window, id)
	case "end":
		return s.End(ctx, who, window, id, f.Value("item"))
	case "skip":
		return s.Skip(ctx, who, window, id)
	case "transfer":
		return s.Transfer(ctx, who, window, id, f.Value("line"))
	default:
		return refuse("no-act", "")
	}
}
