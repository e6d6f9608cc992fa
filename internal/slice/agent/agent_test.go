package agent_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/agent"
)

// agreed is a consent as it is typed.
func agreed(id string) agent.Agreed {
	return agent.Agreed{Villager: agent.Villager{Name: "王奶奶", IDNumber: id, Phone: "13800138000"}, How: agent.Thumbprint, Village: suji}
}

func (w *world) take(id string) agent.Consent {
	w.t.Helper()
	c, err := w.Take(w.t.Context(), zhao, agreed(id), id)
	must(w.t, err)
	return c
}

// photo keeps a file of an agent for the material photo.
func (w *world) photo(who identity.Principal) casework.FileRef {
	w.t.Helper()
	f, err := w.files.Put(w.t.Context(), who.Account, "房子.pdf", strings.NewReader(pdf), fileLimits)
	must(w.t, err)
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: "photo"}
}

const draft1 = "6f1c1f0e-3a44-4a55-9d0f-000000000001"

func (w *world) handing(draft string) agent.Handing {
	return agent.Handing{Draft: draft, Item: "DESTITUTE", Version: 1, Form: json.RawMessage(`{"name":"王奶奶","group":"old","family":{"members":1}}`), Files: []casework.FileRef{w.photo(zhao)}}
}

// why is the reason for which something was refused, as the off-line app is told.
func why(err error) string {
	var r *casework.Refusal
	if !errors.As(err, &r) {
		return ""
	}
	if s, ok := r.Args["Why"].(string); ok {
		return s
	}
	for _, f := range r.Fields {
		return f.Path + " " + f.Code
	}
	return r.Code
}

// errText is what a refusal says in simplified Chinese.
func errText(err error) string {
	var r *casework.Refusal
	if !errors.As(err, &r) {
		return ""
	}
	return r.Text.Hans
}

// TestAgent: consent, an application, its way up to the county and back, who did what, and the end of it.
func TestAgent(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		if !w.Number(c.Number) || c.Village != suji || c.Body != "town" || c.Until != day(t, "2027-03-02") || !c.InForce(w.time()) {
			t.Fatalf("consent: %+v", c)
		}
		if _, err := w.Take(ctx, zhao, agreed(wangID), "again"); why(err) != "/id there" {
			t.Errorf("a second consent: %v", err)
		}
		h, err := w.HandIn(ctx, zhao, &c, w.handing(draft1))
		must(t, err)
		again, err := w.HandIn(ctx, zhao, &c, w.handing(draft1)) // with other files
		if err != nil || again.ID != h.ID {
			t.Errorf("the same draft again: %+v, %v", again, err)
		}
		if _, err := w.HandIn(ctx, zhao, &c, w.handing("6f1c1f0e-3a44-4a55-9d0f-000000000002")); why(err) != agent.WhyOpen {
			t.Errorf("a second application for the same item: %v", err)
		}
		kept, err := w.cases.Get(ctx, h.ID)
		must(t, err)
		if kept.Channel != casework.Agent || kept.Party != elder.Account {
			t.Errorf("case: %+v", kept)
		}

		// Up to the county, which is late, and back.
		w.step(clerk, kept, "receive", `{"outcome":"accept"}`)
		w.step(reviewer, kept, "first-review", `{"outcome":"approve","findings":"入户看过"}`)
		up, err := w.Transfers(ctx, "town", w.time())
		must(t, err)
		if len(up) != 1 || up[0].Receiver != "civil" || up[0].Late(w.time()) || up[0].DueAt.IsZero() || !up[0].BackAt.IsZero() {
			t.Fatalf("transfers: %+v", up)
		}
		w.at("2026-03-10", 9) // five working days of the step end on 9 March
		w.wake()
		if up, _ = w.Transfers(ctx, "town", w.time()); !up[0].Late(w.time()) {
			t.Errorf("not late: %+v", up)
		}
		kept, _ = w.cases.Get(ctx, h.ID)
		if kept.Body != "civil" || kept.Status != "forwarded" {
			t.Errorf("it lies at %s, %s", kept.Body, kept.Status)
		}
		w.step(county, kept, "examine", `{"outcome":"grant"}`)
		w.step(clerk, kept, "deliver", `{"manner":"pick-up","receiver":"王奶奶","delivered":"2026-03-10"}`)
		up, err = w.Transfers(ctx, "town", w.time())
		must(t, err)
		if up[0].BackAt.IsZero() || up[0].EndedAt.IsZero() || up[0].Late(w.time()) {
			t.Errorf("back: %+v", up)
		}

		// The villager takes it back; nothing more can be done.
		must(t, w.Withdraw(ctx, elder, c.ID, true, "w"))
		must(t, w.Withdraw(ctx, elder, c.ID, true, "w2")) // it has ended already
		c, err = w.Consent(ctx, c.ID)
		must(t, err)
		if c.InForce(w.time()) || c.EndedBy != agent.ByVillager {
			t.Errorf("withdrawn: %+v", c)
		}
		if _, err := w.HandIn(ctx, zhao, &c, w.handing("6f1c1f0e-3a44-4a55-9d0f-000000000003")); why(err) != agent.WhyWithdrawn {
			t.Errorf("after the withdrawal: %v", err)
		}
		figures, err := w.Figures(ctx, "town", calendar.Of(w.time()))
		must(t, err)
		if i := slices.IndexFunc(figures, func(f agent.Figures) bool { return f.Agent == zhao.Account }); figures[i].Cases != 1 || figures[i].Consents != 1 || figures[i].Villages != 1 {
			t.Errorf("figures: %+v", figures)
		}
	})
}

// TestWithoutConsent: nothing gets in, not even past the pages.
func TestWithoutConsent(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		submit := func(a casework.Applicant, who identity.Principal) error {
			_, err := w.Submit(ctx, who, agent.Application{Code: "DESTITUTE", Applicant: a, Form: json.RawMessage(`{"name":"x","group":"old"}`), Files: []casework.FileRef{w.photo(who)}}, "k"+a.Draft+who.Name)
			return err
		}
		wang := casework.Applicant{Kind: identity.Person, Name: "王奶奶", IDNumber: wangID, Consent: c.ID, Draft: "a"}
		li := wang
		li.IDNumber, li.Draft = liID, "b"
		bare := wang
		bare.Consent, bare.Draft = 0, "c"
		for name, err := range map[string]error{"another villager": submit(li, zhao), "no consent": submit(bare, zhao), "another agent": submit(wang, qian)} {
			if why(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, submit(wang, zhao))
		must(t, w.LayDown(ctx, zhao, &c, "村民要求", "l"))
		wang.Draft = "d"
		if err := submit(wang, zhao); why(err) != agent.WhyWithdrawn {
			t.Errorf("laid down: %v", err)
		}
		if c, _ = w.Consent(ctx, c.ID); c.EndedBy != agent.ByAgent {
			t.Errorf("ended by %s", c.EndedBy)
		}
	})
}

// TestRunsOut: a consent ends by itself, and another can be taken.
func TestRunsOut(t *testing.T) {
	w := onSQLite(t)
	a := agreed(wangID)
	a.Until = day(t, "2026-03-05")
	c, err := w.Take(t.Context(), zhao, a, "short")
	must(t, err)
	w.at("2026-03-06", 9)
	if _, err := w.HandIn(t.Context(), zhao, &c, w.handing(draft1)); why(err) != agent.WhyEnded {
		t.Errorf("run out: %v", err)
	}
	next := w.take(wangID) // before the timer came
	w.wake()
	if c, _ = w.Consent(t.Context(), c.ID); c.EndedBy != agent.ByTime || next.ID == c.ID || !next.InForce(w.time()) {
		t.Errorf("ended %+v, next %+v", c, next)
	}
}

// TestBadConsent: what is wrong is told field by field.
func TestBadConsent(t *testing.T) {
	w := onSQLite(t)
	for name, row := range map[string]struct {
		change func(*agent.Agreed)
		want   string
	}{
		"wrong check digit": {func(a *agent.Agreed) { a.IDNumber = "110105194912310021" }, "/id id-card"},
		"no name":           {func(a *agent.Agreed) { a.Name = " " }, "/name required"},
		"bad phone":         {func(a *agent.Agreed) { a.Phone = "12" }, "/phone phone"},
		"not how":           {func(a *agent.Agreed) { a.How = "" }, "/how required"},
		"no witness":        {func(a *agent.Agreed) { a.How = agent.Spoken }, "/witness required"},
		"too long":          {func(a *agent.Agreed) { a.Until = day(t, "2027-03-03") }, "/until range"},
		"in the past":       {func(a *agent.Agreed) { a.Until = day(t, "2026-03-01") }, "/until range"},
		"other village":     {func(a *agent.Agreed) { a.Village = caohe }, agent.WhyVillage},
	} {
		a := agreed(wangID)
		row.change(&a)
		if _, err := w.Take(t.Context(), zhao, a, name); why(err) != row.want {
			t.Errorf("%s: %v (%s), want %s", name, err, why(err), row.want)
		}
	}
	if _, err := w.Take(t.Context(), clerk, agreed(wangID), "clerk"); err == nil {
		t.Error("a clerk took consent as an agent")
	}
}

// TestNotOffered: only the items of the ten fields, as they stand, from the agent's own villages.
func TestNotOffered(t *testing.T) {
	w := onSQLite(t)
	c := w.take(wangID)
	x := w.handing(draft1)
	x.Item = "QUARRY"
	if _, err := w.HandIn(t.Context(), zhao, &c, x); why(err) != agent.WhyGone {
		t.Errorf("an item that is not of the township: %v", err)
	}
	w.version = 2
	if _, err := w.HandIn(t.Context(), zhao, &c, w.handing(draft1)); why(err) != agent.WhyChanged {
		t.Errorf("an item that has changed: %v", err)
	}
	w.gone = true
	if _, err := w.HandIn(t.Context(), zhao, &c, w.handing(draft1)); why(err) != agent.WhyGone {
		t.Errorf("an item that is gone: %v", err)
	}
	w.gone, w.version = false, 1
	list, err := w.Places(t.Context(), "town")
	must(t, err)
	must(t, w.Release(t.Context(), chief, list[0].ID, day(t, "2026-03-02")))
	w.at("2026-03-03", 9)
	if _, err := w.HandIn(t.Context(), zhao, &c, w.handing(draft1)); why(err) != agent.WhyVillage {
		t.Errorf("a village that was taken back: %v", err)
	}
}

// TestVisits: planned, late, made once; the villager is told.
func TestVisits(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		v := agent.Visit{Village: suji, Agent: zhao.Account, Reason: "elderly", Due: day(t, "2026-03-04"), Visited: agent.Visited{Name: "王奶奶", Number: wangID, Address: "苏集村 3 号"}}
		must(t, w.Plan(ctx, zhao, &v))
		other := v
		other.Visited.Number = ""
		must(t, w.Plan(ctx, chief, &other)) // the head plans for an agent
		if err := w.Plan(ctx, qian, &agent.Visit{Village: suji, Agent: qian.Account, Reason: "far", Due: v.Due, Visited: v.Visited}); why(err) != "/village other-village" {
			t.Errorf("outside of one's villages: %v", err)
		}
		bad := agent.Visit{Village: suji, Agent: zhao.Account, Due: day(t, "2026-03-01")}
		var r *casework.Refusal
		if err := w.Plan(ctx, zhao, &bad); !errors.As(err, &r) || len(r.Fields) != 4 {
			t.Errorf("a visit of nobody: %v", err)
		}
		w.at("2026-03-05", 9)
		late, err := w.LateVisits(ctx, "town", day(t, "2026-03-05"))
		must(t, err)
		if len(late) != 2 || !late[0].Late(day(t, "2026-03-05")) {
			t.Errorf("late: %+v", late)
		}
		got, err := w.Visit(ctx, v.ID)
		must(t, err)
		stale := got
		must(t, w.Finish(ctx, zhao, &got, agent.VisitDone, "量了血压，填了表"))
		if err := w.Finish(ctx, zhao, &stale, agent.VisitDone, "又一次"); why(err) != "/state moved" {
			t.Errorf("twice: %v", err)
		}
		if err := w.Finish(ctx, qian, &stale, agent.VisitDone, "别人的"); err == nil {
			t.Error("somebody else's visit was recorded")
		}
		code, body := w.get(visitor, "/agent/consent/"+c.Number+"/"+w.code(c), "zh-CN")
		if code != 200 || !strings.Contains(body, "上门服务") || !strings.Contains(body, "取得您的同意") || strings.Contains(body, "王奶奶") {
			t.Errorf("the villager's paper: %d %s", code, body)
		}
		kinds := []string{}
		for _, a := range w.acts {
			kinds = append(kinds, a.Kind)
		}
		if !slices.Contains(kinds, "agent.visit-planned") || !slices.Contains(kinds, "agent.visit-done") || !slices.Contains(kinds, "agent.assigned") {
			t.Errorf("the log has %v", kinds)
		}
	})
}
