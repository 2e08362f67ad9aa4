package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// served is a server that answers, and a client that has its cookie.
type served struct {
	*testing.T
	*Server
	client *http.Client
	base   string
	ended  chan error
	stop   context.CancelFunc
}

func serve(t *testing.T, c Config) *served {
	t.Helper()
	if c.State == "" {
		c.State = t.TempDir()
	}
	if c.Run == nil {
		c.Run = func(context.Context, Call) int { return 0 }
	}
	s, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	jar, _ := cookiejar.New(nil)
	v := &served{T: t, Server: s, client: &http.Client{Jar: jar}, base: "http://" + s.listener.Addr().String(),
		ended: make(chan error, 1), stop: cancel}
	go func() { v.ended <- s.Serve(ctx) }()
	t.Cleanup(func() { cancel(); <-v.ended; v.ended <- nil })
	if code, text := v.get(s.Address()); code != http.StatusOK {
		t.Fatalf("the launch address gives %d %s", code, text)
	}
	return v
}

func (v *served) do(r *http.Request) (code int, text string) {
	v.Helper()
	answer, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

func (v *served) get(address string) (int, string) {
	v.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		v.Fatal(err)
	}
	return v.do(r)
}

func (v *served) post(path string, form url.Values) (int, string) {
	v.Helper()
	r, _ := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return v.do(r)
}

// TestPortOfThisMachineAlone: no other machine can reach the page.
func TestPortOfThisMachineAlone(t *testing.T) {
	v := serve(t, Config{})
	if !strings.HasPrefix(v.listener.Addr().String(), "127.0.0.1:") || strings.HasSuffix(v.base, ":0") {
		t.Errorf("the page is served at %s", v.listener.Addr())
	}
}

// TestForeignHostIsRefused: a name that was rebound to this machine reaches nothing, whatever the method, path or
// cookie.
func TestForeignHostIsRefused(t *testing.T) {
	v := serve(t, Config{})
	_, port, _ := strings.Cut(strings.TrimPrefix(v.base, "http://"), ":")
	for _, host := range []string{"evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "localhost",
		"127.0.0.1." + ":" + port, "[::1]:" + port, ""} {
		for _, path := range []string{"/", "/assets/page.js", enterPath, "/imports/x/events"} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions} {
				r, _ := http.NewRequest(method, v.base+path, nil)
				if r.Host = host; host == "" {
					r.Host = "x"
				}
				if code, _ := v.do(r); code != http.StatusMisdirectedRequest {
					t.Errorf("%s %s of host %q gives %d", method, path, host, code)
				}
			}
		}
	}
	if code, _ := v.get("http://localhost:" + port + "/"); code != http.StatusUnauthorized { // the cookie is 127.0.0.1's
		t.Errorf("localhost gives %d", code)
	}
}

// TestOtherPagesAreRefused: a page of another site cannot change anything, nor read a thing by way of the browser.
func TestOtherPagesAreRefused(t *testing.T) {
	v := serve(t, Config{})
	for _, from := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
		{"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
	} {
		r, _ := http.NewRequest(http.MethodPost, v.base+"/files", strings.NewReader(""))
		for name, value := range from {
			r.Header.Set(name, value)
		}
		if code, _ := v.do(r); code != http.StatusForbidden {
			t.Errorf("a POST with %v gives %d", from, code)
		}
	}
	r, _ := http.NewRequest(http.MethodGet, v.base+"/", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, _ := v.do(r); code != http.StatusForbidden {
		t.Errorf("a GET that another site asks for gives %d", code)
	}
}

// TestTokenIsGoodOnce: the address that was printed opens the page for one browser.
func TestTokenIsGoodOnce(t *testing.T) {
	s, err := Listen(Config{State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.listener.Close()
	address := s.Address()
	v := serve(t, Config{})
	token, _ := url.Parse(address)
	if v.guard.redeem(token.Query().Get("token")) {
		t.Error("the token of another server is taken")
	}
	stranger := &served{T: t, client: &http.Client{}, base: v.base}
	for name, path := range map[string]string{"no token": "/", "a wrong one": enterPath + "?token=00", "none": enterPath,
		"an empty one": enterPath + "?token=", "an asset": "/assets/page.css"} {
		if code, _ := stranger.get(v.base + path); code != http.StatusUnauthorized {
			t.Errorf("%s gives %d", name, code)
		}
	}
	if !s.guard.redeem(token.Query().Get("token")) || s.guard.redeem(token.Query().Get("token")) || s.guard.redeem("") {
		t.Error("the token is not good exactly once")
	}
}

// TestCookie: script cannot read it, other sites do not send it, and its name holds the port.
func TestCookie(t *testing.T) {
	s, err := Listen(Config{State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(t.Context())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(s.Address())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	_, port, _ := strings.Cut(s.listener.Addr().String(), ":")
	c := answer.Cookies()
	if len(c) != 1 || c[0].Name != "muster-"+port || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode ||
		len(c[0].Value) != 32 {
		t.Errorf("the cookie is %+v", c)
	}
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/" {
		t.Errorf("the token stays in the address: %d %s", answer.StatusCode, answer.Header.Get("Location"))
	}
}

// TestHeaders stand on every answer, refusals too.
func TestHeaders(t *testing.T) {
	v := serve(t, Config{})
	for _, path := range []string{"/", "/assets/page.js", "/assets/report.css", "/nothing", "/imports/x/file", enterPath} {
		answer, err := v.client.Get(v.base + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src " +
				"'self'; form-action 'self'; frame-ancestors 'none'",
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

// TestNothingChangesOnGET: every address that changes something wants a POST.
func TestNothingChangesOnGET(t *testing.T) {
	v := serve(t, Config{})
	s, _ := v.store.create()
	if err := v.store.keep(s); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"reading", "remove", "mapping", "edits", "act", "stop"} {
		if code, _ := v.get(v.base + "/imports/" + s.record.ID + "/" + path); code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s gives %d", path, code)
		}
	}
}

// TestNoWayAroundTheDisk: no address and no name of an upload leads out of the page's own folders.
func TestNoWayAroundTheDisk(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("not for the page"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := serve(t, Config{State: filepath.Join(dir, "state")})
	for _, path := range []string{"/imports/..%2f..%2f..%2fsecret.txt/file", "/imports/../../../secret.txt",
		"/runs/..%2f..%2f..", "/runs/%2e%2e", "/assets/..%2f..%2fguard.go",
		"/assets/../doc.go", "/runs/" + url.PathEscape(secret), "/runs/%2e%2e/plan.html", "/runs/x/ledger.db", "/runs/..%2fx/report.html", "/imports/%00/file"} {
		if code, text := v.get(v.base + path); code == http.StatusOK && strings.Contains(text, "not for the page") ||
			code == http.StatusOK && strings.Contains(text, "package web") {
			t.Errorf("%s gives %d", path, code)
		}
	}
	for _, name := range []string{"../../../out.csv", `..\..\out.csv`, "/etc/out.csv", ".hidden", "..",
		strings.Repeat("long", 100) + ".csv"} {
		code, _ := v.sendFile(name, strings.NewReader("Name,Email\nAda,ada@example.com\n"))
		if code != http.StatusOK {
			t.Errorf("a file called %q gives %d", name, code)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		inside, _ := filepath.Rel(filepath.Join(dir, "state", "ui"), path)
		if d.Type().IsRegular() && path != secret && !filepath.IsLocal(inside) {
			t.Errorf("%s was written", path)
		}
		info, _ := d.Info()
		if path != secret && d.Type().IsRegular() && info.Mode().Perm() != 0o600 && d.Name() != "lock" {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sendFile uploads a file as a browser does.
func (v *served) sendFile(name string, content io.Reader) (int, string) {
	v.Helper()
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		part, err := form.CreateFormFile("files", "x")
		if err == nil {
			_, err = io.Copy(part, content)
		}
		writer.CloseWithError(errors.Join(err, form.Close()))
	}()
	r, _ := http.NewRequest(http.MethodPost, v.base+"/files", &renamed{reader, name})
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept", "application/json")
	return v.do(r)
}

// renamed puts a name into the form's head that the library would not write.
type renamed struct {
	io.Reader
	name string
}

func (r *renamed) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if at := bytes.Index(b[:n], []byte(`filename="x"`)); at >= 0 && r.name != "" {
		whole := bytes.Replace(b[:n:n], []byte(`filename="x"`),
			[]byte(`filename="`+strings.ReplaceAll(r.name, `\`, `\\`)+`"`), 1)
		r.Reader, r.name = io.MultiReader(bytes.NewReader(whole[min(len(whole), len(b)):]), r.Reader), ""
		return copy(b, whole), err
	}
	return n, err
}

// endless is a file of so many bytes.
type endless struct{ left int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), e.left))
	for i := range b[:n] {
		b[i] = 'a'
	}
	e.left -= int64(n)
	return n, nil
}

// TestUploadIsCapped: a file of more bytes than are taken ends with a word about it, and leaves nothing behind.
func TestUploadIsCapped(t *testing.T) {
	s := &Server{config: Config{State: t.TempDir()}}
	v := serve(t, s.config)
	v.mostUpload = 1 << 20
	code, text := v.sendFile("big.csv", &endless{left: 3 << 20})
	if code != http.StatusRequestEntityTooLarge || !strings.Contains(text, "muster ui FILE") {
		t.Errorf("too large a file gives %d %s", code, text)
	}
	entries, _ := os.ReadDir(filepath.Join(v.config.State, "ui"))
	if len(entries) != 1 { // the lock
		t.Errorf("%d things are left behind", len(entries)-1)
	}
	if mostUpload != 10<<30 {
		t.Errorf("the cap is %d", int64(mostUpload))
	}
}

// TestKeyIsNeverGivenBack: a pasted key reaches the command, and no page, file or answer.
func TestKeyIsNeverGivenBack(t *testing.T) {
	const key = "sk-3f9a-very-secret"
	calls := make(chan Call, 4)
	v := serve(t, Config{Run: func(_ context.Context, c Call) int {
		calls <- c
		fmt.Fprintf(c.Stderr, "muster: error: the org refused\n")
		return 4
	}})
	code, text := v.sendFile("c.csv", strings.NewReader("Name,E-mail\nAda,ada@example.com\n"))
	if code != http.StatusOK {
		t.Fatal(code, text)
	}
	id := v.store.list()[0].record.ID
	code, text = v.post("/imports/"+id+"/act", url.Values{"kind": {"import"}, "org": {"https://acme.api.kustomerapp.com"},
		"key": {key}, "yes-org": {"acme"}})
	if code != http.StatusOK || strings.Contains(text, key) {
		t.Fatal(code, text)
	}
	if c := <-calls; c.Key != key || strings.Contains(strings.Join(c.Args, " "), key) ||
		!strings.Contains(strings.Join(c.Args, " "), "--yes-org acme") {
		t.Errorf("the command is given %v", c.Args)
	}
	v.acts.wait()
	for _, step := range stepNames {
		if _, text := v.get(v.base + "/imports/" + id + "/" + step[0]); strings.Contains(text, key) ||
			!strings.Contains(text, "<h1") {
			t.Errorf("%s shows the key, or nothing", step[0])
		}
	}
	err := filepath.WalkDir(v.config.State, func(path string, d fs.DirEntry, err error) error {
		if d.Type().IsRegular() {
			if text, _ := os.ReadFile(path); bytes.Contains(text, []byte(key)) {
				t.Errorf("%s holds the key", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEndsWhenIdle: nobody asks for anything, and nothing is under way.
func TestEndsWhenIdle(t *testing.T) {
	v := serve(t, Config{Idle: 50 * time.Millisecond})
	select {
	case err := <-v.ended:
		if v.ended <- nil; err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not end")
	}
}

// TestOneServerForAState: two would write over each other.
func TestOneServerForAState(t *testing.T) {
	v := serve(t, Config{})
	if _, err := Listen(Config{State: v.config.State}); err == nil || !strings.Contains(err.Error(), "another muster ui") {
		t.Errorf("a second server says %v", err)
	}
}
