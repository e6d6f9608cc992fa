package merkle

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var (
	// ErrCheckpoint says that a text is not a checkpoint of the C2SP tlog-checkpoint format.
	ErrCheckpoint = errors.New("malformed checkpoint")

	// ErrWrongKey says that a checkpoint carries no signature by the key it is checked against: it is another log's, or the key
	// is another's.
	ErrWrongKey = errors.New("the checkpoint is not signed by this key")

	// ErrSignature says that a checkpoint names the key as its signer, but was altered after signing or was signed by another.
	ErrSignature = errors.New("the signature of the checkpoint is false")
)

// Checkpoint (检查点) is the state of a log at a size: everything before that size can no longer be changed without the
// difference showing in Root.
type Checkpoint struct {
	Origin     string // the log's name; equal to the name of its key
	Size       int64  // number of entries
	Root       Hash
	Extensions []string // opaque lines; ours writes none
}

// Text returns the body of the note that is signed.
func (c Checkpoint) Text() string {
	text := c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
	for _, line := range c.Extensions {
		text += line + "\n"
	}
	return text
}

// Sign returns the checkpoint as a signed note. The first signer is the log itself: its name must be the origin. Further ones
// are witnesses.
func (c Checkpoint) Sign(log note.Signer, witnesses ...note.Signer) ([]byte, error) {
	if log.Name() != c.Origin {
		return nil, fmt.Errorf("sign a checkpoint of %q: the key is named %q; use the log's own key", c.Origin, log.Name())
	}
	if _, err := ParseCheckpoint(c.Text()); err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, append([]note.Signer{log}, witnesses...)...)
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint of %q: %w", c.Origin, err)
	}
	return signed, nil
}

// OpenCheckpoint checks the signature of the log's key on a signed checkpoint and returns what it states. Signatures by keys it
// does not know are ignored, as the format demands. It answers ErrWrongKey, ErrSignature or ErrCheckpoint.
func OpenCheckpoint(signed []byte, log note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(log))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &invalid):
		return Checkpoint{}, fmt.Errorf("%w: it claims to be by %s", ErrSignature, invalid.Name)
	case errors.As(err, &unverified):
		signers := make([]string, 0, len(unverified.Note.UnverifiedSigs))
		for _, s := range unverified.Note.UnverifiedSigs {
			signers = append(signers, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
		}
		return Checkpoint{}, fmt.Errorf("%w: expected %s+%08x, found %s", ErrWrongKey, log.Name(), log.KeyHash(), strings.Join(signers, ", "))
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: not a signed note", ErrCheckpoint)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != log.Name() {
		return Checkpoint{}, fmt.Errorf("%w: the log is %q, the key belongs to %q", ErrWrongKey, c.Origin, log.Name())
	}
	return c, nil
}

// ParseCheckpoint reads the body of a checkpoint without any signature. Only what Text writes is accepted.
func ParseCheckpoint(text string) (Checkpoint, error) {
	body, ended := strings.CutSuffix(text, "\n")
	lines := strings.Split(body, "\n")
	if !ended || len(lines) < 3 {
		return Checkpoint{}, fmt.Errorf("%w: it needs the lines origin, size and root", ErrCheckpoint)
	}
	for i, line := range lines {
		if line == "" {
			return Checkpoint{}, fmt.Errorf("%w: line %d is empty", ErrCheckpoint, i+1)
		}
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: line 2, %.40q, is not a size", ErrCheckpoint, lines[1])
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.Root.String() != lines[2] {
		return Checkpoint{}, fmt.Errorf("%w: line 3, %.60q, is not a base64 hash", ErrCheckpoint, lines[2])
	}
	if len(lines) > 3 {
		c.Extensions = lines[3:]
	}
	return c, nil
}

// GenerateKey makes an Ed25519 key for the log of the given name (such as demo.openhall.org/log), from random bytes of rand. It
// returns the secret text for NewSigner and the public text for NewVerifier.
func GenerateKey(rand io.Reader, name string) (signer, verifier string, err error) {
	signer, verifier, err = note.GenerateKey(rand, name)
	if err != nil {
		return "", "", fmt.Errorf("generate a key for %q: %w", name, err)
	}
	return signer, verifier, nil
}

// NewSigner reads the secret text of a key: PRIVATE+KEY+name+hash+base64.
func NewSigner(text string) (note.Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("read a signing key: expected PRIVATE+KEY+name+hash+base64")
	}
	return s, nil
}

// NewVerifier reads the public text of a key: name+hash+base64.
func NewVerifier(text string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("read a verifier key: expected name+hash+base64, got %.80q", strings.TrimSpace(text))
	}
	return v, nil
}

// VerifierKey returns the public text that belongs to the secret text of a key, so that only the secret has to be kept.
func VerifierKey(signer string) (string, error) {
	s, err := NewSigner(signer)
	if err != nil {
		return "", err
	}
	// The form was checked above: PRIVATE+KEY+name+hash+base64(algorithm byte, 32-byte seed); base64 may contain a plus itself.
	parts := strings.SplitN(strings.TrimSpace(signer), "+", 5)
	secret, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(secret) != 1+ed25519.SeedSize {
		return "", errors.New("read a signing key: not an Ed25519 key")
	}
	public, ok := ed25519.NewKeyFromSeed(secret[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("read a signing key: not an Ed25519 key")
	}
	text, err := note.NewEd25519VerifierKey(s.Name(), public)
	if err != nil {
		return "", fmt.Errorf("derive the verifier key of %q: %w", s.Name(), err)
	}
	return text, nil
}
