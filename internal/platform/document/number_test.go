package document

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

var errRefused = errors.New("refused")

// gaps fails when the numbers of a series are not 1, 2, 3, … or its counter does not stand at the last one. It returns how many there are.
func (b *bureau) gaps(t testing.TB) int {
	t.Helper()
	type sums struct {
		series                            string
		count, distinct, first, last, now int64
	}
	all, err := store.All(t.Context(), b.db.Read(), func(r store.Row) (s sums, err error) {
		return s, r.Scan(&s.series, &s.count, &s.distinct, &s.first, &s.last, &s.now)
	}, `SELECT d.series, count(*), count(DISTINCT d.ordinal), min(d.ordinal), max(d.ordinal), max(s.last)
		FROM document_letter d JOIN document_series s ON s.name = d.series GROUP BY d.series`)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, s := range all {
		if s.first != 1 || s.last != s.count || s.distinct != s.count || s.now != s.last {
			t.Errorf("series %s: %+v", s.series, s)
		}
		total += int(s.count)
	}
	counters, err := store.Scalar[int](b.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM document_series WHERE last > 0`))
	if err != nil {
		t.Fatal(err)
	}
	if counters != len(all) {
		t.Errorf("%d counters moved, %d series have letters", counters, len(all))
	}
	return total
}

// Writers side by side, letters of many series in each transaction in any order, every third transaction refused: no gap, no number
// twice, and none waits for another in a circle for good.
func TestNumbersHaveNoGaps(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		bodies := []string{"human-resources", "water", "housing", "health"}
		kinds := []string{"acceptance-slip", "correction-notice", "decision-grant", "love-letter"}
		const writers, rounds = 8, 25
		var kept atomic.Int64
		var done sync.WaitGroup
		for w := range writers {
			done.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(w)))
				for range rounds {
					n := int64(0)
					err := b.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
						n = 0 // it may run again
						for range 1 + random.IntN(5) {
							kind := kinds[random.IntN(len(kinds))]
							b.Issue(tx, b.order(bodies[random.IntN(len(bodies))], kind))
							if kind != "love-letter" {
								n++
							}
						}
						if random.IntN(3) == 0 {
							return errRefused
						}
						return nil
					})
					switch {
					case err == nil:
						kept.Add(n)
					case !errors.Is(err, errRefused):
						t.Error(err)
					}
				}
			})
		}
		done.Wait()
		if got := b.gaps(t); got != int(kept.Load()) || got == 0 {
			t.Errorf("%d letters, want %d", got, kept.Load())
		}
	})
}

// Any sequence of transactions gives the numbers that a clerk with one book for each series would.
func TestNumbersAreThoseOfABook(t *testing.T) {
	b := open(t, storetest.New(t, store.SQLite, schemas()...), t.TempDir())
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		book := map[string]int64{}
		for range rapid.IntRange(1, 4).Draw(t, "transactions") {
			wanted := rapid.SliceOfN(rapid.IntRange(0, 2), 1, 5).Draw(t, "letters")
			refused := rapid.Bool().Draw(t, "refused")
			orders := make([]Order, len(wanted))
			err := b.db.Write(context.Background(), func(_ context.Context, tx *store.Tx) error {
				for i, w := range wanted {
					orders[i] = b.order(fmt.Sprintf("body-%d-%d", round, w), "acceptance-slip")
					b.Issue(tx, orders[i])
				}
				if refused {
					return errRefused
				}
				return nil
			})
			if refused != errors.Is(err, errRefused) {
				t.Fatal(err)
			}
			for _, o := range orders {
				r, err := b.Find(context.Background(), o.Case.ID, 2, o.Kind)
				if refused {
					if !errors.Is(err, store.ErrNotFound) {
						t.Fatalf("a letter of a transaction that was refused: %v", err)
					}
					continue
				}
				book[o.Case.Body]++
				if want := fmt.Sprintf("合人社受〔2026〕%d号", book[o.Case.Body]); err != nil || r.Number != want {
					t.Fatalf("number %s, %v, want %s", r.Number, err, want)
				}
			}
		}
	})
	b.gaps(t)
}

// The year is that of the day in China: the last hours of the year in UTC belong to the next.
func TestNumbersBeginAnewEachYear(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		b.issue(t, b.order("water", "acceptance-slip"))
		b.now = b.now.AddDate(0, 1, 8) // 2026-12-31 02:00 UTC
		if r := b.issue(t, b.order("water", "acceptance-slip"))[0]; r.Number != "合人社受〔2026〕2号" {
			t.Errorf("on 31 December: %s", r.Number)
		}
		b.now = b.now.Add(15 * 3600e9) // 17:00 UTC: 1 January, 01:00 in China
		if r := b.issue(t, b.order("water", "acceptance-slip"))[0]; r.Number != "合人社受〔2027〕1号" {
			t.Errorf("on 1 January: %s", r.Number)
		}
	})
}

// An acceptance takes the place of the notice that the law had accepted by itself.
func TestReplaced(t *testing.T) {
	each(t, func(t *testing.T, b *bureau) {
		first := b.order("water", "deemed-acceptance-notice")
		second := first
		second.Kind, second.Event.Seq = "acceptance-slip", 3
		b.issue(t, first)
		r := b.issue(t, second)[0]
		old, err := b.Find(t.Context(), first.Case.ID, 2, first.Kind)
		if err != nil || old.ReplacedBy != r.ID || old.Holds() || !r.Holds() {
			t.Errorf("%+v, %v", old, err)
		}
		err = b.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
			b.Revoke(tx, r.ID, b.time(), "依据不足")
			return nil
		})
		if r, gerr := b.Get(t.Context(), r.ID); err != nil || gerr != nil || r.Holds() || r.Reason != "依据不足" {
			t.Errorf("revoked: %+v, %v, %v", r, err, gerr)
		}
		if list, err := b.Of(t.Context(), first.Case.ID); err != nil || len(list) != 2 {
			t.Errorf("letters of the case: %d, %v", len(list), err)
		}
	})
}
