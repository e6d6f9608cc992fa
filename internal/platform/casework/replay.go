package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/platform/store"
)

// hashSize is the length of the hashes by which a command is known again.
const hashSize = 16

// commandKey is the hash of the actor and the key that the actor gave: the same key of another person is another key.
func commandKey(cmd Command) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", cmd.Actor.Kind, cmd.Actor.Account, cmd.Key))
	return sum[:hashSize]
}

// commandDigest is the hash of what a command asks for. Files count by what they hold: a form that is sent again because its answer was lost
// brings its files again, under other identifiers.
func commandDigest(cmd Command) []byte {
	act := cmd.Act
	switch a := act.(type) {
	case Submit:
		a.Files = contents(a.Files)
		act = a
	case Complete:
		a.Files = contents(a.Files)
		act = a
	case Attach:
		a.Files = contents(a.Files)
		act = a
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s/%d/", act.action(), cmd.Case) // a hash never fails to write
	_ = json.NewEncoder(h).Encode(act)
	return h.Sum(nil)[:hashSize]
}

// contents are files without their identifiers.
func contents(files []FileRef) []FileRef {
	out := slices.Clone(files)
	for i := range out {
		out[i].ID = 0
	}
	return out
}

// storedReceipt is the answer to a command that was carried out.
type storedReceipt struct {
	key, digest []byte
	receipt     Receipt
}

// answer returns the receipt again, or refuses a key that was used for something else.
func (w storedReceipt) answer(a *ask) (Receipt, error) {
	if !bytes.Equal(w.digest, a.digest) {
		return Receipt{}, refuse(RefusedReplay)
	}
	rec := w.receipt
	rec.Replay = true
	return rec, nil
}

// replay looks for the receipt of a submission that was carried out before.
func (r *Runtime) replay(ctx context.Context, a ask) (Receipt, bool, error) {
	found, err := loadSubmitted(ctx, r.DB.Read(), []ask{a})
	if err != nil {
		return Receipt{}, false, err
	}
	was, ok := found[string(a.key)]
	if !ok {
		return Receipt{}, false, nil
	}
	rec, err := was.answer(&a)
	return rec, true, err
}

// loadSubmitted finds which of the submissions were carried out before.
func loadSubmitted(ctx context.Context, q store.Querier, asks []ask) (map[string]storedReceipt, error) {
	found := map[string]storedReceipt{}
	if len(asks) == 0 {
		return found, nil
	}
	keys := make([][]byte, len(asks))
	for i := range asks {
		keys[i] = asks[i].key
	}
	list, args := in(keys)
	rows, err := store.All(ctx, q, func(row store.Row) (w storedReceipt, err error) {
		var e Event
		var at int64
		var number string
		if err = row.Scan(&w.key, &w.digest, &e.ID, &e.Case, &e.Seq, &at, &e.Content, &number); err == nil {
			e.At = store.Instant(at)
			w.receipt = receiptOf(&e, number)
		}
		return w, err
	}, `SELECT e.command, e.asked, e.id, e.case_id, e.seq, e.at, e.content, c.number
		FROM event AS e JOIN case_ AS c ON c.id = e.case_id WHERE e.seq = 1 AND e.command IN (`+list+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("load receipts: %w", err)
	}
	for _, w := range rows {
		found[string(w.key)] = w
	}
	return found, nil
}

// loadMarks reads which commands were carried out on a case.
func (c *Case) loadMarks(ctx context.Context, q store.Querier) error {
	var err error
	c.marks, err = store.All(ctx, q, func(row store.Row) (m mark, err error) {
		var key, digest []byte
		err = row.Scan(&key, &digest, &m.seq)
		copy(m.key[:], key)
		copy(m.digest[:], digest)
		return m, err
	}, `SELECT command, asked, seq FROM event WHERE case_id = $1 AND command IS NOT NULL`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("commands of case %s: %w", c.ID, err)
	}
	return nil
}

// repeated returns the receipt of a command that was carried out on the case before, in this transaction or an earlier one.
func (b *batch) repeated(ctx context.Context, tx *store.Tx, c *Case, m *mark) (storedReceipt, error) {
	w := storedReceipt{key: m.key[:], digest: m.digest[:]}
	for _, s := range b.steps {
		if s.c.ID == c.ID && s.receipt.Seq == m.seq {
			w.receipt = s.receipt
			return w, nil
		}
	}
	e, err := store.One(ctx, tx, scanEvent, `SELECT `+eventColumns+` FROM event WHERE case_id = $1 AND seq = $2`, int64(c.ID), m.seq)
	if err != nil {
		return w, fmt.Errorf("receipt of event %d of case %s: %w", m.seq, c.ID, err)
	}
	w.receipt = receiptOf(&e, c.Number)
	return w, nil
}
