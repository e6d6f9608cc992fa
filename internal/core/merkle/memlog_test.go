package merkle

import (
	"fmt"
	"io/fs"
	"maps"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// memLog is a log in memory, written the way the ledger writes one.
type memLog struct {
	signer   note.Signer
	verifier note.Verifier
	files    map[string][]byte
	entries  [][]byte
	edge     Edge
	signed   []byte
}

// zeroReader makes a fixed key: the tests need the same one in every run.
type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

const testOrigin = "test.openhall.org/log"

func newMemLog(t testing.TB) *memLog {
	t.Helper()
	secret, public, err := GenerateKey(zeroReader{}, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	l := &memLog{files: map[string][]byte{}}
	if l.signer, err = NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	if l.verifier, err = NewVerifier(public); err != nil {
		t.Fatal(err)
	}
	l.sign(t)
	return l
}

func (l *memLog) sign(t testing.TB) {
	t.Helper()
	signed, err := Checkpoint{Origin: testOrigin, Size: l.edge.Size(), Root: l.edge.Root()}.Sign(l.signer)
	if err != nil {
		t.Fatal(err)
	}
	l.signed = signed
}

// add appends a batch of entries and signs a checkpoint.
func (l *memLog) add(t testing.TB, entries ...[]byte) {
	t.Helper()
	leaves := make([]Hash, len(entries))
	for i, e := range entries {
		leaves[i] = LeafHash(e)
	}
	first := l.edge.Size() / TileWidth
	edge, tiles := l.edge.Append(leaves)
	for _, tile := range tiles {
		l.files[tile.Path()] = tile.Data
	}
	l.edge, l.entries = edge, append(l.entries, entries...)
	for index := first; ; index++ {
		tile, ok := TileAt(edge.Size(), EntriesLevel, index)
		if !ok {
			break
		}
		bundle, err := EncodeBundle(l.entries[index*TileWidth : index*TileWidth+int64(tile.Width)])
		if err != nil {
			t.Fatal(err)
		}
		l.files[tile.Path()] = bundle
	}
	l.sign(t)
}

func (l *memLog) Checkpoint() ([]byte, error) { return l.signed, nil }

func (l *memLog) Tile(path string) ([]byte, error) {
	data, ok := l.files[path]
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return data, nil
}

func (l *memLog) read(t Tile) ([]byte, error) { return l.Tile(t.Path()) }

// with returns a copy of the log in which one file holds other bytes.
func (l *memLog) with(path string, data []byte) *memLog {
	c := *l
	c.files = maps.Clone(l.files)
	c.files[path] = data
	return &c
}

// event returns an entry of a case.
func event(caseID string, seq int) []byte {
	return fmt.Appendf(nil, `{"case":%q,"kind":"accept","seq":%d}`, caseID, seq)
}

// numbered returns n leaves "leaf 0", "leaf 1", …
func numbered(n int) []Hash {
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = LeafHash(fmt.Appendf(nil, "leaf %d", i))
	}
	return leaves
}
