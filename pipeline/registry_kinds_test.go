package pipeline_test

import (
	"net/http"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// kindFixtures are the codes of records that belong to others: the row on line 2 of a file of conversations.
func kindFixtures() map[string]func(t *testing.T) {
	const (
		columns = "externalId,name,who,agent,way,state\n"
		mapping = "version: 1\nkind: conversation\n" +
			"columns: {who: customer.externalId, agent: assignee.email, way: direction, state: status}\n"
	)
	tries := map[string]func(t *testing.T){}
	const (
		reply   = "externalId,ticket,way,text\nM-1,T-1,in,Hello\n"
		replies = "version: 1\nkind: message\ncolumns: {ticket: conversation.externalId, way: direction, text: preview}\n" +
			"constants: {channel: email}\n"
	)
	try := func(code, status string, rows ...string) {
		tries[code] = func(t *testing.T) {
			t.Parallel()
			o, dir := newOrg(t, sandbox.Config{Admin: true}), t.TempDir()
			send := func(name, content, mapping string, more ...string) (s *report.Summary) {
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: o.connect(t), State: dir + "/state",
					Files: append(more, prepared(t, dir, name, content, mapping))})
				if s == nil {
					t.Fatal(err)
				}
				return s
			}
			send("people.csv", "externalId,name\nC-1,Ana\nC-2,Bo\n", "")
			for _, row := range rows[:len(rows)-1] {
				send("before.csv", columns+row+"\n", mapping)
			}
			var more []string
			if code == "kustomer.left_open" { // the message opens it again, and the org does not end it
				more = []string{prepared(t, dir, "replies.csv", reply, replies)}
				o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodPut {
						w.WriteHeader(http.StatusBadGateway)
					}
					return r.Method == http.MethodPut
				})
			}
			s := send("tickets.csv", columns+rows[len(rows)-1]+"\n", mapping, more...)
			found := problems(t, s)
			if len(found) != 1 || found[0].code != code || found[0].line != 2 {
				t.Errorf("problems %+v", found)
			}
			if s.ExitCode != exit.Rejects || !s.Balanced {
				t.Errorf("exit code %d, balanced %v, stopped %q", s.ExitCode, s.Balanced, s.Stopped)
			}
			if rows := outcomes(t, s); len(rows) != 1+len(more) || rows[0].Status != status || rows[0].Code != code {
				t.Errorf("outcomes %v, want one %s", rows, status)
			}
		}
	}
	try("kustomer.no_parent", "unsent", "T-1,Lost,C-9,,,")
	try("kustomer.no_user", "unsent", "T-1,Lost,C-1,nobody@acme.example,,")
	try("kustomer.fixed", "rejected", "T-1,Lost,C-1,,in,", "T-1,Lost,C-2,,in,")
	try("kustomer.left_open", "created", "T-1,Lost,C-1,,,done")
	tries["kustomer.attachment"] = func(t *testing.T) {
		t.Parallel()
		o, dir := newOrg(t, sandbox.Config{Admin: true}), t.TempDir()
		send := func(name, content, mapping string) *report.Summary {
			return bring(t, o, &migration{files: []string{prepared(t, dir, name, content, mapping)}}, dir+"/state", nil)
		}
		send("people.csv", "externalId,name\nC-1,Ana\n", "")
		send("tickets.csv", columns+"T-1,Lost,C-1,,,\n", mapping)
		s := send("replies.csv", "externalId,ticket,way,text,attachments\nM-1,T-1,in,Hello,http://127.0.0.1:1/a.png\n", replies)
		rows := outcomes(t, s)
		if len(rows) != 1 || rows[0].Status != "rejected" || rows[0].Code != "kustomer.attachment" {
			t.Errorf("outcomes %+v", rows)
		}
		things, err := o.Things(t.Context(), "message")
		if err != nil || len(things) > 0 {
			t.Errorf("messages were sent: %v %v", things, err)
		}
	}
	return tries
}
