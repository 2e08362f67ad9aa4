package nightly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/kustomer"
	"muster/pipeline/nightly"
	"muster/pipeline/sandbox"
)

// brand is an org of many.
type brand struct {
	org   *sandbox.Server
	front *httptest.Server

	mu        sync.Mutex
	first     time.Time
	last      time.Time
	requests  int
	throttled int
}

// tap counts what is answered.
type tap struct {
	http.ResponseWriter
	code int
}

func (t *tap) WriteHeader(code int) {
	t.code = code
	t.ResponseWriter.WriteHeader(code)
}

func (b *brand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	answer := &tap{ResponseWriter: w}
	b.org.Handler().ServeHTTP(answer, r)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first.IsZero() {
		b.first = now
	}
	b.last = now
	b.requests++
	if answer.code == http.StatusTooManyRequests {
		b.throttled++
	}
}

// brandsOf is a project of so many orgs, each with its own limit, its key and its file.
func brandsOf(tb testing.TB, n, limit, rows int) (dir string, brands []*brand) {
	tb.Helper()
	dir = tb.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
		an := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, an, an); err != nil {
			tb.Fatal(err)
		}
	}
	table := "name,org\n"
	for i := range n {
		server, err := sandbox.Start(sandbox.Config{RatePerMinute: limit})
		if err != nil {
			tb.Fatal(err)
		}
		b := &brand{org: server}
		b.front = httptest.NewServer(b)
		tb.Cleanup(func() { b.front.Close(); server.Close() })
		brands = append(brands, b)
		name := fmt.Sprintf("brand%02d", i)
		table += name + "," + b.front.URL + "\n"
		write(name+".key", server.Key())
		c := &crowd{}
		c.grow(rows)
		write(name+"-feed.csv", c.csv(header))
	}
	write("brands.csv", table)
	write("crm.mapping.yaml", nightMapping)
	write("muster.yaml", `version: 1
groups:
  brands:
    for-each: brands.csv
    org: $(org)
    key: {file: $(name).key}
    jobs:
      customers: {source: $(name)-feed.csv, mapping: crm.mapping.yaml, canary: false}
`)
	return dir, brands
}

// nightOfBrands reaches each org as the project says, in real time.
func nightOfBrands(dir string) (*nightly.Night, error) {
	p, err := config.Load(filepath.Join(dir, "muster.yaml"))
	if err != nil {
		return nil, err
	}
	return &nightly.Night{Project: p, Version: "test",
		Connect: func(ctx context.Context, org *config.Org, _ string) (*pipeline.Org, func(), error) {
			key, err := os.ReadFile(p.Path(org.Key.File))
			share, wrong := strconv.ParseFloat(strings.TrimSuffix(org.Share, "%"), 64)
			if err = errors.Join(err, wrong); err != nil {
				return nil, nil, err
			}
			client, err := kustomer.New(kustomer.Config{URL: org.Address, Key: string(key), Share: share / 100})
			if err != nil {
				return nil, nil, err
			}
			token, err := client.Token(ctx)
			if err != nil {
				return nil, nil, err
			}
			klass, err := client.Metadata(ctx, "customer")
			return &pipeline.Org{Client: client, Token: token, Klass: klass, Name: "test", Host: org.Address}, func() {}, err
		}}, nil
}

// Jobs of different orgs are done side by side: two orgs that each wait until the other is asked, too, come to their
// end. One whose job falls down, and one that is out of reach, are nobody else's affair.
func TestOrgsSideBySide(t *testing.T) {
	dir, brands := brandsOf(t, 4, -1, 30)
	var asked [2]atomic.Bool
	for i := range asked {
		b := brands[i]
		b.front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for asked[i].Store(true); !asked[1-i].Load(); time.Sleep(time.Millisecond) {
				if r.Context().Err() != nil {
					return
				}
			}
			b.ServeHTTP(w, r)
		})
	}
	brands[2].front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	})
	n, err := nightOfBrands(dir)
	if err != nil {
		t.Fatal(err)
	}
	connect := n.Connect
	n.Connect = func(ctx context.Context, org *config.Org, state string) (*pipeline.Org, func(), error) {
		if org.Address == brands[3].front.URL {
			panic("Ana")
		}
		return connect(ctx, org, state)
	}
	out, err := n.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range out.Jobs {
		got = append(got, fmt.Sprintf("%s %s %d", r.Job, r.State, r.ExitCode))
		if strings.Contains(strings.Join(r.Says, " "), "Ana") {
			t.Errorf("a panic says %v", r.Says)
		}
	}
	want := "brand00/customers well 0, brand01/customers well 0, brand02/customers failed 4, brand03/customers failed 1"
	if strings.Join(got, ", ") != want || out.ExitCode != 1 {
		t.Errorf("exit %d: %s, want %s", out.ExitCode, strings.Join(got, ", "), want)
	}
}

// childBrands is a night of many orgs in a process of its own, so that its memory can be told.
func childBrands() {
	n, err := nightOfBrands(os.Getenv("MUSTER_TEST_BRANDS"))
	if err == nil {
		var out *nightly.Outcome
		if out, err = n.Run(context.Background(), nil); err == nil && out.ExitCode != 0 {
			err = fmt.Errorf("exit %d: %v", out.ExitCode, out.Jobs[0].Says)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
