package publication_test

import (
	"testing"

	"openhall.org/openhall/internal/platform/publication"
)

// The stamp changes with what is published and with what is withdrawn, and stays when nothing is.
func TestStamp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		last, err := w.Stamp(ctx)
		must(t, err)
		step := func(what string, changes bool) {
			t.Helper()
			now, err := w.Stamp(ctx)
			must(t, err)
			if (now != last) != changes {
				t.Errorf("%s: the stamp %v became %v", what, last, now)
			}
			last = now
		}
		step("nothing", false)
		got, err := w.Import(ctx, admin, publication.Batch{Key: "stamp", Body: "ah-data", Records: old(3)})
		must(t, err)
		step("an import", true)
		_, err = w.Import(ctx, admin, publication.Batch{Key: "stamp", Body: "ah-data", Records: old(3), DryRun: true})
		must(t, err)
		step("a dry run", false)
		list, err := w.List(ctx, publication.Filter{Body: "hf-water"})
		must(t, err)
		if got.New != 3 || len(list) != 1 {
			t.Fatalf("imported %+v, listed %v", got, list)
		}
		rec, err := w.Withdraw(ctx, clerk, w.key(), list[0].ID, publication.Withdrawal{Reason: publication.ReasonPrivacy, Note: "含有电话号码"})
		must(t, err)
		_, err = w.TakeDown(ctx, boss, rec.Case, w.key(), publication.Removal{Outcome: publication.TakeBack})
		must(t, err)
		step("a withdrawal", true)
	})
}
