package casework

import (
	"context"
	"errors"
	"sync"

	"openhall.org/openhall/internal/platform/store"
)

// cache keeps cases that were worked on lately, so that the next step need not read them from their JSON. What it holds may be
// old: it is used only where the number of events is compared with the stored one before anything is written.
type cache struct {
	mu       sync.RWMutex
	new, old map[store.ID]*Case
}

// cacheSize bounds each of the two generations. A case takes about 5 KB: 120 MB at most.
const cacheSize = 12_288

func newCache() *cache { return &cache{new: map[store.ID]*Case{}, old: map[store.ID]*Case{}} }

func (k *cache) get(id store.ID) *Case {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if c := k.new[id]; c != nil {
		return c
	}
	return k.old[id]
}

func (k *cache) keep(cases map[store.ID]*Case) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, c := range cases {
		if !c.Open() {
			delete(k.new, id)
			delete(k.old, id)
			continue
		}
		if len(k.new) >= cacheSize {
			k.new, k.old = make(map[store.ID]*Case, cacheSize), k.new
		}
		k.new[id] = c
	}
}

// known returns the case as last seen, or nil when there is none.
func (r *Runtime) known(ctx context.Context, id store.ID) (*Case, error) {
	if c := r.cache.get(id); c != nil {
		return c, nil
	}
	c, err := r.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err == nil {
		// After the case, so that no mark up to its number of events can be missing.
		err = c.loadMarks(ctx, r.DB.Read())
	}
	return c, err
}
