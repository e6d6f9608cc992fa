package disclosure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// recordView is what the page of a record shows.
type recordView struct {
	*publication.Record
	base            string // address of the record
	body, place     string
	category        []ui.Link
	validity        publication.Validity
	asked           calendar.Date // the day on which its validity was asked for; 0: today
	missing         bool          // it was not public yet on that day
	current         bool          // the version is the newest
	versions        []publication.VersionLine
	places          map[store.ID]int64 // of the events that published them, in the log
	interpretations []*publication.Record
	amended         []publication.Entry // what amends it
	repealed        []publication.Entry // what repeals it
	links           []linkGroup
	interprets      []publication.Entry // what it interprets
	files           []publication.Attachment
	related         []line
	matters         []Matter
	keywords        []ui.Link
	duties          []dutyNote // what is owed about it, such as an interpretation
}

// dutyNote is a duty about the record, in words.
type dutyNote struct {
	text string
	late bool
}

// linkGroup is the records that it is linked with in one way.
type linkGroup struct {
	title   string
	entries []publication.Entry
}

// maxBeside is how many interpretations are shown beside a policy in full; others are linked.
const maxBeside = 4

func indexOf(r *http.Request) string { return r.PathValue("code") + "/" + r.PathValue("serial") }

// record reads the record of the address. A withdrawn one is answered with its tombstone, and done is true.
func (s *Service) record(w http.ResponseWriter, r *http.Request) (rec *publication.Record, done bool, err error) {
	rec, err = s.Records.ByIndex(r.Context(), indexOf(r))
	if errors.Is(err, store.ErrNotFound) {
		return nil, true, web.NotFound("disclosure.error.record")
	}
	if err != nil {
		return nil, true, err
	}
	if rec.Tombstone != nil {
		v := web.ViewOf(r)
		return nil, true, web.Render(w, r, http.StatusGone, tombstonePage(v, rec, v.L.Text(s.bodyName(rec.Body))))
	}
	return rec, false, nil
}

func (s *Service) getRecord(w http.ResponseWriter, r *http.Request) error {
	key, cut, keeps, err := s.recordCut(r)
	if err != nil {
		return err
	}
	if keeps {
		if page, ok := s.pages.get(key, cut); ok {
			return web.RenderTagged(w, r, recordPage(web.ViewOf(r), page.frame, page.main))
		}
	}
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	p, err := s.viewRecord(r, rec, true)
	if err != nil {
		return err
	}
	page, err := s.renderRecord(r, p)
	if err != nil {
		return err
	}
	if keeps && p.inLog() {
		s.pages.put(key, cut, page)
	}
	return web.RenderTagged(w, r, recordPage(web.ViewOf(r), page.frame, page.main))
}

// getRecordByID leads from the identifier of a record to its permanent address.
func (s *Service) getRecordByID(w http.ResponseWriter, r *http.Request) error {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("disclosure.error.record")
	}
	rec, err := s.Records.Get(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.record")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, recordPath(rec.Index), http.StatusMovedPermanently) //nolint:gosec // our own address, of a number that the database gave
	return nil
}

func (s *Service) getVersion(w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return web.NotFound("disclosure.error.version")
	}
	old, err := s.Records.Version(r.Context(), rec.ID, n)
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.version")
	}
	if err != nil {
		return err
	}
	return s.showRecord(w, r, old, old.Version == rec.Version)
}

// showRecord shows a version of a record.
func (s *Service) showRecord(w http.ResponseWriter, r *http.Request, rec *publication.Record, current bool) error {
	p, err := s.viewRecord(r, rec, current)
	if err != nil {
		return err
	}
	page, err := s.renderRecord(r, p)
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, recordPage(web.ViewOf(r), page.frame, page.main))
}

// viewRecord collects what the page of a version of a record says. With ?on= it says how it stood on that day, in the version of that day.
func (s *Service) viewRecord(r *http.Request, rec *publication.Record, current bool) (p recordView, err error) {
	v, ctx := web.ViewOf(r), r.Context()
	p = recordView{Record: rec, current: current}
	day := s.today()
	if on, err := calendar.Parse(r.URL.Query().Get("on")); err == nil && on != 0 {
		old, _, err := s.Records.InForceOn(ctx, rec.ID, on)
		switch {
		case errors.Is(err, store.ErrNotFound):
			p.missing = true
		case err != nil:
			return p, err
		default:
			p.current = old.Version == rec.Version
			p.Record = old
		}
		p.asked, day = on, on
	}
	p.validity = p.ValidOn(day)
	p.base = recordPath(p.Index)
	p.body, p.place = v.L.Text(s.bodyName(p.Body)), s.placeName(v.L.Tag(), p.Division)
	for _, c := range s.Records.CategoryPath(p.Category) {
		p.category = append(p.category, ui.Link{Href: s.href("/open/search", search.Query{Body: p.Body, Category: c.Key}), Text: v.L.Text(c.Title)})
	}
	for _, k := range p.Keywords {
		p.keywords = append(p.keywords, ui.Link{Href: s.href("/open/search", search.Query{Words: k}), Text: k})
	}
	if p.versions, err = s.Records.Versions(ctx, p.ID); err != nil {
		return p, err
	}
	if p.places, err = s.Records.LogPlaces(ctx, p.versions); err != nil {
		return p, err
	}
	if err := s.linked(ctx, v, &p, day); err != nil {
		return p, err
	}
	owed, err := s.Records.Duties(ctx, publication.DutyFilter{About: p.ID, Limit: maxBeside})
	if err != nil {
		return p, err
	}
	for _, d := range owed {
		text := v.L.Text(d.Title)
		if d.Kind == publication.DutyInterpretation {
			text = v.L.T("disclosure.duties.interpretation", web.Args{"Day": v.L.DateOf(d.DueAt.Add(-1))})
		}
		p.duties = append(p.duties, dutyNote{text, d.Late})
	}
	p.files = ownFiles(p.Record)
	return p, s.around(ctx, v, &p)
}

// linked fills in what the record is linked with, both ways, and what that means for its validity.
func (s *Service) linked(ctx context.Context, v *web.View, p *recordView, day calendar.Date) error {
	links, err := s.Records.Links(ctx, p.ID)
	if err != nil {
		return err
	}
	groups := map[string][]publication.Entry{}
	for _, ref := range links.To {
		if ref.Kind == publication.Interprets {
			p.interprets = append(p.interprets, ref.Entry)
			continue
		}
		groups["to-"+string(ref.Kind)] = append(groups["to-"+string(ref.Kind)], ref.Entry)
	}
	for _, ref := range links.From {
		e := ref.Entry
		switch {
		case ref.Kind == publication.Interprets && len(p.interpretations) < maxBeside:
			rec, err := s.Records.Get(ctx, e.ID)
			if err == nil && rec.Tombstone == nil {
				p.interpretations = append(p.interpretations, rec)
			} else if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		case ref.Kind == publication.Amends:
			p.amended = append(p.amended, e)
		case ref.Kind == publication.Repeals:
			p.repealed = append(p.repealed, e)
			if e.ValidOn(day) != publication.NotYet && p.validity == publication.InForce {
				p.validity = publication.Expired
			}
		default:
			groups["from-"+string(ref.Kind)] = append(groups["from-"+string(ref.Kind)], e)
		}
	}
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		p.links = append(p.links, linkGroup{v.L.T("disclosure.link." + k), groups[k]})
	}
	return nil
}

// around finds what has to do with the record: others about the same, and matters that can be applied for.
func (s *Service) around(ctx context.Context, v *web.View, p *recordView) error {
	words := p.Theme
	if words == "" && len(p.Keywords) > 0 {
		words = p.Keywords[0]
	}
	if words == "" {
		return nil
	}
	if s.Matters != nil {
		const most = 4
		p.matters = s.Matters.Related(p.Body, words, most)
	}
	const most = 5
	page, err := s.Index.Find(ctx, search.Query{Words: words, Body: p.Body, Size: most + 1})
	if err != nil {
		return err
	}
	page.Hits = slices.DeleteFunc(page.Hits, func(h search.Hit) bool { return h.ID == p.ID })
	page.Hits = page.Hits[:min(most, len(page.Hits))]
	for i := range page.Hits {
		page.Hits[i].Title.Marks, page.Hits[i].Text = nil, search.Snippet{}
	}
	p.related, err = s.hits(ctx, v, page)
	for i := range p.related {
		p.related[i].summary = search.Snippet{}
	}
	return err
}

// ownFiles are the attachments that are not shown as pictures anyway.
func ownFiles(r *publication.Record) []publication.Attachment {
	var out []publication.Attachment
	for _, a := range r.Attachments {
		if !slices.ContainsFunc(r.Media, func(m publication.Media) bool { return m.File == a.File }) {
			out = append(out, a)
		}
	}
	return out
}

func filePath(index string, id store.ID) string { return recordPath(index) + "/files/" + id.String() }

// getFile sends an attachment as it was received. Pictures are shown in their page; everything else is saved, so that no browser runs it.
func (s *Service) getFile(w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	id, err := store.ParseID(r.PathValue("file"))
	if err != nil {
		return web.NotFound("disclosure.error.file")
	}
	a, content, err := s.Records.Attachment(r.Context(), rec.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.file")
	}
	if err != nil {
		return err
	}
	defer content.Close()
	h := w.Header()
	how := "attachment"
	if strings.HasPrefix(a.Type, "image/") && a.Type != "image/svg+xml" {
		how = "inline"
	}
	h.Set("Content-Type", a.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": a.Name}))
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("ETag", `"`+a.Digest+`"`)
	if a.Digest != "" && strings.Contains(r.Header.Get("If-None-Match"), a.Digest) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("send file %s: %w", id, err)
	}
	return nil
}

// getStatement sends the canonical JSON of a version: the bytes whose hash stands in the log.
func (s *Service) getStatement(w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	n := rec.Version
	if text := r.URL.Query().Get("version"); text != "" {
		if n, err = strconv.Atoi(text); err != nil {
			return web.NotFound("disclosure.error.version")
		}
	}
	data, err := s.Records.Canonical(r.Context(), rec.ID, n)
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.version")
	}
	if err != nil {
		return err
	}
	return sendJSON(w, fileName(rec.Index)+"-"+strconv.Itoa(n)+".json", data)
}

// fileName is an index number as the name of a file.
func fileName(index string) string { return strings.ReplaceAll(index, "/", "-") }

func sendJSON(w http.ResponseWriter, name string, data []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(data) // the reader has gone; there is nobody to tell
	return nil
}
