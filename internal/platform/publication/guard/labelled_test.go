package guard_test

import (
	"testing"

	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/guard/labelled"
)

// The figures that issue "Disclosure" asks for hold on both halves of the set; the second was never used to tune the guard.
func TestLabelledSet(t *testing.T) {
	total := 0
	for _, half := range labelled.Halves() {
		cases, err := labelled.Load(half)
		if err != nil {
			t.Fatal(err)
		}
		total += len(cases)
		scores := labelled.Judge(cases, func(c labelled.Case, f guard.Finding, wrong string) {
			t.Logf("%s, case %d: %s %s %q in %q", half, c.Number, wrong, f.Kind, c.Text[f.From:f.To], c.Text)
		})
		var identifiers, all labelled.Score
		for _, kind := range guard.Kinds() {
			s := scores[kind]
			t.Logf("%-9s %-11s %s", half, kind, s)
			all.Add(s)
			if kind.Identifier() {
				identifiers.Add(s)
			}
		}
		t.Logf("%-9s identifiers %s; all %s", half, identifiers, all)
		if r := identifiers.Recall(); r < 0.99 {
			t.Errorf("%s: recall on identifiers is %.3f, must be at least 0.99", half, r)
		}
		if p := all.Precision(); p < 0.95 {
			t.Errorf("%s: precision is %.3f, must be at least 0.95", half, p)
		}
	}
	if total < 400 {
		t.Errorf("the set has %d cases, must have at least 400", total)
	}
}
