package app

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/knadh/koanf/v2"

	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/notify/sms"
	"openhall.org/openhall/internal/platform/notify/smtp"
)

// secret reads a key that may stand in a file of its own, so that it need not stand among the others: KEY-file names it.
func secret(k *koanf.Koanf, key string, value *string) error {
	path := k.String(key + "-file")
	if path == "" {
		return nil
	}
	if *value != "" {
		return fmt.Errorf("%s and %s-file are both given: leave one out", key, key)
	}
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("%s-file: %w", key, err)
	}
	if *value = strings.TrimSpace(string(content)); *value == "" {
		return fmt.Errorf("%s-file: %s is empty", key, path)
	}
	return nil
}

// folder returns the folder of a channel that writes files instead of sending.
func folder(address string) (string, bool) { return strings.CutPrefix(address, "file:") }

// completeChannels fills in the sender of mails, and refuses what cannot be.
func (c *Config) completeChannels(host string) error {
	if c.SMTP == "" && c.MailFrom != "" {
		return errors.New("mail-from is given, and smtp is not: say by which server mails go out")
	}
	if c.SMTP != "" && c.MailFrom == "" {
		if _, written := folder(c.SMTP); !written && (net.ParseIP(host) != nil || !strings.Contains(host, ".")) {
			return errors.New("smtp is given, and mail-from is not: say from which address mails come, such as no-reply@hall.example.gov.cn")
		}
		c.MailFrom = "no-reply@" + host
	}
	if (c.SMSWebhook == "") != (c.SMSSecret == "") {
		if _, written := folder(c.SMSWebhook); !written {
			return errors.New("sms-webhook and sms-secret go together: give both or neither")
		}
	}
	_, _, err := c.Mailer()
	if err == nil {
		_, err = c.Texter(time.Time{}.UTC)
	}
	return err
}

// Mailer returns what sends mails and in whose name; nil when the hall sends none.
func (c *Config) Mailer() (m notify.Mailer, from mail.Address, err error) {
	if c.SMTP == "" {
		return nil, from, nil
	}
	sender, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return nil, from, fmt.Errorf("mail-from %q: want an address such as no-reply@hall.example.gov.cn, or a name and an address: Hall <no-reply@hall.example.gov.cn>", c.MailFrom)
	}
	if dir, ok := folder(c.SMTP); ok {
		if dir == "" {
			return nil, from, errors.New("smtp: file: names no folder; want file:DIR")
		}
		return notify.Outbox(dir), *sender, nil
	}
	server, err := smtp.Parse(c.SMTP)
	if err != nil {
		return nil, from, fmt.Errorf("smtp: %w", err)
	}
	_, server.Name, _ = strings.Cut(sender.Address, "@")
	return server, *sender, nil
}

// Texter returns what sends short messages; nil when the hall sends none.
func (c *Config) Texter(now func() time.Time) (notify.Texter, error) {
	if c.SMSWebhook == "" {
		return nil, nil
	}
	if dir, ok := folder(c.SMSWebhook); ok {
		if dir == "" {
			return nil, errors.New("sms-webhook: file: names no folder; want file:DIR")
		}
		return notify.TextOutbox(dir), nil
	}
	g, err := sms.New(c.SMSWebhook, c.SMSSecret, now)
	if err != nil {
		return nil, fmt.Errorf("sms-webhook: %w", err)
	}
	return g, nil
}
