package feel

import (
	"cmp"
	"strings"
)

// and is the conjunction of table 50: false wins over null. What is not a boolean counts as null.
func and(a, b Value) Value {
	switch {
	case a == false || b == false:
		return false
	case a == true && b == true:
		return true
	default:
		return nil
	}
}

// or is the disjunction of table 50: true wins over null.
func or(a, b Value) Value {
	switch {
	case a == true || b == true:
		return true
	case a == false && b == false:
		return false
	default:
		return nil
	}
}

func not(v Value) Value {
	if b, ok := v.(bool); ok {
		return !b
	}
	return nil
}

// compare answers a comparison: true, false, or nil when the two cannot be compared.
func (e *env) compare(op string, a, b Value) Value {
	switch op {
	case "=":
		return e.equal(a, b)
	case "!=":
		return not(e.equal(a, b))
	}
	c, ok := order(a, b)
	if !ok {
		return nil
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

// equal follows table 53: null equals null only, and values of different kinds cannot be compared.
func (e *env) equal(a, b Value) Value {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if !e.step(1) {
		return nil
	}
	switch x := a.(type) {
	case bool:
		if y, ok := b.(bool); ok {
			return x == y
		}
	case List:
		if y, ok := b.(List); ok {
			return e.equalLists(x, y)
		}
	case *Context:
		if y, ok := b.(*Context); ok {
			return e.equalContexts(x, y)
		}
	case Range:
		if y, ok := b.(Range); ok {
			return x.StartIncluded == y.StartIncluded && x.EndIncluded == y.EndIncluded && e.same(x.Start, y.Start) && e.same(x.End, y.End)
		}
	case *Function:
		if y, ok := b.(*Function); ok {
			return x == y
		}
	case Time:
		if y, ok := b.(Time); ok {
			return equalClocks(DateTime{epoch, x}, DateTime{epoch, y})
		}
	case DateTime:
		if y, ok := b.(DateTime); ok {
			return equalClocks(x, y)
		}
	default:
		if c, ok := order(a, b); ok {
			return c == 0
		}
	}
	return nil
}

// same is equality where there is no third answer: within lists, contexts and ranges.
func (e *env) same(a, b Value) bool { return e.equal(a, b) == true }

func (e *env) equalLists(a, b List) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !e.same(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (e *env) equalContexts(a, b *Context) bool {
	if a.Len() != b.Len() {
		return false
	}
	for k, x := range a.All() {
		if y, ok := b.Get(k); !ok || !e.same(x, y) {
			return false
		}
	}
	return true
}

// equalClocks compares by the moment when both have an offset; otherwise both have to be written alike, zone and all (TCK 0068).
func equalClocks(a, b DateTime) bool {
	if a.time.zone.fixed && b.time.zone.fixed {
		return compareInstants(a, b) == 0
	}
	return a.date == b.date && a.time.nanos == b.time.nanos && a.time.zone.same(b.time.zone)
}

func compareInstants(a, b DateTime) int {
	s, n := a.instant()
	t, m := b.instant()
	return cmp.Or(cmp.Compare(s, t), cmp.Compare(n, m))
}

// order compares two values of one kind that has an order. A time with a zone and one without have none.
func order(a, b Value) (int, bool) {
	switch x := a.(type) {
	case Number:
		if y, ok := b.(Number); ok {
			return x.Cmp(y), true
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), true
		}
	case Date:
		if y, ok := b.(Date); ok {
			return x.compare(y), true
		}
	case Time:
		if y, ok := b.(Time); ok && x.zone.local() == y.zone.local() {
			return compareInstants(DateTime{epoch, x}, DateTime{epoch, y}), true
		}
	case DateTime:
		if y, ok := b.(DateTime); ok && x.time.zone.local() == y.time.zone.local() {
			return compareInstants(x, y), true
		}
	case Duration:
		if y, ok := b.(Duration); ok {
			return x.compare(y), true
		}
	case YearsMonths:
		if y, ok := b.(YearsMonths); ok {
			return cmp.Compare(x, y), true
		}
	}
	return 0, false
}

// contains tells whether v lies in r.
func (e *env) contains(r Range, v Value) Value {
	out := Value(true)
	if r.Start != nil {
		out = e.compare(bracket(r.StartIncluded, ">=", ">"), v, r.Start)
	}
	if r.End != nil {
		out = and(out, e.compare(bracket(r.EndIncluded, "<=", "<"), v, r.End))
	}
	return out
}

// test asks one unary test of v (DMN 1.3, 10.3.2.7 and table 55).
func (e *env) test(v Value, t node) Value {
	if !e.step(1) {
		return nil
	}
	switch t := t.(type) {
	case *unaryOp:
		return e.compare(t.op, v, t.operand.eval(e))
	case *inputTest:
		top := e.top
		e.push("?", v)
		x := t.eval(e)
		e.top = top
		if _, ok := x.(bool); ok {
			return x
		}
		return e.meets(v, x)
	default:
		return e.meets(v, t.eval(e))
	}
}

// cell is test for the cell of a decision table, where a condition may stand that does not name the value under test.
func (e *env) cell(v Value, t node) Value {
	switch t.(type) {
	case *unaryOp, *inputTest, *literal:
		return e.test(v, t)
	}
	if !e.step(1) {
		return nil
	}
	x := t.eval(e)
	if b, ok := x.(bool); ok && v != nil {
		if _, ok := v.(bool); !ok {
			return b
		}
	}
	return e.meets(v, x)
}

// meets tells whether v equals x, lies in it, or is among its items.
func (e *env) meets(v, x Value) Value {
	switch x := x.(type) {
	case Range:
		return e.contains(x, v)
	case List:
		for _, item := range x {
			if r, ok := item.(Range); ok && e.contains(r, v) == true || e.same(v, item) {
				return true
			}
		}
		_, isList := v.(List)
		return isList && e.same(v, x)
	default:
		return e.equal(v, x)
	}
}
