package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
)

// FieldKind is what a field asks for.
type FieldKind string

// The kinds of fields, in the order in which the builder offers them.
const (
	Short   FieldKind = "short"   // one line
	Long    FieldKind = "long"    // several lines
	Whole   FieldKind = "whole"   // a whole number
	Money   FieldKind = "money"   // in yuan
	Day     FieldKind = "day"     // a date
	YesNo   FieldKind = "yes-no"  // a box to tick
	OneOf   FieldKind = "one-of"  // one of several answers
	SomeOf  FieldKind = "some-of" // any of several answers
	Phone   FieldKind = "phone"
	Email   FieldKind = "email"
	IDCard  FieldKind = "id-card" // 身份证号
	Company FieldKind = "uscc"    // 统一社会信用代码
)

// FieldKinds lists the kinds.
func FieldKinds() []FieldKind {
	return []FieldKind{Short, Long, Whole, Money, Day, YesNo, OneOf, SomeOf, Phone, Email, IDCard, Company}
}

// FormField is one field of the form of a step.
type FormField struct {
	Name     string // under which conditions of the chart know it
	Kind     FieldKind
	Title    lang.Text
	Hint     lang.Text
	Required bool
	Public   bool // stands in the log in clear; all others are sealed
	Variable bool // conditions of the chart may look at it
	Max      int  // characters, or the largest number; 0: the usual bound
	Min      int
	Options  []FieldOption
}

// FieldOption is one answer to choose.
type FieldOption struct {
	Value string
	Title lang.Text
}

// Rule asks for a field when another has been answered in some way (例如：结果为“不予”时必须填写理由).
type Rule struct{ When, Is, Then string }

// Design is the form of a step as the builder knows it.
type Design struct {
	Title  lang.Text
	Fields []FormField
	Rules  []Rule
}

// Bounds of a form.
const (
	maxFields  = 60
	maxOptions = 40
	maxRules   = 60
	maxHint    = 500 // characters
	shortText  = 100 // from which on a page asks in several lines
	longText   = 5_000
)

// free reports whether people write what they like in such a field, or who they are. That never stands in clear: neither in the log, which
// keeps it for ever, nor among the variables of the case.
func (k FieldKind) free() bool {
	switch k {
	case Short, Long, Phone, Email, IDCard, Company:
		return true
	default:
		return false
	}
}

var fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,39}$`)

// Check says what is wrong with a design: field, rule, remedy.
func (d *Design) Check() error {
	seen := map[string]bool{}
	switch {
	case strings.TrimSpace(d.Title.Hans) == "":
		return refuse("/form-title", "required", lang.Text{Hans: "请填写表单名称", Hant: "請填寫表單名稱", En: "Give the form a name"})
	case len(d.Fields) > maxFields:
		return refuse("/name", "maxItems", lang.Text{Hans: fmt.Sprintf("一张表单最多 %d 项", maxFields), Hant: fmt.Sprintf("一張表單最多 %d 項", maxFields), En: fmt.Sprintf("A form has at most %d fields", maxFields)})
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if err := f.check(seen[f.Name]); err != nil {
			return err
		}
		seen[f.Name] = true
	}
	if len(d.Rules) > maxRules {
		return refuse("/then", "maxItems", lang.Text{Hans: fmt.Sprintf("一张表单最多 %d 条规则", maxRules), Hant: fmt.Sprintf("一張表單最多 %d 條規則", maxRules), En: fmt.Sprintf("A form has at most %d rules", maxRules)})
	}
	for _, r := range d.Rules {
		if utf8.RuneCountInString(r.Is) > shortText {
			return refuse("/is", "maxLength", lang.Text{Hans: fmt.Sprintf("规则所比较的内容不超过 %d 字", shortText), Hant: fmt.Sprintf("規則所比較的內容不超過 %d 字", shortText), En: fmt.Sprintf("What a rule compares with has at most %d characters", shortText)})
		}
		if !seen[r.When] || !seen[r.Then] || r.When == r.Then {
			return refuse("/then", "unknown", lang.Text{Hans: "规则所说的两项必须在表单中且不相同", Hant: "規則所說的兩項必須在表單中且不相同", En: "A rule names two different fields of the form"})
		}
	}
	return nil
}

func (f *FormField) check(taken bool) error {
	switch {
	case !fieldName.MatchString(f.Name):
		return refuse("/name", "pattern", lang.Text{Hans: "代号以小写字母开头，只用字母和数字，不超过 40 位，例如 outcome", Hant: "代號以小寫字母開頭，只用字母和數字，不超過 40 位，例如 outcome", En: "The short name begins with a small letter and has letters and digits only, at most 40, such as outcome"})
	case taken:
		return refuse("/name", "taken", lang.Text{Hans: "代号 " + f.Name + " 已用于另一项，请换一个", Hant: "代號 " + f.Name + " 已用於另一項，請換一個", En: "Another field has the short name " + f.Name + "; choose another"})
	case !slices.Contains(FieldKinds(), f.Kind):
		return refuse("/kind", "enum", lang.Text{Hans: "请选择填写方式", Hant: "請選擇填寫方式", En: "Choose what the field asks for"})
	case strings.TrimSpace(f.Title.Hans) == "" || utf8.RuneCountInString(f.Title.Hans) > maxTitle:
		return refuse("/title", "required", lang.Text{Hans: fmt.Sprintf("请填写这一项的名称，不超过 %d 字", maxTitle), Hant: fmt.Sprintf("請填寫這一項的名稱，不超過 %d 字", maxTitle), En: fmt.Sprintf("Give the field a name of at most %d characters", maxTitle)})
	case f.Kind.free() && (f.Public || f.Variable):
		return refuse("/marks", "clear", lang.Text{
			Hans: "文字和个人信息不能公开在日志中，也不能作为流转条件；请取消勾选，或者改为选择、数字、日期", Hant: "文字和個人信息不能公開在日誌中，也不能作為流轉條件；請取消勾選，或者改為選擇、數字、日期",
			En: "Texts and personal data can neither stand in the log nor decide the way: take the marks off, or ask for a choice, a number or a day",
		})
	case utf8.RuneCountInString(f.Hint.Hans) > maxHint || utf8.RuneCountInString(f.Hint.Hant) > maxHint || utf8.RuneCountInString(f.Hint.En) > 2*maxHint:
		return refuse("/hint", "maxLength", lang.Text{Hans: fmt.Sprintf("说明不超过 %d 字", maxHint), Hant: fmt.Sprintf("說明不超過 %d 字", maxHint), En: fmt.Sprintf("The hint has at most %d characters", maxHint)})
	case (f.Kind == OneOf || f.Kind == SomeOf) && (len(f.Options) < 2 || len(f.Options) > maxOptions):
		return refuse("/options", "minItems", lang.Text{Hans: fmt.Sprintf("请写出 2 至 %d 个选项，每行一个", maxOptions), Hant: fmt.Sprintf("請寫出 2 至 %d 個選項，每行一個", maxOptions), En: fmt.Sprintf("Write 2 to %d answers, one on each line", maxOptions)})
	case f.Kind == Short && f.Max > shortText || f.Kind == Long && f.Max != 0 && f.Max <= shortText || f.Max > longText && f.Kind == Long:
		return refuse("/max", "range", lang.Text{
			Hans: fmt.Sprintf("单行文字最多 %d 字，多行文字 %d 至 %d 字", shortText, shortText+1, longText), Hant: fmt.Sprintf("單行文字最多 %d 字，多行文字 %d 至 %d 字", shortText, shortText+1, longText),
			En: fmt.Sprintf("One line has at most %d characters, several lines %d to %d", shortText, shortText+1, longText),
		})
	case f.Max != 0 && f.Max < f.Min:
		return refuse("/max", "order", lang.Text{Hans: "上限小于下限，请核对", Hant: "上限小於下限，請核對", En: "The upper bound lies below the lower one"})
	}
	values := map[string]bool{}
	for _, o := range f.Options {
		if o.Value == "" || values[o.Value] {
			return refuse("/options", "unique", lang.Text{Hans: "选项不能为空或者重复", Hant: "選項不能為空或者重複", En: "No answer may be empty or stand twice"})
		}
		if utf8.RuneCountInString(o.Value) > shortText || utf8.RuneCountInString(o.Title.Hans) > shortText {
			return refuse("/options", "maxLength", lang.Text{Hans: fmt.Sprintf("每个选项不超过 %d 字", shortText), Hant: fmt.Sprintf("每個選項不超過 %d 字", shortText), En: fmt.Sprintf("An answer has at most %d characters", shortText)})
		}
		values[o.Value] = true
	}
	return nil
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.key, err)
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// named writes a text as package form reads it: Simplified Chinese under its key, the other languages beside it.
func named(o object, key, others string, t lang.Text) object {
	return append(o, member{key, t.Hans}, member{others, object{{"zh-Hant", t.In(lang.Hant)}, {"en", t.In(lang.En)}}})
}

// Schema writes the design as a JSON Schema.
func (d *Design) Schema() ([]byte, error) {
	root := named(object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}}, "title", "x-title", d.Title)
	root = append(root, member{"type", "object"}, member{"additionalProperties", false})
	var required []string
	properties := object{}
	for i := range d.Fields {
		f := &d.Fields[i]
		properties = append(properties, member{f.Name, f.schema()})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	if len(required) > 0 {
		root = append(root, member{"required", required})
	}
	root = append(root, member{"properties", properties})
	var all []object
	for _, r := range d.Rules {
		all = append(all, object{
			{"if", object{{"required", []string{r.When}}, {"properties", object{{r.When, object{{"const", d.constant(r)}}}}}}},
			{"then", object{{"required", []string{r.Then}}}},
		})
	}
	if len(all) > 0 {
		root = append(root, member{"allOf", all})
	}
	raw, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", d.Title.Hans, err)
	}
	return raw, nil
}

// constant is the value of a rule in the type of its field.
func (d *Design) constant(r Rule) any {
	for _, f := range d.Fields {
		if f.Name != r.When {
			continue
		}
		switch f.Kind {
		case YesNo:
			return r.Is == "true"
		case Whole, Money:
			if n, err := strconv.Atoi(r.Is); err == nil {
				return n
			}
		}
	}
	return r.Is
}

func (f *FormField) schema() object {
	kind := "string"
	switch f.Kind {
	case Whole, Money:
		kind = "integer"
	case YesNo:
		kind = "boolean"
	case SomeOf:
		kind = "array"
	}
	o := named(object{{"type", kind}}, "title", "x-title", f.Title)
	if f.Hint.Hans != "" {
		o = named(o, "description", "x-hint", f.Hint)
	}
	choices := make([]object, 0, len(f.Options))
	for _, c := range f.Options {
		choices = append(choices, named(object{{"const", c.Value}}, "title", "x-title", c.Title))
	}
	switch f.Kind {
	case Short, Long:
		bound := shortText
		if f.Kind == Long {
			bound = longText
		}
		if f.Max > 0 {
			bound = f.Max
		}
		if f.Required {
			o = append(o, member{"minLength", 1})
		}
		o = append(o, member{"maxLength", bound})
	case Whole, Money:
		o = append(o, member{"minimum", f.Min})
		if f.Max > 0 {
			o = append(o, member{"maximum", f.Max})
		}
		if f.Kind == Money {
			o = append(o, member{"format", "money"})
		}
	case Day:
		o = append(o, member{"format", "date"})
	case OneOf:
		o = append(o, member{"oneOf", choices})
	case SomeOf:
		o = append(o, member{"items", object{{"type", "string"}, {"oneOf", choices}}}, member{"uniqueItems", true})
	case Phone, Email, IDCard, Company:
		o = append(o, member{"format", string(f.Kind)}, member{"x-personal", true})
	}
	if f.Public {
		o = append(o, member{"x-public", true})
	}
	if f.Variable {
		o = append(o, member{"x-variable", true})
	}
	return o
}

// read is the part of a schema that the builder understands.
type read struct {
	Type       string          `json:"type"`
	Title      string          `json:"title"`
	XTitle     lang.Text       `json:"x-title"`
	Hint       string          `json:"description"`
	XHint      lang.Text       `json:"x-hint"`
	Required   []string        `json:"required"`
	Properties json.RawMessage `json:"properties"`
	Format     string          `json:"format"`
	MaxLength  int             `json:"maxLength"`
	Minimum    int             `json:"minimum"`
	Maximum    int             `json:"maximum"`
	Public     bool            `json:"x-public"`
	Variable   bool            `json:"x-variable"`
	OneOf      []struct {
		Const  string    `json:"const"`
		Title  string    `json:"title"`
		XTitle lang.Text `json:"x-title"`
	} `json:"oneOf"`
	Items *read `json:"items"`
	AllOf []struct {
		If struct {
			Properties map[string]struct {
				Const any `json:"const"`
			} `json:"properties"`
		} `json:"if"`
		Then struct {
			Required []string `json:"required"`
		} `json:"then"`
	} `json:"allOf"`
}

// errNotBuilt says that a schema was not made by the builder.
var errNotBuilt = errors.New("the form has parts that the builder does not know")

// ReadDesign reads a schema that Schema has written.
func ReadDesign(raw []byte) (*Design, error) {
	var r read
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	d := &Design{Title: text(r.Title, r.XTitle)}
	dec := json.NewDecoder(bytes.NewReader(r.Properties))
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("form: %w", err)
		}
		var p read
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("form: %w", err)
		}
		name, _ := key.(string) // keys of an object are strings
		f := FormField{
			Name: name, Title: text(p.Title, p.XTitle), Hint: text(p.Hint, p.XHint), Required: slices.Contains(r.Required, name), Public: p.Public, Variable: p.Variable,
		}
		if err := f.read(&p); err != nil {
			return nil, err
		}
		d.Fields = append(d.Fields, f)
	}
	for _, a := range r.AllOf {
		for when, c := range a.If.Properties {
			for _, then := range a.Then.Required {
				d.Rules = append(d.Rules, Rule{when, fmt.Sprint(c.Const), then})
			}
		}
	}
	return d, nil
}

func text(hans string, others lang.Text) lang.Text {
	others.Hans = hans
	return others
}

func (f *FormField) read(p *read) error {
	options := p.OneOf
	switch {
	case p.Type == "integer" && p.Format == "money":
		f.Kind = Money
	case p.Type == "integer":
		f.Kind = Whole
	case p.Type == "boolean":
		f.Kind = YesNo
	case p.Type == "array" && p.Items != nil:
		f.Kind, options = SomeOf, p.Items.OneOf
	case p.Type != "string":
		return fmt.Errorf("%w: %s is of type %s", errNotBuilt, f.Name, p.Type)
	case len(p.OneOf) > 0:
		f.Kind = OneOf
	case p.Format == "date":
		f.Kind = Day
	case p.Format != "":
		f.Kind = FieldKind(p.Format)
	case p.MaxLength > shortText:
		f.Kind = Long
	default:
		f.Kind = Short
	}
	f.Min, f.Max = p.Minimum, p.Maximum
	if p.MaxLength > 0 && p.MaxLength != shortText && p.MaxLength != longText {
		f.Max = p.MaxLength
	}
	for _, o := range options {
		f.Options = append(f.Options, FieldOption{o.Const, text(o.Title, o.XTitle)})
	}
	return nil
}

// compile makes a form of a schema as the runtime uses it.
func (s *Service) compile(key string, schema []byte) (*casework.Form, error) {
	return casework.NewForm(key, schema, s.Formats)
}
