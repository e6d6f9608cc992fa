package notify_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
)

// Whoever has a mail about a saved search ends such mails by its link, in whatever language it came, and by the header that mail programs
// read. The hall goes on telling; nothing else ends; and a link that was cut or changed ends nothing.
func TestMailsAreEndedByTheirLink(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		search := func() {
			must(t, w.Tell(t.Context(), identity.Notice{Account: wang, Kind: identity.NoticeSearch, At: w.clock()}))
		}
		token := ""
		for _, tag := range lang.All {
			must(t, w.Save(t.Context(), wang, tag, notify.Quiet{}, nil, nil))
			w.pass(time.Hour)
			search()
			w.work()
			taken := s.Taken()
			header, _, body := read(t, taken[len(taken)-1])
			link := regexp.MustCompile(`https://hall\.example\.gov\.cn/stop-mails/(\S+)\?lang=` + string(tag) + `\s`).FindStringSubmatch(body)
			if link == nil {
				t.Fatalf("%s: no way to end them: %s", tag, body)
			}
			token = link[1]
			if one := header.Get("List-Unsubscribe"); one != "<https://hall.example.gov.cn/stop-mails/"+token+">" || header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
				t.Errorf("%s: headers %q %q", tag, one, header.Get("List-Unsubscribe-Post"))
			}
		}
		must(t, w.Tell(t.Context(), identity.Notice{Account: wang, Kind: identity.NoticePassword, At: w.clock()}))
		w.work()
		before := len(s.Taken())
		if header, _, body := read(t, s.Taken()[before-1]); header.Get("List-Unsubscribe") != "" || strings.Contains(body, "stop-mails") {
			t.Error("a warning about an account offers to end it")
		}
		of := strings.Replace
		for _, wrong := range []string{"", "x", token[:len(token)-1], token + "A", of(token, "1.", "2.", 1), of(token, "account-search", "account-password", 1), of(token, "account-search", "receipt", 1)} {
			if err := w.Stop(t.Context(), wrong); !errors.Is(err, notify.ErrStop) {
				t.Errorf("token %q: %v", wrong, err)
			}
		}
		w.pass(time.Hour)
		search() // it waits when the mails are ended
		for range 2 {
			must(t, w.Stop(t.Context(), token))
		}
		w.pass(time.Hour)
		search()
		must(t, w.Tell(t.Context(), identity.Notice{Account: second, Kind: identity.NoticeSearch, At: w.clock()}))
		w.work()
		if n := len(s.Taken()); n != before {
			t.Errorf("%d mails went out after they were ended", n-before)
		}
		list, err := w.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
		must(t, err)
		if len(list) != 6 {
			t.Errorf("in the hall stand %d messages; want all 6", len(list))
		}
		must(t, w.Tell(t.Context(), identity.Notice{Account: wang, Kind: identity.NoticePassword, At: w.clock()}))
		w.work()
		if n := len(s.Taken()); n > before+1 {
			t.Errorf("%d mails", n)
		}
		settings, err := w.Settings(t.Context(), wang)
		must(t, err)
		for _, n := range w.Notices(false, false) {
			if want := n.Usual(notify.Mail) && n.ID != "account-search"; settings.Wants(&n, notify.Mail) != want {
				t.Errorf("%s goes by mail: %v", n.ID, !want)
			}
		}
	})
}

// A notice that ends by a link has to say it, in each language, and be one that can end.
func TestANoticeThatEndsByALink(t *testing.T) {
	book, err := notify.Shipped()
	must(t, err)
	ends := 0
	for _, n := range book.Notices {
		if n.Stop {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("%d notices are ended by a link; want the one of saved searches", ends)
	}
}
