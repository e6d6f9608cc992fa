package merkle

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// Rows from the C2SP tlog-tiles text, "Merkle Tree" and "Partial Tiles".
var tilePaths = []struct {
	tile Tile
	path string
}{
	{Tile{0, 1234067, 256}, "tile/0/x001/x234/067"},
	{Tile{1, 1, 17}, "tile/1/001.p/17"},
	{Tile{0, 273, 112}, "tile/0/273.p/112"},
	{Tile{EntriesLevel, 0, 256}, "tile/entries/000"},
	{Tile{EntriesLevel, 1000, 1}, "tile/entries/x001/000.p/1"},
	{Tile{63, 0, 255}, "tile/63/000.p/255"},
}

func TestTilePath(t *testing.T) {
	for _, c := range tilePaths {
		if got := c.tile.Path(); got != c.path {
			t.Errorf("%+v: path %s, want %s", c.tile, got, c.path)
		}
		if got, err := ParseTilePath(c.path); err != nil || got != c.tile {
			t.Errorf("%s: %+v, %v, want %+v", c.path, got, err, c.tile)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/x/000", "tile/0/0",
		"tile/0/0000", "tile/0/001/234", "tile/0/x001/x234", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p/1/", "/tile/0/000", "tile/0/-01", "tile/0/../1", "tile/8/0/000",
		"tile/0/" + strings.Repeat("x999/", 7) + "999", "tile/0/" + strings.Repeat("x999/", 30) + "999",
	} {
		if got, err := ParseTilePath(path); !errors.Is(err, ErrTilePath) {
			t.Errorf("%q accepted as %+v (%v)", path, got, err)
		}
	}
}

func TestTileAt(t *testing.T) {
	for _, c := range []struct {
		size  int64
		level int
		index int64
		width int // 0: there is none
	}{
		{70000, 0, 272, 256}, {70000, 0, 273, 112}, {70000, 0, 274, 0}, {70000, EntriesLevel, 273, 112},
		{70000, 1, 0, 256}, {70000, 1, 1, 17}, {70000, 2, 0, 1}, {70000, 3, 0, 0}, {256, 1, 0, 1}, {255, 1, 0, 0}, {0, 0, 0, 0},
	} {
		got, ok := TileAt(c.size, c.level, c.index)
		if ok != (c.width > 0) || got.Width != c.width {
			t.Errorf("size %d, level %d, tile %d: %+v %v, want width %d", c.size, c.level, c.index, got, ok, c.width)
		}
	}
}

func TestBundle(t *testing.T) {
	long := bytes.Repeat([]byte("a"), MaxEntry)
	got, err := EncodeBundle([][]byte{[]byte("hi"), {}, []byte("a")})
	if want := "\x00\x02hi\x00\x00\x00\x01a"; err != nil || string(got) != want {
		t.Errorf("bundle %q, %v, want %q", got, err, want)
	}
	if got, err = EncodeBundle([][]byte{long}); err != nil || !bytes.HasPrefix(got, []byte{0xff, 0xff}) {
		t.Errorf("the longest entry: %.4q, %v", got, err)
	}
	if _, err := EncodeBundle([][]byte{append(long, 'a')}); !errors.Is(err, ErrEntryTooLong) {
		t.Errorf("a longer entry: %v", err)
	}
	for _, n := range []int{0, TileWidth + 1} {
		if _, err := EncodeBundle(make([][]byte, n)); !errors.Is(err, ErrBundle) {
			t.Errorf("%d entries encoded: %v", n, err)
		}
		if _, err := DecodeBundle(make([]byte, 2*n)); !errors.Is(err, ErrBundle) {
			t.Errorf("%d entries decoded: %v", n, err)
		}
	}
	for _, bad := range []string{"\x00", "\x00\x01", "\x00\x02h", "\x00\x01a\x00"} {
		if _, err := DecodeBundle([]byte(bad)); !errors.Is(err, ErrBundle) {
			t.Errorf("%q: %v, want ErrBundle", bad, err)
		}
	}
}

func FuzzParseTilePath(f *testing.F) {
	for _, c := range tilePaths {
		f.Add(c.path)
	}
	f.Add("tile/0/x001/x234/067.p/0255")
	f.Fuzz(func(t *testing.T, path string) {
		if tile, err := ParseTilePath(path); err == nil && tile.Path() != path {
			t.Errorf("%q is read as %+v, which is %q", path, tile, tile.Path())
		}
	})
}

func FuzzDecodeBundle(f *testing.F) {
	f.Add([]byte("\x00\x02hi\x00\x00\x00\x01a"))
	f.Add([]byte("\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := DecodeBundle(data)
		if err != nil {
			return
		}
		if again, err := EncodeBundle(entries); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q does not survive: %q, %v", data, again, err)
		}
	})
}
