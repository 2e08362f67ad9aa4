package command_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline/command"
	"muster/pipeline/sandbox"
)

// watched is an org and how many requests it has heard.
type watched struct {
	url, key string
	heard    atomic.Int64
}

func watchedOrg(t *testing.T) *watched {
	t.Helper()
	org, err := sandbox.Start(sandbox.Config{Path: filepath.Join(t.TempDir(), "sandbox.db"), RatePerMinute: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { org.Close() })
	at, err := url.Parse(org.URL())
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{key: org.Key()}
	proxy := httputil.NewSingleHostReverseProxy(at)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		w.heard.Add(1)
		proxy.ServeHTTP(rw, q)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// invoke runs a command in this process: its exit code, and all that it said.
func invoke(t *testing.T, env map[string]string, args ...string) (int, string) {
	t.Helper()
	var said bytes.Buffer
	code := command.Main(t.Context(), command.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said,
		Width:  200,
		Lookup: func(name string) (string, bool) { value, is := env[name]; return value, is }})
	return code, said.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A key from the environment or a flag goes to no org that only a file names: not a byte leaves for it.
func TestAKeyGoesOnlyToAnOrgThatItsOwnerNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	org := watchedOrg(t)
	write(t, "people.csv", "externalId,name\n1,Ana\n2,Bea\n")
	env := map[string]string{"KUSTOMER_API_KEY": org.key}
	host := strings.TrimPrefix(org.url, "http://")
	named := map[string]string{"KUSTOMER_API_KEY": org.key, "KUSTOMER_URL": org.url}
	for _, args := range [][]string{
		{"import", "people.csv", "--to", org.url, "--no-canary"},
		{"plan", "people.csv", "--to", org.url, "--full", "--state", "planned"},
	} {
		if code, said := invoke(t, env, args...); code != 0 {
			t.Fatalf("%v: exit %d\n%s", args, code, said)
		}
	}
	plans, err := filepath.Glob("planned/runs/*/plan.json")
	if err != nil || len(plans) != 1 {
		t.Fatal(plans, err)
	}
	write(t, "muster.yaml", "version: 1\norg: "+org.url+"\njobs:\n  people: {source: {from: people.csv, stable: 0s}}\n")
	commands := [][]string{
		{"import", "people.csv", "--state", "other"}, {"doctor", "--state", "other"},
		{"plan", "people.csv", "--state", "other"},
		{"run", "--state", "other"}, {"apply", plans[0]}, {"verify", "last"}, {"undo", "last", "--dry-run"},
		{"undo", "last", "--yes"},
	}
	// The state directory remembers: what was said once is not asked again.
	for _, args := range [][]string{{"verify", "last"}, {"undo", "last", "--dry-run"}, {"apply", plans[0]},
		{"import", "people.csv"}, {"doctor"}, {"run"}} {
		if code, said := invoke(t, env, args...); code != 0 {
			t.Errorf("%v, with what is remembered: exit %d\n%s", args, code, said)
		}
	}
	// A state directory of somebody else remembers nothing of this key.
	for _, state := range []string{".muster", "planned"} {
		if err := os.Remove(filepath.Join(state, "keys.json")); err != nil {
			t.Fatal(err)
		}
	}
	before := org.heard.Load()
	for _, args := range commands {
		code, said := invoke(t, env, args...)
		if code != 2 || !strings.Contains(said, "the API key is not sent to "+host) || strings.Contains(said, org.key) {
			t.Errorf("%v: exit %d\n%s", args, code, said)
		}
		code, said = invoke(t, env, append(args, "--yes-org", "acme")...)
		if code != 2 || !strings.Contains(said, "--yes-org does not name that host") {
			t.Errorf("%v, of another org: exit %d\n%s", args, code, said)
		}
	}
	if heard := org.heard.Load() - before; heard > 0 {
		t.Fatalf("the org heard %d requests", heard)
	}
	// Who has the environment say the same names it; so does --yes-org, and both are remembered.
	if code, said := invoke(t, named, "verify", "last"); code != 0 {
		t.Errorf("with KUSTOMER_URL: exit %d\n%s", code, said)
	}
	if code, said := invoke(t, env, "apply", plans[0], "--yes-org", host); code != 0 {
		t.Errorf("with --yes-org: exit %d\n%s", code, said)
	}
	if code, said := invoke(t, env, "apply", plans[0]); code != 0 {
		t.Errorf("what was confirmed: exit %d\n%s", code, said)
	}
	// A person is asked on a terminal, before anything is sent, and may say no.
	before = org.heard.Load()
	for answer, want := range map[string]int{"acme\n": 2, "\n": 2, host + "\n": 0} {
		if err := os.Remove("planned/keys.json"); err != nil && want != 0 && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		var said bytes.Buffer
		code := command.Main(t.Context(), command.Env{Args: []string{"apply", plans[0]}, Stdin: strings.NewReader(answer),
			Stdout: &said, Stderr: &said, Width: 200,
			Watched: true, Asked: true, Lookup: func(name string) (string, bool) { value, is := env[name]; return value, is }})
		if code != want || !strings.Contains(said.String(), "Type the host to go on") || want != 0 &&
			org.heard.Load() > before {
			t.Errorf("%q: exit %d\n%s", answer, code, &said)
		}
		before = org.heard.Load()
		_ = os.Remove("planned/keys.json")
	}
	if text, err := os.ReadFile(".muster/keys.json"); err != nil || strings.Contains(string(text), org.key) {
		t.Errorf("keys.json: %s, %v", text, err)
	}
}

// The project file gives its own key to its own org, as long as nobody else can write to it.
func TestAProjectFileNamesKeyAndOrg(t *testing.T) {
	t.Chdir(t.TempDir())
	org := watchedOrg(t)
	write(t, "people.csv", "externalId,name\n1,Ana\n")
	write(t, "org.key", org.key)
	project := func(key string) string {
		return "version: 1\norg: " + org.url + "\nkey: " + key +
			"\njobs:\n  people: {source: {from: people.csv, stable: 0s}}\n"
	}
	env := map[string]string{"KUSTOMER_API_KEY": org.key}
	write(t, "muster.yaml", project("{env: KUSTOMER_API_KEY}"))
	if code, said := invoke(t, env, "run", "--state", "one"); code != 0 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	if code, said := invoke(t, env, "doctor", "--state", "one"); code != 0 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	write(t, "muster.yaml", project("{file: org.key}"))
	if code, said := invoke(t, nil, "run", "--state", "three"); code != 0 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	before := org.heard.Load()
	if err := os.Chmod("muster.yaml", 0o666); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"run", "doctor"} {
		if code, said := invoke(t, nil, command, "--state", "four"); code != 2 ||
			!strings.Contains(said, "a file names that org") {
			t.Errorf("%s, in a file that everybody may write: exit %d\n%s", command, code, said)
		}
	}
	// A command is not run at all, by no command of muster's.
	write(t, "muster.yaml", project("{command: [touch, ran]}"))
	for _, args := range [][]string{{"run"}, {"doctor"}, {"import", "people.csv"}, {"accept-drift", "people"}} {
		code, said := invoke(t, nil, append(args, "--state", "five")...)
		if code != 2 || !strings.Contains(said, "may be written to by everybody") ||
			!strings.Contains(said, "hint: chmod go-w") {
			t.Errorf("%v: exit %d\n%s", args, code, said)
		}
	}
	if os.Getuid() == 0 {
		if err := os.Chmod("muster.yaml", 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown("muster.yaml", 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if code, said := invoke(t, nil, "doctor", "--state", "five"); code != 2 ||
			!strings.Contains(said, "belongs to another user") {
			t.Errorf("another user's: exit %d\n%s", code, said)
		}
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("the command was run")
	}
	if heard := org.heard.Load() - before; heard > 0 {
		t.Errorf("the org heard %d requests", heard)
	}
}

// A muster.yaml that lies beside an export may have come with it, though whoever unpacked it owns it now. Only muster
// run, whose file it is, has it say where a key goes and which command tells it; all other commands are told so by a
// person, or by what the state directory remembers.
func TestAProjectFileThatWasFoundSendsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	org := watchedOrg(t)
	host := strings.TrimPrefix(org.url, "http://")
	write(t, "people.csv", "externalId,name\n1,Ana\n")
	write(t, "org.key", org.key)
	env := map[string]string{"KUSTOMER_API_KEY": org.key, "OTHER_SECRET": org.key}
	file := func(key string) {
		write(t, "muster.yaml", "version: 1\norg: "+org.url+"\nkey: "+key+
			"\njobs:\n  people: {source: {from: people.csv, stable: 0s}}\n")
	}
	commands := [][]string{{"import", "people.csv"}, {"doctor"}, {"plan", "people.csv"}}
	for _, key := range []string{"{env: KUSTOMER_API_KEY}", "{env: OTHER_SECRET}", "{file: org.key}",
		"{command: [sh, -c, 'touch ran; cat org.key']}"} {
		file(key)
		for _, args := range commands {
			code, said := invoke(t, env, append(args, "--state", "new")...)
			if code != 2 || !strings.Contains(said, "a muster.yaml that nobody named") ||
				!strings.Contains(said, "--yes-org "+host) || strings.Contains(said, org.key) {
				t.Errorf("%v, key %s: exit %d\n%s", args, key, code, said)
			}
		}
	}
	if heard := org.heard.Load(); heard > 0 {
		t.Errorf("the org heard %d requests", heard)
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("the command was run")
	}
	// Who says the host once has it remembered, but for a command, which would have to be run to tell.
	file("{file: org.key}")
	for _, args := range [][]string{{"doctor", "--yes-org", host}, {"doctor"}, {"import", "people.csv", "--no-canary"},
		{"verify", "last"}} {
		if code, said := invoke(t, nil, append(args, "--state", "said")...); code != 0 {
			t.Errorf("%v: exit %d\n%s", args, code, said)
		}
	}
	file("{command: [sh, -c, 'touch ran; cat org.key']}")
	if code, said := invoke(t, nil, "verify", "last", "--state", "said"); code != 2 ||
		!strings.Contains(said, "the command for the API key is not run") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("the command was run")
	}
	for _, args := range [][]string{{"verify", "last", "--yes-org", host}, {"doctor", "--to", org.url}, {"run"}} {
		if err := os.Remove("ran"); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if code, said := invoke(t, nil, append(args, "--state", "said")...); code != 0 {
			t.Errorf("%v: exit %d\n%s", args, code, said)
		}
		if _, err := os.Stat("ran"); err != nil {
			t.Errorf("%v did not run the command", args)
		}
	}
	var said bytes.Buffer // a person is asked, and once is enough for a command
	code := command.Main(t.Context(), command.Env{Args: []string{"doctor", "--state", "asked"},
		Stdin: strings.NewReader(host + "\n"), Stdout: &said, Stderr: &said, Width: 200,
		Watched: true, Asked: true, Lookup: func(string) (string, bool) { return "", false }})
	if code != 0 || strings.Count(said.String(), "Type the host to go on") != 1 {
		t.Errorf("exit %d\n%s", code, &said)
	}
}

// A host that is neither Kustomer's nor this machine is confirmed before it is looked up, however it was named.
func TestAStrangeHostIsConfirmed(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "people.csv", "externalId,name\n1,Ana\n")
	env := map[string]string{"KUSTOMER_API_KEY": "key"}
	for _, host := range []string{"kustomerapp.com.evil.invalid", "evilkustomerapp.com.invalid", "127.evil.invalid",
		"acme.evil.invalid"} {
		code, said := invoke(t, env, "import", "people.csv", "--to", "https://"+host)
		if code != 2 || !strings.Contains(said, "neither a host of Kustomer's nor this machine") {
			t.Errorf("%s: exit %d\n%s", host, code, said)
		}
		// The first part of a name means an org only on Kustomer's own hosts.
		if code, said = invoke(t, env, "doctor", "--to", "https://"+host, "--yes-org", "acme"); code != 2 {
			t.Errorf("%s: exit %d\n%s", host, code, said)
		}
	}
	if code, said := invoke(t, env, "klass", "pull", "--to", "https://acme.evil.invalid", "--yes-org", "acme.evil.invalid",
		"--timeout", "1s"); code != 6 {
		t.Errorf("once it is confirmed it is asked: exit %d\n%s", code, said)
	}
}

// The key of another org finds nobody of a run: that is said, and nobody is called missing.
func TestVerifyWithTheKeyOfAnotherOrg(t *testing.T) {
	t.Chdir(t.TempDir())
	one, two := watchedOrg(t), watchedOrg(t)
	write(t, "people.csv", "externalId,name\n1,Ana\n2,Bea\n")
	if code, said := invoke(t, map[string]string{"KUSTOMER_API_KEY": one.key}, "import", "people.csv", "--to", one.url,
		"--no-canary"); code != 0 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	paths, err := filepath.Glob(".muster/runs/*/run.json")
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	// the address is the same, behind it is another org
	write(t, paths[0], strings.ReplaceAll(string(text), one.url, two.url))
	code, said := invoke(t, map[string]string{"KUSTOMER_API_KEY": two.key, "KUSTOMER_URL": two.url}, "verify", "last")
	if code != 5 || !strings.Contains(said, "another org than the one the run was begun with") ||
		strings.Contains(said, "missing") {
		t.Errorf("exit %d\n%s", code, said)
	}
}
