package feel

import "github.com/cockroachdb/apd/v3"

// numberFunctions are those of table 75.
func numberFunctions() map[string]*builtin {
	unary := func(f func(Number) Value) *builtin {
		return define(func(e *env, args []Value) Value {
			n, ok := arg[Number](args, 0)
			if !ok || !e.step(n.cost()) {
				return nil
			}
			return f(n)
		}, "number")
	}
	rounding := func(r apd.Rounder, scaleNeeded bool) *builtin {
		form := "n, scale"
		if !scaleNeeded {
			form += "?"
		}
		return define(func(_ *env, args []Value) Value { return roundArgs(args, r) }, form)
	}
	parity := func(odd bool) *builtin {
		return unary(func(n Number) Value {
			r, ok := n.modulo(Int(2)).(Number)
			return orNull(ok && (r.Sign() != 0) == odd, n.whole() && ok)
		})
	}
	return map[string]*builtin{
		"decimal":         rounding(apd.RoundHalfEven, true),
		"floor":           rounding(apd.RoundFloor, false),
		"ceiling":         rounding(apd.RoundCeiling, false),
		"round up":        rounding(apd.RoundUp, true),
		"round down":      rounding(apd.RoundDown, true),
		"round half up":   rounding(apd.RoundHalfUp, true),
		"round half down": rounding(apd.RoundHalfDown, true),
		"abs":             define(abs, "n", "number"),
		"modulo": define(func(_ *env, args []Value) Value {
			a, ok1 := arg[Number](args, 0)
			b, ok2 := arg[Number](args, 1)
			if !ok1 || !ok2 {
				return nil
			}
			return a.modulo(b)
		}, "dividend, divisor"),
		"sqrt": unary(Number.sqrt),
		"log":  unary(Number.ln),
		"exp": define(func(e *env, args []Value) Value {
			n, ok := arg[Number](args, 0)
			// The work grows with n itself; beyond its range it is none.
			if size, _ := n.truncated(); !ok || !e.step(n.cost()+int(min(max(size, -size), 20_000))) {
				return nil
			}
			return n.exp()
		}, "number"),
		"odd":  parity(true),
		"even": parity(false),
	}
}

// maxScale is the number of digits after the point to which a number may be rounded (decimal128: -6111 to 6176).
const maxScale, minScale = 6176, -6111

func roundArgs(args []Value, r apd.Rounder) Value {
	n, ok := arg[Number](args, 0)
	if !ok {
		return nil
	}
	scale := int64(0)
	if len(args) > 1 {
		s, ok := arg[Number](args, 1)
		if !ok {
			return nil
		}
		if scale, ok = s.truncated(); !ok || scale > maxScale || scale < minScale {
			return nil
		}
	}
	return n.round(int32(scale), r)
}

// truncated cuts the fraction off.
func (n Number) truncated() (int64, bool) {
	t, ok := n.round(0, apd.RoundDown).(Number)
	if !ok {
		return 0, false
	}
	return t.Int64()
}

func abs(_ *env, args []Value) Value {
	if n, ok := arg[Number](args, 0); ok {
		if n.Sign() < 0 {
			return n.neg()
		}
		return n
	}
	if d, ok := arg[Duration](args, 0); ok {
		if d.sign() < 0 {
			return d.neg()
		}
		return d
	}
	if m, ok := arg[YearsMonths](args, 0); ok {
		return max(m, -m)
	}
	return nil
}
