package chart

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/caseview"
)

// stepRevise is the step in which what was returned is drawn on.
const stepRevise = publication.StepRevise

// category is where charts stand in the catalogue of open government information: licensing, its procedures (条例 20 (5)).
const category = "statutory.5.guide"

// FaultsError refuses a version in which the checker finds errors.
type FaultsError struct{ Findings []Finding }

// Error lists them.
func (e *FaultsError) Error() string {
	texts := make([]string, 0, len(e.Findings))
	for _, f := range e.Findings {
		if f.Level == procedure.Error {
			texts = append(texts, f.String())
		}
	}
	return "the chart can't be handed in: " + strings.Join(texts, "; ")
}

// HandIn hands a version in for review and approval, or again after it was returned. key makes it idempotent. Errors: *FaultsError, and the
// refusals of publication.
func (s *Service) HandIn(ctx context.Context, actor identity.Principal, id store.ID, n int, key string) (casework.Receipt, error) {
	c, err := s.chart(ctx, actor, id)
	if err != nil {
		return casework.Receipt{}, err
	}
	v, err := s.Look(ctx, id, n)
	if err != nil {
		return casework.Receipt{}, err
	}
	if !v.Editable() {
		return casework.Receipt{}, refuseState
	}
	found, def, err := s.Findings(ctx, &c, v.XML)
	if err != nil {
		return casework.Receipt{}, err
	}
	if Faulty(found) {
		return casework.Receipt{}, &FaultsError{found}
	}
	draft := publication.Draft{Record: c.Record, Body: c.Body, Content: publication.Content{
		Category: category, Title: c.Title.Hans + "（权力运行流程图，第" + fmt.Sprint(n) + "版）", Text: s.recordText(ctx, &c, &v, def), Genre: "流程图",
		Source: s.BaseURL + "/power/procedures/" + c.Key,
	}}
	if err := s.freeze(ctx, &c, def); err != nil {
		return casework.Receipt{}, err
	}
	if c.Record, err = s.putRecord(ctx, actor, c.Record, draft); err != nil {
		return casework.Receipt{}, err
	}
	// Known before anything is handed in: killed in between, handing in again goes on with this record.
	if err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE chart_chart SET record = $2 WHERE id = $1`, int64(id), int64(c.Record))
	}); err != nil {
		return casework.Receipt{}, fmt.Errorf("record of chart %s: %w", c.Key, err)
	}
	var rec casework.Receipt
	if v.Returned {
		rec, err = s.Records.Resubmit(ctx, actor, v.Case, key)
	} else {
		rec, err = s.Records.Submit(ctx, actor, key, c.Record)
	}
	if err != nil {
		return rec, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.ExecCount(ctx, `UPDATE chart_version SET state = 'review', case_id = $4 WHERE chart = $1 AND n = $2 AND stamp = $3`, int64(id), n, v.Stamp, int64(rec.Case))
		if err == nil && done == 0 {
			err = errMoved
		}
		return err
	})
	if errors.Is(err, errMoved) {
		return rec, refuseMoved
	}
	if err != nil {
		return rec, fmt.Errorf("hand in version %d of chart %s: %w", n, c.Key, err)
	}
	return rec, nil
}

// putRecord writes the draft of the record, or writes it anew where one is in work.
func (s *Service) putRecord(ctx context.Context, actor identity.Principal, record store.ID, d publication.Draft) (store.ID, error) {
	if record != 0 {
		_, err := s.Records.Work(ctx, actor, record)
		switch {
		case err == nil:
			return record, s.Records.Edit(ctx, actor, record, d)
		case !errors.Is(err, store.ErrNotFound):
			return record, err
		}
	}
	return s.Records.Draft(ctx, actor, d)
}

// recordText says in words what the chart shows, what it changes, and the SHA-256 of the file: what was approved and what runs are the same.
func (s *Service) recordText(ctx context.Context, c *Chart, v *Version, def *procedure.Definition) string {
	l := s.words.Localizer(lang.Hans)
	var b strings.Builder
	if v.Note != "" {
		b.WriteString("# 变更说明\n\n" + v.Note + "\n\n")
	}
	b.WriteString("# 适用职权\n\n")
	for _, p := range s.Powers.OfBody(c.Body) {
		for _, key := range c.Items {
			if p.Key == key {
				b.WriteString("- " + p.Name.Hans + "（" + p.Code + "）\n")
			}
		}
	}
	b.WriteString("\n# 办理环节\n\n")
	for _, e := range def.Elements() {
		if !e.Kind.ByPerson() {
			continue
		}
		line := "- " + e.Title.In(lang.Hans) + "：" + caseview.Role(l, e.Role())
		if e.Term != nil {
			line += "，" + s.termWords(l, e.Term)
		}
		b.WriteString(line + "\n")
	}
	if v.Base != "" {
		if _, base, err := s.cases.Procedure(ctx, v.Base); err == nil {
			b.WriteString("\n# 与 " + v.Base + " 的差异\n\n")
			changes := procedure.Difference(base, def)
			for _, x := range changes {
				b.WriteString("- " + l.T("chart.diff."+string(x.What)) + "：" + nameOf(l, &x) + "\n")
			}
			if len(changes) == 0 {
				b.WriteString("没有差异。\n")
			}
		}
	}
	b.WriteString("\n# 文件\n\nBPMN 2.0 文件的 SHA-256：" + v.Digest + "\n")
	return b.String()
}

// Follow puts what was approved into force. Killed in the middle it goes on where it was.
func (s *Service) Follow(ctx context.Context) (moved bool, err error) {
	list, err := store.All(ctx, s.DB.Read(), scanVersion, `SELECT `+versionColumns+` FROM chart_version WHERE state = 'review' ORDER BY chart LIMIT 200`)
	if err != nil {
		return false, fmt.Errorf("charts under review: %w", err)
	}
	var problems []error // one chart that cannot come into force keeps no other back
	for i := range list {
		done, err := s.enact(ctx, &list[i])
		moved = moved || done
		if err != nil {
			problems = append(problems, fmt.Errorf("version %d of chart %s: %w", list[i].N, list[i].Chart, err))
		}
	}
	return moved, errors.Join(problems...)
}

// enact puts a version into force whose record has become public, and reports whether anything happened to it.
func (s *Service) enact(ctx context.Context, v *Version) (bool, error) {
	kase, err := s.cases.Get(ctx, v.Case)
	if err != nil {
		return false, err
	}
	if kase.Open() {
		return false, nil
	}
	c, err := s.Get(ctx, v.Chart)
	if err != nil {
		return false, err
	}
	record, err := s.Records.Get(ctx, c.Record)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err != nil || !strings.Contains(record.Text, v.Digest) {
		return true, s.setState(ctx, v, Withheld)
	}
	pub, err := s.cases.PublishProcedure(ctx, c.Key, []byte(v.XML))
	if err != nil {
		return false, err
	}
	ref := casework.Reference(c.Key, pub.Version)
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE chart_version SET state = 'published', ref = $3, published_at = $4 WHERE chart = $1 AND n = $2`, int64(v.Chart), v.N, ref, store.Micros(s.instant()))
		tx.Queue(`UPDATE chart_chart SET live = $2 WHERE id = $1`, int64(c.ID), ref)
		tx.Queue(`DELETE FROM chart_use WHERE key = $1`, c.Key)
		for _, item := range c.Items {
			tx.Queue(`INSERT INTO chart_use (body, item, key) VALUES ($1, $2, $3) ON CONFLICT (body, item) DO UPDATE SET key = excluded.key`, c.Body, item, c.Key)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	return true, s.Load(ctx)
}

func (s *Service) setState(ctx context.Context, v *Version, state State) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE chart_version SET state = $3 WHERE chart = $1 AND n = $2`, int64(v.Chart), v.N, string(state))
	})
}
