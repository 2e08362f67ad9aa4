package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestDefuse(t *testing.T) {
	for cell, want := range map[string]string{
		"":               "",
		"Anna":           "Anna",
		"=1+1":           "'=1+1",
		"+31612345678":   "'+31612345678",
		"@handle":        "'@handle",
		"-2+3":           "'-2+3",
		"-12.50":         "-12.50",
		"-1,234":         "-1,234",
		"-":              "'-",
		"-cmd|' /C x'!A": "'-cmd|' /C x'!A",
		"\t=1":           "'\t=1",
		"\r=1":           "'\r=1",
		"\n=1":           "'\n=1",
		"＝1":             "'＝1",
		"＋1":             "'＋1",
		"－1":             "'－1",
		"＠x":             "'＠x",
		"！x":             "！x",
		"\xef\xbc":       "\xef\xbc",
		"'":              "'",
		"'tis":           "'tis",
		"'=1":            "''=1",
		"''=1":           "'''=1",
		"'-5":            "'-5",
		"a=1":            "a=1",
		"5-3":            "5-3",
		"''":             "''",
	} {
		if got := string(Defuse(nil, []byte(cell))); got != want {
			t.Errorf("Defuse(%q) = %q, want %q", cell, got, want)
		}
		if got := string(Undefuse([]byte(want))); got != cell {
			t.Errorf("Undefuse(%q) = %q, want %q", want, got, cell)
		}
	}
}

// cells draws text of the characters that matter to CSV and to formulas.
func cells() *rapid.Generator[string] {
	risky := rapid.StringOfN(rapid.SampledFrom([]rune("'=+-@\t\r\n,\" ;a1＝é\u202e")), 0, 8, -1)
	lines := regexp.MustCompile(`\r+\n`) // of which encoding/csv makes \n
	return rapid.Map(rapid.OneOf(risky, rapid.String()), func(s string) string { return lines.ReplaceAllString(s, "\n") })
}

// What any CSV reader makes of a line is the cells, defused; and the defusing comes off without a trace.
func TestRejectsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(cells(), 1, 5).Draw(t, "row")
		raw := make([][]byte, len(row))
		for i := range row {
			raw[i] = []byte(row[i])
		}
		line := AppendReject(nil, raw, "cell.date", "=c", "m,m", "f\"f")
		records, err := csv.NewReader(bytes.NewReader(line)).ReadAll()
		if err != nil || len(records) != 1 || len(records[0]) != len(row)+len(RejectColumns) {
			t.Fatalf("%q reads as %q, %v", line, records, err)
		}
		for i, cell := range records[0][:len(row)] {
			if first := strings.TrimLeft(cell, "'"); cell == first && first != "" &&
				strings.ContainsRune("=+@\t\r\n", rune(first[0])) {
				t.Fatalf("cell %q would run", cell)
			}
			if got := string(Undefuse([]byte(cell))); got != row[i] {
				t.Fatalf("cell %q comes back as %q", row[i], got)
			}
		}
	})
}

func TestOutcomesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := cells()
		var want []OutcomeRow
		file := []byte(OutcomeHeader)
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := OutcomeRow{
				File: text.Draw(t, "file"), Sheet: text.Draw(t, "sheet"), Line: rapid.Int64().Draw(t, "line"),
				Key:    text.Draw(t, "key"),
				Status: text.Draw(t, "status"), CustomerID: text.Draw(t, "id"), Code: text.Draw(t, "code"),
				Column: text.Draw(t, "column"), Detail: text.Draw(t, "detail"),
			}
			want = append(want, row)
			file = AppendOutcome(file, &OutcomeLine{
				File: row.File, Sheet: row.Sheet, Line: row.Line, Key: []byte(row.Key), Status: row.Status,
				CustomerID: row.CustomerID, Code: row.Code, Column: row.Column, Detail: row.Detail,
			})
		}
		got, err := ReadOutcomes(bytes.NewReader(file))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q reads as\n%+v, %v; want\n%+v", file, got, err, want)
		}
	})
}

func TestProblemLine(t *testing.T) {
	line := AppendProblem(nil, &ProblemLine{File: "a,b.csv", Line: 14, Cell: "F14", Column: "=Mobile", Code: "cell.phone",
		Message: "not a phone", Fix: "write \"+\"", Severity: "error", Suggestion: "+3161"})
	if want := "\"a,b.csv\",,14,F14,'=Mobile,cell.phone,not a phone,\"write \"\"+\"\"\",error,'+3161\n"; string(
		line) != want {
		t.Errorf("%q, want %q", line, want)
	}
}

// A file that is not ours is refused by line, and its cells stay out of the error.
func TestReadOutcomesRefusesOthers(t *testing.T) {
	broken := errors.New("disk broke")
	secret := "anna@example.com"
	for name, test := range map[string]struct {
		in   io.Reader
		want string
	}{
		"empty":          {strings.NewReader(""), "empty"},
		"other header":   {strings.NewReader("file,sheet,line\n"), `no column "key"`},
		"line no number": {strings.NewReader(OutcomeHeader + "a,,1,,created,,,,\na,," + secret + ",,,,,,\n"), "line 3"},
		"too narrow":     {strings.NewReader(OutcomeHeader + "a,,1," + secret + "\n"), "line 2"},
		"stray quote":    {strings.NewReader(OutcomeHeader + "a,," + secret + "\"x,,,,,,\n"), "line 2"},
		"read error":     {io.MultiReader(strings.NewReader(OutcomeHeader+"a,,1"), iotest.ErrReader(broken)), "disk broke"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadOutcomes(test.in)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("error %v, want %q and no cell", err, test.want)
			}
		})
	}
}

func TestEachOutcomeEndsWhereToldTo(t *testing.T) {
	enough := errors.New("enough")
	seen := 0
	err := EachOutcome(strings.NewReader(OutcomeHeader+"a,,1,,created,,,,\na,,2,,created,,,,\n"), func(*OutcomeRow) error {
		seen++
		return enough
	})
	if !errors.Is(err, enough) || seen != 1 {
		t.Error(err, seen)
	}
}

func FuzzReadOutcomes(f *testing.F) {
	f.Add([]byte(OutcomeHeader + "a,,1,k,created,id,,,\n"))
	f.Add([]byte("file,file\n\"a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := ReadOutcomes(bytes.NewReader(file))
		if err == nil && len(rows) > len(file) {
			t.Errorf("%d rows of %d bytes", len(rows), len(file))
		}
	})
}
