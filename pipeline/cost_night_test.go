package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/pipeline/sandbox"
)

// forecastLine is what is said of an import before anything is sent.
var forecastLine = regexp.MustCompile(`about \d+ requests, (\S+) at \d+ of`)

// foretold imports a file of an org of 1,000 requests a minute, of which half are granted and 50 may be searches, and
// holds what was foreseen to what it took, within a tenth of the time. most is how many requests it may take.
func foretold(t *testing.T, o *org, at *timed, what, file, state string, most int, want map[string]int64) {
	t.Helper()
	o.spoil(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", at.now().UTC().Format(http.TimeFormat))
		return false
	})
	connected := o.introduced(t, kustomer.Config{Now: at.now, Share: 0.5, Sleep: skip(at)}, state, at.now())
	var said []string
	before := at.now()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{file}, State: state,
		Org: connected, Uploads: 1, Progress: &listener{func(line string) { said = append(said, line) }}, Now: at.now,
		Sleep: func(context.Context, time.Duration) error { o.idle(t); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for status, n := range want {
		if count(s, status) != n {
			t.Errorf("%s: %d %s, want %d", what, count(s, status), status, n)
		}
	}
	took, line := at.now().Sub(before), ""
	for _, one := range said {
		if strings.HasPrefix(one, "rows fit to be sent: ") {
			line = one
		}
	}
	found := forecastLine.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("%s: nothing was foreseen: %q", what, said)
	}
	due, err := time.ParseDuration(found[1])
	if found[1] == "seconds" {
		due, err = min(took, 10*time.Second), nil
	}
	t.Logf("%s: %d requests in %v; %s", what, s.Requests, took.Round(time.Second/10), line)
	if off := took - due; err != nil || max(off, -off) > due/10+time.Second {
		t.Errorf("%s: it took %v, %v were foreseen", what, took, due)
	}
	if s.Requests > int64(most) {
		t.Errorf("%s: %d requests, %d are allowed", what, s.Requests, most)
	}
}

// What an import costs is foreseen, by the sum of those who read: a first import, one right after it, nights of which
// one row in a hundred has changed, and the org's own export.
func TestForecastHolds(t *testing.T) {
	t.Parallel()
	rows := 20_000
	if *allSeeds {
		rows = 200_000
	}
	// What takes time is what the org's budget has to be waited for.
	at := &timed{still: time.Now().Truncate(time.Second)}
	p := newPriced(t, rows)
	p.o.close()
	p.o = newOrg(t, sandbox.Config{Now: at.now, RatePerMinute: 1000})
	n, part, state := int64(rows), int64(rows/100), p.dir+"/state"
	hold := func(what string, most int, want map[string]int64) {
		t.Helper()
		p.write()
		foretold(t, p.o, at, what, p.path, state, most, want)
	}
	hold("a first import", rows/50+4, map[string]int64{"created": n})
	at.move(time.Minute)
	for i := range p.says {
		p.says[i] = "2"
	}
	// On a clock that stands still many are updated at one moment, and a reading that begins anew shows them again.
	hold("all again, right after it", rows/50+rows/100+rows/400+4, map[string]int64{"updated": n})
	at.move(24 * time.Hour)
	for i := 0; i < rows; i += 100 {
		p.says[i+i/100%97] = "3"
	}
	night := rows/100/20 + rows/100/50
	hold("a night", night+4, map[string]int64{"updated": part, "unchanged": n - part})
	at.move(24 * time.Hour)
	for i := 0; i < rows; i += 100 {
		p.also[i+i/100%83] = fmt.Sprintf(";more-%d@example.com", i)
	}
	hold("a night of lists", night+rows/100/25+6, map[string]int64{"updated": part, "unchanged": n - part})
	hold("nothing new", 2, map[string]int64{"unchanged": n})

	at.move(24 * time.Hour)
	var b strings.Builder
	b.WriteString("ID,External,Name,Email\n")
	var lines []string // of an export, which lists customers as they were updated
	for external, some := range p.o.customers(t) {
		var c struct{ Name, UpdatedAt string }
		if err := json.Unmarshal(some[0].Attributes, &c); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s\x00%s,%s,%s,%s@example.com\n", c.UpdatedAt, some[0].ID, external, c.Name,
			external))
	}
	slices.Sort(lines)
	for _, line := range lines {
		_, line, _ = strings.Cut(line, "\x00")
		b.WriteString(line)
	}
	own := p.dir + "/own.csv"
	for path, text := range map[string]string{own: b.String(), bind.MappingBeside(own): byOwnID} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	foretold(t, p.o, at, "the org's own export", own, p.dir+"/other", rows/50+50, map[string]int64{"unchanged": n})
}
