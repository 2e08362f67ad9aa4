package command_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"muster/pipeline/command"
	"muster/pipeline/progress"
)

// heard is a Reporter, and a stream, that waits for words.
type heard struct {
	progress.Silent
	mu    sync.Mutex
	words string
	all   bytes.Buffer
	once  sync.Once
	is    func()
}

func (h *heard) Say(line string) { h.Write([]byte(line + "\n")) }

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all.Write(b)
	if strings.Contains(h.all.String(), h.words) {
		h.once.Do(h.is)
	}
	return len(b), nil
}

// An org that is slow to answer at the start is waited for with a word: to who sits at the terminal, and on the page,
// which hears all that is said in place of it.
func TestAnOrgThatIsSlowIsWaitedForWithAWord(t *testing.T) {
	for _, onPage := range []bool{false, true} {
		release := make(chan struct{})
		org := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			http.Error(w, "{}", http.StatusUnauthorized)
		}))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		h := &heard{words: "waiting for the org's answer (at most 1m)", is: func() { close(release) }}
		env := command.Env{Args: []string{"klass", "pull", "--to", org.URL}, Stdin: strings.NewReader(""), Stderr: h,
			Stdout: h, Width: 80, Watched: !onPage,
			Lookup: func(name string) (string, bool) { return "k", name == "KUSTOMER_API_KEY" }}
		if onPage {
			env.Progress, env.Stderr = h, &bytes.Buffer{}
		}
		if code := command.Main(ctx, env); code != 4 {
			t.Errorf("exit code %d", code)
		}
		cancel()
		org.Close()
		if !strings.Contains(h.all.String(), h.words) {
			t.Errorf("on a page: %t: nothing is said of the wait: %s", onPage, h.all.String())
		}
	}
}
