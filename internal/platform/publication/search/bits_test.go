package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestBits reads back what was written: numbers one by one, and all at once as their sums.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.UintRange(0, 20).Draw(t, "k")
		number := rapid.OneOf(rapid.Uint32Range(0, 3), rapid.Uint32Range(0, 200), rapid.Uint32Range(0, 1<<(k+6)))
		numbers := rapid.SliceOfN(number, 1, chunkDocs).Draw(t, "numbers")
		var w bitWriter
		w.put(5, 3)
		for _, v := range numbers {
			w.rice(v, k)
		}
		w.put(21, 5)
		data := append(w.end(), make([]byte, padding)...)

		one := bitReader{data: data, pos: 3}
		sums, ends := []uint32{7}, []uint32{}
		for _, v := range numbers {
			if got := one.rice(k); got != v {
				t.Fatalf("read %d, wrote %d", got, v)
			}
			sums = append(sums, sums[len(sums)-1]+v+1)
			ends = append(ends, sums[len(sums)-1]-7)
		}
		if one.get(5) != 21 {
			t.Fatal("what follows is not where it was written")
		}
		all := bitReader{data: data, pos: 3}
		got := make([]uint32, len(sums))
		got[0] = 7
		if all.sums(got, k); !slices.Equal(got, sums) || all.get(5) != 21 {
			t.Fatalf("sums %v, want %v", got, sums)
		}
		if k > 0 {
			return
		}
		counted := bitReader{data: data, pos: 3}
		got = make([]uint32, len(ends))
		if counted.ends(got); !slices.Equal(got, ends) || counted.get(5) != 21 {
			t.Fatalf("ends %v, want %v", got, ends)
		}
	})
}
