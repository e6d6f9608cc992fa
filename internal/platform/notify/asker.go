package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/store"
)

// askerQuiet are the hours in which no short message goes to an asker: they have no page on which to choose their own.
var askerQuiet = Quiet{From: 22, Until: 7}

// asked is what a job knows of a message to an asker: neither who they are nor where they are reached.
type asked struct {
	Case   store.ID  `json:"case"`
	Notice string    `json:"notice"`
	Event  store.ID  `json:"event"`
	Due    string    `json:"due,omitempty"`
	Link   string    `json:"link"`
	At     time.Time `json:"at"`
}

// apart queues what askers are told, and returns the other occasions. The address is looked up when the message goes out, and kept
// nowhere: the key of a job says which notice of which event it is, so each goes out once.
func (s *Service) apart(ctx context.Context, tx *store.Tx, occasions []occasion) (others []occasion, err error) {
	for i := range occasions {
		o := &occasions[i]
		if o.notice.To != Asker {
			others = append(others, *o)
			continue
		}
		if s.o.Askers == nil || !s.Available(Mail) && !s.Available(SMS) {
			continue
		}
		key := o.event.ID.String() + "." + o.notice.ID
		if err := s.o.Jobs.Enqueue(ctx, tx, jobAsk, key, asked{o.event.Case, o.notice.ID, o.event.ID, o.due, s.link(o), o.event.At}, time.Time{}); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// sendAsker does a job of a message to an asker: by mail where they gave an address, else by short message.
func (s *Service) sendAsker(ctx context.Context, j job.Job) error {
	var a asked
	if err := j.Decode(&a); err != nil {
		return err
	}
	notice := s.o.Book.notice(a.Notice)
	if notice == nil || s.o.Askers == nil {
		return nil // an earlier version of the program had it
	}
	c, err := s.o.Cases.Get(ctx, a.Case)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("case of a message to an asker: %w", err)
	}
	to, err := s.o.Askers.Reach(ctx, c)
	if err != nil {
		return fmt.Errorf("reach the asker of %s: %w", c.Number, err)
	}
	tag := cmp.Or(to.Language, lang.Hans)
	values := s.values(args{Number: c.Number, Item: c.Title, Due: a.Due, Link: a.Link}, tag)
	id := a.Event.String() + "." + a.Notice
	switch {
	case to.Mail != "" && s.Available(Mail):
		err = s.o.Mailer.Send(ctx, smtp.Mail{
			From: s.o.From, To: to.Mail, Subject: fill(notice.Subject.In(tag), values), Text: fill(notice.Mail.In(tag), values) + "\n\n-- \n" + s.o.Book.Apart.In(tag) + "\n",
			Language: string(tag), ID: id + ".mail@" + s.host, Date: a.At,
		})
	case Mobile(to.Phone) && s.Available(SMS):
		if end := askerQuiet.Ends(s.o.Now()); !end.IsZero() {
			return job.Later(end)
		}
		err = s.o.Texter.Send(ctx, sms.Message{ID: id + ".sms", To: to.Phone, Text: fill(notice.SMS.In(tag), values), Language: string(tag)})
	}
	return s.unlessRefused(ctx, c.Number, err)
}

// unlessRefused passes an error on, so that the message is sent again, unless the server will never take it. What the server said stays out
// of the log and of the job, because it often repeats the address.
func (s *Service) unlessRefused(ctx context.Context, number string, err error) error {
	var byMail *smtp.Error
	var bySMS *sms.Error
	refused := errors.As(err, &byMail) && byMail.Refused() || errors.As(err, &bySMS) && bySMS.Refused()
	switch {
	case err == nil:
		return nil
	case refused:
		s.o.Log.InfoContext(ctx, "a message to an asker was refused for good", "case", number)
		return nil
	case byMail != nil:
		return fmt.Errorf("message to the asker of %s: the server of mails answers %d", number, byMail.Code)
	case bySMS != nil:
		return fmt.Errorf("message to the asker of %s: the gateway of short messages answers %d", number, bySMS.Status)
	default:
		return fmt.Errorf("message to the asker of %s: %w", number, err)
	}
}
