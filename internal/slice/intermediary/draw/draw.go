package draw

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"openhall.org/openhall/internal/core/merkle"
)

// NonceSize is the number of secret bytes of a draw.
const NonceSize = 32

// Digest is a SHA-256 sum. Its text is hexadecimal.
type Digest [sha256.Size]byte

// MarshalText writes the sum in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else.
func (d *Digest) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(d) || hex.EncodeToString(raw) != string(text) {
		return fmt.Errorf("%q is no SHA-256 sum in lower-case hexadecimal", text)
	}
	copy(d[:], raw)
	return nil
}

// String is the sum in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Candidate is an agency that may be drawn: its number in the register, and its offer as it stood when the list was fixed.
type Candidate struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Fen    int64  `json:"fen"`
	Days   int    `json:"days"`
}

// The errors of a list.
var (
	ErrNobody = errors.New("there is no candidate")
	ErrTwice  = errors.New("a candidate stands in the list twice, or the list is not in the order of its numbers")
)

// List checks and digests a list of candidates. It is in the order of their numbers, so that one set of candidates has one digest only.
func List(list []Candidate) (Digest, error) {
	if len(list) == 0 {
		return Digest{}, ErrNobody
	}
	for i := 1; i < len(list); i++ {
		if list[i-1].Number >= list[i].Number {
			return Digest{}, ErrTwice
		}
	}
	text, err := merkle.Canonical(list)
	if err != nil {
		return Digest{}, fmt.Errorf("list of candidates: %w", err)
	}
	return sha256.Sum256(text), nil
}

// Commit returns the commitment to a list and a nonce for an order. The order's key is what nobody can choose twice.
func Commit(order string, list []Candidate, nonce []byte) (Digest, error) {
	if len(nonce) != NonceSize {
		return Digest{}, fmt.Errorf("a nonce has %d bytes, not %d", NonceSize, len(nonce))
	}
	sum, err := List(list)
	if err != nil {
		return Digest{}, err
	}
	return sha256.Sum256(slices.Concat([]byte("openhall-draw-commitment/1\n"+order+"\n"), sum[:], nonce)), nil
}

// Seed returns the seed that follows from the root of the named tree and the nonce.
func Seed(root merkle.Hash, nonce []byte) Digest {
	return sha256.Sum256(slices.Concat([]byte("openhall-draw-seed/1\n"), root[:], nonce))
}

// Pick returns the place of the winner among n candidates, n > 0: the same for the same seed, each place as likely as any other.
func Pick(seed Digest, n int) int {
	size := uint64(max(n, 1))
	// The largest multiple of size that fits: what lies beyond it would favour the first places.
	limit := math.MaxUint64 - math.MaxUint64%size
	for counter := uint64(0); ; counter++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(seed[:]), counter))
		for at := 0; at < len(sum); at += 8 {
			if v := binary.BigEndian.Uint64(sum[at : at+8]); v < limit {
				return int(v % size)
			}
		}
	}
}

// Proof (抽取证明) is the file by which anybody checks a draw without asking anybody.
type Proof struct {
	Version    int             `json:"version"`
	Order      string          `json:"order"` // number of the case
	Key        string          `json:"key"`   // of the order, to which the commitment binds
	Candidates []Candidate     `json:"candidates"`
	Nonce      string          `json:"nonce"`     // hexadecimal
	Committed  merkle.Receipt  `json:"committed"` // the entry that published the commitment
	Started    merkle.Receipt  `json:"started"`   // the entry with which the named tree ends
	Drawn      *merkle.Receipt `json:"drawn,omitempty"`
	Named      []merkle.Hash   `json:"named"`      // path from the start of the draw to the root of the tree that ends with it
	Root       merkle.Hash     `json:"root"`       // of that tree
	Extends    []merkle.Hash   `json:"extends"`    // that the signed checkpoint continues that tree
	Checkpoint string          `json:"checkpoint"` // signed
	Seed       Digest          `json:"seed"`
	Winner     string          `json:"winner"`
}

// The reasons for which a proof does not hold.
var (
	ErrForm       = errors.New("not a proof of a draw of a version that this program knows")
	ErrCommitment = errors.New("the candidates or the nonce are not those that were committed to")
	ErrOrder      = errors.New("the commitment was not published before the draw was started, or by another case")
	ErrSeed       = errors.New("the seed does not follow from the root and the nonce")
	ErrWinner     = errors.New("another candidate was drawn")
)

// proofVersion is the version of the file.
const proofVersion = 1

// maxProof bounds the file, in bytes.
const maxProof = 4 << 20

// ParseProof reads a proof. What it says is proved only by Verify.
func ParseProof(data []byte) (*Proof, error) {
	var p Proof
	if len(data) > maxProof || json.Unmarshal(data, &p) != nil || p.Version != proofVersion {
		return nil, ErrForm
	}
	return &p, nil
}

// Winner works a draw out: the seed from root and nonce, the winner among the candidates.
func Winner(root merkle.Hash, list []Candidate, nonce []byte) (Digest, *Candidate, error) {
	if _, err := List(list); err != nil {
		return Digest{}, nil, err
	}
	seed := Seed(root, nonce)
	return seed, &list[Pick(seed, len(list))], nil
}
