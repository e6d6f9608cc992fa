package guard

import "openhall.org/openhall/internal/core/lang"

// Kind is a kind of personal data.
type Kind string

// The kinds that are found.
const (
	IDCard      Kind = "id-card"     // 公民身份号码
	Mobile      Kind = "mobile"      // 手机号码
	Landline    Kind = "landline"    // 固定电话
	BankCard    Kind = "bank-card"   // 银行卡号、存折账号
	Address     Kind = "address"     // 住址
	Email       Kind = "email"       // 电子邮箱
	Plate       Kind = "plate"       // 机动车号牌
	PersonName  Kind = "name"        // 姓名
	Certificate Kind = "certificate" // 护照等证件号码
)

// Kinds lists the kinds, those that do most harm first.
func Kinds() []Kind {
	return []Kind{IDCard, BankCard, Mobile, Certificate, Landline, Address, Email, Plate, PersonName}
}

// Identifier reports whether a finding of the kind alone leads to a person or to their money; names and addresses need more.
func (k Kind) Identifier() bool { return k != PersonName && k != Address }

// Name returns what people call the kind.
func (k Kind) Name() lang.Text {
	switch k {
	case IDCard:
		return lang.Text{Hans: "公民身份号码", Hant: "公民身份號碼", En: "ID card number"}
	case Mobile:
		return lang.Text{Hans: "手机号码", Hant: "手機號碼", En: "mobile number"}
	case Landline:
		return lang.Text{Hans: "固定电话", Hant: "固定電話", En: "fixed line"}
	case BankCard:
		return lang.Text{Hans: "银行账号", Hant: "銀行帳號", En: "bank card or account"}
	case Address:
		return lang.Text{Hans: "住址", Hant: "住址", En: "home address"}
	case Email:
		return lang.Text{Hans: "电子邮箱", Hant: "電子郵箱", En: "mail address"}
	case Plate:
		return lang.Text{Hans: "车牌号", Hant: "車牌號", En: "number plate"}
	case PersonName:
		return lang.Text{Hans: "姓名", Hant: "姓名", En: "name of a person"}
	case Certificate:
		return lang.Text{Hans: "证件号码", Hant: "證件號碼", En: "number of a certificate"}
	default:
		return lang.Text{Hans: string(k)}
	}
}

// Confidence says how sure the guard is. The zero value is no confidence at all.
type Confidence int

// The degrees.
const (
	Possible Confidence = iota + 1 // a person should look
	Likely                         // form and context agree
	Certain                        // a check character or a word that names it agrees as well
)

// Name returns the degree in words.
func (c Confidence) Name() lang.Text {
	switch c {
	case Possible:
		return lang.Text{Hans: "可能", Hant: "可能", En: "possible"}
	case Likely:
		return lang.Text{Hans: "很可能", Hant: "很可能", En: "likely"}
	case Certain:
		return lang.Text{Hans: "确定", Hant: "確定", En: "certain"}
	default:
		return lang.Text{}
	}
}

// Reason says why something was found, as a word for machines.
type Reason string

// The reasons.
const (
	ByCheck      Reason = "check"       // the check character agrees
	ByForm       Reason = "form"        // nothing else has this form
	ByWord       Reason = "word"        // it stands after a word that announces it
	ByColumn     Reason = "column"      // it stands in a column of a table whose heading announces it
	WrongCheck   Reason = "wrong-check" // it has the form, but the check character does not agree
	OtherMeaning Reason = "other"       // it has the form, but stands after a word for something else, or without any
)

// Text returns the reason in words.
func (r Reason) Text() lang.Text {
	switch r {
	case ByCheck:
		return lang.Text{Hans: "校验码相符", Hant: "校驗碼相符", En: "its check character agrees"}
	case ByForm:
		return lang.Text{Hans: "形式相符", Hant: "形式相符", En: "it has the form of one"}
	case ByWord:
		return lang.Text{Hans: "前文写明", Hant: "前文寫明", En: "the words before announce it"}
	case ByColumn:
		return lang.Text{Hans: "表头写明", Hant: "表頭寫明", En: "the heading of the column announces it"}
	case WrongCheck:
		return lang.Text{Hans: "形式相符，但校验码不符", Hant: "形式相符，但校驗碼不符", En: "it has the form of one, but its check character does not agree"}
	case OtherMeaning:
		return lang.Text{Hans: "形式相符，但上下文不能确定", Hant: "形式相符，但上下文不能確定", En: "it has the form of one, but the words around it do not say so"}
	default:
		return lang.Text{Hans: string(r)}
	}
}

// Finding is one piece of personal data in a text.
type Finding struct {
	Kind       Kind       `json:"kind"`
	From       int        `json:"from"` // byte offsets in the text
	To         int        `json:"to"`
	Mask       string     `json:"mask"` // what may be published in its place
	Confidence Confidence `json:"confidence"`
	Why        Reason     `json:"why"`
}
