package notify_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"muster/pipeline/notify"
)

func TestTheEnvironmentAsksForTelemetry(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want string
	}{
		{nil, "{false false }"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, "{true true }"},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c"}, "{true false }"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_METRICS_EXPORTER": "none"}, "{true false }"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"}, "{false false }"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
			"{false false grpc}"},
	} {
		got := notify.TelemetryOf(func(name string) (string, bool) { value, there := test.env[name]; return value, there })
		if fmt.Sprintf("{%v %v %s}", got.Traces, got.Metrics, got.Unspoken) != test.want {
			t.Errorf("%v: %v, want %v", test.env, got, test.want)
		}
	}
}

// A real collector's two paths: what it is sent can be read, and says what was.
func TestTelemetryReachesACollector(t *testing.T) {
	requests := 0
	bodies := map[string][]byte{} // messages of protobuf that stand one behind the other are one
	code := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			plain, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, _ = io.ReadAll(plain)
			}
		}
		bodies[r.URL.Path] = append(bodies[r.URL.Path], body...)
		w.WriteHeader(code)
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	night := notify.Span{Name: "muster run", Began: at, Ended: at.Add(time.Minute),
		Below: []notify.Span{{Name: "job customers", Began: at, Ended: at.Add(time.Second),
			Failed: "stopped by a guard", Counts: map[string]int64{"rows": 3}, Texts: map[string]string{"run": "r"}}}}
	all := notify.Telemetry{Traces: true, Metrics: true}
	if err := all.Send(t.Context(), "test", night, []notify.Figures{{Job: "customers", ExitCode: 5,
		Counts: map[string]int64{"created": 3}}}); err != nil {
		t.Fatal(err)
	}
	if requests != 2 {
		t.Errorf("spans and figures took %d requests", requests)
	}
	var traces collectortrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(bodies["/v1/traces"], &traces); err != nil {
		t.Fatal(err)
	}
	spans := map[string]string{}
	for _, r := range traces.ResourceSpans {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				spans[span.Name] = fmt.Sprintf("%v %s %v", time.Duration(span.EndTimeUnixNano-span.StartTimeUnixNano),
					span.Status.GetMessage(), len(span.ParentSpanId) > 0)
			}
		}
	}
	if spans["muster run"] != "1m0s  false" || spans["job customers"] != "1s stopped by a guard true" {
		t.Errorf("the spans are %v", spans)
	}
	var metrics collectormetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(bodies["/v1/metrics"], &metrics); err != nil {
		t.Fatal(err)
	}
	found := 0.0
	for _, m := range metrics.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		if m.Name == "muster.job.exit.code" {
			found = m.GetGauge().DataPoints[0].GetAsDouble()
		}
	}
	if found != 5 {
		t.Errorf("the exit code is told as %v", found)
	}
	code = 400
	if err := all.Send(t.Context(), "test", night, nil); err == nil {
		t.Error("a collector that refuses is no error")
	}
}
