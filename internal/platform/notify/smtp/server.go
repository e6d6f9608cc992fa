package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
)

// Mode says how the connection is encrypted.
type Mode string

// The modes.
const (
	StartTLS Mode = "starttls" // it begins in the open and is encrypted before anything is said
	Implicit Mode = "implicit" // TLS from the first byte
	None     Mode = "none"     // not at all: for a relay on this machine or in a closed network
)

// Server is a mail server that takes our mails.
type Server struct {
	Host, Port     string
	User, Password string // empty: it asks for none
	Mode           Mode
	Name           string         // how we call ourselves to it; empty: localhost
	Roots          *x509.CertPool // nil: those of the system
}

// ports are the usual ones: RFC 6409, RFC 8314, RFC 5321.
var ports = map[Mode]string{StartTLS: "587", Implicit: "465", None: "25"}

// Parse reads the address of a server: smtp://USER:PASSWORD@HOST:PORT?tls=starttls|implicit|none. User, password and port may be
// left out; without tls it is starttls. Errors never repeat the password.
func Parse(text string) (Server, error) {
	const want = "want smtp://USER:PASSWORD@HOST:PORT?tls=starttls, implicit or none"
	u, err := url.Parse(text)
	if err != nil {
		return Server{}, errors.New("the address of the mail server cannot be read: " + want + "; write signs such as @ : / # % in the password as %40 %3A %2F %23 %25")
	}
	if u.Scheme != "smtp" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return Server{}, errors.New("the address of the mail server is no address: " + want)
	}
	s := Server{Host: u.Hostname(), Port: u.Port(), User: u.User.Username(), Mode: StartTLS}
	s.Password, _ = u.User.Password()
	for key, values := range u.Query() {
		mode := Mode(values[0])
		if key != "tls" || len(values) != 1 || ports[mode] == "" {
			return Server{}, fmt.Errorf("the address of the mail server has %s=%s: %s", key, strings.Join(values, ","), want)
		}
		s.Mode = mode
	}
	if s.Port == "" {
		s.Port = ports[s.Mode]
	}
	if (s.User == "") != (s.Password == "") {
		return Server{}, errors.New("the address of the mail server has a user without a password, or a password without a user: give both or neither")
	}
	if s.Mode == None && s.User != "" && !s.loopback() {
		return Server{}, fmt.Errorf("with tls=none the password would travel to %s for everybody to read: use tls=starttls or tls=implicit, or no password", s.Host)
	}
	return s, nil
}

func (s Server) loopback() bool {
	ip, err := netip.ParseAddr(s.Host)
	return s.Host == "localhost" || err == nil && ip.IsLoopback()
}

// Error is what the server answered when it did not take a mail. Its text may hold the recipient's address and is kept out of Error.
type Error struct {
	Step string // greeting, STARTTLS, AUTH, MAIL, RCPT or DATA
	Code int    // of the answer, such as 550
	Text string // as the server put it
}

// Error names the step and the code only: it can be logged.
func (e *Error) Error() string {
	return fmt.Sprintf("the mail server answered %d to %s", e.Code, e.Step)
}

// Refused reports whether the server will never take mail for this recipient, or not this mail: trying again is of no use. An
// answer of 5xx before the recipient was named says something of our own settings, which the operator can mend.
func (e *Error) Refused() bool {
	return e.Code >= 500 && e.Code < 600 && (e.Step == "RCPT" || e.Step == "DATA")
}

// at says at which step an error came.
func at(step string, err error) error {
	if err == nil {
		return nil
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return &Error{Step: step, Code: answer.Code, Text: answer.Msg}
	}
	return fmt.Errorf("mail server, %s: %w", step, err)
}

// Send hands the mail over. When it returns nil the server has taken it. When it fails the server may have taken it all the same,
// if the connection broke at the very end.
func (s Server) Send(ctx context.Context, m Mail) (err error) {
	content, err := m.Bytes()
	if err != nil {
		return err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	// net/smtp knows no context: closing the connection ends whatever waits for the server.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		stop()
		_ = conn.Close() // after QUIT, or given up
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("mail server: %w", ctx.Err())
		}
	}()
	c, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return at("greeting", err)
	}
	if err := s.introduce(c); err != nil {
		return err
	}
	if err := at("MAIL", c.Mail(m.From.Address)); err != nil {
		return err
	}
	if err := at("RCPT", c.Rcpt(m.To)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return at("DATA", err)
	}
	if _, err := w.Write(content); err != nil {
		return at("DATA", err)
	}
	if err := at("DATA", w.Close()); err != nil {
		return err
	}
	_ = c.Quit() // the mail has been taken; whether they say goodbye changes nothing
	return nil
}

func (s Server) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(s.Host, s.Port)
	if s.Mode == Implicit {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (s Server) tls() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

// introduce says who we are, encrypts, and signs in.
func (s Server) introduce(c *smtp.Client) error {
	if s.Name != "" {
		if err := at("EHLO", c.Hello(s.Name)); err != nil {
			return err
		}
	}
	if s.Mode == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return errors.New("the mail server offers no STARTTLS: write tls=implicit or tls=none in its address if that is right")
		}
		if err := at("STARTTLS", c.StartTLS(s.tls())); err != nil {
			return err
		}
	}
	if s.User == "" {
		return nil
	}
	ok, offered := c.Extension("AUTH")
	if !ok {
		return errors.New("the mail server takes no passwords: leave them out of its address")
	}
	methods := strings.Fields(strings.ToUpper(offered))
	for _, m := range methods {
		if m == "PLAIN" {
			return at("AUTH", c.Auth(smtp.PlainAuth("", s.User, s.Password, s.Host)))
		}
	}
	for _, m := range methods {
		if m == "LOGIN" {
			return at("AUTH", c.Auth(&login{s}))
		}
	}
	return fmt.Errorf("the mail server takes passwords by %s only; openhall knows PLAIN and LOGIN", offered)
}

// login is the method LOGIN, the only one that some servers know.
type login struct{ s Server }

// Start implements smtp.Auth.
func (l *login) Start(info *smtp.ServerInfo) (string, []byte, error) {
	if !info.TLS && !l.s.loopback() {
		return "", nil, errors.New("the connection is not encrypted")
	}
	return "LOGIN", nil, nil
}

// Next implements smtp.Auth.
func (l *login) Next(asked []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	switch question := strings.ToLower(strings.TrimSpace(string(asked))); {
	case strings.HasPrefix(question, "user"):
		return []byte(l.s.User), nil
	case strings.HasPrefix(question, "pass"):
		return []byte(l.s.Password), nil
	default:
		return nil, errors.New("the server asks for something else than user and password")
	}
}
