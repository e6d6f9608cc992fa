package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Move (改期、改派) changes the day of a planned visit, or who makes it: its agent for the day, the head of the township centre for both. The
// paths of what is wrong are due, agent, reason.
func (s *Service) Move(ctx context.Context, who identity.Principal, v *Visit, to store.ID, due calendar.Date, reason string) error {
	found, err := s.checkMove(ctx, v, to, due, reason)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	if to != v.Agent {
		err = s.cases.Policy.Allow(who, ActionManage, identity.Resource{Type: "agent", Division: v.Village, Body: v.Body})
	} else {
		err = s.mayVisit(ctx, who, v)
	}
	if err != nil {
		return err
	}
	moved := v.Visited
	moved.Moves = append(slices.Clone(moved.Moves), Moved{At: s.Now(), By: who.Account, Due: v.Due, Agent: v.Agent, Reason: strings.TrimSpace(reason)})
	sealed, err := s.seal("visit", v.ID, moved)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE agent_visit SET agent = $3, due_day = $4, late_at = 0, sealed = $5, version = version + 1
			WHERE id = $1 AND version = $2 AND state = '`+VisitPlanned+`'`, int64(v.ID), v.Version, int64(to), int64(due), sealed)
		if err != nil {
			return fmt.Errorf("visit %s: %w", v.ID, err)
		}
		if n == 0 {
			return refuse("/due", "moved", alreadyRecorded)
		}
		return s.note(ctx, tx, who, "agent.visit-moved", v.ID, map[string]any{"village": v.Village, "due": due.String()})
	})
}

// checkMove says what is wrong with a move.
func (s *Service) checkMove(ctx context.Context, v *Visit, to store.ID, due calendar.Date, reason string) (found []casework.FieldError, err error) {
	add := func(field, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: "/" + field, Code: code, Text: text})
	}
	switch {
	case due < s.today():
		add("due", "range", lang.Text{Hans: "上门日期不能早于今天", Hant: "上門日期不能早於今天", En: "The day cannot lie before today"})
	case due == v.Due && to == v.Agent:
		add("due", "same", lang.Text{Hans: "日期和代办员都没有变，请改其中一项", Hant: "日期和代辦員都沒有變，請改其中一項", En: "Neither the day nor the agent has changed; change one of them"})
	}
	theirs, err := s.Villages(ctx, to, v.Body, s.today())
	if err != nil {
		return nil, err
	}
	if !slices.Contains(theirs, v.Village) {
		add("agent", "other-village", lang.Text{Hans: "请选择现在负责这个村的代办员，或者先给代办员分配这个村", Hant: "請選擇現在負責這個村的代辦員，或者先給代辦員分配這個村",
			En: "Choose an agent who has this village at present, or assign it to one first"})
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > maxText {
		add("reason", "required", lang.Text{Hans: "请写明为什么改期或者改派，不超过 500 个字", Hant: "請寫明為什麼改期或者改派，不超過 500 個字", En: "Write why it is moved, at most 500 characters"})
	}
	return found, nil
}

var alreadyRecorded = lang.Text{Hans: "这次上门已经由别人改过或者记录过了，请刷新", Hant: "這次上門已經由別人改過或者記錄過了，請重新整理", En: "Somebody has changed or recorded this visit meanwhile; open the page again"}

// VisitsOf lists the visits of a township in a state: what is planned by its day, what has ended the latest first.
func (s *Service) VisitsOf(ctx context.Context, body, state string, limit int) ([]Visit, error) {
	query := `SELECT ` + visitColumns + ` FROM agent_visit WHERE body = $1 AND state = $2 ORDER BY due_day, id LIMIT $3`
	if state != VisitPlanned {
		query = `SELECT ` + visitColumns + ` FROM agent_visit WHERE body = $1 AND state = $2 ORDER BY due_day DESC, id DESC LIMIT $3`
	}
	list, err := store.All(ctx, s.DB.Read(), s.scanVisit, query, body, state, limit)
	if err != nil {
		return nil, fmt.Errorf("visits of %s: %w", body, err)
	}
	return list, nil
}

// noticed bounds how many late visits one transaction notices.
const noticed = 200

// NoticeLate notices visits that were not made by their day: each once, found by index, counted for its agent and taken down in the log. It
// reports whether there were any.
func (s *Service) NoticeLate(ctx context.Context) (found bool, err error) {
	type row struct {
		id, agent     store.ID
		body, village string
		due           calendar.Date
	}
	now, today := s.Now(), s.today()
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		late, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
			var due int64
			err = r.Scan(&x.id, &x.agent, &x.body, &x.village, &due)
			x.due = calendar.Date(due)
			return x, err
		}, `SELECT id, agent, body, village, due_day FROM agent_visit WHERE state = '`+VisitPlanned+`' AND late_at = 0 AND due_day < $1 ORDER BY due_day, id LIMIT $2`, int64(today), noticed)
		if err != nil {
			return err
		}
		found = len(late) > 0
		for _, x := range late {
			tx.Queue(`UPDATE agent_visit SET late_at = $2 WHERE id = $1`, int64(x.id), store.Micros(now))
			count(tx, x.body, x.agent, CountLate, now)
			if err := s.note(ctx, tx, identity.Platform, "agent.visit-late", x.id, map[string]any{"village": x.village, "due": x.due.String()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("notice late visits: %w", err)
	}
	return found, nil
}
