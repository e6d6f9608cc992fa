package chart

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// maxEarlier is how many earlier saves of a version are kept.
const maxEarlier = 20

// Earlier is what was saved of a version before it was saved over. It can be opened again, and saved anew.
type Earlier struct {
	Stamp  int
	XML    string
	Note   string
	Author store.ID
	At     time.Time
}

// keepEarlier puts aside what is about to be saved over by another file, and drops what is too old.
func keepEarlier(tx *store.Tx, v *Version, stamp int) {
	tx.Queue(`INSERT INTO chart_save (chart, n, stamp, xml, note, author, at) SELECT chart, n, stamp, xml, note, author, at FROM chart_version
		WHERE chart = $1 AND n = $2 AND stamp = $3 AND digest <> $4`, int64(v.Chart), v.N, stamp, v.Digest)
	tx.Queue(`DELETE FROM chart_save WHERE chart = $1 AND n = $2 AND stamp <=
		(SELECT s.stamp FROM chart_save AS s WHERE s.chart = $1 AND s.n = $2 ORDER BY s.stamp DESC LIMIT 1 OFFSET $3)`, int64(v.Chart), v.N, maxEarlier)
}

// EarlierOf lists the earlier saves of a version, the newest first, without their files.
func (s *Service) EarlierOf(ctx context.Context, id store.ID, n int) ([]Earlier, error) {
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (e Earlier, err error) {
		var at int64
		err = row.Scan(&e.Stamp, &e.Note, &e.Author, &at)
		e.At = store.Instant(at)
		return e, err
	}, `SELECT stamp, note, author, at FROM chart_save WHERE chart = $1 AND n = $2 ORDER BY stamp DESC`, int64(id), n)
	if err != nil {
		return nil, fmt.Errorf("earlier saves of version %d of chart %s: %w", n, id, err)
	}
	return list, nil
}

// earlier returns one earlier save with its file, or [store.ErrNotFound].
func (s *Service) earlier(ctx context.Context, id store.ID, n, stamp int) (Earlier, error) {
	e, err := store.One(ctx, s.DB.Read(), func(row store.Row) (e Earlier, err error) {
		var at int64
		err = row.Scan(&e.Stamp, &e.XML, &e.Note, &e.Author, &at)
		e.At = store.Instant(at)
		return e, err
	}, `SELECT stamp, xml, note, author, at FROM chart_save WHERE chart = $1 AND n = $2 AND stamp = $3`, int64(id), n, stamp)
	if err != nil {
		return e, fmt.Errorf("save %d of version %d of chart %s: %w", stamp, n, id, err)
	}
	return e, nil
}

// earlierAsked returns the earlier save that an address asks for; nil: none is asked for.
func (s *Service) earlierAsked(r *http.Request, v *Version) (*Earlier, error) {
	text := r.URL.Query().Get("save")
	if text == "" {
		return nil, nil //nolint:nilnil // nothing was asked for
	}
	stamp, err := strconv.Atoi(text)
	if err != nil {
		return nil, web.NotFound("chart.error.save")
	}
	e, err := s.earlier(r.Context(), v.Chart, v.N, stamp)
	if errors.Is(err, store.ErrNotFound) {
		return nil, web.NotFound("chart.error.save")
	}
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// savePath is the address of an earlier save, opened on the board or as a file.
func savePath(p *boardView, file string, stamp int) string {
	return boardPath(p.ID, p.N) + file + "?" + url.Values{"save": {strconv.Itoa(stamp)}}.Encode()
}

// earlierRows lists the earlier saves as a table: when and who, what for, and the two things that can be done with one.
func earlierRows(l *web.Localizer, p *boardView) [][]ui.Cell {
	rows := make([][]ui.Cell, len(p.earlier))
	for i := range p.earlier {
		e := &p.earlier[i]
		rows[i] = []ui.Cell{{Content: earlierSave(l.Time(e.At), p.people[e.Author], e.Note)}, {Content: earlierWays(l, p, e)}}
	}
	return rows
}
