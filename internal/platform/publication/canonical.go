package publication

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// StatementType is the type that a statement names.
const StatementType = "openhall-record"

// Statement is a version of a record as it was published, in canonical JSON (RFC 8785): what its hash in the log is about. The fields
// stand in the order of their names.
type Statement struct {
	Content   Content       `json:"content"`
	Index     string        `json:"index"`
	Published calendar.Date `json:"published"` // the day
	Record    store.ID      `json:"record"`
	Type      string        `json:"type"`
	V         int           `json:"v"`
	Version   int           `json:"version"`
}

// Canonical writes the statement as canonical JSON and returns it with its SHA-256 in hexadecimal.
func (s *Statement) Canonical() (text, digest string, err error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return "", "", fmt.Errorf("statement of record %s: %w", s.Index, err)
	}
	out := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	// The fields stand in order and the only numbers are small integers, so encoding/json writes what RFC 8785 asks for, but for these two
	// signs, which it escapes for old browsers.
	if bytes.Contains(out, []byte(`\u2028`)) || bytes.Contains(out, []byte(`\u2029`)) {
		if out, err = merkle.Canonical(json.RawMessage(out)); err != nil {
			return "", "", fmt.Errorf("statement of record %s: %w", s.Index, err)
		}
	}
	return string(out), Digest(out), nil
}

// Digest is the SHA-256 of a canonical statement, in hexadecimal: what stands in the log.
func Digest(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// ParseStatement reads a statement and makes sure that the bytes are its canonical form, so that the digest of the bytes is the digest of
// what they say.
func ParseStatement(data []byte) (*Statement, error) {
	var s Statement
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("this is no published record: %w", err)
	}
	if s.Type != StatementType || s.V != 1 {
		return nil, fmt.Errorf("this is no published record: type %q, version %d of the format; want %q, 1", s.Type, s.V, StatementType)
	}
	text, _, err := s.Canonical()
	if err != nil {
		return nil, err
	}
	if text != string(bytes.TrimSpace(data)) {
		return nil, fmt.Errorf("record %s is not in its canonical form (RFC 8785): use the file as it was downloaded", s.Index)
	}
	return &s, nil
}

// clean takes out of a content what could not be written in one way only: bytes that are no UTF-8, and spaces around.
func (c *Content) clean() {
	for _, f := range []*string{&c.Audience, &c.Category, &c.DocumentNumber, &c.Format, &c.Genre, &c.Language, &c.LifeCycle, &c.Source,
		&c.Summary, &c.Text, &c.Theme, &c.Title} {
		*f = strings.TrimSpace(strings.ToValidUTF8(*f, "\uFFFD"))
	}
	c.Text = strings.ReplaceAll(c.Text, "\r\n", "\n")
	var words []string
	for _, w := range c.Keywords {
		if w = strings.TrimSpace(strings.ToValidUTF8(w, "\uFFFD")); w != "" {
			words = append(words, w)
		}
	}
	c.Keywords = words
	for i := range c.Attachments {
		c.Attachments[i].Name = strings.ToValidUTF8(c.Attachments[i].Name, "\uFFFD")
	}
	for i := range c.Questions {
		q := &c.Questions[i]
		q.Question, q.Answer = strings.ToValidUTF8(q.Question, "\uFFFD"), strings.ToValidUTF8(q.Answer, "\uFFFD")
	}
	for i := range c.Media {
		m := &c.Media[i]
		m.Caption, m.Href = strings.ToValidUTF8(m.Caption, "\uFFFD"), strings.ToValidUTF8(m.Href, "\uFFFD")
	}
}
