package merkle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

const (
	receiptVersion = 1
	maxReceipt     = 4 << 20 // bytes; an entry, a checkpoint and 63 hashes need far less, disclosed values the rest
)

var (
	// ErrReceipt says that a file is not a receipt of a version that this program knows.
	ErrReceipt = errors.New("not a receipt")

	// ErrEntryAltered says that an entry is not the one whose hash stands beside it.
	ErrEntryAltered = errors.New("the entry was altered")

	// ErrEntryForm says that an entry is not a JSON object of the form that the log holds.
	ErrEntryForm = errors.New("malformed entry")
)

// Receipt (回执) is the file that proves, without asking anybody, that an event stands in the public log: who keeps it can show
// years later what was done and when. It holds nothing secret unless its owner adds Disclosed.
type Receipt struct {
	Version    int          `json:"version"`
	Entry      string       `json:"entry"` // the canonical JSON of the event, byte for byte
	Leaf       Hash         `json:"leaf"`  // its leaf hash; tells an altered entry from an altered proof
	Index      int64        `json:"index"` // its place in the log, from 0
	Checkpoint string       `json:"checkpoint"`
	Proof      []Hash       `json:"proof"`
	Disclosed  []Disclosure `json:"disclosed,omitempty"`
}

// Proven is what a verified receipt proves.
type Proven struct {
	Checkpoint Checkpoint
	Index      int64
	Entry      []byte       // canonical JSON of the event
	Disclosed  []Disclosure // private fields whose values are those of the event
}

// NewReceipt joins an entry with its inclusion proof and the signed checkpoint that the proof leads to.
func NewReceipt(entry []byte, index int64, proof []Hash, signedCheckpoint []byte) Receipt {
	if proof == nil {
		proof = []Hash{} // the only entry of a log needs no proof: an empty list, not null
	}
	return Receipt{
		Version: receiptVersion, Entry: string(entry), Leaf: LeafHash(entry), Index: index,
		Checkpoint: string(signedCheckpoint), Proof: proof,
	}
}

// Encode writes the receipt as the JSON file that is handed out.
func (r Receipt) Encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	return b.Bytes(), nil
}

// ParseReceipt reads a receipt file. Unknown members, other versions and trailing content answer ErrReceipt. What the file
// says is proved only by Verify.
func ParseReceipt(data []byte) (Receipt, error) {
	if len(data) > maxReceipt {
		return Receipt{}, fmt.Errorf("%w: %d bytes, at most %d are read", ErrReceipt, len(data), maxReceipt)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var r Receipt
	if err := decoder.Decode(&r); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Receipt{}, fmt.Errorf("%w: something follows the receipt", ErrReceipt)
	}
	if r.Version != receiptVersion {
		return Receipt{}, fmt.Errorf("%w: version %d, this program reads version %d", ErrReceipt, r.Version, receiptVersion)
	}
	return r, nil
}

// Verify checks the receipt against the log's public key, offline. The error is one of ErrWrongKey, ErrSignature,
// ErrCheckpoint (the checkpoint), ErrEntryAltered, ErrProof (entry or proof), ErrEntryForm, ErrCommitment (a disclosed field).
func (r Receipt) Verify(log note.Verifier) (Proven, error) {
	checkpoint, err := OpenCheckpoint([]byte(r.Checkpoint), log)
	if err != nil {
		return Proven{}, fmt.Errorf("verify receipt: %w", err)
	}
	if LeafHash([]byte(r.Entry)) != r.Leaf {
		return Proven{}, fmt.Errorf("verify receipt: %w", ErrEntryAltered)
	}
	if err := VerifyInclusion(r.Proof, checkpoint.Size, checkpoint.Root, r.Index, r.Leaf); err != nil {
		return Proven{}, fmt.Errorf("verify receipt: %w", err)
	}
	entry, err := readEntry([]byte(r.Entry))
	if err != nil {
		return Proven{}, fmt.Errorf("verify receipt: %w", err)
	}
	for _, d := range r.Disclosed {
		commitment, ok := entry.Private[d.Field]
		if !ok {
			return Proven{}, fmt.Errorf("verify receipt: %w: the event has no private field %q", ErrCommitment, d.Field)
		}
		if err := d.Verify(commitment); err != nil {
			return Proven{}, fmt.Errorf("verify receipt: %w", err)
		}
	}
	return Proven{checkpoint, r.Index, []byte(r.Entry), r.Disclosed}, nil
}

// entryHead is what this package reads of an entry; the rest is its writer's.
type entryHead struct {
	Case    json.RawMessage `json:"case"` // compared as it is written, so its type is the writer's choice
	Seq     int64           `json:"seq"`
	Type    string          `json:"type"`
	Private map[string]Hash `json:"private"` // field → commitment
}

func readEntry(entry []byte) (entryHead, error) {
	var head entryHead
	if err := json.Unmarshal(entry, &head); err != nil {
		return entryHead{}, fmt.Errorf("%w: %w", ErrEntryForm, err)
	}
	return head, nil
}
