package feel

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// Number is a decimal of at most 34 digits with an exponent between -6143 and 6144. The zero Number is 0.
type Number struct{ d *apd.Decimal }

// ErrNumber is returned for what is no number, or one too great for 34 digits and an exponent of 6144.
var ErrNumber = errors.New("not a number of FEEL")

const (
	precision   = 34
	maxExponent = 6144
	minExponent = -6143
)

var zero = new(apd.Decimal)

// halfEven is the arithmetic of decimal128: 34 digits, half to even. It is never changed. No condition is trapped: finite judges the
// result.
var halfEven = &apd.Context{Precision: precision, MaxExponent: maxExponent, MinExponent: minExponent, Rounding: apd.RoundHalfEven}

// Int returns n as a Number.
func Int(n int64) Number { return Number{apd.New(n, 0)} }

// ParseNumber reads a number in decimal or scientific notation, rounded to 34 digits.
func ParseNumber(s string) (Number, error) {
	if len(s) > maxSource {
		return Number{}, fmt.Errorf("%w: %d characters long", ErrNumber, len(s))
	}
	d, _, err := halfEven.NewFromString(s)
	if err != nil || d.Form != apd.Finite {
		return Number{}, fmt.Errorf("%w: %.40q", ErrNumber, s)
	}
	return clean(d), nil
}

func clean(d *apd.Decimal) Number {
	if d.IsZero() {
		d.Negative, d.Exponent = false, 0
	}
	return Number{d}
}

// finite turns the outcome of an apd operation into a value: null for what has no finite result.
func finite(d *apd.Decimal, cond apd.Condition, err error) Value {
	if err != nil || d.Form != apd.Finite || cond.Any() && (cond.DivisionByZero() || cond.InvalidOperation() || cond.Overflow()) {
		return nil
	}
	return clean(d)
}

func (n Number) dec() *apd.Decimal {
	if n.d == nil {
		return zero
	}
	return n.d
}

// Cmp compares n with m: -1, 0 or 1.
func (n Number) Cmp(m Number) int { return n.dec().Cmp(m.dec()) }

// Sign returns -1, 0 or 1.
func (n Number) Sign() int { return n.dec().Sign() }

// Int64 returns n when it is a whole number that fits, and whether it does.
func (n Number) Int64() (int64, bool) {
	if d := n.dec(); d.Exponent > 18 || !n.whole() {
		return 0, d.IsZero()
	}
	i, err := n.dec().Int64()
	return i, err == nil
}

// whole tells whether n has no fraction.
func (n Number) whole() bool {
	d := n.dec()
	if d.Exponent >= 0 {
		return true
	}
	r := n.reduced()
	return r.Exponent >= 0
}

func (n Number) reduced() *apd.Decimal {
	r, _ := new(apd.Decimal).Reduce(n.dec())
	return r
}

// Rat returns n exactly, as a fraction.
func (n Number) Rat() *big.Rat {
	r, _ := new(big.Rat).SetString(n.dec().Text('E'))
	return r
}

// String writes n without an exponent where that takes at most some forty characters, and always without trailing zeros, so that
// equal numbers are written alike.
func (n Number) String() string {
	r := n.reduced()
	if r.IsZero() {
		return "0"
	}
	if r.Exponent > precision || r.Exponent < -precision-8 {
		return r.Text('E')
	}
	return r.Text('f')
}

// MarshalJSON writes n as a JSON number with all its digits.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

// add sums. What lies wholly behind the last digit of the other changes nothing, and is not brought to a common exponent, which may
// take thousands of digits.
func (n Number) add(m Number) Value {
	switch apart := n.magnitude() - m.magnitude(); {
	case apart > 2*precision+2 && n.Sign() != 0 || m.Sign() == 0:
		return n
	case apart < -2*precision-2 && m.Sign() != 0 || n.Sign() == 0:
		return m
	}
	d := new(apd.Decimal)
	c, err := halfEven.Add(d, n.dec(), m.dec())
	return finite(d, c, err)
}

func (n Number) sub(m Number) Value { return n.add(m.neg()) }

func (n Number) mul(m Number) Value {
	d := new(apd.Decimal)
	c, err := halfEven.Mul(d, n.dec(), m.dec())
	return finite(d, c, err)
}

func (n Number) quo(m Number) Value {
	if m.Sign() == 0 {
		return nil
	}
	d := new(apd.Decimal)
	c, err := halfEven.Quo(d, n.dec(), m.dec())
	return finite(d, c, err)
}

func (n Number) neg() Number { return clean(new(apd.Decimal).Neg(n.dec())) }

// magnitude is the decimal exponent of the first digit of n.
func (n Number) magnitude() int64 {
	d := n.dec()
	return int64(d.Exponent) + d.NumDigits() - 1
}

// cost is what a power, a logarithm, a root or e raised to n costs of the budget, where a sum costs 1: very great and very small
// numbers take longer.
func (n Number) cost() int {
	mag := n.magnitude()
	return 100 + 2*int(max(mag, -mag))
}

// pow raises n to m. What would leave the range of exponents is decided before the work is begun.
func (n Number) pow(m Number) Value {
	if n.Sign() == 0 {
		switch m.Sign() {
		case -1:
			return nil
		case 0:
			return Int(1)
		default:
			return Int(0)
		}
	}
	if n.Sign() < 0 && !m.whole() {
		return nil
	}
	if mag := n.magnitude(); m.magnitude() > 34 {
		if n.Cmp(Int(1)) == 0 {
			return Int(1)
		}
		return nil
	} else if e, ok := m.floorInt(); ok && mag != 0 && mag != -1 {
		// 10^mag ≤ |n| < 10^(mag+1), so the result lies beyond the range when mag·e does.
		if p, over := saturatingMul(mag, e); over || p > 2*maxExponent || p < -3*maxExponent {
			if p < 0 {
				return Int(0)
			}
			return nil
		}
	}
	d := new(apd.Decimal)
	c, err := halfEven.Pow(d, n.dec(), m.dec())
	return finite(d, c, err)
}

// floorInt returns the greatest whole number not above n, when it fits.
func (n Number) floorInt() (int64, bool) {
	f, ok := n.round(0, apd.RoundFloor).(Number)
	if !ok {
		return 0, false
	}
	return f.Int64()
}

// saturatingMul multiplies, and tells when the product is beyond ±2⁴⁰, keeping its sign.
func saturatingMul(a, b int64) (int64, bool) {
	const limit = 1 << 40
	if b > limit || b < -limit || a > limit || a < -limit {
		if (a < 0) != (b < 0) {
			return -limit, true
		}
		return limit, true
	}
	hi := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	if !hi.IsInt64() {
		return int64(hi.Sign()) * limit, true
	}
	return hi.Int64(), false
}

// round brings n to scale digits after the point (negative: before it). The digits are cut here and not by apd, whose Quantize takes
// what lies wholly behind the last digit for nothing, in every mode: floor(-0.01) would be 0.
func (n Number) round(scale int32, mode apd.Rounder) Value {
	d := n.dec()
	drop := -int64(scale) - int64(d.Exponent)
	if drop <= 0 || d.IsZero() {
		return n
	}
	drop = min(drop, d.NumDigits()+1) // beyond that there is nothing but zeros
	unit := new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(drop), nil)
	kept, rest := new(apd.BigInt).QuoRem(&d.Coeff, unit, new(apd.BigInt))
	if rest.Sign() != 0 {
		half := rest.Mul(rest, apd.NewBigInt(2)).Cmp(unit)
		if mode.ShouldAddOne(kept, d.Negative, half) {
			kept.Add(kept, apd.NewBigInt(1))
		}
	}
	r := apd.NewWithBigInt(kept, -scale)
	r.Negative = d.Negative
	return finite(r, 0, nil)
}

func (n Number) sqrt() Value {
	if n.Sign() < 0 {
		return nil
	}
	d := new(apd.Decimal)
	c, err := halfEven.Sqrt(d, n.dec())
	return finite(d, c, err)
}

func (n Number) ln() Value {
	if n.Sign() <= 0 {
		return nil
	}
	d := new(apd.Decimal)
	c, err := halfEven.Ln(d, n.dec())
	return finite(d, c, err)
}

// exp raises e to n. Beyond ±14,200 the result leaves the range of exponents (6144·ln 10 = 14,147).
func (n Number) exp() Value {
	if n.Cmp(Int(14_200)) > 0 {
		return nil
	}
	if n.Cmp(Int(-14_200)) < 0 {
		return Int(0)
	}
	d := new(apd.Decimal)
	c, err := halfEven.Exp(d, n.dec())
	return finite(d, c, err)
}

// modulo is n - m·floor(n/m) (DMN 1.3, table 75): the result has the sign of the divisor.
func (n Number) modulo(m Number) Value {
	if m.Sign() == 0 {
		return nil
	}
	d := new(apd.Decimal)
	c, err := halfEven.Rem(d, n.dec(), m.dec())
	r, ok := finite(d, c, err).(Number)
	if !ok {
		return nil
	}
	if r.Sign() != 0 && r.Sign() != m.Sign() {
		return r.add(m)
	}
	return r
}
