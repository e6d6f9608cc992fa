package feel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FromJSON reads a JSON value: objects become contexts that keep the order of their members, numbers keep their digits. Dates have
// no form in JSON: they stay texts, which an expression reads with date("…") and the like.
func FromJSON(data []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decode(d, 0)
	if err != nil {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read variables: expected one JSON value but more follows it")
	}
	return v, nil
}

func decode(d *json.Decoder, depth int) (Value, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return numberValue(t.String())
	case json.Delim:
		if t == '[' {
			return decodeList(d, depth)
		}
		return decodeContext(d, depth)
	default: // nil, bool, string
		return t, nil
	}
}

func decodeList(d *json.Decoder, depth int) (Value, error) {
	l := List{}
	for d.More() {
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	_, err := d.Token()
	return l, err
}

func decodeContext(d *json.Decoder, depth int) (Value, error) {
	c := NewContext()
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		c.set(Entry{fmt.Sprint(k), v})
	}
	_, err := d.Token()
	return c, err
}

// FromAny takes what Go programs hold: values of this package, nil, booleans, strings, all numbers, [json.Number], [time.Time],
// [time.Duration], maps with string keys and slices of such. Anything else is an error, and so is a float that is no number.
func FromAny(v any) (Value, error) { return fromAny(v, 0) }

func fromAny(v any, depth int) (Value, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	switch v := v.(type) {
	case nil, bool, string, Number, Date, Time, DateTime, Duration, YearsMonths, List, *Context, Range, *Function:
		return v, nil
	case int:
		return Int(int64(v)), nil
	case int64:
		return Int(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: %v", ErrNumber, v)
		}
		return numberValue(strconv.FormatFloat(v, 'g', -1, 64))
	case json.Number:
		return numberValue(v.String())
	case time.Time:
		return DateTimeOf(v), nil
	case time.Duration:
		return DurationOf(v), nil
	}
	return fromReflect(reflect.ValueOf(v), depth)
}

func numberValue(s string) (Value, error) {
	n, err := ParseNumber(s)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// fromReflect takes the kinds of which there are too many to name.
func fromReflect(r reflect.Value, depth int) (Value, error) {
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int(r.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return numberValue(strconv.FormatUint(r.Uint(), 10))
	case reflect.Float32:
		return numberValue(strconv.FormatFloat(r.Float(), 'g', -1, 32))
	case reflect.String:
		return r.String(), nil
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.Slice, reflect.Array:
		out := make(List, r.Len())
		for i := range out {
			x, err := fromAny(r.Index(i).Interface(), depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	case reflect.Map:
		if r.Type().Key().Kind() == reflect.String {
			return fromMap(r, depth)
		}
	}
	return nil, fmt.Errorf("a %s is no FEEL value", r.Type())
}

// fromMap orders the entries by key, as a map of Go has no order.
func fromMap(r reflect.Value, depth int) (Value, error) {
	c := NewContext()
	keys := r.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		x, err := fromAny(r.MapIndex(k).Interface(), depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		c.set(Entry{k.String(), x})
	}
	return c, nil
}

// FromGo gives variables held as Go values to expressions, as [FromAny] takes them; what that refuses is null. A variable is
// converted when it is asked for.
func FromGo(vars map[string]any) Scope { return goScope(vars) }

type goScope map[string]any

// Lookup implements [Scope].
func (s goScope) Lookup(name string) (Value, bool) {
	x, ok := s[name]
	v, _ := FromAny(x) // with an error, v is null
	return v, ok
}

// ToJSON gives v as encoding/json writes it: null, booleans, strings, [json.Number] with all digits, []any and map[string]any.
// Dates, times and durations become texts in ISO 8601, intervals texts in FEEL, functions null.
func ToJSON(v Value) any {
	switch v := v.(type) {
	case bool, string:
		return v
	case Number:
		return json.Number(v.String())
	case Date, Time, DateTime, Duration, YearsMonths:
		return temporalString(v)
	case List:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = ToJSON(x)
		}
		return out
	case *Context:
		out := make(map[string]any, v.Len())
		for k, x := range v.All() {
			out[k] = ToJSON(x)
		}
		return out
	case Range:
		var b strings.Builder
		printRange(&b, v)
		return b.String()
	default:
		return nil
	}
}
