package app

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracing tells a collector what the program does and how long it takes (OpenTelemetry). Spans carry routes, acts and codes of the
// program's own, never what people send.
//
// The nil Tracing tells nobody.
type Tracing struct {
	provider *sdktrace.TracerProvider
}

// NewTracing sends spans to the collector that the configuration names, by OTLP over HTTP, in the background; without one it does nothing.
func NewTracing(ctx context.Context, c Config, version string) (*Tracing, error) {
	if c.Traces == "" {
		return nil, nil //nolint:nilnil // the nil Tracing is one that tells nobody
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.Traces))
	if err != nil {
		return nil, fmt.Errorf("traces to %s: %w", c.Traces, err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.TracesRatio))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "openhall"), attribute.String("service.version", version),
			attribute.String("service.instance.id", "node-"+strconv.Itoa(c.Node)),
		)),
	)
	return &Tracing{provider}, nil
}

// Tracer returns the tracer of a part of the program.
func (t *Tracing) Tracer(part string) trace.Tracer {
	if t == nil {
		return noop.Tracer{}
	}
	return t.provider.Tracer("openhall/" + part)
}

// Close sends what has not been sent yet.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Requests makes a span of each request. It goes on with the trace of the proxy in front, when that has begun one. The span is named
// by its method until [Answered] gives it the name of the route.
func (t *Tracing) Requests(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	tracer, from := t.Tracer("http"), propagation.TraceContext{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(from.Extract(r.Context(), propagation.HeaderCarrier(r.Header)), r.Method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Answered says in the span of a request which route answered it, and how. route is empty for paths that do not exist.
func Answered(ctx context.Context, route, method string, status int) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	if route == "" {
		route = "none"
	}
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}
