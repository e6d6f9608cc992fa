package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

const seenTable = `CREATE TABLE seen (leaf BIGINT PRIMARY KEY, case_name TEXT NOT NULL)`

// A consumer whose handler fails in the middle of its writes sees the same events again, and its table has each of them once.
func TestConsumerSeesEachEventOnce(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		l := open(t, db, newKey(t), "a")
		exec(t, db, seenTable)
		broken := errors.New("broken")
		calls, failed := 0, 0
		last := int64(-1)
		handle := func(ctx context.Context, tx *store.Tx, events []casework.Event) error {
			calls++
			for i, e := range events {
				env, err := e.Envelope()
				if err != nil {
					return err
				}
				if i == len(events)/2 && calls%3 == 1 {
					failed++
					if err := tx.Flush(ctx); err != nil {
						return err
					}
					return broken
				}
				tx.Queue(`INSERT INTO seen (leaf, case_name) VALUES ($1, $2)`, e.Leaf, env.Case)
			}
			if events[0].Leaf != last+1 {
				t.Errorf("events from place %d on after %d", events[0].Leaf, last)
			}
			last = events[len(events)-1].Leaf
			return nil
		}
		const n = 800
		insert(t, db, cases(1, n/4)...)
		if got, err := l.Catch(t.Context(), "test", handle); got != 0 || err != nil || calls != 0 {
			t.Fatalf("before sequencing: %d events, %v", got, err)
		}
		sequence(t, l)
		total := 0
		for range 20 {
			got, err := l.Catch(t.Context(), "test", handle)
			if err != nil && !errors.Is(err, broken) {
				t.Fatal(err)
			}
			total += got
		}
		seen, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM seen`))
		if err != nil || seen != n || total != n || failed == 0 {
			t.Errorf("rows %d, %v, events reported %d, failures %d; want %d rows and events, some failures", seen, err, total, failed, n)
		}
		if behind, err := l.Behind(t.Context(), "test"); err != nil || behind != 0 {
			t.Errorf("behind by %d, %v; want 0", behind, err)
		}
		if behind, err := l.Behind(t.Context(), "another"); err != nil || behind != n {
			t.Errorf("a new consumer is behind by %d, %v; want %d", behind, err, n)
		}
	})
}

// With the loops running, an event that is written reaches the consumer by itself, within the second that is promised.
func TestRunAndFollow(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		l := open(t, db, newKey(t), "a")
		ctx, stop := context.WithCancel(t.Context())
		got := make(chan int64, 100)
		done := make(chan struct{}, 2)
		go func() { l.Run(ctx); done <- struct{}{} }()
		go func() {
			l.Follow(ctx, "test", func(_ context.Context, _ *store.Tx, events []casework.Event) error {
				for _, e := range events {
					got <- int64(e.ID)
				}
				return nil
			})
			done <- struct{}{}
		}()
		insert(t, db, entry{id: 7, kase: 1, seq: 1})
		select {
		case id := <-got:
			if id != 7 {
				t.Errorf("event %d; want 7", id)
			}
		case <-time.After(10 * time.Second):
			t.Error("the event did not arrive")
		}
		stop()
		<-done
		<-done
		if leases, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM lease`)); err != nil || leases != 0 {
			t.Errorf("%d leases are left, %v; want 0: the next node must not wait", leases, err)
		}
	})
}
