package feel

import (
	"slices"
	"strings"
)

// typeRef is a type as "instance of" names it (DMN 1.3, table 44, and the composite types of 10.3.2.9).
type typeRef struct {
	name    string
	of      []typeRef // list<of>, range<of>; the entries of a context; parameters and then the result of a function
	entries []string  // names of the entries of a context<…>
}

const anyType = "Any"

// typeNames are the simple types, with the words of each; the longer first.
var typeNames = [][]string{
	{"years", "and", "months", "duration"}, {"days", "and", "time", "duration"}, {"year", "month", "duration"}, {"day", "time", "duration"},
	{"date", "and", "time"}, {"date"}, {"time"}, {"number"}, {"string"}, {"boolean"}, {anyType}, {"Null"}, {"list"}, {"range"}, {"context"}, {"function"},
}

func (p *parser) typeRef() typeRef {
	if !p.enter() {
		return typeRef{}
	}
	defer p.leave()
	i := slices.IndexFunc(typeNames, p.wordsAhead)
	if i < 0 {
		p.expected("a type, such as number, string, date or list<string>")
		return typeRef{}
	}
	p.skip(len(typeNames[i]))
	t := typeRef{name: strings.Join(typeNames[i], " ")}
	if !p.tok().is("<") {
		return t
	}
	switch t.name {
	case "list", "range":
		p.skip(1)
		t.of = []typeRef{p.typeRef()}
		p.expect(">")
	case "context":
		p.skip(1)
		for p.err == nil {
			t.entries = append(t.entries, p.binding())
			p.expect(":")
			t.of = append(t.of, p.typeRef())
			if !p.accept(",") {
				break
			}
		}
		p.expect(">")
	case "function":
		p.skip(1)
		for !p.tok().is(">") && p.err == nil {
			t.of = append(t.of, p.typeRef())
			if !p.tok().is(">") {
				p.expect(",")
			}
		}
		p.expect(">")
		p.expect("->")
		t.of = append(t.of, p.typeRef())
	}
	return t
}

func (t typeRef) String() string {
	if t.of == nil {
		return t.name
	}
	parts := make([]string, len(t.of))
	for i, o := range t.of {
		parts[i] = o.String()
		if t.entries != nil {
			parts[i] = t.entries[i] + ": " + parts[i]
		}
	}
	if t.name == "function" {
		last := len(parts) - 1
		return "function<" + strings.Join(parts[:last], ", ") + "> -> " + parts[last]
	}
	return t.name + "<" + strings.Join(parts, ", ") + ">"
}

// holds tells whether v is of the type. null is of no type but Null.
func (t typeRef) holds(e *env, v Value) bool {
	if !e.step(1) {
		return false
	}
	switch v := v.(type) {
	case nil:
		return t.name == "Null"
	case List:
		return t.name == anyType || t.name == "list" && (t.of == nil || !slices.ContainsFunc(v, func(x Value) bool { return !t.of[0].holds(e, x) }))
	case Range:
		return t.name == anyType || t.name == "range" && (t.of == nil || t.of[0].holds(e, v.Start) || t.of[0].holds(e, v.End))
	case *Context:
		if t.name != "context" {
			return t.name == anyType
		}
		for i, key := range t.entries {
			if x, ok := v.Get(key); !ok || x != nil && !t.of[i].holds(e, x) {
				return false
			}
		}
		return true
	case *Function:
		return t.name == anyType || t.name == "function" && (t.of == nil || v.native == nil && len(v.params) == len(t.of)-1)
	default:
		return t.name == anyType || slices.Contains(kindTypes[kindOf(v)], t.name)
	}
}

// kindTypes gives the names of the simple kinds.
var kindTypes = map[kind][]string{
	kindBool: {"boolean"}, kindNumber: {"number"}, kindString: {"string"}, kindDate: {"date"}, kindTime: {"time"},
	kindDateTime:    {"date and time"},
	kindDuration:    {"days and time duration", "day time duration"},
	kindYearsMonths: {"years and months duration", "year month duration"},
}

// coerce fits an argument to the type of a parameter (10.3.2.9.4): a list of one item is taken for the item, an item for the list of
// it alone, and what does not fit is null.
func (t typeRef) coerce(e *env, v Value) Value {
	if v == nil || t.name == anyType || t.holds(e, v) {
		return v
	}
	if l, ok := v.(List); ok && len(l) == 1 && t.holds(e, l[0]) {
		return l[0]
	}
	if l := (List{v}); t.holds(e, l) {
		return l
	}
	return nil
}
