package identifier

import (
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

const idCardShape = "dddddddddddddddddx"

// oldestPerson is the age in years above which a birth date is taken for a slip of the pen.
const oldestPerson = 150

// IDCard is a citizen's identity number (公民身份号码, GB 11643), or the number of a residence permit that has the same form.
type IDCard struct {
	Number   string
	Area     string    // six digits: where the number was first given
	Birth    time.Time // midnight UTC of the birth date
	Sequence int       // 顺序码, odd for men, even for women
}

// Female reports the sex that the sequence states.
func (c IDCard) Female() bool { return c.Sequence%2 == 0 }

// Foreign reports whether it is a foreign permanent resident's number (外国人永久居留身份证, form of 2023), which begins with 9.
func (c IDCard) Foreign() bool { return c.Number != "" && c.Number[0] == '9' }

// ParseIDCard reads an identity number as it stands on the given day, of which only the date counts: a birth date after it is
// refused. The error is an *Error. Every single wrong character and every swap of two neighbours is found by the check
// character (ISO 7064 MOD 11-2), because 11 is a prime.
func ParseIDCard(s string, on time.Time) (IDCard, error) {
	if len(s) == 15 && match(KindIDCard, s, idCardShape[:15]) == nil {
		return IDCard{}, fault(KindIDCard, CodeLength, 0, 0, lang.Text{
			Hans: "只有 15 位：一代身份证号自 2013 年 1 月 1 日起停用，请填写 18 位号码",
			Hant: "只有 15 位：一代身份證號自 2013 年 1 月 1 日起停用，請填寫 18 位號碼",
			En:   "15 digits are a first-generation number, out of use since 1 January 2013: enter the 18 characters",
		})
	}
	if err := match(KindIDCard, s, idCardShape); err != nil {
		return IDCard{}, err
	}
	if err := checkIDCardArea(s); err != nil {
		return IDCard{}, err
	}
	birth, err := checkDate(KindIDCard, s, 6)
	if err != nil {
		return IDCard{}, err
	}
	today := time.Date(on.Year(), on.Month(), on.Day(), 0, 0, 0, 0, time.UTC)
	switch {
	case birth.After(today):
		return IDCard{}, faultAt(KindIDCard, CodeFuture, 7, rune(s[6]), lang.Text{
			Hans: "起的出生日期 " + s[6:14] + " 还没有到，请核对", Hant: "起的出生日期 " + s[6:14] + " 還沒有到，請核對",
			En: "begins the birth date " + s[6:14] + ", which is still to come: check the year",
		})
	case birth.AddDate(oldestPerson, 0, 0).Before(today):
		return IDCard{}, faultAt(KindIDCard, CodeDate, 7, rune(s[6]), lang.Text{
			Hans: fmt.Sprintf("起的出生日期 %s 距今超过 %d 年，请核对", s[6:14], oldestPerson),
			Hant: fmt.Sprintf("起的出生日期 %s 距今超過 %d 年，請核對", s[6:14], oldestPerson),
			En:   fmt.Sprintf("begins the birth date %s, more than %d years ago: check the year", s[6:14], oldestPerson),
		})
	}
	if want := idCardCheck(s); s[17] != want {
		return IDCard{}, wrongCheck(KindIDCard, 18, s[17], want)
	}
	return IDCard{Number: s, Area: s[:6], Birth: birth, Sequence: number(s[14:17])}, nil
}

// checkIDCardArea checks the province. 83 is the residence permit for Taiwan residents (830000); a foreigner's number has 9 and
// then the province.
func checkIDCardArea(s string) *Error {
	switch {
	case s[:2] == "83":
		return nil
	case s[0] == '9':
		return checkProvince(KindIDCard, s, 1)
	default:
		return checkProvince(KindIDCard, s, 0)
	}
}

// NewIDCard makes a number for tests and demo data, with its check character computed. The area has six digits; the sequence
// lies between 0 and 999.
func NewIDCard(area string, birth time.Time, sequence int) (IDCard, error) {
	s := fmt.Sprintf("%s%s%03d", area, birth.Format("20060102"), sequence)
	if err := match(KindIDCard, s, idCardShape[:17]); err != nil {
		return IDCard{}, err
	}
	return ParseIDCard(s+string(idCardCheck(s)), birth)
}

// idCardCheck computes the 18th character (GB 11643 § 4.2.4).
func idCardCheck(s string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// checkDate reads the eight digits yyyyMMdd of s from offset.
func checkDate(kind Kind, s string, offset int) (time.Time, *Error) {
	digits := s[offset : offset+8]
	date, err := time.Parse("20060102", digits)
	if err != nil || date.Year() < 1 {
		return time.Time{}, faultAt(kind, CodeDate, offset+1, rune(s[offset]), lang.Text{
			Hans: "起的八位“" + digits + "”不是日历上的日期（年四位、月两位、日两位），请核对",
			Hant: "起的八位「" + digits + "」不是日曆上的日期（年四位、月兩位、日兩位），請核對",
			En:   "begins " + digits + ", which is no day of the calendar (yyyyMMdd): check month and day",
		})
	}
	return date, nil
}

// number reads digits that have been checked.
func number(digits string) int {
	n := 0
	for _, c := range []byte(digits) {
		n = n*10 + int(c-'0')
	}
	return n
}
