package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// open returns a report that the actor may change now: it is being compiled, and they are of the body that does so.
func (s *Service) open(ctx context.Context, actor identity.Principal, id store.ID) (*Work, error) {
	r, err := s.byID(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.allow(actor, r.Office); err != nil {
		return nil, err
	}
	if r.State != Compiling {
		return nil, &casework.Refusal{Code: casework.RefusedTaskDone}
	}
	return s.Work(ctx, r)
}

// reason checks why something is done.
func reason(text string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minReason || n > maxReason {
		return "", refuse("/reason", "reason", lang.Text{
			Hans: fmt.Sprintf("请说明理由，%d 至 %d 个字，写明依据的台账或者文件", minReason, maxReason), Hant: fmt.Sprintf("請說明理由，%d 至 %d 個字，寫明依據的台帳或者文件", minReason, maxReason),
			En: fmt.Sprintf("Say why in %d to %d characters, naming the register or paper that shows it", minReason, maxReason),
		})
	}
	return text, nil
}

// Adjust puts a number in the place of what the records count, as it was typed; empty gives the cell back to the records. What stands there
// already, with the same reason, is not noted again.
func (s *Service) Adjust(ctx context.Context, actor identity.Principal, id store.ID, at sheet.Address, typed, why string) error {
	w, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	c := w.Sheet.Cell(at)
	if c == nil {
		return fmt.Errorf("cell %s: %w", at, store.ErrNotFound)
	}
	dropped := strings.TrimSpace(typed) == ""
	var wrong []casework.FieldError
	value, ok := c.Unit.Parse(typed)
	switch {
	case dropped && c.Adjusted == nil:
		wrong = append(wrong, refuse("/value", "required", lang.Text{Hans: "请填写数字", Hant: "請填寫數字", En: "Enter a number"}).Fields...)
	case !dropped && (!ok || value < 0 && !c.Signed):
		wrong = append(wrong, refuse("/value", "number", amountText(c, typed)).Fields...)
	}
	if why, err = reason(why); err != nil {
		wrong = append(wrong, fieldsOf(err)...)
	}
	if len(wrong) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: wrong}
	}
	if a := c.Adjusted; a != nil && !dropped && a.Value == value && a.Reason == why { // sent twice
		return nil
	}
	known, flag := 0, 0
	if c.Known {
		known = 1
	}
	if dropped {
		flag = 1
	}
	return s.write(ctx, id, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO report_adjustment (id, report, cell, known, counted, value, dropped, reason, by_, post, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			int64(s.IDs.New()), int64(id), at.String(), known, c.Counted, value, flag, why, int64(actor.Account), actor.Post.ID, store.Micros(s.Now()))
	})
}

func fieldsOf(err error) []casework.FieldError {
	var r *casework.Refusal
	if errors.As(err, &r) {
		return r.Fields
	}
	return nil
}

// amountText says what is wrong with what was typed as the number of a cell.
func amountText(c *sheet.Cell, typed string) lang.Text {
	switch {
	case c.Unit.TooLarge(typed):
		most := c.Unit.Largest()
		return lang.Text{Hans: fmt.Sprintf("数字太大，最大为 %d", most), Hant: fmt.Sprintf("數字太大，最大為 %d", most), En: fmt.Sprintf("The number is too large: at most %d", most)}
	case c.Unit == sheet.Money:
		return lang.Text{Hans: "请填写以万元为单位的数字，最多六位小数，例如 12.5", Hant: "請填寫以萬元為單位的數字，最多六位小數，例如 12.5", En: "Enter a number in units of ¥10,000, with at most six decimals, such as 12.5"}
	case c.Signed:
		return lang.Text{Hans: "请填写整数，例如 12", Hant: "請填寫整數，例如 12", En: "Enter a whole number, such as 12"}
	}
	return lang.Text{Hans: "请填写不小于 0 的整数，例如 12", Hant: "請填寫不小於 0 的整數，例如 12", En: "Enter a whole number of 0 or more, such as 12"}
}

// write changes a report that is being compiled: what was handed on meanwhile is not changed any more.
func (s *Service) write(ctx context.Context, id store.ID, change func(ctx context.Context, tx *store.Tx) error) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE report_report SET prepared = '', draft = '' WHERE id = $1 AND state = 'compiling'`, int64(id))
		if err == nil && n == 0 {
			return &casework.Refusal{Code: casework.RefusedTaskDone}
		}
		if err != nil {
			return err
		}
		return change(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("report %s: %w", id, err)
	}
	return nil
}

// Explain says why a check does not hold. It holds as long as the numbers are those that were explained.
func (s *Service) Explain(ctx context.Context, actor identity.Principal, id store.ID, finding, why string) error {
	w, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.Findings, func(f Finding) bool { return f.Key() == finding && f.Explainable() })
	if i < 0 {
		return fmt.Errorf("finding %s: %w", finding, store.ErrNotFound)
	}
	if why, err = reason(why); err != nil {
		return err
	}
	f := &w.Findings[i]
	if e := f.Explained; e != nil && e.Reason == why { // sent twice
		return nil
	}
	return s.write(ctx, id, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO report_explanation (id, report, finding, left_, right_, reason, by_, post, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			int64(s.IDs.New()), int64(id), finding, sheet.Sum(f.Left), sheet.Sum(f.Right), why, int64(actor.Account), actor.Post.ID, store.Micros(s.Now()))
	})
}

// MovedError says that somebody else has saved the section meanwhile. Nothing was saved; both texts are there.
type MovedError struct{ Theirs Text }

// Error names the section.
func (e *MovedError) Error() string {
	return "section " + e.Theirs.Section + " was changed by somebody else meanwhile"
}

// Save keeps the words of a section. Version is the one that the writer had before them: 0 when nothing had been saved. Saving what stands
// there already changes nothing.
func (s *Service) Save(ctx context.Context, actor identity.Principal, id store.ID, section, content string, version int64) (Text, error) {
	r, err := s.byID(ctx, id)
	if err != nil {
		return Text{}, err
	}
	if err := s.allow(actor, r.Office); err != nil {
		return Text{}, err
	}
	x := s.Layouts.Of(r.Year).Section(section)
	if x == nil || x.Narrative == sheet.Never {
		return Text{}, fmt.Errorf("section %s: %w", section, store.ErrNotFound)
	}
	content = strings.TrimRight(strings.ReplaceAll(content, "\r\n", "\n"), " \n\t")
	if err := s.checkText(content); err != nil {
		return Text{}, err
	}
	t := Text{Section: section, Content: content, Version: version + 1, Post: actor.Post.ID, At: s.Now()}
	var theirs *Text
	same := false
	err = s.write(ctx, id, func(ctx context.Context, tx *store.Tx) error {
		now, err := store.One(ctx, tx, scanText, `SELECT section, version, content, post, at FROM report_text WHERE report = $1 AND section = $2
			ORDER BY version DESC LIMIT 1`, int64(id), section)
		switch {
		case err != nil && !isNotFound(err):
			return err
		case err == nil && now.Content == content:
			t, same = now, true
			return nil
		case err == nil && now.Version != version || err != nil && version != 0:
			theirs = &now
			return nil
		}
		return tx.Exec(ctx, `INSERT INTO report_text (report, section, version, content, by_, post, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			int64(id), section, t.Version, content, int64(actor.Account), actor.Post.ID, store.Micros(t.At))
	})
	switch {
	case err != nil && store.IsDuplicate(err): // two at once, and the other was first
		now, rerr := s.texts(ctx, s.DB.Read(), id)
		if rerr != nil {
			return Text{}, rerr
		}
		return Text{}, &MovedError{now[section]}
	case err != nil:
		return Text{}, fmt.Errorf("section %s of report %s: %w", section, r.Number, err)
	case theirs != nil:
		return *theirs, &MovedError{*theirs}
	case same:
		return t, nil
	}
	return t, nil
}

// checkText says what is wrong with the words of a section: too long, or not printable.
func (s *Service) checkText(content string) error {
	if n := utf8.RuneCountInString(content); n > maxText {
		return refuse("/text", "maxLength", lang.Text{
			Hans: fmt.Sprintf("最多 %d 字，现在有 %d 字", maxText, n), Hant: fmt.Sprintf("最多 %d 字，現在有 %d 字", maxText, n), En: fmt.Sprintf("At most %d characters; there are %d", maxText, n),
		})
	}
	char, missing, err := s.Printer.Missing(content)
	if err != nil || !missing {
		return err
	}
	return refuse("/text", "glyph", lang.Text{
		Hans: fmt.Sprintf("报告中无法印出字符“%c”（U+%04X），请删去或者改用其他字", char, char), Hant: fmt.Sprintf("報告中無法印出字元「%c」（U+%04X），請刪去或者改用其他字", char, char),
		En: fmt.Sprintf("The character “%c” (U+%04X) cannot be printed in the report; remove it or write another", char, char),
	})
}
