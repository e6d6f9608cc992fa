package notify_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/notify/smtp/smtptest"
	"openhall.org/openhall/internal/platform/store"
)

func refused(t *testing.T, err error, code string) {
	t.Helper()
	_ = refusal(t, err, code)
}

// refusal returns what a refusal says beside its code.
func refusal(t *testing.T, err error, code string) *notify.Refusal {
	t.Helper()
	var r *notify.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("%v; want the refusal %s", err, code)
	}
	return r
}

var sixDigits = regexp.MustCompile(`[0-9]{6}`)

// lastCode reads the code in the newest mail.
func lastCode(t *testing.T, s *smtptest.Server) string {
	t.Helper()
	taken := s.Taken()
	if len(taken) == 0 {
		t.Fatal("no mail came")
	}
	_, subject, body := read(t, taken[len(taken)-1])
	if sixDigits.MatchString(subject) {
		t.Errorf("the subject %q tells the code", subject)
	}
	return sixDigits.FindString(body)
}

func TestConfirmingAnAddress(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		must(t, w.RemoveMail(t.Context(), wang))
		for _, bad := range []string{"", "wang", "wang@例子.中国", "a@example.com\r\nBcc: b@example.com"} {
			refused(t, w.SetMail(t.Context(), wang, bad), notify.RefusedAddress)
		}
		refused(t, w.ConfirmMail(t.Context(), wang, "000000"), notify.RefusedNoCode)
		must(t, w.SetMail(t.Context(), wang, " new@example.com "))
		if r := refusal(t, w.SetMail(t.Context(), wang, "new@example.com"), notify.RefusedWait); !r.Until.Equal(w.clock().Add(time.Minute)) {
			t.Errorf("wait until %s", r.Until)
		}
		w.work()
		code := lastCode(t, s)
		settings, err := w.Settings(t.Context(), wang)
		if must(t, err); settings.Mail.Pending != "new@example.com" || settings.Mail.Address != "" {
			t.Fatalf("before the code: %+v", settings.Mail)
		}
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		for left := 4; left >= 0; left-- {
			if r := refusal(t, w.ConfirmMail(t.Context(), wang, wrong), notify.RefusedWrongCode); r.Left != left {
				t.Errorf("%d tries left; want %d", r.Left, left)
			}
		}
		refused(t, w.ConfirmMail(t.Context(), wang, code), notify.RefusedNoCode) // guessed too often
		w.pass(2 * time.Minute)
		must(t, w.SetMail(t.Context(), wang, "new@example.com"))
		w.work()
		must(t, w.ConfirmMail(t.Context(), wang, " "+lastCode(t, s)+" "))
		settings, err = w.Settings(t.Context(), wang)
		if must(t, err); settings.Mail.Address != "new@example.com" || settings.Mail.Pending != "" || settings.Mail.VerifiedAt.IsZero() {
			t.Fatalf("after the code: %+v", settings.Mail)
		}
		w.pass(2 * time.Minute)
		must(t, w.SetMail(t.Context(), wang, "other@example.com"))
		w.work()
		w.pass(30*time.Minute + time.Second)
		refused(t, w.ConfirmMail(t.Context(), wang, lastCode(t, s)), notify.RefusedNoCode) // too late
		settings, err = w.Settings(t.Context(), wang)
		if must(t, err); settings.Mail.Address != "new@example.com" {
			t.Errorf("the address that was confirmed is gone: %+v", settings.Mail)
		}
	})
}

// Nobody's mailbox is filled with codes by one account or by several.
func TestCodesOfADay(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		for i := range 5 {
			w.pass(2 * time.Minute)
			must(t, w.SetMail(t.Context(), store.ID(100+i%2), "Victim@example.com"))
		}
		w.pass(2 * time.Minute)
		for _, account := range []store.ID{100, 101, 102} {
			refused(t, w.SetMail(t.Context(), account, "victim@example.com"), notify.RefusedTooMany)
		}
		must(t, w.SetMail(t.Context(), 102, "somebody@example.com"))
		w.work()
		if n := len(s.Taken()); n > 6 {
			t.Errorf("%d mails; want at most one for each code that was asked for", n)
		}
		w.pass(24 * time.Hour)
		must(t, w.SetMail(t.Context(), 100, "victim@example.com"))
	})
}

// A code that cannot be delivered is not waited for; the reason is shown.
func TestTheAddressIsWrong(t *testing.T) {
	lite(t, func(t *testing.T, db *store.DB) {
		w, s := posted(t, db)
		must(t, w.RemoveMail(t.Context(), wang))
		s.Do(smtptest.Behaviour{Rcpt: smtptest.Answer(550, "no such user")})
		must(t, w.SetMail(t.Context(), wang, "nobody@example.com"))
		w.work()
		settings, err := w.Settings(t.Context(), wang)
		if must(t, err); settings.Mail.Pending != "" || settings.Mail.Problem != "nobody@example.com: 550 5.1.1 no such user" {
			t.Errorf("%+v", settings.Mail)
		}
		none := newWorld(t, db, nilJobs)
		refused(t, none.SetMail(t.Context(), wang, "wang@example.com"), notify.RefusedUnavailable)
	})
}

func nilJobs(o *notify.Options) { o.Mailer = nil }

// The quiet hours end at their hour, later than now and within a day, and by then they are over.
func TestQuietHours(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := notify.Quiet{From: rapid.IntRange(0, 23).Draw(rt, "from"), Until: rapid.IntRange(0, 23).Draw(rt, "until")}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(rt, "at"), 0)
		hour := (at.UTC().Hour() + 8) % 24
		inside := q.From != q.Until
		if inside { // walk from hour to hour, as a clock does
			inside = false
			for h := q.From; h != q.Until; h = (h + 1) % 24 {
				inside = inside || h == hour
			}
		}
		end := q.Ends(at)
		if end.IsZero() == inside {
			rt.Fatalf("%+v at %d o'clock: ends %s", q, hour, end)
		}
		if inside && (!end.After(at) || end.Sub(at) > 24*time.Hour || (end.UTC().Hour()+8)%24 != q.Until || end.Minute() != 0 || !q.Ends(end).IsZero()) {
			rt.Fatalf("%+v at %s: ends %s", q, at, end)
		}
	})
}

// A book that is right but for one thing is refused, and the message says what.
func TestBookRefuses(t *testing.T) {
	const right = `kinds:
  approval: {applicant: "/me/case/{number}", official: "/desk/case/{number}", supervisor: "/board/{division}"}
account: /account
notices:
  - id: receipt
    on: [{event: case.submitted}]
    to: applicant
    channels: [app]
    title: {zh-Hans: a, zh-Hant: a, en: a}
    subject: {zh-Hans: "{site}", zh-Hant: a, en: a}
    text: {zh-Hans: "{number}{item}", zh-Hant: a, en: a}
    mail: {zh-Hans: "{number}{link}", zh-Hant: a, en: a}
    sms: {zh-Hans: "{site}{number}", zh-Hant: a, en: a}
code:
  subject: {zh-Hans: "{site}", zh-Hant: a, en: a}
  mail: {zh-Hans: "{code}", zh-Hant: a, en: a}
footer: {zh-Hans: "{settings}", zh-Hant: a, en: a}
apart: {zh-Hans: a, zh-Hant: a, en: a}
`
	if _, err := notify.Load(strings.NewReader(right)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ from, to, says string }{
		{"kinds:", "sorts:", "field sorts not found"},
		{"    to: applicant", "    to: applicant\n    colour: red", "field colour not found"},
		{"    to: applicant", "    to: everybody", `to "everybody": want applicant`},
		{"    to: applicant", "    to: asker", "to asker: no title, text or channels"},
		{"    to: applicant", "    to: assignee", "to assignee goes with the event task.assigned"},
		{"event: case.submitted", "event: task.assigned", "to assignee goes with the event task.assigned"},
		{"id: receipt", "id: Receipt 1", `notice "Receipt 1": want an id`},
		{"[{event: case.submitted}]", "[]", "it would never be sent"},
		{"[{event: case.submitted}]", "[{}]", "fits every event"},
		{"channels: [app]", "channels: [fax]", `channel "fax": want app, mail or sms`},
		{"channels: [app]", "line: birthday", `line "birthday": want promise or statute`},
		{"channels: [app]", "line: promise", "not every event of on has one"},
		{"title: {zh-Hans: a, zh-Hant: a, en: a}", "title: {zh-Hans: a, en: a}", "title: zh-Hant is missing"},
		{"title: {zh-Hans: a, zh-Hant: a, en: a}", `title: {zh-Hans: "a\nb", zh-Hant: a, en: a}`, "more than one line"},
		{`subject: {zh-Hans: "{site}", zh-Hant: a, en: a}` + "\n    text", `subject: {zh-Hans: "{number}", zh-Hant: a, en: a}` + "\n    text", "subject: zh-Hans: placeholder {number}; it may hold {site}"},
		{`subject: {zh-Hans: "{site}", zh-Hant: a, en: a}` + "\n    text", `subject: {zh-Hans: a, zh-Hant: a, en: "{item}"}` + "\n    text", "subject: en: placeholder {item}"},
		{`{number}{item}`, `{number}{due}`, "placeholder {due}"},
		{`{number}{item}`, `{name}`, "placeholder {name}; it may hold {number}, {item}"},
		{`{number}{link}`, `{item}{link}`, "mail: zh-Hans: placeholder {item}"},
		{`{site}{number}`, `{link}`, "sms: zh-Hans: placeholder {link}"},
		{`{number}{link}`, `{number`, "placeholder {…}"},
		{`"{code}"`, `"{site}"`, "code: mail: zh-Hans: placeholder {site}"},
		{`"{code}"`, `"x"`, "code: mail does not say {code}"},
		{`"{settings}"`, `"{number}"`, "footer: zh-Hans: placeholder {number}"},
		{`"/me/case/{number}"`, `"https://example.com/{number}"`, "want a path of this site"},
		{`"/me/case/{number}"`, `"//example.com"`, "want a path of this site"},
		{`"/board/{division}"`, `"/board/{applicant}"`, "placeholder {applicant}"},
		{"account: /account", "account: https://example.com", "want a path of this site"},
		{"on: [{event: case.submitted}]", "of: [complaint]\n    on: [{event: case.submitted}]", "of complaint: there is no such kind"},
		{"{event: case.submitted}", "{account: locked}", "to owner goes with account"},
		{"{event: case.submitted}", "{account: locked, opened: true}", "account locked goes with nothing else"},
		{"to: applicant", "to: owner", "to owner goes with account"},
		{"[{event: case.submitted}]\n    to: applicant", "[{account: locked}]\n    to: owner", "placeholder {number}; it may hold {at}"},
	} {
		broken := strings.Replace(right, row.from, row.to, 1)
		if broken == right {
			t.Errorf("%q does not stand in the book", row.from)
			continue
		}
		if _, err := notify.Load(strings.NewReader(broken)); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%q: %v; want %q", row.to, err, row.says)
		}
	}
	twice := strings.Replace(right, "code:\n", right[strings.Index(right, "  - id"):strings.Index(right, "code:\n")]+"code:\n", 1)
	if _, err := notify.Load(strings.NewReader(twice)); err == nil || !strings.Contains(err.Error(), "receipt stands there twice") {
		t.Errorf("twice: %v", err)
	}
	if _, err := notify.Load(strings.NewReader("kinds: {}\n")); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("empty: %v", err)
	}
}

func FuzzBook(f *testing.F) {
	f.Add("kinds: {approval: {applicant: /x, official: /x, supervisor: /x}}\nnotices: [{id: a}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := notify.Load(strings.NewReader(text))
		if err == nil && (len(b.Notices) == 0 || fmt.Sprint(b.Notices[0].ID) == "") {
			t.Errorf("%q was taken for a book", text)
		}
	})
}
