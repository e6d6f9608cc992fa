package disclosure

import (
	"net/http"
	"net/url"
	"strconv"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
)

// columnView is the uniform column (政府信息公开专栏, 国办公开办函〔2019〕61号) of the node, a division or a body.
type columnView struct {
	place   *registry.Division
	body    *registry.Body // nil: of the division
	parts   []columnPart
	items   []columnItem // of the statutory content
	latest  []line
	policy  []line
	bodies  []*registry.Body
	below   []*registry.Division
	total   int
	query   string // of the feeds and downloads
	apply   string
	owed    publication.DutyCount // duties of all kinds together
	duties  string                // address of their list
	nearest *registry.Division    // the division above that has bodies, where this one has none
}

// columnPart is one of the five parts.
type columnPart struct {
	key, title string
	count      int
	href       string // of its list, or where requests are made
	newest     []line // of guide, system and annual reports
}

// columnItem is a category of the statutory content.
type columnItem struct {
	title, href, article string
	count                int
	below                []columnItem
}

func (s *Service) getOpen(w http.ResponseWriter, r *http.Request) error {
	d := s.Registry.Now().Division(s.Top)
	if d == nil {
		return web.NotFound("disclosure.error.place")
	}
	return s.showColumn(w, r, d, nil)
}

func (s *Service) getDivision(w http.ResponseWriter, r *http.Request) error {
	d := findDivision(s.Registry.Now(), r.PathValue("area"))
	switch {
	case d == nil:
		return web.NotFound("disclosure.error.place")
	case areaOf(d) != r.PathValue("area"):
		return web.SeeOther(w, r, "/d/"+areaOf(d)+"/open")
	}
	return s.showColumn(w, r, d, nil)
}

func (s *Service) getBody(w http.ResponseWriter, r *http.Request) error {
	places := s.Registry.Now()
	b := places.Body(r.PathValue("body"))
	if b == nil {
		return web.NotFound("disclosure.error.body")
	}
	d := places.Division(b.Division)
	if d == nil {
		return web.NotFound("disclosure.error.place")
	}
	return s.showColumn(w, r, d, b)
}

// How many records a column shows of each list.
const (
	latestShown  = 10
	policyShown  = 6
	partShown    = 5
	belowInTable = 200
)

func (s *Service) showColumn(w http.ResponseWriter, r *http.Request, d *registry.Division, b *registry.Body) error {
	v, ctx := web.ViewOf(r), r.Context()
	places := s.Registry.Now()
	p := columnView{place: d, body: b, apply: "/open/apply"}
	chosen := search.Query{Division: d.Code}
	filter := publication.Filter{Division: d.Code, Below: true, Limit: latestShown}
	counted := publication.CountFilter{Division: d.Code, Below: true}
	if d.Code == s.Top {
		chosen.Division = ""
	} else {
		p.apply += "?" + url.Values{"area": {areaOf(d)}}.Encode()
	}
	if b != nil {
		chosen = search.Query{Body: b.Key}
		filter = publication.Filter{Body: b.Key, Limit: latestShown}
		counted = publication.CountFilter{Body: b.Key}
		p.apply = "/open/apply?" + url.Values{"body": {b.Key}}.Encode()
	} else {
		p.bodies, p.below = places.Bodies(d.Code), places.Children(d.Code)
		if len(p.below) > belowInTable {
			p.below = p.below[:belowInTable]
		}
		path := places.Path(d.Code)
		for i := len(path) - 2; i >= 0 && len(p.bodies) == 0 && p.nearest == nil; i-- {
			if len(places.Bodies(path[i].Code)) > 0 {
				p.nearest = path[i]
			}
		}
	}
	p.query = s.values(chosen).Encode()
	counts, err := s.Records.Counts(ctx, counted)
	if err != nil {
		return err
	}
	owed, err := s.Records.DutyCounts(ctx, d.Code, true, filter.Body)
	if err != nil {
		return err
	}
	for _, c := range owed {
		p.owed.Owed, p.owed.Late = p.owed.Owed+c.Owed, p.owed.Late+c.Late
	}
	p.duties = "/open/duties?" + url.Values{"area": {areaOf(d)}}.Encode()
	if b != nil {
		p.duties = "/open/duties?" + url.Values{"body": {b.Key}}.Encode()
	}
	byItem := map[string]int{}
	for _, c := range counts {
		byItem[c.Item] += c.N
		p.total += c.N
	}
	today := s.today()
	list := func(category string, n int) ([]line, error) {
		f := filter
		f.Category, f.Limit = category, n
		entries, err := s.Records.List(ctx, f)
		return s.linesOf(v.L, entries, today), err
	}
	if p.latest, err = list("", latestShown); err != nil {
		return err
	}
	if p.policy, err = list("statutory.1.normative", policyShown); err != nil {
		return err
	}
	division, body := d.Code, ""
	if b != nil {
		body = b.Key
	}
	for _, root := range s.Records.Categories("", division, body) {
		x := chosen
		x.Category = root.Key
		part := columnPart{key: root.Key, title: v.L.Text(root.Title), count: byItem[root.Key], href: s.href("/open/search", x)}
		for _, c := range s.Records.Categories(root.Key, division, body) {
			part.count += byItem[c.Key]
			if root.Key == publication.ColumnStatutory {
				p.items = append(p.items, s.columnItem(v.L, chosen, c, byItem[c.Key], division, body))
			}
		}
		if root.Key != publication.ColumnStatutory && root.Key != publication.ColumnRequest {
			if part.newest, err = list(root.Key, partShown); err != nil {
				return err
			}
		}
		p.parts = append(p.parts, part)
	}
	return web.RenderTagged(w, r, columnPage(v, p, s))
}

// columnItem shows a category with those below it.
func (s *Service) columnItem(l *web.Localizer, chosen search.Query, c *publication.Category, n int, division, body string) columnItem {
	chosen.Category = c.Key
	it := columnItem{title: l.Text(c.Title), href: s.href("/open/search", chosen), article: c.Article, count: n}
	for _, sub := range s.Records.Categories(c.Key, division, body) {
		x := chosen
		x.Category = sub.Key
		it.below = append(it.below, columnItem{title: l.Text(sub.Title), href: s.href("/open/search", x)})
	}
	return it
}

// name is what the column calls its owner.
func (p columnView) name(l *web.Localizer) string {
	if p.body != nil {
		return l.Text(p.body.Name)
	}
	return l.Text(p.place.Name)
}

// withCount puts a number behind a name.
func withCount(l *web.Localizer, name string, n int) string {
	if n == 0 {
		return name
	}
	return name + " (" + l.Number(int64(n)) + ")"
}

// partID is the anchor of a part.
func partID(key string) string { return "part-" + key }

func number(n int) string { return strconv.Itoa(n) }
