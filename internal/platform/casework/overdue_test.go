package casework_test

import (
	"testing"

	"openhall.org/openhall/internal/platform/casework"
)

// TestOverdue: the promise ends on 2026-03-16; the days are those of TestLinesAreNoticedOnce.
func TestOverdue(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		rec := h.apply()
		if _, err := h.step(clerk, rec.Case, `{"outcome":"accept"}`); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			day  string
			want int
		}{{"2026-03-12", 0}, {"2026-03-13", 0}, {"2026-03-17", 1}, {"2026-03-31", 1}} {
			h.at(row.day, 1)
			if _, err := h.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := h.Overdue(t.Context()); err != nil || n != row.want {
				t.Errorf("%s: %d overdue, %v; want %d", row.day, n, err, row.want)
			}
		}
		h.must(citizen, rec.Case, casework.Send{Message: "withdraw"})
		if n, err := h.Overdue(t.Context()); err != nil || n != 0 {
			t.Errorf("withdrawn: %d overdue, %v; want none", n, err)
		}
	})
}
