package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/sandbox"
)

// codes lists the rows of a run that did not land: line, status, code.
func (m *team) codes(content string) (list []string, exit int) {
	m.t.Helper()
	s, err := m.imports(content)
	if err != nil || !s.Balanced {
		m.t.Fatalf("%v, %+v", err, s)
	}
	for _, row := range outcomes(m.t, s) {
		if row.Code != "" {
			list = append(list, fmt.Sprintf("%d %s %s", row.Line, row.Status, row.Code))
		}
	}
	return list, s.ExitCode
}

// However the org's filter of companies works, a name finds the one company that has it, and only that.
func TestACompanyIsFoundWhateverTheFilter(t *testing.T) {
	for name, w := range map[string]sandbox.Switches{
		"prefix": {}, "exact": {CompanyFilter: "exact"}, "substring": {CompanyFilter: "substring"},
		"capitals": {CompanyFilterCased: true},
		"no index": {SearchLag: 1 << 62}, "shared ids": {CompanyExternalIDShared: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := sandboxConfig()
			c.Switches = w
			m := newTeam(t, c)
			client := m.org.connect(t).Client
			want := ""
			for _, name := range []string{"Acme Holding", "The Acme", "Acme"} {
				one, err := client.CreateCompany(t.Context(), []byte(`{"name":"`+name+`"}`))
				if err != nil {
					t.Fatal(err)
				}
				want = one.ID
			}
			if codes, exit := m.codes("externalId,company.name\n1,Acme\n2,Globex\n3,Acme\n"); exit != 0 {
				t.Fatalf("exit %d: %v", exit, codes)
			}
			if one := m.company("1"); one.ID != want || m.company("3").ID != want || m.company("2").Name != "Globex" {
				t.Errorf("linked to %+v", one)
			}
			if firms := firmsOf(t, m.org); len(firms) != 4 {
				t.Errorf("the org has %v", firms)
			}
		})
	}
}

// No request asks by external id and by name at once: the org would answer with all there are.
func TestCompaniesAreNotAskedForByBoth(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	var asked []string
	m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/v1/companies") && r.Method == http.MethodGet && r.URL.Path != "/v1/companies" {
			asked = append(asked, r.URL.Path)
		}
		if q := r.URL.Query(); r.URL.Path == "/v1/companies" && q.Has("externalId") && q.Has("filter") {
			asked = append(asked, r.URL.RequestURI())
		}
		return false
	})
	if codes, exit := m.codes("externalId,company.externalId,company.name\n1,C-1,Acme\n2,,Globex\n3,C-2,\n"); exit != 0 {
		t.Fatalf("exit %d: %v", exit, codes)
	}
	if len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
}

// Several companies of one external id, or of one name, are for a person to tell apart: their rows are problems, the
// others land.
func TestSeveralCompaniesAreAProblemOfTheirRows(t *testing.T) {
	c := sandboxConfig()
	c.Switches.CompanyExternalIDShared = true
	m := newTeam(t, c)
	client := m.org.connect(t).Client
	for _, body := range []string{`{"name":"Acme","externalId":"C-1"}`, `{"name":"Other","externalId":"C-1"}`,
		`{"name":"Globex"}`, `{"name":"GLOBEX"}`} {
		if _, err := client.CreateCompany(t.Context(), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	codes, exit := m.codes("externalId,company.externalId,company.name\n1,C-1,\n2,,globex\n3,C-3,Initech\n4,,\n")
	if want := []string{"2 invalid identity.company", "3 invalid identity.company"}; exit != 3 ||
		!slices.Equal(codes, want) {
		t.Errorf("exit %d: %v", exit, codes)
	}
	if one := m.company("3"); one == nil || one.Name != "Initech" {
		t.Errorf("%+v", one)
	}
}

// A company that the org refuses costs its rows, with the org's reason, and not the run.
func TestARefusedCompanyCostsItsRowsOnly(t *testing.T) {
	t.Parallel()
	for _, code := range []int{400, 404, 409, 413, 422} {
		m := newTeam(t, sandboxConfig())
		tries := 0
		m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || r.URL.Path != "/v1/companies" {
				return false
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if !strings.Contains(string(body), "Evil") {
				return false
			}
			tries++
			w.WriteHeader(code)
			fmt.Fprint(w, `{"errors":[{"code":"badparam","title":"Validation failed","meta":{"subErrors":[{"title":"name is not allowed","source":{"pointer":"/name"}}]}}]}`)
			return true
		})
		s, err := m.imports("externalId,company.name\n1,Evil Corp\n2,Acme\n3,evil corp\n4,\n")
		if err != nil || !s.Balanced || s.ExitCode != 3 || status(s, "created") != 2 {
			t.Fatalf("%d: %v, %+v", code, err, s)
		}
		for _, row := range outcomes(t, s) {
			evil := row.Line == 2 || row.Line == 4
			if evil != (row.Status == "rejected" && row.Code == "kustomer.company" &&
				strings.Contains(row.Detail, "name is not allowed: name")) {
				t.Errorf("%d: line %d: %+v", code, row.Line, row)
			}
		}
		if m.company("2") == nil || tries == 0 || tries > 2 {
			t.Errorf("%d: tried %d times", code, tries)
		}
	}
}

// Of a company by an external id alone, that is too short to be a name, too.
func TestACompanyNeedsAName(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	codes, exit := m.codes("externalId,company.externalId\n1,C1\n2,C-2\n")
	if want := []string{"2 invalid identity.company"}; exit != 3 || !slices.Equal(codes, want) {
		t.Errorf("exit %d: %v", exit, codes)
	}
	if m.company("2").Name != "C-2" || !slices.Equal(firmsOf(t, m.org), []string{"C-2"}) {
		t.Errorf("the org has %v", firmsOf(t, m.org))
	}
}

// A list of other companies than the one asked for is no evidence that there is none: nothing is made.
func TestAListOfOthersMakesNoCompany(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	newCompany(t, m.org) // Acme
	m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/companies" && r.URL.Query().Has("externalId") {
			r.URL.RawQuery += "&filter=x" // by which the org takes neither
		}
		return false
	})
	s, err := m.imports("externalId,company.externalId\n1,C-1\n")
	if s == nil || s.Stopped == "" || !s.Balanced || len(firmsOf(t, m.org)) != 1 {
		t.Fatalf("%v, %+v", err, s)
	}
}

// Where the org's filter tells capitals apart, a name in other capitals is still the company that is there; the org is
// asked whether it does once, and where it does not, no name is looked for more than once.
func TestACompanyIsFoundInOtherCapitals(t *testing.T) {
	for name, w := range map[string]sandbox.Switches{
		"beginning": {CompanyFilterCased: true}, "exact": {CompanyFilter: "exact", CompanyFilterCased: true},
		"part": {CompanyFilter: "substring", CompanyFilterCased: true}, "no difference": {CompanyFilter: "exact"},
	} {
		t.Run(name, func(t *testing.T) {
			c := sandboxConfig()
			c.Switches = w
			m := newTeam(t, c)
			client := m.org.connect(t).Client
			for _, name := range []string{"Acme Holding", "GLOBEX", "initech"} {
				if _, err := client.CreateCompany(t.Context(), []byte(`{"name":"`+name+`"}`)); err != nil {
					t.Fatal(err)
				}
			}
			asked := 0
			m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Query().Has("filter") {
					asked++
				}
				return false
			})
			if codes, exit := m.codes("externalId,company.name\n1,ACME HOLDING\n2,Globex\n3,Initech\n4,acme  holding\n" +
				"5,Hooli\n6,Vandelay\n"); exit != 0 {
				t.Fatalf("exit %d: %v", exit, codes)
			}
			if firms := firmsOf(t, m.org); len(firms) != 5 {
				t.Errorf("the org has %v", firms)
			}
			if m.company("1").Name != "Acme Holding" || m.company("4").ID != m.company("1").ID ||
				m.company("2").Name != "GLOBEX" {
				t.Errorf("linked to %+v, %+v", m.company("1"), m.company("2"))
			}
			if most := 6; !w.CompanyFilterCased && asked > most {
				t.Errorf("asked %d times for names, want %d at most", asked, most)
			}
		})
	}
}
