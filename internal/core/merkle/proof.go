package merkle

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof says that a proof does not lead from what it should prove to the root of the checkpoint.
var ErrProof = errors.New("the proof does not hold")

// InclusionProof returns the hashes that lead from the leaf at index to the root of the tree of the given size, from the leaf's
// sibling upward (RFC 6962 § 2.1.1).
func InclusionProof(size, index int64, read TileReader) ([]Hash, error) {
	if index < 0 || index >= size {
		return nil, fmt.Errorf("prove entry %d: the log has %d entries", index, size)
	}
	proof, err := tlog.ProveRecord(size, index, hashReader(size, read))
	if err != nil {
		return nil, fmt.Errorf("prove entry %d of %d: %w", index, size, err)
	}
	return proof, nil
}

// ConsistencyProof returns the hashes that show that the tree of the given size begins with the tree of size old
// (RFC 6962 § 2.1.2). Nothing has to be shown for the empty tree.
func ConsistencyProof(old, size int64, read TileReader) ([]Hash, error) {
	if old < 0 || old > size {
		return nil, fmt.Errorf("prove that size %d precedes %d: it must lie between 0 and %d", old, size, size)
	}
	if old == 0 {
		return nil, nil
	}
	proof, err := tlog.ProveTree(size, old, hashReader(size, read))
	if err != nil {
		return nil, fmt.Errorf("prove that size %d precedes %d: %w", old, size, err)
	}
	return proof, nil
}

// VerifyInclusion checks that proof leads from leaf at index to root at size, or answers ErrProof.
func VerifyInclusion(proof []Hash, size int64, root Hash, index int64, leaf Hash) error {
	if index < 0 || index >= size {
		return fmt.Errorf("%w: place %d lies outside a log of %d entries", ErrProof, index, size)
	}
	if err := tlog.CheckRecord(proof, size, root, index, leaf); err != nil {
		return fmt.Errorf("%w: entry %d in a log of %d entries", ErrProof, index, size)
	}
	return nil
}

// VerifyConsistency checks that the tree of size and root begins with the tree of oldSize and oldRoot, or answers ErrProof.
func VerifyConsistency(proof []Hash, size int64, root Hash, oldSize int64, oldRoot Hash) error {
	switch {
	case oldSize < 0 || oldSize > size:
		return fmt.Errorf("%w: size %d cannot precede %d", ErrProof, oldSize, size)
	case oldSize == 0:
		if len(proof) > 0 || oldRoot != (Edge{}).Root() {
			return fmt.Errorf("%w: the empty log has its own root and needs no proof", ErrProof)
		}
		return nil
	}
	if err := tlog.CheckTree(proof, size, root, oldSize, oldRoot); err != nil {
		return fmt.Errorf("%w: size %d to size %d", ErrProof, oldSize, size)
	}
	return nil
}

// hashReader answers tlog's questions for stored hashes from the tiles of a tree of the given size, each read once. It trusts
// the tiles: a proof made from altered ones fails in the verification, which costs the prover less than checking every tile.
func hashReader(size int64, read TileReader) tlog.HashReader {
	type key struct {
		level int
		index int64
	}
	seen := map[key][]byte{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, x := range indexes {
			t := tlog.TileForIndex(tileHeight, x)
			tile, ok := TileAt(size, t.L, t.N)
			if !ok {
				return nil, fmt.Errorf("a log of %d entries has no tile %d of level %d", size, t.N, t.L)
			}
			t.W = tile.Width
			k := key{t.L, t.N}
			if seen[k] == nil {
				data, err := read(tile)
				if err != nil {
					return nil, fmt.Errorf("read %s: %w", tile.Path(), err)
				}
				if len(data) < tile.Width*tlog.HashSize {
					return nil, fmt.Errorf("read %s: %w: %d bytes instead of %d", tile.Path(), ErrTileAltered, len(data), tile.Width*tlog.HashSize)
				}
				seen[k] = data
			}
			h, err := tlog.HashFromTile(t, seen[k], x)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", tile.Path(), err)
			}
			out[i] = h
		}
		return out, nil
	})
}
