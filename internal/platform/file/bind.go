package file

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Holder is what a file belongs to: a draft or a case. A file may belong to several, when it is handed in again.
type Holder struct {
	Kind string // HolderDraft or HolderCase
	ID   store.ID
}

// The kinds of holders.
const (
	HolderDraft = "draft"
	HolderCase  = "case"
)

// ErrNotOwned says that a file is not there, or not the account's.
var ErrNotOwned = errors.New("the file is not there, or belongs to another account")

// Bind lets files belong to a draft or a case, in the transaction that hands them in, or answers [ErrNotOwned].
func Bind(ctx context.Context, tx *store.Tx, owner store.ID, to Holder, files ...store.ID) error {
	for _, id := range files {
		// The lock keeps the sweep away until the binding is there.
		_, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT id FROM file_ WHERE id = $1 AND owner = $2`+tx.ForUpdate(), int64(id), int64(owner)))
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("file %s: %w", id, ErrNotOwned)
		}
		if err != nil {
			return fmt.Errorf("bind file %s: %w", id, err)
		}
		tx.Queue(`INSERT INTO file_binding (file_id, holder, ref) VALUES ($1, $2, $3) ON CONFLICT (file_id, holder, ref) DO NOTHING`,
			int64(id), to.Kind, int64(to.ID))
	}
	return nil
}

// Release ends what a draft or a case holds, because it is deleted or erased. Files that nothing else holds go with a sweep.
func Release(ctx context.Context, tx *store.Tx, from Holder) error {
	return tx.Exec(ctx, `DELETE FROM file_binding WHERE holder = $1 AND ref = $2`, from.Kind, int64(from.ID))
}

// Unclaimed is how long a file may belong to nothing before it is swept away.
const Unclaimed = 7 * 24 * time.Hour

// sweepRound bounds one sweep.
const sweepRound = 200

// Sweep deletes files that were uploaded longer than [Unclaimed] ago and belong to nothing. It returns how many it deleted, at
// most 200; it is to be called again while there were any.
func (s *Files) Sweep(ctx context.Context) (int, error) {
	before := store.Micros(s.o.Now().Add(-Unclaimed))
	ids, err := store.All(ctx, s.o.DB.Read(), store.Scalar[int64], `SELECT id FROM file_ WHERE created_at < $1
		AND NOT EXISTS (SELECT 1 FROM file_binding b WHERE b.file_id = file_.id) ORDER BY created_at LIMIT $2`, before, sweepRound)
	if err != nil {
		return 0, fmt.Errorf("look for unclaimed files: %w", err)
	}
	swept := 0
	for _, id := range ids {
		n := int64(0)
		err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			// Locked first and looked at again: it may have been claimed meanwhile.
			_, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT id FROM file_ WHERE id = $1`+tx.ForUpdate(), id))
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			n, err = tx.ExecCount(ctx, `DELETE FROM file_ WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file_binding WHERE file_id = $1)`, id)
			return err
		})
		if err == nil && n == 1 {
			swept++
			err = s.o.Blobs.Remove(ctx, BlobName(store.ID(id)))
		}
		if err != nil {
			return swept, fmt.Errorf("sweep file %d: %w", id, err)
		}
	}
	return swept, nil
}

// Bound returns the files that a holder holds.
func Bound(ctx context.Context, q store.Querier, by Holder) ([]store.ID, error) {
	return store.All(ctx, q, store.Scalar[store.ID], `SELECT file_id FROM file_binding WHERE holder = $1 AND ref = $2 ORDER BY file_id`, by.Kind, int64(by.ID))
}
