package notify_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

// kinds are the kinds of cases beside approvals, by the procedures that ship.
var kinds = map[string]casework.Beginning{
	"oversight-card": {
		Title: lang.Text{Hans: "监察卡片：超期"}, Variables: map[string]any{"explainer": "reviewer", "did": []string{}},
		Terms: map[string]casework.Terms{"oversight.explain": {Statutory: term.Length{N: 3, Unit: statute.WorkingDay, Rule: "oversight.explain"}}},
	},
	"oversight-order": {
		Title: lang.Text{Hans: "督办：积压"}, Variables: map[string]any{"answerer": "head", "issuer": "5", "division": "340000000000", "body": "province-data"},
		Terms: map[string]casework.Terms{"oversight.order": {Statutory: term.Length{N: 5, Unit: statute.WorkingDay, Rule: "oversight.order"}}},
	},
	"complaint": {Title: lang.Text{Hans: "投诉：长丰县水务局"}, Variables: map[string]any{"confidential": false, "bodyCan": true}},
}

// runtimeOf is the real case runtime with those kinds.
func runtimeOf(t *testing.T, w *world, db *store.DB) *casework.Runtime {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	forms, err := casework.LoadForms(procedures.Files, "forms", nil)
	must(t, err)
	o := casework.Options{
		DB: db, Keys: keys, IDs: w.ids, Now: w.clock, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: anybody{}, Forms: forms,
	}
	for name, begin := range kinds {
		begin.Division, begin.Body, begin.Procedure, begin.Series = "340121000000", "water", name, "T"+strings.ToUpper(name[:1])+"340121"
		o.Kinds = append(o.Kinds, casework.Kind{Name: name, Title: begin.Title, Begin: func(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
			return begin, nil
		}})
	}
	r, err := casework.New(o)
	must(t, err)
	t.Cleanup(r.Close)
	for name := range kinds {
		content, err := procedures.Files.ReadFile(name + ".bpmn")
		must(t, err)
		_, err = r.PublishProcedure(t.Context(), name, content)
		must(t, err)
	}
	return r
}

func staff(account store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Roles: roles}}
}

// Cards, orders and complaints by the procedures that ship: whoever must explain or answer hears until when, who looks at it that
// there is something to look at, and everybody concerned how it ended.
func TestOtherKindsAreTold(t *testing.T) {
	officer := staff(reviewer, "water.reviewer", "water", "reviewer")
	type step struct {
		by   identity.Principal
		form string
	}
	for _, row := range []struct {
		kind, subject string
		steps         []step
		want          map[store.ID]string // notices, in order
		link          map[store.ID]string
	}{
		{"oversight-card", "late", []step{
			{officer, `{"cause":"workload","statement":"积压"}`},
			{staff(city, "city.supervisor", "city-data", "supervisor"), `{"outcome":"excused","ground":"outage","reasons":"停电"}`},
		}, map[store.ID]string{reviewer: "card-explain card-concluded", second: "card-explain", city: "card-verify", province: ""},
			map[store.ID]string{reviewer: "/oversight/case/", city: "/oversight/case/"}},
		{"oversight-order", "matter", []step{
			{staff(9, "water.head", "water", "head"), `{"outcome":"done","answer":"已办"}`},
			{staff(province, "province.supervisor", "province-data", "supervisor"), `{"outcome":"accepted"}`},
		}, map[store.ID]string{9: "order-settled", city: "", province: "order-answered"}, map[store.ID]string{province: "/oversight/case/"}},
		{"complaint", "water", []step{
			{staff(8, "c", "city-data", "complaints"), `{"outcome":"accept","handler":"body"}`},
			{officer, `{"outcome":"upheld","findings":"属实"}`},
			{staff(9, "water.head", "water", "head"), `{"outcome":"upheld","answer":"已整改","summary":"已整改"}`},
		}, map[store.ID]string{wang: "complaint-received complaint-accepted complaint-answered", reviewer: "answer-asked"},
			map[store.ID]string{wang: "/me/complaints/", reviewer: "/desk/case/"}},
		{"complaint", "water", []step{
			{staff(8, "c", "city-data", "complaints"), `{"outcome":"reject","reasons":"不属于投诉范围","where":"12345"}`},
		}, map[store.ID]string{wang: "complaint-received complaint-not-accepted"}, nil},
	} {
		t.Run(row.kind, func(t *testing.T) {
			lite(t, func(t *testing.T, db *store.DB) {
				late := &lateCases{}
				w := newWorld(t, db, func(o *notify.Options) { o.Cases = late })
				runtime := runtimeOf(t, w, db)
				late.Cases = runtime
				received, err := runtime.Do(t.Context(), casework.Command{Key: "1", Actor: identity.Principal{Account: wang, Kind: identity.Person}, Act: casework.Submit{
					Kind: row.kind, Subject: row.subject, Channel: casework.Online, Form: json.RawMessage(`{}`), Applicant: partyOf(row.kind),
				}})
				must(t, err)
				seq := w.follow(runtime, received.Case, 0)
				for i, s := range row.steps {
					w.pass(1e9)
					c, err := runtime.Get(t.Context(), received.Case)
					must(t, err)
					_, err = runtime.Do(t.Context(), casework.Command{Key: string(rune('a' + i)), Case: c.ID, Actor: s.by,
						Act: casework.Complete{Token: c.Tasks()[0].Token, Data: json.RawMessage(s.form)}})
					must(t, err)
					seq = w.follow(runtime, c.ID, seq)
				}
				for account, want := range row.want {
					list, err := w.List(t.Context(), notify.Box{Account: account}, lang.En, notify.ListFilter{})
					must(t, err)
					var got []string
					for i := range list {
						got = append([]string{list[i].Notice}, got...)
						if link := row.link[account]; link != "" && list[i].Link != link+received.Number || strings.Contains(list[i].Text, "{") {
							t.Errorf("%d: %s: %s %s", account, list[i].Notice, list[i].Text, list[i].Link)
						}
						// Three working days after Monday 2 March are Thursday the 5th.
						if list[i].Notice == "card-explain" && !strings.Contains(list[i].Text, "5 March 2026") {
							t.Errorf("%s; want the day until which it is to be explained", list[i].Text)
						}
					}
					if strings.Join(got, " ") != want {
						t.Errorf("%s tells %d %q; want %q", row.kind, account, got, want)
					}
				}
			})
		})
	}
}

// partyOf is who applies: nobody for what supervision opens.
func partyOf(kind string) casework.Applicant {
	if strings.HasPrefix(kind, "oversight") {
		return casework.Applicant{}
	}
	return casework.Applicant{Party: wang, Kind: identity.Person, Name: hostile, IDNumber: "11010519491231002X"}
}
