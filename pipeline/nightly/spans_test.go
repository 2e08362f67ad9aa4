package nightly_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"muster/pipeline/nightly"
	"muster/pipeline/notify"
)

// Each step of a run has its span below that of the job, says whether the run ended in it, and holds nothing of a
// customer's.
func TestStepsOfARunAreSpans(t *testing.T) {
	var heard []byte
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		heard, _ = io.ReadAll(body)
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.URL)
	h := newHouse(t, "version: 1\norg: ORG\nkey: {env: KEY}\njobs:\n"+
		"  customers: {source: people.csv, mapping: people.yaml}\n")
	h.write("people.yaml", nightMapping)
	var last *nightly.Outcome
	night := func(text string) map[string]*tracev1.Span {
		h.write("people.csv", text)
		n := h.night()
		n.Telemetry = notify.Telemetry{Traces: true}
		var err error
		if last, err = n.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		var traces collectortrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(heard, &traces); err != nil {
			t.Fatal(err)
		}
		spans := map[string]*tracev1.Span{}
		for _, s := range traces.ResourceSpans[0].ScopeSpans[0].Spans {
			spans[s.Name] = s
		}
		for _, value := range []string{"@example.com", "Ana"} {
			if strings.Contains(string(heard), value) {
				t.Errorf("the spans hold %q", value)
			}
		}
		return spans
	}
	c := &crowd{}
	c.grow(20)
	spans := night(c.csv(header))
	job := spans["job customers"]
	if job == nil {
		t.Fatalf("there is no span of the job in %v", spans)
	}
	for _, name := range []string{"fetch", "survey", "gate", "send", "finish"} {
		step := spans[name]
		if step == nil || !slices.Equal(step.ParentSpanId, job.SpanId) || step.Status.GetMessage() != "" ||
			step.EndTimeUnixNano < step.StartTimeUnixNano {
			t.Errorf("the step %s is %v", name, step)
		}
	}
	spans = night(header)
	if slices.ContainsFunc(last.Jobs[0].Next, func(command string) bool {
		return strings.Contains(command, "accept-drift")
	}) {
		t.Error("a file without rows may be accepted, and the next night stops again")
	}
	if spans["send"] != nil || spans["gate"].GetStatus().GetMessage() == "" ||
		spans["survey"].GetStatus().GetMessage() != "" {
		t.Errorf("the gate that stopped the night is %v, and sending %v", spans["gate"], spans["send"])
	}
}
