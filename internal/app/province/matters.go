package province

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Matters fills a hall without cases with the invented matters of the demo, in every state a case can be in. It carries out what has
// happened since some weeks ago through a case runtime whose clock is moved: each act on its day, by whoever holds the post, and
// every timer and line when it falls due. So nothing in the demo is there that the program would not have done itself.
//
// It does nothing when there are cases; matters whose playing was interrupted stay as they were.
func Matters(ctx context.Context, n *app.Node) error {
	there, err := n.Cases.List(ctx, casework.Filter{Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	list, err := demo.Matters()
	if err != nil {
		return err
	}
	p := &player{node: n, cal: n.Calendar(), reg: n.Registry.Now()}
	o := n.Cases.Options
	o.Now, o.Observe = p.clock.Now, nil // metrics count what this process was asked for
	if p.cases, err = casework.New(o); err != nil {
		return err
	}
	defer p.cases.Close()
	acts, err := p.plan(ctx, list, n.Now())
	if err != nil || len(acts) == 0 {
		return err
	}
	p.clock.set(acts[0].at)
	for _, a := range acts {
		if err := p.pass(ctx, a.at); err != nil {
			return err
		}
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("demo matter %s, %s: %w", a.of.Key, calendar.Of(a.at), err)
		}
	}
	return p.pass(ctx, n.Now())
}

// player plays the matters.
type player struct {
	node  *app.Node
	cases *casework.Runtime
	clock movedClock
	cal   *calendar.Calendar
	reg   *registry.Snapshot
}

// movedClock stands at the instant it was set to.
type movedClock struct{ micros atomic.Int64 }

func (c *movedClock) Now() time.Time  { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *movedClock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// pass lets time pass until an instant. Timers and lines fall due at the end of a day.
func (p *player) pass(ctx context.Context, until time.Time) error {
	for {
		next := min(calendar.Of(p.clock.Now()).End().UnixMicro(), until.UnixMicro())
		p.clock.micros.Store(next)
		for {
			woken, err := p.cases.Wake(ctx)
			if err != nil {
				return fmt.Errorf("demo matters: %w", err)
			}
			if woken == 0 {
				break
			}
		}
		if next == until.UnixMicro() {
			return nil
		}
	}
}

// played is a matter on its way.
type played struct {
	demo.Matter
	p         *player
	applicant casework.Applicant
	account   identity.Principal // of the applicant; the zero one without an account
	id        store.ID           // of the case
}

// timed is something to be done at an instant.
type timed struct {
	at time.Time
	of *played
	do func(ctx context.Context) error
}

// plan gives each act its instant, and leaves out what would lie in the future.
func (p *player) plan(ctx context.Context, list []demo.Matter, now time.Time) ([]timed, error) {
	var all []timed
	today := calendar.Of(now)
	for i, m := range list {
		pl := &played{Matter: m, p: p}
		first, err := p.firstDay(m.After, today)
		if err == nil {
			err = pl.introduce(ctx, p.cal.Add(first, m.Day))
		}
		if err != nil {
			return nil, fmt.Errorf("demo matter %s: %w", m.Key, err)
		}
		last, turn := calendar.Date(0), 0
		add := func(offset int, do func(ctx context.Context, day calendar.Date, key string) error) {
			day := p.cal.Add(first, offset)
			if day == last {
				turn++
			} else {
				last, turn = day, 0
			}
			key := fmt.Sprintf("demo/%s/%d", m.Key, len(all))
			if day <= today {
				all = append(all, timed{instant(day, i, turn, now), pl, func(ctx context.Context) error { return do(ctx, day, key) }})
			}
		}
		add(m.Day, pl.submit)
		for _, a := range m.Acts {
			add(a.Day, func(ctx context.Context, day calendar.Date, key string) error { return pl.act(ctx, a, day, key) })
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(a.at.UnixMicro(), b.at.UnixMicro()) })
	return all, nil
}

// firstDay is the day from which a matter counts: today or the working day before, or the last day of the year that has passed.
func (p *player) firstDay(after string, today calendar.Date) (calendar.Date, error) {
	if after == "" {
		if p.cal.Working(today) {
			return today, nil
		}
		return p.cal.Add(today, -1), nil
	}
	for year := today.Year(); ; year-- {
		day, err := calendar.Parse(fmt.Sprintf("%04d-%s", year, after))
		if err != nil || day <= today {
			return day, err
		}
	}
}

// Office hours, and how acts spread over them: matters one after the other, the acts of one matter on a day half an hour apart.
const (
	opens, closes = 9 * time.Hour, 17 * time.Hour // of the day, Asia/Shanghai
	parts         = 32                            // of a quarter of an hour
	starts        = 16                            // parts in which a matter may begin
	apart         = 2                             // parts between its acts
)

// instant is when the turn-th act of a day of the i-th matter takes place. Of a day that is not over only what has passed counts; when
// it has hardly begun, what the public does in the night.
func instant(day calendar.Date, i, turn int, now time.Time) time.Time {
	from, to := day.Start().Add(opens), day.Start().Add(closes)
	if now.Before(to) {
		to = now
	}
	if to.Sub(from) < time.Hour {
		from = day.Start()
	}
	part := to.Sub(from) / parts
	return from.Add(time.Duration((i*7)%starts+turn*apart)*part + time.Duration(i%starts)*part/starts)
}

// introduce finds out who applies.
func (pl *played) introduce(ctx context.Context, day calendar.Date) error {
	a := pl.Applicant
	if a.Account == "" {
		number, err := pl.fill(a.Number, day)
		if err != nil {
			return err
		}
		pl.applicant = casework.Applicant{Kind: identity.Kind(a.Kind), Name: a.Name, IDNumber: fmt.Sprint(number), Phone: a.Phone, Address: a.Address}
		return nil
	}
	found, err := pl.p.node.Identity.AccountByLogin(ctx, a.Account)
	if err != nil {
		return err
	}
	pl.account = identity.Principal{Account: found.ID, Kind: found.Kind, Name: found.Name}
	pl.applicant = casework.Applicant{Party: found.ID, Kind: found.Kind, Name: found.Name, IDNumber: found.Number, Phone: found.Phone}
	return nil
}

func (pl *played) submit(ctx context.Context, day calendar.Date, key string) error {
	form, err := pl.json(pl.Form, day)
	if err != nil {
		return err
	}
	by, channel := pl.account, casework.Online
	if pl.Window {
		channel = casework.Window
		if by, err = pl.p.staff(pl.Body, registry.Clerk); err != nil {
			return err
		}
	}
	sent := casework.Submit{Kind: "approval", Subject: pl.Code, Channel: channel, Applicant: pl.applicant, Form: form}
	for _, m := range pl.Item.Papers {
		ref, err := pl.p.paper(ctx, by.Account, m.Name)
		if err != nil {
			return err
		}
		ref.Material = m.Key
		sent.Files = append(sent.Files, ref)
	}
	receipt, err := pl.p.cases.Do(ctx, casework.Command{Key: key, Actor: by, Act: sent})
	pl.id = receipt.Case
	return err
}

// act carries one thing out. What the public does, who has an account does with it; who has none comes to the window, or uses the
// query code.
func (pl *played) act(ctx context.Context, a demo.MatterAct, day calendar.Date, key string) error {
	cmd := casework.Command{Key: key, Case: pl.id, Actor: pl.account}
	if pl.account.Account == 0 {
		cmd.Actor, cmd.Proven = identity.Principal{Kind: identity.Visitor}, true
	}
	var err error
	switch {
	case a.Step != "":
		cmd.Actor, cmd.Act, err = pl.step(ctx, a, day)
		cmd.Proven = false
	case a.Message != "":
		cmd.Act = casework.Send{Message: a.Message, Reason: a.Reason}
	case a.Attach != "":
		var ref casework.FileRef
		if cmd.Actor, err = pl.handsIn(); err == nil {
			ref, err = pl.p.paper(ctx, cmd.Actor.Account, a.Attach)
		}
		cmd.Act = casework.Attach{Files: []casework.FileRef{ref}}
	default:
		cmd.Act = casework.Rate{Grade: a.Rate, Comment: a.Comment}
	}
	if err != nil {
		return err
	}
	_, err = pl.p.cases.Do(ctx, cmd)
	return err
}

// step does the open task of an element, as somebody who holds the role that it asks for.
func (pl *played) step(ctx context.Context, a demo.MatterAct, day calendar.Date) (identity.Principal, casework.Act, error) {
	data, err := pl.json(a.Data, day)
	if err != nil {
		return identity.Principal{}, nil, err
	}
	c, err := pl.p.cases.Get(ctx, pl.id)
	if err != nil {
		return identity.Principal{}, nil, err
	}
	var open []string
	for _, t := range c.Tasks() {
		if t.Element != a.Step {
			open = append(open, t.Element)
			continue
		}
		by, err := pl.handsIn()
		if t.Role != "applicant" {
			by, err = pl.p.staff(pl.Body, t.Role)
		}
		return by, casework.Complete{Token: t.Token, Data: data}, err
	}
	return identity.Principal{}, nil, fmt.Errorf("the step %s is not open; open are: %s", a.Step, strings.Join(open, ", "))
}

// handsIn is who hands something in: the applicant, or the clerk for somebody without an account.
func (pl *played) handsIn() (identity.Principal, error) {
	if pl.account.Account != 0 {
		return pl.account, nil
	}
	return pl.p.staff(pl.Body, registry.Clerk)
}

// staff is somebody who holds a post with the role in the body, or, at the window, in the centre that takes matters in for it.
func (p *player) staff(body, role string) (identity.Principal, error) {
	posts := p.reg.Posts(body)
	if b := p.reg.Body(body); b != nil && role == registry.Clerk {
		if c := p.reg.Centre(b.Centre); c != nil && c.Body != body {
			posts = slices.Concat(posts, p.reg.Posts(c.Body))
		}
	}
	for _, post := range posts {
		if !post.Has(role) || !p.reg.Serves(post.Key, body) {
			continue
		}
		for _, account := range p.reg.Holders(post.Key, p.clock.Now()) {
			return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{
				ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles,
			}}, nil
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody is %s for %s", role, body)
}

// paper uploads a material of the name.
func (p *player) paper(ctx context.Context, owner store.ID, name string) (casework.FileRef, error) {
	f, err := p.node.Files.Put(ctx, owner, name+".pdf", bytes.NewReader(paper(name)), file.Limits{})
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}, err
}

// fill puts into a value what its texts stand for on the day of the act.
func (pl *played) fill(value any, day calendar.Date) (any, error) {
	return Fill(value, pl.applicant, func(days int) calendar.Date { return pl.p.cal.Add(day, days) })
}

// json fills a form in, and writes it as it is sent. No form is sent as none.
func (pl *played) json(form map[string]any, day calendar.Date) (json.RawMessage, error) {
	if form == nil {
		return nil, nil
	}
	filled, err := pl.fill(form, day)
	if err != nil {
		return nil, err
	}
	return json.Marshal(filled)
}
