package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestEval(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{`amount > 100 and kind = "food"`, "--vars", `{"amount": 250, "kind": "food"}`}, "true"},
		{[]string{`missing > 1`}, "null"},
		{[]string{`1 / 3`}, "0.3333333333333333333333333333333333"},
		{[]string{`"<" + name`, "--vars", `{"name": "张三"}`}, `"<张三"`},
		{[]string{`date("2026-01-31") + duration("P1M")`}, `"2026-02-28"`},
		{[]string{`profit and loss * 2`, "--vars", `{"profit and loss": 21}`}, "42"},
		{[]string{`{a: [1, 2.50]}`}, `{"a":[1,2.5]}`},
		{[]string{`[1..5)`, "--unary", "5"}, "false"},
		{[]string{`-3 ** 2`}, "9"},
		{[]string{`--vars={"a": 4}`, "--", `-a`}, "-4"},
		{[]string{`-`, "--unary=null"}, "true"},
	} {
		var out bytes.Buffer
		cmd := newEvalCommand()
		cmd.SetArgs(c.args)
		cmd.SetOut(&out)
		if err := cmd.Execute(); err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		if got := strings.TrimSpace(out.String()); got != c.want {
			t.Errorf("%q gives %s, want %s", c.args, got, c.want)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{`1 +`}, "column 4"},
		{[]string{`a == 1`}, `single "="`},
		{[]string{`a`, "--vars", `[1]`}, "JSON object"},
		{[]string{`a`, "--vars", `{`}, "--vars"},
		{[]string{`1`, "--unary", `{`}, "--unary"},
		{[]string{`1`, "--vars"}, "after it"},
		{[]string{`1`, `+`, `1`}, "one expression but got 3"},
		{[]string{}, "one expression but got 0"},
		{[]string{`for i in 1..9999999 return i`}, "too many steps"},
	} {
		cmd := newEvalCommand()
		cmd.SetArgs(c.args)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want one that says %q", c.args, err, c.want)
		}
	}
}
