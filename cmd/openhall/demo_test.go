package main

import (
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
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
