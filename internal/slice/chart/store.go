package chart

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"

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
	return store.Migrations{Module: "chart", Files: files}
}

const chartColumns = `id, key, body, division, title, items, record, latest, live, at`

func scanChart(row store.Row) (c Chart, err error) {
	var title, items string
	var at int64
	if err = row.Scan(&c.ID, &c.Key, &c.Body, &c.Division, &title, &items, &c.Record, &c.Latest, &c.Live, &at); err != nil {
		return c, err
	}
	c.At = store.Instant(at)
	if err = json.Unmarshal([]byte(title), &c.Title); err == nil {
		err = json.Unmarshal([]byte(items), &c.Items)
	}
	if err != nil {
		return c, fmt.Errorf("chart %s: %w", c.Key, err)
	}
	return c, nil
}

// Get returns a chart, or [store.ErrNotFound].
func (s *Service) Get(ctx context.Context, id store.ID) (Chart, error) {
	c, err := store.One(ctx, s.DB.Read(), scanChart, `SELECT `+chartColumns+` FROM chart_chart WHERE id = $1`, int64(id))
	if err != nil {
		return c, fmt.Errorf("chart %s: %w", id, err)
	}
	return c, nil
}

// OfBody lists the charts of a body, the newest first.
func (s *Service) OfBody(ctx context.Context, body string) ([]Chart, error) {
	list, err := store.All(ctx, s.DB.Read(), scanChart, `SELECT `+chartColumns+` FROM chart_chart WHERE body = $1 ORDER BY id DESC LIMIT $2`, body, maxCharts)
	if err != nil {
		return nil, fmt.Errorf("charts of %s: %w", body, err)
	}
	return list, nil
}

func insertChart(tx *store.Tx, c *Chart) error {
	title, err := json.Marshal(c.Title)
	if err != nil {
		return fmt.Errorf("chart %s: %w", c.Key, err)
	}
	items, err := json.Marshal(c.Items)
	if err != nil {
		return fmt.Errorf("chart %s: %w", c.Key, err)
	}
	tx.Queue(`INSERT INTO chart_chart (`+chartColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, int64(c.ID), c.Key, c.Body, c.Division,
		string(title), string(items), int64(c.Record), c.Latest, c.Live, store.Micros(c.At))
	return nil
}

const versionColumns = `chart, n, state, base, xml, digest, stamp, note, author, at, case_id, ref, published_at`

func scanVersion(row store.Row) (v Version, err error) {
	var at, published int64
	err = row.Scan(&v.Chart, &v.N, &v.State, &v.Base, &v.XML, &v.Digest, &v.Stamp, &v.Note, &v.Author, &at, &v.Case, &v.Ref, &published)
	v.At, v.PublishedAt = store.Instant(at), store.Instant(published)
	return v, err
}

// Version returns a version of a chart, or [store.ErrNotFound].
func (s *Service) Version(ctx context.Context, id store.ID, n int) (Version, error) {
	v, err := store.One(ctx, s.DB.Read(), scanVersion, `SELECT `+versionColumns+` FROM chart_version WHERE chart = $1 AND n = $2`, int64(id), n)
	if err != nil {
		return v, fmt.Errorf("version %d of chart %s: %w", n, id, err)
	}
	return v, nil
}

// Versions lists the versions of a chart, the newest first.
func (s *Service) Versions(ctx context.Context, id store.ID) ([]Version, error) {
	list, err := store.All(ctx, s.DB.Read(), scanVersion, `SELECT `+versionColumns+` FROM chart_version WHERE chart = $1 ORDER BY n DESC`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("versions of chart %s: %w", id, err)
	}
	return list, nil
}

func insertVersion(tx *store.Tx, v *Version) {
	v.Digest = digestOf(v.XML)
	tx.Queue(`INSERT INTO chart_version (`+versionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, int64(v.Chart), v.N,
		string(v.State), v.Base, v.XML, v.Digest, v.Stamp, v.Note, int64(v.Author), store.Micros(v.At), int64(v.Case), v.Ref, store.Micros(v.PublishedAt))
}

func digestOf(xml string) string {
	sum := sha256.Sum256([]byte(xml))
	return hex.EncodeToString(sum[:])
}

const formColumns = `chart, name, n, schema, frozen, at`

func scanForm(row store.Row) (f StepForm, err error) {
	var frozen, at int64
	err = row.Scan(&f.Chart, &f.Name, &f.N, &f.Schema, &frozen, &at)
	f.Frozen, f.At = frozen != 0, store.Instant(at)
	return f, err
}

// Forms lists the forms of a chart, each in its newest version.
func (s *Service) Forms(ctx context.Context, id store.ID) ([]StepForm, error) {
	list, err := store.All(ctx, s.DB.Read(), scanForm, `SELECT `+formColumns+` FROM chart_form AS f WHERE chart = $1
		AND n = (SELECT max(n) FROM chart_form AS m WHERE m.chart = f.chart AND m.name = f.name) ORDER BY name`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("forms of chart %s: %w", id, err)
	}
	return list, nil
}

// form returns a version of a form; n 0: the newest.
func (s *Service) form(ctx context.Context, q store.Querier, id store.ID, name string, n int) (StepForm, error) {
	f, err := store.One(ctx, q, scanForm, `SELECT `+formColumns+` FROM chart_form WHERE chart = $1 AND name = $2 AND (n = $3 OR $3 = 0) ORDER BY n DESC LIMIT 1`,
		int64(id), name, n)
	if err != nil {
		return f, fmt.Errorf("form %s of chart %s: %w", name, id, err)
	}
	return f, nil
}

func (s *Service) putItems(ctx context.Context, c *Chart) error {
	items, err := json.Marshal(c.Items)
	if err != nil {
		return fmt.Errorf("powers of chart %s: %w", c.Key, err)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE chart_chart SET items = $2 WHERE id = $1`, int64(c.ID), string(items))
	})
	if err != nil {
		return fmt.Errorf("powers of chart %s: %w", c.Key, err)
	}
	return nil
}
