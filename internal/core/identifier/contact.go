package identifier

import (
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// Phone is a telephone number of the mainland.
type Phone struct {
	Number string // digits only
	Mobile bool
}

// ParsePhone reads a mobile number of 11 digits, or a fixed one with its area code, with a hyphen after that or without. The
// error is an *Error.
func ParsePhone(s string) (Phone, error) {
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "0086") {
		return Phone{}, faultAt(KindPhone, CodeCharacter, 1, rune(s[0]), lang.Text{
			Hans: "起是国际区号，请去掉 +86，只填国内号码", Hant: "起是國際區號，請去掉 +86，只填國內號碼",
			En: "begins a country code: leave out +86 and enter the number as it is dialled at home",
		})
	}
	shape := "ddddddddddd"
	if strings.HasPrefix(s, "0") {
		area, hyphen := 4, ""
		if strings.HasPrefix(s, "01") || strings.HasPrefix(s, "02") {
			area = 3 // 010 and 02x are the area codes of three digits; the number itself has seven digits or eight
		}
		if len(s) > area && s[area] == '-' {
			hyphen = "-"
		}
		own := utf8.RuneCountInString(s) - area - len(hyphen)
		shape = strings.Repeat("d", area) + hyphen + strings.Repeat("d", min(max(own, 7), 8))
	}
	if err := match(KindPhone, s, shape); err != nil {
		return Phone{}, err
	}
	bare := strings.ReplaceAll(s, "-", "")
	mobile := bare[0] != '0'
	if mobile && (bare[0] != '1' || bare[1] < '3') {
		return Phone{}, faultAt(KindPhone, CodeValue, 1, rune(bare[0]), lang.Text{
			Hans: "起不是手机号（以 13 至 19 开头）；固定电话请加区号", Hant: "起不是手機號（以 13 至 19 開頭）；固定電話請加區號",
			En: "begins no mobile number (13 to 19); put the area code before a fixed line",
		})
	}
	return Phone{Number: bare, Mobile: mobile}, nil
}

// CheckBankCard checks a bank card number: 16 to 19 digits, the last by Luhn's formula. The error is an *Error.
func CheckBankCard(s string) error {
	n := utf8.RuneCountInString(s)
	if err := match(KindBankCard, s, strings.Repeat("d", min(max(n, 16), 19))); err != nil {
		if err.Code == CodeLength {
			err = wrongLength(KindBankCard, "16–19", n)
		}
		return err
	}
	if want := luhn(s[:n-1]); s[n-1] != want {
		return wrongCheck(KindBankCard, n, s[n-1], want)
	}
	return nil
}

// luhn computes the digit that makes the sum over all digits, every second one doubled and its digits added, a multiple of ten.
func luhn(s string) byte {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			d = d*2%10 + d/5
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

// CheckPlate checks a number plate, written without the dot that is printed on it: the name of the province, a letter for the
// city, then five characters, or six for a vehicle of new energy; the last may be 挂, 学, 警, 港 or 澳 (GA 36). The error is an
// *Error.
func CheckPlate(s string) error {
	shape := "plnnnns"
	if utf8.RuneCountInString(s) == len(shape)+1 {
		shape = "plnnnnnn"
	}
	if err := match(KindPlate, s, shape); err != nil {
		if err.Code == CodeLength {
			err = wrongLength(KindPlate, "7–8", utf8.RuneCountInString(s))
		}
		return err
	}
	return nil
}
