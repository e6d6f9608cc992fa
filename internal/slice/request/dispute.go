package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// The kinds of disputes, as table 4 of the annual report has them.
const (
	Review          = "review"            // 行政复议
	Suit            = "suit"              // 未经复议直接起诉
	SuitAfterReview = "suit-after-review" // 复议后起诉
)

// DisputeKinds are the kinds of disputes, in the order of the table.
var DisputeKinds = []string{Review, Suit, SuitAfterReview}

// takenBack is the status of a dispute that was recorded by mistake.
const takenBack = "taken-back"

// varFiled is the day on which a dispute was filed.
const varFiled = "filed"

// filed is what the office records of a dispute.
type filed struct {
	Request string `json:"request"` // number
	Kind    string `json:"dispute"`
	On      string `json:"filed"` // day, YYYY-MM-DD
}

// Dispute is a reconsideration or suit about a reply.
type Dispute struct {
	Case      store.ID
	Number    string
	Request   store.ID
	Kind      string
	Filed     calendar.Date
	Result    string // upheld, corrected, other; empty: pending
	Concluded calendar.Date
	TakenBack calendar.Date // 0: it holds; else the day on which it was taken back as recorded by mistake
}

func (s *Service) disputeKind() casework.Kind {
	return casework.Kind{
		Name: DisputeKind, Title: lang.Text{Hans: "政府信息公开行政复议、诉讼", Hant: "政府信息公開行政復議、訴訟", En: "Reconsideration or suit about a reply"},
		Policy: DisputeKind, Begin: s.beginDispute, Changed: s.disputeChanged, Check: checkDispute, TakenBack: takenBack,
	}
}

// File records that somebody applied for reconsideration of a reply, or sued. The key makes it idempotent.
func (s *Service) File(ctx context.Context, who identity.Principal, e Entry, kind string, on calendar.Date, key string) (casework.Receipt, error) {
	return fileDispute(ctx, s.Cases, who, e, kind, on, key)
}

func fileDispute(ctx context.Context, cases *casework.Runtime, who identity.Principal, e Entry, kind string, on calendar.Date, key string) (casework.Receipt, error) {
	raw, err := json.Marshal(filed{Request: e.Number, Kind: kind, On: on.String()})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("dispute: %w", err)
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: who, Act: casework.Submit{Kind: DisputeKind, Subject: e.Body, Channel: casework.Office, Form: raw}})
}

var (
	noRequest = lang.Text{Hans: "本机关没有这个编号的申请，请核对", Hant: "本機關沒有這個編號的申請，請核對", En: "This body has no request of that number; check it"}
	tooEarly  = lang.Text{Hans: "提出日期不能早于答复（还没有答复的，不能早于收到申请），也不能晚于今天，请核对",
		Hant: "提出日期不能早於答覆（還沒有答覆的，不能早於收到申請），也不能晚於今天，請核對",
		En:   "It is not filed before the reply (where there is none yet, before the request arrived), nor after today; check the day"}
	reviewLater = lang.Text{Hans: "复议后起诉的，提出日期不能早于登记过的行政复议，请核对", Hant: "復議後起訴的，提出日期不能早於登記過的行政復議，請核對",
		En: "A suit after reconsideration is not filed before the reconsideration that is recorded; check the day"}
	noReview = lang.Text{Hans: "没有登记过这件申请的行政复议，请先登记复议，或者选择直接起诉", Hant: "沒有登記過這件申請的行政復議，請先登記復議，或者選擇直接起訴",
		En: "No reconsideration of this request is recorded; record it first, or choose a suit without one"}
)

func (s *Service) beginDispute(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var f filed
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
	}
	fail := func(path string, text lang.Text) (casework.Beginning, error) {
		return casework.Beginning{}, wrongDispute(path, text)
	}
	e, err := s.ByNumber(ctx, f.Request)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return casework.Beginning{}, fmt.Errorf("request of a dispute: %w", err)
	}
	if err != nil || e.Body != sent.Subject {
		return fail("/request", noRequest)
	}
	// A suit for want of a reply is possible without one; all else is about the reply.
	day, err := calendar.Parse(f.On)
	if err != nil || day > today || day < e.Arrived || !e.Open() && day < e.Closed {
		return fail("/filed", tooEarly)
	}
	if !slices.Contains(DisputeKinds, f.Kind) {
		return fail("/dispute", lang.Text{})
	}
	if f.Kind == SuitAfterReview {
		list, err := s.Disputes(ctx, e.Case)
		if err != nil {
			return casework.Beginning{}, err
		}
		list = slices.DeleteFunc(list, func(d Dispute) bool { return d.TakenBack != 0 })
		switch i := slices.IndexFunc(list, func(d Dispute) bool { return d.Kind == Review }); { // the oldest
		case i < 0:
			return fail("/dispute", noReview)
		case day < list[i].Filed:
			return fail("/filed", reviewLater)
		}
	}
	b := s.Registry.Now().Body(e.Body)
	if b == nil {
		return casework.Beginning{}, noOffice
	}
	return casework.Beginning{
		Title: disputeTitle(f.Kind, day, e.Number), Division: b.Division, Body: b.Key, Procedure: DisputeKind, Series: seriesOf(disputeSeries, b.Division),
		Variables: map[string]any{varFiled: f.On},
		Public:    map[string]any{"request": e.Number, "dispute": f.Kind, "filed": f.On},
	}, nil
}

// disputeTitle tells the disputes about one request apart for whoever records how they ended.
func disputeTitle(kind string, filed calendar.Date, request string) lang.Text {
	name := map[string]lang.Text{
		Review: {Hans: "行政复议", Hant: "行政復議", En: "Reconsideration"}, Suit: {Hans: "直接起诉", Hant: "直接起訴", En: "Suit without reconsideration"},
		SuitAfterReview: {Hans: "复议后起诉", Hant: "復議後起訴", En: "Suit after reconsideration"},
	}[kind]
	day := calendar.Long(filed)
	return lang.Text{
		Hans: fmt.Sprintf("%s（%s提出）：%s", name.Hans, day.Hans, request), Hant: fmt.Sprintf("%s（%s提出）：%s", name.Hant, day.Hant, request),
		En: fmt.Sprintf("%s, filed on %s: %s", name.En, day.En, request),
	}
}

// wrongDispute refuses what was entered of a dispute.
func wrongDispute(path string, text lang.Text) error {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: "invalid", Text: text}}}
}

// recordedAs says that a dispute is there already.
func recordedAs(number string) lang.Text {
	return lang.Text{
		Hans: "这一天的同类复议、诉讼已经登记，编号 " + number + "。请核对日期；没有错的，不用再登记",
		Hant: "這一天的同類復議、訴訟已經登記，編號 " + number + "。請核對日期；沒有錯的，不用再登記",
		En:   "One of this kind and day is recorded already, under " + number + ". Check the day; if it is right there is nothing left to record",
	}
}

// checkDispute refuses a day of the decision before that on which it was filed, or in the future.
func checkDispute(c *casework.Case, _ casework.Task, act casework.Complete, at time.Time) error {
	var in struct {
		Concluded string `json:"concluded"`
	}
	if len(act.Data) > 0 && json.Unmarshal(act.Data, &in) != nil {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
	}
	filed, err := calendar.Parse(word(c.Variables(), varFiled))
	if err != nil { // recorded before the day was kept with the case
		filed = calendar.Of(c.CreatedAt) - backlog
	}
	if found := within("/concluded", in.Concluded, filed, calendar.Of(at)); len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	return nil
}

// disputeChanged keeps the table of disputes in step with their cases, in their transaction.
func (s *Service) disputeChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	day := func(name string) int64 {
		text, _ := h.Data[name].(string)
		d, err := calendar.Parse(text)
		if err != nil {
			return 0
		}
		return int64(d)
	}
	if h.Kind == casework.Submitted {
		number, _ := h.Data["request"].(string)
		kind, _ := h.Data["dispute"].(string)
		// Whoever records another dispute of the request waits: two at once would both find none.
		id, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT case_id FROM request_case WHERE number = $1`+tx.ForUpdate(), number))
		if err != nil {
			return fmt.Errorf("request of dispute %s: %w", c.Number, err)
		}
		// Entered twice it would count twice in the table.
		there, err := store.One(ctx, tx, scanNumber, `SELECT number FROM request_dispute WHERE request = $1 AND kind = $2 AND filed = $3 AND taken_back = 0 LIMIT 1`, id, kind, day("filed"))
		if err == nil {
			return wrongDispute("/filed", recordedAs(there))
		}
		if !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("disputes of request %s: %w", number, err)
		}
		tx.Queue(`INSERT INTO request_dispute (case_id, number, request, division, body, kind, filed, result, concluded) VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0)`,
			int64(c.ID), c.Number, id, c.Division, c.Body, kind, day("filed"))
		return nil
	}
	if h.Kind == casework.TakenBack {
		return s.disputeTakenBack(ctx, tx, c, h)
	}
	if result, ok := h.Data["outcome"].(string); ok && h.Data["task"] == "conclude" {
		tx.Queue(`UPDATE request_dispute SET result = $2, concluded = $3 WHERE case_id = $1`, int64(c.ID), result, day("concluded"))
	}
	return nil
}

// disputeTakenBack leaves a dispute out of all figures. A suit after reconsideration keeps the reconsideration that it came after.
func (s *Service) disputeTakenBack(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	// Whoever records or takes back another dispute of the request waits.
	if _, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT case_id FROM request_case WHERE case_id = (SELECT request FROM request_dispute WHERE case_id = $1)`+tx.ForUpdate(),
		int64(c.ID))); err != nil {
		return fmt.Errorf("request of dispute %s: %w", c.Number, err)
	}
	left, err := store.All(ctx, tx, scanNumber, `SELECT s.number FROM request_dispute AS s JOIN request_dispute AS d ON d.request = s.request
		WHERE d.case_id = $1 AND s.case_id <> d.case_id AND s.kind = 'suit-after-review' AND s.taken_back = 0 AND NOT EXISTS (SELECT 1 FROM request_dispute AS r
			WHERE r.request = s.request AND r.kind = 'review' AND r.taken_back = 0 AND r.case_id <> d.case_id AND r.filed <= s.filed)
		ORDER BY s.filed, s.case_id LIMIT 1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("suits after %s: %w", c.Number, err)
	}
	if len(left) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/reason", Code: "needed", Text: lang.Text{
			Hans: "复议后起诉 " + left[0] + " 以这件行政复议为前提。先撤销那一件，或者先登记正确的行政复议",
			Hant: "復議後起訴 " + left[0] + " 以這件行政復議為前提。先撤銷那一件，或者先登記正確的行政復議",
			En:   "The suit " + left[0] + " came after this reconsideration. Take that one back first, or record the right reconsideration first",
		}}}}
	}
	tx.Queue(`UPDATE request_dispute SET taken_back = $2 WHERE case_id = $1`, int64(c.ID), int64(calendar.Of(h.Event.At)))
	return nil
}

// TakeBack takes a dispute back that was recorded by mistake. The key makes it idempotent.
func (s *Service) TakeBack(ctx context.Context, who identity.Principal, d Dispute, reason, key string) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: key, Actor: who, Case: d.Case, Act: casework.TakeBack{Reason: reason}})
	return err
}

func scanDispute(row store.Row) (d Dispute, err error) {
	return d, row.Scan(&d.Case, &d.Number, &d.Request, &d.Kind, &d.Filed, &d.Result, &d.Concluded, &d.TakenBack)
}

// Disputes returns the disputes about a request, oldest first, those that were taken back among them.
func (s *Service) Disputes(ctx context.Context, request store.ID) ([]Dispute, error) {
	list, err := store.All(ctx, s.DB.Read(), scanDispute, `SELECT case_id, number, request, kind, filed, result, concluded, taken_back FROM request_dispute
		WHERE request = $1 ORDER BY filed, case_id`, int64(request))
	if err != nil {
		return nil, fmt.Errorf("disputes: %w", err)
	}
	return list, nil
}

// DisputeCounts are a row of table 4: how many ended so, and how many are pending on the last day.
type DisputeCounts struct{ Upheld, Corrected, Other, Pending int64 }

// Total is their sum.
func (d DisputeCounts) Total() int64 { return d.Upheld + d.Corrected + d.Other + d.Pending }

// DisputeFigures are table 4 of the annual report for a time, both days included, by kind of dispute.
func (s *Service) DisputeFigures(ctx context.Context, scope Scope, from, to calendar.Date) (map[string]DisputeCounts, error) {
	const sums = `SELECT kind, CASE WHEN concluded > 0 AND concluded <= $2 THEN result ELSE '' END, count(*) FROM request_dispute
		WHERE filed <= $2 AND (concluded = 0 OR concluded >= $1) AND taken_back = 0`
	const groups = ` GROUP BY 1, 2`
	type row struct {
		kind, result string
		n            int64
	}
	scan := func(r store.Row) (x row, err error) { return x, r.Scan(&x.kind, &x.result, &x.n) }
	list, err := sumsIn(ctx, s.DB.Read(), scope, from, to, sums, groups, scan)
	if err != nil {
		return nil, fmt.Errorf("figures of disputes: %w", err)
	}
	out := map[string]DisputeCounts{}
	for _, x := range list {
		c := out[x.kind]
		switch x.result {
		case "upheld":
			c.Upheld += x.n
		case "corrected":
			c.Corrected += x.n
		case "other":
			c.Other += x.n
		default:
			c.Pending += x.n
		}
		out[x.kind] = c
	}
	return out, nil
}
