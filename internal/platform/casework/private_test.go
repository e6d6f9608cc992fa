package casework_test

import (
	"reflect"
	"testing"

	"openhall.org/openhall/internal/platform/store"
)

// The sealed parts of several cases are each the case's own, in order; nobody's are nothing.
func TestPrivatePartsOfSeveralCases(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ids := []store.ID{h.apply().Case, h.apply().Case, h.apply().Case, 1}
		all, err := h.PrivateOf(t.Context(), ids)
		if err != nil || len(all) != 3 {
			t.Fatalf("%d of 3 cases: %v", len(all), err)
		}
		for _, id := range ids {
			one, err := h.Private(t.Context(), id)
			if err != nil || !reflect.DeepEqual(one, all[id]) || (id == 1) != (len(one) == 0) {
				t.Errorf("case %s alone has %v, among others %v: %v", id, one, all[id], err)
			}
		}
		if none, err := h.PrivateOf(t.Context(), nil); len(none) != 0 || err != nil {
			t.Errorf("of no case: %v, %v", none, err)
		}
	})
}
