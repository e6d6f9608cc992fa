package pdf

import (
	"fmt"
	"strconv"
)

// lexer reads values from a file or a content stream.
type lexer struct {
	b     []byte
	at    int
	depth int
	plain bool // in a content stream: no references, operators instead of keywords
}

const maxDepth = 100

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func (l *lexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// end is what value returns behind the last value; closing what it returns for a closing bracket.
type (
	end     struct{}
	closing byte
)

// value reads the next value. What cannot be read is skipped.
func (l *lexer) value() Object {
	l.space()
	if l.at >= len(l.b) {
		return end{}
	}
	switch c := l.b[l.at]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '<':
		if l.at+1 < len(l.b) && l.b[l.at+1] == '<' {
			l.at += 2
			return l.dict()
		}
		return l.hex()
	case c == '>':
		l.at++
		if l.at < len(l.b) && l.b[l.at] == '>' {
			l.at++
		}
		return closing('>')
	case c == '[':
		l.at++
		return l.array()
	case c == ']':
		l.at++
		return closing(']')
	case c == ')' || c == '{' || c == '}':
		l.at++
		return Operator(string(c))
	}
	return l.word()
}

func (l *lexer) name() Name {
	l.at++
	var out []byte
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		c := l.b[l.at]
		l.at++
		if c == '#' && l.at+1 < len(l.b) {
			if hi, lo := unhex(l.b[l.at]), unhex(l.b[l.at+1]); hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				l.at += 2
			}
		}
		out = append(out, c)
	}
	return Name(out)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (l *lexer) literal() String {
	l.at++
	out := String{}
	for level := 1; l.at < len(l.b); {
		c := l.b[l.at]
		l.at++
		switch c {
		case '(':
			level++
		case ')':
			if level--; level == 0 {
				return out
			}
		case '\r':
			if l.at < len(l.b) && l.b[l.at] == '\n' {
				l.at++
			}
			c = '\n'
		case '\\':
			var ok bool
			if c, ok = l.escape(); !ok {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// escape reads what follows a backslash; ok is false for a line that goes on.
func (l *lexer) escape() (c byte, ok bool) {
	if l.at >= len(l.b) {
		return 0, false
	}
	c = l.b[l.at]
	l.at++
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case '\n':
		return 0, false
	case '\r':
		if l.at < len(l.b) && l.b[l.at] == '\n' {
			l.at++
		}
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	v := int(c - '0')
	for n := 0; n < 2 && l.at < len(l.b) && l.b[l.at] >= '0' && l.b[l.at] <= '7'; n++ {
		v = v<<3 | int(l.b[l.at]-'0')
		l.at++
	}
	return byte(v), true
}

func (l *lexer) hex() String {
	l.at++
	out := String{}
	half, have := 0, false
	for l.at < len(l.b) {
		c := l.b[l.at]
		l.at++
		if c == '>' {
			break
		}
		d := unhex(c)
		if d < 0 {
			continue
		}
		if have {
			out = append(out, byte(half<<4|d))
		}
		half, have = d, !have
	}
	if have {
		out = append(out, byte(half<<4))
	}
	return out
}

func (l *lexer) array() Array {
	out := Array{}
	if l.depth++; l.depth > maxDepth {
		l.at = len(l.b)
		return out
	}
	defer func() { l.depth-- }()
	for {
		switch v := l.value().(type) {
		case end:
			return out
		case closing:
			if v == ']' {
				return out
			}
		case Operator:
			if v == "R" && len(out) >= 2 && !l.plain {
				n, ok1 := out[len(out)-2].(int)
				g, ok2 := out[len(out)-1].(int)
				if ok1 && ok2 {
					out = append(out[:len(out)-2], Ref{n, g})
				}
			}
			if v == "endobj" || v == "endstream" {
				return out
			}
		default:
			out = append(out, v)
		}
	}
}

func (l *lexer) dict() Dict {
	out := Dict{}
	if l.depth++; l.depth > maxDepth {
		l.at = len(l.b)
		return out
	}
	defer func() { l.depth-- }()
	var pending []Object
	key, have := Name(""), false
	flush := func() {
		if have && len(pending) > 0 {
			out[key] = pending[len(pending)-1]
		}
		pending, have = pending[:0], false
	}
	for {
		switch v := l.value().(type) {
		case end:
			flush()
			return out
		case closing:
			if v == '>' {
				flush()
				return out
			}
		case Name:
			if have && len(pending) == 0 { // the value is a name
				out[key], have = v, false
				continue
			}
			flush()
			key, have = v, true
		case Operator:
			if v == "R" && len(pending) >= 2 {
				n, ok1 := pending[len(pending)-2].(int)
				g, ok2 := pending[len(pending)-1].(int)
				if ok1 && ok2 {
					pending = append(pending[:0], Ref{n, g})
				}
			}
			if v == "endobj" || v == "stream" {
				flush()
				return out
			}
		default:
			pending = append(pending, v)
		}
	}
}

// word reads a number, a keyword or an operator.
func (l *lexer) word() Object {
	from := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	w := l.b[from:l.at]
	switch c := w[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return figure(string(w))
	}
	switch s := string(w); s {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	default:
		return Operator(s)
	}
}

// figure reads a number as leniently as readers do: 1.2.3 and --5 stand in files.
func figure(s string) Object {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f < 1e15 && f > -1e15 {
		return f
	}
	out, dots := []byte{}, 0
	for i := 0; i < len(s) && dots < 2; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			out = append(out, c)
		case c == '.':
			if dots++; dots == 1 {
				out = append(out, c)
			}
		}
	}
	f, err := strconv.ParseFloat(string(out), 64)
	if err != nil || f > 1e15 {
		return 0
	}
	if s[0] == '-' {
		f = -f
	}
	return f
}

// object reads "12 0 obj …" and returns what it holds.
func (l *lexer) object(length func(Object) (int, bool)) (Ref, Object, error) {
	n, ok1 := l.value().(int)
	g, ok2 := l.value().(int)
	word, ok3 := l.value().(Operator)
	if !ok1 || !ok2 || !ok3 || word != "obj" {
		return Ref{}, nil, fmt.Errorf("%w: no object at byte %d", ErrBroken, l.at)
	}
	ref := Ref{n, g}
	v := l.value()
	switch x := v.(type) {
	case end, closing:
		return ref, nil, nil
	case Operator:
		return ref, nil, nil
	case int: // a reference for itself
		save := l.at
		if gen, ok := l.value().(int); ok {
			if r, ok := l.value().(Operator); ok && r == "R" {
				return ref, Ref{x, gen}, nil
			}
		}
		l.at = save
	}
	d, ok := v.(Dict)
	if !ok {
		return ref, v, nil
	}
	save := l.at
	if w, ok := l.value().(Operator); !ok || w != "stream" {
		l.at = save
		return ref, d, nil
	}
	if l.at < len(l.b) && l.b[l.at] == '\r' {
		l.at++
	}
	if l.at < len(l.b) && l.b[l.at] == '\n' {
		l.at++
	}
	from := l.at
	if n, ok := length(d["Length"]); ok && n >= 0 && from+n <= len(l.b) {
		l.at = from + n
		if w, ok := l.value().(Operator); ok && w == "endstream" {
			return ref, &Stream{d, l.b[from : from+n]}, nil
		}
	}
	to := indexFrom(l.b, from, "endstream")
	l.at = min(len(l.b), to+len("endstream"))
	if to > from && l.b[to-1] == '\n' {
		to--
	}
	if to > from && l.b[to-1] == '\r' {
		to--
	}
	return ref, &Stream{d, l.b[from:to]}, nil
}
