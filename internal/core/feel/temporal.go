package feel

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	maxYear    = 999_999_999
	daySeconds = 86_400
	nanos      = 1_000_000_000
	dayNanos   = daySeconds * nanos
)

// Date is a day of the proleptic Gregorian calendar, without time or zone.
type Date struct {
	year       int32
	month, day int8
}

// NewDate returns a date, and false when there is no such day or its year is beyond ±999,999,999.
func NewDate(year, month, day int) (Date, bool) {
	if year < -maxYear || year > maxYear || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Date{}, false
	}
	return Date{int32(year), int8(month), int8(day)}, true
}

// DateOf returns the date of t in t's location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	r, _ := NewDate(y, int(m), d)
	return r
}

// Year returns the year; there is a year 0.
func (d Date) Year() int { return int(d.year) }

// Month returns the month, 1 to 12.
func (d Date) Month() int { return int(d.month) }

// Day returns the day of the month, from 1.
func (d Date) Day() int { return int(d.day) }

// Weekday returns the day of the week from 1 (Monday) to 7 (Sunday).
func (d Date) Weekday() int { return int(floorMod(d.days()+3, 7)) + 1 }

// String writes d as in ISO 8601: 2026-01-31.
func (d Date) String() string {
	sign, y := "", d.Year()
	if y < 0 {
		sign, y = "-", -y
	}
	return fmt.Sprintf("%s%04d-%02d-%02d", sign, y, d.month, d.day)
}

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Date) compare(e Date) int {
	return cmp.Or(cmp.Compare(d.year, e.year), cmp.Compare(d.month, e.month), cmp.Compare(d.day, e.day))
}

// days counts the days since 1970-01-01. Years are taken to begin in March, so that the leap day is the last of its year.
func (d Date) days() int64 {
	y, m := int64(d.year), int64(d.month)
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + int64(d.day) - 1
	return era*146_097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719_468
}

// dateFromDays is the inverse of days.
func dateFromDays(n int64) (Date, bool) {
	n += 719_468
	era := floorDiv(n, 146_097)
	doe := n - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day, month, year := doy-(153*mp+2)/5+1, mp+3, yoe+era*400
	if month > 12 {
		month -= 12
		year++
	}
	return NewDate(int(year), int(month), int(day))
}

// addMonths moves d by whole months; a day that the month lacks becomes its last day.
func (d Date) addMonths(n int64) (Date, bool) {
	if n > maxMonths || n < -maxMonths {
		return Date{}, false
	}
	m := int64(d.year)*12 + int64(d.month) - 1 + n
	year, month := int(floorDiv(m, 12)), int(floorMod(m, 12))+1
	return NewDate(year, month, min(int(d.day), daysIn(year, month)))
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }

// zone is how a time is placed on the earth: nowhere (local), by an offset from UTC, or by a name of the IANA database.
type zone struct {
	fixed  bool
	offset int32 // seconds east of UTC, when fixed
	name   string
	loc    *time.Location // when named
}

func (z zone) local() bool { return !z.fixed && z.loc == nil }

// same tells whether two zones are written alike: +00:00 is Z, but not Etc/UTC.
func (z zone) same(y zone) bool {
	return z.fixed == y.fixed && z.offset == y.offset && z.name == y.name
}

func (z zone) String() string {
	switch {
	case z.loc != nil:
		return "@" + z.name
	case !z.fixed:
		return ""
	case z.offset == 0:
		return "Z"
	}
	sign, o := '+', z.offset
	if o < 0 {
		sign, o = '-', -o
	}
	s := fmt.Sprintf("%c%02d:%02d", sign, o/3600, o/60%60)
	if o%60 != 0 {
		s += fmt.Sprintf(":%02d", o%60)
	}
	return s
}

// offsetAt returns the seconds east of UTC at a local date and time. For a time without date, the offset of 1970-01-01 counts.
func (z zone) offsetAt(d Date, nanosOfDay int64) int64 {
	if z.loc == nil {
		return int64(z.offset)
	}
	s := int(nanosOfDay / nanos)
	_, o := time.Date(d.Year(), time.Month(d.month), d.Day(), s/3600, s/60%60, s%60, 0, z.loc).Zone()
	return int64(o)
}

var epoch = Date{1970, 1, 1}

// Time is a time of day, to the nanosecond, with or without a zone.
type Time struct {
	nanos int64 // since midnight
	zone  zone
}

// NewTime returns a time of day without zone, and false when there is none such.
func NewTime(hour, minute, second, nanosecond int) (Time, bool) {
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || nanosecond < 0 || nanosecond >= nanos {
		return Time{}, false
	}
	return Time{nanos: int64(hour*3600+minute*60+second)*nanos + int64(nanosecond)}, true
}

// Hour returns the hour, 0 to 23.
func (t Time) Hour() int { return int(t.nanos / (3600 * nanos)) }

// Minute returns the minute, 0 to 59.
func (t Time) Minute() int { return int(t.nanos / (60 * nanos) % 60) }

// Second returns the whole second, 0 to 59.
func (t Time) Second() int { return int(t.nanos / nanos % 60) }

// String writes t as in ISO 8601, 10:30:00+08:00, or with the name of its zone, 10:30:00@Asia/Shanghai.
func (t Time) String() string {
	s := fmt.Sprintf("%02d:%02d:%02d", t.Hour(), t.Minute(), t.Second())
	return s + fraction(t.nanos%nanos) + t.zone.String()
}

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

func fraction(n int64) string {
	if n == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%09d", n), "0")
}

// DateTime is a date with a time of day, with or without a zone.
type DateTime struct {
	date Date
	time Time
}

// DateTimeOf returns t with its offset from UTC.
func DateTimeOf(t time.Time) DateTime {
	_, o := t.Zone()
	d := DateTime{date: DateOf(t)}
	d.time, _ = NewTime(t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
	d.time.zone = zone{fixed: true, offset: int32(o)}
	return d
}

// Date returns the day.
func (d DateTime) Date() Date { return d.date }

// Time returns the time of day with its zone.
func (d DateTime) Time() Time { return d.time }

// In returns the moment; loc is where a DateTime without zone is taken to be.
func (d DateTime) In(loc *time.Location) time.Time {
	if d.time.zone.local() {
		t := d.time
		return time.Date(d.date.Year(), time.Month(d.date.month), d.date.Day(), t.Hour(), t.Minute(), t.Second(), int(t.nanos%nanos), loc)
	}
	s, n := d.instant()
	return time.Unix(s, n).In(loc)
}

// String writes d as in ISO 8601, or with the name of its zone.
func (d DateTime) String() string { return d.date.String() + "T" + d.time.String() }

// MarshalText implements [encoding.TextMarshaler].
func (d DateTime) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// instant returns seconds and nanoseconds since 1970-01-01T00:00:00Z; without zone, d is taken as UTC.
func (d DateTime) instant() (sec, nano int64) {
	offset := d.time.zone.offsetAt(d.date, d.time.nanos)
	return d.date.days()*daySeconds + d.time.nanos/nanos - offset, d.time.nanos % nanos
}

// ParseDate reads a date as XML Schema writes it: 2026-01-31, with a year of at least four digits.
func ParseDate(s string) (Date, bool) {
	r := strings.TrimPrefix(s, "-")
	n := len(r)
	if n < 10 || n > 15 || r[n-3] != '-' || r[n-6] != '-' {
		return Date{}, false
	}
	year := r[:n-6]
	y, ok1 := digits(year)
	m, ok2 := digits(r[n-5 : n-3])
	d, ok3 := digits(r[n-2:])
	if !ok1 || !ok2 || !ok3 || len(year) > 4 && year[0] == '0' {
		return Date{}, false
	}
	if len(r) != len(s) {
		if y == 0 {
			return Date{}, false
		}
		y = -y
	}
	return NewDate(y, m, d)
}

// digits reads an unsigned number of digits only.
func digits(s string) (int, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// ParseTime reads a time of day: 10:30:00, with a fraction of the second, and Z, an offset or @ and the name of a zone.
func ParseTime(s string) (Time, bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return Time{}, false
	}
	h, ok1 := digits(s[:2])
	m, ok2 := digits(s[3:5])
	sec, ok3 := digits(s[6:8])
	if !ok1 || !ok2 || !ok3 {
		return Time{}, false
	}
	rest, nano := s[8:], 0
	if strings.HasPrefix(rest, ".") {
		end := 1
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		if end == 1 {
			return Time{}, false
		}
		nano, _ = digits((rest[1:end] + "000000000")[:9])
		rest = rest[end:]
	}
	if h == 24 && m == 0 && sec == 0 && nano == 0 { // XML Schema: the end of a day is the beginning of a day
		h = 0
	}
	t, ok := NewTime(h, m, sec, nano)
	if !ok {
		return Time{}, false
	}
	t.zone, ok = parseZone(rest)
	return t, ok
}

// maxOffset is the widest offset from UTC that is read (java.time, with which the TCK was made, has 18 hours).
const maxOffset = 18 * 3600

func parseZone(s string) (zone, bool) {
	switch {
	case s == "":
		return zone{}, true
	case s == "Z" || s == "z":
		return zone{fixed: true}, true
	case s[0] == '@':
		loc, err := time.LoadLocation(s[1:])
		if err != nil || s == "@" || s == "@Local" {
			return zone{}, false
		}
		return zone{name: s[1:], loc: loc}, true
	case s[0] != '+' && s[0] != '-' || (len(s) != 6 && len(s) != 9) || s[3] != ':' || len(s) == 9 && s[6] != ':':
		return zone{}, false
	}
	h, ok1 := digits(s[1:3])
	m, ok2 := digits(s[4:6])
	sec, ok3 := 0, true
	if len(s) == 9 {
		sec, ok3 = digits(s[7:])
	}
	o := h*3600 + m*60 + sec
	if !ok1 || !ok2 || !ok3 || m > 59 || sec > 59 || o > maxOffset {
		return zone{}, false
	}
	if s[0] == '-' {
		o = -o
	}
	return zone{fixed: true, offset: int32(o)}, true
}

// ParseDateTime reads a date, the letter T and a time. A date alone is its midnight without zone.
func ParseDateTime(s string) (DateTime, bool) {
	day, clock, found := strings.Cut(s, "T")
	d, ok := ParseDate(day)
	if !ok || !found {
		return DateTime{date: d}, ok
	}
	t, ok := ParseTime(clock)
	if !ok {
		return DateTime{}, false
	}
	if strings.HasPrefix(clock, "24") {
		d, ok = dateFromDays(d.days() + 1)
	}
	return DateTime{d, t}, ok
}
