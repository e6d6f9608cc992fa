package document

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"openhall.org/openhall/internal/platform/store"
)

// series is the model: a counter of which each letter that is issued takes the next number. What is refused takes none.
var series = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		last, _ := state.(int64) // the types are those of the history below
		taken, _ := output.(int64)
		if refused, _ := input.(bool); refused {
			return taken == 0, last
		}
		return taken == last+1, last + 1
	},
}

// Clients of two nodes issue letters of one body and year at the same time, some in transactions that fail. Every history must be one that
// could have come about one after the other: the number that a letter has when its transaction is done is the one that came next.
func TestNumberingIsLinearizable(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		nodes := []*bureau{b, open(t, b.db, t.TempDir())}
		var err error
		if nodes[1].ids, err = store.NewIDs(2, time.Now); err != nil {
			t.Fatal(err)
		}
		nodes[1].o.IDs = nodes[1].ids
		const clients, rounds = 6, 12
		begin := time.Now() // only the order of the operations is taken from it
		var mu sync.Mutex
		var history []porcupine.Operation
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				random := rand.New(rand.NewPCG(13, uint64(client)))
				for range rounds {
					node, refused := nodes[random.IntN(len(nodes))], random.IntN(4) == 0
					order := node.order("water", "acceptance-slip")
					call := time.Since(begin)
					err := b.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
						node.Issue(tx, order)
						if refused {
							return errRefused
						}
						return nil
					})
					back := time.Since(begin)
					if (err != nil) != refused {
						t.Error(err)
					}
					var taken int64
					if !refused {
						taken, err = store.Scalar[int64](b.db.Read().QueryRow(t.Context(), `SELECT ordinal FROM document_letter WHERE case_id = $1`, int64(order.Case.ID)))
						if err != nil {
							t.Error(err)
						}
					}
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: refused, Call: int64(call), Output: taken, Return: int64(back)})
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if result := porcupine.CheckOperationsTimeout(series, history, 20*time.Second); result != porcupine.Ok {
			t.Errorf("the history of %d operations could not have come about one after the other: %s", len(history), result)
		}
		b.gaps(t)
	})
}

// The model notices a number that is given twice, one that is left out, and one out of its time.
func TestTheModelOfNumberingBites(t *testing.T) {
	for name, numbers := range map[string][]int64{"twice": {1, 1}, "left out": {1, 3}, "out of its time": {2, 1}} {
		var history []porcupine.Operation
		for i, n := range numbers {
			history = append(history, porcupine.Operation{Input: false, Call: int64(2 * i), Output: n, Return: int64(2*i + 1)})
		}
		if porcupine.CheckOperations(series, history) {
			t.Error(fmt.Sprint(name, " passes"))
		}
	}
}
