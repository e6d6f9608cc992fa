package main

import (
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/province"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

// The demo's matters on a Monday morning: what is written in demo/matters.yaml, counted by hand.
func TestMatters(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
	n := demoAt(t, now)
	all := playMatters(t, n)
	got := map[string]int{}
	numbers := map[string]bool{}
	for _, c := range all {
		state := c.Status
		if c.Open() {
			state += " " + []string{"green", "amber", "yellow", "red"}[c.Lamp]
		}
		got[state]++
		if numbers[c.Number] {
			t.Errorf("the number %s stands twice", c.Number)
		}
		numbers[c.Number] = true
		if _, err := identifier.ParseCaseNumber(c.Number); err != nil {
			t.Errorf("number %s: %v", c.Number, err)
		}
		checkEvents(t, n, c, now)
	}
	want := map[string]int{
		"received green":   11, // water-received, -at-counter, -recheck; food-received, -at-counter; hospital, seed, association, homestead; two that move
		"supplement green": 3,  // water, food, fireworks
		"accepted green":   13,
		"accepted amber":   3, // water-returned-tomorrow, food-due-today, nurse-tomorrow
		"accepted yellow":  4, // soil-, food- and sheep-past-promise; guesthouse-deemed
		"accepted red":     1, // soil-past-statute
		"paused green":     3, // water-hearing, soil-expert, food-inspection
		"notice green":     1, // allowance-publicity
		"decided green":    3, // water-, food- and pension-to-deliver
		"granted":          11,
		"refused":          2, // soil, chemicals
		"not-accepted":     1,
		"withdrawn":        1,
		"lapsed":           1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("states %v\nwant %v", got, want)
	}
	checkQueues(t, n)
	checkDeemed(t, n, all)
	checkHoliday(t, all)
	checkCards(t, n)
	checkOversight(t, n)
	all = listCases(t, n)
	if err := province.Matters(t.Context(), n); err != nil {
		t.Error(err)
	}
	if again := listCases(t, n); len(again) != len(all) {
		t.Errorf("%d cases after the second time; want %d as before", len(again), len(all))
	}
}

// On any day and at any hour the matters can be played, and what they are there to show is shown.
func TestMattersAnyDay(t *testing.T) {
	for _, c := range []struct {
		name string
		now  time.Time
	}{
		{"within the National Day holiday", time.Date(2026, 10, 3, 12, 0, 0, 0, calendar.Zone)},
		{"a minute after midnight, in a year whose notice is not known", time.Date(2028, 2, 29, 0, 1, 0, 0, calendar.Zone)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := demoAt(t, c.now)
			status, lamp := map[string]int{}, map[casework.Lamp]int{}
			for _, k := range playMatters(t, n) {
				status[k.Status]++
				if k.Open() {
					lamp[k.Lamp]++
				}
			}
			for _, s := range []string{
				"received", "supplement", "accepted", "paused", "notice", "decided", "granted", "refused", "not-accepted", "withdrawn", "lapsed",
			} {
				if status[s] == 0 {
					t.Errorf("nothing is %s: %v", s, status)
				}
			}
			for l := casework.Green; l <= casework.Red; l++ {
				if lamp[l] == 0 {
					t.Errorf("no open case with the lamp %d: %v", l, lamp)
				}
			}
		})
	}
}

// checkEvents holds every event against the clock: none lies in the future, and people of the staff act in office hours.
func checkEvents(t *testing.T, n *app.Node, c *casework.Case, now time.Time) {
	t.Helper()
	events, err := n.Cases.Events(t.Context(), c.ID, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	last := time.Time{}
	for _, e := range events {
		if e.At.After(now) || e.At.Before(last) {
			t.Errorf("%s: %s at %s, after %s or before the event before", c.Number, e.Kind, e.At, now)
		}
		last = e.At
		env, err := e.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		local := e.At.In(calendar.Zone)
		if env.Actor.Post != "" && (local.Hour() < 9 || local.Hour() >= 17 || !n.Calendar().Working(calendar.Of(local))) {
			t.Errorf("%s: %s by %s at %s; want office hours", c.Number, e.Kind, env.Actor.Post, local)
		}
	}
}

// checkQueues looks whether those whose accounts a visitor tries have something to do.
func checkQueues(t *testing.T, n *app.Node) {
	t.Helper()
	for _, c := range []struct {
		body, role string
		want       []string // elements
	}{
		{"hefei-water", "reviewer", []string{
			"examine", "examine", "examine", "examine", "examine", "examine", "expert-review", "hearing", // soil: three; water: deemed, examining, returned
		}},
		{"hefei-water", "head", []string{"approve-extension", "decide"}},
		{"hefei-water", "window", []string{"deliver", "receive", "receive", "recheck"}},
		{"hefei-market-regulation", "window", []string{"deliver", "receive", "receive"}}, // at the window hefei.window.business
	} {
		queue, err := n.Cases.Queue(t.Context(), casework.QueueFilter{Body: c.body, Role: c.role})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range queue {
			got = append(got, q.Task.Element)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("queue of %s, %s: %v; want %v", c.body, c.role, got, c.want)
		}
	}
}

// checkDeemed looks at the water case that nobody answered. It came in on 10 November, nine working days before; the five working
// days ended with the 17th, and it was accepted from the day of receipt (行政许可法 32).
func checkDeemed(t *testing.T, n *app.Node, all []*casework.Case) {
	t.Helper()
	for _, c := range all {
		documents := c.Documents()
		if c.Body != "hefei-water" || len(documents) == 0 || documents[0].Kind != "deemed-acceptance-notice" {
			continue
		}
		clock := c.Clock("decide")
		if want := time.Date(2026, 11, 18, 0, 0, 0, 0, calendar.Zone); !documents[0].At.Equal(want) || !clock.Term.Start.Equal(c.CreatedAt) {
			t.Errorf("deemed accepted at %s from %s; want at %s from %s", documents[0].At, clock.Term.Start, want, c.CreatedAt)
		}
		if promise := clock.Term.Compute(n.Calendar(), n.Now()).PromiseDay.String(); promise != "2026-12-08" {
			t.Errorf("promised until %s; want 2026-12-08, 20 working days after 10 November", promise)
		}
		return
	}
	t.Error("no water case was deemed accepted")
}

// checkHoliday looks at the construction permit accepted on 28 September: three and seven days end on 1 and 5 October, within the
// holiday, so both end on the 8th (民法典 203), on which it was decided.
func checkHoliday(t *testing.T, all []*casework.Case) {
	t.Helper()
	i := slices.IndexFunc(all, func(c *casework.Case) bool { return c.Title.Hans == "建筑工程施工许可" })
	if i < 0 {
		t.Fatal("there is no construction permit")
	}
	clock := all[i].Clock("decide").Term
	if from, to := calendar.Of(clock.Start).String(), calendar.Of(clock.Stopped).String(); from != "2026-09-28" || to != "2026-10-08" {
		t.Errorf("the clock ran from %s to %s; want from 2026-09-28 to 2026-10-08", from, to)
	}
	if all[i].Lamp != casework.Green {
		t.Error("decided in time, and yet not green")
	}
}

// checkCards lets supervision read the log, and counts the cards that are open.
func checkCards(t *testing.T, n *app.Node) {
	t.Helper()
	for _, step := range []func() (int, error){
		func() (int, error) { return n.Ledger.Sequence(t.Context()) },
		func() (int, error) { return n.Ledger.Catch(t.Context(), supervision.Consumer, n.Supervision.Handle) },
	} {
		for {
			done, err := step()
			if err != nil {
				t.Fatal(err)
			}
			if done == 0 {
				break
			}
		}
	}
	// The case past its statute keeps the yellow card of its promise beside the red one.
	// Late steps: both soil cases and the sheep in examination for more than 10 working days; Ningguo's decision for more than three.
	want := map[supervision.Colour]int{supervision.Reminder: 3, supervision.Yellow: 5, supervision.Red: 1, supervision.Overtime: 4,
		supervision.Irregular: 2} // a fee for a free item; a delivery before the application
	for colour, number := range want {
		cards, err := n.Supervision.Cards(t.Context(), supervision.CardFilter{Colour: colour, OpenOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(cards) != number {
			t.Errorf("%d open cards are %s; want %d: %+v", len(cards), colour, number, cards)
		}
	}
}

// checkOversight lets what follows from the matters be played, and looks for a card in each state and an order in each.
func checkOversight(t *testing.T, n *app.Node) {
	t.Helper()
	if err := n.DemoLater(t.Context()); err != nil {
		t.Fatal(err)
	}
	cards, err := n.Supervision.Cards(t.Context(), supervision.CardFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := range cards {
		c := &cards[i]
		seen[string(c.State)]++
		seen[string(c.Conclusion)]++
		if c.Explain != "" && c.AnswerCase == 0 {
			t.Errorf("card %s of %s has no case", c.ID, c.Rule)
		}
	}
	for _, state := range []string{"explaining", "verifying", "accounting", "concluded", "upheld", "excused", "wrong"} {
		if seen[state] == 0 {
			t.Errorf("no card is %s: %v", state, seen)
		}
	}
	orders, err := n.Cases.List(t.Context(), casework.Filter{Kind: "oversight-order"})
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]int{}
	for _, c := range orders {
		status[c.Status]++
	}
	if status["answering"] < 2 || status["order-answered"] < 1 || status["order-settled"] < 1 {
		t.Errorf("orders %v; want some that wait, one that is answered, one that is settled", status)
	}
	if diffs, err := n.Supervision.Recount(t.Context()); err != nil || len(diffs) > 0 {
		t.Errorf("recount: %+v, %v", diffs, err)
	}
}

func playMatters(t *testing.T, n *app.Node) []*casework.Case {
	t.Helper()
	if err := province.Matters(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return listCases(t, n)
}

func listCases(t *testing.T, n *app.Node) []*casework.Case {
	t.Helper()
	all, err := n.Cases.List(t.Context(), casework.Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// demoAt makes a demo whose clock stands at an instant, on SQLite.
func demoAt(t *testing.T, now time.Time) *app.Node { return demoOn(t, store.SQLite, now) }

// demoOn makes a demo on an engine whose clock stands at an instant.
func demoOn(t *testing.T, engine store.Engine, now time.Time) *app.Node {
	t.Helper()
	if engine == store.SQLite {
		return openDemo(t, copyOfDemo(t, now), now)
	}
	n := openDemo(t, app.Config{Data: t.TempDir(), Database: storetest.URL(t, engine)}, now)
	fillDemo(t, n)
	return n
}

// openDemo opens the demo of a folder and a database, and closes it when the test ends.
func openDemo(t *testing.T, c app.Config, now time.Time) *app.Node {
	t.Helper()
	c.BaseURL, c.Origin, c.Jurisdiction, c.Division = "http://localhost", "localhost/log", "cn-ah", "340000000000"
	n := assembleAt(t, c, func() time.Time { return now })
	t.Cleanup(func() { closeNode(t, n) })
	return n
}

func closeNode(t *testing.T, n *app.Node) {
	t.Helper()
	n.Cases.Close()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// assembleAt puts the program together with a clock of the test's own.
func assembleAt(t *testing.T, c app.Config, now func() time.Time) *app.Node {
	t.Helper()
	return assembleProgram(t, c, now).Node
}

func assembleProgram(t *testing.T, c app.Config, now func() time.Time) *program {
	t.Helper()
	p, err := assembleWith(t.Context(), c, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fillDemo makes the demo province, without its matters.
func fillDemo(t *testing.T, n *app.Node) {
	t.Helper()
	if _, err := province.SetUp(t.Context(), n.Base); err != nil {
		t.Fatal(err)
	}
	if err := n.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
}
