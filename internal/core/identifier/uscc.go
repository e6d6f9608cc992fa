package identifier

import (
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// The shapes follow the standards place by place; see class.
const (
	usccShape    = "uudddddduuuuuuuuuu"
	orgCodeShape = "aaaaaaaax"
)

// USCC is a unified social credit code (统一社会信用代码, GB 32100): it names a body, an enterprise or an association.
type USCC struct {
	Code      string // all 18 characters
	Registrar byte   // 登记管理部门: 1 for public bodies, 5 civil affairs, 9 market regulation …
	Category  byte   // 机构类别, within the registrar's
	Area      string // 登记管理机关行政区划码, six digits
	OrgCode   string // 主体标识码: the nine characters of the organisation code
}

// ParseUSCC reads a unified social credit code. The error is an *Error. Every single wrong character and every swap of two
// neighbours is found, because 31 is a prime. The organisation code inside is not checked for its own: GB 32100 makes the 18th
// character the check of the whole, and a certificate that the state has issued must not be refused.
func ParseUSCC(s string) (USCC, error) {
	if err := match(KindUSCC, s, usccShape); err != nil {
		return USCC{}, err
	}
	if err := checkUSCC(KindUSCC, s); err != nil {
		return USCC{}, err
	}
	return usccOf(s), nil
}

func usccOf(s string) USCC {
	return USCC{Code: s, Registrar: s[0], Category: s[1], Area: s[2:8], OrgCode: s[8:17]}
}

// NewUSCC makes a code for tests and demo data, with both check characters computed: area has six digits, body the eight
// characters of an organisation code without its check character.
func NewUSCC(registrar, category byte, area, body string) (USCC, error) {
	s := string([]byte{registrar, category}) + area + body + "00"
	if err := match(KindUSCC, s, usccShape); err != nil {
		return USCC{}, err
	}
	s = s[:16] + string(orgCodeCheck(body))
	return ParseUSCC(s + string(usccCheck(s)))
}

// checkUSCC checks the first 18 characters of s, which have the shape.
func checkUSCC(kind Kind, s string) *Error {
	if want := usccCheck(s); s[17] != want {
		return wrongCheck(kind, 18, s[17], want)
	}
	return nil
}

// usccCheck computes the 18th character: weights 3^i mod 31, check (31 − Σ mod 31) mod 31 (GB 32100 § 4).
func usccCheck(s string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(usccSet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return usccSet[(31-sum%31)%31]
}

// RegistrarName returns who registers the holders of such codes, empty when the first character is none that GB 32100 defines.
func (u USCC) RegistrarName() lang.Text {
	switch u.Registrar {
	case '1':
		return lang.Text{Hans: "机构编制", Hant: "機構編制", En: "public staffing office"}
	case '2':
		return lang.Text{Hans: "外交", Hant: "外交", En: "foreign affairs"}
	case '3':
		return lang.Text{Hans: "司法行政", Hant: "司法行政", En: "justice"}
	case '4':
		return lang.Text{Hans: "文化", Hant: "文化", En: "culture"}
	case '5':
		return lang.Text{Hans: "民政", Hant: "民政", En: "civil affairs"}
	case '6':
		return lang.Text{Hans: "旅游", Hant: "旅遊", En: "tourism"}
	case '7':
		return lang.Text{Hans: "宗教", Hant: "宗教", En: "religious affairs"}
	case '8':
		return lang.Text{Hans: "工会", Hant: "工會", En: "trade unions"}
	case '9':
		return lang.Text{Hans: "市场监管（工商）", Hant: "市場監管（工商）", En: "market regulation"}
	case 'A':
		return lang.Text{Hans: "中央军委改革和编制办公室", Hant: "中央軍委改革和編制辦公室", En: "military staffing office"}
	case 'N':
		return lang.Text{Hans: "农业", Hant: "農業", En: "agriculture"}
	case 'Y':
		return lang.Text{Hans: "其他", Hant: "其他", En: "other"}
	default:
		return lang.Text{}
	}
}

// OrgCode is an organisation code (组织机构代码, GB 11714), the name of a body on papers from before 2015-10-01. Since then it
// lives on as characters 9 to 17 of the unified social credit code.
type OrgCode struct {
	Code string // nine characters, without the hyphen that is printed before the last
}

// ParseOrgCode reads an organisation code, with the hyphen before its last character or without. The error is an *Error. Among
// digits every single wrong one and every swap of neighbours is found; a letter may pass for the character 11 or 22 places on,
// since the check counts modulo 11.
func ParseOrgCode(s string) (OrgCode, error) {
	shape := orgCodeShape
	if strings.Contains(s, "-") {
		shape = "aaaaaaaa-x"
	}
	if err := match(KindOrgCode, s, shape); err != nil {
		return OrgCode{}, err
	}
	last := len(s) - 1
	if want := orgCodeCheck(s); s[last] != want {
		return OrgCode{}, wrongCheck(KindOrgCode, len(s), s[last], want)
	}
	return OrgCode{s[:8] + s[last:]}, nil
}

// String returns the code as it is printed: 00311092-6.
func (o OrgCode) String() string {
	if len(o.Code) != 9 {
		return o.Code
	}
	return o.Code[:8] + "-" + o.Code[8:]
}

// orgCodeCheck computes the ninth character: 11 − Σ mod 11, 10 written X and 11 written 0 (GB 11714 § 4).
func orgCodeCheck(s string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += strings.IndexByte(digitSet+letterSet, s[i]) * w
	}
	return "0X987654321"[sum%11]
}
