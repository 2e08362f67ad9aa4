package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"

	"muster/pipeline/bind"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// talk is one row of an endurance run's file of conversations.
type talk struct {
	id      string // the org's, or of none
	reason  string
	minutes int
	late    bool
	invalid bool
	twinOf  *talk
	meets   meeting // nobody: the org has no such conversation; same, different: it has, with these attributes or others
}

const talksMapping = `version: 1
kind: conversation
columns:
  conversation: conversationId
  reason: custom.reasonStr
  minutes: custom.minutesNum
  late: custom.lateBool
`

// converse makes the rows, and the conversations of the org that they are about; these belong to customers.
func (e *endurance) converse(rng *rand.Rand) error {
	if _, err := e.send("PUT", "/v1/metadata/conversation", map[string]any{"properties": map[string]any{
		"reasonStr": map[string]any{}, "minutesNum": map[string]any{}, "lateBool": map[string]any{},
		"keptStr": map[string]any{}}}); err != nil {
		return err
	}
	customer, err := e.post("/v1/customers", map[string]any{"name": "Old", "externalId": fmt.Sprintf("talks-%d", e.seed)})
	if err != nil {
		return err
	}
	for i := range 3 + rng.IntN(40) {
		w := &talk{reason: fmt.Sprintf("Reason %d Longname", i), minutes: rng.IntN(500), late: rng.IntN(2) == 0,
			meets: different}
		switch k := rng.IntN(16); {
		case k == 0:
			w.meets, w.id = nobody, fmt.Sprintf("%024x", rng.Uint64()>>1)
		case k == 1:
			w.meets = same
		case k == 2:
			w.invalid = true
		case k == 3 && i > 0:
			if w.twinOf = e.talks[rng.IntN(i)]; w.twinOf.twinOf != nil || w.twinOf.invalid {
				w.twinOf = nil
			} else {
				w.id, w.meets = w.twinOf.id, w.twinOf.meets
			}
		}
		custom := map[string]any{"keptStr": "kept", "minutesNum": -1}
		if w.meets == same {
			custom = map[string]any{"keptStr": "kept", "reasonStr": w.reason, "minutesNum": w.minutes, "lateBool": w.late}
		}
		if w.id == "" {
			if w.id, err = e.post("/v1/conversations", map[string]any{"customer": customer, "name": "Kept",
				"custom": custom}); err != nil {
				return err
			}
		}
		e.talks = append(e.talks, w)
	}
	return nil
}

func (e *endurance) writeTalks(path string) error {
	var b strings.Builder
	b.WriteString("conversation,reason,minutes,late\n")
	for _, w := range e.talks {
		late := fmt.Sprint(w.late)
		if w.invalid {
			late = "perhaps"
		}
		fmt.Fprintf(&b, "%s,%s,%d,%s\n", w.id, w.reason, w.minutes, late)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile(bind.MappingBeside(path), []byte(talksMapping), 0o600)
}

// ear stands before the org and notes what it is asked about conversations.
type ear struct {
	http.Handler
	mu    sync.Mutex
	doubt map[string]bool // conversations that were written to and not looked at since
	blind []string        // those that were written to again without a look at them
}

// ServeHTTP is http.Handler.
func (l *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/conversations/") {
		l.Handler.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client was killed: nothing reaches the org
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	answer := &overheard{ResponseWriter: w}
	defer func() {
		cut := recover()
		l.note(r, body, answer.status, cut != nil)
		if cut != nil {
			panic(cut)
		}
	}()
	l.Handler.ServeHTTP(answer, r)
}

// note takes down what a request did, as far as its client may think of it.
func (l *ear) note(r *http.Request, body []byte, status int, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Method == http.MethodGet {
		if !cut && (status == http.StatusOK || status == http.StatusNotFound) {
			delete(l.doubt, path.Base(r.URL.Path))
		}
		return
	}
	if status >= 400 && status < 500 {
		return // refused: nothing was written
	}
	var items []struct{ ID string }
	if json.Unmarshal(body, &items) != nil {
		items = []struct{ ID string }{{path.Base(r.URL.Path)}}
	}
	for _, item := range items {
		if l.doubt[item.ID] {
			l.blind = append(l.blind, item.ID)
		}
		l.doubt[item.ID] = true
	}
}

// settled forgets what was written: what comes now is another import.
func (l *ear) settled() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubt = map[string]bool{}
}

// overheard remembers with which status a request was answered.
type overheard struct {
	http.ResponseWriter
	status int
}

// WriteHeader is http.ResponseWriter.
func (o *overheard) WriteHeader(status int) {
	o.status = status
	o.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a connection be flushed.
func (o *overheard) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (e *endurance) dumpTalks() map[string]sandbox.Conversation {
	all, err := e.server.Conversations(context.Background())
	if err != nil {
		e.fail("%v", err)
	}
	by := map[string]sandbox.Conversation{}
	for _, c := range all {
		by[c.ID] = c
	}
	return by
}

// auditTalks holds the outcomes of conversations against the org's database.
func (e *endurance) auditTalks(rows []report.OutcomeRow, wrong func(string, ...any)) {
	now := e.dumpTalks()
	told := map[string]bool{}
	for i, row := range rows {
		e.statuses[row.Status]++
		if int(row.Line) != i+2 {
			wrong("outcome %d of the conversations is of line %d", i, row.Line)
			return
		}
		w := e.talks[i]
		told[w.id] = true
		if says := e.untrueTalk(w, row, now); says != "" {
			wrong("conversation %s of line %d is %s (%s %s), and %s: %+v: %s", w.id, row.Line, row.Status, row.Code, row.Detail,
				says, *w, now[w.id].Document)
		}
	}
	for id, c := range now {
		was, there := e.talksBefore[id]
		switch {
		case !there:
			wrong("conversation %s was made", id)
		case !told[id] && string(was.Document) != string(c.Document):
			wrong("conversation %s is in no row and has changed", id)
		}
	}
	e.ear.mu.Lock()
	defer e.ear.mu.Unlock()
	for _, id := range e.ear.blind {
		wrong("conversation %s was written to again before anybody looked what had become of it", id)
	}
}

// untrueTalk says what of a conversation's outcome does not hold; "" all does.
func (e *endurance) untrueTalk(w *talk, row report.OutcomeRow, now map[string]sandbox.Conversation) string {
	c, there := now[w.id]
	switch row.Status {
	case "updated", "unchanged":
		switch {
		case w.invalid || w.twinOf != nil:
			return "it is not to be sent"
		case !there:
			return "the org has no such conversation"
		case row.CustomerID != w.id:
			return "another one is named"
		}
		return e.lacksOf(w, c)
	case "rejected":
		switch {
		case row.Code == "kustomer.no_conversation" && !there && w.meets == nobody:
		case row.Code == "kustomer.refused" && e.server.Unwelcome(w.id):
		default:
			return "that is no reason to reject it"
		}
	case "invalid":
		if !w.invalid {
			return "it is valid"
		}
	case "duplicate":
		if w.twinOf == nil {
			return "it is nobody's twin"
		}
		return "" // of the one that stays the other row tells
	default:
		return "the org could have been asked"
	}
	return e.untouched(w.id, c)
}

// untouched says whether a conversation is not as it was, but for what a rival did.
func (e *endurance) untouched(id string, c sandbox.Conversation) string {
	was, now := talkOf(e.talksBefore[id]), talkOf(c)
	if was.Custom != now.Custom {
		return "it was written to"
	}
	return ""
}

// lacksOf says which of the row's values a conversation does not have, and which of its own it has lost.
func (e *endurance) lacksOf(w *talk, c sandbox.Conversation) string {
	has, was := talkOf(c), talkOf(e.talksBefore[w.id])
	want := talkCustom{Reason: w.reason, Minutes: w.minutes, Late: w.late, Kept: was.Custom.Kept}
	if has.Custom.Kept == "" && e.switches.CustomReplaced {
		want.Kept = "" // such an org drops what an update does not name
	}
	switch {
	case has.Customer != was.Customer || has.Name != was.Name && !strings.HasPrefix(has.Name, "Edited "):
		return "it has lost what was not to be changed"
	case has.Custom != want && !(e.rates["field-dropped"] > 0 && has.Custom == was.Custom):
		return "it has other attributes"
	}
	return ""
}

// talkHeld is what a conversation holds.
type talkHeld struct {
	Customer, Name string
	Custom         talkCustom
}

type talkCustom struct {
	Reason  string `json:"reasonStr"`
	Minutes int    `json:"minutesNum"`
	Late    bool   `json:"lateBool"`
	Kept    string `json:"keptStr"`
}

func talkOf(c sandbox.Conversation) (h talkHeld) {
	if c.Document != nil {
		if err := json.Unmarshal(c.Document, &h); err != nil {
			panic(err)
		}
	}
	return h
}

// changeTalks alters some rows as a feed does from one night to the next.
func changeTalks(rng *rand.Rand, talks []*talk) {
	for _, w := range talks {
		if rng.IntN(3) == 0 {
			w.minutes += 1000
		}
	}
}
