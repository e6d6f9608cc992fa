package feel

import (
	"strconv"
	"strings"
)

// node is a part of an expression. eval gives its value in an environment; print writes it back as FEEL, with parentheses
// wherever an operator stands inside another.
type node interface {
	eval(e *env) Value
	print(b *strings.Builder)
}

type (
	// literal is a value written in the source.
	literal struct{ value Value }

	// name is a variable, or a built-in function where there is no variable of the name.
	name struct {
		id      string
		bound   bool // something around it may bind names: iterations, filters, functions, contexts
		builtin *builtin
	}

	// path is base.key.
	path struct {
		base node
		key  string
	}

	// filter is base[cond].
	filter struct{ base, cond node }

	// call is fn(args), or fn(key: arg, …) when keys is set.
	call struct {
		fn   node
		args []node
		keys []string
	}

	arithmetic struct {
		op          string
		left, right node
	}

	negation struct{ operand node }

	comparison struct {
		op          string
		left, right node
	}

	// logic is a conjunction, or a disjunction when or is set.
	logic struct {
		or          bool
		left, right node
	}

	between struct{ operand, low, high node }

	// membership is operand in (tests).
	membership struct {
		operand node
		tests   []node
	}

	// unaryOp is a test such as "< 10", whose left side is the value under test.
	unaryOp struct {
		op      string
		operand node
	}

	// inputTest is a unary test that names the value under test as ?.
	inputTest struct{ node }

	conditional struct{ cond, then, otherwise node }

	// iterator is "name in domain", or "name in domain..end".
	iterator struct {
		name        string
		domain, end node
	}

	loop struct {
		iterators []iterator
		body      node
	}

	// quantified is "some … satisfies", or "every … satisfies" when every is set.
	quantified struct {
		every     bool
		iterators []iterator
		cond      node
	}

	listNode struct{ items []node }

	entryNode struct {
		key   string
		value node
	}

	contextNode struct{ entries []entryNode }

	rangeNode struct {
		low, high                 node
		lowIncluded, highIncluded bool
	}

	instanceOf struct {
		operand node
		typ     typeRef
	}

	functionNode struct {
		params []string
		types  []typeRef // of each parameter; Any when the source gives none
		body   node
	}
)

func (n *literal) print(b *strings.Builder) { printValue(b, n.value) }

func (n *name) print(b *strings.Builder) { b.WriteString(n.id) }

func (n *path) print(b *strings.Builder) {
	printOperand(b, n.base)
	b.WriteByte('.')
	b.WriteString(n.key)
}

func (n *filter) print(b *strings.Builder) {
	printOperand(b, n.base)
	b.WriteByte('[')
	n.cond.print(b)
	b.WriteByte(']')
}

func (n *call) print(b *strings.Builder) {
	printOperand(b, n.fn)
	b.WriteByte('(')
	for i, a := range n.args {
		separate(b, i)
		if n.keys != nil {
			b.WriteString(n.keys[i] + ": ")
		}
		a.print(b)
	}
	b.WriteByte(')')
}

func (n *arithmetic) print(b *strings.Builder) { printBinary(b, n.left, n.op, n.right) }

func (n *comparison) print(b *strings.Builder) { printBinary(b, n.left, n.op, n.right) }

func (n *logic) print(b *strings.Builder) {
	if n.or {
		printBinary(b, n.left, "or", n.right)
	} else {
		printBinary(b, n.left, "and", n.right)
	}
}

func (n *negation) print(b *strings.Builder) {
	b.WriteByte('-')
	printOperand(b, n.operand)
}

func (n *between) print(b *strings.Builder) {
	printBinary(b, n.operand, "between", n.low)
	b.WriteString(" and ")
	printOperand(b, n.high)
}

func (n *membership) print(b *strings.Builder) {
	printOperand(b, n.operand)
	b.WriteString(" in (")
	printList(b, n.tests)
	b.WriteByte(')')
}

func (n *unaryOp) print(b *strings.Builder) {
	b.WriteString(n.op + " ")
	printOperand(b, n.operand)
}

func (n *conditional) print(b *strings.Builder) {
	b.WriteString("if ")
	n.cond.print(b)
	b.WriteString(" then ")
	n.then.print(b)
	b.WriteString(" else ")
	n.otherwise.print(b)
}

func (n *loop) print(b *strings.Builder) {
	b.WriteString("for ")
	printIterators(b, n.iterators)
	b.WriteString(" return ")
	n.body.print(b)
}

func (n *quantified) print(b *strings.Builder) {
	if n.every {
		b.WriteString("every ")
	} else {
		b.WriteString("some ")
	}
	printIterators(b, n.iterators)
	b.WriteString(" satisfies ")
	n.cond.print(b)
}

func (n *listNode) print(b *strings.Builder) {
	b.WriteByte('[')
	printList(b, n.items)
	b.WriteByte(']')
}

func (n *contextNode) print(b *strings.Builder) {
	b.WriteByte('{')
	for i, e := range n.entries {
		separate(b, i)
		b.WriteString(quote(e.key) + ": ")
		e.value.print(b)
	}
	b.WriteByte('}')
}

func (n *rangeNode) print(b *strings.Builder) {
	b.WriteString(bracket(n.lowIncluded, "[", "("))
	printOperand(b, n.low)
	b.WriteString("..")
	printOperand(b, n.high)
	b.WriteString(bracket(n.highIncluded, "]", ")"))
}

func bracket(included bool, closed, open string) string {
	if included {
		return closed
	}
	return open
}

func (n *instanceOf) print(b *strings.Builder) {
	printOperand(b, n.operand)
	b.WriteString(" instance of " + n.typ.String())
}

func (n *functionNode) print(b *strings.Builder) {
	b.WriteString("function(")
	for i, p := range n.params {
		separate(b, i)
		b.WriteString(p)
		if n.types[i].name != anyType {
			b.WriteString(": " + n.types[i].String())
		}
	}
	b.WriteString(") ")
	n.body.print(b)
}

func printIterators(b *strings.Builder, its []iterator) {
	for i, it := range its {
		separate(b, i)
		b.WriteString(it.name + " in ")
		printOperand(b, it.domain)
		if it.end != nil {
			b.WriteString("..")
			printOperand(b, it.end)
		}
	}
}

func printList(b *strings.Builder, nodes []node) {
	for i, n := range nodes {
		separate(b, i)
		n.print(b)
	}
}

func separate(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(", ")
	}
}

func printBinary(b *strings.Builder, left node, op string, right node) {
	printOperand(b, left)
	b.WriteString(" " + op + " ")
	printOperand(b, right)
}

// printOperand puts parentheses around what is not one piece by itself.
func printOperand(b *strings.Builder, n node) {
	switch n := n.(type) {
	case *name, *call, *path, *listNode, *contextNode, *filter:
		n.print(b)
	case *literal:
		if x, ok := n.value.(Number); ok && x.Sign() < 0 {
			parenthesise(b, n)
		} else {
			n.print(b)
		}
	default:
		parenthesise(b, n)
	}
}

func parenthesise(b *strings.Builder, n node) {
	b.WriteByte('(')
	n.print(b)
	b.WriteByte(')')
}

// quote writes a text with the escapes that lexString reads.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// printValue writes a value as FEEL would write it.
func printValue(b *strings.Builder, v Value) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		b.WriteString(quote(v))
	case Number:
		b.WriteString(v.String())
	case Date, Time, DateTime, Duration, YearsMonths:
		b.WriteString(`@"` + temporalString(v) + `"`)
	case List:
		b.WriteByte('[')
		for i, x := range v {
			separate(b, i)
			printValue(b, x)
		}
		b.WriteByte(']')
	case *Context:
		b.WriteByte('{')
		for i, e := range v.entries {
			separate(b, i)
			b.WriteString(printKey(e.Key) + ": ")
			printValue(b, e.Value)
		}
		b.WriteByte('}')
	case Range:
		printRange(b, v)
	case *Function:
		b.WriteString("function(" + strings.Join(v.params, ", ") + ")")
	}
}

func printRange(b *strings.Builder, r Range) {
	switch {
	case r.Start == nil && r.End != nil:
		b.WriteString(bracket(r.EndIncluded, "<= ", "< "))
		printValue(b, r.End)
	case r.End == nil && r.Start != nil:
		b.WriteString(bracket(r.StartIncluded, ">= ", "> "))
		printValue(b, r.Start)
	default:
		b.WriteString(bracket(r.StartIncluded, "[", "("))
		printValue(b, r.Start)
		b.WriteString("..")
		printValue(b, r.End)
		b.WriteString(bracket(r.EndIncluded, "]", ")"))
	}
}

// printKey writes the key of a context bare where it is a name.
func printKey(key string) string {
	for _, w := range strings.Split(key, " ") {
		for i, r := range w {
			if i == 0 && !startsName(r) || i > 0 && !continuesName(r) {
				return quote(key)
			}
		}
		if w == "" {
			return quote(key)
		}
	}
	return key
}

func temporalString(v Value) string {
	switch v := v.(type) {
	case Date:
		return v.String()
	case Time:
		return v.String()
	case DateTime:
		return v.String()
	case Duration:
		return v.String()
	case YearsMonths:
		return v.String()
	default:
		return ""
	}
}
