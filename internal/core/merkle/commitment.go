package merkle

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrCommitment says that a revealed field is not the one that was committed to.
var ErrCommitment = errors.New("the revealed value is not the one in the log")

// commitmentDomain keeps commitments apart from every other use of SHA-256; a change of the encoding changes it.
const commitmentDomain = "openhall.org/commitment/v1\x00"

// Salt is 32 random bytes, a new one for each field of each event. Without it a commitment cannot be tested against guesses:
// there are fewer ID card numbers than a machine tries in an hour, but 2^256 salts.
type Salt [32]byte

// NewSalt draws a salt from rand, which must be a cryptographic source such as crypto/rand.Reader.
func NewSalt(rand io.Reader) (Salt, error) {
	var s Salt
	if _, err := io.ReadFull(rand, s[:]); err != nil {
		return Salt{}, fmt.Errorf("draw a salt: %w", err)
	}
	return s, nil
}

// MarshalText writes the salt in standard base64.
func (s Salt) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, s[:]), nil
}

// UnmarshalText reads what MarshalText writes, and nothing else.
func (s *Salt) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(b) != len(s) {
		return errors.New("a salt is 32 bytes in base64")
	}
	copy(s[:], b)
	return nil
}

// Commit returns the commitment to a private field that stands in the log in place of its value: the SHA-256 of a domain
// prefix, the salt, and field and value each preceded by its length in eight bytes.
func Commit(salt Salt, field string, value []byte) Hash {
	b := make([]byte, 0, len(commitmentDomain)+len(salt)+16+len(field)+len(value))
	b = append(b, commitmentDomain...)
	b = append(b, salt[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(field)))
	b = append(b, field...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(value)))
	b = append(b, value...)
	return sha256.Sum256(b)
}

// Disclosure reveals a private field to one who holds the entry with its commitment.
type Disclosure struct {
	Field string `json:"field"`
	Salt  Salt   `json:"salt"`
	Value string `json:"value"` // the bytes that were committed to: text, or JSON where the field is structured
}

// Verify checks the disclosure against the commitment, or answers ErrCommitment.
func (d Disclosure) Verify(commitment Hash) error {
	if Commit(d.Salt, d.Field, []byte(d.Value)) != commitment {
		return fmt.Errorf("%w: field %q", ErrCommitment, d.Field)
	}
	return nil
}
