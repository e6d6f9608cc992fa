package casework_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

func send(key string, id store.ID, files ...casework.FileRef) casework.Command {
	return casework.Command{Key: key, Actor: citizen, Case: id, Act: casework.Attach{Files: files}}
}

func TestACommandOnACaseSentTwiceHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		id := h.apply().Case
		cmd := send("same", id, casework.FileRef{ID: 1, Name: "取水口位置图.pdf", Digest: "aa"})
		once := func(h *hall, fresh int) {
			t.Helper()
			var wg sync.WaitGroup
			got := make([]casework.Receipt, 20)
			for i := range got {
				wg.Go(func() {
					var err error
					if got[i], err = h.Do(t.Context(), cmd); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for _, rec := range got {
				if !rec.Replay {
					fresh--
				}
				if rec.Seq != 2 || rec.Event != got[0].Event || string(rec.Leaf) != string(got[0].Leaf) || rec.Number != got[0].Number {
					t.Fatalf("receipts differ: %+v, %+v", rec, got[0])
				}
			}
			if fresh != 0 {
				t.Errorf("carried out %d times too few", fresh)
			}
			another := cmd
			another.Act = casework.Send{Message: "withdraw"}
			_, err := h.Do(t.Context(), another)
			wantRefusal(t, err, casework.RefusedReplay)
		}
		once(h, 1)
		once(h, 0)
		once(openNode(t, h.db, 2), 0) // after a restart nothing is known but what is stored
		if got := h.kinds(id); got != "case.submitted case.attached" {
			t.Errorf("events %q", got)
		}
		// On another case the same key is another command.
		other := h.apply().Case
		cmd.Case = other
		if rec, err := h.Do(t.Context(), cmd); err != nil || rec.Replay || rec.Case != other {
			t.Errorf("the key on another case: %+v, %v", rec, err)
		}
	})
}

// A form whose answer was lost is sent again with its files, which are kept anew: the command is the same as long as they hold the same.
func TestFilesSentAgainAreTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		id := h.apply().Case
		first, err := h.Do(t.Context(), send("same", id, casework.FileRef{ID: 1, Name: "图.pdf", Digest: "aa", Size: 2}))
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range []*hall{h, openNode(t, h.db, 2)} {
			rec, err := node.Do(t.Context(), send("same", id, casework.FileRef{ID: 2, Name: "图.pdf", Digest: "aa", Size: 2}))
			if err != nil || !rec.Replay || rec.Event != first.Event {
				t.Errorf("the same file once more: %+v, %v", rec, err)
			}
			_, err = node.Do(t.Context(), send("same", id, casework.FileRef{ID: 2, Name: "图.pdf", Digest: "bb", Size: 2}))
			wantRefusal(t, err, casework.RefusedReplay)
		}
		if got := h.kinds(id); got != "case.submitted case.attached" {
			t.Errorf("events %q", got)
		}
	})
}

// Two nodes work on the same cases. What each remembers of a case is old after the other's turn: whole batches of what was decided
// ahead fall then, are decided anew, and lose nothing, number nothing twice, skip nothing.
func TestTwoNodesOnTheSameCases(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		nodes := []*hall{h, openNode(t, h.db, 2)}
		const n, rounds = 12, 4
		ids := make([]store.ID, n)
		for i := range ids {
			ids[i] = h.apply().Case
		}
		var mu sync.Mutex
		numbers := map[string]bool{}
		for round := range rounds {
			for _, node := range nodes {
				var wg sync.WaitGroup
				for i, id := range ids {
					wg.Go(func() {
						if _, err := node.Do(t.Context(), send(fmt.Sprintf("%d-%p-%d", round, node, i), id, casework.FileRef{ID: 1, Digest: "aa"})); err != nil {
							t.Error(err)
						}
					})
					wg.Go(func() {
						rec, err := node.do(citizen, 0, application())
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						numbers[rec.Number] = true
					})
				}
				wg.Wait()
			}
		}
		want := "case.submitted" + strings.Repeat(" case.attached", rounds*len(nodes))
		for _, id := range ids {
			if got := h.kinds(id); got != want {
				t.Fatalf("events %q; want %q", got, want)
			}
		}
		for i := range rounds * n * len(nodes) {
			if number := fmt.Sprintf("%s20260302%04d", series, n+i+1); !numbers[number] {
				t.Errorf("number %s is missing", number)
			}
		}
	})
}

// An entry of the public log has at most 65,535 bytes; a longer one would stop the log for everybody.
func TestWhatDoesNotFitIntoTheLogIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		id := h.apply().Case
		files := make([]casework.FileRef, 201)
		for i := range files {
			files[i] = casework.FileRef{ID: store.ID(i + 1), Name: "图.pdf", Digest: strings.Repeat("a", 64)}
		}
		_, err := h.do(citizen, id, casework.Attach{Files: files})
		wantRefusal(t, err, casework.RefusedTooLarge)
		h.must(citizen, id, casework.Attach{Files: files[:200]})
		h.must(citizen, id, casework.Send{Message: "withdraw"})
		before := h.kinds(id)
		_, err = h.do(citizen, id, casework.Rate{Grade: 1, Reasons: []string{strings.Repeat("慢", 22000)}}) // 66,000 bytes
		wantRefusal(t, err, casework.RefusedTooLarge)
		if after := h.kinds(id); after != before {
			t.Errorf("events %q; want %q", after, before)
		}
		h.must(citizen, id, casework.Rate{Grade: 1, Reasons: []string{strings.Repeat("慢", 21000)}}) // 63,000 bytes
	})
}

// A slice that fails in the middle of a batch takes its own command down, and no other's number with it.
func TestAFailingSliceHarmsNoOther(t *testing.T) {
	storetest.Each(t, []store.Migrations{casework.Schema()}, func(t *testing.T, db *store.DB) {
		h := openKind(t, db, 1, func(_ context.Context, _ *store.Tx, c *casework.Case, _ casework.Happened) error {
			if c.Channel == casework.API {
				return fmt.Errorf("the slice cannot keep it")
			}
			return nil
		})
		bad := application()
		bad.Channel = casework.API
		const n = 40
		var wg sync.WaitGroup
		var mu sync.Mutex
		numbers := map[string]bool{}
		for range n {
			wg.Go(func() {
				if rec, err := h.do(citizen, 0, bad); err == nil {
					t.Errorf("carried out although the slice failed: %+v", rec)
				}
			})
			wg.Go(func() {
				rec, err := h.do(identity.Principal{Account: citizen.Account, Kind: identity.Person}, 0, application())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				numbers[rec.Number] = true
			})
		}
		wg.Wait()
		for i := range n {
			if number := fmt.Sprintf("%s20260302%04d", series, i+1); !numbers[number] {
				t.Errorf("number %s is missing", number)
			}
		}
	})
}

// What a slice keeps may meet what another transaction keeps: the command is carried out again, as any transaction that the engine gives up.
func TestAConflictOfASliceIsRunAgain(t *testing.T) {
	const deadlock = "40P01"
	storetest.Each(t, []store.Migrations{casework.Schema()}, func(t *testing.T, db *store.DB) {
		tries := 0
		h := openKind(t, db, 1, func(context.Context, *store.Tx, *casework.Case, casework.Happened) error {
			if tries++; tries == 1 {
				return fmt.Errorf("keep it: %w", &pgconn.PgError{Code: deadlock})
			}
			return nil
		})
		if rec, err := h.do(citizen, 0, application()); err != nil || tries != 2 {
			t.Errorf("%+v, %v after %d tries", rec, err, tries)
		}
	})
}
