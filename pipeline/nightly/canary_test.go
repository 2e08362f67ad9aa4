package nightly_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/pipeline/undo"
)

// The first night with a mapping is tried before it is believed: an org that spoils what is written gets eleven
// customers at most, whatever the number of nights, until somebody takes them back or says that it may go on.
func TestTheFirstNightIsTried(t *testing.T) {
	for _, way := range []string{"undo", "go on"} {
		t.Run(way, func(t *testing.T) {
			h := newHouse(t, nightProject)
			server, err := sandbox.Start(sandbox.Config{RatePerMinute: 1_000_000, Now: h.clock.Now,
				Misbehaviour: sandbox.Misbehaviour{Seed: 3, Rates: map[string]float64{"field-truncated": 1}}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { server.Close() })
			h.org = server
			h.write("crm.mapping.yaml", nightMapping)
			c := &crowd{}
			c.grow(300)
			h.write("feed-01.csv", c.csv(header))
			first := 0
			for number := 1; number <= 3; number++ {
				h.clock.set(halfPastTwo(number))
				out, err := h.night().Run(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				all, _ := server.Dump(context.Background())
				if number == 1 {
					first = len(all)
				}
				r := out.Jobs[0]
				if says := strings.Join(r.Says, " "); r.ExitCode != exit.Unproven || !strings.Contains(says, "the canary: ") ||
					!strings.Contains(says, "muster undo 2") {
					t.Errorf("night %d: exit %d, %q", number, r.ExitCode, says)
				}
				if len(all) > 11 || len(all) != first {
					t.Errorf("night %d: %d customers, %d after the first", number, len(all), first)
				}
			}
			if len(h.told) != 1 {
				t.Errorf("told %d times", len(h.told))
			}
			h.wellAgain(way)
			server.Behave(true)
			h.clock.set(halfPastTwo(4))
			out, err := h.night().Run(t.Context(), nil)
			all, _ := server.Dump(context.Background())
			if err != nil || out.Jobs[0].ExitCode != 0 || len(all) != 300 {
				t.Errorf("afterwards: %+v, %d customers, %v", out.Jobs[0], len(all), err)
			}
		})
	}
}

// wellAgain is what a person does about it.
func (h *house) wellAgain(way string) {
	h.t.Helper()
	if way == "go on" {
		text, err := os.ReadFile(filepath.Join(h.dir, "muster.yaml"))
		if err != nil {
			h.t.Fatal(err)
		}
		h.write("muster.yaml", strings.Replace(string(text), "    mapping:", "    canary: false\n    mapping:", 1))
		return
	}
	runs, err := os.ReadDir(filepath.Join(h.dir, ".muster", "runs"))
	if err != nil || len(runs) != 1 {
		h.t.Fatalf("%d runs, %v", len(runs), err)
	}
	client, err := kustomer.New(kustomer.Config{URL: h.front.URL, Key: h.org.Key(), Share: 1})
	if err != nil {
		h.t.Fatal(err)
	}
	token, err := client.Token(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	klass, err := client.Metadata(h.t.Context(), "customer")
	if err != nil {
		h.t.Fatal(err)
	}
	org := &pipeline.Org{Client: client, Token: token, Klass: klass, Name: "test", Host: h.front.URL}
	u, err := undo.Run(h.t.Context(), undo.Config{State: h.dir + "/.muster", Run: runs[0].Name(), ReadOnly: org.ReadOnly(),
		Now: h.clock.Now}, client,
		func(*report.Undo) error { return nil })
	if err != nil || u.Kept > 0 || u.Deleted == 0 {
		h.t.Fatalf("%+v, %v", u, err)
	}
}
