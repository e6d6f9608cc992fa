// Package seal encrypts personal columns with a key that lies outside the database.
//
// A stolen database file, a backup or a replica shows nothing of what was sealed. The key ring is a small text file, one key a
// line, newest first: the first key seals, all of them open, so that keys can be rotated ([Rotate]) while old rows are sealed anew
// ([Column] names them) and old keys are taken out ([Retire]). Every sealed value is bound to a context (table, column, row), so that it
// cannot be moved to another place and opened there.
//
// Look-ups and codes are derived from the oldest key. When that is taken out, what was derived from it stays in a line of its own:
//
//	wcFzb2QyJ…            the key that seals
//	lookup 1vX0Zr9s…      what look-ups and codes are derived from; no value was ever sealed with it
package seal

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

const keySize = 32

// lookupMark begins the line of what look-ups and codes are derived from.
const lookupMark = "lookup "

// ErrOpen says that a sealed value can't be opened: it was altered, belongs elsewhere, or its key is not in the ring.
var ErrOpen = errors.New("sealed value can't be opened: it was altered or its key is missing from the key ring")

// Ring is a set of keys. It is safe for concurrent use.
type Ring struct {
	path string // the file it was read from, which may change; empty: none
	held atomic.Pointer[keys]
}

// keys is what a ring holds at an instant.
type keys struct {
	read  state // of the file
	first uint32
	aeads map[uint32]cipher.AEAD
	index []byte // for blind indexes; derived from the oldest key so that rotation keeps them
	token []byte // for codes that are derived and never stored
}

// New makes a ring of one or more keys of 32 bytes, newest first.
func New(keys ...[]byte) (*Ring, error) {
	k, err := newKeys(keys, nil)
	if err != nil {
		return nil, err
	}
	r := &Ring{}
	r.held.Store(k)
	return r, nil
}

// newKeys prepares keys. lookup is what look-ups and codes are derived from; nil: the oldest key.
func newKeys(list [][]byte, lookup []byte) (*keys, error) {
	if len(list) == 0 {
		return nil, errors.New("key ring: no key")
	}
	r := &keys{aeads: make(map[uint32]cipher.AEAD, len(list))}
	for i, k := range list {
		if len(k) != keySize {
			return nil, fmt.Errorf("key ring: key %d has %d bytes; want %d", i+1, len(k), keySize)
		}
		sub, err := derive(k, "openhall/seal/1")
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(sub)
		if err != nil {
			return nil, fmt.Errorf("key ring: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("key ring: %w", err)
		}
		id := idOf(k)
		if _, twice := r.aeads[id]; twice {
			return nil, fmt.Errorf("key ring: key %d stands there twice", i+1)
		}
		r.aeads[id] = aead
		if i == 0 {
			r.first = id
		}
	}
	if lookup == nil {
		var err error
		if lookup, err = lookupOf(list[len(list)-1]); err != nil {
			return nil, err
		}
	}
	r.index, r.token = lookup[:keySize], lookup[keySize:]
	return r, nil
}

// idOf returns the name of a key, which stands before what it has sealed.
func idOf(key []byte) uint32 {
	sum := sha256.Sum256(append([]byte("openhall/key-id"), key...))
	return binary.BigEndian.Uint32(sum[:4])
}

// lookupOf returns what look-ups and codes are derived from. Nothing leads back from it to the key.
func lookupOf(oldest []byte) ([]byte, error) {
	index, err1 := derive(oldest, "openhall/index/1")
	token, err2 := derive(oldest, "openhall/token/1")
	return append(index, token...), errors.Join(err1, err2)
}

func derive(key []byte, info string) ([]byte, error) {
	b, err := hkdf.Key(sha256.New, key, nil, info, keySize)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	return b, nil
}

// Load reads the ring from a file and, when there is no file yet, makes one with a new key, readable by its owner only.
func Load(path string) (*Ring, error) {
	k, err := readKeys(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(path); err != nil {
			return nil, fmt.Errorf("key ring: %w", err)
		}
		k, err = readKeys(path)
	}
	if err != nil {
		return nil, err
	}
	r := &Ring{path: path}
	r.held.Store(k)
	return r, nil
}

func create(path string) error {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	data := []byte(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// parse reads the text of a ring: its keys, newest first, and what look-ups are derived from when that stands in a line of its own.
func parse(data []byte) (keys [][]byte, lookup []byte, err error) {
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if text, ok := strings.CutPrefix(line, lookupMark); ok {
			if lookup, err = base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err != nil || len(lookup) != 2*keySize {
				return nil, nil, errors.New("key ring: the line of look-ups is not what was written")
			}
			continue
		}
		k, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, nil, fmt.Errorf("key ring: line %d of the keys is not base64", len(keys)+1)
		}
		keys = append(keys, k)
	}
	return keys, lookup, nil
}

// Seal encrypts a value for the place that context names.
func (r *Ring) Seal(context string, plain []byte) []byte {
	k := r.held.Load()
	aead := k.aeads[k.first]
	out := make([]byte, 4+aead.NonceSize(), 4+aead.NonceSize()+len(plain)+aead.Overhead())
	binary.BigEndian.PutUint32(out, k.first)
	_, _ = rand.Read(out[4:])                              // never fails
	return aead.Seal(out, out[4:], plain, []byte(context)) //nolint:gosec // the nonce was drawn from crypto/rand two lines above
}

// Open decrypts a value that was sealed for the same context, or answers [ErrOpen].
func (r *Ring) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 {
		return nil, ErrOpen
	}
	aead := r.aead(binary.BigEndian.Uint32(sealed))
	if aead == nil || len(sealed) < 4+aead.NonceSize() {
		return nil, ErrOpen
	}
	nonce, ct := sealed[4:4+aead.NonceSize()], sealed[4+aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, ct, []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Index is a keyed hash by which a row can be found again without storing the value: equal values have equal indexes.
func (r *Ring) Index(field, value string) []byte { return mac(r.held.Load().index, field, value) }

// codeAlphabet has 32 signs that are not mistaken for one another when read aloud or from paper.
const codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Code derives a code of n signs for a purpose and a subject. It is never stored: whoever has the key ring derives it again.
func (r *Ring) Code(purpose, subject string, n int) string {
	sum := mac(r.held.Load().token, purpose, subject)
	out := make([]byte, min(n, len(sum)))
	for i := range out {
		out[i] = codeAlphabet[sum[i]&31]
	}
	return string(out)
}

func mac(key []byte, field, value string) []byte {
	h := hmac.New(sha256.New, key)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(field)))
	h.Write(n[:])
	h.Write([]byte(field))
	h.Write([]byte(value))
	return h.Sum(nil)
}
