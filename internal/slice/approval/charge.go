package approval

import (
	"context"
	"encoding/json"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// fieldFee is where forms of steps take what was charged (实收费用), in fen. 行政许可法 58, 59: only what is published, at its rate.
const fieldFee = "fee"

// charged writes down what was charged with a step.
func charged(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	value, ok := h.Data[fieldFee]
	if !ok || h.Kind != casework.Completed {
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("fee charged in %s: %w", c.Number, err)
	}
	var fen int64
	if err := json.Unmarshal(raw, &fen); err != nil {
		return fmt.Errorf("fee charged in %s: %w", c.Number, err)
	}
	if fen <= 0 {
		return nil
	}
	tx.Queue(`INSERT INTO approval_charge (case_id, seq, division, body, day, fen) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, seq) DO NOTHING`,
		int64(c.ID), h.Event.Seq, c.Division, c.Body, int64(calendar.Of(h.Event.At)), fen)
	return nil
}

// Charges says whose charges are asked for: a body's, or those of a division and all below it. The zero value is the whole node.
type Charges struct {
	Body     string
	Division string // 12 digits
}

// Charged returns what was charged in a time, both days included, in fen. It reads one index, over the charges of that time alone.
func (s *Service) Charged(ctx context.Context, of Charges, from, to calendar.Date) (int64, error) {
	const sum = `SELECT CAST(coalesce(sum(fen), 0) AS BIGINT) FROM approval_charge WHERE day >= $1 AND day <= $2`
	where, args := ` AND body = $3`, []any{int64(from), int64(to), of.Body}
	if of.Body == "" {
		low := casework.Subtree(of.Division)
		where, args = ` AND division >= $3 AND division < $4`, []any{int64(from), int64(to), low, low + ":"} // the character behind 9
	}
	fen, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, sum+where, args...))
	if err != nil {
		return 0, fmt.Errorf("charges: %w", err)
	}
	return fen, nil
}
