package observe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/api/observe"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

func get(h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody))
	return w
}

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	w := get(m)
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4; charset=utf-8") {
		t.Errorf("content type %q", got)
	}
	return w.Body.String()
}

func TestMetricsCount(t *testing.T) {
	m := observe.NewMetrics(time.Unix(1_700_000_000, 500e6),
		observe.Gauge{Name: "openhall_cases_overdue", Help: "Late.", Read: func(context.Context) (float64, error) { return 7, nil }},
		observe.Gauge{Name: "openhall_broken", Help: "Broken.", Read: func(context.Context) (float64, error) { return 0, errors.New("no") }})
	m.Request("GET /hall", "GET", 200, 3*time.Millisecond)
	m.Request("GET /hall", "GET", 200, 5*time.Millisecond) // a bound belongs to its bucket
	m.Request("GET /hall", "GET", 500, 11*time.Second)
	m.Request("", "BREW", 404, 0)
	m.Request("", "TEAPOT", 404, 0)
	m.Command("case.submit", nil)
	m.Command("case.submit", fmt.Errorf("wrapped: %w", &casework.Refusal{Code: casework.RefusedForm}))
	m.Command("task.complete", &identity.Denied{})
	m.Command("task.complete", io.ErrUnexpectedEOF)
	text := scrape(t, m)
	for _, line := range []string{
		`openhall_http_requests_total{method="GET",route="GET /hall",status="200"} 2`,
		`openhall_http_requests_total{method="GET",route="GET /hall",status="500"} 1`,
		`openhall_http_requests_total{method="other",route="",status="404"} 2`,
		`openhall_http_request_duration_seconds_bucket{route="GET /hall",le="0.0025"} 0`,
		`openhall_http_request_duration_seconds_bucket{route="GET /hall",le="0.005"} 2`,
		`openhall_http_request_duration_seconds_bucket{route="GET /hall",le="10"} 2`,
		`openhall_http_request_duration_seconds_bucket{route="GET /hall",le="+Inf"} 3`,
		`openhall_http_request_duration_seconds_sum{route="GET /hall"} 11.008`,
		`openhall_http_request_duration_seconds_count{route="GET /hall"} 3`,
		`openhall_commands_total{act="case.submit",result="accepted"} 1`,
		`openhall_commands_total{act="case.submit",result="form"} 1`,
		`openhall_commands_total{act="task.complete",result="denied"} 1`,
		`openhall_commands_total{act="task.complete",result="failed"} 1`,
		`openhall_cases_overdue 7`,
		`# TYPE go_goroutines gauge`,
		`# TYPE process_cpu_seconds_total counter`,
		`openhall_start_time_seconds 1.7000000005e+09`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
	if strings.Contains(text, "openhall_broken") {
		t.Error("a gauge that can't be read has a number")
	}
}

// promtool is the judge of the format where it is installed.
func TestMetricsAreWellFormed(t *testing.T) {
	m := observe.NewMetrics(time.Unix(1, 0))
	m.Request("odd \"route\" \\ \n", "GET", 200, time.Second)
	text := scrape(t, m)
	if want := `route="odd \"route\" \\ \n"`; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# TYPE ") {
			continue
		}
		if i := strings.LastIndexByte(line, ' '); i <= 0 || strings.ContainsAny(line[:1], " #{") {
			t.Errorf("no sample: %q", line)
		}
	}
	if tool, err := exec.LookPath("promtool"); err == nil {
		c := exec.CommandContext(t.Context(), tool, "check", "metrics")
		c.Stdin = strings.NewReader(text)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

func TestReady(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	lag := func(d time.Duration, err error) observe.Check {
		return observe.Lag(func(context.Context) (time.Duration, error) { return d, err })
	}
	for _, row := range []struct {
		name   string
		check  observe.Check
		status int
		body   string
	}{
		{"in time", lag(60*time.Second, nil), 200, `{"ready":true,"checks":{"log":"ok"}}`},
		{"behind", lag(61*time.Second, nil), 503, `{"ready":false,"checks":{"log":"failed"}}`},
		{"secret reason", lag(0, errors.New("postgres://user:password@host")), 503, `{"ready":false,"checks":{"log":"failed"}}`},
		{"database", observe.Database(ping{errors.New("down")}), 503, `{"ready":false,"checks":{"database":"failed"}}`},
		{"database up", observe.Database(ping{}), 200, `{"ready":true,"checks":{"database":"ok"}}`},
	} {
		w := get(observe.Ready(log, row.check))
		if w.Code != row.status || strings.TrimSpace(w.Body.String()) != row.body {
			t.Errorf("%s: %d %s, want %d %s", row.name, w.Code, w.Body, row.status, row.body)
		}
	}
	if w := get(observe.Live()); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("live: %d %s", w.Code, w.Body)
	}
}

type ping struct{ err error }

func (p ping) Ping(context.Context) error { return p.err }
