package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What comes back is what was put in, row by row and cell by cell, with the notes where they belong, whether they came
// with the row or late, and however little memory there is.
func TestAnnotatedGivesTheTableBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "annotated")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		a, err := Annotate(dir, FilesOptions{Memory: rapid.SampledFrom([]int{1, 100, 0}).Draw(t, "memory")})
		if err != nil {
			t.Fatal(err)
		}
		cell := rapid.SampledFrom([]string{"", "a", "=1+1", "'=1", "x,y", "say \"no\"", "two\nlines", "a\r\nb", " s ", ",,,",
			"é"})
		var want [][][]string
		var late []int
		rows := 0
		for table := range rapid.IntRange(1, 3).Draw(t, "tables") {
			header := []string{"one", fmt.Sprint("two, ", table)}
			if err := a.Begin(header); err != nil {
				t.Fatal(err)
			}
			records := [][]string{append(slices.Clone(header), RejectColumns[:]...)}
			for range rapid.IntRange(0, 8).Draw(t, "rows") {
				own := []string{cell.Draw(t, "1"), cell.Draw(t, "2")}
				var n Note
				switch rapid.IntRange(0, 2).Draw(t, "wrong") {
				case 1:
					n = Note{"cell.date", "one", "not a date, \"really\"", "=mend it"}
				case 2:
					late = append(late, rows)
				}
				if err := a.Add([][]byte{[]byte(own[0]), []byte(own[1])}, n); err != nil {
					t.Fatal(err)
				}
				records = append(records, append(own, n.Code, n.Column, n.Message, n.Fix))
				rows++
			}
			want = append(want, records)
		}
		for _, ordinal := range rapid.Permutation(late).Draw(t, "order") {
			if err := a.Amend(int64(ordinal), Note{Code: "identity.conflict_in_file",
				Fix: fmt.Sprint("late ", ordinal)}); err != nil {
				t.Fatal(err)
			}
		}
		for at, table := 0, 0; table < len(want); table++ {
			for i := 1; i < len(want[table]); i++ {
				if slices.Contains(late, at) {
					want[table][i][2], want[table][i][5] = "identity.conflict_in_file", fmt.Sprint("late ", at)
				}
				at++
			}
		}
		paths, err := a.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			if got := reread(t, path); fmt.Sprint(got) != fmt.Sprint(want[i]) {
				t.Fatalf("%s:\n%q, want\n%q", path, got, want[i])
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != len(want) {
			t.Fatalf("%v left, %v", left, err)
		}
	})
}

// reread reads a file of ours with the defusing taken off; CR LF inside a cell comes back as LF.
func reread(t *rapid.T, path string) [][]string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\r\r\n"))
	r := csv.NewReader(bytes.NewReader(text))
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		for i, cell := range record {
			record[i] = Undefuse(cell)
		}
	}
	return records
}

func TestAnnotateSweepsAndTellsOfAFullDisk(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "annotated-7.csv")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full := fmt.Errorf("full")
	a, err := Annotate(dir, FilesOptions{Open: func(string) (Storage, error) { return nil, full }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error("an earlier run's file is still there")
	}
	if err := a.Begin([]string{"a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Close(); err == nil {
		t.Error("nothing said of the full disk")
	}
}
