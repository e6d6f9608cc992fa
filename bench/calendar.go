package main

import (
	"context"
	"fmt"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/rules"
)

// benchCalendar adds 20 working days, the commonest term of the licence law, to days over ten years.
func benchCalendar(_ context.Context, report func(string, ...any)) ([]measure, error) {
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		return nil, fmt.Errorf("load the calendar: %w", err)
	}
	first := calendar.Day(2015, 1, 1)
	var sum calendar.Date
	r := testing.Benchmark(func(b *testing.B) {
		for i := range b.N {
			sum += cal.Add(first.Add(i%3650), 20)
		}
	})
	ns := float64(r.T.Nanoseconds()) / float64(r.N)
	report("20 working days added in %.1f ns (check sum %d)", ns, sum)
	return []measure{{"calendar-add-20", ns, "ns", 50, false}}, nil
}
