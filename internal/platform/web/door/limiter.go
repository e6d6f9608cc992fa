package door

import (
	"net/http"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/web"
)

const (
	// LookupsPerMinute is how many wrong query codes one address may try. A code has 40 bits: at this rate it is never found.
	LookupsPerMinute = 20
	// maxAddresses bounds the memory of a limiter.
	maxAddresses = 10_000
)

// Limiter counts by address, in minutes: wrong codes, or forms that anybody may send. It is safe for concurrent use.
type Limiter struct {
	limit int
	now   func() time.Time

	mu      sync.Mutex
	minute  int64
	counted map[string]int
}

// NewLimiter returns a limiter that lets an address count up to limit in a minute.
func NewLimiter(limit int, now func() time.Time) *Limiter {
	return &Limiter{limit: limit, now: now, counted: map[string]int{}}
}

// Allow reports whether the address has not used up this minute.
func (l *Limiter) Allow(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	return l.counted[web.ClientOf(r)] < l.limit
}

// Count notes one more of the address.
func (l *Limiter) Count(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	if who := web.ClientOf(r); len(l.counted) < maxAddresses || l.counted[who] > 0 {
		l.counted[who]++
	}
}

// turn forgets the minute before.
func (l *Limiter) turn() {
	if m := l.now().Unix() / 60; m != l.minute {
		l.minute = m
		clear(l.counted)
	}
}
