package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(t testing.TB, text string) []netip.Prefix {
	t.Helper()
	p, err := ParseProxies(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestClientOf(t *testing.T) {
	proxies := prefixes(t, "10.0.0.0/8, 2001:db8:1::1")
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"nobody in front":              {"203.0.113.9:4711", nil, "203.0.113.9"},
		"a header that anybody writes": {"203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		"one proxy":                    {"10.0.0.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		"two proxies":                  {"10.0.0.1:80", []string{"198.51.100.1, 10.2.3.4"}, "198.51.100.1"},
		"two headers":                  {"10.0.0.1:80", []string{"198.51.100.1", "10.2.3.4"}, "198.51.100.1"},
		"made up before the proxy":     {"10.0.0.1:80", []string{"192.0.2.55, 198.51.100.1"}, "198.51.100.1"},
		"a forged proxy at the front":  {"10.0.0.1:80", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		"with a port":                  {"10.0.0.1:80", []string{"198.51.100.1:55555"}, "198.51.100.1"},
		"only proxies":                 {"10.0.0.1:80", []string{"10.0.0.2"}, "10.0.0.2"},
		"rubbish":                      {"10.0.0.1:80", []string{"unknown"}, "10.0.0.1"},
		"empty":                        {"10.0.0.1:80", []string{""}, "10.0.0.1"},
		"IPv6: the network":            {"[2001:db8:5:6:7:8:9:a]:80", nil, "2001:db8:5:6::/64"},
		"IPv6 behind IPv6":             {"[2001:db8:1::1]:80", []string{"2001:db8:5:6::9"}, "2001:db8:5:6::/64"},
		"IPv4 in IPv6":                 {"[::ffff:10.0.0.1]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"a socket":                     {"@", []string{"198.51.100.1"}, "@"},
	} {
		if got := clientOf(c.remote, c.forwarded, proxies); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr = "10.0.0.1:80"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	if got := ClientOf(r); got != "10.0.0.1" {
		t.Errorf("outside of a shell: %q", got)
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	for _, text := range []string{"10.0.0.0/33", "proxy.example", "10.0.0"} {
		if _, err := ParseProxies(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever a client writes into the header, it is found only where a proxy of ours has put it.
func FuzzClientOf(f *testing.F) {
	f.Add("1.2.3.4", "10.0.0.1")
	f.Add("[::1]:80, ,", "x")
	f.Add("10.1.1.1, 10.2.2.2", "::ffff:10.0.0.1")
	proxies := prefixes(f, "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, written, seen string) {
		if got := clientOf("203.0.113.9:1", []string{written}, proxies); got != "203.0.113.9" {
			t.Fatalf("a stranger is believed: %q", got)
		}
		got := clientOf("10.0.0.1:1", []string{written, "198.51.100.7"}, proxies)
		if got != "198.51.100.7" {
			t.Fatalf("what stands before the client counts: %q", got)
		}
		_ = clientOf(seen, []string{written}, proxies)
	})
}
