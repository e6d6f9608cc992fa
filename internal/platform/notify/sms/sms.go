// Package sms hands short messages (短信) to the gateway of an operator by a webhook: openhall posts JSON over HTTPS, the gateway or a
// small adapter before it sends the message.
//
//	POST https://sms-gateway.internal/send
//	Content-Type: application/json
//	Idempotency-Key: 914330180388913152.sms
//	Openhall-Signature: t=1772413200,v1=5f0c…
//
//	{"id":"914330180388913152.sms","to":"13800000000","text":"…","language":"zh-Hans"}
//
// v1 is the HMAC-SHA-256, in hexadecimal, of t, a dot and the body, under the shared secret. The receiver computes it as well,
// compares in constant time, and refuses a t that lies more than five minutes away. An id that comes again is the same message: it
// is sent once.
//
// Any 2xx means that the message was taken. 400, 404, 410 and 422 mean that this message or number will never be taken; the first
// 200 signs of the body are shown to the person as the reason. Everything else is tried again later. Redirects are not followed.
package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Gateway is where short messages are posted to.
type Gateway struct {
	url    string
	secret []byte
	client *http.Client
	now    func() time.Time
}

// MinSecret is how long the shared secret must be, in bytes.
const MinSecret = 16

const (
	timeout     = 20 * time.Second
	maxReason   = 200 // bytes of an answer that are kept
	headerLimit = 16 << 10
)

// New returns the gateway at a URL. The address goes out with telephone numbers, so it must be https, or this machine itself.
func New(address, secret string, now func() time.Time) (*Gateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the address of the SMS gateway is no address: want https://HOST/PATH")
	}
	if u.User != nil {
		return nil, errors.New("the address of the SMS gateway holds a password: leave it out, messages are signed with the shared secret")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("the address of the SMS gateway is http, so telephone numbers would travel to %s for everybody to read: want https", u.Hostname())
	}
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("the secret shared with the SMS gateway has %d bytes: want at least %d", len(secret), MinSecret)
	}
	transport := &http.Transport{
		MaxIdleConns: 4, MaxConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: headerLimit,
	}
	return &Gateway{url: address, secret: []byte(secret), now: now, client: &http.Client{
		Timeout: timeout, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Message is one short message.
type Message struct {
	ID       string `json:"id"` // the same whenever it is sent again
	To       string `json:"to"` // mobile number of the mainland, 11 digits
	Text     string `json:"text"`
	Language string `json:"language"`
}

// Error is an answer that was no 2xx. Its text may hold the number and is kept out of Error.
type Error struct {
	Status int
	Text   string
}

// Error names the status only: it can be logged.
func (e *Error) Error() string { return fmt.Sprintf("the SMS gateway answered %d", e.Status) }

// Refused reports whether trying again is of no use.
func (e *Error) Refused() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// Send posts a message. nil means that the gateway has taken it.
func (g *Gateway) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("short message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("SMS gateway: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "openhall")
	r.Header.Set("Idempotency-Key", m.ID)
	r.Header.Set("Openhall-Signature", Sign(g.secret, g.now(), body))
	answer, err := g.client.Do(r)
	if err != nil {
		return fmt.Errorf("reach the SMS gateway: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxReason))
	if answer.StatusCode/100 == 2 {
		return nil // it said so; what follows does not matter
	}
	if err != nil {
		text = nil
	}
	return &Error{Status: answer.StatusCode, Text: strings.ToValidUTF8(string(text), "")}
}

// Sign returns the value of the header Openhall-Signature.
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}
