package portal

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/web"
)

// text is a page of words: a title, a lead and numbered parts, each with a heading and a paragraph, under the message keys
// portal.NAME.title, portal.NAME.lead, portal.NAME.N-title and portal.NAME.N-text.
type text struct {
	name  string
	parts int
}

var texts = []text{{"about", 4}, {"help", 6}, {"accessibility", 4}, {"privacy", 6}}

func (t text) key(what string) string { return "portal." + t.name + "." + what }

// part is the key of what belongs to the n-th part, counted from 1.
func (t text) part(n int, what string) string { return t.key(strconv.Itoa(n) + "-" + what) }

func (s *Service) getText(t text) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		return web.RenderTagged(w, r, textPage(web.ViewOf(r), t))
	}
}

// private are the paths that hold nothing for search engines: matters of people, the desk, and lists of results.
var private = []string{"/account", "/admin", "/api/", "/board", "/desk", "/documents/", "/hall/apply/", "/hall/find", "/me", "/register", "/signin", "/track/"}

func (s *Service) getRobots(w http.ResponseWriter, _ *http.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range private {
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("Sitemap: " + s.BaseURL + "/sitemap.xml\nSitemap: " + s.BaseURL + "/open/sitemap.xml\n")
	return plain(w, "text/plain; charset=utf-8", b.String())
}

func plain(w http.ResponseWriter, kind, body string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write([]byte(body)) // the reader has gone; there is nobody to tell
	return nil
}

// maxSitemap is how many addresses one sitemap may hold (sitemaps.org).
const maxSitemap = 50_000

// getSitemap lists what search engines may find: the pages of words, the sites of divisions down to townships, bodies and guides.
func (s *Service) getSitemap(w http.ResponseWriter, _ *http.Request) error {
	paths := []string{"/", "/hall", "/power", "/hall/decisions", "/log", "/d"}
	for _, t := range texts {
		paths = append(paths, "/"+t.name)
	}
	places := s.Registry.Now()
	for _, d := range places.Divisions() {
		bodies := places.Bodies(d.Code)
		if d.Code[9:] == "000" || len(bodies) > 0 {
			paths = append(paths, siteOf(d))
		}
		for _, b := range bodies {
			paths = append(paths, bodyHref(d, b))
			for _, it := range s.Services.OfBody(b.Key) {
				paths = append(paths, "/hall/items/"+it.Code)
			}
		}
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, path := range paths[:min(len(paths), maxSitemap)] {
		b.WriteString("<url><loc>")
		if err := xml.EscapeText(&b, []byte(s.BaseURL+path)); err != nil {
			return fmt.Errorf("sitemap: %w", err)
		}
		b.WriteString("</loc></url>\n")
	}
	b.WriteString("</urlset>\n")
	return plain(w, "application/xml; charset=utf-8", b.String())
}

// getIcon leads browsers that look for the icon in its old place to the one that pages name.
func (s *Service) getIcon(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.Redirect(w, r, s.icon, http.StatusFound)
	return nil
}
