package publication

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// ProofType is the type that a proof names.
const ProofType = "openhall-record-proof"

// Proof is all that is needed to show, without asking anybody, what a record said on the day it was published: the statement byte for byte,
// and the receipt of the event whose public part holds its hash.
type Proof struct {
	Type      string         `json:"type"`
	V         int            `json:"v"`
	Statement string         `json:"statement"`
	Receipt   merkle.Receipt `json:"receipt"`
}

// Proof returns the proof of a published version. It answers [ledger.ErrPending] for the second in which the event waits for its place in
// the log.
func (s *Service) Proof(ctx context.Context, id store.ID, n int) (Proof, error) {
	text, err := s.Canonical(ctx, id, n)
	if err != nil {
		return Proof{}, err
	}
	event, err := store.Scalar[store.ID](s.DB.Read().QueryRow(ctx, `SELECT event FROM publication_version WHERE record = $1 AND n = $2`, int64(id), n))
	if err != nil {
		return Proof{}, fmt.Errorf("proof of record %s: %w", id, err)
	}
	receipt, err := s.proofs.Receipt(ctx, event)
	if err != nil {
		return Proof{}, fmt.Errorf("proof of record %s: %w", id, err)
	}
	return Proof{ProofType, 1, string(text), receipt}, nil
}

// LogPlaces returns the places in the log of the events that published versions. A version that waits for its place is left out.
func (s *Service) LogPlaces(ctx context.Context, versions []VersionLine) (map[store.ID]int64, error) {
	events := make([]store.ID, len(versions))
	for i := range versions {
		events[i] = versions[i].Event
	}
	slices.Sort(events)
	return s.proofs.Places(ctx, slices.Compact(events)...)
}

// ParseProof reads a proof; ok is false when the file is none.
func ParseProof(data []byte) (p Proof, ok bool) {
	if json.Unmarshal(data, &p) != nil || p.Type != ProofType || p.V != 1 {
		return Proof{}, false
	}
	return p, true
}

// Verified is what a proof shows.
type Verified struct {
	Statement *Statement
	Digest    string
	Origin    string        // of the log
	Index     int64         // place of the event
	Case      string        // number of the case in which it was approved
	Body      string        // that published it
	At        time.Time     // of the event
	Day       calendar.Date // of the event
	// Elsewhere says that the record was published elsewhere before: the day in the statement is that of the older site, and the log vouches for
	// the text since the day of the event.
	Elsewhere bool
}

// What is wrong with a proof.
var (
	ErrOther = errors.New("the event of the receipt publishes other versions, not this one")
	ErrDay   = errors.New("the day in the record lies after that of the event")
)

// Verify checks that a statement is what the event of a receipt published, in the log of the holder of a key.
func Verify(statement []byte, r merkle.Receipt, log note.Verifier) (Verified, error) {
	st, err := ParseStatement(statement)
	if err != nil {
		return Verified{}, err
	}
	proven, err := r.Verify(log)
	if err != nil {
		return Verified{}, err
	}
	var event struct {
		At   string `json:"at"`
		Body string `json:"body"`
		Case string `json:"case"`
		Kind string `json:"kind"`
		Type string `json:"type"`
		Data struct {
			Task     string   `json:"task"`
			Versions []listed `json:"versions"`
		} `json:"data"`
	}
	if err := json.Unmarshal(proven.Entry, &event); err != nil {
		return Verified{}, fmt.Errorf("event of the receipt: %w", err)
	}
	text, digest, err := st.Canonical()
	if err != nil {
		return Verified{}, err
	}
	want := listed{st.Index, digest, st.Version}
	if event.Kind != casework.Completed || event.Type != Kind || event.Data.Task != StepRelease || !slices.Contains(event.Data.Versions, want) {
		return Verified{}, fmt.Errorf("%w (%d bytes, SHA-256 %s)", ErrOther, len(text), digest)
	}
	at, err := time.Parse(time.RFC3339Nano, event.At)
	if err != nil {
		return Verified{}, fmt.Errorf("event of the receipt: %w", err)
	}
	v := Verified{Statement: st, Digest: digest, Origin: proven.Checkpoint.Origin, Index: proven.Index, Case: event.Case, Body: event.Body, At: at, Day: calendar.Of(at)}
	if st.Published > v.Day {
		return v, ErrDay
	}
	v.Elsewhere = st.Published < v.Day-1 // a release that runs over midnight is none
	return v, nil
}

// Handlers returns what programs ask for, by patterns of [http.ServeMux]: the proof of a version of a record.
func (s *Service) Handlers() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"GET /open/proof/{record}/{version}": s.serveProof}
}

func (s *Service) serveProof(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a page of anybody's may verify a record
	h.Set("Cache-Control", "no-store")
	id, err := store.ParseID(r.PathValue("record"))
	n, badNumber := strconv.Atoi(r.PathValue("version"))
	if err != nil || badNumber != nil {
		http.Error(w, "no such record", http.StatusNotFound)
		return
	}
	p, err := s.Proof(r.Context(), id, n)
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "no such record, or it was withdrawn", http.StatusNotFound)
	case errors.Is(err, ledger.ErrPending):
		h.Set("Retry-After", "1")
		http.Error(w, "the record waits for its place in the log; ask again in a second", http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, "the proof can't be made now; try again", http.StatusInternalServerError)
	default:
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="record-%s-%d.json"`, id, n))
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(p) // the client has gone
	}
}
