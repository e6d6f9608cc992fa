package request

import "openhall.org/openhall/internal/core/calendar"

// The scales of the processing fee (国办函〔2020〕109号 4, 5). One of them is applied to a request, never both.
const (
	PerItem = "per-item" // 按件计收
	PerPage = "per-page" // 按量计收
)

// Fee returns what is due for one request by a scale, in fen. Per item, count says the how-manieth request of the applicant in the
// calendar month it is: its own share of the progressive scale is due. Per page, count is the number of pages of this request alone. Ok is
// false when no such scale is in force on the day.
func (s *Service) Fee(scale string, count int64, day calendar.Date) (fen int64, ok bool) {
	id := ruleItem
	if scale == PerPage {
		id = rulePage
	} else if scale != PerItem {
		return 0, false
	}
	v, ok := s.rule(id, day)
	if !ok || count < 1 {
		return 0, ok
	}
	fen = v.Bands.Charge(count)
	if scale == PerItem {
		fen -= v.Bands.Charge(count - 1) // 超额累进: those before it have paid theirs
	}
	return fen, true
}
