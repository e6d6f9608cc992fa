package form

import (
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Errors are the messages of a checked form by name of field; the name "" is the form as a whole.
type Errors map[string]string

// phone is a mobile number of the mainland, or a landline with its area code.
var phone = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$`)

var (
	dateText = lang.Text{Hans: "请填写日历上有的日期，例如 2026-03-09", Hant: "請填寫日曆上有的日期，例如 2026-03-09",
		En: "Give a date that the calendar has, for instance 2026-03-09"}
	emailText = lang.Text{Hans: "请填写完整的电子邮箱，例如 name@example.com", Hant: "請填寫完整的電子郵箱，例如 name@example.com",
		En: "Give a whole email address, for instance name@example.com"}
	phoneText = lang.Text{Hans: "请填写 11 位手机号码，或者带区号的固定电话，例如 0551-62601234",
		Hant: "請填寫 11 位手機號碼，或者帶區號的固定電話，例如 0551-62601234",
		En:   "Give a mobile number of 11 digits, or a landline with its area code, for instance 0551-62601234"}
)

// withBuiltin adds the formats that every form knows.
func withBuiltin(formats Formats) Formats {
	known := Formats{
		"date": func(v string) *lang.Text {
			_, err := calendar.Parse(v)
			return wrong(err != nil, dateText)
		},
		"email": func(v string) *lang.Text {
			a, err := mail.ParseAddress(v)
			return wrong(err != nil || a.Address != v, emailText)
		},
		"phone": func(v string) *lang.Text { return wrong(!phone.MatchString(v), phoneText) },
	}
	maps.Copy(known, formats)
	return known
}

func wrong(is bool, text lang.Text) *lang.Text {
	if is {
		return &text
	}
	return nil
}

// Check validates an object and says for each field what is wrong and how to mend it; nil when everything is right.
func (s *Schema) Check(l *i18n.Localizer, doc map[string]any) Errors {
	err := s.compiled.Validate(normal(doc))
	if err == nil {
		return nil
	}
	found := Errors{}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		found[""] = l.T("web.form.other", i18n.Args{"Label": ""})
		return found
	}
	s.collect(l, invalid, found)
	return found
}

// normal gives the validator plain JSON values whatever Go types the caller used.
func normal(doc map[string]any) any {
	raw, err := json.Marshal(doc)
	if err != nil {
		return doc
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return doc
	}
	return v
}

// collect walks the tree of errors down to its leaves. A failed oneOf is one error about a choice, not one for each alternative.
func (s *Schema) collect(l *i18n.Localizer, e *jsonschema.ValidationError, found Errors) {
	if missing, ok := e.ErrorKind.(*kind.Required); ok {
		for _, key := range missing.Missing {
			s.put(l, found, append(slices.Clone(e.InstanceLocation), key), e.ErrorKind)
		}
		return
	}
	if _, choice := e.ErrorKind.(*kind.OneOf); choice || len(e.Causes) == 0 {
		s.put(l, found, e.InstanceLocation, e.ErrorKind)
		return
	}
	for _, cause := range e.Causes {
		s.collect(l, cause, found)
	}
}

// put files the message of one error under the field at path; the first message of a field stays.
func (s *Schema) put(l *i18n.Localizer, found Errors, path []string, k jsonschema.ErrorKind) {
	f := s.at(path)
	if f == nil {
		found[""] = l.T("web.form.other", i18n.Args{"Label": strings.Join(path, ".")})
		return
	}
	if _, already := found[f.name]; !already {
		found[f.name] = f.message(l, k)
	}
}

// at finds the field of a path into the object; a path into an array is that of its field.
func (s *Schema) at(path []string) *field {
	for n := min(len(path), 2); n > 0; n-- {
		if f := s.byName[strings.Join(path[:n], ".")]; f != nil {
			return f
		}
	}
	return nil
}

// message says what is wrong and how to mend it.
func (f *field) message(l *i18n.Localizer, k jsonschema.ErrorKind) string {
	label := l.Text(f.title)
	args := i18n.Args{"Label": label}
	say := func(key string) string { return l.T("web.form."+key, args) }
	switch k := k.(type) {
	case *kind.Required:
		return f.missing(l, args)
	case *kind.Type:
		return f.wrongType(l, args)
	case *kind.Enum, *kind.OneOf:
		return say("choose")
	case *kind.Const:
		return say("tick")
	case *kind.Format:
		var own *formatError
		if errors.As(k.Err, &own) {
			args["Text"] = l.Text(own.text)
			return say("format")
		}
		return say("date")
	case *kind.Pattern:
		args["Text"] = l.Text(f.node.XPattern)
		return say("format")
	case *kind.MaxLength:
		args["Max"], args["Got"] = k.Want, k.Got
		return say("max-length")
	case *kind.MinLength:
		args["Min"], args["Got"] = k.Want, k.Got
		return say("min-length")
	case *kind.Minimum:
		args["Min"] = f.amount(l, k.Want)
		return say("minimum")
	case *kind.Maximum:
		args["Max"] = f.amount(l, k.Want)
		return say("maximum")
	case *kind.ExclusiveMinimum:
		args["Min"] = f.amount(l, k.Want)
		return say("above")
	case *kind.ExclusiveMaximum:
		args["Max"] = f.amount(l, k.Want)
		return say("below")
	case *kind.MinItems:
		args["Min"] = k.Want
		return say("min-items")
	case *kind.MaxItems:
		args["Max"] = k.Want
		return say("max-items")
	}
	return say("other")
}

func (f *field) missing(l *i18n.Localizer, args i18n.Args) string {
	switch f.kind {
	case askChoice, askChoices:
		return l.T("web.form.choose", args)
	case askBoolean:
		return l.T("web.form.tick", args)
	default:
		return l.T("web.form.required", args)
	}
}

func (f *field) wrongType(l *i18n.Localizer, args i18n.Args) string {
	switch f.kind {
	case askInteger:
		return l.T("web.form.integer", args)
	case askNumber:
		return l.T("web.form.number", args)
	case askMoney:
		return l.T("web.form.money", args)
	default:
		return l.T("web.form.other", args)
	}
}

// amount writes a bound as people read it: money in yuan.
func (f *field) amount(l *i18n.Localizer, r *big.Rat) string {
	if f.kind == askMoney && r.IsInt() {
		return l.Money(r.Num().Int64())
	}
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(6), "0")
}

// Named puts the name of a field before what a rule of the server says of it, unless its words name it already. What is said of no
// field of the form stays as it is.
func (s *Schema) Named(l *i18n.Localizer, name, text string) string {
	f := s.byName[name]
	if f == nil {
		return text
	}
	label := l.Text(f.title)
	if strings.Contains(text, label) {
		return text
	}
	return l.T("web.form.named", i18n.Args{"Label": label, "Text": text})
}

// Summary lists the errors in the order of the form, for ui.ErrorSummary.
func (s *Schema) Summary(found Errors) []ui.FieldError {
	list := make([]ui.FieldError, 0, len(found))
	if text, ok := found[""]; ok {
		list = append(list, ui.FieldError{Text: text})
	}
	for _, f := range s.fields {
		for _, one := range append([]*field{f}, f.fields...) {
			if text, ok := found[one.name]; ok {
				list = append(list, ui.FieldError{Field: one.name, Text: text})
			}
		}
	}
	return list
}

// Rows shows an object as names and values in the reader's language, for the page on which answers are checked. change, when given,
// returns the address at which a field can be changed.
func (s *Schema) Rows(l *i18n.Localizer, doc map[string]any, change func(name string) string) []ui.Row {
	var rows []ui.Row
	for _, f := range s.fields {
		if f.kind == askGroup {
			group, _ := doc[f.key].(map[string]any) // absent when nothing was answered
			for _, child := range f.fields {
				row := child.row(l, group, change)
				row.Key = l.Text(f.title) + l.T("web.form.of") + row.Key
				rows = append(rows, row)
			}
			continue
		}
		rows = append(rows, f.row(l, doc, change))
	}
	return rows
}

func (f *field) row(l *i18n.Localizer, doc map[string]any, change func(string) string) ui.Row {
	row := ui.Row{Key: l.Text(f.title), Value: f.show(l, doc[f.key])}
	if change != nil {
		row.Action = ui.Link{Href: change(f.name), Text: l.T("web.form.change")}
		row.ActionFor = row.Key
	}
	return row
}

// join writes a list: where its parts are not single words but hold commas of their own, by what parts more than a comma.
func join(l *i18n.Localizer, words []string) string {
	if slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "、，；,;") }) {
		return strings.Join(words, l.T("web.form.semicolon"))
	}
	return strings.Join(words, l.T("web.form.and"))
}

// show writes a value as people read it.
func (f *field) show(l *i18n.Localizer, v any) string {
	text := plain(v)
	switch f.kind {
	case askBoolean:
		if text == "true" {
			return l.T("web.form.yes")
		}
		return l.T("web.form.no")
	case askChoice:
		return f.words(l, text)
	case askChoices:
		list, _ := v.([]any) // absent when nothing was chosen
		words := make([]string, 0, len(list))
		for _, one := range list {
			words = append(words, f.words(l, plain(one)))
		}
		return join(l, words)
	case askDate:
		if date, err := calendar.Parse(text); err == nil {
			return l.Date(date)
		}
	case askMoney:
		if fen, ok := new(big.Int).SetString(text, 10); ok && fen.IsInt64() {
			return l.Money(fen.Int64())
		}
	}
	if suffix := l.Text(f.node.XSuffix); suffix != "" && text != "" {
		if r, _ := utf8.DecodeRuneInString(suffix); r < utf8.RuneSelf {
			return text + " " + suffix
		}
		return text + suffix
	}
	return text
}

func (f *field) words(l *i18n.Localizer, value string) string {
	for _, o := range f.options {
		if o.value == value {
			return l.Text(o.title)
		}
	}
	return value
}
