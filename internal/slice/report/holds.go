package report

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/store"
)

// holds counts the annual reports by year and state.
func (s *Service) holds(ctx context.Context) ([]app.Holding, error) {
	list, err := store.All(ctx, s.DB.Read(), func(r store.Row) (h app.Holding, err error) {
		var year int64
		state := ""
		err = r.Scan(&year, &state, &h.N)
		h.What = fmt.Sprintf("reports on %d, %s", year, state)
		return h, err
	}, `SELECT year, state, count(*) FROM report_report GROUP BY year, state ORDER BY year, state`)
	if err != nil {
		return nil, fmt.Errorf("count reports: %w", err)
	}
	return list, nil
}
