package api

import (
	"os"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
)

// TestFieldOf gives the words that huma uses; when a new version says it in others, this fails.
func TestFieldOf(t *testing.T) {
	for _, row := range []struct{ location, message, place, code string }{
		{"body", strings.Replace(validation.MsgExpectedRequiredProperty, "%s", "item", 1), "/item", "required"},
		{"body.files[3]", strings.Replace(validation.MsgExpectedRequiredProperty, "%s", "id", 1), "/files/3/id", "required"},
		{"body.files[3].id", validation.MsgUnexpectedProperty, "/files/3/id", "unknown"},
		{"body[2]", validation.MsgExpectedString, "/2", "type"},
		{"body", validation.MsgExpectedObject, "", "type"},
		{"body.a", validation.MsgExpectedOneOf, "/a", "enum"},
		{"body.a", validation.MsgExpectedMinimumNumber, "/a", "range"},
		{"body.a", validation.MsgExpectedMaximumNumber, "/a", "range"},
		{"body.a", validation.MsgExpectedMinLength, "/a", "length"},
		{"body.a", validation.MsgExpectedMaxLength, "/a", "length"},
		{"body.a", "expected length >= 1", "/a", "required"},
		{"body.a", validation.MsgExpectedMaxItems, "/a", "items"},
		{"body.a", validation.MsgExpectedMatchPattern, "/a", "format"},
		{"body.a", validation.MsgExpectedBePattern, "/a", "format"},
		{"body.a", validation.MsgExpectedRFC3339Date, "/a", "format"},
		{"body.a", validation.MsgExpectedInteger, "/a", "type"},
		{"body.a", validation.MsgExpectedNumber, "/a", "type"},
		{"query.limit", "invalid integer", "limit", "invalid"},
		{"query.lmit", "unknown query parameter", "lmit", "unknown"},
		{"header.Idempotency-Key", "required header parameter is missing", "Idempotency-Key", "required"},
	} {
		f := fieldOf(&huma.ErrorDetail{Location: row.location, Message: row.message, Value: "personal"})
		if f.Pointer+f.Parameter != row.place || f.Code != row.code || (f.Parameter != "") != !strings.HasPrefix(row.location, "body") {
			t.Errorf("%s %q: %+v, want %s %s", row.location, row.message, f, row.place, row.code)
		}
	}
}

// TestWords: every code of a field and of a status has words in three languages.
func TestWords(t *testing.T) {
	data, err := os.ReadFile("locales/api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]lang.Text
	if err := yaml.Unmarshal(data, &words); err != nil {
		t.Fatal(err)
	}
	for key, text := range words {
		if !text.Complete() {
			t.Errorf("%s is not there in every language", key)
		}
	}
	var keys []string
	for _, f := range findings {
		keys = append(keys, "api.field."+f.code)
	}
	for status := 400; status < 600; status++ {
		keys = append(keys, statusKey(status), "api.problem."+statusCode(status))
	}
	for _, key := range keys {
		if words[key].IsZero() {
			t.Errorf("%s has no words", key)
		}
	}
}

func FuzzFieldOf(f *testing.F) {
	for _, seed := range []string{"body.files[3].id", "body[0][1]", "query.limit", "body.", "[", "body.a[", ""} {
		f.Add(seed, "expected required property x to be present")
	}
	f.Fuzz(func(t *testing.T, location, message string) {
		got := fieldOf(&huma.ErrorDetail{Location: location, Message: message})
		if got.Pointer != "" && got.Pointer[0] != '/' {
			t.Errorf("%q is no JSON pointer", got.Pointer)
		}
		if got.Pointer != "" && got.Parameter != "" {
			t.Errorf("%q lies both in the body and outside", location)
		}
	})
}
