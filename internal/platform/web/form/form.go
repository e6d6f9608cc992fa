package form

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

// maxMemory is how much of an upload is held in memory, in bytes; the rest waits on disk.
const maxMemory = 1 << 20

// Form is what was typed and what is wrong with it. The zero value is an empty form.
type Form struct {
	values url.Values
	errors map[string]string
	order  []string
}

// Parse reads the form of a request, urlencoded or multipart. Files stay with the request. Fields named as files hold the text of a file, which
// stays as it was sent; signs that nobody sees are left out of all others.
func Parse(r *http.Request, files ...string) (*Form, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return nil, fmt.Errorf("read form: %w", err)
	}
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(maxMemory) //nolint:gosec // the shell limits the body of every route
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	for name, values := range r.PostForm {
		if slices.Contains(files, name) {
			continue
		}
		for i, value := range values {
			values[i] = readable(value)
		}
	}
	return Of(r.PostForm), nil
}

// readable leaves out of what was sent the signs that nobody types and nobody sees, but which come along with what is copied from elsewhere: control
// characters (PostgreSQL stores no NUL, no font prints the others), marks that turn the direction of a line (Unicode bidi controls), which
// make a text read other than it is, and bytes that are no character.
func readable(value string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return c
		case unicode.Is(unicode.Cc, c), c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069, c == 0xFEFF, c >= 0xFDD0 && c <= 0xFDEF, c&0xFFFE == 0xFFFE:
			return -1
		}
		return c
	}, strings.ToValidUTF8(value, ""))
}

// Of returns a form with these values typed in.
func Of(values url.Values) *Form { return &Form{values: values} }

// Value returns what was typed, without spaces around it.
func (f *Form) Value(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// All returns every value sent under name, as checkboxes do.
func (f *Form) All(name string) []string { return f.values[name] }

// Values returns everything that was typed.
func (f *Form) Values() url.Values { return f.values }

// Fail records what is wrong with a field; the first message for a field stays. An empty name means the form as a whole.
func (f *Form) Fail(name, text string) {
	if f.errors == nil {
		f.errors = map[string]string{}
	}
	if _, already := f.errors[name]; already {
		return
	}
	f.errors[name] = text
	f.order = append(f.order, name)
}

// Error returns what is wrong with a field, or "".
func (f *Form) Error(name string) string { return f.errors[name] }

// Valid reports whether nothing is wrong.
func (f *Form) Valid() bool { return len(f.errors) == 0 }

// Summary lists what is wrong, in the order in which it was found, for ui.ErrorSummary.
func (f *Form) Summary() []ui.FieldError {
	list := make([]ui.FieldError, 0, len(f.order))
	for _, name := range f.order {
		list = append(list, ui.FieldError{Field: name, Text: f.errors[name]})
	}
	return list
}

// Required returns the value of a field and fails when it is empty.
func (f *Form) Required(l *i18n.Localizer, name, label string) string {
	value := f.Value(name)
	if value == "" {
		f.Fail(name, l.T("web.form.required", i18n.Args{"Label": label}))
	}
	return value
}

// Limited is Required with at most limit characters.
func (f *Form) Limited(l *i18n.Localizer, name, label string, limit int) string {
	value := f.Required(l, name, label)
	if n := utf8.RuneCountInString(value); n > limit {
		f.Fail(name, l.T("web.form.max-length", i18n.Args{"Label": label, "Max": limit, "Got": n}))
	}
	return value
}

// Choice returns the value of a field and fails unless it is one of the options.
func (f *Form) Choice(l *i18n.Localizer, name, label string, options []ui.Option) string {
	value := f.Value(name)
	for _, o := range options {
		if o.Value == value && value != "" && !o.Disabled {
			return value
		}
	}
	f.Fail(name, l.T("web.form.choose", i18n.Args{"Label": label}))
	return ""
}

// DateParts returns the three parts of a date field as they were typed.
func (f *Form) DateParts(name string) ui.DateParts { return datePartsOf(f.values, name) }

// Date returns the date of a date field and fails when it is empty or no day of the calendar.
func (f *Form) Date(l *i18n.Localizer, name, label string) calendar.Date {
	text, given := joinDate(f.values, name)
	if !given {
		f.Fail(name, l.T("web.form.required", i18n.Args{"Label": label}))
		return 0
	}
	date, err := calendar.Parse(text)
	if err != nil {
		f.Fail(name, l.T("web.form.date", i18n.Args{"Label": label}))
		return 0
	}
	return date
}

func datePartsOf(values url.Values, name string) ui.DateParts {
	return ui.DateParts{Year: values.Get(name + "-year"), Month: values.Get(name + "-month"), Day: values.Get(name + "-day")}
}

// joinDate makes YYYY-MM-DD of the parts; what is no number is joined as it is, so that it fails as a date and not silently.
func joinDate(values url.Values, name string) (text string, given bool) {
	if whole := tidy(values.Get(name)); whole != "" {
		return whole, true
	}
	parts := datePartsOf(values, name)
	year, month, day := tidy(parts.Year), tidy(parts.Month), tidy(parts.Day)
	if year == "" && month == "" && day == "" {
		return "", false
	}
	return year + "-" + padded(month) + "-" + padded(day), true
}

func padded(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// tidy removes spaces around s and turns full-width letters and digits, which Chinese keyboards give, into ordinary ones.
func tidy(s string) string { return strings.TrimSpace(width.Narrow.String(s)) }

// ErrSchema is wrapped by every error of Compile.
var ErrSchema = errors.New("form schema")
