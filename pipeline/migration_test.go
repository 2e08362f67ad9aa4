package pipeline_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pipeline/sandbox"
)

// helpDesk is the migration of a help desk of a stated size: 500 customers, 40 companies, 2,000 tickets, 9,000
// messages, 300 attachments and 1,000 orders, or a part of each. All of them are invented.
type helpDesk struct {
	migration
	files map[string]string // of attachments: what each holds, by its name
}

func writeHelpDesk(t *testing.T, dir string, part int) *helpDesk {
	t.Helper()
	d := &helpDesk{migration{companies: 40 / part, people: 500 / part, orders: 1000 / part, talks: 2000 / part,
		messages: 9000 / part}, map[string]string{}}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	packed, err := os.Create(filepath.Join(dir, "files", "more.zip"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(packed)
	ways := make([]string, d.messages)
	for n := range 300 / part {
		name, text := fmt.Sprintf("bill-%d.txt", n), strings.Repeat(fmt.Sprintf("bill %d\n", n), 1+n%50)
		d.files[name] = text
		at := &ways[n*len(ways)/(300/part)]
		if n%3 > 0 {
			write("files/"+name, text)
			*at = "files/" + name
			continue
		}
		w, err := archive.Create("2024/" + name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
		*at = "files/more.zip/2024/" + name
	}
	if err := errors.Join(archive.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	tables := map[string]*strings.Builder{}
	add := func(table, format string, args ...any) {
		if tables[table] == nil {
			tables[table] = &strings.Builder{}
		}
		fmt.Fprintf(tables[table], format+"\n", args...)
	}
	add("companies", "id,name,domain,staff,tags")
	add("people", "id,name,email,company")
	add("orders", "id,title,who,total,lines,tags")
	add("tickets", "id,subject,who,state,agent,team,begun,ended,priority,tags")
	add("comments", "id,ticket,dir,body,at,agent,from,attachments")
	for i := range d.companies {
		add("companies", "A-%d,Company %d,c%d.example,%d,vip", i, i, i, i*7)
	}
	for i := range d.people {
		add("people", "C-%d,Person %d,p%d@x.example,A-%d", i, i, i, i%d.companies)
	}
	for i := range d.orders {
		add("orders", `O-%d,#%d,p%d@x.example,%d.5,"{""lines"":[{""sku"":""s%d""}]}",web`, i, 1000+i, i%d.people, i, i)
	}
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range d.talks {
		state, ended := "open", ""
		if i%3 > 0 {
			state, ended = "done", at.Add(time.Duration(i+1)*time.Hour).Format(time.RFC3339)
		}
		add("tickets", "T-%d,Ticket %d,C-%d,%s,%s,%s,%s,%s,%d,old", i, i, i%d.people, state,
			[]string{"", "mara@acme.example"}[i%2], []string{"", "Support"}[i%2],
			at.Add(time.Duration(i)*time.Hour).Format(time.RFC3339), ended, 1+i%5)
	}
	for i := range d.messages {
		ticket := i * d.talks / d.messages
		add("comments", `M-%d,T-%d,%s,"Hello %d, ünïcode 😀",%s,%s,p%d@x.example,%s`, i, ticket,
			[]string{"in", "out"}[i%2], i, at.Add(time.Duration(ticket)*time.Hour).Format(time.RFC3339),
			[]string{"", "tom@acme.example"}[i%2], ticket, ways[i])
	}
	for name, text := range tables {
		write(name+".csv", text.String())
		mapping := migrationMappings[name]
		if name == "comments" {
			mapping = strings.Replace(mapping, "from: meta.from", "from: meta.from, attachments: attachments", 1)
		}
		write(name+".mapping.yaml", mapping)
		d.migration.files = append(d.migration.files, filepath.Join(dir, name+".csv"))
	}
	slices.Sort(d.migration.files)
	return d
}

// attached holds that each file is in the org with one message, as it is, and no message names another.
func (d *helpDesk) attached(t *testing.T, o *org) {
	t.Helper()
	messages, err := o.Things(t.Context(), "message")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, m := range messages {
		var one struct {
			Attachments []struct {
				ID   string `json:"_id"`
				Name string `json:"name"`
			}
		}
		if err := json.Unmarshal(m.Document, &one); err != nil {
			t.Fatal(err)
		}
		for _, a := range one.Attachments {
			if other, twice := seen[a.Name]; twice {
				t.Errorf("%s is there twice: %s %s", a.Name, other, a.ID)
			}
			seen[a.Name] = a.ID
			answer, err := http.Get(o.URL() + "/upload/" + a.ID)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || string(content) != d.files[a.Name] || len(content) == 0 {
				t.Errorf("%s holds %d bytes, want %d: %v", a.Name, len(content), len(d.files[a.Name]), err)
			}
		}
	}
	if len(seen) != len(d.files) {
		t.Errorf("%d attachments, want %d", len(seen), len(d.files))
	}
}

// TestMigration: a help desk comes in with one command that is killed with SIGKILL at random moments and run again: by
// the org's own records nothing is lost and nothing is there twice, attachments included; taken back, the org is as it
// was. -long has it of the stated size and killed 20 times.
func TestMigration(t *testing.T) {
	t.Parallel()
	part, kills := 20, 6
	if *allSeeds {
		part, kills = 1, 20
	}
	o := newOrg(t, sandbox.Config{Admin: true, JobDelay: 20 * time.Millisecond})
	o.spoil(func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(time.Duration(rand.Int64N(30)) * time.Millisecond) // so slow that there is something to kill
		return false
	})
	dir := t.TempDir()
	d := writeHelpDesk(t, dir, part)
	rng := rand.New(rand.NewPCG(7, 7))
	killed := 0
	for {
		after := time.Duration(-1)
		if killed < kills {
			after = time.Duration(60+rng.IntN(500)) * time.Millisecond
			if part == 1 {
				after *= 6
			}
		}
		s, dead := importAsChild(t, o, strings.Join(d.migration.files, string(os.PathListSeparator)), dir+"/state", after)
		if dead {
			killed++
			continue
		}
		if killed == 0 {
			t.Error("the first import came to its end before it was killed")
		}
		t.Logf("killed %d times; %d rows, %d attachments, then %d requests", killed, d.rows(), len(d.files), s.Requests)
		if got := count(s, "created") + count(s, "unchanged"); got != d.rows() || !s.Balanced || s.ExitCode != 0 {
			t.Errorf("%d rows landed, want %d: %+v", got, d.rows(), s.Problems)
		}
		d.once(t, o)
		d.attached(t, o)
		for _, name := range []string{"ledger.db", "ledger.db-wal"} {
			if text, _ := os.ReadFile(filepath.Join(dir, "state", name)); strings.Contains(string(text), "bill-") {
				t.Errorf("%s names an attachment", name)
			}
		}
		o.spoil(nil)
		u, err := undoRun(t, o, dir+"/state", s.Run)
		if err != nil || u.Deleted != d.rows() {
			t.Errorf("taken back: %d deleted of %d: %v %+v", u.Deleted, d.rows(), err, u.Reasons)
		}
		break
	}
	(&migration{}).once(t, o)
}
