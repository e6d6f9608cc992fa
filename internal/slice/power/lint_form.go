package power

import "errors"

// ErrNoForm says that there is no form of the key.
var ErrNoForm = errors.New("no such form")

// form checks that the procedure and the application form exist, and that the form is one that the platform can ask.
func (l *linter) form() {
	it := l.it
	if it.Procedure != "" && l.around.Procedure != nil && !l.around.Procedure(it.Procedure) {
		l.fail("procedure.unknown", "procedure", say("没有流程“%s”，请改正名称或先发布流程。", "沒有流程「%s」，請改正名稱或先發佈流程。", "There is no procedure “%s”: correct its key or publish it first.", it.Procedure))
	}
	if it.Form == "" || l.around.Form == nil {
		return
	}
	switch err := l.around.Form(it.Form); {
	case errors.Is(err, ErrNoForm):
		l.fail("form.unknown", "form", say("没有表单“%s”，请改正名称或先建表单。", "沒有表單「%s」，請改正名稱或先建表單。", "There is no form “%s”: correct its key or make it first.", it.Form))
	case err != nil:
		l.fail("form.schema", "form", say("表单“%s”无法使用，请改正：%v", "表單「%s」無法使用，請改正：%v", "The form “%s” can't be used: correct it: %v", it.Form, err))
	}
}
