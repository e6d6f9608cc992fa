package admin

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// comingChange is an appointment that begins or ends in the time to come.
type comingChange struct {
	at      time.Time
	account store.ID
	post    string
	begins  bool
}

// getComing shows the changes of people and posts to come, in the order of their days, with the open tasks that they touch.
func (s *Service) getComing(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v, places, now := web.ViewOf(r), s.Registry.Now(), s.Now()
	var all []comingChange
	for _, post := range places.SheetKeys("posts") {
		for _, a := range places.AppointmentsTo(post) {
			if a.From.After(now) {
				all = append(all, comingChange{a.From, a.Account, post, true})
			}
			if a.Until.After(now) {
				all = append(all, comingChange{a.Until, a.Account, post, false})
			}
		}
	}
	slices.SortFunc(all, func(a, b comingChange) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.post, b.post), cmp.Compare(a.account, b.account))
	})
	rows := make([][]ui.Cell, 0, len(all))
	for _, c := range all {
		post := places.Post(c.post)
		name := c.account.String()
		if a, err := s.Identity.Account(r.Context(), c.account); err == nil {
			name = a.Name
		}
		what, held := v.L.T("admin.coming.begins"), ""
		if !c.begins {
			what = v.L.T("admin.coming.ends")
			n := 0
			for _, role := range post.Roles {
				tasks, err := s.Cases.Queue(r.Context(), casework.QueueFilter{Body: post.Body, Role: role, Holder: c.account, Mine: true, Limit: 200})
				if err != nil {
					return err
				}
				n += len(tasks)
			}
			held = v.L.T("admin.coming.held", web.Args{"Count": n})
		}
		body := c.post
		if b := places.Body(post.Body); b != nil {
			body = v.L.Text(b.Name)
		}
		rows = append(rows, []ui.Cell{{Text: v.L.Time(c.at)}, {Text: what}, {Text: name}, {Text: v.L.Text(post.Title)}, {Text: body, Href: "/admin/people/" + post.Body}, {Text: held}})
	}
	return web.Render(w, r, http.StatusOK, comingPage(v, rows))
}
