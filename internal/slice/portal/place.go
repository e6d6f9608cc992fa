package portal

import (
	"net/http"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
)

// areaOf is the area code as addresses of sites write it: six digits down to counties, twelve below.
func areaOf(d *registry.Division) string {
	if d.Level <= registry.County {
		return d.Code[:6]
	}
	return d.Code
}

// siteOf is the address of the site of a division.
func siteOf(d *registry.Division) string { return "/d/" + areaOf(d) }

// find returns the division of an area code in any of its spellings (34, 3401, 340100, 340100000000), or nil.
func find(places *registry.Snapshot, area string) *registry.Division {
	a, err := identifier.ParseArea(area)
	if err != nil {
		return nil
	}
	return places.Division(a.Code)
}

// Places returns what tells the frame of a page on which division's site it stands: those whose address has an {area}.
func Places(r *registry.Registry) web.Places { return sites{r} }

type sites struct{ registry *registry.Registry }

// PlaceOf returns the division of the request, or the zero Division.
func (s sites) PlaceOf(r *http.Request) (web.Division, error) {
	area := r.PathValue("area")
	if area == "" || !strings.HasPrefix(r.URL.Path, "/d/") {
		return web.Division{}, nil
	}
	places := s.registry.Now()
	d := find(places, area)
	if d == nil {
		return web.Division{}, nil
	}
	path := places.Path(d.Code)
	site := web.Division{Code: areaOf(d), Name: d.Name}
	for _, above := range path[:len(path)-1] {
		site.Above = append(site.Above, web.DivisionLink{Name: above.Name, Href: siteOf(above)})
	}
	return site, nil
}
