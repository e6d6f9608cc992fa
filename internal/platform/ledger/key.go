package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// Key (日志密钥) signs the checkpoints of one log. Its name is the log's origin, such as demo.openhall.org/log.
type Key struct {
	Signer   note.Signer
	Verifier note.Verifier
	Public   string // text of the verifier key: name+hash+base64
}

// NewKey reads the secret text of a key: PRIVATE+KEY+name+hash+base64.
func NewKey(secret string) (Key, error) {
	signer, err := merkle.NewSigner(secret)
	if err != nil {
		return Key{}, err
	}
	public, err := merkle.VerifierKey(secret)
	if err != nil {
		return Key{}, err
	}
	verifier, err := merkle.NewVerifier(public)
	return Key{signer, verifier, public}, err
}

// LoadKey reads the key of a log from a file. When there is none yet, it makes one for the log of the given origin, readable by
// its owner only. A key that names another origin is refused: checkpoints must not change their name.
func LoadKey(path, origin string) (Key, error) {
	secret, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = createKey(path, origin)
	}
	if err != nil {
		return Key{}, fmt.Errorf("key of the log: %w", err)
	}
	k, err := NewKey(string(secret))
	if err != nil {
		return Key{}, fmt.Errorf("key of the log in %s: %w", path, err)
	}
	if k.Signer.Name() != origin {
		return Key{}, fmt.Errorf("key of the log in %s: it is of %q, but the node's log is %q: give the node that name again, or the key its file",
			path, k.Signer.Name(), origin)
	}
	return k, nil
}

func createKey(path, origin string) ([]byte, error) {
	secret, _, err := merkle.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, err
	}
	data := []byte(strings.TrimSpace(secret) + "\n")
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
