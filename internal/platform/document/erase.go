package document

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// ErrErased says that a letter was erased with the private parts of its case. Whoever has the file can still have it verified.
var ErrErased = errors.New("the letter was erased with the private parts of its case")

// EraseCase erases the PDFs of all letters of a case and whom they were addressed to, in the transaction that erases its private
// parts. Numbers, days and digests stay: they say nothing about anybody, and a copy that somebody keeps is verified by them.
func (s *Service) EraseCase(ctx context.Context, tx *store.Tx, c store.ID, at time.Time) (files int, err error) {
	ids, err := store.All(ctx, tx, store.Scalar[int64], `SELECT id FROM document_letter WHERE case_id = $1 AND erased_at = 0 ORDER BY id`+tx.ForUpdate(), int64(c))
	if err != nil {
		return 0, fmt.Errorf("letters of case %s: %w", c, err)
	}
	for _, id := range ids {
		n, err := file.Erase(ctx, tx, file.Holder{Kind: holderKind, ID: store.ID(id)})
		if err != nil {
			return files, err
		}
		files += n
		tx.Queue(`UPDATE document_letter SET erased_at = $2, holder = '', trouble = '' WHERE id = $1`, id, store.Micros(at))
	}
	return files, tx.Flush(ctx)
}
