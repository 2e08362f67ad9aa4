package mappings

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// evaluate gives an expression's value for one cell, A.
func evaluate(t *testing.T, text, cell string) (any, error) {
	t.Helper()
	f, err := compileFormula(text, '.', false)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	bound := formulaCells{formula: f, columns: make([]int, len(f.keys))}
	return bound.run(&Record{}, [][]byte{[]byte(cell)}, []byte{'"'}, false)
}

func TestTextsOfExpressions(t *testing.T) {
	for text, want := range map[string]any{
		`A + "-" + A`: "a,b-a,b", `upper(A)[:1] + lower("X")`: "Ax", `join(split(A, ","), ";")`: "a;b",
		`join(split(A, ","))`: "ab", `A | upper()`: "A,B",
		`split(A, ",", 1)[0]`: "a,b", `first(split(A, ",")) + "!"`: "a!", `join([A, "x"], "+")`: "a,b+x",
		`num("1") + num("2")`: 3.0, `len(A) + 1`: 4,
		`replace(A, ",", "")`: "ab", `(A == "" ? "x" : A) + "y"`: "a,by", `split(A, ",")[1] + split(A, ",")[0]`: "ba",
		`upper(A + A)`: "A,BA,B",
	} {
		got, err := evaluate(t, text, "a,b")
		if err != nil || got != want {
			t.Errorf("%s: %v (%T), %v, want %v", text, got, got, err, want)
		}
	}
	// Mistakes of kinds are found before any row.
	for _, text := range []string{`A + 1`, `upper(1)`, `join(A, ",")`, `split(A)`, `lower()`} {
		if _, err := compileFormula(text, '.', false); err == nil {
			t.Errorf("%s is let in", text)
		}
	}
}

// What an expression may not return it does not build either: it says no beforehand, whatever is put together with
// what.
func TestExpressionsRefuseBeforehand(t *testing.T) {
	cell := strings.Repeat("a,", 30_000) // 60 kB, and may be
	doubled := "A"
	for range 6 { // 64 times the cell, in 127 nodes
		doubled = "(" + doubled + "+" + doubled + ")"
	}
	sum := "A" + strings.Repeat("+A", 140)
	chain := "A"
	for range 100 {
		chain = "upper(" + chain + ")"
	}
	grown := "A"
	for range 20 {
		grown = fmt.Sprintf("replace(%s, %q, %q)", grown, ",", ",,,,,,,,,,")
	}
	for name, text := range map[string]string{
		"doubled": doubled, "sum": sum, "chain": chain, "grown": grown,
		"parts":        `join(split(A, ""), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")`,
		"commas":       `join(split(A, ","), "` + strings.Repeat("x", 60) + `")`,
		"list":         "join([" + strings.Repeat("A,", 100) + "A], A)",
		"glue":         `join(["","","","","","","","","","","","","","","","","","","",""], A)`,
		"unknown kind": "first(split(A, \"#\"))" + strings.Repeat("+first(split(A, \"#\"))", 25),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		got, err := evaluate(t, text, cell)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: it gives %T", name, got)
		} else if !strings.Contains(err.Error(), "too long") && !strings.Contains(err.Error(), "too much") &&
			!strings.Contains(err.Error(), "more than 10000 parts") {
			t.Errorf("%s: %v", name, err)
		}
		// Compiling takes some; the texts at most what the effort allows.
		if used := after.TotalAlloc - before.TotalAlloc; used > 2*mostEffort {
			t.Errorf("%s: %d bytes were made", name, used)
		}
	}
	// Each row has an effort of its own.
	f, err := compileFormula(sum, '.', false)
	if err != nil {
		t.Fatal(err)
	}
	bound, rec := formulaCells{formula: f, columns: []int{0}}, &Record{}
	for range 100 {
		if _, err := bound.run(rec, [][]byte{[]byte(strings.Repeat("x", 300))}, []byte{'"'}, false); err != nil {
			t.Fatal(err)
		}
	}
}
