package feel_test

import (
	"errors"
	"fmt"
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

func fuzzVars() feel.Vars {
	return feel.Vars{
		"x": feel.Int(3), "s": "中文", "l": feel.List{feel.Int(1), "a", nil}, "c": feel.NewContext(feel.Entry{Key: "k", Value: feel.List{feel.Int(1)}}), "b": true,
	}
}

// FuzzEval: whatever is read is written and read again, and evaluated within the budget, without a panic.
func FuzzEval(f *testing.F) {
	for _, s := range []string{
		`x > 1 and s = "中文"`, `for i in 1..99999999 return i`, `for i in 1..99 return [partial, partial]`, `{f: function(g) g(g), v: f(f)}.v`, `10 ** 10 ** 10`, `exp(9999999)`, `1e6144 + 1e-6143`,
		`[1..5)[2]`, `x in (<1, ? > 2, [1..2[)`, `@"2026-01-31" + @"P1M"`, `date and time("2026-03-29T01:30:00@Europe/Berlin") + @"PT1H"`, `matches("aaaa", "(a*)*b")`, `replace(s, "", "$0$0")`, `sort(l, function(a, b) true)`, `{a-b: 1, c: a-b}`, `"\uD83D\uDC0E"`,
		`string join(for i in 1..9 return "x", s)`, `l[item > 1][-1]`, `stddev(1e6000, 1e-6000, 3)`, `substring(s, -9999999999999999999)`, `decimal(1, 6000)`, `duration("P999999999999D") * 1e30`, `x instance of context<a: list<number>>`, `some a in l, b in l satisfies a = b`,
		`1.5e3..2`, `if`, `((((`, `not`, `a.b.c[1](2)`, `/* */ //`, `log(1e-6000) ** 0.1`, `modulo(1e6000, 3)`, `round up(1e-6000, 6000)`, `get value(c, "k")`, `{"": 1}`, `years and months duration(@"-999999999-01-01", @"999999999-12-31")`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if e, err := feel.Parse(src); err == nil {
			if _, err := e.Eval(fuzzVars()); err != nil && !errors.Is(err, feel.ErrBudget) {
				t.Fatalf("unexpected error: %v", err)
			}
			_ = e.String()
		}
		if u, err := feel.ParseUnaryTests(src); err == nil {
			v, err := u.Match(feel.Int(5), fuzzVars())
			if err != nil && !errors.Is(err, feel.ErrBudget) {
				t.Fatalf("unexpected error: %v", err)
			}
			if _, isBool := v.(bool); v != nil && !isBool {
				t.Fatalf("a test gives %v", v)
			}
		}
	})
}

// FuzzTemporal: what is read as a date, a time or a duration is written so that it is read as the same.
func FuzzTemporal(f *testing.F) {
	for _, s := range []string{"2026-01-31", "-0001-01-01", "999999999-12-31", "10:30:00.5+08:00", "23:59:59@Asia/Shanghai", "2026-01-31T24:00:00Z", "P1DT2H3M4.5S", "-P1Y2M", "PT0S", "P0M"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := feel.ParseDate(s); ok {
			if again, ok := feel.ParseDate(d.String()); !ok || again != d {
				t.Errorf("date %q is written %s", s, d)
			}
		}
		if d, ok := feel.ParseTime(s); ok {
			if again, ok := feel.ParseTime(d.String()); !ok || again.String() != d.String() {
				t.Errorf("time %q is written %s", s, d)
			}
		}
		if d, ok := feel.ParseDateTime(s); ok {
			if again, ok := feel.ParseDateTime(d.String()); !ok || again.String() != d.String() {
				t.Errorf("date and time %q is written %s", s, d)
			}
		}
		if d, ok := feel.ParseDuration(s); ok {
			if again, ok := feel.ParseDuration(fmt.Sprint(d)); !ok || again != d {
				t.Errorf("duration %q is written %s", s, d)
			}
		}
	})
}
