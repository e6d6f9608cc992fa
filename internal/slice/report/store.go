package report

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "report", Files: files}
}

const reportColumns = `id, division, body, office, year, due, state, number, begun_at, handed_at, published_at, statement, record, version, live, first_at, reason`

func scanReport(row store.Row) (r Report, err error) {
	var due, begun, handed, published, live, first int64
	var statement string
	err = row.Scan(&r.ID, &r.Owner.Division, &r.Owner.Body, &r.Office, &r.Year, &due, &r.State, &r.Number, &begun, &handed, &published, &statement, &r.Record,
		&r.Version, &live, &first, &r.Reason)
	if err != nil {
		return r, err
	}
	r.Due, r.BegunAt, r.HandedAt, r.PublishedAt = calendar.Date(due), store.Instant(begun), store.Instant(handed), store.Instant(published)
	r.Live, r.FirstAt = live == 1, store.Instant(first)
	if statement != "" {
		r.Statement = &Statement{}
		if err := json.Unmarshal([]byte(statement), r.Statement); err != nil {
			return r, fmt.Errorf("statement of report %s: %w", r.Number, err)
		}
	}
	return r, nil
}

// Get returns the report of an owner on a year, or [store.ErrNotFound]: the version that holds, or the first while none is published.
func (s *Service) Get(ctx context.Context, owner Owner, year int) (Report, error) {
	return s.oneOf(ctx, owner, year, `AND live = 1`)
}

// byID returns a report by the id of its case.
func (s *Service) byID(ctx context.Context, id store.ID) (Report, error) {
	r, err := store.One(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report WHERE id = $1`, int64(id))
	if err != nil {
		return r, fmt.Errorf("report %s: %w", id, err)
	}
	return r, nil
}

// OfOffice returns the reports that a body compiles or has compiled, the newest year first; not those that were corrected since.
func (s *Service) OfOffice(ctx context.Context, office string) ([]Report, error) {
	return store.All(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report
		WHERE office = $1 AND (live = 1 OR state <> 'published') ORDER BY year DESC, body, version LIMIT 200`, office)
}

// OfDivision returns the reports on a year of a division itself: of its government and its bodies.
func (s *Service) OfDivision(ctx context.Context, division string, year int) ([]Report, error) {
	return store.All(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report WHERE year = $1 AND division = $2 AND live = 1 ORDER BY body`, year, division)
}

// published returns the reports of an owner that are public, the newest first.
func (s *Service) published(ctx context.Context, owner Owner) ([]Report, error) {
	return store.All(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report
		WHERE division = $1 AND body = $2 AND state = 'published' AND live = 1 ORDER BY year DESC LIMIT 50`, owner.Division, owner.Body)
}

// within returns the first and the last code of a division and all below it. Codes are digits only, so that every collation orders them
// alike.
func within(division string) (first, last string) {
	const digits = 12
	prefix := strings.TrimRight(division, "0")
	for _, n := range []int{2, 4, 6, 9, digits} { // province, city, county, township, village
		if len(prefix) <= n {
			prefix = division[:min(n, len(division))]
			break
		}
	}
	rest := max(0, digits-len(prefix))
	return prefix + strings.Repeat("0", rest), prefix + strings.Repeat("9", rest)
}

// done is how many reports on a year came when, in one division.
type done struct {
	division   string
	government bool
	state      State
	late       bool // published after its term
	n          int
}

// counts returns how many reports on a year there are in each division of an area, by state. It reads the index of that year.
func (s *Service) counts(ctx context.Context, area string, year int) ([]done, error) {
	first, last := within(area)
	return store.All(ctx, s.DB.Read(), func(row store.Row) (d done, err error) {
		var government, late int
		err = row.Scan(&d.division, &government, &d.state, &late, &d.n)
		d.government, d.late = government > 0, late > 0
		return d, err
	}, `SELECT division, CASE WHEN body = '' THEN 1 ELSE 0 END AS government, state,
			CASE WHEN first_at >= (due + 1) * 86400000000 - 28800000000 THEN 1 ELSE 0 END AS late, count(*)
		FROM report_report WHERE year = $1 AND division >= $2 AND division <= $3 AND live = 1 GROUP BY 1, 2, 3, 4`, year, first, last)
}

// adjusted returns the adjustments of a report that hold, in the order in which they were made.
func (s *Service) adjusted(ctx context.Context, q store.Querier, id store.ID) ([]Adjusted, error) {
	all, err := s.allAdjusted(ctx, q, id)
	if err != nil {
		return nil, err
	}
	newest := map[string]int{}
	for i, a := range all {
		newest[a.Cell] = i
	}
	var list []Adjusted
	for i, a := range all {
		if newest[a.Cell] == i && !a.dropped {
			list = append(list, a.Adjusted)
		}
	}
	return list, nil
}

// noted is an adjustment as it was taken down, with whether it gave a cell back to the records.
type noted struct {
	Adjusted

	dropped bool
}

func (s *Service) allAdjusted(ctx context.Context, q store.Querier, id store.ID) ([]noted, error) {
	list, err := store.All(ctx, q, func(row store.Row) (a noted, err error) {
		var known, dropped int
		var counted, at int64
		err = row.Scan(&a.Cell, &known, &counted, &a.Value, &dropped, &a.Reason, &a.By, &a.Post, &at)
		if known > 0 {
			a.Counted = &counted
		}
		a.dropped, a.At = dropped > 0, store.Instant(at)
		return a, err
	}, `SELECT cell, known, counted, value, dropped, reason, by_, post, at FROM report_adjustment WHERE report = $1 ORDER BY id`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("adjustments of report %s: %w", id, err)
	}
	return list, nil
}

// explained returns the newest explanation of each finding of a report.
func (s *Service) explained(ctx context.Context, q store.Querier, id store.ID) (map[string]Explained, error) {
	list, err := store.All(ctx, q, func(row store.Row) (e Explained, err error) {
		var at int64
		err = row.Scan(&e.Finding, &e.Left, &e.Right, &e.Reason, &e.By, &e.Post, &at)
		e.At = store.Instant(at)
		return e, err
	}, `SELECT finding, left_, right_, reason, by_, post, at FROM report_explanation WHERE report = $1 ORDER BY id`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("explanations of report %s: %w", id, err)
	}
	out := map[string]Explained{}
	for _, e := range list {
		out[e.Finding] = e
	}
	return out, nil
}

// texts returns the words of a report by section, as they were last saved.
func (s *Service) texts(ctx context.Context, q store.Querier, id store.ID) (map[string]Text, error) {
	list, err := store.All(ctx, q, scanText, `SELECT section, version, content, post, at FROM report_text t WHERE report = $1
		AND version = (SELECT max(version) FROM report_text o WHERE o.report = t.report AND o.section = t.section)`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("words of report %s: %w", id, err)
	}
	out := map[string]Text{}
	for _, t := range list {
		out[t.Section] = t
	}
	return out, nil
}

func scanText(row store.Row) (t Text, err error) {
	var at int64
	err = row.Scan(&t.Section, &t.Version, &t.Content, &t.Post, &at)
	t.At = store.Instant(at)
	return t, err
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
