package smtp_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/notify/smtp/smtptest"
)

var letter = smtp.Mail{
	From: mail.Address{Name: "安徽政务", Address: "no-reply@hall.example.gov.cn"}, To: "wang@example.com",
	Subject: "安徽政务公开：您有一份补正通知，请在期限内补正，逾期将视为撤回申请", Text: "请登录查看。\n.\n.. 点开头的行\n", Language: "zh-Hans",
	ID: "914.mail@hall.example.gov.cn", Date: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC),
}

func connect(t *testing.T, s *smtptest.Server, mode smtp.Mode) smtp.Server {
	t.Helper()
	return smtp.Server{Host: s.Host, Port: s.Port, User: s.User, Password: s.Password, Mode: mode, Roots: s.Roots, Name: "hall.example.gov.cn"}
}

// The mail arrives as it was written, by each way of encrypting, and another library reads it.
func TestAMailArrives(t *testing.T) {
	for _, mode := range []smtp.Mode{smtp.StartTLS, smtp.Implicit, smtp.None} {
		t.Run(string(mode), func(t *testing.T) {
			s := smtptest.Start(t, mode == smtp.Implicit, mode != smtp.None)
			if err := connect(t, s, mode).Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
			taken := s.Taken()
			if len(taken) != 1 || taken[0].To != "wang@example.com" || taken[0].From != "no-reply@hall.example.gov.cn" || taken[0].User != "hall" || taken[0].TLS != (mode != smtp.None) {
				t.Fatalf("taken %+v", taken)
			}
			got, err := mail.ReadMessage(strings.NewReader(taken[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
			if err != nil || subject != letter.Subject {
				t.Errorf("subject %q, %v", subject, err)
			}
			body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, got.Body))
			if err != nil || string(body) != "请登录查看。\r\n.\r\n.. 点开头的行\r\n" {
				t.Errorf("text %q, %v", body, err)
			}
			from, err := mail.ParseAddress(got.Header.Get("From"))
			if err != nil || *from != letter.From {
				t.Errorf("from %v, %v", from, err)
			}
			for name, want := range map[string]string{
				"Message-Id": "<914.mail@hall.example.gov.cn>", "Date": "Mon, 02 Mar 2026 01:00:00 +0000", "To": "<wang@example.com>", "Auto-Submitted": "auto-generated",
				"Content-Language": "zh-Hans",
			} {
				if v := got.Header.Get(name); v != want {
					t.Errorf("%s: %q; want %q", name, v, want)
				}
			}
			for line := range strings.Lines(taken[0].Data) {
				if len(line) > 90 || strings.Trim(line, "\r\n") != strings.Map(ascii, strings.Trim(line, "\r\n")) {
					t.Errorf("line %q: want ASCII, no long line", line)
				}
			}
		})
	}
}

func ascii(r rune) rune {
	if r > '~' {
		return -1
	}
	return r
}

// What a server can answer, and whether trying again is of any use.
func TestTheServerRefuses(t *testing.T) {
	s := smtptest.Start(t, false, true)
	secret := "<wang@example.com> has no mailbox here"
	for name, row := range map[string]struct {
		does    smtptest.Behaviour
		step    string
		code    int
		refused bool
	}{
		"no such mailbox": {smtptest.Behaviour{Rcpt: smtptest.Answer(550, secret)}, "RCPT", 550, true},
		"greylisted":      {smtptest.Behaviour{Rcpt: smtptest.Answer(451, secret)}, "RCPT", 451, false},
		"mailbox full":    {smtptest.Behaviour{Rcpt: smtptest.Answer(452, secret)}, "RCPT", 452, false},
		"taken for spam":  {smtptest.Behaviour{Data: smtptest.Answer(554, secret)}, "DATA", 554, true},
		"sender refused":  {smtptest.Behaviour{Mail: smtptest.Answer(553, secret)}, "MAIL", 553, false},
	} {
		t.Run(name, func(t *testing.T) {
			s.Do(row.does)
			err := connect(t, s, smtp.StartTLS).Send(t.Context(), letter)
			var answer *smtp.Error
			if !errors.As(err, &answer) || answer.Step != row.step || answer.Code != row.code || answer.Refused() != row.refused || !strings.Contains(answer.Text, secret) {
				t.Fatalf("%#v", err)
			}
			if strings.Contains(err.Error(), "wang") {
				t.Errorf("%q names the recipient", err)
			}
		})
	}
}

func TestTheServerHangsOrBreaksOff(t *testing.T) {
	s := smtptest.Start(t, false, true)
	server := connect(t, s, smtp.StartTLS)
	s.Do(smtptest.Behaviour{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := server.Send(ctx, letter); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that hangs: %v; want the end of the context", err)
	}
	s.Do(smtptest.Behaviour{DropAfterTaking: true})
	var answer *smtp.Error
	if err := server.Send(t.Context(), letter); err == nil || errors.As(err, &answer) {
		t.Errorf("a connection that breaks: %v; want an error that is no answer", err)
	}
	server.Port = "1"
	if err := server.Send(t.Context(), letter); err == nil || !strings.Contains(err.Error(), "reach the mail server") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestItInsistsOnEncryption(t *testing.T) {
	plain := smtptest.Start(t, false, false)
	if err := connect(t, plain, smtp.StartTLS).Send(t.Context(), letter); err == nil || !strings.Contains(err.Error(), "offers no STARTTLS") {
		t.Errorf("a server without STARTTLS: %v", err)
	}
	if len(plain.Taken()) != 0 {
		t.Error("it sent the mail in the open")
	}
	secure := smtptest.Start(t, false, true)
	server := connect(t, secure, smtp.StartTLS)
	server.Roots = x509.NewCertPool()
	if err := server.Send(t.Context(), letter); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	server = connect(t, secure, smtp.StartTLS)
	server.Password = "wrong"
	var answer *smtp.Error
	if err := server.Send(t.Context(), letter); !errors.As(err, &answer) || answer.Step != "AUTH" || answer.Code != 535 || answer.Refused() {
		t.Errorf("a wrong password: %v; want an answer that the operator can mend", err)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]smtp.Server{
		"smtp://mail.example.com":                                 {Host: "mail.example.com", Port: "587", Mode: smtp.StartTLS},
		"smtp://u:p%40ss@mail.example.com:2525?tls=starttls":      {Host: "mail.example.com", Port: "2525", User: "u", Password: "p@ss", Mode: smtp.StartTLS},
		"smtp://u%40example.com:p@mail.example.com/?tls=implicit": {Host: "mail.example.com", Port: "465", User: "u@example.com", Password: "p", Mode: smtp.Implicit},
		"smtp://relay.internal?tls=none":                          {Host: "relay.internal", Port: "25", Mode: smtp.None},
		"smtp://u:p@[::1]:1025?tls=none":                          {Host: "::1", Port: "1025", User: "u", Password: "p", Mode: smtp.None},
	} {
		if got, err := smtp.Parse(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, says := range map[string]string{
		"mail.example.com:25":     "want smtp://",
		"http://mail.example.com": "want smtp://",
		"smtp://":                 "want smtp://",
		"smtp://h/path":           "want smtp://",
		"smtp://u:se/cret@h":      "%2F",
		"smtp://h?tls=maybe":      "tls=maybe",
		"smtp://h?starttls=1":     "starttls=1",
		"smtp://u@h":              "user without a password",
		"smtp://u:secret@mail.example.com?tls=none": "for everybody to read",
	} {
		if _, err := smtp.Parse(text); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want it to say %q and no password", text, err, says)
		}
	}
}

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{"wang@example.com", "wang.xiao+hall@mail.example.com.cn", "w@a.cn"} {
		if got, err := smtp.CheckAddress(good); err != nil || got != good {
			t.Errorf("%s: %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{
		"", "wang", "wang@", "@example.com", "wang@localhost", "王@example.com", "wang@例子.中国", "Wang <wang@example.com>", "wang@example.com ", "a b@example.com",
		"wang@example.com,li@example.com", "wang@example.com\r\nBcc: li@example.com", `"a\"b"@example.com`, strings.Repeat("a", 65) + "@example.com",
		"w@" + strings.Repeat("a.", 130) + "cn", "a@b@example.com",
	} {
		if _, err := smtp.CheckAddress(bad); !errors.Is(err, smtp.ErrAddress) {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}

// Whatever stands in a mail, its headers are those that we wrote and no others.
func TestNoTextAddsAHeader(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := letter
		m.Subject = rapid.String().Draw(rt, "subject")
		m.Text = rapid.String().Draw(rt, "text")
		m.From.Name = rapid.String().Draw(rt, "name")
		if rapid.Bool().Draw(rt, "hostile") {
			m.From.Name += "\r\nBcc: li@example.com"
		}
		raw, err := m.Bytes()
		if err != nil {
			if strings.ContainsAny(m.Subject, "\r\n\x00") {
				return
			}
			rt.Fatal(err)
		}
		got, err := mail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			rt.Fatal(err)
		}
		if len(got.Header) != 10 || got.Header.Get("Bcc") != "" {
			rt.Fatalf("headers %v", got.Header)
		}
	})
}

func FuzzCheckAddress(f *testing.F) {
	f.Add("wang@example.com")
	f.Add("wang@example.com\r\nBcc: x@example.com")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := smtp.CheckAddress(text); err == nil && (a != text || strings.ContainsAny(a, "\r\n<> ")) {
			t.Errorf("%q became %q", text, a)
		}
	})
}
