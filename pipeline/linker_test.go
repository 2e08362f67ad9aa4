package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// team is an org and a state directory that imports go into.
type team struct {
	t   *testing.T
	dir string
	org *org
	n   int

	sleep func(context.Context, time.Duration) error // nil: real time
}

func newTeam(t *testing.T, c sandbox.Config) *team {
	return &team{t: t, dir: t.TempDir(), org: newOrg(t, c)}
}

func (m *team) imports(content string) (*report.Summary, error) {
	m.t.Helper()
	m.n++
	return pipeline.Run(m.t.Context(), pipeline.Config{Command: "import", Org: m.org.connect(m.t), State: m.dir + "/state",
		Sleep: m.sleep,
		Files: []string{prepared(m.t, m.dir, fmt.Sprintf("people%d.csv", m.n), content, "")}})
}

// company is the company of the customer with an external id.
func (m *team) company(externalID string) *kustomer.Company {
	m.t.Helper()
	viewer := m.org.connect(m.t).Client.Viewer
	p, err := lookup.FindProfile(m.t.Context(), viewer, "externalId", externalID)
	if err != nil {
		m.t.Fatal(err)
	}
	if p.Company == "" {
		return nil
	}
	c, err := viewer.Company(m.t.Context(), p.Company)
	if err != nil {
		m.t.Fatal(err)
	}
	return c
}

func searchable() sandbox.Config {
	c := sandboxConfig()
	c.Switches.SearchLag = -1
	return c
}

// A company is asked for once and made once, whatever its capitals; customers are linked to it, and stay linked when
// they change.
func TestCompaniesAreFoundOrMadeOnce(t *testing.T) {
	m := newTeam(t, searchable())
	there := newCompany(t, m.org) // Acme, without an external id
	m.org.spoil(nil)
	s, err := m.imports("externalId,company.name\n1,Acme\n2,acme\n3,Globex\n4, globex \n5,\n")
	if err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, problems(t, s))
	}
	made := 0
	m.org.mu.Lock()
	writes := m.org.writes
	m.org.mu.Unlock()
	if writes > 1+1 { // one company, one bulk request
		t.Errorf("%d requests that are no GET", writes)
	}
	for id, want := range map[string]string{"1": "Acme", "2": "Acme", "3": "Globex", "4": "Globex"} {
		c := m.company(id)
		if c == nil || c.Name != want || want == "Acme" && c.ID != there {
			t.Errorf("%s is of %+v, want %s", id, c, want)
			continue
		}
		made++
	}
	if m.company("5") != nil || made != 4 {
		t.Error("a blank company is one")
	}
	if s, err = m.imports("externalId,name,company.name\n1,Ana,Acme\n3,Cid,\n"); err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	if c := m.company("3"); c == nil || c.Name != "Globex" {
		t.Errorf("an update that says nothing of the company un-links it: %+v", c)
	}
	again := "externalId,company.name\n1,Acme\n3,Globex\n"
	if s, err = m.imports(again); err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	if s, err = m.imports(again); err != nil || status(s, "unchanged") != 2 {
		t.Errorf("%v, %+v", err, s.Statuses)
	}
}

func status(s *report.Summary, name string) int64 {
	for _, c := range s.Statuses {
		if c.Status == name {
			return c.Rows
		}
	}
	return -1
}

// By an external id of one's own, the name beside it is what the company is called when it is made.
func TestCompaniesByExternalID(t *testing.T) {
	m := newTeam(t, searchable())
	s, err := m.imports("externalId,company.externalId,company.name\n1,C-1,Acme\n2,C-1,Acme Corp\n3,C-2,\n")
	if err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, problems(t, s))
	}
	one, two, three := m.company("1"), m.company("2"), m.company("3")
	if one == nil || one.ExternalID != "C-1" || one.Name != "Acme" || two.ID != one.ID || three.ExternalID != "C-2" ||
		three.Name != "C-2" {
		t.Errorf("%+v %+v %+v", one, two, three)
	}
}

// Laws 2 and 3 for companies: when the answer to their making is lost, what became of it is asked by external id before
// anything is sent again. None is made twice, none is missing.
func TestLaw3ACompanyIsNotMadeTwice(t *testing.T) {
	for _, applied := range []bool{true, false} {
		m := newTeam(t, searchable())
		// An org in trouble: as many requests are lost as are borne.
		lost, losses := 0, 1
		if !applied {
			losses = 5
		}
		m.sleep = func(ctx context.Context, d time.Duration) error {
			time.Sleep(min(d, 10*time.Millisecond))
			return ctx.Err()
		}
		m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || r.URL.Path != "/v1/companies" || lost >= losses {
				return false
			}
			lost++
			if applied {
				m.org.Handler().ServeHTTP(httptest.NewRecorder(), r)
			} else {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			panic(http.ErrAbortHandler)
		})
		s, err := m.imports("externalId,company.name\n1,Acme\n2,Acme\n")
		if err != nil || s.ExitCode != 0 || lost != losses {
			t.Fatalf("applied %v: %v, %+v", applied, err, problems(t, s))
		}
		all, _, err := m.org.connect(t).Client.CompaniesByName(t.Context(), "Acme")
		if err != nil || len(all) != 1 || m.company("1").ID != all[0].ID || m.company("2").ID != all[0].ID {
			t.Errorf("applied %v: %v, %+v", applied, err, all)
		}
	}
}

// An org that cannot be asked for companies stops the run: what hangs on it is unsent, the books balance, and the same
// command goes on.
func TestCompaniesOutOfReach(t *testing.T) {
	t.Parallel()
	m := newTeam(t, searchable())
	m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/companies") {
			w.WriteHeader(503)
			return true
		}
		return false
	})
	content := "externalId,company.name\n1,Acme\n2,\n3,Globex\n"
	s, err := m.imports(content)
	if s == nil || s.Stopped == "" || !s.Balanced || status(s, "unsent") < 2 || s.ExitCode != exit.Environment {
		t.Fatalf("%v, %+v", err, s)
	}
	m.org.spoil(nil)
	m.n--
	if s, err = m.imports(content); err != nil || s.ExitCode != 0 || m.company("1") == nil || m.company("3") == nil {
		t.Errorf("%v, %+v", err, s)
	}
}

// A key that may not find or make companies is told so before a row is read; one whose rows name none needs nothing
// more.
func TestCompaniesNeedTheirRoles(t *testing.T) {
	c := searchable()
	c.Keys = map[string][]string{"lame": {"org.permission.customer", "org.permission.bulk.read",
		"org.permission.metadata.read"}}
	m := newTeam(t, c)
	if _, err := m.imports("externalId,company.name\n1,Acme\n"); exit.Code(err) != exit.Permission ||
		!strings.Contains(err.Error(), "org.permission.company.read (or the older org.user.company.read), "+
			"org.permission.company.create (or the older org.user.company.write), which it needs") {
		t.Errorf("%v", err)
	}
	if _, err := m.imports("externalId,company.externalId\n1,C-1\n"); err == nil ||
		strings.Contains(err.Error(), "search") {
		t.Errorf("%v", err)
	}
	if all := m.org.customers(t); len(all) != 0 {
		raw, _ := json.Marshal(len(all))
		t.Errorf("%s customers are there", raw)
	}
}

// A row whose request is in doubt keeps the company it was sent with: what the search shows later does not leave its
// end unknown.
func TestLaw3ACompanyStaysWhatItWas(t *testing.T) {
	m := newTeam(t, searchable())
	newCompany(t, m.org) // Acme
	down := false
	m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Path == "/v1/customers/bulk" {
			m.org.Handler().ServeHTTP(httptest.NewRecorder(), r)
			down = true
			panic(http.ErrAbortHandler)
		}
		if down {
			w.WriteHeader(401)
		}
		return down
	})
	content := "externalId,company.name\n1,Acme\n2,Acme\n"
	s, err := m.imports(content)
	if s == nil || status(s, "unknown") != 2 {
		t.Fatalf("%v, %+v", err, s)
	}
	m.org.spoil(nil)
	newCompany(t, m.org) // now there are two of that name
	m.n--
	if s, err = m.imports(content); err != nil || s.ExitCode != 0 || status(s, "created") != 2 || m.company("1") == nil {
		t.Errorf("%v, %+v", err, problems(t, s))
	}
}
