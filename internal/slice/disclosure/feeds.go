package disclosure

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/disclosure/feed"
)

// feedEntries is how many entries a feed has.
const feedEntries = 50

// feedKinds are the forms of feeds by the endings of their addresses.
var feedKinds = []struct {
	name, media string
	write       func(io.Writer, feed.Channel, feed.Entries) error
}{
	{"feed.atom", feed.AtomType, feed.Atom},
	{"feed.json", feed.JSONFeedType, feed.JSONFeed},
}

// getFeed writes the newest records of a search as a feed.
func (s *Service) getFeed(name, media string, write func(io.Writer, feed.Channel, feed.Entries) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		l := web.ViewOf(r).L
		q := s.queryOf(r.URL.Query())
		q.Order, q.Size = search.Newest, feedEntries
		records, next, err := s.newest(r.Context(), q)
		if err != nil {
			return err
		}
		from := q.After
		q.After = ""
		c := s.channel(l, q, "/open/"+name)
		part := func(after string) string {
			if after == "" {
				return ""
			}
			v := s.values(q)
			v.Set("after", after)
			return s.BaseURL + "/open/" + name + "?" + v.Encode()
		}
		c.Part, c.Next = part(from), part(next)
		if len(records) == 0 {
			c.Updated = s.today().Start() // of an empty list nothing is older than today
		}
		for _, rec := range records {
			if rec.UpdatedAt.After(c.Updated) {
				c.Updated = rec.UpdatedAt
			}
		}
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Cache-Control", "public, max-age=300")
		h.Add("Vary", "Cookie, Accept-Language") // the words around the records are in the language of the reader
		h.Set("Last-Modified", c.Updated.UTC().Format(http.TimeFormat))
		if since, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !c.Updated.Truncate(time.Second).After(since) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		return write(w, c, func(yield func(feed.Entry, error) bool) {
			for _, rec := range records {
				if !yield(s.feedEntry(l.Tag(), rec, false), nil) {
					return
				}
			}
		})
	}
}

// newest returns the newest records of a search, and where the next ones begin.
func (s *Service) newest(ctx context.Context, q search.Query) (records []*publication.Record, next string, err error) {
	page, err := s.Index.Find(ctx, q)
	if errors.Is(err, search.ErrCursor) {
		return nil, "", web.BadRequest("disclosure.error.page", err)
	}
	if err != nil {
		return nil, "", err
	}
	for _, h := range page.Hits {
		r, err := s.Records.Get(ctx, h.ID)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && r.Tombstone != nil: // withdrawn meanwhile
		case err != nil:
			return nil, "", err
		default:
			records = append(records, r)
		}
	}
	return records, page.Next, nil
}

// channel describes the list of a search to programs.
func (s *Service) channel(l *web.Localizer, q search.Query, path string) feed.Channel {
	publisher, at := l.Text(s.Site()), s.BaseURL+"/open"
	if q.Body != "" {
		publisher, at = l.Text(s.bodyName(q.Body)), s.BaseURL+bodyPath(q.Body)
	}
	return feed.Channel{
		Title: l.T("disclosure.feed.title", web.Args{"What": s.describe(l, q)}), Subtitle: l.T("disclosure.feed.text", web.Args{"Name": l.Text(s.Site())}),
		Home: s.BaseURL + s.href("/open/search", q), Self: s.BaseURL + s.href(path, q), Publisher: publisher, PublisherURL: at, Language: string(l.Tag()),
	}
}

// feedEntry is a record for programs.
func (s *Service) feedEntry(tag lang.Tag, r *publication.Record, whole bool) feed.Entry {
	e := feed.Entry{
		URL: s.BaseURL + recordPath(r.Index), Index: r.Index, Title: r.Title, Summary: r.Summary, Body: s.bodyName(r.Body).In(tag), BodyURL: s.BaseURL + bodyPath(r.Body),
		BodyKey: r.Body, Division: s.divisionName(r.Division).In(tag), Category: s.categoryName(r.Category).In(tag), CategoryKey: r.Category, Theme: r.Theme, Audience: r.Audience,
		Genre: r.Genre, LifeCycle: r.LifeCycle, DocumentNumber: r.DocumentNumber, Language: r.Language, Source: r.Source, Keywords: r.Keywords, Made: r.Made, Published: r.First,
		Effective: r.Effective, Repealed: r.Repealed, Updated: r.UpdatedAt,
	}
	if e.Language == "" {
		e.Language = string(lang.Hans)
	}
	for _, a := range r.Attachments {
		e.Files = append(e.Files, feed.File{URL: s.BaseURL + filePath(r.Index, a.File), Name: a.Name, Type: a.Type, Digest: a.Digest, Size: a.Size})
	}
	if whole {
		e.Text = r.Text
		for _, link := range r.Links {
			e.Links = append(e.Links, feed.Link{Kind: string(link.Kind), Index: link.Index})
		}
	}
	return e
}

// getExport streams all records of a choice as a download. What is written is never held: a whole province needs as much memory as one page
// of the database.
func (s *Service) getExport(w http.ResponseWriter, r *http.Request) error {
	l := web.ViewOf(r).L
	q := s.queryOf(r.URL.Query())
	f, whole := filterOf(q)
	if !whole {
		return web.Unprocessable("disclosure.error.export", nil)
	}
	if !s.exports.Allow(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "disclosure.error.exports"}
	}
	s.exports.Count(r)
	h := w.Header()
	var write func(feed.Entries) error
	name := r.PathValue("name")
	switch name {
	case "records.csv":
		h.Set("Content-Type", feed.CSVType)
		write = func(e feed.Entries) error { return feed.CSV(w, e) }
	case "records.jsonl":
		h.Set("Content-Type", feed.JSONLinesType)
		write = func(e feed.Entries) error { return feed.JSONLines(w, e) }
	case "records.jsonld":
		c := s.channel(l, q, "/open/export/records.jsonld")
		c.Updated = s.Now()
		h.Set("Content-Type", feed.DCATType)
		write = func(e feed.Entries) error { return feed.DCAT(w, c, e) }
	default:
		return web.NotFound("disclosure.error.export-kind")
	}
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-cache")
	// A download of a province lasts longer than a page: each piece has the time that a page has.
	control := http.NewResponseController(w)
	n := 0
	return write(func(yield func(feed.Entry, error) bool) {
		for rec, err := range s.Records.Each(r.Context(), f) {
			if err != nil {
				yield(feed.Entry{}, err)
				return
			}
			if n++; n%exportPiece == 1 {
				_ = control.SetWriteDeadline(s.Now().Add(pieceTime)) // where the connection has none, none is needed
			}
			if !yield(s.feedEntry(l.Tag(), rec, true), nil) {
				return
			}
		}
	})
}

const (
	exportPiece = 500
	pieceTime   = time.Minute
)

// getSitemap lists the parts of the sitemap: one for each year, cut where it is too long.
func (s *Service) getSitemap(w http.ResponseWriter, r *http.Request) error {
	counts, err := s.Records.Counts(r.Context(), publication.CountFilter{})
	if err != nil {
		return err
	}
	years := map[int]int{}
	first, last := 0, 0
	for _, c := range counts {
		years[c.Year] += c.N
		if first == 0 || c.Year < first {
			first = c.Year
		}
		last = max(last, c.Year)
	}
	parts := []feed.Page{{URL: s.BaseURL + "/open/sitemap/columns"}}
	for y := last; y >= first && y > 0; y-- {
		for part := 0; part*feed.MaxURLs < years[y]; part++ {
			parts = append(parts, feed.Page{URL: s.BaseURL + "/open/sitemap/" + strconv.Itoa(y) + "-" + strconv.Itoa(part)})
		}
	}
	w.Header().Set("Content-Type", feed.SitemapType)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return feed.SitemapIndex(w, parts)
}

// getSitemapPart lists the records of a year, or the columns of divisions and bodies.
func (s *Service) getSitemapPart(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("part")
	var pages func(yield func(feed.Page, error) bool)
	if name == "columns" {
		pages = s.columnPages
	} else {
		year, part, ok := yearPart(name)
		if !ok {
			return web.NotFound("")
		}
		pages = func(yield func(feed.Page, error) bool) {
			n := 0
			for rec, err := range s.Records.Each(r.Context(), publication.Filter{Year: year}) {
				if err != nil {
					yield(feed.Page{}, err)
					return
				}
				if n++; n <= part*feed.MaxURLs {
					continue
				}
				if n > (part+1)*feed.MaxURLs || !yield(feed.Page{URL: s.BaseURL + recordPath(rec.Index), Modified: rec.UpdatedAt}, nil) {
					return
				}
			}
		}
	}
	w.Header().Set("Content-Type", feed.SitemapType)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return feed.Sitemap(w, pages)
}

// yearPart reads 2013-0.
func yearPart(name string) (year, part int, ok bool) {
	const digits = 4
	if len(name) < digits+2 || name[digits] != '-' {
		return 0, 0, false
	}
	year, errYear := strconv.Atoi(name[:digits])
	part, errPart := strconv.Atoi(name[digits+1:])
	return year, part, errYear == nil && errPart == nil && part >= 0 && year > 0
}

// columnPages are the columns of divisions with bodies, and of their bodies.
func (s *Service) columnPages(yield func(feed.Page, error) bool) {
	places := s.Registry.Now()
	for _, d := range places.Divisions() {
		bodies := places.Bodies(d.Code)
		if len(bodies) == 0 {
			continue
		}
		if !yield(feed.Page{URL: s.BaseURL + s.columnPath(d)}, nil) {
			return
		}
		for _, b := range bodies {
			if !yield(feed.Page{URL: s.BaseURL + bodyPath(b.Key)}, nil) {
				return
			}
		}
	}
}
