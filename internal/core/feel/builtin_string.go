package feel

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// stringFunctions are those of table 73 on strings, and the conversions to and from them of table 71. Characters are Unicode code
// points.
func stringFunctions() map[string]*builtin {
	one := func(f func(string) Value) *builtin {
		return define(func(e *env, args []Value) Value {
			s, ok := arg[string](args, 0)
			if !ok || !e.spend(len(s)) {
				return nil
			}
			return f(s)
		}, "string")
	}
	two := func(f func(s, match string) Value) *builtin {
		return define(func(e *env, args []Value) Value {
			s, ok1 := arg[string](args, 0)
			m, ok2 := arg[string](args, 1)
			if !ok1 || !ok2 || !e.spend(len(s)) {
				return nil
			}
			return f(s, m)
		}, "string, match")
	}
	return map[string]*builtin{
		"substring":     define(substring, "string, start position, length?"),
		"string length": one(func(s string) Value { return Int(int64(utf8.RuneCountInString(s))) }),
		"upper case":    one(func(s string) Value { return strings.ToUpper(s) }),
		"lower case":    one(func(s string) Value { return strings.ToLower(s) }),
		"trim":          one(func(s string) Value { return strings.TrimSpace(s) }),
		"substring before": two(func(s, m string) Value {
			before, _, found := strings.Cut(s, m)
			if !found {
				return ""
			}
			return before
		}),
		"substring after": two(func(s, m string) Value {
			_, after, _ := strings.Cut(s, m)
			return after
		}),
		"contains":    two(func(s, m string) Value { return strings.Contains(s, m) }),
		"starts with": two(func(s, m string) Value { return strings.HasPrefix(s, m) }),
		"ends with":   two(func(s, m string) Value { return strings.HasSuffix(s, m) }),
		"matches":     define(matches, "input, pattern, flags?"),
		"replace":     define(replace, "input, pattern, replacement, flags?"),
		"split":       define(split, "string, delimiter"),
		"string join": define(stringJoin, "list, delimiter?", "list, delimiter, prefix, suffix"),
		"string":      define(toString, "from"),
		"number":      define(toNumber, "from", "from, grouping separator, decimal separator"),
		"not":         define(func(_ *env, args []Value) Value { return not(args[0]) }, "negand"),
	}
}

// substring counts from 1, or from the end when the start is negative.
func substring(e *env, args []Value) Value {
	s, ok1 := arg[string](args, 0)
	n, ok2 := arg[Number](args, 1)
	if !ok1 || !ok2 || !e.spend(len(s)) {
		return nil
	}
	start, ok := n.truncated()
	size := int64(utf8.RuneCountInString(s))
	if start < 0 {
		start += size + 1
	}
	if !ok || start < 1 || start > size {
		return nil
	}
	length := size
	if len(args) > 2 {
		l, ok := arg[Number](args, 2)
		if !ok {
			return nil
		}
		if length, ok = l.truncated(); !ok || length < 1 {
			return nil
		}
	}
	runes := []rune(s)
	return string(runes[start-1 : min(start-1+min(length, size), size)])
}

// compile reads a regular expression of XPath (table 73) as Go's, which leaves out what cannot be matched in linear time: there are
// no back references. It spends what matching the first argument will take: its length times that of the pattern.
func compile(e *env, args []Value, pattern, flags int) (*regexp.Regexp, bool) {
	s, ok1 := arg[string](args, 0)
	p, ok := arg[string](args, pattern)
	if !ok || !ok1 || !e.step(len(p)+1) || !e.spend(len(s)*len(p)) {
		return nil, false
	}
	prefix := ""
	if len(args) > flags && args[flags] != nil {
		f, ok := arg[string](args, flags)
		if !ok {
			return nil, false
		}
		for _, c := range f {
			switch c {
			case 's', 'i', 'm':
				prefix += string(c)
			case 'x':
				p = withoutSpace(p)
			case 'q':
				p = regexp.QuoteMeta(p)
			default:
				return nil, false
			}
		}
	}
	if prefix != "" {
		p = "(?" + prefix + ")" + p
	}
	re, err := regexp.Compile(p)
	return re, err == nil
}

// withoutSpace drops white space outside of classes, as flag x asks.
func withoutSpace(p string) string {
	var b strings.Builder
	inClass, escaped := false, false
	for _, r := range p {
		if !inClass && strings.ContainsRune(" \t\n\r", r) {
			continue
		}
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '[':
			inClass = true
		case r == ']':
			inClass = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func matches(e *env, args []Value) Value {
	s, ok := arg[string](args, 0)
	re, ok2 := compile(e, args, 1, 2)
	if !ok || !ok2 {
		return nil
	}
	return re.MatchString(s)
}

// replacementRef finds what stands for groups in a replacement of XPath: $1, and \$ and \\ for the signs themselves.
var replacementRef = regexp.MustCompile(`\\[$\\]|\$[0-9]+|\$`)

func replace(e *env, args []Value) Value {
	s, ok1 := arg[string](args, 0)
	to, ok2 := arg[string](args, 2)
	re, ok3 := compile(e, args, 1, 3)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	to = replacementRef.ReplaceAllStringFunc(to, func(ref string) string {
		switch {
		case ref == `\$` || ref == "$":
			return "$$"
		case ref == `\\`:
			return `\`
		default:
			return "${" + ref[1:] + "}"
		}
	})
	if grown := (len(s) + 1) * (len(to) + len(s)); grown > 1<<20 && !e.spend(len(re.FindAllStringIndex(s, -1))*(len(to)+len(s))) {
		return nil
	}
	return re.ReplaceAllString(s, to)
}

func split(e *env, args []Value) Value {
	s, ok := arg[string](args, 0)
	re, ok2 := compile(e, args, 1, 2)
	if !ok || !ok2 {
		return nil
	}
	parts := re.Split(s, -1)
	out := make(List, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

func stringJoin(e *env, args []Value) Value {
	l, ok := listArg(args, 0)
	if !ok {
		return nil
	}
	marks := [3]string{} // delimiter, prefix, suffix
	for i := range marks {
		if given(args, i+1) {
			if marks[i], ok = arg[string](args, i+1); !ok {
				return nil
			}
		}
	}
	parts := make([]string, 0, len(l))
	for _, x := range l {
		s, ok := x.(string)
		if !ok && x != nil {
			return nil
		}
		if ok {
			parts = append(parts, s)
		}
		if !e.spend(len(s) + len(marks[0])) {
			return nil
		}
	}
	return marks[1] + strings.Join(parts, marks[0]) + marks[2]
}

func toString(e *env, args []Value) Value {
	v := args[0]
	if l, ok := v.(List); ok && len(l) == 1 {
		if _, nested := l[0].(List); !nested {
			v = Value(l)
		}
	}
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return v
	case Date, Time, DateTime, Duration, YearsMonths:
		return temporalString(v)
	}
	if e.measure(v, 0); e.left < 0 {
		return nil
	}
	var b strings.Builder
	printValue(&b, v)
	if !e.spend(b.Len()) {
		return nil
	}
	return b.String()
}

// toNumber reads a number written with the given separators: of groups a space, a comma or a point, of decimals a point or a comma.
func toNumber(_ *env, args []Value) Value {
	s, ok := arg[string](args, 0)
	if !ok {
		if n, isNumber := arg[Number](args, 0); isNumber && len(args) == 1 {
			return n
		}
		return nil
	}
	if len(args) == 3 {
		group, decimals := "", "."
		if given(args, 1) {
			if group, ok = arg[string](args, 1); !ok || group != " " && group != "," && group != "." {
				return nil
			}
		}
		if given(args, 2) {
			if decimals, ok = arg[string](args, 2); !ok || decimals != "." && decimals != "," {
				return nil
			}
		}
		if group == decimals {
			return nil
		}
		if group != "" {
			s = strings.ReplaceAll(s, group, "")
		}
		if decimals != "." {
			if strings.Contains(s, ".") {
				return nil
			}
			s = strings.Replace(s, decimals, ".", 1)
		}
	}
	body := strings.TrimPrefix(s, "-")
	if body == "" || !isDigit(rune(body[0])) && body[0] != '.' || strings.Trim(body, "0123456789.eE+-") != "" {
		return nil
	}
	n, err := ParseNumber(s)
	return orNull(n, err == nil)
}
