package pipeline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pipeline"
	"muster/pipeline/kustomer"
)

// What an import of other records than customers is said to take, before it sends, is what it takes within a tenth: in
// requests, and in minutes of the org's clock. Messages are bounded by the bytes of a request, not by their number.
func TestForecastOfKinds(t *testing.T) {
	t.Parallel()
	const tickets, most = 1500, 3000
	rng := rand.New(rand.NewPCG(3, 4))
	for name, long := range map[string]func() int{
		"short texts": func() int { return 200 }, "texts at the limit": func() int { return 10_240 },
		"texts as they come": func() int { return int(min(math.Exp(rng.NormFloat64()*1.2+6.5), 10_000)) },
	} {
		t.Run(name, func(t *testing.T) {
			o, dir := newCrowded(t, 200, func(float64) float64 { return 0 }), t.TempDir()
			var talks, replies strings.Builder
			talks.WriteString("externalId,name,who,status,endedAt\n")
			for i := range tickets {
				fmt.Fprintf(&talks, "T-%d,Lost %d,C-1,done,2024-02-03T04:05:06Z\n", i, i)
			}
			replies.WriteString("externalId,ticket,direction,preview,sentAt\n")
			for i, bytes := 0, 0; i < most && bytes < 6_000_000; i++ {
				text := strings.Repeat("x", long())
				bytes += len(text)
				fmt.Fprintf(&replies, "M-%d,T-%d,out,%s,2024-02-03T04:05:06Z\n", i, i%tickets, text)
			}
			files := []string{
				prepared(t, dir, "replies.csv", replies.String(), "version: 1\nkind: message\n"+
					"columns: {ticket: conversation.externalId}\nconstants: {channel: email}\n"),
				prepared(t, dir, "tickets.csv", talks.String(), "version: 1\nkind: conversation\n"+
					"columns: {who: customer.externalId}\n"),
				prepared(t, dir, "people.csv", "externalId,name\nC-1,Ann\n", "")}
			synctest.Test(t, func(t *testing.T) {
				client, err := kustomer.New(kustomer.Config{URL: o.URL(), Key: o.Key(), Share: 0.5, Transport: o})
				if err != nil {
					t.Fatal(err)
				}
				in, err := pipeline.Introduce(t.Context(), client.Viewer, dir+"/state", time.Now(), nil)
				if err != nil {
					t.Fatal(err)
				}
				var requests, before int
				var minutes time.Duration
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: files, State: dir + "/state",
					Uploads: 1, // time stands still while one batch waits for what another asks the org
					Org:     &pipeline.Org{Client: client, Token: in.Token, Asked: in.Asked, Klass: in.Klass, Name: "test"},
					Progress: &listener{func(line string) {
						if found := regexp.MustCompile(`about (\d+) requests, (\S+) at`).FindStringSubmatch(line); found != nil {
							requests, _ = strconv.Atoi(found[1])
							minutes, _ = time.ParseDuration(found[2])
							before, o.first = o.ours, time.Now()
						}
					}}})
				if err != nil || s.ExitCode != 0 {
					t.Fatalf("%v %+v %+v", err, s.Statuses, s.Problems)
				}
				took := o.last.Sub(o.first)
				t.Logf("%d requests and %v were foreseen; it took %d and %v", requests, minutes, o.ours-before, took)
				if off := float64(o.ours-before)/float64(requests) - 1; math.Abs(off) > 0.1 {
					t.Errorf("%.1f %% more requests", 100*off)
				}
				if off := took.Minutes()/minutes.Minutes() - 1; math.Abs(off) > 0.1 {
					t.Errorf("%.1f %% more minutes", 100*off)
				}
			})
		})
	}
}
