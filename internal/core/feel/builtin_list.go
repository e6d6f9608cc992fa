package feel

import (
	"slices"

	"github.com/cockroachdb/apd/v3"
)

// listFunctions are those of table 74.
func listFunctions() map[string]*builtin {
	return map[string]*builtin{
		"list contains": define(func(e *env, args []Value) Value {
			l, ok := listArg(args, 0)
			return orNull(ok && e.indexOf(l, args[1]) >= 0, ok)
		}, "list, element"),
		"count": define(func(_ *env, args []Value) Value {
			l, ok := listArg(args, 0)
			return orNull(Int(int64(len(l))), ok)
		}, "list"),
		"min":             define(func(_ *env, args []Value) Value { return extreme(args, -1) }, "list..."),
		"max":             define(func(_ *env, args []Value) Value { return extreme(args, 1) }, "list..."),
		"sum":             define(sum, "list..."),
		"mean":            define(mean, "list..."),
		"median":          define(median, "list..."),
		"mode":            define(mode, "list..."),
		"stddev":          define(stddev, "list..."),
		"product":         define(product, "list..."),
		"all":             define(func(_ *env, args []Value) Value { return fold(args, true, and) }, "list..."),
		"any":             define(func(_ *env, args []Value) Value { return fold(args, false, or) }, "list..."),
		"sublist":         define(sublist, "list, start position, length?"),
		"append":          define(appendItems, "list, item..."),
		"concatenate":     define(concatenate, "list..."),
		"union":           define(union, "list..."),
		"insert before":   define(insertBefore, "list, position, newItem"),
		"remove":          define(remove, "list, position"),
		"reverse":         define(reverse, "list"),
		"index of":        define(indexOf, "list, match"),
		"distinct values": define(distinct, "list"),
		"flatten":         define(flatten, "list"),
		"sort":            define(sortList, "list, precedes"),
	}
}

// indexOf finds the place of v from 0, or -1.
func (e *env) indexOf(l List, v Value) int {
	return slices.IndexFunc(l, func(x Value) bool { return e.step(1) && e.same(x, v) })
}

// extreme finds the least (want -1) or greatest item; null when two items have no order.
func extreme(l []Value, want int) Value {
	if len(l) == 0 {
		return nil
	}
	best := l[0]
	if _, ok := order(best, best); !ok {
		return nil
	}
	for _, x := range l[1:] {
		c, ok := order(x, best)
		if !ok {
			return nil
		}
		if c == want {
			best = x
		}
	}
	return best
}

// numbers takes all items as numbers; false when one is none, or there are none.
func numbers(l []Value) ([]Number, bool) {
	out := make([]Number, len(l))
	for i, x := range l {
		n, ok := x.(Number)
		if !ok {
			return nil, false
		}
		out[i] = n
	}
	return out, len(out) > 0
}

func reduce(l []Value, op func(Number, Number) Value) Value {
	ns, ok := numbers(l)
	if !ok {
		return nil
	}
	total := ns[0]
	for _, n := range ns[1:] {
		if total, ok = op(total, n).(Number); !ok {
			return nil
		}
	}
	return total
}

// sum adds numbers, or durations of one kind.
func sum(e *env, l []Value) Value {
	if len(l) == 0 {
		return nil
	}
	switch l[0].(type) {
	case Duration, YearsMonths:
		total := l[0]
		for _, x := range l[1:] {
			if kindOf(x) != kindOf(total) {
				return nil
			}
			total = e.add(total, x)
		}
		return total
	}
	return reduce(l, Number.add)
}

func product(_ *env, l []Value) Value { return reduce(l, Number.mul) }

func mean(e *env, l []Value) Value {
	total := sum(e, l)
	if total == nil {
		return nil
	}
	n := Int(int64(len(l)))
	if t, ok := total.(Number); ok {
		return t.quo(n)
	}
	return divide(total, n)
}

func median(_ *env, l []Value) Value {
	ns, ok := numbers(l)
	if !ok {
		return nil
	}
	slices.SortFunc(ns, Number.Cmp)
	mid := len(ns) / 2
	if len(ns)%2 == 1 {
		return ns[mid]
	}
	if s, ok := ns[mid-1].add(ns[mid]).(Number); ok {
		return s.quo(Int(2))
	}
	return nil
}

// mode lists the numbers that occur most, ascending.
func mode(_ *env, l []Value) Value {
	ns, ok := numbers(l)
	if !ok {
		return orNull(List{}, len(l) == 0)
	}
	slices.SortFunc(ns, Number.Cmp)
	var out List
	most := 0
	for i := 0; i < len(ns); {
		j := i
		for j < len(ns) && ns[j].Cmp(ns[i]) == 0 {
			j++
		}
		switch n := j - i; {
		case n > most:
			out, most = List{ns[i]}, n
		case n == most:
			out = append(out, ns[i])
		}
		i = j
	}
	return out
}

// stddev is the standard deviation of a sample: of two numbers at least.
func stddev(e *env, l []Value) Value {
	ns, ok := numbers(l)
	if !ok || len(ns) < 2 {
		return nil
	}
	// The squares lose digits: the work is done with twice the digits of the result.
	ctx := halfEven.WithPrecision(2 * precision)
	ed := apd.MakeErrDecimal(ctx)
	mean, total, d := new(apd.Decimal), new(apd.Decimal), new(apd.Decimal)
	for _, n := range ns {
		if !e.step(n.cost()) {
			return nil
		}
		ed.Add(mean, mean, n.dec())
	}
	count := int64(len(ns))
	ed.Quo(mean, mean, apd.New(count, 0))
	for _, n := range ns {
		ed.Sub(d, n.dec(), mean)
		ed.Mul(d, d, d)
		ed.Add(total, total, d)
	}
	ed.Quo(total, total, apd.New(count-1, 0))
	ed.Sqrt(total, total)
	ed.Ctx = halfEven
	ed.Round(total, total)
	return finite(total, ed.Flags, ed.Err())
}

// fold joins truths; what is not a boolean counts as null.
func fold(l []Value, v Value, op func(a, b Value) Value) Value {
	for _, x := range l {
		v = op(v, x)
	}
	return v
}

// position turns a place counted from 1, or from the end when negative, into one from 0; false when the list of n has none such.
func position(args []Value, i, n int) (int, bool) {
	p, ok := intArg(args, i)
	if p < 0 {
		p += int64(n) + 1
	}
	if !ok || p < 1 || p > int64(n) {
		return 0, false
	}
	return int(p) - 1, true
}

func sublist(_ *env, args []Value) Value {
	l, ok := listArg(args, 0)
	from, inside := position(args, 1, len(l))
	if !ok || !inside {
		return nil
	}
	rest := l[from:]
	if len(args) > 2 {
		n, ok := intArg(args, 2)
		if !ok || n < 1 || n > int64(len(rest)) {
			return nil
		}
		rest = rest[:n]
	}
	return slices.Clip(rest)
}

func appendItems(_ *env, args []Value) Value {
	if len(args) == 0 || args[0] == nil {
		return nil
	}
	return slices.Concat(asList(args[0]), List(args[1:]))
}

// joinLists puts lists one after the other. They are arguments, or items of the only one.
func (e *env) joinLists(args []Value) (List, bool) {
	size := 0
	for _, a := range args {
		if a == nil {
			return nil, false
		}
		size += len(asList(a))
	}
	if !e.step(size) {
		return nil, false
	}
	out := make(List, 0, size)
	for _, a := range args {
		out = append(out, asList(a)...)
	}
	return out, true
}

func concatenate(e *env, args []Value) Value { return orNull(e.joinLists(args)) }

func union(e *env, args []Value) Value {
	l, ok := e.joinLists(args)
	if !ok {
		return nil
	}
	return distinct(e, []Value{l})
}

func insertBefore(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	at, inside := position(args, 1, len(l))
	if !ok || !inside || !e.step(len(l)) {
		return nil
	}
	return slices.Insert(slices.Clone(l), at, args[2])
}

func remove(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	at, inside := position(args, 1, len(l))
	if !ok || !inside || !e.step(len(l)) {
		return nil
	}
	return slices.Concat(l[:at], l[at+1:])
}

func reverse(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok || !e.step(len(l)) {
		return nil
	}
	out := slices.Clone(l)
	slices.Reverse(out)
	return out
}

func indexOf(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok {
		return nil
	}
	out := List{}
	for i, x := range l {
		if e.step(1) && e.same(x, args[1]) {
			out = append(out, Int(int64(i)+1))
		}
	}
	return out
}

// distinct keeps the first of equal items.
func distinct(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok {
		return nil
	}
	out := List{}
	for _, x := range l {
		if e.left < 0 {
			return nil
		}
		if e.indexOf(out, x) < 0 {
			out = append(out, x)
		}
	}
	return out
}

func flatten(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok {
		return nil
	}
	out := List{}
	var walk func(l List, depth int)
	walk = func(l List, depth int) {
		for _, x := range l {
			if !e.step(1) || depth > maxCalls {
				e.left = -1
				return
			}
			if inner, ok := x.(List); ok {
				walk(inner, depth+1)
			} else {
				out = append(out, x)
			}
		}
	}
	walk(l, 0)
	return out
}

// sortList orders by a function of two items that is true when the first stands before the second; equal items keep their order.
func sortList(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	f, ok2 := args[1].(*Function)
	if !ok || !ok2 || !e.step(len(l)) {
		return nil
	}
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Value) int {
		switch {
		case e.left < 0:
			return 0
		case e.invoke(f, []Value{a, b}, nil) == true:
			return -1
		case e.invoke(f, []Value{b, a}, nil) == true:
			return 1
		default:
			return 0
		}
	})
	return out
}
