package sms_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/notify/sms"
)

const secret = "0123456789abcdef"

func now() time.Time { return time.Unix(1772413200, 0) }

// gateway answers as it is told.
func gateway(t *testing.T, h http.HandlerFunc) *sms.Gateway {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	g, err := sms.New(server.URL+"/send", secret, now)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var hello = sms.Message{ID: "914.sms", To: "13800000000", Text: "【安徽政务】您的办件有新进展。", Language: "zh-Hans"}

// The gateway gets the message, and can tell by the signature that it is from us and when. The signature is computed here anew,
// with the standard library, from the documentation.
func TestAMessageArrives(t *testing.T) {
	var got sms.Message
	g := gateway(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(mac, "1772413200.%s", body)
		if want := fmt.Sprintf("t=1772413200,v1=%x", mac.Sum(nil)); r.Header.Get("Openhall-Signature") != want {
			t.Errorf("signature %q; want %q", r.Header.Get("Openhall-Signature"), want)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/send" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Idempotency-Key") != "914.sms" {
			t.Errorf("request %s %s %v", r.Method, r.URL, r.Header)
		}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	if err := g.Send(t.Context(), hello); err != nil || got != hello {
		t.Fatalf("%v, it got %+v", err, got)
	}
}

func TestAnswers(t *testing.T) {
	var status atomic.Int64
	var calls atomic.Int64
	g := gateway(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(int(status.Load()))
		fmt.Fprint(w, "13800000000 is no number"+strings.Repeat(".", 10000))
	})
	for code, refused := range map[int]bool{400: true, 404: true, 410: true, 422: true, 302: false, 401: false, 403: false, 408: false, 429: false, 500: false, 503: false} {
		status.Store(int64(code))
		err := g.Send(t.Context(), hello)
		var answer *sms.Error
		if !errors.As(err, &answer) || answer.Status != code || answer.Refused() != refused || len(answer.Text) != 200 {
			t.Errorf("%d: %#v", code, err)
		}
		if strings.Contains(err.Error(), "138") {
			t.Errorf("%q names the number", err)
		}
	}
	if calls.Load() != 11 {
		t.Errorf("%d calls; want one for each: a redirect is not followed", calls.Load())
	}
}

func TestItHangsOrIsAway(t *testing.T) {
	over := make(chan struct{})
	g := gateway(t, func(http.ResponseWriter, *http.Request) { <-over })
	defer close(over)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := g.Send(ctx, hello); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a gateway that hangs: %v", err)
	}
	away, err := sms.New("http://127.0.0.1:1/", secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := away.Send(t.Context(), hello); err == nil || !strings.Contains(err.Error(), "reach the SMS gateway") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for address, says := range map[string]string{
		"sms.internal": "want https://", "ftp://sms.internal/": "want https://", "http://sms.internal/send": "for everybody to read",
		"https://u:p@sms.internal/": "holds a password",
	} {
		if _, err := sms.New(address, secret, now); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", address, err, says)
		}
	}
	if _, err := sms.New("https://sms.internal/", "short", now); err == nil || !strings.Contains(err.Error(), "at least 16") {
		t.Errorf("a short secret: %v", err)
	}
}
