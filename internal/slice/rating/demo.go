package rating

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Demo plays what people of the demo rated and complained of, through a case runtime whose clock is moved: each act at its time, by
// whoever holds the post. It does nothing when there are complaints already.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	if there, err := s.Complaints(ctx, Filter{Limit: 1}); err != nil || len(there) > 0 {
		return err
	}
	o, err := demo.LoadOpinions()
	if err != nil {
		return err
	}
	p := &player{s: s, node: n, cal: n.Calendar()}
	options := n.Cases.Options
	options.Now, options.Observe = p.clock.Now, nil // metrics count what this process was asked for
	if p.cases, err = casework.New(options); err != nil {
		return err
	}
	defer p.cases.Close()
	for _, plan := range []func(context.Context, demo.Opinions) error{p.rate, p.read, p.follow, p.complain} {
		if err := plan(ctx, o); err != nil {
			return err
		}
	}
	return p.play(ctx)
}

// player plays the opinions of the demo.
type player struct {
	s     *Service
	node  *app.Node
	cases *casework.Runtime
	cal   *calendar.Calendar
	clock movedClock
	acts  []timed
}

// movedClock stands at the instant it was set to.
type movedClock struct{ micros atomic.Int64 }

func (c *movedClock) Now() time.Time  { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *movedClock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// timed is something to be done at an instant.
type timed struct {
	at time.Time
	do func(ctx context.Context) error
}

// add plans an act unless it would lie in the future.
func (p *player) add(at time.Time, do func(ctx context.Context) error) {
	if !at.After(p.node.Now()) {
		p.acts = append(p.acts, timed{at, do})
	}
}

// play carries the acts out in their order. Timers and lines fall due at the ends of the days between.
func (p *player) play(ctx context.Context) error {
	slices.SortStableFunc(p.acts, func(a, b timed) int { return cmp.Compare(a.at.UnixMicro(), b.at.UnixMicro()) })
	p.acts = append(p.acts, timed{p.node.Now(), func(context.Context) error { return nil }})
	p.clock.set(p.acts[0].at)
	for _, a := range p.acts {
		for {
			next := calendar.Of(p.clock.Now()).End()
			if next.After(a.at) {
				next = a.at
			}
			p.clock.set(next)
			for {
				woken, err := p.cases.Wake(ctx)
				if err != nil {
					return fmt.Errorf("demo of ratings: %w", err)
				}
				if woken == 0 {
					break
				}
			}
			if next.Equal(a.at) {
				break
			}
		}
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("demo of ratings, %s: %w", calendar.Of(a.at), err)
		}
	}
	p.acts = nil
	return nil
}

// hour is the office hour of the i-th act.
func hour(day calendar.Date, i int) time.Time {
	return day.Start().Add(9*time.Hour + time.Duration(i%40)*11*time.Minute)
}

// rate lets people rate the ended matters that nobody has rated, and visits, and plays that at once: what follows needs it.
func (p *player) rate(ctx context.Context, o demo.Opinions) error {
	ended, err := p.cases.List(ctx, casework.Filter{Ended: time.UnixMicro(1), Limit: 200})
	if err != nil {
		return err
	}
	i := 0
	for _, c := range ended {
		if c.Rating != 0 || len(o.Ratings) == 0 || c.Kind == FollowupKind || c.Kind == ComplaintKind || c.Channel == casework.Office { // what an authority opened served nobody
			continue
		}
		given := o.Ratings[i%len(o.Ratings)]
		if c.Kind == requestKind && len(o.Answers) > 0 {
			given = o.Answers[i%len(o.Answers)]
		}
		i++
		p.add(hour(p.cal.Add(calendar.Of(c.EndedAt), 1), i), func(ctx context.Context) error {
			_, err := p.cases.Do(ctx, casework.Command{Key: "demo/rate/" + c.Number, Actor: identity.Principal{Kind: identity.Visitor}, Case: c.ID, Proven: true,
				Act: casework.Rate{Grade: given.Grade, Reasons: given.Reasons, Comment: given.Comment}})
			return err
		})
	}
	places := p.node.Registry.Now()
	for i, v := range o.Visits {
		b := places.Body(v.Body)
		if b == nil || places.Window(v.Window) == nil {
			return fmt.Errorf("demo ratings.yaml: no body %s or window %s", v.Body, v.Window)
		}
		at := hour(p.cal.Add(calendar.Of(p.node.Now()), v.Day), i)
		p.add(at, func(ctx context.Context) error {
			g := Given{Grade: v.Grade, Reasons: v.Reasons, Comment: v.Comment}
			return p.s.keepVisit(ctx, Visit{Window: v.Window, Body: v.Body, Division: b.Division}, "DEMO-"+strconv.Itoa(i), g, at)
		})
	}
	return p.play(ctx)
}

// read lets the slice read what the log says by now.
func (p *player) read(ctx context.Context, _ demo.Opinions) error {
	if _, err := p.node.Ledger.Sequence(ctx); err != nil {
		return err
	}
	for {
		n, err := p.node.Ledger.Catch(ctx, Consumer, p.s.Count)
		if err != nil || n == 0 {
			return err
		}
	}
}

// follow plans the follow-ups of bad ratings.
func (p *player) follow(ctx context.Context, o demo.Opinions) error {
	list, err := store.All(ctx, p.s.DB.Read(), scanBad, `SELECT `+badColumns+` FROM rating_bad WHERE followup = 0 ORDER BY at, id`)
	if err != nil || len(o.Followups) == 0 {
		return err
	}
	for i, b := range list {
		acts, err := p.followed(ctx, o, b)
		if err != nil {
			return err
		}
		p.add(b.At.Add(2*time.Second), func(ctx context.Context) error { return p.s.openOne(ctx, p.cases, b) })
		for j, a := range acts {
			at := hour(p.cal.Add(calendar.Of(b.At), a.Day), 20+i+j)
			p.add(at, func(ctx context.Context) error {
				now, err := p.s.bad(ctx, b.ID)
				if err != nil {
					return err
				}
				return p.step(ctx, now.Case, a, fmt.Sprintf("demo/followup/%s/%d", b.ID, j))
			})
		}
	}
	return nil
}

// followed is what becomes of a bad rating: what fits the first reason given that something is written for.
func (p *player) followed(ctx context.Context, o demo.Opinions, b bad) ([]demo.OpinionAct, error) {
	follow := o.Followups
	if b.of != 0 {
		c, err := p.cases.Get(ctx, b.of)
		if err != nil {
			return nil, err
		}
		if c.Kind == requestKind {
			follow = o.Answered
		}
	}
	var reasons []string
	if err := json.Unmarshal([]byte(b.reasons), &reasons); err != nil {
		return nil, fmt.Errorf("reasons of rating %s: %w", b.ID, err)
	}
	if len(reasons) == 0 {
		reasons = []string{""}
	}
	for _, r := range reasons {
		if acts := follow[r]; len(acts) > 0 {
			return acts, nil
		}
	}
	return nil, nil
}

// complain plans the complaints.
func (p *player) complain(ctx context.Context, o demo.Opinions) error {
	today := calendar.Of(p.node.Now())
	for i, c := range o.Complaints {
		f := Filing{Body: c.Body, Window: c.Window, Matter: c.Matter, Who: c.Who, What: c.What, Wish: c.Wish, Confidential: c.Confidential}
		for _, it := range p.s.Items.OfBody(c.Body) {
			if c.Item != "" && it.Title.Hans == c.Item {
				f.Item = it.Code
			}
		}
		if c.When != 0 {
			f.When = p.cal.Add(today, c.When).String()
		}
		who, applicant := identity.Principal{Kind: identity.Visitor}, casework.Applicant{Kind: identity.Person, Name: c.Name, Phone: c.Phone}
		if c.Account != "" {
			a, err := p.node.Identity.AccountByLogin(ctx, c.Account)
			if err != nil {
				return fmt.Errorf("demo complaint %s: %w", c.Key, err)
			}
			who = identity.Principal{Account: a.ID, Kind: a.Kind, Name: a.Name}
			applicant = casework.Applicant{Party: a.ID, Kind: a.Kind, Name: a.Name, Phone: a.Phone}
		}
		at := hour(p.cal.Add(today, c.Day), i)
		if c.Day == 0 {
			at = p.node.Now()
		}
		var id store.ID
		p.add(at, func(ctx context.Context) error {
			form, err := json.Marshal(f)
			if err != nil {
				return err
			}
			rec, err := p.cases.Do(ctx, casework.Command{Key: "demo/complaint/" + c.Key, Actor: who, Act: casework.Submit{
				Kind: ComplaintKind, Subject: f.Body, Channel: casework.Online, Applicant: applicant, Form: form,
			}})
			id = rec.Case
			return err
		})
		for j, a := range c.Acts {
			p.add(hour(p.cal.Add(today, a.Day), 20+i+j), func(ctx context.Context) error {
				return p.step(ctx, id, a, fmt.Sprintf("demo/complaint/%s/%d", c.Key, j))
			})
		}
	}
	return nil
}

// step does the open task of an element, as somebody who holds the role that it asks for and need not keep out.
func (p *player) step(ctx context.Context, id store.ID, a demo.OpinionAct, key string) error {
	c, err := p.cases.Get(ctx, id)
	if err != nil {
		return err
	}
	data, err := json.Marshal(a.Data)
	if err != nil {
		return err
	}
	for _, t := range c.Tasks() {
		if t.Element != a.Step {
			continue
		}
		cmd := casework.Command{Key: key, Case: id, Actor: identity.Principal{Kind: identity.Visitor}, Proven: true, Act: casework.Complete{Token: t.Token, Data: data}}
		if t.Role != "applicant" {
			post, account := p.holder(c, t.Role)
			if post == nil {
				return fmt.Errorf("nobody is %s in %s for %s", t.Role, c.Body, c.Number)
			}
			cmd.Proven, cmd.Actor = false, identity.Principal{Account: account, Kind: identity.Staff,
				Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}
		}
		_, err := p.cases.Do(ctx, cmd)
		return err
	}
	return fmt.Errorf("the step %s of %s is not open", a.Step, c.Number)
}

func (p *player) holder(c *casework.Case, role string) (*registry.Post, store.ID) {
	places := p.node.Registry.Now()
	for _, post := range places.Posts(c.Body) {
		for _, account := range places.Holders(post.Key, p.clock.Now()) {
			if post.Has(role) && !c.Bars(account) {
				return post, account
			}
		}
	}
	return nil, 0
}
