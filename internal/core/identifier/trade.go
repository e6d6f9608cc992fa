package identifier

import (
	"fmt"
	"strings"
	"time"
)

const tradeShape = "ldd" + usccShape + "-dddddddd-ddddddk"

// TradeCode is the unified code of a public trade (统一交易标识码): class(3) USCC(18) - yyyyMMdd - serial(6) check(1).
type TradeCode struct {
	Code   string
	Class  string // 交易分类, a letter and two digits
	Body   USCC   // who registered the project
	Date   time.Time
	Serial int
}

// ParseTradeCode reads a unified trade code. The error is an *Error.
func ParseTradeCode(s string) (TradeCode, error) {
	if err := match(KindTrade, s, tradeShape); err != nil {
		return TradeCode{}, err
	}
	// The check character is asked first: it covers all, while a USCC that is wrong alone was wrong when the code was made.
	if want := mod37(s[:37]); s[37] != want {
		return TradeCode{}, wrongCheck(KindTrade, 38, s[37], want)
	}
	if want := usccCheck(s[3:21]); s[20] != want {
		return TradeCode{}, wrongCheck(KindTrade, 21, s[20], want)
	}
	date, err := checkDate(KindTrade, s, 22)
	if err != nil {
		return TradeCode{}, err
	}
	return TradeCode{Code: s, Class: s[:3], Body: usccOf(s[3:21]), Date: date, Serial: number(s[31:37])}, nil
}

// NewTradeCode makes the code of the serial-th trade of a body on the date of day, check character included.
func NewTradeCode(class string, body USCC, day time.Time, serial int) (TradeCode, error) {
	s := fmt.Sprintf("%s%s-%s-%06d", class, body.Code, day.Format("20060102"), serial)
	if err := match(KindTrade, s, tradeShape[:37]); err != nil {
		return TradeCode{}, err
	}
	return ParseTradeCode(s + string(mod37(s)))
}

// mod37 computes the check character of ISO 7064 MOD 37-2 over digits and capitals; hyphens do not count.
func mod37(s string) byte {
	const alphabet = digitSet + letterSet + "*"
	p := 0
	for _, c := range []byte(s) {
		if c != '-' {
			p = (p + strings.IndexByte(alphabet, c)) * 2 % 37
		}
	}
	return alphabet[(38-p)%37]
}
