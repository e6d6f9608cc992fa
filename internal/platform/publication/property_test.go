package publication_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// serials returns the serials of the index numbers of all public records, by the part before the serial.
func (w *world) serials() map[string][]int {
	w.t.Helper()
	out := map[string][]int{}
	for r, err := range w.Each(w.t.Context(), publication.Filter{}) {
		must(w.t, err)
		n, err := identifier.ParseIndexNumber(r.Index)
		must(w.t, err)
		key := fmt.Sprintf("%s %d-%d", n.Body, n.Year, n.Month)
		out[key] = append(out[key], n.Serial)
	}
	for k := range out {
		slices.Sort(out[k])
	}
	return out
}

func (w *world) noGaps(want int) {
	w.t.Helper()
	n := 0
	for key, list := range w.serials() {
		for i, s := range list {
			if s != i+1 {
				w.t.Errorf("%s: the serials are %v", key, list)
				break
			}
		}
		n += len(list)
	}
	if n != want {
		w.t.Errorf("%d records are public, want %d", n, want)
	}
}

// TestNumbersHaveNoGaps: many who publish for one body at once get the serials from 1 on, each once.
func TestNumbersHaveNoGaps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const authors, records = 6, 3
		var work sync.WaitGroup
		failed := make(chan error, authors)
		for range authors {
			work.Go(func() {
				for range records {
					id, err := w.Draft(ctx, clerk, publication.Draft{Body: "hf-water", Content: note("水情")})
					var rec casework.Receipt
					if err == nil {
						rec, err = w.Submit(ctx, clerk, w.key(), id)
					}
					if err == nil {
						_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
					}
					if err == nil {
						_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
					}
					if err != nil {
						failed <- err
						return
					}
				}
			})
		}
		work.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		w.noGaps(authors * records)
	})
}

// TestKilledInTheMiddle: a batch whose release was killed between its parts, and between numbering and publishing, is public once and whole
// after a restart; two who release it at once do no harm.
func TestKilledInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const n = 25
		w.SmallParts(10)
		ids := make([]store.ID, n)
		for i := range ids {
			ids[i] = w.draft(note(fmt.Sprint("第 ", i, " 号")))
		}
		rec, err := w.Submit(ctx, clerk, w.key(), ids...)
		must(t, err)
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		// The decision is taken, and the program killed before anything is released.
		kase, err := w.cases.Get(ctx, rec.Case)
		must(t, err)
		_, err = w.cases.Do(ctx, casework.Command{Key: w.key(), Actor: boss, Case: rec.Case, Act: casework.Complete{Token: kase.Tasks()[0].Token, Data: []byte(`{"outcome":"publish"}`)}})
		must(t, err)
		must(t, w.Prepare(ctx, rec.Case))
		if got := w.total(); got != 0 {
			t.Fatalf("%d are public, though nothing was released", got)
		}
		must(t, w.ReleasePart(ctx, rec.Case))
		must(t, w.Prepare(ctx, rec.Case))
		if got := w.total(); got != 10 {
			t.Fatalf("%d are public after the first part", got)
		}
		again := newWorldOn(t, w)
		var work sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			work.Go(func() { _, errs[i] = again.ReleaseAll(ctx) })
		}
		work.Wait()
		must(t, errors.Join(errs...))
		w.noGaps(n)
		if kase, err = w.cases.Get(ctx, rec.Case); err != nil || kase.Open() {
			t.Errorf("the case is open: %v", err)
		}
		if n, err := again.ReleaseAll(ctx); n != 0 || err != nil {
			t.Errorf("once more: %d, %v", n, err)
		}
	})
}

// newWorldOn is the program after a restart: another service on the same database and runtime.
func newWorldOn(t *testing.T, w *world) *publication.Service {
	t.Helper()
	s, err := publication.New(t.Context(), w.Deps)
	must(t, err)
	s.Attach(w.cases, w.ledger)
	s.SmallParts(10)
	return s
}

// TestWhateverHappens plays many steps in an order that chance gives, and looks after each whether what must hold holds.
func TestWhateverHappens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for seed := range uint64(2) {
			play(t, w, rand.New(rand.NewPCG(seed, 7)))
		}
	})
}

func play(t *testing.T, w *world, chance *rand.Rand) {
	t.Helper()
	ctx := t.Context()
	digests := map[string]string{} // of every version that was ever public
	gone := map[store.ID]bool{}
	live := map[store.ID]bool{}
	any1 := func() store.ID {
		ids := slices.Sorted(maps.Keys(live))
		return ids[chance.IntN(len(ids))]
	}
	for step := range 16 {
		c := note(fmt.Sprint("第 ", step, " 步"))
		if len(live) > 0 && chance.IntN(2) == 0 {
			c.Links = []publication.Link{{Kind: publication.Relations()[chance.IntN(5)], Record: any1()}}
		}
		switch what := chance.IntN(6); {
		case what < 3 || len(live) == 0:
			live[w.public(c).ID] = true
		case what == 3:
			id := any1()
			if len(c.Links) > 0 && c.Links[0].Record == id {
				c.Links = nil
			}
			_, err := w.Draft(ctx, clerk, publication.Draft{Record: id, Content: c})
			must(t, err)
			w.publish(id)
		case what == 4:
			id := any1()
			_, err := w.Withdraw(ctx, boss, w.key(), id, publication.Withdrawal{Reason: publication.ReasonError})
			must(t, err)
			delete(live, id)
			gone[id] = true
		default:
			rec, err := w.Submit(ctx, clerk, w.key(), w.draft(c))
			must(t, err)
			_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
			must(t, err)
			_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Withhold, Opinion: "内部事务"})
			must(t, err)
		}
	}
	for id := range live {
		lines, err := w.Versions(ctx, id)
		must(t, err)
		for _, v := range lines {
			raw, err := w.Canonical(ctx, id, v.Number)
			must(t, err)
			key := fmt.Sprint(id, "/", v.Number)
			if digests[key] == "" {
				digests[key] = v.Digest
			}
			if publication.Digest(raw) != v.Digest || digests[key] != v.Digest {
				t.Errorf("version %s has changed", key)
			}
		}
		links, err := w.Links(ctx, id)
		must(t, err)
		for _, ref := range links.To {
			back, err := w.Links(ctx, ref.Entry.ID)
			must(t, err)
			if !slices.ContainsFunc(back.From, func(b publication.Ref) bool { return b.Entry.ID == id && b.Kind == ref.Kind }) {
				t.Errorf("%s %s %s, but not the other way", id, ref.Kind, ref.Entry.ID)
			}
			if gone[ref.Entry.ID] {
				t.Errorf("a link leads to a withdrawn record")
			}
		}
	}
	for id := range gone {
		r := w.get(id)
		if r.State != publication.Withdrawn || r.Text != "" || r.Title != "" {
			t.Errorf("withdrawn, and served: %+v", r)
		}
		if _, err := w.Canonical(ctx, id, 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("withdrawn, and its statement served: %v", err)
		}
	}
	listed := map[store.ID]bool{}
	after := publication.Cursor{}
	for {
		page, err := w.List(ctx, publication.Filter{Division: anhui, Below: true, Category: "statutory", Limit: 3, After: after})
		must(t, err)
		for i := range page {
			if gone[page[i].ID] || listed[page[i].ID] {
				t.Errorf("listed twice, or withdrawn: %+v", page[i])
			}
			listed[page[i].ID] = true
		}
		if len(page) < 3 {
			break
		}
		after = publication.ParseCursor(page[2].Cursor().String())
	}
	total := 0
	counts, err := w.Counts(ctx, publication.CountFilter{})
	must(t, err)
	for _, c := range counts {
		total += c.N
	}
	if total != len(listed) {
		t.Errorf("%d are counted, %d listed", total, len(listed))
	}
}

// TestCategories: the columns are the system administrator's of the whole node; a body adds categories of its own below.
func TestCategories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if got := w.Categories("statutory", "", ""); len(got) != 15 {
			t.Errorf("art. 20 has %d items here, want 15", len(got))
		}
		if got := w.Categories("", "", ""); len(got) != 5 || got[0].Key != publication.ColumnGuide {
			t.Errorf("columns: %v", got)
		}
		own := publication.Category{Key: "statutory.13.rivers", Parent: "statutory.13", Body: "hf-water", Title: text("河长制")}
		denied(t, w.PutCategory(ctx, outsider, own))
		denied(t, w.PutCategory(ctx, clerk, publication.Category{Key: "new", Title: text("新栏目")}))
		must(t, w.PutCategory(ctx, clerk, own))
		must(t, w.PutCategory(ctx, admin, publication.Category{Key: "data", Title: text("公共数据")}))
		for _, wrong := range []publication.Category{
			{Key: "Bad Key", Parent: "guide", Body: "hf-water", Title: text("x")}, {Key: "x", Parent: "nowhere", Body: "hf-water", Title: text("x")},
			{Key: "guide", Parent: "system", Body: "hf-water", Title: text("x")}, {Key: "x", Parent: "guide", Body: "hf-water"},
		} {
			refused(t, w.PutCategory(ctx, clerk, wrong), casework.RefusedForm)
		}
		c := note("河长巡河")
		c.Category = own.Key
		r := w.public(c)
		_, err := w.Draft(ctx, identity.Principal{Account: 23, Kind: identity.Staff, Post: outsider.Post}, publication.Draft{Body: "hf-health", Content: c})
		refused(t, err, casework.RefusedForm)
		for _, key := range []string{own.Key, "statutory.13", "statutory"} {
			if list, err := w.List(ctx, publication.Filter{Category: key}); err != nil || len(list) != 1 || list[0].ID != r.ID {
				t.Errorf("under %s: %v, %v", key, list, err)
			}
		}
		ended := own
		ended.Ended = day("2026-03-02")
		must(t, w.PutCategory(ctx, clerk, ended))
		_, err = w.Draft(ctx, clerk, publication.Draft{Body: "hf-water", Content: c})
		refused(t, err, casework.RefusedForm)
		other := newWorldOn(t, w)
		if got := other.CategoryPath(own.Key); len(got) != 3 || got[0].Key != "statutory" {
			t.Errorf("another node sees %v", got)
		}
	})
}
