package feel_test

import (
	"errors"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

// TestBudget: expressions whose work or whose value has no bound end with ErrBudget, and soon.
func TestBudget(t *testing.T) {
	long := feel.Vars{"s": strings.Repeat("ab", 50_000)}
	for _, src := range []string{
		`for i in 1..99999999 return i`,
		`for i in 1..999, j in 1..999 return i * j`,
		`count(for i in 1..999999 return i)`,
		`some i in 1..99999999 satisfies i < 0`,
		`for i in 1..60 return [partial, partial]`, // each item twice as great as the one before
		`string(for i in 1..60 return [partial, partial])`,
		`flatten(for i in 1..60 return [partial, partial])`,
		`(for i in 1..60 return [partial, partial]) = (for i in 1..60 return [partial, partial])`,
		`for i in 1..60 return if i = 1 then "x" else partial[-1] + partial[-1]`,
		`{f: function(g) g(g), v: f(f)}.v`,
		`{f: function(g, n) [g(g, n), g(g, n)], v: f(f, 1)}.v`,
		`for i in 1..9999 return exp(9999)`,
		`for i in 1..99999 return 1.5 ** 0.5`,
		`for i in 1..9999 return matches(s, "(a|b)*c")`,
		`for i in 1..9999 return s + s`,
		`replace(s, "", s)`,
		`distinct values(for i in 1..9999 return i)`,
		`sort(for i in 1..99999 return i, function(a, b) a > b)`,
	} {
		t.Run(src, func(t *testing.T) {
			e, err := feel.Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Eval(long)
			if !errors.Is(err, feel.ErrBudget) || v != nil {
				t.Errorf("got %v, want ErrBudget", err)
			}
		})
	}
	u, err := feel.ParseUnaryTests(`every i in 1..99999999 satisfies i < ?`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Match(feel.Int(1e9), nil); !errors.Is(err, feel.ErrBudget) {
		t.Errorf("got %v, want ErrBudget", err)
	}
}

// TestWithinBudget: what a condition may well ask is answered.
func TestWithinBudget(t *testing.T) {
	check(t, []row{
		{`sum(for i in 1..10000 return i)`, "", "50005000"},
		{`count((for i in 1..10000 return {n: i})[n > 5000])`, "", "5000"},
		{`{f: function(f, n) if n = 0 then 0 else n + f(f, n - 1), v: f(f, 100)}.v`, "", "5050"},
	})
}

// TestExtremes: very great and very small numbers neither overflow into nonsense nor take long.
func TestExtremes(t *testing.T) {
	check(t, []row{
		{`1e6144 + 1e-6143 = 1e6144`, "", "true"}, {`1e-6143 - 1e6144 = -1e6144`, "", "true"}, {`1e40 + 0`, "", "1E+40"}, {`0 - 1e40`, "", "-1E+40"}, {`0 + 1e-6000 = 1e-6000`, "", "true"},
		{`1e6144 < 1e-6143`, "", "false"}, {`2 ** 99999`, "", "null"}, {`0.5 ** 99999`, "", "0"}, {`1 ** 1e40`, "", "1"}, {`1.5 ** 1e33`, "", "null"}, {`1e-6000 ** 0.5`, "", "1E-3000"}, {`(-2) ** 3`, "", "-8"}, {`(-2) ** -1`, "", "-0.5"},
		{`round up(1e-6000, 2)`, "", "0.01"}, {`floor(-1e-6000)`, "", "-1"}, {`sqrt(1e6000)`, "", "1E+3000"}, {`string(1e33)`, "", `"1000000000000000000000000000000000"`},
		{`duration("P999999999999D") * 1e30`, "", "null"}, {`@"999999999-12-31" + @"P1M"`, "", "null"}, {`@"-999999999-01-01" - @"P1D"`, "", "null"}, {`(@"999999999-12-31" - @"-999999999-01-01").days`, "", "730484999633"}, // 5,000,000 cycles of 146,097 days, less a leap year, less one as both ends are days
		{`years and months duration(@"-999999999-01-01", @"999999999-12-31")`, "", `"P1999999998Y11M"`},
	})
}
