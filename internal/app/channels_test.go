package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/notify/smtp"
)

func TestChannels(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "smtp")
	if err := os.WriteFile(file, []byte("smtp://hall:p%40ss@mail.example.com?tls=implicit\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig("", []string{"OPENHALL_SMTP_FILE=" + file, "OPENHALL_BASE_URL=https://hall.example.gov.cn", "OPENHALL_SMS_WEBHOOK=https://sms.example.com/send",
		"OPENHALL_SMS_SECRET=0123456789abcdef"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, from, err := c.Mailer()
	want := smtp.Server{Host: "mail.example.com", Port: "465", User: "hall", Password: "p@ss", Mode: smtp.Implicit, Name: "hall.example.gov.cn"}
	if err != nil || m != want || from.Address != "no-reply@hall.example.gov.cn" {
		t.Errorf("mailer %+v, from %v, %v", m, from, err)
	}
	if x, err := c.Texter(time.Now); err != nil || x == nil {
		t.Errorf("texter %v, %v", x, err)
	}
	none, err := LoadConfig("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, _, err := none.Mailer(); err != nil || m != nil {
		t.Errorf("without a server: %v, %v", m, err)
	}
	if x, err := none.Texter(time.Now); err != nil || x != nil {
		t.Errorf("without a gateway: %v, %v", x, err)
	}
}

func TestChannelsRefuse(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		env  []string
		says string
	}{
		{[]string{"SMTP=mail.example.com"}, "mail-from is not"},
		{[]string{"SMTP=mail.example.com", "MAIL_FROM=a@example.com"}, "smtp: the address of the mail server is no address"},
		{[]string{"SMTP=smtp://u:verysecret@mail.example.com?tls=none", "MAIL_FROM=a@example.com"}, "for everybody to read"},
		{[]string{"SMTP=smtp://mail.example.com", "MAIL_FROM=hall"}, `mail-from "hall": want an address`},
		{[]string{"SMTP=file:"}, "names no folder"},
		{[]string{"MAIL_FROM=a@example.com"}, "smtp is not"},
		{[]string{"SMTP=file:x", "SMTP_FILE=" + empty}, "both given"},
		{[]string{"SMTP_FILE=" + empty}, "is empty"},
		{[]string{"SMTP_FILE=" + empty + ".missing"}, "smtp-file"},
		{[]string{"SMS_WEBHOOK=https://sms.example.com"}, "go together"},
		{[]string{"SMS_SECRET=0123456789abcdef"}, "go together"},
		{[]string{"SMS_WEBHOOK=http://sms.example.com", "SMS_SECRET=0123456789abcdef"}, "for everybody to read"},
		{[]string{"SMS_WEBHOOK=https://sms.example.com", "SMS_SECRET=short"}, "want at least 16"},
		{[]string{"SMS_WEBHOOK=file:"}, "names no folder"},
		{[]string{"SMTP_PASSWORD=x"}, "unknown key"},
	} {
		var env []string
		for _, e := range row.env {
			env = append(env, "OPENHALL_"+e)
		}
		_, err := LoadConfig("", env, nil)
		if err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "verysecret") {
			t.Errorf("%v: %v; want %q and no secret", row.env, err, row.says)
		}
	}
}
