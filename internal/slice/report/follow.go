package report

import (
	"context"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Follow puts approved reports into the catalogue that are not there yet. Killed in the middle it goes on where it was: a report without a
// record is due, and [Publisher] makes its record once.
func (s *Service) Follow(ctx context.Context) error {
	_, err := s.follow(ctx)
	return err
}

// turn is how many reports are put into the catalogue at a time.
const turn = 50

func (s *Service) follow(ctx context.Context) (bool, error) {
	if s.Publisher == nil {
		return false, nil
	}
	due, err := store.All(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report
		WHERE record = '' AND published_at > 0 ORDER BY published_at LIMIT $1`, turn)
	if err != nil {
		return false, fmt.Errorf("reports without a record: %w", err)
	}
	var problems []error // one report that cannot be put there keeps no other back
	moved := false
	for i := range due {
		done, err := s.publish(ctx, due[i])
		moved = moved || done
		if err != nil {
			problems = append(problems, fmt.Errorf("report %s: %w", due[i].Number, err))
		}
	}
	return moved, errors.Join(problems...)
}

// publish puts one report into the catalogue, and reports whether it is there now.
func (s *Service) publish(ctx context.Context, r Report) (bool, error) {
	l := s.words.Localizer(lang.Hans)
	w, err := s.Work(ctx, r)
	if err != nil {
		return false, err
	}
	text, was := s.plain(l, w), ""
	if r.Version > 1 {
		before, err := s.Version(ctx, r.Owner, r.Year, r.Version-1)
		if err != nil {
			return false, err
		}
		if was = before.Record; was == "" {
			return false, nil // the one before goes there first
		}
		text = "# " + l.T("report.correction") + "\n\n" + l.T("report.correction.text", i18n.Args{"Version": r.Version, "Day": l.DateOf(r.PublishedAt), "Reason": r.Reason}) + "\n\n" + text
	}
	href, record, err := s.Publisher.Publish(ctx, Publication{
		ID: r.ID.String(), Division: r.Owner.Division, Body: r.Office, Title: s.title(r.Owner, r.Year).Hans, Text: text, Year: r.Year,
		Day: calendar.Of(r.PublishedAt), Href: reportHref(r.Owner, r.Year), Version: r.Version, Was: was,
	})
	if err != nil || href == "" {
		return false, err
	}
	return true, s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s.Duties != nil {
			if err := s.Duties.Meet(ctx, tx, dutyKey(r.Owner, r.Year), record, r.FirstAt); err != nil {
				return err
			}
		}
		return tx.Exec(ctx, `UPDATE report_report SET record = $2 WHERE id = $1`, int64(r.ID), href)
	})
}

// plain writes the words of a report as the catalogue takes them.
func (s *Service) plain(l *i18n.Localizer, w *Work) string {
	text := ""
	for i := range w.Layout.Sections {
		x := &w.Layout.Sections[i]
		if content := w.content(x.Code); content != "" {
			text += "# " + numbered(l, x.Number, x.Title) + "\n\n" + content + "\n\n"
		}
	}
	return text
}
