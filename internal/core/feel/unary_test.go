package feel_test

import (
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

// TestUnaryTests asks cells of decision tables of inputs (DMN 1.3, 7.3.3 and 10.3.2.7; TCK level 2 0004 to 0010, level 3 0017).
func TestUnaryTests(t *testing.T) {
	for _, c := range []struct{ cell, input, vars, want string }{
		{`-`, `5`, "", "true"}, {`-`, `null`, "", "true"},
		{`5`, `5`, "", "true"}, {`5`, `5.0`, "", "true"}, {`5`, `6`, "", "false"}, {`-5`, `-5`, "", "true"}, {`"a"`, `"a"`, "", "true"}, {`"Medium","Low"`, `"Low"`, "", "true"}, {`"Medium","Low"`, `"High"`, "", "false"}, {`"a"`, `5`, "", "null"}, {`"a", 5`, `5`, "", "true"},
		{`true`, `true`, "", "true"}, {`true`, `false`, "", "false"}, {`false`, `false`, "", "true"}, {`true`, `null`, "", "false"}, {`null`, `null`, "", "true"}, {`null`, `5`, "", "false"},
		{`>= 18`, `18`, "", "true"}, {`>18`, `18`, "", "false"}, {`< 18`, `17.99`, "", "true"}, {`<= limit`, `5`, `{"limit": 5}`, "true"}, {`> missing`, `5`, "", "null"}, {`> 5`, `null`, "", "null"}, {`> 5`, `"x"`, "", "null"}, {`= 5`, `5`, "", "true"}, {`!= 5`, `5`, "", "false"},
		{`[1..5)`, `1`, "", "true"}, {`[1..5)`, `5`, "", "false"}, {`]1..5[`, `1`, "", "false"}, {`]1..5[`, `4.999`, "", "true"}, {`(1..5]`, `5`, "", "true"}, {`[a..b]`, `3`, `{"a": 1, "b": 3}`, "true"}, {`["a".."f"]`, `"c"`, "", "true"}, {`[1..5)`, `null`, "", "null"}, {`[1..5), 10, > 20`, `21`, "", "true"}, {`[1..5), 10, > 20`, `10`, "", "true"}, {`[1..5), 10, > 20`, `20`, "", "false"},
		{`not(1)`, `1`, "", "false"}, {`not(1, 2)`, `3`, "", "true"}, {`not([1..5])`, `5`, "", "false"}, {`not(> 5)`, `5`, "", "true"}, {`not("a", "b")`, `"c"`, "", "true"}, {`not(> 5)`, `null`, "", "null"}, {`not(null)`, `5`, "", "true"}, {`not(null)`, `null`, "", "false"},
		{`? > 5`, `6`, "", "true"}, {`? > 5 and ? < 8`, `8`, "", "false"}, {`contains(?, "oo")`, `"foo"`, "", "true"}, {`starts with(?, "a"), starts with(?, "b")`, `"bc"`, "", "true"}, {`? + 1`, `5`, "", "false"}, {`not(contains(?, "oo"))`, `"foo"`, "", "false"}, {`every x in ? satisfies x > 1`, `[2, 3]`, "", "true"}, {`?.a = 1`, `{"a": 1}`, "", "true"},
		{`list`, `2`, `{"list": [1, 2]}`, "true"}, {`[1, 2]`, `2`, "", "true"}, {`[1, 2]`, `[1, 2]`, "", "true"}, {`[[1..3], 9]`, `2`, "", "true"}, {`x + 1`, `3`, `{"x": 2}`, "true"}, {`date("2026-01-31")`, `"2026-01-31"`, "", "null"}, {`a > 1`, `"anything"`, `{"a": 2}`, "true"}, {`a > 1`, `"anything"`, `{"a": 1}`, "false"}, {`["x"]`, `"x"`, "", "true"},
		{`< 1 + 2`, `2`, "", "true"}, {`-1, -2`, `-2`, "", "true"}, {`- 5`, `-5`, "", "true"}, {`"食品", "药品"`, `"药品"`, "", "true"},
	} {
		t.Run(c.cell+" "+c.input, func(t *testing.T) {
			u, err := feel.ParseUnaryTests(c.cell)
			if err != nil {
				t.Fatal(err)
			}
			input, err := feel.FromJSON([]byte(c.input))
			if err != nil {
				t.Fatal(err)
			}
			v, err := u.Match(input, scope(t, c.vars))
			if err != nil {
				t.Fatal(err)
			}
			if got := asJSON(t, v); got != c.want {
				t.Errorf("got %s, want %s (read as %s)", got, c.want, u)
			}
			again, err := feel.ParseUnaryTests(u.String())
			if err != nil {
				t.Fatalf("%s is not read back: %v", u, err)
			}
			if again.String() != u.String() {
				t.Errorf("%s read back gives %s", u, again)
			}
		})
	}
}

func TestUnaryTestsOnDates(t *testing.T) {
	u, err := feel.ParseUnaryTests(`[@"2026-01-01"..@"2026-02-01"), > date("2026-12-01")`)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]feel.Value{"2025-12-31": false, "2026-01-01": true, "2026-02-01": false, "2026-12-02": true} {
		d, ok := feel.ParseDate(day)
		if !ok {
			t.Fatal(day)
		}
		if got, err := u.Match(d, nil); err != nil || got != want {
			t.Errorf("%s: got %v %v, want %v", day, got, err, want)
		}
	}
}
