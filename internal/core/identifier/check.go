package identifier

import (
	"fmt"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// Part is one piece of an identifier with its name, for people to read.
type Part struct {
	Name    lang.Text `json:"name"`
	Value   string    `json:"value"`
	Meaning lang.Text `json:"meaning,omitzero"` // what the value stands for, where it is a code
}

// Kinds lists the kinds that Check knows.
func Kinds() []Kind {
	return []Kind{
		KindUSCC, KindIDCard, KindOrgCode, KindArea, KindBasic, KindItem, KindCase, KindIndex, KindTrade, KindPhone, KindBankCard, KindPlate,
	}
}

// Check reads a value as the given kind and returns its parts, or an *Error. The day is the one on which the value is given: a
// birth date after it is refused.
func Check(kind Kind, value string, day time.Time) ([]Part, error) {
	switch kind {
	case KindUSCC:
		v, err := ParseUSCC(value)
		return partsOf(err, v.parts)
	case KindIDCard:
		v, err := ParseIDCard(value, day)
		return partsOf(err, v.parts)
	case KindOrgCode:
		v, err := ParseOrgCode(value)
		return partsOf(err, func() []Part { return []Part{{Name: KindOrgCode.Name(), Value: v.String()}} })
	case KindArea:
		v, err := ParseArea(value)
		return partsOf(err, v.parts)
	case KindBasic:
		v, err := ParseBasicCode(value)
		return partsOf(err, v.parts)
	case KindItem:
		v, err := ParseItemCode(value)
		return partsOf(err, v.parts)
	case KindCase:
		v, err := ParseCaseNumber(value)
		return partsOf(err, func() []Part { return append(v.Item.parts(), datePart(v.Date), serialPart(v.Serial)) })
	case KindIndex:
		v, err := ParseIndexNumber(value)
		return partsOf(err, v.parts)
	case KindTrade:
		v, err := ParseTradeCode(value)
		return partsOf(err, func() []Part {
			class := Part{Name: lang.Text{Hans: "交易分类", Hant: "交易分類", En: "class"}, Value: v.Class}
			return append(append([]Part{class}, v.Body.parts()...), datePart(v.Date), serialPart(v.Serial))
		})
	case KindPhone:
		v, err := ParsePhone(value)
		return partsOf(err, v.parts)
	case KindBankCard:
		return nil, CheckBankCard(value)
	case KindPlate:
		return nil, CheckPlate(value)
	default:
		return nil, &Error{Kind: kind, Code: CodeUnknownKind, Text: lang.Text{
			Hans: fmt.Sprintf("没有“%s”这种编码，可用的有 %v", kind, Kinds()), Hant: fmt.Sprintf("沒有「%s」這種編碼，可用的有 %v", kind, Kinds()),
			En: fmt.Sprintf("there is no kind of identifier %q; use one of %v", kind, Kinds()),
		}}
	}
}

func partsOf(err error, parts func() []Part) ([]Part, error) {
	if err != nil {
		return nil, err
	}
	return parts(), nil
}

func (u USCC) parts() []Part {
	return []Part{
		{Name: KindUSCC.Name(), Value: u.Code},
		{Name: lang.Text{Hans: "登记管理部门", Hant: "登記管理部門", En: "registrar"}, Value: string(u.Registrar), Meaning: u.RegistrarName()},
		{Name: lang.Text{Hans: "登记管理机关行政区划", Hant: "登記管理機關行政區劃", En: "registrar's area"}, Value: u.Area},
		{Name: KindOrgCode.Name(), Value: OrgCode{u.OrgCode}.String()},
	}
}

func (c IDCard) parts() []Part {
	// Codes of GB/T 2261.1.
	sex, meaning := "1", lang.Text{Hans: "男", Hant: "男", En: "male"}
	if c.Female() {
		sex, meaning = "2", lang.Text{Hans: "女", Hant: "女", En: "female"}
	}
	return []Part{
		{Name: lang.Text{Hans: "行政区划", Hant: "行政區劃", En: "area"}, Value: c.Area},
		{Name: lang.Text{Hans: "出生日期", Hant: "出生日期", En: "birth date"}, Value: c.Birth.Format(time.DateOnly)},
		{Name: lang.Text{Hans: "性别", Hant: "性別", En: "sex"}, Value: sex, Meaning: meaning},
	}
}

func (a Area) parts() []Part {
	parts := []Part{
		{Name: KindArea.Name(), Value: a.Code},
		{Name: lang.Text{Hans: "级别", Hant: "級別", En: "level"}, Value: strconv.Itoa(int(a.Level())), Meaning: a.Level().Name()},
	}
	if p, ok := a.Parent(); ok {
		parts = append(parts, Part{Name: lang.Text{Hans: "上级", Hant: "上級", En: "parent"}, Value: p.Code})
	}
	return parts
}

func (b BasicCode) parts() []Part {
	return []Part{
		{Name: KindBasic.Name(), Value: b.Code},
		{Name: lang.Text{Hans: "事项类型", Hant: "事項類型", En: "type"}, Value: string(b.Type), Meaning: b.Type.Name()},
	}
}

func (c ItemCode) parts() []Part {
	parts := []Part{
		{Name: KindItem.Name(), Value: c.Code},
		{Name: lang.Text{Hans: "实施主体", Hant: "實施主體", En: "body"}, Value: c.Body.Code},
		{Name: lang.Text{Hans: "行使层级", Hant: "行使層級", En: "level"}, Value: strconv.Itoa(c.Level), Meaning: LevelName(c.Level)},
	}
	return append(parts, c.Basic.parts()...)
}

func (n IndexNumber) parts() []Part {
	return []Part{
		{Name: lang.Text{Hans: "机关", Hant: "機關", En: "body"}, Value: n.Body},
		{Name: lang.Text{Hans: "年月", Hant: "年月", En: "month"}, Value: fmt.Sprintf("%04d-%02d", n.Year, n.Month)},
		serialPart(n.Serial),
	}
}

func (p Phone) parts() []Part {
	if p.Mobile {
		return []Part{{Name: lang.Text{Hans: "手机", Hant: "手機", En: "mobile"}, Value: p.Number}}
	}
	return []Part{{Name: lang.Text{Hans: "固定电话", Hant: "固定電話", En: "fixed line"}, Value: p.Number}}
}

func datePart(day time.Time) Part {
	return Part{Name: lang.Text{Hans: "日期", Hant: "日期", En: "date"}, Value: day.Format(time.DateOnly)}
}

func serialPart(n int) Part {
	return Part{Name: lang.Text{Hans: "流水号", Hant: "流水號", En: "serial"}, Value: strconv.Itoa(n)}
}
