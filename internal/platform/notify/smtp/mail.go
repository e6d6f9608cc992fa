package smtp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Mail is one mail to one recipient.
type Mail struct {
	From     mail.Address
	To       string // bare address; see [CheckAddress]
	Subject  string
	Text     string
	Language string    // tag, such as zh-Hans; may be empty
	Stop     string    // address at which a POST ends mails of this kind (RFC 8058); empty: there is none
	ID       string    // Message-ID without the brackets: the same whenever the mail is sent again
	Date     time.Time // of the mail, not of the attempt
}

// maxAddress is the longest path of RFC 5321, 4.5.3.1.3, without its brackets.
const maxAddress = 254

// ErrAddress says that a text is no address to which this program sends mail.
var ErrAddress = errors.New("no mail address")

// CheckAddress returns the address as it is written in a mail: one bare address of ASCII letters.
func CheckAddress(text string) (string, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != text || len(text) > maxAddress {
		return "", ErrAddress
	}
	local, domain, _ := strings.Cut(text, "@")
	if strings.ContainsAny(text, "\"\\()[]<>,;:\x7f") || strings.Count(text, "@") != 1 || len(local) > 64 || !strings.Contains(domain, ".") {
		return "", ErrAddress
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return "", ErrAddress
		}
	}
	return text, nil
}

// Bytes returns the mail as it travels: ASCII only, lines of at most 76 signs but for an address, which stands on one line.
func (m Mail) Bytes() ([]byte, error) {
	if _, err := CheckAddress(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	if strings.ContainsAny(m.Subject, "\r\n\x00") || !utf8.ValidString(m.Subject) {
		return nil, errors.New("the subject holds signs that no subject may hold")
	}
	if !strings.Contains(m.ID, "@") || strings.ContainsAny(m.ID, " <>\r\n\x00") || m.Date.IsZero() || m.From.Address == "" {
		return nil, errors.New("a mail needs a sender, an ID and a date")
	}
	var b bytes.Buffer
	header := func(name, value string) { // a line for each encoded word
		b.WriteString(name + ": " + strings.ReplaceAll(value, "?= ", "?=\r\n ") + "\r\n")
	}
	header("From", m.From.String())
	header("To", "<"+m.To+">")
	header("Subject", mime.BEncoding.Encode("utf-8", m.Subject))
	header("Date", m.Date.Format(time.RFC1123Z))
	header("Message-ID", "<"+m.ID+">")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	if m.Language != "" {
		header("Content-Language", m.Language)
	}
	if m.Stop != "" {
		if u, err := url.Parse(m.Stop); err != nil || u.Host == "" || strings.ContainsAny(m.Stop, " <>\r\n") {
			return nil, errors.New("the address that ends mails is none")
		}
		header("List-Unsubscribe", "<"+m.Stop+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	header("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday notice answers it
	b.WriteString("\r\n")
	text := strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n")
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	for len(encoded) > 0 {
		n := min(len(encoded), 76)
		b.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	return b.Bytes(), nil
}
