package publication_test

import (
	"context"
	"runtime"
	"testing"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// Going through all records keeps as much memory in the middle of ten thousand as at their beginning: exports and sitemaps of a province
// rest on it. (`go run ./bench record` streams 100,000 from the running program and reads the most memory that it ever held.)
func TestEachIsOfConstantMemory(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, schemas()...))
	const imported = 400 // a full part
	_, err := w.Import(t.Context(), identity.Platform, publication.Batch{Key: "old-site", Body: "ah-data", Records: old(imported), Unguarded: true})
	must(t, err)
	const copies = 25
	must(t, w.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
		for k := 1; k < copies; k++ {
			tx.Queue(`INSERT INTO publication_version (record, n, state, body, batch, part, day, at, event, case_id, author, digest, content, extra)
				SELECT record + $1, n, state, body, 0, 0, day, at, event, case_id, author, digest, content, extra FROM publication_version WHERE batch <> 0`, int64(k)<<40)
			tx.Queue(`INSERT INTO publication_sealed SELECT s.record + $1, s.n, s.content FROM publication_sealed s JOIN publication_version v ON v.record = s.record AND v.n = s.n AND v.batch <> 0`, int64(k)<<40)
			tx.Queue(`INSERT INTO publication_record SELECT r.id + $1, r.index_no || $2, r.state, r.live, r.division, r.d4, r.d6, r.body, r.category, r.item, r.root, r.version, r.latest, r.title,
				r.summary, r.docno, r.genre, r.language, r.made, r.first, r.day, r.effective, r.repealed, r.updated_at, r.gone_at, r.gone
				FROM publication_record r JOIN publication_version v ON v.record = r.id AND v.batch <> 0`, int64(k)<<40, string(rune('a'+k)))
		}
		return nil
	}))
	var early, late uint64
	n, seen := 0, map[store.ID]bool{}
	for r, err := range w.Each(t.Context(), publication.Filter{}) {
		must(t, err)
		seen[r.ID] = true
		if n++; n == 1_000 {
			early = heap()
		}
		if n == copies*imported-1_000 {
			late = heap()
		}
	}
	if n != copies*imported || len(seen) != n {
		t.Errorf("%d records, %d of them different; want %d", n, len(seen), copies*imported)
	}
	const slack = 2 << 20 // what this test remembers of them
	if late > early+slack {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
