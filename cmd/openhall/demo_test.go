package main

import (
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/request"
)

// What `openhall demo --count` prints of the small demo: each reply of the closed list and each state in which a request can lie for more than
// hours, no two records with the same text. What was paid stands in the reports as processing fees, and among the administrative charges.
func TestWhatTheDemoHolds(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
	c := copyOfDemo(t, now)
	c.BaseURL, c.Origin, c.Jurisdiction, c.Division = "http://localhost", "localhost/log", "cn-ah", "340000000000"
	p := assembleProgram(t, c, func() time.Time { return now })
	n, w := p.Node, p.wiring
	defer closeNode(t, n)
	if err := n.DemoLater(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := n.Holds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int64{}
	for _, h := range list {
		held[h.What] = h.N
	}
	for _, o := range w.request.Outcomes(calendar.Of(now)) {
		if o.Leaf && held["requests, outcome "+o.Code] == 0 {
			t.Errorf("no request of the demo ends with %s", o.Code)
		}
	}
	for _, state := range []string{"accepted", "answered", "lapsed", "paused", "reasons", "supplement", "unpaid", "withdrawn"} {
		if held["requests, state "+state] == 0 {
			t.Errorf("no request of the demo is %s", state)
		}
	}
	if twins, there := held["texts that two records share"]; !there || twins != 0 || held["records published"] < 300 || held["policies with an interpretation"] < 10 {
		t.Errorf("the demo holds %v", held)
	}

	// One request of the last months was paid for, by the scale: 120 pages are ¥1,100 (国办函〔2020〕109号 5).
	out, err := askedFigures{w}.Figures(t.Context(), report.Scope{Division: "340000000000", Below: true}, calendar.Day(2026, 1, 1), calendar.Day(2027, 1, 1))
	if err != nil || out["request-fees/number"] != 1 || out["request-fees/charged"] != 110_000 {
		t.Errorf("processing fees %d, %d fen, %v", out["request-fees/number"], out["request-fees/charged"], err)
	}
	fees, err := w.request.Fees(t.Context(), request.Scope{}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31))
	if err != nil || fees.Charged != 110_000 {
		t.Errorf("fees %+v, %v", fees, err)
	}
	charged, err := chargedFigures{w}.Figures(t.Context(), report.Scope{Division: "340000000000", Below: true}, calendar.Day(2026, 1, 1), calendar.Day(2027, 1, 1))
	if err != nil || charged["fees/administrative"] != 110_000 {
		t.Errorf("administrative charges %v, %v", charged, err)
	}
	nothing, err := chargedFigures{w}.Figures(t.Context(), report.Scope{Division: "340500000000", Below: true}, calendar.Day(2026, 1, 1), calendar.Day(2027, 1, 1))
	if _, there := nothing["fees/administrative"]; err != nil || there {
		t.Errorf("who never charged here is left to fill: %v, %v", nothing, err)
	}
}

// Who tries the demo hands reports on, decides them and corrects them; then it is started again, and goes on with what they left.
func TestDemoOfReportsAfterVisitors(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
	c := copyOfDemo(t, now)
	c.BaseURL, c.Origin, c.Jurisdiction, c.Division = "http://localhost", "localhost/log", "cn-ah", "340000000000"
	p := assembleProgram(t, c, func() time.Time { return now })
	n, s := p.Node, p.wiring.report
	defer closeNode(t, n)
	if err := s.Demo(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	holder := func(body, role string) identity.Principal {
		for _, post := range n.Registry.Now().Posts(body) {
			for _, account := range n.Registry.Now().Holders(post.Key, now) {
				if post.Has(role) {
					return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}
				}
			}
		}
		t.Fatalf("nobody is %s of %s", role, body)
		return identity.Principal{}
	}
	newest := func(body string) report.Report {
		owner, err := s.Owner(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Newest(t.Context(), owner, 2025)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// The course in which the demo left each, what a visitor does, and how it stands then.
	hand := func(body string) error {
		_, err := s.Hand(t.Context(), holder(body, registry.Reviewer), newest(body).ID, "visitor/hand/"+body)
		return err
	}
	decide := func(body, outcome string) error {
		_, err := s.Decide(t.Context(), holder(body, registry.Head), newest(body).ID, outcome, "第五部分请补充", "visitor/decide/"+body)
		return err
	}
	correct := func(body string) error {
		_, err := s.Correct(t.Context(), holder(body, registry.Reviewer), newest(body).Owner, 2025, "台账漏登两件", "visitor/correct/"+body)
		return err
	}
	visited := []struct {
		body    string
		do      func(body string) error
		state   report.State
		version int
	}{
		{"hefei-education", hand, report.Deciding, 1},
		{"huaiyuan-civil-affairs", func(body string) error { return decide(body, report.Return) }, report.Compiling, 1},
		{"hefei-water", correct, report.Compiling, 2},
		{"hefei-housing", correct, report.Compiling, 3},
	}
	for _, v := range visited {
		if err := v.do(v.body); err != nil {
			t.Fatalf("%s: %v", v.body, err)
		}
	}
	if err := s.Demo(t.Context(), n); err != nil {
		t.Fatalf("started again: %v", err)
	}
	for _, v := range visited {
		if r := newest(v.body); r.State != v.state || r.Version != v.version {
			t.Errorf("%s is %s, version %d; the visitor left it %s, version %d", v.body, r.State, r.Version, v.state, v.version)
		}
	}
}
