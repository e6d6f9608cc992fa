package feel

import (
	"errors"
	"slices"
)

// ErrBudget ends an evaluation that takes more than 250,000 steps, some tenth of a second, or calls functions deeper than a thousand
// levels.
var ErrBudget = errors.New("feel: the expression takes too many steps; make its lists or loops smaller")

const (
	budget   = 250_000
	maxCalls = 1_000
)

// Eval gives the value of the expression in a scope, which may be nil. What cannot be answered is null; the only error is
// [ErrBudget].
func (e *Expr) Eval(scope Scope) (Value, error) {
	ev := env{scope: scope, left: budget}
	v := e.root.eval(&ev)
	return ev.result(v)
}

// Match tells whether input passes the tests: true, false, or nil when that cannot be answered. The only error is [ErrBudget].
func (u *UnaryTests) Match(input Value, scope Scope) (Value, error) {
	if len(u.tests) == 0 {
		return true, nil
	}
	ev := env{scope: scope, left: budget}
	v := Value(false)
	for _, t := range u.tests {
		if v = or(v, ev.cell(input, t)); v == true {
			break
		}
	}
	if u.negate {
		v = not(v)
	}
	return ev.result(v)
}

// env is one evaluation.
type env struct {
	scope Scope
	top   *frame
	left  int // steps; below 0 the evaluation is at its end and every value is nil
	calls int
}

// frame binds a name, or all the names of a context.
type frame struct {
	name    string
	value   Value
	context *Context
	up      *frame
}

// step spends n steps, and is false when there are none left.
func (e *env) step(n int) bool {
	e.left -= n
	if e.left < 0 {
		e.left = -1
		return false
	}
	return true
}

// spend is step for work whose size is that of a text or a list.
func (e *env) spend(size int) bool { return e.step(size/32 + 1) }

// result ends an evaluation. A value in which one part stands many times over may be far greater than the steps that made it;
// whoever goes through it would pay, so its parts are counted here.
func (e *env) result(v Value) (Value, error) {
	e.measure(v, 0)
	if e.left < 0 {
		return nil, ErrBudget
	}
	return v, nil
}

func (e *env) measure(v Value, depth int) {
	if depth > maxCalls {
		e.left = -1
	}
	if e.left < 0 {
		return
	}
	switch v := v.(type) {
	case string:
		e.spend(len(v))
	case List:
		e.step(len(v))
		for _, x := range v {
			e.measure(x, depth+1)
		}
	case *Context:
		e.step(v.Len())
		for _, x := range v.entries {
			e.measure(x.Value, depth+1)
		}
	case Range:
		e.measure(v.Start, depth+1)
		e.measure(v.End, depth+1)
	}
}

func (e *env) push(name string, v Value) { e.top = &frame{name: name, value: v, up: e.top} }

func (n *literal) eval(*env) Value { return n.value }

func (n *name) eval(e *env) Value {
	if v, ok := n.lookup(e); ok {
		return v
	}
	if n.builtin != nil {
		return &Function{name: n.id, native: n.builtin}
	}
	return nil
}

func (n *name) lookup(e *env) (Value, bool) {
	if n.bound {
		for f := e.top; f != nil; f = f.up {
			if f.context != nil {
				if v, ok := f.context.Get(n.id); ok {
					return v, true
				}
			} else if f.name == n.id {
				return f.value, true
			}
		}
	}
	if e.scope == nil {
		return nil, false
	}
	return e.scope.Lookup(n.id)
}

func (n *path) eval(e *env) Value {
	base := n.base.eval(e)
	if !e.step(1) {
		return nil
	}
	l, ok := base.(List)
	if !ok {
		return property(base, n.key)
	}
	if !e.step(len(l)) {
		return nil
	}
	out := make(List, len(l))
	for i, x := range l {
		out[i] = property(x, n.key)
	}
	return out
}

// filter gives an item by its position, counted from the front (1) or the back (-1), or the items for which a condition is true.
func (n *filter) eval(e *env) Value {
	base := n.base.eval(e)
	if base == nil {
		return nil
	}
	l := asList(base)
	if len(l) == 0 {
		if _, ok := n.cond.eval(e).(Number); ok {
			return nil
		}
		return List{}
	}
	top := e.top
	defer func() { e.top = top }()
	out := List{}
	for i, x := range l {
		if !e.step(1) {
			return nil
		}
		e.top = top
		e.push("item", x)
		if c, ok := x.(*Context); ok {
			e.top = &frame{context: c, up: e.top}
		}
		v := n.cond.eval(e)
		if at, ok := v.(Number); ok && i == 0 {
			return nth(l, at)
		}
		if v == true {
			out = append(out, x)
		}
	}
	return out
}

func nth(l List, at Number) Value {
	i, ok := at.Int64()
	switch n := int64(len(l)); {
	case ok && i >= 1 && i <= n:
		return l[i-1]
	case ok && i <= -1 && i >= -n:
		return l[n+i]
	default:
		return nil
	}
}

func (n *call) eval(e *env) Value {
	if !e.step(1) {
		return nil
	}
	var fn Value
	id, named := n.fn.(*name)
	if named {
		fn, _ = id.lookup(e)
	} else {
		fn = n.fn.eval(e)
	}
	args := make([]Value, len(n.args))
	for i, a := range n.args {
		args[i] = a.eval(e)
	}
	f, ok := fn.(*Function)
	switch {
	case ok && f.native == nil:
		return e.invoke(f, args, n.keys)
	case ok:
		return f.native.call(e, args, n.keys)
	case named && id.builtin != nil: // a variable that is no function does not hide one: min may well be a variable
		return id.builtin.call(e, args, n.keys)
	default:
		return nil
	}
}

// invoke calls a function made by an expression.
func (e *env) invoke(f *Function, args []Value, keys []string) Value {
	if f.native != nil {
		return f.native.call(e, args, keys)
	}
	if len(args) != len(f.params) || !e.step(1) {
		return nil
	}
	if e.calls++; e.calls > maxCalls {
		e.left = -1
		return nil
	}
	top := e.top
	e.top = f.frame
	for i, p := range f.params {
		at := i
		if keys != nil {
			if at = slices.Index(keys, p); at < 0 {
				e.top = top
				e.calls--
				return nil
			}
		}
		e.push(p, f.types[i].coerce(e, args[at]))
	}
	v := f.body.eval(e)
	e.top = top
	e.calls--
	return v
}

func (n *negation) eval(e *env) Value {
	switch v := n.operand.eval(e).(type) {
	case Number:
		return v.neg()
	case Duration:
		return v.neg()
	case YearsMonths:
		return -v
	default:
		return nil
	}
}

func (n *comparison) eval(e *env) Value {
	l, r := n.left.eval(e), n.right.eval(e)
	if !e.step(1) {
		return nil
	}
	return e.compare(n.op, l, r)
}

func (n *logic) eval(e *env) Value {
	if !e.step(1) {
		return nil
	}
	l := n.left.eval(e)
	if l == Value(n.or) { // false and …, true or …
		return n.or
	}
	r := n.right.eval(e)
	if n.or {
		return or(l, r)
	}
	return and(l, r)
}

func (n *between) eval(e *env) Value {
	v, low, high := n.operand.eval(e), n.low.eval(e), n.high.eval(e)
	if !e.step(1) {
		return nil
	}
	return and(e.compare(">=", v, low), e.compare("<=", v, high))
}

func (n *membership) eval(e *env) Value {
	v := n.operand.eval(e)
	out := Value(false)
	for _, t := range n.tests {
		if out = or(out, e.test(v, t)); out == true {
			break
		}
	}
	return out
}

// A unary operator has no value by itself: it is asked by test.
func (n *unaryOp) eval(*env) Value { return nil }

func (n *conditional) eval(e *env) Value {
	if !e.step(1) {
		return nil
	}
	if n.cond.eval(e) == true {
		return n.then.eval(e)
	}
	return n.otherwise.eval(e)
}

func (n *loop) eval(e *env) Value {
	top := e.top
	defer func() { e.top = top }()
	out := List{}
	ok := e.iterate(n.iterators, func() bool {
		inner := e.top
		e.push("partial", out[:len(out):len(out)])
		out = append(out, n.body.eval(e))
		e.top = inner
		return true
	})
	if !ok {
		return nil
	}
	return out
}

func (n *quantified) eval(e *env) Value {
	top := e.top
	defer func() { e.top = top }()
	out := Value(n.every)
	ok := e.iterate(n.iterators, func() bool {
		v := n.cond.eval(e)
		if n.every {
			out = and(out, v)
		} else {
			out = or(out, v)
		}
		return out != Value(!n.every)
	})
	if !ok {
		return nil
	}
	return out
}

// iterate binds the names of the iterators to every combination of the items of their domains, the last fastest, and calls do until
// it returns false. It is false when a domain is no list or the budget is spent.
func (e *env) iterate(its []iterator, do func() bool) bool {
	more := true
	var walk func(its []iterator) bool
	walk = func(its []iterator) bool {
		if len(its) == 0 {
			more = do()
			return e.left >= 0
		}
		outer := e.top
		ok := e.domain(its[0], func(v Value) bool {
			if !e.step(1) {
				return false
			}
			e.top = outer
			e.push(its[0].name, v)
			return walk(its[1:]) && more
		})
		e.top = outer
		return ok && e.left >= 0
	}
	return walk(its)
}

// domain yields the items of an iterator until yield is false; it is false when there is nothing to go through.
func (e *env) domain(it iterator, yield func(Value) bool) bool {
	first := it.domain.eval(e)
	if it.end == nil {
		if r, ok := first.(Range); ok {
			return e.countRange(r, yield)
		}
		if first == nil {
			return false
		}
		for _, x := range asList(first) {
			if !yield(x) {
				break
			}
		}
		return true
	}
	return count(first, it.end.eval(e), yield)
}

// count yields the whole numbers, or the days, from one to the other, up or down.
func count(from, to Value, yield func(Value) bool) bool {
	a, b, value, ok := steps(from, to)
	if !ok {
		return false
	}
	for i := a; ; {
		if !yield(value(i)) || i == b {
			return true
		}
		if a < b {
			i++
		} else {
			i--
		}
	}
}

func steps(from, to Value) (a, b int64, value func(int64) Value, ok bool) {
	switch x := from.(type) {
	case Number:
		y, same := to.(Number)
		a, ok1 := x.Int64()
		b, ok2 := y.Int64()
		return a, b, func(i int64) Value { return Int(i) }, same && ok1 && ok2
	case Date:
		y, same := to.(Date)
		return x.days(), y.days(), func(i int64) Value { d, _ := dateFromDays(i); return d }, same
	}
	return 0, 0, nil, false
}

// countRange yields the items of an interval upwards, without the ends that it leaves out.
func (e *env) countRange(r Range, yield func(Value) bool) bool {
	a, b, value, ok := steps(r.Start, r.End)
	if !ok {
		return false
	}
	if !r.StartIncluded {
		a++
	}
	if !r.EndIncluded {
		b--
	}
	for ; a <= b; a++ {
		if !yield(value(a)) {
			break
		}
	}
	return true
}

func (n *listNode) eval(e *env) Value {
	out := make(List, len(n.items))
	for i, x := range n.items {
		out[i] = x.eval(e)
	}
	if !e.step(len(out)) {
		return nil
	}
	return out
}

func (n *contextNode) eval(e *env) Value {
	if !e.step(1 + len(n.entries)) {
		return nil
	}
	top := e.top
	c := &Context{entries: make([]Entry, 0, len(n.entries))}
	for _, x := range n.entries {
		if c.find(x.key) >= 0 { // an entry that stands twice gives no context (TCK 0057)
			e.top = top
			return nil
		}
		v := x.value.eval(e)
		c.set(Entry{x.key, v})
		e.push(x.key, v)
	}
	e.top = top
	return c
}

func (n *rangeNode) eval(e *env) Value {
	low, high := n.low.eval(e), n.high.eval(e)
	if _, ok := order(low, high); !ok {
		return nil
	}
	return Range{low, high, n.lowIncluded, n.highIncluded}
}

func (n *instanceOf) eval(e *env) Value { return n.typ.holds(e, n.operand.eval(e)) }

func (n *functionNode) eval(e *env) Value {
	return &Function{params: n.params, types: n.types, body: n.body, frame: e.top}
}
