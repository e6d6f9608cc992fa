package casework_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// A running case moves to the next version with its task, its clocks and the memory of who did what; one that cannot stays as it is.
func TestMigrateMovesARunningCase(t *testing.T) {
	storetest.Each(t, []store.Migrations{casework.Schema()}, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		rec := h.apply()
		h.stepDone(clerk, rec.Case, `{"outcome":"accept"}`)
		before := h.load(rec.Case)
		task := before.Tasks()[0]
		xml, err := os.ReadFile("testdata/licence.bpmn")
		if err != nil {
			t.Fatal(err)
		}
		next := strings.NewReplacer(`id="examine"`, `id="again"`, `Ref="examine"`, `Ref="again"`, `from="examine"`, `from="again"`).Replace(string(xml))
		v, err := h.PublishProcedure(t.Context(), "licence", []byte(next))
		if err != nil {
			t.Fatal(err)
		}
		to := casework.Reference("licence", v.Version)
		if found, err := h.TryMigrate(t.Context(), before, to, nil); err != nil || len(found) == 0 || found[0].Element != task.Element {
			t.Fatalf("rehearsal without a mapping: %v, %v", found, err)
		}
		_, err = h.do(identity.Platform, rec.Case, casework.Migrate{To: to, Reason: "新规定"})
		var refused *casework.Refusal
		if !errors.As(err, &refused) || refused.Code != casework.RefusedMigration {
			t.Fatalf("without a mapping: %v", err)
		}
		m := procedure.Mapping{task.Element: "again"}
		h.must(identity.Platform, rec.Case, casework.Migrate{To: to, Mapping: m, Reason: "新规定"})
		c := h.load(rec.Case)
		if c.Procedure != to || c.Tasks()[0].Element != "again" || c.Tasks()[0].Token != task.Token || !c.StatuteDue.Equal(before.StatuteDue) {
			t.Fatalf("after: %s %+v, due %s", c.Procedure, c.Tasks(), c.StatuteDue)
		}
		queue, err := h.Queue(t.Context(), casework.QueueFilter{Body: "water", Role: task.Role})
		if err != nil || len(queue) != 1 || queue[0].Task.Element != "again" {
			t.Fatalf("queue: %+v, %v", queue, err)
		}
		h.stepDone(reviewer, rec.Case, `{"outcome":"approve","opinion":"材料齐全"}`)
		if left, _, err := h.RunningOn(t.Context(), "water", 0, 10, func(c *casework.Case) bool { return c.Procedure != to }); err != nil || len(left) != 0 {
			t.Fatalf("still on the old version: %v, %v", left, err)
		}
	})
}

// stepDone does the only open task.
func (h *hall) stepDone(p identity.Principal, id store.ID, data string) {
	h.t.Helper()
	if _, err := h.step(p, id, data); err != nil {
		h.t.Fatal(err)
	}
}
