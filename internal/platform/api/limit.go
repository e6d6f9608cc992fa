package api

import (
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// limiter gives each token a bucket: rate requests a second flow in, up to burst.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[store.ID]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds the memory. Only valid tokens have a bucket, so it is hardly ever reached; starting afresh then costs nothing
// but a few requests too many.
const maxBuckets = 10_000

func newLimiter(rate, burst int) *limiter {
	return &limiter{rate: float64(rate), burst: float64(burst), buckets: map[store.ID]bucket{}}
}

// take counts one request and returns 0, or how long to wait until the next is let through.
func (l *limiter) take(id store.ID, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[id]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			clear(l.buckets)
		}
		b = bucket{left: l.burst, at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left = min(l.burst, b.left+passed.Seconds()*l.rate)
		b.at = now
	}
	var wait time.Duration
	if b.left >= 1 {
		b.left--
	} else {
		wait = max(time.Duration((1-b.left)/l.rate*float64(time.Second)), time.Millisecond)
	}
	l.buckets[id] = b
	return wait
}
