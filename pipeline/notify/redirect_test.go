package notify_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/config"
	"muster/pipeline/notify"
)

// What is told goes to the address that was named and no further: a redirect would carry a job's names, and the
// address's token as Referer, to whoever it points at.
func TestNothingIsToldElsewhere(t *testing.T) {
	heard := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		teller := newTeller(map[string]string{"url": gate.URL, "open": "http://127.evil.invalid/hook", "key": "k"})
		for _, c := range []config.Channel{{Kind: "webhook", Address: gate.URL},
			{Kind: "webhook", URL: config.Secret{Env: "url"}, Secret: config.Secret{Env: "key"}},
			{Kind: "slack", URL: config.Secret{Env: "url"}}} {
			if err := teller.Tell(t.Context(), &c, failed); err == nil || !strings.Contains(err.Error(), "redirect") {
				t.Errorf("%d %s: %v", status, c.Kind, err)
			}
		}
		if err := teller.Beat(t.Context(), gate.URL); err == nil || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%d heartbeat: %v", status, err)
		}
		if asked != 4 {
			t.Errorf("%d: asked %d times, and asking again changes nothing", status, asked)
		}
		if err := teller.Tell(t.Context(), &config.Channel{Kind: "webhook", URL: config.Secret{Env: "open"}},
			failed); err == nil || !strings.Contains(err.Error(), "https://") {
			t.Errorf("an address that is a secret and no https: %v", err)
		}
		gate.Close()
	}
	if heard > 0 {
		t.Errorf("elsewhere was told %d times", heard)
	}
}

func TestTelemetryFollowsNoRedirect(t *testing.T) {
	heard := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer elsewhere.Close()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	defer gate.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gate.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-token=hush")
	if err := notify.TelemetryOf(os.LookupEnv).Send(t.Context(), "1", notify.Span{Name: "night"},
		[]notify.Figures{{Job: "a"}}); err == nil {
		t.Error("a redirect is no answer")
	}
	if heard > 0 {
		t.Errorf("elsewhere heard %d requests", heard)
	}
}

func TestACommandThatTellsKnowsNoSecret(t *testing.T) {
	t.Setenv("KUSTOMER_API_KEY", "hush")
	t.Setenv("SMTP_PASSWORD", "hush")
	teller := newTeller(nil)
	teller.Folder, teller.Hidden = t.TempDir(), []string{"SMTP_PASSWORD"}
	if err := teller.Tell(t.Context(), &config.Channel{Kind: "command", Command: []string{"sh", "-c", "env > told"}},
		failed); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(teller.Folder, "told")); err != nil ||
		strings.Contains(string(text), "hush") || !strings.Contains(string(text), "PATH=") {
		t.Errorf("the command has %s, %v", text, err)
	}
}
