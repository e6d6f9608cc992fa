package request

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/store"
)

// holds counts the requests: in all, by the state in which they are and by their outcome, and what became of replies.
func (s *Service) holds(ctx context.Context) ([]app.Holding, error) {
	var list []app.Holding
	for _, q := range []struct{ what, query string }{
		{"requests", `SELECT '', count(*) FROM request_case`},
		{"requests, state ", `SELECT status, count(*) FROM request_case GROUP BY status ORDER BY status`},
		{"requests, outcome ", `SELECT outcome, count(*) FROM request_case WHERE outcome <> '' GROUP BY outcome ORDER BY outcome`},
		{"requests by ", `SELECT channel, count(*) FROM request_case GROUP BY channel ORDER BY channel`},
		{"requests of ", `SELECT applicant, count(*) FROM request_case GROUP BY applicant ORDER BY applicant`},
		{"requests replied to late", `SELECT '', count(*) FROM request_case WHERE late = 1`},
		{"requests charged for", `SELECT '', count(*) FROM request_fee WHERE waived = 0 AND fen > 0`},
		{"answers handed to publication", `SELECT '', count(*) FROM request_case WHERE record <> ''`},
		{"disputes, ", `SELECT kind || ' ' || CASE WHEN taken_back > 0 THEN 'taken back' WHEN result = '' THEN 'pending' ELSE result END, count(*) FROM request_dispute GROUP BY 1 ORDER BY 1`},
		{"catalogues of what can be asked for", `SELECT '', count(*) FROM request_edition WHERE published > 0`},
	} {
		more, err := store.All(ctx, s.DB.Read(), func(r store.Row) (h app.Holding, err error) {
			name := ""
			err = r.Scan(&name, &h.N)
			h.What = q.what + name
			return h, err
		}, q.query)
		if err != nil {
			return nil, fmt.Errorf("count requests: %w", err)
		}
		list = append(list, more...)
	}
	return list, nil
}
