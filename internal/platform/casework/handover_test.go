package casework_test

import (
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// An open case goes to another body with its number, procedure and clocks; who held its task stays behind. It goes once, and only from
// where it lies; one that has ended stays.
func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		from := casework.Place{Body: "water", Division: "340100000000", Subject: "water-intake"}
		to := casework.Place{Body: "county-water", Division: "340122000000", Subject: "water-intake-county"}
		open := h.apply()
		h.handOver(open.Case, 9)
		before := h.load(open.Case)
		list, err := h.OpenOn(t.Context(), from.Body, from.Subject, 0, 10)
		if err != nil || len(list) != 1 || list[0].ID != open.Case {
			t.Fatalf("open cases: %d, %v; want the one", len(list), err)
		}
		for range 2 {
			if err := h.HandOver(t.Context(), open.Case, from, to, "QL0001"); err != nil {
				t.Fatal(err)
			}
		}
		c := h.load(open.Case)
		if c.Body != to.Body || c.Division != to.Division || c.Subject != to.Subject || c.Number != before.Number || c.Seq != before.Seq+1 ||
			c.Procedure != before.Procedure || len(c.Tasks()) != len(before.Tasks()) || c.Tasks()[0].Holder != 0 {
			t.Errorf("after: %+v", c)
		}
		if list, err := h.OpenOn(t.Context(), from.Body, from.Subject, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("left behind: %d, %v", len(list), err)
		}
		if q, err := h.Queue(t.Context(), casework.QueueFilter{Body: to.Body, Role: c.Tasks()[0].Role, Limit: 5}); err != nil || len(q) != 1 {
			t.Errorf("queue of the receiving body: %d, %v", len(q), err)
		}
		if n, err := h.QueueLength(t.Context(), from.Body, c.Tasks()[0].Role); err != nil || n != 0 {
			t.Errorf("queue of the former body: %d, %v", n, err)
		}
		// The former body can do nothing with it any more; the receiving one goes on.
		if _, err := h.do(clerk, open.Case, casework.Assign{Token: c.Tasks()[0].Token}); err == nil {
			t.Error("the former body still acts")
		}
		heir := identity.Principal{Account: 77, Kind: identity.Staff, Post: identity.Post{ID: "county-window", Body: to.Body, Division: to.Division, Roles: []string{"head", c.Tasks()[0].Role}}}
		h.must(heir, open.Case, casework.Assign{Token: c.Tasks()[0].Token, To: store.ID(78), ToPost: identity.Post{ID: "county-window-2", Body: to.Body, Roles: []string{c.Tasks()[0].Role}}})
		events, err := h.Events(t.Context(), open.Case, before.Seq, 10)
		if err != nil || events[0].Kind != casework.HandedOver {
			t.Fatalf("events: %v, %v", events, err)
		}
		env, err := events[0].Envelope()
		if err != nil || env.Body != to.Body || env.Data["from"] != from.Body || env.Data["why"] != "QL0001" {
			t.Errorf("envelope: %+v, %v", env, err)
		}
	})
}
