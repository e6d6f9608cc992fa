// Package observe tells operators how the program is: whether it lives, whether it is ready, and what it does.
//
//	metrics := observe.NewMetrics(started, gauges...)
//	mux.Handle("GET /livez", observe.Live())
//	mux.Handle("GET /readyz", observe.Ready(log, observe.Database(db), observe.Lag(ledger.Lag)))
//	mux.Handle("GET /metrics", metrics)
//
// /livez answers as long as requests are answered at all: restart the program when it does not. /readyz answers 503 while requests
// should go to another node. /metrics speaks the format that Prometheus asks for, text when it asks for none; labels are names of
// the program's own (routes, acts, codes), never what people send. None of them holds anything personal, but they are for
// operators: let the proxy keep them inside.
package observe

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// Gauge is a number that is read when somebody asks. Reading must be cheap: one look into an index.
type Gauge struct {
	Name string // such as openhall_cases_overdue
	Help string
	Read func(ctx context.Context) (float64, error)
}

// Metrics counts requests and commands. It is safe for concurrent use.
type Metrics struct {
	registry  *prometheus.Registry // of its own, so that no library adds to it
	gauges    []Gauge
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	commands  *prometheus.CounterVec
}

// NewMetrics starts to count. started is when the program began.
func NewMetrics(started time.Time, gauges ...Gauge) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		gauges:   gauges,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "openhall_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "openhall_http_request_duration_seconds", Help: "Time from the request to its answer, by route.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, // seconds
		}, []string{"route"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "openhall_commands_total", Help: "Commands of the case runtime, by act and result.",
		}, []string{"act", "result"}),
	}
	began := gauge("openhall_start_time_seconds", "When the program began by its own clock, in seconds since 1970 UTC.", float64(started.UnixMilli())/1000)
	m.registry.MustRegister(m.requests, m.durations, m.commands, began,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Request counts an answer. route is a pattern of the program, empty for paths that do not exist.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other" // the client chooses it, and may choose without end
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(took.Seconds())
}

// Command counts a command of the case runtime by what came of it: accepted, denied, the code of its refusal, or failed.
func (m *Metrics) Command(action string, err error) {
	m.commands.WithLabelValues(action, result(err)).Inc()
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
	asked := prometheus.NewRegistry() // for this request, so that reading ends with it
	for _, g := range m.gauges {
		if v, err := g.Read(r.Context()); err == nil {
			_ = asked.Register(gauge(g.Name, g.Help, v)) // a bad name or one given twice: left out as well
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	promhttp.HandlerFor(prometheus.Gatherers{m.registry, asked}, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(w, r)
}

func gauge(name, help string, v float64) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	g.Set(v)
	return g
}
