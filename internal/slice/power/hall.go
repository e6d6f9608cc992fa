package power

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// queryOf reads a search from the address of a page. What is malformed is left out: a search never fails.
func queryOf(values url.Values, reg *registry.Snapshot) Query {
	q := Query{
		Words: values.Get("q"), Body: values.Get("body"), Topic: values.Get("topic"), Event: values.Get("event"),
		Audience: Audience(values.Get("who")), Type: Type(values.Get("type")), After: values.Get("after"),
	}
	area := values.Get("area")
	if len(area) == 6 {
		area += "000000"
	}
	if reg.Division(area) != nil {
		q.Area = area
	}
	return q
}

// values is the inverse of queryOf. The cursor belongs to one page and is left out.
func (q Query) values() url.Values {
	v := url.Values{}
	for key, value := range map[string]string{
		"q": q.Words, "area": q.Area, "body": q.Body, "topic": q.Topic, "event": q.Event, "who": string(q.Audience), "type": string(q.Type),
	} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return v
}

// href is the address of the same search with one condition changed; an empty value drops it.
func (q Query) href(key, value string) string {
	v := q.values()
	v.Set(key, value)
	if value == "" {
		v.Del(key)
	}
	return "/hall/find?" + v.Encode()
}

// hallView is what the front page of the hall shows.
type hallView struct {
	topics, events []Facet
	serves         []Facet
	areas          []*registry.Division
	total          int
}

func (s *Service) hallView() hallView {
	all := s.Find(Query{Limit: 1})
	return hallView{topics: all.Topics, events: all.Events, serves: all.Serves, total: all.Total, areas: s.areas()}
}

// areas are the divisions in which some body exercises an item, in the order of their codes.
func (s *Service) areas() []*registry.Division {
	reg := s.deps.Registry.Now()
	var areas []*registry.Division
	for key := range s.shelf.Load().byBody {
		if b := reg.Body(key); b != nil {
			if d := reg.Division(b.Division); d != nil && !slices.Contains(areas, d) {
				areas = append(areas, d)
			}
		}
	}
	slices.SortFunc(areas, func(a, b *registry.Division) int { return cmp.Compare(a.Code, b.Code) })
	return areas
}

// findView is what a page of results shows.
type findView struct {
	q      Query
	found  Found
	reg    *registry.Snapshot
	on     calendar.Date
	areas  []ui.Option
	topics []Label
}

func (s *Service) findView(l *web.Localizer, q Query) findView {
	v := findView{q: q, found: s.Find(q), reg: s.deps.Registry.Now(), on: s.today(), topics: s.Topics()}
	v.areas = []ui.Option{{Value: "", Text: l.T("power.find.everywhere")}}
	listed := q.Area == ""
	for _, d := range s.areas() {
		v.areas = append(v.areas, ui.Option{Value: d.Code, Text: l.Text(d.Name)})
		listed = listed || d.Code == q.Area
	}
	if !listed {
		v.areas = append(v.areas, ui.Option{Value: q.Area, Text: l.Text(v.reg.Division(q.Area).Name)})
	}
	return v
}

// href leads from a hit to the guide, or to the choice of a body.
func (h Hit) href() string {
	if h.Offer != nil {
		return "/hall/items/" + h.Offer.Code
	}
	return "/hall/items/" + h.Item.Key
}

// card shows a hit.
func (v findView) card(l *web.Localizer, h Hit) ui.CardProps {
	p := ui.CardProps{Link: ui.Link{Href: h.href(), Text: l.Text(h.Item.Name)}, Text: l.Text(h.Item.Summary)}
	switch {
	case h.Offer != nil && v.reg.Body(h.Offer.Body) != nil:
		p.Meta = l.Text(v.reg.Body(h.Offer.Body).Name) + " · "
	case h.Places > 1:
		p.Meta = l.T("power.find.places", web.Args{"Count": h.Places}) + " · "
	}
	p.Meta += l.T("power.find.promised", web.Args{"Length": l.Text(h.Item.Promised.Text())})
	switch {
	case h.Item.ceased(v.on) > 0:
		p.Kind, p.Tag = ui.TagBad, l.T("power.state.cancelled")
	case h.Item.Effective > v.on:
		p.Kind, p.Tag = ui.TagWarn, l.T("power.state.upcoming")
	default:
		p.Kind, p.Tag = ui.TagInfo, l.Text(nameOf(h.Item.Type))
	}
	return p
}

// filter is one group of conditions in the margin of the results.
type filter struct {
	key, title, chosen string
	facets             []Facet
}

func (v findView) filters(l *web.Localizer) []filter {
	return []filter{
		{"topic", l.T("power.find.topic"), v.q.Topic, v.found.Topics},
		{"event", l.T("power.find.event"), v.q.Event, v.found.Events},
		{"who", l.T("power.find.who"), string(v.q.Audience), v.found.Serves},
		{"type", l.T("power.find.type"), string(v.q.Type), v.found.Types},
	}
}

// next is the address of the next page, empty on the last.
func (v findView) next() string {
	if v.found.Next == "" {
		return ""
	}
	return v.q.href("after", v.found.Next)
}

// placeRow is one body of the choice where to apply.
type placeRow struct {
	im       *Implementation
	body     *registry.Body
	division lang.Text
}

// places lists who exercises an item, from above to below.
func (s *Service) places(key string) []placeRow {
	reg := s.deps.Registry.Now()
	var rows []placeRow
	for _, im := range s.Implementations(key) {
		b := reg.Body(im.Body)
		if b == nil {
			continue
		}
		r := placeRow{im: im, body: b}
		if d := reg.Division(b.Division); d != nil {
			r.division = d.Name
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b placeRow) int { return cmp.Compare(a.body.Division, b.body.Division) })
	return rows
}

func withCount(name string, n int) string { return name + " (" + strconv.Itoa(n) + ")" }
