package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// Records of a kind that has bulk requests cost 25 requests for each thousand at most, whether or not the org takes
// references of KObjects. To end a conversation is a write of its own, at the same price.
func TestEveryKindIsSentInBulk(t *testing.T) {
	t.Parallel()
	const n = 2000
	with, without := sandbox.Switches{KObjectClientRef: true}, sandbox.Switches{}
	for name, c := range map[string]struct {
		switches sandbox.Switches
		header   string
		row      string // %[1]d is the row's number
		mapping  string
		writes   int
	}{
		"company":  {without, "externalId,name,domains", "A-%[1]d,Firm %[1]d,f%[1]d.example", "kind: company\ncolumns: {}", 1},
		"customer": {without, "externalId,name", "N-%[1]d,Ann %[1]d", "kind: customer\ncolumns: {}", 1},
		"order, references taken": {with, "externalId,title,who", "O-%[1]d,#%[1]d,C-1",
			"kind: kobject.order\ncolumns: {who: customer.externalId}", 1},
		"order, references refused": {without, "externalId,title,who", "O-%[1]d,#%[1]d,C-1",
			"kind: kobject.order\ncolumns: {who: customer.externalId}", 1},
		// a batch is looked for on as many pages as the Klass has by then; batches that wait share a look
		"order, references refused, pages": {sandbox.Switches{KlassPages: true}, "externalId,title,who", "O-%[1]d,#%[1]d,C-1",
			"kind: kobject.order\ncolumns: {who: customer.externalId}", 5},
		"conversation": {without, "externalId,name,who", "T-%[1]d,Lost %[1]d,C-1",
			"kind: conversation\ncolumns: {who: customer.externalId}", 1},
		"conversation that ended": {without, "externalId,name,who,status,endedAt",
			"T-%[1]d,Lost %[1]d,C-1,done,2024-02-03T04:05:06Z",
			"kind: conversation\ncolumns: {who: customer.externalId}", 2},
		"message": {without, "externalId,ticket,direction,preview", "M-%[1]d,T-0,in,Hello %[1]d",
			"kind: message\ncolumns: {ticket: conversation.externalId}\nconstants: {channel: email}", 1},
		"note": {sandbox.Switches{NoteImportExempt: true}, "externalId,ticket,body", "R-%[1]d,T-0,Hello %[1]d",
			"kind: note\ncolumns: {ticket: conversation.externalId}", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.switches.ObjectUpdatesPerMinute = -1
			o, dir := newOrg(t, sandbox.Config{Admin: true, Switches: c.switches}), t.TempDir()
			send := func(name, content, mapping string) *report.Summary {
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: o.connect(t), State: dir + "/state",
					Files:   []string{prepared(t, dir, name, content, "version: 1\n"+mapping+"\n")},
					Uploads: 4,
					Sleep:   func(context.Context, time.Duration) error { o.idle(t); return nil }}) // a job is looked at once
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			send("people.csv", "externalId,name\nC-1,Ann\n", "kind: customer\ncolumns: {}")
			send("talks.csv", "externalId,name,who\nT-0,Lost,C-1\n", "kind: conversation\ncolumns: {who: customer.externalId}")
			var b strings.Builder
			b.WriteString(c.header + "\n")
			for i := 1; i <= n; i++ {
				fmt.Fprintf(&b, c.row+"\n", i)
			}
			s := send("rows.csv", b.String(), c.mapping)
			if count(s, "created") != n {
				t.Fatalf("%+v %+v", s.Statuses, s.Problems)
			}
			per := float64(s.Requests) / float64(n*c.writes) * 1000
			t.Logf("%d requests for %d records: %.1f for each thousand", s.Requests, n, per)
			if per > 25 && !raceEnabled { // under it answers come too late
				t.Errorf("%.1f requests for each thousand", per)
			}
		})
	}
}
