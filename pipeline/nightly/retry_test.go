package nightly_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"muster/pipeline/nightly"
)

// A night that the environment keeps from its end is tried again within it: what landed is not sent again, and its
// outcome is that of a night that nothing disturbed.
func TestANightIsTriedAgain(t *testing.T) {
	h := newHouse(t, strings.Replace(nightProject, "    mapping:", "    retry: 3 in 1h\n    mapping:", 1))
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(300)
	h.write("feed-01.csv", c.csv(header)+spoilt)
	asked, begun := 0, h.clock.Now()
	h.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		h.mu.Lock()
		asked++
		down := asked > 5 && h.clock.Now().Sub(begun) < 30*60e9
		h.mu.Unlock()
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return down
	})
	out, err := h.night().Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := out.Jobs[0]
	if r.ExitCode != 3 || r.State != "refused" || r.Retries == 0 || len(r.Runs) != 1 || r.Rows != 302 ||
		r.Counts["created"]+r.Counts["unchanged"] != 300 {
		t.Errorf("%+v", r)
	}
	h.same(c, "after the retries")
	if told := h.messages(); len(told) != 1 || !strings.Contains(told[0], "exit 3: 2 of 302 rows were refused\n") ||
		!strings.Contains(told[0], "tried again: ") {
		t.Errorf("told %q", told)
	}
	if records := h.records("customers"); len(records) != 1 || records[0].Retries != r.Retries {
		t.Errorf("%+v", records)
	}
}

// Retries end: then the night has failed, and is told once.
func TestRetriesEnd(t *testing.T) {
	h := newHouse(t, strings.Replace(nightProject, "    mapping:", "    retry: 3 in 1h\n    mapping:", 1))
	h.write("crm.mapping.yaml", nightMapping)
	if r := h.run(1); r.ExitCode != 6 || r.Retries != 3 || len(h.messages()) != 1 {
		t.Errorf("%+v", r)
	}
	if h.run(2); len(h.messages()) != 0 {
		t.Error("told again")
	}
}

// SIGTERM is 143 in the night's outcome, its record and its run's report.
func TestSIGTERMIs143(t *testing.T) {
	h := newHouse(t, nightProject+"    every: run\n")
	h.write("crm.mapping.yaml", nightMapping)
	c := &crowd{}
	c.grow(300)
	h.write("feed-01.csv", c.csv(header))
	ctx, cancel := context.WithCancelCause(t.Context())
	asked := 0
	h.spoil(func(http.ResponseWriter, *http.Request) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		if asked++; asked == 6 {
			cancel(errors.New("terminated signal received")) // as signal.NotifyContext has it
		}
		return false
	})
	out, err := h.night().Run(ctx, nil)
	if err != nil || out.ExitCode != 143 || out.Jobs[0].ExitCode != 143 || out.Jobs[0].Fault != nightly.FaultInterrupted {
		t.Fatalf("%+v, %v", out.Jobs[0], err)
	}
	if told := h.messages(); len(told) != 1 || !strings.Contains(told[0], "exit 143") {
		t.Errorf("told %q", told)
	}
	if records := h.records("customers"); records[0].ExitCode != 143 || len(records[0].Runs) > 0 &&
		records[0].Runs[0].ExitCode != 143 {
		t.Errorf("%+v", records[0])
	}
	h.spoil(nil)
	if r := h.run(2); r.ExitCode != 0 {
		t.Errorf("%+v", r)
	}
	h.same(c, "after the signal")
}
