package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/app/province"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// citizen is a person or an enterprise with an account.
type citizen struct {
	applicant casework.Applicant
	principal identity.Principal
}

// settle gives the city its people and enterprises.
func (c *city) settle(n int) {
	surnames, given := []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"), []rune("安柏川岱恩帆广涵吉珂岚敏宁蓬清若舒桐蔚溪贤怡云泽")
	for i := range n {
		a := casework.Applicant{Party: store.ID(1_000_000 + i), Kind: identity.Person, Phone: fmt.Sprintf("138%08d", c.chance.IntN(1e8))}
		a.Name = string(surnames[c.chance.IntN(len(surnames))]) + string(given[c.chance.IntN(len(given))]) + string(given[c.chance.IntN(len(given))])
		born := time.Date(1945+c.chance.IntN(60), time.Month(1+c.chance.IntN(12)), 1+c.chance.IntN(28), 0, 0, 0, 0, calendar.Zone)
		card, err := identifier.NewIDCard("340104", born, i+1)
		a.IDNumber = card.Number
		if i%3 == 0 {
			code, uerr := identifier.NewUSCC('9', '1', "340104", fmt.Sprintf("MA%06d", i))
			a.Kind, a.IDNumber, a.Name, err = identity.Enterprise, code.Code, "合肥"+a.Name+"商贸有限公司", errors.Join(err, uerr)
		}
		if err != nil {
			c.t.Fatal(err)
		}
		c.people = append(c.people, citizen{a, identity.Principal{Account: a.Party, Kind: a.Kind, Name: a.Name}})
	}
}

// apply hands in an application: online with its papers, or at the window; sometimes with something missing, which is refused.
func (c *city) apply() {
	m := &c.matters[c.chance.IntN(len(c.matters))]
	var by *citizen
	for by == nil || string(by.applicant.Kind) != m.Applicant.Kind {
		by = &c.people[c.chance.IntN(len(c.people))]
	}
	today := calendar.Of(c.now)
	cal := c.hall.Calendar()
	filled, err := province.Fill(m.Form, by.applicant, func(days int) calendar.Date { return cal.Add(today, days) })
	if err != nil {
		c.t.Fatal(err)
	}
	fields, _ := filled.(map[string]any)
	spoilt := c.chance.IntN(12) == 0
	if spoilt {
		delete(fields, firstKey(fields))
	}
	form, err := json.Marshal(fields)
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := casework.Command{Actor: by.principal}
	sent := casework.Submit{Kind: "approval", Subject: m.Code, Channel: casework.Online, Applicant: by.applicant, Form: form}
	if c.chance.IntN(3) > 0 {
		sent.Channel = casework.Window
		if cmd.Actor, err = c.staff(m.Body, registry.Clerk); err != nil {
			c.t.Fatal(err)
		}
	} else {
		for _, p := range m.Item.Papers {
			ref := c.paper(by, p.Name)
			ref.Material = p.Key
			sent.Files = append(sent.Files, ref)
		}
	}
	cmd.Act = sent
	rec, ok := c.do(nil, cmd, spoilt || !m.Window) // some items are taken in at the window only
	if !ok {
		return
	}
	k := &known{id: rec.Case, number: rec.Number, matter: m, by: by}
	c.cases, c.open = append(c.cases, k), append(c.open, k)
	if rec.Seq != 1 {
		c.failf("a new case begins with event %d", rec.Seq)
	}
	c.moved(k)
}

func firstKey(m map[string]any) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return slices.Min(keys)
}

func (c *city) paper(by *citizen, name string) casework.FileRef {
	content := fmt.Appendf(nil, "%%PDF-1.4\n%% %s of step %d\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n", name, c.done)
	f, err := c.hall.Files.Put(context.Background(), by.applicant.Party, name+".pdf", bytes.NewReader(content), file.Limits{})
	if err != nil {
		c.t.Fatal(err)
	}
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}
}

// staff is somebody who holds a post with the role for a body.
func (c *city) staff(body, role string) (identity.Principal, error) {
	reg := c.hall.Registry.Now()
	posts := reg.Posts(body)
	if b := reg.Body(body); b != nil && role == registry.Clerk {
		if centre := reg.Centre(b.Centre); centre != nil && centre.Body != body {
			posts = slices.Concat(posts, reg.Posts(centre.Body))
		}
	}
	var all []identity.Principal
	for _, p := range posts {
		if !p.Has(role) || !reg.Serves(p.Key, body) {
			continue
		}
		for _, account := range reg.Holders(p.Key, c.now) {
			all = append(all, identity.Principal{Account: account, Kind: identity.Staff, Post: identityPost(p)})
		}
	}
	if len(all) == 0 {
		return identity.Principal{}, fmt.Errorf("nobody is %s for %s", role, body)
	}
	return all[c.chance.IntN(len(all))], nil
}

// some picks an open case: often one that is worked on already, so that matters come to their end.
func (c *city) some() *known {
	i := c.chance.IntN(len(c.open))
	if c.chance.IntN(3) > 0 {
		i = min(i, c.chance.IntN(len(c.open)))
	}
	return c.open[i]
}

func (c *city) get(k *known) *casework.Case {
	kase, err := c.hall.Cases.Get(context.Background(), k.id)
	if err != nil {
		c.t.Fatalf("case %s: %v", k.number, err)
	}
	return kase
}

// work does an open task of a case, as its form allows: with any outcome, and sometimes with something missing.
func (c *city) work() {
	k := c.some()
	kase := c.get(k)
	if len(kase.Tasks()) == 0 {
		return
	}
	task := kase.Tasks()[c.chance.IntN(len(kase.Tasks()))]
	cmd := casework.Command{Case: k.id}
	if task.Role == "applicant" {
		cmd.Actor = k.by.principal
	} else if !c.office() && c.chance.IntN(4) > 0 {
		return // the office is closed, and few work late
	} else if by, err := c.staff(k.matter.Body, task.Role); err == nil {
		cmd.Actor = by
	} else {
		c.failf("case %s: task %s: %v", k.number, task.Element, err)
		return
	}
	spoilt := c.chance.IntN(15) == 0
	data, err := c.fillStep(kase, task, spoilt)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.chance.IntN(4) == 0 {
		cmd.Seq = kase.Seq
	}
	cmd.Act = casework.Complete{Token: task.Token, Data: data}
	// What somebody else must do (四眼), or the form does not take, is refused. Everything else must go.
	_, ok := c.do(k, cmd, true)
	var refusal *casework.Refusal
	lawful := errors.As(c.because, &refusal) && refusal.Code == casework.RefusedTerm // a second extension, or one after the due day
	if !ok && !spoilt && !lawful && len(separate(c, kase, task)) == 0 && task.Holder == 0 {
		c.failf("case %s: task %s could not be done with %s: %v", k.number, task.Element, data, c.because)
	}
}

func (c *city) office() bool {
	local := c.now.In(calendar.Zone)
	return c.hall.Calendar().Working(calendar.Of(c.now)) && local.Hour() >= 9 && local.Hour() < 17
}

// separate are the steps that somebody else must have done than whoever does this task.
func separate(c *city, kase *casework.Case, task casework.Task) []string {
	_, def, err := c.hall.Cases.Procedure(context.Background(), kase.Procedure)
	if err != nil {
		c.t.Fatal(err)
	}
	return def.Element(task.Element).Separate
}

// stepForm is what of a form's schema the city looks at.
type stepForm struct {
	Required   []string `json:"required"`
	Properties map[string]struct {
		Type   string `json:"type"`
		Format string `json:"format"`
		OneOf  []struct {
			Const string `json:"const"`
		} `json:"oneOf"`
		Minimum int `json:"minimum"`
		Maximum int `json:"maximum"`
	} `json:"properties"`
}

// fillStep fills the form of a step in: every field, so that whatever an outcome asks for is there.
func (c *city) fillStep(kase *casework.Case, task casework.Task, spoilt bool) (json.RawMessage, error) {
	_, def, err := c.hall.Cases.Procedure(context.Background(), kase.Procedure)
	if err != nil {
		return nil, err
	}
	form, ok := c.hall.Cases.Forms.Form(def.Element(task.Element).Form)
	if !ok {
		return nil, nil
	}
	var schema stepForm
	if err := json.Unmarshal(form.Source, &schema); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(schema.Properties))
	for name := range schema.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	data := map[string]any{}
	for _, name := range names {
		p := schema.Properties[name]
		switch {
		case len(p.OneOf) > 0:
			// Most matters go well: the first outcome of a form is the usual one.
			i := c.chance.IntN(2 * len(p.OneOf))
			data[name] = p.OneOf[i%len(p.OneOf)*min(1, i/len(p.OneOf))].Const
		case p.Format == "date":
			data[name] = c.stepDay(kase, name).String()
		case p.Type == "integer":
			data[name] = p.Minimum + c.chance.IntN(max(1, min(p.Maximum-p.Minimum, 30)))
		case p.Type == "array":
			continue
		case p.Type == "boolean":
			data[name] = c.chance.IntN(2) == 0
		default:
			data[name] = strings.Repeat("如实办理", 1+c.chance.IntN(3))
		}
	}
	if spoilt && len(schema.Required) > 0 {
		delete(data, schema.Required[c.chance.IntN(len(schema.Required))])
	}
	return json.Marshal(data)
}

// stepDay is a day for a field of a step: one that has been for what was done, one to come for what is planned.
func (c *city) stepDay(kase *casework.Case, name string) calendar.Date {
	today := calendar.Of(c.now)
	switch name {
	case "validUntil", "until", "held", "on":
		return c.hall.Calendar().Add(today, 10+c.chance.IntN(20))
	}
	return max(calendar.Of(kase.CreatedAt), today-calendar.Date(c.chance.IntN(2)))
}

// speak sends a message that the procedure may or may not wait for: a withdrawal, a hearing that was asked for.
func (c *city) speak() {
	k := c.some()
	cmd := casework.Command{Case: k.id, Actor: k.by.principal}
	message := []string{"withdraw", "hearing.requested", "objection", "no-such-message"}[c.chance.IntN(4)]
	if message == "withdraw" && c.chance.IntN(4) > 0 {
		return // few give up
	}
	cmd.Act = casework.Send{Message: message, Reason: "情况有变"}
	c.do(k, cmd, true)
}

func (c *city) attach() {
	k := c.some()
	cmd := casework.Command{Case: k.id, Actor: k.by.principal, Act: casework.Attach{Files: []casework.FileRef{c.paper(k.by, "补充材料")}}}
	c.do(k, cmd, false)
}

// rate rates an ended case, once; an open one, or one that was rated, is refused.
func (c *city) rate() {
	k := c.cases[c.chance.IntN(len(c.cases))]
	cmd := casework.Command{Case: k.id, Actor: k.by.principal, Act: casework.Rate{Grade: 1 + c.chance.IntN(5), Comment: "谢谢"}}
	_, ok := c.do(k, cmd, k.rated || !k.isEnded)
	if ok && (k.rated || !k.isEnded) {
		c.failf("case %s could be rated, rated %t, ended %t", k.number, k.rated, k.isEnded)
	}
	k.rated = k.rated || ok
}

// again sends a command for the second time: the same receipt comes back, and nothing happens.
func (c *city) again() {
	if len(c.sent) == 0 {
		return
	}
	s := c.sent[c.chance.IntN(len(c.sent))]
	rec, err := c.hall.Cases.Do(context.Background(), s.cmd)
	if err != nil || rec.Case != s.receipt.Case || rec.Seq != s.receipt.Seq || rec.Event != s.receipt.Event || !bytes.Equal(rec.Leaf, s.receipt.Leaf) {
		c.failf("sent again: event %d of %s, %v; it was event %d of %s", rec.Seq, rec.Number, err, s.receipt.Seq, s.receipt.Number)
	}
	c.repeated++
	if i := slices.IndexFunc(c.cases, func(k *known) bool { return k.id == s.receipt.Case }); i >= 0 {
		c.moved(c.cases[i])
	}
}

// trespass tries what is not one's to do. All of it must be refused, and change nothing.
func (c *city) trespass() {
	k := c.some()
	kase := c.get(k)
	other := &c.people[c.chance.IntN(len(c.people))]
	if other == k.by {
		return
	}
	cmd := casework.Command{Case: k.id, Actor: other.principal}
	switch c.chance.IntN(4) {
	case 0:
		cmd.Act = casework.Send{Message: "withdraw"}
	case 1:
		cmd.Act = casework.Rate{Grade: 5}
	case 2:
		cmd.Act = casework.Attach{Files: []casework.FileRef{{ID: 1, Name: "x", Digest: strings.Repeat("0", 64)}}}
	default:
		if len(kase.Tasks()) == 0 {
			return
		}
		task := kase.Tasks()[0]
		cmd.Act = casework.Complete{Token: task.Token, Data: json.RawMessage(`{"outcome":"grant"}`)}
		if elsewhere := &c.matters[c.chance.IntN(len(c.matters))]; elsewhere.Body != k.matter.Body && c.chance.IntN(2) == 0 {
			by, err := c.staff(elsewhere.Body, registry.Head)
			if err != nil || task.Role == "applicant" {
				return
			}
			cmd.Actor = by
		}
	}
	if _, ok := c.do(k, cmd, true); ok {
		c.failf("case %s: %T by somebody else was accepted", k.number, cmd.Act)
	}
}

// assign gives a task to a colleague, or back to the role.
func (c *city) assign() {
	k := c.some()
	kase := c.get(k)
	for _, task := range kase.Tasks() {
		by, err := c.staff(k.matter.Body, task.Role)
		to, err2 := c.staff(k.matter.Body, task.Role)
		if errors.Join(err, err2) != nil || task.Role == registry.Clerk || task.Role == "applicant" {
			continue
		}
		act := casework.Assign{Token: task.Token, To: to.Account, ToPost: to.Post, Reason: "分工调整"}
		if task.Holder != 0 {
			act.To, act.ToPost = 0, identity.Post{}
		}
		c.do(k, casework.Command{Case: k.id, Actor: by, Act: act}, true)
		return
	}
}
