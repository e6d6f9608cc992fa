package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// front is what the home page and the sites of divisions have in common.
type front struct {
	place    *registry.Division // nil only on a node without places
	below    []*registry.Division
	offer    Offer
	figures  figures
	counted  bool
	findKeep map[string]string
}

// query is the address of the services of a life event or a topic, or of all for "", within the place.
func (f front) query(kind, key string) string {
	q := url.Values{}
	for name, value := range f.findKeep {
		q.Set(name, value)
	}
	if kind != "" {
		q.Set(kind, key)
	}
	if len(q) == 0 {
		return "/hall/find"
	}
	return "/hall/find?" + q.Encode()
}

func (s *Service) getHome(w http.ResponseWriter, r *http.Request) error {
	v, places := web.ViewOf(r), s.Registry.Now()
	f := front{place: places.Division(s.Top), below: places.Children(s.Top), offer: s.Services.Offer("")}
	f.figures, f.counted = s.figuresOf(r.Context(), s.Top)
	return web.RenderTagged(w, r, homePage(v, f))
}

// getPlaces finds places by words. Names of places are nothing personal: the words may stand in the address.
func (s *Service) getPlaces(w http.ResponseWriter, r *http.Request) error {
	const most = 50
	v, places := web.ViewOf(r), s.Registry.Now()
	words := strings.TrimSpace(r.URL.Query().Get("q"))
	p := placesView{words: words, name: func(d *registry.Division) string { return fullName(v.L, places, d) }}
	if words == "" {
		p.found = append([]*registry.Division{}, places.Children("")...)
		p.found = append(p.found, places.Children(s.Top)...)
	} else {
		p.found = places.Find(words, most)
		p.cut = len(p.found) == most
	}
	return web.RenderTagged(w, r, placesPage(v, p))
}

type placesView struct {
	words string
	found []*registry.Division
	cut   bool // there are more
	name  func(*registry.Division) string
}

// fullName names a division with all above it but the province: 合肥市长丰县水湖镇.
func fullName(l *web.Localizer, places *registry.Snapshot, d *registry.Division) string {
	path := places.Path(d.Code)
	if len(path) > 1 {
		path = path[1:]
	}
	names := make([]string, len(path))
	for i, p := range path {
		names[i] = l.Text(p.Name)
	}
	return strings.Join(names, " ")
}

// siteView is what the site of a division shows.
type siteView struct {
	front
	bodies  []bodyRow
	centres []*registry.Centre
	nearest *registry.Division // the division above that has bodies, where this one has none
	body    func(key string) *registry.Body
}

type bodyRow struct {
	*registry.Body
	items int
}

func (s *Service) getSite(w http.ResponseWriter, r *http.Request) error {
	places := s.Registry.Now()
	d := find(places, r.PathValue("area"))
	if d == nil {
		return web.NotFound("portal.error.place")
	}
	if areaOf(d) != r.PathValue("area") {
		http.Redirect(w, r, siteOf(d), http.StatusMovedPermanently) //nolint:gosec // the code comes from the registry, not from the address
		return nil
	}
	p := siteView{
		front: front{place: d, below: places.Children(d.Code), offer: s.Services.Offer(d.Code), findKeep: map[string]string{"area": d.Code}},
		body:  places.Body,
	}
	p.figures, p.counted = s.figuresOf(r.Context(), d.Code)
	p.centres = places.Centres(d.Code)
	for _, b := range places.Bodies(d.Code) {
		p.bodies = append(p.bodies, bodyRow{b, len(s.Services.OfBody(b.Key))})
	}
	path := places.Path(d.Code)
	for i := len(path) - 2; i >= 0 && len(p.bodies) == 0 && p.nearest == nil; i-- {
		if len(places.Bodies(path[i].Code)) > 0 {
			p.nearest = path[i]
		}
	}
	return web.RenderTagged(w, r, sitePage(web.ViewOf(r), p))
}

// bodyView is what the page of a body shows.
type bodyView struct {
	*registry.Body
	place  *registry.Division
	centre *registry.Centre // nil where it is not stationed at one
	items  []Item
}

func (s *Service) getBody(w http.ResponseWriter, r *http.Request) error {
	places := s.Registry.Now()
	b := places.Body(r.PathValue("key"))
	if b == nil {
		return web.NotFound("portal.error.body")
	}
	home := places.Division(b.Division)
	if home == nil {
		return web.NotFound("portal.error.body")
	}
	if areaOf(home) != r.PathValue("area") {
		http.Redirect(w, r, bodyHref(home, b), http.StatusMovedPermanently) //nolint:gosec // code and key come from the registry
		return nil
	}
	return web.RenderTagged(w, r, bodyPage(web.ViewOf(r), bodyView{Body: b, place: home, centre: places.Centre(b.Centre), items: s.Services.OfBody(b.Key)}))
}

func bodyHref(d *registry.Division, b *registry.Body) string {
	return siteOf(d) + "/bodies/" + url.PathEscape(b.Key)
}

// tiles are the key figures. Each opens what it counts, or says what can be done about it.
func (f front) tiles(l *web.Localizer) []ui.StatProps {
	tiles := []ui.StatProps{{Label: l.T("portal.figure.services"), Value: l.Number(int64(f.offer.Total)), Href: f.query("", "")}}
	if !f.counted {
		return tiles
	}
	late := ui.TagGood
	if f.figures.Late > 0 {
		late = ui.TagBad
	}
	return append(tiles,
		ui.StatProps{Label: l.T("portal.figure.open"), Value: l.Number(f.figures.Open), Href: "/track",
			Note: l.T("portal.figure.today", web.Args{"Count": f.figures.Received})},
		ui.StatProps{Label: l.T("portal.figure.ended"), Value: l.Number(f.figures.Ended), Href: "/hall/decisions"},
		ui.StatProps{Label: l.T("portal.figure.late"), Value: l.Number(f.figures.Late), Href: "/help#part-5", Kind: late,
			Note: l.T("portal.figure.late-note")})
}

// columns deals a list out into n columns, read from top to bottom.
func columns[T any](all []T, n int) [][]T {
	var out [][]T
	for per := (len(all) + n - 1) / n; len(all) > 0; {
		k := min(per, len(all))
		out = append(out, all[:k])
		all = all[k:]
	}
	return out
}

func withCount(name string, n int) string { return name + " (" + strconv.Itoa(n) + ")" }

// telephone is a number as an address that phones can call.
func telephone(number string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}
