package feel

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// Duration is a days and time duration, to the nanosecond. It may be negative.
type Duration struct {
	sec  int64 // rounded down
	nano int64 // 0 to 999,999,999
}

// YearsMonths is a years and months duration, in months. It may be negative.
type YearsMonths int64

// maxSeconds bounds a Duration to what separates the first and the last date there is, with room to spare.
const maxSeconds = 1 << 57

// maxMonths bounds a YearsMonths likewise.
const maxMonths = 12 * 3 * maxYear

// DurationOf returns d as a FEEL value.
func DurationOf(d time.Duration) Duration {
	return Duration{floorDiv(int64(d), nanos), floorMod(int64(d), nanos)}
}

// Std returns d as a time.Duration, and false when it is longer than that can hold (292 years).
func (d Duration) Std() (time.Duration, bool) {
	if d.sec > math.MaxInt64/nanos-1 || d.sec < math.MinInt64/nanos+1 {
		return 0, false
	}
	return time.Duration(d.sec*nanos + d.nano), true
}

func newDuration(sec, nano int64) (Duration, bool) {
	sec += floorDiv(nano, nanos)
	if sec > maxSeconds || sec < -maxSeconds {
		return Duration{}, false
	}
	return Duration{sec, floorMod(nano, nanos)}, true
}

func (d Duration) compare(e Duration) int {
	return cmp.Or(cmp.Compare(d.sec, e.sec), cmp.Compare(d.nano, e.nano))
}

func (d Duration) neg() Duration {
	r, _ := newDuration(-d.sec, -d.nano)
	return r
}

func (d Duration) sign() int { return d.compare(Duration{}) }

// parts splits the absolute value of d.
func (d Duration) parts() (days, hours, minutes, seconds, nano int64) {
	if d.sign() < 0 {
		d = d.neg()
	}
	return d.sec / daySeconds, d.sec / 3600 % 24, d.sec / 60 % 60, d.sec % 60, d.nano
}

// number returns d in seconds.
func (d Duration) number() Number {
	n, _ := Int(d.sec).add(Number{apd.New(d.nano, -9)}).(Number)
	return n
}

// durationOfSeconds is the inverse of number; what is less than a nanosecond is cut off.
func durationOfSeconds(n Number) Value {
	if n.magnitude() > 18 {
		return nil
	}
	scaled, ok := n.mul(Int(nanos)).(Number)
	if !ok {
		return nil
	}
	whole, ok := scaled.round(0, apd.RoundDown).(Number)
	if !ok {
		return nil
	}
	sec, nano := new(big.Int).DivMod(whole.Rat().Num(), big.NewInt(nanos), new(big.Int))
	if !sec.IsInt64() {
		return nil
	}
	if d, ok := newDuration(sec.Int64(), nano.Int64()); ok {
		return d
	}
	return nil
}

// String writes d as in ISO 8601 with days, hours, minutes and seconds: P1DT2H30M; no time at all is PT0S.
func (d Duration) String() string {
	days, h, m, s, n := d.parts()
	var b strings.Builder
	if d.sign() < 0 {
		b.WriteByte('-')
	}
	b.WriteByte('P')
	if days > 0 {
		fmt.Fprintf(&b, "%dD", days)
	}
	if h|m|s|n != 0 || days == 0 {
		b.WriteByte('T')
	}
	if h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if s|n != 0 || d.sign() == 0 {
		fmt.Fprintf(&b, "%d%sS", s, fraction(n))
	}
	return b.String()
}

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes y as in ISO 8601: P1Y2M; no month at all is P0M.
func (y YearsMonths) String() string {
	sign, n := "", int64(y)
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + "P"
	if n >= 12 {
		s += strconv.FormatInt(n/12, 10) + "Y"
	}
	if n%12 != 0 || n == 0 {
		s += strconv.FormatInt(n%12, 10) + "M"
	}
	return s
}

// MarshalText implements [encoding.TextMarshaler].
func (y YearsMonths) MarshalText() ([]byte, error) { return []byte(y.String()), nil }

// ParseDuration reads a duration of ISO 8601: of years and months (P1Y2M) as a [YearsMonths], of days and time (P1DT2H) as a
// [Duration]. One that mixes months with days has no fixed length and is refused.
func ParseDuration(s string) (Value, bool) {
	body, negative := strings.CutPrefix(s, "-")
	body, ok := strings.CutPrefix(body, "P")
	if !ok || body == "" || len(body) > 100 {
		return nil, false
	}
	date, clock, timed := strings.Cut(body, "T")
	f := fields{rest: date}
	years, hasYears := f.take('Y')
	months, hasMonths := f.take('M')
	days, hasDays := f.take('D')
	if f.bad || f.rest != "" {
		return nil, false
	}
	if hasYears || hasMonths {
		n := years*12 + months
		if hasDays || timed || n > maxMonths {
			return nil, false
		}
		if negative {
			n = -n
		}
		return YearsMonths(n), true
	}
	f = fields{rest: clock}
	hours, hasHours := f.take('H')
	minutes, hasMinutes := f.take('M')
	seconds, nano, hasSeconds := f.takeSeconds()
	if f.bad || f.rest != "" || timed != (hasHours || hasMinutes || hasSeconds) {
		return nil, false
	}
	d, ok := newDuration(days*daySeconds+hours*3600+minutes*60+seconds, nano)
	if negative {
		d = d.neg()
	}
	return d, ok
}

// fields reads the parts of a duration: a number and the letter of its unit.
type fields struct {
	rest string
	bad  bool
}

// maxField keeps the sum of the parts of a duration within an int64.
const maxField = 1_000_000_000_000

func (f *fields) take(unit byte) (int64, bool) {
	i := strings.IndexByte(f.rest, unit)
	if i < 0 {
		return 0, false
	}
	n, ok := digits(f.rest[:i])
	if !ok || n > maxField {
		f.bad = true
	}
	f.rest = f.rest[i+1:]
	return int64(n), true
}

func (f *fields) takeSeconds() (sec, nano int64, ok bool) {
	body, ok := strings.CutSuffix(f.rest, "S")
	if !ok {
		return 0, 0, false
	}
	f.rest = ""
	whole, frac, dotted := strings.Cut(body, ".")
	s, ok1 := digits(whole)
	n, ok2 := 0, true
	if dotted {
		_, ok2 = digits(frac[:min(len(frac), 18)])
		n, _ = digits((frac + "000000000")[:9])
		ok2 = ok2 && strings.Trim(frac, "0123456789") == ""
	}
	if !ok1 || !ok2 || s > maxField {
		f.bad = true
	}
	return int64(s), int64(n), true
}

// monthsBetween counts the whole months from a to b, as years and months duration(a, b) does.
func monthsBetween(a, b DateTime) YearsMonths {
	n := int64(b.date.year-a.date.year)*12 + int64(b.date.month) - int64(a.date.month)
	rest := cmp.Or(cmp.Compare(b.date.day, a.date.day), cmp.Compare(b.time.nanos, a.time.nanos))
	switch {
	case n > 0 && rest < 0:
		n--
	case n < 0 && rest > 0:
		n++
	}
	return YearsMonths(n)
}
