package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// hallByTLS is the whole program as people reach it by https, without its matters.
func hallByTLS(t *testing.T) *app.Node {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
	p := assembleProgram(t, app.Config{
		Data: t.TempDir(), Database: storetest.URL(t, store.SQLite), BaseURL: "https://hall.example.org", Origin: "hall.example.org/log",
		Jurisdiction: "cn-ah", Division: "340000000000", SecondFactor: "offered",
	}, func() time.Time { return now })
	t.Cleanup(func() {
		p.Cases.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	fillDemo(t, p.Node)
	f, err := frame(p)
	if err == nil {
		err = p.Mount(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.Node
}

// others are addresses that are no pages: the API, what operators ask, files.
var others = []string{
	"/api/v1/openapi.json", "/api/v1/items", "/api/v1/nothing", "/livez", "/readyz", "/metrics", "/assets/nothing.css", "/nothing", "/log/checkpoint",
}

// Every answer of every route carries the headers that keep a browser from doing what it should not, whatever the status.
func TestEveryRouteIsSecured(t *testing.T) {
	t.Parallel()
	n := hallByTLS(t)
	paths := others
	for _, r := range n.Shell.Routes() {
		if method, path, ok := strings.Cut(r.Pattern, " "); ok && method == http.MethodGet && !strings.HasSuffix(path, "/live") && !strings.HasSuffix(path, "/events") {
			paths = append(paths, samplePath(path))
		}
	}
	for i, path := range paths {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://hall.example.org"+path, nil)
		r.Header.Set("Origin", "https://evil.example.org")
		r.RemoteAddr = fmt.Sprintf("10.0.%d.%d:9", i>>8, i&255)
		rec := httptest.NewRecorder()
		n.Handler().ServeHTTP(rec, r)
		h := rec.Header()
		operators := path == "/livez" || path == "/readyz" || path == "/metrics" // for the inside; they hold no page
		policy := h.Get("Content-Security-Policy")
		want := map[string]bool{
			"nosniff":         h.Get("X-Content-Type-Options") == "nosniff" || operators,
			"referrer policy": h.Get("Referrer-Policy") == "same-origin" || h.Get("Referrer-Policy") == "no-referrer" || operators,
			"no framing":      strings.Contains(policy, "frame-ancestors 'none'") || operators,
			"nothing by default, no plug-ins, no base": strings.Contains(policy, "default-src 'none'") &&
				(strings.Contains(policy, "base-uri 'none'") && strings.Contains(policy, "object-src 'none'") || strings.HasPrefix(path, "/api/")) || operators,
			"nothing inline or evaluated":               !strings.Contains(policy, "unsafe") && !strings.Contains(policy, "*"),
			"HSTS for a year and more, with subdomains": strings.Contains(h.Get("Strict-Transport-Security"), "max-age=63072000; includeSubDomains") || operators,
			// The log and the proofs of records are for everybody's programs, on whatever page they run (C2SP tlog-tiles); no cookie counts there.
			"no other origin": h.Get("Access-Control-Allow-Origin") == "" || (strings.HasPrefix(path, "/log/") || strings.HasPrefix(path, "/open/proof/")) && h.Get("Access-Control-Allow-Credentials") == "",
			"a type":          rec.Body.Len() == 0 || h.Get("Content-Type") != "",
			"a charset":       !charset.MatchString(h.Get("Content-Type")) || strings.Contains(strings.ToLower(h.Get("Content-Type")), "charset=utf-8") || operators,
		}
		for what, holds := range want {
			if !holds {
				t.Errorf("%s (%d): no %s: %v", path, rec.Code, what, h)
			}
		}
	}
	for _, r := range n.Shell.Routes() {
		if !r.Private && r.Action != "" {
			t.Errorf("%s may be kept by caches", r.Name)
		}
	}
	if len(paths) < 60 {
		t.Fatalf("saw only %d addresses", len(paths))
	}
}

// charset are the types whose characters have to be named: text/…, …/xml, …+xml, and HTML of any kind.
var charset = regexp.MustCompile(`^text/|html|[/+]xml`)

// What costs much and is open to everybody is limited by address: from one address too many end with 429, from another they go on.
func TestCostlyRoutesAreLimited(t *testing.T) {
	n := hallByTLS(t)
	ask := func(method, path, from string) int {
		r := httptest.NewRequestWithContext(t.Context(), method, "https://hall.example.org"+path, strings.NewReader("a=b"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from + ":9"
		rec := httptest.NewRecorder()
		n.Handler().ServeHTTP(rec, r)
		return rec.Code
	}
	for _, c := range []struct {
		method, path string
		limit        int
	}{
		{http.MethodGet, "/open/export/records.csv?year=1912", 20},
		{http.MethodPost, "/verify", 30},
		{http.MethodPost, "/open/apply/hefei-water", 30},
	} {
		for i := range c.limit {
			if code := ask(c.method, c.path, "192.0.2.7"); code == http.StatusTooManyRequests {
				t.Errorf("%s %s: refused after %d; want %d", c.method, c.path, i, c.limit)
			}
		}
		if code := ask(c.method, c.path, "192.0.2.7"); code != http.StatusTooManyRequests {
			t.Errorf("%s %s: %d after %d", c.method, c.path, code, c.limit)
		}
		if code := ask(c.method, c.path, "192.0.2.8"); code == http.StatusTooManyRequests {
			t.Errorf("%s %s: another address is refused", c.method, c.path)
		}
	}
}

// samplePath fills the places of a path.
func samplePath(path string) string {
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return strings.TrimSuffix(path, "$")
		}
		name, after, _ := strings.Cut(rest, "}")
		if name == "$" {
			return before
		}
		path = before + "1" + after
	}
}

// No page of another site can make a browser change anything here, on any route.
func TestForeignOriginsEverywhere(t *testing.T) {
	t.Parallel()
	n := hallByTLS(t)
	seen := 0
	for _, r := range n.Shell.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if method != http.MethodPost || r.Machine {
			continue
		}
		seen++
		for _, headers := range []map[string]string{
			{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example.org"}, {"Origin": "null"},
			{"Sec-Fetch-Site": "cross-site", "Origin": "https://hall.example.org"},
		} {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://hall.example.org"+samplePath(path), strings.NewReader("a=b"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range headers {
				req.Header.Set(k, v)
			}
			rec := httptest.NewRecorder()
			n.Handler().ServeHTTP(rec, req)
			if rec.Code != http.StatusForbidden {
				t.Errorf("%s with %v answers %d", r.Pattern, headers, rec.Code)
			}
		}
	}
	if seen < 20 {
		t.Fatalf("saw only %d routes that change anything", seen)
	}
}

// Looking at all pages, as everybody who may, changes no row but those that note the looking.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWatcher(t)
	before := w.rows()
	for i := range w.actors {
		for _, r := range w.node.Shell.Routes() {
			if strings.HasPrefix(r.Pattern, "GET ") && !strings.Contains(r.Pattern, "/live") && !strings.HasSuffix(r.Pattern, "/events") {
				w.tries(&w.actors[i], r)
			}
		}
	}
	after := w.rows()
	for table, n := range after {
		if before[table] != n {
			t.Errorf("%s: %s before, %s after all pages were looked at", table, before[table], n)
		}
	}
	if len(after) < 20 {
		t.Fatalf("saw only %d tables", len(after))
	}
}

// noting are the tables that looking may write: when a session was last used, that the trail was read, how often somebody tried.
var noting = map[string]bool{"identity_session": true, "identity_attempt": true, "ledger_head": true, "ledger_cursor": true, "lease": true, "journal_entry": true}

// rows tells for each table how many rows it has and, of those with a version or a sum, what it comes to.
func (w *watcher) rows() map[string]string {
	w.t.Helper()
	tables, err := store.All(w.t.Context(), w.node.DB.Read(), store.Scalar[string],
		`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose%' AND name NOT LIKE '%_migration%'`)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range tables {
		query := `SELECT count(*) FROM "` + table + `"`
		if table == "event" {
			query += ` WHERE kind NOT LIKE 'admin.%'` // refused attempts, and that the trail was read, stand in the journal
		}
		if noting[table] {
			continue
		}
		n, err := store.Scalar[int](w.node.DB.Read().QueryRow(w.t.Context(), query))
		if err != nil {
			w.t.Fatal(err)
		}
		out[table] = fmt.Sprint(n)
	}
	seq, err := store.Scalar[int64](w.node.DB.Read().QueryRow(w.t.Context(), `SELECT coalesce(sum(seq), 0) FROM case_`))
	if err != nil {
		w.t.Fatal(err)
	}
	out["events of cases"] = fmt.Sprint(seq)
	return maps.Clone(out)
}

// Methods that pages do not have, folders, and paths that climb, lead nowhere.
func TestOddRequests(t *testing.T) {
	n := hallByTLS(t)
	for _, c := range []struct {
		method, path string
		want         []int
	}{
		{"TRACE", "/", []int{http.StatusMethodNotAllowed}},
		{"CONNECT", "/hall", []int{http.StatusMethodNotAllowed}},
		{"PUT", "/hall", []int{http.StatusMethodNotAllowed}},
		{"DELETE", "/me", []int{http.StatusMethodNotAllowed}},
		{"PROPFIND", "/", []int{http.StatusMethodNotAllowed}},
		{"GET", "/assets/", []int{http.StatusNotFound}},
		{"GET", "/assets/../keys/seal.key", []int{http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect}},
		{"GET", "/assets/%2e%2e/%2e%2e/keys/seal.key", []int{http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect}},
		{"GET", "/.git/config", []int{http.StatusNotFound}},
		{"GET", "/debug/pprof/", []int{http.StatusNotFound}},
		{"GET", "/dev/gallery", []int{http.StatusNotFound}},
		{"GET", "/hall/%00", []int{http.StatusNotFound, http.StatusBadRequest}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "https://hall.example.org/", nil)
		r.URL.Path, r.RequestURI = c.path, c.path
		if u, err := r.URL.Parse(c.path); err == nil {
			r.URL = u
		}
		rec := httptest.NewRecorder()
		n.Handler().ServeHTTP(rec, r)
		if !contains(c.want, rec.Code) {
			t.Errorf("%s %s answers %d; want one of %v", c.method, c.path, rec.Code, c.want)
		}
		for _, secret := range []string{"PRIVATE", "goroutine", ".go:"} {
			if strings.Contains(rec.Body.String(), secret) {
				t.Errorf("%s %s shows %s", c.method, c.path, secret)
			}
		}
	}
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// A request whose length can be read in two ways is refused and its connection ended, or read in the one way that the standard names:
// nothing is smuggled behind it.
func TestAmbiguousLengthsAreRefused(t *testing.T) {
	n := hallByTLS(t)
	server := httptest.NewServer(n.Handler())
	defer server.Close()
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, c := range []struct {
		name, head string
		answers    int
	}{
		{"two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n\r\n", 1},
		// The chunks count and the length is ignored (RFC 9112, 6.3): what follows them is a request of its own.
		{"length and chunks", fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", len(smuggled)+5), 2},
		{"chunks and identity", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 1},
		{"a length with a sign", "Content-Length: +0\r\n\r\n", 1},
		{"a name with a blank", "Content-Length : 0\r\n\r\n", 1},
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.WriteString(conn, "POST /track HTTP/1.1\r\nHost: hall.example.org\r\nSec-Fetch-Site: same-origin\r\n"+c.head+smuggled); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		answers := 0
		for read := bufio.NewReader(conn); ; answers++ {
			resp, err := http.ReadResponse(read, nil)
			if err != nil {
				break
			}
			_, _ = io.Copy(io.Discard, resp.Body) // the connection may end within it
			_ = resp.Body.Close()
		}
		if answers > c.answers {
			t.Errorf("%s: %d answers; want %d at most", c.name, answers, c.answers)
		}
		_ = conn.Close()
	}
}
