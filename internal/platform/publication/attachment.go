package publication

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// Attachment opens a file of the version of a public record that is shown, or [store.ErrNotFound]. The caller closes it.
func (s *Service) Attachment(ctx context.Context, record, id store.ID) (Attachment, io.ReadCloser, error) {
	r, err := s.Get(ctx, record)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(r.Attachments, func(a Attachment) bool { return a.File == id })
	if i < 0 {
		return Attachment{}, nil, fmt.Errorf("file %s of record %s: %w", id, record, store.ErrNotFound)
	}
	_, content, err := s.Files.Get(ctx, id)
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("file %s of record %s: %w", id, record, err)
	}
	return r.Attachments[i], content, nil
}

// TextOf returns the text of an attachment, extracted once. A file that cannot be read has none.
func (s *Service) TextOf(ctx context.Context, a Attachment) (string, error) {
	if s.Extract == nil {
		return "", nil
	}
	text, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT text FROM publication_text WHERE file = $1`, int64(a.File)))
	if err == nil || !isNotFound(err) {
		return text, err
	}
	if text, err = s.extract(ctx, a); err != nil {
		return "", err
	}
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO publication_text (file, text) VALUES ($1, $2) ON CONFLICT (file) DO NOTHING`, int64(a.File), text)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("text of file %s: %w", a.File, err)
	}
	return text, nil
}

func (s *Service) extract(ctx context.Context, a Attachment) (string, error) {
	_, content, err := s.Files.Get(ctx, a.File)
	if errors.Is(err, file.ErrAltered) || isNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("file %s: %w", a.File, err)
	}
	defer content.Close()
	text, err := s.Extract(ctx, a.Type, content)
	if err != nil {
		return "", nil //nolint:nilerr // a file that cannot be read is published as it was received; it is only not found by its words
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", ""), nil
}

// doc is a version for the index.
func (s *Service) doc(ctx context.Context, tx *store.Tx, v *out, root, item string, first calendar.Date, at time.Time) (Doc, error) {
	c := &v.statement.Content
	d := Doc{Root: root, Item: item, Entry: Entry{
		ID: v.record, Index: v.index, Title: c.Title, Summary: c.Summary, DocumentNumber: c.DocumentNumber, Division: v.division, Body: v.body,
		Category: c.Category, Genre: c.Genre, Language: c.language(), First: first, Day: v.day, Made: c.Made, Effective: c.Effective,
		Repealed: c.Repealed, Version: v.n, UpdatedAt: at,
	}}
	if len(c.Keywords) == 0 && len(c.Questions) == 0 && len(c.Attachments) == 0 && len(c.Media) == 0 {
		d.Text = c.Text
		return d, nil
	}
	parts := append([]string{c.Text}, c.Keywords...)
	for _, q := range c.Questions {
		parts = append(parts, q.Question, q.Answer)
	}
	for _, m := range c.Media {
		parts = append(parts, m.Caption)
	}
	for _, a := range c.Attachments {
		text, err := store.Scalar[string](tx.QueryRow(ctx, `SELECT text FROM publication_text WHERE file = $1`, int64(a.File)))
		if err != nil && !isNotFound(err) {
			return d, fmt.Errorf("text of file %s: %w", a.File, err)
		}
		parts = append(parts, a.Name, text)
	}
	d.Text = strings.Join(parts, "\n")
	return d, nil
}
