package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Column (密文列) names a column of sealed values, so that they can be sealed anew with another key.
type Column struct {
	Table, Name string
	Key         []string               // columns that tell its rows apart, in the order in which they are walked over
	Place       func(key []any) string // the context that the value of a row is bound to; key holds int64 and string
}

// ByID is the place of the values of a table whose key is one number.
func ByID(place func(id int64) string) func(key []any) string {
	return func(key []any) string {
		id, _ := key[0].(int64)
		return place(id)
	}
}

// state tells whether a file has changed.
type state struct {
	size int64
	at   time.Time
}

func stateOf(path string) (state, error) {
	info, err := os.Stat(path)
	if err != nil {
		return state{}, fmt.Errorf("key ring: %w", err)
	}
	return state{info.Size(), info.ModTime()}, nil
}

// readKeys reads the keys of a file.
func readKeys(path string) (*keys, error) {
	read, err := stateOf(path) // before the content: what changes in between is read again
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	list, lookup, err := parse(data)
	if err != nil {
		return nil, err
	}
	k, err := newKeys(list, lookup)
	if err != nil {
		return nil, err
	}
	k.read = read
	return k, nil
}

// Refresh reads the file of the ring again when it has changed, and reports whether it had. Keys by which nothing would be found again
// are refused: they are those of another hall.
func (r *Ring) Refresh() (changed bool, err error) {
	if r.path == "" {
		return false, nil
	}
	was := r.held.Load()
	now, err := stateOf(r.path)
	if err != nil || now == was.read {
		return false, err
	}
	k, err := readKeys(r.path)
	if err != nil {
		return false, err
	}
	if !bytes.Equal(k.index, was.index) || !bytes.Equal(k.token, was.token) {
		return false, fmt.Errorf("key ring: %s holds the keys of another hall, or its oldest line is missing; the keys that were read before stay in use", r.path)
	}
	r.held.Store(k)
	return true, nil
}

// aead returns a key by its name, or nil. One that is not known may have been put into the file since.
func (r *Ring) aead(id uint32) cipher.AEAD {
	if a := r.held.Load().aeads[id]; a != nil {
		return a
	}
	if _, err := r.Refresh(); err != nil {
		return nil // the value can't be opened, which is what the caller is told
	}
	return r.held.Load().aeads[id]
}

// Keys returns the short names of the keys of a ring, 8 hexadecimal digits each, the one that seals first, the others by name.
func (r *Ring) Keys() []string {
	k := r.held.Load()
	var others []string
	for id := range k.aeads {
		if id != k.first {
			others = append(others, fmt.Sprintf("%08x", id))
		}
	}
	slices.Sort(others)
	return append([]string{fmt.Sprintf("%08x", k.first)}, others...)
}

// First returns what stands before each value that the ring seals now.
func (r *Ring) First() []byte { return binary.BigEndian.AppendUint32(nil, r.held.Load().first) }

// KeyOf returns the short name of the key that a value was sealed with.
func KeyOf(sealed []byte) string {
	if len(sealed) < 4 {
		return ""
	}
	return fmt.Sprintf("%08x", binary.BigEndian.Uint32(sealed))
}

// Rotate puts a new key on top of the ring in a file: it seals from now on, and the old ones go on opening. The file is there whole at
// every instant.
func Rotate(path string) (*Ring, error) {
	old, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return replace(path, base64.StdEncoding.EncodeToString(key)+"\n"+strings.TrimLeft(string(old), "\n"))
}

// Retire (销毁旧密钥) takes all keys out of the ring in a file but the one that seals, and returns their names. What look-ups and codes are
// derived from stays. What is still sealed with the others can never be opened again.
func Retire(path string) (gone []string, err error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	list, lookup, err := parse(data)
	if err != nil {
		return nil, err
	}
	if len(list) < 2 {
		return nil, nil
	}
	if lookup == nil {
		if lookup, err = lookupOf(list[len(list)-1]); err != nil {
			return nil, err
		}
	}
	for _, k := range list[1:] {
		gone = append(gone, fmt.Sprintf("%08x", idOf(k)))
	}
	_, err = replace(path, base64.StdEncoding.EncodeToString(list[0])+"\n"+lookupMark+base64.StdEncoding.EncodeToString(lookup)+"\n")
	return gone, err
}

// replace puts another text in the place of a ring, once it is known to be one.
func replace(path, data string) (*Ring, error) {
	list, lookup, err := parse([]byte(data))
	if err != nil {
		return nil, err
	}
	k, err := newKeys(list, lookup)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Clean(path)+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	_, err = f.WriteString(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = flush(filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	r := &Ring{}
	r.held.Store(k)
	return r, nil
}

// flush makes the names in a folder survive a power cut.
func flush(dir string) error {
	f, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
