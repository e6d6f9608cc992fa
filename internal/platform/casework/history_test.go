package casework_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// numbering is the model: a series that gives 1, 2, 3, … to keys, and the same number to the same key again. What is refused takes
// none. The state is the keys that have a number, in the order of the numbers, each with a blank behind it.
var numbering = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		given, _ := state.(string) // the types are those of the history below
		key, _ := input.(string)
		number, _ := output.(int)
		keys := strings.Fields(given)
		switch i := slices.Index(keys, key); {
		case number == 0:
			return i < 0, given
		case i >= 0:
			return number == i+1, given
		default:
			return number == len(keys)+1, given + key + " "
		}
	},
}

// Clients of two nodes apply at the same time, send the same application twice to either node, and are refused in between. Every history
// must be one that could have come about one after the other: no number is given twice, left out, or changed.
func TestNumberingIsLinearizable(t *testing.T) {
	storetest.Each(t, []store.Migrations{casework.Schema()}, func(t *testing.T, db *store.DB) {
		nodes := []*hall{openNode(t, db, 1), openNode(t, db, 2)}
		const clients, rounds = 6, 12
		begin := time.Now() // only the order of the operations is taken from it
		var mu sync.Mutex
		var history []porcupine.Operation
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				random := rand.New(rand.NewPCG(11, uint64(client)))
				key := ""
				for round := range rounds {
					who, node := citizen, nodes[random.IntN(len(nodes))]
					if key == "" || random.IntN(3) > 0 { // else the last one once more
						key = fmt.Sprintf("history-%d-%d", client, round)
					}
					command := casework.Command{Key: key, Actor: who, Act: application()}
					if random.IntN(4) == 0 {
						command.Actor, command.Key = other, key+"-refused"
					}
					call := time.Since(begin)
					received, err := node.Do(t.Context(), command)
					back := time.Since(begin)
					number := 0
					if err == nil {
						number, err = strconv.Atoi(received.Number[len(received.Number)-4:])
					}
					if (err != nil) != (command.Actor.Account == other.Account) {
						t.Errorf("%s: %v", command.Key, err)
					}
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: command.Key, Call: int64(call), Output: number, Return: int64(back)})
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if result := porcupine.CheckOperationsTimeout(numbering, history, 20*time.Second); result != porcupine.Ok {
			t.Errorf("the history of %d operations could not have come about one after the other: %s", len(history), result)
		}
	})
}

// The model notices a number that is given twice, one that is left out, and one that changes.
func TestTheModelOfNumberingBites(t *testing.T) {
	op := func(key string, at int64, number int) porcupine.Operation {
		return porcupine.Operation{Input: key, Call: at, Output: number, Return: at + 1}
	}
	for name, history := range map[string][]porcupine.Operation{
		"twice":    {op("a", 0, 1), op("b", 2, 1)},
		"left out": {op("a", 0, 1), op("b", 2, 3)},
		"changed":  {op("a", 0, 1), op("a", 2, 2)},
		"backward": {op("a", 0, 2), op("b", 4, 1)},
	} {
		if porcupine.CheckOperations(numbering, history) {
			t.Errorf("%s passes", name)
		}
	}
}
