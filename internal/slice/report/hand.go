package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Hand hands a report on to the head, as it stands now. What keeps it back is a *casework.Refusal.
func (s *Service) Hand(ctx context.Context, actor identity.Principal, id store.ID, key string) (casework.Receipt, error) {
	return s.HandWith(ctx, s.cases, actor, id, key)
}

// HandWith does so with a runtime.
func (s *Service) HandWith(ctx context.Context, cases *casework.Runtime, actor identity.Principal, id store.ID, key string) (casework.Receipt, error) {
	w, err := s.open(ctx, actor, id)
	if err != nil {
		return casework.Receipt{}, err
	}
	if n := w.Failing(); n > 0 {
		return casework.Receipt{}, refuse("/checks", "failing", lang.Text{
			Hans: fmt.Sprintf("还有 %d 项核对没有通过，请修正数据或者说明原因", n), Hant: fmt.Sprintf("還有 %d 項核對沒有通過，請修正數據或者說明原因", n), En: fmt.Sprintf("%d checks do not hold; mend the numbers or explain them", n),
		})
	}
	c, err := cases.Get(ctx, id)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("report %s: %w", w.Number, err)
	}
	t := task(c, stepCompile)
	if t == nil {
		return casework.Receipt{}, &casework.Refusal{Code: casework.RefusedTaskDone}
	}
	st := w.statement()
	raw, err := json.Marshal(st)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("report %s: %w", w.Number, err)
	}
	sum := digest(raw)
	data, err := st.event(sum)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("report %s: %w", w.Number, err)
	}
	err = s.write(ctx, id, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE report_report SET prepared = $2, draft = $3 WHERE id = $1`, int64(id), sum, string(raw))
	})
	if err != nil {
		return casework.Receipt{}, err
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: id, Act: casework.Complete{Token: t.Token, Data: data}})
}

// statement is what is handed on.
func (w *Work) statement() *Statement {
	st := &Statement{Owner: w.Owner, Year: w.Year, Layout: w.Layout.Key, Values: w.Sheet.Values(), Adjusted: w.Adjusted, Texts: map[string]string{}, Missing: w.Missing}
	for code, t := range w.Texts {
		st.Texts[code] = t.Content
	}
	for i := range w.Findings {
		if e := w.Findings[i].Explained; e != nil {
			st.Explained = append(st.Explained, *e)
		}
	}
	return st
}

// event is the data of the step by which the statement is handed on: all of it is public. The words are in the digest.
func (st *Statement) event(sum string) (json.RawMessage, error) {
	data := map[string]any{"statement": map[string]string{"sha256": sum}, "figures": st.Values, "balanced": true}
	if len(st.Adjusted) > 0 {
		data["adjusted"] = st.Adjusted
	}
	if len(st.Explained) > 0 {
		data["explained"] = st.Explained
	}
	return json.Marshal(data)
}

// Decide approves a report, or returns it with a remark.
func (s *Service) Decide(ctx context.Context, actor identity.Principal, id store.ID, outcome, remark, key string) (casework.Receipt, error) {
	return s.DecideWith(ctx, s.cases, actor, id, outcome, remark, key)
}

// DecideWith does so with a runtime.
func (s *Service) DecideWith(ctx context.Context, cases *casework.Runtime, actor identity.Principal, id store.ID, outcome, remark, key string) (casework.Receipt, error) {
	c, err := cases.Get(ctx, id)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("report %s: %w", id, err)
	}
	t := task(c, stepApprove)
	if t == nil {
		return casework.Receipt{}, &casework.Refusal{Code: casework.RefusedTaskDone}
	}
	data := map[string]any{"outcome": outcome}
	if remark = strings.TrimSpace(remark); remark != "" {
		data["remark"] = remark
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("report %s: %w", c.Number, err)
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: id, Act: casework.Complete{Token: t.Token, Data: raw}})
}

// remark returns what the head said when the report was last returned, and when; empty when it was not.
func (s *Service) remark(ctx context.Context, id store.ID) (string, error) {
	list, err := s.cases.Private(ctx, id)
	if err != nil {
		return "", fmt.Errorf("remarks on report %s: %w", id, err)
	}
	slices.SortFunc(list, func(a, b casework.Private) int { return cmp.Compare(b.Seq, a.Seq) })
	for _, p := range list {
		var text string
		if raw, ok := p.Fields["remark"]; ok && json.Unmarshal(raw, &text) == nil {
			return text, nil
		}
	}
	return "", nil
}
