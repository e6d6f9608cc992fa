package merkle

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash of a leaf or node of the tree. Its text and JSON form is standard base64.
type Hash = tlog.Hash

// LeafHash returns the hash under which entry stands in the tree: SHA-256(0x00 || entry), RFC 6962 § 2.1.
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

const (
	tileHeight = 8

	// TileWidth is the number of hashes in a full tile, and of entries in a full bundle.
	TileWidth = 1 << tileHeight

	// EntriesLevel is the Level of a Tile that names a bundle of entries instead of hashes.
	EntriesLevel = -1

	maxLevel = 63
	maxIndex = 1<<55 - 1 // (maxIndex+1)*TileWidth leaves still fit a 63-bit size
)

// ErrTilePath says that a path is not one of the C2SP tlog-tiles layout.
var ErrTilePath = errors.New("not a tile path")

// Tile names a piece of the tree in the C2SP tlog-tiles layout: Width consecutive hashes at tree level 8×Level, from number
// Index×256 on. With Level EntriesLevel it names the bundle of the entries themselves.
type Tile struct {
	Level int
	Index int64
	Width int // 1 to TileWidth; less than TileWidth is a partial tile, which later sizes replace
}

// TileAt returns the tile that a tree of the given size has at level and index, and whether it has one.
func TileAt(size int64, level int, index int64) (Tile, bool) {
	width := size
	for range max(level, 0) {
		width >>= tileHeight
	}
	width -= index * TileWidth
	if width <= 0 {
		return Tile{}, false
	}
	return Tile{Level: level, Index: index, Width: int(min(width, TileWidth))}, true
}

// Full reports whether the tile is complete, and so never changes.
func (t Tile) Full() bool { return t.Width == TileWidth }

// Path returns the tile's path under the log's prefix: tile/<L>/<N>[.p/<W>], or tile/entries/<N>[.p/<W>].
func (t Tile) Path() string {
	level := "entries"
	if t.Level != EntriesLevel {
		level = strconv.Itoa(t.Level)
	}
	index := fmt.Sprintf("%03d", t.Index%1000)
	for n := t.Index / 1000; n > 0; n /= 1000 {
		index = fmt.Sprintf("x%03d/%s", n%1000, index)
	}
	path := "tile/" + level + "/" + index
	if !t.Full() {
		path += ".p/" + strconv.Itoa(t.Width)
	}
	return path
}

// ParseTilePath is the inverse of Path. It accepts only the one canonical spelling of each tile; any other answers ErrTilePath.
func ParseTilePath(path string) (Tile, error) {
	t := Tile{Width: TileWidth}
	rest, ok := strings.CutPrefix(path, "tile/")
	if len(path) > 100 || !ok {
		return Tile{}, fmt.Errorf("%w: %.100q does not begin with tile/", ErrTilePath, path)
	}
	level, rest, _ := strings.Cut(rest, "/")
	index, width, partial := strings.Cut(rest, ".p/")
	var err error
	if level == "entries" {
		t.Level = EntriesLevel
	} else if t.Level, err = strconv.Atoi(level); err != nil || t.Level < 0 || t.Level > maxLevel {
		return Tile{}, fmt.Errorf("%w: level %.20q is not a number from 0 to %d", ErrTilePath, level, maxLevel)
	}
	if partial {
		if t.Width, err = strconv.Atoi(width); err != nil || t.Width < 1 || t.Width >= TileWidth {
			return Tile{}, fmt.Errorf("%w: width %.20q is not a number from 1 to %d", ErrTilePath, width, TileWidth-1)
		}
	}
	digits := strings.ReplaceAll(strings.ReplaceAll(index, "x", ""), "/", "")
	if t.Index, err = strconv.ParseInt(digits, 10, 64); err != nil || t.Index < 0 || t.Index > maxIndex || t.Path() != path {
		return Tile{}, fmt.Errorf("%w: %.100q is not spelt as x001/x234/067", ErrTilePath, path)
	}
	return t, nil
}

// TileReader returns the bytes of a tile that was stored or is served elsewhere: Width hashes of 32 bytes. More hashes than asked
// for (a partial tile that has grown since) are allowed; they are cut off.
type TileReader func(Tile) ([]byte, error)

// hashes reads the tile and checks its length.
func (read TileReader) hashes(t Tile) ([]Hash, error) {
	data, err := read(t)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Path(), err)
	}
	if len(data) < t.Width*tlog.HashSize || len(data)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("read %s: %w: %d bytes instead of %d", t.Path(), ErrTileAltered, len(data), t.Width*tlog.HashSize)
	}
	hashes := make([]Hash, t.Width)
	for i := range hashes {
		copy(hashes[i][:], data[i*tlog.HashSize:])
	}
	return hashes, nil
}
