package publication_test

import (
	"context"
	"errors"
	"testing"

	"openhall.org/openhall/internal/platform/store"
)

// A draft that was being handed in when the program ended belongs to no case: it can be handed in again, or be deleted.
func TestLostOnTheWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var lost []store.ID
		for i := range 2 {
			id := w.draft(note("半路"))
			lost = append(lost, id)
			must(t, w.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
				tx.Queue(`INSERT INTO publication_batch (id, key, case_id, number, route, state, division, body, author, records, taken, released, parts, at)
					VALUES ($1, $2, 0, '', 'review', 'draft', $3, 'hf-water', $4, 1, 0, 0, 0, 0)`, int64(i+1), w.key(), hefei, int64(clerk.Account))
				tx.QueueOne(`UPDATE publication_version SET batch = $2 WHERE record = $1 AND n = 1 AND state = 'work'`, int64(id), int64(i+1))
				return nil
			}))
		}
		w.publish(lost[0])
		if got := w.get(lost[0]); got.Index == "" {
			t.Error("handed in again it was not published")
		}
		must(t, w.Discard(t.Context(), clerk, lost[1]))
		if _, err := w.Work(t.Context(), clerk, lost[1]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after it was deleted: %v", err)
		}
		id := w.draft(note("在审"))
		rec, err := w.Submit(t.Context(), clerk, w.key(), id)
		must(t, err)
		if err := w.Discard(t.Context(), clerk, id); err == nil {
			t.Error("what is under review was deleted")
		}
		list, all, err := w.InCase(t.Context(), reviewer, rec.Case, 0, 10)
		if err != nil || all != 1 || len(list) != 1 || list[0].Record != id {
			t.Errorf("in the case: %v of %d, %v", list, all, err)
		}
		if _, _, err := w.InCase(t.Context(), outsider, rec.Case, 0, 10); err == nil {
			t.Error("another body reads what is under review")
		}
	})
}
