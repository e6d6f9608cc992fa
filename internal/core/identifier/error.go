package identifier

import (
	"fmt"
	"strings"
	"unicode"

	"openhall.org/openhall/internal/core/lang"
)

// Kind names a kind of identifier, in the spelling of the command line and of form schemas.
type Kind string

// The kinds that Check knows.
const (
	KindUSCC     Kind = "uscc"
	KindIDCard   Kind = "id-card"
	KindOrgCode  Kind = "org-code"
	KindArea     Kind = "area"
	KindBasic    Kind = "basic"
	KindItem     Kind = "item"
	KindCase     Kind = "case"
	KindIndex    Kind = "index"
	KindTrade    Kind = "trade"
	KindPhone    Kind = "phone"
	KindBankCard Kind = "bank-card"
	KindPlate    Kind = "plate"
)

// Name returns what people call the kind.
func (k Kind) Name() lang.Text {
	switch k {
	case KindUSCC:
		return lang.Text{Hans: "统一社会信用代码", Hant: "統一社會信用代碼", En: "unified social credit code"}
	case KindIDCard:
		return lang.Text{Hans: "公民身份号码", Hant: "公民身份號碼", En: "ID card number"}
	case KindOrgCode:
		return lang.Text{Hans: "组织机构代码", Hant: "組織機構代碼", En: "organisation code"}
	case KindArea:
		return lang.Text{Hans: "行政区划代码", Hant: "行政區劃代碼", En: "area code"}
	case KindBasic:
		return lang.Text{Hans: "基本编码", Hant: "基本編碼", En: "basic item code"}
	case KindItem:
		return lang.Text{Hans: "实施编码", Hant: "實施編碼", En: "item code"}
	case KindCase:
		return lang.Text{Hans: "办件编号", Hant: "辦件編號", En: "case number"}
	case KindIndex:
		return lang.Text{Hans: "索引号", Hant: "索引號", En: "index number"}
	case KindTrade:
		return lang.Text{Hans: "统一交易标识码", Hant: "統一交易標識碼", En: "unified trade code"}
	case KindPhone:
		return lang.Text{Hans: "电话号码", Hant: "電話號碼", En: "phone number"}
	case KindBankCard:
		return lang.Text{Hans: "银行卡号", Hant: "銀行卡號", En: "bank card number"}
	case KindPlate:
		return lang.Text{Hans: "车牌号", Hant: "車牌號", En: "number plate"}
	default:
		return lang.Text{Hans: string(k)}
	}
}

// Code says in one word what is wrong with a value.
type Code string

// The faults. Those of single characters come first when a value has several.
const (
	CodeUnknownKind Code = "unknown-kind" // Check was asked for a kind that does not exist
	CodeEmpty       Code = "empty"
	CodeSpace       Code = "space"      // a space or an invisible character
	CodeFullWidth   Code = "full-width" // 全角
	CodeLowerCase   Code = "lower-case"
	CodeCharacter   Code = "character" // not one of those that may stand in this place
	CodeLength      Code = "length"
	CodeCheck       Code = "check" // the check character does not follow from the others
	CodeDate        Code = "date"  // no day of the calendar
	CodeFuture      Code = "future"
	CodeArea        Code = "area" // no province, or parts of an area code that contradict each other
	CodeValue       Code = "value"
)

// Error says what is wrong with an identifier, so that whoever typed it can mend it. It holds one character of the value at
// most, never the value: it may be shown and logged.
type Error struct {
	Kind     Kind
	Code     Code
	Position int       // of the character, from 1; 0 when the whole is wrong
	Char     rune      // what stands there; 0 when the whole is wrong
	Text     lang.Text // which character is wrong, why, and how to mend it
}

// Error returns the English text.
func (e *Error) Error() string { return e.Text.En }

// fault makes an Error; the texts follow the name of the kind.
func fault(kind Kind, code Code, position int, char rune, text lang.Text) *Error {
	name := kind.Name()
	return &Error{Kind: kind, Code: code, Position: position, Char: char, Text: lang.Text{
		Hans: name.Hans + text.Hans, Hant: name.Hant + text.Hant, En: name.En + ": " + text.En,
	}}
}

// faultAt makes an Error about the character at a position; the texts say what is the matter with it.
func faultAt(kind Kind, code Code, position int, char rune, text lang.Text) *Error {
	return fault(kind, code, position, char, lang.Text{
		Hans: fmt.Sprintf("第 %d 位“%c”%s", position, char, text.Hans),
		Hant: fmt.Sprintf("第 %d 位「%c」%s", position, char, text.Hant),
		En:   fmt.Sprintf("character %d, %q, %s", position, char, text.En),
	})
}

// class is a set of characters that may stand in a place; a shape is a string of classes, one for each place of a value.
type class byte

const (
	digit      class = 'd'
	letter     class = 'l' // A–Z
	digitX     class = 'x' // 0–9 and X: check characters
	alnum      class = 'a' // 0–9 and A–Z
	usccChar   class = 'u' // without I O S V Z (GB 32100)
	noIO       class = 'n' // without I O: number plates
	alnumStar  class = 'k' // 0–9, A–Z and *: check character of MOD 37-2
	plateHead  class = 'p' // the one-character name of a province
	plateTail  class = 's' // as noIO, or the mark of a trailer, a learner, the police, Hong Kong, Macao
	usccSet          = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	digitSet         = "0123456789"
	letterSet        = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	noIOSet          = digitSet + "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lookAlikes       = "O0D0Q0I1L1Z2S5B8" // a letter and the digit it is mistaken for, in turn
)

// characters returns the set of the class; any other class stands for itself.
func (c class) characters() (set string, name lang.Text) {
	switch c {
	case digit:
		return digitSet, lang.Text{Hans: "数字", Hant: "數字", En: "a digit"}
	case letter:
		return letterSet, lang.Text{Hans: "大写字母", Hant: "大寫字母", En: "a capital letter"}
	case digitX:
		return digitSet + "X", lang.Text{Hans: "数字或大写字母 X", Hant: "數字或大寫字母 X", En: "a digit or X"}
	case alnum:
		return digitSet + letterSet, lang.Text{Hans: "数字或大写字母", Hant: "數字或大寫字母", En: "a digit or a capital letter"}
	case usccChar:
		return usccSet, lang.Text{Hans: "数字或大写字母（不用 I、O、S、V、Z）", Hant: "數字或大寫字母（不用 I、O、S、V、Z）",
			En: "a digit or a capital letter other than I, O, S, V and Z"}
	case noIO:
		return noIOSet, lang.Text{Hans: "数字或大写字母（不用 I、O）", Hant: "數字或大寫字母（不用 I、O）", En: "a digit or a capital letter other than I and O"}
	case plateHead:
		return platePrefixes, lang.Text{Hans: "省、自治区、直辖市的简称，如“皖”", Hant: "省、自治區、直轄市的簡稱，如「皖」",
			En: "the one-character name of a province, such as 皖,"}
	case plateTail:
		return noIOSet + "挂学警港澳", lang.Text{Hans: "数字、大写字母（不用 I、O）或挂、学、警、港、澳", Hant: "數字、大寫字母（不用 I、O）或挂、学、警、港、澳",
			En: "a digit, a capital letter other than I and O, or one of 挂学警港澳"}
	case alnumStar:
		return digitSet + letterSet + "*", lang.Text{Hans: "数字、大写字母或 *", Hant: "數字、大寫字母或 *", En: "a digit, a capital letter or *"}
	default:
		s := string(rune(c))
		return s, lang.Text{Hans: "“" + s + "”", Hant: "「" + s + "」", En: fmt.Sprintf("%q", s)}
	}
}

// match checks a value against a shape, character by character. The first fault is reported: first the characters that are
// wrong in any place, because they also make the length wrong, then the length, then those that are wrong in theirs.
func match(kind Kind, value, shape string) *Error {
	if value == "" {
		return fault(kind, CodeEmpty, 0, 0, lang.Text{Hans: "没有填写", Hant: "沒有填寫", En: "nothing was entered"})
	}
	runes := []rune(value)
	if err := foreign(kind, runes, shape); err != nil {
		return err
	}
	if len(runes) != len(shape) {
		return wrongLength(kind, fmt.Sprint(len(shape)), len(runes))
	}
	for i, c := range runes {
		set, name := class(shape[i]).characters()
		if strings.ContainsRune(set, c) {
			continue
		}
		text := lang.Text{Hans: "不对：此处应为" + name.Hans, Hant: "不對：此處應為" + name.Hant, En: "is wrong: " + name.En + " stands here"}
		if s := suggest(c, class(shape[i])); s != 0 {
			text.Hans += fmt.Sprintf("，可能是“%c”", s)
			text.Hant += fmt.Sprintf("，可能是「%c」", s)
			text.En += fmt.Sprintf("; perhaps it is %q", s)
		}
		return faultAt(kind, CodeCharacter, i+1, c, text)
	}
	return nil
}

// foreign reports the first character that no identifier holds in any place: spaces, full-width forms, small letters.
func foreign(kind Kind, runes []rune, shape string) *Error {
	for i, c := range runes {
		var in class
		if len(runes) == len(shape) {
			in = class(shape[i])
		}
		narrow := halfWidth(c)
		switch {
		case unicode.IsSpace(c) || unicode.Is(unicode.Cf, c):
			return fault(kind, CodeSpace, i+1, c, lang.Text{
				Hans: fmt.Sprintf("第 %d 位是空格或不可见字符，请删去", i+1),
				Hant: fmt.Sprintf("第 %d 位是空格或不可見字元，請刪去", i+1),
				En:   fmt.Sprintf("character %d is a space or invisible: delete it", i+1),
			})
		case narrow != c:
			s := replacement(narrow, in)
			return faultAt(kind, CodeFullWidth, i+1, c, lang.Text{
				Hans: fmt.Sprintf("是全角字符，请改为半角“%c”", s), Hant: fmt.Sprintf("是全形字元，請改為半形「%c」", s),
				En: fmt.Sprintf("is a full-width character: write %q", s),
			})
		case 'a' <= c && c <= 'z' && meant(shape, c):
			s := replacement(c, in)
			return faultAt(kind, CodeLowerCase, i+1, c, lang.Text{
				Hans: fmt.Sprintf("是小写字母，请改为“%c”", s), Hant: fmt.Sprintf("是小寫字母，請改為「%c」", s),
				En: fmt.Sprintf("is a small letter: write %q", s),
			})
		}
	}
	return nil
}

// meant reports whether a character, or a digit that looks like it, may stand anywhere in values of the shape: nobody is told to write a capital
// letter into a telephone number.
func meant(shape string, c rune) bool {
	for i := range len(shape) {
		if s := suggest(c, class(shape[i])); s == unicode.ToUpper(c) || s != 0 && class(shape[i]) != digit {
			return true
		}
	}
	return false
}

// halfWidth returns the ASCII form of a full-width character or of a dash, or c itself.
func halfWidth(c rune) rune {
	switch {
	case '！' <= c && c <= '～':
		return c - '！' + '!'
	case '‐' <= c && c <= '―' || c == '−':
		return '-'
	default:
		return c
	}
}

// replacement returns what should be written for a character that is foreign in form: the capital, or the digit that it looks
// like where a capital may not stand.
func replacement(c rune, in class) rune {
	if s := suggest(c, in); s != 0 {
		return s
	}
	return unicode.ToUpper(c)
}

// suggest returns the character of the class that c was probably meant to be, or 0.
func suggest(c rune, in class) rune {
	set, _ := in.characters()
	upper := unicode.ToUpper(c)
	if strings.ContainsRune(set, upper) {
		return upper
	}
	if i := strings.IndexRune(lookAlikes, upper); i >= 0 && i%2 == 0 && strings.IndexByte(set, lookAlikes[i+1]) >= 0 {
		return rune(lookAlikes[i+1])
	}
	return 0
}

func wrongLength(kind Kind, want string, got int) *Error {
	return fault(kind, CodeLength, 0, 0, lang.Text{
		Hans: fmt.Sprintf("应为 %s 位，现为 %d 位，请核对是否漏填或多填", want, got),
		Hant: fmt.Sprintf("應為 %s 位，現為 %d 位，請核對是否漏填或多填", want, got),
		En:   fmt.Sprintf("it has %s characters, this has %d: look for one left out or typed twice", want, got),
	})
}

// wrongCheck reports a check character. It cannot say which character is wrong, only that one of them is.
func wrongCheck(kind Kind, position int, got, want byte) *Error {
	return faultAt(kind, CodeCheck, position, rune(got), lang.Text{
		Hans: fmt.Sprintf("是校验码，与其余各位不符（按其余各位应为“%c”）：至少有一位填错或两位颠倒，请对照证件逐位核对", want),
		Hant: fmt.Sprintf("是校驗碼，與其餘各位不符（按其餘各位應為「%c」）：至少有一位填錯或兩位顛倒，請對照證件逐位核對", want),
		En:   fmt.Sprintf("is the check character, and the others call for %q: at least one is mistyped or two are swapped; compare with the certificate", want),
	})
}
