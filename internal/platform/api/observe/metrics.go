// Package observe tells operators how the program is: whether it lives, whether it is ready, and what it does.
//
//	metrics := observe.NewMetrics(started, gauges...)
//	mux.Handle("GET /livez", observe.Live())
//	mux.Handle("GET /readyz", observe.Ready(log, observe.Database(db), observe.Lag(ledger.Lag)))
//	mux.Handle("GET /metrics", metrics)
//
// /livez answers as long as requests are answered at all: restart the program when it does not. /readyz answers 503 while requests
// should go to another node. /metrics is the text format of Prometheus, version 0.0.4; labels are names of the program's own
// (routes, acts, codes), never what people send. None of them holds anything personal, but they are for operators: let the proxy
// keep them inside.
package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// Gauge is a number that is read when somebody asks. Reading must be cheap: one look into an index.
type Gauge struct {
	Name string // such as openhall_cases_overdue
	Help string
	Read func(ctx context.Context) (float64, error)
}

// buckets are the upper bounds of the histogram of durations, in seconds.
var buckets = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

type request struct {
	route, method string
	status        int
}

type command struct{ act, result string }

type histogram struct {
	counts [len(buckets) + 1]uint64 // the last is beyond every bound
	sum    float64
}

// Metrics counts requests and commands. It is safe for concurrent use.
type Metrics struct {
	started time.Time
	gauges  []Gauge

	mu        sync.Mutex
	requests  map[request]uint64
	durations map[string]*histogram
	commands  map[command]uint64
}

// NewMetrics starts to count. started is when the program began.
func NewMetrics(started time.Time, gauges ...Gauge) *Metrics {
	return &Metrics{started: started, gauges: gauges,
		requests: map[request]uint64{}, durations: map[string]*histogram{}, commands: map[command]uint64{}}
}

// Request counts an answer. route is a pattern of the program, empty for paths that do not exist.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other" // the client chooses it, and may choose without end
	}
	s := took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], s)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[request{route, method, status}]++
	h := m.durations[route]
	if h == nil {
		h = &histogram{}
		m.durations[route] = h
	}
	h.counts[i]++
	h.sum += s
}

// Command counts a command of the case runtime by what came of it: accepted, denied, the code of its refusal, or failed.
func (m *Metrics) Command(action string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commands[command{action, result(err)}]++
}

func result(err error) string {
	var refusal *casework.Refusal
	var denied *identity.Denied
	switch {
	case err == nil:
		return "accepted"
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.As(err, &denied):
		return "denied"
	}
	return "failed"
}

// ServeHTTP writes all numbers. A gauge that can't be read is left out, so that one broken number doesn't hide the others.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	m.writeCounters(&b)
	for _, g := range m.gauges {
		if v, err := g.Read(r.Context()); err == nil {
			head(&b, g.Name, "gauge", g.Help)
			sample(&b, g.Name, v)
		}
	}
	m.writeRuntime(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = b.WriteTo(w) // the client has gone
}

func (m *Metrics) writeCounters(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const requests, duration, commands = "openhall_http_requests_total", "openhall_http_request_duration_seconds", "openhall_commands_total"

	head(w, requests, "counter", "Requests answered, by route, method and status.")
	for _, k := range slices.SortedFunc(maps.Keys(m.requests), func(a, b request) int {
		return strings.Compare(a.route+"\x00"+a.method+strconv.Itoa(a.status), b.route+"\x00"+b.method+strconv.Itoa(b.status))
	}) {
		sample(w, requests, float64(m.requests[k]), "route", k.route, "method", k.method, "status", strconv.Itoa(k.status))
	}

	head(w, duration, "histogram", "Time from the request to its answer, by route.")
	for _, route := range slices.Sorted(maps.Keys(m.durations)) {
		h, sum := m.durations[route], uint64(0)
		for i, n := range h.counts {
			sum += n
			bound := "+Inf"
			if i < len(buckets) {
				bound = number(buckets[i])
			}
			sample(w, duration+"_bucket", float64(sum), "route", route, "le", bound)
		}
		sample(w, duration+"_sum", h.sum, "route", route)
		sample(w, duration+"_count", float64(sum), "route", route)
	}

	head(w, commands, "counter", "Commands of the case runtime, by act and result.")
	for _, k := range slices.SortedFunc(maps.Keys(m.commands), func(a, b command) int {
		return strings.Compare(a.act+"\x00"+a.result, b.act+"\x00"+b.result)
	}) {
		sample(w, commands, float64(m.commands[k]), "act", k.act, "result", k.result)
	}
}

// ofRuntime names what the Go runtime tells, in the names that dashboards know.
var ofRuntime = []struct{ source, name, kind, help string }{
	{"/sched/goroutines:goroutines", "go_goroutines", "gauge", "Goroutines that exist."},
	{"/memory/classes/heap/objects:bytes", "go_memstats_heap_alloc_bytes", "gauge", "Memory of objects, alive or not yet swept."},
	{"/memory/classes/total:bytes", "go_memstats_sys_bytes", "gauge", "Memory that the runtime has from the system."},
	{"/gc/cycles/total:gc-cycles", "go_gc_cycles_total", "counter", "Garbage collections that were completed."},
}

func (m *Metrics) writeRuntime(w io.Writer) {
	samples := make([]metrics.Sample, len(ofRuntime))
	for i, o := range ofRuntime {
		samples[i].Name = o.source
	}
	metrics.Read(samples)
	for i, o := range ofRuntime {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			head(w, o.name, o.kind, o.help)
			sample(w, o.name, float64(samples[i].Value.Uint64()))
		}
	}
	head(w, "process_start_time_seconds", "gauge", "When the program began, in seconds since 1970 UTC.")
	sample(w, "process_start_time_seconds", float64(m.started.UnixMilli())/1000)
}

func head(w io.Writer, name, kind, help string) {
	_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) // a buffer never fails
}

// sample writes one number with its labels, given as names and values.
func sample(w io.Writer, name string, v float64, labels ...string) {
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(labels[i] + `="` + escapes.Replace(labels[i+1]) + `"`)
	}
	if b.Len() > 0 {
		name += "{" + b.String() + "}"
	}
	_, _ = fmt.Fprintf(w, "%s %s\n", name, number(v)) // a buffer never fails
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
