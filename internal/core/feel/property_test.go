package feel_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/feel"
)

func eval(t *rapid.T, src string, vars feel.Vars) feel.Value {
	e, err := feel.Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	v, err := e.Eval(vars)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return v
}

// source draws an expression of limited depth.
func source(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{
		`1`, `-2.5`, `0`, `"a"`, `"中文 \"q\""`, `true`, `false`, `null`, `x`, `date of birth`, `金额`, `@"2026-01-31"`, `@"P1D"`, `@"P1Y2M"`, `@"10:00:00Z"`,
		`[]`, `[1..5)`, `]1..2[`, `{}`, `count([1])`,
	})
	if depth == 0 {
		return leaf
	}
	sub := rapid.Deferred(func() *rapid.Generator[string] { return source(depth - 1) })
	return rapid.Custom(func(t *rapid.T) string {
		a, b, c := sub.Draw(t, "a"), sub.Draw(t, "b"), sub.Draw(t, "c")
		return rapid.OneOf(
			rapid.Just(a),
			rapid.Map(rapid.SampledFrom([]string{"+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in"}), func(op string) string { return a + " " + op + " " + b }),
			rapid.Just("("+a+")"), rapid.Just("-"+a), rapid.Just("not("+a+")"),
			rapid.Just("("+a+") between ("+b+") and ("+c+")"),
			rapid.Just("("+a+") in (< ("+b+"), "+c+")"),
			rapid.Just("if "+a+" then "+b+" else "+c),
			rapid.Just("["+a+", "+b+"]"), rapid.Just("{k: "+a+", l m: k = "+b+"}"),
			rapid.Just("("+a+").k"), rapid.Just("("+a+")["+b+"]"), rapid.Just("("+a+") instance of list<number>"),
			rapid.Just("for i in ["+a+"] return "+b), rapid.Just("some i in ["+a+"] satisfies "+b), rapid.Just("every i in "+a+" satisfies i = "+b),
			rapid.Just("string("+a+")"), rapid.Just("min("+a+", "+b+")"), rapid.Just("(function(p) p = "+a+")("+b+")"),
		).Draw(t, "form")
	})
}

// TestPrintedSourceIsTheSame: an expression written out and read again is the same, has the same names and the same value.
func TestPrintedSourceIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := source(3).Draw(t, "source")
		e, err := feel.Parse(src)
		if err != nil {
			return // such as "a < b instance of …": not every combination is FEEL
		}
		again, err := feel.Parse(e.String())
		if err != nil {
			t.Fatalf("%s is written as %s, which is not read: %v", src, e, err)
		}
		if e.String() != again.String() || strings.Join(e.Names(), ",") != strings.Join(again.Names(), ",") {
			t.Fatalf("%s is written as %s and then as %s", src, e, again)
		}
		vars := feel.Vars{"x": feel.Int(3), "date of birth": "a", "金额": feel.List{feel.Int(1)}}
		v, err1 := e.Eval(vars)
		w, err2 := again.Eval(vars)
		if fmt.Sprint(feel.ToJSON(v)) != fmt.Sprint(feel.ToJSON(w)) || (err1 == nil) != (err2 == nil) {
			t.Fatalf("%s gives %v, written out %v", src, feel.ToJSON(v), feel.ToJSON(w))
		}
	})
}

// TestTernaryLaws: De Morgan, commutation, association, absorption and distribution hold in three values.
func TestTernaryLaws(t *testing.T) {
	truth := rapid.SampledFrom([]feel.Value{true, false, nil})
	rapid.Check(t, func(t *rapid.T) {
		vars := feel.Vars{"a": truth.Draw(t, "a"), "b": truth.Draw(t, "b"), "c": truth.Draw(t, "c")}
		for _, law := range [][2]string{
			{`not(a and b)`, `not(a) or not(b)`}, {`not(a or b)`, `not(a) and not(b)`}, {`not(not(a))`, `a`},
			{`a and b`, `b and a`}, {`a or b`, `b or a`}, {`a and (b and c)`, `(a and b) and c`}, {`a or (b or c)`, `(a or b) or c`},
			{`a and (a or b)`, `a`}, {`a or (a and b)`, `a`}, {`a and (b or c)`, `(a and b) or (a and c)`}, {`all([a, b, c])`, `a and b and c`}, {`any([a, b, c])`, `a or b or c`},
			{`every x in [a, b, c] satisfies x`, `a and b and c`}, {`some x in [a, b, c] satisfies x`, `a or b or c`},
		} {
			if l, r := eval(t, law[0], vars), eval(t, law[1], vars); l != r {
				t.Fatalf("%v: %s is %v, %s is %v", vars, law[0], l, law[1], r)
			}
		}
	})
}

// number draws a decimal of at most 15 digits, so that sums and products of two are exact.
func number(t *rapid.T, label string) (string, *big.Rat) {
	s := fmt.Sprintf("%de%d", rapid.Int64Range(-999_999_999_999_999, 999_999_999_999_999).Draw(t, label), rapid.IntRange(-6, 2).Draw(t, label+" exponent"))
	r, _ := new(big.Rat).SetString(s)
	return s, r
}

func mustNumber(t *rapid.T, s string) feel.Number {
	n, err := feel.ParseNumber(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDecimalsAgainstFractions: arithmetic gives what exact fractions give, to half a unit of the 34th digit.
func TestDecimalsAgainstFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, ar := number(t, "a")
		bt, br := number(t, "b")
		vars := feel.Vars{"a": mustNumber(t, at), "b": mustNumber(t, bt)}
		for src, want := range map[string]*big.Rat{"a + b": new(big.Rat).Add(ar, br), "a - b": new(big.Rat).Sub(ar, br), "a * b": new(big.Rat).Mul(ar, br)} {
			if got := as[feel.Number](t, eval(t, src, vars)).Rat(); got.Cmp(want) != 0 {
				t.Fatalf("%s with a = %s, b = %s: got %s, want %s", src, at, bt, got, want)
			}
		}
		if got := eval(t, "a < b", vars); got != (ar.Cmp(br) < 0) {
			t.Fatalf("%s < %s: got %v", at, bt, got)
		}
		if br.Sign() == 0 {
			return
		}
		want := new(big.Rat).Quo(ar, br)
		off := new(big.Rat).Sub(as[feel.Number](t, eval(t, "a / b", vars)).Rat(), want)
		// |error| ≤ |quotient| · 10⁻³³ / 2: half a unit in the last of 34 digits.
		bound := new(big.Rat).Mul(want.Abs(want), big.NewRat(1, 2))
		bound.Quo(bound, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(33), nil)))
		if off.Abs(off).Cmp(bound) > 0 {
			t.Fatalf("%s / %s is off by %s", at, bt, off.FloatString(50))
		}
		q := new(big.Int).Div(ar.Num(), ar.Denom()) // Euclidean; floor, at the denominator is positive
		if got := as[feel.Number](t, eval(t, "floor(a)", vars)).Rat(); got.Cmp(new(big.Rat).SetInt(q)) != 0 {
			t.Fatalf("floor(%s): got %s, want %s", at, got, q)
		}
		quotient := new(big.Rat).Quo(ar, br)
		f := new(big.Rat).SetInt(new(big.Int).Div(quotient.Num(), quotient.Denom()))
		if got, want := as[feel.Number](t, eval(t, "modulo(a, b)", vars)).Rat(), new(big.Rat).Sub(ar, f.Mul(f, br)); got.Cmp(want) != 0 {
			t.Fatalf("modulo(%s, %s): got %s, want %s", at, bt, got, want)
		}
	})
}

// TestDatesAgainstTime: calendar arithmetic gives what package time gives.
func TestDatesAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "at"), 0).UTC() // years 68 to 9892
		days, secs := rapid.IntRange(-40_000, 40_000).Draw(t, "days"), rapid.Int64Range(-1e9, 1e9).Draw(t, "seconds")
		vars := feel.Vars{"d": feel.DateOf(at), "t": feel.DateTimeOf(at), "n": feel.Int(int64(days)), "s": feel.DurationOf(time.Duration(secs) * time.Second)}
		if got, want := eval(t, `string(d + n * @"P1D")`, vars), at.AddDate(0, 0, days).Format("2006-01-02"); got != want {
			t.Fatalf("%s + %d days: got %s, want %s", at, days, got, want)
		}
		moved := at.Add(time.Duration(secs) * time.Second)
		if got, want := eval(t, `string(t + s)`, vars), moved.Format("2006-01-02T15:04:05Z"); got != want {
			t.Fatalf("%s + %d s: got %s, want %s", at, secs, got, want)
		}
		if got := eval(t, `(t + s) - t = s`, vars); got != true {
			t.Fatalf("%s + %d s - itself: got %v", at, secs, got)
		}
		if got := as[feel.Number](t, eval(t, `d.weekday`, vars)).String(); got != fmt.Sprint((int(at.Weekday())+6)%7+1) {
			t.Fatalf("%s: weekday %s", at, got)
		}
		_, week := at.ISOWeek()
		if got := eval(t, `[week of year(d), day of year(d)]`, vars); fmt.Sprint(feel.ToJSON(got)) != fmt.Sprintf("[%d %d]", week, at.YearDay()) {
			t.Fatalf("%s: got %v, want week %d, day %d", at, feel.ToJSON(got), week, at.YearDay())
		}
		shanghai := time.FixedZone("", 8*3600)
		if d := as[feel.DateTime](t, eval(t, `t`, vars)); !d.In(shanghai).Equal(at) {
			t.Fatalf("%s: In gives %s", at, d.In(shanghai))
		}
	})
}
