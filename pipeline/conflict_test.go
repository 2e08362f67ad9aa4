package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/sandbox"
)

// TestOnConflict: a row whose identities belong to different customers, or to one that has another external id, is
// dealt with as the policy says; whoever is not preferred stays as he is, and nobody gets what is another's.
func TestOnConflict(t *testing.T) {
	const a, b = `{"externalId":"A","name":"Ana","emails":[{"email":"ana@example.com"}]}`,
		`{"externalId":"B","name":"Bea","emails":[{"email":"bea@example.com"}]}`
	const c = `{"name":"Cor","emails":[{"email":"cor@example.com"}],"phones":[{"phone":"+31611111111"}]}`
	for _, tc := range []struct {
		name, row, policy string
		status, code      string
		to                string            // whose customer it is: A, B or C; "" nobody's
		says              []string          // in the detail; A, B and C stand for the ids
		has               map[string]string // what a customer has afterwards
	}{
		{"two customers", "A,Anna,bea@example.com,", "reject", "rejected", "identity.conflict", "",
			[]string{"externalId → A", "email → B"}, nil},
		{"two customers", "A,Anna,bea@example.com,", "skip", "skipped", "", "",
			[]string{"identity.conflict: externalId → A", "email → B"}, nil},
		{"two customers", "A,Anna,bea@example.com,", "prefer=externalId,email", "updated", "", "A",
			[]string{"customer of its externalId", "email, which is B's"}, map[string]string{"A": `"name":"Anna"`}},
		{"two customers", "A,Anna,bea@example.com,", "prefer=email,externalId", "updated", "", "B",
			[]string{"customer of its email", "externalId, which is A's"}, map[string]string{"B": `"name":"Anna"`}},
		{"two customers", "A,Anna,bea@example.com,", "prefer=phone,email", "updated", "", "B",
			[]string{"externalId, which is A's"}, nil},
		{"two customers", "A,Anna,bea@example.com,", "prefer=phone", "rejected", "identity.conflict", "",
			[]string{"externalId → A"}, nil},
		{"another external id", "N,Nora,bea@example.com,", "reject", "rejected", "identity.conflict", "",
			[]string{"matches → B"}, nil},
		{"another external id", "N,Nora,bea@example.com,", "skip", "skipped", "", "", []string{"matches → B"}, nil},
		{"another external id", "N,Nora,bea@example.com,", "prefer=externalId,email", "updated", "", "B",
			[]string{"externalId, in whose place it has another"}, map[string]string{"B": `"name":"Nora"`}},
		{"another external id", "N,Nora,bea@example.com,", "prefer=externalId", "rejected", "identity.conflict", "", nil,
			nil},
		{"three customers", "A,Anna,bea@example.com,+31611111111", "prefer=phone", "updated", "", "C",
			[]string{"externalId, which is A's", "email, which is B's"}, map[string]string{"C": `"name":"Anna"`}},
		{"three customers", "A,Anna,bea@example.com,+31611111111", "reject", "rejected", "identity.conflict", "",
			[]string{"externalId → A", "email → B", "phone → C"}, nil},
		{"nothing else to write", "A,Ana,bea@example.com,", "prefer=externalId", "unchanged", "", "A",
			[]string{"email, which is B's"}, nil},
		{"blank keys match nobody", ",Zoe,,,zoe,f", "prefer=externalId,email,phone", "created", "", "", nil, nil},
		{"no conflict", "A,Anna,anna@example.com,", "prefer=email", "updated", "", "A", nil,
			map[string]string{"A": "anna@example.com"}},
	} {
		t.Run(tc.name+" "+tc.policy, func(t *testing.T) {
			t.Parallel()
			at := &timed{}
			o := newOrg(t, sandbox.Config{Now: at.now})
			ids := map[string]string{}
			client := o.connect(t).Client
			for name, body := range map[string]string{"A": a, "B": b, "C": c} {
				made, err := client.Create(t.Context(), []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				ids[name] = made.ID
			}
			at.move(time.Hour)
			before := o.documents(t)
			path := filepath.Join(t.TempDir(), "rows.csv")
			if err := os.WriteFile(path, []byte("externalId,name,email,phone,username,gender\n"+tc.row+
				strings.Repeat(",", 5-strings.Count(tc.row, ","))+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			policy, err := deliver.ParseOnConflict(tc.policy)
			if err != nil {
				t.Fatal(err)
			}
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: t.TempDir(),
				Org: o.connect(t), OnConflict: policy})
			if err != nil {
				t.Fatal(err)
			}
			row := outcomes(t, s)[0]
			if row.Status != tc.status || row.Code != tc.code || tc.to != "" && row.CustomerID != ids[tc.to] {
				t.Errorf("%s %s %s: %s, want %s %s %s", row.Status, row.Code, row.CustomerID, row.Detail, tc.status, tc.code,
					ids[tc.to])
			}
			for _, want := range tc.says {
				for name, id := range ids {
					want = strings.ReplaceAll(want, "→ "+name, "→ "+id)
					want = strings.ReplaceAll(want, "is "+name+"'s", "is "+id+"'s")
				}
				if !strings.Contains(row.Detail, want) {
					t.Errorf("the detail is %q, want %q in it", row.Detail, want)
				}
			}
			after := o.documents(t)
			for name, id := range ids {
				if name != tc.to && after[id] != before[id] {
					t.Errorf("%s was changed to %s", name, after[id])
				}
				if want := tc.has[name]; !strings.Contains(after[id], want) {
					t.Errorf("%s is %s, and lacks %s", name, after[id], want)
				}
			}
			if want := map[bool]int{true: 4, false: 3}[tc.status == "created"]; len(after) != want {
				t.Errorf("%d customers, want %d", len(after), want)
			}
		})
	}
}

// documents are the customers of the org as texts, by id.
func (o *org) documents(t testing.TB) map[string]string {
	t.Helper()
	all, err := o.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, c := range all {
		by[c.ID] = string(c.Attributes)
	}
	return by
}

func TestOnConflictIsRead(t *testing.T) {
	for text, want := range map[string]string{
		"reject": "reject", "skip": "skip", "": "", "prefer=externalId,email": "prefer=externalId,email",
		"prefer externalId, email": "prefer=externalId,email",
		"prefer:phone":             "prefer=phone", "prefer": "prefer names no key", "prefer=name": "is no key",
		"merge": "is none of", "skip=email": "takes no keys",
	} {
		o, err := deliver.ParseOnConflict(text)
		got := o.String()
		if err != nil {
			got = fmt.Sprint(err)
		}
		if err == nil && got != want || !strings.Contains(got, want) {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}
