package document

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"openhall.org/openhall/internal/core/merkle"
)

// Statement is what a node signs about a document. It stands in the file, as the member "document" of an attachment; what is signed is
// its RFC 8785 form, byte for byte. Nothing in it is personal.
type Statement struct {
	At       string         `json:"at"`       // of the event, RFC 3339, UTC
	Body     string         `json:"body"`     // key of the body
	Bytes    int            `json:"bytes"`    // length of what Digest is of: the file without its last update
	Case     string         `json:"case"`     // 办件编号
	Digest   string         `json:"digest"`   // SHA-256, hexadecimal
	Issuer   string         `json:"issuer"`   // name of the body
	Keys     []string       `json:"keys"`     // whose signatures follow, in this order
	Kind     string         `json:"kind"`     // of the letter
	Lang     string         `json:"lang"`     // BCP 47
	Number   string         `json:"number"`   // 发文字号
	Proof    merkle.Receipt `json:"proof"`    // of the event: the entry, its leaf hash, its place, the signed checkpoint
	SignedAt string         `json:"signedAt"` // RFC 3339, UTC
	Template int            `json:"template"` // version
	Title    string         `json:"title"`
	V        int            `json:"v"`
}

const statementVersion = 1

// Signature is a signature of the statement by one key.
type Signature struct {
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"` // id
	Value     string `json:"value"`
}

// attachment is the content of the attached file.
type attachment struct {
	Document   json.RawMessage `json:"document"`
	Signatures []Signature     `json:"signatures"`
}

// attach signs a statement and writes the attachment.
func attach(st *Statement, signers []Signer) ([]byte, error) {
	st.V, st.Keys = statementVersion, nil
	for _, s := range signers {
		st.Keys = append(st.Keys, s.Public.ID())
	}
	message, err := merkle.Canonical(st)
	if err != nil {
		return nil, fmt.Errorf("statement of %s: %w", st.Number, err)
	}
	a := attachment{Document: message}
	for _, s := range signers {
		value, err := s.sign(message)
		if err != nil {
			return nil, fmt.Errorf("sign %s: %w", st.Number, err)
		}
		a.Signatures = append(a.Signatures, Signature{s.Public.Algorithm(), s.Public.ID(), base64.StdEncoding.EncodeToString(value)})
	}
	return a.encode()
}

// encode writes the attachment in the one form in which it is accepted.
func (a *attachment) encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"document":`)
	b.Write(a.Document)
	signatures, err := merkle.Canonical(a.Signatures)
	if err != nil {
		return nil, err
	}
	b.WriteString(`,"signatures":`)
	b.Write(signatures)
	b.WriteString("}")
	return b.Bytes(), nil
}

var errForm = errors.New("the signature in the file is not in its form")

// parseAttachment reads an attachment and accepts it only as it would have been written: every byte of it says something.
func parseAttachment(data []byte) (*Statement, *attachment, error) {
	var a attachment
	if err := strict(data, &a); err != nil {
		return nil, nil, err
	}
	var st Statement
	if err := strict(a.Document, &st); err != nil {
		return nil, nil, err
	}
	if st.V != statementVersion || len(st.Keys) == 0 || len(st.Keys) != len(a.Signatures) {
		return nil, nil, errForm
	}
	message, err := merkle.Canonical(&st)
	if err != nil || !bytes.Equal(message, a.Document) {
		return nil, nil, errForm
	}
	again, err := a.encode()
	if err != nil || !bytes.Equal(again, data) {
		return nil, nil, errForm
	}
	return &st, &a, nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errForm
	}
	return nil
}

func (s *Signature) bytes() []byte {
	raw, err := base64.StdEncoding.Strict().DecodeString(s.Value)
	if err != nil {
		return nil // verifies as nothing
	}
	return raw
}
