package report

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A real browser opens the page: it asks nobody for anything, complains of nothing, and shows what was written, also
// where the names in it would like to be more than names.
func TestHTMLInABrowser(t *testing.T) {
	browser := findBrowser()
	if browser == "" {
		t.Skip("no Chromium here to open the page with: apt-get install chromium")
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	all := pages()
	for name, s := range map[string]*Summary{"problems": all["problems"], "hostile": hostile(server.URL + "/")} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "report.html")
			if err := WriteHTML(path, s); err != nil {
				t.Fatal(err)
			}
			dom, log := open(t, browser, "file://"+path)
			for _, says := range []string{"<title>muster ", "</footer>", `id="wide-title"`, `aria-labelledby="balance"`} {
				if !bytes.Contains(dom, []byte(says)) {
					t.Errorf("the browser sees no %s", says)
				}
			}
			if bytes.Contains(dom, []byte("<script")) || bytes.Contains(dom, []byte("<img")) {
				t.Error("a name became more than a name")
			}
			for line := range strings.Lines(log) {
				if strings.Contains(line, "CONSOLE") {
					t.Error("the browser complains: ", line)
				}
			}
		})
	}
	if asked.Load() != 0 {
		t.Errorf("the page made %d requests", asked.Load())
	}
	// The means must be able to find it: a page that does ask, and does complain.
	page := filepath.Join(t.TempDir(), "loud.html")
	text := "<img src='" + server.URL + "/x.png'><script>console.error(1)</script>"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log := open(t, browser, "file://"+page); asked.Load() == 0 || !strings.Contains(log, "CONSOLE") {
		t.Errorf("a page that asks and complains is not found out: %d requests, log\n%s", asked.Load(), log)
	}
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// open returns what the browser made of a page, and what it logged.
func open(t *testing.T, browser, address string) (dom []byte, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--user-data-dir="+t.TempDir(),
		"--dump-dom", address)
	cmd.WaitDelay = time.Second
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", browser, err, &complaints)
	}
	return out.Bytes(), complaints.String()
}
