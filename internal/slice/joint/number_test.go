package joint_test

import (
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// TestEachBodyNumbersItsParts: parts without an item of their own are numbered by body, so that one body's day does not use up another's; a
// body that has no code yet goes on in the series of its division, and no number is given twice.
func TestEachBodyNumbersItsParts(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const seal, tax = "11340100MB1000001A", "11340100MB1000002B"
		err := w.reg.Edit(t.Context(), func(e *registry.Edit) error {
			for key, code := range map[string]string{"public-security": seal, "tax": tax} {
				b := *w.reg.Now().Body(key)
				b.USCC = code
				if err := e.PutBody(b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		day := strings.ReplaceAll(calendar.Of(w.time()).String(), "-", "")
		seen := map[string]bool{}
		var id store.ID
		for _, n := range []string{"0001", "0002"} {
			id = w.accepted(enterprise())
			w.opine(id, "name", "agree")
			w.opine(id, "licence", "agree")
			if got, want := w.part(id, "seal").Number, "LP"+seal+day+n; got != want {
				t.Errorf("the seal is part %s, want %s", got, want)
			}
			if got, want := w.part(id, "tax").Number, "LP"+tax+day+n; got != want {
				t.Errorf("tax is part %s, want %s", got, want)
			}
			for _, e := range w.whole(id).Parts {
				if e.Number == "" {
					continue
				}
				if seen[e.Number] {
					t.Errorf("the number %s was given twice", e.Number)
				}
				seen[e.Number] = true
			}
		}
		if got := w.part(id, "insurance").Number; !strings.HasPrefix(got, "LP"+hefei+day) || len(got) != len("LP")+12+8+4 {
			t.Errorf("a body without a code: %s", got)
		}
	})
}
