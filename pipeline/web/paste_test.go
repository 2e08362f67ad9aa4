package web_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var shownCommand = regexp.MustCompile(`<code id="command">([^<]*)</code>`)

// TestLaw11EveryScreenShowsItsCommand: what stands at the foot of a page is pasted into a shell and works, whatever the
// file is called and however it is read; with edits it is the command for the file with the edits in it.
func TestLaw11EveryScreenShowsItsCommand(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on this machine: nothing can be pasted into it")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, `it's "a $HOME; file.csv`)
	if err := os.WriteFile(file, []byte("skip me\nCustomer ID;Name;E-mail\nT-1;Ada Sample;ada@example.com\n"+
		"T-2;Bob Sample;bob@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, address := startUI(t, filepath.Join(dir, "the state"), file)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	ask := func(r *http.Request) string {
		t.Helper()
		r.Header.Set("Accept", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", r.URL.Path, answer.Status, text)
		}
		return string(text)
	}
	get := func(address string) string {
		r, _ := http.NewRequest(http.MethodGet, address, nil)
		return ask(r)
	}
	post := func(address string, kind, body string) string {
		r, _ := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return ask(r)
	}
	base, _, _ := strings.Cut(address, "/enter")
	home := get(address)
	one := base + regexp.MustCompile(`/imports/[0-9a-f-]+`).FindString(home)
	revision := func() string {
		return regexp.MustCompile(`data-revision="(\d+)"`).FindStringSubmatch(get(one + "/meaning"))[1]
	}
	const form = "application/x-www-form-urlencoded"
	post(one+"/reading", form, url.Values{"revision": {revision()}, "delimiter": {";"}, "skip-lines": {"1"},
		"header-row": {"first"}, "region": {"NL"}}.Encode())
	act := func(kind string) {
		t.Helper()
		post(one+"/act", form, url.Values{"kind": {kind}, "org": {"sandbox"}}.Encode())
		for begun := time.Now(); !strings.Contains(get(one+"/events"), "event: ended"); time.Sleep(20 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("%s does not end", kind)
			}
		}
	}
	paste := func(step, begins string) {
		t.Helper()
		found := shownCommand.FindStringSubmatch(get(one + "/" + step))
		if found == nil {
			t.Errorf("%s shows no command", step)
			return
		}
		line := html.UnescapeString(found[1])
		if !strings.HasPrefix(line, "muster "+begins+" ") {
			t.Errorf("%s shows %s", step, line)
		}
		c := exec.Command(shell, "-c", `muster() { "$MUSTER" "$@"; }; `+line)
		c.Dir = dir
		c.Env = append(os.Environ(), "MUSTER_UI_TEST=command", "MUSTER="+os.Args[0], "KUSTOMER_URL=", "KUSTOMER_API_KEY=")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%v\n%s", step, line, err, out)
		}
	}
	paste("file", "read")
	paste("meaning", "map")
	act("check")
	paste("problems", "check")
	post(one+"/edits", "application/json", `{"revision":`+revision()+
		`,"kind":"edit","cells":[{"r":0,"c":1,"t":"Ada \"A;\" Sample"}]}`)
	act("check")
	paste("problems", "check")
	paste("plan", "plan")
	act("plan")
	paste("plan", "plan")
	paste("run", "apply")
	act("import")
	paste("report", "show")
}
