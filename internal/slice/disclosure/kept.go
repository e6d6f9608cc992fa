package disclosure

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
)

// recordPages keeps the main part of the pages of records as they were rendered: it is the same for every reader of a language until
// something is published, withdrawn or owed, or a day ends. What is used moves into the young half; when that is full the old one is let go.
type recordPages struct {
	mu         sync.Mutex
	size       int // of the young half, in bytes
	young, old map[recordKey]keptRecord
}

type recordKey struct {
	index string
	tag   lang.Tag
}

// recordCut is all that the page of a record is made of, at one instant. Two requests with equal cuts see the same main part.
type recordCut struct {
	stamp  publication.Stamp
	places *registry.Snapshot
	day    calendar.Date
	minute int64 // matters that can be applied for are looked up anew each minute
}

type keptRecord struct {
	cut  recordCut
	page recordHTML
}

// recordHTML is a page without the shell around it.
type recordHTML struct {
	frame web.Page
	main  string
}

// keptBytes bounds a half of what is kept; a usual page has some 12 KB.
const keptBytes = 8 << 20

func (p *recordPages) get(key recordKey, cut recordCut) (page recordHTML, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, ok := p.young[key]
	if !ok {
		if kept, ok = p.old[key]; ok && kept.cut == cut {
			p.keep(key, kept)
		}
	}
	return kept.page, ok && kept.cut == cut
}

func (p *recordPages) put(key recordKey, cut recordCut, page recordHTML) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(key, keptRecord{cut, page})
}

func (p *recordPages) keep(key recordKey, kept keptRecord) {
	if was, there := p.young[key]; there {
		p.size -= was.bytes()
		delete(p.young, key)
	}
	delete(p.old, key)
	size := kept.bytes()
	if size > keptBytes/8 {
		return
	}
	if p.size += size; p.young == nil || p.size > keptBytes {
		p.old, p.young, p.size = p.young, map[recordKey]keptRecord{}, size
	}
	p.young[key] = kept
}

// bytes is about what a page takes.
func (k *keptRecord) bytes() int { return len(k.page.main) + 600 }

// recordCut says what the page of the record of an address is made of now. keeps is false when it is not the same for everybody: what a
// record was on another day, and what officials see.
func (s *Service) recordCut(r *http.Request) (key recordKey, cut recordCut, keeps bool, err error) {
	v := web.ViewOf(r)
	if v.User != nil && v.User.Staff() || r.URL.Query().Has("on") {
		return key, cut, false, nil
	}
	stamp, err := s.Records.Stamp(r.Context())
	if err != nil {
		return key, cut, false, err
	}
	now := s.Now()
	cut = recordCut{stamp, s.Registry.Now(), calendar.Of(now), now.Unix() / int64(time.Minute/time.Second)}
	return recordKey{indexOf(r), v.L.Tag()}, cut, true, nil
}

// inLog reports whether all versions have their places in the log, which come a moment after the publication.
func (p *recordView) inLog() bool {
	for _, version := range p.versions {
		if _, placed := p.places[version.Event]; !placed {
			return false
		}
	}
	return true
}

// renderRecord renders the main part of a page.
func (s *Service) renderRecord(r *http.Request, p recordView) (page recordHTML, err error) {
	v := web.ViewOf(r)
	var b bytes.Buffer
	if err := recordMain(v, p, s).Render(v.Context(r.Context()), &b); err != nil {
		return page, fmt.Errorf("render record %s: %w", p.Index, err)
	}
	return recordHTML{recordFrame(v.L, p), b.String()}, nil
}
