package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// step is one command being decided: on a copy of the case, which replaces the case only when the command is accepted.
type step struct {
	r    *Runtime
	a    *ask
	base *Case // as it was; nil for a new case
	now  time.Time
	cal  *calendar.Calendar

	c      *Case
	def    *procedure.Definition
	events []*pending
	opened []Task
	closed []int               // tokens
	moved  []Task              // tasks that stand on another element since the case moved to another version
	quiet  bool                // nothing happened: no event
	role   string              // in which the actor does it
	given  procedure.Variables // what the input under way brings; the case takes it over when the procedure has moved

	sealed  []sealedEvent
	receipt Receipt
	texts   texts
	rows    rows
}

// pending is an event that is being put together.
type pending struct {
	kind    string
	at      time.Time
	data    map[string]any
	private map[string]json.RawMessage
	effects []procedure.Effect
}

// work decides the command and prepares all that it writes; of a new case, all but what needs its number.
func (s *step) work(ctx context.Context) error {
	if err := s.decide(ctx); err != nil {
		return err
	}
	if err := s.seal(); err != nil {
		return err
	}
	if err := s.marshal(); err != nil {
		return err
	}
	if s.base != nil {
		s.write()
	}
	return nil
}

func (s *step) decide(ctx context.Context) error {
	cmd := &s.a.cmd
	if submit, ok := cmd.Act.(Submit); ok {
		return s.submit(submit)
	}
	c := s.base
	if c == nil {
		return refuse(RefusedNoCase)
	}
	s.c = c.clone()
	def, err := s.r.procedures.get(ctx, c.Procedure)
	if err != nil {
		return err
	}
	s.def = def
	if _, ok := cmd.Act.(advance); ok {
		return s.advance()
	}
	if act, ok := cmd.Act.(giveBack); ok {
		return s.giveBack(act)
	}
	if act, ok := cmd.Act.(handOver); ok {
		return s.handOver(act)
	}
	if cmd.Seq != 0 && cmd.Seq != c.Seq {
		return refuse(RefusedStale, "Number", c.Number)
	}
	switch act := cmd.Act.(type) {
	case Complete:
		return s.complete(act)
	case Send:
		return s.send(act)
	case Assign:
		return s.assign(act)
	case Attach:
		return s.attach(act)
	case Rate:
		return s.rate(act)
	case Revoke:
		return s.revoke(act)
	case TakeBack:
		return s.takeBack(act)
	case Migrate:
		return s.migrate(ctx, act)
	default:
		return fmt.Errorf("casework: unknown act %T", act)
	}
}

// allow asks the policy, once.
func (s *step) allow(role string) error { return s.allowTask(&Task{Role: role}) }

// allowTask is allow for what is done to a task, which may exercise a power that a body keeps or gives its window.
func (s *step) allowTask(t *Task) error {
	cmd := &s.a.cmd
	s.role = t.Role
	owner := s.c.Party
	if party := s.r.kinds[s.c.Kind].Party; party != nil {
		owner = cmp.Or(party(s.c, t.Role), owner)
	}
	return s.r.Policy.Allow(cmd.Actor, cmd.Act.action(), identity.Resource{
		Type: "case", ID: s.c.Number, Division: s.c.Division, Body: s.c.Body, Owner: owner,
		Role: cmp.Or(t.Role, s.r.kinds[s.c.Kind].Policy), Proven: cmd.Proven, Consented: cmd.Consent != nil, Item: s.c.Subject, Power: string(t.Power),
	})
}

func (s *step) submit(act Submit) error {
	begin := &s.a.begin
	s.def = s.a.def
	s.c = &Case{
		ID: s.a.id, Kind: act.Kind, Subject: act.Subject, Title: begin.Title, Division: begin.Division, Body: begin.Body,
		Procedure: s.a.ref, Party: act.Applicant.Party, Channel: act.Channel, CreatedAt: s.now,
		terms: begin.Terms, state: state{Barred: begin.Barred},
	}
	if act.Applicant.IDNumber != "" {
		s.c.holder = s.r.HolderIndex(act.Applicant.IDNumber)
	}
	if err := s.allow(""); err != nil {
		return err
	}
	e := s.event(Submitted, s.now)
	e.data["channel"] = string(act.Channel)
	e.data["procedure"] = s.c.Procedure
	e.data["rules"] = s.r.Rules.Digest()
	for k, v := range begin.Public {
		e.data[k] = v
	}
	e.secret("applicant", act.Applicant)
	e.secret("form", act.Form)
	e.files(act.Files)
	vars := procedure.Variables{}
	for k, v := range begin.Variables {
		raw, err := json.Marshal(v)
		if err == nil {
			vars[k], err = feel.FromJSON(raw)
		}
		if err != nil {
			return fmt.Errorf("variable %s: %w", k, err)
		}
	}
	return s.move(e, procedure.Input{Kind: procedure.InputStart, Vars: vars})
}

func (s *step) complete(act Complete) error {
	task := s.task(act.Token)
	if task == nil {
		return s.notOpen(act.Token)
	}
	if err := s.allowTask(task); err != nil {
		return err
	}
	actor := &s.a.cmd.Actor
	if task.Holder != 0 && task.Holder != actor.Account {
		return refuse(RefusedTaskHeld)
	}
	if task.Role != applicantRole && s.c.Bars(actor.Account) {
		return refuse(RefusedInvolved)
	}
	if may := s.r.kinds[s.c.Kind].May; may != nil {
		if err := may(s.c, *task, *actor); err != nil {
			return err
		}
	}
	el := s.def.Element(task.Element)
	if el == nil {
		return fmt.Errorf("casework: %s has no element %s", s.c.Procedure, task.Element)
	}
	if other := s.samePerson(el.Separate, actor.Account); other != "" {
		return refuse(RefusedSamePerson, "Step", other)
	}
	data, err := s.r.Forms.decode(el.Form, act.Data)
	if err != nil {
		return err
	}
	if check := s.r.kinds[s.c.Kind].Check; check != nil {
		if err := check(s.c, *task, act, s.now); err != nil {
			return err
		}
	}
	e := s.event(Completed, s.now)
	for k, v := range data.public {
		e.data[k] = v
	}
	e.data["task"], e.data["token"] = task.Element, task.Token
	for k, v := range data.private {
		e.private[k] = v
	}
	e.files(act.Files)
	e.consent(s.a.cmd.Consent)
	s.finish(*task, actor, outcomeOf(data.public))
	return s.move(e, procedure.Input{Kind: procedure.InputComplete, Token: act.Token, Vars: data.vars})
}

// applicantRole is the role of tasks that the public does.
const applicantRole = "applicant"

func outcomeOf(public map[string]any) string {
	s, _ := public["outcome"].(string)
	return s
}

// notOpen says, to those who might have done it, why a task cannot be done: who did it, and when.
func (s *step) notOpen(token int) error {
	i := slices.IndexFunc(s.c.state.Done, func(d Done) bool { return d.Token == token })
	role := ""
	if i >= 0 {
		role = s.c.state.Done[i].Role
	}
	if err := s.allow(role); err != nil {
		return err
	}
	switch {
	case i >= 0:
		d := &s.c.state.Done[i]
		return refuse(RefusedTaskDone, "Post", d.Post, "At", d.At, "Step", d.Element)
	case !s.c.Open():
		return refuse(RefusedEnded, "Number", s.c.Number)
	default:
		return refuse(RefusedStale, "Number", s.c.Number)
	}
}

// samePerson returns the step that the account did and that another person must have done, if there is one (四眼原则).
func (s *step) samePerson(separate []string, account store.ID) string {
	for _, d := range s.c.state.Done {
		if account != 0 && d.By == account && !d.Cut && slices.Contains(separate, d.Element) {
			return d.Element
		}
	}
	return ""
}

func (s *step) send(act Send) error {
	if err := s.allow(act.Message); err != nil {
		return err
	}
	if !s.c.Open() {
		return refuse(RefusedEnded, "Number", s.c.Number)
	}
	e := s.event(Messaged, s.now)
	e.data["message"] = act.Message
	if act.Reason != "" {
		e.secret("reason", act.Reason)
	}
	e.consent(s.a.cmd.Consent)
	return s.move(e, procedure.Input{Kind: procedure.InputMessage, Name: act.Message})
}

func (s *step) assign(act Assign) error {
	task := s.task(act.Token)
	if task == nil {
		return s.notOpen(act.Token)
	}
	if err := s.allowTask(task); err != nil {
		return err
	}
	if act.To != 0 && (act.ToPost.Body != s.c.Body || !act.ToPost.Has(task.Role)) {
		return refuse(RefusedTransfer)
	}
	if s.c.Bars(act.To) {
		return refuse(RefusedInvolved)
	}
	task.Holder = act.To
	e := s.event(Assigned, s.now)
	e.data["task"], e.data["token"] = task.Element, task.Token
	if act.To != 0 {
		e.data["to"] = act.ToPost.ID
	}
	if act.Reason != "" {
		e.secret("reason", act.Reason)
	}
	s.opened = append(s.opened, *task)
	return nil
}

func (s *step) attach(act Attach) error {
	if err := s.allow(""); err != nil {
		return err
	}
	if !s.c.Open() {
		return refuse(RefusedEnded, "Number", s.c.Number)
	}
	if len(act.Files) == 0 {
		return refuse(RefusedFile)
	}
	s.event(Attached, s.now).files(act.Files)
	return nil
}

func (s *step) rate(act Rate) error {
	if err := s.allow(""); err != nil {
		return err
	}
	switch {
	case s.c.Open():
		return refuse(RefusedNotEnded)
	case s.c.Rating != 0:
		return refuse(RefusedRated)
	case act.Grade < 1 || act.Grade > 5:
		return &Refusal{Code: RefusedForm, Fields: []FieldError{{Path: "/grade", Code: "enum"}}}
	}
	s.c.Rating = act.Grade
	e := s.event(Rated, s.now)
	e.data["grade"] = act.Grade
	if len(act.Reasons) > 0 {
		e.data["reasons"] = act.Reasons
	}
	if act.Comment != "" {
		e.secret("comment", act.Comment)
	}
	if act.Contact != "" {
		e.secret("contact", act.Contact)
	}
	return nil
}

// Limits of the reason for which a letter is revoked or a record taken back, in characters.
const minRevoke, maxRevoke = 10, 500

func (s *step) revoke(act Revoke) error {
	if err := s.allow(""); err != nil {
		return err
	}
	i := slices.IndexFunc(s.c.state.Documents, func(d Document) bool { return d.Kind == act.Document && d.Seq == act.Of })
	if i < 0 {
		return refuse(RefusedNoDocument)
	}
	if !s.c.state.Documents[i].RevokedAt.IsZero() {
		return refuse(RefusedRevoked)
	}
	reason, err := s.reason(act.Reason)
	if err != nil {
		return err
	}
	s.c.state.Documents[i].RevokedAt = s.now
	e := s.event(DocumentRevoked, s.now)
	e.data["document"], e.data["of"] = act.Document, act.Of
	e.secret("reason", reason)
	return nil
}

// reason is why something that stands on record holds no more: of some length, and never personal.
func (s *step) reason(text string) (string, error) {
	text = strings.TrimSpace(text)
	wrong := func(code string) (string, error) {
		return "", &Refusal{Code: RefusedForm, Fields: []FieldError{{Path: "/reason", Code: code}}}
	}
	switch n := utf8.RuneCountInString(text); {
	case n < minRevoke:
		return wrong("minLength")
	case n > maxRevoke:
		return wrong("maxLength")
	case s.r.Personal != nil && s.r.Personal(text):
		return wrong("personal")
	}
	return text, nil
}

func (s *step) takeBack(act TakeBack) error {
	if err := s.allow(""); err != nil {
		return err
	}
	status := s.r.kinds[s.c.Kind].TakenBack
	switch {
	case status == "":
		return refuse(RefusedMessage)
	case s.c.Status == status:
		return refuse(RefusedEnded, "Number", s.c.Number)
	}
	reason, err := s.reason(act.Reason)
	if err != nil {
		return err
	}
	e := s.event(TakenBack, s.now)
	s.c.Status = status
	e.data["status"] = status
	e.secret("reason", reason)
	if !s.c.Open() { // how it ended stays on record
		return nil
	}
	return s.move(e, procedure.Input{Kind: procedure.InputCancel})
}

// move steps the procedure and carries its effects over to the case.
func (s *step) move(e *pending, in procedure.Input) error {
	engine := procedure.Engine{Due: s.timerDue}
	for {
		s.given = in.Vars
		next, effects, err := engine.Step(s.def, s.c.state.Proc, in, s.now)
		if err != nil {
			return moveRefusal(err)
		}
		s.c.state.Proc = next
		e.effects = append(e.effects, effects...)
		service, err := s.apply(e, effects)
		if err != nil {
			return err
		}
		if service == nil {
			break
		}
		if in, err = s.serve(*service); err != nil {
			return err
		}
	}
	s.schedule()
	return nil
}

// moveRefusal turns what the engine refuses into what a person is told.
func moveRefusal(err error) error {
	switch {
	case errors.Is(err, procedure.ErrEnded):
		return refuse(RefusedEnded)
	case errors.Is(err, procedure.ErrNotAwaited):
		return refuse(RefusedMessage)
	case errors.Is(err, procedure.ErrNotOpen):
		return refuse(RefusedStale)
	case errors.Is(err, procedure.ErrNoFlow):
		return refuse(RefusedFlow)
	default:
		return err
	}
}

// serve answers a service task of the procedure.
func (s *step) serve(call procedure.Effect) (procedure.Input, error) {
	service := s.r.kinds[s.c.Kind].Services[call.Name]
	if service == nil {
		return procedure.Input{}, fmt.Errorf("casework: %s calls the service %q, which kind %s does not have", s.c.Procedure, call.Name, s.c.Kind)
	}
	vars, err := service(s.c)
	if err != nil {
		return procedure.Input{}, fmt.Errorf("service %s: %w", call.Name, err)
	}
	return procedure.Input{Kind: procedure.InputComplete, Token: call.Token, Vars: vars}, nil
}

func (s *step) task(token int) *Task {
	for i := range s.c.state.Tasks {
		if s.c.state.Tasks[i].Token == token {
			return &s.c.state.Tasks[i]
		}
	}
	return nil
}

// finish notes who did a task, before the procedure closes it.
func (s *step) finish(t Task, by *identity.Principal, outcome string) {
	s.c.state.Done = append(s.c.state.Done, Done{
		Token: t.Token, Element: t.Element, Index: t.Index, Role: t.Role, Post: by.Post.ID, By: by.Account,
		OpenedAt: t.OpenedAt, At: s.now, Outcome: outcome,
	})
}

func (c *Case) clone() *Case {
	n := *c
	n.state.Tasks = slices.Clone(c.state.Tasks)
	n.state.Done = slices.Clone(c.state.Done)
	n.state.Documents = slices.Clone(c.state.Documents)
	n.state.Clocks = slices.Clone(c.state.Clocks)
	for i := range n.state.Clocks {
		t := &n.state.Clocks[i].Term
		t.Pauses, t.Extensions = slices.Clone(t.Pauses), slices.Clone(t.Extensions)
	}
	return &n
}
