package publication

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// Stamp says whether something has changed since: what is made of public records, their links, the duties about them and the classification
// is the same as long as the stamp is. It is read from the database, so it holds on every node, from the moment at which a publication or a
// withdrawal is committed.
type Stamp struct {
	changes int64
	tree    *tree
}

// Stamp reads the stamp. What depends on it is to be read after it.
func (s *Service) Stamp(ctx context.Context) (Stamp, error) {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT n FROM publication_stamp WHERE one = 1`))
	if err != nil {
		return Stamp{}, fmt.Errorf("stamp of what is public: %w", err)
	}
	return Stamp{n, s.tree.Load()}, nil
}

// touch changes the stamp, last of all in the transaction, because everybody who publishes waits for the one row.
func touch(tx *store.Tx) {
	store.Last(tx, "publication.touch", struct{}{}, func(_ context.Context, tx *store.Tx, _ []struct{}) error {
		tx.Queue(`UPDATE publication_stamp SET n = n + 1 WHERE one = 1`)
		return nil
	})
}
