package disclosure

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/registry"
)

// maxWords is how long the words of a search may be, in characters.
const maxWords = 100

// queryOf reads a search from an address. What it does not understand is left out, so that an old or mistyped address still shows
// something. Inforce is "yes" for what is in force today, or a day.
func (s *Service) queryOf(v url.Values) search.Query {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	q := search.Query{Words: head(get("q"), maxWords), Number: head(get("number"), maxWords), After: get("after")}
	places := s.Registry.Now()
	if d := findDivision(places, get("area")); d != nil {
		q.Division = d.Code
		q.Exactly = get("exactly") == "yes"
	}
	if n, err := strconv.Atoi(get("level")); err == nil && n >= 1 && n <= 5 {
		q.Level = n
	}
	if b := places.Body(get("body")); b != nil {
		q.Body = b.Key
	}
	if c := s.Records.Category(get("category")); c != nil {
		q.Category = c.Key
	}
	const first, last = 1949, 9999
	if n, err := strconv.Atoi(get("year")); err == nil && n >= first && n <= last {
		q.Year = n
	}
	switch day := get("inforce"); day {
	case "":
	case "yes":
		q.InForce = s.today()
	default:
		if d, err := calendar.Parse(day); err == nil {
			q.InForce = d
		}
	}
	if get("order") == string(search.Best) {
		q.Order = search.Best
	}
	return q
}

// values writes a search into an address, without the place in its pages.
func (s *Service) values(q search.Query) url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Words)
	set("number", q.Number)
	if d := s.Registry.Now().Division(q.Division); d != nil && q.Division != "" {
		set("area", areaOf(d))
		if q.Exactly {
			set("exactly", "yes")
		}
	}
	if q.Level != 0 {
		set("level", strconv.Itoa(q.Level))
	}
	set("body", q.Body)
	set("category", q.Category)
	if q.Year != 0 {
		set("year", strconv.Itoa(q.Year))
	}
	switch q.InForce {
	case 0:
	case s.today():
		set("inforce", "yes")
	default:
		set("inforce", q.InForce.String())
	}
	set("order", string(q.Order))
	return v
}

// href is the address of a page with a search in it.
func (s *Service) href(path string, q search.Query) string {
	if v := s.values(q); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

// filterOf is the same choice of records for the lists of package publication, and whether it is all of the search.
func filterOf(q search.Query) (f publication.Filter, whole bool) {
	f = publication.Filter{Division: q.Division, Below: !q.Exactly, Body: q.Body, Category: q.Category, Year: q.Year, InForce: q.InForce}
	return f, q.Words == "" && q.Level == 0 && q.Number == ""
}

// head cuts a text to a number of characters.
func head(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// levels are those of divisions, from the province down.
func levels() []registry.Level {
	return []registry.Level{registry.Province, registry.City, registry.County, registry.Township, registry.Village}
}
