package publication

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Reason says why a record was taken back. It stands in the log and on the tombstone.
type Reason string

// The reasons.
const (
	ReasonPrivacy = "privacy" // 涉及个人隐私
	ReasonSecret  = "secret"  // 涉及国家秘密或者商业秘密
	ReasonError   = "error"   // 内容有误
	ReasonVoid    = "void"    // 依据被撤销、确认无效或者变更 (行政处罚法 48)
	ReasonOther   = "other"
)

// Reasons lists the reasons.
func Reasons() []Reason {
	return []Reason{ReasonPrivacy, ReasonSecret, ReasonError, ReasonVoid, ReasonOther}
}

// Withdrawal is what whoever withdraws says.
type Withdrawal struct {
	Reason Reason `json:"reason"`
	Note   string `json:"note,omitempty"` // what the public is told besides; never what was withdrawn
}

const maxNote = 300 // characters

// withdrawal is the sealed form of its case.
type withdrawal struct {
	Record store.ID `json:"record"`
	Withdrawal
}

// Withdraw asks for a published record to be taken back. The head of the body decides; when the head asks, it is done at once. What is left
// is a tombstone: index number, days, reason.
func (s *Service) Withdraw(ctx context.Context, actor identity.Principal, key string, id store.ID, w Withdrawal) (casework.Receipt, error) {
	r, err := s.row(ctx, s.DB.Read(), id)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("record %s: %w", id, err)
	}
	if err := s.allow(actor, ActionWithdraw, r.Body); err != nil {
		return casework.Receipt{}, err
	}
	form, err := json.Marshal(withdrawal{id, w})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("withdrawal: %w", err)
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: WithdrawalKind, Subject: WithdrawalKind, Channel: casework.Office, Form: form,
	}})
	if err != nil || !actor.Post.Has(headRole) {
		return rec, err
	}
	if _, err := s.TakeDown(ctx, actor, rec.Case, key+"/take-down", Removal{Outcome: TakeBack}); err != nil {
		return rec, err
	}
	return rec, nil
}

// headRole is the role of the head of a body.
const headRole = "head"

// What the head decides about a withdrawal.
const (
	TakeBack Outcome = "withdraw"
	Keep     Outcome = "keep"
)

// Removal is what the head decides about a withdrawal.
type Removal struct {
	Outcome Outcome `json:"outcome"`
	Opinion string  `json:"opinion,omitempty"` // sealed; needed when the record stays public
}

// TakeDown decides about a withdrawal.
func (s *Service) TakeDown(ctx context.Context, actor identity.Principal, kase store.ID, key string, r Removal) (casework.Receipt, error) {
	return s.complete(ctx, actor, kase, key, StepTakeDown, r)
}

func (s *Service) beginWithdrawal(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var w withdrawal
	if err := json.Unmarshal(sent.Form, &w); err != nil {
		return casework.Beginning{}, fmt.Errorf("withdrawal: %w", err)
	}
	switch {
	case !slices.Contains(Reasons(), w.Reason):
		return casework.Beginning{}, invalid("/reason", "enum", lang.Text{Hans: "请选择撤回的理由", Hant: "請選擇撤回的理由", En: "Choose why it is withdrawn"})
	case w.Reason == ReasonOther && w.Note == "":
		return casework.Beginning{}, invalid("/note", "required", lang.Text{Hans: "请说明撤回的理由", Hant: "請說明撤回的理由", En: "Say why it is withdrawn"})
	case utf8.RuneCountInString(w.Note) > maxNote:
		return casework.Beginning{}, invalid("/note", "maxLength", lang.Text{})
	}
	r, err := s.row(ctx, s.DB.Read(), w.Record)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("record %s: %w", w.Record, err)
	}
	if r.State != Published {
		return casework.Beginning{}, refusedState
	}
	return casework.Beginning{
		Title: lang.Text{Hans: "撤回 " + r.Index, Hant: "撤回 " + r.Index, En: "Withdrawal of " + r.Index}, Division: r.Division, Body: r.Body,
		Procedure: WithdrawalKind, Series: "CH" + r.Division,
		Variables: map[string]any{"record": r.ID.String(), "reason": string(w.Reason), "note": w.Note},
		Public:    map[string]any{"index": r.Index, "reason": string(w.Reason), "version": r.Version},
	}, nil
}

// withdrawalChanged takes a record back, in the transaction of the event that says so.
func (s *Service) withdrawalChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind != casework.Completed || c.Result != string(Withdrawn) {
		return nil
	}
	text, _ := c.Variables()["record"].(string)
	id, err := store.ParseID(text)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.Number, err)
	}
	reason, _ := c.Variables()["reason"].(string)
	note, _ := c.Variables()["note"].(string)
	stone, err := json.Marshal(Tombstone{At: h.Event.At, Reason: Reason(reason), Note: note, Event: h.Event.ID})
	if err != nil {
		return fmt.Errorf("tombstone: %w", err)
	}
	var t tally
	var first calendar.Date
	var live int
	err = tx.QueryRow(ctx, `SELECT division, body, item, first, live FROM publication_record WHERE id = $1`+tx.ForUpdate(), int64(id)).
		Scan(&t.division, &t.body, &t.item, &first, &live)
	if err != nil {
		return fmt.Errorf("record %s: %w", id, err)
	}
	if live == 0 {
		return nil // another case was quicker
	}
	at := store.Micros(h.Event.At)
	tx.Queue(`UPDATE publication_record SET state = 'withdrawn', live = 0, gone_at = $2, gone = $3, updated_at = $2, title = '', summary = '' WHERE id = $1`,
		int64(id), at, string(stone))
	t.year = first.Year()
	count(tx, map[tally]int{t: -1})
	touch(tx)
	return s.Search.Remove(ctx, tx, id)
}

// Gone lists tombstones, the latest first, for feeds and whoever mirrors. Before is the instant after which the page begins, in
// microseconds; 0: the first page.
func (s *Service) Gone(ctx context.Context, before int64, limit int) ([]*Record, error) {
	if before == 0 {
		before = int64(maxID)
	}
	list, err := store.All(ctx, s.DB.Read(), scanRow, `SELECT `+rowColumns+` FROM publication_record WHERE gone_at <> 0 AND gone_at < $1
		ORDER BY gone_at DESC, id DESC LIMIT $2`, before, pageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("withdrawn records: %w", err)
	}
	return list, nil
}
