package publication

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Kinds of cases, and the keys of their procedures.
const (
	Kind           = "publication"            // records become public
	WithdrawalKind = "publication-withdrawal" // a record is taken back
)

// Steps of the procedures.
const (
	StepReview   = "secrecy-review" // 保密审查
	StepRefer    = "refer"          // 请示 when unsure (art. 17)
	StepDecide   = "decide"         // 审批
	StepRevise   = "revise"         // 修改
	StepRelease  = "release"        // the platform publishes
	StepTakeDown = "take-down"      // the head takes a record back
)

// Outcome is what a step decided.
type Outcome string

// Outcomes of the review and of the decision.
const (
	Pass     Outcome = "pass"     // review: nothing stands against it
	Return   Outcome = "return"   // review, decision: back to whoever drafted
	Refer    Outcome = "refer"    // review: unsure, asked above (art. 17)
	Withhold Outcome = "withhold" // review: proposed; decision: 不予公开
	Publish  Outcome = "publish"  // decision
)

// Answer says of one point of the checklist whether it stands against publication.
type Answer string

// The answers.
const (
	No        Answer = "no"
	Yes       Answer = "yes"
	Unsure    Answer = "unsure"
	Consented Answer = "consented" // of the third party: agrees, or the public interest weighs more (art. 15)
)

// Review (保密审查) is what the reviewer found: one answer for each point of arts. 14–16.
type Review struct {
	Outcome     Outcome `json:"outcome"`
	Secret      Answer  `json:"secret"`            // art. 14: 国家秘密
	Forbidden   Answer  `json:"forbidden"`         // art. 14: laws and administrative regulations forbid it
	Security    Answer  `json:"security"`          // art. 14: 三安全一稳定
	ThirdParty  Answer  `json:"thirdParty"`        // art. 15: trade secrets, privacy
	Internal    Answer  `json:"internal"`          // art. 16: 内部事务信息
	Process     Answer  `json:"process"`           // art. 16: 过程性信息
	Enforcement Answer  `json:"enforcement"`       // art. 16: 行政执法案卷
	Opinion     string  `json:"opinion,omitempty"` // sealed; needed unless it passes
}

// Clear is a review in which nothing stands against publication.
func Clear() Review { return Review{Pass, No, No, No, No, No, No, No, ""} }

// Approval is what the head decides.
type Approval struct {
	Outcome Outcome `json:"outcome"`
	Opinion string  `json:"opinion,omitempty"` // sealed; needed unless it is published
}

// submission is the sealed form of a case: which batch it is about.
type submission struct {
	Batch store.ID `json:"batch"`
	Notes []string `json:"notes,omitempty"` // of overrides
}

// Kinds returns the kinds of cases, for the runtime.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{
		{Name: Kind, Policy: Kind, Title: lang.Text{Hans: "信息公开", Hant: "信息公開", En: "Publication"}, Begin: s.begin, Changed: s.changed, May: mayDo, Receipt: madeOn},
		{Name: WithdrawalKind, Policy: WithdrawalKind, Title: lang.Text{Hans: "撤回公开信息", Hant: "撤回公開信息", En: "Withdrawal of a record"},
			Begin: s.beginWithdrawal, Changed: s.withdrawalChanged},
		s.dutyCases(),
	}
}

// batch is what goes to the public together.
type batch struct {
	id       store.ID
	kase     store.ID
	number   string
	route    string
	state    State
	division string
	body     string
	author   store.ID
	records  int
	released int
	parts    int
}

// Routes of a batch.
const (
	routeReview  = "review"  // through review and decision
	routeCarried = "carried" // published elsewhere before: straight to release
)

const batchColumns = `id, case_id, number, route, state, division, body, author, records, released, parts`

func scanBatch(row store.Row) (*batch, error) {
	var b batch
	err := row.Scan(&b.id, &b.kase, &b.number, &b.route, &b.state, &b.division, &b.body, &b.author, &b.records, &b.released, &b.parts)
	return &b, err
}

// Submit hands drafts of one body in, as one case. Where the category says so, personal data that the guard finds and nobody overrode is
// masked now, or refused. The case has the term of 政府信息公开条例 art. 26, or of what the law says of its category, from the day on which
// the information was made or changed.
func (s *Service) Submit(ctx context.Context, actor identity.Principal, key string, ids ...store.ID) (casework.Receipt, error) {
	if len(ids) == 0 {
		return casework.Receipt{}, invalid("/records", "required", lang.Text{Hans: "请选择要提交的信息", Hant: "請選擇要提交的信息", En: "Choose what is to be handed in"})
	}
	slices.Sort(ids)
	id, notes, err := s.gather(ctx, actor, key, slices.Compact(ids))
	if err != nil {
		return casework.Receipt{}, err
	}
	form, err := json.Marshal(submission{id, notes})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("submission: %w", err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: Kind, Subject: Kind, Channel: casework.Office, Form: form,
	}})
}

// gather puts drafts into a batch, which no case has yet. The same key gets the same batch.
func (s *Service) gather(ctx context.Context, actor identity.Principal, key string, ids []store.ID) (id store.ID, notes []string, err error) {
	key = actor.Account.String() + "/" + key
	known, err := store.Scalar[store.ID](s.DB.Read().QueryRow(ctx, `SELECT id FROM publication_batch WHERE key = $1`, key))
	if err == nil || !isNotFound(err) {
		return known, nil, err // what was written beside it is in the case, or never will be
	}
	works := make([]*Work, 0, len(ids))
	for _, one := range ids {
		w, err := s.Work(ctx, actor, one)
		switch {
		case isNotFound(err), err == nil && (w.State != Drafted || w.Case != 0):
			return 0, nil, refusedState
		case err != nil:
			return 0, nil, err
		case w.Body != works0(works, w).Body:
			return 0, nil, invalid("/records", "body", lang.Text{Hans: "一次只能提交同一机关的信息", Hant: "一次只能提交同一機關的信息", En: "Only records of one body are handed in together"})
		}
		if err := s.allow(actor, ActionDraft, w.Body); err != nil {
			return 0, nil, err
		}
		works = append(works, w)
	}
	masked, notes, err := s.guarded(ctx, works)
	if err != nil {
		return 0, nil, err
	}
	first := works[0]
	b := batch{id: s.IDs.New(), route: routeReview, state: Drafted, division: first.Division, body: first.Body, author: actor.Account, records: len(works)}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		s.insertBatch(tx, &b, key)
		for _, w := range works {
			if err := s.lockDraft(ctx, tx, w.Record, w.Number); err != nil {
				return err
			}
			if masked[w.Record] {
				if w.Number == 1 {
					s.describe(tx, w.Record, &w.Content)
				}
				if err := s.rewrite(tx, w); err != nil {
					return err
				}
			}
			tx.QueueOne(`UPDATE publication_version SET batch = $3 WHERE record = $1 AND n = $2 AND state = 'work'`, int64(w.Record), w.Number, int64(b.id))
		}
		return nil
	})
	if errors.Is(err, store.ErrMoved) {
		err = errState
	}
	return b.id, notes, wrapFile(err, "hand in")
}

// works0 is the first of the works, or the one that will be.
func works0(works []*Work, next *Work) *Work {
	if len(works) > 0 {
		return works[0]
	}
	return next
}

func (s *Service) insertBatch(tx *store.Tx, b *batch, key string) {
	tx.Queue(`INSERT INTO publication_batch (id, key, case_id, number, route, state, division, body, author, records, taken, released, parts, at)
		VALUES ($1, $2, 0, '', $3, $4, $5, $6, $7, $8, 0, 0, 0, $9)`, int64(b.id), key, b.route, string(b.state), b.division, b.body, int64(b.author),
		b.records, store.Micros(s.instant()))
}

// rewrite writes the content of a version in work.
func (s *Service) rewrite(tx *store.Tx, w *Work) error {
	content, err := json.Marshal(&w.Content)
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	tx.Queue(`UPDATE publication_version SET content = $3 WHERE record = $1 AND n = $2 AND state = 'work'`, int64(w.Record), w.Number, string(content))
	return nil
}

func (s *Service) begin(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var form submission
	if err := json.Unmarshal(sent.Form, &form); err != nil {
		return casework.Beginning{}, fmt.Errorf("submission: %w", err)
	}
	b, err := store.One(ctx, s.DB.Read(), scanBatch, `SELECT `+batchColumns+` FROM publication_batch WHERE id = $1`, int64(form.Batch))
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("batch of a submission: %w", err)
	}
	title, public, err := s.titleOf(ctx, b)
	if err != nil {
		return casework.Beginning{}, err
	}
	begun := casework.Beginning{
		Title: title, Division: b.division, Body: b.body, Procedure: Kind, Series: "GK" + b.division,
		Variables: map[string]any{"batch": b.id.String(), "author": b.author.String(), "route": b.route},
		Public:    public,
	}
	return begun, s.clocked(ctx, b, &begun, today)
}

// ruleProactive is the rule of the term in which what is handed in becomes public.
const ruleProactive = "disclosure.proactive"

// madeVariable is the day from which that term runs, in the variables of a case.
const madeVariable = "made"

// clocked says from which day the term of a case runs, and how long it is: the earliest day on which one of its records was made or changed
// (政府信息公开条例 26), and the shortest term of their categories. Of a new version the day is that of the change: when it was made before the
// last version was published, nobody said when it was changed, and the day on which it is handed in is taken; so it is of what was withheld.
func (s *Service) clocked(ctx context.Context, b *batch, begun *casework.Beginning, today calendar.Date) error {
	if b.route == routeCarried {
		return nil
	}
	type line struct {
		n         int
		made, day calendar.Date
		category  string
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (l line, err error) {
		var content string
		if err = row.Scan(&l.n, &content, &l.day); err != nil {
			return l, err
		}
		var c Content
		err = json.Unmarshal([]byte(content), &c)
		l.made, l.category = c.Made, c.Category
		return l, err
	}, `SELECT v.n, `+says+`, r.day FROM publication_version v JOIN publication_record r ON r.id = v.record WHERE v.batch <> 0 AND v.batch = $1`, int64(b.id))
	if err != nil {
		return fmt.Errorf("records of a submission: %w", err)
	}
	made := today
	var shortest *term.Length
	var general int64
	if v, err := s.Rules.At(ruleProactive, today); err == nil {
		general = v.Amount
	}
	for _, l := range list {
		if l.made != 0 && (l.n == 1 || l.day != 0 && l.made >= l.day) {
			made = min(made, l.made)
		}
		if t, ok := s.termOf(l.category, today); ok && int64(t.N) < general && (shortest == nil || t.N < shortest.N) {
			shortest = &t
		}
	}
	if made < today {
		begun.Variables[madeVariable] = made.String()
	}
	if shortest != nil {
		begun.Terms = map[string]casework.Terms{ruleProactive: {Statutory: *shortest}}
	}
	return nil
}

// madeOn is when the term of a case begins: on the day on which what it is about was made.
func madeOn(c *casework.Case) time.Time {
	text, _ := c.Variables()[madeVariable].(string)
	day, err := calendar.Parse(text)
	if err != nil {
		return time.Time{} // made on the day on which it was handed in
	}
	return day.Start()
}

// titleOf names a case by its records, and says what the log shows of it: how many, and what stays although the guard sees personal data
// in it, without the value.
func (s *Service) titleOf(ctx context.Context, b *batch) (lang.Text, map[string]any, error) {
	public := map[string]any{"records": b.records}
	if b.route == routeCarried {
		n := fmt.Sprint(b.records)
		return lang.Text{Hans: "导入已公开信息 " + n + " 条", Hant: "導入已公開信息 " + n + " 條", En: "Records published before: " + n}, public, nil
	}
	works, err := store.All(ctx, s.DB.Read(), scanWork, `SELECT `+workColumns+workTables+` WHERE v.batch <> 0 AND v.batch = $1 ORDER BY v.record LIMIT 500`, int64(b.id))
	if err != nil || len(works) == 0 {
		return lang.Text{}, nil, fmt.Errorf("records of a submission: %w", errors.Join(err, errEmpty(len(works))))
	}
	if said := overridden(works); len(said) > 0 {
		public["overrides"] = said
	}
	title := shorten(works[0].Title, maxCaseTitle)
	if b.records == 1 {
		return lang.Text{Hans: title}, public, nil
	}
	n := fmt.Sprint(b.records)
	return lang.Text{Hans: title + " 等 " + n + " 条", Hant: title + " 等 " + n + " 條", En: title + " and others, " + n + " in all"}, public, nil
}

func errEmpty(n int) error {
	if n == 0 {
		return store.ErrNotFound
	}
	return nil
}

const maxCaseTitle = 60 // characters

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// mayDo: whoever drafted does not review; the platform alone releases.
func mayDo(c *casework.Case, t casework.Task, by identity.Principal) error {
	if t.Element == StepReview && c.Variables()["author"] == by.Account.String() {
		return &casework.Refusal{Code: casework.RefusedSamePerson, Args: map[string]any{"Step": t.Element}, Text: lang.Text{
			Hans: "起草人不能审查自己起草的信息，请由其他人审查", Hant: "起草人不能審查自己起草的信息，請由其他人審查", En: "Whoever drafted it cannot review it; somebody else does",
		}}
	}
	return nil
}

// complete does the open task of a step.
func (s *Service) complete(ctx context.Context, actor identity.Principal, kase store.ID, key, step string, data any) (casework.Receipt, error) {
	c, err := s.cases.Get(ctx, kase)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("case of a record: %w", err)
	}
	token := 0
	for _, t := range c.Tasks() {
		if t.Element == step {
			token = t.Token
		}
	}
	if token == 0 { // it was done: the case says by whom, or gives the receipt of the same command again
		for _, d := range c.Done() {
			if d.Element == step {
				token = d.Token
			}
		}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("data of step %s: %w", step, err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: kase, Act: casework.Complete{Token: token, Data: raw}})
}

// Review does the secrecy and privacy review of a case.
func (s *Service) Review(ctx context.Context, actor identity.Principal, kase store.ID, key string, r Review) (casework.Receipt, error) {
	return s.complete(ctx, actor, kase, key, StepReview, r)
}

// Referred (请示答复) says what the authority above, or the secrecy authority, answered.
type Referred struct {
	Outcome   string `json:"outcome"`   // public, not-public
	Authority string `json:"authority"` // who answered; sealed
	Opinion   string `json:"opinion"`   // sealed
}

// Answer notes what was answered from above; the case goes back to the reviewer.
func (s *Service) Answer(ctx context.Context, actor identity.Principal, kase store.ID, key string, r Referred) (casework.Receipt, error) {
	return s.complete(ctx, actor, kase, key, StepRefer, r)
}

// Resubmit hands in again what was returned, after it was edited.
func (s *Service) Resubmit(ctx context.Context, actor identity.Principal, kase store.ID, key string) (casework.Receipt, error) {
	return s.complete(ctx, actor, kase, key, StepRevise, struct{}{})
}

// Approve decides. What is to be published is public when Approve returns, unless it was interrupted or is large: the platform then goes
// on by itself.
func (s *Service) Approve(ctx context.Context, actor identity.Principal, kase store.ID, key string, a Approval) (casework.Receipt, error) {
	rec, err := s.complete(ctx, actor, kase, key, StepDecide, a)
	if err != nil || a.Outcome != Publish {
		return rec, err
	}
	if err := s.Release(context.WithoutCancel(ctx), kase); err != nil {
		return rec, fmt.Errorf("approved, and the platform goes on publishing by itself: %w", err)
	}
	return rec, nil
}

// changed keeps batches, versions and records in step with their case, in its transaction.
func (s *Service) changed(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	text, _ := c.Variables()["batch"].(string)
	id, err := store.ParseID(text)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.Number, err)
	}
	if h.Kind == casework.Submitted {
		state := InReview
		if c.Variables()["route"] == routeCarried {
			state = Releasing
		}
		tx.QueueOne(`UPDATE publication_batch SET case_id = $2, number = $3, state = $4, at = $5 WHERE id = $1 AND case_id = 0`,
			int64(id), int64(c.ID), c.Number, string(state), store.Micros(h.Event.At))
		return nil
	}
	if h.Kind != casework.Completed {
		return nil
	}
	if h.Data["task"] == StepRelease {
		return s.released(ctx, tx, id, c, h)
	}
	state := stateOf(c)
	tx.Queue(`UPDATE publication_batch SET state = $2, at = $3 WHERE id = $1`, int64(id), string(state), store.Micros(h.Event.At))
	if state == Withheld {
		return s.withhold(ctx, tx, id, c, h)
	}
	return nil
}

// stateOf says where a batch stands by the open step of its case.
func stateOf(c *casework.Case) State {
	for _, t := range c.Tasks() {
		switch t.Element {
		case StepReview, StepRefer:
			return InReview
		case StepDecide:
			return InDecide
		case StepRevise:
			return Drafted
		case StepRelease:
			return Releasing
		}
	}
	if c.Result == string(Withheld) {
		return Withheld
	}
	return Published
}

// withhold notes that a batch does not become public, and that its records are to be looked at again (art. 18).
func (s *Service) withhold(ctx context.Context, tx *store.Tx, id store.ID, c *casework.Case, h casework.Happened) error {
	works, err := store.All(ctx, tx, scanWork, `SELECT `+workColumns+workTables+` WHERE v.batch <> 0 AND v.batch = $1 ORDER BY v.record`, int64(id))
	if err != nil {
		return fmt.Errorf("records of case %s: %w", c.Number, err)
	}
	tx.Queue(`UPDATE publication_version SET state = 'withheld', at = $2, case_id = $3 WHERE batch <> 0 AND batch = $1`,
		int64(id), store.Micros(h.Event.At), int64(c.ID))
	for _, w := range works {
		if w.Number > 1 { // withheld before: that was looking again
			if err := s.Meet(ctx, tx, reviewAgain(w.Record, w.Number-1), w.Record, h.Event.At); err != nil {
				return err
			}
		}
		err := s.Owe(ctx, tx, Duty{Key: reviewAgain(w.Record, w.Number), Kind: DutyReviewAgain, Body: w.Body, About: w.Record, From: h.Event.At,
			Rule: ruleReviewAgain, Title: withheldTitle(w)})
		if err != nil {
			return err
		}
	}
	return nil
}

// withheldTitle names what was withheld without saying what it is: lists of duties are public.
func withheldTitle(w *Work) lang.Text {
	day := w.At.In(calendar.Zone).Format("2006-01-02")
	return lang.Text{Hans: day + " 不予公开的信息", Hant: day + " 不予公開的信息", En: "Information withheld on " + day}
}
