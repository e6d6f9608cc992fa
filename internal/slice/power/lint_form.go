package power

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"openhall.org/openhall/internal/core/lang"
)

// fieldFormats are the formats that the platform's forms know.
var fieldFormats = []string{"id-card", "uscc", "phone", "date", "money", "email", "textarea"}

// field is what a form's page needs to know of a property.
type field struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	XTitle struct {
		Hant string `json:"zh-Hant"`
		En   string `json:"en"`
	} `json:"x-title"`
	Format     string               `json:"format"`
	Enum       []string             `json:"enum"`
	Labels     map[string]lang.Text `json:"x-labels"`
	Properties map[string]field     `json:"properties"`
	Items      *field               `json:"items"`
	Required   []string             `json:"required"`
}

// form checks that the application form and the procedure exist, and that the form is a JSON Schema whose fields have a label in
// three languages.
func (l *linter) form() {
	it := l.it
	if it.Procedure != "" && l.around.Procedure != nil && !l.around.Procedure(it.Procedure) {
		l.fail("procedure.unknown", "procedure", say("没有流程“%s”，请改正名称或先发布流程。", "沒有流程「%s」，請改正名稱或先發布流程。", "There is no procedure “%s”: correct its key or publish it first.", it.Procedure))
	}
	if it.Form == "" || l.around.Form == nil {
		return
	}
	schema, ok := l.around.Form(it.Form)
	if !ok {
		l.fail("form.unknown", "form", say("没有表单“%s”，请改正名称或先建表单。", "沒有表單「%s」，請改正名稱或先建表單。", "There is no form “%s”: correct its key or make it first.", it.Form))
		return
	}
	if err := compile(schema); err != nil {
		l.fail("form.schema", "form", say("表单“%s”不是有效的 JSON Schema：%v。", "表單「%s」不是有效的 JSON Schema：%v。", "The form “%s” is no valid JSON Schema: %v.", it.Form, err))
		return
	}
	var root field
	if err := json.Unmarshal(schema, &root); err != nil || root.Type != "object" || len(root.Properties) == 0 {
		l.fail("form.schema", "form", say("表单“%s”的顶层应为含有字段的 object。", "表單「%s」的頂層應為含有字段的 object。", "The form “%s” must be an object with properties.", it.Form))
		return
	}
	l.formFields("form", root)
}

// compile reports whether the schema is one; it reads nothing but the schema itself.
func compile(schema []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(jsonschema.SchemeURLLoader{})
	if err := c.AddResource("form.json", doc); err != nil {
		return err
	}
	_, err = c.Compile("form.json")
	return err
}

func (l *linter) formFields(path string, object field) {
	for _, name := range object.Required {
		if _, ok := object.Properties[name]; !ok {
			l.fail("form.required", path+"."+name, say("必填字段“%s”不存在，请从 required 中删除或补上字段。", "必填字段「%s」不存在，請從 required 中刪除或補上字段。", "The required field “%s” doesn't exist: add it or take it from “required”.", name))
		}
	}
	names := make([]string, 0, len(object.Properties))
	for name := range object.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, at := object.Properties[name], path+"."+name
		if f.Title == "" || f.XTitle.Hant == "" || f.XTitle.En == "" {
			l.fail("form.label", at, say("字段“%s”缺少三种语言的名称，请填 title 和 x-title。", "字段「%s」缺少三種語言的名稱，請填 title 和 x-title。", "The field “%s” lacks a label in a language: fill in title and x-title.", name))
		}
		if f.Format != "" && !slices.Contains(fieldFormats, f.Format) {
			l.fail("form.format", at, say("字段“%s”的格式“%s”无人识别，可用：%s。", "字段「%s」的格式「%s」無人識別，可用：%s。", "The format of the field “%s”, “%s”, isn't known: %s.", name, f.Format, fieldFormats))
		}
		choices := f
		if f.Items != nil {
			choices = *f.Items
		}
		for _, value := range choices.Enum {
			if !choices.Labels[value].Complete() {
				l.fail("form.choice", at, say("字段“%s”的选项“%s”缺少三种语言的名称，请填 x-labels。", "字段「%s」的選項「%s」缺少三種語言的名稱，請填 x-labels。", "The choice “%[2]s” of the field “%[1]s” lacks a label in a language: fill in x-labels.", name, value))
			}
		}
		l.formFields(at, f)
	}
}
