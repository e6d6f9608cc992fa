package identifier

import (
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// Main and sub item may hold capitals: platforms number items of their own with a W.
const (
	basicShape  = "ddddddaaaaaa"
	itemShape   = usccShape + "d" + basicShape
	caseShape   = itemShape + "dddddddd" + "dddd"
	indexShape  = usccShape + "/dddddd-ddddd"
	indexShape9 = orgCodeShape + "/dddddd-ddddd"
)

// ItemType is what kind of power or service an item is (事项类型), two digits of the basic code.
type ItemType string

// Name returns the type in words, empty when there is no such type.
func (t ItemType) Name() lang.Text {
	switch t {
	case "01":
		return lang.Text{Hans: "行政许可", Hant: "行政許可", En: "licence"}
	case "02":
		return lang.Text{Hans: "行政处罚", Hant: "行政處罰", En: "penalty"}
	case "03":
		return lang.Text{Hans: "行政强制", Hant: "行政強制", En: "coercive measure"}
	case "04":
		return lang.Text{Hans: "行政征收", Hant: "行政徵收", En: "levy"}
	case "05":
		return lang.Text{Hans: "行政给付", Hant: "行政給付", En: "benefit"}
	case "06":
		return lang.Text{Hans: "行政检查", Hant: "行政檢查", En: "inspection"}
	case "07":
		return lang.Text{Hans: "行政确认", Hant: "行政確認", En: "confirmation"}
	case "08":
		return lang.Text{Hans: "行政奖励", Hant: "行政獎勵", En: "award"}
	case "09":
		return lang.Text{Hans: "行政裁决", Hant: "行政裁決", En: "ruling"}
	case "10":
		return lang.Text{Hans: "其他行政权力", Hant: "其他行政權力", En: "other power"}
	case "20":
		return lang.Text{Hans: "公共服务", Hant: "公共服務", En: "public service"}
	default:
		return lang.Text{}
	}
}

// LevelName returns the level at which an item is carried out (行使层级), 1 to 6, in words; empty for any other.
func LevelName(level int) lang.Text {
	switch level {
	case 1:
		return lang.Text{Hans: "国家级", Hant: "國家級", En: "national"}
	case 2:
		return lang.Text{Hans: "省级", Hant: "省級", En: "provincial"}
	case 3:
		return lang.Text{Hans: "市级", Hant: "市級", En: "city"}
	case 4:
		return lang.Text{Hans: "县级", Hant: "縣級", En: "county"}
	case 5:
		return lang.Text{Hans: "乡级", Hant: "鄉級", En: "township"}
	case 6:
		return lang.Text{Hans: "村级", Hant: "村級", En: "village"}
	default:
		return lang.Text{}
	}
}

// BasicCode is the code of an item in the catalogue (基本编码), the same for every body that carries it out: 12 characters.
type BasicCode struct {
	Code       string
	Province   string // 00 for an item of the national catalogue
	Type       ItemType
	Department string
	Main       string // 主项, three characters
	Sub        string // 子项, three characters; 000 when there is none
}

// ParseBasicCode reads a basic code. The error is an *Error.
func ParseBasicCode(s string) (BasicCode, error) {
	if err := match(KindBasic, s, basicShape); err != nil {
		return BasicCode{}, err
	}
	if err := checkBasic(KindBasic, s, 0); err != nil {
		return BasicCode{}, err
	}
	return basicOf(s), nil
}

func basicOf(s string) BasicCode {
	return BasicCode{Code: s, Province: s[:2], Type: ItemType(s[2:4]), Department: s[4:6], Main: s[6:9], Sub: s[9:]}
}

func checkBasic(kind Kind, s string, offset int) *Error {
	if s[offset:offset+2] != "00" {
		if err := checkProvince(kind, s, offset); err != nil {
			return err
		}
	}
	if t := s[offset+2 : offset+4]; ItemType(t).Name().IsZero() {
		return faultAt(kind, CodeValue, offset+3, rune(s[offset+2]), lang.Text{
			Hans: "起的两位“" + t + "”不是事项类型（01 至 10、20），请核对", Hant: "起的兩位「" + t + "」不是事項類型（01 至 10、20），請核對",
			En: "begins the type " + t + ", which is none of 01 to 10 and 20: check the type of the item",
		})
	}
	return nil
}

// ItemCode is the code of an item as one body carries it out (实施编码): 31 characters.
type ItemCode struct {
	Code  string
	Body  USCC
	Level int // 行使层级, 1 national to 6 village
	Basic BasicCode
}

// ParseItemCode reads an item code. The error is an *Error.
func ParseItemCode(s string) (ItemCode, error) {
	if err := match(KindItem, s, itemShape); err != nil {
		return ItemCode{}, err
	}
	if err := checkItem(KindItem, s); err != nil {
		return ItemCode{}, err
	}
	return itemOf(s), nil
}

func itemOf(s string) ItemCode {
	return ItemCode{Code: s, Body: usccOf(s[:18]), Level: number(s[18:19]), Basic: basicOf(s[19:])}
}

// NewItemCode joins the code of a body, a level and a basic code. The error is an *Error.
func NewItemCode(body USCC, level int, basic BasicCode) (ItemCode, error) {
	return ParseItemCode(fmt.Sprintf("%s%d%s", body.Code, level, basic.Code))
}

// checkItem checks the first 31 characters of s, which have the shape.
func checkItem(kind Kind, s string) *Error {
	if err := checkUSCC(kind, s); err != nil {
		return err
	}
	if LevelName(number(s[18:19])).IsZero() {
		return faultAt(kind, CodeValue, 19, rune(s[18]), lang.Text{
			Hans: "不是行使层级（1 国家级至 6 村级），请核对", Hant: "不是行使層級（1 國家級至 6 村級），請核對",
			En: "is no level: 1 (national) to 6 (village)",
		})
	}
	return checkBasic(kind, s, 19)
}

// CaseNumber is the number of a case (办件编号): 43 characters, the item code, the day of application and a serial of that day.
type CaseNumber struct {
	Number string
	Item   ItemCode
	Date   time.Time // midnight UTC of the day
	Serial int
}

// ParseCaseNumber reads a case number. The error is an *Error.
func ParseCaseNumber(s string) (CaseNumber, error) {
	if err := match(KindCase, s, caseShape); err != nil {
		return CaseNumber{}, err
	}
	if err := checkItem(KindCase, s); err != nil {
		return CaseNumber{}, err
	}
	date, err := checkDate(KindCase, s, 31)
	if err != nil {
		return CaseNumber{}, err
	}
	return CaseNumber{Number: s, Item: itemOf(s[:31]), Date: date, Serial: number(s[39:])}, nil
}

// NewCaseNumber makes the number of the serial-th case of an item on the date of day. The form has four digits: a serial above
// 9999 is refused, and the item needs a second business code (业务办理项).
func NewCaseNumber(item ItemCode, day time.Time, serial int) (CaseNumber, error) {
	return ParseCaseNumber(fmt.Sprintf("%s%s%04d", item.Code, day.Format("20060102"), serial))
}

// IndexNumber is the number of a record in the catalogue of disclosed information (索引号): body, month, serial.
type IndexNumber struct {
	Number string
	Body   string // a USCC, or an organisation code in numbers of the form of 2013
	Year   int
	Month  time.Month
	Serial int
}

// ParseIndexNumber reads an index number of either form: 11341702486344515H/202110-00013 or, from the time of organisation
// codes, 003110926/201510-00216. The error is an *Error. Bodies went over at different times, so no month is tied to a form.
func ParseIndexNumber(s string) (IndexNumber, error) {
	shape, body := indexShape, 18
	if i := strings.IndexByte(s, '/'); i >= 0 && i <= 9 {
		shape, body = indexShape9, 9
	}
	if err := match(KindIndex, s, shape); err != nil {
		if err.Code == CodeLength {
			err = wrongLength(KindIndex, fmt.Sprintf("%d / %d", len(indexShape), len(indexShape9)), len([]rune(s)))
		}
		return IndexNumber{}, err
	}
	if body == 18 {
		if err := checkUSCC(KindIndex, s); err != nil {
			return IndexNumber{}, err
		}
	} else if want := orgCodeCheck(s); s[8] != want {
		return IndexNumber{}, wrongCheck(KindIndex, 9, s[8], want)
	}
	rest := s[body+1:]
	month := number(rest[4:6])
	if month < 1 || month > 12 {
		return IndexNumber{}, faultAt(KindIndex, CodeDate, body+6, rune(rest[4]), lang.Text{
			Hans: "起的两位不是月份（01 至 12），请核对", Hant: "起的兩位不是月份（01 至 12），請核對", En: "begins a month that is not 01 to 12: check it",
		})
	}
	return IndexNumber{Number: s, Body: s[:body], Year: number(rest[:4]), Month: time.Month(month), Serial: number(rest[7:])}, nil
}

// NewIndexNumber makes the number of the serial-th record of a body in a month, in today's form.
func NewIndexNumber(body USCC, year int, month time.Month, serial int) (IndexNumber, error) {
	return ParseIndexNumber(fmt.Sprintf("%s/%04d%02d-%05d", body.Code, year, month, serial))
}
