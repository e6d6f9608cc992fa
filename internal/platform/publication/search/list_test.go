package search

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// writeLists stores lists as a segment.
func writeLists(t *testing.T, db *store.DB, segment int64, lists map[string]postings) {
	t.Helper()
	var rows []row
	w := rowWriter{emit: func(r row) error {
		rows = append(rows, r)
		return nil
	}}
	rows = append(rows, row{columnsKey(0), []byte{0}}) // columns come first in every segment
	for _, term := range slices.Sorted(maps.Keys(lists)) {
		if err := w.add(term, lists[term]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, r := range rows {
			if err := tx.Exec(ctx, `INSERT INTO search_row (segment, key, data) VALUES ($1, $2, $3)`, segment, r.key, r.data); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// randomPostings is a list of about so many records, each with one to three positions.
func randomPostings(r *rand.Rand, docs, of uint32) (p postings) {
	for doc := range of {
		if r.Uint32N(of) >= docs {
			continue
		}
		p.docs = append(p.docs, doc)
		n := 1 + r.Uint32N(3)
		p.freqs = append(p.freqs, n)
		at := uint32(0)
		for range n {
			at += 1 + r.Uint32N(400)
			p.positions = append(p.positions, at)
		}
	}
	return p
}

func (p postings) of(i int) []uint32 {
	from := uint32(0)
	for _, n := range p.freqs[:i] {
		from += n
	}
	return p.positions[from : from+p.freqs[i]]
}

// TestListsAreWalked walks over lists of one row, of a few and of many, in the ways in which a query does, and sees that what they say is what
// was written: all records from one on, and whether those of a block stand in them and where.
func TestListsAreWalked(t *testing.T) {
	const segment, most = 7, 60_000
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		r := rand.New(rand.NewPCG(3, 5))
		lists := map[string]postings{}
		for i, docs := range []uint32{1, 100, 130, 2500, 9000, 40_000, 59_000} {
			lists[string(classPair)+string(rune('a'+i))] = randomPostings(r, docs, most)
		}
		writeLists(t, db, segment, lists)
		ids, err := store.NewIDs(1, nil)
		if err != nil {
			t.Fatal(err)
		}
		ix := New(Options{DB: db, IDs: ids})
		for range 60 {
			for term, want := range lists {
				s := &snapshot{ix: ix}
				l, err := s.openList(t.Context(), segment, term)
				if err != nil {
					t.Fatal(err)
				}
				if len(want.docs) == 0 {
					continue
				}
				if l.size() != len(want.docs) {
					t.Fatalf("%q: %d records, want %d", term, l.size(), len(want.docs))
				}
				if r.IntN(2) == 0 {
					walkEach(t, r, l, want, most)
				} else {
					walkBlocks(t, r, l, want, most)
				}
			}
		}
	})
}

// TestOnlyTheNeededRowsAreRead asks a long list about a few records: a row for each, at most, besides where the rows begin.
func TestOnlyTheNeededRowsAreRead(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		const segment, most = 7, 60_000
		r := rand.New(rand.NewPCG(8, 9))
		want := randomPostings(r, 50_000, most)
		writeLists(t, db, segment, map[string]postings{"Baa": want})
		ids, err := store.NewIDs(1, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &snapshot{ix: New(Options{DB: db, IDs: ids})}
		l, err := s.openList(t.Context(), segment, "Baa")
		if err != nil {
			t.Fatal(err)
		}
		docs := []uint32{20_001, 20_002, 40_000, 59_990}
		before := s.rows
		if n, err := l.ready(t.Context(), docs); err != nil || n != len(docs) {
			t.Fatalf("ready for %d: %v", n, err)
		}
		if len(l.further) < 12 {
			t.Fatalf("the list has %d further rows: it says little", len(l.further))
		}
		if read := s.rows - before; read > 3 {
			t.Errorf("read %d rows for records in three", read)
		}
		for _, doc := range docs {
			_, there := slices.BinarySearch(want.docs, doc)
			if stands, err := l.stands(doc); err != nil || stands != there {
				t.Errorf("record %d: %v, want %v: %v", doc, stands, there, err)
			}
		}
	})
}

func walkEach(t *testing.T, r *rand.Rand, l *list, want postings, most uint32) {
	t.Helper()
	from := uint32(0)
	for range 1 + r.IntN(12) {
		from += r.Uint32N(1 + r.Uint32N(most/4))
		n := 1 + r.IntN(1+r.IntN(5000))
		at, _ := slices.BinarySearch(want.docs, from)
		expected := want.docs[at:min(at+n, len(want.docs))]
		var got []uint32
		last := from
		done, err := l.each(t.Context(), from, n, func(doc uint32) {
			if i := at + len(got); len(got)%50 == 0 && i < len(want.docs) && !slices.Equal(l.positions(nil), want.of(i)) {
				t.Fatalf("record %d: positions %v, want %v", doc, l.positions(nil), want.of(i))
			}
			got, last = append(got, doc), doc+1
		})
		if err != nil || done != len(got) || !slices.Equal(got, expected) {
			t.Fatalf("%d records from %d on: got %d (said %d), want %d: %v", n, from, len(got), done, len(expected), err)
		}
		from = last
	}
}

func walkBlocks(t *testing.T, r *rand.Rand, l *list, want postings, most uint32) {
	t.Helper()
	from := uint32(0)
	for range 1 + r.IntN(8) {
		var docs []uint32
		gap := 1 + r.Uint32N(1+r.Uint32N(500))
		for range 1 + r.IntN(1500) {
			if from += 1 + r.Uint32N(gap); from < most {
				docs = append(docs, from)
			}
		}
		for len(docs) > 0 {
			n, err := l.ready(t.Context(), docs)
			if err != nil || n < 1 || n > len(docs) {
				t.Fatalf("ready for %d of %d: %v", n, len(docs), err)
			}
			for k, doc := range docs[:n] {
				stands, err := l.stands(doc)
				i, there := slices.BinarySearch(want.docs, doc)
				if err != nil || stands != there {
					t.Fatalf("record %d: %v, want %v: %v", doc, stands, there, err)
				}
				if there && k%50 == 0 && !slices.Equal(l.positions(nil), want.of(i)) {
					t.Fatalf("record %d: positions %v, want %v", doc, l.positions(nil), want.of(i))
				}
			}
			docs = docs[n:]
		}
	}
}
