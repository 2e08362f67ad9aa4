package notify_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/notify"
)

var at = time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC)

func newTeller(secrets map[string]string) *notify.Teller {
	return &notify.Teller{HTTP: http.DefaultClient, UserAgent: "muster/test", Now: func() time.Time { return at },
		Secret: func(_ context.Context, s config.Secret) (string, error) {
			if value, there := secrets[s.Env]; there {
				return value, nil
			}
			return "", fmt.Errorf("no %s", s.Env)
		}}
}

var failed = &notify.Message{Version: 1, Job: "customers", Project: "crm", Org: "https://acme.example.com", Host: "box",
	State: "failed", Before: "well", ExitCode: 5, Meaning: "stopped by a guard",
	Run: "20260301-023000-aaaa", At: at, Counts: map[string]int64{"unsent": 3},
	Says: []string{`the column "a<b" is missing`}, Next: []string{"muster accept-drift customers"}}

const failedText = `muster: crm/customers: exit 5: the column "a<b" is missing
exit 5: stopped by a guard
the column "a<b" is missing
run 20260301-023000-aaaa: unsent 3
next: muster accept-drift customers
project crm, org https://acme.example.com, host box
`

func TestTheWebhookIsSigned(t *testing.T) {
	var body, signature string
	status := 500
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body, signature = string(raw), r.Header.Get("X-Muster-Signature")
		w.WriteHeader(status)
		status = 204
	}))
	defer server.Close()
	c := &config.Channel{Kind: "webhook", Address: server.URL, Secret: config.Secret{Env: "key"}}
	if err := newTeller(map[string]string{"key": "hush"}).Tell(t.Context(), c, failed); err != nil {
		t.Fatal(err)
	}
	if want := notify.Sign("hush", at, []byte(body)); signature != want ||
		!strings.HasPrefix(signature, "t=1772332200,v1=") {
		t.Errorf("signed %q, want %q", signature, want)
	}
	if want := `"job":"customers","project":"crm","org":"https://acme.example.com","host":"box","state":"failed","before":"well","recovered":false,"exit_code":5`; !strings.Contains(body, want) {
		t.Errorf("the body %s lacks %s", body, want)
	}
	// Worked out by another program.
	if got := notify.Sign("k", time.Unix(1, 0), []byte("b")); got != "t=1,v1=2946e37a45bb02a0bf1bf1a7d9219543801fedd301f9f485aebd72c928639bea" {
		t.Errorf("the signature is %s", got)
	}
	for _, code := range []int{400, 404} {
		status = code
		if err := newTeller(map[string]string{"key": "hush"}).Tell(t.Context(), c, failed); err == nil ||
			!strings.Contains(err.Error(), fmt.Sprint(code)) {
			t.Errorf("status %d: %v", code, err)
		}
	}
}

// An address may be a secret itself: no error holds it.
func TestSlack(t *testing.T) {
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body = string(raw)
	}))
	teller := newTeller(map[string]string{"SLACK": server.URL + "/services/hush"})
	c := &config.Channel{Kind: "slack", URL: config.Secret{Env: "SLACK"}, Line: 7}
	if err := teller.Tell(t.Context(), c, failed); err != nil {
		t.Fatal(err)
	}
	if want := `a\u0026lt;b`; !strings.Contains(body, want) {
		t.Errorf("the text %s does not hold %s", body, want)
	}
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err := teller.Tell(ctx, c, failed)
	if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "line 7") {
		t.Errorf("nobody there: %v", err)
	}
	if err := teller.Tell(t.Context(), &config.Channel{Kind: "slack", URL: config.Secret{Env: "NONE"}},
		failed); err == nil {
		t.Error("told without an address")
	}
}

// mailbox is an SMTP server that takes one letter.
func mailbox(t *testing.T) (address string, letter func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	done := make(chan string, 1)
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		var b strings.Builder
		r := bufio.NewReader(raw)
		say := func(s string) { fmt.Fprint(raw, s+"\r\n") }
		say("220 here")
		for data := false; ; {
			line, err := r.ReadString('\n')
			if err != nil {
				done <- b.String()
				return
			}
			b.WriteString(line)
			word, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
			switch {
			case data && line == ".\r\n":
				data = false
				say("250 taken")
			case data:
			case word == "EHLO":
				say("250-here\r\n250 AUTH PLAIN")
			case word == "DATA":
				data = true
				say("354 go on")
			case word == "AUTH":
				say("235 yes")
			case word == "QUIT":
				say("221 bye")
				done <- b.String()
				return
			default:
				say("250 yes")
			}
		}
	}()
	return listener.Addr().String(), func() string { return <-done }
}

func TestEMail(t *testing.T) {
	address, letter := mailbox(t)
	c := &config.Channel{Kind: "email", SMTP: config.SMTP{Server: address, From: "Muster <muster@example.com>",
		To:   []string{"a@example.com", "b@example.com"},
		User: "muster", Password: config.Secret{Env: "pass"}, Plain: true}}
	teller := newTeller(map[string]string{"pass": "hush"})
	if err := teller.Tell(t.Context(), c, failed); err != nil {
		t.Fatal(err)
	}
	got := letter()
	for _, want := range []string{"MAIL FROM:<muster@example.com>", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>",
		"AUTH PLAIN ", "Subject: muster: crm/customers: exit 5: the column \"a<b\" is missing\r\n",
		"Date: Sun, 01 Mar 2026 02:30:00 +0000\r\n", "Auto-Submitted: auto-generated",
		`the column "a<b" is missing`, "next: muster accept-drift customers"} {
		if !strings.Contains(got, want) {
			t.Errorf("the letter lacks %q:\n%s", want, got)
		}
	}
	// Without TLS nothing is sent unless it was asked for.
	address, letter = mailbox(t)
	c.SMTP.Server, c.SMTP.Plain = address, false
	if err := teller.Tell(t.Context(), c, failed); err == nil || !strings.Contains(err.Error(), "offers no TLS") ||
		strings.Contains(err.Error(), "hush") {
		t.Errorf("a server without TLS: %v", err)
	}
	if got := letter(); strings.Contains(got, "AUTH") || strings.Contains(got, "MAIL") {
		t.Errorf("it was told %s", got)
	}
}

func TestACommandIsTold(t *testing.T) {
	teller := newTeller(nil)
	teller.Folder = t.TempDir()
	if err := teller.Tell(t.Context(), &config.Channel{Kind: "command", Command: []string{"sh", "-c", "cat > told"}},
		failed); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(teller.Folder, "told")); err != nil || string(text) != failedText {
		t.Errorf("told %q, %v, want %q", text, err, failedText)
	}
	if err := teller.Tell(t.Context(), &config.Channel{Kind: "command", Command: []string{"false"}}, failed); err == nil {
		t.Error("a command that fails has told")
	}
}

func TestHeartbeatAndMetrics(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked > 1 {
			w.WriteHeader(404)
		}
	}))
	defer server.Close()
	if err := newTeller(nil).Beat(t.Context(), server.URL); err != nil {
		t.Error(err)
	}
	if err := newTeller(nil).Beat(t.Context(), server.URL+"/hush"); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("got %v", err)
	}
	path := filepath.Join(t.TempDir(), "muster.prom")
	err := notify.WriteMetrics(path, []notify.Figures{{Project: "crm", Org: "sandbox", Job: "b", ExitCode: 5, Ended: at,
		Counts: map[string]int64{"created": 3}}, {Project: "crm", Org: "sandbox", Job: "a", Ended: at, GoodAt: at,
		Requests: 7}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# TYPE muster_job_exit_code gauge\n" +
		"muster_job_exit_code{project=\"crm\",org=\"sandbox\",job=\"a\"} 0\n" +
		"muster_job_exit_code{project=\"crm\",org=\"sandbox\",job=\"b\"} 5\n",
		"muster_job_rows{project=\"crm\",org=\"sandbox\",job=\"b\",status=\"created\"} 3\n",
		"muster_job_last_success_timestamp_seconds{project=\"crm\",org=\"sandbox\",job=\"a\"} 1.7723322e+09\n",
		"muster_job_requests{project=\"crm\",org=\"sandbox\",job=\"a\"} 7\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the metrics lack %q:\n%s", want, text)
		}
	}
}
