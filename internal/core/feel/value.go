package feel

import (
	"iter"
	"slices"
)

// Value is a FEEL value: nil (null), bool, [Number], string, [Date], [Time], [DateTime], [Duration], [YearsMonths], [List],
// [*Context], [Range] or [*Function]. Values are never changed once made, and may be shared.
type Value = any

// List is a FEEL list. Positions count from 1 in expressions.
type List []Value

// Entry is one named value of a [Context].
type Entry struct {
	Key   string
	Value Value
}

// Context is an ordered set of named values: a record.
type Context struct {
	entries []Entry
	index   map[string]int
}

// indexFrom is the number of entries from which a context keeps an index; below it a scan is faster.
const indexFrom = 9

// NewContext makes a context of entries in their order. Of two entries with one key the later value stands, at the place of the
// earlier.
func NewContext(entries ...Entry) *Context {
	c := &Context{entries: make([]Entry, 0, len(entries))}
	for _, e := range entries {
		c.set(e)
	}
	return c
}

func (c *Context) set(e Entry) {
	if i := c.find(e.Key); i >= 0 {
		c.entries[i].Value = e.Value
		return
	}
	c.entries = append(c.entries, e)
	switch n := len(c.entries); {
	case n == indexFrom:
		c.index = make(map[string]int, 2*n)
		for i, e := range c.entries {
			c.index[e.Key] = i
		}
	case n > indexFrom:
		c.index[e.Key] = n - 1
	}
}

func (c *Context) find(key string) int {
	if c.index != nil {
		if i, ok := c.index[key]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(c.entries, func(e Entry) bool { return e.Key == key })
}

// Get returns the value of key, and whether the context has it.
func (c *Context) Get(key string) (Value, bool) {
	if i := c.find(key); i >= 0 {
		return c.entries[i].Value, true
	}
	return nil, false
}

// Len returns the number of entries.
func (c *Context) Len() int { return len(c.entries) }

// All yields the entries in order.
func (c *Context) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, e := range c.entries {
			if !yield(e.Key, e.Value) {
				return
			}
		}
	}
}

// Range is an interval. A nil end is no bound.
type Range struct {
	Start, End                 Value
	StartIncluded, EndIncluded bool
}

// Function is a built-in function, or one made by function(…) in an expression.
type Function struct {
	name   string
	params []string
	types  []typeRef
	body   node
	frame  *frame
	native *builtin
}

// Scope gives the variables of an evaluation.
type Scope interface {
	// Lookup returns the value of a variable, and false when there is no variable of that name.
	Lookup(name string) (Value, bool)
}

// Vars is a scope made of a map. Its values are those of this package, or what [FromAny] takes for one.
type Vars map[string]Value

// Lookup implements [Scope]. What is no value is null.
func (v Vars) Lookup(name string) (Value, bool) {
	x, ok := v[name]
	if x != nil && kindOf(x) == kindNull {
		x, _ = FromAny(x)
	}
	return x, ok
}

// Truth tells whether v is true. Null, and anything that is not a boolean, is not.
func Truth(v Value) bool {
	b, ok := v.(bool)
	return ok && b
}

// kind is the kind of a value, in the words of DMN 1.3 table 44.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindDate
	kindTime
	kindDateTime
	kindDuration
	kindYearsMonths
	kindList
	kindContext
	kindRange
	kindFunction
)

func kindOf(v Value) kind {
	switch v.(type) {
	case bool:
		return kindBool
	case Number:
		return kindNumber
	case string:
		return kindString
	case Date:
		return kindDate
	case Time:
		return kindTime
	case DateTime:
		return kindDateTime
	case Duration:
		return kindDuration
	case YearsMonths:
		return kindYearsMonths
	case List:
		return kindList
	case *Context:
		return kindContext
	case Range:
		return kindRange
	case *Function:
		return kindFunction
	default:
		return kindNull
	}
}
