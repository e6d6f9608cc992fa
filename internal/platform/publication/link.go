package publication

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// link writes what a version is linked with, in place of what the version before was.
func (s *Service) link(tx *store.Tx, v *out) {
	if v.was != 0 {
		tx.Queue(`DELETE FROM publication_link WHERE record = $1`, int64(v.record))
	}
	for _, l := range v.statement.Content.Links {
		if l.Record != 0 {
			tx.Queue(`INSERT INTO publication_link (record, kind, target, index_no) VALUES ($1, $2, $3, '') ON CONFLICT DO NOTHING`,
				int64(v.record), string(l.Kind), int64(l.Record))
			continue
		}
		// Known by its index number only. If there is no such record yet, the link waits for it.
		tx.Queue(`INSERT INTO publication_link (record, kind, target, index_no)
			SELECT $1, $2, coalesce(t.id, 0), CASE WHEN t.id IS NULL THEN CAST($3 AS TEXT) ELSE '' END FROM (SELECT 1 AS one) AS o
			LEFT JOIN publication_record t ON t.index_no = $3 AND t.index_no <> '' WHERE true ON CONFLICT DO NOTHING`, int64(v.record), string(l.Kind), l.Index)
	}
}

// resolve leads links that only knew an index number to the records that now have it.
func (s *Service) resolve(ctx context.Context, tx *store.Tx, list []out) error {
	waiting, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM publication_link WHERE target = 0 LIMIT 1) AS any_link`))
	if err != nil || waiting == 0 {
		return err
	}
	for i := range list {
		if list[i].was == 0 {
			tx.Queue(`UPDATE publication_link SET target = $2, index_no = '' WHERE target = 0 AND index_no = $1`, list[i].index, int64(list[i].record))
		}
	}
	return nil
}

// Links returns what a record is linked with, in both directions: only what is public.
func (s *Service) Links(ctx context.Context, id store.ID) (Links, error) {
	var out Links
	var err error
	scan := func(row store.Row) (r Ref, err error) {
		return r, row.Scan(append([]any{&r.Kind}, r.Entry.scan()...)...)
	}
	columns := `l.kind, ` + entryColumns
	out.To, err = store.All(ctx, s.DB.Read(), scan, `SELECT `+columns+` FROM publication_link l JOIN publication_record r ON r.id = l.target
		WHERE l.record = $1 AND r.live = 1 AND EXISTS (SELECT 1 FROM publication_record o WHERE o.id = l.record AND o.live = 1) ORDER BY l.kind, r.first DESC, r.id DESC`, int64(id))
	if err != nil {
		return out, fmt.Errorf("links of record %s: %w", id, err)
	}
	out.From, err = store.All(ctx, s.DB.Read(), scan, `SELECT `+columns+` FROM publication_link l JOIN publication_record r ON r.id = l.record
		WHERE l.target = $1 AND r.live = 1 AND EXISTS (SELECT 1 FROM publication_record o WHERE o.id = l.target AND o.live = 1) ORDER BY l.kind, r.first DESC, r.id DESC`, int64(id))
	if err != nil {
		return out, fmt.Errorf("links of record %s: %w", id, err)
	}
	return out, nil
}
