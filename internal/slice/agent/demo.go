package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// demoTowns are the townships of the demo that have agents, with the place in which the invented numbers of their villagers were given out.
var demoTowns = []struct{ body, area string }{
	{"liucheng-government", "340321"}, {"longkang-government", "340321"}, {"tongchengzhen-government", "341181"}, {"kongcheng-government", "340881"},
}

// demoItems are what the villagers of the demo apply for, in turn: one of each field at least. How far each case has come follows its place.
var demoItems = []string{
	"resident-pension", "destitute-support", "unemployment-registration", "farmland-subsidy", "resident-medical-insurance", "dilapidated-house",
	"old-age-allowance", "family-planning-reward", "household-move", "individual-business-registration", "employment-hardship", "farm-machinery-subsidy",
}

// demoSteps is how many steps were done in the case of each item: some were just handed in, some lie in the township, some with the county, in
// time or late, some wait for delivery, some are done.
var demoSteps = []int{0, 2, 1, 4, 0, 4, 1, 2, 0, 1, 2, 3}

// demoAsked is the villager who agreed to two fields alone, and of whom the township asks a correction.
const demoAsked = 3

// Invented names: nobody bears them on purpose.
var (
	demoSurnames = strings.Split("高 孙 马 胡 郭 何 林 罗 梁 宋 谢 唐 许 邓 曹 彭", " ")
	demoGiven    = strings.Split("大山 秀兰 来福 桂花 守田 春妮 满堂 彩霞 铁柱 银凤 石头 玉莲 长河 菊香", " ")
)

// demoPlayer plays what agents did in the last weeks, through a case runtime whose clock is moved.
type demoPlayer struct {
	*Service // on the moved clock
	n        *app.Node
	real     *Service
	cal      *calendar.Calendar
	now      time.Time
}

// Demo fills the villages of the demo: who has which, consents, applications in all ten fields, what was sent up, home visits. It can be
// interrupted and called again: what is there stays as it is.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	for _, town := range demoTowns {
		if len(s.Agents(town.body)) == 0 {
			return nil // an older demo, without these townships
		}
	}
	last := s.Agents(demoTowns[len(demoTowns)-1].body)
	if visits, err := s.Visits(ctx, last[len(last)-1], VisitPlanned); err != nil || len(visits) > 0 {
		return err
	}
	p := &demoPlayer{n: n, real: s, cal: n.Calendar()}
	p.set(s.Now())
	o := n.Cases.Options
	o.Now, o.Observe = func() time.Time { return p.now }, nil
	cases, err := casework.New(o)
	if err != nil {
		return err
	}
	defer cases.Close()
	moved := *s
	moved.Now, moved.cases = o.Now, cases
	moved.Items = demoDoor{s.Items, cases}
	p.Service = &moved
	for t := range demoTowns {
		if err := p.town(ctx, t); err != nil {
			return fmt.Errorf("agents of %s in the demo: %w", demoTowns[t].body, err)
		}
	}
	return nil
}

// demoDoor hands in through the moved runtime.
type demoDoor struct {
	Items
	cases *casework.Runtime
}

// Submit implements Items.
func (d demoDoor) Submit(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error) {
	return d.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: "approval", Subject: a.Code, Channel: casework.Agent, Applicant: a.Applicant, Form: a.Form, Files: a.Files,
	}})
}

func (p *demoPlayer) set(t time.Time) { p.now = t.UTC().Truncate(time.Microsecond) }

// ago sets the clock to an hour of a working day so many before today.
func (p *demoPlayer) ago(days, hour, minute int) {
	d := p.cal.Add(calendar.Of(p.real.Now()), -days)
	at := d.Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	if at.After(p.real.Now()) {
		at = p.real.Now()
	}
	p.set(at)
}

// who is the holder of a post.
func (p *demoPlayer) who(ctx context.Context, account store.ID, post *registry.Post) (identity.Principal, error) {
	a, err := p.n.Identity.Account(ctx, account)
	return identity.Principal{Account: account, Kind: identity.Staff, Name: a.Name, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}, err
}

// withRole is somebody in a body who holds a post with the role.
func (p *demoPlayer) withRole(ctx context.Context, body, role string) (identity.Principal, error) {
	places := p.Registry.Now()
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, p.real.Now()) {
			return p.who(ctx, account, post)
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody in %s has the role %s", body, role)
}

// town plays one township.
func (p *demoPlayer) town(ctx context.Context, t int) error {
	town := demoTowns[t]
	chief, err := p.withRole(ctx, town.body, registry.Manager)
	if err != nil {
		return err
	}
	villages, places := p.villagesOf(town.body), p.Registry.Now()
	if len(villages) == 0 {
		return errors.New("it has no villages")
	}
	since := calendar.Of(p.real.Now()).AddMonths(-14)
	for i, account := range p.Agents(town.body) {
		village := villages[i%len(villages)]
		if err := p.assign(ctx, chief, account, village, since); err != nil {
			return err
		}
		posts := places.PostsOf(account, p.real.Now())
		if len(posts) == 0 {
			continue
		}
		agent, err := p.who(ctx, account, posts[0])
		if err != nil {
			return err
		}
		if err := p.agent(ctx, t, i, agent, chief, village); err != nil {
			return err
		}
	}
	return nil
}

// agent plays one agent: two villagers, an application for one or both, visits.
func (p *demoPlayer) agent(ctx context.Context, t, i int, who, chief identity.Principal, village string) error {
	scan, err := p.n.Files.Put(ctx, who.Account, "材料照片.pdf", bytes.NewReader(demoPDF()), file.Limits{})
	if err != nil {
		return err
	}
	for k := range 2 {
		at := t*16 + i*2 + k
		if err := p.villager(ctx, at, who, village, &scan); err != nil {
			return fmt.Errorf("villager %d of %s: %w", at, who.Name, err)
		}
	}
	return p.visits(ctx, t*8+i, who, chief, village)
}

// demoVillager is an invented villager; the first is an account of the demo, so that there is somebody who sees it from the other side.
func (p *demoPlayer) demoVillager(ctx context.Context, at int) (Villager, error) {
	if at == 0 {
		if a, err := p.n.Identity.AccountByLogin(ctx, "person.zhou"); err == nil {
			return Villager{Name: a.Name, IDNumber: a.Number, Phone: a.Phone, Address: "一组 7 号（虚构）"}, nil
		}
	}
	const oldest, years, days = 1941, 40, 27
	born := time.Date(oldest+at*7%years, time.Month(1+at%12), 1+at*5%days, 0, 0, 0, 0, time.UTC)
	card, err := identifier.NewIDCard(demoTowns[at/16].area, born, 101+at)
	return Villager{
		Name:     demoSurnames[at%len(demoSurnames)] + demoGiven[at%len(demoGiven)],
		IDNumber: card.Number, Phone: fmt.Sprintf("1380000%04d", 1000+at), Address: fmt.Sprintf("%d 组 %d 号（虚构）", 1+at%6, 1+at*3%40),
	}, err
}

func (p *demoPlayer) villager(ctx context.Context, at int, who identity.Principal, village string, scan *file.File) error {
	v, err := p.demoVillager(ctx, at)
	if err != nil {
		return err
	}
	if there, err := p.consentsOf(ctx, p.cases.HolderIndex(v.IDNumber)); err != nil || len(there) > 0 {
		return err
	}
	a := Agreed{Villager: v, How: Hows()[at%3], Village: village}
	if a.How != Signed {
		a.Witness = "村民小组长" + demoSurnames[(at+3)%len(demoSurnames)] + "某"
	}
	if at == demoAsked {
		a.Fields = []string{"assistance", "welfare"}
	}
	p.ago(18-at%9, 9, at%50)
	c, err := p.Take(ctx, who, a, fmt.Sprintf("demo/%d", at))
	if err != nil {
		return err
	}
	switch {
	case at%16 == 15: // taken back by the villager, and one laid down
		return p.Withdraw(ctx, identity.Principal{Kind: identity.Visitor}, c.ID, true, fmt.Sprintf("demo/%d/withdraw", at))
	case at%16 == 13:
		return p.LayDown(ctx, who, &c, "村民子女已回村，自己办理", fmt.Sprintf("demo/%d/end", at))
	case at%2 == 1 && at%6 != 1 && at != demoAsked: // not everybody has something to apply for
		return nil
	}
	return p.apply(ctx, at, who, &c, scan)
}

func (p *demoPlayer) apply(ctx context.Context, at int, who identity.Principal, c *Consent, scan *file.File) error {
	key := demoItems[(at/2)%len(demoItems)]
	it := p.offered(who.Post, c.Village, key)
	if it == nil {
		return nil // its county does not exercise it
	}
	doc, err := demoForm(it.Raw, &c.Agreed.Villager)
	if err != nil {
		return fmt.Errorf("form of %s: %w", key, err)
	}
	h := Handing{Draft: fmt.Sprintf("demo-%d", at), Item: it.Code, Form: doc}
	for _, m := range it.Materials {
		if m.Necessary && !m.ByForm {
			h.Files = append(h.Files, casework.FileRef{ID: scan.ID, Name: scan.Name, Digest: scan.Digest, Size: scan.Size, Type: scan.Type, Material: m.Key})
		}
	}
	started := min(14-at%12, 17-at%9)
	p.ago(started, 10, at%50)
	handed, err := p.HandIn(ctx, who, c, h)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	steps := []struct {
		element, role string
		data          map[string]any
	}{
		{"receive", registry.Clerk, map[string]any{"outcome": "accept"}},
		{"first-review", registry.Reviewer, map[string]any{"outcome": "approve", "findings": "入户核实，情况属实，拟上报。"}},
		{"examine", registry.Reviewer, map[string]any{"outcome": "grant"}},
		{"deliver", registry.Clerk, nil},
	}
	done := demoSteps[(at/2)%len(demoSteps)]
	if at == demoAsked {
		done, steps[0].data = 1, map[string]any{"outcome": "correct", "missing": "请补交：\n一、户口簿本人页照片；\n二、有残疾证的，残疾证照片。"}
	}
	for i, step := range steps[:done] {
		p.ago(max(0, started-1-i), 11+i, at%50)
		if step.data == nil {
			step.data = map[string]any{"manner": "electronic", "delivered": calendar.Of(p.now).String()}
		}
		if did, err := p.step(ctx, handed.ID, step.element, step.role, step.data); err != nil || !did {
			return err
		}
	}
	return nil
}

// step does an open task of a case. It is left alone where the case waits for something else, or whoever has the role may not.
func (p *demoPlayer) step(ctx context.Context, id store.ID, element, role string, data map[string]any) (bool, error) {
	c, err := p.cases.Get(ctx, id)
	if err != nil {
		return false, err
	}
	for _, task := range c.Tasks() {
		if task.Element != element {
			continue
		}
		who, err := p.withRole(ctx, c.Body, role)
		if err != nil {
			return false, err
		}
		raw, err := json.Marshal(data)
		if err != nil {
			return false, err
		}
		_, err = p.cases.Do(ctx, casework.Command{Key: "demo/" + element, Actor: who, Case: id, Act: casework.Complete{Token: task.Token, Data: raw}})
		var denied *identity.Denied
		if errors.As(err, &denied) {
			return false, nil // the body has not authorised this window
		}
		return err == nil, err
	}
	return false, nil
}

// visits plans two visits of an agent: one of their own that was made or is overdue, one to come by the head of the centre.
func (p *demoPlayer) visits(ctx context.Context, at int, who, chief identity.Principal, village string) error {
	for _, state := range []string{VisitPlanned, VisitDone} {
		if there, err := p.Visits(ctx, who.Account, state); err != nil || len(there) > 0 {
			return err
		}
	}
	for k := range 2 {
		n := at*2 + k
		v := &Visit{Village: village, Agent: who.Account, Reason: Reasons()[n%len(Reasons())], Visited: Visited{
			Name: demoSurnames[(n+5)%len(demoSurnames)] + demoGiven[(n+2)%len(demoGiven)], Phone: fmt.Sprintf("1390000%04d", 1000+n),
			Address: fmt.Sprintf("%d 组 %d 号（虚构）", 1+n%6, 1+n*3%40), Purpose: "上门核对材料，帮助填写申请",
		}}
		p.ago(8, 15, n%50)
		v.Due = p.cal.Add(calendar.Of(p.real.Now()), k*3-2)
		planner := who
		if k == 1 {
			planner = chief
		}
		if err := p.Plan(ctx, planner, v); err != nil {
			return err
		}
		if k == 0 && at%3 > 0 {
			p.ago(2, 16, n%50)
			if err := p.Finish(ctx, who, v, VisitDone, "已上门，材料齐全，当场填好申请表。"); err != nil {
				return err
			}
		}
	}
	return nil
}

// demoForm fills in a form with what is known of the villager, and with invented answers.
func demoForm(raw json.RawMessage, v *Villager) (json.RawMessage, error) {
	var ui packedUI
	ui.Fields = map[string]packedInput{}
	if err := ui.read(raw, ""); err != nil {
		return nil, err
	}
	doc := map[string]any{}
	for _, path := range ui.Order {
		in := ui.Fields[path]
		if !in.Required || strings.Contains(path, ".") {
			continue
		}
		doc[path] = demoAnswer(path, &in, v)
	}
	return json.Marshal(doc)
}

func demoAnswer(path string, in *packedInput, v *Villager) any {
	const some = 3
	switch {
	case len(in.Options) > 0:
		return in.Options[0].Value
	case path == "name" || path == "operator":
		return v.Name
	case in.Format == "id-card":
		return v.IDNumber
	case in.Format == "phone":
		return v.Phone
	case in.Format == "date":
		return "2012-05-20"
	case in.Type == "integer":
		return some
	case strings.Contains(strings.ToLower(path), "address"):
		return v.Address
	case path == "bank":
		return "6217000000000000000"
	default:
		return "（虚构）" + in.Label.Hans
	}
}

// demoPDF is a valid empty page: papers of the demo hold nothing.
func demoPDF() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, object := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"} {
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
