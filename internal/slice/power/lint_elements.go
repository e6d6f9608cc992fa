package power

import (
	"errors"
	"slices"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
)

// element is a mandatory element of an item (law.md § 7: the fields marked *).
type element struct {
	field string
	name  lang.Text
	there func(*Item) bool
}

// mandatoryElements lists what every item must say about itself. Place, hours and contacts belong to the implementing body and are
// checked with it; those of a material or a fee, with the material or fee.
var mandatoryElements = []element{
	{"name", lang.Text{Hans: "事项名称", Hant: "事項名稱", En: "name"}, func(it *Item) bool { return it.Name.Hans != "" }},
	{"summary", lang.Text{Hans: "事项说明", Hant: "事項說明", En: "summary"}, func(it *Item) bool { return it.Summary.Hans != "" }},
	{"type", lang.Text{Hans: "事项类型", Hant: "事項類型", En: "type"}, func(it *Item) bool { return it.Type != "" }},
	{"basic-code", lang.Text{Hans: "基本编码", Hant: "基本編碼", En: "basic code"}, func(it *Item) bool { return it.BasicCode != "" }},
	{"handling", lang.Text{Hans: "办件类型", Hant: "辦件類型", En: "handling"}, func(it *Item) bool { return it.Handling != "" }},
	{"department", lang.Text{Hans: "主管部门", Hant: "主管部門", En: "department"}, func(it *Item) bool { return it.Department != "" }},
	{"source", lang.Text{Hans: "权力来源", Hant: "權力來源", En: "source of the power"}, func(it *Item) bool { return it.Source != "" }},
	{"body-nature", lang.Text{Hans: "实施主体性质", Hant: "實施主體性質", En: "nature of the body"}, func(it *Item) bool { return it.BodyNature != "" }},
	{"status", lang.Text{Hans: "状态", Hant: "狀態", En: "status"}, func(it *Item) bool { return it.Status != "" }},
	{"version", lang.Text{Hans: "版本", Hant: "版本", En: "version"}, func(it *Item) bool { return it.Version > 0 }},
	{"levels", lang.Text{Hans: "行使层级", Hant: "行使層級", En: "levels"}, func(it *Item) bool { return len(it.Level) > 0 }},
	{"implemented-by", lang.Text{Hans: "实施主体", Hant: "實施主體", En: "implementing bodies"}, func(it *Item) bool { return len(it.By) > 0 }},
	{"serves", lang.Text{Hans: "服务对象", Hant: "服務對象", En: "audience"}, func(it *Item) bool { return len(it.Serves) > 0 }},
	{"topics", lang.Text{Hans: "主题", Hant: "主題", En: "topics"}, func(it *Item) bool { return len(it.Topics) > 0 }},
	{"basis", lang.Text{Hans: "设定依据", Hant: "設定依據", En: "legal basis"}, func(it *Item) bool { return len(it.Basis) > 0 }},
	{"conditions", lang.Text{Hans: "受理条件", Hant: "受理條件", En: "conditions"}, func(it *Item) bool { return len(it.Conditions) > 0 }},
	{"statutory", lang.Text{Hans: "法定时限", Hant: "法定時限", En: "statutory term"}, func(it *Item) bool { return it.Statutory.N > 0 }},
	{"promised", lang.Text{Hans: "承诺时限", Hant: "承諾時限", En: "promised term"}, func(it *Item) bool { return it.Promised.N > 0 }},
	{"procedure", lang.Text{Hans: "办理流程", Hant: "辦理流程", En: "procedure"}, func(it *Item) bool { return it.Procedure != "" }},
	{"visits", lang.Text{Hans: "到现场次数", Hant: "到現場次數", En: "number of visits"}, func(it *Item) bool { return it.Visits != nil }},
	{"channels", lang.Text{Hans: "办理形式", Hant: "辦理形式", En: "channels"}, func(it *Item) bool { return len(it.Channels) > 0 }},
	{"form", lang.Text{Hans: "申请表单", Hant: "申請表單", En: "application form"}, func(it *Item) bool { return it.Form != "" }},
	{"materials", lang.Text{Hans: "申请材料", Hant: "申請材料", En: "materials"}, func(it *Item) bool { return len(it.Materials) > 0 }},
	{"charged", lang.Text{Hans: "是否收费", Hant: "是否收費", En: "whether it is charged"}, func(it *Item) bool { return it.Charged != nil }},
	{"results", lang.Text{Hans: "办理结果", Hant: "辦理結果", En: "results"}, func(it *Item) bool { return len(it.Results) > 0 }},
	{"extended.in-hall", lang.Text{Hans: "是否进驻大厅", Hant: "是否進駐大廳", En: "whether it stands in the hall"}, func(it *Item) bool { return it.Extended.InHall != nil }},
	{"extended.express", lang.Text{Hans: "是否快递送达", Hant: "是否快遞送達", En: "whether results are sent by courier"}, func(it *Item) bool { return it.Extended.Express != nil }},
	{"extended.online-payment", lang.Text{Hans: "是否网上支付", Hant: "是否網上支付", En: "whether it can be paid online"}, func(it *Item) bool { return it.Extended.OnlinePayment != nil }},
}

func (l *linter) mandatory() {
	for _, e := range mandatoryElements {
		if !e.there(l.it) {
			l.fail("element.missing", e.field, lang.Text{
				Hans: "缺少必填要素“" + e.name.Hans + "”，请补填后再发布。",
				Hant: "缺少必填要素「" + e.name.Hant + "」，請補填後再發佈。",
				En:   "The mandatory element “" + e.name.En + "” is missing: fill it in before publishing.",
			})
		}
	}
	if l.it.Delegator.IsZero() && l.it.Source == Delegated {
		l.fail("element.delegator", "delegated-by", say("权力来源为上级委托，但未填写委托部门，请补填。", "權力來源為上級委託，但未填寫委託部門，請補填。", "The power is delegated, but the delegating department isn't named: name it."))
	}
	if l.it.Visits != nil && *l.it.Visits > 1 {
		l.report(Warning, "visits.many", "visits", say("需到现场 %d 次，应当最多跑一次，请核减。", "需到現場 %d 次，應當最多跑一次，請核減。", "The applicant has to come %d times; one visit should do: reduce them.", *l.it.Visits))
	}
	if l.it.Visits != nil && *l.it.Visits < 0 {
		l.fail("visits.negative", "visits", say("到现场次数 %d 不能为负数，请改为 0 或正数。", "到現場次數 %d 不能為負數，請改為 0 或正數。", "The number of visits, %d, is negative: write 0 or more.", *l.it.Visits))
	}
}

// codes checks the basic code and the local one by their standard, and that they agree with the type.
func (l *linter) codes() {
	for _, code := range []struct{ field, value string }{{"basic-code", l.it.BasicCode}, {"local-code", l.it.LocalCode}} {
		if code.value == "" {
			continue
		}
		parsed, err := identifier.ParseBasicCode(code.value)
		var wrong *identifier.Error
		switch {
		case errors.As(err, &wrong):
			l.fail("code.form", code.field, wrong.Text)
		case parsed.Type != l.it.Type:
			l.fail("code.type", code.field, say("编码第 3、4 位为“%s”，与事项类型“%s”不一致，请核对。", "編碼第 3、4 位為「%s」，與事項類型「%s」不一致，請核對。", "Digits 3 and 4 of the code are “%s”, but the item's type is “%s”: correct one of them.", parsed.Type, l.it.Type))
		}
	}
}

func (l *linter) vocabularies() {
	it := l.it
	if it.Type != "" && it.Type.Name().IsZero() {
		l.fail("value.unknown", "type", say("没有事项类型“%s”，可取 01 至 10、20。", "沒有事項類型「%s」，可取 01 至 10、20。", "There is no type “%s”: 01 to 10 and 20 exist.", it.Type))
	}
	unknown(l, "handling", it.Handling, handlings)
	unknown(l, "source", it.Source, origins)
	unknown(l, "body-nature", it.BodyNature, natures)
	unknown(l, "status", it.Status, statuses)
	unknown(l, "extended.online-depth", it.Extended.OnlineDepth, depths)
	unknown(l, "extended.reach", it.Extended.Reach, reaches)
	for _, level := range it.Level {
		unknown(l, "levels", level, levels)
	}
	for _, audience := range it.Serves {
		unknown(l, "serves", audience, audiences)
	}
	for _, channel := range it.Channels {
		unknown(l, "channels", channel, channels)
	}
	for _, r := range it.Results {
		unknown(l, "results", r.Kind, resultKinds)
		if r.Kind == "" || r.Name.Hans == "" {
			l.fail("result.incomplete", "results", say("办理结果缺少类型或名称，请补填。", "辦理結果缺少類型或名稱，請補填。", "A result lacks its kind or its name: fill it in."))
		}
	}
}

// unknown reports a value outside its closed vocabulary; an empty value is the business of the mandatory elements.
func unknown[T ~string](l *linter, field string, value T, known vocabulary[T]) {
	if value == "" || known.has(value) {
		return
	}
	list := ""
	for i, entry := range known {
		if i > 0 {
			list += ", "
		}
		list += string(entry.value)
	}
	l.fail("value.unknown", field, say("“%s”不在允许的取值之内，可取：%s。", "「%s」不在允許的取值之內，可取：%s。", "“%s” is not one of the known values: %s.", value, list))
}

// translations asks for the three languages in everything that a reader sees.
func (l *linter) translations() {
	check := func(field string, text lang.Text) {
		if !text.IsZero() && !text.Complete() {
			l.fail("text.translation", field, say("“%s”缺少繁体中文或英文，请补齐三种语言。", "「%s」缺少繁體中文或英文，請補齊三種語言。", "“%s” lacks a language: give it in simplified Chinese, traditional Chinese and English.", text.Hans))
		}
	}
	it := l.it
	check("name", it.Name)
	check("summary", it.Summary)
	check("delegated-by", it.Delegator)
	check("promised.note", it.Promised.Note)
	check("extended.intermediaries", it.Extended.Intermediaries)
	check("extended.quota", it.Extended.Quota)
	for _, c := range it.Conditions {
		check("conditions", c)
	}
	for _, s := range it.Special {
		check("special."+s.Ground, s.Note)
	}
	for _, m := range it.Materials {
		field := "materials." + m.Key
		check(field+".name", m.Name)
		check(field+".when", m.When)
		check(field+".accept", m.Accept)
	}
	for _, f := range it.Fees {
		check("fees.name", f.Name)
		check("fees.standard", f.Standard)
		check("fees.waiver", f.Waiver)
	}
	for _, r := range it.Results {
		check("results.name", r.Name)
		check("results.validity", r.Validity)
	}
	if it.Cancelled != nil {
		check("cancelled.reason", it.Cancelled.Reason)
	}
}

// dates checks that the item's life has an order: it takes effect before it ceases, and ceases for a reason.
func (l *linter) dates() {
	c := l.it.Cancelled
	if c == nil {
		if l.it.Status == Withdrawn {
			l.fail("cancel.undated", "cancelled", say("状态为取消，但没有取消日期、原因和依据，请补填。", "狀態為取消，但沒有取消日期、原因和依據，請補填。", "The item is cancelled without a date, a reason and a basis: add them."))
		}
		return
	}
	if c.On <= l.it.Effective {
		l.fail("cancel.order", "cancelled.on", say("取消日期 %s 不晚于生效日期 %s，请改正其中之一。", "取消日期 %s 不晚於生效日期 %s，請改正其中之一。", "The item ceases on %s, not after it takes effect on %s: correct one of the dates.", c.On, l.it.Effective))
	}
	if c.Reason.Hans == "" || c.Basis.IsZero() {
		l.fail("cancel.reason", "cancelled", say("取消事项须写明原因和依据，请补填。", "取消事項須寫明原因和依據，請補填。", "A cancellation needs a reason and a basis: add them."))
	}
	if l.it.Status == Published && c.On <= l.on {
		l.fail("cancel.status", "status", say("取消日期 %s 已到，状态仍为在用，请改为取消。", "取消日期 %s 已到，狀態仍為在用，請改為取消。", "The item ceased on %s but its status still says it is in use: set it to cancelled.", c.On))
	}
}

// implementers checks who exercises the item, with the elements that belong to the body: place, hours, enquiries, complaints.
func (l *linter) implementers() {
	for _, by := range l.it.By {
		field := "implemented-by." + by.Body
		unknown(l, field, by.Level, levels)
		if !slices.Contains(l.it.Level, by.Level) {
			l.fail("implementer.level", field, say("实施主体的层级“%s”不在行使层级之内，请核对。", "實施主體的層級「%s」不在行使層級之內，請核對。", "The body's level “%s” is not among the item's levels: correct one of them.", by.Level))
		}
		if l.around.Office == nil {
			continue
		}
		office, ok := l.around.Office(by.Body)
		if !ok {
			l.fail("implementer.unknown", field, say("机构“%s”不在机构名录中，请先登记机构或改正名称。", "機構「%s」不在機構名錄中，請先登記機構或改正名稱。", "The body “%s” is not in the registry: enter it or correct its key.", by.Body))
			continue
		}
		if office.Level != by.Level {
			l.fail("implementer.level", field, say("机构层级为“%s”，事项写作“%s”，请核对。", "機構層級為「%s」，事項寫作「%s」，請核對。", "The body is of level “%s”, the item says “%s”: correct it.", office.Level, by.Level))
		}
		if office.Place.Hans == "" || office.Hours.Hans == "" {
			l.fail("implementer.place", field, say("机构未填办理地点或办理时间，请补填。", "機構未填辦理地點或辦理時間，請補填。", "The body has no place or no opening hours: add them."))
		}
		if office.Consult == "" || office.Complaint == "" {
			l.fail("implementer.contact", field, say("机构未填咨询或监督投诉方式，请补填。", "機構未填諮詢或監督投訴方式，請補填。", "The body has no contact for enquiries or complaints: add it."))
		}
	}
}
