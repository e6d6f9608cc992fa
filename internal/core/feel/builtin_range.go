package feel

// rangeFunctions are those of table 77, after Allen's interval algebra. Each takes points, intervals or one of each as the table
// allows; a point is here the closed interval of itself.
func rangeFunctions() map[string]*builtin {
	relation := func(pointFirst, pointSecond bool, holds func(a, b bounds) bool) *builtin {
		return define(func(_ *env, args []Value) Value {
			a, ok1 := boundsOf(args[0])
			b, ok2 := boundsOf(args[1])
			if !ok1 || !ok2 || a.point && !pointFirst || b.point && !pointSecond {
				return nil
			}
			if _, ok := order(a.low, b.low); !ok {
				return nil
			}
			return holds(a, b)
		}, "value1, value2", "point1, point2", "point, range", "range, point", "range1, range2")
	}
	flip := func(f func(a, b bounds) bool) func(a, b bounds) bool {
		return func(a, b bounds) bool { return f(b, a) }
	}
	return map[string]*builtin{
		"before":   relation(true, true, before),
		"after":    relation(true, true, flip(before)),
		"meets":    relation(false, false, meetsRange),
		"met by":   relation(false, false, flip(meetsRange)),
		"overlaps": relation(false, false, overlaps),
		"overlaps before": relation(false, false, func(a, b bounds) bool {
			return startsBefore(a, b) && overlaps(a, b) && endsBefore(a, b)
		}),
		"overlaps after": relation(false, false, func(a, b bounds) bool {
			return startsBefore(b, a) && overlaps(a, b) && endsBefore(b, a)
		}),
		"finishes":    relation(true, false, finishes),
		"finished by": relation(false, true, flip(finishes)),
		"includes":    relation(false, true, flip(during)),
		"during":      relation(true, false, during),
		"starts":      relation(true, false, starts),
		"started by":  relation(false, true, flip(starts)),
		"coincides": relation(true, true, func(a, b bounds) bool {
			return a.point == b.point && during(a, b) && during(b, a)
		}),
	}
}

// bounds is a point or an interval with both ends.
type bounds struct {
	low, high                 Value
	lowIncluded, highIncluded bool
	point                     bool
}

func boundsOf(v Value) (bounds, bool) {
	r, ok := one(v).(Range)
	if !ok {
		v = one(v)
		_, ordered := order(v, v)
		return bounds{v, v, true, true, true}, ordered
	}
	_, ordered := order(r.Start, r.End)
	return bounds{r.Start, r.End, r.StartIncluded, r.EndIncluded, false}, ordered
}

// sign compares two ends that are known to have an order.
func sign(a, b Value) int {
	c, _ := order(a, b)
	return c
}

func before(a, b bounds) bool {
	c := sign(a.high, b.low)
	return c < 0 || c == 0 && !(a.highIncluded && b.lowIncluded)
}

func meetsRange(a, b bounds) bool {
	return a.highIncluded && b.lowIncluded && sign(a.high, b.low) == 0
}

func overlaps(a, b bounds) bool { return !before(a, b) && !before(b, a) }

func startsBefore(a, b bounds) bool {
	c := sign(a.low, b.low)
	return c < 0 || c == 0 && a.lowIncluded && !b.lowIncluded
}

func endsBefore(a, b bounds) bool {
	c := sign(a.high, b.high)
	return c < 0 || c == 0 && !a.highIncluded && b.highIncluded
}

func during(a, b bounds) bool { return !startsBefore(a, b) && !endsBefore(b, a) }

func finishes(a, b bounds) bool {
	return sign(a.high, b.high) == 0 && a.highIncluded == b.highIncluded && during(a, b)
}

func starts(a, b bounds) bool {
	return sign(a.low, b.low) == 0 && a.lowIncluded == b.lowIncluded && during(a, b)
}
