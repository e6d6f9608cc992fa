package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

var schemas = []store.Migrations{Schema()}

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func newHand() *hand { return &hand{at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)} }

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func newQueue(t testing.TB, db *store.DB, node int, now func() time.Time) *Queue {
	t.Helper()
	ids, err := store.NewIDs(node, now)
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(Options{DB: db, IDs: ids, Now: now, Holder: fmt.Sprintf("node-%d", node), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func enqueue(t testing.TB, db *store.DB, q *Queue, kind, key string, payload any, at time.Time) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return q.Enqueue(ctx, tx, kind, key, payload, at) })
	if err != nil {
		t.Fatal(err)
	}
}

func drain(t testing.TB, q *Queue) int {
	t.Helper()
	n, err := q.Drain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func register(t testing.TB, q *Queue, kind string, h Handler, l Lane) {
	t.Helper()
	if err := q.Register(kind, h, l); err != nil {
		t.Fatal(err)
	}
}

func TestAJobIsDoneOnce(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		q := newQueue(t, db, 1, clock.now)
		var did []string
		register(t, q, "greet", func(_ context.Context, j Job) error {
			var who string
			if err := j.Decode(&who); err != nil {
				return err
			}
			did = append(did, fmt.Sprintf("%s %s %d", j.Key, who, j.Attempt))
			return nil
		}, Lane{})
		enqueue(t, db, q, "greet", "a", "first", time.Time{})
		enqueue(t, db, q, "greet", "a", "second", time.Time{}) // the same key: it stays as it was
		enqueue(t, db, q, "greet", "b", "later", clock.now().Add(time.Hour))
		if n := drain(t, q); n != 1 || strings.Join(did, ";") != "a first 1" {
			t.Fatalf("%d attempts: %q; want one", n, did)
		}
		enqueue(t, db, q, "greet", "a", "third", time.Time{}) // it was done already
		clock.pass(time.Hour)
		if n := drain(t, q); n != 1 || strings.Join(did, ";") != "a first 1;b later 1" {
			t.Fatalf("an hour later: %d attempts: %q", n, did)
		}
		clock.pass(keepDone + time.Second)
		if n, err := q.Sweep(t.Context()); err != nil || n != 2 {
			t.Fatalf("swept %d, %v; want both", n, err)
		}
	})
}

// What is not committed is not enqueued.
func TestEnqueueBelongsToTheTransaction(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		q := newQueue(t, db, 1, clock.now)
		register(t, q, "x", func(context.Context, Job) error { return errors.New("must not be called") }, Lane{})
		lost := errors.New("the caller fails")
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(q.Enqueue(ctx, tx, "x", "", 1, time.Time{}), lost)
		})
		if !errors.Is(err, lost) {
			t.Fatal(err)
		}
		if n := drain(t, q); n != 0 {
			t.Fatalf("%d attempts; want none", n)
		}
		err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return q.Enqueue(ctx, tx, "y", "", 1, time.Time{}) })
		if err == nil || !strings.Contains(err.Error(), `"y" is not registered`) {
			t.Fatalf("an unknown kind: %v", err)
		}
	})
}

// The pauses are worked out by hand: 10 s doubled to at most 60 s, each with a spread of less than a fifth.
func TestFailuresAreTriedAgainLaterAndLater(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		q := newQueue(t, db, 1, clock.now)
		calls, fail := 0, errors.New("the server is away")
		register(t, q, "mail", func(_ context.Context, j Job) error {
			calls++
			if j.Attempt != calls || j.Last != (calls == 5) {
				t.Errorf("call %d is told attempt %d, last %v", calls, j.Attempt, j.Last)
			}
			return fail
		}, Lane{Attempts: 5, Pause: 10 * time.Second, MaxPause: time.Minute})
		enqueue(t, db, q, "mail", "a", nil, time.Time{})
		for _, pause := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute} {
			before := calls
			if n := drain(t, q); n != 1 {
				t.Fatalf("%d attempts; want one", n)
			}
			clock.pass(pause - time.Microsecond)
			if n := drain(t, q); n != 0 {
				t.Fatalf("after attempt %d it was tried again too early", before+1)
			}
			clock.pass(pause/5 + time.Microsecond)
		}
		drain(t, q)
		dead, err := List(t.Context(), db, Filter{State: Dead})
		if err != nil || len(dead) != 1 || dead[0].Attempts != 5 || dead[0].Problem != "the server is away" {
			t.Fatalf("given up: %+v, %v", dead, err)
		}
		if s, err := q.Stats(t.Context()); err != nil || s.Dead != 1 || s.Failures != 5 || s.Due != 0 {
			t.Fatalf("stats %+v, %v", s, err)
		}
		clock.pass(24 * time.Hour)
		if n := drain(t, q); n != 0 {
			t.Fatal("a dead job was tried again by itself")
		}
		if n, err := Retry(t.Context(), db, clock.now(), "other"); err != nil || n != 0 {
			t.Fatalf("retry of another kind: %d, %v", n, err)
		}
		if n, err := Retry(t.Context(), db, clock.now(), "", dead[0].ID); err != nil || n != 1 {
			t.Fatalf("retry: %d, %v", n, err)
		}
		calls, fail = 0, nil
		if n := drain(t, q); n != 1 || calls != 1 {
			t.Fatalf("after the retry: %d attempts, %d calls", n, calls)
		}
	})
}

func TestPermanentLaterAndPanics(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		q := newQueue(t, db, 1, clock.now)
		quiet := clock.now().Add(8 * time.Hour)
		var attempts []int
		register(t, q, "permanent", func(context.Context, Job) error { return fmt.Errorf("send: %w", Permanent(errors.New("550"))) }, Lane{})
		register(t, q, "night", func(_ context.Context, j Job) error {
			attempts = append(attempts, j.Attempt)
			if clock.now().Before(quiet) {
				return Later(quiet)
			}
			return nil
		}, Lane{})
		register(t, q, "panic", func(context.Context, Job) error { panic("broken") }, Lane{Attempts: 1})
		register(t, q, "garbled", func(_ context.Context, j Job) error { return j.Decode(new(int)) }, Lane{})
		for _, kind := range q.kinds() {
			enqueue(t, db, q, kind, "", "text", time.Time{})
		}
		if n := drain(t, q); n != 4 {
			t.Fatalf("%d attempts; want one of each", n)
		}
		dead, err := List(t.Context(), db, Filter{State: Dead})
		if err != nil || len(dead) != 3 {
			t.Fatalf("given up: %+v, %v", dead, err)
		}
		for _, d := range dead {
			want := map[string]string{"permanent": "send: 550", "panic": "internal error: broken", "garbled": "payload of garbled"}[d.Kind]
			if d.Attempts != 1 || !strings.HasPrefix(d.Problem, want) {
				t.Errorf("%s: %d attempts, %q; want one, %q", d.Kind, d.Attempts, d.Problem, want)
			}
		}
		clock.pass(8 * time.Hour)
		if n := drain(t, q); n != 1 || fmt.Sprint(attempts) != "[1 1]" {
			t.Errorf("after the night: %d, attempts %v; want the first again", n, attempts)
		}
	})
}

// A worker that was killed holds its job until the lease ends, and no longer; what it says afterwards does not count.
func TestAnotherTakesOver(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		one, two := newQueue(t, db, 1, clock.now), newQueue(t, db, 2, clock.now)
		did := 0
		for _, q := range []*Queue{one, two} {
			register(t, q, "x", func(context.Context, Job) error { did++; return nil }, Lane{Timeout: time.Minute})
		}
		enqueue(t, db, one, "x", "a", nil, time.Time{})
		taken, err := one.claim(t.Context(), one.lane("x"), 10)
		if err != nil || len(taken) != 1 {
			t.Fatalf("taken %+v, %v", taken, err)
		}
		clock.pass(time.Minute + margin - time.Microsecond)
		if n := drain(t, two); n != 0 {
			t.Fatal("another took it while the lease ran")
		}
		clock.pass(time.Microsecond)
		if n := drain(t, two); n != 1 || did != 1 {
			t.Fatalf("after the lease: %d attempts", n)
		}
		late := one.judge(one.lane("x"), &taken[0], errors.New("too late"), false)
		if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := write(ctx, tx, []verdict{late})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		done, err := List(t.Context(), db, Filter{State: Done})
		if err != nil || len(done) != 1 || done[0].Attempts != 2 || done[0].Problem != "" {
			t.Errorf("at the end %+v, %v; want done by the second attempt", done, err)
		}
	})
}

// A node that was killed takes up its work at once when it is started again.
func TestTheSameNodeTakesUpItsWork(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		clock := newHand()
		q := newQueue(t, db, 1, clock.now)
		register(t, q, "x", func(context.Context, Job) error { return nil }, Lane{})
		enqueue(t, db, q, "x", "a", nil, time.Time{})
		if taken, err := q.claim(t.Context(), q.lane("x"), 1); err != nil || len(taken) != 1 {
			t.Fatalf("taken %+v, %v", taken, err)
		}
		if n := drain(t, q); n != 0 {
			t.Fatal("it was taken twice")
		}
		if err := q.takeBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := drain(t, q); n != 1 {
			t.Fatal("it was not taken up again")
		}
	})
}

// Run does what is enqueued while it runs, gives back what it cannot finish, and ends when it is told to.
func TestRun(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		q := newQueue(t, db, 1, time.Now)
		const jobs = 50
		var mu sync.Mutex
		seen, all := map[string]int{}, make(chan struct{})
		register(t, q, "count", func(_ context.Context, j Job) error {
			mu.Lock()
			defer mu.Unlock()
			if seen[j.Key]++; len(seen) == jobs {
				close(all)
			}
			return nil
		}, Lane{Workers: 8})
		begun := make(chan struct{})
		register(t, q, "hang", func(ctx context.Context, _ Job) error {
			close(begun)
			<-ctx.Done()
			return context.Canceled
		}, Lane{})
		q.grace = 10 * time.Millisecond
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { q.Run(ctx); close(ended) }()
		for i := range jobs {
			enqueue(t, db, q, "count", fmt.Sprint(i), i, time.Time{})
		}
		enqueue(t, db, q, "hang", "h", nil, time.Time{})
		<-all
		<-begun
		stop()
		<-ended
		open, err := List(t.Context(), db, Filter{})
		if err != nil || len(open) != 1 || open[0].Key != "h" || open[0].Attempts != 0 || open[0].Holder != "" {
			t.Errorf("open at the end: %+v, %v; want the one that hung, given back", open, err)
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("job %s was done %d times", key, n)
			}
		}
	})
}

func TestRegisterRefuses(t *testing.T) {
	q := newQueue(t, storetest.New(t, store.SQLite, schemas...), 1, time.Now)
	ok := func(context.Context, Job) error { return nil }
	register(t, q, "a", ok, Lane{})
	for kind, h := range map[string]Handler{"a": ok, "": ok, "b": nil} {
		if err := q.Register(kind, h, Lane{}); err == nil {
			t.Errorf("kind %q was registered", kind)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a queue without options")
	}
}
