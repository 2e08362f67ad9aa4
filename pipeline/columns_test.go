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

	"github.com/xuri/excelize/v2"

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
		{line: "%s: {to: custom.d" + fmt.Sprint(n) + "At, bad-cells: refuse}",
			cell: func(token string) string { return []string{"2024-02-03", "soon " + token}[rng.IntN(2)] }},
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
	above   int // lines above the first row
}

// write writes the file's rows in the format of its name.
func (f *wildFile) write(rng *rand.Rand) error {
	switch filepath.Ext(f.path) {
	case ".csv":
		var text strings.Builder
		w := csv.NewWriter(&text)
		header := make([]string, len(f.columns))
		for i, c := range f.columns {
			header[i] = c.name
		}
		w.Write(header)
		w.WriteAll(f.rows)
		return os.WriteFile(f.path, []byte(text.String()), 0o600)
	case ".ndjson":
		f.above = 0
		var text strings.Builder
		for n, row := range f.rows {
			var members []string
			for i, c := range f.columns {
				if n > 0 && row[i] == "" && rng.IntN(2) == 0 {
					continue // the first record has every key, so that the columns stand in the order of the file
				}
				name, _ := json.Marshal(c.name)
				value, _ := json.Marshal(row[i])
				members = append(members, string(name)+":"+string(value))
			}
			text.WriteString("{" + strings.Join(members, ",") + "}\n")
		}
		return os.WriteFile(f.path, []byte(text.String()), 0o600)
	}
	book := excelize.NewFile()
	defer book.Close()
	for i, c := range f.columns {
		for n := range len(f.rows) + 1 {
			place, _ := excelize.CoordinatesToCellName(i+1, n+1)
			text := c.name
			if n > 0 {
				text = f.rows[n-1][i]
			}
			if err := book.SetCellStr("Sheet1", place, text); err != nil {
				return err
			}
		}
	}
	return book.SaveAs(f.path)
}

// writeWild writes a random file and its mapping: by hand, of a preset that is forced upon it, or none, so that it is
// guessed.
func writeWild(t *testing.T, rng *rand.Rand, how, format string) *wildFile {
	t.Helper()
	f := &wildFile{path: filepath.Join(t.TempDir(), "wild."+format), above: 1}
	f.columns = []randomColumn{{name: "External ID", line: "%s: externalId", cell: plainCell}}
	switch how {
	case "hubspot":
		for _, name := range []string{"Record ID", "First Name", "Last Name", "Phone Number x", "City", "Job Title",
			"Lead Status", "Favourite Dish", "Notes", "City"} {
			f.columns = append(f.columns, randomColumn{name: name, cell: plainCell})
		}
	case "guess":
		for _, name := range []string{"Full name", "City", "Notes", "Shoe Model", "Loyalty Tier", "custom.petNameStr"} {
			f.columns = append(f.columns, randomColumn{name: name, cell: plainCell})
		}
	default:
		for n := range 1 + rng.IntN(12) {
			c := wildColumns(rng, n)
			if format != "csv" && c.name == " " {
				c.name = fmt.Sprintf(" %d", n) // a key stands once, and a table of a workbook ends with its last name
			}
			f.columns = append(f.columns, c)
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
	for n := range 1 + rng.IntN(12) {
		row := make([]string, len(f.columns))
		for i, c := range f.columns {
			row[i] = c.cell(fmt.Sprintf("tok%dx%dend", n, i))
			if i > 0 && rng.IntN(4) == 0 {
				row[i] = ""
			}
		}
		f.rows = append(f.rows, row)
	}
	if err := f.write(rng); err != nil {
		t.Fatal(err)
	}
	if how == "by hand" {
		if err := os.WriteFile(bind.MappingBeside(f.path), []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// TestLaw1ColumnsBalance: every column has exactly one fate, and every value of a file is in the org, or its column or
// its cell is named in the report with the right count, whatever the mapping.
func TestLaw1ColumnsBalance(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"by hand", "hubspot", "guess", "by hand ndjson", "by hand xlsx", "guess xlsx"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			how, format := way, "csv"
			for _, other := range []string{"ndjson", "xlsx"} {
				if short, is := strings.CutSuffix(way, " "+other); is {
					how, format = short, other
				}
			}
			for seed := range seeds() {
				rng := rand.New(rand.NewPCG(seed, 12))
				f := writeWild(t, rng, how, format)
				config := pipeline.Config{Command: "import", Files: []string{f.path}, State: t.TempDir(),
					BadCells: []string{"", "drop"}[rng.IntN(2)]}
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
	org := o.text(t)
	problems := problemCells(t, s)
	fates, rows := s.Tables[0].Columns, outcomes(t, s)
	for i, c := range f.columns {
		filled, kept, lost := int64(0), int64(0), 0
		for n, row := range f.rows {
			status := rows[n].Status
			if row[i] == "" {
				continue
			}
			filled++
			if status != "skipped" {
				kept++ // what is in a row that the mapping skips is no loss of the column
			}
			landed := status == "created" || status == "updated"
			if landed && !strings.Contains(org, row[i]) && !strings.Contains(org, strings.ToLower(row[i])) &&
				!problems[fmt.Sprint(n+1+f.above, " ", c.name)] {
				lost++
			}
		}
		fate := fates[i]
		named := fate.Fate == report.FateIgnored || fate.Fate == report.FateLeftOut
		switch {
		case fate.Filled != filled:
			t.Errorf("seed %d: %q has %d values, the report says %d", seed, c.name, filled, fate.Filled)
		case (kept == 0) != (fate.Fate == report.FateBlank) && fate.Fate != report.FateIgnored:
			t.Errorf("seed %d: %q with %d values is %s", seed, c.name, kept, fate.Fate)
		case lost > 0 && !named:
			t.Errorf("seed %d: %d values of %q are nowhere, and the column is %s", seed, lost, c.name, fate.Fate)
		}
	}
	clean := s.Columns.Lost() == 0 && s.ProblemRows == 0
	if (s.ExitCode == exit.OK) != clean {
		t.Errorf("seed %d: exit %d with %d columns left out and %d rows with problems", seed, s.ExitCode, s.Columns.Lost(),
			s.ProblemRows)
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

// TestLaw1ColumnsOfCardsBalance is the same for cards, whose columns are the properties that cards can have.
func TestLaw1ColumnsOfCardsBalance(t *testing.T) {
	properties := []string{"FN:%s", "EMAIL;TYPE=WORK:%s@example.org", "item1.EMAIL:%s@example.com", "NOTE:%s", "TITLE:%s",
		"ORG:%s;Sales", "NICKNAME:%s",
		"CATEGORIES:%s,vip", "ADR;TYPE=HOME:;;Street 1;%s;;1000;NL", "X-SPOUSE:%s", "URL:https://example.org/%s", "ROLE:%s",
		"X-ADDRESSBOOKSERVER-KIND:group", "IMPP:xmpp:%s@example.org"}
	for seed := range seeds() {
		rng := rand.New(rand.NewPCG(seed, 13))
		var text strings.Builder
		var tokens [][]string
		for n := range 1 + rng.IntN(8) {
			fmt.Fprintf(&text, "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card%dend\r\n", n)
			var mine []string
			for i, property := range properties {
				if rng.IntN(3) > 0 {
					continue
				}
				if token := fmt.Sprintf("tok%dx%dend", n, i); strings.Contains(property, "%s") {
					mine = append(mine, token)
					property = fmt.Sprintf(property, token)
				}
				text.WriteString(property + "\r\n")
			}
			text.WriteString("END:VCARD\r\n")
			tokens = append(tokens, mine)
		}
		path := filepath.Join(t.TempDir(), "cards.vcf")
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		o := newOrg(t, sandbox.Config{})
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: t.TempDir(),
			Org: o.connect(t)})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		org, lost, named := o.text(t), int64(0), int64(0)
		for n, row := range outcomes(t, s) {
			if row.Status != "created" {
				continue
			}
			for _, token := range tokens[n] {
				if !strings.Contains(org, token) {
					lost++
				}
			}
		}
		for _, f := range s.Columns.Fates {
			if f.Fate == report.FateLeftOut || f.Fate == report.FateIgnored {
				named += f.Values
			}
		}
		if lost > named {
			t.Errorf("seed %d: %d values are nowhere, and the columns that are named have %d:\n%s", seed, lost, named,
				text.String())
		}
		if (s.ExitCode == exit.OK) != (s.Columns.Lost() == 0 && s.ProblemRows == 0) {
			t.Errorf("seed %d: exit %d with %d columns left out and %d rows with problems", seed, s.ExitCode, s.Columns.Lost(),
				s.ProblemRows)
		}
		o.close()
	}
}

// text is all that the org's customers hold.
func (o *org) text(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, list := range o.customers(t) {
		for _, c := range list {
			text, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(c.Attributes)
			all.Write(text)
		}
	}
	return all.String()
}
