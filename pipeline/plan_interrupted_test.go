package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/plan"
	"muster/pipeline/sandbox"
)

// stopper cancels when a phase begins.
type stopper struct {
	phase string
	stop  context.CancelFunc
}

func (s stopper) Phase(name string, _ int64) {
	if name == s.phase {
		s.stop()
	}
}
func (stopper) Step(int64) {}
func (stopper) Say(string) {}
func (stopper) Done()      {}

// A plan that is interrupted balances as an import does: each row that was read is unsent, and nobody is asked to
// report it.
func TestPlanInterruptedBalances(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	var file strings.Builder
	file.WriteString("externalId,name\n")
	for i := range 600 {
		fmt.Fprintf(&file, "k-%d,Person %d\n", i, i)
	}
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	config := pipeline.Config{Command: "plan", Again: "muster plan people.csv", Files: []string{path},
		State: t.TempDir(), ReadOnly: o.sight(t), Verb: deliver.Upsert,
		Progress: stopper{phase: "plan", stop: stop}}
	s, err := plan.Run(ctx, config)
	if s == nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("summary %v, error %v", s, err)
	}
	if !s.Balanced || s.ExitCode != exit.Interrupted || !strings.HasPrefix(s.Stopped, "interrupted") || s.Plan != nil {
		t.Errorf("balanced %v, exit %d, stopped %q, plan %v", s.Balanced, s.ExitCode, s.Stopped, s.Plan)
	}
	if len(s.Next) != 1 || s.Next[0].Command != config.Again {
		t.Errorf("what comes next is not the plan: %+v", s.Next)
	}
}
