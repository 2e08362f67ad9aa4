package fetch_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline/config"
)

// drip is a server whose answer begins and goes on as a test says.
func drip(t *testing.T, body func(w http.ResponseWriter, over <-chan struct{})) (url string, asked *int) {
	t.Helper()
	over := make(chan struct{})
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		*asked++
		body(w, over)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	return server.URL + "/people.csv", asked
}

// TestAStalledDownloadEnds: an answer begins and nothing follows, or a byte from time to time. Without an end of ours
// neither would have one.
func TestAStalledDownloadEnds(t *testing.T) {
	for name, every := range map[string]time.Duration{"nothing": time.Hour, "a byte now and then": 5 * time.Millisecond} {
		url, asked := drip(t, func(w http.ResponseWriter, over <-chan struct{}) {
			w.WriteHeader(http.StatusOK)
			for {
				w.Write([]byte("x"))
				w.(http.Flusher).Flush()
				select {
				case <-over:
					return
				case <-time.After(every):
				}
			}
		})
		d := newDesk(t)
		d.Idle = 50 * time.Millisecond
		if words, _ := d.took(t, config.Source{From: url}, nil); !strings.HasPrefix(words, "unreachable: ") ||
			!strings.Contains(words, "stalls") {
			t.Errorf("%s: %s", name, words)
		}
		if *asked != 3 {
			t.Errorf("%s: asked for %d times, want 3", name, *asked)
		}
		if left, _ := os.ReadDir(filepath.Join(d.dir, "fetched")); len(left) > 0 {
			t.Errorf("%s: %d files are left", name, len(left))
		}
	}
}

// TestAnEndlessDownloadEnds: what is larger than max-size is given up, and not tried again.
func TestAnEndlessDownloadEnds(t *testing.T) {
	block := bytes.Repeat([]byte("x"), 64<<10)
	url, asked := drip(t, func(w http.ResponseWriter, _ <-chan struct{}) {
		for err := error(nil); err == nil; _, err = w.Write(block) {
		}
	})
	d := newDesk(t)
	if words, _ := d.took(t, config.Source{From: url, MaxSize: 1_500_000},
		nil); words != "failed: people.csv is larger than max-size, 1.5 MB" || *asked != 1 {
		t.Errorf("asked for %d times: %s", *asked, words)
	}
	if words, _ := d.took(t, config.Source{Command: []string{"sh", "-c",
		"while echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do :; done"}, MaxSize: 100_000}, nil); !strings.Contains(words,
		"larger than max-size, 100 kB") {
		t.Errorf("a command: %s", words)
	}
}

// TestWhatIsFetchedIsPlacedLater: until it is placed what was fetched before stands where it stood, and what is dropped
// is gone.
func TestWhatIsFetchedIsPlacedLater(t *testing.T) {
	url, _ := drip(t, func(w http.ResponseWriter, _ <-chan struct{}) { io.WriteString(w, "new") })
	d := newDesk(t)
	at := filepath.Join(d.dir, "fetched", "people.csv")
	os.Mkdir(filepath.Dir(at), 0o700)
	os.WriteFile(at, []byte("old"), 0o600)
	for _, want := range []string{"old", "new"} {
		got, _, err := d.Fetch(t.Context(), &config.Source{From: url}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want == "new" {
			if _, err := got.Place(); err != nil {
				t.Fatal(err)
			}
		}
		got.Drop()
		if text, _ := os.ReadFile(at); string(text) != want {
			t.Errorf("%q, want %q", text, want)
		}
		if all, _ := os.ReadDir(filepath.Dir(at)); len(all) != 1 {
			t.Errorf("%d files", len(all))
		}
	}
}
