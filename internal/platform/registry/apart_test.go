package registry

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/store"
)

// Whatever appointments are tried in whatever order, now or for a day to come, at no instant does one person hold a post of an
// administrator and any other post (三员分立: GB/T 22239-2019, 8.1.5); and each that is refused would have broken that.
func TestTheThreeAdministratorsStayApart(t *testing.T) {
	posts := map[string]*Post{}
	keys := []string{"system", "security", "audit", "reviewer", "clerk"}
	for i, role := range []string{SystemAdmin, SecurityAdmin, AuditAdmin, Reviewer, Clerk} {
		posts[keys[i]] = &Post{Key: keys[i], Roles: []string{role}}
	}
	alone := map[string]bool{"system": true, "security": true, "audit": true}
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
	rapid.Check(t, func(t *rapid.T) {
		var held []Appointment
		for range rapid.IntRange(1, 12).Draw(t, "appointments") {
			a := Appointment{
				Account: store.ID(rapid.IntRange(1, 2).Draw(t, "who")), Post: rapid.SampledFrom(keys).Draw(t, "post"),
				From: at(rapid.IntRange(0, 20).Draw(t, "from")),
			}
			if length := rapid.IntRange(0, 8).Draw(t, "length"); length > 0 {
				a.Until = a.From.Add(time.Duration(length) * time.Hour)
			}
			tried := slices.Concat(held, []Appointment{a})
			clash := false
			for hour := range 40 { // looked at hour by hour, not by comparing periods
				for who := range store.ID(3) {
					on := map[string]bool{}
					for _, x := range tried {
						if x.Account == who && !x.From.After(at(hour)) && (x.Until.IsZero() || x.Until.After(at(hour))) {
							on[x.Post] = true
						}
					}
					for post := range on {
						clash = clash || alone[post] && len(on) > 1
					}
				}
			}
			if refused := len(checkAppointments(tried, posts)) > 0; refused != clash {
				t.Fatalf("%+v after %+v: refused %t, clash %t", a, held, refused, clash)
			}
			if !clash {
				held = tried
			}
		}
	})
}
