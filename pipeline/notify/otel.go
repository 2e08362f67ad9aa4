package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"muster/pipeline/trust"
)

// Telemetry says which of OpenTelemetry's signals the environment asks for, in the variables that every program of its
// kind reads (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
type Telemetry struct {
	Traces, Metrics bool
	Unspoken        string // a protocol that is asked for and that muster does not speak
	certified       bool   // the environment names certificates, which only the exporter's own client knows
}

// TelemetryOf reads the environment. Without an endpoint nothing is asked for: muster never calls a place nobody named.
func TelemetryOf(lookup func(string) (string, bool)) (t Telemetry) {
	get := func(name string) string { value, _ := lookup(name); return value }
	if strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") {
		return t
	}
	asked := func(signal string) bool {
		if get("OTEL_"+signal+"_EXPORTER") == "none" || get("OTEL_EXPORTER_OTLP_ENDPOINT")+
			get("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") == "" {
			return false
		}
		for _, name := range []string{"OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
			if protocol := get(name); protocol != "" && protocol != "http/protobuf" {
				t.Unspoken = protocol
				return false
			}
		}
		return true
	}
	for _, name := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
		t.certified = t.certified || get("OTEL_EXPORTER_OTLP_"+name)+get("OTEL_EXPORTER_OTLP_TRACES_"+name)+
			get("OTEL_EXPORTER_OTLP_METRICS_"+name) != ""
	}
	t.Traces, t.Metrics = asked("TRACES"), asked("METRICS")
	return t
}

// Any says whether anything is asked for.
func (t Telemetry) Any() bool { return t.Traces || t.Metrics }

// Span is a night, one of its jobs, or a step of one.
type Span struct {
	Name         string
	Began, Ended time.Time
	Failed       string // the meaning of the exit code, "" it went well
	Counts       map[string]int64
	Texts        map[string]string
	Below        []Span
}

// telemetryPatience is how long a collector may take: it is not worth a night.
const telemetryPatience = 5 * time.Second

// Send sends a night to the collector of the environment: its spans, and the figures as metrics. Neither holds anything
// of a customer's.
func (t Telemetry) Send(ctx context.Context, version string, night Span, figures []Figures) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telemetryPatience)
	defer cancel()
	who, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "muster"),
		attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return fmt.Errorf("telemetry: %w", err)
	}
	var failures []error
	if t.Traces {
		failures = append(failures, t.sendTraces(ctx, who, night))
	}
	if t.Metrics {
		failures = append(failures, t.sendMetrics(ctx, who, figures))
	}
	return errors.Join(failures...)
}

// client is one that follows no redirect: the headers that it sends may hold a secret.
func (t Telemetry) client() *http.Client {
	return trust.Unredirected(&http.Client{Timeout: telemetryPatience})
}

func (t Telemetry) sendTraces(ctx context.Context, who *resource.Resource, night Span) error {
	var options []otlptracehttp.Option
	if !t.certified {
		options = append(options, otlptracehttp.WithHTTPClient(t.client()))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	drawn := &drawn{}
	// A syncer: spans are there when the night is over, so nothing needs to wait for them beside it.
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(drawn), sdktrace.WithResource(who),
		sdktrace.WithSampler(sdktrace.AlwaysSample()))
	night.draw(ctx, provider.Tracer("muster"))
	err = provider.Shutdown(ctx)
	if err = errors.Join(err, exporter.ExportSpans(ctx, drawn.spans), exporter.Shutdown(ctx)); err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	return nil
}

// drawn keeps spans, so that all of a night go in one request: fifty jobs have hundreds.
type drawn struct{ spans []sdktrace.ReadOnlySpan }

// ExportSpans keeps them.
func (d *drawn) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	d.spans = append(d.spans, spans...)
	return nil
}

// Shutdown has nothing to end.
func (d *drawn) Shutdown(context.Context) error { return nil }

// draw makes spans of what has been.
func (s *Span) draw(ctx context.Context, tracer trace.Tracer) {
	ctx, span := tracer.Start(ctx, s.Name, trace.WithTimestamp(s.Began))
	for i := range s.Below {
		s.Below[i].draw(ctx, tracer)
	}
	for name, n := range s.Counts {
		span.SetAttributes(attribute.Int64("muster."+name, n))
	}
	for name, text := range s.Texts {
		span.SetAttributes(attribute.String("muster."+name, text))
	}
	if s.Failed != "" {
		span.SetStatus(codes.Error, s.Failed)
	}
	span.End(trace.WithTimestamp(s.Ended))
}

func (t Telemetry) sendMetrics(ctx context.Context, who *resource.Resource, figures []Figures) error {
	var options []otlpmetrichttp.Option
	if !t.certified {
		options = append(options, otlpmetrichttp.WithHTTPClient(t.client()))
	}
	exporter, err := otlpmetrichttp.New(ctx, options...)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(who))
	err = measure(ctx, provider.Meter("muster"), figures)
	var collected metricdata.ResourceMetrics
	if err == nil {
		err = reader.Collect(ctx, &collected)
	}
	if err == nil {
		err = exporter.Export(ctx, &collected)
	}
	if err = errors.Join(err, provider.Shutdown(ctx), exporter.Shutdown(ctx)); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// measure records the same figures that Expose writes, under the names OpenTelemetry would give them.
func measure(ctx context.Context, meter metric.Meter, figures []Figures) error {
	for _, one := range families() {
		gauge, err := meter.Float64Gauge(strings.ReplaceAll(one.name, "_", "."), metric.WithDescription(one.help))
		if err != nil {
			return err
		}
		for i := range figures {
			f := &figures[i]
			whose := []attribute.KeyValue{attribute.String("project", f.Project), attribute.String("org", f.Org),
				attribute.String("job", f.Job)}
			one.lines(&figures[i], func(labels string, value float64) {
				all := slices.Clone(whose)
				if status, is := strings.CutPrefix(labels, `,status="`); is {
					all = append(all, attribute.String("status", strings.TrimSuffix(status, `"`)))
				}
				gauge.Record(ctx, value, metric.WithAttributes(slices.Clip(all)...))
			})
		}
	}
	return nil
}
