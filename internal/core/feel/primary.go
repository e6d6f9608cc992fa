package feel

import (
	"slices"
	"strings"
)

// primary reads what stands by itself.
func (p *parser) primary() node {
	t := p.tok()
	switch t.kind {
	case tokNumber:
		p.skip(1)
		n, err := ParseNumber(t.text)
		if err != nil {
			p.fail(t.pos, "%s is too great or too small for a number", t)
		}
		return &literal{n}
	case tokString:
		p.skip(1)
		return &literal{t.text}
	case tokAt:
		p.skip(1)
		v := parseTemporal(t.text)
		if v == nil {
			p.fail(t.pos, "expected a date, a time, both or a duration in ISO 8601 after @ but found %s", t)
		}
		return &literal{v}
	case tokSymbol:
		switch t.text {
		case "(":
			p.skip(1)
			return p.inside(func() node { return p.parenthesis(false) })
		case "[", "]":
			p.skip(1)
			return p.inside(func() node { return p.bracket(t.text == "[") })
		case "{":
			p.skip(1)
			return p.inside(p.context)
		}
	case tokWord:
		return p.word(t)
	}
	p.expected("a value, a name or an expression in parentheses")
	return &literal{}
}

// parseTemporal reads what may stand in @"…".
func parseTemporal(s string) Value {
	if d, ok := ParseDuration(s); ok {
		return d
	}
	if d, ok := ParseDate(s); ok {
		return d
	}
	if t, ok := ParseTime(s); ok {
		return t
	}
	if d, ok := ParseDateTime(s); ok {
		return d
	}
	return nil
}

func (p *parser) word(t token) node {
	if _, n := p.knownAhead(); n == 0 {
		switch t.text {
		case "null":
			p.skip(1)
			return &literal{}
		case "true", "false":
			p.skip(1)
			return &literal{t.text == "true"}
		case "if":
			return p.conditional()
		case "for":
			return p.loop()
		case "some", "every":
			return p.quantified()
		case "function":
			if p.peek(1).is("(") {
				return p.function()
			}
		case "not":
			if !p.peek(1).is("(") {
				p.skip(1)
				p.expect("(")
				return &literal{}
			}
		case "and", "or", "in", "between", "then", "else", "return", "satisfies":
			p.expected("a value or a name")
			return &literal{}
		}
	}
	id := p.readName()
	input := id == "?"
	p.sawInput = p.sawInput || input
	n := &name{id: id, bound: len(p.bound) > 0 || p.filter > 0 || input, builtin: builtins[id]}
	isCall := n.builtin != nil && p.tok().is("(") && id != "now" && id != "today" // these two are asked of the scope
	if !isCall && !input && p.filter == 0 && !slices.Contains(p.bound, id) {
		p.free[id] = true
	}
	return n
}

// endsName tells whether a keyword ends a name before it. "of", "for" and others may stand within: date of birth.
func endsName(t, after token) bool {
	if t.kind != tokWord {
		return true
	}
	switch t.text {
	case "and", "or", "in", "between", "then", "else", "return", "satisfies", "true", "false", "null", "if", "not", "some", "every", "function":
		return true
	case "instance":
		return after.is("of")
	default:
		return false
	}
}

// knownAhead returns the longest known name that stands next, and the tokens it takes, 0 for none. White space does not count.
func (p *parser) knownAhead() (string, int) {
	id, longest := "", 0
	for _, k := range p.known {
		if len(k.words) > longest && p.wordsAhead(k.words) {
			id, longest = k.name, len(k.words)
		}
	}
	for _, words := range keywordBuiltins {
		if len(words) > longest && p.wordsAhead(words) && p.peek(len(words)).is("(") {
			id, longest = strings.Join(words, " "), len(words)
		}
	}
	return id, longest
}

func (p *parser) wordsAhead(words []string) bool {
	for i, w := range words {
		if t := p.peek(i); t.text != w || t.kind == tokString || t.kind == tokAt {
			return false
		}
	}
	return true
}

// keywordBuiltins are the functions in whose names a keyword stands.
var keywordBuiltins = [][]string{
	{"date", "and", "time"},
	{"years", "and", "months", "duration"},
}

// readName reads the longest name: a known one, or words up to a keyword.
func (p *parser) readName() string {
	id, n := p.knownAhead()
	if n == 0 {
		n = 1
		for !endsName(p.peek(n), p.peek(n+1)) {
			n++
		}
		id = p.joined(n)
	}
	p.skip(n)
	return id
}

// pathName reads the name after a dot.
func (p *parser) pathName() string {
	if p.tok().kind != tokWord {
		p.expected("a name after the dot")
		return ""
	}
	return p.readName()
}

// binding reads the name that an iteration or a function binds.
func (p *parser) binding() string {
	if p.tok().kind != tokWord || endsName(p.tok(), p.peek(1)) {
		p.expected("a name")
		return ""
	}
	return p.readName()
}

// parenthesis reads ( … ): an expression, an interval, or, where allowed, unary tests.
func (p *parser) parenthesis(testsAllowed bool) node {
	first, isTest := node(nil), false
	if testsAllowed {
		first = p.test()
		switch first.(type) {
		case *unaryOp, *inputTest:
			isTest = true
		}
	} else {
		first = p.expression()
	}
	if !isTest && p.accept("..") {
		return p.interval(first, false)
	}
	if testsAllowed && (isTest || p.tok().is(",")) {
		l := &testList{tests: []node{first}}
		if p.accept(",") {
			l.tests = append(l.tests, p.tests(")")...)
		}
		p.expect(")")
		return l
	}
	p.expect(")")
	return first
}

// testList is a parenthesis of unary tests, which only members takes apart.
type testList struct {
	literal
	tests []node
}

// bracket reads [ … ], a list or an interval, or ] … which only begins an interval.
func (p *parser) bracket(closed bool) node {
	l := &listNode{}
	if closed && p.accept("]") {
		return l
	}
	for p.err == nil {
		item := p.expression()
		if len(l.items) == 0 && p.accept("..") {
			return p.interval(item, closed)
		}
		l.items = append(l.items, item)
		if !closed {
			p.expected(`".." of an interval`)
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect("]")
	return l
}

func (p *parser) interval(low node, lowIncluded bool) node {
	p.noFilter = true
	high := p.binary(precAdd)
	p.noFilter = false
	n := &rangeNode{low: low, high: high, lowIncluded: lowIncluded, highIncluded: p.tok().is("]")}
	if !p.accept("]") && !p.accept(")") && !p.accept("[") {
		p.expected(`"]" or ")" to close the interval`)
	}
	return n
}

// context reads { key: value, … }. An entry may use those before it.
func (p *parser) context() node {
	c := &contextNode{}
	bound := len(p.bound)
	for !p.tok().is("}") && p.err == nil {
		key := p.contextKey()
		p.expect(":")
		c.entries = append(c.entries, entryNode{key, p.expression()})
		p.bound = append(p.bound, key)
		if !p.tok().is("}") {
			p.expect(",")
		}
	}
	p.expect("}")
	p.bound = p.bound[:bound]
	return c
}

func (p *parser) contextKey() string {
	if t := p.tok(); t.kind == tokString {
		p.skip(1)
		p.learn(t.text)
		return t.text
	}
	n := 0
	for t := p.peek(n); t.kind == tokWord || n > 0 && (t.kind == tokNumber || inNames(t)); t = p.peek(n) {
		n++
	}
	if n == 0 {
		p.expected("the name of an entry")
		return ""
	}
	key := p.joined(n)
	p.skip(n)
	p.learn(key)
	return key
}

// inNames tells whether t is a symbol that the name of an entry may hold (rule 30).
func inNames(t token) bool {
	return t.is("+") || t.is("-") || t.is("*") || t.is("/") || t.is(".")
}

func (p *parser) conditional() node {
	p.skip(1)
	cond := p.inside(p.expression)
	p.expect("then")
	then := p.inside(p.expression)
	p.expect("else")
	return &conditional{cond, then, p.expression()}
}

func (p *parser) loop() node {
	p.skip(1)
	bound := len(p.bound)
	l := &loop{iterators: p.iterators()}
	p.expect("return")
	p.bound = append(p.bound, "partial")
	l.body = p.expression()
	p.bound = p.bound[:bound]
	return l
}

func (p *parser) quantified() node {
	q := &quantified{every: p.tok().is("every")}
	p.skip(1)
	bound := len(p.bound)
	q.iterators = p.iterators()
	p.expect("satisfies")
	q.cond = p.expression()
	p.bound = p.bound[:bound]
	return q
}

// iterators reads "a in xs, b in ys"; each name is bound for what follows it.
func (p *parser) iterators() []iterator {
	var out []iterator
	for {
		it := iterator{name: p.binding()}
		p.expect("in")
		it.domain = p.inside(p.expression)
		if p.accept("..") {
			it.end = p.inside(p.expression)
		}
		p.bound = append(p.bound, it.name)
		out = append(out, it)
		if p.err != nil || !p.accept(",") {
			return out
		}
	}
}

// function reads function(a, b: type) body.
func (p *parser) function() node {
	p.skip(2)
	bound := len(p.bound)
	f := &functionNode{}
	for !p.tok().is(")") && p.err == nil {
		f.params = append(f.params, p.binding())
		t := typeRef{name: anyType}
		if p.accept(":") {
			t = p.typeRef()
		}
		f.types = append(f.types, t)
		if !p.tok().is(")") {
			p.expect(",")
		}
	}
	p.expect(")")
	p.bound = append(p.bound, f.params...)
	f.body = p.expression()
	p.bound = p.bound[:bound]
	return f
}

// members reads what follows "in": one unary test, or several in parentheses.
func (p *parser) members() []node {
	if isUnaryOp(p.tok()) {
		return []node{p.test()}
	}
	if !p.accept("(") {
		return []node{p.binary(precAdd)}
	}
	n := p.inside(func() node { return p.parenthesis(true) })
	if l, ok := n.(*testList); ok {
		if precedence(p.tok()) > precCompare {
			p.expected("the end of the tests")
		}
		return l.tests
	}
	return []node{p.operators(p.instance(p.postfix(n)), precAdd)}
}

// tests reads unary tests separated by commas.
func (p *parser) tests(end string) []node {
	var out []node
	for p.err == nil {
		if end != "" && p.tok().is(end) && len(out) == 0 {
			break
		}
		out = append(out, p.test())
		if !p.accept(",") {
			break
		}
	}
	return out
}

func isUnaryOp(t token) bool { return t.kind == tokSymbol && precedence(t) == precCompare }

func (p *parser) test() node {
	outer := p.sawInput
	p.sawInput = false
	defer func() { p.sawInput = p.sawInput || outer }()
	if t := p.tok(); isUnaryOp(t) {
		p.skip(1)
		return &unaryOp{t.text, p.inside(func() node { return p.binary(precAdd) })}
	}
	n := p.inside(p.expression)
	if p.sawInput {
		return &inputTest{n}
	}
	return n
}
