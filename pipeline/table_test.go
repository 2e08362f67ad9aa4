package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/exit"
	"muster/pipeline/sandbox"
)

// TestLateKeysAreMapped: a key that appears only in the middle of a JSON input is mapped as if it
// had been there from the start.
func TestLateKeysAreMapped(t *testing.T) {
	var b strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&b, "{\"externalId\":\"%d\",\"name\":\"%s\"}\n", i, strings.Repeat("a", 100))
	}
	b.WriteString("{\"externalId\":\"late\",\"email\":\"late@example.com\"}\n")
	o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", State: dir + "/state", Org: o.connect(t),
		Files: []string{prepared(t, dir, "people.ndjson", b.String(), "")}})
	if err != nil || s.ExitCode != exit.OK {
		t.Fatal(err, s)
	}
	late := o.customers(t)["late"]
	if len(late) != 1 || !strings.Contains(string(late[0].Attributes), "late@example.com") {
		t.Errorf("the customer with the late key did not arrive whole: %d of them", len(late))
	}
}
