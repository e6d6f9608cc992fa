package notify_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/store"
)

// shelf keeps what is sent, and refuses what it is told to.
type shelf struct {
	mails  []smtp.Mail
	texts  []sms.Message
	refuse error
}

func (s *shelf) Send(_ context.Context, m smtp.Mail) error {
	s.mails = append(s.mails, m)
	return s.refuse
}

type texts struct{ *shelf }

func (s texts) Send(_ context.Context, m sms.Message) error {
	s.texts = append(s.texts, m)
	return s.refuse
}

// reached are the addresses that an asker gave.
type reached struct {
	mail, phone string
	language    lang.Tag
}

// Reach implements notify.Askers.
func (r *reached) Reach(context.Context, *casework.Case) (notify.Reach, error) {
	return notify.Reach{Mail: r.mail, Phone: r.phone, Language: r.language}, nil
}

// An asker is told once of each event, by mail or else by short message, and by this one not at night; nothing of them is kept by notify, and
// nothing that the request is about leaves the hall.
func TestAskersAreToldApart(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		out, who := &shelf{}, &reached{mail: "asker@example.com", phone: "13800000001"}
		w := newWorld(t, db, func(o *notify.Options) {
			o.Mailer, o.Texter, o.Askers = out, texts{out}, who
			o.Cases = known{7: {ID: 7, Number: "YK340121202603020001", Kind: "request", Title: lang.Text{Hans: "政府信息公开申请：长丰县水务局"}, Body: "water"}}
		})
		about := func(kind string, d data) casework.Event {
			e := w.event(kind, d)
			e.Content = []byte(strings.Replace(string(e.Content), `"type":"approval"`, `"type":"request"`, 1))
			return e
		}
		received := about(casework.Submitted, data{"opened": []any{}})
		w.happens(received)
		w.happens(received)
		w.work()
		if len(out.mails) != 1 || len(out.texts) != 0 || out.mails[0].To != "asker@example.com" || !strings.Contains(out.mails[0].Text, "https://hall.example.gov.cn/track") {
			t.Fatalf("%+v", out)
		}
		for _, secret := range []string{"水务局", "{", "settings"} {
			if strings.Contains(out.mails[0].Text+out.mails[0].Subject, secret) {
				t.Errorf("the mail says %s: %s", secret, out.mails[0].Text)
			}
		}
		kept, err := store.All(t.Context(), db.Read(), func(r store.Row) (s string, err error) { return s, r.Scan(&s) }, `SELECT payload FROM job`)
		must(t, err)
		if all, err := json.Marshal(kept); err != nil || strings.Contains(string(all), "asker@example.com") || strings.Contains(string(all), "13800000001") {
			t.Errorf("jobs know who asks: %s %v", all, err)
		}
		// Told in the language in which they asked.
		for tag, word := range map[lang.Tag]string{lang.En: "takes longer", lang.Hant: "答覆期限有變化", lang.Hans: "答复期限有变化"} {
			who.language = tag
			w.happens(about(casework.Completed, data{"documents": []any{"request-extension"}, "said": string(tag)}))
			w.work()
			if last := out.mails[len(out.mails)-1]; !strings.Contains(last.Text, word) || last.Language != string(tag) {
				t.Errorf("%s: told in %s: %s", tag, last.Language, last.Text)
			}
		}
		who.language = ""
		// Without a mail address by short message; at night not before seven.
		who.mail = ""
		at(w, "2026-03-03", 23)
		w.happens(about(casework.Completed, data{"documents": []any{"request-correction"}}))
		w.work()
		if len(out.texts) != 0 {
			t.Errorf("told at night: %+v", out.texts)
		}
		at(w, "2026-03-04", 8)
		w.work()
		if len(out.texts) != 1 || out.texts[0].To != "13800000001" || !strings.Contains(out.texts[0].Text, "补正") {
			t.Errorf("%+v", out.texts)
		}
		// Whoever was asked to correct is not told of a payment, and the other way round.
		for step, words := range map[string][2]string{"supplement": {"没有补正", "缴费"}, "payment": {"没有缴费", "补正"}} {
			w.happens(about(casework.TimerFired, data{"documents": []any{"request-lapsed"}, "cut": []any{step}, "ended": "completed", "result": "lapsed"}))
			w.work()
			if last := out.texts[len(out.texts)-1].Text; !strings.Contains(last, words[0]) || strings.Contains(last, words[1]) {
				t.Errorf("after %s: %s", step, last)
			}
		}
		out.texts = out.texts[:1]
		// Refused for good: it is not tried again. Erased: nobody is told.
		out.refuse = &sms.Error{Status: 400, Text: "13800000001 is unknown"}
		w.happens(about(casework.Completed, data{"documents": []any{"request-grant"}}))
		w.work()
		who.phone = ""
		w.happens(about(casework.TimerFired, data{"documents": []any{"request-lapsed"}, "cut": []any{"supplement"}}))
		w.work()
		at(w, "2026-03-05", 8)
		if n := w.work(); n != 0 || len(out.texts) != 2 {
			t.Errorf("%d jobs are left, %d texts went out", n, len(out.texts))
		}
		for _, n := range w.Notices(false, false) {
			if n.To == notify.Asker {
				t.Errorf("%s stands among the settings of accounts", n.ID)
			}
		}
		// The office hears of what came to it.
		if got := w.told(reviewer); strings.Contains(got, "request-replied") {
			t.Errorf("the office is told what the asker is told: %s", got)
		}
	})
}
