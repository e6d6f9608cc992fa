package feel

import (
	"time"

	"github.com/cockroachdb/apd/v3"
)

// eval answers + - * / ** by the kinds of both sides (DMN 1.3, tables 56 to 60); what is not listed there is null.
func (n *arithmetic) eval(e *env) Value {
	l, r := n.left.eval(e), n.right.eval(e)
	if !e.step(1) {
		return nil
	}
	if x, ok := l.(Number); ok {
		if y, ok := r.(Number); ok {
			return e.calculate(n.op, x, y)
		}
	}
	switch n.op {
	case "+":
		return e.add(l, r)
	case "-":
		return subtract(l, r)
	case "*":
		if v := scale(l, r, Number.mul); v != nil {
			return v
		}
		return scale(r, l, Number.mul)
	case "/":
		return divide(l, r)
	default:
		return nil
	}
}

func (e *env) calculate(op string, x, y Number) Value {
	switch op {
	case "+":
		return x.add(y)
	case "-":
		return x.sub(y)
	case "*":
		return x.mul(y)
	case "/":
		return x.quo(y)
	default:
		cost := x.cost() + y.cost()
		if !y.whole() { // by logarithms
			cost *= 10
		}
		if !e.step(cost) {
			return nil
		}
		return x.pow(y)
	}
}

func (e *env) add(l, r Value) Value {
	switch x := l.(type) {
	case string:
		if y, ok := r.(string); ok && e.spend(len(x)+len(y)) {
			return x + y
		}
	case Duration:
		if y, ok := r.(Duration); ok {
			return orNull(newDuration(x.sec+y.sec, x.nano+y.nano))
		}
		return shift(r, x)
	case YearsMonths:
		if y, ok := r.(YearsMonths); ok {
			return boundMonths(x + y)
		}
		return shift(r, x)
	default:
		return shift(l, r)
	}
	return nil
}

func subtract(l, r Value) Value {
	switch y := r.(type) {
	case Duration:
		if x, ok := l.(Duration); ok {
			return orNull(newDuration(x.sec-y.sec, x.nano-y.nano))
		}
		return shift(l, y.neg())
	case YearsMonths:
		if x, ok := l.(YearsMonths); ok {
			return boundMonths(x - y)
		}
		return shift(l, -y)
	case Time:
		if x, ok := l.(Time); ok {
			return difference(DateTime{epoch, x}, DateTime{epoch, y})
		}
		return nil
	}
	x, okX := instantOf(l)
	y, okY := instantOf(r)
	if !okX || !okY {
		return nil
	}
	return difference(x, y)
}

// instantOf takes a date for its midnight in UTC, so that a date and a time without zone have no difference (TCK 0100).
func instantOf(v Value) (DateTime, bool) {
	at, ok := moment(v)
	if _, isDate := v.(Date); isDate {
		at.time.zone.fixed = true
	}
	return at, ok
}

func moment(v Value) (DateTime, bool) {
	switch v := v.(type) {
	case Date:
		return DateTime{date: v}, true
	case DateTime:
		return v, true
	default:
		return DateTime{}, false
	}
}

func difference(x, y DateTime) Value {
	if x.time.zone.local() != y.time.zone.local() {
		return nil
	}
	s, n := x.instant()
	t, m := y.instant()
	return orNull(newDuration(s-t, n-m))
}

// shift moves a date or a time by a duration.
func shift(v, by Value) Value {
	switch by := by.(type) {
	case YearsMonths:
		at, ok := moment(v)
		if !ok {
			return nil
		}
		if at.date, ok = at.date.addMonths(int64(by)); !ok {
			return nil
		}
		if _, ok := v.(Date); ok {
			return at.date
		}
		return at
	case Duration:
		switch v := v.(type) {
		case Date:
			if at, ok := (DateTime{date: v}).plus(by); ok {
				return at.date
			}
		case DateTime:
			return orNull(v.plus(by))
		case Time:
			r := v
			r.nanos = floorMod(v.nanos+floorMod(by.sec, daySeconds)*nanos+by.nano, dayNanos)
			return r
		}
	}
	return nil
}

// plus moves d by a duration. In a named zone the clock shows what it shows there after that time has passed.
func (d DateTime) plus(by Duration) (DateTime, bool) {
	sec := d.date.days()*daySeconds + d.time.nanos/nanos
	zone := d.time.zone
	if zone.loc != nil {
		sec, _ = d.instant()
	}
	sec, nano := sec+by.sec, d.time.nanos%nanos+by.nano
	sec += nano / nanos
	nano %= nanos
	if zone.loc != nil {
		_, offset := time.Unix(sec, 0).In(zone.loc).Zone()
		sec += int64(offset)
	}
	date, ok := dateFromDays(floorDiv(sec, daySeconds))
	return DateTime{date, Time{floorMod(sec, daySeconds)*nanos + nano, zone}}, ok
}

// scale multiplies a duration by a number, or divides it; a part of a month is cut off.
func scale(v, by Value, op func(Number, Number) Value) Value {
	n, ok := by.(Number)
	if !ok {
		return nil
	}
	switch d := v.(type) {
	case Duration:
		if s, ok := op(d.number(), n).(Number); ok {
			return durationOfSeconds(s)
		}
	case YearsMonths:
		m, ok := op(Int(int64(d)), n).(Number)
		if !ok {
			return nil
		}
		if m, ok = m.round(0, apd.RoundDown).(Number); !ok {
			return nil
		}
		if i, ok := m.Int64(); ok {
			return boundMonths(YearsMonths(i))
		}
	}
	return nil
}

func boundMonths(m YearsMonths) Value { return orNull(m, m <= maxMonths && m >= -maxMonths) }

func divide(l, r Value) Value {
	switch y := r.(type) {
	case Number:
		return scale(l, r, Number.quo)
	case Duration:
		if x, ok := l.(Duration); ok {
			return x.number().quo(y.number())
		}
	case YearsMonths:
		if x, ok := l.(YearsMonths); ok {
			return Int(int64(x)).quo(Int(int64(y)))
		}
	}
	return nil
}

// orNull turns a result that may fail into a value.
func orNull[T any](v T, ok bool) Value {
	if !ok {
		return nil
	}
	return v
}
