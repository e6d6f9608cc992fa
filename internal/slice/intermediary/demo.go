package intermediary

import (
	"bytes"
	"context"
	"errors"
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
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// Posts of the demo province that keep the register and watch over it.
const (
	demoRegistrar = "anhui-data"
	demoOverseer  = "anhui-supervision"
)

// player plays orders of the past, through a case runtime whose clock is moved.
type player struct {
	*Rooms

	node   *app.Node
	script *demo.IntermediaryScript
	micros atomic.Int64
	logins map[string]identity.Principal
	number map[string]string // of an agency, by login
	turn   int
}

func (p *player) now() time.Time { return time.UnixMicro(p.micros.Load()).UTC() }

func (p *player) at(t time.Time) {
	if now := p.node.Now(); t.After(now) {
		t = now
	}
	p.micros.Store(t.UnixMicro())
}

// Demo plays the intermediary services of the demo province: the catalogue, agencies, sanctions, and orders in every state. It does nothing
// when there are any, and when the demo is older than its agencies.
func (s *Rooms) Demo(ctx context.Context, n *app.Node) error {
	there, err := s.Services(ctx)
	if err != nil || len(there) > 0 {
		return err
	}
	p := &player{node: n, logins: map[string]identity.Principal{}, number: map[string]string{}}
	if p.script, err = demo.Intermediary(); err != nil {
		return err
	}
	for _, a := range p.script.Agencies {
		account, err := n.Identity.AccountByLogin(ctx, a.Login)
		if errors.Is(err, store.ErrNotFound) {
			return nil // a demo that was set up before there were agencies stays without
		}
		if err != nil {
			return err
		}
		p.logins[a.Login] = identity.Principal{Account: account.ID, Kind: account.Kind, Name: account.Name}
	}
	deps := s.Deps
	deps.Now = p.now
	p.Rooms = &Rooms{Deps: deps}
	p.at(n.Now())
	o := n.Cases.Options
	o.Now, o.Observe = p.now, nil // metrics count what this process was asked for
	o.Kinds = slices.Clone(o.Kinds)
	for i := range o.Kinds { // the kinds of this slice look at the moved clock
		for _, k := range p.Kinds() {
			if k.Name == o.Kinds[i].Name {
				o.Kinds[i] = k
			}
		}
	}
	cases, err := casework.New(o)
	if err != nil {
		return err
	}
	defer cases.Close()
	p.Attach(cases, n.Ledger)
	for _, step := range []func(context.Context) error{p.playServices, p.playAgencies, p.playAmended, p.playSanctions, p.playOrders, p.playApplying} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("intermediary services of the demo: %w", err)
		}
	}
	return nil
}

// holder is somebody in a body whose post has a role.
func (p *player) holder(body, role string) (identity.Principal, error) {
	places := p.Registry.Now()
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, p.node.Now()) {
			return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}, nil
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody in %s has the role %s", body, role)
}

// key is a key for the next command.
func (p *player) key() string {
	p.turn++
	return "demo/intermediary/" + strconv.Itoa(p.turn)
}

func (p *player) playServices(ctx context.Context) error {
	registrar, err := p.holder(demoRegistrar, registry.Reviewer)
	if err != nil {
		return err
	}
	for _, x := range p.script.Services {
		service := Service{Key: x.Key, Name: x.Name, Summary: x.Summary, Basis: x.Basis, Days: x.Days, Fen: x.Fen, Pricing: x.Pricing, Needs: x.Needs}
		for _, u := range x.Items {
			service.Items = append(service.Items, Use(u))
		}
		if err := p.PutService(ctx, registrar, service); err != nil {
			return fmt.Errorf("service %s: %w", x.Key, err)
		}
	}
	return nil
}

// day is the morning of a day so many days from today.
func (p *player) day(days int) time.Time {
	return calendar.Of(p.node.Now()).Add(days).Start().Add(9 * time.Hour)
}

func (p *player) application(ctx context.Context, a *demo.IntermediaryAgency) (Application, error) {
	x := Application{Body: demoRegistrar, Profile: Profile{Qualifications: a.Qualifications, Promise: a.Promise, Address: a.Address}}
	for _, key := range a.Offers {
		s, err := p.Service(ctx, key)
		if err != nil {
			return x, err
		}
		x.Profile.Offers = append(x.Profile.Offers, Offer{Service: key, Fen: s.Fen * a.Percent / 100, Days: max(1, s.Days*int(a.Percent)/100)})
	}
	return x, nil
}

func (p *player) playAgencies(ctx context.Context) error {
	registrar, err := p.holder(demoRegistrar, registry.Reviewer)
	if err != nil {
		return err
	}
	for i := range p.script.Agencies {
		a := &p.script.Agencies[i]
		if slices.Contains(p.script.Applying, a.Login) {
			continue
		}
		p.at(p.day(-150).Add(time.Duration(i) * time.Hour / 4))
		x, err := p.application(ctx, a)
		if err != nil {
			return err
		}
		rec, err := p.Apply(ctx, p.logins[a.Login], x, p.key())
		if err != nil {
			return fmt.Errorf("agency %s: %w", a.Login, err)
		}
		p.number[a.Login] = rec.Number
		p.at(p.day(-148))
		if _, err := p.Examine(ctx, registrar, rec.Number, Admit, "", p.key()); err != nil {
			return err
		}
	}
	for _, r := range p.script.Relations {
		if err := p.Declare(ctx, p.logins[r.Agency], p.number[r.Agency], Relation{Kind: r.Kind, Target: r.Target, Note: r.Note}); err != nil {
			return fmt.Errorf("relation of %s: %w", r.Agency, err)
		}
		if r.Ended == "" {
			continue
		}
		p.at(p.day(-30))
		plea := Plea{Kind: r.Kind, Target: r.Target, Ground: Over, Statement: "附股权转让协议和变更登记。"}
		if err := p.lift(ctx, r.Agency, plea, LiftIt, r.Ended); err != nil {
			return fmt.Errorf("relation of %s: %w", r.Agency, err)
		}
	}
	return nil
}

// playAmended has agencies change what they promise, in the course of time.
func (p *player) playAmended(ctx context.Context) error {
	for _, x := range p.script.Amended {
		p.at(p.day(x.Day))
		a, err := p.Agency(ctx, p.number[x.Agency])
		if err != nil {
			return err
		}
		past, err := p.Versions(ctx, &a)
		if err != nil {
			return err
		}
		to := a.Profile
		to.Promise, to.Offers = x.Promise, slices.Clone(to.Offers)
		for i := range to.Offers {
			s, err := p.Service(ctx, to.Offers[i].Service)
			if err != nil {
				return err
			}
			to.Offers[i].Fen = s.Fen * x.Percent / 100
		}
		if err := p.Amend(ctx, p.logins[x.Agency], a.Number, past[0].Number, to); err != nil {
			return fmt.Errorf("agency %s: %w", x.Agency, err)
		}
	}
	return nil
}

// lift has an agency ask for a lifting, and the head of the registrar decide three days later; with no outcome it waits.
func (p *player) lift(ctx context.Context, agency string, plea Plea, outcome, reason string) error {
	plea.Agency = p.number[agency]
	rec, err := p.Plead(ctx, p.logins[agency], plea, p.key())
	if err != nil || outcome == "" {
		return err
	}
	head, err := p.holder(demoRegistrar, registry.Head)
	if err != nil {
		return err
	}
	p.at(p.now().AddDate(0, 0, 3))
	_, err = p.DecideLift(ctx, head, rec.Number, outcome, reason, p.key())
	return err
}

// playApplying has the last agencies apply today: the registrar finds them on its desk.
func (p *player) playApplying(ctx context.Context) error {
	for i := range p.script.Agencies {
		a := &p.script.Agencies[i]
		if !slices.Contains(p.script.Applying, a.Login) {
			continue
		}
		p.at(p.node.Now())
		x, err := p.application(ctx, a)
		if err != nil {
			return err
		}
		rec, err := p.Apply(ctx, p.logins[a.Login], x, p.key())
		if err != nil {
			return err
		}
		if a.Login != p.script.Applying[0] {
			continue
		}
		registrar, err := p.holder(demoRegistrar, registry.Reviewer) // the first of them lacks something
		if err != nil {
			return err
		}
		if _, err := p.Examine(ctx, registrar, rec.Number, Mend, "请补充资质证书的扫描件。", p.key()); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) playSanctions(ctx context.Context) error {
	overseer, err := p.holder(demoOverseer, "supervisor")
	if err != nil {
		return err
	}
	head, err := p.holder(demoRegistrar, registry.Head)
	if err != nil {
		return err
	}
	for i := range p.script.Sanctions {
		x := &p.script.Sanctions[i]
		if err := p.sanction(ctx, x, overseer, head); err != nil {
			return fmt.Errorf("sanction against %s: %w", x.Agency, err)
		}
	}
	return nil
}

func (p *player) sanction(ctx context.Context, x *demo.IntermediarySanction, overseer, head identity.Principal) error {
	p.at(p.day(x.Day))
	rec, err := p.Propose(ctx, overseer, Proposal{Agency: p.number[x.Agency], Kind: x.Kind, Months: x.Months, Reason: x.Reason, Basis: x.Basis}, p.key())
	if err != nil || x.Course == Hearing {
		return err
	}
	p.at(p.day(x.Day + 2))
	if _, err := p.State(ctx, p.logins[x.Agency], rec.Number, "已经整改，请从轻处理。", p.key()); err != nil || x.Course == Deciding {
		return err
	}
	p.at(p.day(x.Day + 5))
	if x.Course == Dismissed {
		_, err := p.Decide(ctx, head, rec.Number, Dismiss, x.Because, p.key())
		return err
	}
	if _, err := p.Decide(ctx, head, rec.Number, Impose, "", p.key()); err != nil {
		return err
	}
	plea := Plea{Sanction: rec.Number, Ground: x.Ground, Statement: "附整改报告和复查材料。"}
	switch x.Course {
	case Lifted:
		p.at(p.day(x.Day + 20))
		return p.lift(ctx, x.Agency, plea, LiftIt, x.Because)
	case Asked:
		p.at(p.day(-2))
		return p.lift(ctx, x.Agency, plea, "", "")
	default:
		return nil
	}
}

// courses are what becomes of the orders of the demo, in turn: two that have ended and one that is open for each case.
var (
	endedCourses = []string{"choice accept A 5", "choice decline", "choice return accept B 4", "choice lapse", "draw cancel", "choice accept A 5", "choice accept B 3", "choice cancel"}
	// calledCourses need the days until bids are opened: they are played where a case has been under way for long enough.
	calledCourses = []string{"bids unbid", "bids accept A 4", "bids decline"}
	openCourses   = []string{"choice work", "draw", "choice deliver", "bids", "choice offer", "choice work", "draw start", "choice deliver"}
)

// playOrders plays orders within the cases that accounts of the public have.
func (p *player) playOrders(ctx context.Context) error {
	list, err := p.cases.List(ctx, casework.Filter{Kind: "approval", Limit: 200})
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b *casework.Case) int { return strings.Compare(a.Number, b.Number) })
	done, open, called, late := 0, 0, 0, false
	for _, c := range list {
		m, ok := p.Matters.Matter(c)
		if !ok || c.Party == 0 {
			continue
		}
		needed, err := p.Needed(ctx, m.Item)
		if err != nil {
			return err
		}
		for i := range needed {
			if needed[i].Flagged() {
				continue
			}
			until := p.node.Now()
			if !c.Open() {
				until = c.EndedAt.Add(-time.Minute)
			}
			from := c.CreatedAt
			if c.Open() && !late && p.Calendar().Add(calendar.Of(from), needed[i].Days+1).End().Before(until) { // one whose agency is past its term
				if err := p.order(ctx, c, needed[i].Key, "choice late", from, time.Hour); err != nil {
					return fmt.Errorf("%s for %s: %w", needed[i].Key, c.Number, err)
				}
				late = true
				continue
			}
			if opened := p.Calendar().Add(calendar.Of(from), 3).End(); until.Sub(opened) > 4*24*time.Hour {
				span := opened.Sub(from) + 2*24*time.Hour
				if err := p.order(ctx, c, needed[i].Key, calledCourses[called%len(calledCourses)], from, span); err != nil {
					return fmt.Errorf("%s for %s: %w", needed[i].Key, c.Number, err)
				}
				from = from.Add(span)
				called++
			}
			part := until.Sub(from) / 5
			for k := range 4 {
				if err := p.order(ctx, c, needed[i].Key, endedCourses[done%len(endedCourses)], from.Add(time.Duration(k)*part), part); err != nil {
					return fmt.Errorf("%s for %s: %w", needed[i].Key, c.Number, err)
				}
				done++
			}
			if c.Open() {
				if err := p.order(ctx, c, needed[i].Key, openCourses[open%len(openCourses)], from.Add(4*part), part); err != nil {
					return fmt.Errorf("%s for %s: %w", needed[i].Key, c.Number, err)
				}
				open++
			}
		}
	}
	return nil
}

// favoured is how often a body's applicants choose the same agency: so the bodies differ in concentration.
func favoured(body string, n, turn int) int {
	if strings.HasSuffix(body, "-water") && turn%6 != 0 {
		return 0
	}
	return turn % n
}

// order plays one order along its course, between an instant and so much later.
func (p *player) order(ctx context.Context, c *casework.Case, service, course string, from time.Time, span time.Duration) error {
	words := strings.Fields(course)
	at := func(k int) { p.at(from.Add(time.Duration(k) * span / 8)) }
	at(0)
	account, err := p.node.Identity.Account(ctx, c.Party)
	if err != nil {
		return err
	}
	applicant := identity.Principal{Account: account.ID, Kind: account.Kind, Name: account.Name}
	x, err := p.Service(ctx, service)
	if err != nil {
		return err
	}
	with, err := p.sideOf(ctx, c.Party, c.Body)
	if err != nil {
		return err
	}
	offers, err := p.offering(ctx, &x, with)
	if err != nil {
		return err
	}
	offers = slices.DeleteFunc(offers, func(o standing) bool { return o.Rule != "" })
	if len(offers) == 0 {
		return nil
	}
	ask := Ask{Case: c.Number, Service: service, Method: Method(words[0])}
	chosen := offers[favoured(c.Body, len(offers), p.turn)]
	switch ask.Method {
	case Choice:
		ask.Agency = chosen.Number
	case Bids:
		ask.Rule = draw.Scored
	}
	rec, err := p.Place(ctx, applicant, ask, p.key())
	if err != nil {
		return err
	}
	switch ask.Method {
	case Draw:
		if len(words) > 1 {
			at(1)
			if words[1] == "cancel" {
				_, err = p.Cancel(ctx, applicant, rec.Number, "改为直接选取。", p.key())
				return err
			}
			_, err = p.Start(ctx, applicant, rec.Number, int64(1000+p.turn), p.key())
		}
		return err
	case Bids:
		for i := range offers[:min(3, len(offers))] {
			if len(words) > 1 && words[1] == "unbid" {
				break
			}
			o := &offers[i]
			who := identity.Principal{Account: o.Party, Kind: identity.Enterprise, Name: o.Name}
			if _, err := p.Bid(ctx, who, rec.Number, o.Offered.Fen-int64(i*1000), o.Offered.Days, p.key()); err != nil {
				return err
			}
		}
		if len(words) == 1 {
			return nil
		}
		o, err := p.Order(ctx, rec.Number)
		if err != nil {
			return err
		}
		p.at(o.OpenAt.Add(time.Minute))
		if err := p.openBids(ctx, &o); err != nil || words[1] == "unbid" {
			return err
		}
	}
	return p.course(ctx, rec, applicant, words[1:], at)
}

// course plays what becomes of an order whose agency is known.
func (p *player) course(ctx context.Context, rec casework.Receipt, applicant identity.Principal, words []string, at func(int)) error {
	o, err := p.Order(ctx, rec.Number)
	if err != nil {
		return err
	}
	a, err := p.agencyByID(ctx, p.DB.Read(), o.Agency)
	if err != nil {
		return err
	}
	who := identity.Principal{Account: a.Party, Kind: identity.Enterprise, Name: a.Name}
	later := p.now()
	step := func(k int) {
		at(k)
		if p.now().Before(later) {
			p.at(later.Add(time.Duration(k) * time.Minute))
		}
	}
	switch words[0] {
	case "offer":
		return nil
	case "cancel":
		step(1)
		_, err := p.Cancel(ctx, applicant, o.Number, "暂不需要。", p.key())
		return err
	case "decline":
		step(1)
		_, err := p.Answer(ctx, who, o.Number, Decline, "近期任务已满。", p.key())
		return err
	case "lapse":
		return p.lapse(ctx, &o, who)
	}
	step(1)
	if _, err := p.Answer(ctx, who, o.Number, Confirm, "", p.key()); err != nil {
		return err
	}
	if words[0] == "work" || words[0] == "late" {
		return nil
	}
	clerk, err := p.holder(o.Body, registry.Reviewer)
	if err != nil {
		return err
	}
	if words[0] == "return" {
		step(2)
		if err := p.hand(ctx, &o, who, "第一稿"); err != nil {
			return err
		}
		step(3)
		if _, err := p.Grade(ctx, clerk, o.Number, Return, "缺少现场照片和签章页，请补齐。", p.key()); err != nil {
			return err
		}
		words = words[1:]
	}
	step(4)
	if err := p.hand(ctx, &o, who, "正式成果"); err != nil || words[0] == "deliver" {
		return err
	}
	step(5)
	if _, err := p.Grade(ctx, clerk, o.Number, words[1], "", p.key()); err != nil {
		return err
	}
	step(6)
	grade, err := strconv.Atoi(words[2])
	if err != nil {
		return err
	}
	_, err = p.cases.Do(ctx, casework.Command{Key: p.key(), Actor: applicant, Case: o.ID, Act: casework.Rate{Grade: grade}})
	return err
}

// lapse lets the term for confirming pass; where there is no time for that, the agency declines.
func (p *player) lapse(ctx context.Context, o *Order, who identity.Principal) error {
	c, err := p.cases.Get(ctx, o.ID)
	if err != nil {
		return err
	}
	if c.WakeAt.IsZero() || c.WakeAt.After(p.node.Now()) || c.WakeAt.Sub(o.BegunAt) > 10*24*time.Hour {
		_, err := p.Answer(ctx, who, o.Number, Decline, "无法按期完成。", p.key())
		return err
	}
	for c.Open() && !c.WakeAt.IsZero() && !c.WakeAt.After(p.node.Now()) {
		p.at(c.WakeAt.Add(time.Second))
		if _, err := p.cases.Wake(ctx); err != nil {
			return err
		}
		if c, err = p.cases.Get(ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// hand hands a deliverable in.
func (p *player) hand(ctx context.Context, o *Order, who identity.Principal, note string) error {
	f, err := p.Files.Put(ctx, who.Account, "成果.pdf", bytes.NewReader(demoPDF(o.Number+" "+strconv.Itoa(p.turn))), file.Limits{})
	if err != nil {
		return err
	}
	_, err = p.Deliver(ctx, who, o.Number, note, []casework.FileRef{{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}}, p.key())
	return err
}

// demoPDF is a valid page with one line: papers of the demo hold nothing else.
func demoPDF(line string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	stream := "BT /F1 14 Tf 72 720 Td (" + line + ") Tj ET"
	var at []int
	for i, object := range []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}
