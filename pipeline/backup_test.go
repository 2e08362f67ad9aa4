package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/attributes"
	"muster/pipeline/export"
	"muster/pipeline/sandbox"
	"muster/schema/klass"
)

// TestBackup: an import that changes customers in every field writes first what they were, and an import of that file
// makes the org what it was; who was not changed is not in it.
func TestBackup(t *testing.T) {
	t.Parallel()
	for _, format := range export.Formats() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sandboxConfig())
			if err := attributes.Amend(t.Context(), o.connect(t).Client, "customer", klass.Compare(klass.Wanted("customer",
				[]string{"scoreNum", "tierStr", "remarksTxt", "pageUrl"}), nil)); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			whole := strings.ReplaceAll(strings.ReplaceAll(everything, "COMPANY", newCompany(t, o)), "\n", "")
			bringOne(t, o, dir, prepared(t, dir, "people.ndjson", whole+"\n"+`{"externalId":"E-2"}`+"\n"+
				`{"externalId":"E-3","name":"Same"}`+"\n", ""))
			before := states(t, o)
			again := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(whole, `"E-1"`, `"E-2"`), "ana", "eve"), "+1555",
				"+1666")
			again = strings.ReplaceAll(strings.ReplaceAll(again, "OTHER-1", "OTHER-2"), `"ana_`, `"eve_`)
			changes := again + "\n" + `{"externalId":"E-1","name":"Ann","tags":["lost"],"emails":[{"email":"new@example.com"}],` +
				`"locations":[{"type":"home","cityName":"Rome"}],"custom":{"tierStr":"none","scoreNum":7},"birthdayAt":null}` + "\n" +
				`{"externalId":"E-3","name":"Same"}` + "\n"
			path := filepath.Join(dir, "backups", "{run}"+format)
			s := bring(t, o, &migration{files: []string{prepared(t, dir, "changes.ndjson", changes, "")}}, dir+"/state",
				func(c *pipeline.Config) { c.Backup = path })
			if count(s, "updated") != 2 || s.ExitCode != 0 {
				t.Fatalf("%+v %+v", s.Statuses, problems(t, s))
			}
			path = strings.ReplaceAll(path, "{run}", s.Run)
			if changed := states(t, o); changed["E-1"] == before["E-1"] || changed["E-2"] == before["E-2"] {
				t.Fatal("nothing was changed")
			}
			s = bring(t, o, &migration{files: []string{path}}, dir+"/elsewhere", nil)
			if count(s, "updated") != 2 || s.Rows != 2 || s.ExitCode != 0 {
				t.Fatalf("%+v %+v", s.Statuses, problems(t, s))
			}
			for id, state := range states(t, o) {
				if state != before[id] {
					t.Errorf("%s is\n%s\nwas\n%s", id, state, before[id])
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "backups", "*.part*")); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// states are the customers of an org by external id, as far as an import could write them.
func states(t *testing.T, o *org) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "now.ndjson")
	exported(t, exporting(t, o, "customer", path), path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range bytes.Lines(text) {
		var one map[string]json.RawMessage
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		var id string
		_ = json.Unmarshal(one["externalId"], &id)
		all[id] = string(line)
	}
	return all
}

var (
	idInPath = regexp.MustCompile(`[0-9a-f]{24}$`)
	idInBody = regexp.MustCompile(`"id":"([0-9a-f]{24})"`)
)

// TestBackupIsThereFirst: no request that changes a record leaves before the record stands in the backup, whatever
// becomes of the process; what an interrupted run kept is gone on with.
func TestBackupIsThereFirst(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Admin: true})
	dir := t.TempDir()
	m := writeMigration(t, dir, 60, 3)
	bring(t, o, m, dir+"/state", nil)
	for _, file := range m.files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("Company", "Firm", "Person", "Human", "#1", "No 1", "Ticket ", "Case ", "psst", "hush",
			"Hello", "Hallo").Replace(string(text))
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := map[string]string{}
	kinds := []string{"customer", "company", "kobject.order", "conversation", "message", "note"}
	for _, kind := range kinds {
		before[kind] = recordsOf(t, o, dir, kind, "before")
	}
	backup := filepath.Join(dir, "backup")
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut && r.Method != http.MethodPatch {
			return false
		}
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		ids := idInPath.FindAllString(r.URL.Path, -1)
		for _, m := range idInBody.FindAllSubmatch(body, -1) {
			ids = append(ids, string(m[1]))
		}
		kept := ""
		parts, _ := filepath.Glob(filepath.Join(backup, "*.part"))
		for _, part := range parts {
			text, _ := os.ReadFile(part)
			kept += string(text)
		}
		for _, id := range ids {
			if !strings.Contains(kept, id) {
				t.Errorf("%s %s: %s is not in the backup (%v)", r.Method, r.URL.Path, id, err)
			}
		}
		return false
	})
	s := bring(t, o, m, dir+"/state", func(c *pipeline.Config) { c.Backup = backup })
	if count(s, "updated") < 100 {
		t.Fatalf("%+v %+v", s.Statuses, s.Problems)
	}
	o.spoil(nil)
	files, err := filepath.Glob(filepath.Join(backup, "*.csv"))
	if err != nil || len(files) != len(kinds) {
		t.Fatalf("%v %v", files, err)
	}
	s = bring(t, o, &migration{files: files}, dir+"/elsewhere", nil)
	if s.ExitCode != 0 || count(s, "updated") < 100 {
		t.Errorf("%+v %+v", s.Statuses, s.Problems)
	}
	for _, kind := range kinds {
		if now := recordsOf(t, o, dir, kind, "after"); now != before[kind] {
			t.Errorf("%s is\n%.3000s\nwas\n%.3000s", kind, now, before[kind])
		}
	}
}

// recordsOf are the records of a kind, one a line.
func recordsOf(t *testing.T, o *org, dir, kind, name string) string {
	t.Helper()
	path := filepath.Join(dir, fmt.Sprintf("%s-%s.ndjson", name, kind))
	exported(t, exporting(t, o, kind, path), path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
