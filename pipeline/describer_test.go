package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/attributes"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/sandbox"
	"muster/schema/klass"
)

// talks is an org whose conversations have attributes.
func talks(t *testing.T, c sandbox.Config) *team {
	m := newTeam(t, c)
	if err := attributes.Amend(t.Context(), m.org.connect(t).Client, "conversation",
		klass.Compare(klass.Wanted("conversation", []string{"reasonStr", "lateBool", "minutesNum"}), nil)); err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	talk1 = "64c0ffee0000000000000001"
	talk2 = "64c0ffee0000000000000002"
	talk3 = "64c0ffee0000000000000003"
)

func (m *team) reason(id string) string {
	m.t.Helper()
	c, err := m.org.connect(m.t).Client.Conversation(m.t.Context(), id)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(c.Attributes["custom"])
}

func described(id, reason string) string {
	return fmt.Sprintf(`{"conversationId":"%s","customAttributes":{"reasonStr":"%s"}}`+"\n", id, reason)
}

// Conversations are described in bulk, reconciled by evidence like customers, and not sent again when nothing changed.
func TestConversationsAreDescribed(t *testing.T) {
	m := talks(t, sandboxConfig())
	nobody := strings.Repeat("0", 24)
	content := described(talk1, "billing") + described(nobody, "x") + described(talk2, "shipping") +
		`{"conversationId":"` + talk3 + `","customAttributes":{"reasonNum":1}}` + "\n" +
		`{"conversationId":"short","customAttributes":{"reasonStr":"x"}}` + "\n" + described(talk1, "again") +
		`{"customAttributes":{"reasonStr":"x"}}` + "\n"
	s, err := m.imports(content)
	if err != nil || !s.Balanced {
		t.Fatalf("%v, %+v", err, s)
	}
	var got []string
	for _, row := range outcomes(t, s) {
		got = append(got, fmt.Sprintf("%d %s %s", row.Line, row.Status, row.Code))
	}
	want := "1 updated , 2 rejected kustomer.no_conversation, 3 updated , 4 invalid klass.unknown, 5 invalid " +
		"schema.pattern, 6 duplicate , 7 invalid schema.required"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	for _, p := range s.Problems {
		if p.Code == "klass.unknown" && (strings.Contains(p.Fix, "Customer") ||
			!strings.Contains(p.Columns[0].Expected, "the Conversation Klass")) {
			t.Errorf("of a conversation: %s; %s", p.Fix, p.Columns[0].Expected)
		}
	}
	if m.reason(talk1) != `{"reasonStr":"billing"}` || m.reason(talk2) != `{"reasonStr":"shipping"}` {
		t.Error(m.reason(talk1), m.reason(talk2))
	}
	m.org.spoil(nil)
	if s, err = m.imports(described(talk1, "billing") + described(talk2, "other")); err != nil ||
		status(s, "unchanged") != 1 || status(s, "updated") != 1 {
		t.Errorf("%v, %+v", err, s.Statuses)
	}
	if m.reason(talk2) != `{"reasonStr":"other"}` {
		t.Error(m.reason(talk2))
	}
}

// A conversation without attributes has nothing to be described with: each is a problem, and nothing is sent.
func TestConversationsWithoutAttributes(t *testing.T) {
	m := talks(t, sandboxConfig())
	m.org.spoil(nil)
	m.org.mu.Lock()
	before := m.org.writes
	m.org.mu.Unlock()
	content := `{"conversationId":"` + talk1 + `"}` + "\n" + `{"conversationId":"` + talk2 + `","customAttributes":{}}` +
		"\n" +
		`{"conversationId":"` + talk3 + `","customAttributes":null}` + "\n"
	s, err := m.imports(content)
	if err != nil || s.ExitCode != exit.Rejects || status(s, "invalid") != 3 {
		t.Fatalf("%v, %+v", err, s)
	}
	for _, row := range outcomes(t, s) {
		if row.Code != "schema.required" || !strings.Contains(row.Detail, "at least one attribute") {
			t.Errorf("line %d: %s %s", row.Line, row.Code, row.Detail)
		}
	}
	m.org.mu.Lock()
	after := m.org.writes
	m.org.mu.Unlock()
	if after != before {
		t.Errorf("%d requests were no GET", after-before)
	}
	for _, id := range []string{talk1, talk2, talk3} {
		if c, err := m.org.connect(t).Client.Conversation(t.Context(), id); err != nil || c.Rev != 1 {
			t.Errorf("%+v, %v", c, err)
		}
	}
}

// One run takes both kinds: customers first, whatever the order of the files.
func TestBothKindsInOneRun(t *testing.T) {
	m := talks(t, sandboxConfig())
	order := []string{}
	m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/bulk") {
			order = append(order, r.URL.Path)
		}
		return false
	})
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: m.org.connect(t), State: m.dir + "/state",
		Uploads: 1, Files: []string{
			prepared(t, m.dir, "talks.ndjson", described(talk1, "billing"), ""),
			prepared(t, m.dir, "people.csv", "externalId,name\n1,Ana\n", "")}})
	if err != nil || s.ExitCode != 0 || status(s, "created") != 1 || status(s, "updated") != 1 {
		t.Fatalf("%v, %+v", err, s)
	}
	if len(order) != 2 || order[0] != "/v1/customers/bulk" {
		t.Errorf("%v", order)
	}
	if _, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Verb: deliver.Create, Org: m.org.connect(t),
		State: m.dir + "/state",
		Files: []string{m.dir + "/talks.ndjson"}}); exit.Code(err) != exit.Usage {
		t.Errorf("conversations are created: %v", err)
	}
}

// Laws 2 and 3 for conversations: an answer that was lost is looked for at the conversation itself, and what never
// arrived is sent again.
func TestLaw2ADescriptionIsEvidence(t *testing.T) {
	for _, applied := range []bool{true, false} {
		m := talks(t, sandboxConfig())
		lost := 0
		m.org.spoil(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/v1/conversations/bulk" || lost > 0 {
				return false
			}
			lost++
			if applied {
				m.org.Handler().ServeHTTP(httptest.NewRecorder(), r)
				time.Sleep(200 * time.Millisecond) // the job is done before anybody asks
			} else {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			panic(http.ErrAbortHandler)
		})
		s, err := m.imports(described(talk1, "billing") + described(talk2, "shipping"))
		if err != nil || s.ExitCode != 0 || status(s, "updated") != 2 || lost != 1 {
			t.Fatalf("applied %v: %v, %+v", applied, err, s)
		}
		if m.reason(talk1) != `{"reasonStr":"billing"}` {
			t.Error(m.reason(talk1))
		}
	}
}

// An org whose jobs tell nothing: the single endpoint does.
func TestConversationsWithoutJobs(t *testing.T) {
	t.Parallel()
	m := talks(t, sandboxConfig())
	single := 0
	m.org.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/v1/conversations/bulk":
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(201)
			fmt.Fprint(w, `{"data":{"id":"64b000000000000000000001","attributes":{"status":"complete"}}}`)
			return true
		case strings.HasPrefix(r.URL.Path, "/v1/bulk/"):
			fmt.Fprint(w, `{"data":[{"attributes":{"status":"complete","results":[]}}]}`)
			return true
		case r.Method == http.MethodPut:
			single++
		}
		return false
	})
	s, err := m.imports(described(talk1, "billing"))
	if err != nil || status(s, "updated") != 1 || single != 1 || m.reason(talk1) != `{"reasonStr":"billing"}` {
		t.Errorf("%v, %d single requests, %+v", err, single, s.Statuses)
	}
}

// A key that may not describe conversations is told so before a row is read.
func TestConversationsNeedTheirRoles(t *testing.T) {
	c := sandboxConfig()
	c.Keys = map[string][]string{"lame": {"org.permission.customer", "org.permission.bulk.read",
		"org.permission.metadata.read"}}
	m := newTeam(t, c)
	if _, err := m.imports(described(talk1, "x")); exit.Code(err) != exit.Permission ||
		!strings.Contains(err.Error(), "org.permission.conversation.update") {
		t.Errorf("%v", err)
	}
}
