package centre

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// lookupsPerMinute is how many wrong codes one address may try. A code has 50 bits: at this rate it is never found.
	lookupsPerMinute = 20
	// drawsPerMinute is how many tickets and appointments one address may draw: more than the machine at a door is pressed.
	drawsPerMinute = 60
	// maxAddresses bounds the memory of a limiter.
	maxAddresses = 10_000
)

// limiter counts what an address does, in minutes.
type limiter struct {
	limit int
	now   func() time.Time

	mu     sync.Mutex
	minute int64
	seen   map[string]int
}

func newLimiter(limit int, now func() time.Time) *limiter {
	return &limiter{limit: limit, now: now, seen: map[string]int{}}
}

// allow reports whether the address has not reached the limit in this minute.
func (l *limiter) allow(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	return l.seen[address(r)] < l.limit
}

// note counts one.
func (l *limiter) note(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	if who := address(r); len(l.seen) < maxAddresses || l.seen[who] > 0 {
		l.seen[who]++
	}
}

// turn forgets the minute before.
func (l *limiter) turn() {
	if m := l.now().Unix() / 60; m != l.minute {
		l.minute = m
		clear(l.seen)
	}
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
