package cleanup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// Steps of the procedure of a round, and what comes of them.
const (
	stepDraft   = "draft-round"
	stepReview  = "review-round"
	stepApprove = "approve-round"

	Pass    = "pass"
	Approve = "approve"
	Return  = "return"
)

// The kinds of duties that a round brings.
const (
	DutyFollow = "cleanup-followup" // 后续监管
	DutyList   = "cleanup-list"     // 公布清理目录

	ruleList = "disclosure.proactive"
)

// begun is what a new round is opened with.
type begun struct {
	Body  string `json:"body"`
	Title string `json:"title"`
	Basis string `json:"basis"`
}

const maxTitle, maxBasis = 100, 300 // characters

// Kinds returns the kinds of cases.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{
		{
			Name: RoundKind, Policy: RoundKind, Title: lang.Text{Hans: "审批事项清理批次", Hant: "審批事項清理批次", En: "Round of clean-up of approval items"},
			Begin: s.beginRound, Changed: s.roundChanged, Check: checkApproval,
		},
		{
			Name: HandoverKind, Policy: HandoverKind, Title: lang.Text{Hans: "事项移交承接", Hant: "事項移交承接", En: "Hand-over of an item"},
			Begin: s.beginHandover, Changed: s.handoverChanged, Handler: handler, Check: checkTaking,
		},
		{Name: AttemptKind, Policy: AttemptKind, Title: attemptTitle, Begin: s.beginAttempt},
	}
}

func (s *Service) beginRound(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var b begun
	if err := json.Unmarshal(sent.Form, &b); err != nil {
		return casework.Beginning{}, fmt.Errorf("round: %w", err)
	}
	office := s.Registry.Now().Body(b.Body)
	if office == nil || !s.Office(b.Body) {
		return casework.Beginning{}, refuse("/body", "unknown", lang.Text{Hans: "只有审改机构可以起草清理批次", Hant: "只有審改機構可以起草清理批次", En: "Only a reform office prepares rounds of clean-up"})
	}
	var wrong []casework.FieldError
	for _, f := range []struct {
		path, value string
		most        int
	}{{"/title", b.Title, maxTitle}, {"/basis", b.Basis, maxBasis}} {
		switch n := utf8.RuneCountInString(strings.TrimSpace(f.value)); {
		case n == 0:
			wrong = append(wrong, casework.FieldError{Path: f.path, Code: "required"})
		case n > f.most:
			wrong = append(wrong, casework.FieldError{Path: f.path, Code: "maxLength"})
		}
	}
	if err := refused(wrong); err != nil {
		return casework.Beginning{}, err
	}
	founding := !s.Founded()
	if founding {
		n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT COUNT(*) FROM cleanup_round WHERE founding = 1`))
		if err != nil {
			return casework.Beginning{}, fmt.Errorf("founding round: %w", err)
		}
		if n > 0 {
			return casework.Beginning{}, refuse("/title", "founding", lang.Text{Hans: "建账批次正在办理，公布以后才能起草新的批次", Hant: "建帳批次正在辦理，公佈以後才能起草新的批次", En: "The founding round is under way; begin others once it has been published"})
		}
	}
	return casework.Beginning{
		Title: lang.Text{Hans: b.Title}, Division: office.Division, Body: office.Key, Procedure: RoundKind, Series: "QL" + office.Division,
		Variables: map[string]any{"founding": founding}, Public: map[string]any{"title": b.Title, "basis": b.Basis, "founding": founding},
	}, nil
}

// Begin opens a round.
func (s *Service) Begin(ctx context.Context, actor identity.Principal, title, basis, key string) (casework.Receipt, error) {
	form, err := json.Marshal(begun{actor.Post.Body, title, basis})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("round: %w", err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{Kind: RoundKind, Subject: RoundKind, Channel: casework.Office, Form: form}})
}

// statement is what a round says: what is handed on, and what its digest in the log is about.
type statement struct {
	Number string          `json:"number"`
	Title  string          `json:"title"`
	Basis  string          `json:"basis"`
	Lines  []register.Line `json:"lines"`
}

func (s *Service) statement(ctx context.Context, r Round) (text []byte, lines []Line, err error) {
	if lines, err = s.Lines(ctx, r.ID); err != nil {
		return nil, nil, err
	}
	st := statement{Number: r.Number, Title: r.Title, Basis: r.Basis}
	for i := range lines {
		st.Lines = append(st.Lines, lines[i].Line)
	}
	if text, err = merkle.Canonical(st); err != nil {
		return nil, nil, fmt.Errorf("statement of round %s: %w", r.Number, err)
	}
	return text, lines, nil
}

// Hand hands a drafted round on. Every line is checked again as of today.
func (s *Service) Hand(ctx context.Context, actor identity.Principal, number, key string) (casework.Receipt, error) {
	r, c, err := s.standing(ctx, actor, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	t := task(c, stepDraft)
	if t == nil {
		return casework.Receipt{}, notNow()
	}
	text, lines, err := s.statement(ctx, r)
	if err != nil {
		return casework.Receipt{}, err
	}
	if len(lines) == 0 && !r.Founding {
		return casework.Receipt{}, refuse("/lines", "required", lang.Text{Hans: "批次中还没有事项", Hant: "批次中還沒有事項", En: "The round has no item yet"})
	}
	var wrong []casework.FieldError
	counts, first := map[string]int{}, calendar.Date(0)
	for i := range lines {
		l := &lines[i]
		counts[string(l.Fate)]++
		if first == 0 || l.On < first {
			first = l.On
		}
		found, err := s.check(ctx, r, &l.Line)
		if err != nil {
			return casework.Receipt{}, err
		}
		for _, f := range found {
			f.Path = fmt.Sprintf("/line-%d", l.ID)
			name := l.Name
			f.Text = lang.Text{Hans: name.Hans + "：" + f.Text.Hans, Hant: name.In(lang.Hant) + "：" + f.Text.In(lang.Hant), En: name.In(lang.En) + ": " + f.Text.In(lang.En)}
			wrong = append(wrong, f)
		}
	}
	if err := refused(wrong); err != nil {
		return casework.Receipt{}, err
	}
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE cleanup_round SET prepared = $2, statement = $3 WHERE id = $1 AND state = 'drafting'`, int64(r.ID), digest, string(text))
		return nil
	})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("hand round %s on: %w", number, err)
	}
	entered := map[string]any{"statement": map[string]string{"sha256": digest}, "lines": counts}
	if !r.Founding { // what was there goes on: no day can have passed
		entered["first"] = first.String()
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("hand round %s on: %w", number, err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: r.ID, Act: casework.Complete{Token: t.Token, Data: data}})
}

// Decide does the step of the reviewer, or of the head.
func (s *Service) Decide(ctx context.Context, actor identity.Principal, number, outcome, remark, key string) (casework.Receipt, error) {
	r, c, err := s.standing(ctx, actor, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	t := task(c, stepReview)
	if t == nil {
		t = task(c, stepApprove)
	}
	if t == nil {
		return casework.Receipt{}, notNow()
	}
	entered := map[string]string{}
	for name, value := range map[string]string{"outcome": outcome, "remark": strings.TrimSpace(remark)} {
		if value != "" {
			entered[name] = value
		}
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("decide on round %s: %w", number, err)
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: r.ID, Act: casework.Complete{Token: t.Token, Data: data}})
	if err != nil {
		return rec, err
	}
	return rec, s.Refresh(context.WithoutCancel(ctx))
}

// standing opens a round with its case for somebody of its office.
func (s *Service) standing(ctx context.Context, actor identity.Principal, number string) (Round, *casework.Case, error) {
	r, err := s.Round(ctx, number)
	if err == nil {
		err = s.allow(actor, r.Body)
	}
	if err != nil {
		return r, nil, err
	}
	c, err := s.cases.Get(ctx, r.ID)
	return r, c, err
}

func notNow() *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedStale}
}

// task returns the open step of a case, or nil.
func task(c *casework.Case, element string) *casework.Task {
	tasks := c.Tasks()
	for i := range tasks {
		if tasks[i].Element == element {
			return &tasks[i]
		}
	}
	return nil
}

// checkApproval keeps a round from being approved after the first date on which it was to take effect: it goes back for other dates.
func checkApproval(c *casework.Case, t casework.Task, entered casework.Complete, at time.Time) error {
	var in struct {
		Outcome string `json:"outcome"`
	}
	readable := json.Unmarshal(entered.Data, &in) == nil // the form says so when it is not
	if t.Element != stepApprove || !readable || in.Outcome != Approve {
		return nil
	}
	first, _ := c.Variables()["first"].(string)
	if first == "" { // a founding round names no day: what was there goes on
		return nil
	}
	day, err := calendar.Parse(first)
	if err != nil {
		return fmt.Errorf("round %s: %w", c.Number, err)
	}
	if day >= calendar.Of(at) {
		return nil
	}
	long := calendar.Long(day)
	return refuse("/outcome", "past", lang.Text{
		Hans: "最早的生效日 " + long.Hans + " 已经过去，请退回修改生效日期", Hant: "最早的生效日 " + long.Hant + " 已經過去，請退回修改生效日期",
		En: "The first date of effect, " + long.En + ", has passed; return the round so that its dates are changed",
	})
}

// roundChanged keeps rounds in step with their cases, in their transaction.
func (s *Service) roundChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	at := store.Micros(h.Event.At)
	if h.Kind == casework.Submitted {
		return s.roundBegun(tx, c, h)
	}
	if h.Kind != casework.Completed {
		return nil
	}
	outcome, _ := h.Data["outcome"].(string)
	state := Drafting
	switch h.Data["task"] {
	case stepDraft:
		named, _ := h.Data["statement"].(map[string]any)
		digest, _ := named["sha256"].(string)
		// Only what this service has prepared can be handed on.
		n, err := tx.ExecCount(ctx, `UPDATE cleanup_round SET state = $3 WHERE id = $1 AND prepared = $2 AND prepared <> '' AND state = 'drafting'`, int64(c.ID), digest, string(Reviewing))
		if err == nil && n != 1 {
			err = fmt.Errorf("round %s: what was handed on was not prepared", c.Number)
		}
		return err
	case stepReview:
		if outcome == Pass {
			state = Approving
		}
	case stepApprove:
		if outcome == Approve {
			return s.publish(ctx, tx, c, at)
		}
	}
	tx.QueueOne(`UPDATE cleanup_round SET state = $2 WHERE id = $1`, int64(c.ID), string(state))
	return nil
}

func (s *Service) roundBegun(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var b begun
	if err := json.Unmarshal(h.Private["form"], &b); err != nil {
		return fmt.Errorf("round: %w", err)
	}
	founding, _ := h.Data["founding"].(bool)
	flag := 0
	if founding {
		flag = 1
	}
	tx.Queue(`INSERT INTO cleanup_round (id, number, division, body, title, basis, founding, state, begun_at, published_at, prepared, statement, handed, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', '', 0, '')`,
		int64(c.ID), c.Number, c.Division, c.Body, b.Title, b.Basis, flag, string(Drafting), store.Micros(h.Event.At))
	if !founding {
		return nil
	}
	for _, it := range s.Catalogue.Items() {
		if !it.Active {
			continue
		}
		for _, body := range it.Bodies {
			l := register.Line{Item: it.Key, Name: it.Name, From: body, Fate: register.Retained, On: calendar.Of(h.Event.At), Basis: b.Basis}
			if err := s.insert(tx, c.ID, l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) insert(tx *store.Tx, round store.ID, l register.Line) error {
	content, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("line about %s: %w", l.Item, err)
	}
	tx.Queue(`INSERT INTO cleanup_line (id, round, item, body, on_day, state, content, version, done_at) VALUES ($1, $2, $3, $4, $5, 'draft', $6, 1, 0)`,
		int64(s.IDs.New()), int64(round), l.Item, l.From, int64(l.On), string(content))
	return nil
}

// publish puts a round in force: its lines count from now on, its dates are owed.
func (s *Service) publish(ctx context.Context, tx *store.Tx, c *casework.Case, at int64) error {
	tx.QueueOne(`UPDATE cleanup_round SET state = $2, published_at = $3 WHERE id = $1`, int64(c.ID), string(Published), at)
	tx.Queue(`UPDATE cleanup_version SET version = version + 1 WHERE one = 1`)
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	lines, err := store.All(ctx, tx, scanLine, `SELECT `+lineColumns+` FROM cleanup_line WHERE round = $1 ORDER BY id`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("lines of round %s: %w", c.Number, err)
	}
	for i := range lines {
		l := &lines[i]
		if l.Fate.Takes() {
			tx.Queue(`UPDATE cleanup_line SET state = 'pending' WHERE id = $1`, l.ID)
		} else { // nothing has to follow
			tx.Queue(`UPDATE cleanup_line SET state = 'done', done_at = $2 WHERE id = $1`, l.ID, at)
		}
		for n, f := range l.Follow {
			d := Duty{Key: fmt.Sprintf("%s/%d/%d", DutyFollow, l.ID, n+1), Kind: DutyFollow, Body: f.Body, Due: f.Due,
				Title: lang.Text{Hans: l.Name.Hans + "：" + f.What, Hant: l.Name.In(lang.Hant) + "：" + f.What, En: l.Name.In(lang.En) + ": " + f.What}}
			if err := s.Duties.Owe(ctx, tx, d); err != nil {
				return err
			}
		}
	}
	return s.Duties.Owe(ctx, tx, Duty{Key: listDuty(c.ID), Kind: DutyList, Body: c.Body, Rule: ruleList, Title: c.Title})
}

func listDuty(round store.ID) string { return DutyList + "/" + round.String() }
