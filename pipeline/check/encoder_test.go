package check

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline/block"
	"muster/pipeline/outcome"
	"muster/pipeline/redact"
)

// Law 6: what an encoder remembers is bounded in bytes, however long the refused cells are.
func TestLaw6SuggestionsAreBounded(t *testing.T) {
	k, wrong := NewEncoder(redact.None), outcome.Problem{Code: "cell.url"}
	for i := range 2 * mostWorded {
		for _, cell := range []string{fmt.Sprintf("htp://%d.example", i), fmt.Sprint(i, strings.Repeat("x", 100_000))} {
			k.suggestion(&block.Outcome{Cells: [][]byte{[]byte(cell)}}, wrong)
		}
	}
	size := 0
	for cell := range k.suggested {
		size += len(cell.Text)
	}
	if size == 0 || size > mostWorded*longestRemembered {
		t.Errorf("%d bytes of cells are remembered", size)
	}
}
