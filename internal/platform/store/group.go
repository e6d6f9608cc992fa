package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// ErrClosed says that the group takes no more requests because the program is ending.
var ErrClosed = errors.New("the program is stopping; send the request again in a moment")

// Answer is what one requester of a batch gets.
type Answer[A any] struct {
	Value A
	Err   error // a refusal of this request alone: the others of the batch are not touched
}

// Group lets many requesters share transactions: those who wait while one is being flushed to disk go together into the next.
//
// Requests with the same shard go through one writer in the order they came in, so that two batches never wait for each
// other's rows in a circle.
type Group[Q, A any] struct {
	db     *DB
	run    func(ctx context.Context, tx *Tx, batch []Q) ([]Answer[A], error)
	shards []line[Q, A]
	done   sync.WaitGroup

	mu     sync.RWMutex // held for reading while a request is handed in
	closed bool
}

type asked[Q, A any] struct {
	q     Q
	reply chan Answer[A]
}

// line is the queue of one writer.
type line[Q, A any] struct {
	in     chan asked[Q, A]
	coming atomic.Int64 // requests that are being prepared
}

// maxBatch bounds a transaction, and so what a crash of the engine can make it do again.
const maxBatch = 256

// NewGroup starts the writers of a group. run gets the requests of a batch and returns one answer for each, in order. An error
// of run rolls the batch back; each request is then run alone, so that one which breaks the transaction harms no other.
func NewGroup[Q, A any](db *DB, run func(ctx context.Context, tx *Tx, batch []Q) ([]Answer[A], error)) *Group[Q, A] {
	n := 1
	if db.engine == Postgres {
		n = 2 // measured: two writers that commit groups were the fastest durable way
	}
	g := &Group[Q, A]{db: db, run: run, shards: make([]line[Q, A], n)}
	for i := range g.shards {
		g.shards[i].in = make(chan asked[Q, A], maxBatch)
		g.done.Go(func() { g.serve(&g.shards[i]) })
	}
	return g
}

// Do prepares a request, hands it in and waits for its answer. While prepare runs, outside of any lock, the request counts as
// coming, and a batch that is being gathered waits a moment for it. An error of prepare is the answer. When ctx ends before the
// answer, the request may still be carried out.
func (g *Group[Q, A]) Do(ctx context.Context, shard uint64, prepare func() (Q, error)) (A, error) {
	var none A
	line := &g.shards[shard%uint64(len(g.shards))]
	line.coming.Add(1)
	q, err := prepare()
	if err != nil {
		line.coming.Add(-1)
		return none, err
	}
	a := asked[Q, A]{q: q, reply: make(chan Answer[A], 1)}
	err = g.hand(ctx, line.in, a)
	line.coming.Add(-1)
	if err != nil {
		return none, err
	}
	select {
	case ans := <-a.reply:
		return ans.Value, ans.Err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

func (g *Group[Q, A]) hand(ctx context.Context, to chan<- asked[Q, A], a asked[Q, A]) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return ErrClosed
	}
	select {
	case to <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close carries out what was handed in and waits for it. Requests that come later are refused with [ErrClosed].
func (g *Group[Q, A]) Close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		for i := range g.shards {
			close(g.shards[i].in)
		}
	}
	g.mu.Unlock()
	g.done.Wait()
}

func (g *Group[Q, A]) serve(l *line[Q, A]) {
	batch := make([]asked[Q, A], 0, maxBatch)
	for a := range l.in {
		batch = l.gather(append(batch[:0], a))
		g.settle(batch)
		clear(batch)
	}
}

// patience bounds how often a writer gives way to requests that are being prepared before it starts without them: some tens of
// microseconds when nothing else is to be run, against a flush to disk that costs hundreds.
const patience = 300

// gather takes what waits and what is about to come. Giving way first lets requesters that were just answered come again.
func (l *line[Q, A]) gather(batch []asked[Q, A]) []asked[Q, A] {
	for try := 0; try < 2 || (try < patience && l.coming.Load() > 0); try++ {
		runtime.Gosched()
		for more := true; more && len(batch) < maxBatch; {
			select {
			case a, open := <-l.in:
				if !open {
					return batch
				}
				batch = append(batch, a)
			default:
				more = false
			}
		}
	}
	return batch
}

func (g *Group[Q, A]) settle(batch []asked[Q, A]) {
	answers, err := g.commit(batch)
	if err != nil && len(batch) > 1 {
		for i := range batch {
			g.settle(batch[i : i+1])
		}
		return
	}
	for i, a := range batch {
		if err != nil {
			a.reply <- Answer[A]{Err: err}
			continue
		}
		a.reply <- answers[i]
	}
}

func (g *Group[Q, A]) commit(batch []asked[Q, A]) (answers []Answer[A], err error) {
	qs := make([]Q, len(batch))
	for i, a := range batch {
		qs[i] = a.q
	}
	defer func() {
		// One request must not take the program down with it: the writer has rolled back, and it is told so alone.
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	err = g.db.Write(context.Background(), func(ctx context.Context, tx *Tx) error {
		answers, err = g.run(ctx, tx, qs)
		return err
	})
	return answers, err
}
