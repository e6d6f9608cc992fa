package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// lookBack is how old an event may be for people to be told of it. A hall that gets this part of the program with an upgrade follows
// its log from the beginning, and nobody wants to hear today of what happened last year.
const lookBack = 30 * 24 * time.Hour

// occasion is a notice that an event calls for.
type occasion struct {
	notice *Notice
	event  casework.Event
	env    casework.Envelope
	due    string
}

// post is a message to be written to one reader.
type post struct {
	*occasion
	account store.ID
	args    args
}

// Handle takes events of the log: it is a ledger.Handle.
func (s *Service) Handle(ctx context.Context, tx *store.Tx, events []casework.Event) error {
	occasions, err := s.occasions(events)
	if err != nil || len(occasions) == 0 {
		return err
	}
	occasions, err = s.apart(ctx, tx, occasions)
	if err != nil {
		return err
	}
	posts, err := s.posts(ctx, occasions)
	if err != nil || len(posts) == 0 {
		return err
	}
	ids := make([]store.ID, len(posts))
	for i := range posts {
		ids[i] = posts[i].account
	}
	readers, err := s.readers(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range posts {
		if err := s.write(ctx, tx, &posts[i], readers[posts[i].account]); err != nil {
			return err
		}
	}
	return nil
}

// occasions finds the notices that the events call for.
func (s *Service) occasions(events []casework.Event) ([]occasion, error) {
	var out []occasion
	oldest := s.o.Now().Add(-lookBack)
	for _, e := range events {
		if e.At.Before(oldest) {
			continue
		}
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		if _, ok := s.o.Book.Kinds[env.Type]; !ok {
			continue
		}
		for i := range s.o.Book.Notices {
			n := &s.o.Book.Notices[i]
			if n.To == Owner || len(n.Of) > 0 && !slices.Contains(n.Of, env.Type) {
				continue
			}
			for _, t := range n.On {
				if due, ok := t.fits(e.Kind, &env, n.Line); ok {
					out = append(out, occasion{n, e, env, due})
					break
				}
			}
		}
	}
	return out, nil
}

// fits reports whether a notice goes out on an event, and the day of its line.
func (t trigger) fits(kind string, env *casework.Envelope, line string) (due string, ok bool) {
	data := env.Data
	if t.Event != "" && t.Event != kind || t.Document != "" && !slices.Contains(texts(data["documents"]), t.Document) {
		return "", false
	}
	if t.Status != "" && text1(data["status"]) != t.Status {
		return "", false
	}
	if t.Result != "" && (text1(data["result"]) != t.Result || text1(data["ended"]) == "") || t.Opened && len(texts(data["opened"])) == 0 {
		return "", false
	}
	if t.Cut != "" && !slices.Contains(texts(data["cut"]), t.Cut) {
		return "", false
	}
	due = text1(data[line])
	if t.Clock != "" {
		turn := turned(data["clocks"], t.Clock)
		if turn == nil {
			return "", false
		}
		due = text1(turn[line])
	}
	return due, line == "" || due != ""
}

func text1(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// turned returns what an event says of the clock to which it did the action.
func turned(v any, action string) map[string]any {
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && text1(m["action"]) == action {
			return m
		}
	}
	return nil
}

// posts finds who is told.
func (s *Service) posts(ctx context.Context, occasions []occasion) ([]post, error) {
	cases := map[store.ID]*casework.Case{}
	var out []post
	for i := range occasions {
		o := &occasions[i]
		c, ok := cases[o.event.Case]
		if !ok {
			var err error
			if c, err = s.o.Cases.Get(ctx, o.event.Case); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, fmt.Errorf("case of an event: %w", err)
			}
			cases[o.event.Case] = c
		}
		if c == nil {
			continue
		}
		a := args{Number: o.env.Case, Item: c.Title, Due: o.due, Link: s.link(o)}
		accounts, err := s.told(ctx, o, c)
		if err != nil {
			return nil, err
		}
		for _, account := range accounts {
			out = append(out, post{occasion: o, account: account, args: a})
		}
	}
	return out, nil
}

// link returns the path of the matter for those who are told.
func (s *Service) link(o *occasion) string {
	p := s.o.Book.Kinds[o.env.Type]
	address := p.Official
	switch o.notice.To {
	case Applicant, Asker:
		address = p.Applicant
	case Supervisors:
		address = p.Supervisor
	case Agents:
		address = p.Agent
	case Assignee, Holders, Doers, Owner:
	}
	return strings.NewReplacer("{number}", o.env.Case, "{division}", o.env.Division).Replace(address)
}

// told returns the accounts that are told, each once. Of the staff nobody is told of a case that is about themselves (回避).
func (s *Service) told(ctx context.Context, o *occasion, c *casework.Case) (ids []store.ID, err error) {
	switch o.notice.To {
	case Applicant:
		if c.Party != 0 {
			return []store.ID{c.Party}, nil
		}
		return nil, nil
	case Assignee:
		token, _ := o.env.Data["token"].(float64)
		for _, t := range c.Tasks() {
			if t.Token == int(token) && t.Holder != 0 {
				ids = append(ids, t.Holder)
			}
		}
	case Holders:
		ids = s.holders(o, c)
	case Supervisors:
		ids = s.supervisors(s.seat(o, c))
	case Doers:
		ids = doers(o, c)
	case Agents:
		if c.Channel == casework.Agent && s.o.Agents != nil {
			if ids, err = s.o.Agents.Following(ctx, c); err != nil {
				return nil, fmt.Errorf("agents of %s: %w", c.Number, err)
			}
		}
	case Owner, Asker: // told by Tell, and apart
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), c.Bars), nil
}

// holders returns who has the tasks that the event is about: those it opened, the step it names, or all that are open. A task may
// have been done since; then nobody needs to be told.
func (s *Service) holders(o *occasion, c *casework.Case) (ids []store.ID) {
	opened, step := texts(o.env.Data["opened"]), text1(o.env.Data["task"])
	for _, t := range c.Tasks() {
		if (o.event.Kind == casework.StepOvertime || o.event.Kind == casework.GivenBack) && t.Element != step || o.notice.opened() && !slices.Contains(opened, t.Element) {
			continue
		}
		if t.Holder != 0 {
			ids = append(ids, t.Holder)
			continue
		}
		ids = append(ids, s.inRole(c.Body, t.Role)...)
	}
	return ids
}

// doers returns the members of staff who did steps of a case, but for who did the one that the event is.
func doers(o *occasion, c *casework.Case) (ids []store.ID) {
	for _, d := range c.Done() {
		if d.By != 0 && d.Post != "" && !d.Cut && !d.At.Equal(o.event.At) {
			ids = append(ids, d.By)
		}
	}
	return ids
}

// seat returns the division whose supervisors a case concerns.
func (s *Service) seat(o *occasion, c *casework.Case) string {
	if name := s.o.Book.Kinds[o.env.Type].Seat; name != "" {
		if division, ok := c.Variables()[name].(string); ok && division != "" {
			return division
		}
	}
	return o.env.Division
}

// opened reports whether the notice is about tasks that opened.
func (n *Notice) opened() bool {
	return slices.ContainsFunc(n.On, func(t trigger) bool { return t.Opened })
}

// inRole returns who holds a post with the role in a body.
func (s *Service) inRole(body, role string) (ids []store.ID) {
	now := s.o.Places.Now()
	for _, p := range now.Posts(body) {
		if p.Has(role) {
			ids = append(ids, now.Holders(p.Key, s.o.Now())...)
		}
	}
	return ids
}

// supervisors returns who supervises a division: the posts in it or, when it has none, in the nearest one above.
func (s *Service) supervisors(division string) (ids []store.ID) {
	now := s.o.Places.Now()
	path := now.Path(division)
	for i := len(path) - 1; i >= 0 && len(ids) == 0; i-- {
		for _, b := range now.Bodies(path[i].Code) {
			ids = append(ids, s.inRole(b.Key, "supervisor")...)
		}
	}
	return ids
}

// write writes a message to one reader and queues what goes out.
func (s *Service) write(ctx context.Context, tx *store.Tx, p *post, r *reader) error {
	inApp, mail, sms := r.wants(p.notice, App), s.Available(Mail) && r.mail && r.wants(p.notice, Mail), s.Available(SMS) && r.sms && r.wants(p.notice, SMS)
	if !inApp && !mail && !sms {
		return nil
	}
	raw, err := json.Marshal(p.args)
	if err != nil {
		return fmt.Errorf("message: %w", err)
	}
	id := s.o.IDs.New()
	n, err := tx.ExecCount(ctx, `INSERT INTO notify_message (id, account, notice, event, case_id, args, at, read_at, in_app, mail, mail_at, sms, sms_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 0, $10, 0) ON CONFLICT (account, event, notice) DO NOTHING`,
		int64(id), int64(p.account), p.notice.ID, int64(p.event.ID), int64(p.event.Case), string(raw), store.Micros(p.event.At), inApp,
		queuedIf(mail), queuedIf(sms))
	if err != nil || n == 0 {
		return err
	}
	if mail {
		err = s.o.Jobs.Enqueue(ctx, tx, jobMail, id.String(), payload{id}, time.Time{})
	}
	if sms && err == nil {
		err = s.o.Jobs.Enqueue(ctx, tx, jobSMS, id.String(), payload{id}, time.Time{})
	}
	return err
}

// payload is what a job knows: which message, or whose code.
type payload struct {
	ID store.ID `json:"id"`
}

func queuedIf(b bool) string {
	if b {
		return string(Queued)
	}
	return ""
}
