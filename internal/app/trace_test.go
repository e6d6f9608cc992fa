package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A collector hears of a request by its route and of the command within it, in one trace that the proxy began; and nothing of what was
// asked: no number, no code, no name.
func TestTraces(t *testing.T) {
	var mu sync.Mutex
	var bodies [][]byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		bodies = append(bodies, body)
		mu.Unlock()
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer server.Close()
	tracing, err := NewTracing(t.Context(), Config{Traces: server.URL + "/v1/traces", TracesRatio: 1, Node: 3}, "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	h := tracing.Requests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, span := tracing.Tracer("casework").Start(r.Context(), "command case.rate")
		span.End()
		w.WriteHeader(http.StatusInternalServerError)
		Answered(r.Context(), "approval.track-matter", r.Method, http.StatusInternalServerError)
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/track/1134010000/SECRETCODE?name=王小明", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") // the example of W3C Trace Context
	h.ServeHTTP(httptest.NewRecorder(), r)
	if err := tracing.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	var names []string
	for _, body := range bodies {
		for _, secret := range []string{"SECRETCODE", "1134010000", "王小明"} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("the collector heard %s", secret)
			}
		}
		var sent collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		for _, res := range sent.GetResourceSpans() {
			if about := res.GetResource().String(); !strings.Contains(about, "v1.2.3") || !strings.Contains(about, "node-3") {
				t.Errorf("the spans don't say who sends them: %s", about)
			}
			for _, scope := range res.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					names = append(names, span.GetName())
					if got := span.GetTraceId(); !bytes.Equal(got, []byte("\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c")) {
						t.Errorf("%s stands in trace %x", span.GetName(), got)
					}
				}
			}
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != "GET approval.track-matter, command case.rate" {
		t.Errorf("spans: %s", got)
	}
}

// Without a collector nothing is done, and nothing breaks.
func TestNoTraces(t *testing.T) {
	tracing, err := NewTracing(t.Context(), Config{}, "")
	if err != nil || tracing != nil {
		t.Fatalf("%v, %v", tracing, err)
	}
	_, span := tracing.Tracer("casework").Start(t.Context(), "command")
	if span.IsRecording() {
		t.Error("a span is recorded")
	}
	called := false
	h := tracing.Requests(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called = true
		Answered(r.Context(), "", r.Method, http.StatusNotFound)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if err := tracing.Close(t.Context()); err != nil || !called {
		t.Errorf("called %t, %v", called, err)
	}
}
