package disclosure

import (
	"net/url"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/registry"
)

// recordPath is the permanent address of a record: an index number is two segments of a path.
func recordPath(index string) string {
	code, serial, _ := strings.Cut(index, "/")
	return "/open/r/" + url.PathEscape(code) + "/" + url.PathEscape(serial)
}

// bodyPath is the address of the column of a body.
func bodyPath(key string) string { return "/open/b/" + url.PathEscape(key) }

// areaOf is the area code as addresses of sites write it: six digits down to counties, twelve below.
func areaOf(d *registry.Division) string {
	if d.Level <= registry.County {
		return d.Code[:6]
	}
	return d.Code
}

// columnPath is the address of the column of a division.
func (s *Service) columnPath(d *registry.Division) string {
	if d.Code == s.Top {
		return "/open"
	}
	return "/d/" + areaOf(d) + "/open"
}

// findDivision returns the division of an area code in any of its spellings, or nil.
func findDivision(places *registry.Snapshot, area string) *registry.Division {
	a, err := identifier.ParseArea(area)
	if err != nil {
		return nil
	}
	return places.Division(a.Code)
}
