package pipeline_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// desk is a small help desk of two customers, to which conversations are imported.
type desk struct {
	*org
	t   *testing.T
	dir string
}

const (
	ticketColumns = "externalId,name,who,mail,agent,state,ended\n"
	ticketMapping = "version: 1\nkind: conversation\ncolumns: {who: customer.externalId, mail: customer.email, " +
		"agent: assignee.email, state: status, ended: endedAt}\n"
)

func newDesk(t *testing.T) *desk {
	d := &desk{newOrg(t, sandbox.Config{Admin: true}), t, t.TempDir()}
	d.imports("/state", "people.csv", "externalId,name,emails\nC-1,Ana,ana@x.example\nC-2,Bo,bo@x.example\n", "")
	return d
}

// imports sends one file, with the memory of a state directory.
func (d *desk) imports(state, name, content, mapping string, more ...string) *report.Summary {
	d.t.Helper()
	s, err := pipeline.Run(d.t.Context(), pipeline.Config{Command: "import", Org: d.connect(d.t), State: d.dir + state,
		Files: append(more, prepared(d.t, d.dir, name, content, mapping)), JobPatience: 400 * time.Millisecond})
	if s == nil {
		d.t.Fatal(err)
	}
	if !s.Balanced {
		d.t.Errorf("the books do not balance: %v", err)
	}
	return s
}

func (d *desk) tickets(rows ...string) *report.Summary {
	d.t.Helper()
	return d.imports("/state", "tickets.csv", ticketColumns+strings.Join(rows, "\n")+"\n", ticketMapping)
}

// ticket is a conversation as the org has it.
type ticket struct {
	ID, ExternalID, Name, Status string
	AssignedUsers                []string
}

func (d *desk) talks(externalID string) (found []ticket) {
	d.t.Helper()
	all, err := d.Conversations(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, one := range all {
		var c ticket
		if json.Unmarshal(one.Document, &c) == nil && c.ExternalID == externalID {
			c.ID = one.ID
			found = append(found, c)
		}
	}
	return found
}

// only holds that a run came to one outcome.
func (d *desk) only(s *report.Summary, status, code string, exitCode int) {
	d.t.Helper()
	rows := outcomes(d.t, s)
	if len(rows) != 1 || rows[0].Status != status || rows[0].Code != code || count(s, status) != 1 {
		d.t.Errorf("outcomes %+v, counts %+v, want one %s %q", rows, s.Statuses, status, code)
	}
	if s.ExitCode != exitCode {
		d.t.Errorf("exit code %d, want %d (%s)", s.ExitCode, exitCode, s.Stopped)
	}
}

// A row that changes a record, and says otherwise of what is set when it is made, is not all in the org.
func TestFieldThatIsFixedIsNotClean(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.only(d.tickets("T-1,Lost,C-1,,,,"), "created", "", exit.OK)
	d.only(d.tickets("T-1,Found,C-2,,,,"), "updated", "kustomer.fixed", exit.Rejects)
}

// A reference that leads nowhere beside another of the same field that leads somewhere hides none of another field.
func TestReferenceBesideAnotherHidesNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.only(d.tickets("T-1,Lost,C-9,ana@x.example,mara@acme.example,,"), "created", "", exit.OK)
	d.only(d.tickets("T-2,Lost,C-9,ana@x.example,nobody@acme.example,,"), "unsent", "kustomer.no_user", exit.Rejects)
	if found := d.talks("T-1"); len(found) != 1 || len(found[0].AssignedUsers) != 1 {
		t.Errorf("%+v", found)
	}
}

// A record that was deleted, and made anew by somebody else, is not made a second time.
func TestDeletedAndMadeAnewIsThereOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.only(d.tickets("T-1,Lost,C-1,,,,"), "created", "", exit.OK)
	if err := d.connect(t).Client.DeleteRecord(t.Context(), "/v1/conversations", d.talks("T-1")[0].ID); err != nil {
		t.Fatal(err)
	}
	d.imports("/elsewhere", "people.csv", "externalId,name,emails\nC-1,Ana,ana@x.example\n", "")
	d.only(d.imports("/elsewhere", "tickets.csv", ticketColumns+"T-1,Lost,C-1,,,,\n", ticketMapping), "created", "",
		exit.OK)
	d.only(d.tickets("T-1,Found,C-1,,,,"), "updated", "", exit.OK)
	if found := d.talks("T-1"); len(found) != 1 || found[0].Name != "Found" {
		t.Errorf("%+v", found)
	}
}

// Of a row of which a request was begun nothing says that none was, also where what it names is gone since, or the org
// cannot be asked for it.
func TestUnsentIsTrueOfEveryKind(t *testing.T) {
	t.Parallel()
	const row = "T-1,Lost,C-1,,mara@acme.example,,"
	fails := func(w http.ResponseWriter, path string, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, path) {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}
	nobody := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/users" {
			_, _ = io.WriteString(w, `{"data":[],"meta":{"total":0}}`)
		}
		return r.URL.Path == "/v1/users"
	}
	away := func(w http.ResponseWriter, r *http.Request) bool { return fails(w, "/v1/users", r) }
	for name, next := range map[string]struct {
		spoil func(http.ResponseWriter, *http.Request) bool
		rows  []string
	}{
		"same run, nobody":  {nobody, []string{row}},
		"same run, away":    {away, []string{row}},
		"other run, nobody": {nobody, []string{row, "T-2,Lost,C-1,,,,"}},
		"other run, away":   {away, []string{row, "T-2,Lost,C-1,,,,"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			begun := false
			d.spoil(func(w http.ResponseWriter, r *http.Request) bool {
				begun = begun || r.Method == http.MethodPost
				return begun && fails(w, "/v1/conversations", r)
			})
			d.only(d.tickets(row), "unknown", "kustomer.no_evidence", exit.Environment)
			d.spoil(next.spoil)
			s := d.tickets(next.rows...)
			if rows := outcomes(t, s); rows[0].Status != "unknown" {
				t.Errorf("%+v", rows)
			}
			d.spoil(nil)
			if s = d.tickets(next.rows...); count(s, "created") != int64(len(next.rows)) || s.ExitCode != exit.OK {
				t.Errorf("in the end: %+v, exit code %d", s.Statuses, s.ExitCode)
			}
		})
	}
}

// One conversation that the org refuses to end does not keep the others open, nor end the run.
func TestConversationThatCannotEndKeepsNoneOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	replies := prepared(t, d.dir, "replies.csv", "externalId,ticket,way,text\nM-1,T-1,in,Hi\nM-2,T-2,in,Hi\nM-3,T-3,in,Hi\n",
		"version: 1\nkind: message\ncolumns: {ticket: conversation.externalId, way: direction, text: preview}\n"+
			"constants: {channel: email}\n")
	d.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(text)))
		if found := d.talks("T-2"); len(found) == 0 || !strings.Contains(r.URL.Path+string(text), found[0].ID) {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		return true
	})
	s := d.imports("/state", "tickets.csv", ticketColumns+"T-1,Lost,C-1,,,done,\nT-2,Lost,C-1,,,done,\nT-3,Lost,C-1,,,done,\n",
		ticketMapping, replies)
	if s.Stopped != "" || s.ExitCode != exit.Rejects {
		t.Errorf("stopped %q, exit code %d", s.Stopped, s.ExitCode)
	}
	for _, one := range []string{"T-1 done", "T-2 open", "T-3 done"} {
		id, status, _ := strings.Cut(one, " ")
		if found := d.talks(id); len(found) != 1 || found[0].Status != status {
			t.Errorf("%s: %+v", one, found)
		}
	}
	for _, row := range outcomes(t, s) {
		if left := row.Key == "T-2"; row.Status != "created" || (row.Code == "kustomer.left_open") != left {
			t.Errorf("%+v", row)
		}
	}
}

// Who a conversation was assigned to before a run is who it is assigned to once the run is taken back.
func TestAssigneeIsTakenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.tickets("T-1,Lost,C-1,,mara@acme.example,,")
	before := d.talks("T-1")[0].AssignedUsers
	s := d.tickets("T-1,Lost,C-1,,tom@acme.example,,")
	d.only(s, "updated", "", exit.OK)
	if after := d.talks("T-1")[0].AssignedUsers; len(after) != 1 || after[0] == before[0] {
		t.Fatalf("%v, then %v", before, after)
	}
	u, err := undoRun(t, d.org, d.dir+"/state", s.Run)
	if err != nil || u.Restored != 1 {
		t.Errorf("%v %+v", err, u)
	}
	if after := d.talks("T-1")[0].AssignedUsers; len(after) != 1 || after[0] != before[0] {
		t.Errorf("%v, and now %v", before, after)
	}
}

// A file that somebody writes to before it is sent does not come in cut at the length that it had: it is sent again.
func TestFileThatGrowsIsNotCut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.tickets("T-1,Lost,C-1,,,,")
	path := filepath.Join(d.dir, "log.txt")
	if err := os.WriteFile(path, []byte("begun"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Path == "/v1/attachments" {
			if err := os.WriteFile(path, []byte("begun, and gone on with"), 0o600); err != nil {
				t.Error(err)
			}
		}
		return false
	})
	s := d.imports("/state", "replies.csv", "externalId,ticket,way,text,attachments\nM-1,T-1,in,Hello,log.txt\n",
		"version: 1\nkind: message\ncolumns: {ticket: conversation.externalId, way: direction, text: preview}\n"+
			"constants: {channel: email}\n")
	if count(s, "created") != 1 {
		t.Errorf("outcomes %+v", outcomes(t, s))
	}
	things, err := d.Things(t.Context(), "message")
	if err != nil || len(things) != 1 || !strings.Contains(string(things[0].Document), `"contentLength":23`) {
		t.Errorf("the file came in as %s: %v", things[0].Document, err)
	}
}
