package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// A line of ours is split into the cells that it was made of, byte for byte.
func TestSplitLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOf(rapid.SliceOf(rapid.SampledFrom([]byte("a\"',;=\r\n \xff")))).Draw(t, "cells")
		line := AppendReject(nil, cells, "c.d", "e", "f, g", "")
		if n := lineLength(append(bytes.Clone(line), "next,"...)); n != len(line) {
			t.Fatalf("%q is %d long", line, n)
		}
		got := splitLine(nil, line)
		if len(got) != len(cells)+4 || string(got[len(cells)+2]) != "f, g" {
			t.Fatalf("%q", got)
		}
		for i, cell := range cells {
			if !bytes.Equal(Undefuse(got[i]), cell) {
				t.Fatalf("%q became %q", cell, got[i])
			}
		}
	})
}

// Every refused row comes back with its own problems: rows of two tables, early, late and amended ones, and rows that
// are listed and not refused.
func TestEachRefused(t *testing.T) {
	for _, late := range []bool{false, true} {
		f, err := Create(t.TempDir(), FilesOptions{Refused: true})
		if err != nil {
			t.Fatal(err)
		}
		tables := []int{f.Table([]string{"a"}), f.Table([]string{"b, c", "d"})}
		problem := func(i int) []byte {
			return AppendProblem(nil, &ProblemLine{File: "x", Line: int64(i), Code: fmt.Sprint("p", i)})
		}
		for _, i := range []int{3, 0, 1, 2, 5, 4} {
			e := Entry{Ordinal: int64(i), Outcome: AppendOutcome(nil, &OutcomeLine{File: "x", Line: int64(i), Status: "ready"}),
				Problems: problem(i)}
			if i != 2 {
				e.Reject, e.RejectTable = AppendReject(nil, [][]byte{fmt.Appendf(nil, "%d", i)}, "", "", "", ""), tables[i%2]
			}
			if err := f.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{"a": "0:p0 4:p4 ", "b, c": "1:p1 3:p3 5:p5 "}
		if late {
			err := f.Amend(Amendment{Ordinal: 2, Status: "invalid", Problems: problem(7),
				Reject: AppendReject(nil, [][]byte{[]byte("2")}, "", "", "", "")})
			if err != nil {
				t.Fatal(err)
			}
			want["a"] = "0:p0 2:p2p7 4:p4 "
		}
		if _, err := f.Close(6); err != nil {
			t.Fatal(err)
		}
		for _, table := range f.RefusedTables() {
			got := ""
			err := f.EachRefused(table, func(r *Refused) error {
				got += string(r.Cells[0]) + ":"
				for _, p := range r.Problems {
					got += string(p[5])
				}
				got += " "
				return nil
			})
			if name := string(table.Header[0]); err != nil || got != want[name] {
				t.Errorf("late %t: table %s has %q, want %q: %v", late, name, got, want[name], err)
			}
			delete(want, string(table.Header[0]))
		}
		if err := f.EndRefused(); err != nil || len(want) > 0 {
			t.Errorf("%v, missing %v", err, want)
		}
		if left, err := filepath.Glob(filepath.Join(f.dir, ".*")); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
}
