package document

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/sm2"
)

// Algorithm signs and checks. The two that there are stand in [Algorithms]; a token or a crypto machine (密码机) is another provider.
type Algorithm interface {
	Name() string
	// Generate makes a secret.
	Generate() (secret []byte, err error)
	// Open makes a secret sign.
	Open(secret []byte) (public []byte, sign func(message []byte) ([]byte, error), err error)
	Verify(public, message, signature []byte) bool
	// mark begins the public key in its text, so that one algorithm is never taken for another.
	mark() []byte
}

// Algorithms are the algorithms that documents are signed with: Ed25519 (RFC 8032), and SM2 with SM3 (GB/T 32918), as cryptography
// law wants it of Chinese authorities (密码法).
func Algorithms() []Algorithm { return []Algorithm{edwards{}, shangmi{}} }

type edwards struct{}

func (edwards) Name() string { return "Ed25519" }
func (edwards) mark() []byte { return []byte{1} } // as in the C2SP format signed-note

func (edwards) Generate() ([]byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return private.Seed(), nil
}

func (edwards) Open(secret []byte) (public []byte, sign func([]byte) ([]byte, error), err error) {
	if len(secret) != ed25519.SeedSize {
		return nil, nil, fmt.Errorf("an Ed25519 key has %d bytes, this one %d", ed25519.SeedSize, len(secret))
	}
	private := ed25519.NewKeyFromSeed(secret)
	return private[ed25519.SeedSize:], func(message []byte) ([]byte, error) { return ed25519.Sign(private, message), nil }, nil
}

func (edwards) Verify(public, message, signature []byte) bool {
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, signature)
}

// shangmi (商用密码) is SM2 with the default user identity of GB/T 35276.
type shangmi struct{}

func (shangmi) Name() string { return "SM2" }
func (shangmi) mark() []byte { return []byte("\xffSM2") } // 0xff: an algorithm of one's own, in signed-note

func (shangmi) Generate() ([]byte, error) {
	private, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return private.D.FillBytes(make([]byte, 32)), nil
}

func (shangmi) Open(secret []byte) (public []byte, sign func([]byte) ([]byte, error), err error) {
	private, err := sm2.NewPrivateKey(secret)
	if err != nil {
		return nil, nil, err
	}
	point, err := sm2.PublicKeyToECDH(&private.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	return point.Bytes(), func(message []byte) ([]byte, error) { return private.SignWithSM2(rand.Reader, nil, message) }, nil
}

func (shangmi) Verify(public, message, signature []byte) bool {
	key, err := sm2Key(public)
	return err == nil && sm2.VerifyASN1WithSM2(key, nil, message, signature)
}

func sm2Key(public []byte) (*ecdsa.PublicKey, error) { return sm2.NewPublicKey(public) }

// PublicKey is the public half of a document key. Its text is name+id+base64, as public keys of logs have it.
type PublicKey struct {
	Name string // of the node that signs, such as hall.example.gov.cn/documents
	alg  Algorithm
	key  []byte
}

// ID is the short name of a key, by which signatures refer to it: 8 hexadecimal digits.
func (k PublicKey) ID() string {
	sum := sha256.Sum256(append([]byte(k.Name+"\n"), k.marked()...))
	return hex.EncodeToString(sum[:4])
}

func (k PublicKey) marked() []byte { return append(bytes.Clone(k.alg.mark()), k.key...) }

// Algorithm names the algorithm of the key.
func (k PublicKey) Algorithm() string { return k.alg.Name() }

// Verify checks a signature of the key.
func (k PublicKey) Verify(message, signature []byte) bool {
	return k.alg.Verify(k.key, message, signature)
}

// String is the text of the key.
func (k PublicKey) String() string {
	return k.Name + "+" + k.ID() + "+" + base64.StdEncoding.EncodeToString(k.marked())
}

// ErrKey says that a text is not the public key of a document key.
var ErrKey = errors.New("not a public key of documents: want name+id+base64")

// ParsePublicKey reads the text of a public key.
func ParsePublicKey(text string) (PublicKey, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), "+")
	id, data, _ := strings.Cut(rest, "+")
	marked, err := base64.StdEncoding.Strict().DecodeString(data)
	if err != nil || name == "" {
		return PublicKey{}, fmt.Errorf("%w; it is %.60q", ErrKey, text)
	}
	for _, a := range Algorithms() {
		if key, ok := bytes.CutPrefix(marked, a.mark()); ok {
			k := PublicKey{name, a, key}
			if k.ID() != id {
				return PublicKey{}, fmt.Errorf("%w: the id of %.40q does not belong to the key", ErrKey, text)
			}
			return k, nil
		}
	}
	return PublicKey{}, fmt.Errorf("%w: %.60q is of an unknown algorithm", ErrKey, text)
}

// Signer signs documents with one key.
type Signer struct {
	Public PublicKey
	sign   func(message []byte) ([]byte, error)
}

// NewSigner opens the secret of a key: the first line of its file, PRIVATE+KEY+algorithm+base64.
func NewSigner(name, secret string) (Signer, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(secret), "PRIVATE+KEY+")
	algorithm, data, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(data)
	if !ok || err != nil {
		return Signer{}, errors.New("a secret document key is PRIVATE+KEY+algorithm+base64")
	}
	for _, a := range Algorithms() {
		if a.Name() == algorithm {
			public, sign, err := a.Open(raw)
			return Signer{PublicKey{name, a, public}, sign}, err
		}
	}
	return Signer{}, fmt.Errorf("algorithm %q is unknown", algorithm)
}

// LoadSigners reads the document keys of a node from a folder, one file for each algorithm, and makes those that are not there,
// readable by their owner only. A key is changed by moving its file away: old documents stay valid, see [Service.Keys].
func LoadSigners(dir, name string) ([]Signer, error) {
	var out []Signer
	for _, a := range Algorithms() {
		path := keyFile(dir, a)
		secret, err := os.ReadFile(filepath.Clean(path))
		if errors.Is(err, fs.ErrNotExist) {
			secret, err = createKey(path, a)
		}
		if err != nil {
			return nil, fmt.Errorf("key of documents: %w", err)
		}
		s, err := NewSigner(name, string(secret))
		if err != nil {
			return nil, fmt.Errorf("key of documents in %s: %w", path, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func createKey(path string, a Algorithm) ([]byte, error) {
	raw, err := a.Generate()
	if err != nil {
		return nil, err
	}
	data := []byte("PRIVATE+KEY+" + a.Name() + "+" + base64.StdEncoding.EncodeToString(raw) + "\n")
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
