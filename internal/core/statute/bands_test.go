package statute_test

import (
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/rules"
)

// The scales of 国办函〔2020〕109号, worked out by hand, in yuan.
func TestChargeOfTheProcessingFee(t *testing.T) {
	r, err := statute.Load(rules.Files, "cn")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		id      string
		n, yuan int64
	}{
		{"request.fee.per-item", 0, 0},
		{"request.fee.per-item", 10, 0},
		{"request.fee.per-item", 11, 100},
		{"request.fee.per-item", 30, 2000},
		{"request.fee.per-item", 31, 2200},
		{"request.fee.per-item", 40, 4000},  // 20×100 + 10×200
		{"request.fee.per-item", 41, 4300},  // + 1×300
		{"request.fee.per-item", 65, 13500}, // 2000 + 2000 + 3000 + 4000 + 5×500
		{"request.fee.per-page", 30, 0},
		{"request.fee.per-page", 31, 10},
		{"request.fee.per-page", 100, 700},
		{"request.fee.per-page", 200, 2700},
		{"request.fee.per-page", 201, 2740},
	} {
		v, err := r.At(tt.id, day(t, "2024-01-01"))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Bands.Charge(tt.n); got != tt.yuan*100 {
			t.Errorf("%s: %d cost %d fen, want %d yuan", tt.id, tt.n, got, tt.yuan)
		}
	}
}

// The closed formula agrees with charging one thing after the other.
func TestChargeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(1, 20).Draw(t, "first band")
		bands := statute.Bands{
			{From: 1, To: first, Each: rapid.Int64Range(0, 50).Draw(t, "each")},
			{From: first + 1, Each: rapid.Int64Range(0, 50).Draw(t, "each"), Size: rapid.Int64Range(1, 10).Draw(t, "size"), Rise: rapid.Int64Range(1, 9).Draw(t, "rise")},
		}
		n := rapid.Int64Range(0, 200).Draw(t, "n")
		var want int64
		for i := int64(1); i <= n; i++ {
			if i <= first {
				want += bands[0].Each
			} else {
				want += bands[1].Each + bands[1].Rise*((i-first-1)/bands[1].Size)
			}
		}
		if got := bands.Charge(n); got != want {
			t.Fatalf("%d cost %d, want %d", n, got, want)
		}
	})
}
