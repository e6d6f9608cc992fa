package power

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Item returns the version of an item that is in force, or the one that will be.
func (s *Service) Item(key string) (*Item, bool) {
	e := s.shelf.Load().byKey[key]
	if e == nil {
		return nil, false
	}
	return e.item, true
}

// Items returns all items in the order of their keys, cancelled ones and those to come too.
func (s *Service) Items() []*Item {
	shelf := s.shelf.Load()
	items := make([]*Item, 0, len(shelf.entries))
	for _, e := range shelf.entries {
		items = append(items, e.item)
	}
	return items
}

// Implementation returns an item as one body exercises it by its code (实施编码).
func (s *Service) Implementation(code string) (*Implementation, bool) {
	im := s.shelf.Load().byCode[code]
	return im, im != nil
}

// CodeOf returns the code under which a body exercises an item, or did, "" when it never has.
func (s *Service) CodeOf(item, body string) string {
	for code, im := range s.shelf.Load().byCode {
		if im.Item.Key == item && im.Body == body {
			return code
		}
	}
	return ""
}

// Implementations returns by whom an item is exercised, higher levels first. The slice belongs to the catalogue.
func (s *Service) Implementations(key string) []*Implementation {
	if e := s.shelf.Load().byKey[key]; e != nil {
		return e.by
	}
	return nil
}

// Offers lists what can be applied for today, one entry for each body, in the order of the codes: with all of the words of the
// query, by its body, by a body of its area or within it. After is the code of the last entry of the page before; the other fields
// of the query narrow as in [Service.Find].
func (s *Service) Offers(q Query) []*Implementation {
	shelf, reg, on, words := s.shelf.Load(), s.deps.Registry.Now(), s.today(), wordsOf(q.Words)
	var offers []*Implementation
	for _, e := range shelf.entries {
		lacks := func(word string) bool { return exact(e, word) == none }
		if !q.fits(e.item) || !e.item.ActiveOn(on) || slices.ContainsFunc(words, lacks) {
			continue
		}
		for _, im := range e.by {
			if im.Code > q.After && (q.Body == "" || im.Body == q.Body) && within(reg, q.Area, im.Body) {
				offers = append(offers, im)
			}
		}
	}
	slices.SortFunc(offers, func(a, b *Implementation) int { return strings.Compare(a.Code, b.Code) })
	return offers[:min(len(offers), q.size())]
}

// within reports whether a body stands in the division or below it; everything stands in "".
func within(reg *registry.Snapshot, area, body string) bool {
	b := reg.Body(body)
	return b != nil && (area == "" || reg.Contains(area, b.Division))
}

// OfBody returns what a body exercises, in the order of type and code (职权目录). The slice belongs to the catalogue.
func (s *Service) OfBody(body string) []*Implementation { return s.shelf.Load().byBody[body] }

// Bodies returns the keys of the bodies that exercise an item, sorted.
func (s *Service) Bodies() []string {
	shelf := s.shelf.Load()
	keys := make([]string, 0, len(shelf.byBody))
	for key := range shelf.byBody {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Topics returns the topics (主题) in the order in which they are offered.
func (s *Service) Topics() []Label { return s.shelf.Load().refs.Topics }

// LifeEvents returns the life events (人生事件) in the order in which they are offered.
func (s *Service) LifeEvents() []Label { return s.shelf.Load().refs.Events }

// Form returns the JSON Schema of an application form.
func (s *Service) Form(key string) ([]byte, bool) {
	schema, ok := s.shelf.Load().refs.Forms[key]
	return schema, ok
}

// Versions returns all versions of an item, newest first.
func (s *Service) Versions(ctx context.Context, key string) ([]Version, error) {
	versions, err := store.All(ctx, s.deps.DB.Read(), scanVersion,
		`SELECT `+versionColumns+` FROM power_item WHERE key = $1 ORDER BY version DESC`, key)
	if err == nil && len(versions) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("versions of the item %s: %w", key, err)
	}
	return versions, nil
}

// lawList returns the laws that items may cite, by title.
func (s *Service) lawList() []Law {
	refs := s.shelf.Load().refs
	laws := slices.Collect(maps.Values(refs.Laws))
	slices.SortFunc(laws, func(a, b Law) int { return strings.Compare(a.Title.Hans, b.Title.Hans) })
	return laws
}
