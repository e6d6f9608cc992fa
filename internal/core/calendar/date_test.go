package calendar_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		err  error
	}{
		{"2023-02-28", nil}, {"2024-02-29", nil}, {"2000-02-29", nil}, {"0001-01-01", nil}, {"9999-12-31", nil},
		{"2023-02-29", calendar.ErrNoSuchDay}, {"2023-02-30", calendar.ErrNoSuchDay}, {"1900-02-29", calendar.ErrNoSuchDay},
		{"2023-04-31", calendar.ErrNoSuchDay}, {"2023-13-01", calendar.ErrNoSuchDay}, {"2023-00-10", calendar.ErrNoSuchDay},
		{"2023-01-00", calendar.ErrNoSuchDay}, {"0000-01-01", calendar.ErrNoSuchDay},
		{"", calendar.ErrForm}, {"2023-2-3", calendar.ErrForm}, {"20230203", calendar.ErrForm}, {"2023/02/03", calendar.ErrForm},
		{"2023-02-03T00:00:00Z", calendar.ErrForm}, {" 2023-02-03", calendar.ErrForm}, {"2023-02-0x", calendar.ErrForm},
		{"-023-02-03", calendar.ErrForm}, {"２０２３-02", calendar.ErrForm},
	} {
		got, err := calendar.Parse(tt.text)
		if !errors.Is(err, tt.err) {
			t.Errorf("Parse(%q): %v; want %v", tt.text, err, tt.err)
		}
		if err == nil && got.String() != tt.text {
			t.Errorf("Parse(%q) = %s", tt.text, got)
		}
	}
	_, err := calendar.Parse("2023-02-30")
	if want := `date "2023-02-30": no such day: February 2023 has the days 01 to 28`; err.Error() != want {
		t.Errorf("message %q; want %q", err, want)
	}
}

// A day begins at 16:00 UTC of the day before.
func TestInstants(t *testing.T) {
	d := calendar.Day(2025, time.October, 8)
	if got := d.Start().UTC().Format(time.RFC3339); got != "2025-10-07T16:00:00Z" {
		t.Errorf("Start = %s", got)
	}
	if got := d.End().Format(time.RFC3339); got != "2025-10-09T00:00:00+08:00" {
		t.Errorf("End = %s", got)
	}
	for text, want := range map[string]string{
		"2025-10-07T15:59:59Z": "2025-10-07", "2025-10-07T16:00:00Z": "2025-10-08", "1969-12-31T15:59:59Z": "1969-12-31",
		"1969-12-31T16:00:00Z": "1970-01-01", "1949-10-01T15:00:00+08:00": "1949-10-01",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.Of(at).String(); got != want {
			t.Errorf("Of(%s) = %s; want %s", text, got, want)
		}
	}
}

// 民法典 202: the matching day, or the end of a month that has none.
func TestAddMonths(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		to   string
	}{
		{"2025-01-15", 1, "2025-02-15"}, {"2025-01-31", 1, "2025-02-28"}, {"2024-01-31", 1, "2024-02-29"},
		{"2025-08-31", 1, "2025-09-30"}, {"2025-11-30", 3, "2026-02-28"}, {"2024-02-29", 12, "2025-02-28"},
		{"2025-03-31", -1, "2025-02-28"}, {"2025-01-31", -2, "2024-11-30"}, {"2025-02-28", 1, "2025-03-28"},
	} {
		if got := day(t, tt.from).AddMonths(tt.n).String(); got != tt.to {
			t.Errorf("%s + %d months = %s; want %s", tt.from, tt.n, got, tt.to)
		}
	}
}

// The parts of a date agree with those of package time, and text is read back as it was written.
func TestDateAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(-62135596800+86400, 253402300799-86400).Draw(t, "seconds") // years 1 to 9999
		at := time.Unix(seconds, 0).In(calendar.Zone)
		d := calendar.Of(at)
		y, m, dd := at.Date()
		if d != calendar.Day(y, m, dd) || d.Year() != y || d.Month() != m || d.DayOfMonth() != dd || d.Weekday() != at.Weekday() {
			t.Fatalf("%s became %s, %s", at, d, d.Weekday())
		}
		if at.Before(d.Start()) || !at.Before(d.End()) {
			t.Fatalf("%s isn't within %s", at, d)
		}
		data, err := json.Marshal(d)
		var back calendar.Date
		if err != nil || json.Unmarshal(data, &back) != nil || back != d {
			t.Fatalf("%s was read back as %s", d, back)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2025-10-01", "2023-02-30", "", "9999-99-99", "2024-02-29"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := calendar.Parse(text)
		if (err == nil) != (err == nil && d.String() == text) {
			t.Errorf("Parse(%q) = %s", text, d)
		}
	})
}
