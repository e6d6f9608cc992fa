package merkle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

var (
	// ErrRootMismatch says that a tree does not have the root that its checkpoint states. Nothing may be appended to it.
	ErrRootMismatch = errors.New("the tree does not have the root of its checkpoint")

	// ErrTileAltered says that a tile does not hold the hashes that follow from the entries, or has lost its form.
	ErrTileAltered = errors.New("tile altered")
)

// Edge is the right edge of a tree: all that is needed to append to it. The zero Edge is that of the empty tree. An Edge is a
// value: Append returns a new one and leaves the old one usable, so that a failed write costs nothing.
type Edge struct {
	size   int64
	levels [][]Hash // levels[l] holds the hashes of the partial tile at level l, fewer than TileWidth
}

// TileData is a tile with its bytes, ready to be stored under Path.
type TileData struct {
	Tile
	Data []byte
}

// LoadEdge reads the right edge of the tree of the given size and checks that it has the given root, that of the last
// checkpoint. A difference answers ErrRootMismatch or ErrTileAltered.
func LoadEdge(size int64, root Hash, read TileReader) (Edge, error) {
	if size < 0 {
		return Edge{}, fmt.Errorf("load the edge of the log: size %d is negative", size)
	}
	e := Edge{size: size}
	for level, width := 0, size; width > 0; level, width = level+1, width>>tileHeight {
		var hashes []Hash
		if w := width % TileWidth; w > 0 {
			var err error
			if hashes, err = read.hashes(Tile{Level: level, Index: width / TileWidth, Width: int(w)}); err != nil {
				return Edge{}, fmt.Errorf("load the edge of the log: %w", err)
			}
		}
		e.levels = append(e.levels, hashes)
	}
	if e.Root() != root {
		return Edge{}, fmt.Errorf("load the edge of the log at size %d: %w", size, ErrRootMismatch)
	}
	return e, nil
}

// Size returns the number of leaves of the tree.
func (e Edge) Size() int64 { return e.size }

// Root returns the tree's root hash (RFC 6962 § 2.1); that of the empty tree is the SHA-256 of nothing.
func (e Edge) Root() Hash {
	if e.size == 0 {
		return sha256.Sum256(nil)
	}
	// The tree is a row of perfect subtrees that get smaller to the right: fold it from the right.
	var root Hash
	started := false
	for _, hashes := range e.levels {
		for len(hashes) > 0 {
			n := len(hashes) & -len(hashes) // the width of the last perfect subtree
			h := perfectRoot(hashes[len(hashes)-n:])
			if started {
				h = tlog.NodeHash(h, root)
			}
			root, started = h, true
			hashes = hashes[:len(hashes)-n]
		}
	}
	return root
}

// Append adds leaves and returns the new edge with the tiles that have to be written: each tile that became full, and the
// partial tile at the end of each level that changed. Hash tiles only; the entries' bundles are the caller's.
func (e Edge) Append(leaves []Hash) (Edge, []TileData) {
	next := Edge{size: e.size + int64(len(leaves)), levels: slices.Clone(e.levels)}
	var tiles []TileData
	above := leaves
	for level, width := 0, e.size; len(above) > 0; level, width = level+1, width>>tileHeight {
		if level == len(next.levels) {
			next.levels = append(next.levels, nil)
		}
		hashes := slices.Concat(next.levels[level], above)
		index := width / TileWidth
		above = nil
		for ; len(hashes) >= TileWidth; hashes, index = hashes[TileWidth:], index+1 {
			tiles = append(tiles, newTileData(level, index, hashes[:TileWidth]))
			above = append(above, perfectRoot(hashes[:TileWidth]))
		}
		if len(hashes) > 0 {
			tiles = append(tiles, newTileData(level, index, hashes))
		}
		next.levels[level] = slices.Clone(hashes)
	}
	return next, tiles
}

// partial returns the partial tiles at the end of each level.
func (e Edge) partial() []TileData {
	var tiles []TileData
	for level, hashes := range e.levels {
		if len(hashes) > 0 {
			tiles = append(tiles, newTileData(level, e.size>>(tileHeight*(level+1)), hashes))
		}
	}
	return tiles
}

func newTileData(level int, index int64, hashes []Hash) TileData {
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		data = append(data, hashes[i][:]...)
	}
	return TileData{Tile{level, index, len(hashes)}, data}
}

// perfectRoot returns the root over a power of two of hashes.
func perfectRoot(hashes []Hash) Hash {
	var row [TileWidth]Hash
	n := copy(row[:], hashes)
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}
