package feel

import (
	"maps"
	"slices"
	"strings"
)

// builtin is a built-in function (DMN 1.3, 10.3.4).
type builtin struct {
	forms    [][]string // the parameters of each form, in order
	required []int      // how many of them each form needs
	variadic bool       // any number of arguments makes the list that is the only parameter
	run      func(e *env, args []Value) Value
}

// define describes a function by its forms: "string, start position, length?". A single "list..." takes items or one list.
func define(run func(*env, []Value) Value, forms ...string) *builtin {
	b := &builtin{run: run}
	for _, form := range forms {
		if form, b.variadic = strings.CutSuffix(form, "..."); form == "" {
			b.forms, b.required = append(b.forms, nil), append(b.required, 0)
			continue
		}
		params := strings.Split(form, ", ")
		required := 0
		for i, p := range params {
			if p, optional := strings.CutSuffix(p, "?"); optional {
				params[i] = p
			} else {
				required++
			}
		}
		b.forms, b.required = append(b.forms, params), append(b.required, required)
	}
	return b
}

// call runs the function with arguments in order, or by name when keys is set; null when they fit no form.
func (b *builtin) call(e *env, args []Value, keys []string) Value {
	if keys != nil {
		var ok bool
		if args, ok = b.arrange(args, keys); !ok {
			return nil
		}
	} else if !b.variadic && !b.fits(len(args)) {
		return nil
	}
	if b.variadic {
		if len(args) == 0 {
			return nil
		}
		if l, ok := args[0].(List); ok && len(args) == 1 {
			args = l
		}
		if !e.step(len(args)) {
			return nil
		}
	}
	return b.run(e, args)
}

func (b *builtin) fits(n int) bool {
	for i, params := range b.forms {
		if n >= b.required[i] && n <= len(params) {
			return true
		}
	}
	return false
}

// arrange puts named arguments in the order of the form that has these names.
func (b *builtin) arrange(args []Value, keys []string) ([]Value, bool) {
	for i, params := range b.forms {
		out := make([]Value, 0, len(params))
		found, needed := 0, 0
		for j, p := range params {
			at := slices.Index(keys, p)
			if at < 0 {
				out = append(out, nil)
				continue
			}
			out = append(out, args[at])
			found++
			if j < b.required[i] {
				needed++
			}
		}
		if found == len(keys) && needed == b.required[i] {
			for len(out) > needed && !slices.Contains(keys, params[len(out)-1]) {
				out = out[:len(out)-1]
			}
			return out, true
		}
	}
	return nil, false
}

// builtins are all the functions, by name.
var builtins = func() map[string]*builtin {
	all := map[string]*builtin{}
	for _, part := range []map[string]*builtin{numberFunctions(), stringFunctions(), listFunctions(), temporalFunctions(), contextFunctions(), rangeFunctions()} {
		maps.Copy(all, part)
	}
	return all
}()

// asList takes a value that is no list for the list of it alone (DMN 1.3, 10.3.2.9.4).
func asList(v Value) List {
	if l, ok := v.(List); ok {
		return l
	}
	return List{v}
}

// arg takes argument i as a T; a list of one item is taken for the item. False when it is missing or of another kind.
func arg[T any](args []Value, i int) (T, bool) {
	var none T
	if i >= len(args) {
		return none, false
	}
	v := args[i]
	if l, ok := v.(List); ok && len(l) == 1 {
		if t, ok := v.(T); ok {
			return t, true
		}
		v = l[0]
	}
	t, ok := v.(T)
	return t, ok
}

// given tells whether argument i is there and not null.
func given(args []Value, i int) bool { return i < len(args) && args[i] != nil }

// intArg takes argument i as a whole number.
func intArg(args []Value, i int) (int64, bool) {
	n, ok := arg[Number](args, i)
	if !ok {
		return 0, false
	}
	return n.Int64()
}

// listArg takes argument i as a list; null is none.
func listArg(args []Value, i int) (List, bool) {
	if !given(args, i) {
		return nil, false
	}
	return asList(args[i]), true
}
