package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
)

// anyDay draws days from within and around the years of the notices, and now and then from far away.
func anyDay() *rapid.Generator[calendar.Date] {
	first, last := int32(calendar.Day(2003, time.June, 1)), int32(calendar.Day(2027, time.June, 1))
	near := rapid.Custom(func(t *rapid.T) calendar.Date { return calendar.Date(rapid.Int32Range(first, last).Draw(t, "day")) })
	far := rapid.Custom(func(t *rapid.T) calendar.Date {
		return calendar.Date(rapid.Int32Range(-20_000, 60_000).Draw(t, "far day")) // 1915 to 2134
	})
	return rapid.OneOf(near, near, far)
}

// A model that walks day by day, asking only whether each is a working day.
func walk(cal *calendar.Calendar, d calendar.Date, n int) calendar.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.Add(step)
		if cal.Explain(d).Working {
			n--
		}
	}
	return d
}

func TestAddAgreesWithWalking(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		d := anyDay().Draw(t, "d")
		n := rapid.IntRange(-300, 300).Draw(t, "n")
		if got, want := cal.Add(d, n), walk(cal, d, n); got != want {
			t.Fatalf("Add(%s, %d) = %s; want %s", d, n, got, want)
		}
		if got, want := cal.Next(d), walk(cal, d.Add(-1), 1); got != want {
			t.Fatalf("Next(%s) = %s; want %s", d, got, want)
		}
	})
}

func TestCountIsTheInverseOfAdd(t *testing.T) {
	cal := load(t)
	rapid.Check(t, func(t *rapid.T) {
		from, to := anyDay().Draw(t, "from"), anyDay().Draw(t, "to")
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		if got := cal.Count(from, cal.Add(from, n)); got != n {
			t.Fatalf("Count(%s, Add(%[1]s, %d)) = %d", from, n, got)
		}
		if cal.Count(from, to) != -cal.Count(to, from) {
			t.Fatalf("Count(%s, %s) = %d, the other way %d", from, to, cal.Count(from, to), cal.Count(to, from))
		}
		if n := cal.Count(from, to); n > 0 && cal.Working(to) && cal.Add(from, n) != to {
			t.Fatalf("Add(%s, %d) = %s; want %s", from, n, cal.Add(from, n), to)
		}
	})
}

// The goal is 50 ns.
func BenchmarkAdd20(b *testing.B) {
	cal := load(b)
	start := calendar.Day(2025, time.September, 1)
	var sink calendar.Date
	for i := 0; b.Loop(); i++ {
		sink = cal.Add(start.Add(i&255), 20)
	}
	_ = sink
}

func BenchmarkExplain(b *testing.B) {
	cal := load(b)
	start := calendar.Day(2025, time.September, 1)
	for i := 0; b.Loop(); i++ {
		_ = cal.Explain(start.Add(i & 255))
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		_ = load(b)
	}
}
