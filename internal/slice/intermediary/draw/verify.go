package draw

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// Envelope is what a proof looks at in an entry of the log.
type envelope struct {
	Case string `json:"case"`
	Kind string `json:"kind"`
	Data struct {
		Commitment string `json:"commitment"`
		Task       string `json:"task"`
		Draw       struct {
			Nonce  string `json:"nonce"`
			Winner string `json:"winner"`
		} `json:"draw"`
	} `json:"data"`
}

// The names by which entries of a draw are known in the log.
const (
	EntryCommitted = "case.submitted"
	EntryDone      = "task.completed"
	StepStart      = "start-draw"
	StepDraw       = "draw-agency"
)

// Verify checks a proof with the log's public key: that the commitment was published before the draw was started, that candidates and nonce
// are those committed to, that the named root is that of the tree which ends with the start, that the log continues it, and that the winner
// follows. The error is the first thing that does not hold.
func (p *Proof) Verify(log note.Verifier) (merkle.Checkpoint, error) {
	cp, err := merkle.OpenCheckpoint([]byte(p.Checkpoint), log)
	if err != nil {
		return cp, fmt.Errorf("checkpoint: %w", err)
	}
	committed, first, err := open(&p.Committed, log)
	if err != nil {
		return cp, fmt.Errorf("commitment: %w", err)
	}
	started, start, err := open(&p.Started, log)
	if err != nil {
		return cp, fmt.Errorf("start of the draw: %w", err)
	}
	if first.Case != p.Order || start.Case != p.Order || first.Kind != EntryCommitted || start.Kind != EntryDone || start.Data.Task != StepStart ||
		committed.Index >= started.Index {
		return cp, ErrOrder
	}
	nonce, err := hex.DecodeString(p.Nonce)
	if err != nil {
		return cp, ErrForm
	}
	sum, err := Commit(p.Key, p.Candidates, nonce)
	if err != nil {
		return cp, err
	}
	if sum.String() != first.Data.Commitment {
		return cp, ErrCommitment
	}
	size := started.Index + 1
	if err := merkle.VerifyInclusion(p.Named, size, p.Root, started.Index, p.Started.Leaf); err != nil {
		return cp, fmt.Errorf("the named tree: %w", err)
	}
	if err := merkle.VerifyConsistency(p.Extends, cp.Size, cp.Root, size, p.Root); err != nil {
		return cp, fmt.Errorf("the log does not continue the named tree: %w", err)
	}
	seed, winner, err := Winner(p.Root, p.Candidates, nonce)
	switch {
	case err != nil:
		return cp, err
	case seed != p.Seed:
		return cp, ErrSeed
	case winner.Number != p.Winner:
		return cp, ErrWinner
	}
	return cp, p.verifyDrawn(log)
}

// verifyDrawn checks that what the hall wrote into the log as the result is what follows.
func (p *Proof) verifyDrawn(log note.Verifier) error {
	if p.Drawn == nil {
		return nil
	}
	_, drawn, err := open(p.Drawn, log)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if drawn.Case != p.Order || drawn.Data.Task != StepDraw || drawn.Data.Draw.Winner != p.Winner || drawn.Data.Draw.Nonce != p.Nonce {
		return ErrWinner
	}
	return nil
}

// open verifies a receipt and reads its entry.
func open(r *merkle.Receipt, log note.Verifier) (merkle.Proven, *envelope, error) {
	proven, err := r.Verify(log)
	if err != nil {
		return proven, nil, err
	}
	var e envelope
	if err := json.Unmarshal(proven.Entry, &e); err != nil {
		return proven, nil, fmt.Errorf("entry: %w", err)
	}
	return proven, &e, nil
}

// Encode writes the proof as the file that is handed out.
func (p *Proof) Encode() ([]byte, error) {
	p.Version = proofVersion
	out, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("proof of a draw: %w", err)
	}
	return append(out, '\n'), nil
}
