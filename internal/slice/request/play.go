package request

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// player plays requests of the demo through a case runtime whose clock is moved: each act on its day, by whoever holds the post, and each
// timer and line when it falls due.
type player struct {
	s     *Service
	node  *app.Node
	cases *casework.Runtime
	cal   *calendar.Calendar
	data  demo.Requests
	clock movedClock
}

// movedClock stands at the instant it was set to.
type movedClock struct{ micros atomic.Int64 }

func (c *movedClock) Now() time.Time  { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *movedClock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

func (s *Service) newPlayer(n *app.Node) (*player, error) {
	p := &player{s: s, node: n, cal: n.Calendar()}
	var err error
	if p.data, err = demo.LoadRequests(); err != nil {
		return nil, err
	}
	options := n.Cases.Options
	options.Now, options.Observe = p.clock.Now, nil // metrics count what this process was asked for
	p.cases, err = casework.New(options)
	return p, err
}

// act is one thing that happens to a request, so many working days after the day on which it came.
type act struct {
	day     int
	step    string // element of the procedure; empty: a message
	message string
	data    map[string]any
	files   []string // names of what is attached
}

// script is a request and what becomes of it.
type script struct {
	key     string
	body    *registry.Body
	day     calendar.Date
	hour    time.Duration
	asker   Asker
	login   string
	channel Channel
	sent    Sent
	acts    []act
	dispute []disputeAct
}

// disputeAct is a dispute about the reply, so many working days after it.
type disputeAct struct {
	day, concluded int // 0: pending
	kind, result   string
}

// play plays a request unless it is there. What lies in the future is left out: such a request is open.
func (p *player) play(ctx context.Context, x *script) error {
	id, err := p.s.askerID(x.key)
	if err != nil {
		return err
	}
	_, err = store.Scalar[int64](p.s.DB.Read().QueryRow(ctx, `SELECT case_id FROM request_asker WHERE id = $1 AND case_id > 0`, int64(id)))
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return err
	}
	now := p.node.Now()
	at := func(day, i int) time.Time {
		return p.cal.Add(x.day, day).Start().Add(x.hour + time.Duration(i)*7*time.Minute)
	}
	first := x.day.Start().Add(x.hour)
	if first.After(now) {
		first = now
	}
	p.clock.set(first)
	who := identity.Principal{Kind: identity.Visitor}
	if x.login != "" {
		a, err := p.node.Identity.AccountByLogin(ctx, x.login)
		if err != nil {
			return fmt.Errorf("demo request %s: %w", x.key, err)
		}
		who = identity.Principal{Account: a.ID, Kind: a.Kind, Name: a.Name}
		x.asker.Account, x.asker.Name, x.asker.Phone, x.asker.IDNumber = a.ID, a.Name, a.Phone, a.Number
	}
	if x.channel != Web {
		if who, err = p.holder(x.body.Key, registry.Reviewer); err != nil {
			return err
		}
		if !x.channel.inPerson() {
			x.sent.Received = x.day.String()
		}
	}
	if x.channel == ByAgent {
		x.asker.Agent = p.data.Agents[int(x.day)%len(p.data.Agents)]
	}
	x.sent.Channel = x.channel
	rec, err := p.s.ask(ctx, p.cases, who, x.body.Key, x.asker, x.sent, true, x.key)
	if err != nil {
		return fmt.Errorf("demo request %s: %w", x.key, err)
	}
	for i, a := range x.acts {
		when := at(a.day, i+1)
		if when.After(now) {
			break
		}
		if err := p.pass(ctx, rec.Case, when); err != nil {
			return err
		}
		if err := p.do(ctx, x, rec.Case, a, i); err != nil {
			return fmt.Errorf("demo request %s, %s: %w", x.key, a.step+a.message, err)
		}
	}
	if err := p.pass(ctx, rec.Case, now); err != nil {
		return err
	}
	return p.disputes(ctx, x, rec.Case)
}

// pass lets time pass for a case until an instant.
func (p *player) pass(ctx context.Context, id store.ID, until time.Time) error {
	for {
		c, err := p.cases.Get(ctx, id)
		if err != nil {
			return err
		}
		if c.WakeAt.IsZero() || c.WakeAt.After(until) {
			break
		}
		if c.WakeAt.After(p.clock.Now()) {
			p.clock.set(c.WakeAt)
		}
		if _, err := p.cases.Wake(ctx); err != nil {
			return fmt.Errorf("demo requests: %w", err)
		}
	}
	if until.After(p.clock.Now()) {
		p.clock.set(until)
	}
	return nil
}

func (p *player) do(ctx context.Context, x *script, id store.ID, a act, i int) error {
	cmd := casework.Command{Key: fmt.Sprintf("%s/%d", x.key, i), Case: id, Actor: identity.Principal{Kind: identity.Visitor}, Proven: true}
	if a.message != "" {
		cmd.Act = casework.Send{Message: a.message}
		_, err := p.cases.Do(ctx, cmd)
		return err
	}
	c, err := p.cases.Get(ctx, id)
	if err != nil {
		return err
	}
	for _, t := range c.Tasks() {
		if t.Element != a.step {
			continue
		}
		if t.Role != "applicant" {
			if cmd.Actor, err = p.holder(c.Body, t.Role); err != nil {
				return err
			}
			cmd.Proven = false
		}
		data, err := json.Marshal(p.filled(c, a.data))
		if err != nil {
			return err
		}
		done := casework.Complete{Token: t.Token, Data: data}
		for _, name := range a.files {
			ref, err := p.paper(ctx, cmd.Actor.Account, name)
			if err != nil {
				return err
			}
			done.Files = append(done.Files, ref)
		}
		cmd.Act = done
		_, err = p.cases.Do(ctx, cmd)
		return err
	}
	open := make([]string, 0, 1)
	for _, t := range c.Tasks() {
		open = append(open, t.Element)
	}
	return fmt.Errorf("the step %s is not open; open are: %s", a.step, strings.Join(open, ", "))
}

// filled puts the day of the act where a form wants it, or that on which somebody was asked who was silent.
func (p *player) filled(c *casework.Case, data map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range data {
		switch v {
		case "@today":
			v = calendar.Of(p.clock.Now()).String()
		case "@asked":
			asked, _ := silence(c)
			v = calendar.Of(asked.OpenedAt).String()
		}
		out[k] = v
	}
	return out
}

func (p *player) disputes(ctx context.Context, x *script, id store.ID) error {
	for i, d := range x.dispute {
		e, err := p.s.Entry(ctx, id)
		if err != nil || e.Open() {
			return err
		}
		day := p.cal.Add(e.Closed, d.day)
		if day > calendar.Of(p.node.Now()) {
			return nil
		}
		p.clock.set(day.Start().Add(10 * time.Hour))
		by, err := p.holder(e.Body, registry.Reviewer)
		if err != nil {
			return err
		}
		rec, err := fileDispute(ctx, p.cases, by, e, d.kind, day, fmt.Sprintf("%s/dispute/%d", x.key, i))
		if err != nil {
			return fmt.Errorf("demo dispute of %s: %w", x.key, err)
		}
		over := p.cal.Add(day, d.concluded)
		if d.result == "" || over > calendar.Of(p.node.Now()) {
			continue
		}
		if err := p.pass(ctx, rec.Case, over.Start().Add(11*time.Hour)); err != nil {
			return err
		}
		a := act{step: "conclude", data: map[string]any{"outcome": d.result, "concluded": over.String()}}
		if err := p.do(ctx, &script{key: x.key + "/concluded"}, rec.Case, a, i); err != nil {
			return fmt.Errorf("demo dispute of %s: %w", x.key, err)
		}
	}
	return nil
}

// other is a body that can be asked in place of one.
func (p *player) other(r *dice, b *registry.Body) string {
	places := p.node.Registry.Now()
	for range 8 {
		list := places.Bodies(b.Division)
		if x := list[r.IntN(len(list))]; x.Key != b.Key && !registry.Over(x.Ended, p.node.Now()) && p.s.bodyNamed(x.Name.Hans) != nil {
			return x.Name.Hans
		}
	}
	return ""
}

// holder is somebody who holds a post with the role in the body.
func (p *player) holder(body, role string) (identity.Principal, error) {
	places := p.node.Registry.Now()
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, p.clock.Now()) {
			return identity.Principal{Account: account, Kind: identity.Staff,
				Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}, nil
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody is %s in %s", role, body)
}

// paper makes a document that a reply provides.
func (p *player) paper(ctx context.Context, owner store.ID, name string) (casework.FileRef, error) {
	text := name + "\n（演示材料：本文件及其中的机构、人员和数据均为虚构。）"
	f, err := p.node.Files.Put(ctx, owner, name+".pdf", bytes.NewReader(demoPDF(text)), file.Limits{})
	return reference(f), err
}

// bodies are those that can be asked, in the order of their divisions.
func (p *player) bodies() []*registry.Body {
	var list []*registry.Body
	for _, d := range p.node.Registry.Now().Divisions() {
		list = append(list, p.s.Bodies(d.Code)...)
	}
	return list
}

// invent makes up who asks for what.
func (p *player) invent(r *dice, x *script, kind string) error {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	signs := func(text string) []string { return strings.Split(text, "") }
	x.asker = Asker{Kind: kind, Phone: fmt.Sprintf("138%08d", r.IntN(100_000_000))}
	area := x.body.Division[:6]
	if kind == Person {
		x.asker.Name = pick(signs(p.data.Surnames)) + pick(signs(p.data.Given)) + pick(signs(p.data.Given))
		card, err := identifier.NewIDCard(area, time.Date(1955+r.IntN(45), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC), 1+r.IntN(998))
		if err != nil {
			return err
		}
		x.asker.IDNumber = card.Number
	} else {
		x.asker.Name = "合肥" + pick(signs(p.data.Given)) + pick(signs(p.data.Given)) + pick(p.data.Firms[kind])
		x.asker.Contact = pick(signs(p.data.Surnames)) + "先生"
		code, err := identifier.NewUSCC('9', '1', area, fmt.Sprintf("MA%06d", r.IntN(1_000_000)))
		if err != nil {
			return err
		}
		x.asker.IDNumber = code.Code
	}
	topics := slices.Concat(p.data.Topics[x.body.Kind], p.data.Topics[x.body.Kind], p.data.Topics[""])
	subject := pick(p.data.Places) + pick(topics) + "的" + pick(p.data.Papers)
	x.sent = Sent{Description: "申请公开" + subject + "。", Wanted: Manners[r.IntN(len(Manners))], Medium: Mediums[r.IntN(len(Mediums))]}
	x.asker.Email, x.asker.Address = fmt.Sprintf("asker%06d@example.cn", r.IntN(1_000_000)), "安徽省（虚构地址）"+fmt.Sprint(1+r.IntN(300))+"号"
	return nil
}
