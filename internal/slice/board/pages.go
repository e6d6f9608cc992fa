package board

import (
	"net/http"
	"net/url"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Mount adds the pages of the board. At the door it is asked whether somebody supervises at all; each page asks for its scope.
func (s *Service) Mount(shell *web.Shell) {
	page := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "board." + name, Action: identity.ActionBoard}, h)
	}
	page("GET /board", "home", s.getBoard)
	page("GET /board/{division}", "division", s.getBoard)
	page("GET /board/{division}/live", "live", s.getLive)
	page("GET /board/{division}/cases", "cases", s.getCases)
	page("GET /board/{division}/cases.csv", "cases-csv", s.getCasesCSV)
	page("GET /board/{division}/cards", "cards", s.getCards)
	page("GET /board/{division}/time", "time", s.getTime)
	page("GET /board/{division}/ratings", "ratings", s.getRatings)
	page("GET /board/{division}/case/{number}", "case", s.getCase)
}

// periods are the times that a board can be asked for, in days up to today.
var periods = []struct {
	key  string
	days int
}{{"today", 1}, {"week", 7}, {"month", 30}, {"year", 365}}

// frame is what every page of the board knows: what is looked at, for which days, and how addresses carry that on.
type frame struct {
	Scope
	Name   string // of the division, the body, the centre or the window
	Period string // empty: the days from From to To
	From   calendar.Date
	To     calendar.Date
	Crumbs []ui.Link
	main   string // the kind of cases that the board is about
}

// href is the address of a page of the same scope. pairs are names and values of query parameters, which replace those of the scope;
// empty values are left out.
func (f *frame) href(page string, pairs ...string) string {
	base := []string{"body", f.bodyKey(), "centre", f.centreKey(), "window", f.Window, "item", f.Item}
	if f.Kind != f.main {
		base = append(base, "kind", f.Kind)
	}
	return boardHref(f.Division.Code, page, append(append(base, f.days()...), pairs...)...)
}

// days are the query parameters that carry the time asked for.
func (f *frame) days() []string {
	if f.Period == "" {
		return []string{"from", f.From.String(), "to", f.To.String()}
	}
	return []string{"period", f.Period}
}

// boardHref is the address of a page of a division. Of a parameter named twice the last counts. A board has hundreds of them, so they
// are put together without a map.
func boardHref(division, page string, pairs ...string) string {
	var b strings.Builder
	b.Grow(128)
	b.WriteString("/board/")
	b.WriteString(division)
	if page != "" {
		b.WriteByte('/')
		b.WriteString(page)
	}
	sign := byte('?')
	for name := firstName(pairs, ""); name != ""; name = firstName(pairs, name) {
		value := lastValue(pairs, name)
		if value == "" {
			continue
		}
		b.WriteByte(sign)
		b.WriteString(url.QueryEscape(name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(value))
		sign = '&'
	}
	return b.String()
}

// firstName is the first of the names in the order of the alphabet that comes after another.
func firstName(pairs []string, after string) (first string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if name := pairs[i]; name > after && (first == "" || name < first) {
			first = name
		}
	}
	return first
}

func lastValue(pairs []string, name string) (value string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			value = pairs[i+1]
		}
	}
	return value
}

func (s *Service) frame(r *http.Request) (*frame, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	v := web.ViewOf(r)
	f := &frame{main: s.Kind}
	if f.Scope, err = s.look(r, actor); err != nil {
		return nil, actor, err
	}
	f.time(r.URL.Query(), calendar.Of(v.Now))
	f.Name = s.scopeName(v, f.Scope)
	f.Crumbs = s.crumbs(v, f, actor)
	return f, actor, nil
}

// time reads the days asked for: a period up to today, or a first and a last day. What cannot be read is today.
func (f *frame) time(q url.Values, today calendar.Date) {
	from, err1 := calendar.Parse(q.Get("from"))
	to, err2 := calendar.Parse(q.Get("to"))
	if err1 == nil && err2 == nil && from <= to {
		f.From, f.To = from, to
		return
	}
	f.Period, f.From, f.To = periods[0].key, today, today
	for _, p := range periods {
		if p.key == q.Get("period") {
			f.Period, f.From = p.key, today.Add(1-p.days)
		}
	}
}

// crumbs lead from the division at the top that the reader may see down to what lies above the scope.
func (s *Service) crumbs(v *web.View, f *frame, actor identity.Principal) (links []ui.Link) {
	whole := f.Body == nil && !f.atWindow()
	for _, d := range s.Registry.Now().Path(f.Division.Code) {
		if d == f.Division && whole {
			break
		}
		if s.allow(actor, Scope{Division: d}, "") == nil {
			links = append(links, ui.Link{Href: boardHref(d.Code, "", f.days()...), Text: v.L.Text(d.Name)})
		}
	}
	if f.atWindow() && f.Body != nil {
		links = append(links, ui.Link{Href: boardHref(f.Division.Code, "", append([]string{"body", f.Body.Key}, f.days()...)...), Text: v.L.Text(f.Body.Name)})
	} else if f.Centre != nil && f.Window != "" {
		links = append(links, ui.Link{Href: boardHref(f.Division.Code, "", append([]string{"centre", f.Centre.Key}, f.days()...)...), Text: v.L.Text(f.Centre.Name)})
	}
	return links
}

func (s *Service) scopeName(v *web.View, f Scope) string {
	switch {
	case f.Window != "":
		return s.windowName(v, f.Window)
	case f.Centre != nil:
		return v.L.Text(f.Centre.Name)
	case f.Body != nil:
		return v.L.Text(f.Body.Name)
	default:
		return v.L.Text(f.Division.Name)
	}
}

func (s *Service) bodyName(v *web.View, key string) string {
	if b := s.Registry.Now().Body(key); b != nil {
		return v.L.Text(b.Name)
	}
	return key
}

func (s *Service) windowName(v *web.View, key string) string {
	places := s.Registry.Now()
	if post, alone := strings.CutPrefix(key, aloneAt); alone {
		if p := places.Post(post); p != nil {
			return v.L.Text(p.Title)
		}
		return post
	}
	if w := places.Window(key); w != nil {
		return windowTitle(v.L, w)
	}
	return key
}

func windowTitle(l *web.Localizer, w *registry.Window) string {
	if w.Number == "" {
		return l.Text(w.Name)
	}
	return w.Number + " " + l.Text(w.Name)
}

// postName is what the window is called at which a post sits.
func (s *Service) postName(v *web.View, post string) string {
	if post == "" {
		return ""
	}
	return s.windowName(v, s.windowOf(post))
}

// caseHref is the address of the page of a case. A head, who sees the own body alone, needs that said.
func (f *frame) caseHref(number string) string {
	return boardHref(f.Division.Code, "case/"+url.PathEscape(number), append([]string{"body", f.bodyKey()}, f.days()...)...)
}
