package feed

import (
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"time"
)

// SitemapType is the media type of a sitemap.
const SitemapType = "application/xml; charset=utf-8"

// MaxURLs is how many addresses one sitemap may hold (sitemaps.org, protocol 0.9).
const MaxURLs = 50_000

// Page is an address of a sitemap.
type Page struct {
	URL      string
	Modified time.Time // zero: unknown
}

const sitemapNamespace = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`

// Sitemap writes a sitemap of at most [MaxURLs] pages.
func Sitemap(out io.Writer, pages iter.Seq2[Page, error]) error {
	w := newWriter(out)
	w.text(xml.Header + "<urlset " + sitemapNamespace + ">\n")
	n := 0
	for p, err := range pages {
		if err != nil {
			return err
		}
		if n++; n > MaxURLs {
			return fmt.Errorf("a sitemap holds %d addresses at most: cut it into parts", MaxURLs)
		}
		w.page("url", p)
	}
	w.text("</urlset>\n")
	return w.end()
}

// SitemapIndex writes the list of the sitemaps of a site.
func SitemapIndex(out io.Writer, parts []Page) error {
	w := newWriter(out)
	w.text(xml.Header + "<sitemapindex " + sitemapNamespace + ">\n")
	for _, p := range parts {
		w.page("sitemap", p)
	}
	w.text("</sitemapindex>\n")
	return w.end()
}

func (w *writer) page(name string, p Page) {
	w.text("<" + name + "><loc>")
	w.escaped(p.URL)
	w.text("</loc>")
	if !p.Modified.IsZero() {
		w.text("<lastmod>" + instant(p.Modified) + "</lastmod>")
	}
	w.text("</" + name + ">\n")
}
