package chart

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/caseview"
)

// What this room finds beyond the checker of package procedure.
const (
	CodeUnknownForm    procedure.Code = "unknown-form"
	CodeUnknownLetter  procedure.Code = "unknown-letter"
	CodeUnknownRole    procedure.Code = "unknown-role"
	CodeUnknownService procedure.Code = "unknown-service"
	CodeNotDrawn       procedure.Code = "not-drawn"
)

// Roles lists who can do the tasks of a chart.
func Roles() []string {
	return []string{"applicant", registry.Clerk, registry.Reviewer, registry.Head, registry.Disclosure}
}

// Findings examines what was drawn, as an examiner would, in the order of the file. def is nil when the file cannot be read as a procedure.
func (s *Service) Findings(ctx context.Context, c *Chart, xml string) (found []Finding, def *procedure.Definition, err error) {
	def, err = procedure.Parse([]byte(xml))
	if err != nil {
		return []Finding{procedure.Refused(err)}, nil, nil
	}
	found = procedure.Check(def, procedure.Options{KnownRule: func(id string) bool { _, ok := s.Rules.Parameter(id); return ok }})
	drawn := map[string]bool{}
	for _, shape := range def.Diagram().Shapes {
		drawn[shape.Element] = true
	}
	for _, e := range def.Elements() {
		own, err := s.examine(ctx, c, e)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, own...)
		if !drawn[e.ID] {
			found = append(found, about(e, CodeNotDrawn, procedure.Warning, lang.Text{
				Hans: "图上没有画出；请在制图工具中补画", Hant: "圖上沒有畫出；請在製圖工具中補畫", En: "it is not on the drawing: draw it in the tool that made the file",
			}))
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return a.Line - b.Line })
	return found, def, nil
}

func about(e *procedure.Element, code procedure.Code, level procedure.Level, text lang.Text) Finding {
	return Finding{Code: code, Level: level, Element: e.ID, Name: e.Name, Line: e.Line, Message: text}
}

// examine finds what an element names and nobody has.
func (s *Service) examine(ctx context.Context, c *Chart, e *procedure.Element) (found []Finding, err error) {
	add := func(code procedure.Code, hans, hant, en string, args ...any) {
		found = append(found, about(e, code, procedure.Error, lang.Text{Hans: fmt.Sprintf(hans, args...), Hant: fmt.Sprintf(hant, args...), En: fmt.Sprintf(en, args...)}))
	}
	if e.Form != "" {
		known, err := s.knownForm(ctx, c, e.Form)
		if err != nil {
			return nil, err
		}
		if !known {
			add(CodeUnknownForm, "没有表单 %q；请在属性中选择表单，或先制作", "沒有表單 %q；請在屬性中選擇表單，或先製作", "there is no form %q: choose one in the properties, or make it first", e.Form)
		}
	}
	for _, d := range e.Documents {
		if !s.Kinds.Letter(d.Value) {
			add(CodeUnknownLetter, "没有文书 %q；请在属性中选择文书", "沒有文書 %q；請在屬性中選擇文書", "there is no letter %q: choose one in the properties", d.Value)
		}
	}
	if role := e.Role(); e.Kind.ByPerson() && role != "" && !slices.Contains(Roles(), role) {
		add(CodeUnknownRole, "没有角色 %q；请为泳道选择 %[2]s 之一", "沒有角色 %q；請為泳道選擇 %[3]s 之一", "nobody has the role %q: give the lane one of %[4]s",
			role, s.roleWords(lang.Hans), s.roleWords(lang.Hant), s.roleWords(lang.En))
	}
	if (e.Kind == procedure.ServiceTask || e.Kind == procedure.BusinessRuleTask) && !s.Kinds.Service(e.Topic) {
		add(CodeUnknownService, "平台没有服务 %q，办件会停在这里；请改用人工环节", "平台沒有服務 %q，辦件會停在這裡；請改用人工環節", "the platform has no service %q, so a case would stop here: let somebody do it", e.Topic)
	}
	return found, nil
}

// roleWords names the roles as the properties panel offers them, each with the key that stands in the file.
func (s *Service) roleWords(tag lang.Tag) string {
	l := s.words.Localizer(tag)
	var list []string
	for _, r := range Roles() {
		list = append(list, caseview.Role(l, r)+" ("+r+")")
	}
	return strings.Join(list, l.T("web.form.and"))
}

// Faulty reports whether there is an error among the findings.
func Faulty(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Level == procedure.Error })
}

// formKey is the name under which a chart names a version of one of its own forms.
func formKey(chart string, f *StepForm) string { return chart + "/" + f.Name + "/" + strconv.Itoa(f.N) }

// splitForm is the inverse of formKey; ok is false for a form that ships with the platform.
func splitForm(key string) (chart, name string, n int, ok bool) {
	parts := strings.Split(key, "/")
	const three = 3
	if len(parts) != three {
		return "", "", 0, false
	}
	n, err := strconv.Atoi(parts[2])
	return parts[0], parts[1], n, err == nil && n > 0
}

// knownForm reports whether a chart may use a form: one that ships, or one of its own.
func (s *Service) knownForm(ctx context.Context, c *Chart, key string) (bool, error) {
	chart, name, n, own := splitForm(key)
	if !own {
		_, ok := s.cases.Forms.Form(key)
		return ok, nil
	}
	if chart != c.Key {
		return false, nil
	}
	found, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM chart_form WHERE chart = $1 AND name = $2 AND n = $3`, int64(c.ID), name, n))
	return found > 0, err
}
