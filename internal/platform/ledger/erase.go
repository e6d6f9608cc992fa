package ledger

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// EraseCase (删除个人信息, 个人信息保护法 art. 47) erases the private values of all events of a case, and their salts, for good. What the
// log holds of them are salted commitments, which say nothing any more; every receipt and every proof stays valid.
//
// On SQLite the freed pages are overwritten; older copies in the write-ahead log go with its next checkpoint. On PostgreSQL they
// go with the next VACUUM. Backups have to be erased by their own terms; their values are sealed.
func EraseCase(ctx context.Context, tx *store.Tx, id store.ID) error {
	if tx.Engine() == store.SQLite {
		if err := tx.Exec(ctx, `PRAGMA secure_delete = ON`); err != nil {
			return fmt.Errorf("erase case %s: %w", id, err)
		}
	}
	tx.Queue(`UPDATE event SET sealed = NULL WHERE case_id = $1`, int64(id))
	tx.Queue(`UPDATE case_ SET holder = NULL WHERE id = $1`, int64(id)) // the index by which the applicant was found
	if err := tx.Flush(ctx); err != nil {
		return fmt.Errorf("erase case %s: %w", id, err)
	}
	return nil
}
