package guess_test

import (
	"bytes"
	"testing"

	"muster/mappings"
	"muster/mappings/guess"
)

// A column that a preset names as undecided has that one line, and one that it does not know gets one.
func TestUndecidedColumnsHaveOneLine(t *testing.T) {
	columns := []string{"UID", "FN", "N.family", "N.given", "TEL.mobile", "ADR.home.street", "NICKNAME", "X-LOYALTY"}
	m, sure := mappings.Recognise(columns)
	if m == nil || sure < mappings.Sure {
		t.Fatal(m, sure)
	}
	text := guess.WithUndecided(m, mappings.PresetFile("vcard"), columns, nil, nil)
	for _, line := range []string{"  NICKNAME: undecided\n", "  X-LOYALTY: undecided"} {
		if bytes.Count(text, []byte(line)) != 1 {
			t.Errorf("not once: %q\n%s", line, text)
		}
	}
	if bytes.Contains(text, []byte("column 7")) {
		t.Errorf("a column has two lines:\n%s", text)
	}
}
