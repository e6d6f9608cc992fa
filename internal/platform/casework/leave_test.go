package casework_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// tenures says until when accounts have their post; a closed account has none.
type tenures struct {
	until  map[store.ID]time.Time
	closed map[store.ID]bool
	now    func() time.Time
}

func (p *tenures) holds(_ context.Context, account store.ID, body, role string) (string, error) {
	switch {
	case p.closed[account]:
		return casework.WhyAccountClosed, nil
	case body == "water" && role == "window" && p.now().Before(p.until[account]):
		return "", nil
	default:
		return casework.WhyPostEnded, nil
	}
}

// handOver gives a task in the name of an account.
func (h *hall) handOver(id, to store.ID) {
	h.t.Helper()
	h.must(clerk, id, casework.Assign{Token: h.load(id).Tasks()[0].Token, To: to,
		ToPost: identity.Post{ID: "water-window-2", Body: "water", Roles: []string{"window"}}, Reason: "熟悉情况"})
}

// A task in the name of somebody whose post ends goes back to the role on that day, once, with an entry that says why and names nobody;
// what was done or handed on meanwhile stays as it is.
func TestLeaversGiveTheirTasksBack(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		p := &tenures{until: map[store.ID]time.Time{9: h.time().Add(48 * time.Hour), 10: h.time().Add(1000 * time.Hour)}, closed: map[store.ID]bool{}, now: h.time}
		back := func(want int) {
			t.Helper()
			if n, err := h.GiveBack(t.Context(), p.holds); err != nil || n != want {
				t.Errorf("%d cases changed, %v; want %d", n, err, want)
			}
		}
		one, two, three, free := h.apply().Case, h.apply().Case, h.apply().Case, h.apply().Case
		for _, id := range []store.ID{one, two, three} {
			h.handOver(id, 9)
		}
		h.handOver(three, 10)
		if held, all, err := h.Held(t.Context(), 9, 1); err != nil || all != 2 || len(held) != 1 || held[0].Case.ID != one {
			t.Errorf("in the name of 9: %+v of %d, %v", held, all, err)
		}
		back(0)
		h.at("2026-03-04", 10) // the post of 9 has ended this moment
		back(2)
		back(0)
		for _, id := range []store.ID{one, two} {
			if got := h.kinds(id); got != "case.submitted task.assigned task.given-back" {
				t.Errorf("events %q", got)
			}
			e, err := h.Event(t.Context(), id, 3)
			if err != nil {
				t.Fatal(err)
			}
			env, err := e.Envelope()
			if err != nil {
				t.Fatal(err)
			}
			if env.Actor.Kind != identity.System || env.Data["why"] != "post-ended" || env.Data["role"] != "window" || env.Private["holder"] == "" {
				t.Errorf("the entry %s", e.Content)
			}
		}
		if h.load(three).Tasks()[0].Holder != 10 || h.load(free).Tasks()[0].Holder != 0 {
			t.Error("a task was given back that was handed on or nobody's")
		}
		if q, err := h.Queue(t.Context(), casework.QueueFilter{Body: "water", Role: "window", Holder: 1}); err != nil || len(q) != 3 {
			t.Errorf("%d in the queue of the role, %v; want all but the one of 10", len(q), err)
		}
		h.must(clerk, one, casework.Complete{Token: h.load(one).Tasks()[0].Token, Data: json.RawMessage(`{"outcome":"accept"}`)}) // anybody of the role may
		p.closed[10] = true
		back(1)
		if e, err := h.Event(t.Context(), three, 4); err != nil || !strings.Contains(string(e.Content), `"why":"account-closed"`) {
			t.Errorf("%s, %v", e.Content, err)
		}
	})
}

// Whatever happens in whatever order, the next look leaves no task with somebody who has no post.
func TestNobodyWithoutAPostKeepsATask(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const checks = 25
		ran := 0
		rapid.Check(t, func(rt *rapid.T) {
			if ran++; ran > checks {
				return // what one more case costs is a transaction on a disk
			}
			p := &tenures{until: map[store.ID]time.Time{}, closed: map[store.ID]bool{}, now: h.time}
			cases := []store.ID{h.apply().Case, h.apply().Case}
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				who := store.ID(rapid.IntRange(9, 11).Draw(rt, "who"))
				id := cases[rapid.IntRange(0, len(cases)-1).Draw(rt, "case")]
				switch rapid.SampledFrom([]string{"hand over", "appoint", "end", "close", "open", "pass"}).Draw(rt, "what") {
				case "hand over":
					h.handOver(id, who)
				case "appoint":
					p.until[who] = h.time().Add(time.Duration(rapid.IntRange(1, 72).Draw(rt, "hours")) * time.Hour)
				case "end":
					p.until[who] = h.time()
				case "close", "open":
					p.closed[who] = !p.closed[who]
				case "pass":
					h.mu.Lock()
					h.now = h.now.Add(time.Hour)
					h.mu.Unlock()
				}
				if _, err := h.GiveBack(t.Context(), p.holds); err != nil {
					rt.Fatal(err)
				}
				for _, id := range cases {
					for _, task := range h.load(id).Tasks() {
						if why, _ := p.holds(t.Context(), task.Holder, "water", task.Role); task.Holder != 0 && why != "" {
							rt.Fatalf("%s is in the name of %d: %s", task.Element, task.Holder, why)
						}
					}
				}
			}
			for _, id := range cases { // in the way of nothing that comes after
				h.handOver(id, 0)
			}
		})
	})
}
