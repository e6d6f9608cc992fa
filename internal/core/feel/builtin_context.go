package feel

// contextFunctions are those of table 78, and is (table 80).
func contextFunctions() map[string]*builtin {
	return map[string]*builtin{
		"get value":     define(getValue, "m, key", "context, key"),
		"get entries":   define(getEntries, "m", "context"),
		"context":       define(makeContext, "entries"),
		"context put":   define(contextPut, "context, key, value"),
		"context merge": define(contextMerge, "contexts"),
		"is":            define(is, "value1, value2"),
	}
}

func getValue(_ *env, args []Value) Value {
	c, ok1 := arg[*Context](args, 0)
	k, ok2 := arg[string](args, 1)
	if !ok1 || !ok2 {
		return nil
	}
	v, _ := c.Get(k)
	return v
}

func getEntries(e *env, args []Value) Value {
	c, ok := arg[*Context](args, 0)
	if !ok || !e.step(c.Len()) {
		return nil
	}
	out := List{}
	for k, v := range c.All() {
		out = append(out, NewContext(Entry{"key", k}, Entry{"value", v}))
	}
	return out
}

// makeContext is the inverse of getEntries.
func makeContext(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok || !e.step(len(l)) {
		return nil
	}
	out := NewContext()
	for _, x := range l {
		c, ok := x.(*Context)
		if !ok {
			return nil
		}
		k, _ := c.Get("key")
		key, ok := k.(string)
		v, hasValue := c.Get("value")
		if !ok || !hasValue || out.find(key) >= 0 {
			return nil
		}
		out.set(Entry{key, v})
	}
	return out
}

// contextPut sets an entry; a list of keys leads through contexts to it.
func contextPut(e *env, args []Value) Value {
	c, ok := arg[*Context](args, 0)
	if !ok || !e.step(c.Len()) {
		return nil
	}
	keys, isPath := args[1].(List)
	if !isPath {
		keys = List{args[1]}
	}
	if len(keys) == 0 {
		return nil
	}
	key, ok := keys[0].(string)
	if !ok {
		return nil
	}
	v := args[2]
	if len(keys) > 1 {
		inner, _ := c.Get(key)
		if v = contextPut(e, []Value{inner, keys[1:], args[2]}); v == nil {
			return nil
		}
	}
	out := NewContext(c.entries...)
	out.set(Entry{key, v})
	return out
}

// contextMerge joins contexts; of equal keys the last stands.
func contextMerge(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok {
		return nil
	}
	out := NewContext()
	for _, x := range l {
		c, ok := x.(*Context)
		if !ok || !e.step(c.Len()) {
			return nil
		}
		for k, v := range c.All() {
			out.set(Entry{k, v})
		}
	}
	return out
}

// is tells whether two values are one and the same: of one kind, and of times also at the same offset from UTC, though one may name
// its zone and the other not (TCK 0103).
func is(e *env, args []Value) Value {
	a, b := args[0], args[1]
	if kindOf(a) != kindOf(b) {
		return false
	}
	switch x := a.(type) {
	case Time:
		y, _ := b.(Time)
		return sameClock(DateTime{epoch, x}, DateTime{epoch, y})
	case DateTime:
		y, _ := b.(DateTime)
		return sameClock(x, y)
	default:
		return e.same(a, b)
	}
}

func sameClock(a, b DateTime) bool {
	s, t := a.time, b.time
	return a.date == b.date && s.nanos == t.nanos && s.zone.local() == t.zone.local() &&
		s.zone.offsetAt(a.date, s.nanos) == t.zone.offsetAt(b.date, t.nanos)
}
