package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// Outcome says what a file is.
type Outcome string

// The outcomes.
const (
	Genuine       Outcome = "genuine" // signed by a known key, and not a byte was changed since
	Changed       Outcome = "changed" // it was one of ours, or says so, and was altered
	UnknownSigner Outcome = "unknown" // signed by a key that is not known
	NotOurs       Outcome = "foreign" // no document of an openhall
)

// Known is a public key with the time in which it signed. A zero Until is open.
type Known struct {
	PublicKey
	From, Until time.Time
}

func (k *Known) signedAt(at time.Time) bool {
	// A clock that was set back by a minute makes no forger.
	const slack = time.Minute
	return !at.Before(k.From.Add(-slack)) && (k.Until.IsZero() || !at.After(k.Until.Add(slack)))
}

// Proof says whether the event of a document was found in its log.
type Proof string

// The states of proof.
const (
	Proven    Proof = "proven"
	Unchecked Proof = "unchecked" // the key of the log was not given
	Disproved Proof = "disproved"
)

// Verdict is what [Verify] finds.
type Verdict struct {
	Outcome   Outcome
	Statement *Statement // nil unless the file holds one; to be believed only when Genuine
	Signers   []Known
	Proof     Proof
	Origin    string // of the log, when Proven
}

// Verify tells whether a file is a document that was signed by one of the keys, and unchanged. log may be nil: the place of the event
// in the log is not checked then.
func Verify(file []byte, keys []Known, log note.Verifier) Verdict {
	st, a, base := find(file)
	if st == nil {
		if bytes.Contains(file, []byte(attachmentName)) || bytes.Contains(file, begins[len("stream\n"):]) {
			return Verdict{Outcome: Changed}
		}
		return Verdict{Outcome: NotOurs}
	}
	v := Verdict{Outcome: Changed, Statement: st, Proof: Unchecked}
	at, err := time.Parse(time.RFC3339Nano, st.SignedAt)
	sound, unknown := err == nil && unchanged(file, st, a, base), 0
	for i := range a.Signatures {
		if !sound {
			break
		}
		s := &a.Signatures[i]
		n := slices.IndexFunc(keys, func(k Known) bool { return k.ID() == st.Keys[i] })
		switch {
		case s.Key != st.Keys[i]:
			sound = false
		case n < 0:
			unknown++
		case keys[n].Algorithm() == s.Algorithm && keys[n].signedAt(at) && keys[n].Verify(a.Document, s.bytes()):
			v.Signers = append(v.Signers, keys[n])
		default:
			sound = false
		}
	}
	switch {
	case !sound:
		v.Signers = nil
		return v
	case unknown > 0: // a signature that can't be checked is none
		v.Outcome, v.Signers = UnknownSigner, nil
		return v
	}
	if v.Proof, v.Origin = prove(st, log); v.Proof != Disproved {
		v.Outcome = Genuine
	}
	return v
}

// find returns the last attachment of a file, and what stands before the update that holds it.
func find(file []byte) (st *Statement, a *attachment, base []byte) {
	i := bytes.LastIndex(file, begins)
	if i < 0 {
		return nil, nil, nil
	}
	data := file[i+len("stream\n"):]
	end := bytes.Index(data, []byte(ends))
	if end < 0 {
		return nil, nil, nil
	}
	st, a, err := parseAttachment(data[:end])
	if err != nil || st.Bytes < 0 || st.Bytes > i {
		return nil, nil, nil
	}
	return st, a, file[:st.Bytes]
}

// unchanged reports whether the file is its base with the update, and nothing else.
func unchanged(file []byte, st *Statement, a *attachment, base []byte) bool {
	sum := sha256.Sum256(base)
	if hex.EncodeToString(sum[:]) != st.Digest {
		return false
	}
	attached, err := a.encode()
	if err != nil {
		return false
	}
	again, err := update(base, st, attached)
	return err == nil && bytes.Equal(again, file[len(base):])
}

// prove follows the proof from the event to the checkpoint, and sees that the event is the one of the document.
func prove(st *Statement, log note.Verifier) (Proof, string) {
	if log == nil {
		return Unchecked, ""
	}
	p, err := st.Proof.Verify(log)
	switch {
	case errors.Is(err, merkle.ErrWrongKey):
		return Unchecked, ""
	case err != nil:
		return Disproved, ""
	}
	var entry struct {
		Body string `json:"body"`
		Case string `json:"case"`
	}
	if err := json.Unmarshal(p.Entry, &entry); err != nil || entry.Case != st.Case || entry.Body != st.Body {
		return Disproved, ""
	}
	return Proven, p.Checkpoint.Origin
}

// Leaf is the hash of the event in the log, in base64.
func (st *Statement) Leaf() string { return base64.StdEncoding.EncodeToString(st.Proof.Leaf[:]) }

// sign makes a document of a PDF.
func sign(pdf []byte, st *Statement, signers []Signer) ([]byte, error) {
	sum := sha256.Sum256(pdf)
	st.Bytes, st.Digest = len(pdf), hex.EncodeToString(sum[:])
	attached, err := attach(st, signers)
	if err != nil {
		return nil, err
	}
	tail, err := update(pdf, st, attached)
	if err != nil {
		return nil, err
	}
	return slices.Concat(pdf, tail), nil
}
