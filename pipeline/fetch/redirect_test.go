package fetch_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/config"
)

// A feed may be elsewhere than its address says, but nothing of ours goes along: no Authorization, no Referer with the
// address's signature; and the host is named.
func TestARedirectedFeed(t *testing.T) {
	var got http.Header
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		fmt.Fprint(w, "id\n1\n")
	}))
	defer store.Close()
	var first http.Header
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed.csv":
			first = r.Header.Clone()
			http.Redirect(w, r, "/second?sig=hush", http.StatusFound)
		case "/second":
			if r.Header.Get("Authorization") == "" || r.Header.Get("Referer") != "" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			http.Redirect(w, r, store.URL+"/stored", http.StatusTemporaryRedirect)
		case "/open.csv":
			http.Redirect(w, r, "http://evil.invalid/x", http.StatusFound)
		case "/disguised.csv":
			http.Redirect(w, r, "http://127.evil.invalid/x", http.StatusFound)
		default:
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}
	}))
	defer gate.Close()
	d := newDesk(t)
	var moved []string
	d.Moved = func(host string) { moved = append(moved, host) }
	source := func(name string) config.Source {
		return config.Source{From: gate.URL + name + "?sig=hush", Authorization: config.Secret{Env: "Bearer hush"}}
	}
	if words, _ := d.took(t, source("/feed.csv"), nil); words != "feed.csv=id\n1" {
		t.Errorf("took %q", words)
	}
	if first.Get("Authorization") != "Bearer hush" || got.Get("Authorization") != "" || got.Get("Referer") != "" {
		t.Errorf("the address heard %v, the store %v", first, got)
	}
	if len(moved) != 1 || moved[0] != strings.TrimPrefix(store.URL, "http://") {
		t.Errorf("named: %v", moved)
	}
	for name, want := range map[string]string{"/open.csv": "redirects to evil.invalid, which is not https",
		"/disguised.csv": "redirects to 127.evil.invalid, which is not https", "/round.csv": "redirects without an end"} {
		if words, _ := d.took(t, source(name), nil); !strings.Contains(words, want) || strings.Contains(words, "hush") {
			t.Errorf("%s: %q", name, words)
		}
	}
}

// A store that sends us elsewhere is not followed: what signs the request would go along.
func TestAStoreRedirectsInVain(t *testing.T) {
	heard := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer elsewhere.Close()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer gate.Close()
	for _, s := range []config.Source{
		{From: "az://account/files/out/x.csv", Endpoint: gate.URL, Authorization: config.Secret{Env: "sv=1&sig=hush"}},
		{From: "az://account/files/out/x.csv", Endpoint: gate.URL, SecretKey: config.Secret{Env: "aHVzaA=="}},
		{From: "s3://bucket/out/x.csv", Endpoint: gate.URL, Region: "eu", AccessKey: config.Secret{Env: "a"},
			SecretKey: config.Secret{Env: "hush"}},
		{From: "gs://bucket/out/x.csv", Endpoint: gate.URL, Region: "eu", AccessKey: config.Secret{Env: "a"},
			SecretKey: config.Secret{Env: "hush"}},
	} {
		words, _ := newDesk(t).took(t, s, nil)
		if !strings.HasPrefix(words, "unreachable") || strings.Contains(words, "hush") || heard > 0 {
			t.Errorf("%s: %q, and elsewhere %d requests", s.From, words, heard)
		}
	}
}

// A command that brings the file learns nothing of muster's own secrets.
func TestACommandsEnvironment(t *testing.T) {
	t.Setenv("KUSTOMER_API_KEY", "hush")
	t.Setenv("FEED_PASSWORD", "hush")
	t.Setenv("OPEN", "open")
	d := newDesk(t)
	d.Hidden = []string{"FEED_PASSWORD"}
	words, _ := d.took(t, config.Source{Command: []string{"env"}}, nil)
	if strings.Contains(words, "hush") || !strings.Contains(words, "OPEN=open") {
		t.Errorf("the command has %s", words)
	}
	// Nor is a link followed that it leaves in place of its file.
	d.put(t, "dear", "dear", 0)
	words, _ = d.took(t, config.Source{Command: []string{"ln", "-s", filepath.Join(d.dir, "dear"), "{}"}}, nil)
	if !strings.HasPrefix(words, "failed") {
		t.Errorf("a link: %s", words)
	}
}
