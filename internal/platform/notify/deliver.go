package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/store"
)

// State says what became of a message in a channel.
type State string

// The states.
const (
	NotSent State = ""       // it does not go this way
	Queued  State = "queued" // waits, or is tried again
	Sent    State = "sent"   // the server has taken it
	Failed  State = "failed" // the server refused it for good
	Off     State = "off"    // there was no address any more, or it was switched off meanwhile
)

// letter is a message about to go out.
type letter struct {
	Message
	account store.ID
	notice  *Notice
	args    args
	reader  *reader
}

// open reads the message of a job. It returns nil when there is nothing to be sent any more.
func (s *Service) open(ctx context.Context, j *job.Job, c Channel) (*letter, error) {
	var p payload
	if err := j.Decode(&p); err != nil {
		return nil, err
	}
	l, err := store.One(ctx, s.o.DB.Read(), scanLetter, `SELECT `+messageColumns+` FROM notify_message WHERE id = $1`, int64(p.ID))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // erased meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", p.ID, err)
	}
	if l.state(c) != Queued {
		return nil, nil // done before, by an attempt that could not say so
	}
	if l.notice = s.o.Book.notice(l.Notice); l.notice == nil {
		return nil, s.put(ctx, l.ID, c, Off)
	}
	readers, err := s.readers(ctx, s.o.DB.Read(), []store.ID{l.account})
	if err != nil {
		return nil, err
	}
	l.reader = readers[l.account]
	usable := c == Mail && l.reader.mail || c == SMS && l.reader.sms
	if !usable || !l.reader.wants(l.notice, c) || !s.Available(c) {
		return nil, s.put(ctx, l.ID, c, Off)
	}
	if end := l.reader.quiet.Ends(s.o.Now()); !end.IsZero() {
		return nil, job.Later(end)
	}
	return &l, nil
}

// put notes what became of a message in a channel.
func (s *Service) put(ctx context.Context, id store.ID, c Channel, state State) error {
	column := map[Channel]string{Mail: "mail", SMS: "sms"}[c]
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE notify_message SET `+column+` = $2, `+column+`_at = $3 WHERE id = $1`, int64(id), string(state), store.Micros(s.o.Now()))
	})
}

// sendMail does a job of mail.
func (s *Service) sendMail(ctx context.Context, j job.Job) error {
	l, err := s.open(ctx, &j, Mail)
	if err != nil || l == nil {
		return err
	}
	contact, err := s.contact(ctx, l.account, Mail)
	if err != nil {
		return err
	}
	tag := l.reader.language
	values := s.values(l.args, tag)
	stop := ""
	if l.notice.Stop {
		stop = s.StopLink(l.account, l.notice.ID)
		values["stop"] = stop + "?lang=" + string(tag)
	}
	err = s.o.Mailer.Send(ctx, smtp.Mail{
		From: s.o.From, To: contact.Address, Subject: fill(l.notice.Subject.In(tag), values),
		Text: fill(l.notice.Mail.In(tag), values) + s.footer(tag), Language: string(tag), Stop: stop, ID: l.ID.String() + ".mail@" + s.host, Date: l.At,
	})
	var answer *smtp.Error
	if errors.As(err, &answer) && answer.Refused() {
		return s.refused(ctx, l, Mail, fmt.Sprintf("%d %s", answer.Code, answer.Text))
	}
	if err != nil {
		return err
	}
	return s.put(ctx, l.ID, Mail, Sent)
}

// mobile is the form of a mobile number of the mainland.
var mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// Mobile reports whether short messages can be sent to a number.
func Mobile(number string) bool { return mobile.MatchString(number) }

// sendSMS does a job of a short message.
func (s *Service) sendSMS(ctx context.Context, j job.Job) error {
	l, err := s.open(ctx, &j, SMS)
	if err != nil || l == nil {
		return err
	}
	account, err := s.o.Accounts.Account(ctx, l.account)
	if err != nil {
		return fmt.Errorf("account %s: %w", l.account, err)
	}
	if !Mobile(account.Phone) || account.Disabled {
		return s.put(ctx, l.ID, SMS, Off)
	}
	tag := l.reader.language
	err = s.o.Texter.Send(ctx, sms.Message{
		ID: l.ID.String() + ".sms", To: account.Phone, Text: fill(l.notice.SMS.In(tag), s.values(l.args, tag)), Language: string(tag),
	})
	var answer *sms.Error
	if errors.As(err, &answer) && answer.Refused() {
		return s.refused(ctx, l, SMS, fmt.Sprintf("%d %s", answer.Status, answer.Text))
	}
	if err != nil {
		return err
	}
	return s.put(ctx, l.ID, SMS, Sent)
}

// refused notes that a server will never take messages for somebody: the channel rests until they say otherwise, and they see why.
func (s *Service) refused(ctx context.Context, l *letter, c Channel, why string) error {
	if err := s.put(ctx, l.ID, c, Failed); err != nil {
		return err
	}
	s.o.Log.InfoContext(ctx, "a channel was refused for good and rests", "channel", c, "message", l.ID)
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.rest(ctx, tx, l.account, c, why)
	})
}

func (s *Service) rest(ctx context.Context, tx *store.Tx, account store.ID, c Channel, why string) error {
	const maxWhy = 300
	if len(why) > maxWhy {
		why = why[:maxWhy]
	}
	return tx.Exec(ctx, `INSERT INTO notify_contact (account, channel, verified_at, code_until, code_tries, code_count, code_day, code_at, problem, problem_at)
		VALUES ($1, $2, 0, 0, 0, 0, 0, 0, $3, $4) ON CONFLICT (account, channel) DO UPDATE SET problem = excluded.problem, problem_at = excluded.problem_at`,
		int64(account), string(c), s.o.Keys.Seal(place(account, c, "problem"), []byte(why)), store.Micros(s.o.Now()))
}

const messageColumns = `id, account, notice, event, case_id, args, at, read_at, in_app, mail, mail_at, sms, sms_at`

func scanLetter(r store.Row) (l letter, err error) {
	var raw string
	var at, read, mailAt, smsAt int64
	var event int64
	var inApp bool
	if err = r.Scan(&l.ID, &l.account, &l.Notice, &event, &l.Case, &raw, &at, &read, &inApp, &l.MailState, &mailAt, &l.SMSState, &smsAt); err != nil {
		return l, err
	}
	l.At, l.ReadAt = store.Instant(at), store.Instant(read)
	l.MailAt, l.SMSAt = store.Instant(mailAt), store.Instant(smsAt)
	if err := json.Unmarshal([]byte(raw), &l.args); err != nil {
		return l, fmt.Errorf("message %s: %w", l.ID, err)
	}
	return l, nil
}

func (l *letter) state(c Channel) State {
	if c == Mail {
		return l.MailState
	}
	return l.SMSState
}

// Message (通知) is what somebody was told.
type Message struct {
	ID                  store.ID
	Notice              string // id in notices.yaml
	Case                store.ID
	Number              string // of the case
	Title, Text, Link   string // in the language asked for
	At                  time.Time
	ReadAt              time.Time // zero: unread
	MailState, SMSState State
	MailAt, SMSAt       time.Time
}

// Unread reports whether it was not read.
func (m *Message) Unread() bool { return m.ReadAt.IsZero() }
