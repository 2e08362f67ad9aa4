package pipeline_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/pipeline/undo"
)

// firmsOf are the names of the org's companies that are not deleted, in order.
func firmsOf(t *testing.T, o *org) (names []string) {
	t.Helper()
	all, err := o.Companies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		name, _, _ := strings.Cut(strings.SplitN(string(c.Document), `"name":"`, 2)[1], `"`)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// put updates something in the org.
func (o *org) put(t *testing.T, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, o.front.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+o.Key())
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("PUT %s: %s", path, res.Status)
	}
}

// Companies that a run made go with it: but those that were there, that somebody edited, or that others were linked to
// since.
func TestUndoOfCompanies(t *testing.T) {
	m := newTeam(t, searchable())
	newCompany(t, m.org) // Acme
	s, err := m.imports("externalId,company.name\n1,Acme\n2,Globex\n3,Initech\n4,Umbrella\n5,Globex\n")
	if err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	client := m.org.connect(t).Client
	edited, used := m.company("3"), m.company("4")
	m.org.put(t, "/v1/companies/"+edited.ID, `{"domains":[{"domain":"initech.example"}]}`)
	other, err := client.Create(t.Context(), []byte(`{"externalId":"other","company":"`+used.ID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	u, err := undoRun(t, m.org, m.dir+"/state", s.Run)
	if err != nil || u.Deleted != 5 || u.Companies == nil {
		t.Fatalf("%+v, %v", u, err)
	}
	want := report.UndoCompanies{Made: 3, Deleted: 1, Kept: 2,
		Reasons: map[string]int64{"edited since": 1, "customers are of it": 1}}
	if got := *u.Companies; got.Made != want.Made || got.Deleted != want.Deleted || got.Kept != want.Kept ||
		len(got.Reasons) != 2 || got.Reasons["edited since"] != 1 {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := firmsOf(t, m.org); !slices.Equal(got, []string{"Acme", "Initech", "Umbrella"}) {
		t.Errorf("the org has %v", got)
	}
	var text strings.Builder
	if err := report.UndoText(&text, u, 100, false); err != nil ||
		!strings.Contains(text.String(), "3 companies made by the run: 1 deleted, 2 kept: 1 customers are of it, 1 edited "+
			"since") {
		t.Errorf("%s", text.String())
	}
	// What is kept is looked at again, and what is gone is not.
	if err := client.Delete(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if u, err = undoRun(t, m.org, m.dir+"/state", s.Run); err != nil || u.Companies.Made != 2 || u.Companies.Deleted != 1 {
		t.Errorf("%+v, %v", u.Companies, err)
	}
}

// A company of whose customers the index knows nothing yet stays, too.
func TestUndoKeepsCompaniesOfTheLastMinutes(t *testing.T) {
	m := newTeam(t, sandboxConfig()) // its index is a minute behind
	s, err := m.imports("externalId,company.externalId\n1,C-1\n2,C-2\n")
	if err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	if _, err := m.org.connect(t).Client.Create(t.Context(),
		[]byte(`{"externalId":"other","company":"`+m.company("1").ID+`"}`)); err != nil {
		t.Fatal(err)
	}
	u, err := undoRun(t, m.org, m.dir+"/state", s.Run)
	if err != nil || u.Companies.Deleted != 1 || u.Companies.Kept != 1 ||
		!slices.Equal(firmsOf(t, m.org), []string{"C-1"}) {
		t.Fatalf("%+v, %v", u, err)
	}
}

// Where a role is missing, companies are kept, and it is said.
func TestUndoKeepsCompaniesWithoutTheRole(t *testing.T) {
	c := sandboxConfig()
	c.Keys = map[string][]string{"lame": slices.DeleteFunc(sandbox.Roles(),
		func(role string) bool { return role == undo.RoleCompanyUpdate })}
	m := newTeam(t, c)
	s, err := m.imports("externalId,company.externalId\n1,C-1\n")
	if err != nil || s.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, s)
	}
	u, err := undoRun(t, m.org, m.dir+"/state", s.Run)
	if err != nil || u.Companies == nil || u.Companies.Kept != 1 || len(firmsOf(t, m.org)) != 1 {
		t.Fatalf("%+v, %v", u, err)
	}
	for reason := range u.Companies.Reasons {
		if !strings.HasPrefix(reason, "the key lacks org.permission.company.update") {
			t.Error(reason)
		}
	}
}
