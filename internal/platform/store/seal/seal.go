// Package seal encrypts personal columns with a key that lies outside the database.
//
// A stolen database file, a backup or a replica shows nothing of what was sealed. The key ring is a small text file, one key a
// line, newest first: the first key seals, all of them open, so that keys can be rotated while old rows are rewritten. Every
// sealed value is bound to a context (table, column, row), so that it cannot be moved to another place and opened there.
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
)

const keySize = 32

// ErrOpen says that a sealed value can't be opened: it was altered, belongs elsewhere, or its key is not in the ring.
var ErrOpen = errors.New("sealed value can't be opened: it was altered or its key is missing from the key ring")

// Ring is a set of keys. It is safe for concurrent use.
type Ring struct {
	first uint32
	aeads map[uint32]cipher.AEAD
	index []byte // for blind indexes; derived from the oldest key so that rotation keeps them
	token []byte // for codes that are derived and never stored
}

// New makes a ring of one or more keys of 32 bytes, newest first.
func New(keys ...[]byte) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("key ring: no key")
	}
	r := &Ring{aeads: make(map[uint32]cipher.AEAD, len(keys))}
	for i, k := range keys {
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
		sum := sha256.Sum256(append([]byte("openhall/key-id"), k...))
		id := binary.BigEndian.Uint32(sum[:4])
		if _, twice := r.aeads[id]; twice {
			return nil, fmt.Errorf("key ring: key %d stands there twice", i+1)
		}
		r.aeads[id] = aead
		if i == 0 {
			r.first = id
		}
	}
	oldest := keys[len(keys)-1]
	var err1, err2 error
	r.index, err1 = derive(oldest, "openhall/index/1")
	r.token, err2 = derive(oldest, "openhall/token/1")
	return r, errors.Join(err1, err2)
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
	data, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = create(path); err == nil {
			return parse(data)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	return parse(data)
}

func create(path string) ([]byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	data := []byte(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(data)
	return data, errors.Join(err, f.Sync(), f.Close())
}

func parse(data []byte) (*Ring, error) {
	var keys [][]byte
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("key ring: line %d of the keys is not base64", len(keys)+1)
		}
		keys = append(keys, k)
	}
	return New(keys...)
}

// Seal encrypts a value for the place that context names.
func (r *Ring) Seal(context string, plain []byte) []byte {
	aead := r.aeads[r.first]
	out := make([]byte, 4+aead.NonceSize(), 4+aead.NonceSize()+len(plain)+aead.Overhead())
	binary.BigEndian.PutUint32(out, r.first)
	_, _ = rand.Read(out[4:])                              // never fails
	return aead.Seal(out, out[4:], plain, []byte(context)) //nolint:gosec // the nonce was drawn from crypto/rand two lines above
}

// Open decrypts a value that was sealed for the same context, or answers [ErrOpen].
func (r *Ring) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 {
		return nil, ErrOpen
	}
	aead := r.aeads[binary.BigEndian.Uint32(sealed)]
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
func (r *Ring) Index(field, value string) []byte { return mac(r.index, field, value) }

// codeAlphabet has 32 signs that are not mistaken for one another when read aloud or from paper.
const codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Code derives a code of n signs for a purpose and a subject. It is never stored: whoever has the key ring derives it again.
func (r *Ring) Code(purpose, subject string, n int) string {
	sum := mac(r.token, purpose, subject)
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
