package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
)

// What each event of a matter tells its applicant, as its casework writes it. The days are those of the events.
func TestApplicantsAreTold(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		line := data{"name": "decide", "promise": "2026-03-16", "statute": "2026-03-30"}
		clock := func(action string) []any {
			m := data{"action": action}
			for k, v := range line {
				m[k] = v
			}
			return []any{m}
		}
		for _, row := range []struct {
			kind string
			data data
			want string // notices
		}{
			{casework.Submitted, data{"opened": []any{"accept"}}, "receipt"},
			{casework.Completed, data{"documents": []any{"correction-notice"}, "status": "supplement"}, "correction"},
			{casework.Completed, data{"documents": []any{"acceptance-slip"}, "clocks": clock("start")}, "accepted"},
			{casework.TimerFired, data{"documents": []any{"deemed-acceptance-notice"}}, "accepted"},
			{casework.Completed, data{"documents": []any{"rejection-slip"}, "ended": "completed", "result": "not-accepted"}, "not-accepted"},
			{casework.Completed, data{"documents": []any{"pause-notice"}, "clocks": clock("pause")}, "paused"},
			{casework.Completed, data{"clocks": clock("resume")}, "resumed"},
			{casework.Completed, data{"documents": []any{"extension-notice"}, "clocks": clock("extend")}, "extended"},
			{casework.Completed, data{"documents": []any{"decision-grant"}, "clocks": clock("stop")}, "decided"},
			{casework.Completed, data{"documents": []any{"decision-refusal"}}, "decided"},
			{casework.Completed, data{"documents": []any{"delivery-receipt"}, "ended": "completed", "result": "granted"}, "delivered rate"},
			{casework.TimerFired, data{"ended": "completed", "result": "lapsed"}, "lapsed"},
			{casework.Messaged, data{"ended": "completed", "result": "withdrawn"}, ""}, // they did it themselves
			{casework.Attached, data{"files": []any{"x"}}, ""},
			{casework.Rated, data{"grade": 5}, ""},
			{casework.LineWarned, data{"promise": "2026-03-16", "statute": "2026-03-30", "clock": "decide"}, ""}, // for officials
		} {
			w.pass(time.Second)
			must(t, w.Forget(t.Context(), wang))
			w.happens(w.event(row.kind, row.data))
			list, err := w.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
			must(t, err)
			var got []string
			for i := range list {
				m := &list[i]
				got = append([]string{m.Notice}, got...)
				if !strings.Contains(m.Text, "1134W202603020001") || !strings.Contains(m.Text, "Minimum living allowance") || strings.Contains(m.Text, "{") ||
					m.Link != "/me/case/1134W202603020001" || !m.Unread() || !m.At.Equal(w.clock()) {
					t.Errorf("%s: %+v", m.Notice, m)
				}
				switch m.Notice {
				case "resumed":
					if !strings.Contains(m.Text, "16 March 2026") {
						t.Errorf("%s; want the promised day", m.Text)
					}
				case "extended":
					if !strings.Contains(m.Text, "30 March 2026") {
						t.Errorf("%s; want the statutory day", m.Text)
					}
				}
			}
			if strings.Join(got, " ") != row.want {
				t.Errorf("%s %v: told %q; want %q", row.kind, row.data, got, row.want)
			}
		}
	})
}

// A real case that nobody works on, then handed over: who has the task hears of it, who supervises hears of the cards, each once.
func TestOfficialsAreTold(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		late := &lateCases{}
		w := newWorld(t, db, func(o *notify.Options) { o.Cases = late })
		runtime := newRuntime(t, db, w.clock)
		late.Cases = runtime
		id := submit(t, runtime)
		seq := w.follow(runtime, id, 0)
		if got := w.told(wang); !strings.HasPrefix(got, "receipt: 已收到您的“取水许可”申请，办件编号 11340000000000000A01101000100001202603020001。") ||
			!strings.Contains(got, "\naccepted: ") {
			t.Errorf("the applicant: %s", got)
		}
		if got := w.told(reviewer); got != "" {
			t.Errorf("the reviewer was told of a task of the queue, unasked: %s", got)
		}
		wake := func() {
			for n := 1; n > 0; {
				var err error
				n, err = runtime.Wake(t.Context())
				must(t, err)
			}
			seq = w.follow(runtime, id, seq)
		}
		at(w, "2026-03-10", 0) // the step's five working days are over
		wake()
		c, err := runtime.Get(t.Context(), id)
		must(t, err)
		link := " /desk/case/" + c.Number
		overtime := "overtime: “取水许可”（" + c.Number + "）的一个环节应当在 2026年3月9日 前完成，已经超时。请立即办理并说明原因。" + link
		for _, account := range []store.ID{reviewer, second} {
			if got := w.told(account); got != overtime {
				t.Errorf("%d: %s\nwant: %s", account, got, overtime)
			}
		}
		_, err = runtime.Do(t.Context(), casework.Command{Key: "2", Case: id, Actor: identity.Principal{Account: 9, Kind: identity.Staff, Post: identity.Post{ID: "head", Body: "water", Roles: []string{"head"}}},
			Act: casework.Assign{Token: c.Tasks()[0].Token, To: second, ToPost: identity.Post{ID: "water.reviewer", Body: "water", Roles: []string{"reviewer"}}, Reason: "x"}})
		must(t, err)
		at(w, "2026-03-16", 12) // the last promised day
		wake()
		if got := w.told(reviewer); got != overtime {
			t.Errorf("who has no task any more: %s", got)
		}
		want := overtime + "\nassigned: “取水许可”（" + c.Number + "）转交给您办理。" + link +
			"\ndue-soon: “取水许可”（" + c.Number + "）承诺 2026年3月16日 前办结，请及时办理。" + link
		if got := w.told(second); got != want {
			t.Errorf("who has the task: %s\nwant: %s", got, want)
		}
		at(w, "2026-03-31", 0)
		wake()
		board := " /board/340121000000/case/" + c.Number
		want = "yellow-card: “取水许可”（" + c.Number + "）承诺 2026年3月16日 前办结，没有办结。" + board +
			"\nred-card: “取水许可”（" + c.Number + "）法定期限 2026年3月30日，没有办结。" + board
		if got := w.told(city); got != want { // the county has nobody who supervises; the city is next
			t.Errorf("the supervisor: %s\nwant: %s", got, want)
		}
		if got := w.told(province); got != "" {
			t.Errorf("the province is told what the city is told already: %s", got)
		}
	})
}

// lateCases is filled in once the runtime stands.
type lateCases struct{ notify.Cases }

// The same event tells the same reader once, an old event nobody, a case of an unknown kind nobody.
func TestOnceAndNotTooLate(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		e := w.event(casework.Submitted, nil)
		w.happens(e)
		w.happens(e)
		w.pass(30*24*time.Hour + time.Second)
		w.next += 10
		old := w.event(casework.Submitted, nil)
		old.At = w.clock().Add(-30*24*time.Hour - time.Second)
		other := w.event(casework.Submitted, nil)
		other.Content = []byte(strings.Replace(string(other.Content), `"type":"approval"`, `"type":"secret"`, 1))
		missing := w.event(casework.Submitted, nil)
		missing.Case = 99
		w.happens(old, other, missing)
		if got := strings.Count(w.told(wang), "receipt:"); got != 1 {
			t.Errorf("told %d times; want once", got)
		}
	})
}

// What somebody has chosen holds, but for what cannot be switched off.
func TestChoices(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		shown := w.Notices(false, false)
		must(t, w.Save(t.Context(), wang, lang.En, notify.Quiet{}, shown, func(string, notify.Channel) bool { return false }))
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-grant"}, "ended": "completed", "result": "granted"}))
		if got := w.told(wang); !strings.HasPrefix(got, "decided:") || strings.Contains(got, "rate:") {
			t.Errorf("told %q; want the decision and no invitation to rate", got)
		}
		settings, err := w.Settings(t.Context(), wang)
		must(t, err)
		for i := range shown {
			n := &shown[i]
			if settings.Wants(n, notify.App) != n.Fixed(notify.App) {
				t.Errorf("%s in the hall: %v", n.ID, settings.Wants(n, notify.App))
			}
		}
		if settings.Language != lang.En {
			t.Errorf("language %s", settings.Language)
		}
		must(t, w.Save(t.Context(), wang, lang.Hans, notify.Quiet{}, shown, func(id string, c notify.Channel) bool {
			for i := range shown {
				if shown[i].ID == id {
					return shown[i].Usual(c)
				}
			}
			return false
		}))
		n, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM notify_choice`))
		if must(t, err); n != 0 {
			t.Errorf("%d choices are kept; want none that is usual", n)
		}
		must(t, w.Save(t.Context(), reviewer, lang.Hans, notify.Quiet{}, w.Notices(true, false), func(_ string, c notify.Channel) bool { return c == notify.App }))
	})
}

func TestInbox(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		for range 25 {
			w.pass(time.Second)
			w.happens(w.event(casework.Submitted, nil))
		}
		unread := func(want int) {
			t.Helper()
			n, err := w.Unread(t.Context(), notify.Box{Account: wang})
			if must(t, err); n != want {
				t.Errorf("%d unread; want %d", n, want)
			}
		}
		unread(25)
		first, err := w.List(t.Context(), notify.Box{Account: wang}, lang.Hans, notify.ListFilter{})
		if must(t, err); len(first) != notify.PageSize {
			t.Fatalf("%d on a page", len(first))
		}
		rest, err := w.List(t.Context(), notify.Box{Account: wang}, lang.Hans, notify.ListFilter{Before: first[len(first)-1].ID})
		if must(t, err); len(rest) != 5 || rest[0].ID >= first[len(first)-1].ID {
			t.Fatalf("%d on the next page", len(rest))
		}
		m, err := w.Read(t.Context(), notify.Box{Account: wang}, rest[0].ID, lang.Hant)
		if must(t, err); m.Title != "收件回執" {
			t.Errorf("title %q", m.Title)
		}
		unread(24)
		if _, err := w.Read(t.Context(), notify.Box{Account: reviewer}, rest[1].ID, lang.Hans); err == nil {
			t.Error("somebody read the message of another")
		}
		must(t, w.SetUnread(t.Context(), notify.Box{Account: wang}, rest[0].ID))
		unread(25)
		must(t, w.ReadAll(t.Context(), notify.Box{Account: wang}, first[1].ID)) // the newest came after the page was shown
		unread(1)
		left, err := w.List(t.Context(), notify.Box{Account: wang}, lang.Hans, notify.ListFilter{UnreadOnly: true})
		if must(t, err); len(left) != 1 || left[0].ID != first[0].ID {
			t.Errorf("unread: %+v", left)
		}
		must(t, w.DeleteRead(t.Context(), notify.Box{Account: wang}))
		if all, err := w.List(t.Context(), notify.Box{Account: wang}, lang.Hans, notify.ListFilter{}); err != nil || len(all) != 1 {
			t.Errorf("%d are left, %v; want the unread one", len(all), err)
		}
		w.pass(2*366*24*time.Hour + time.Hour)
		if n, err := w.Sweep(t.Context()); err != nil || n != 1 {
			t.Errorf("swept %d, %v", n, err)
		}
	})
}

// No name, no subject of the matter and no address stands in the database in the open, whatever was told to whom.
func TestNothingPersonalIsKeptInTheOpen(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		w.confirm(wang, "wang@example.com")
		w.happens(w.event(casework.Submitted, nil))
		for _, query := range []string{`SELECT args FROM notify_message`, `SELECT cast(address AS TEXT) FROM notify_contact`, `SELECT payload FROM job`} {
			if db.Engine() == store.Postgres {
				query = strings.Replace(query, "cast(address AS TEXT)", "encode(address, 'escape')", 1)
			}
			rows, err := store.All(context.Background(), db.Read(), store.Scalar[string], query)
			must(t, err)
			if all := strings.Join(rows, "\n"); strings.Contains(all, "王小明") || strings.Contains(all, "wang@") || strings.Contains(all, "138") {
				t.Errorf("%s: %s", query, all)
			}
		}
	})
}
