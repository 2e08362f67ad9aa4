package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/parallel"
	"muster/pipeline/sandbox"
	reading "muster/pipeline/source"
)

// A trap panics from its nth spring on, with a text that holds a canary and the key.
type trap struct {
	key   string
	nth   int64
	calls atomic.Int64
	off   atomic.Bool
}

func (t *trap) spring() {
	if t.calls.Add(1) >= t.nth && !t.off.Load() {
		panic(fmt.Errorf("cannot bear %s of key %s", canary, t.key))
	}
}

// RoundTrip springs for submissions.
func (t *trap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		t.spring()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Read springs.
func (t *trap) Read([]byte) (int, error) { t.spring(); return 0, io.EOF }

// sprung are the interfaces of others around a trap.
type (
	sprungProgress struct {
		said
		*trap
		phase string
	}
	sprungWatch  struct{ *trap }
	sprungReader struct {
		reading.Reader
		cut, parse *trap
	}
)

func (p *sprungProgress) Phase(name string, _ int64) { p.phase = name }
func (p *sprungProgress) Step(int64) {
	if p.phase == "import" {
		p.spring()
	}
}
func (w sprungWatch) Row(ledger.KeyHash, bool) error  { w.spring(); return nil }
func (w sprungWatch) Surveyed(*pipeline.Survey) error { return nil }
func (r sprungReader) Cut(c *reading.Chunk) error     { r.cut.spring(); return r.Reader.Cut(c) }
func (r sprungReader) Parse(c *reading.Chunk, b *reading.Block) {
	r.parse.spring()
	r.Reader.Parse(c, b)
}

// TestLaw5PanicsSayNothing: a panic in any goroutine class ends the run with an error that says where and none of what
// the panic said, and the same command brings every row home once.
func TestLaw5PanicsSayNothing(t *testing.T) {
	const rows = 450
	for name, tc := range map[string]struct {
		nth   int64
		place string // file of ours that led there
		set   func(c *pipeline.Config, o *org, s *trap)
		run   func(c pipeline.Config, s *trap) error
	}{
		"the reader": {nth: 1, place: "pipeline.go", run: func(c pipeline.Config, s *trap) error {
			return pipeline.SurveyWith(context.Background(), c,
				func(r reading.Reader) reading.Reader { return sprungReader{r, s, &trap{nth: 1 << 40}} })
		}},
		"a checker": {nth: 1, place: "checker.go", run: func(c pipeline.Config, s *trap) error {
			return pipeline.SurveyWith(context.Background(), c,
				func(r reading.Reader) reading.Reader { return sprungReader{r, &trap{nth: 1 << 40}, s} })
		}},
		"the survey": {nth: 300, place: "importing.go", set: func(c *pipeline.Config, _ *org, s *trap) {
			c.Watch = sprungWatch{s}
		}},
		"the roll": {nth: 2, place: "sending.go", set: func(c *pipeline.Config, _ *org, s *trap) {
			c.Progress = &sprungProgress{trap: s}
		}},
		"an uploader": {nth: 2, place: "jobs.go", set: func(c *pipeline.Config, _ *org, s *trap) {
			c.Sleep = func(context.Context, time.Duration) error { s.spring(); return nil }
		}},
		"the wire": {nth: 2, place: "panic_test.go", set: func(c *pipeline.Config, o *org, s *trap) {
			c.Org = o.reach(t, kustomer.Config{Transport: s})
		}},
		"the command": {nth: 3, place: "run.go", set: func(c *pipeline.Config, _ *org, s *trap) {
			c.Now = func() time.Time { s.spring(); return time.Now() }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t, sandbox.Config{})
			dir := t.TempDir()
			path := filepath.Join(dir, "people.csv")
			lines := []string{"id,name,email,score,vip"}
			for i := range rows {
				lines = append(lines, fmt.Sprintf("p-%d,Ana %s,%s%d@example.com,5,yes", i, canary, canary, i))
			}
			for at, text := range map[string]string{path: strings.Join(lines, "\n"), bind.MappingBeside(path): peopleMapping} {
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s := &trap{nth: tc.nth, key: o.Key()}
			config := pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state", Org: o.connect(t),
				Uploads: 2, Workers: 1,
				Source: reading.Options{ChunkSize: 2 << 10}} // many more blocks than are on the way at once
			broken, printed := config, &said{}
			broken.Progress = printed
			if tc.set != nil {
				tc.set(&broken, o, s)
			}
			run := tc.run
			if run == nil {
				run = func(c pipeline.Config, _ *trap) error { _, err := pipeline.Run(t.Context(), c); return err }
			}
			err := run(broken, s)
			var internal *parallel.InternalError
			if !errors.As(err, &internal) || exit.Code(err) != exit.Internal || !strings.Contains(internal.At, tc.place) ||
				!strings.Contains(internal.At, "panic_test.go:") {
				t.Fatalf("the error is %v, exit code %d; want the place %s", err, exit.Code(err), tc.place)
			}
			printed.Say(err.Error())
			printed.Say(fmt.Sprintf("%+v", err))
			if p, is := broken.Progress.(*sprungProgress); is {
				printed.lines = append(printed.lines, p.lines...)
			}
			for _, line := range printed.lines {
				if strings.Contains(line, canary) || strings.Contains(line, o.Key()) {
					t.Error("a value or the key was printed")
				}
			}
			s.off.Store(true)
			summary, err := pipeline.Run(t.Context(), config)
			if err != nil || summary.ExitCode != 0 || !summary.Balanced {
				t.Fatalf("the same command again: %v", err)
			}
			by := o.customers(t)
			for id, same := range by {
				if len(same) != 1 {
					t.Errorf("%d customers are %s", len(same), id)
				}
			}
			if len(by) != rows {
				t.Errorf("%d customers, want %d", len(by), rows)
			}
		})
	}
}
