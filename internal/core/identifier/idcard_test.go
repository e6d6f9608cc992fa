package identifier

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIDCard(t *testing.T) {
	for _, c := range []struct {
		number, birth string
		female        bool
		source        string
	}{
		{"11010519491231002X", "1949-12-31", true, "GB 11643-1999, first example"},
		{"440524188001010014", "1880-01-01", false, "GB 11643-1999, second example"},
		{"34052419800101001X", "1980-01-01", false, "the example of the public encyclopaedias"},
	} {
		card, err := ParseIDCard(c.number, time.Date(1999, 7, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Errorf("%s (%s): %v", c.number, c.source, err)
			continue
		}
		if card.Birth.Format(time.DateOnly) != c.birth || card.Female() != c.female || card.Area != c.number[:6] || card.Foreign() {
			t.Errorf("%s: read as %+v", c.number, card)
		}
		again, err := NewIDCard(card.Area, card.Birth, card.Sequence)
		if err != nil || again.Number != c.number {
			t.Errorf("%s made again as %s, %v", c.number, again.Number, err)
		}
	}
}

// A birth date counts as past on its own day, in whatever zone the caller's day is.
func TestIDCardDay(t *testing.T) {
	card, err := NewIDCard("340100", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), 12)
	if err != nil {
		t.Fatal(err)
	}
	shanghai := time.FixedZone("CST", 8*3600)
	if _, err := ParseIDCard(card.Number, time.Date(2026, 11, 23, 0, 30, 0, 0, shanghai)); err != nil {
		t.Errorf("on the day of birth: %v", err)
	}
	if _, err := ParseIDCard(card.Number, time.Date(2026, 11, 22, 23, 30, 0, 0, shanghai)); err == nil {
		t.Error("accepted the day before the birth")
	}
}

// Area prefixes that are no provinces' but are issued: the residence permit for Taiwan residents (830000) and the permanent
// residence card for foreigners of 2023 (9, province, nationality).
func TestIDCardOfResidents(t *testing.T) {
	birth := time.Date(1990, 3, 15, 0, 0, 0, 0, time.UTC)
	for area, foreign := range map[string]bool{"810000": false, "820000": false, "830000": false, "931156": true} {
		card, err := NewIDCard(area, birth, 101)
		if err != nil || card.Foreign() != foreign {
			t.Errorf("%s: %+v, %v", area, card, err)
		}
	}
	for _, area := range []string{"000000", "990000", "340", "34010a"} {
		if card, err := NewIDCard(area, birth, 101); err == nil {
			t.Errorf("%s accepted: %+v", area, card)
		}
	}
	if card, err := NewIDCard("340100", birth, 1000); err == nil {
		t.Errorf("sequence 1000 accepted: %+v", card)
	}
}

// ISO 7064 MOD 11-2 counts modulo a prime: every single wrong character and every swap of two neighbours that differ is found.
func TestIDCardFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 27000).Draw(t, "days"))
		card, err := NewIDCard(rapid.StringMatching(`34[0-9]{4}`).Draw(t, "area"), birth, rapid.IntRange(0, 999).Draw(t, "sequence"))
		if err != nil {
			t.Fatal(err)
		}
		n := card.Number
		for i := range n {
			for _, c := range digitSet + "X" {
				if slip := n[:i] + string(c) + n[i+1:]; slip != n {
					if _, err := ParseIDCard(slip, today); err == nil {
						t.Fatalf("%s passes for %s", slip, n)
					}
				}
			}
			if i > 0 && n[i] != n[i-1] {
				if _, err := ParseIDCard(n[:i-1]+n[i:i+1]+n[i-1:i]+n[i+1:], today); err == nil {
					t.Fatalf("%s passes with places %d and %d swapped", n, i, i+1)
				}
			}
		}
	})
}
