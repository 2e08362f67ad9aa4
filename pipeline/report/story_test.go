package report

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// awkward are cells that CSV, a spreadsheet or a terminal could take for something else.
func awkward() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "a", "C-1", "C-10", "=1", "+31612345678", "'x", "a,b", `say "hi"`, " b ", "-5",
		"@x", "ü,\"=", "created"})
}

// TestFindOutcomeFindsWhatReadingFinds: the fast way and the whole way agree on every key.
func TestFindOutcomeFindsWhatReadingFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(OutcomeHeader)
		for i := range rapid.IntRange(0, 6).Draw(t, "rows") {
			text = AppendOutcome(text, &OutcomeLine{File: awkward().Draw(t, "file"), Line: int64(i),
				Key:    []byte(awkward().Draw(t, "key")),
				Status: awkward().Draw(t, "status"), CustomerID: awkward().Draw(t, "id"), Detail: "more, " +
					awkward().Draw(t, "detail")})
		}
		key := awkward().Draw(t, "wanted")
		rows, err := ReadOutcomes(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(rows, func(r OutcomeRow) bool { return r.Key == key && key != "" })
		got, err := FindOutcome(bytes.NewReader(text), key)
		switch {
		case err != nil:
			t.Fatal(err)
		case at < 0 && got != nil:
			t.Fatalf("found line %d, and no row has the key", got.Line)
		case at >= 0 && (got == nil || got.Line != rows[at].Line):
			t.Fatalf("found %+v, want line %d", got, rows[at].Line)
		}
	})
}

// broken ends with an error of its own.
type broken struct{ text io.Reader }

var errTorn = errors.New("torn")

func (b broken) Read(p []byte) (int, error) {
	if n, err := b.text.Read(p); err == nil {
		return n, nil
	}
	return 0, errTorn
}

func TestFindOutcomeTellsOfABrokenFile(t *testing.T) {
	if _, err := FindOutcome(broken{strings.NewReader(OutcomeHeader)}, "k"); !errors.Is(err, errTorn) {
		t.Errorf("got %v", err)
	}
	long := OutcomeHeader + strings.Repeat("x", 200_000) + ",k,\na,,7,k,created,id,,,\n"
	if row, err := FindOutcome(strings.NewReader(long), "k"); err != nil || row == nil || row.Line != 7 {
		t.Errorf("behind a line too long: %+v, %v", row, err)
	}
}

// TestEachProblemReadsWhatWasWritten: every field comes back as it went in.
func TestEachProblemReadsWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, want := []byte(ProblemHeader), []ProblemLine{}
		for i := range rapid.IntRange(0, 5).Draw(t, "lines") {
			l := ProblemLine{File: awkward().Draw(t, "file"), Sheet: awkward().Draw(t, "sheet"), Line: int64(i),
				Cell:   awkward().Draw(t, "cell"),
				Column: awkward().Draw(t, "column"), Code: awkward().Draw(t, "code"), Message: awkward().Draw(t, "message"),
				Fix:      awkward().Draw(t, "fix"),
				Severity: awkward().Draw(t, "severity"), Suggestion: awkward().Draw(t, "suggestion")}
			text, want = AppendProblem(text, &l), append(want, l)
		}
		got := []ProblemLine{}
		err := EachProblem(bytes.NewReader(text), func(l *ProblemLine) error {
			got = append(got, *l)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v: got %+v, want %+v", err, got, want)
		}
	})
}

func TestEachProblemRefusesWhatMusterDidNotWrite(t *testing.T) {
	none := func(*ProblemLine) error { return nil }
	for name, text := range map[string]string{
		"empty":         "",
		"another file":  OutcomeHeader,
		"no number":     ProblemHeader + "f,,secret,A1,c,code,m,x,error,\n",
		"too few cells": ProblemHeader + "f,,1\n",
		"torn":          ProblemHeader + "f,,1,A1,\"secr",
	} {
		if err := EachProblem(strings.NewReader(text), none); err == nil || strings.Contains(err.Error(), "secr") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	stop := errors.New("enough")
	line := ProblemHeader + "f,,1,A1,c,code,m,x,error,\n"
	if err := EachProblem(strings.NewReader(line), func(*ProblemLine) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the caller's own error", err)
	}
	// as ForSpreadsheet leaves it
	for _, text := range []string{"\xef\xbb\xbf" + ProblemHeader + "f,,1,A1,c,code,m,x,error,\u00e9\n",
		strings.ReplaceAll(ProblemHeader, ",", ";") + "f;;1;A1;c;code;m;x;error;\u00e9\n"} {
		if err := EachProblem(strings.NewReader(text), func(l *ProblemLine) error {
			if l.Fix != "x" || l.Suggestion != "\u00e9" {
				t.Errorf("%+v", l)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	first := "file,sheet,line,cell,column,code,message,fix\nf,,1,A1,c,code,m,x\n" // of the first versions
	if err := EachProblem(strings.NewReader(first), func(l *ProblemLine) error {
		if l.Fix != "x" || l.Severity != "" {
			t.Errorf("%+v", l)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func lateStory() RowHistory {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 2, 14, 9, 0, time.UTC) }
	return RowHistory{Run: "20260301-021400-aa01", Command: "import", Org: "Ac\x1b[31mme", File: "people.csv", Line: 14,
		Row:    13,
		Status: "created", Meaning: "a new customer in the org, by evidence", CustomerID: "64a0",
		Passages: []Passage{{Run: "20260301-021400-aa01", Batch: 2, Place: 5, Status: "created", CustomerID: "64a0",
			Requests: []Request{
				{Verb: "create", Records: 100, Begun: day(1), Job: "64b0", State: "answered", Note: "results"}}}},
		Others: []Passage{{Run: "20260302-021400-aa02", Later: true, Row: 13, Batch: 1, Place: 1, Requests: []Request{
			{Verb: "update", Records: 1, Begun: day(2), State: "intended"}}}},
		Later: []Later{{Run: "r3", File: "people.csv", Line: 14, Status: "unchanged"},
			{Run: "r4", File: "people.csv", Line: 14, Status: "invalid", Code: "cell.date"},
			{Run: "r5", File: "people.csv", Line: 15, Status: "unchanged"}},
		NotRead: 3,
	}
}

func TestStoryText(t *testing.T) {
	const want = `people.csv, line 14 (row 13 of the run)
run 20260301-021400-aa01, import -> Ac?[31mme

  created  a new customer in the org, by evidence: customer 64a0

  batch 2, record 5
      request  create with 100 records at 2026-03-01 02:14:09, job 64b0,
          answered: results
      result   created, customer 64a0

The same customer in other runs
  later: run 20260302-021400-aa02, row 13, batch 1, record 1
      request  update with 1 record at 2026-03-02 02:14:09, intended
      result   open: its end is not known yet
  later: run r4, people.csv line 14: invalid (cell.date)
  later: run r5, people.csv line 15: unchanged, as in 1 run before it
  ... 3 runs in between not looked through
`
	var got strings.Builder
	if err := StoryText(&got, []RowHistory{lateStory()}, 80, false); err != nil || got.String() != want {
		t.Errorf("%v:\n%s", err, got.String())
	}
	for _, width := range []int{60, 72, 100} {
		var text strings.Builder
		if err := StoryText(&text, []RowHistory{lateStory(), {Row: 1, Status: "unsent"}}, width, true); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if n := columns(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("a line of %d columns on a page of %d", n, width)
			}
		}
	}
}

func TestRunsText(t *testing.T) {
	ended := time.Date(2026, 3, 1, 2, 20, 0, 0, time.UTC)
	runs := []Past{
		{Run: "20260302-021400-aa02", Command: "import", Org: "A very long name of an org \x07", State: "running",
			Started: ended},
		{Run: "20260301-021400-aa01", Command: "check", State: "finished", Started: ended, Ended: &ended, Rows: 1234567,
			Counts: map[string]int64{"unsent": 1234560, "invalid": 7}},
	}
	const want = `run                   command  org           state        started (UTC)     rows
20260302-021400-aa02  import   A very lo...  running      2026-03-01 02:20  -
20260301-021400-aa01  check                  finished     2026-03-01 02:20  1,234,567
  invalid 7, unsent 1234560
`
	var got strings.Builder
	if err := RunsText(&got, runs, 80, false); err != nil || got.String() != want {
		t.Errorf("%v:\n%s", err, got.String())
	}
}
