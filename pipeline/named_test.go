package pipeline_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
)

const byOwnID = "version: 1\nkind: customer\nkeys: [id, externalId]\ncolumns:\n  ID: customerId\n" +
	"  External: externalId\n  Name: name\n  Email: emails\n"

// named imports rows that name their customers by Kustomer's own ids.
func (m *team) named(verb deliver.Verb, content string) []string {
	m.t.Helper()
	m.n++
	s, err := pipeline.Run(m.t.Context(), pipeline.Config{Command: "import", Verb: verb, Org: m.org.connect(m.t),
		State: m.dir + "/state", Sleep: m.sleep,
		Files: []string{prepared(m.t, m.dir, fmt.Sprintf("named%d.csv", m.n), content, byOwnID)}})
	if s == nil || !s.Balanced {
		m.t.Fatalf("%v, %+v", err, s)
	}
	var rows []string
	for _, row := range outcomes(m.t, s) {
		rows = append(rows, strings.TrimSpace(fmt.Sprintf("%d %s %s", row.Line, row.Status, row.Code)))
	}
	return rows
}

// A row that names its customer by Kustomer's own id is written to that one; where there is none, that is a problem of
// the row and makes nobody. Rows without an id go on by their other keys.
func TestRowsByKustomersOwnID(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	client := m.org.connect(t).Client
	ana, err := client.Create(t.Context(), []byte(`{"name":"Ana","externalId":"A-1"}`))
	if err != nil {
		t.Fatal(err)
	}
	bo, err := client.Create(t.Context(), []byte(`{"name":"Bo","emails":[{"email":"bo@example.org"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	nobody := strings.Repeat("0", 23) + "7"
	content := "ID,External,Name,Email\n" + strings.ToUpper(ana.ID) + ",A-1,Ana Cohen,ana@example.org\n" + nobody +
		",N-1,Nobody,nobody@example.org\n" +
		bo.ID + ",B-1,Bo Larsen,bo@example.org\n,C-1,Cid,\nshort,D-1,Dee,\n" + ana.ID + ",X-1,Ana Cohen,other@example.org\n"
	rows := m.named("", content)
	if want := []string{"2 updated", "3 rejected kustomer.not_found", "4 updated", "5 created",
		"6 invalid schema.pattern"}; !slices.Equal(rows[:5], want) {
		t.Errorf("%q, want %q", rows, want)
	}
	if n := len(m.org.customers(t)); n != 3 {
		t.Errorf("%d customers", n)
	}
	one, err := client.Customer(t.Context(), bo.ID)
	if err != nil || string(one.Attributes["name"]) != `"Bo Larsen"` || string(one.Attributes["externalId"]) != `"B-1"` ||
		one.Attributes["customerId"] != nil {
		t.Errorf("%s, %v", one.Attributes["name"], err)
	}
	if rows = m.named("", "ID,External,Name,Email\n"+ana.ID+",A-1,Ana Cohen,ana@example.org\n"); !slices.Equal(rows,
		[]string{"2 unchanged"}) {
		t.Errorf("again: %q", rows)
	}
	if rows = m.named(deliver.Create, "ID,External,Name,Email\n"+ana.ID+",A-1,Ana,\n"); !slices.Equal(rows,
		[]string{"2 rejected kustomer.exists"}) {
		t.Errorf("create: %q", rows)
	}
	// Another external id than the customer's is not written over it.
	if rows = m.named("", "ID,External,Name,Email\n"+ana.ID+",Z-9,Ana,\n"); !slices.Equal(rows,
		[]string{"2 rejected identity.conflict"}) {
		t.Errorf("another external id: %q", rows)
	}
}

// An org that answers with another customer for an id has merged the two, it may be: nothing is written.
func TestAnIDThatLeadsToAnotherCustomer(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	client := m.org.connect(t).Client
	ana, err := client.Create(t.Context(), []byte(`{"name":"Ana"}`))
	if err != nil {
		t.Fatal(err)
	}
	merged := strings.Repeat("0", 23) + "7"
	m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		r.URL.Path = strings.Replace(r.URL.Path, merged, ana.ID, 1)
		return false
	})
	if rows := m.named("", "ID,External,Name,Email\n"+merged+",,Bo,\n"); !slices.Equal(rows,
		[]string{"2 rejected identity.conflict"}) {
		t.Errorf("%q", rows)
	}
	if one, err := client.Customer(t.Context(), ana.ID); err != nil || one.Rev != 1 {
		t.Errorf("%+v, %v", one, err)
	}
}

// Law 3: when the answer to an update is lost, the customer is read; one that is gone is not made anew.
func TestLaw3ANamedCustomerIsNotMade(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	client := m.org.connect(t).Client
	var ids []string
	content := "ID,External,Name,Email\n"
	for i := range 3 {
		one, err := client.Create(t.Context(), fmt.Appendf(nil, `{"name":"Old %d"}`, i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one.ID)
		content += fmt.Sprintf("%s,,New %d,\n", one.ID, i)
	}
	m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/v1/customers/bulk" {
			m.org.spoil(nil)
			if err := client.Delete(t.Context(), ids[1]); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		}
		return false
	})
	rows := m.named("", content)
	if want := []string{"2 updated", "3 rejected kustomer.not_found", "4 updated"}; !slices.Equal(rows, want) {
		t.Errorf("%q, want %q", rows, want)
	}
	if n, err := m.org.Count(t.Context()); err != nil || n != 2 {
		t.Errorf("%d customers, %v", n, err)
	}
}

// A look-up by Kustomer's own id is a GET of the customer.
func TestLookUpByOwnID(t *testing.T) {
	m := newTeam(t, sandboxConfig())
	client := m.org.connect(t).Client
	ana, err := client.Create(t.Context(), []byte(`{"name":"Ana"}`))
	if err != nil {
		t.Fatal(err)
	}
	if one, err := client.Lookup(t.Context(), "id", ana.ID); err != nil || one.ID != ana.ID {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := client.Lookup(t.Context(), "id", strings.Repeat("0", 24)); kustomer.VerdictOf(err) != kustomer.NotFound {
		t.Error(err)
	}
	if _, err := client.Lookup(t.Context(), "id", ".."); kustomer.VerdictOf(err) != kustomer.NotBegun {
		t.Error(err)
	}
}
