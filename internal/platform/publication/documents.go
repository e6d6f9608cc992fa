package publication

import (
	"context"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Documents counts the records of a category for a time: what table 2 of the annual report (政府信息公开工作年度报告) asks for.
type Documents struct {
	Made     int64 // 制发: in that time
	Repealed int64 // 废止, 失效: in that time
	InForce  int64 // 现行有效: when it was over
	Public   int64 // made public in that time
}

// DocumentFilter chooses what is counted. The time is from From up to Until, which is not part of it.
type DocumentFilter struct {
	Division    string // 12 digits
	Below       bool   // with the divisions below it
	Body        string // key; empty: all
	Category    string
	From, Until calendar.Date
}

// Documents counts the records of one category. It reads an index of that category alone.
func (s *Service) Documents(ctx context.Context, f DocumentFilter) (d Documents, err error) {
	args := []any{int64(f.From), int64(f.Until), f.Category}
	scope := ""
	add := func(term string, value string) {
		args = append(args, value)
		scope += fmt.Sprintf(" AND "+term, len(args))
	}
	switch prefix := casework.Subtree(f.Division); {
	case f.Division == "":
	case f.Below:
		const digits = 12
		add("division >= $%d", prefix+strings.Repeat("0", digits-len(prefix)))
		add("division <= $%d", prefix+strings.Repeat("9", digits-len(prefix)))
	default:
		add("division = $%d", f.Division)
	}
	if f.Body != "" {
		add("body = $%d", f.Body)
	}
	// A record that does not say when it was made was made when it was first published.
	const made = `CASE WHEN made <> 0 THEN made ELSE first END`
	d, err = store.One(ctx, s.DB.Read(), func(row store.Row) (d Documents, err error) {
		return d, row.Scan(&d.Made, &d.Repealed, &d.InForce, &d.Public)
	}, `SELECT count(CASE WHEN `+made+` >= $1 AND `+made+` < $2 THEN 1 END), count(CASE WHEN repealed >= $1 AND repealed < $2 THEN 1 END),
			count(CASE WHEN `+made+` < $2 AND (repealed = 0 OR repealed >= $2) THEN 1 END), count(CASE WHEN first >= $1 AND first < $2 THEN 1 END)
		FROM publication_record WHERE live = 1 AND category = $3`+scope, args...)
	if err != nil {
		return d, fmt.Errorf("documents of %s: %w", f.Category, err)
	}
	return d, nil
}
