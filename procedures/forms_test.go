package procedures_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/procedures"
)

func formFiles(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := fs.Glob(procedures.Files, "forms/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := procedures.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(path.Base(name), ".json")] = data
	}
	return files
}

// TestFormsAreThoseOfTheSteps: every step has its form, and every form a step.
func TestFormsAreThoseOfTheSteps(t *testing.T) {
	files := formFiles(t)
	used := map[string]bool{}
	for _, key := range keys {
		for _, e := range read(t, key).Elements() {
			if !e.Kind.ByPerson() {
				continue
			}
			used[e.Form] = true
			if files[e.Form] == nil {
				t.Errorf("%s: %s has the form %q, which does not exist", key, e.ID, e.Form)
			}
		}
	}
	for key := range files {
		if !used[key] {
			t.Errorf("form %s belongs to no step", key)
		}
	}
}

// words are those of a form, a field or a choice.
type words struct {
	Title       string
	XTitle      lang.Text `json:"x-title"`
	Description string
	XHint       lang.Text `json:"x-hint"`
}

func (w words) complete() bool {
	title := lang.Text{Hans: w.Title, Hant: w.XTitle.Hant, En: w.XTitle.En}
	hint := lang.Text{Hans: w.Description, Hant: w.XHint.Hant, En: w.XHint.En}
	return title.Complete() && (hint.IsZero() || hint.Complete())
}

// TestFormsSpeakThreeLanguages: all that a person reads in a form is there in all of them.
func TestFormsSpeakThreeLanguages(t *testing.T) {
	for key, data := range formFiles(t) {
		var schema struct {
			words
			Properties map[string]struct {
				words
				OneOf []words
			}
		}
		if err := json.Unmarshal(data, &schema); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if !schema.complete() || len(schema.Properties) == 0 {
			t.Errorf("%s has no title in three languages, or no fields", key)
		}
		for name, p := range schema.Properties {
			if !p.complete() || slices.ContainsFunc(p.OneOf, func(w words) bool { return !w.complete() }) {
				t.Errorf("%s: %s is not in three languages", key, name)
			}
		}
	}
}

// TestPublicFieldsHoldNoText: what stands in clear in the log is a choice, a number or a day; the outcome is in clear and decides
// the way.
func TestPublicFieldsHoldNoText(t *testing.T) {
	for key, data := range formFiles(t) {
		var schema struct {
			Properties map[string]struct {
				Type, Format string
				OneOf        []any
				Public       bool `json:"x-public"`
				Variable     bool `json:"x-variable"`
			}
			AdditionalProperties *bool
		}
		if err := json.Unmarshal(data, &schema); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if schema.AdditionalProperties == nil || *schema.AdditionalProperties {
			t.Errorf("%s takes fields that it does not know", key)
		}
		for name, p := range schema.Properties {
			free := p.Type == "string" && p.Format != "date" && len(p.OneOf) == 0
			if free && (p.Public || p.Variable) {
				t.Errorf("%s: %s is free text in clear", key, name)
			}
			if name == "outcome" && !(p.Public && p.Variable) {
				t.Errorf("%s: the outcome is hidden", key)
			}
		}
	}
}

// TestFormsAsk: what each step must say, as the law has it.
func TestFormsAsk(t *testing.T) {
	files := formFiles(t)
	for _, row := range []struct{ form, data, wrong string }{
		{"explain-card", `{"cause":"workload"}`, "/statement"},
		{"explain-card", `{"cause":"workload","statement":"三人请假"}`, ""},
		{"verify-card", `{"outcome":"excused","reasons":"已核实"}`, "/ground"}, // the log says on what ground
		{"verify-card", `{"outcome":"excused","reasons":"已核实","ground":"no-excuse"}`, "/ground"},
		{"verify-card", `{"outcome":"excused","reasons":"已核实","ground":"outage"}`, ""},
		{"verify-card", `{"outcome":"upheld","ground":"no-excuse"}`, "/reasons"},
		{"verify-card", `{"outcome":"return","reasons":"请补充系统日志"}`, ""},
		{"account-card", `{"measures":[],"findings":"已谈话"}`, "/measures"},
		{"account-card", `{"measures":["correct"],"findings":"已谈话"}`, "/deadline"},
		{"account-card", `{"measures":["education","interview"],"findings":"已谈话"}`, ""},
		{"answer-order", `{"outcome":"done"}`, "/answer"},
		{"accept-order", `{"outcome":"return"}`, "/remark"},
		{"accept-order", `{"outcome":"accepted"}`, ""},
		{"receive", `{"outcome":"accept"}`, ""},
		{"receive", `{}`, "/outcome"},
		{"receive", `{"outcome":"grant"}`, "/outcome"},
		{"receive", `{"outcome":"correct"}`, "/missing"}, // art. 32: everything at once
		{"receive", `{"outcome":"correct","missing":"法定代表人身份证明"}`, ""},
		{"receive", `{"outcome":"reject"}`, "/reasons"},
		{"receive", `{"outcome":"accept","extra":1}`, "/extra"},
		{"recheck", `{"outcome":"correct"}`, "/outcome"}, // art. 32: one notice
		{"recheck", `{"outcome":"reject","reasons":"未提交"}`, ""},
		{"supplement", `{}`, ""},
		{"supplement", `{"note":"已补"}`, ""},
		{"examine", `{"outcome":"approve"}`, "/opinion"},
		{"examine", `{"outcome":"approve","opinion":"符合条件"}`, ""},
		{"examine", `{"outcome":"hearing","opinion":"涉及重大利益"}`, "/days"}, // art. 45: the time is told
		{"examine", `{"outcome":"expert","opinion":"技术复杂","days":20}`, ""},
		{"examine", `{"outcome":"extend","opinion":"情况复杂"}`, ""},
		{"hearing", `{"held":"2026-03-20"}`, "/record"}, // art. 48: the decision follows the record
		{"hearing", `{"held":"2026-02-30","record":"见笔录"}`, "/held"},
		{"inspect", `{"outcome":"pass","inspected":"2026-03-20","officers":1,"findings":"合格"}`, "/officers"}, // art. 34: two or more
		{"inspect", `{"outcome":"pass","inspected":"2026-03-20","officers":2,"findings":"合格"}`, ""},
		{"expert-review", `{"outcome":"fail","reviewed":"2026-03-20","experts":5,"findings":"不足"}`, ""},
		{"approve-extension", `{"outcome":"no"}`, ""},
		{"approve-extension", `{"outcome":"yes"}`, "/reasons"}, // art. 42: the reasons are told
		{"decide", `{"outcome":"grant","validUntil":"2031-03-19"}`, ""},
		{"decide", `{"outcome":"refuse"}`, "/reasons"}, // art. 38
		{"decide", `{"outcome":"return"}`, "/reasons"},
		{"review", `{"outcome":"refuse"}`, "/reasons"},
		{"review", `{"outcome":"grant"}`, ""},
		{"handle", `{"outcome":"correct"}`, "/missing"},
		{"handle", `{"outcome":"refuse"}`, "/reasons"},
		{"handle-corrected", `{"outcome":"correct","reasons":"再补"}`, "/outcome"},
		{"handle-corrected", `{"outcome":"grant"}`, ""},
		{"investigate", `{"outcome":"approve","visited":"2026-03-05","officers":2,"findings":"人均收入低于标准"}`, ""},
		{"investigate", `{"outcome":"approve","visited":"2026-03-05","officers":1,"findings":"人均收入低于标准"}`, "/officers"},
		{"handle-objection", `{"outcome":"dismissed"}`, "/findings"},
		{"deliver", `{"manner":"electronic","delivered":"2026-03-20"}`, ""},
		{"deliver", `{"manner":"post","delivered":"2026-03-20"}`, "/tracking"},
		{"deliver", `{"manner":"pick-up","delivered":"2026-03-20"}`, "/receiver"},
		{"deliver", `{"manner":"post"}`, "/delivered /tracking"},
	} {
		if got := strings.Join(wrong(t, files[row.form], row.data), " "); got != row.wrong {
			t.Errorf("%s %s: wrong are %q, want %q", row.form, row.data, got, row.wrong)
		}
	}
}

// wrong returns the fields of the data that the form refuses, in order.
func wrong(t *testing.T, schema []byte, data string) []string {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("form", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("form")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var invalid *jsonschema.ValidationError
	if err := compiled.Validate(value); !errors.As(err, &invalid) {
		return nil
	}
	fields := refused(invalid)
	slices.Sort(fields)
	return slices.Compact(fields)
}

// refused gathers the fields named by the innermost causes of an error.
func refused(e *jsonschema.ValidationError) []string {
	var fields []string
	for _, cause := range e.Causes {
		fields = append(fields, refused(cause)...)
	}
	if len(fields) > 0 {
		return fields
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		fields = k.Missing
	case *kind.AdditionalProperties:
		fields = k.Properties
	default:
		return []string{"/" + strings.Join(e.InstanceLocation, "/")}
	}
	for i := range fields {
		fields[i] = "/" + fields[i]
	}
	return fields
}
