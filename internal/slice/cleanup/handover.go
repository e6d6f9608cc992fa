package cleanup

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// Steps of the procedure of a hand-over, and what comes of the second.
const (
	stepHand = "hand-over"
	stepTake = "take-over"

	Taken      = "taken"
	Incomplete = "incomplete"

	ruleHandover = "cleanup.handover"
)

// handed is what a case of a hand-over is opened with.
type handed struct {
	Line     int64  `json:"line"`
	Receiver string `json:"receiver"`
}

func (s *Service) beginHandover(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var h handed
	if err := json.Unmarshal(sent.Form, &h); err != nil {
		return casework.Beginning{}, fmt.Errorf("hand-over: %w", err)
	}
	l, _, err := s.line(ctx, h.Line)
	if err != nil {
		return casework.Beginning{}, err
	}
	from := s.Registry.Now().Body(l.From)
	if from == nil {
		return casework.Beginning{}, refuse("/from", "unknown", noBody)
	}
	// All is to be there when the day of effect begins.
	left := int(l.On.Add(-1) - today)
	return casework.Beginning{
		Title: l.Name, Division: from.Division, Body: from.Key, Procedure: HandoverKind, Series: "QJ" + from.Division,
		Terms: map[string]casework.Terms{ruleHandover: {Statutory: term.Length{
			N: max(1, left), Unit: statute.CalendarDay, Rule: ruleHandover, Title: lang.Text{Hans: "生效前完成交接", Hant: "生效前完成交接", En: "Hand over before the date of effect"},
			Article: lang.Text{Hans: l.Basis},
		}}},
		Variables: map[string]any{"giver": l.From, "receiver": h.Receiver, "points": strconv.Itoa(len(l.Checklist))},
		Public:    map[string]any{"item": l.Item, "giver": l.From, "receiver": h.Receiver, "effect": l.On.String()},
	}, nil
}

// handler moves the case of a hand-over to and fro: to the receiving body once the former one has handed over, back when something lacks.
func handler(c *casework.Case, _ string) string {
	name := "giver"
	for _, d := range c.Done() {
		if d.Cut {
			continue
		}
		name = map[string]string{stepHand: "receiver", stepTake: "giver"}[d.Element]
	}
	body, _ := c.Variables()[name].(string)
	return body
}

// checkTaking refuses to take over what is not all there.
func checkTaking(c *casework.Case, t casework.Task, entered casework.Complete, _ time.Time) error {
	var in struct {
		Outcome string `json:"outcome"`
		Points  []int  `json:"points"`
	}
	if readable := json.Unmarshal(entered.Data, &in) == nil; !readable {
		return nil // the form has said so
	}
	text, _ := c.Variables()["points"].(string)
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("hand-over %s: %w", c.Number, err)
	}
	if slices.ContainsFunc(in.Points, func(p int) bool { return p > n }) {
		return refuse("/points", "enum", lang.Text{Hans: "清单中没有这一项", Hant: "清單中沒有這一項", En: "The list has no such thing"})
	}
	if t.Element == stepTake && in.Outcome == Taken && len(in.Points) < n {
		return refuse("/points", "incomplete", lang.Text{
			Hans: "清单还没有全部完成：请逐项核对，或者退回原机关补齐", Hant: "清單還沒有全部完成：請逐項核對，或者退回原機關補齊",
			En: "Not everything on the list is there: check each thing, or return it to the former body",
		})
	}
	return nil
}

func (s *Service) handoverChanged(_ context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	switch h.Kind {
	case casework.Submitted:
		var in handed
		if err := json.Unmarshal(h.Private["form"], &in); err != nil {
			return fmt.Errorf("hand-over: %w", err)
		}
		giver, _ := c.Variables()["giver"].(string)
		// The open cases go with the first receiver, when they go.
		tx.Queue(`INSERT INTO cleanup_handover (id, number, line, giver, receiver, on_day, cases, state, taken_at)
			VALUES ($1, $2, $3, $4, $5, (SELECT on_day FROM cleanup_line WHERE id = $3), $6, 'open', 0)`,
			int64(c.ID), c.Number, in.Line, giver, in.Receiver, s.bring(in))
	case casework.Completed:
		if h.Data["task"] == stepTake && h.Data["outcome"] == Taken {
			tx.QueueOne(`UPDATE cleanup_handover SET state = 'taken', taken_at = $2 WHERE id = $1 AND state = 'open'`, int64(c.ID), store.Micros(h.Event.At))
		}
	}
	return nil
}

// bring is 1 when the open cases go to the receiver of a hand-over.
func (s *Service) bring(in handed) int {
	for _, l := range s.Register().All() {
		if l.ID == in.Line && l.Heir() == in.Receiver {
			return 1
		}
	}
	return 0
}

// HandOver does the step of the former body.
func (s *Service) HandOver(ctx context.Context, actor identity.Principal, number string, points []int, note, key string) (casework.Receipt, error) {
	entered := map[string]any{"points": orEmpty(points)}
	if note != "" {
		entered["note"] = note
	}
	return s.handle(ctx, actor, number, stepHand, entered, key)
}

// Taking is what the receiving body says of a hand-over.
type Taking struct {
	Outcome  string
	Points   []int
	Trained  int           // people
	Training calendar.Date // when
	Seal     calendar.Date // in use from
	Remark   string
}

// TakeOver does the step of the receiving body.
func (s *Service) TakeOver(ctx context.Context, actor identity.Principal, number string, in Taking, key string) (casework.Receipt, error) {
	entered := map[string]any{"points": orEmpty(in.Points)}
	if in.Outcome != "" {
		entered["outcome"] = in.Outcome
	}
	if in.Remark != "" {
		entered["remark"] = in.Remark
	}
	if in.Trained != 0 {
		entered["trained"] = in.Trained
	}
	if in.Training != 0 {
		entered["training"] = in.Training.String()
	}
	if in.Seal != 0 {
		entered["seal"] = in.Seal.String()
	}
	return s.handle(ctx, actor, number, stepTake, entered, key)
}

func orEmpty(points []int) []int { return append([]int{}, points...) }

func (s *Service) handle(ctx context.Context, actor identity.Principal, number, step string, entered map[string]any, key string) (casework.Receipt, error) {
	h, err := s.Handover(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	c, err := s.cases.Get(ctx, h.ID)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("hand-over %s: %w", number, err)
	}
	t := task(c, step)
	if t == nil {
		return casework.Receipt{}, notNow()
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("hand-over %s: %w", number, err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: h.ID, Act: casework.Complete{Token: t.Token, Data: data}})
}

// place is where the cases about an item of a body lie.
func (s *Service) place(item, body string) (casework.Place, bool) {
	b, code := s.Registry.Now().Body(body), s.Catalogue.Code(item, body)
	if b == nil || code == "" {
		return casework.Place{}, false
	}
	return casework.Place{Body: b.Key, Division: b.Division, Subject: code}, true
}

// move hands the open cases about a line over to a body, one by one. It goes on where it was killed: a case that has gone lies elsewhere,
// and is not found again.
func (s *Service) move(ctx context.Context, l *register.Line, to string) error {
	here, ok := s.place(l.Item, l.From)
	there, known := s.place(l.Becomes(), to)
	if !ok { // the item was never exercised here: there can be no case
		return nil
	}
	if !known {
		return fmt.Errorf("line %d: %s does not exercise %s yet", l.ID, to, l.Becomes())
	}
	for {
		list, err := s.cases.OpenOn(ctx, here.Body, here.Subject, 0, moveAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		errs := make(chan error, len(list))
		for _, c := range list {
			go func() { errs <- s.cases.HandOver(ctx, c.ID, here, there, l.Round) }() // together, so that they share transactions
		}
		var failed error
		for range list {
			if err := <-errs; err != nil {
				failed = err
			}
		}
		if failed != nil {
			return failed
		}
	}
}

// moveAtOnce is how many cases go over together.
const moveAtOnce = 100
