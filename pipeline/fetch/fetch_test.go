package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/fetch"
)

// desk is a fetcher whose time moves on when it sleeps.
type desk struct {
	*fetch.Fetcher
	dir   string
	at    time.Time
	slept time.Duration
	nap   func() // happens while it sleeps
}

func newDesk(t *testing.T) *desk {
	d := &desk{dir: t.TempDir(), at: time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC)}
	d.Fetcher = &fetch.Fetcher{
		Folder: func(name string) string {
			if filepath.IsAbs(name) {
				return name
			}
			return filepath.Join(d.dir, name)
		},
		Into: filepath.Join(d.dir, "fetched"), HTTP: http.DefaultClient,
		Secret: func(_ context.Context, s config.Secret) (string, error) { return s.Env, nil },
		Now:    func() time.Time { return d.at },
		Sleep: func(_ context.Context, by time.Duration) error {
			d.at, d.slept = d.at.Add(by), d.slept+by
			if d.nap != nil {
				d.nap()
			}
			return nil
		},
	}
	return d
}

// put writes a file that was changed so long ago.
func (d *desk) put(t *testing.T, name, text string, ago time.Duration) {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, d.at.Add(-ago), d.at.Add(-ago)); err != nil {
		t.Fatal(err)
	}
}

// took is what was taken, in words.
func (d *desk) took(t *testing.T, s config.Source, last []fetch.Entry) (words string, entries []fetch.Entry) {
	t.Helper()
	var files []fetch.File
	got, same, err := d.Fetch(t.Context(), &s, last)
	if err == nil && !same {
		files, err = got.Place()
	}
	var why *fetch.Error
	if errors.As(err, &why) {
		return map[fetch.Fault]string{fetch.Absent: "absent", fetch.Unreachable: "unreachable", fetch.Denied: "denied",
			fetch.Unstable: "unstable", fetch.Failed: "failed"}[why.Fault] + ": " + err.Error(), nil
	}
	if err != nil {
		return "error: " + err.Error(), nil
	}
	if same {
		return "same", last
	}
	for _, f := range files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(f.Path)
		if err != nil || strings.Contains(f.Path, "fetched") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Path, info.Mode(), err)
		}
		words += fmt.Sprintf("%s=%s ", f.Name, text)
		entries = append(entries, f.Entry)
	}
	return strings.TrimSpace(words), entries
}

func TestTheNewestFileOfAFolder(t *testing.T) {
	d := newDesk(t)
	d.put(t, "customers-3.csv", "c", 3*time.Hour)
	d.put(t, "customers-1.csv", "a", 1*time.Hour)
	d.put(t, "customers-2.csv", "b", 2*time.Hour)
	d.put(t, ".customers-9.csv", "hidden", time.Minute)
	d.put(t, "customers-9.csv.part", "part", time.Minute)
	if err := os.Mkdir(filepath.Join(d.dir, "customers-d.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		source config.Source
		want   string
	}{
		{config.Source{From: "customers-*.csv"}, "customers-1.csv=a"},
		{config.Source{From: "customers-*.csv", All: true}, "customers-3.csv=c customers-2.csv=b customers-1.csv=a"},
		{config.Source{From: "customers-3.csv"}, "customers-3.csv=c"},
		{config.Source{From: "others-*.csv"}, "absent: no file fits others-*.csv"},
		{config.Source{From: "nowhere/x.csv"}, "absent: there is no folder " + filepath.Join(d.dir, "nowhere")},
	} {
		if got, _ := d.took(t, test.source, nil); got != test.want {
			t.Errorf("%s: got %q, want %q", test.source.From, got, test.want)
		}
	}
}

// A file that is still being written is waited for; one that never rests is not taken.
func TestAFileThatIsStillBeingWritten(t *testing.T) {
	d := newDesk(t)
	d.put(t, "feed.csv", "half", time.Second)
	writes := 0
	d.nap = func() {
		if writes++; writes <= 3 {
			d.put(t, "feed.csv", strings.Repeat("x", writes), 0)
		}
	}
	if got, _ := d.took(t, config.Source{From: "feed.csv", Stable: 10 * time.Second}, nil); got != "feed.csv=xxx" {
		t.Errorf("took %q", got)
	}
	if d.slept < 30*time.Second {
		t.Errorf("waited only %s", d.slept)
	}
	d.put(t, "feed.csv", "x", 0)
	d.nap = func() { writes++; d.put(t, "feed.csv", strings.Repeat("x", writes), 0) }
	if got, _ := d.took(t, config.Source{From: "feed.csv", Stable: 10 * time.Second}, nil); !strings.HasPrefix(got,
		"unstable: feed.csv is still") {
		t.Errorf("took %q", got)
	}
	// A clock that is behind: the file is of the future, and two looks that agree must do.
	d.nap = nil
	d.put(t, "feed.csv", "whole", -time.Hour)
	if got, _ := d.took(t, config.Source{From: "feed.csv", Stable: 10 * time.Second}, nil); got != "feed.csv=whole" {
		t.Errorf("took %q", got)
	}
}

func TestAWebAddress(t *testing.T) {
	d := newDesk(t)
	text, tag, code, broken := "one", `"v1"`, 200, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Get("sig") != "hush" || r.Header.Get("Authorization") != "Bearer T":
			w.WriteHeader(403)
		case broken > 0:
			broken--
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half of it")
		case code != 200:
			w.WriteHeader(code)
		case r.Header.Get("If-None-Match") == tag:
			w.WriteHeader(304)
		default:
			w.Header().Set("ETag", tag)
			fmt.Fprint(w, text)
		}
	}))
	defer server.Close()
	source := config.Source{From: server.URL + "/out/feed.csv?sig=hush", Authorization: config.Secret{Env: "Bearer T"}}
	got, last := d.took(t, source, nil)
	if got != "feed.csv=one" {
		t.Fatalf("took %q", got)
	}
	if got, _ := d.took(t, source, last); got != "same" {
		t.Errorf("the second time: %q", got)
	}
	text, tag, broken = "two", `"v2"`, 2
	if got, _ := d.took(t, source, last); got != "feed.csv=two" {
		t.Errorf("after two answers that broke off: %q", got)
	}
	broken = 9
	if got, _ := d.took(t, source, nil); !strings.HasPrefix(got, "unreachable: fetch http://127.0.0.1") ||
		strings.Contains(got, "hush") {
		t.Errorf("answers that break off: %q", got)
	}
	broken = 0
	for status, want := range map[int]string{404: "absent", 500: "unreachable", 401: "denied"} {
		code = status
		if got, _ := d.took(t, source, nil); !strings.HasPrefix(got, want+": ") || strings.Contains(got, "hush") {
			t.Errorf("status %d: %q", status, got)
		}
	}
	server.Close()
	if got, _ := d.took(t, source, nil); !strings.HasPrefix(got, "unreachable: ") || strings.Contains(got, "hush") {
		t.Errorf("nobody there: %q", got)
	}
	left, err := os.ReadDir(filepath.Join(d.dir, "fetched"))
	if err != nil || len(left) != 1 {
		t.Errorf("in the folder of what is fetched are %v, %v", left, err)
	}
}

func TestACommandThatWritesTheFile(t *testing.T) {
	d := newDesk(t)
	for _, test := range []struct {
		command []string
		want    string
	}{
		{[]string{"echo", "out"}, "feed=out\n"},
		{[]string{"sh", "-c", `printf named > "$0"`, "{}"}, "feed=named"},
		{[]string{"sh", "-c", "echo secret >&2; exit 3"}, "failed: the command sh failed with exit code 3"},
		{[]string{"true", "{}"}, "failed: the command true wrote no file to {}"},
		{[]string{"/no/such/program"}, "failed: the command /no/such/program cannot be run: fork/exec /no/such/program: " +
			"no such file or directory"},
	} {
		got, _ := d.took(t, config.Source{Command: test.command}, nil)
		if got != strings.TrimSpace(test.want) {
			t.Errorf("%v: got %q, want %q", test.command, got, test.want)
		}
	}
}

func TestSweepKeepsWhatIsNamed(t *testing.T) {
	d := newDesk(t)
	d.put(t, "a", "", 0)
	d.put(t, "b", "", 0)
	if err := fetch.Sweep(d.dir, []string{filepath.Join(d.dir, "b")}); err != nil {
		t.Fatal(err)
	}
	if err := fetch.Sweep(filepath.Join(d.dir, "nowhere"), nil); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(d.dir); len(left) != 1 || left[0].Name() != "b" {
		t.Errorf("left are %v", left)
	}
}

// Who watches hears that a place is waited for: one that did not answer, one that is slow to, and a file that is young.
func TestWaitsAreTold(t *testing.T) {
	d := newDesk(t)
	var mu sync.Mutex
	var heard []string
	first := make(chan struct{})
	d.Waits = func(what string, most time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if heard = append(heard, what); len(heard) == 1 {
			close(first)
		}
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-first
		if asked++; asked == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "id\n1\n")
	}))
	defer server.Close()
	if _, _, err := d.Fetch(t.Context(), &config.Source{From: server.URL + "/people.csv"}, nil); err != nil {
		t.Fatal(err)
	}
	d.put(t, "young.csv", "id\n1\n", time.Second)
	if _, _, err := d.Fetch(t.Context(), &config.Source{From: "young.csv", Stable: time.Minute}, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{"the place where the job's files are",
		"the place where the job's files are, which did not answer: it is asked again", "files that may still be written to"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
