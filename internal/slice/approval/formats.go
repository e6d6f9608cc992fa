package approval

import (
	"errors"
	"time"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/form"
)

// identifierFormats are the formats of form schemas that package identifier checks.
var identifierFormats = []identifier.Kind{identifier.KindIDCard, identifier.KindUSCC, identifier.KindPhone}

// formatError carries the words of an identifier error to whoever shows the field.
type formatError struct{ cause *identifier.Error }

func (e formatError) Error() string { return e.cause.Error() }

// Message says which character is wrong, why, and how to mend it.
func (e formatError) Message() lang.Text { return e.cause.Text }

func checkFormat(kind identifier.Kind, value string, now time.Time) error {
	_, err := identifier.Check(kind, value, now)
	var wrong *identifier.Error
	if errors.As(err, &wrong) {
		return formatError{wrong}
	}
	return err
}

// StepFormats are the formats for [casework.LoadForms] and [casework.NewForm].
func StepFormats(now func() time.Time) map[string]casework.Format {
	formats := map[string]casework.Format{}
	for _, kind := range identifierFormats {
		formats[string(kind)] = func(value string) error { return checkFormat(kind, value, now()) }
	}
	return formats
}

// PageFormats are the same for [form.Compile].
func PageFormats(now func() time.Time) form.Formats {
	formats := form.Formats{}
	for _, kind := range identifierFormats {
		formats[string(kind)] = func(value string) *lang.Text {
			var wrong formatError
			if errors.As(checkFormat(kind, value, now()), &wrong) {
				return &wrong.cause.Text
			}
			return nil
		}
	}
	return formats
}
