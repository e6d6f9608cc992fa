package search

import (
	"reflect"
	"slices"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestBuilderIsUsedAgain holds what a builder that was used before makes of records against what a new one does.
func TestBuilderIsUsedAgain(t *testing.T) {
	docs := varied(300)
	build := func(b *builder, docs []*Doc) (rows []row, columns []columns) {
		for _, d := range docs {
			b.add(d)
		}
		w := rowWriter{emit: func(r row) error {
			rows = append(rows, r)
			return nil
		}}
		if err := b.lists(w.add); err != nil {
			t.Fatal(err)
		}
		return rows, b.docs
	}
	want, wantColumns := build(newBuilder(100), docs[200:])
	used := newBuilder(200)
	before, _ := build(used, docs[:200])
	kept := slices.Clone(before)
	for i := range kept {
		kept[i].key, kept[i].data = slices.Clone(kept[i].key), slices.Clone(kept[i].data)
	}
	used.empty()
	got, columns := build(used, docs[200:])
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(columns, wantColumns) {
		t.Error("a builder that was used before makes something else of the same records")
	}
	if len(before) < 2 || !reflect.DeepEqual(before, kept) {
		t.Error("what a builder handed out has changed when it was used again")
	}
}

// TestInOrder holds the order of codes against that of their terms.
func TestInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBuilder(1)
		char := rapid.OneOf(rapid.Int32Range('一', '龥'), rapid.Int32Range(1, unicode.MaxRune).Filter(func(r int32) bool { return r < 0xD800 || r > 0xDFFF }))
		seen := map[code]bool{}
		for range rapid.IntRange(0, 200).Draw(t, "codes") {
			c := codeOf(rapid.SampledFrom([]byte{classPair, classEdge, classChar, classTitle}).Draw(t, "class"), char.Draw(t, "first"), 0)
			if rapid.Bool().Draw(t, "two") {
				c |= code(char.Draw(t, "second"))
			}
			if !seen[c] {
				seen[c] = true
				b.fresh(c)
			}
		}
		var terms []string
		for _, c := range b.inOrder() {
			if b.table.codes[c.n] != c.code {
				t.Fatalf("%x is not number %d", c.code, c.n)
			}
			terms = append(terms, c.code.term())
		}
		if !slices.IsSorted(terms) || len(terms) != len(seen) {
			t.Fatalf("not in order: %q", terms)
		}
	})
}

// TestOnce reads back terms that stand once in one record.
func TestOnce(t *testing.T) {
	for _, position := range []uint32{0, 1, 2, 63, 64, 127, 128, 255, 256, 1<<15 - 1, 1 << 15, 1 << 23, 1<<31 + 7, 1<<32 - 1} {
		data := (&chunkWriter{}).append(nil, postings{docs: []uint32{9}, freqs: []uint32{1}, positions: []uint32{position}}, true)
		end := len(data)
		data = append(data, make([]byte, padding)...)
		h, err := readHead(data, 0, 1, true)
		if err != nil || h.end != end || h.first != 9 {
			t.Fatalf("position %d: %+v, %v", position, h, err)
		}
		var c chunk
		c.decode(data, h)
		if got := c.at(0, nil); !slices.Equal(got, []uint32{position}) {
			t.Errorf("position %d reads as %d", position, got)
		}
	}
}
