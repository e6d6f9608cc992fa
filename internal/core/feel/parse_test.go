package feel_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

// TestSyntaxErrors: the message says where, what was expected and what stands there.
func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		src  string
		col  int
		want string
	}{
		{``, 1, "expected a value"}, {`1 +`, 4, "but found the end"}, {`(1`, 3, `expected ")"`}, {`[1, 2`, 6, `expected "]"`}, {`1 2`, 3, "expected an operator or the end"},
		{`a == 1`, 3, `single "="`}, {`a && b`, 3, `"and"`}, {`a || b`, 3, `"or"`}, {`!a`, 1, `not(…)`}, {`a <> b`, 3, `"!="`}, {`a % b`, 3, "modulo"}, {`'a'`, 1, `double quotes`}, {`“a”`, 1, "straight quotes"}, {`金额 ＞ 5`, 4, `half-width ">"`}, {`max（1，2）`, 4, `half-width "("`}, {`a ≥ 5`, 3, `">="`}, {`a;b`, 2, "no meaning"}, {`a # b`, 3, "no meaning"},
		{`"abc`, 5, "closing quote"}, {`"\u12"`, 2, "hexadecimal"}, {`"\uD800"`, 2, "hexadecimal"}, {`/* a`, 5, `"*/"`}, {`@"2026-02-30"`, 1, "ISO 8601"}, {`@`, 1, "no meaning"},
		{`if a then b`, 12, `"else"`}, {`if a else b`, 6, `"then"`}, {`for x return x`, 7, `"in"`}, {`for x in xs`, 12, `"return"`}, {`some x in xs`, 13, `"satisfies"`}, {`for 1 in xs return 1`, 5, "expected a name"}, {`x between 1`, 12, `"and"`}, {`not a`, 5, `"("`}, {`x not in y`, 3, "operator"}, {`and`, 1, "a value or a name"}, {`a.`, 3, "name after the dot"}, {`a.1`, 2, "operator"},
		{`{a 1}`, 5, `":"`}, {`{1: 2}`, 2, "name of an entry"}, {`{a: 1`, 6, `","`}, {`f(1`, 4, `","`}, {`f(a: 1, 2)`, 9, "name of an argument"}, {`f(1, a: 2)`, 6, "without a name"}, {`1 instance of thing`, 15, "expected a type"}, {`]1, 2]`, 3, `".."`}, {`[1..2`, 6, `"]" or ")"`}, {`x in (1, 2) + 3`, 13, "end of the tests"}, {`1e99999`, 1, "too great"},
		{"1 +\n  *", 3, "line 2"}, {`行政 and`, 7, "found the end"}, {"\xff", 1, "UTF-8"},
	} {
		_, err := feel.Parse(c.src)
		var se *feel.SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%q: got %v, want a syntax error", c.src, err)
			continue
		}
		if se.Column != c.col || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %q, want column %d and %q", c.src, err, c.col, c.want)
		}
	}
}

func TestUnarySyntaxErrors(t *testing.T) {
	for _, src := range []string{``, `1,`, `not(1`, `> `, `1 2`, `- 1 2`, `not(1) and true`, `..5`} {
		if u, err := feel.ParseUnaryTests(src); err == nil {
			t.Errorf("%q is read as %s, want an error", src, u)
		}
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("1+", 32_768)
	for name, src := range map[string]string{
		"length":      long + "1",
		"parentheses": strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300),
		"lists":       strings.Repeat("[", 300) + strings.Repeat("]", 300),
		"signs":       strings.Repeat("-", 300) + "1",
		"conditions":  strings.Repeat("if a then 1 else ", 300) + "2",
		"tests":       strings.Repeat("1 in (", 300) + "2" + strings.Repeat(")", 300),
		"types":       "1 instance of " + strings.Repeat("list<", 300) + "number" + strings.Repeat(">", 300),
	} {
		if _, err := feel.Parse(src); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Within the limits, a chain of operators is as long as it likes.
	e, err := feel.Parse(strings.Repeat("1+", 30_000) + "1")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Eval(nil); err != nil || as[feel.Number](t, v).String() != "30001" {
		t.Errorf("got %v %v", v, err)
	}
}

func TestNames(t *testing.T) {
	for src, want := range map[string][]string{
		`amount > 100 and kind = "x"`:                      {"amount", "kind"},
		`a.b + a.c`:                                        {"a"},
		`for x in xs return x + y`:                         {"xs", "y"},
		`some d in docs satisfies d.ok and d.size < limit`: {"docs", "limit"},
		`{p: a, q: p + b}`:                                 {"a", "b"},
		`items[price > 3]`:                                 {"items"}, // price may belong to the items
		`count(items) + string length(date of birth)`:      {"date of birth", "items"},
		`(function(a) a + b)(c)`:                           {"b", "c"},
		`date < today() and max(b) > now`:                  {"b", "date", "now", "today"},
		`sum(for i in 1..3 return partial)`:                {},
		`date and time(d) < x`:                             {"d", "x"},
		`x instance of years and months duration and 金额 in [1..上限]`: {"x", "上限", "金额"},
	} {
		e, err := feel.Parse(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := e.Names(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
	u, err := feel.ParseUnaryTests(`> limit, ? = other`)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Names(); !slices.Equal(got, []string{"limit", "other"}) {
		t.Errorf("got %q", got)
	}
}

func TestKnownNames(t *testing.T) {
	vars := feel.Vars{"profit and loss": feel.Int(6), "a-b": feel.Int(2), "a": feel.Int(40), "b": feel.Int(10), "time in office": feel.Int(3), "Loan 2": feel.Int(9)}
	for src, want := range map[string]string{
		`profit and loss * 2`: "12", `profit  and loss`: "6", `a-b`: "2", `a - b`: "2", `a -b + a`: "42", `time in office > 2`: "true", `Loan 2 + 1`: "10", `a / b`: "4",
	} {
		e, err := feel.ParseWith(src, "profit and loss", "a-b", "time in office", "Loan 2", "a", "")
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if v, err := e.Eval(vars); err != nil || asJSON(t, v) != want {
			t.Errorf("%s: got %v %v, want %s (read as %s)", src, asJSON(t, v), err, want, e)
		}
	}
}
