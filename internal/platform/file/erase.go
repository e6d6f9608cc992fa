package file

import (
	"context"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// Erase (删除个人信息) ends what a case holds and erases the files that nothing else holds: their rows, with the sealed names, in the
// transaction; their bytes with the next [Files.Purge], which finds them whatever happens in between. A file that was handed in
// elsewhere as well stays there.
func Erase(ctx context.Context, tx *store.Tx, from Holder) (files int, err error) {
	ids, err := store.All(ctx, tx, store.Scalar[int64], `SELECT file_id FROM file_binding WHERE holder = $1 AND ref = $2 ORDER BY file_id`,
		from.Kind, int64(from.ID))
	if err != nil {
		return 0, fmt.Errorf("files of %s %s: %w", from.Kind, from.ID, err)
	}
	if err := Release(ctx, tx, from); err != nil {
		return 0, err
	}
	for _, id := range ids {
		// Locked first: somebody may be handing it in elsewhere.
		_, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT id FROM file_ WHERE id = $1`+tx.ForUpdate(), id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return files, fmt.Errorf("erase file %d: %w", id, err)
		}
		n, err := tx.ExecCount(ctx, `DELETE FROM file_ WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM file_binding WHERE file_id = $1)`, id)
		if err != nil {
			return files, fmt.Errorf("erase file %d: %w", id, err)
		}
		if n == 1 {
			files++
			tx.Queue(`INSERT INTO file_erased (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, id)
		}
	}
	return files, tx.Flush(ctx)
}

// Purge removes the bytes of erased files from where they are kept, and returns of how many.
func (s *Files) Purge(ctx context.Context) (int, error) {
	removed := 0
	for {
		ids, err := store.All(ctx, s.o.DB.Read(), store.Scalar[int64], `SELECT id FROM file_erased ORDER BY id LIMIT $1`, sweepRound)
		if err != nil {
			return removed, fmt.Errorf("look for erased files: %w", err)
		}
		for _, id := range ids {
			if err := s.o.Blobs.Remove(ctx, BlobName(store.ID(id))); err != nil {
				return removed, fmt.Errorf("remove erased file %d: %w", id, err)
			}
			err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				return tx.Exec(ctx, `DELETE FROM file_erased WHERE id = $1`, id)
			})
			if err != nil {
				return removed, fmt.Errorf("remove erased file %d: %w", id, err)
			}
			removed++
		}
		if len(ids) < sweepRound {
			return removed, nil
		}
	}
}

// Held counts the files that a draft or a case holds.
func (s *Files) Held(ctx context.Context, by Holder) (int, error) {
	n, err := store.Scalar[int](s.o.DB.Read().QueryRow(ctx, `SELECT count(*) FROM file_binding WHERE holder = $1 AND ref = $2`, by.Kind, int64(by.ID)))
	if err != nil {
		return 0, fmt.Errorf("files of %s %s: %w", by.Kind, by.ID, err)
	}
	return n, nil
}
