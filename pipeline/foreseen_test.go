package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/kustomer"
	"muster/pipeline/link"
	"muster/pipeline/sandbox"
)

// An import that takes far more requests than were foreseen says so while it is under way, and why.
func TestAnImportSaysWhatItTakesAfterAll(t *testing.T) {
	t.Parallel()
	barred := slices.DeleteFunc(sandbox.Roles(), func(role string) bool { return role == link.RoleSearch })
	o, dir := newOrg(t, sandbox.Config{RatePerMinute: 100_000,
		Keys: map[string][]string{"all": sandbox.Roles(), "barred": barred}}), t.TempDir()
	people := func(name string) string {
		var b strings.Builder
		b.WriteString("externalId,name\n")
		for n := range 600 {
			fmt.Fprintf(&b, "%d,%s\n", n, name)
		}
		return b.String()
	}
	var said []string
	imports := func(state, key, text string) {
		config := pipeline.Config{Command: "import", Files: []string{prepared(t, dir, state+".csv", text, "")}, State: dir +
			"/" + state, Org: o.reach(t, kustomer.Config{Key: key}), Uploads: 1, Progress: &listener{func(line string) {
			said = append(said, line)
		}}}
		if s, err := pipeline.Run(t.Context(), config); err != nil || s.ExitCode != 0 {
			t.Fatal(err, s)
		}
	}
	corrected := func(line string) bool { return strings.HasPrefix(line, "more requests than the ") }
	imports("one", "all", people("Ana"))
	if slices.ContainsFunc(said, corrected) {
		t.Errorf("%q", said)
	}
	imports("two", "barred", people("Bea"))
	if at := slices.IndexFunc(said, corrected); at < 0 || !strings.Contains(said[at], "the key may not search") {
		t.Errorf("%q", said)
	}
}
