package job

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// Whatever happens (workers die, fail, come too late; time passes), no job is lost, none is with two workers while the lease of
// the first runs, none is given up before its attempts are used up, and in the end every one was done or given up.
func TestNothingIsLost(t *testing.T) {
	db := storetest.New(t, store.SQLite, schemas...)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		const attempts = 4
		kind := fmt.Sprintf("kind-%d", round)
		clock := newHand()
		clock.pass(time.Duration(round) * 1000 * time.Hour) // identifiers of a round must not be given again
		var queues []*Queue
		for node := range 3 {
			q := newQueue(t, db, node, clock.now)
			register(t, q, kind, func(context.Context, Job) error { return nil },
				Lane{Attempts: attempts, Timeout: time.Minute, Pause: 10 * time.Second, MaxPause: time.Minute})
			queues = append(queues, q)
		}
		type held struct {
			q *Queue
			c claimed
		}
		enqueued, begun, finished := map[string]bool{}, map[string]int{}, map[string]string{}
		leased := map[string]time.Time{}
		var hands []held
		settle := func(h held, err error) {
			v := h.q.judge(h.q.lane(kind), &h.c, err, false)
			if werr := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := write(ctx, tx, []verdict{v})
				return err
			}); werr != nil {
				rt.Fatal(werr)
			}
			if h.c.until.After(clock.now()) { // else another may have it, and then this verdict counts for nothing
				delete(leased, h.c.Key)
				if v.state != "open" {
					finished[h.c.Key] = v.state
				}
			}
		}
		claim := func(q *Queue, n int) {
			got, err := q.claim(t.Context(), q.lane(kind), n)
			if err != nil {
				rt.Fatal(err)
			}
			for _, c := range got {
				if until, ok := leased[c.Key]; ok && until.After(clock.now()) {
					rt.Fatalf("%s is with two workers", c.Key)
				}
				if finished[c.Key] != "" {
					rt.Fatalf("%s was taken after it was %s", c.Key, finished[c.Key])
				}
				begun[c.Key]++
				leased[c.Key] = c.until
				hands = append(hands, held{q, c})
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"enqueue": func(rt *rapid.T) {
				key := fmt.Sprint(rapid.IntRange(0, 20).Draw(rt, "key"))
				enqueue(t, db, queues[0], kind, key, nil, time.Time{})
				enqueued[key] = true
			},
			"claim": func(rt *rapid.T) {
				claim(queues[rapid.IntRange(0, 2).Draw(rt, "node")], rapid.IntRange(1, 3).Draw(rt, "n"))
			},
			"end": func(rt *rapid.T) {
				if len(hands) == 0 {
					return
				}
				i := rapid.IntRange(0, len(hands)-1).Draw(rt, "which")
				h := hands[i]
				hands = append(hands[:i], hands[i+1:]...)
				switch rapid.IntRange(0, 2).Draw(rt, "how") {
				case 0:
					settle(h, nil)
				case 1:
					settle(h, errors.New("failed"))
				default: // killed: it never says anything
				}
			},
			"pass": func(rt *rapid.T) { clock.pass(time.Duration(rapid.IntRange(1, 100).Draw(rt, "seconds")) * time.Second) },
		})
		for tries := 0; tries < 2*attempts*len(enqueued)+2; tries++ {
			clock.pass(2 * time.Minute)
			claim(queues[0], 100)
			for _, h := range hands {
				if h.q == queues[0] {
					settle(h, nil)
				}
			}
			hands = hands[:0]
		}
		rows, err := store.All(t.Context(), db.Read(), func(r store.Row) (s [2]string, err error) { return s, r.Scan(&s[0], &s[1]) },
			`SELECT key, state FROM job WHERE kind = $1`, kind)
		if err != nil || len(rows) != len(enqueued) {
			rt.Fatalf("%d jobs of %d are there: %v", len(rows), len(enqueued), err)
		}
		for _, r := range rows {
			if r[1] == "open" {
				rt.Fatalf("%s is still open", r[0])
			}
			if r[1] == "dead" && begun[r[0]] < attempts {
				rt.Fatalf("%s was given up after %d attempts", r[0], begun[r[0]])
			}
		}
	})
}
