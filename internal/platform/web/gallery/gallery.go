// Package gallery shows every component of the pages with fixed data, so that its look can be judged and its HTML compared.
//
// In development mode the program mounts it with Add:
//
//	/dev/gallery         all components, in the reader's language and type size
//	/dev/gallery/desk    the frame of the desk
//	/dev/gallery/letter  a letter on A4
//
// The golden test of this package keeps the HTML of each sample; run it with -update after an intended change and read the diff.
package gallery

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Sample is one component with fixed data.
type Sample struct {
	// Name is the name of the component in the code, and of its golden file.
	Name      string
	Component templ.Component
}

// Add mounts the gallery. Call it in development mode only.
func Add(s *web.Shell) error {
	schema, err := sampleSchema()
	if err != nil {
		return err
	}
	pages := []struct {
		pattern, name string
		render        func(*web.View) templ.Component
	}{
		{"GET /dev/gallery", "web.gallery", func(v *web.View) templ.Component { return page(v, Samples(v, schema)) }},
		{"GET /dev/gallery/desk", "web.gallery.desk", desk},
		{"GET /dev/gallery/letter", "web.gallery.letter", letter},
	}
	for _, p := range pages {
		s.Handle(p.pattern, web.Route{Name: p.name, Public: true}, func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, p.render(web.ViewOf(r)))
		})
	}
	return nil
}

// Samples lists the components in the order of the page.
func Samples(v *web.View, schema *form.Schema) []Sample {
	say := words(v)
	name := ui.Field{Name: "name", Label: say("申请人姓名", "申請人姓名", "Name of the applicant"), Value: "王小明"}
	number := ui.Field{Name: "id", Label: say("身份证号", "身份證號", "ID number"), Hint: say("18 位，末位可能是 X", "18 位，末位可能是 X", "18 characters, the last may be X"),
		Value: "34010219900101123", Error: say("身份证号应为 18 位，现有 17 位", "身份證號應為 18 位，現有 17 位", "An ID number has 18 characters; this has 17")}
	kinds := ui.Field{Name: "kind", Label: say("办理类型", "辦理類型", "What is applied for"), Value: "new"}
	options := []ui.Option{
		{Value: "new", Text: say("新办", "新辦", "New"), Hint: say("第一次申请", "第一次申請", "The first application"), More: ui.Input(
			ui.Field{Name: "previous", Label: say("原许可证号", "原許可證號", "Number of the former licence"), Optional: true}, ui.InputProps{Width: 20})},
		{Value: "renew", Text: say("延续", "延續", "Renewal")},
		{Value: "change", Text: say("变更", "變更", "Change"), Or: true},
	}
	scope := ui.Field{Name: "scope", Label: say("经营项目", "經營項目", "What is sold"), Hint: say("可选多项", "可選多項", "Choose all that apply")}
	typed := url.Values{"trade": {"王"}, "capital": {"一万"}, "opening-year": {"2026"}, "opening-month": {"2"}, "opening-day": {"30"}}
	wrong := schema.Check(v.L, schema.Decode(typed))
	return []Sample{
		{"Button", buttons(say)},
		{"Input", ui.Input(name, ui.InputProps{Autocomplete: "name", Width: 20})},
		{"InputError", ui.Input(number, ui.InputProps{Code: true, Width: 20})},
		{"InputAffix", ui.Input(ui.Field{Name: "area", Label: say("经营面积", "經營面積", "Floor area"), Optional: true}, ui.InputProps{InputMode: "decimal", Width: 5, Suffix: say("平方米", "平方公尺", "m²")})},
		{"Textarea", ui.Textarea(ui.Field{Name: "reason", Label: say("理由", "理由", "Reasons")}, ui.TextareaProps{MaxLength: 500})},
		{"Select", ui.Select(ui.Field{Name: "list", Label: kinds.Label, Value: "renew"}, options)},
		{"Radios", ui.Radios(kinds, options, false)},
		{"RadiosInline", ui.Radios(ui.Field{Name: "agent", Label: say("是否代办", "是否代辦", "On behalf of somebody"), Value: "no"}, []ui.Option{
			{Value: "yes", Text: say("是", "是", "Yes")}, {Value: "no", Text: say("否", "否", "No")}}, true)},
		{"Checkboxes", ui.Checkboxes(scope, []ui.Option{{Value: "hot", Text: say("热食类", "熱食類", "Hot food")},
			{Value: "cold", Text: say("冷食类", "冷食類", "Cold food")}, {Value: "raw", Text: say("生食类", "生食類", "Raw food"), Disabled: true}}, []string{"hot"})},
		{"Checkbox", ui.Checkbox(ui.Field{Name: "consent", Label: say("我承诺所填内容真实", "我承諾所填內容真實", "What I have entered is true")})},
		{"DateInput", ui.DateInput(ui.Field{Name: "start", Label: say("计划开业日期", "計劃開業日期", "Planned opening day"), Hint: say("例如 2026 年 3 月 9 日", "例如 2026 年 3 月 9 日", "For example 9 3 2026")},
			ui.DateProps{Value: ui.DateParts{Year: "2026", Month: "3", Day: "9"}})},
		{"FileUpload", ui.FileUpload(ui.Field{Name: "plan", Label: say("平面布局图", "平面布局圖", "Floor plan"), Hint: say("PDF 或 JPG，不超过 20 MB", "PDF 或 JPG，不超過 20 MB", "PDF or JPG, up to 20 MB")}, ui.FileProps{Accept: ".pdf,.jpg"})},
		{"ErrorSummary", ui.ErrorSummary([]ui.FieldError{{Field: "id", Text: number.Error}})},
		{"SchemaForm", schemaForm(schema, typed, wrong)},
		{"SummaryList", ui.SummaryList(schema.Rows(v.L, map[string]any{"trade": "王小明", "capital": 100000000, "opening": "2026-03-09", "type": "new", "promise": true}, func(n string) string { return "#" + n }))},
		{"TaskList", ui.TaskList("tasks", []ui.Task{
			{Title: say("申请人信息", "申請人信息", "About the applicant"), Href: "#1", Status: say("已填写", "已填寫", "Completed")},
			{Title: say("经营场所", "經營場所", "The premises"), Href: "#2", Hint: say("需要房屋产权证明", "需要房屋產權證明", "You need the title deed"), Status: say("未完成", "未完成", "Not finished"), Kind: ui.TagInfo},
			{Title: say("核对并提交", "核對並提交", "Check and submit"), Status: say("尚不能开始", "尚不能開始", "Cannot start yet"), Kind: ui.TagNeutral}})},
		{"Table", queue(say)},
		{"TableEmpty", ui.Table(ui.TableProps{Caption: say("待办", "待辦", "Queue"), Empty: say("没有待办的事项。", "沒有待辦的事項。", "Nothing is waiting.")})},
		{"Tags", tagRow(say)},
		{"DueBadges", dueRow()},
		{"Explain", ui.Explain(explained(say))},
		{"Warning", ui.Warning(say("逾期不补正的，视为撤回申请。", "逾期不補正的，視為撤回申請。", "If nothing is corrected in time, the application counts as withdrawn."))},
		{"Banner", ui.Banner(ui.BannerProps{Success: true, Text: say("申请已提交。", "申請已提交。", "Your application was submitted."), Link: ui.Link{Href: "#", Text: say("查看进度", "查看進度", "Follow it")}})},
		{"Blocks", blocks(say)},
		{"Timeline", ui.Timeline(steps(say))},
		{"Tabs", ui.Tabs([]ui.TabPart{{ID: "basis", Title: say("法律依据", "法律依據", "Legal basis"), Content: plain(say("《行政许可法》第十二条", "《行政許可法》第十二條", "Licensing Law, article 12"))},
			{ID: "fee", Title: say("收费", "收費", "Fee"), Content: plain(say("不收费", "不收費", "Free of charge"))}})},
		{"Pagination", ui.Pagination(ui.PaginationProps{Previous: "?before=1", Next: "?after=2", Label: say("办件", "辦件", "Cases")})},
		{"SearchBox", ui.SearchBox(ui.SearchProps{Action: "/hall", Label: say("您想办什么事？", "您想辦什麼事？", "What do you want to do?"), Large: true, Keep: map[string]string{"b": "2", "a": "1"}})},
		{"EmptyState", ui.EmptyState(say("没有找到相关事项", "沒有找到相關事項", "Nothing found"), say("换一个词，或者按部门查找。", "換一個詞，或者按部門查找。", "Try other words, or look by department."), ui.Link{Href: "#", Text: say("按部门查找", "按部門查找", "By department")})},
		{"Cards", cards(say)},
		{"Stats", stats(say)},
		{"QR", ui.QR("https://hall.example/track/340100-2026-000123", say("扫码查看进度", "掃碼查看進度", "Scan to follow the case"))},
		{"Proof", ui.Proof("/log/proof/42")},
		{"Flowchart", flowchart.Figure(chart(say))},
	}
}
