package feel

import "time"

// temporalFunctions are the conversions of table 71 and the calendar functions of tables 79 and 80. now() and today() read no clock:
// they are what the scope holds under those names, or null.
func temporalFunctions() map[string]*builtin {
	return map[string]*builtin{
		"date":          define(toDate, "from", "year, month, day"),
		"time":          define(toTime, "from", "hour, minute, second, offset?"),
		"date and time": define(toDateTime, "from", "date, time"),
		"duration": define(func(_ *env, args []Value) Value {
			if s, ok := arg[string](args, 0); ok {
				return orNull(ParseDuration(s))
			}
			switch v := args[0].(type) {
			case Duration, YearsMonths:
				return v
			}
			return nil
		}, "from"),
		"years and months duration": define(func(_ *env, args []Value) Value {
			a, ok1 := moment(one(args[0]))
			b, ok2 := moment(one(args[1]))
			return orNull(monthsBetween(a, b), ok1 && ok2)
		}, "from, to"),
		"now":           fromScope("now", kindDateTime),
		"today":         fromScope("today", kindDate),
		"day of year":   onDate(func(d Date) Value { return Int(d.days() - Date{d.year, 1, 1}.days() + 1) }),
		"day of week":   onDate(func(d Date) Value { return weekdays[d.Weekday()-1] }),
		"month of year": onDate(func(d Date) Value { return time.Month(d.month).String() }),
		"week of year":  onDate(weekOfYear),
	}
}

var weekdays = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

func fromScope(id string, want kind) *builtin {
	return define(func(e *env, _ []Value) Value {
		if e.scope == nil {
			return nil
		}
		v, _ := e.scope.Lookup(id)
		return orNull(v, kindOf(v) == want)
	}, "")
}

// one takes a list of one item for the item.
func one(v Value) Value {
	if l, ok := v.(List); ok && len(l) == 1 {
		return l[0]
	}
	return v
}

func onDate(f func(Date) Value) *builtin {
	return define(func(_ *env, args []Value) Value {
		d, ok := moment(one(args[0]))
		if !ok {
			return nil
		}
		return f(d.date)
	}, "date")
}

// weekOfYear counts as ISO 8601 does: the week belongs to the year in which its Thursday lies.
func weekOfYear(d Date) Value {
	thursday, ok := dateFromDays(d.days() - int64(d.Weekday()) + 4)
	if !ok {
		return nil
	}
	return Int((thursday.days()-Date{thursday.year, 1, 1}.days())/7 + 1)
}

func toDate(_ *env, args []Value) Value {
	if len(args) == 1 {
		switch v := one(args[0]).(type) {
		case string:
			return orNull(ParseDate(v))
		case Date:
			return v
		case DateTime:
			return v.date
		}
		return nil
	}
	y, ok1 := intArg(args, 0)
	m, ok2 := intArg(args, 1)
	d, ok3 := intArg(args, 2)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	return orNull(NewDate(int(y), int(m), int(d)))
}

func toTime(_ *env, args []Value) Value {
	if len(args) == 1 {
		switch v := one(args[0]).(type) {
		case string:
			return orNull(ParseTime(v))
		case Time:
			return v
		case DateTime:
			return v.time
		case Date:
			return Time{zone: zone{fixed: true}} // a date is its midnight in UTC
		}
		return nil
	}
	h, ok1 := intArg(args, 0)
	m, ok2 := intArg(args, 1)
	s, ok3 := arg[Number](args, 2)
	if !ok1 || !ok2 || !ok3 || h < 0 || h > 23 || m < 0 || m > 59 || s.Sign() < 0 || s.Cmp(Int(60)) >= 0 {
		return nil
	}
	sec, ok := durationOfSeconds(s).(Duration)
	if !ok {
		return nil
	}
	t, ok := NewTime(int(h), int(m), int(sec.sec), int(sec.nano))
	if ok && given(args, 3) {
		o, isDuration := arg[Duration](args, 3)
		if !isDuration || o.sec > maxOffset || o.sec < -maxOffset {
			return nil
		}
		t.zone = zone{fixed: true, offset: int32(o.sec)}
	}
	return orNull(t, ok)
}

func toDateTime(_ *env, args []Value) Value {
	if len(args) == 1 {
		switch v := one(args[0]).(type) {
		case string:
			return orNull(ParseDateTime(v))
		case Date:
			return DateTime{date: v}
		case DateTime:
			return v
		}
		return nil
	}
	d, ok1 := moment(one(args[0]))
	t, ok2 := arg[Time](args, 1)
	return orNull(DateTime{d.date, t}, ok1 && ok2)
}

// property gives what stands behind a dot: an entry of a context, or a part of a time, a duration (tables 65 to 68) or an interval.
func property(v Value, key string) Value {
	switch v := v.(type) {
	case *Context:
		x, _ := v.Get(key)
		return x
	case Date:
		return dateProperty(v, key)
	case DateTime:
		if x := dateProperty(v.date, key); x != nil {
			return x
		}
		return clockProperty(v, key)
	case Time:
		return clockProperty(DateTime{epoch, v}, key)
	case Duration:
		return durationProperty(v, key)
	case YearsMonths:
		switch key {
		case "years":
			return Int(int64(v) / 12)
		case "months":
			return Int(int64(v) % 12)
		}
	case Range:
		switch key {
		case "start":
			return v.Start
		case "end":
			return v.End
		case "start included":
			return v.StartIncluded
		case "end included":
			return v.EndIncluded
		}
	}
	return nil
}

func dateProperty(d Date, key string) Value {
	switch key {
	case "year":
		return Int(int64(d.year))
	case "month":
		return Int(int64(d.month))
	case "day":
		return Int(int64(d.day))
	case "weekday":
		return Int(int64(d.Weekday()))
	}
	return nil
}

func clockProperty(d DateTime, key string) Value {
	switch t := d.time; key {
	case "hour":
		return Int(int64(t.Hour()))
	case "minute":
		return Int(int64(t.Minute()))
	case "second":
		return Int(int64(t.Second()))
	case "time offset":
		if !t.zone.local() {
			return Duration{sec: t.zone.offsetAt(d.date, t.nanos)}
		}
	case "timezone":
		if t.zone.loc != nil {
			return t.zone.name
		}
	}
	return nil
}

// durationProperty gives a part; of a negative duration all parts are negative.
func durationProperty(d Duration, key string) Value {
	days, h, m, s, _ := d.parts()
	parts := map[string]int64{"days": days, "hours": h, "minutes": m, "seconds": s}
	n, ok := parts[key]
	if d.sign() < 0 {
		n = -n
	}
	return orNull(Int(n), ok)
}
