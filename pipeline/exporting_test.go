package pipeline_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/pipeline"
	"muster/pipeline/attributes"
	"muster/pipeline/bind"
	"muster/pipeline/export"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/sandbox"
	"muster/schema/klass"
)

// exporting is the configuration of an export of an org.
func exporting(t testing.TB, o *org, kind, path string) export.Config {
	t.Helper()
	v := o.connect(t).Client.Viewer
	c := export.Config{Viewer: v, Readings: lookup.New(v, time.Now), Org: "test", Kind: kind,
		Beside: bind.MappingBeside(path), Now: time.Now, Sleep: kustomer.Sleep}
	if kind != "note" {
		k, err := bind.ReadKlass(t.Context(), v, kind)
		if err != nil {
			t.Fatal(err)
		}
		c.Klass = k
	}
	return c
}

// exported writes a kind to a file.
func exported(t testing.TB, c export.Config, path string) int64 {
	t.Helper()
	f, err := export.Open(c, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Read(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	done, err := f.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return done.Records
}

// What is exported in any form and imported again, from a machine that knows nothing of it, is unchanged.
func TestEveryKindOutAndIn(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Admin: true, Switches: sandbox.Switches{KlassPages: true}})
	dir := t.TempDir()
	m := writeMigration(t, dir, 250, 6)
	bring(t, o, m, dir+"/state", nil)
	for kind, want := range map[string]int{"customer": m.people, "company": m.companies, "kobject.order": m.orders,
		"conversation": m.talks, "message": m.messages, "note": m.remarks} {
		for _, format := range export.Formats() {
			path := filepath.Join(dir, "out-"+kind+format[1:], kind+format)
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if n := exported(t, exporting(t, o, kind, path), path); int(n) < want {
				t.Fatalf("%s: %d of %d", path, n, want)
			}
			s := bring(t, o, &migration{files: []string{path}}, dir+"/elsewhere-"+kind+format, nil)
			if got := count(s, "unchanged"); got != int64(want) || s.ExitCode != 0 {
				t.Errorf("%s: %d unchanged of %d, exit %d: %+v", path, got, want, s.ExitCode, s.Problems)
			}
		}
	}
	m.once(t, o)
}

// TestEveryFieldOutAndIn: of a customer with every field nothing changes, in any form; what is edited in the file
// is what changes, an entry that is taken off included, and nothing else.
func TestEveryFieldOutAndIn(t *testing.T) {
	t.Parallel()
	for _, format := range export.Formats() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sandboxConfig())
			org := o.connect(t)
			if err := attributes.Amend(t.Context(), org.Client, "customer", klass.Compare(klass.Wanted("customer",
				[]string{"scoreNum", "tierStr", "remarksTxt", "pageUrl"}), nil)); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			text := strings.ReplaceAll(strings.ReplaceAll(everything, "COMPANY", newCompany(t, o)), "\n", "") + "\n" +
				`{"externalId":"E-2","name":"=1+1","username":"'@ann","emails":[{"email":"e2@example.com"}],"tags":["vip"]}` + "\n"
			bringOne(t, o, dir, prepared(t, dir, "people.ndjson", text, ""))
			before := o.customers(t)
			path := filepath.Join(dir, "out"+format)
			exported(t, exporting(t, o, "customer", path), path)
			s := bring(t, o, &migration{files: []string{path}}, dir+"/elsewhere", nil)
			if got := count(s, "unchanged"); got != 2 || s.ExitCode != 0 {
				t.Fatalf("%d unchanged, exit %d: %+v", got, s.ExitCode, problems(t, s))
			}
			if format != ".csv" {
				return
			}
			edit(t, path, func(header []string, row []string) {
				at := func(name string) *string { return &row[slices.Index(header, name)] }
				if *at("externalId") != "E-2" {
					return
				}
				if *at("name") != "'=1+1" || *at("username") != "''@ann" {
					t.Errorf("a spreadsheet would run %q or %q", *at("name"), *at("username"))
				}
				*at("username"), *at("emails"), *at("tags") = "", "", "new"
			})
			s = bring(t, o, &migration{files: []string{path}}, dir+"/edited", nil)
			if count(s, "updated") != 1 || count(s, "unchanged") != 1 || s.ExitCode != 0 {
				t.Fatalf("%+v %+v", s.Statuses, problems(t, s))
			}
			var a, b map[string]any
			after := o.customers(t)
			if err := json.Unmarshal(after["E-2"][0].Attributes, &a); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(before["E-2"][0].Attributes, &b); err != nil {
				t.Fatal(err)
			}
			changed := []string{}
			config := exporting(t, o, "customer", path)
			columns := config.Columns()
			for name := range b {
				if slices.Contains(columns, name) && fmt.Sprint(a[name]) != fmt.Sprint(b[name]) {
					changed = append(changed, name)
				}
			}
			slices.Sort(changed)
			if got := strings.Join(changed, " "); got != "emails tags username" {
				t.Errorf("changed: %s; %v", got, a)
			}
			if !bytes.Equal(before["E-1"][0].Attributes, after["E-1"][0].Attributes) {
				t.Error("who was not edited is changed")
			}
		})
	}
}

func bringOne(t *testing.T, o *org, dir, path string) {
	t.Helper()
	if s := bring(t, o, &migration{files: []string{path}}, dir+"/state", nil); s.ExitCode != 0 {
		t.Fatalf("%+v", problems(t, s))
	}
}

// edit has change look at each row of a CSV file.
func edit(t *testing.T, path string, change func(header, row []string)) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		change(rows[0], row)
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestExportGoesOn: an export that is killed at any moment, and whose part has lines that it had no time to vouch
// for, reads at most the page in hand again, and the file is what it would have been.
func TestExportGoesOn(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Admin: true, Switches: sandbox.Switches{SearchLag: -1, ListPages: 3}})
	dir := t.TempDir()
	m := writeMigration(t, dir, 700, 9)
	bring(t, o, m, dir+"/state", nil)
	for _, kind := range []string{"customer", "message", "conversation", "company"} {
		config := func() export.Config {
			c := exporting(t, o, kind, "")
			c.Beside, c.Pages = filepath.Join(dir, "m.yaml"), 3
			return c
		}
		whole := filepath.Join(dir, kind+"-whole.ndjson")
		_, _ = o.requests()
		o.spoil(nil)
		n := exported(t, config(), whole)
		once, _ := o.requests()

		want, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, kind+".ndjson")
		o.spoil(nil)
		kills := 0
		for {
			f, err := export.Open(config(), path)
			if err != nil {
				t.Fatal(err)
			}
			ctx, kill := context.WithCancel(t.Context())
			pages := 0
			err = f.Read(ctx, func(int64, int) {
				if pages++; pages == 2 {
					kill()
				}
			})
			kill()
			if err == nil {
				if _, err := f.Finish(); err != nil {
					t.Fatal(err)
				}
				break
			}
			f.Close()
			kills++
			part, err := os.OpenFile(export.Part(path), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			part.WriteString(`{"id":"aaaaaaaaaaaaaaaaaaaaaaaa","row":{"externalId":"half`)
			part.Close()
		}
		all, _ := o.requests()
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of %d: %v", kind, len(got), len(want), err)
		}
		// Each time the org's Klass is asked for, and who we are; and the page in hand.
		if all-2*kills-2 > once+kills+2 || kills == 0 && n > 200 {
			t.Errorf("%s: %d requests with %d kills, %d without one", kind, all, kills, once)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.part*")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// TestExportOfAMovingOrg: of a customer who is changed while others are read the latest reading stands in the file,
// once; nobody is missing.
func TestExportOfAMovingOrg(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandboxConfig())
	dir := t.TempDir()
	var lines strings.Builder
	for i := range 350 {
		fmt.Fprintf(&lines, `{"externalId":"E-%d","name":"Ana %d"}`+"\n", i, i)
	}
	bringOne(t, o, dir, prepared(t, dir, "people.ndjson", lines.String(), ""))
	client := o.connect(t).Client
	pages := 0
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/customers" {
			if pages++; pages == 2 || pages == 3 {
				one := o.customers(t)[fmt.Sprintf("E-%d", pages*7)][0]
				if _, err := client.Update(context.WithoutCancel(t.Context()), one.ID, []byte(`{"name":"Moved"}`)); err != nil {
					t.Error(err)
				}
			}
		}
		return false
	})
	path := filepath.Join(dir, "out.csv")
	if n := exported(t, exporting(t, o, "customer", path), path); n != 350 {
		t.Errorf("%d records", n)
	}
	moved := map[string]string{}
	edit(t, path, func(header, row []string) {
		id := row[slices.Index(header, "externalId")]
		if _, twice := moved[id]; twice {
			t.Errorf("%s is there twice", id)
		}
		moved[id] = row[slices.Index(header, "name")]
	})
	if moved["E-14"] != "Moved" || moved["E-21"] != "Moved" {
		t.Errorf("%s %s", moved["E-14"], moved["E-21"])
	}
}

// TestAnyTextOutAndIn: whatever a customer's fields say, an export to CSV and back changes nothing.
func TestAnyTextOutAndIn(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandboxConfig())
	dir := t.TempDir()
	text := rapid.StringOfN(rapid.RuneFrom([]rune(`aB1 '=+-@"#;,|[]{}\:é😀/.`+"\n\t")), 1, 12, -1)
	const n = 500
	var lines strings.Builder
	for i := range n {
		record := map[string]any{"externalId": fmt.Sprintf("E-%d", i)}
		if s := strings.TrimSpace(text.Example(2 * i)); s != "" {
			record["name"] = s
		}
		if s := strings.TrimSpace(text.Example(2*i + 1)); s != "" {
			record["locations"] = []any{map[string]string{"type": "home", "address": s}}
		}
		line, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	bringOne(t, o, dir, prepared(t, dir, "people.ndjson", lines.String(), ""))
	path := filepath.Join(dir, "out.csv")
	exported(t, exporting(t, o, "customer", path), path)
	s := bring(t, o, &migration{files: []string{path}}, dir+"/elsewhere", nil)
	if count(s, "unchanged") != n || s.ExitCode != 0 {
		t.Errorf("%d unchanged, exit %d: %+v", count(s, "unchanged"), s.ExitCode, problems(t, s))
	}
}

// TestExportComesBackInPages: what an import of an export asks of an org is its list of customers, a hundred at a
// time, and five requests more. Rows in another order are found all the same.
func TestExportComesBackInPages(t *testing.T) {
	t.Parallel()
	o := newOrg(t, sandbox.Config{Switches: sandbox.Switches{TagNamesOnRead: true}, RatePerMinute: 1_000_000})
	dir := t.TempDir()
	const n = 1500
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"externalId":"E-%d","name":"Ana %d","emails":[{"email":"e%d@example.com"}],"tags":["vip"]}`+"\n",
			i, i, i)
	}
	bringOne(t, o, dir, prepared(t, dir, "people.ndjson", lines.String(), ""))
	path := filepath.Join(dir, "out.csv")
	exported(t, exporting(t, o, "customer", path), path)
	var mu sync.Mutex
	pages, others := 0, 0
	o.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodGet && r.URL.Path == "/v1/customers" {
			pages++
		} else {
			others++
		}
		return false
	})
	s := bring(t, o, &migration{files: []string{path}}, dir+"/elsewhere", func(c *pipeline.Config) { c.Canary = true })
	if count(s, "unchanged") != n || s.ExitCode != 0 {
		t.Errorf("%d unchanged, exit %d: %+v", count(s, "unchanged"), s.ExitCode, s.Statuses)
	}
	mu.Lock()
	t.Logf("%d pages and %d other requests for %d customers", pages, others, n)
	if pages > n/100*3/2 || others > 7 { // who we are and which attributes there are is asked for before the run
		t.Errorf("%d pages and %d other requests", pages, others)
	}
	mu.Unlock()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	slices.Sort(rows[1:])
	slices.Reverse(rows[1:])
	if err := os.WriteFile(path, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = bring(t, o, &migration{files: []string{path}}, dir+"/sorted", nil)
	if count(s, "unchanged") != n {
		t.Errorf("sorted otherwise: %d unchanged", count(s, "unchanged"))
	}
}
