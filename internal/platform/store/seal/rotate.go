package seal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Keys returns the short names of the keys of a ring, 8 hexadecimal digits each, the one that seals first, the others by name.
func (r *Ring) Keys() []string {
	var others []string
	for id := range r.aeads {
		if id != r.first {
			others = append(others, fmt.Sprintf("%08x", id))
		}
	}
	slices.Sort(others)
	return append([]string{fmt.Sprintf("%08x", r.first)}, others...)
}

// KeyOf returns the short name of the key that a value was sealed with.
func KeyOf(sealed []byte) string {
	if len(sealed) < 4 {
		return ""
	}
	return fmt.Sprintf("%08x", binary.BigEndian.Uint32(sealed))
}

// Rotate puts a new key on top of the ring in a file. It seals from the next start of a program on; the old ones go on opening. The file
// is there whole at every instant.
func Rotate(path string) (*Ring, error) {
	old, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	data := base64.StdEncoding.EncodeToString(key) + "\n" + strings.TrimLeft(string(old), "\n")
	ring, err := parse([]byte(data))
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
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	return ring, nil
}
