package merkle

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rfcLeaves are the test leaves of the Certificate Transparency reference implementation (google/certificate-transparency,
// merkletree tests), and rfcRoots the roots of their first n, n from 0.
var (
	rfcLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	rfcRoots  = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rfcEdge(t testing.TB, n int) (Edge, TileReader) {
	t.Helper()
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = LeafHash(unhex(t, rfcLeaves[i]))
	}
	edge, tiles := Edge{}.Append(leaves)
	return edge, func(want Tile) ([]byte, error) {
		for _, tile := range tiles {
			if tile.Tile == want {
				return tile.Data, nil
			}
		}
		return nil, fmt.Errorf("no %s", want.Path())
	}
}

func TestRootsOfRFC6962(t *testing.T) {
	for n, want := range rfcRoots {
		edge, _ := rfcEdge(t, n)
		if got := edge.Root(); hex.EncodeToString(got[:]) != want {
			t.Errorf("root of %d leaves = %x, want %s", n, got, want)
		}
	}
}

// The proofs were computed from the recursive definitions of RFC 6962 §§ 2.1.1 and 2.1.2 by a separate Python program; those
// of the 8 leaves are also the reference implementation's.
func TestProofsOfRFC6962(t *testing.T) {
	for _, c := range []struct {
		name        string
		from, size  int64
		consistency bool
		want        []string
	}{
		{"entry 5 of 8", 5, 8, false, []string{
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		}},
		{"entry 2 of 3", 2, 3, false, []string{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
		{"size 6 precedes 8", 6, 8, true, []string{
			"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		}},
		{"size 2 precedes 5", 2, 5, true, []string{
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		}},
		{"size 0 precedes 5", 0, 5, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			edge, read := rfcEdge(t, int(c.size))
			prove, check := InclusionProof, func(proof []Hash) error {
				return VerifyInclusion(proof, c.size, edge.Root(), c.from, LeafHash(unhex(t, rfcLeaves[c.from])))
			}
			if c.consistency {
				prove, check = func(size, old int64, read TileReader) ([]Hash, error) { return ConsistencyProof(old, size, read) },
					func(proof []Hash) error {
						old, _ := rfcEdge(t, int(c.from))
						return VerifyConsistency(proof, c.size, edge.Root(), c.from, old.Root())
					}
			}
			proof, err := prove(c.size, c.from, read)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range proof {
				got = append(got, hex.EncodeToString(h[:]))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("proof = %v, want %v", got, c.want)
			}
			if err := check(proof); err != nil {
				t.Errorf("the proof does not verify: %v", err)
			}
		})
	}
}

// Roots of "leaf 0", "leaf 1", … at sizes around the borders of tiles, from the same Python program; the sizes 70,000 and 256
// are the examples of tlog-tiles.
func TestTilesAroundBorders(t *testing.T) {
	leaves := numbered(70000)
	for _, c := range []struct {
		size  int
		root  string
		tiles []string // the partial tiles at the end
	}{
		{255, "d71592a219d4067663eede247f9b54c3f9e0290682d55de09b495b07f1de41c9", []string{"tile/0/000.p/255"}},
		{256, "cf5effdb11d0927a2edf53b0e73c7837f659414e00537da5d90eb5c4c49ff274", []string{"tile/1/000.p/1"}},
		{257, "855b936aa00cb98b5114484249ad39d78a6be93623e26c01e8e487dc02184a5a", []string{"tile/0/001.p/1", "tile/1/000.p/1"}},
		{300, "e7afc82d38944fc7930545328091d45823288c1f734cbdac06396713ebd4b5d5", []string{"tile/0/001.p/44", "tile/1/000.p/1"}},
		{65536, "e100ba54d69a91012fc13b7890feac78d6996a097268b6f735d17311c7402a60", []string{"tile/2/000.p/1"}},
		{70000, "da0532ff7b2ee56f4067110fc964e9f27b5959f9527bfff3fa501aa7584deaf3",
			[]string{"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}},
	} {
		edge, tiles := Edge{}.Append(leaves[:c.size])
		if root := edge.Root(); hex.EncodeToString(root[:]) != c.root {
			t.Errorf("root of %d = %x, want %s", c.size, root, c.root)
		}
		var partial []string
		full := 0
		for _, tile := range tiles {
			if tile.Full() {
				full++
			} else {
				partial = append(partial, tile.Path())
			}
		}
		if !slices.Equal(partial, c.tiles) {
			t.Errorf("partial tiles of %d = %v, want %v", c.size, partial, c.tiles)
		}
		if want := c.size/256 + c.size/65536; full != want {
			t.Errorf("full tiles of %d = %d, want %d", c.size, full, want)
		}
	}
}

func TestAppendInAnySplit(t *testing.T) {
	leaves := numbered(3000)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, len(leaves)).Draw(t, "size")
		whole, wholeTiles := Edge{}.Append(leaves[:size])
		want := map[string][]byte{}
		for _, tile := range wholeTiles {
			want[tile.Path()] = tile.Data
		}
		got := map[string][]byte{}
		read := func(t Tile) ([]byte, error) { return got[t.Path()], nil }
		edge := Edge{}
		for done := 0; done < size; {
			n := rapid.IntRange(1, min(700, size-done)).Draw(t, "batch")
			before := edge.Root()
			next, tiles := edge.Append(leaves[done : done+n])
			if edge.Root() != before || edge.Size() != int64(done) {
				t.Fatal("Append changed the edge it was called on")
			}
			for _, tile := range tiles {
				got[tile.Path()] = tile.Data
			}
			done += n
			loaded, err := LoadEdge(int64(done), next.Root(), read) // what a restarted sequencer does
			if err != nil {
				t.Fatal(err)
			}
			edge = loaded
		}
		if edge.Root() != whole.Root() {
			t.Fatalf("root in batches %v, at once %v", edge.Root(), whole.Root())
		}
		for path, data := range want {
			if !bytes.Equal(got[path], data) {
				t.Fatalf("%s differs", path)
			}
		}
	})
}

func TestLoadEdgeRefusesAlteredTiles(t *testing.T) {
	edge, tiles := Edge{}.Append(numbered(70000))
	stored := map[Tile][]byte{}
	for _, tile := range tiles {
		stored[tile.Tile] = tile.Data
	}
	read := func(t Tile) ([]byte, error) { return stored[t], nil }
	for _, tile := range edge.partial() {
		good := stored[tile.Tile]
		for _, position := range []int{0, len(good) / 2, len(good) - 1} {
			bad := bytes.Clone(good)
			bad[position] ^= 1
			stored[tile.Tile] = bad
			if _, err := LoadEdge(edge.Size(), edge.Root(), read); !errors.Is(err, ErrRootMismatch) {
				t.Errorf("%s altered at %d: %v, want ErrRootMismatch", tile.Path(), position, err)
			}
		}
		stored[tile.Tile] = good[:len(good)-1]
		if _, err := LoadEdge(edge.Size(), edge.Root(), read); !errors.Is(err, ErrTileAltered) {
			t.Errorf("%s cut short: %v, want ErrTileAltered", tile.Path(), err)
		}
		stored[tile.Tile] = good
	}
	if _, err := LoadEdge(-1, edge.Root(), read); err == nil {
		t.Error("a negative size is accepted")
	}
	failing := errors.New("disk")
	if _, err := LoadEdge(5, edge.Root(), func(Tile) ([]byte, error) { return nil, failing }); !errors.Is(err, failing) {
		t.Errorf("error of the reader is lost: %v", err)
	}
}

func TestProofsHoldAndOnlyThey(t *testing.T) {
	leaves := numbered(2000)
	_, all := Edge{}.Append(leaves)
	full := map[Tile][]byte{}
	for _, tile := range all {
		full[tile.Tile] = tile.Data
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, int64(len(leaves))).Draw(t, "size")
		edge, tiles := Edge{}.Append(leaves[:size])
		stored := map[Tile][]byte{}
		for _, tile := range tiles {
			stored[tile.Tile] = tile.Data
		}
		read := func(t Tile) ([]byte, error) { return stored[t], nil }
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		proof, err := InclusionProof(size, index, read)
		if err != nil {
			t.Fatal(err)
		}
		root := edge.Root()
		if err := VerifyInclusion(proof, size, root, index, leaves[index]); err != nil {
			t.Fatal(err)
		}
		other := rapid.Int64Range(0, size-1).Filter(func(n int64) bool { return n != index || size == 1 }).Draw(t, "other")
		if size > 1 {
			if VerifyInclusion(proof, size, root, other, leaves[index]) == nil {
				t.Fatal("the proof holds for another place")
			}
			if VerifyInclusion(proof, size, root, index, leaves[other]) == nil {
				t.Fatal("the proof holds for another leaf")
			}
			broken := slices.Clone(proof)
			broken[rapid.IntRange(0, len(broken)-1).Draw(t, "hash")][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 0x40
			if VerifyInclusion(broken, size, root, index, leaves[index]) == nil {
				t.Fatal("an altered proof holds")
			}
		}
		if VerifyInclusion(append(slices.Clone(proof), Hash{}), size, root, index, leaves[index]) == nil {
			t.Fatal("a longer proof holds")
		}

		old := rapid.Int64Range(0, size).Draw(t, "old")
		before, _ := Edge{}.Append(leaves[:old])
		consistency, err := ConsistencyProof(old, size, read)
		if err != nil {
			t.Fatal(err)
		}
		if err := VerifyConsistency(consistency, size, root, old, before.Root()); err != nil {
			t.Fatal(err)
		}
		forged := before.Root()
		forged[7] ^= 1
		if VerifyConsistency(consistency, size, root, old, forged) == nil {
			t.Fatal("consistent with a tree that never was")
		}
	})
}

func TestProofArguments(t *testing.T) {
	edge, read := rfcEdge(t, 8)
	for _, index := range []int64{-1, 8} {
		if _, err := InclusionProof(8, index, read); err == nil {
			t.Errorf("entry %d of 8 proved", index)
		}
		if err := VerifyInclusion(nil, 8, edge.Root(), index, Hash{}); !errors.Is(err, ErrProof) {
			t.Errorf("entry %d of 8 verified: %v", index, err)
		}
	}
	for _, old := range []int64{-1, 9} {
		if _, err := ConsistencyProof(old, 8, read); err == nil {
			t.Errorf("size %d before 8 proved", old)
		}
		if err := VerifyConsistency(nil, 8, edge.Root(), old, Hash{}); !errors.Is(err, ErrProof) {
			t.Errorf("size %d before 8 verified: %v", old, err)
		}
	}
	short := func(Tile) ([]byte, error) { return make([]byte, 33), nil }
	if _, err := InclusionProof(8, 3, short); !errors.Is(err, ErrTileAltered) {
		t.Errorf("a short tile: %v", err)
	}
}
