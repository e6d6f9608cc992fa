package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Zone is the official time of the whole country (北京时间). A fixed offset, so that no time zone database is needed.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

const secondsPerDay = 24 * 60 * 60

// Date is a civil day in Asia/Shanghai, as days since 1970-01-01. The zero value is that day, not "no date".
type Date int32

// ErrForm says that a text isn't written YYYY-MM-DD; ErrNoSuchDay that it is, but names a day that no calendar has.
var (
	ErrForm      = errors.New("not a date of the form YYYY-MM-DD")
	ErrNoSuchDay = errors.New("no such day")
)

// Of returns the civil day in Asia/Shanghai in which t lies.
func Of(t time.Time) Date {
	seconds := t.Unix() + 8*60*60
	days := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 { // division rounds towards zero; days before 1970 need the floor
		days--
	}
	return Date(days)
}

// Day returns the given day. Values outside their usual range are normalised as by time.Date.
func Day(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// Parse reads YYYY-MM-DD, years 0001 to 9999. The error is ErrForm or ErrNoSuchDay with the reason.
func Parse(text string) (Date, error) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, fmt.Errorf("date %q: %w", text, ErrForm)
	}
	year, okYear := number(text[:4])
	month, okMonth := number(text[5:7])
	day, okDay := number(text[8:])
	if !okYear || !okMonth || !okDay {
		return 0, fmt.Errorf("date %q: %w", text, ErrForm)
	}
	if year == 0 {
		return 0, fmt.Errorf("date %q: %w: years begin with 0001", text, ErrNoSuchDay)
	}
	if month < 1 || month > 12 {
		return 0, fmt.Errorf("date %q: %w: months run from 01 to 12", text, ErrNoSuchDay)
	}
	if last := daysIn(year, time.Month(month)); day < 1 || day > last {
		return 0, fmt.Errorf("date %q: %w: %s %d has the days 01 to %d", text, ErrNoSuchDay, time.Month(month), year, last)
	}
	return Day(year, time.Month(month), day), nil
}

// number reads a short run of ASCII digits.
func number(digits string) (int, bool) {
	n := 0
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// civil is the day at 00:00 UTC, from which its parts are read.
func (d Date) civil() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String returns YYYY-MM-DD.
func (d Date) String() string { return d.civil().Format(time.DateOnly) }

// Start is the first instant of the day, 00:00 in Asia/Shanghai.
func (d Date) Start() time.Time { return time.Unix(int64(d)*secondsPerDay-8*60*60, 0).In(Zone) }

// End is the instant at which the day is over: its 24:00, which is the Start of the next day.
func (d Date) End() time.Time { return d.Add(1).Start() }

// Year returns the year of the day.
func (d Date) Year() int { return d.civil().Year() }

// Month returns the month of the day.
func (d Date) Month() time.Month { return d.civil().Month() }

// DayOfMonth returns the number of the day in its month, from 1.
func (d Date) DayOfMonth() int { return d.civil().Day() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((int64(d)+int64(time.Thursday))%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// Add returns the day n calendar days later, or earlier when n is negative.
func (d Date) Add(n int) Date { return d + Date(n) }

// AddMonths returns the matching day n months later, or the end of that month when it has no matching day (民法典 202).
func (d Date) AddMonths(n int) Date {
	year, month, day := d.civil().Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Day(first.Year(), first.Month(), min(day, daysIn(first.Year(), first.Month())))
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD as Parse does.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
