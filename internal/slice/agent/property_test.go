package agent_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/slice/agent"
)

// TestConsentPeriods holds InForce against a day-by-day account of what a consent means: from the instant it was given, on every day up to
// and including the last, unless and until it was ended; and once it lets nothing be done, it never does again.
func TestConsentPeriods(t *testing.T) {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, calendar.Zone)
	minute := func(n int) time.Time { return base.Add(time.Duration(n) * time.Minute) }
	const year = 366 * 24 * 60
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, year).Draw(t, "from")
		days := rapid.IntRange(0, 366).Draw(t, "days")
		ended := rapid.IntRange(-1, 2*year).Draw(t, "ended")
		c := agent.Consent{From: minute(from), Until: calendar.Of(minute(from)).Add(days)}
		if ended >= from {
			c.EndedAt = minute(ended)
		}
		over := false
		for _, at := range []int{0, from - 1, from, from + 1, ended - 1, ended, ended + 1, from + days*24*60, from + (days+1)*24*60, from + (days+2)*24*60, 2 * year} {
			if at < 0 {
				continue
			}
			// The last midnight before which it holds, counted from the first of January without the calendar.
			lastDay := (from/(24*60) + days + 1) * 24 * 60
			want := at >= from && at < lastDay && (ended < from || at < ended)
			if got := c.InForce(minute(at)); got != want {
				t.Fatalf("given at minute %d for %d days, ended at %d: at %d it is %t", from, days, ended, at, got)
			}
		}
		for _, at := range []int{from, from + days*12*60, from + days*24*60, lastOf(from, days), lastOf(from, days) + 1, 3 * year} {
			now := c.InForce(minute(at))
			if over && now {
				t.Fatalf("it came back at minute %d", at)
			}
			over = over || !now
		}
	})
}

// lastOf is the last minute of the last day.
func lastOf(from, days int) int { return (from/(24*60)+days+1)*24*60 - 1 }

// TestPlacePeriods: an assignment holds on its days, both ends included, and an open one for good.
func TestPlacePeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := agent.Place{From: calendar.Date(rapid.IntRange(20000, 21000).Draw(t, "from"))}
		if rapid.Bool().Draw(t, "closed") {
			p.Until = p.From.Add(rapid.IntRange(-1, 400).Draw(t, "length"))
		}
		day := calendar.Date(rapid.IntRange(19900, 21500).Draw(t, "day"))
		want := day >= p.From
		for d := p.From; p.Until != 0; d++ {
			if d > p.Until {
				want = false
				break
			}
			if d == day {
				break
			}
		}
		if day < p.From {
			want = false
		}
		if got := p.Holds(day); got != want {
			t.Fatalf("%v on %d: %t", p, day, got)
		}
	})
}
