package pipeline_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
	"muster/schema/klass"
)

// A randomColumn is one column of a random file: what its cells hold and what the mapping says of it.
type randomColumn struct {
	name string
	line string // its line under columns:, with %s for the name; "" none
	more string // a line elsewhere in the mapping
	cell func(token string) string
	flag bool // --ignore names it
}

func plainCell(token string) string { return token }

// wildColumns are columns as files have them, and as mappings of all kinds treat them. n keeps their names apart.
func wildColumns(rng *rand.Rand, n int) randomColumn {
	name := fmt.Sprintf("Col %d", n)
	number := func(token string) string { return fmt.Sprintf("%d.5", 7_000_000+rng.IntN(999_999)) }
	kinds := []randomColumn{
		{line: "%s: custom.c" + fmt.Sprint(n) + "Str", cell: plainCell},
		{line: "%s: custom.n" + fmt.Sprint(n) + "Num", cell: number},
		{line: "%s: {to: custom.n" + fmt.Sprint(n) + "Num, bad-cells: drop}", cell: plainCell}, // no number at all
		{line: "%s: {to: custom.d" + fmt.Sprint(n) + "At, bad-cells: refuse}", cell: func(token string) string { return []string{"2024-02-03", "soon " + token}[rng.IntN(2)] }},
		{line: "%s: ignore", cell: plainCell},
		{line: "%s: undecided", cell: plainCell},
		{cell: plainCell},             // nothing takes it
		{cell: plainCell, flag: true}, // --ignore does
		{line: "%s: tags", cell: plainCell},
		{line: `%s: {to: custom.j` + fmt.Sprint(n) + `Str, join: " "}`, cell: plainCell},
		{line: "%s: locations[" + fmt.Sprint(1+n%9) + "].city", cell: plainCell},
		{more: "derived:\n  custom.w" + fmt.Sprint(n) + "Str: \"<{%s}>\"", cell: plainCell},
		{more: "skip: {%s: gone}", cell: func(string) string { return []string{"gone", "here"}[rng.IntN(2)] }},
		{cell: func(string) string { return "" }},
		{name: " ", cell: plainCell}, // it has no name
	}
	c := kinds[rng.IntN(len(kinds))]
	if c.name == "" {
		c.name = name
	}
	return c
}

// wildFile is a file with random columns, its mapping, and what its cells hold.
type wildFile struct {
	path    string
	columns []randomColumn
	rows    [][]string
}

// writeWild writes a random file and its mapping: by hand, of a preset that is forced upon it, or none, so that it is guessed.
func writeWild(t *testing.T, rng *rand.Rand, how string) *wildFile {
	t.Helper()
	f := &wildFile{path: filepath.Join(t.TempDir(), "wild.csv")}
	f.columns = []randomColumn{{name: "External ID", line: "%s: externalId", cell: plainCell}}
	switch how {
	case "hubspot":
		for _, name := range []string{"Record ID", "First Name", "Last Name", "Phone Number x", "City", "Job Title", "Lead Status", "Favourite Dish", "Notes", "City"} {
			f.columns = append(f.columns, randomColumn{name: name, cell: plainCell})
		}
	case "guess":
		for _, name := range []string{"Full name", "City", "Notes", "Shoe Model", "Loyalty Tier", "custom.petNameStr"} {
			f.columns = append(f.columns, randomColumn{name: name, cell: plainCell})
		}
	default:
		for n := range 1 + rng.IntN(12) {
			f.columns = append(f.columns, wildColumns(rng, n))
		}
	}
	more := map[string][]string{} // derived: and skip: stand once each
	mapping := "version: 1\nkind: customer\nkeys: [externalId]\nunmapped: ignore\nmissing: ignore\n"
	if rng.IntN(2) == 0 {
		mapping += "attributes: ignore\n"
	}
	mapping += "columns:\n"
	for i, c := range f.columns {
		if c.line != "" {
			mapping += "  " + fmt.Sprintf(c.line, c.name) + "\n"
		}
		if c.more != "" {
			head, line, _ := strings.Cut(fmt.Sprintf(c.more, c.name), ":")
			more[head] = append(more[head], line)
		}
		_ = i
	}
	if lines := more["derived"]; lines != nil {
		mapping += "derived:" + strings.Join(lines, "") + "\n"
	}
	if lines := more["skip"]; lines != nil {
		mapping += "skip:\n  -" + strings.Join(lines, "\n  -") + "\n"
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	header := make([]string, len(f.columns))
	for i, c := range f.columns {
		header[i] = c.name
	}
	w.Write(header)
	for n := range 1 + rng.IntN(12) {
		row := make([]string, len(f.columns))
		for i, c := range f.columns {
			row[i] = c.cell(fmt.Sprintf("tok%dx%dend", n, i))
			if i > 0 && rng.IntN(4) == 0 {
				row[i] = ""
			}
		}
		f.rows = append(f.rows, row)
		w.Write(row)
	}
	w.Flush()
	if err := os.WriteFile(f.path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if how == "by hand" {
		if err := os.WriteFile(bind.MappingBeside(f.path), []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// TestLaw1ColumnsBalance: every column has exactly one fate, and every value of a file is in the org, or its column or its cell is
// named in the report with the right count, whatever the mapping.
func TestLaw1ColumnsBalance(t *testing.T) {
	for _, how := range []string{"by hand", "hubspot", "guess"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds() {
				rng := rand.New(rand.NewPCG(seed, 12))
				f := writeWild(t, rng, how)
				config := pipeline.Config{Command: "import", Files: []string{f.path}, State: t.TempDir(), BadCells: []string{"", "drop"}[rng.IntN(2)]}
				for _, c := range f.columns {
					if c.flag {
						config.Ignore = append(config.Ignore, c.name)
					}
				}
				switch how {
				case "hubspot":
					config.Mapping = "hubspot"
				case "guess":
					config.Confidence = 0.01
				}
				o := newOrg(t, sandbox.Config{})
				config.Org = o.connect(t)
				if how == "guess" || rng.IntN(2) == 0 {
					config.Agree = func(string, []klass.Difference) error { return nil }
				}
				s, err := pipeline.Run(t.Context(), config)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				holdColumns(t, o, f, s, seed)
				o.close()
			}
		})
	}
}

// holdColumns holds a report to a file and an org.
func holdColumns(t *testing.T, o *org, f *wildFile, s *report.Summary, seed uint64) {
	t.Helper()
	var sum int64
	for _, fate := range s.Columns.Fates {
		sum += fate.Columns
	}
	if sum != int64(len(f.columns)) || s.Columns.Columns != sum {
		t.Fatalf("seed %d: the fates of %d columns add up to %d of %d", seed, len(f.columns), sum, s.Columns.Columns)
	}
	org := ""
	for _, all := range o.customers(t) {
		for _, c := range all {
			text, _ := json.Marshal(c)
			org += string(c.Attributes) + string(text)
		}
	}
	problems := problemCells(t, s)
	fates := s.Tables[0].Columns
	for i, c := range f.columns {
		filled, lost := int64(0), 0
		for n, row := range f.rows {
			status := outcomes(t, s)[n].Status
			if row[i] == "" {
				continue
			}
			filled++
			landed := status == "created" || status == "updated"
			if landed && !strings.Contains(org, row[i]) && !strings.Contains(org, strings.ToLower(row[i])) && !problems[fmt.Sprint(n+2, " ", c.name)] {
				lost++
			}
		}
		fate := fates[i]
		named := fate.Fate == report.FateIgnored || fate.Fate == report.FateLeftOut
		switch {
		case fate.Filled != filled:
			t.Errorf("seed %d: %q has %d values, the report says %d", seed, c.name, filled, fate.Filled)
		case (filled == 0) != (fate.Fate == report.FateBlank) && fate.Fate != report.FateIgnored:
			t.Errorf("seed %d: %q with %d values is %s", seed, c.name, filled, fate.Fate)
		case lost > 0 && !named:
			t.Errorf("seed %d: %d values of %q are nowhere, and the column is %s", seed, lost, c.name, fate.Fate)
		}
	}
	clean := s.Columns.Lost() == 0 && s.ProblemRows == 0
	if (s.ExitCode == exit.OK) != clean {
		t.Errorf("seed %d: exit %d with %d columns left out and %d rows with problems", seed, s.ExitCode, s.Columns.Lost(), s.ProblemRows)
	}
	listed := int64(0)
	for _, l := range s.Columns.LeftOut {
		listed++
		if l.Values == 0 || l.Why == "" || (l.Lacks == "") == (l.Line == "") {
			t.Errorf("seed %d: %+v", seed, l)
		}
	}
	if listed+s.Columns.More != s.Columns.Lost() {
		t.Errorf("seed %d: %d columns are left out, %d are listed", seed, s.Columns.Lost(), listed)
	}
}

// problemCells are the cells that problems.csv names: "line column".
func problemCells(t *testing.T, s *report.Summary) map[string]bool {
	t.Helper()
	cells := map[string]bool{}
	for _, f := range s.Files {
		if f.Kind != "problems" {
			continue
		}
		file, err := os.Open(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			cells[row[2]+" "+row[4]] = true
		}
	}
	return cells
}
