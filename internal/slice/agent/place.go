package agent

import (
	"context"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Agents lists the accounts that hold a post of an agent in a township on this day, in the order of the posts.
func (s *Service) Agents(body string) []store.ID {
	places := s.Registry.Now()
	var list []store.ID
	for _, p := range places.Posts(body) {
		if !p.Has(registry.Agent) {
			continue
		}
		for _, account := range places.Holders(p.Key, s.Now()) {
			if !slices.Contains(list, account) {
				list = append(list, account)
			}
		}
	}
	return list
}

// villagesOf lists the villages of a township, in the order of their codes.
func (s *Service) villagesOf(body string) []string {
	places := s.Registry.Now()
	b := places.Body(body)
	if b == nil {
		return nil
	}
	var list []string
	for _, d := range places.Children(b.Division) {
		list = append(list, d.Code)
	}
	return list
}

// Assign (分配村) gives an agent a village from a day on. What an agent has already changes nothing. The paths are agent, village, from.
func (s *Service) Assign(ctx context.Context, who identity.Principal, account store.ID, village string, from calendar.Date) error {
	if err := s.cases.Policy.Allow(who, ActionManage, identity.Resource{Type: "agent", Division: village, Body: who.Post.Body}); err != nil {
		return err
	}
	var found []casework.FieldError
	if !slices.Contains(s.Agents(who.Post.Body), account) {
		found = append(found, casework.FieldError{Path: "/agent", Code: "required", Text: lang.Text{Hans: "请选择本乡镇的代办员", Hant: "請選擇本鄉鎮的代辦員", En: "Choose an agent of this township"}})
	}
	if !slices.Contains(s.villagesOf(who.Post.Body), village) {
		found = append(found, casework.FieldError{Path: "/village", Code: "required", Text: lang.Text{Hans: "请选择本乡镇的村", Hant: "請選擇本鄉鎮的村", En: "Choose a village of this township"}})
	}
	if from < s.today() {
		found = append(found, casework.FieldError{Path: "/from", Code: "range", Text: lang.Text{Hans: "生效日期不能早于今天", Hant: "生效日期不能早於今天", En: "It cannot take effect before today"}})
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	return s.assign(ctx, who, account, village, from)
}

func (s *Service) assign(ctx context.Context, who identity.Principal, account store.ID, village string, from calendar.Date) error {
	now := s.Now()
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM agent_place WHERE account = $1 AND village = $2 AND from_day <= $3 AND (until_day = 0 OR until_day >= $3)`,
			int64(account), village, int64(from)))
		if err != nil || n > 0 {
			return err
		}
		id := s.IDs.New()
		tx.Queue(`INSERT INTO agent_place (id, body, account, village, from_day, until_day, made_by, made_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`,
			int64(id), who.Post.Body, int64(account), village, int64(from), int64(who.Account), store.Micros(now))
		return s.note(ctx, tx, who, "agent.assigned", id, map[string]any{"village": village, "from": from.String()})
	})
}

// Release (收回村) lets an assignment end with a day, the last one on which it holds.
func (s *Service) Release(ctx context.Context, who identity.Principal, id store.ID, last calendar.Date) error {
	p, err := store.One(ctx, s.DB.Read(), scanPlace, `SELECT `+placeColumns+` FROM agent_place WHERE id = $1`, int64(id))
	if err != nil {
		return fmt.Errorf("assignment %s: %w", id, err)
	}
	if err := s.cases.Policy.Allow(who, ActionManage, identity.Resource{Type: "agent", Division: p.Village, Body: p.Body}); err != nil {
		return err
	}
	if last < s.today()-1 || last < p.From-1 {
		return refuse("/until", "range", lang.Text{Hans: "最后一天不能早于昨天，也不能早于生效日期", Hant: "最後一天不能早於昨天，也不能早於生效日期", En: "The last day cannot lie before yesterday, nor before the assignment began"})
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE agent_place SET until_day = $2 WHERE id = $1`, int64(id), int64(last))
		return s.note(ctx, tx, who, "agent.released", id, map[string]any{"village": p.Village, "until": last.String()})
	})
}

// Figures is what an agent did in a month, and what is late.
type Figures struct {
	Agent                   store.ID
	Consents, Cases, Visits int64
	Missed                  int64 // visits that were not made by their day, in the month
	LateVisits, Villages    int   // late visits; villages on that day
}

// Figures returns the figures of the agents of a township in the month of a day.
func (s *Service) Figures(ctx context.Context, body string, day calendar.Date) ([]Figures, error) {
	type row struct {
		agent store.ID
		kind  string
		n     int64
	}
	counted, err := store.All(ctx, s.DB.Read(), func(r store.Row) (x row, err error) { return x, r.Scan(&x.agent, &x.kind, &x.n) },
		`SELECT agent, kind, n FROM agent_count WHERE body = $1 AND month = $2`, body, monthOf(day))
	if err != nil {
		return nil, fmt.Errorf("figures of %s: %w", body, err)
	}
	late, err := s.LateVisits(ctx, body, day)
	if err != nil {
		return nil, err
	}
	places, err := s.Places(ctx, body)
	if err != nil {
		return nil, err
	}
	accounts := s.Agents(body)
	list := make([]Figures, len(accounts))
	for i, account := range accounts {
		f := &list[i]
		f.Agent = account
		for _, x := range counted {
			if x.agent != account {
				continue
			}
			switch x.kind {
			case CountConsents:
				f.Consents = x.n
			case CountCases:
				f.Cases = x.n
			case CountVisits:
				f.Visits = x.n
			case CountLate:
				f.Missed = x.n
			}
		}
		for j := range late {
			if late[j].Agent == account {
				f.LateVisits++
			}
		}
		for j := range places {
			if places[j].Account == account && places[j].Holds(day) {
				f.Villages++
			}
		}
	}
	return list, nil
}
