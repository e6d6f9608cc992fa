package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/feel"
)

// newEvalCommand evaluates a FEEL expression on variables given as JSON, so that a condition of a procedure or the cell of a decision
// table can be tried out.
func newEvalCommand() *cobra.Command {
	var vars, unary string
	c := &cobra.Command{
		Use:   "eval EXPR",
		Short: "Evaluate a FEEL expression and print its value as JSON",
		Example: `  openhall eval 'if amount > 100 then "hearing" else "decide"' --vars '{"amount": 250}'
  openhall eval '[1..5), > 100' --unary 7`,
		// An expression may begin with a minus sign, which is no flag.
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := evalArgs(cmd, args)
			if errors.Is(err, flag.ErrHelp) {
				return cmd.Help()
			}
			if err != nil {
				return err
			}
			scope, names, err := evalScope(vars)
			if err != nil {
				return err
			}
			var v feel.Value
			if cmd.Flags().Changed("unary") {
				v, err = matchCell(src, unary, scope, names)
			} else {
				v, err = evaluate(src, scope, names)
			}
			if err != nil {
				return err
			}
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetEscapeHTML(false)
			return enc.Encode(feel.ToJSON(v))
		},
	}
	c.Flags().StringVar(&vars, "vars", "{}", "the variables, as a JSON object; dates are texts, read with date(\"…\") and the like")
	c.Flags().StringVar(&unary, "unary", "", "take EXPR as the unary tests of a table cell and ask them of this JSON value")
	return c
}

// evalArgs sets the flags among the arguments and returns the expression.
func evalArgs(cmd *cobra.Command, args []string) (string, error) {
	var exprs []string
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		switch name {
		case "-h", "--help":
			return "", flag.ErrHelp
		case "--vars", "--unary":
			if !hasValue {
				if i++; i == len(args) {
					return "", fmt.Errorf("%s: expected a JSON value after it", name)
				}
				value = args[i]
			}
			if err := cmd.Flags().Set(strings.TrimPrefix(name, "--"), value); err != nil {
				return "", err
			}
		case "--":
		default:
			exprs = append(exprs, args[i])
		}
	}
	if len(exprs) != 1 {
		return "", fmt.Errorf("expected one expression but got %d; put it between single quotes", len(exprs))
	}
	return exprs[0], nil
}

// evalScope reads the variables and their names, which the parser has to know when they hold operators.
func evalScope(vars string) (feel.Vars, []string, error) {
	v, err := feel.FromJSON([]byte(vars))
	if err != nil {
		return nil, nil, fmt.Errorf("--vars: %w", err)
	}
	c, ok := v.(*feel.Context)
	if !ok {
		return nil, nil, errors.New(`--vars: expected a JSON object such as {"amount": 250}`)
	}
	scope, names := feel.Vars{}, make([]string, 0, c.Len())
	for name, x := range c.All() {
		scope[name] = x
		names = append(names, name)
	}
	return scope, names, nil
}

func evaluate(src string, scope feel.Scope, names []string) (feel.Value, error) {
	e, err := feel.ParseWith(src, names...)
	if err != nil {
		return nil, err
	}
	return e.Eval(scope)
}

func matchCell(src, input string, scope feel.Scope, names []string) (feel.Value, error) {
	v, err := feel.FromJSON([]byte(input))
	if err != nil {
		return nil, fmt.Errorf("--unary: %w", err)
	}
	u, err := feel.ParseUnaryTests(src, names...)
	if err != nil {
		return nil, err
	}
	return u.Match(v, scope)
}
