package notify

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

// Box (收件箱) is whose messages are read, and by whom. What happened to the account itself, such as a sign-in on a new device or another
// password, is for its owner alone: an agent (代办人) sees what is about matters and nothing else.
type Box struct {
	Account store.ID
	Agent   bool // read by somebody who acts for the owner
}

// rows chooses the messages of the box: $1 is its account.
func (b Box) rows() string {
	if b.Agent {
		return `account = $1 AND in_app AND case_id > 0`
	}
	return `account = $1 AND in_app`
}

// PageSize is how many messages a page of the list holds.
const PageSize = 20

// ListFilter chooses messages.
type ListFilter struct {
	UnreadOnly bool
	Before     store.ID // cursor: the last id of the page before
}

// List returns the messages of a box in a language, newest first.
func (s *Service) List(ctx context.Context, box Box, tag lang.Tag, f ListFilter) ([]Message, error) {
	before := int64(f.Before)
	if before == 0 {
		before = 1<<63 - 1
	}
	where := box.rows() + ` AND id < $2`
	if f.UnreadOnly {
		where += ` AND read_at = 0`
	}
	letters, err := store.All(ctx, s.o.DB.Read(), scanLetter,
		`SELECT `+messageColumns+` FROM notify_message WHERE `+where+` ORDER BY id DESC LIMIT $3`, int64(box.Account), before, PageSize)
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	out := make([]Message, len(letters))
	for i := range letters {
		out[i] = s.worded(&letters[i], tag)
	}
	return out, nil
}

// worded puts a message into words.
func (s *Service) worded(l *letter, tag lang.Tag) Message {
	m := l.Message
	m.Number, m.Link = l.args.Number, l.args.Link
	if n := s.o.Book.notice(m.Notice); n != nil {
		m.Title, m.Text = n.Title.In(tag), fill(n.Text.In(tag), s.values(l.args, tag))
	} else { // of an earlier version of the program
		m.Title, m.Text = l.args.Number, l.args.Item.In(tag)
	}
	return m
}

// Read returns a message of a box and marks it as read, or [store.ErrNotFound].
func (s *Service) Read(ctx context.Context, box Box, id store.ID, tag lang.Tag) (Message, error) {
	l, err := store.One(ctx, s.o.DB.Read(), scanLetter, `SELECT `+messageColumns+` FROM notify_message WHERE `+box.rows()+` AND id = $2`,
		int64(box.Account), int64(id))
	if err != nil {
		return Message{}, err
	}
	if l.Unread() {
		if err := s.mark(ctx, box, `id = $3 AND read_at = 0`, s.o.Now(), id); err != nil {
			return Message{}, err
		}
	}
	return s.worded(&l, tag), nil
}

// ReadAll marks all messages of a box as read, up to one: what came after the page was shown stays unread.
func (s *Service) ReadAll(ctx context.Context, box Box, upTo store.ID) error {
	return s.mark(ctx, box, `id <= $3 AND read_at = 0`, s.o.Now(), upTo)
}

// SetUnread marks a message as unread again.
func (s *Service) SetUnread(ctx context.Context, box Box, id store.ID) error {
	return s.mark(ctx, box, `id = $3`, time.Time{}, id)
}

func (s *Service) mark(ctx context.Context, box Box, which string, at time.Time, id store.ID) error {
	err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE notify_message SET read_at = $2 WHERE `+box.rows()+` AND `+which, int64(box.Account), store.Micros(at), int64(id))
	})
	if err != nil {
		return fmt.Errorf("mark messages: %w", err)
	}
	return nil
}

// MaxUnread is how far unread messages are counted.
const MaxUnread = 99

// Unread counts the unread messages of a box, up to [MaxUnread] and one: a look into an index that holds nothing else, and at the few that are unread.
func (s *Service) Unread(ctx context.Context, box Box) (int, error) {
	return store.Scalar[int](s.o.DB.Read().QueryRow(ctx, `SELECT count(*) FROM
		(SELECT 1 FROM notify_message WHERE `+box.rows()+` AND read_at = 0 LIMIT $2) AS unread`, int64(box.Account), MaxUnread+1))
}

// DeleteRead removes the messages of a box that were read.
func (s *Service) DeleteRead(ctx context.Context, box Box) error {
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `DELETE FROM notify_message WHERE `+box.rows()+` AND read_at > 0`, int64(box.Account))
	})
}

// Forget removes everything that is kept of an account: for the erasure of the account.
func (s *Service) Forget(ctx context.Context, account store.ID) error {
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, table := range []string{"message", "contact", "choice", "setting"} {
			tx.Queue(`DELETE FROM notify_`+table+` WHERE account = $1`, int64(account))
		}
		return nil
	})
}

const (
	keepMessages = 2 * 365 * 24 * time.Hour // the letters themselves stay with the matter
	sweepBatch   = 1000
)

// Sweep removes up to 1,000 messages that are two years old, and returns how many it removed.
func (s *Service) Sweep(ctx context.Context) (removed int64, err error) {
	err = s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		removed, err = tx.ExecCount(ctx, `DELETE FROM notify_message WHERE id IN (SELECT id FROM notify_message WHERE at < $1 ORDER BY at LIMIT $2)`,
			store.Micros(s.o.Now().Add(-keepMessages)), sweepBatch)
		return err
	})
	return removed, err
}
