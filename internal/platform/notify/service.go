package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Consumer is the name under which notify follows the log.
const Consumer = "notify"

// Mailer takes mails; a [smtp.Server] is one.
type Mailer interface {
	Send(ctx context.Context, m smtp.Mail) error
}

// Texter takes short messages; a [sms.Gateway] is one.
type Texter interface {
	Send(ctx context.Context, m sms.Message) error
}

// Cases reads cases.
type Cases interface {
	Get(ctx context.Context, id store.ID) (*casework.Case, error)
}

// Accounts reads accounts.
type Accounts interface {
	Account(ctx context.Context, id store.ID) (identity.Account, error)
}

// Places knows who holds which post.
type Places interface {
	Now() *registry.Snapshot
}

// Followers knows the village agents (代办员) who follow a case for its applicant: whom the applicant lets act for them now.
type Followers interface {
	Following(ctx context.Context, c *casework.Case) ([]store.ID, error)
}

// Askers knows how those are reached of whom the case knows nothing.
type Askers interface {
	// Reach returns how the asker of a case is reached; the zero Reach when they gave no address, or when it was erased.
	Reach(ctx context.Context, c *casework.Case) (Reach, error)
}

// Reach is how an asker is reached, and the language in which they asked.
type Reach struct {
	Mail, Phone string
	Language    lang.Tag // empty: it is not known
}

// Options are what notify works with. Askers and Agents may be nil: then no case has any. Mailer and Texter may be nil: the channel is not there, and pages say so.
type Options struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Now      func() time.Time
	Log      *slog.Logger
	Jobs     *job.Queue
	Cases    Cases
	Accounts Accounts
	Places   Places
	Askers   Askers
	Agents   Followers
	Book     *Book
	Site     func() lang.Text // name of the site
	BaseURL  string           // where people reach it
	From     mail.Address     // sender of mails
	Mailer   Mailer
	Texter   Texter
}

// Service tells people. It is safe for concurrent use.
type Service struct {
	o    Options
	host string // right part of Message-IDs
}

// The kinds of jobs.
const (
	jobMail = "notify.mail"
	jobSMS  = "notify.sms"
	jobCode = "notify.code"
	jobAsk  = "notify.asker"
)

// New returns the service and registers its jobs.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Keys == nil || o.IDs == nil || o.Now == nil || o.Log == nil || o.Jobs == nil || o.Cases == nil || o.Accounts == nil ||
		o.Places == nil || o.Book == nil || o.Site == nil || o.BaseURL == "" {
		return nil, errors.New("notify: an option is missing")
	}
	if o.Mailer != nil && o.From.Address == "" {
		return nil, errors.New("notify: mails need a sender")
	}
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("notify: base URL %q: want https://HOST", o.BaseURL)
	}
	s := &Service{o: o, host: u.Hostname()}
	return s, errors.Join(
		o.Jobs.Register(jobMail, s.sendMail, job.Lane{Workers: 4}),
		o.Jobs.Register(jobSMS, s.sendSMS, job.Lane{Workers: 4}),
		o.Jobs.Register(jobAsk, s.sendAsker, job.Lane{Workers: 2}),
		o.Jobs.Register(jobCode, s.sendCode, job.Lane{Workers: 2, Attempts: 5}),
	)
}

// Available reports whether the program has the channel at all.
func (s *Service) Available(c Channel) bool {
	switch c {
	case App:
		return true
	case Mail:
		return s.o.Mailer != nil
	case SMS:
		return s.o.Texter != nil
	}
	return false
}

// Notices lists what an account of the kind can be told of; supervises adds what supervisors are told.
func (s *Service) Notices(official, supervises bool) []Notice {
	var out []Notice
	for _, n := range s.o.Book.Notices {
		if n.To.Tells(official) && (n.To != Supervisors || supervises) {
			out = append(out, n)
		}
	}
	return out
}

// args is what is kept of an event for the words of a message. None of it is personal but that the message is theirs.
type args struct {
	Number string    `json:"number"`
	Item   lang.Text `json:"item"`
	Due    string    `json:"due,omitempty"` // YYYY-MM-DD
	Link   string    `json:"link"`          // path of this site
	At     string    `json:"at,omitempty"`  // RFC 3339, of what happened to an account
}

// values fills the places of texts in a language.
func (s *Service) values(a args, tag lang.Tag) map[string]string {
	return map[string]string{
		"site": oneLine(s.o.Site().In(tag)), "number": a.Number, "item": a.Item.In(tag), "due": day(a.Due, tag), "link": s.o.BaseURL + a.Link,
		"at": moment(a.At, tag),
	}
}

// oneLine keeps what operators type as the name of their site from breaking a subject.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// footer stands below every mail.
func (s *Service) footer(tag lang.Tag) string {
	return "\n\n-- \n" + fill(s.o.Book.Footer.In(tag), map[string]string{"settings": s.o.BaseURL + "/me/messages/settings"}) + "\n"
}

// day writes a day as people write it.
func day(text string, tag lang.Tag) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	if tag == lang.En {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

// moment writes an instant as people in Asia/Shanghai write it.
func moment(text string, tag lang.Tag) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	t = t.In(calendar.Zone)
	return day(t.Format(time.DateOnly), tag) + " " + t.Format("15:04")
}
