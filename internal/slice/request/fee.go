package request

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

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

// paid notes what was paid, or that the asker was let off.
func (s *Service) paid(tx *store.Tx, c *casework.Case, h casework.Happened) {
	v := c.Variables()
	fen, waived := whole(v, "fee"), 0
	if isOld(c) {
		fen = whole(v, "cost")
	}
	if h.Data["outcome"] == "waived" {
		waived = 1
	}
	day := calendar.Of(h.Event.At)
	if text, ok := h.Data["paidOn"].(string); ok {
		if on, err := calendar.Parse(text); err == nil {
			day = on
		}
	}
	tx.Queue(`INSERT INTO request_fee (case_id, division, body, day, fen, waived) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id) DO NOTHING`,
		int64(c.ID), c.Division, c.Body, int64(day), fen, waived)
}

// Fees are what was charged and what was waived in a time, both days included, in fen, and for how many requests something was charged.
type Fees struct{ Charged, Waived, Number int64 }

// Fees returns what was paid for requests.
func (s *Service) Fees(ctx context.Context, scope Scope, from, to calendar.Date) (Fees, error) {
	const sums = `SELECT coalesce(sum(CASE WHEN waived = 0 THEN fen ELSE 0 END), 0), coalesce(sum(CASE WHEN waived = 1 THEN fen ELSE 0 END), 0),
		coalesce(sum(CASE WHEN waived = 0 AND fen > 0 THEN 1 ELSE 0 END), 0) FROM request_fee WHERE day >= $1 AND day <= $2`
	scan := func(r store.Row) (f Fees, err error) { return f, r.Scan(&f.Charged, &f.Waived, &f.Number) }
	var f Fees
	var err error
	switch {
	case scope.Body != "":
		f, err = store.One(ctx, s.DB.Read(), scan, sums+` AND body = $3`, int64(from), int64(to), scope.Body)
	case scope.Division != "":
		low, high := spanOf(scope.Division)
		f, err = store.One(ctx, s.DB.Read(), scan, sums+` AND division >= $3 AND division < $4`, int64(from), int64(to), low, high)
	default:
		f, err = store.One(ctx, s.DB.Read(), scan, sums, int64(from), int64(to))
	}
	if err != nil {
		return f, fmt.Errorf("fees of requests: %w", err)
	}
	return f, nil
}
