package publication_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// twoNodes are a world and a second service beside it, each with connections of its own to one database.
func twoNodes(t *testing.T, test func(t *testing.T, w *world, beside *publication.Service)) {
	t.Helper()
	engines := []store.Engine{store.SQLite}
	if os.Getenv(storetest.PostgresEnv) != "" {
		engines = append(engines, store.Postgres)
	}
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			url := storetest.URL(t, engine)
			open := func() *store.DB {
				db, err := store.Open(t.Context(), url)
				must(t, err)
				t.Cleanup(func() { must(t, db.Close()) })
				must(t, db.Migrate(t.Context(), schemas()...))
				return db
			}
			w := newWorld(t, open())
			d := w.Deps
			d.DB = open()
			var err error
			d.IDs, err = store.NewIDs(2, time.Now)
			must(t, err)
			beside, err := publication.New(t.Context(), d)
			must(t, err)
			test(t, w, beside)
		})
	}
}

// TestDraftOnce: however often and wherever the same is sent at one moment, one draft is made of it.
func TestDraftOnce(t *testing.T) {
	twoNodes(t, func(t *testing.T, w *world, beside *publication.Service) {
		ctx := t.Context()
		const rounds, senders = 15, 8
		for round := range rounds {
			d := publication.Draft{Body: "hf-water", Content: note(fmt.Sprint("通知", round))}
			ids, made := make([]store.ID, senders), make([]bool, senders)
			start := make(chan struct{})
			var all sync.WaitGroup
			for i := range senders {
				node := w.Service
				if i%2 == 1 {
					node = beside
				}
				all.Go(func() {
					<-start
					var err error
					if ids[i], made[i], err = node.DraftOnce(ctx, clerk, d, fmt.Sprint("sent-", round)); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
			n := 0
			for i := range senders {
				if made[i] {
					n++
				}
				if ids[i] != ids[0] {
					t.Errorf("round %d: sender %d was led to %s, the first one to %s", round, i, ids[i], ids[0])
				}
			}
			if n != 1 {
				t.Errorf("round %d: %d senders made the draft", round, n)
			}
		}
		works, err := w.Works(ctx, clerk, "hf-water", 0, 500)
		must(t, err)
		if len(works) != rounds {
			t.Errorf("%d drafts of %d sendings", len(works), rounds)
		}
	})
}

// TestDraftOnceLeadsBack: what is sent again leads to its draft as it stands now, until it is discarded or leaves work.
func TestDraftOnceLeadsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		send := func(key string) (store.ID, bool) {
			t.Helper()
			id, made, err := w.DraftOnce(ctx, clerk, publication.Draft{Body: "hf-water", Content: note("通知")}, key)
			must(t, err)
			return id, made
		}
		first, made := send("a")
		if !made {
			t.Fatal("the first sending made nothing")
		}
		if other, made := send("b"); !made || other == first {
			t.Error("another sending of the same words made nothing")
		}
		if other, made := send(""); !made || other == first {
			t.Error("a sending without a key made nothing")
		}
		must(t, w.Edit(ctx, clerk, first, publication.Draft{Content: note("改过的通知")}))
		again, made := send("a")
		work, err := w.Work(ctx, clerk, again)
		must(t, err)
		if made || again != first || work.Title != "改过的通知" {
			t.Errorf("after an edit it led to %s, %q", again, work.Title)
		}
		must(t, w.Discard(ctx, clerk, first))
		second, made := send("a")
		if !made {
			t.Error("nothing was made of what had been discarded")
		}
		rec, err := w.Submit(ctx, clerk, w.key(), second)
		must(t, err)
		if again, made = send("a"); made || again != second {
			t.Errorf("under review it led to %s", again)
		}
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		if third, made := send("a"); !made || third == second {
			t.Error("nothing was made of what is public")
		}
		refusedFor := publication.Draft{Body: "hf-water", Content: note("")}
		if _, made, err := w.DraftOnce(ctx, clerk, refusedFor, "c"); err == nil || made {
			t.Error("a draft without a title was kept")
		}
		if _, made := send("c"); !made {
			t.Error("what was refused kept the right form from making a draft")
		}
	})
}
