package publication

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// Census says what is public, counted one by one.
type Census struct {
	Records   int64
	Withdrawn int64
	Versions  int64
	Divisions int64
	Bodies    int64
	Years     int64
	Explained int64 // records that others interpret (解读)
	Twins     int64 // versions whose text that of another record is, word for word
}

// Census counts what is public. It reads everything: it is for whoever brought a lot in and wants to know what became of it.
func (s *Service) Census(ctx context.Context) (c Census, err error) {
	for _, q := range []struct {
		into  *int64
		query string
	}{
		{&c.Records, `SELECT count(*) FROM publication_record WHERE live = 1`},
		{&c.Withdrawn, `SELECT count(*) FROM publication_record WHERE gone_at <> 0`},
		{&c.Versions, `SELECT count(*) FROM publication_version WHERE state = 'public'`},
		{&c.Divisions, `SELECT count(DISTINCT division) FROM publication_record WHERE live = 1`},
		{&c.Bodies, `SELECT count(DISTINCT body) FROM publication_record WHERE live = 1`},
		{&c.Years, `SELECT count(DISTINCT year) FROM publication_tally WHERE n > 0`},
		{&c.Explained, `SELECT count(DISTINCT l.target) FROM publication_link l JOIN publication_record r ON r.id = l.record WHERE l.kind = 'interprets' AND l.target <> 0 AND r.live = 1`},
	} {
		if *q.into, err = store.Scalar[int64](s.DB.Read().QueryRow(ctx, q.query)); err != nil {
			return c, fmt.Errorf("count records: %w", err)
		}
	}
	c.Twins, err = s.twins(ctx)
	return c, err
}

// twins counts the versions whose text stands in another record too.
func (s *Service) twins(ctx context.Context) (n int64, err error) {
	rows, err := s.DB.Read().Query(ctx, `SELECT v.record, `+says+` FROM publication_version v WHERE v.state = 'public'`)
	if err != nil {
		return 0, fmt.Errorf("compare texts: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	of := map[[sha256.Size]byte]store.ID{}
	for rows.Next() {
		var (
			record store.ID
			text   string
			st     struct {
				Content struct {
					Text string `json:"text"`
				} `json:"content"`
			}
		)
		if err := rows.Scan(&record, &text); err != nil {
			return 0, fmt.Errorf("compare texts: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &st); err != nil {
			return 0, fmt.Errorf("text of record %s: %w", record, err)
		}
		if st.Content.Text == "" {
			continue
		}
		sum := sha256.Sum256([]byte(st.Content.Text))
		if other, ok := of[sum]; ok && other != record {
			n++
			continue
		}
		of[sum] = record
	}
	return n, rows.Err()
}
