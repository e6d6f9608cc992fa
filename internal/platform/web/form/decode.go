package form

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Decode makes a JSON object of typed values. What cannot be read as its type stays a string, so that Check says what is wrong with
// it. Fields left empty are absent; values that are not in the schema are ignored.
func (s *Schema) Decode(values url.Values) map[string]any {
	doc := map[string]any{}
	for _, f := range s.fields {
		if s.asked(f, values, len(s.byName)) {
			decodeInto(doc, f, values)
		}
	}
	return doc
}

// asked reports whether a question is asked, by what was answered to those on which it depends. depth bounds the way through them.
func (s *Schema) asked(f *field, values url.Values, depth int) bool {
	if depth < 0 {
		return false // they depend on one another in a circle
	}
	for name, wanted := range f.node.XWhen {
		other := s.byName[name]
		if !s.asked(other, values, depth-1) || !slices.ContainsFunc(values[name], func(v string) bool { return slices.Contains(wanted, v) }) {
			return false
		}
	}
	return true
}

func decodeInto(doc map[string]any, f *field, values url.Values) {
	if f.kind == askGroup {
		group := map[string]any{}
		for _, child := range f.fields {
			decodeInto(group, child, values)
		}
		// A required group that is empty is sent, so that the errors are those of its fields.
		if f.required || !onlyFalse(group) {
			doc[f.key] = group
		}
		return
	}
	if v, given := decodeField(f, values); given {
		doc[f.key] = v
	}
}

// onlyFalse reports whether nothing was answered in a group: boxes that are not ticked are no answer.
func onlyFalse(group map[string]any) bool {
	for _, v := range group {
		if v != false {
			return false
		}
	}
	return true
}

func decodeField(f *field, values url.Values) (v any, given bool) {
	text := strings.TrimSpace(values.Get(f.name))
	switch f.kind {
	case askBoolean:
		return text == "true" || text == "on", true
	case askDate:
		return joinDate(values, f.name)
	case askChoices:
		return decodeChoices(values[f.name])
	case askLong:
		return strings.ReplaceAll(text, "\r\n", "\n"), text != ""
	case askText:
		if f.node.Format != "" {
			text = tidy(text)
		}
		return text, text != ""
	case askInteger:
		if n, err := strconv.ParseInt(Digits(text), 10, 64); err == nil {
			return json.Number(strconv.FormatInt(n, 10)), true
		}
	case askNumber:
		if n := json.Number(Digits(text)); isNumber(n) {
			return n, true
		}
	case askMoney:
		if fen, ok := parseMoney(text); ok {
			return json.Number(strconv.FormatInt(fen, 10)), true
		}
	}
	return text, text != ""
}

func decodeChoices(values []string) (v any, given bool) {
	list := make([]any, 0, len(values))
	for _, one := range values {
		if one != "" {
			list = append(list, one)
		}
	}
	return list, len(list) > 0
}

// grouped is a number with separators of thousands.
var grouped = regexp.MustCompile(`^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$`)

// Digits removes what people put into numbers: full-width signs, thousands separators, spaces. A comma that separates no thousands stays, so
// that the number is refused: whoever writes 12,5 does not mean 125.
func Digits(text string) string {
	text = strings.NewReplacer(" ", "", "¥", "", "元", "").Replace(tidy(text))
	if grouped.MatchString(text) {
		return strings.ReplaceAll(text, ",", "")
	}
	return text
}

// isNumber reports whether n is a JSON number of a size that a form can mean.
func isNumber(n json.Number) bool {
	const longest = 30
	if n == "" || len(n) > longest {
		return false
	}
	var v any
	d := json.NewDecoder(strings.NewReader(string(n)))
	d.UseNumber()
	if d.Decode(&v) != nil || d.More() {
		return false
	}
	_, ok := v.(json.Number)
	return ok && !strings.ContainsAny(string(n), "eE")
}

// parseMoney reads yuan with at most two decimals and gives fen.
func parseMoney(text string) (fen int64, ok bool) {
	text = Digits(text)
	whole, cents, _ := strings.Cut(text, ".")
	if len(cents) > 2 || strings.ContainsAny(cents, "+-") {
		return 0, false
	}
	for len(cents) < 2 {
		cents += "0"
	}
	fen, err := strconv.ParseInt(whole+cents, 10, 64)
	return fen, err == nil && whole != "" && whole != "-" && whole != "+"
}

// Values turns a stored object back into typed values, to fill in a form again.
func (s *Schema) Values(doc map[string]any) url.Values {
	values := url.Values{}
	for _, f := range s.fields {
		encodeInto(values, f, doc)
	}
	return values
}

func encodeInto(values url.Values, f *field, doc map[string]any) {
	v, given := doc[f.key]
	if !given {
		return
	}
	switch f.kind {
	case askGroup:
		if group, ok := v.(map[string]any); ok {
			for _, child := range f.fields {
				encodeInto(values, child, group)
			}
		}
	case askChoices:
		if list, ok := v.([]any); ok {
			for _, one := range list {
				values.Add(f.name, plain(one))
			}
		}
	case askDate:
		encodeDate(values, f.name, plain(v))
	case askMoney:
		values.Set(f.name, yuan(plain(v)))
	default:
		values.Set(f.name, plain(v))
	}
}

func encodeDate(values url.Values, name, text string) {
	parts := strings.SplitN(text, "-", 3)
	for i, suffix := range []string{"-year", "-month", "-day"} {
		if i < len(parts) {
			values.Set(name+suffix, strings.TrimLeft(parts[i], "0"))
		}
	}
}

// yuan turns fen in digits into yuan in digits; what is no number stays as it was typed.
func yuan(fen string) string {
	n, err := strconv.ParseInt(fen, 10, 64)
	if err != nil {
		return fen
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strconv.FormatInt(n%100, 10)
	if n%100 < 10 {
		cents = "0" + cents
	}
	return sign + strconv.FormatInt(n/100, 10) + "." + cents
}

// plain writes a JSON scalar as it is typed.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
