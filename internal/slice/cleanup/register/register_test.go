package register_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

func day(n int) calendar.Date { return calendar.Day(2026, 1, 1).Add(n) }

// A history by hand: founded, delegated, merged, cancelled.
func TestRegister(t *testing.T) {
	lines := []register.Line{
		{ID: 1, Item: "a", From: "province", Fate: register.Retained, On: day(0)},
		{ID: 2, Item: "b", From: "province", Fate: register.Retained, On: day(0)},
		{ID: 3, Item: "c", From: "city", Fate: register.Retained, On: day(0)},
		{ID: 4, Item: "a", From: "province", Fate: register.Delegated, To: []string{"city", "county"}, On: day(10), Cases: register.Move},
		{ID: 5, Item: "a", From: "city", Fate: register.Merged, Into: "c", On: day(20)},
		{ID: 6, Item: "b", From: "province", Fate: register.Cancelled, On: day(30)},
		{ID: 7, Item: "b", From: "province", Fate: register.Retained, On: day(40)},
	}
	for _, row := range []struct {
		item, body string
		kept       []int // first and last day of each spell within the first fifty days
	}{
		{"a", "province", []int{0, 9}}, {"a", "city", []int{10, 19}}, {"a", "county", []int{10, 49}}, {"b", "province", []int{0, 29, 40, 49}},
		{"c", "city", []int{0, 49}}, {"c", "county", nil}, {"d", "city", nil},
	} {
		for _, order := range [][]register.Line{lines, reversed(lines)} {
			r := register.Fold(order)
			for n := range 50 {
				want := false
				for i := 0; i+1 < len(row.kept); i += 2 {
					want = want || n >= row.kept[i] && n <= row.kept[i+1]
				}
				if got := r.Kept(row.item, row.body, day(n)); got != want {
					t.Errorf("%s of %s on day %d: %v, want %v", row.item, row.body, n, got, want)
				}
			}
		}
	}
	r := register.Fold(lines)
	if s := r.Gone("a", "province", day(12)); s == nil || s.Out.ID != 4 || s.Out.Heir() != "city" {
		t.Errorf("why a is gone: %+v", s)
	}
	if r.Gone("a", "province", day(9)) != nil || r.Gone("a", "nobody", day(12)) != nil {
		t.Error("gone before its day, or from somebody who never had it")
	}
	if s := r.Leaving("b", "province", day(29)); s == nil || s.Until != day(30) {
		t.Errorf("b leaves: %+v", s)
	}
	if got := r.Counts(lines[3:4]); !slices.Equal(got, []register.Count{{Body: "city", Before: 1, After: 2}, {Body: "county", Before: 0, After: 1}, {Body: "province", Before: 2, After: 1}}) {
		t.Errorf("counts: %+v", got)
	}
}

func reversed(lines []register.Line) []register.Line {
	lines = slices.Clone(lines)
	slices.Reverse(lines)
	return lines
}

var (
	keys   = []string{"a", "b", "c", "d"}
	bodies = []string{"province", "city", "county", "town"}
)

func genLines(t *rapid.T) []register.Line {
	n := rapid.IntRange(0, 25).Draw(t, "lines")
	lines := make([]register.Line, 0, n)
	for i := range n {
		l := register.Line{ID: int64(i + 1), Item: rapid.SampledFrom(keys).Draw(t, "item"), From: rapid.SampledFrom(bodies).Draw(t, "from"),
			Fate: rapid.SampledFrom(register.Fates()).Draw(t, "fate"), On: day(rapid.IntRange(0, 30).Draw(t, "on"))}
		switch l.Fate {
		case register.Delegated:
			l.To = rapid.SliceOfNDistinct(rapid.SampledFrom(bodies), 1, 3, rapid.ID).Draw(t, "to")
		case register.Merged:
			l.Into = rapid.SampledFrom(keys).Draw(t, "into")
		}
		lines = append(lines, l)
	}
	return lines
}

// Whatever the rounds say: what is kept on a day, some line brought there and none has taken away since; spells of an item of a body do not
// overlap; and the order in which the lines are read changes nothing.
func TestRegisterFollowsFromItsLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := genLines(t)
		r, again := register.Fold(lines), register.Fold(rapid.Permutation(lines).Draw(t, "order"))
		for _, item := range keys {
			for _, body := range bodies {
				for n := range 32 {
					on := day(n)
					kept := r.Kept(item, body, on)
					if kept != again.Kept(item, body, on) {
						t.Fatalf("%s of %s on day %d depends on the order", item, body, n)
					}
					brought := slices.ContainsFunc(lines, func(l register.Line) bool {
						gives := l.Fate == register.Retained && l.Item == item && l.From == body || l.Becomes() == item && slices.Contains(l.Receivers(), body)
						return gives && l.On <= on
					})
					if kept && !brought {
						t.Fatalf("%s of %s on day %d is in no round", item, body, n)
					}
					held := 0
					for _, s := range r.Of(item) {
						if s.Body == body && s.Holds(on) {
							held++
						}
					}
					if held > 1 {
						t.Fatalf("%s of %s on day %d: %d spells", item, body, n, held)
					}
					if kept && r.Gone(item, body, on) != nil {
						t.Fatalf("%s of %s on day %d is both kept and gone", item, body, n)
					}
				}
			}
		}
	})
}
