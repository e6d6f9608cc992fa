// Package smtptest runs a real mail server on the loopback interface for tests, one that can be told to misbehave: to refuse, to put
// off, to hang, to break off.
package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Mail is a mail that the server took.
type Mail struct {
	From, To string
	Data     string
	TLS      bool
	User     string // as whom the client signed in
}

// Behaviour says what the server does. The zero value takes everything.
type Behaviour struct {
	Mail, Rcpt, Data *smtp.SMTPError // answers of refusal; nil: it takes it
	Hang             bool            // it never answers the content of a mail
	DropAfterTaking  bool            // it takes the mail and breaks the connection off without an answer
}

// Server is a running mail server.
type Server struct {
	Host, Port     string
	Roots          *x509.CertPool // by which its certificate is known to be right
	User, Password string

	mu    sync.Mutex
	does  Behaviour
	taken []Mail
	hang  chan struct{}
}

// Start runs a server until the test ends. implicit says that TLS begins with the first byte; else it offers STARTTLS when secure.
func Start(t testing.TB, implicit, secure bool) *Server {
	t.Helper()
	certificate, roots := selfSigned(t)
	s := &Server{Roots: roots, User: "hall", Password: "p@ss:word/1", hang: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain, server.ReadTimeout, server.WriteTimeout = "localhost", 5*time.Second, 5*time.Second
	server.AllowInsecureAuth = true
	server.ErrorLog = quiet{}
	setup := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if secure && !implicit {
		server.TLSConfig = setup
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Host, s.Port, err = net.SplitHostPort(l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if implicit {
		l = tls.NewListener(l, setup)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		close(s.hang)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return s
}

// Do changes what the server does from now on.
func (s *Server) Do(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.does = b
}

// Taken returns the mails that the server took.
func (s *Server) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

func (s *Server) behaviour() Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.does
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// session is one connection.
type session struct {
	s    *Server
	c    *smtp.Conn
	mail Mail
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

// AuthMechanisms implements smtp.AuthSession.
func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (n *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != n.s.User || password != n.s.Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong user or password"}
		}
		n.mail.User = user
		return nil
	}), nil
}

// Reset implements smtp.Session.
func (n *session) Reset() {}

// Logout implements smtp.Session.
func (*session) Logout() error { return nil }

// Mail implements smtp.Session.
func (n *session) Mail(from string, _ *smtp.MailOptions) error {
	n.mail.From = from
	return refusal(n.s.behaviour().Mail)
}

// Rcpt implements smtp.Session.
func (n *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	n.mail.To = to
	return refusal(n.s.behaviour().Rcpt)
}

// Data implements smtp.Session.
func (n *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	does := n.s.behaviour()
	if does.Hang {
		<-n.s.hang
		return errors.New("the test is over")
	}
	if does.Data != nil {
		return does.Data
	}
	n.mail.Data = string(content)
	_, n.mail.TLS = n.c.TLSConnectionState()
	n.s.mu.Lock()
	n.s.taken = append(n.s.taken, n.mail)
	n.s.mu.Unlock()
	if does.DropAfterTaking {
		return n.c.Conn().Close()
	}
	return nil
}

// refusal keeps a nil pointer from becoming an error.
func refusal(e *smtp.SMTPError) error {
	if e == nil {
		return nil
	}
	return e
}

// Answer is an answer of refusal, such as Answer(550, "no such user").
func Answer(code int, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

// selfSigned makes a certificate for the loopback interface.
func selfSigned(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail server of a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames: []string{"localhost"}, NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
