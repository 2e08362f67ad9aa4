package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", path, text)
	}
}

// address is the spreadsheet's name of a cell in the first 26 columns.
func address(column int, number int64) string { return fmt.Sprintf("%c%d", 'A'+column, number) }

func explain(code string) (meaning, fix string) {
	return "the meaning of " + code, "what helps against " + code + ", in words long enough to go on in another line"
}

// summaries are one of each kind of run.
func summaries() map[string]*Summary {
	meanings := []string{"a new customer in the org, by evidence",
		"a customer the org had already, changed as the row says",
		"the org has exactly this already", "another row of this input is the same customer",
		"the mapping's own filter left it out",
		"refused before sending; nothing was sent", "the org refused it", "no request for it was begun",
		"a request was begun and its end could not be learned"}
	base := func(command string, rows int64, counts map[string]int64) *Summary {
		started := time.Date(2026, 11, 21, 12, 30, 0, 0, time.UTC)
		s := &Summary{Muster: "1.0", Run: "20261121-123000-7f3a", Command: command, Rows: rows, Started: started,
			Ended: started.Add(2310 * time.Millisecond), Mapping: "samples/customers.mapping.yaml", Statuses: Balance(counts),
			Inputs: []Input{{File: "samples/customers.csv", Format: "csv", Rows: rows, Bytes: 107_431}}}
		for i := range s.Statuses {
			s.Statuses[i].Meaning = meanings[i]
		}
		return s
	}

	clean := base("check", 1_000_000, map[string]int64{"unsent": 1_000_000})
	clean.Columns = &Columns{Columns: 2, Fates: []FateCount{{FateSent, 1, 9, 0}, {Fate: FateRefusals}, {Fate: FateIgnored},
		{Fate: FateLeftOut}, {Fate: FateBlank, Columns: 1}}}
	clean.Inputs[0] = Input{File: "-", Format: "csv", Rows: 1_000_000, Bytes: 361_000_000}

	var tally Tally
	for i := range int64(1204) {
		at := Place{Ordinal: i, File: "samples/customers.csv", Line: i + 2, Number: i + 2, Column: int(i % 7)}
		tally.Count("cell.date", fmt.Sprint("Date ", i%7), at)
		if i%400 == 0 {
			at.Column = -1
			tally.Count("row.width", "", at)
		}
	}
	problems := base("import", 300, map[string]int64{"created": 282, "updated": 3, "duplicate": 1, "invalid": 11,
		"rejected": 3})
	problems.Org = &Org{Name: "Acme Support", Host: "acme.api.kustomerapp.com"}
	problems.Tables = []Table{{File: "samples/customers.csv", Rows: 298, Looked: 40, Columns: []Profile{
		{Column: "Customer ID", Filled: 298, Distinct: 40, Kinds: []Kind{{"text", 40}}},
		{Column: "Birthday", Filled: 120, Distinct: 12, Kinds: []Kind{{"date", 11}, {"text", 4}}, Problems: 1204},
		{Column: "Notes", Filled: 0}}, More: 2}}
	problems.Tables[0].Columns[0].Fate, problems.Tables[0].Columns[1].Fate, problems.Tables[0].Columns[2].Fate = FateSent,
		FateRefusals, FateLeftOut
	problems.Columns = &Columns{Columns: 22, Fates: []FateCount{{FateSent, 10, 2980, 0}, {FateRefusals, 1, 120, 1204},
		{FateIgnored, 1, 298, 0}, {FateLeftOut, 8, 1204, 0}, {FateBlank, 2, 0, 0}},
		Mapping: "samples/customers.mapping.yaml", More: 5, LeftOut: []LeftOut{
			{Column: "Total Spent", File: "samples/customers.csv", Place: 9, Values: 1000, Why: "nothing takes it",
				Line: "Total Spent: custom.totalSpentNum"},
			{Column: "Accepts\x1b[31m Marketing", File: "samples/customers.csv", Place: 10, Named: true, Values: 298,
				Why: "the org has no attribute acceptsMarketingBool", Lacks: "acceptsMarketingBool"},
			{Column: "column 7", File: "samples/customers.csv", Place: 7, Values: 1, Why: "nothing takes it",
				Line: "column 7: custom.column7Str"}},
		Ways: []Next{{"muster import samples/customers.csv --to sandbox --create-attributes",
			"makes the attributes that the org lacks, and imports their columns"}}}
	problems.Customers = []Customer{{Status: "created", File: "samples/customers.csv", Line: 2,
		ID: "5f1f2c9e0a1b2c3d4e5f6a7b", URL: "https://acme.kustomerapp.com/app/customers/5f1f2c9e0a1b2c3d4e5f6a7b"}}
	problems.Moments = []Moment{{0, 0, 2}, {0.5, 80, 8}, {1, 170, 17}, {1.5, 230, 24}, {2, 300, 31}}
	problems.Requests, problems.Budget = 31, &Budget{Limit: 1000, Granted: 500, Used: 31, Share: 0.031, Throttled: 1}
	problems.Problems, problems.ProblemRows = tally.Problems(address, explain), tally.Rows()
	problems.Files = []File{{"outcomes", ".muster/runs/20261121-123000-7f3a/outcomes.csv"},
		{"rejects", ".muster/runs/20261121-123000-7f3a/rejects.csv"}}
	problems.Stray = &Stray{Rows: 9}
	for i := range int64(5) {
		problems.Stray.Places = append(problems.Stray.Places, Sample{File: "samples/customers.csv", Line: 20 + 7*i})
	}
	problems.Next = []Next{{"muster explain cell.date", "says what the most frequent problem means"}}
	problems.ExitCode = 3

	broken := base("import", 300, map[string]int64{"created": 280, "unknown": 4, "unsent": 14})
	broken.Org = &Org{Host: "127.0.0.1:8080"}
	broken.Missing, broken.ExitCode = 2, 8
	broken.Stopped = "the org stopped answering: dial tcp 127.0.0.1:8080: connection refused, after trying for five " +
		"minutes"
	broken.Moved = &Moved{File: "exports/part.xlsx", Sheet: "Customers", Line: 9, Fix: "cut the file there"}
	for i := range 12 {
		broken.Inputs = append(broken.Inputs, Input{File: fmt.Sprintf("exports/2026/a folder with a long name/part-%02d.xlsx",
			i),
			Sheet: "Customers", Format: "xlsx", Rows: 1, Bytes: 999_999})
	}
	var many Tally
	for i := range int64(14) {
		many.Count(fmt.Sprintf("schema.code%02d", i), "顧客の名前\x1b[31m\n", Place{Ordinal: i, File: broken.Inputs[i%13].File,
			Sheet: "Customers", Line: 1, Number: 1 + i, Column: 25})
	}
	broken.Problems, broken.ProblemRows = many.Problems(address, explain), many.Rows()
	return map[string]*Summary{"clean": clean, "problems": problems, "broken": broken}
}

func TestText(t *testing.T) {
	for name, s := range summaries() {
		s.Settle()
		for _, color := range []bool{false, true} {
			file := name + map[bool]string{false: ".txt", true: ".ansi"}[color]
			t.Run(file, func(t *testing.T) {
				var text bytes.Buffer
				if err := Text(&text, s, 80, color); err != nil {
					t.Fatal(err)
				}
				golden(t, file, text.Bytes())
			})
		}
	}
}

func TestSummaryJSON(t *testing.T) {
	for name, s := range summaries() {
		s.Settle()
		path := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := WriteJSON(path, s); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", text)
		back, err := ReadJSON(path)
		if err != nil {
			t.Fatal(err)
		}
		again := filepath.Join(t.TempDir(), "again.json")
		if err := WriteJSON(again, back); err != nil {
			t.Fatal(err)
		}
		if second, err := os.ReadFile(again); err != nil || !bytes.Equal(second, text) {
			t.Errorf("%s reads back as something else: %v", name, err)
		}
	}
}

func TestWriteJSONWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "report.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(filepath.Join(dir, "report.json"), &Summary{}); err == nil {
		t.Error("wrote over a directory")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := WriteJSON(filepath.Join(dir, "none", "report.json"), &Summary{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestReadJSONRefusesOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	for text, want := range map[string]string{`{"version": 2}`: "version 2", `{`: "unexpected end",
		`[]`: "cannot unmarshal"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadJSON(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// The books balance only where the statuses add up to the rows read and no row lacks an outcome; the text says which.
func TestSettleBalances(t *testing.T) {
	for name, test := range map[string]struct {
		counts        map[string]int64
		rows, missing int64
		want          bool
	}{
		"adds up":             {map[string]int64{"created": 2, "unknown": 1}, 3, 0, true},
		"no rows":             {nil, 0, 0, true},
		"one too few":         {map[string]int64{"created": 2}, 3, 0, false},
		"one too many":        {map[string]int64{"created": 4}, 3, 0, false},
		"one missing":         {map[string]int64{"created": 3}, 3, 1, false},
		"a status unheard of": {map[string]int64{"created": 2, "lost": 1}, 3, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Summary{Rows: test.rows, Missing: test.missing, Statuses: Balance(test.counts)}
			s.Settle()
			var text bytes.Buffer
			if err := Text(&text, s, 80, false); err != nil {
				t.Fatal(err)
			}
			says := strings.Contains(text.String(), "balances") && !strings.Contains(text.String(), "DOES NOT BALANCE")
			if s.Balanced != test.want || says != test.want || s.Unknown != test.counts["unknown"] {
				t.Errorf("balanced %v, unknown %d:\n%s", s.Balanced, s.Unknown, &text)
			}
		})
	}
}

// Whatever the names, every line fits but those that hold a path or a command, and nothing steers the terminal.
func TestTextFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("ab \x1b\n\r\u202e顧é👩\u200d")), 0, 60,
			-1))
		count := rapid.Int64Range(0, 1<<50)
		width := rapid.IntRange(60, 120).Draw(t, "width")
		s := &Summary{Command: "import", Rows: count.Draw(t, "rows"), Stopped: short(name.Draw(t, "stopped")),
			Statuses: Balance(map[string]int64{"created": count.Draw(t, "created")}),
			Org:      &Org{Name: name.Draw(t, "org")}, Requests: count.Draw(t, "requests")}
		for range rapid.IntRange(0, 12).Draw(t, "inputs") {
			s.Inputs = append(s.Inputs, Input{File: name.Draw(t, "file"), Sheet: name.Draw(t, "sheet"), Format: "csv",
				Rows: count.Draw(t, "n"), Bytes: count.Draw(t, "b")})
		}
		for range rapid.IntRange(0, 12).Draw(t, "codes") {
			p := Problem{Code: "cell.phone", Count: 7, Meaning: "no phone", Fix: "write it"}
			for range rapid.IntRange(0, 6).Draw(t, "columns") {
				p.Columns = append(p.Columns, Column{Column: short(name.Draw(t, "column")), Count: count.Draw(t, "n"),
					Samples: []Sample{{File: short(name.Draw(t, "at")), Cell: "F14"}}})
			}
			s.Problems = append(s.Problems, p)
		}
		s.Settle()
		for _, color := range []bool{false, true} {
			var text bytes.Buffer
			if err := Text(&text, s, width, color); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(text.String()) {
				line = strings.TrimSuffix(line, "\n")
				if got := columns(line); got > width {
					t.Fatalf("%d columns of %d: %q", got, width, line)
				}
				if bare := uncolored(line); !utf8.ValidString(line) || strings.ContainsAny(bare, "\x1b\r\u202e") || !color &&
					bare != line {
					t.Fatalf("line %q", line)
				}
			}
		}
	})
}

// short keeps names that stand as one word within the narrowest page.
func short(name string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), 8)])
}

func uncolored(line string) string {
	for _, code := range []string{"0", "1", "2", "33", "31", "32", "1;31", "1;32"} {
		line = strings.ReplaceAll(line, "\x1b["+code+"m", "")
	}
	return line
}

func TestTextTellsThatItCannotBeWritten(t *testing.T) {
	full := errors.New("full")
	if err := Text(failing{full}, &Summary{}, 80, false); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Counts are exact and samples the first ones, however rows and problems are spread over tallies.
func TestTallyDoesNotDependOnTheSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.Int64Range(0, 60).Draw(t, "rows")
		parts := rapid.IntRange(1, 4).Draw(t, "parts")
		var whole Tally
		spread := make([]Tally, parts)
		for i := range rows {
			part := &spread[rapid.IntRange(0, parts-1).Draw(t, "part")]
			for column := range rapid.IntRange(0, 3).Draw(t, "problems") {
				at := Place{Ordinal: i, File: "a.csv", Line: i + 2, Number: i + 2, Column: column}
				code := rapid.SampledFrom([]string{"cell.date", "cell.phone"}).Draw(t, "code")
				at.Expected = rapid.SampledFrom([]string{"", "a date", "a number"}).Draw(t, "expected")
				whole.Count(code, fmt.Sprint(column%2), at)
				part.Count(code, fmt.Sprint(column%2), at)
			}
		}
		var joined Tally
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "order") {
			if i < parts {
				joined.Merge(&spread[i])
			}
		}
		one, other := whole.Problems(address, explain), joined.Problems(address, explain)
		if fmt.Sprintf("%+v", one) != fmt.Sprintf("%+v", other) || whole.Rows() != joined.Rows() {
			t.Fatalf("together\n%+v\nspread\n%+v", one, other)
		}
		var count int64
		for _, p := range one {
			for _, c := range p.Columns {
				count += c.Count
				if len(c.Samples) > samplesKept || c.Truncated != (c.Count > int64(len(c.Samples))) {
					t.Fatalf("%+v", c)
				}
			}
		}
		s := Summary{Problems: one}
		if s.Settle(); s.ProblemCount != count {
			t.Fatalf("%d problems, want %d", s.ProblemCount, count)
		}
	})
}

// What would be right is said beside the places also where it is not the same at all of them: that of the first.
func TestExpectedBesidePlaces(t *testing.T) {
	var tally Tally
	for i, expected := range []string{"", "", "one of gold, silver", "one of a, b"} {
		tally.Count("cell.date", "Tier", Place{Ordinal: int64(i), File: "a.csv", Line: int64(i) + 2, Number: int64(i) + 2,
			Expected: expected})
		tally.Count("cell.date", "Born", Place{Ordinal: int64(i), File: "a.csv", Line: int64(i) + 2, Number: int64(i) + 2,
			Column: 1, Expected: "a date"})
	}
	s := &Summary{Problems: tally.Problems(address, explain), Inputs: []Input{{File: "a.csv"}}}
	var text strings.Builder
	if err := Text(&text, s, 100, false); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "report.html")
	if err := WriteHTML(page, s); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A5; the first: one of gold, silver\n", "B5: a date\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	for _, want := range []string{">the first: one of gold, silver<", ">a date<"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

func BenchmarkTallyCount(b *testing.B) {
	var tally Tally
	b.ReportAllocs()
	for i := range int64(b.N) {
		tally.Count("cell.date", "Signed up", Place{Ordinal: i, File: "a.csv", Line: i, Column: 10})
	}
}

func TestSmallWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1000), "1,000"}, {number(-1234567), "-1,234,567"},
		{size(0), "0 B"}, {size(999), "999 B"}, {size(1000), "1.0 kB"}, {size(9_960), "10 kB"}, {size(999_600), "1.0 MB"},
		{size(361_000_000), "361 MB"},
		{duration(240 * time.Millisecond), "240 ms"}, {duration(59990 * time.Millisecond), "59.9 s"},
		{duration(time.Minute), "1 min 00 s"},
		{duration(3*time.Hour + 4*time.Minute), "3 h 04 min"},
		{percent(0), "0 %"}, {percent(0.001), "under 1 %"}, {percent(0.31), "31 %"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
