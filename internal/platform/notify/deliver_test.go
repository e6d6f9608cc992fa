package notify_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/notify/smtp/smtptest"
	"openhall.org/openhall/internal/platform/store"
)

// short gives up on a server that hangs soon.
type short struct{ notify.Mailer }

func (s short) Send(ctx context.Context, m smtp.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	return s.Mailer.Send(ctx, m)
}

// posted is a world whose mails go to a real server.
func posted(t *testing.T, db *store.DB) (*world, *smtptest.Server) {
	t.Helper()
	s := smtptest.Start(t, false, true)
	w := newWorld(t, db, func(o *notify.Options) {
		o.Mailer = short{smtp.Server{Host: s.Host, Port: s.Port, User: s.User, Password: s.Password, Mode: smtp.StartTLS, Roots: s.Roots}}
	})
	w.confirm(wang, "wang@example.com")
	return w, s
}

// state returns what became of the mail of the newest message.
func (w *world) state() notify.State {
	w.t.Helper()
	list, err := w.List(w.t.Context(), notify.Box{Account: wang}, lang.Hans, notify.ListFilter{})
	must(w.t, err)
	if len(list) == 0 {
		return "none"
	}
	return list[0].MailState
}

// read opens a mail as a mail program does.
func read(t *testing.T, m smtptest.Mail) (header mail.Header, subject, body string) {
	t.Helper()
	got, err := mail.ReadMessage(strings.NewReader(m.Data))
	must(t, err)
	subject, err = new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	must(t, err)
	raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, got.Body))
	must(t, err)
	return got.Header, subject, string(raw)
}

func TestAMailGoesOut(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		must(t, w.Save(t.Context(), wang, lang.Hant, notify.Quiet{}, nil, nil))
		w.happens(w.event(casework.Completed, data{"documents": []any{"correction-notice"}}))
		if w.state() != notify.Queued || w.work() != 1 || w.state() != notify.Sent || w.work() != 0 {
			t.Fatalf("the mail is %s", w.state())
		}
		taken := s.Taken()
		if len(taken) != 1 || !taken[0].TLS || taken[0].To != "wang@example.com" {
			t.Fatalf("taken %+v", taken)
		}
		header, subject, body := read(t, taken[0])
		if subject != "安徽政務：您的申請需要補正" {
			t.Errorf("subject %q", subject)
		}
		if !strings.Contains(body, "https://hall.example.gov.cn/me/case/1134W202603020001") || !strings.Contains(body, "https://hall.example.gov.cn/me/messages/settings") {
			t.Errorf("text %q", body)
		}
		if header.Get("Date") != "Mon, 02 Mar 2026 02:00:00 +0000" || !strings.HasSuffix(header.Get("Message-Id"), ".mail@hall.example.gov.cn>") {
			t.Errorf("header %v", header)
		}
	})
}

// Whatever an applicant calls themselves and whatever their matter is about: no subject says it, no header, no text that leaves the
// hall. Every notice for an applicant is sent, in each language.
func TestNothingPersonalLeavesTheHall(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		own := newRuntime(t, db, w.clock)
		id := submit(t, own) // by an applicant with a hostile name
		events, err := own.Events(t.Context(), id, 0, 0)
		must(t, err)
		for i := range events {
			if strings.Contains(string(events[i].Content), "王小明") {
				t.Fatal("the log names the applicant")
			}
			events[i].Case = 7
		}
		all := data{"documents": []any{"correction-notice", "acceptance-slip", "rejection-slip", "decision-grant", "delivery-receipt"},
			"clocks": []any{data{"action": "pause"}, data{"action": "resume", "promise": "2026-03-16"}, data{"action": "extend", "statute": "2026-03-30"}},
			"ended":  "completed", "result": "granted"}
		for _, tag := range lang.All {
			must(t, w.Save(t.Context(), wang, tag, notify.Quiet{}, w.Notices(false, false), func(string, notify.Channel) bool { return true }))
			w.pass(time.Second)
			w.happens(w.event(casework.Submitted, all), w.event(casework.TimerFired, data{"ended": "completed", "result": "lapsed"}), w.event(casework.DocumentRevoked, nil))
			w.work()
		}
		w.happens(events...)
		w.work()
		taken := s.Taken()
		if len(taken) != 3*12+2 {
			t.Fatalf("%d mails; want every notice in each language, and two of the real case", len(taken))
		}
		subjects := map[string]bool{}
		for _, m := range taken {
			header, subject, body := read(t, m)
			for _, secret := range []string{"王小明", "li@example.com", "低生活", "Minimum", "取水", "1101051949", "138000"} {
				if strings.Contains(subject+body+m.Data, secret) {
					t.Errorf("%q says %q: %s", subject, secret, body)
				}
			}
			if strings.Contains(subject, "1134") || header.Get("Bcc") != "" || strings.ContainsAny(subject, "{}\r\n") {
				t.Errorf("subject %q", subject)
			}
			subjects[subject] = true
		}
		if len(subjects) != 3*12 {
			t.Errorf("%d subjects: %v", len(subjects), subjects)
		}
	})
}

// What the server puts off, or does not answer, is sent again, later and later, with the same Message-ID; nothing is lost.
func TestFailuresOfTheServer(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-grant"}}))
		for _, b := range []smtptest.Behaviour{
			{Rcpt: smtptest.Answer(451, "greylisted, wang@example.com come back later")},
			{Hang: true},
			{Data: smtptest.Answer(421, "shutting down")},
			{Mail: smtptest.Answer(550, "not for this sender")}, // a matter of our own settings
		} {
			s.Do(b)
			if w.work() != 1 || w.state() != notify.Queued {
				t.Fatalf("%+v: the mail is %s", b, w.state())
			}
			open, err := job.List(t.Context(), db, job.Filter{})
			if must(t, err); len(open) != 1 || open[0].Problem == "" || strings.Contains(open[0].Problem, "wang") {
				t.Fatalf("%+v: jobs %+v", b, open)
			}
			w.pass(time.Hour)
		}
		s.Do(smtptest.Behaviour{DropAfterTaking: true}) // it took the mail, and we cannot know
		if w.work() != 1 || w.state() != notify.Queued {
			t.Fatalf("the mail is %s", w.state())
		}
		w.pass(time.Hour)
		s.Do(smtptest.Behaviour{})
		if w.work() != 1 || w.state() != notify.Sent {
			t.Fatalf("the mail is %s", w.state())
		}
		taken := s.Taken()
		if len(taken) != 2 {
			t.Fatalf("%d mails; want the one that was taken twice", len(taken))
		}
		one, _, _ := read(t, taken[0])
		two, _, _ := read(t, taken[1])
		if one.Get("Message-Id") != two.Get("Message-Id") || one.Get("Date") != two.Get("Date") || taken[0].Data != taken[1].Data {
			t.Error("the mail that was sent again is another one")
		}
		w.pass(24 * time.Hour)
		if w.work() != 0 {
			t.Error("it was sent again after it had been taken")
		}
	})
}

// A mailbox that is not there is not tried again. Its owner sees why, and can use it again.
func TestRefusedForGood(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		s.Do(smtptest.Behaviour{Rcpt: smtptest.Answer(550, "no such user wang")})
		w.happens(w.event(casework.Submitted, nil))
		w.work()
		settings, err := w.Settings(t.Context(), wang)
		if must(t, err); w.state() != notify.Failed || settings.Mail.Problem != "550 5.1.1 no such user wang" || settings.Mail.ProblemAt.IsZero() {
			t.Fatalf("the mail is %s, settings %+v", w.state(), settings.Mail)
		}
		w.pass(time.Hour)
		s.Do(smtptest.Behaviour{})
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-grant"}}))
		if w.work() != 0 || w.state() != notify.NotSent || len(s.Taken()) != 0 {
			t.Fatalf("a channel that rests was used: %s", w.state())
		}
		must(t, w.Resume(t.Context(), wang, notify.Mail))
		w.pass(time.Hour)
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-refusal"}}))
		if w.work() != 1 || w.state() != notify.Sent {
			t.Errorf("used again: %s", w.state())
		}
	})
}

// Between queueing and sending the reader may have changed their mind, or be asleep.
func TestTheReaderHasTheLastWord(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		must(t, w.Save(t.Context(), wang, lang.Hans, notify.Quiet{From: 22, Until: 8}, nil, nil))
		at(w, "2026-03-02", 23)
		w.happens(w.event(casework.Submitted, nil))
		w.work()
		at(w, "2026-03-03", 7)
		if w.work() != 0 || len(s.Taken()) != 0 {
			t.Fatal("it was sent in the quiet hours")
		}
		at(w, "2026-03-03", 8)
		if w.work() != 1 || len(s.Taken()) != 1 {
			t.Fatal("it was not sent after the quiet hours")
		}
		w.happens(w.event(casework.Submitted, nil))
		must(t, w.RemoveMail(t.Context(), wang))
		if w.work() != 1 || w.state() != notify.Off || len(s.Taken()) != 1 {
			t.Errorf("after the address was removed: %s", w.state())
		}
		w.happens(w.event(casework.Submitted, nil))
		if w.state() != notify.NotSent {
			t.Errorf("without an address: %s", w.state())
		}
	})
}

// A real gateway: it refuses, is away, takes.
func TestShortMessages(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		status := http.StatusServiceUnavailable
		var got []sms.Message
		set := func(s int) {
			mu.Lock()
			defer mu.Unlock()
			status = s
		}
		gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			var m sms.Message
			if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
				t.Error(err)
			}
			got = append(got, m)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "13800000000 is out of service")
		}))
		t.Cleanup(gateway.Close)
		var w *world
		now := func() time.Time { return w.clock() }
		w = newWorld(t, db, func(o *notify.Options) {
			g, err := sms.New(gateway.URL, "0123456789abcdef", now)
			must(t, err)
			o.Texter = g
		})
		w.happens(w.event(casework.Submitted, nil)) // not by short message, unless somebody asks for it
		w.happens(w.event(casework.Completed, data{"documents": []any{"correction-notice"}}))
		if n := w.work(); n != 1 {
			t.Fatalf("%d attempts", n)
		}
		set(http.StatusAccepted)
		w.pass(time.Hour)
		if n := w.work(); n != 1 || len(got) != 2 || got[0] != got[1] {
			t.Fatalf("%d attempts, %+v", n, got)
		}
		if m := got[0]; m.To != "13800000000" || m.Text != "【安徽政务】您的申请 1134W202603020001 需要补正，请登录查看补正通知书。" || m.Language != "zh-Hans" || !strings.HasSuffix(m.ID, ".sms") {
			t.Errorf("%+v", m)
		}
		set(http.StatusUnprocessableEntity)
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-grant"}}))
		w.work()
		settings, err := w.Settings(t.Context(), wang)
		if must(t, err); settings.SMS.Problem != "422 13800000000 is out of service" {
			t.Errorf("settings %+v", settings.SMS)
		}
		w.pass(time.Hour)
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-refusal"}}))
		if w.work() != 0 {
			t.Error("a channel that rests was used")
		}
	})
}

// Without a server there is the list in the hall, and nothing is queued that nobody would send.
func TestWithoutServers(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, nil)
		w.confirm(wang, "wang@example.com")
		w.happens(w.event(casework.Completed, data{"documents": []any{"decision-grant"}}))
		if w.work() != 0 || w.state() != notify.NotSent || w.Available(notify.Mail) || w.Available(notify.SMS) || !w.Available(notify.App) {
			t.Errorf("the mail is %s", w.state())
		}
	})
}

func TestOutbox(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	m := smtp.Mail{From: mail.Address{Address: "a@example.com"}, To: "b@example.com", Subject: "x", Text: "y", ID: "7.mail@h", Date: time.Unix(1, 0)}
	must(t, notify.Outbox(dir).Send(t.Context(), m))
	must(t, notify.Outbox(dir).Send(t.Context(), m))
	must(t, notify.TextOutbox(dir).Send(t.Context(), sms.Message{ID: "7.sms", To: "1", Text: "x"}))
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 2 || files[0].Name() != "7.mail.eml" || files[1].Name() != "7.sms.json" {
		t.Errorf("files %v", files)
	}
	m.ID = "../x@h"
	if err := notify.Outbox(dir).Send(t.Context(), m); err == nil {
		t.Error("a mail was written outside the folder")
	}
}
