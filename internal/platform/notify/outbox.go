package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
)

// Outbox is a folder into which mails are written instead of being sent: for the demo and for trying out. One that is written again
// replaces itself.
type Outbox string

// Send implements [Mailer]: it writes ID.eml.
func (o Outbox) Send(_ context.Context, m smtp.Mail) error {
	content, err := m.Bytes()
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(m.ID, "@")
	return o.put(name+".eml", content)
}

// TextOutbox is [Outbox] for short messages.
type TextOutbox string

// Send implements [Texter]: it writes ID.json.
func (o TextOutbox) Send(_ context.Context, m sms.Message) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("short message: %w", err)
	}
	return Outbox(o).put(m.ID+".json", append(content, '\n'))
}

func (o Outbox) put(name string, content []byte) error {
	if name != filepath.Base(name) {
		return errors.New("the name of a message is no file name")
	}
	if err := os.MkdirAll(string(o), 0o700); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	path := filepath.Join(string(o), name)
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}
