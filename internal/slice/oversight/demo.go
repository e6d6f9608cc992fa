package oversight

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// Demo plays what has become of the cards of the demo's matters, and some orders, through a case runtime whose clock is moved: as it
// would have happened. It does nothing when there are orders.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	there, err := s.Orders(ctx, OrderFilter{Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	script, err := demo.Oversight()
	if err != nil {
		return err
	}
	if err := follow(ctx, n); err != nil {
		return err
	}
	p := &player{s: s, node: n, cal: n.Calendar(), places: n.Registry.Now()}
	o := n.Cases.Options
	o.Now, o.Observe = p.now, nil // metrics count what this process was asked for
	if p.cases, err = casework.New(o); err != nil {
		return err
	}
	defer p.cases.Close()
	scenes, err := p.plan(ctx, script)
	if err != nil {
		return err
	}
	for _, scene := range scenes {
		if err := p.pass(ctx, scene.at); err != nil {
			return err
		}
		if err := scene.do(ctx); err != nil {
			return fmt.Errorf("demo of oversight, %s: %w", calendar.Of(scene.at), err)
		}
	}
	if err := p.pass(ctx, n.Now()); err != nil {
		return err
	}
	return follow(ctx, n)
}

// follow lets supervision read what has happened.
func follow(ctx context.Context, n *app.Node) error {
	for more := true; more; {
		placed, err := n.Ledger.Sequence(ctx)
		if err != nil {
			return err
		}
		seen, err := n.Ledger.Catch(ctx, supervision.Consumer, n.Supervision.Handle)
		if err != nil {
			return err
		}
		more = placed+seen > 0
	}
	return nil
}

// player plays scenes in the order of time.
type player struct {
	s      *Service
	node   *app.Node
	cases  *casework.Runtime
	cal    *calendar.Calendar
	places *registry.Snapshot
	micros atomic.Int64
}

func (p *player) now() time.Time { return time.UnixMicro(p.micros.Load()).UTC() }

// scene is something that happens at an instant.
type scene struct {
	at time.Time
	do func(ctx context.Context) error
}

// pass lets time pass until an instant: reminders, overtime, and the end of waiting for an explanation fall due at the end of a day.
func (p *player) pass(ctx context.Context, until time.Time) error {
	if p.micros.Load() == 0 {
		p.micros.Store(until.UnixMicro())
	}
	for {
		next := min(calendar.Of(p.now()).End().UnixMicro(), until.UnixMicro())
		p.micros.Store(next)
		for woken := 1; woken > 0; {
			var err error
			if woken, err = p.cases.Wake(ctx); err != nil {
				return fmt.Errorf("demo of oversight: %w", err)
			}
		}
		if next == until.UnixMicro() {
			return nil
		}
	}
}

// plan gives each scene its instant, and leaves out what would lie in the future.
func (p *player) plan(ctx context.Context, script *demo.OversightScript) ([]scene, error) {
	var scenes []scene
	now := p.node.Now()
	cards, err := p.s.cards.Asked(ctx, 0, 200)
	if err != nil {
		return nil, err
	}
	given := map[string]int{} // scripts, by rule
	for i := range cards {
		card := &cards[i]
		opened := min(card.At.Add(openAfter).UnixMicro(), now.UnixMicro())
		var id store.ID
		scenes = append(scenes, scene{time.UnixMicro(opened), func(ctx context.Context) error {
			receipt, err := p.s.submitCard(ctx, p.cases, card)
			id = receipt.Case
			return err
		}})
		scripts := script.Cards[card.Rule]
		if given[card.Rule] >= len(scripts) {
			continue
		}
		acts := scripts[given[card.Rule]].Acts
		given[card.Rule]++
		scenes = append(scenes, p.acts(calendar.Of(card.At), time.UnixMicro(opened), now, i, acts, func() store.ID { return id }, card.Explain)...)
	}
	for i, o := range script.Orders {
		day := p.cal.Add(calendar.Of(now), o.Day)
		at := p.officeHour(day, len(cards)+i, 0)
		if at.After(now) {
			continue
		}
		var id store.ID
		scenes = append(scenes, scene{at, func(ctx context.Context) error {
			by, err := p.holder(o.To, registry.Supervisor)
			if err != nil {
				return err
			}
			receipt, err := p.s.IssueWith(ctx, p.cases, by, Order{To: o.To, About: AboutMatter, Title: o.Title, Text: o.Text, Days: o.Days}, "demo/order/"+strconv.Itoa(i))
			id = receipt.Case
			return err
		}})
		scenes = append(scenes, p.acts(day, at, now, len(cards)+i, o.Acts, func() store.ID { return id }, registry.Head)...)
	}
	slices.SortStableFunc(scenes, func(a, b scene) int { return cmp.Compare(a.at.UnixMicro(), b.at.UnixMicro()) })
	if len(cards) > 0 {
		last := cards[len(cards)-1].ID
		scenes = append(scenes, scene{now, func(ctx context.Context) error { return p.s.moveCursor(ctx, last) }})
	}
	return scenes, nil
}

// openAfter is how long after its event a card becomes a case: as good as at once.
const openAfter = time.Minute

// officeHour is an instant in office hours of a day, another one for each story and each of its turns.
func (p *player) officeHour(day calendar.Date, story, turn int) time.Time {
	return day.Start().Add(9*time.Hour + time.Duration(story%12)*7*time.Minute + time.Duration(turn)*75*time.Minute)
}

// acts makes the scenes of one story.
func (p *player) acts(first calendar.Date, after, now time.Time, story int, acts []demo.OversightAct, of func() store.ID, explains string) []scene {
	var scenes []scene
	for turn, a := range acts {
		day := p.cal.Add(first, a.Day)
		if a.Day == 0 {
			day = p.cal.Next(first)
		}
		at := p.officeHour(day, story, turn)
		if !at.After(after) {
			at = after.Add(time.Duration(turn+1) * time.Minute)
		}
		if after = at; at.After(now) {
			return scenes
		}
		role := a.As
		if role == "explain" {
			role = explains
		}
		scenes = append(scenes, scene{at, func(ctx context.Context) error { return p.act(ctx, of(), role, a, day) }})
	}
	return scenes
}

// act does the open step of a case.
func (p *player) act(ctx context.Context, id store.ID, role string, a demo.OversightAct, day calendar.Date) error {
	c, err := p.cases.Get(ctx, id)
	if err != nil || len(c.Tasks()) != 1 {
		return fmt.Errorf("case %s: %d steps are open; %w", id, len(c.Tasks()), err)
	}
	by, err := p.holder(c.Body, role)
	if err != nil {
		return err
	}
	filled := map[string]any{}
	for name, v := range a.Data {
		if text, ok := v.(string); ok && strings.HasPrefix(text, "@+") {
			if n, err := strconv.Atoi(text[2:]); err == nil {
				v = p.cal.Add(day, n).String()
			}
		}
		filled[name] = v
	}
	data, err := json.Marshal(filled)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.Number, err)
	}
	t := c.Tasks()[0]
	_, err = p.cases.Do(ctx, casework.Command{Key: "demo/" + strconv.Itoa(t.Token), Actor: by, Case: id, Act: casework.Complete{Token: t.Token, Data: data}})
	if err != nil {
		return fmt.Errorf("step %s of %s: %w", t.Element, c.Number, err)
	}
	return nil
}

// holder is somebody who holds a post with the role for a body: in it; at a window of the centre that takes matters in for it; in
// supervision of its division, or of the one above.
func (p *player) holder(body, role string) (identity.Principal, error) {
	b := p.places.Body(body)
	if b == nil {
		return identity.Principal{}, fmt.Errorf("there is no body %q", body)
	}
	bodies := []string{body}
	if c := p.places.Centre(b.Centre); c != nil {
		bodies = append(bodies, c.Body)
	}
	if role == registry.Supervisor {
		bodies = nil
		for _, d := range slices.Backward(p.places.Path(b.Division)) {
			for _, other := range p.places.Bodies(d.Code) {
				if other.Kind == supervisionKind {
					bodies = append(bodies, other.Key)
				}
			}
		}
	}
	for _, key := range bodies {
		for _, post := range p.places.Posts(key) {
			if !post.Has(role) || role == registry.Clerk && !p.places.Serves(post.Key, body) {
				continue
			}
			for _, account := range p.places.Holders(post.Key, p.now()) {
				return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{
					ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles,
				}}, nil
			}
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody is %s for %s", role, body)
}
