package intermediary

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// turn is how much of a kind is done at a time.
const turn = 50

// Work lets follow what is due: draws whose checkpoint is there are worked out, bids whose time has come are opened, what was graded goes
// into the case. It reports whether it did anything. All is found by an index and done by commands that do nothing the second time: killed
// at any moment, it goes on where it was.
func (s *Rooms) Work(ctx context.Context) (bool, error) {
	moved := false
	var failed []error // one order that fails keeps no other back
	for _, step := range []struct {
		where string
		args  []any
		do    func(context.Context, *Order) error
	}{
		{`state = 'drawing' ORDER BY id LIMIT $1`, []any{turn}, s.finishDraw},
		{`state = 'bidding' AND open_at <= $1 ORDER BY open_at, id LIMIT $2`, []any{store.Micros(s.Now()), turn}, s.openBids},
		{`state = 'accepted' AND attached = 0 ORDER BY id LIMIT $1`, []any{turn}, s.attach},
	} {
		list, err := s.orders(ctx, step.where, step.args...)
		if err != nil {
			return moved, err
		}
		for i := range list {
			switch err := step.do(ctx, &list[i]); {
			case errors.Is(err, errWaits):
			case err != nil:
				failed = append(failed, fmt.Errorf("order %s: %w", list[i].Number, err))
			default:
				moved = true
			}
		}
	}
	return moved && len(failed) == 0, errors.Join(failed...)
}

// errWaits says that an order goes on at a later turn: the log has not given the start of its draw a place yet, or a bid came in while the bids
// were read.
var errWaits = errors.New("the order waits for the next turn")

// root is the root of the log's tree that ends with an event, the size of that tree, and the path from the event to the root. The event is
// the last leaf, so the path holds left siblings only.
func (s *Rooms) root(ctx context.Context, event store.ID) (root merkle.Hash, size int64, path []merkle.Hash, err error) {
	places, err := s.log.Places(ctx, event)
	if err != nil {
		return root, 0, nil, err
	}
	at, ok := places[event]
	if !ok {
		return root, 0, nil, errWaits
	}
	size = at + 1
	if path, err = s.log.Proof(ctx, size, at); err != nil {
		return root, size, nil, err
	}
	receipt, err := s.log.Receipt(ctx, event)
	if err != nil {
		return root, size, nil, err
	}
	root = receipt.Leaf
	for _, left := range path {
		root = tlog.NodeHash(left, root)
	}
	return root, size, path, merkle.VerifyInclusion(path, size, root, at, receipt.Leaf)
}

// finishDraw works a draw out once the log has the tree that its commitment named, and publishes the nonce with the result.
func (s *Rooms) finishDraw(ctx context.Context, o *Order) error {
	d, err := s.DrawOf(ctx, o.Commitment)
	if err != nil {
		return err
	}
	root, size, _, err := s.root(ctx, d.Started)
	if err != nil {
		return err
	}
	nonce, err := s.nonceOf(&d)
	if err != nil {
		return err
	}
	if sum, err := draw.Commit(d.Key, d.Candidates, nonce); err != nil || sum.String() != d.Commitment {
		return errors.Join(err, draw.ErrCommitment) // altered behind the platform's back: nobody is drawn
	}
	seed, winner, err := draw.Winner(root, d.Candidates, nonce)
	if err != nil {
		return err
	}
	a, err := s.Agency(ctx, winner.Number)
	if err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{
		"draw": map[string]string{"winner": winner.Number, "nonce": hexOf(nonce), "root": root.String(), "seed": seed.String()},
		"size": size, "fen": winner.Fen, "days": winner.Days, "party": int64(a.Party),
	})
	if err != nil {
		return fmt.Errorf("result of a draw: %w", err)
	}
	_, err = s.complete(ctx, identity.Platform, o.ID, stepDraw, "intermediary/draw/"+o.Number, data, nil)
	return err
}

// Proof puts together the file by which anybody checks the draw of an order. Ok is false while it was not drawn, or the log has not given
// the result its place yet.
func (s *Rooms) Proof(ctx context.Context, o *Order) (p *draw.Proof, ok bool, err error) {
	d, err := s.DrawOf(ctx, o.Commitment)
	if err != nil || d.Drawn == 0 {
		return nil, false, err
	}
	first, err := s.cases.Event(ctx, o.ID, 1)
	if err != nil {
		return nil, false, fmt.Errorf("draw of %s: %w", o.Number, err)
	}
	places, err := s.log.Places(ctx, d.Drawn)
	if err != nil || len(places) == 0 {
		return nil, false, err
	}
	nonce, err := s.nonceOf(&d)
	if err != nil {
		return nil, false, err
	}
	p = &draw.Proof{Version: 1, Order: o.Number, Key: d.Key, Candidates: d.Candidates, Nonce: hexOf(nonce), Winner: d.Winner}
	if p.Committed, err = s.log.Receipt(ctx, first.ID); err != nil {
		return nil, false, err
	}
	if p.Started, err = s.log.Receipt(ctx, d.Started); err != nil {
		return nil, false, err
	}
	drawn, err := s.log.Receipt(ctx, d.Drawn)
	if err != nil {
		return nil, false, err
	}
	p.Drawn = &drawn
	var size int64
	if p.Root, size, p.Named, err = s.root(ctx, d.Started); err != nil {
		return nil, false, err
	}
	signed, path, err := s.log.Consistency(ctx, size)
	if err != nil {
		return nil, false, err
	}
	p.Checkpoint, p.Extends, p.Seed = string(signed), path, draw.Seed(p.Root, nonce)
	return p, true, nil
}

// attach (成果进入办件) puts what was graded into the case that it is for: copies of the files, as material of the case.
func (s *Rooms) attach(ctx context.Context, o *Order) error {
	c, err := s.cases.Get(ctx, o.OfCase)
	if err != nil {
		return fmt.Errorf("case %s: %w", o.OfNumber, err)
	}
	done := isAttached
	if !c.Open() {
		done = caseOver
	} else if err := s.attachTo(ctx, o, c); err != nil {
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || refusal.Code != casework.RefusedEnded {
			return err
		}
		done = caseOver
	}
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE intermediary_order SET attached = $2 WHERE id = $1 AND attached = 0`, int64(o.ID), done)
		return nil
	})
}

func (s *Rooms) attachTo(ctx context.Context, o *Order, c *casework.Case) error {
	refs, err := s.Deliverables(ctx, o)
	if err != nil {
		return err
	}
	has, err := s.cases.Dossier(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("files of %s: %w", c.Number, err)
	}
	var files []casework.FileRef
	for _, ref := range refs {
		if there(has.Files, ref, o.Material) {
			continue
		}
		f, err := s.copyFile(ctx, ref)
		if err != nil {
			return err
		}
		files = append(files, casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: o.Material})
	}
	if len(files) == 0 {
		return nil
	}
	_, err = s.cases.Do(ctx, casework.Command{Key: "intermediary/attach/" + o.Number + "/" + files[0].ID.String(), Actor: identity.Platform, Case: c.ID, Act: casework.Attach{Files: files}})
	return err
}

// there reports whether the case has a file with that content as that material already.
func there(files []casework.FileRef, ref casework.FileRef, material string) bool {
	for _, f := range files {
		if f.Digest == ref.Digest && f.Material == material {
			return true
		}
	}
	return false
}

// copyFile keeps a file of an agency once more, as the platform's: it belongs to the case then, whatever becomes of the order.
func (s *Rooms) copyFile(ctx context.Context, ref casework.FileRef) (file.File, error) {
	_, content, err := s.Files.Get(ctx, ref.ID)
	if err != nil {
		return file.File{}, fmt.Errorf("deliverable: %w", err)
	}
	data, err := io.ReadAll(content)
	if err = errors.Join(err, content.Close()); err != nil {
		return file.File{}, fmt.Errorf("deliverable: %w", err)
	}
	return s.Files.Put(ctx, identity.Platform.Account, ref.Name, bytes.NewReader(data), file.Limits{})
}
