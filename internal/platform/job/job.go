package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Options are what a queue works with. All but Observe are required.
type Options struct {
	DB     *store.DB
	IDs    *store.IDs
	Now    func() time.Time
	Holder string // names this node; no two running programs on one database have the same
	Log    *slog.Logger
	// Observe is told of every attempt that ended, for metrics. outcome is one of done, later, retry, dead, released.
	Observe func(kind, outcome string)
}

// Job is one piece of work as its handler sees it.
type Job struct {
	ID      store.ID
	Kind    string
	Key     string
	Payload json.RawMessage
	Attempt int  // 1 for the first
	Last    bool // no further attempt follows when this one fails
}

// Decode reads the payload into v.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return Permanent(fmt.Errorf("payload of %s: %w", j.Kind, err))
	}
	return nil
}

// Handler does a job. It may be called again for the same job. It gives up when ctx ends.
type Handler func(ctx context.Context, j Job) error

// Lane says how jobs of one kind are done. Zero fields take the defaults.
type Lane struct {
	Workers  int           // how many at once on each node; 4
	Timeout  time.Duration // for one attempt; 1 minute
	Attempts int           // how many before it is dead; 20
	Pause    time.Duration // before the second attempt; doubled before each further one; 15 seconds
	MaxPause time.Duration // 2 hours
}

const (
	// margin is how much longer than its time-out a worker has a job: time for the handler to notice that its context has ended, and
	// for clocks of nodes to differ.
	margin = 15 * time.Second
	// grace is how long work under way may go on when the program ends.
	grace = 10 * time.Second
	// idle is how long a lane waits when nothing is due, unless a job of its own is enqueued on this node.
	idle = time.Second
)

func (l Lane) complete() Lane {
	if l.Workers <= 0 {
		l.Workers = 4
	}
	if l.Timeout <= 0 {
		l.Timeout = time.Minute
	}
	if l.Attempts <= 0 {
		l.Attempts = 20
	}
	if l.Pause <= 0 {
		l.Pause = 15 * time.Second
	}
	if l.MaxPause <= 0 {
		l.MaxPause = 2 * time.Hour
	}
	return l
}

// pause returns how long to wait after an attempt that failed. Jobs that failed together come back spread over a fifth of it.
func (l Lane) pause(id store.ID, attempt int) time.Duration {
	p := l.Pause
	for i := 1; i < attempt && p < l.MaxPause; i++ {
		p *= 2
	}
	p = min(p, l.MaxPause)
	const odd = 0x9e3779b97f4a7c15 // spreads neighbouring numbers, as Fibonacci hashing does
	h := (uint64(id) + uint64(attempt)) * odd
	return p + time.Duration(h>>40)*(p/5)>>24
}

// lane is a registered kind.
type lane struct {
	Lane
	kind   string
	handle Handler
	wake   chan struct{} // holds one token when something was enqueued
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Queue enqueues jobs and does them. It is safe for concurrent use.
type Queue struct {
	o      Options
	grace  time.Duration
	settle *store.Group[verdict, struct{}]

	mu      sync.RWMutex
	lanes   map[string]*lane
	running bool

	failures atomic.Int64
}

// New returns a queue without kinds.
func New(o Options) (*Queue, error) {
	if o.DB == nil || o.IDs == nil || o.Now == nil || o.Holder == "" || o.Log == nil {
		return nil, errors.New("job: an option is missing")
	}
	if o.Observe == nil {
		o.Observe = func(string, string) {}
	}
	q := &Queue{o: o, grace: grace, lanes: map[string]*lane{}}
	return q, nil
}

// Register says how jobs of a kind are done. It comes before [Queue.Run].
func (q *Queue) Register(kind string, h Handler, l Lane) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case kind == "" || h == nil:
		return errors.New("job: Register wants a kind and a handler")
	case q.running:
		return fmt.Errorf("job: kind %s is registered while the queue runs", kind)
	case q.lanes[kind] != nil:
		return fmt.Errorf("job: kind %s is registered twice", kind)
	}
	q.lanes[kind] = &lane{Lane: l.complete(), kind: kind, handle: h, wake: make(chan struct{}, 1)}
	return nil
}

func (q *Queue) lane(kind string) *lane {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.lanes[kind]
}

func (q *Queue) kinds() []string {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return slices.Sorted(maps.Keys(q.lanes))
}

// Enqueue adds a job to be done at an instant or soon after; the zero time is now. It is kept when the transaction is. A job with
// the same kind and key that is already there stays as it is; an empty key makes one of its own. payload is written as JSON.
func (q *Queue) Enqueue(_ context.Context, tx *store.Tx, kind, key string, payload any, at time.Time) error {
	l := q.lane(kind)
	if l == nil {
		return fmt.Errorf("job: kind %q is not registered", kind)
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("job %s: payload: %w", kind, err)
	}
	now := q.o.Now()
	if at.IsZero() {
		at = now
	}
	id := q.o.IDs.New()
	if key == "" {
		key = id.String()
	}
	tx.Queue(`INSERT INTO job (id, kind, key, payload, state, run_at, attempts, claim, holder, problem, created_at, finished_at)
		VALUES ($1, $2, $3, $4, 'open', $5, 0, 0, '', '', $6, 0) ON CONFLICT (kind, key) DO NOTHING`,
		int64(id), kind, key, string(raw), store.Micros(at), store.Micros(now))
	tx.OnCommit(l.nudge)
	return nil
}
