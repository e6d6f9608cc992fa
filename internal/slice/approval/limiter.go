package approval

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// lookupsPerMinute is how many wrong query codes one address may try. A code has 40 bits: at this rate it is never found.
	lookupsPerMinute = 20
	// maxAddresses bounds the memory of the limiter.
	maxAddresses = 10_000
)

// limiter counts failed look-ups by address, in minutes.
type limiter struct {
	limit int
	now   func() time.Time

	mu     sync.Mutex
	minute int64
	failed map[string]int
}

func newLimiter(limit int, now func() time.Time) *limiter {
	return &limiter{limit: limit, now: now, failed: map[string]int{}}
}

// allow reports whether the address may look up a code in this minute.
func (l *limiter) allow(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	return l.failed[address(r)] < l.limit
}

// fail notes a wrong code.
func (l *limiter) fail(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	if who := address(r); len(l.failed) < maxAddresses || l.failed[who] > 0 {
		l.failed[who]++
	}
}

// turn forgets the minute before.
func (l *limiter) turn() {
	if m := l.now().Unix() / 60; m != l.minute {
		l.minute = m
		clear(l.failed)
	}
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
