package nightly_test

import (
	"strings"
	"testing"
)

// A row whose cells cannot be told apart is in no file of rejects: the night says so, and where it stands.
func TestRowsThatNoRejectsFileHasAreTold(t *testing.T) {
	h := newHouse(t, nightProject)
	h.write("crm.mapping.yaml", nightMapping)
	h.clock.set(halfPastTwo(1))
	h.write("feed-01.csv", header+"1,Anna,a@example.com,Ede,5\n2,\"Bo \"B\" Berg\",b@example.com,Ede,5\n3,Cas,c@example,Ede,5\n")
	out, err := h.night().Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = "1 refused row is in no rejects.csv, since its cells cannot be told apart: line 3 of feed-01.csv"
	if r := out.Jobs[0]; r.ExitCode != 3 || !strings.Contains(strings.Join(r.Says, "\n"), want) {
		t.Errorf("exit %d, %s, %q", r.ExitCode, r.State, r.Says)
	}
}

// A night whose file says two things of one customer is not clean, and says so.
func TestDuplicatesThatDifferAreTold(t *testing.T) {
	h := newHouse(t, nightProject)
	h.write("crm.mapping.yaml", nightMapping)
	h.clock.set(halfPastTwo(1))
	h.write("feed-01.csv", header+"1,Anna,a@example.com,Ede,5\n1,Anna,a@example.com,Breda,5\n")
	out, err := h.night().Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = "1 duplicate says something else in 1 column, and none of that is imported"
	if r := out.Jobs[0]; r.ExitCode != 3 || r.State != "refused" || !strings.Contains(strings.Join(r.Says, "\n"), want) {
		t.Errorf("exit %d, %s, %q", r.ExitCode, r.State, r.Says)
	}
}
