package publication

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// DutyKind is the kind of case that a duty becomes when its day has passed: so it stands in the log, and supervision raises a card.
const DutyKind = "publication-duty"

// messageMet ends the case of a late duty.
const messageMet = "duty.settled"

// lateRound bounds how many duties are looked at together.
const lateRound = 200

func (s *Service) dutyCases() casework.Kind {
	return casework.Kind{
		Name: DutyKind, Policy: DutyKind, Title: lang.Text{Hans: "逾期未履行公开义务", Hant: "逾期未履行公開義務", En: "A duty to publish is late"},
		Begin: s.beginDuty, Changed: s.dutyChanged,
	}
}

// NoticeLate opens a case for each duty whose day has passed, and ends the cases of those that were met since. It returns how many it
// did, found by an index; it is to be called again while there were any.
func (s *Service) NoticeLate(ctx context.Context) (int, error) {
	late, err := store.All(ctx, s.DB.Read(), store.Scalar[store.ID], `SELECT id FROM publication_duty WHERE state = 'owed' AND late = 0 AND due_at <= $1
		ORDER BY due_at, id LIMIT $2`, store.Micros(s.Now()), lateRound)
	if err != nil {
		return 0, fmt.Errorf("late duties: %w", err)
	}
	var failed []error
	done := 0
	for _, id := range late {
		form, err := json.Marshal(map[string]store.ID{"duty": id})
		if err == nil {
			_, err = s.cases.Do(ctx, casework.Command{Key: DutyKind + "/" + id.String(), Actor: identity.Platform, Act: casework.Submit{
				Kind: DutyKind, Subject: DutyKind, Channel: casework.Office, Form: form,
			}})
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("case of a late duty: %w", err))
			continue
		}
		done++
	}
	type settled struct{ duty, kase store.ID }
	over, err := store.All(ctx, s.DB.Read(), func(row store.Row) (v settled, err error) { return v, row.Scan(&v.duty, &v.kase) },
		`SELECT id, case_id FROM publication_duty WHERE case_id <> 0 AND closed = 0 AND state <> 'owed' ORDER BY id LIMIT $1`, lateRound)
	if err != nil {
		return done, errors.Join(append(failed, fmt.Errorf("late duties: %w", err))...)
	}
	for _, v := range over {
		_, err := s.cases.Do(ctx, casework.Command{Key: "settled/" + v.duty.String(), Actor: identity.Platform, Case: v.kase, Act: casework.Send{Message: messageMet}})
		if err != nil {
			failed = append(failed, fmt.Errorf("case of a late duty: %w", err))
			continue
		}
		done++
	}
	return done, errors.Join(failed...)
}

func (s *Service) beginDuty(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var form struct {
		Duty store.ID `json:"duty"`
	}
	if err := json.Unmarshal(sent.Form, &form); err != nil {
		return casework.Beginning{}, fmt.Errorf("late duty: %w", err)
	}
	d, err := store.One(ctx, s.DB.Read(), scanDuty, `SELECT `+dutyColumns+` FROM publication_duty WHERE id = $1`, int64(form.Duty))
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("late duty: %w", err)
	}
	public := map[string]any{"late": true, "duty": d.Kind, "due": d.Due.String()}
	if d.Rule != "" {
		public["rule"] = d.Rule
	}
	return casework.Beginning{
		Title:    lang.Text{Hans: shorten(d.Title.Hans, maxCaseTitle), Hant: shorten(d.Title.Hant, maxCaseTitle), En: shorten(d.Title.En, maxCaseTitle)},
		Division: d.Division, Body: d.Body, Procedure: DutyKind, Series: "YQ" + d.Division,
		Variables: map[string]any{"duty": d.ID.String()}, Public: public,
	}, nil
}

// dutyChanged keeps a duty in step with its case, in its transaction.
func (s *Service) dutyChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	text, _ := c.Variables()["duty"].(string)
	id, err := store.ParseID(text)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.Number, err)
	}
	switch h.Kind {
	case casework.Submitted:
		var k dutyKey
		var state DutyState
		err := tx.QueryRow(ctx, `UPDATE publication_duty SET late = 1, case_id = $2, number = $3 WHERE id = $1 AND late = 0 RETURNING division, body, kind, state`,
			int64(id), int64(c.ID), c.Number).Scan(&k.division, &k.body, &k.kind, &state)
		if err != nil {
			return fmt.Errorf("duty %s: %w", id, err)
		}
		if state == Owed { // else it was met in this moment: its case ends at once
			countDuty(tx, k, dutyMove{late: 1})
		}
	case casework.Messaged:
		tx.Queue(`UPDATE publication_duty SET closed = 1 WHERE id = $1`, int64(id))
	}
	return nil
}

// Recount counts the days of all open duties again when the calendar has changed, and returns how many moved.
func (s *Service) Recount(ctx context.Context) (int, error) {
	cal := s.Calendar()
	now := printOf(cal, s.today())
	was, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT print FROM publication_calendar WHERE one = 1`))
	if err != nil && !isNotFound(err) {
		return 0, fmt.Errorf("calendar of duties: %w", err)
	}
	if was == now {
		return 0, nil
	}
	moved := 0
	for after := store.ID(0); ; {
		list, err := store.All(ctx, s.DB.Read(), scanDuty, `SELECT `+dutyColumns+` FROM publication_duty WHERE state = 'owed' AND n > 0 AND id > $1 ORDER BY id LIMIT $2`,
			int64(after), lateRound)
		if err != nil {
			return moved, fmt.Errorf("days of duties: %w", err)
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1].ID
		n, err := s.recount(ctx, list)
		if moved += n; err != nil {
			return moved, err
		}
	}
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO publication_calendar (one, print) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET print = excluded.print`, now)
		return nil
	})
	if err != nil {
		return moved, fmt.Errorf("calendar of duties: %w", err)
	}
	return moved, nil
}

func (s *Service) recount(ctx context.Context, list []Duty) (moved int, err error) {
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		moved = 0
		for i := range list {
			d := list[i]
			if err := s.dueOf(&d); err != nil {
				return fmt.Errorf("duty %s: %w", d.Key, err)
			}
			if d.Due == list[i].Due && d.Provisional == list[i].Provisional {
				continue
			}
			moved++
			touch(tx)
			tx.Queue(`UPDATE publication_duty SET due_day = $2, due_at = $3, provisional = $4 WHERE id = $1 AND state = 'owed' AND late = 0`,
				int64(d.ID), int64(d.Due), store.Micros(d.DueAt), number(d.Provisional))
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("days of duties: %w", err)
	}
	return moved, nil
}

// printOf tells calendars apart by the working days of the years in which duties run.
func printOf(cal *calendar.Calendar, today calendar.Date) string {
	sum := fnv.New64a()
	first := calendar.Day(today.Year()-1, time.January, 1)
	for d := first; d.Year() <= today.Year()+2; d++ {
		mark := byte(0)
		if cal.Working(d) {
			mark = 1
		}
		if cal.Provisional(d) {
			mark |= 2
		}
		_, _ = sum.Write([]byte{mark}) // a hash takes all
	}
	return fmt.Sprintf("%d-%016x", today.Year(), sum.Sum64())
}
