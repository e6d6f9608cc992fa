package supervision_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

// with joins members of the public part of an event.
func with(parts ...data) data {
	out := data{}
	for _, p := range parts {
		maps.Copy(out, p)
	}
	return out
}

func pauseOn(ground string) data {
	return data{"clocks": []any{data{"name": "decide", "action": "pause", "ground": ground}}}
}

// Each rule that ships, with events that must raise its card and events that must not. The case comes in on 2 March and its clock runs
// from the 3rd: promised until the 10th, by law until the 20th.
func TestEachRule(t *testing.T) {
	done := data{"task": "x", "token": 9}
	ended := data{"ended": "end"}
	w := newWorld(t, storetest.New(t, store.SQLite, schemas...))
	for i, c := range []struct {
		rule   string // without "supervision."
		source string // of the expectation
		day    int
		kind   string
		data   data
		sealed []string
		raised bool
	}{
		{"due-soon", "law.md § 7: reminder one working day before", 9, casework.LineWarned, line("decide", 10, 20), nil, true},
		{"promise-missed", "law.md § 7: past the promise, yellow", 11, casework.PromiseMissed, line("decide", 10, 20), nil, true},
		{"statute-missed", "行政许可法 42, 74: past the statute, red", 21, casework.StatuteMissed, line("decide", 10, 20), nil, true},
		{"step-overtime", "law.md § 7: step overtime", 6, casework.StepOvertime, step("examine", 2, 5), nil, true},

		{"no-slip", "行政许可法 32: always a sealed, dated slip", 4, casework.Completed, with(done, ended, data{"result": "not-accepted"}), nil, true},
		{"no-slip", "行政许可法 32: the slip went out", 4, casework.Completed,
			with(done, ended, data{"result": "not-accepted", "documents": []any{"rejection-slip"}}), nil, false},
		{"no-slip", "another letter is no slip", 4, casework.Completed,
			with(done, ended, data{"result": "not-accepted", "documents": []any{"pause-notice"}}), nil, true},
		{"no-slip", "a grant needs none", 4, casework.Completed, with(done, ended, data{"result": "granted"}), nil, false},

		{"no-reasons", "行政许可法 38: a refusal states reasons", 4, casework.Completed, with(done, data{"outcome": "refuse"}), nil, true},
		{"no-reasons", "行政许可法 38: they stand sealed", 4, casework.Completed, with(done, data{"outcome": "refuse"}), []string{"reasons"}, false},
		{"no-reasons", "行政许可法 38: they stand in clear", 4, casework.Completed, with(done, data{"outcome": "refuse", "reasons": "一、……"}), nil, false},
		{"no-reasons", "行政许可法 32: nor is it accepted without", 4, casework.Completed, with(done, data{"outcome": "reject"}), []string{"missing"}, true},
		{"no-reasons", "a reviewer who advises against it says why in the opinion", 4, casework.Completed, with(done, data{"outcome": "refuse"}), []string{"opinion"}, false},
		{"no-reasons", "a grant needs none", 4, casework.Completed, with(done, data{"outcome": "grant"}), nil, false},

		{"irregular-extension", "行政许可法 42: by the head, before the term ends", 9, casework.Completed, with(done, clocks("decide", "extend", 24, 30)), nil, false},
		{"irregular-extension", "after the promised day", 11, casework.Completed, with(done, clocks("decide", "extend", 24, 30)), nil, true},
		{"irregular-extension", "行政许可法 42: after the statutory day", 21, casework.Completed, with(done, clocks("decide", "extend", 24, 30)), nil, true},
		{"irregular-extension", "a pause is none", 11, casework.Completed, with(done, clocks("decide", "pause", 24, 30)), nil, false},

		{"pause-without-ground", "行政许可法 45: a hearing", 4, casework.Completed, with(done, pauseOn("licence.pause.hearing")), nil, false},
		{"pause-without-ground", "行政许可法 45: a closed list", 4, casework.Completed, with(done, pauseOn("licence.pause.holiday")), nil, true},
		{"pause-without-ground", "行政许可法 45: none given", 4, casework.Completed, with(done, pauseOn("")), nil, true},

		{"off-network", "a step before the case", 4, casework.Completed, with(done, data{"inspected": march(1)}), nil, true},
		{"off-network", "a step on the day of the case", 4, casework.Completed, with(done, data{"inspected": march(2)}), nil, false},
		{"off-network", "entered a week later", 10, casework.Completed, with(done, data{"delivered": march(3)}), nil, false},
		{"off-network", "entered eight days later", 11, casework.Completed, with(done, data{"delivered": march(3)}), nil, true},
		{"off-network", "decided without a step", 4, casework.TimerFired, with(ended, data{"result": "granted"}), nil, true},
		{"off-network", "decided in a step", 4, casework.Completed, with(done, ended, data{"result": "granted"}), nil, false},
		{"off-network", "withdrawn without a step", 4, casework.Messaged, with(ended, data{"result": "withdrawn"}), nil, false},

		{"unlisted-fee", "行政许可法 58, 59: as published", 4, casework.Completed, with(done, data{"fee": 2000}), nil, false},
		{"unlisted-fee", "two copies at the published rate", 4, casework.Completed, with(done, data{"fee": 4000}), nil, false},
		{"unlisted-fee", "行政许可法 59: another amount", 4, casework.Completed, with(done, data{"fee": 3000}), nil, true},
		{"unlisted-fee", "nothing was charged", 4, casework.Completed, with(done, data{"fee": 0}), nil, false},
	} {
		t.Run(c.rule+": "+c.source, func(t *testing.T) {
			w.t, w.role, w.sealed = t, "", nil
			kase := int64(i + 1)
			w.event(kase, 2, hefei, casework.Submitted, data{"channel": "online", "fees": []any{2000, 55000}})
			if c.kind != casework.TimerFired && c.kind != casework.Messaged {
				w.event(kase, 3, hefei, casework.Completed, with(clocks("decide", "start", 10, 20), data{"task": "receive", "token": 1}))
				w.follow()
			}
			w.role, w.sealed = "head", c.sealed
			w.event(kase, c.day, hefei, c.kind, c.data)
			w.follow()
			list, err := w.Cards(t.Context(), supervision.CardFilter{Rule: "supervision." + c.rule, Case: store.ID(kase)})
			if err != nil || (len(list) == 1) != c.raised {
				t.Fatalf("%d cards, %v; want one: %v", len(list), err, c.raised)
			}
			for _, card := range list {
				if !card.At.Equal(at(c.day)) || card.Number != fmt.Sprintf("C%d", kase) || card.Event == 0 || card.ID != store.ID(16*(card.Leaf+1)) {
					t.Errorf("card %+v", card)
				}
			}
		})
	}
}

// An extension is irregular the second time and when somebody else than the head grants it; a schedule by rates holds no amount
// against anybody, nor does an item whose schedule the event does not tell.
func TestRulesThatRemember(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, schemas...))
	extend := clocks("decide", "extend", 24, 30)
	w.event(1, 2, hefei, casework.Submitted, clocks("decide", "start", 10, 20))
	w.role = "head"
	w.event(1, 3, hefei, casework.Completed, with(extend, data{"task": "a", "token": 1}))
	w.follow()
	w.event(1, 4, hefei, casework.Completed, with(extend, data{"task": "b", "token": 2})) // the second time: 行政许可法 42 knows one
	w.event(2, 2, hefei, casework.Submitted, clocks("decide", "start", 10, 20))
	w.role = "reviewer"
	w.event(2, 3, hefei, casework.Completed, with(extend, data{"task": "c", "token": 3})) // 行政许可法 42: 经本行政机关负责人批准
	w.event(3, 2, hefei, casework.Submitted, data{"fees": []any{0}, "feesVary": true})
	w.event(3, 3, hefei, casework.Completed, data{"task": "d", "token": 4, "fee": 12300})
	w.event(4, 2, hefei, casework.Submitted, nil)
	w.event(4, 3, hefei, casework.Completed, data{"task": "e", "token": 5, "fee": 12300})
	w.event(5, 2, hefei, casework.Submitted, data{"fees": []any{}}) // free of charge
	w.event(5, 3, hefei, casework.Completed, data{"task": "f", "token": 6, "fee": 1})
	// One event that breaks two rules raises two cards.
	w.event(6, 5, hefei, casework.Submitted, nil)
	w.event(6, 6, hefei, casework.Completed, data{"task": "g", "token": 7, "outcome": "reject", "ended": "end", "result": "not-accepted"})
	w.follow()
	want := "irregular b/2; irregular c/3; irregular f/6; irregular g/7; irregular g/7"
	if got := strings.ReplaceAll(w.cards(supervision.CardFilter{}), " 1970-01-01", ""); got != want {
		t.Errorf("cards: %s\nwant:  %s", got, want)
	}
	list, err := w.Cards(t.Context(), supervision.CardFilter{Case: 6})
	if err != nil || len(list) != 2 || list[0].Leaf != list[1].Leaf || list[0].ID == list[1].ID {
		t.Errorf("two cards of one event: %+v, %v", list, err)
	}
	for _, c := range list {
		if !c.Open() {
			t.Errorf("%s closed as %q when the case ended; what was irregular stays so until it is concluded", c.Rule, c.Closed)
		}
	}
}

// answering writes the events of a case that answers a card, as the procedure oversight-card makes them.
func (w *world) answering(kase int64, day int, c *supervision.Card, p where, kind string, d data) {
	w.t.Helper()
	w.kind = "oversight-card"
	if kind == casework.Submitted {
		d = with(d, data{"card": supervision.Reference(c)})
	}
	w.event(kase, day, p, kind, d)
	w.kind = ""
}

// What is excused or was wrong is taken off the counts of the day and the place where the card stood; what is upheld stays.
func TestConclusions(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for kase := int64(1); kase <= 3; kase++ {
			w.event(kase, 2, hefei, casework.Submitted, clocks("decide", "start", 3, 20))
			w.event(kase, 4, hefei, casework.PromiseMissed, line("decide", 3, 20))
		}
		w.follow()
		asked, err := w.Asked(t.Context(), 0, 10)
		if err != nil || len(asked) != 3 || asked[0].Case != 1 || asked[0].Explain != "reviewer" || asked[0].State != supervision.Unanswered {
			t.Fatalf("asked: %+v, %v", asked, err)
		}
		for i, conclusion := range []string{"excused", "wrong", "upheld"} {
			kase := int64(11 + i)
			w.answering(kase, 4, &asked[i], hefei, casework.Submitted, data{"status": "explaining"})
			w.follow()
			w.answering(kase, 5, &asked[i], hefei, casework.Completed, data{"task": "explain", "token": 1, "status": "verifying"})
			end := data{"task": "verify", "token": 2, "outcome": conclusion, "status": conclusion, "ended": "end", "result": conclusion}
			if conclusion == "upheld" {
				end["status"] = "accounting"
				delete(end, "ended")
			}
			w.answering(kase, 6, &asked[i], hefei, casework.Completed, end)
			// A case about a card that is late itself: one notice, which nobody has to explain.
			w.answering(kase, 7, &asked[i], hefei, casework.StepOvertime, step("account", 3, 6))
		}
		w.follow()
		for i, want := range []string{"excused concluded concluded", "wrong concluded concluded", "upheld accounting "} {
			c, err := w.Card(t.Context(), asked[i].ID)
			if got := fmt.Sprintf("%s %s %s", c.Conclusion, c.State, c.Closed); err != nil || got != want || c.Answer != fmt.Sprintf("C%d", 11+i) ||
				c.AnswerCase != store.ID(11+i) || !c.ConcludedAt.Equal(at(6)) {
				t.Errorf("card %d: %s, answered by %s at %s, %v; want %s", i, got, c.Answer, c.ConcludedAt, err, want)
			}
		}
		days := w.counts(supervision.Scope{Division: hefei.division, Kind: "licence"}, supervision.ByDay, 0, 0)
		if len(days) < 2 || days[march(4)].Yellow != 1 || days[march(2)].Received != 3 {
			t.Errorf("counts %+v; want three received on the 2nd, and the one yellow that was upheld on the 4th", days)
		}
		rows, err := w.Rows(t.Context(), supervision.Scope{Division: hefei.division, Kind: "licence"}, supervision.ByTotal, 0, 0)
		if err != nil || len(rows) != 1 || rows[0].Cards[supervision.Yellow] != 1 {
			t.Errorf("open cards %+v, %v; want the yellow one that was upheld", rows, err)
		}
		if diffs, err := w.Recount(t.Context()); err != nil || len(diffs) > 0 {
			t.Errorf("recount: %+v, %v", diffs, err)
		}
		if again, err := w.Asked(t.Context(), asked[2].ID, 10); err != nil || len(again) > 0 {
			t.Errorf("the cases of cards have bred %+v, %v", again, err)
		}
		if late, err := w.Cards(t.Context(), supervision.CardFilter{Rule: "supervision.answer-overtime"}); err != nil || len(late) != 3 {
			t.Errorf("notices that an answer is late: %+v, %v; want three", late, err)
		}
	})
}

// A model of the rules that is written down independently of them: which cards a history of events must raise.
type modelCase struct {
	received, promise, statute, extended int
	charged                              bool // the schedule is known
	open                                 map[string]bool
}

func TestCardsEqualTheModel(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		kase, want := int64(0), map[string]int{}
		rapid.Check(t, func(rt *rapid.T) {
			kase++
			m := modelCase{received: 2, charged: rapid.Bool().Draw(rt, "charged"), open: map[string]bool{}}
			begin := data{"channel": "online"}
			if m.charged {
				begin["fees"] = []any{700}
			}
			w.role, w.sealed = "", nil
			w.event(kase, 2, hefei, casework.Submitted, begin)
			card := func(rule, line string) {
				if !m.open[rule+line] {
					m.open[rule+line] = true
					want[fmt.Sprintf("C%d %s", kase, rule)]++
				}
			}
			for token, day := 1, 2; token <= 8; token++ {
				day += rapid.IntRange(0, 3).Draw(rt, "days")
				w.role = rapid.SampledFrom([]string{"reviewer", "head"}).Draw(rt, "role")
				w.sealed = rapid.SampledFrom([][]string{nil, {"reasons"}, {"remark"}, {"opinion", "files"}}).Draw(rt, "sealed")
				d := data{"task": "t", "token": token}
				at := fmt.Sprint(" ", token) // a card about a step
				switch rapid.IntRange(0, 5).Draw(rt, "what") {
				case 0: // start the clock
					m.promise, m.statute, m.extended = day+3, day+6, 0
					maps.Copy(d, clocks("decide", "start", m.promise, m.statute))
				case 1: // extend it
					if m.promise == 0 {
						continue
					}
					if m.extended > 0 || day > m.promise || w.role != "head" {
						card("irregular-extension", at)
					}
					m.extended, m.promise, m.statute = m.extended+1, m.promise+2, m.statute+2
					maps.Copy(d, clocks("decide", "extend", m.promise, m.statute))
				case 2: // stop it for a while
					ground := rapid.SampledFrom([]string{"", "licence.pause.hearing", "licence.pause.weather"}).Draw(rt, "ground")
					if ground != "licence.pause.hearing" {
						card("pause-without-ground", at)
					}
					maps.Copy(d, pauseOn(ground))
				case 3: // charge
					fee := rapid.IntRange(0, 3).Draw(rt, "fee") * 350
					if m.charged && fee%700 != 0 {
						card("unlisted-fee", at)
					}
					d["fee"] = fee
				case 4: // refuse
					d["outcome"] = rapid.SampledFrom([]string{"grant", "refuse", "reject", "return"}).Draw(rt, "outcome")
					if d["outcome"] != "grant" && !slices.Contains(w.sealed, "reasons") && !slices.Contains(w.sealed, "opinion") {
						card("no-reasons", at)
					}
				case 5: // say when it was
					when := max(1, day-rapid.IntRange(0, 9).Draw(rt, "ago"))
					if when < m.received || day-when > 7 {
						card("off-network", at)
					}
					d["delivered"] = march(when)
				}
				w.event(kase, day, hefei, casework.Completed, d)
				if rapid.IntRange(0, 3).Draw(rt, "batch") == 0 {
					w.follow()
				}
			}
			w.follow()
			list, err := w.Cards(t.Context(), supervision.CardFilter{Case: store.ID(kase), Limit: 200})
			if err != nil {
				rt.Fatal(err)
			}
			got, mine := map[string]int{}, map[string]int{}
			for _, c := range list {
				got[c.Number+" "+strings.TrimPrefix(c.Rule, "supervision.")]++
			}
			for k, n := range want {
				if strings.HasPrefix(k, fmt.Sprintf("C%d ", kase)) {
					mine[k] = n
				}
			}
			if !maps.Equal(got, mine) {
				rt.Fatalf("cards %v; want %v", got, mine)
			}
		})
		if diffs, err := w.Recount(t.Context()); err != nil || len(diffs) > 0 {
			t.Errorf("recount: %+v, %v", diffs, err)
		}
	})
}
