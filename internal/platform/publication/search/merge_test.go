package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// small is a record with little in it.
func small(id store.ID, title string) Doc {
	return Doc{ID: id, Published: calendar.Day(2020, 1, 1).Add(int(id) / 7), Title: title}
}

func (s *shelf) segments() (live, others int64) {
	s.t.Helper()
	if err := s.db.Read().QueryRow(s.t.Context(), `SELECT COUNT(*) FILTER (WHERE state = 'live'), COUNT(*) FILTER (WHERE state <> 'live') FROM search_segment`).
		Scan(&live, &others); err != nil {
		s.t.Fatal(err)
	}
	return live, others
}

// Lists longer than a chunk and longer than a row are read from any place, also when rare words skip through them.
func TestLongLists(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	const n = 9000
	var docs []Doc
	var rare, mixed []store.ID
	for id := store.ID(n); id >= 1; id-- {
		d := small(id, "人民政府公告")
		if id%899 == 0 {
			d.Title += "稀有"
			rare = append(rare, id)
		}
		if id%13 == 5 {
			d.Title += " No 7号"
			mixed = append(mixed, id)
		}
		docs = append(docs, d)
	}
	s.put(docs...)
	for range 2 {
		for _, row := range []struct {
			q    Query
			want []store.ID
		}{
			{Query{Words: "稀有 人民政府", Size: 3}, rare},
			{Query{Words: "公告 −稀有 7号 no", Size: 100}, slices.DeleteFunc(slices.Clone(mixed), func(id store.ID) bool { return id%899 == 0 })},
			{Query{Words: "政府公", Size: 100, From: calendar.Day(2020, 1, 1).Add(n / 14), To: calendar.Day(2020, 1, 1).Add(n/14 + 40)}, nil},
		} {
			got, first := s.all(row.q)
			want := row.want
			if want == nil {
				for id := store.ID(n); id >= 1; id-- {
					if d := docs[n-id].Published; d >= row.q.From && d <= row.q.To {
						want = append(want, id)
					}
				}
			}
			if !slices.Equal(got, want) || first.Count != min(len(want), CountCap) {
				t.Fatalf("%+v: %d hits (counted %d), want %d", row.q, len(got), first.Count, len(want))
			}
		}
		page := s.find(Query{Words: "人民政府", Size: 20})
		if page.Count != CountCap || !page.More || len(page.Hits) != 20 || page.Hits[0].ID != n {
			t.Errorf("counted %d, more %v, %d hits", page.Count, page.More, len(page.Hits))
		}
		if err := s.Optimize(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if live, _ := s.segments(); live >= 10 {
		t.Errorf("%d segments: nothing was merged", live)
	}
}

// What is put one by one ends in few segments; what was removed or replaced leaves nothing behind.
func TestMergingLeavesNothingBehind(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := newShelf(t, db)
		for id := store.ID(1); id <= 70; id++ {
			s.put(small(id, fmt.Sprintf("公告%d号", id)))
			if _, err := s.Merge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if live, _ := s.segments(); live > 2*fan {
			t.Errorf("%d segments of 70 records", live)
		}
		for id := store.ID(1); id <= 60; id++ {
			if id%2 == 0 {
				s.remove(id)
			} else {
				s.put(small(id, "换过了"))
			}
		}
		s.remove(999) // was never there
		for range 3 {
			s.now = s.now.Add(2 * grace)
			if err := s.Optimize(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if page := s.find(Query{Words: "公告"}); page.Count != 10 {
			t.Errorf("%d records still say what they said", page.Count)
		}
		if page := s.find(Query{Words: "换过了"}); page.Count != 30 {
			t.Errorf("%d records say what they say now", page.Count)
		}
		if _, others := s.segments(); others != 0 {
			t.Errorf("%d segments that nobody reads are still there", others)
		}
		for id := range s.docs {
			s.remove(id)
		}
		for range 3 {
			s.now = s.now.Add(2 * grace)
			if err := s.Optimize(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		live, _ := s.segments()
		rows, err := store.Scalar[int64](db.Read().QueryRow(t.Context(), `SELECT COUNT(*) FROM search_row`))
		if err != nil || rows != 0 || live != 0 {
			t.Errorf("%d segments and %d rows of no record: %v", live, rows, err)
		}
		if page := s.find(Query{}); page.Count != 0 || len(page.Hits) != 0 {
			t.Errorf("%d hits in an empty index", page.Count)
		}
		s.put(small(2, "又回来了"))
		if page := s.find(Query{Words: "又回来"}); page.Count != 1 {
			t.Errorf("a record that came back is found %d times", page.Count)
		}
	})
}

// A transaction that fails changes nothing, and a record is not found before its transaction is committed.
func TestTransactions(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := newShelf(t, db)
		s.put(small(1, "原来的"))
		broken := errors.New("broken")
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := s.Put(ctx, tx, small(1, "后来的"), small(2, "后来的")); err != nil {
				return err
			}
			if page := s.find(Query{Words: "后来的"}); page.Count != 0 {
				t.Error("found before the commit")
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if page := s.find(Query{Words: "后来的"}); page.Count != 0 {
			t.Error("found after a rollback")
		}
		if page := s.find(Query{Words: "原来的"}); page.Count != 1 {
			t.Error("lost by a rollback")
		}
		for _, d := range []Doc{{ID: 0}, {ID: 5, Division: "34"}, {ID: 5, Division: "34000000000x"}} {
			if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Put(ctx, tx, d) }); err == nil {
				t.Errorf("%+v was taken", d)
			}
		}
	})
}

// While records are put, replaced and removed and segments merged, every search sees each record once, as it is or was a moment ago.
func TestSearchingWhileItChanges(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := newShelf(t, db)
		const records = 60
		var docs []Doc
		for id := store.ID(1); id <= records; id++ {
			docs = append(docs, small(id, "常在的记录"))
		}
		s.put(docs...)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { s.Run(ctx, "test", func(err error) { t.Errorf("merge: %v", err) }) })
		for range 2 {
			wg.Go(func() {
				for ctx.Err() == nil {
					page, err := s.Find(context.WithoutCancel(ctx), Query{Words: "常在", Size: 100})
					if err != nil {
						t.Error(err)
						return
					}
					seen := map[store.ID]bool{}
					for _, h := range page.Hits {
						if seen[h.ID] {
							t.Errorf("record %d twice", h.ID)
						}
						seen[h.ID] = true
					}
					if len(page.Hits) != records {
						t.Errorf("%d of %d records found", len(page.Hits), records)
						return
					}
				}
			})
		}
		for i := range 60 {
			d := small(store.ID(1+i*7%records), "常在的记录")
			d.Text = fmt.Sprintf("第%d次", i)
			if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if i%3 == 0 {
					if err := s.Remove(ctx, tx, d.ID); err != nil {
						return err
					}
				}
				return s.Put(ctx, tx, d)
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		stop()
		wg.Wait()
	})
}

// A merge that was broken off is thrown away by the next one.
func TestBrokenMerge(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	for id := store.ID(1); id <= fan; id++ {
		s.put(small(id, "公告"))
	}
	lost := func(context.Context) (bool, error) { return false, nil }
	m := &merger{mine: lost} // renewed long ago: it asks whether it is still the one
	var err error
	if m.s, err = s.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.run(t.Context(), m.s.segments); !errors.Is(err, errLost) {
		t.Fatalf("a merge that is not ours went on: %v", err)
	}
	if page := s.find(Query{Words: "公告"}); page.Count != fan {
		t.Errorf("%d hits beside a broken merge", page.Count)
	}
	s.now = s.now.Add(2 * grace)
	if err := s.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(2 * grace)
	if err := s.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if live, others := s.segments(); live != 1 || others != 0 {
		t.Errorf("%d segments, %d others", live, others)
	}
	if page := s.find(Query{Words: "公告"}); page.Count != fan {
		t.Errorf("%d hits after the merge", page.Count)
	}
}
