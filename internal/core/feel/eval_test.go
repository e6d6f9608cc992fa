package feel_test

import (
	"encoding/json"
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

// row is an expression, the variables it is asked with (JSON) and its value (JSON, as ToJSON writes it).
type row struct{ expr, vars, want string }

func scope(t *testing.T, vars string) feel.Scope {
	t.Helper()
	if vars == "" {
		return nil
	}
	v, err := feel.FromJSON([]byte(vars))
	if err != nil {
		t.Fatalf("variables %s: %v", vars, err)
	}
	out := feel.Vars{}
	for k, x := range as[*feel.Context](t, v).All() {
		out[k] = x
	}
	return out
}

// as takes v for a T, or ends the test.
func as[T any](t interface{ Fatalf(string, ...any) }, v feel.Value) T {
	x, ok := v.(T)
	if !ok {
		t.Fatalf("%v is a %T, want a %T", v, v, x)
	}
	return x
}

func asJSON(t *testing.T, v feel.Value) string {
	t.Helper()
	b, err := json.Marshal(feel.ToJSON(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func compact(t *testing.T, s string) string {
	t.Helper()
	d, err := feel.FromJSON([]byte(s))
	if err != nil {
		t.Fatalf("expected value %s: %v", s, err)
	}
	return asJSON(t, d)
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.expr, func(t *testing.T) {
			e, err := feel.Parse(r.expr)
			if err != nil {
				t.Fatal(err)
			}
			v, err := e.Eval(scope(t, r.vars))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := asJSON(t, v), compact(t, r.want); got != want {
				t.Errorf("got %s, want %s (read as %s)", got, want, e)
			}
			again, err := feel.Parse(e.String())
			if err != nil {
				t.Fatalf("%s is not read back: %v", e, err)
			}
			if again.String() != e.String() {
				t.Errorf("%s read back gives %s", e, again)
			}
		})
	}
}

func TestTernaryLogic(t *testing.T) {
	// DMN 1.3, table 50, and the equality of table 53.
	check(t, []row{
		{`true and true`, "", "true"}, {`true and false`, "", "false"}, {`true and null`, "", "null"},
		{`false and true`, "", "false"}, {`false and false`, "", "false"}, {`false and null`, "", "false"},
		{`null and true`, "", "null"}, {`null and false`, "", "false"}, {`null and null`, "", "null"},
		{`true or true`, "", "true"}, {`true or false`, "", "true"}, {`true or null`, "", "true"},
		{`false or true`, "", "true"}, {`false or false`, "", "false"}, {`false or null`, "", "null"},
		{`null or true`, "", "true"}, {`null or false`, "", "null"}, {`null or null`, "", "null"},
		{`true and "x"`, "", "null"}, {`false and "x"`, "", "false"}, {`"x" and false`, "", "false"}, {`"x" or true`, "", "true"}, {`0 or false`, "", "null"},
		{`not(true)`, "", "false"}, {`not(false)`, "", "true"}, {`not(null)`, "", "null"}, {`not("x")`, "", "null"}, {`not(0)`, "", "null"},
		{`missing > 1`, "", "null"}, {`missing = null`, "", "true"}, {`missing != null`, "", "false"}, {`null = null`, "", "true"},
		{`1 = null`, "", "false"}, {`null < 1`, "", "null"}, {`not(missing > 1)`, "", "null"},
		{`if missing > 1 then "a" else "b"`, "", `"b"`},
		{`amount > 100 and kind = "x"`, `{"amount": 101, "kind": "x"}`, "true"},
	})
}
