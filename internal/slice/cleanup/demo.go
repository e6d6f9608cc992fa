package cleanup

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// Posts of the reform office of the demo province.
const (
	demoDrafter  = "anhui-data.drafter"
	demoReviewer = "anhui-data.reviewer"
	demoHead     = "anhui-data.head"
)

// player plays rounds of the past, through a case runtime whose clock is moved. Every act finds out by itself whether it was done.
type player struct {
	*Service

	real   *Service
	node   *app.Node
	script *demo.CleanupScript
	today  calendar.Date
	micros atomic.Int64
}

func (p *player) now() time.Time { return time.UnixMicro(p.micros.Load()).UTC() }

// at moves the clock to the morning of a day, or of today to now.
func (p *player) at(day calendar.Date, hour int) {
	at := day.Start().Add(time.Duration(hour) * time.Hour)
	if now := p.real.Now(); at.After(now) {
		at = now
	}
	p.micros.Store(at.UnixMicro())
}

// day reads a date, or a number of days from today.
func (p *player) day(text string) (calendar.Date, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return p.today.Add(n), nil
	}
	return calendar.Parse(text)
}

func (s *Service) player(n *app.Node) (*player, error) {
	script, err := demo.Cleanup()
	if err != nil {
		return nil, err
	}
	p := &player{Service: &Service{Deps: s.Deps}, real: s, node: n, script: script, today: s.today()}
	p.book.Store(s.book.Load())
	p.micros.Store(s.Now().UnixMicro())
	p.Now, p.Publisher = p.now, nil // the records follow once the program runs
	o := n.Cases.Options
	o.Now, o.Observe = p.now, nil // metrics count what this process was asked for
	p.cases, err = casework.New(o)
	return p, err
}

// refresh brings both registers, that of the player and that of the program, up to date.
func (p *player) refresh(ctx context.Context) error {
	if err := p.real.Refresh(ctx); err != nil {
		return err
	}
	return p.Refresh(ctx)
}

// Demo plays the rounds of the demo province: one that founds the register, some of the past, one that has just taken effect, and one that
// is being drafted. It goes on where it stopped.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	p, err := s.player(n)
	if err != nil {
		return err
	}
	defer p.cases.Close()
	if err := p.found(ctx); err != nil {
		return fmt.Errorf("demo of the founding round: %w", err)
	}
	for i := range p.script.Rounds {
		if err := p.round(ctx, i, &p.script.Rounds[i]); err != nil {
			return fmt.Errorf("demo of round %d: %w", i+1, err)
		}
	}
	return nil
}

// Supplement takes items that came to the demo with a newer version of the program into the register, before they are imported.
func (s *Service) Supplement(ctx context.Context, n *app.Node, items []Item) error {
	if !s.Founded() {
		return nil
	}
	var lines []register.Line
	for _, it := range items {
		for _, body := range it.Bodies {
			if !s.Register().Known(it.Key, body) {
				lines = append(lines, register.Line{Item: it.Key, Name: it.Name, From: body, Fate: register.Retained, On: s.today(), Basis: "演示数据更新"})
			}
		}
	}
	if len(lines) == 0 {
		return nil
	}
	p, err := s.player(n)
	if err != nil {
		return err
	}
	defer p.cases.Close()
	key := "demo/cleanup/more/" + lines[0].Item + "/" + lines[0].From + "/" + strconv.Itoa(len(lines))
	return p.play(ctx, "补充列入目录的事项", "演示数据更新", key, lines, false)
}

// holder is who holds a post.
func (p *player) holder(post string) (identity.Principal, error) {
	places := p.Registry.Now()
	x := places.Post(post)
	if x == nil {
		return identity.Principal{}, fmt.Errorf("the demo has no post %s", post)
	}
	for _, account := range places.Holders(post, p.real.Now()) {
		return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: x.Key, Body: x.Body, Division: x.Division, Roles: x.Roles}}, nil
	}
	return identity.Principal{}, fmt.Errorf("nobody holds the post %s", post)
}

// withRole is somebody in a body who holds a post with the role.
func (p *player) withRole(body, role string) (identity.Principal, error) {
	for _, post := range p.Registry.Now().Posts(body) {
		if post.Has(role) {
			return p.holder(post.Key)
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody in %s has the role %s", body, role)
}

// begin opens a round, or finds it.
func (p *player) begin(ctx context.Context, title, basis, key string) (Round, identity.Principal, error) {
	drafter, err := p.holder(demoDrafter)
	if err != nil {
		return Round{}, drafter, err
	}
	rec, err := p.Begin(ctx, drafter, title, basis, key)
	if err != nil {
		return Round{}, drafter, err
	}
	r, err := p.Round(ctx, rec.Number)
	return r, drafter, err
}

// play drafts a round and brings it to its end.
func (p *player) play(ctx context.Context, title, basis, key string, lines []register.Line, draft bool) error {
	r, drafter, err := p.begin(ctx, title, basis, key)
	if err != nil || r.State == Published {
		return err
	}
	if r.State == Drafting {
		have, err := p.Lines(ctx, r.ID)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for i := range have {
			there[have[i].Item+"/"+have[i].From] = true
		}
		for _, l := range lines {
			if there[l.Item+"/"+l.From] {
				continue
			}
			if err := p.Put(ctx, drafter, r.Number, 0, 0, l); err != nil {
				return fmt.Errorf("%s of %s: %w", l.Item, l.From, err)
			}
		}
		if draft {
			return nil
		}
	}
	return p.finish(ctx, r, drafter, key)
}

// finish hands a round on, has it reviewed and approved.
func (p *player) finish(ctx context.Context, r Round, drafter identity.Principal, key string) error {
	if r.State == Drafting {
		if _, err := p.Hand(ctx, drafter, r.Number, key+"/hand"); err != nil {
			return err
		}
	}
	for _, step := range []struct{ post, outcome string }{{demoReviewer, Pass}, {demoHead, Approve}} {
		actor, err := p.holder(step.post)
		if err != nil {
			return err
		}
		if r, err = p.Round(ctx, r.Number); err != nil {
			return err
		}
		if step.outcome == Pass && r.State != Reviewing || step.outcome == Approve && r.State != Approving {
			continue
		}
		if _, err := p.Decide(ctx, actor, r.Number, step.outcome, "", key+"/"+step.outcome); err != nil {
			return err
		}
	}
	return p.refresh(ctx)
}

// found plays the founding round: what the catalogue has, but for what later rounds bring to a body, and what is gone since.
func (p *player) found(ctx context.Context) error {
	f := &p.script.Founding
	day, err := p.day(f.Day)
	if err != nil {
		return err
	}
	p.at(day, 9)
	const key = "demo/cleanup/founding"
	r, drafter, err := p.begin(ctx, f.Title, f.Basis, key)
	if err != nil || r.State == Published {
		return err
	}
	if r.State == Drafting {
		received := map[string]bool{}
		for _, round := range p.script.Rounds {
			if _, err := calendar.Parse(round.Day); err != nil {
				continue // one of these days: the catalogue still has the item where it was
			}
			for _, l := range round.Lines {
				for _, to := range l.To {
					received[l.Item+"/"+to] = true
				}
			}
		}
		have, err := p.Lines(ctx, r.ID)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for i := range have {
			l := &have[i]
			there[l.Item+"/"+l.From] = true
			// A body that exercises the item today and received it from above long ago did not have it then.
			if received[l.Item+"/"+l.From] {
				if err := p.Drop(ctx, drafter, r.Number, l.ID, l.Version); err != nil {
					return err
				}
			}
		}
		for _, x := range f.Items {
			if there[x.Item+"/"+x.From] {
				continue
			}
			l := register.Line{Item: x.Item, Name: lang.Text{Hans: x.Name}, From: x.From, Fate: register.Retained, On: day, Basis: f.Basis}
			if err := p.Put(ctx, drafter, r.Number, 0, 0, l); err != nil {
				return fmt.Errorf("%s of %s: %w", x.Item, x.From, err)
			}
		}
	}
	return p.finish(ctx, r, drafter, key)
}

// round plays a later round with its hand-overs.
func (p *player) round(ctx context.Context, i int, x *demo.CleanupRound) error {
	day, err := p.day(x.Day)
	if err != nil {
		return err
	}
	p.at(day, 9)
	lines, last, err := p.lines(x)
	if err != nil {
		return err
	}
	key := "demo/cleanup/round/" + strconv.Itoa(i+1)
	if err := p.play(ctx, x.Title, x.Basis, key, lines, x.Draft); err != nil || x.Draft {
		return err
	}
	if _, err := p.Work(ctx); err != nil { // opens the hand-overs
		return err
	}
	if err := p.handOverAll(ctx, lines, day); err != nil {
		return err
	}
	if last >= p.today { // what takes effect today does so once the program runs
		return nil
	}
	p.at(last, 1)
	for {
		more, err := p.Work(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// lines reads the lines of a round, and the last date of effect.
func (p *player) lines(x *demo.CleanupRound) (lines []register.Line, last calendar.Date, err error) {
	for _, d := range x.Lines {
		l := register.Line{
			Item: d.Item, From: d.From, Fate: register.Fate(d.Fate), To: d.To, Into: d.Into, Cases: register.Open(d.Cases), Basis: x.Basis, Reason: d.Reason, Manner: d.Manner,
		}
		if l.On, err = p.day(d.On); err != nil {
			return nil, 0, err
		}
		last = max(last, l.On)
		if handsOver(&l) {
			l.Checklist = p.script.Checklist
		}
		for _, f := range d.Follow {
			due, err := p.day(f.Due)
			if err != nil {
				return nil, 0, err
			}
			l.Follow = append(l.Follow, register.Follow{Body: f.Body, What: f.What, Due: due})
		}
		lines = append(lines, l)
	}
	return lines, last, nil
}

// handOverAll plays the hand-overs of a round, and meets what was owed by days that have passed.
func (p *player) handOverAll(ctx context.Context, lines []register.Line, day calendar.Date) error {
	for _, l := range p.Register().All() {
		for i := range lines {
			if l.Item != lines[i].Item || l.From != lines[i].From || l.On != lines[i].On {
				continue
			}
			given, err := p.handoversOf(ctx, l.ID)
			if err != nil {
				return err
			}
			for _, to := range l.To {
				if err := p.handOne(ctx, given[to], len(l.Checklist), day); err != nil {
					return err
				}
			}
			if err := p.meet(ctx, &l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *player) handOne(ctx context.Context, h Handover, n int, day calendar.Date) error {
	if h.ID == 0 || h.State != HandoverOpen {
		return nil
	}
	giver, err := p.withRole(h.Giver, registry.Reviewer)
	if err != nil {
		return err
	}
	taker, err := p.withRole(h.Receiver, registry.Head)
	if err != nil {
		return err
	}
	var all []int
	for i := range n {
		all = append(all, i+1)
	}
	c, err := p.cases.Get(ctx, h.ID)
	if err != nil {
		return err
	}
	p.at(day.Add(8), 10)
	if task(c, stepHand) != nil {
		if _, err := p.HandOver(ctx, giver, h.Number, all, "档案和在办件清单已经移交，系统权限已经调整。", "demo/cleanup/hand/"+h.Number); err != nil {
			return err
		}
	}
	p.at(day.Add(14), 15)
	_, err = p.TakeOver(ctx, taker, h.Number, Taking{Outcome: Taken, Points: all, Trained: 6, Training: day.Add(11), Seal: day.Add(13)}, "demo/cleanup/take/"+h.Number)
	return err
}

// meet notes that follow-up supervision of the past was done when it was due.
func (p *player) meet(ctx context.Context, l *register.Line) error {
	return p.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for n, f := range l.Follow {
			if f.Due >= p.today {
				continue
			}
			if err := p.node.Publication.Meet(ctx, tx, fmt.Sprintf("%s/%d/%d", DutyFollow, l.ID, n+1), 0, f.Due.Start()); err != nil {
				return err
			}
		}
		return nil
	})
}
