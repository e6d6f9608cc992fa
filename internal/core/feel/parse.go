package feel

import (
	"slices"
	"strings"
)

// Expr is an expression that has been read. It may be evaluated by many goroutines at once.
type Expr struct {
	root node
	free []string
}

// UnaryTests is a cell of a decision table that has been read.
type UnaryTests struct {
	tests  []node // none: "-", which any value passes
	negate bool
	free   []string
}

// Parse reads an expression. The error is a [*SyntaxError].
func Parse(src string) (*Expr, error) { return ParseWith(src) }

// ParseWith reads an expression in which the given names are known. Only names that hold keywords or operators ("profit and loss",
// "a-b") have to be given.
func ParseWith(src string, names ...string) (*Expr, error) {
	p, err := newParser(src, names)
	if err != nil {
		return nil, err
	}
	root := p.expression()
	if p.err == nil && p.tok().kind != tokEnd {
		p.expected("an operator or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{root, p.freeNames()}, nil
}

// ParseUnaryTests reads the cell of a decision table. The error is a [*SyntaxError].
func ParseUnaryTests(src string, names ...string) (*UnaryTests, error) {
	p, err := newParser(src, names)
	if err != nil {
		return nil, err
	}
	u := &UnaryTests{}
	switch {
	case p.tok().is("-") && p.peek(1).kind == tokEnd:
		p.skip(1)
	case p.tok().is("not") && p.peek(1).is("("):
		u.negate = true
		p.skip(2)
		u.tests = p.tests(")")
		p.expect(")")
	default:
		u.tests = p.tests("")
	}
	if p.err == nil && p.tok().kind != tokEnd {
		p.expected(`"," or the end`)
	}
	if p.err != nil {
		return nil, p.err
	}
	u.free = p.freeNames()
	return u, nil
}

// String writes the expression with all its parentheses; reading that gives the same expression.
func (e *Expr) String() string {
	var b strings.Builder
	e.root.print(&b)
	return b.String()
}

// Names lists the variables that the expression certainly takes from its scope, sorted. Names in the condition of a filter are
// left out, for they may belong to the items that are filtered.
func (e *Expr) Names() []string { return slices.Clone(e.free) }

// String writes the tests as they stand in a cell.
func (u *UnaryTests) String() string {
	if len(u.tests) == 0 {
		return "-"
	}
	var b strings.Builder
	printList(&b, u.tests)
	if u.negate {
		return "not(" + b.String() + ")"
	}
	return b.String()
}

// Names lists the variables that the tests take from their scope, sorted, without the value under test.
func (u *UnaryTests) Names() []string { return slices.Clone(u.free) }

// parser reads tokens. The first error stays in err, and moves the parser to the end, so that every loop ends.
type parser struct {
	src    string
	tokens []token
	pos    int
	err    error
	depth  int
	known  []knownName
	bound  []string // names bound around the present position
	filter int      // filters around the present position
	free   map[string]bool

	noFilter bool // the next "[" closes an interval
	sawInput bool // ? was read in the present unary test
}

// knownName is a name that holds keywords or operators, with the tokens that it is written with.
type knownName struct {
	name  string
	words []string
}

func newParser(src string, names []string) (*parser, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, tokens: tokens, free: map[string]bool{}}
	for _, n := range names {
		p.learn(n)
	}
	return p, nil
}

// learn makes a name known if reading its words alone would not give it.
func (p *parser) learn(name string) {
	tokens, err := lex(name)
	if err != nil || len(tokens) < 3 {
		return
	}
	words := make([]string, len(tokens)-1)
	plain := true
	for i := range words {
		words[i] = tokens[i].text
		plain = plain && tokens[i].kind == tokWord && !endsName(tokens[i], tokens[i+1])
	}
	if plain {
		return
	}
	p.known = append(p.known, knownName{name, words})
}

func (p *parser) tok() token { return p.tokens[p.pos] }

func (p *parser) peek(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

// skip passes n tokens, but never the end.
func (p *parser) skip(n int) { p.pos = min(p.pos+n, len(p.tokens)-1) }

// accept passes the symbol or word s if it stands next.
func (p *parser) accept(s string) bool {
	if p.tok().is(s) {
		p.skip(1)
		return true
	}
	return false
}

func (p *parser) expect(s string) {
	if !p.accept(s) {
		p.expected(`"` + s + `"`)
	}
}

func (p *parser) expected(what string) {
	p.fail(p.tok().pos, "expected %s but found %s", what, p.tok())
}

func (p *parser) fail(pos int, format string, args ...any) {
	if p.err == nil {
		p.err = syntaxError(p.src, pos, format, args...)
	}
	p.pos = len(p.tokens) - 1
}

// enter counts a level of nesting; leave ends it.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxNesting {
		p.fail(p.tok().pos, "nested deeper than %d levels", maxNesting)
	}
	return p.err == nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) freeNames() []string {
	out := make([]string, 0, len(p.free))
	for n := range p.free {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Precedence of the operators, from the loosest.
const (
	precOr = iota + 1
	precAnd
	precCompare
	precAdd
	precMultiply
	precPower
)

func precedence(t token) int {
	switch {
	case t.kind == tokWord:
		switch t.text {
		case "or":
			return precOr
		case "and":
			return precAnd
		case "between", "in":
			return precCompare
		}
	case t.kind == tokSymbol:
		switch t.text {
		case "=", "!=", "<", "<=", ">", ">=":
			return precCompare
		case "+", "-":
			return precAdd
		case "*", "/":
			return precMultiply
		case "**":
			return precPower
		}
	}
	return 0
}

func (p *parser) expression() node { return p.binary(precOr) }

// binary reads operators of at least the given precedence, all grouping to the left (DMN 1.3, 10.3.1.2).
func (p *parser) binary(least int) node {
	if !p.enter() {
		return &literal{}
	}
	defer p.leave()
	return p.operators(p.unary(), least)
}

// operators reads what follows left.
func (p *parser) operators(left node, least int) node {
	for {
		op := p.tok()
		prec := precedence(op)
		if prec < least || prec == 0 {
			return left
		}
		p.skip(1)
		switch {
		case op.text == "in":
			left = &membership{left, p.members()}
		case op.text == "between":
			low := p.binary(precAdd)
			p.expect("and")
			left = &between{left, low, p.binary(precAdd)}
		case prec <= precAnd:
			left = &logic{prec == precOr, left, p.binary(prec + 1)}
		case prec == precCompare:
			left = &comparison{op.text, left, p.binary(prec + 1)}
		default:
			left = &arithmetic{op.text, left, p.binary(prec + 1)}
		}
	}
}

// unary reads a sign, which binds tighter than any operator: -3 ** 2 is 9.
func (p *parser) unary() node {
	if !p.tok().is("-") {
		return p.instance(p.postfix(p.primary()))
	}
	p.skip(1)
	if !p.enter() {
		return &literal{}
	}
	defer p.leave()
	operand := p.unary()
	if l, ok := operand.(*literal); ok {
		if n, ok := l.value.(Number); ok {
			return &literal{n.neg()}
		}
	}
	return &negation{operand}
}

func (p *parser) instance(n node) node {
	for p.tok().is("instance") && p.peek(1).is("of") {
		p.skip(2)
		n = &instanceOf{n, p.typeRef()}
	}
	return n
}

// postfix reads paths, filters and calls.
func (p *parser) postfix(n node) node {
	for p.err == nil {
		switch {
		case p.accept("."):
			n = &path{n, p.pathName()}
		case p.tok().is("[") && !p.noFilter:
			p.skip(1)
			n = &filter{n, p.filterCondition()}
		case p.tok().is("("):
			p.skip(1)
			n = p.arguments(n)
		default:
			return n
		}
	}
	return n
}

func (p *parser) filterCondition() node {
	p.filter++
	cond := p.inside(p.expression)
	p.filter--
	p.expect("]")
	return cond
}

// inside reads what stands within brackets, where the rules of the surroundings do not hold.
func (p *parser) inside(read func() node) node {
	noFilter := p.noFilter
	p.noFilter = false
	n := read()
	p.noFilter = noFilter
	return n
}

func (p *parser) arguments(fn node) node {
	c := &call{fn: fn}
	for !p.tok().is(")") && p.err == nil {
		if key, n := p.keyAhead(); n > 0 {
			if len(c.keys) != len(c.args) {
				p.expected("an argument without a name, like those before it")
			}
			c.keys = append(c.keys, key)
			p.skip(n)
		} else if c.keys != nil {
			p.expected("the name of an argument")
		}
		c.args = append(c.args, p.inside(p.expression))
		if !p.tok().is(")") {
			p.expect(",")
		}
	}
	p.expect(")")
	return c
}

// keyAhead looks for words followed by a colon, and returns the name and the tokens it takes with the colon.
func (p *parser) keyAhead() (string, int) {
	n := 0
	for p.peek(n).kind == tokWord || n > 0 && p.peek(n).kind == tokNumber {
		n++
	}
	if n == 0 || !p.peek(n).is(":") {
		return "", 0
	}
	return p.joined(n), n + 1
}

// joined writes the next n tokens as a name: as in the source, with single spaces.
func (p *parser) joined(n int) string {
	var b strings.Builder
	for i := range n {
		t := p.peek(i)
		if i > 0 && t.pos > p.peek(i-1).end {
			b.WriteByte(' ')
		}
		b.WriteString(p.src[t.pos:t.end])
	}
	return b.String()
}
