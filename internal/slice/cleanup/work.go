package cleanup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// turn is how much of a kind is done at a time.
const turn = 50

// Work lets follow what has been decided: hand-overs are opened, lines take effect on their day, open cases go along, lists are published.
// It reports whether it did anything. Everything is found by an index and marked when it is done, in the transaction that does it or after
// something that does nothing the second time: killed at any moment, it goes on where it was.
func (s *Service) Work(ctx context.Context) (bool, error) {
	if err := s.Refresh(ctx); err != nil {
		return false, err
	}
	var failed []error // one line that fails keeps no other back
	moved := false
	for _, step := range []func(context.Context) (bool, error){s.openHandovers, s.takeEffect, s.bringCases, s.publishLists} {
		done, err := step(ctx)
		moved = moved || done
		if err != nil {
			failed = append(failed, err)
		}
	}
	return moved && len(failed) == 0, errors.Join(failed...)
}

// openHandovers opens the cases in which items go from one body to another.
func (s *Service) openHandovers(ctx context.Context) (bool, error) {
	rounds, err := store.All(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE published_at > 0 AND handed = 0 ORDER BY id LIMIT $1`, turn)
	if err != nil {
		return false, fmt.Errorf("rounds without hand-overs: %w", err)
	}
	for _, r := range rounds {
		lines, err := s.Lines(ctx, r.ID)
		if err != nil {
			return false, err
		}
		for i := range lines {
			if err := s.openHandover(ctx, &lines[i].Line); err != nil {
				return false, fmt.Errorf("round %s: %w", r.Number, err)
			}
		}
		err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`UPDATE cleanup_round SET handed = 1 WHERE id = $1`, int64(r.ID))
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("round %s: %w", r.Number, err)
		}
	}
	return len(rounds) > 0, nil
}

func (s *Service) openHandover(ctx context.Context, l *register.Line) error {
	for _, to := range l.Receivers() {
		if to == l.From {
			continue
		}
		form, err := json.Marshal(handed{l.ID, to})
		if err == nil {
			_, err = s.cases.Do(ctx, casework.Command{
				Key: fmt.Sprintf("cleanup/handover/%d/%s", l.ID, to), Actor: identity.Platform,
				Act: casework.Submit{Kind: HandoverKind, Subject: l.Item, Channel: casework.Office, Form: form},
			})
		}
		if err != nil {
			return fmt.Errorf("hand-over of %s to %s: %w", l.Item, to, err)
		}
	}
	return nil
}

// takeEffect brings the catalogue in line with the lines whose day has come.
func (s *Service) takeEffect(ctx context.Context) (bool, error) {
	due, err := store.All(ctx, s.DB.Read(), scanLine, `SELECT `+lineColumns+` FROM cleanup_line WHERE state = 'pending' AND on_day <= $1 ORDER BY on_day, id LIMIT $2`,
		int64(s.today()), turn)
	if err != nil {
		return false, fmt.Errorf("lines that are due: %w", err)
	}
	var failed []error
	for i := range due {
		if err := s.effect(ctx, due[i].ID); err != nil {
			failed = append(failed, err)
		}
	}
	return len(due) > 0, errors.Join(failed...)
}

func (s *Service) effect(ctx context.Context, id int64) error {
	stored, round, err := s.line(ctx, id)
	if err != nil {
		return err
	}
	r, err := s.byID(ctx, round)
	if err != nil {
		return err
	}
	l := &stored.Line
	l.Round = r.Number
	if err := s.Catalogue.Settle(ctx, *l, r.Title); err != nil {
		return fmt.Errorf("line %d of round %s: %w", id, r.Number, err)
	}
	if l.Heir() == l.From { // merged within one body: nothing is handed over, so its cases go at once
		if err := s.move(ctx, l, l.From); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE cleanup_line SET state = 'done', done_at = $2 WHERE id = $1 AND state = 'pending'`, id, store.Micros(s.Now()))
		return nil
	})
}

// bringCases moves the open cases of what was taken over, from the date of effect on.
func (s *Service) bringCases(ctx context.Context) (bool, error) {
	due, err := store.All(ctx, s.DB.Read(), scanHandover, `SELECT `+handoverColumns+` FROM cleanup_handover WHERE state = 'taken' AND on_day <= $1 ORDER BY on_day, id LIMIT $2`,
		int64(s.today()), turn)
	if err != nil {
		return false, fmt.Errorf("hand-overs that are due: %w", err)
	}
	var failed []error
	moved := false
	for _, h := range due {
		done, err := s.bringAlong(ctx, h)
		moved = moved || done
		if err != nil {
			failed = append(failed, fmt.Errorf("hand-over %s: %w", h.Number, err))
		}
	}
	return moved, errors.Join(failed...)
}

func (s *Service) bringAlong(ctx context.Context, h Handover) (bool, error) {
	stored, round, err := s.line(ctx, h.Line)
	if err != nil || stored.State != lineDone {
		return false, err // the catalogue comes first; asked again it is there
	}
	if h.Cases {
		r, err := s.byID(ctx, round)
		if err != nil {
			return false, err
		}
		stored.Round = r.Number
		if err := s.move(ctx, &stored.Line, h.Receiver); err != nil {
			return false, err
		}
	}
	return true, s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE cleanup_handover SET state = 'done' WHERE id = $1 AND state = 'taken'`, int64(h.ID))
		return nil
	})
}

// publishLists puts the public lists of rounds into the catalogue of records.
func (s *Service) publishLists(ctx context.Context) (bool, error) {
	if s.Publisher == nil {
		return false, nil
	}
	rounds, err := store.All(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE published_at > 0 AND record = '' ORDER BY id LIMIT $1`, turn)
	if err != nil {
		return false, fmt.Errorf("rounds without a record: %w", err)
	}
	moved := false
	var failed []error
	for i := range rounds {
		done, err := s.publishList(ctx, &rounds[i])
		moved = moved || done
		if err != nil {
			failed = append(failed, fmt.Errorf("list of round %s: %w", rounds[i].Number, err))
		}
	}
	return moved, errors.Join(failed...)
}

func (s *Service) publishList(ctx context.Context, r *Round) (bool, error) {
	lines, err := s.Lines(ctx, r.ID)
	if err != nil {
		return false, err
	}
	href, err := s.Publisher.Publish(ctx, Publication{
		ID: r.ID.String(), Body: r.Body, Division: r.Division, Title: r.Title + "：事项清理目录", Text: s.plain(lines), Href: roundHref(r.Number),
		Day: calendar.Of(r.PublishedAt), Duty: listDuty(r.ID),
	})
	if err != nil || href == "" {
		return false, err
	}
	return true, s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE cleanup_round SET record = $2 WHERE id = $1`, int64(r.ID), href)
		return nil
	})
}

// fateNames are the fates as lists of records name them.
var fateNames = map[register.Fate]lang.Text{
	register.Retained:  {Hans: "保留", Hant: "保留", En: "Retained"},
	register.Cancelled: {Hans: "取消", Hant: "取消", En: "Cancelled"},
	register.Otherwise: {Hans: "转变管理方式", Hant: "轉變管理方式", En: "Managed otherwise"},
	register.Delegated: {Hans: "下放", Hant: "下放", En: "Delegated"},
	register.Merged:    {Hans: "合并", Hant: "合併", En: "Merged"},
}

// plain writes what a round decides as the catalogue of records takes it. Of a long list each fate is written with its number and the
// first of its items; the page has all of them.
func (s *Service) plain(lines []Line) string {
	text := ""
	for _, fate := range register.Fates() {
		n, part := 0, ""
		for i := range lines {
			l := &lines[i]
			if l.Fate != fate {
				continue
			}
			if n++; n > maxListed {
				continue
			}
			part += "- " + l.Name.Hans + "（" + s.Names.Body(l.From).Hans + "），" + calendar.Long(l.On).Hans + "起\n"
		}
		if n > 0 {
			text += fmt.Sprintf("# %s（%d项）\n\n%s\n", fateNames[fate].Hans, n, part)
		}
	}
	return text
}

// maxListed bounds the items of each fate in the text of a record.
const maxListed = 300
