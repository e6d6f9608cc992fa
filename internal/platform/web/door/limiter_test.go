package door_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/web/door"
)

func TestLimiterCountsByAddressAndMinute(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := door.NewLimiter(2, func() time.Time { return now })
	one, other := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRequest(http.MethodGet, "/", nil)
	one.RemoteAddr, other.RemoteAddr = "192.0.2.1:5000", "192.0.2.2:5000"
	for i := range 2 {
		if !l.Allow(one) {
			t.Fatalf("refused after %d", i)
		}
		l.Count(one)
	}
	one.RemoteAddr = "192.0.2.1:6000" // the port is not the address
	if l.Allow(one) {
		t.Error("a third was let through")
	}
	if !l.Allow(other) {
		t.Error("another address was refused")
	}
	if now = now.Add(time.Minute); !l.Allow(one) {
		t.Error("refused in the next minute")
	}
}
