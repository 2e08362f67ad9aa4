package pipeline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/sandbox"
	reading "muster/pipeline/source"
)

// acquainted is an org whose state directory remembers its key, and what has been asked since.
type acquainted struct {
	*org
	t     *testing.T
	state string
	file  string
	asked atomic.Int64 // questions who the key is
}

const (
	firstKey  = "first-key-canary"
	secondKey = "second-key-canary"
)

func newAcquainted(t *testing.T, keys map[string][]string) *acquainted {
	dir := t.TempDir()
	a := &acquainted{org: newOrg(t, sandbox.Config{Keys: keys}), t: t, state: dir + "/state", file: dir + "/people.csv"}
	for path, text := range map[string]string{a.file: "id,name,email,score,vip\n1,Ana,ana@example.com,1,yes\n",
		bind.MappingBeside(a.file): peopleMapping} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a.listen(nil)
	if err := a.runs(firstKey, time.Now()); err != nil || a.asked.Load() != 1 {
		t.Fatalf("the first run asked %d times: %v", a.asked.Load(), err)
	}
	a.asked.Store(0)
	return a
}

// listen counts questions who the key is; but answers others.
func (a *acquainted) listen(but func(w http.ResponseWriter, r *http.Request) bool) {
	a.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/auth/") {
			a.asked.Add(1)
		}
		return but != nil && but(w, r)
	})
}

// runs imports the file with a key, at a time.
func (a *acquainted) runs(key string, now time.Time) error {
	org := a.introduced(a.t, kustomer.Config{Key: key}, a.state, now)
	_, err := pipeline.Run(context.Background(), pipeline.Config{Command: "import", Files: []string{a.file},
		State: a.state, Org: org, Full: true})
	return err
}

// A key that is known is not asked about again, for a week; another is, and so is this one at another org, where it
// expires, and after the org has refused it.
func TestAKeyIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	both := map[string][]string{firstKey: sandbox.Roles(), secondKey: sandbox.Roles()}
	for name, tc := range map[string]struct {
		do   func(a *acquainted) error
		want int64
	}{
		"the same key":     {func(a *acquainted) error { return a.runs(firstKey, now) }, 0},
		"six days later":   {func(a *acquainted) error { return a.runs(firstKey, now.Add(6*24*time.Hour)) }, 0},
		"eight days later": {func(a *acquainted) error { return a.runs(firstKey, now.Add(8*24*time.Hour)) }, 1},
		"a clock put back": {func(a *acquainted) error { return a.runs(firstKey, now.Add(-24*time.Hour)) }, 1},
		"another key":      {func(a *acquainted) error { return a.runs(secondKey, now) }, 1},
		"another key, then it": {func(a *acquainted) error {
			return errors.Join(a.runs(secondKey, now), a.runs(firstKey, now))
		}, 1},
		"at another org": {func(a *acquainted) error {
			other := newAcquainted(a.t, both)
			other.state = a.state
			err := other.runs(firstKey, now)
			a.asked.Store(other.asked.Load())
			return err
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAcquainted(t, both)
			if err := tc.do(a); err != nil || a.asked.Load() != tc.want {
				t.Errorf("asked %d times, want %d: %v", a.asked.Load(), tc.want, err)
			}
		})
	}
}

// A memory that is wrong does no harm: the org refuses by itself, which ends the run as ever, and the next one asks.
func TestAMemoryThatIsWrong(t *testing.T) {
	a := newAcquainted(t, map[string][]string{firstKey: sandbox.Roles()})
	if err := os.WriteFile(a.file, []byte("id,name,email,score,vip\n2,Bo,bo@example.com,1,yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.listen(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"errors":[{"code":"forbidden","title":"Missing role: org.permission.customer.create"}]}`))
		return true
	})
	err := a.runs(firstKey, time.Now())
	if exit.Code(err) != exit.Permission || a.asked.Load() != 0 {
		t.Errorf("exit code %d, asked %d times: %v", exit.Code(err), a.asked.Load(), err)
	}
	a.listen(nil)
	if err := a.runs(firstKey, time.Now()); err != nil || a.asked.Load() != 1 {
		t.Errorf("the run after the refusal asked %d times: %v", a.asked.Load(), err)
	}
}

// A key that lacks a role is never refused by memory alone.
func TestALackIsNotRemembered(t *testing.T) {
	a := newAcquainted(t, map[string][]string{firstKey: sandbox.Roles()})
	client, err := kustomer.New(kustomer.Config{URL: a.front.URL, Key: firstKey})
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("it lacks one")
	_, err = pipeline.Introduce(t.Context(), client.Viewer, a.state, time.Now(),
		func(kustomer.Token) error { return refused })
	if !errors.Is(err, refused) || a.asked.Load() != 1 {
		t.Errorf("asked %d times: %v", a.asked.Load(), err)
	}
}

// TestLaw5TheKeyIsNotKept: nothing in the state directory holds the key, or what could be computed from it alone.
func TestLaw5TheKeyIsNotKept(t *testing.T) {
	a := newAcquainted(t, map[string][]string{firstKey: sandbox.Roles()})
	traces := [][]byte{[]byte(firstKey), []byte(base64.StdEncoding.EncodeToString([]byte(firstKey)))}
	for _, of := range []string{firstKey, "Bearer " + firstKey} {
		sum := sha256.Sum256([]byte(of))
		traces = append(traces, sum[:8], []byte(hex.EncodeToString(sum[:8])))
	}
	files := 0
	err := filepath.WalkDir(a.state, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for _, trace := range traces {
			if bytes.Contains(text, trace) {
				t.Errorf("%s holds the key, or a hash of it without salt", path)
			}
		}
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files: %v", files, err)
	}
}

// What the org has of attributes is asked for wherever it makes a difference: an import that put the question off ends
// as one that asked at once.
func TestAttributesAreAskedForWhereTheyMatter(t *testing.T) {
	t.Parallel()
	const plain = "version: 1\nkind: customer\nkeys: [externalId]\n"
	var late strings.Builder
	for i := range 400 {
		fmt.Fprintf(&late, "{\"id\":\"%d\"%2000s}\n", i, "") // more than is looked at beforehand
	}
	late.WriteString("{\"id\":\"last\",\"custom\":{\"vipBool\":true,\"noneBool\":true}}\n")
	for name, tc := range map[string]struct {
		file, text, mapping string
		asks                bool
	}{
		"only what all orgs know": {"a.csv", "id,name\n1,Ana\n", plain + "columns:\n  id: externalId\n", false},
		"an attribute the org has": {"a.csv", "id,vip\n1,yes\n", plain +
			"columns:\n  id: externalId\n  vip: custom.vipBool\n", true},
		"one it has not": {"a.csv", "id,vip\n1,yes\n", plain +
			"columns:\n  id: externalId\n  vip: custom.noneBool\n", true},
		"one called as people call it": {"a.csv", "id,Vip\n1,true\n", plain +
			"unmapped: ignore\ncolumns:\n  id: externalId\n", true},
		"one that comes up late": {"a.ndjson", late.String(), plain + "columns:\n  id: externalId\n", true},
		"a wrong mapping":        {"a.csv", "id,nom\n1,Ana\n", plain + "columns:\n  id: externalId\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			var ends [2]string
			for i := range ends {
				o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
				file := filepath.Join(dir, tc.file)
				for path, text := range map[string]string{file: tc.text, bind.MappingBeside(file): tc.mapping} {
					if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				asked := 0
				o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
					if strings.HasPrefix(r.URL.Path, "/v1/metadata/") {
						asked++
					}
					return false
				})
				org := o.introduced(t, kustomer.Config{}, dir+"/state", time.Now())
				if i == 1 {
					org = o.connect(t)
				}
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{file}, State: dir + "/state",
					Org:    org,
					Source: reading.Options{ChunkSize: 1 << 10}})
				ends[i] = strings.ReplaceAll(fmt.Sprint(err), dir, "")
				if s != nil {
					ends[i] += fmt.Sprintf("; %d invalid", count(s, "invalid"))
					by := o.customers(t)
					for _, id := range slices.Sorted(maps.Keys(by)) {
						same := by[id]
						var c struct{ Custom json.RawMessage }
						if err := json.Unmarshal(same[0].Attributes, &c); err != nil {
							t.Fatal(err)
						}
						ends[i] += fmt.Sprintf("; %s %d %s", id, len(same), c.Custom)
					}
				}
				if i == 0 && (asked > 0) != tc.asks {
					t.Errorf("asked for attributes: %d times", asked)
				}
			}
			if ends[0] != ends[1] {
				t.Errorf("the import that put the question off: %s\none that did not: %s", ends[0], ends[1])
			}
		})
	}
}
