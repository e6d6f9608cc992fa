package job

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Run does jobs of the registered kinds until ctx ends. Then it takes no more, lets the work under way end, and gives back what
// could not end in time. It runs once.
func (q *Queue) Run(ctx context.Context) {
	q.mu.Lock()
	q.running = true
	q.mu.Unlock()
	q.settle = store.NewGroup(q.o.DB, write)
	defer q.settle.Close()
	if err := q.takeBack(ctx); err != nil && ctx.Err() == nil {
		q.o.Log.ErrorContext(ctx, "taking up jobs after a restart", "error", err)
	}
	var lanes sync.WaitGroup
	for _, kind := range q.kinds() {
		lanes.Go(func() { q.serve(ctx, q.lane(kind)) })
	}
	lanes.Go(func() { q.sweepAll(ctx) })
	lanes.Wait()
}

// serve does the jobs of one kind.
func (q *Queue) serve(ctx context.Context, l *lane) {
	free := make(chan struct{}, l.Workers)
	for range l.Workers {
		free <- struct{}{}
	}
	var work sync.WaitGroup
	defer work.Wait()
	for ctx.Err() == nil {
		n := take(ctx, free)
		jobs, err := q.claim(ctx, l, n)
		if err != nil && ctx.Err() == nil {
			q.o.Log.ErrorContext(ctx, "looking for jobs", "kind", l.kind, "error", err)
		}
		for range n - len(jobs) {
			free <- struct{}{}
		}
		for i := range jobs {
			work.Go(func() {
				defer func() { free <- struct{}{} }()
				q.attempt(ctx, l, &jobs[i])
			})
		}
		if len(jobs) == 0 {
			l.wait(ctx)
		}
	}
}

// take waits until a worker is free and returns how many are; none when ctx has ended.
func take(ctx context.Context, free <-chan struct{}) int {
	select {
	case <-ctx.Done():
		return 0
	case <-free:
	}
	for n := 1; ; n++ {
		select {
		case <-free:
		default:
			return n
		}
	}
}

func (l *lane) wait(ctx context.Context) {
	t := time.NewTimer(idle)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-t.C:
	}
}

// attempt does a job once and puts down what became of it.
func (q *Queue) attempt(ctx context.Context, l *lane, c *claimed) {
	err := q.call(ctx, l, c)
	v := q.judge(l, c, err, ctx.Err() != nil)
	q.report(ctx, v)
	_, err = q.settle.Do(context.WithoutCancel(ctx), uint64(c.ID), func() (verdict, error) { return v, nil })
	if err != nil { // its lease ends and it is done again
		q.o.Log.ErrorContext(ctx, "putting down what became of a job", "kind", c.Kind, "job", c.ID, "error", err)
	}
}

func (q *Queue) report(ctx context.Context, v verdict) {
	q.o.Observe(v.job.Kind, v.outcome)
	switch v.outcome {
	case outcomeRetry:
		q.failures.Add(1)
		q.o.Log.InfoContext(ctx, "a job failed and is tried again", "kind", v.job.Kind, "job", v.job.ID, "attempt", v.job.Attempt,
			"at", v.at, "error", v.problem)
	case outcomeDead:
		q.failures.Add(1)
		q.o.Log.WarnContext(ctx, "a job failed for good; see openhall job list", "kind", v.job.Kind, "job", v.job.ID,
			"attempt", v.job.Attempt, "error", v.problem)
	}
}

// call runs the handler within its time. When the program ends, work under way has a moment to finish.
func (q *Queue) call(ctx context.Context, l *lane, c *claimed) (err error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		end := time.AfterFunc(q.grace, cancel)
		context.AfterFunc(own, func() { end.Stop() })
	})
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	return l.handle(own, c.Job)
}

// Drain does what is due, one after another, until nothing more is, and returns how many attempts that took. It is for tests and for
// filling the demo; a program that serves uses [Queue.Run].
func (q *Queue) Drain(ctx context.Context) (int, error) {
	done := 0
	for {
		before := done
		for _, kind := range q.kinds() {
			l := q.lane(kind)
			jobs, err := q.claim(ctx, l, l.Workers)
			if err != nil {
				return done, err
			}
			for i := range jobs {
				v := q.judge(l, &jobs[i], q.call(ctx, l, &jobs[i]), ctx.Err() != nil)
				q.report(ctx, v)
				err := q.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
					_, err := write(ctx, tx, []verdict{v})
					return err
				})
				if err != nil {
					return done, err
				}
				done++
			}
		}
		if done == before {
			return done, nil
		}
	}
}
