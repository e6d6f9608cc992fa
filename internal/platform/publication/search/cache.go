package search

import "sync"

// cache keeps what was read of segments, which never change. It has two halves: what is used moves into the young one, and when that is
// full the old one is let go.
type cache[V any] struct {
	mu    sync.Mutex
	limit int
	used  int
	young map[cacheKey]V
	old   map[cacheKey]V
}

type cacheKey struct {
	segment int64
	key     string
}

func newCache[V any](limit int) *cache[V] {
	return &cache[V]{limit: limit / 2, young: map[cacheKey]V{}}
}

func (c *cache[V]) get(key cacheKey, size func(V) int) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[key]; ok {
		return v, true
	}
	v, ok := c.old[key]
	if ok {
		c.keep(key, v, size(v))
	}
	return v, ok
}

func (c *cache[V]) put(key cacheKey, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(key, v, size)
}

func (c *cache[V]) keep(key cacheKey, v V, size int) {
	if _, ok := c.young[key]; ok {
		return
	}
	if c.used += size; c.used > c.limit {
		c.old, c.young, c.used = c.young, map[cacheKey]V{}, size
	}
	c.young[key] = v
}
