package procedure

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
)

// The units of timers that are counted in whole days, and end at 24:00 of the last one: working days (工作日), or calendar days (日),
// of which the last moves off a day of rest (民法典 203).
const (
	WorkingDay  = "working-day"
	CalendarDay = "calendar-day"
)

// Forever is the number of repetitions of a timer cycle that has no last one.
const Forever = -1

// TimerSpec says when a timer falls due. A timer with a Rule, or with a Unit, is the host's to compute ([Engine.Due]); every
// other is ISO 8601 and computed here.
type TimerSpec struct {
	Text   string // as written in the file
	Rule   string // id of a rule of the law
	Unit   string // WorkingDay or CalendarDay, or empty for time by the clock
	Count  int    // how many of Unit
	Repeat int    // how often it fires: 1, or the repetitions of a cycle, or Forever
	Cycle  bool
	Err    error // why the specification cannot be understood

	date   bool
	period isoDuration
	at     time.Time  // the date, or the start of a cycle
	expr   *Condition // computes the text when the timer is armed
}

func readTimer(n *xmlNode) *TimerSpec {
	t := &TimerSpec{Rule: n.attrIn(Namespace, "rule"), Repeat: 1}
	if t.Rule != "" {
		return t
	}
	for _, c := range n.elements() {
		if c.space != bpmnSpace {
			continue
		}
		switch c.local {
		case "timeDuration", "timeDate", "timeCycle":
			t.Text, t.Unit = c.content(), first(c.attrIn(Namespace, "unit"), n.attrIn(Namespace, "unit"))
			t.date, t.Cycle = c.local == "timeDate", c.local == "timeCycle"
			if s := unwrap(t.Text); s != t.Text || strings.ContainsRune(s, '(') {
				t.expr = readCondition(t.Text, c.line)
				t.Err = t.expr.Err
			} else {
				t.Err = t.read(t.Text)
			}
			if t.Unit != "" && t.Unit != WorkingDay && t.Unit != CalendarDay {
				t.Err = fmt.Errorf("openhall:unit=%q: write working-day or calendar-day, or leave it out for time by the clock", t.Unit)
			}
			return t
		}
	}
	t.Err = errors.New("the timer says no time: add timeDuration, timeDate, timeCycle or openhall:rule")
	return t
}

// read understands the text of a duration, date or cycle.
func (t *TimerSpec) read(text string) error {
	switch {
	case t.date:
		at, err := parseInstant(text)
		t.at = at
		return err
	case t.Cycle:
		parts := strings.Split(text, "/")
		if len(parts) < 2 || len(parts) > 3 || !strings.HasPrefix(parts[0], "R") {
			return fmt.Errorf("%q is no ISO 8601 cycle such as R3/PT1H", text)
		}
		t.Repeat = Forever
		if n := parts[0][1:]; n != "" {
			r, err := strconv.Atoi(n)
			if err != nil || r < 1 {
				return fmt.Errorf("%q does not repeat a number of times: write R3, or R for ever", text)
			}
			t.Repeat = r
		}
		if len(parts) == 3 {
			at, err := parseInstant(parts[1])
			if err != nil {
				return err
			}
			t.at = at
		}
		text = parts[len(parts)-1]
	}
	var err error
	if t.period, err = parseISO(text); err != nil {
		return err
	}
	if t.Cycle && t.period == (isoDuration{}) {
		return fmt.Errorf("%q repeats after no time at all", t.Text)
	}
	if t.Unit != "" {
		if t.period != (isoDuration{days: t.period.days}) || t.period.days == 0 {
			return fmt.Errorf("%q in %ss: write days only, such as P5D", text, t.Unit)
		}
		t.Count = t.period.days
	}
	return nil
}

// due returns the instant the timer falls due when it is armed at from, and how often it fires.
func (e *Engine) due(t *TimerSpec, from time.Time, scope feel.Scope) (time.Time, int, error) {
	if t.Err != nil {
		return time.Time{}, 0, t.Err
	}
	if t.expr != nil {
		return e.dueOf(t, from, scope)
	}
	switch {
	case t.date:
		return t.at, 1, nil
	case t.Rule != "" || t.Unit != "":
		if e.Due == nil {
			return time.Time{}, 0, fmt.Errorf("the timer %s needs a calendar and rules of the law, which this engine was not given", first(t.Rule, t.Text))
		}
		due, err := e.Due(*t, from)
		return due, t.Repeat, err
	case t.Cycle && t.at.After(from):
		return t.at, t.Repeat, nil
	default:
		return t.period.after(from), t.Repeat, nil
	}
}

// dueOf computes a timer whose time is an expression: a text in ISO 8601, or a FEEL duration, date or date and time.
func (e *Engine) dueOf(t *TimerSpec, from time.Time, scope feel.Scope) (time.Time, int, error) {
	v, err := t.expr.eval(scope)
	if err != nil {
		return time.Time{}, 0, err
	}
	switch v := v.(type) {
	case feel.DateTime:
		return v.In(calendar.Zone), 1, nil
	case feel.Date, feel.Duration, feel.YearsMonths, string:
		text := fmt.Sprint(v)
		fixed := TimerSpec{Text: text, Unit: t.Unit, Repeat: 1, Cycle: t.Cycle}
		_, isDate := v.(feel.Date)
		fixed.date = isDate || t.date
		if err := fixed.read(text); err != nil {
			return time.Time{}, 0, err
		}
		return e.due(&fixed, from, scope)
	default:
		return time.Time{}, 0, fmt.Errorf("%s gives %v, not a duration or a date", t.expr.Source, v)
	}
}

// parseInstant reads an ISO 8601 date and time, or a date, which is its first instant. Without a zone it is Asia/Shanghai.
func parseInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, calendar.Zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no ISO 8601 date and time such as 2026-03-01T09:00:00+08:00", text)
}

// isoDuration is an ISO 8601 duration. Months are calendar months, days are days of 24 hours (Asia/Shanghai has had no summer
// time since 1991).
type isoDuration struct {
	months, days int
	clock        time.Duration
}

// after adds the duration to an instant. Months are added in Asia/Shanghai: the same day, or the last of a shorter month.
func (d isoDuration) after(from time.Time) time.Time {
	if d.months != 0 {
		day := calendar.Of(from)
		from = from.Add(day.AddMonths(d.months).Start().Sub(day.Start()))
	}
	return from.Add(time.Duration(d.days)*24*time.Hour + d.clock)
}

// maxAmount bounds each figure of a duration, so that no sum overflows: about 270 years in days.
const maxAmount = 100_000

// parseISO reads PnYnMnWnDTnHnMnS. Seconds may have a fraction.
func parseISO(text string) (isoDuration, error) {
	bad := fmt.Errorf("%q is no ISO 8601 duration such as P5D, PT2H or P1Y2M", text)
	rest, ok := strings.CutPrefix(text, "P")
	if !ok || rest == "" || strings.HasSuffix(rest, "T") {
		return isoDuration{}, bad
	}
	var d isoDuration
	units := "YMWD"
	for rest != "" {
		if rest[0] == 'T' && units != "" && !strings.HasSuffix(units, "S") {
			units, rest = "HMS", rest[1:]
			continue
		}
		end := strings.IndexAny(rest, "YMWDHS")
		if end <= 0 {
			return d, bad
		}
		at := strings.IndexByte(units, rest[end])
		if at < 0 {
			return d, bad
		}
		if err := d.set(rest[:end], units, rest[end]); err != nil {
			return d, fmt.Errorf("%q: %w", text, err)
		}
		units, rest = keepTime(units[at+1:], units), rest[end+1:]
	}
	return d, nil
}

// keepTime returns the units still allowed; when those of the date are used up, "-" keeps the place until T comes.
func keepTime(left, units string) string {
	if left == "" && !strings.HasSuffix(units, "S") {
		return "-"
	}
	return left
}

func (d *isoDuration) set(number, units string, unit byte) error {
	isTime := strings.HasSuffix(units, "S")
	if isTime && unit == 'S' {
		s, err := time.ParseDuration(number + "s")
		if err != nil || s < 0 || s > maxAmount*time.Hour || !digits(strings.Replace(number, ".", "", 1)) {
			return fmt.Errorf("%s is no number of seconds", number)
		}
		d.clock += s
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n > maxAmount || !digits(number) {
		return fmt.Errorf("%s is no number from 0 to %d", number, maxAmount)
	}
	switch {
	case isTime && unit == 'H':
		d.clock += time.Duration(n) * time.Hour
	case isTime:
		d.clock += time.Duration(n) * time.Minute
	case unit == 'Y':
		d.months += 12 * n
	case unit == 'M':
		d.months += n
	case unit == 'W':
		d.days += 7 * n
	default:
		d.days += n
	}
	return nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
