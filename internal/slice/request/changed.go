package request

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// receiptSlip is the letter that says that a request came in.
const receiptSlip = "request-receipt"

// changed keeps the register, the counts and the asker in step with a request, and lets its letters come into being, in its transaction.
func (s *Service) changed(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	kinds, _ := h.Data["documents"].([]string)
	if h.Kind == casework.Submitted {
		if err := s.arrived(ctx, tx, c, h); err != nil {
			return err
		}
		kinds = append([]string{receiptSlip}, kinds...)
	}
	if err := bindFiles(ctx, tx, c, h); err != nil {
		return err
	}
	if subject := plain(h.Private["subject"]); subject != "" {
		tx.Queue(`UPDATE request_case SET subject = $2 WHERE case_id = $1`, int64(c.ID), subject)
	}
	tx.Queue(`UPDATE request_case SET status = $2, receipt = $3, due_at = $4 WHERE case_id = $1`,
		int64(c.ID), c.Status, int64(receiptDay(c.Variables())), store.Micros(c.StatuteDue))
	if outcome := concluded(c, h); outcome != "" {
		s.conclude(tx, c, h, outcome)
	}
	if h.Kind == casework.Completed && h.Data["task"] == "payment" {
		s.paid(tx, c, h)
	}
	if !c.Open() {
		if err := s.dateErasure(tx, c); err != nil {
			return err
		}
	}
	for _, kind := range kinds {
		s.Documents.Issue(tx, document.Order{Case: c, Event: h.Event, Kind: kind, Agency: s.Agency(c.Body)})
	}
	return nil
}

// arrived enters a new request, and gives the asker to it.
func (s *Service) arrived(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var r Sent
	if err := json.Unmarshal(h.Private["form"], &r); err != nil {
		return fmt.Errorf("form of %s: %w", c.Number, err)
	}
	n, err := tx.ExecCount(ctx, `UPDATE request_asker SET case_id = $2, erase_at = 0 WHERE id = $1 AND case_id = 0`, int64(r.Asker), int64(c.ID))
	if err != nil {
		return fmt.Errorf("asker of %s: %w", c.Number, err)
	}
	if n != 1 {
		return fmt.Errorf("asker of %s: belongs to another request, or was swept away; send it again", c.Number)
	}
	day, err := calendar.Parse(word(c.Variables(), varArrived))
	if err != nil {
		return fmt.Errorf("day of %s: %w", c.Number, err)
	}
	tx.Queue(`INSERT INTO request_case (case_id, number, division, body, applicant, channel, asker, arrived, receipt, status, due_at, outcome, closed,
		days, late, subject, record) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', 0, '', 0, 0, 0, '', '')`,
		int64(c.ID), c.Number, c.Division, c.Body, r.Kind, string(r.Channel), int64(r.Asker), int64(day))
	s.tally(tx, key{c.Division, c.Body, day, r.Kind, outcomeReceived, string(r.Channel)})
	return nil
}

// bindFiles binds what a step brings to the case.
func bindFiles(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	raw, ok := h.Private["files"]
	if !ok {
		return nil
	}
	var refs []casework.FileRef
	if err := json.Unmarshal(raw, &refs); err != nil {
		return fmt.Errorf("files of %s: %w", c.Number, err)
	}
	ids := make([]store.ID, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	return file.Bind(ctx, tx, h.Actor.Account, file.Holder{Kind: file.HolderCase, ID: c.ID}, ids...)
}

// concluded returns the outcome to which an event has brought a request, or "". Each request comes to one, once.
func concluded(c *casework.Case, h casework.Happened) string {
	if h.Data["task"] == "decide" && h.Data["outcome"] == "issue" {
		return word(c.Variables(), varReply)
	}
	if _, ended := h.Data["ended"]; !ended {
		return ""
	}
	switch c.Status {
	case "withdrawn":
		return Withdrawn
	case "lapsed":
		if outcomeOf(c, "decide") == "issue" {
			return "" // replied to; only the copies were not paid for (2007年条例 27)
		}
		if last := c.Done()[len(c.Done())-1]; last.Element == "payment" {
			return Unpaid
		}
		return Uncorrected
	}
	return ""
}

func (s *Service) conclude(tx *store.Tx, c *casework.Case, h casework.Happened, outcome string) {
	day := calendar.Of(h.Event.At)
	days, late := 0, int64(0)
	if k := c.Clock(clockReply); k != nil {
		until := day
		if stopped := k.Term.Stopped; !stopped.IsZero() {
			until = min(day, calendar.Of(stopped)) // what came after was for the asker to do: to correct, to pay
			if stopped.After(k.Term.Compute(s.Calendar(), h.Event.At).Statute) {
				late = 1
			}
		}
		days = s.used(k.Term, until)
	}
	tx.Queue(`UPDATE request_case SET outcome = $2, closed = $3, days = $4, late = $5 WHERE case_id = $1`, int64(c.ID), outcome, int64(day), days, late)
	store.Last(tx, "request", counted{request: c.ID, key: key{c.Division, c.Body, day, "", outcome, ""}}, s.count)
}

// used counts the working days of a clock up to a day. One on whose end the clock stands still is not counted.
func (s *Service) used(t term.Term, until calendar.Date) int {
	cal := s.Calendar()
	n := cal.Count(calendar.Of(t.Start), until)
	for _, p := range t.Pauses {
		last := until
		if !p.Until.IsZero() {
			last = min(until, calendar.Of(p.Until)-1)
		}
		if first := calendar.Of(p.From) - 1; last > first {
			n -= cal.Count(first, last)
		}
	}
	return max(n, 0)
}

// dateErasure says when who asked is erased: so many years after the end.
func (s *Service) dateErasure(tx *store.Tx, c *casework.Case) error {
	v, err := s.Rules.At(ruleKept, calendar.Of(c.CreatedAt))
	if err != nil {
		return fmt.Errorf("term of the asker of %s: %w", c.Number, err)
	}
	tx.Queue(`UPDATE request_asker SET erase_at = $2 WHERE case_id = $1`, int64(c.ID), store.Micros(c.EndedAt.AddDate(int(v.Amount), 0, 0)))
	return nil
}

// plain reads a text; one that is not there is empty.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

// key is under what something is counted.
type key struct {
	division, body string
	day            calendar.Date
	applicant      string
	outcome        string
	channel        string
}

// outcomeReceived counts the requests that came.
const outcomeReceived = "received"

// counted is one thing to count; the kind of the asker and the channel of a request that ends are those with which it came.
type counted struct {
	request store.ID // 0: the key is complete
	key     key
}

func (s *Service) tally(tx *store.Tx, k key) { store.Last(tx, "request", counted{key: k}, s.count) }

// count moves the counts on, in one order for all transactions.
func (s *Service) count(ctx context.Context, tx *store.Tx, list []counted) error {
	for i := range list {
		if list[i].request == 0 {
			continue
		}
		k := &list[i].key
		if err := tx.QueryRow(ctx, `SELECT applicant, channel FROM request_case WHERE case_id = $1`, int64(list[i].request)).Scan(&k.applicant, &k.channel); err != nil {
			return fmt.Errorf("count a request: %w", err)
		}
	}
	sums := map[key]int64{}
	for _, x := range list {
		sums[x.key]++
	}
	keys := make([]key, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	for _, k := range keys {
		tx.Queue(`INSERT INTO request_count (division, body, day, applicant, outcome, channel, n) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (body, day, applicant, outcome, channel) DO UPDATE SET n = request_count.n + excluded.n`,
			k.division, k.body, int64(k.day), k.applicant, k.outcome, k.channel, sums[k])
	}
	return nil
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.body, b.body), cmp.Compare(a.day, b.day), cmp.Compare(a.applicant, b.applicant), cmp.Compare(a.outcome, b.outcome),
		cmp.Compare(a.channel, b.channel))
}
