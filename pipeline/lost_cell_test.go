package pipeline_test

import (
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/sandbox"
)

// A duplicate that lost a cell, too, has one outcome, the same in a check and in an import.
func TestDuplicateThatLostACell(t *testing.T) {
	for name, content := range map[string]string{
		"the duplicate":      "externalId,name,city,birthday\n1,Anna,Ede,\n1,Anna,Breda,«nonsense»\n2,Bram,Ede,\n",
		"it says no more":    "externalId,name,city,birthday\n1,Anna,Ede,\n1,Anna,Ede,«nonsense»\n2,Bram,Ede,\n",
		"the row that stays": "externalId,name,city,birthday\n1,Anna,Ede,«nonsense»\n1,Anna,Breda,\n2,Bram,Ede,\n",
		"both":               "externalId,name,city,birthday\n1,Anna,Ede,«nonsense»\n1,Anna,Breda,nonsense\n2,Bram,Ede,\n",
		"in conflict": "externalId,name,email,birthday\n1,Anna,a@example.com,\n2,Bram,a@example.com,«nonsense»\n" +
			"3,Cor,c@example.com,\n",
	} {
		t.Run(name, func(t *testing.T) {
			o, dir := newOrg(t, sandbox.Config{}), t.TempDir()
			path := prepared(t, dir, "people.csv", strings.NewReplacer("«", "", "»", "").Replace(content), "")
			config := pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state", BadCells: "drop"}
			checked, err := pipeline.Run(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			before := outcomes(t, checked)
			config.Command, config.Org = "import", o.connect(t)
			s, err := pipeline.Run(t.Context(), config)
			if err != nil || s.ExitCode != checked.ExitCode {
				t.Fatalf("%v, exit %d, in the check %d", err, s.ExitCode, checked.ExitCode)
			}
			for i, row := range outcomes(t, s) {
				if row.CustomerID = ""; row.Status == "created" {
					row.Status = "unsent"
				}
				if row != before[i] {
					t.Errorf("line %d\n%+v, in the check\n%+v", row.Line, row, before[i])
				}
			}
			if a, b := s.ProblemCount, checked.ProblemCount; a != b {
				t.Errorf("%d problems, in the check %d", a, b)
			}
			for _, kind := range []string{"problems", "rejects"} {
				if a, b := lines(t, s, kind), lines(t, checked, kind); a != b {
					t.Errorf("%d lines in %s.csv, in the check %d", a, kind, b)
				}
			}
		})
	}
}
