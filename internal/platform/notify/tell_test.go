package notify_test

import (
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
)

// Whatever happens to an account is told to its owner in the hall and by mail, in each language, and cannot be switched off; no
// subject and no header says whose account it is.
func TestOwnersOfAccountsAreTold(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		subjects := map[string]bool{}
		for _, tag := range lang.All {
			must(t, w.Save(t.Context(), wang, tag, notify.Quiet{}, w.Notices(false, false), func(string, notify.Channel) bool { return false }))
			w.pass(time.Hour)
			for _, kind := range identity.Notices() {
				must(t, w.Tell(t.Context(), identity.Notice{Account: wang, Kind: kind, At: w.clock()}))
			}
			w.work()
		}
		taken := s.Taken()
		if want := 3 * len(identity.Notices()); len(taken) != want {
			t.Fatalf("%d mails; want %d: every notice in each language", len(taken), want)
		}
		for _, m := range taken {
			_, subject, body := read(t, m)
			if m.To != "wang@example.com" || !strings.Contains(body, "https://hall.example.gov.cn/account") || strings.ContainsAny(subject+body, "{}") {
				t.Errorf("%s: %s: %s", m.To, subject, body)
			}
			for _, secret := range []string{"王小明", "li@example.com", "138000", "2026"} {
				if strings.Contains(subject, secret) || secret != "2026" && strings.Contains(m.Data+body, secret) {
					t.Errorf("%q says %q: %s", subject, secret, body)
				}
			}
			subjects[subject] = true
		}
		if len(subjects) != len(taken) {
			t.Errorf("%d subjects of %d mails: %v", len(subjects), len(taken), subjects)
		}
		list, err := w.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
		must(t, err)
		if len(list) != notify.PageSize || list[0].Link != "/account" || list[0].Number != "" || !strings.Contains(list[0].Text, "2 March 2026 13:00") {
			t.Errorf("in the hall: %d, %+v", len(list), list[0])
		}
	})
}

// What strangers can bring about is told once an hour, everything else each time.
func TestStrangersDoNotFillMailboxes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		for range 7 { // one hour and the first minutes of the next
			for _, kind := range []string{identity.NoticeLocked, identity.NoticePassword} {
				must(t, w.Tell(t.Context(), identity.Notice{Account: wang, Kind: kind, At: w.clock()}))
			}
			w.pass(10 * time.Minute)
		}
		got := w.told(wang)
		if strings.Count(got, "account-locked") != 2 || strings.Count(got, "account-password") != 7 {
			t.Errorf("told %s", got)
		}
		if err := w.Tell(t.Context(), identity.Notice{Account: wang, Kind: "tapped", At: w.clock()}); err == nil {
			t.Error("a kind that nothing is written about was told")
		}
	})
}
