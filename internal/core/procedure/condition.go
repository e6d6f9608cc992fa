package procedure

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/feel"
)

// readCondition reads an expression as it stands in a file: FEEL, or FEEL in the wrapper of another tool.
func readCondition(src string, line int) *Condition {
	c := &Condition{Source: unwrap(src), Line: line}
	c.expr, c.Err = feel.Parse(c.Source)
	if c.Err != nil {
		for _, foreign := range [][2]string{{"==", "="}, {"&&", "and"}, {"||", "or"}, {"!(", "not("}} {
			if strings.Contains(c.Source, foreign[0]) {
				c.Err = fmt.Errorf("%w; FEEL writes %s, not %s", c.Err, foreign[1], foreign[0])
				break
			}
		}
	}
	return c
}

func unwrap(src string) string {
	src = strings.TrimSpace(src)
	if (strings.HasPrefix(src, "${") || strings.HasPrefix(src, "#{")) && strings.HasSuffix(src, "}") {
		return strings.TrimSpace(src[2 : len(src)-1])
	}
	return strings.TrimSpace(strings.TrimPrefix(src, "="))
}

func knownLanguage(l string) bool {
	l = strings.ToLower(l)
	return strings.Contains(l, "feel") || l == "juel"
}

// eval returns the value of the expression.
func (c *Condition) eval(scope feel.Scope) (feel.Value, error) {
	if c.Err != nil {
		return nil, fmt.Errorf("the expression %q cannot be read: %w", c.Source, c.Err)
	}
	v, err := c.expr.Eval(scope)
	if err != nil {
		return nil, fmt.Errorf("the expression %q: %w", c.Source, err)
	}
	return v, nil
}

// holds reports whether the condition is true. Null, which a missing variable gives, is not true.
func (c *Condition) holds(scope feel.Scope) (bool, error) {
	v, err := c.eval(scope)
	return err == nil && feel.Truth(v), err
}
