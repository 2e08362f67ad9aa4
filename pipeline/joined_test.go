package pipeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/sandbox"
)

const joiningMapping = `version: 1
unmapped: ignore
missing: ignore
joins:
  - {file: orgs.csv, name: org, on: {organization_id: id}}
  - {file: mails.ndjson, on: {id: user}, rows: list}
skip: cell("org.status") == "closed"
columns:
  id: externalId
  email: emails
  mails.address: {to: emails, type: other}
  org.name: custom.sourceStr
  org.size: custom.ordersNum
derived:
  custom.notesTxt: "{name} of {org.name}"
`

// joined writes a file with the two that are joined to it.
func joined(t *testing.T, mapping string) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"users.csv":          "id,name,email,organization_id\n1,Ann,ann@example.com,7\n2,Bo,,8\n3,Cy,,\n4,Di,,9\n5,Ed,,12\n",
		"users.mapping.yaml": mapping,
		"orgs.csv": "id,name,size,status,owner\n7,Acme,12,open,x\n8,Bolt,many,open,x\n9,Gone,1,closed,x\n" +
			",Nobody,1,open,x\n",
		"mails.ndjson": `{"user":1,"address":"a1@example.com"}` + "\n" + `{"user":3,"address":"c@example.com"}` + "\n" +
			`{"user":1,"address":"a2@example.com"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, filepath.Join(dir, "users.csv")
}

// Rows get the columns of second files, by key: one value, or a list; what is wrong with a joined value is a
// problem of the key's cell.
func TestJoins(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	dir, path := joined(t, joiningMapping)
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", State: dir + "/state", Org: o.connect(t),
		Files: []string{path}})
	if err != nil || !s.Balanced || s.Statuses[outcome.Created].Rows != 3 || s.Statuses[outcome.Skipped].Rows != 1 {
		t.Fatal(err, s)
	}
	if found := problems(t, s); len(found) != 1 || found[0].code != "cell.number" || found[0].cell != "D3" ||
		found[0].column != "organization_id" {
		t.Errorf("%+v", found)
	}
	for id, want := range map[string]string{
		"1": `["Acme",12,"Ann of Acme"] [ann@example.com:  a1@example.com:other a2@example.com:other]`,
		"3": `[null,null,"Cy of"] [c@example.com:other]`,
		"5": `[null,null,"Ed of"] []`,
	} {
		c := o.customer(t, id)
		own, _ := c["custom"].(map[string]any)
		got, _ := json.Marshal([]any{own["sourceStr"], own["ordersNum"], own["notesTxt"]})
		var mails []string
		for _, m := range c["emails"].([]any) {
			item := m.(map[string]any)
			kind, _ := item["type"].(string)
			mails = append(mails, item["email"].(string)+":"+kind)
		}
		text := string(got) + " [" + strings.Join(mails, " ") + "]"
		if strings.ReplaceAll(text, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: %s, want %s", id, text, want)
		}
	}
	// Another second file is another import: what it changes is sent.
	if err := os.WriteFile(filepath.Join(dir, "orgs.csv"), []byte("id,name,size,status\n7,Acme & Co,13,open\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	s, err = pipeline.Run(t.Context(), pipeline.Config{Command: "import", State: dir + "/state", Org: o.connect(t),
		Files: []string{path}})
	if err != nil || s.Statuses[outcome.Updated].Rows != 1 {
		t.Error(err, s.Statuses)
	}
}

// A join that cannot be trusted stops the run, and says where.
func TestJoinsThatCannotBe(t *testing.T) {
	for change, want := range map[string]string{
		"orgs.csv, name→nothing.csv, name":            "line 5: the file that is joined in: ",
		"{organization_id: id}→{organization_id: nr}": `orgs.csv has no column "nr", on which line 5 of`,
		"{organization_id: id}→{org: id}":             `the file has no column "org", by which`,
		", rows: list→": "line 3: a second row of one key: join a file with one row for " +
			"each, or write  rows: list",
		"name: org, on: {organization_id: id}→on: [id]": `on must be one column of each file`,
		"name: org,→name: mails,":                       `two joins are called "mails"`,
	} {
		old, with, _ := strings.Cut(change, "→")
		if !strings.Contains(joiningMapping, old) {
			t.Fatal(old)
		}
		dir, path := joined(t, strings.Replace(joiningMapping, old, with, 1))
		_, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
		if err == nil || !strings.Contains(err.Error(), want) || exit.Code(err) != exit.Usage {
			t.Errorf("%s: %v (exit %d)", change, err, exit.Code(err))
		}
	}
}

// joinFixture triggers cell.join: a key that the second file lacks, where it must be there.
func joinFixture(t *testing.T) {
	dir, path := joined(t, strings.Replace(joiningMapping, "name: org,", "name: org, missing: error,", 1))
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	found := problems(t, s)
	if len(found) != 2 || found[1].code != "cell.join" || found[1].cell != "D6" {
		t.Errorf("%+v", found)
	}
}
