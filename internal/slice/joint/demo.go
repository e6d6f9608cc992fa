package joint

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

const demoDivision = "340100000000"

// script is a joint matter of the demo and what becomes of it. Acts are by day, in working days after the application: "4 sign:seal=agree" is
// the opinion of a part, "1 receive=accept" a step of the lead window.
type script struct {
	matter, login string
	ago           int // working days before today
	parts         []string
	commit        []string
	leave         []string // materials that are not handed in
	acts          string
}

// scripts are the joint matters of the demo: of both kinds, in each state.
var scripts = []script{
	{"enterprise-establishment", "person.chen", 30, []string{"bank"}, []string{"premises"}, nil,
		"0 receive=accept; 1 name=agree; 2 licence=agree; 3 seal=agree; 3 tax=agree; 3 fund=agree; 4 bank=agree; 5 insurance=agree; 5 finish"},
	{"enterprise-establishment", "person.zhou", 20, nil, nil, nil, "1 receive=accept; 2 name=disagree; 3 finish"},
	{"construction-land", "enterprise.qinghe", 42, []string{"soil"}, nil, nil,
		"1 receive=accept; 2 summon; 4 hold=soil; 8 site=agree; 15 late:soil=agree"},
	{"construction-completion", "enterprise.qinghe", 25, nil, nil, nil,
		"0 receive=accept; 1 summon; 3 hold=; 4 planning-check=agree; 4 fire-acceptance=agree; 5 roads=disagree; 7 record=agree; 8 finish"},
	{"enterprise-establishment", "person.gu", 9, []string{"bank"}, nil, nil, "0 receive=accept; 1 name=agree; 2 licence=agree; 3 seal=agree; 4 bank=forward"},
	{"construction-works", "enterprise.qinghe", 12, []string{"road"}, nil, nil, "1 receive=accept; 3 relics=agree; 4 shelter=bare; 6 traffic=agree"},
	{"enterprise-establishment", "person.chen", 5, nil, nil, []string{"appointment", "payroll"}, "0 receive=conditional; 1 name=agree"},
	{"construction-drawings", "enterprise.qinghe", 4, nil, nil, nil, "1 receive=accept; 2 summon; 3 structure=agree"},
	{"enterprise-establishment", "person.zhou", 1, []string{"bank"}, nil, nil, "0 receive=accept"},
	{"construction-land", "enterprise.qinghe", 0, nil, nil, nil, ""},
}

// player plays the joint matters of the demo through a case runtime whose clock is moved: each act on its day, by whoever holds the post, and
// each timer and line when it falls due.
type player struct {
	s      *Service
	n      *app.Node
	cases  *casework.Runtime
	cal    *calendar.Calendar
	micros atomic.Int64
}

func (p *player) now() time.Time  { return time.UnixMicro(p.micros.Load()).UTC() }
func (p *player) set(t time.Time) { p.micros.Store(t.UnixMicro()) }

// Demo plays the joint matters of the demo. It does nothing when there are any.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	if there, err := s.List(ctx, demoDivision, 0, 1); err != nil || len(there) > 0 {
		return err
	}
	if s.competent(demoDivision, leadKind) == nil {
		return nil
	}
	p := &player{s: s, n: n, cal: n.Calendar()}
	options := n.Cases.Options
	options.Now, options.Observe = p.now, nil // metrics count what this process was asked for
	var err error
	if p.cases, err = casework.New(options); err != nil {
		return err
	}
	defer p.cases.Close()
	for i := range scripts {
		if err := p.play(ctx, i, &scripts[i]); err != nil {
			return fmt.Errorf("joint matter %d of the demo: %w", i, err)
		}
	}
	return nil
}

// play plays one matter until now.
func (p *player) play(ctx context.Context, i int, x *script) error {
	today := calendar.Of(p.n.Now())
	day := today
	for !p.cal.Working(day) {
		day--
	}
	for left := x.ago; left > 0; left-- {
		for day--; !p.cal.Working(day); day-- {
		}
	}
	at := func(days, k int) time.Time {
		return p.cal.Add(day, days).Start().Add(9*time.Hour + time.Duration(20*k)*time.Minute)
	}
	first := day.Start().Add(9 * time.Hour)
	if first.After(p.n.Now()) {
		first = p.n.Now()
	}
	p.set(first)
	id, err := p.apply(ctx, i, x)
	if err != nil {
		return err
	}
	for k, act := range strings.Split(x.acts, "; ") {
		days, what, ok := strings.Cut(act, " ")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(days)
		if err != nil {
			return err
		}
		when := at(n, k+1)
		if when.After(p.n.Now()) {
			break
		}
		if err := p.pass(ctx, when); err != nil {
			return err
		}
		if err := p.act(ctx, id, what); err != nil {
			return fmt.Errorf("%s: %w", act, err)
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
	}
	return p.pass(ctx, p.n.Now())
}

func (p *player) settle(ctx context.Context) error {
	for {
		n, err := p.s.Settle(ctx, p.cases)
		if err != nil || n == 0 {
			return err
		}
	}
}

// pass lets time pass for the joint matters until an instant.
func (p *player) pass(ctx context.Context, until time.Time) error {
	for {
		at, err := store.Scalar[int64](p.s.DB.Read().QueryRow(ctx, `SELECT coalesce(min(wake_at), 0) FROM case_ WHERE wake_at > 0 AND kind IN ($1, $2, $3)`,
			WholeKind, PartKind, CheckKind))
		if err != nil {
			return err
		}
		next := store.Instant(at)
		if next.IsZero() || next.After(until) {
			break
		}
		if next.After(p.now()) {
			p.set(next)
		}
		if _, err := p.cases.Wake(ctx); err != nil {
			return err
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
	}
	if until.After(p.now()) {
		p.set(until)
	}
	return nil
}

func (p *player) apply(ctx context.Context, i int, x *script) (store.ID, error) {
	account, err := p.n.Identity.AccountByLogin(ctx, x.login)
	if err != nil {
		return 0, err
	}
	who := identity.Principal{Account: account.ID, Kind: account.Kind, Name: account.Name}
	a := Application{Matter: x.matter, Division: demoDivision, Channel: casework.Online, Sent: Sent{Parts: x.parts, Commitments: x.commit}}
	if a.Sent.Parts == nil {
		a.Sent.Parts = []string{}
	}
	if a.Applicant, err = p.s.People.Party(ctx, account.ID); err != nil {
		return 0, err
	}
	plan, err := p.s.Plan(x.matter, demoDivision, a.Sent.Parts)
	if err != nil {
		return 0, err
	}
	if a.Sent.Answers, err = invented(plan.Form.Form); err != nil {
		return 0, err
	}
	for j := range plan.Materials {
		m := &plan.Materials[j]
		if slices.Contains(x.leave, m.Key) || slices.Contains(x.commit, m.Key) {
			continue
		}
		f, err := p.n.Files.Put(ctx, account.ID, m.Name.Hans+".pdf", bytes.NewReader(demoPDF()), file.Limits{})
		if err != nil {
			return 0, err
		}
		a.Files = append(a.Files, casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: m.Key})
	}
	raw, err := json.Marshal(a.Sent)
	if err != nil {
		return 0, err
	}
	rec, err := p.cases.Do(ctx, casework.Command{Key: fmt.Sprintf("demo/joint/%d", i), Actor: who, Act: casework.Submit{
		Kind: WholeKind, Subject: subjectOf(a.Matter, a.Division), Channel: a.Channel, Applicant: a.Applicant, Form: raw, Files: a.Files,
	}})
	return rec.Case, err
}

// act does what a script says.
func (p *player) act(ctx context.Context, id store.ID, what string) error {
	name, word, _ := strings.Cut(what, "=")
	switch name {
	case "receive":
		data := map[string]any{"outcome": word}
		if word == "conditional" {
			data["missing"], data["promised"] = "任职文件、职工名册", p.cal.Add(calendar.Of(p.now()), 12).String()
		}
		return p.step(ctx, id, "receive", registry.Clerk, data)
	case stepSummon:
		return p.step(ctx, id, stepSummon, registry.Clerk, map[string]any{"date": p.cal.Add(calendar.Of(p.now()), 2).String(), "hour": "9:30", "place": "项目现场（虚构地址）", "agenda": "请带齐本部门的审查要点"})
	case stepHold:
		return p.hold(ctx, id, word)
	case "finish":
		return p.finish(ctx, id)
	}
	if key, late := strings.CutPrefix(name, "late:"); late {
		return p.part(ctx, id, key, "late-opinion", registry.Reviewer, map[string]any{"opinion": word, "reasons": "承办人外出，没有及时安排代班；今后由窗口提醒"})
	}
	data := map[string]any{"opinion": word}
	if word == "disagree" {
		data["basis"], data["reasons"] = "有关法律、法规规定的条件", "申报的内容不符合规定的条件，修改后可以重新申请"
	}
	if err := p.part(ctx, id, name, "review", registry.Reviewer, data); err != nil {
		return err
	}
	return p.part(ctx, id, name, "sign", registry.Head, map[string]any{"outcome": "issue"})
}

func (p *player) finish(ctx context.Context, id store.ID) error {
	if err := p.step(ctx, id, "conclude", registry.Clerk, map[string]any{"summary": "各部门已经办理完毕，请凭本通知书办理后续事宜"}); err != nil {
		return err
	}
	if err := p.step(ctx, id, "decide", registry.Head, map[string]any{"outcome": "issue"}); err != nil {
		return err
	}
	return p.step(ctx, id, "deliver", registry.Clerk, map[string]any{"manner": "electronic", "delivered": calendar.Of(p.now()).String()})
}

// hold records that all came but the one named.
func (p *player) hold(ctx context.Context, id store.ID, absent string) error {
	w, err := p.s.Whole(ctx, id)
	if err != nil {
		return err
	}
	came, away := []string{}, []string{}
	for i := range w.Parts {
		switch e := &w.Parts[i]; {
		case e.Stage != 0:
		case e.Key == absent:
			away = append(away, strconv.Itoa(e.Ordinal))
		default:
			came = append(came, strconv.Itoa(e.Ordinal))
		}
	}
	return p.step(ctx, id, stepHold, registry.Clerk, map[string]any{"attended": came, "absent": away, "minutes": "各部门现场查看后没有提出不可克服的问题，意见分别出具"})
}

func (p *player) part(ctx context.Context, whole store.ID, key, element, role string, data map[string]any) error {
	w, err := p.s.Whole(ctx, whole)
	if err != nil {
		return err
	}
	for i := range w.Parts {
		if w.Parts[i].Key == key {
			return p.step(ctx, w.Parts[i].Case, element, role, data)
		}
	}
	return fmt.Errorf("there is no part %s", key)
}

// step does an open step as somebody who holds the role in the body of the case.
func (p *player) step(ctx context.Context, id store.ID, element, role string, data map[string]any) error {
	c, err := p.cases.Get(ctx, id)
	if err != nil {
		return err
	}
	by, err := p.holder(c.Body, role)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	for _, t := range c.Tasks() {
		if t.Element == element {
			_, err := p.cases.Do(ctx, casework.Command{Key: fmt.Sprintf("demo/joint/%s/%d", c.Number, t.Token), Actor: by, Case: id, Act: casework.Complete{Token: t.Token, Data: raw}})
			return err
		}
	}
	return fmt.Errorf("the step %s is not open in %s", element, c.Number)
}

func (p *player) holder(body, role string) (identity.Principal, error) {
	places := p.n.Registry.Now()
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, p.now()) {
			return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}, nil
		}
	}
	return identity.Principal{}, fmt.Errorf("nobody is %s in %s", role, body)
}

// invented fills a form in with values that its schema takes.
func invented(schema json.RawMessage) (json.RawMessage, error) {
	fields, err := fieldsOf(schema)
	if err != nil {
		return nil, err
	}
	doc := map[string]any{}
	for _, f := range fields {
		if doc[f.name], err = inventedValue(f.schema); err != nil {
			return nil, fmt.Errorf("field %s: %w", f.name, err)
		}
	}
	return json.Marshal(doc)
}

// demoNumber stands where a form of the demo asks for a number.
const demoNumber = 8.0

func inventedValue(raw json.RawMessage) (any, error) {
	var x struct {
		Type, Format, Title string
		Minimum             float64
		OneOf               []struct{ Const any }
		Items               json.RawMessage
	}
	if err := json.Unmarshal(raw, &x); err != nil {
		return nil, err
	}
	known := map[string]string{"uscc": "91340104MA9Y00012N", "id-card": "340104199003159026", "phone": "13800000001", "date": "2026-01-05"}
	switch {
	case len(x.OneOf) > 0:
		return x.OneOf[0].Const, nil
	case known[x.Format] != "":
		return known[x.Format], nil
	case x.Type == "integer" || x.Type == "number":
		return max(x.Minimum, demoNumber), nil
	case x.Type == "boolean":
		return true, nil
	case x.Type == "array":
		one, err := inventedValue(x.Items)
		return []any{one}, err
	default:
		return "虚构的" + x.Title, nil
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
