package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/notify/smtp/smtptest"
	"openhall.org/openhall/internal/platform/store"
)

// following are the agents of an application.
type following []store.ID

// Following implements notify.Followers.
func (f following) Following(context.Context, *casework.Case) ([]store.ID, error) { return f, nil }

// A correction that is asked for in an application of a village agent is told to the villager as ever and to the agents, with an address that is
// theirs, and mailed in the language of each; in another application no agent is looked for.
func TestAgentsAreToldOfCorrections(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		matter := &casework.Case{ID: 7, Party: wang, Title: lang.Text{Hans: "最低生活保障"}, Body: "water", Channel: casework.Agent}
		s := smtptest.Start(t, false, true)
		w := newWorld(t, db, func(o *notify.Options) {
			o.Cases, o.Agents = known{7: matter}, following{reviewer, second}
			o.Mailer = short{smtp.Server{Host: s.Host, Port: s.Port, User: s.User, Password: s.Password, Mode: smtp.StartTLS, Roots: s.Roots}}
		})
		w.confirm(reviewer, "agent@example.com")
		w.confirm(second, "second@example.com")
		must(t, w.Save(t.Context(), second, lang.En, notify.Quiet{}, w.Notices(true, false), func(_ string, c notify.Channel) bool { return c == notify.Mail }))
		asked := data{"documents": []any{"correction-notice"}, "status": "supplement"}
		w.happens(w.event(casework.Completed, asked))
		if got := w.told(wang); !strings.HasPrefix(got, "correction: ") || strings.Contains(got, "\n") {
			t.Errorf("the villager: %s", got)
		}
		const want = "agent-correction: 您代村民提交的“最低生活保障”（1134W202603020001）需要补正材料。请把要补正的内容告诉村民，本人同意后在期限内一次补齐。 /agent/cases/1134W202603020001"
		for _, account := range []store.ID{reviewer, second} {
			if got := w.told(account); got != want {
				t.Errorf("agent %s: %s", account, got)
			}
		}
		w.work()
		subjects := map[string]string{}
		for _, m := range s.Taken() {
			_, subject, body := read(t, m)
			subjects[m.To] = subject
			if !strings.Contains(body, "https://hall.example.gov.cn/agent/cases/1134W202603020001") || strings.Contains(m.Data+body, "最低生活保障") {
				t.Errorf("%s: %s", m.To, body)
			}
		}
		if subjects["agent@example.com"] != "安徽政务：您代办的申请需要补正" || subjects["second@example.com"] != "Anhui Open Hall: an application that you handed in needs to be corrected" {
			t.Errorf("mailed %q", subjects)
		}
		matter.Channel = casework.Online
		w.pass(time.Second)
		must(t, w.Forget(t.Context(), reviewer))
		w.happens(w.event(casework.Completed, asked))
		if got := w.told(reviewer); got != "" {
			t.Errorf("an agent was told of an application that is none of an agent: %s", got)
		}
	})
}

// A notice to agents says of which matters it is, and where agents find them.
func TestBrokenNoticesToAgents(t *testing.T) {
	const head = `kinds: {approval: {applicant: /a, official: /o, supervisor: /s}}
account: /account
notices:
  - id: x
    on: [{event: case.submitted}]
    to: agents
`
	for name, row := range map[string]struct{ of, want string }{
		"of nothing": {"", "of is missing"}, "no address": {"    of: [approval]\n", "no address for agents"},
	} {
		if _, err := notify.Load(strings.NewReader(head + row.of)); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
