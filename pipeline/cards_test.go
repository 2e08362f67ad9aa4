package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/sandbox"
)

// Law 1: a property that no column of the standard has is a column of its own name, with its own count, however far
// down the first card stands that has it; a mapping brings it in by that name.
func TestLaw1EachPropertyOfCardsIsNamed(t *testing.T) {
	const cards = 30_000 // several blocks of them
	var b strings.Builder
	for i := range cards {
		fmt.Fprintf(&b, "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c%d\r\nFN:Ann\r\n", i)
		if i%2 == 0 {
			b.WriteString("X-LOYALTY:gold\r\n")
		}
		if i > cards-4 {
			b.WriteString("HOBBY:chess\r\nHOBBY:go\r\nX-CLUB:rook\r\n")
		}
		b.WriteString("END:VCARD\r\n")
	}
	dir := t.TempDir()
	path := prepared(t, dir, "cards.vcf", b.String(), "")
	check := pipeline.Config{Command: "check", Files: []string{path}, State: dir + "/state"}
	s, err := pipeline.Run(t.Context(), check)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]int64{}
	for _, c := range s.Columns.LeftOut {
		left[c.Column] = c.Values
	}
	if len(left) != 3 || left["X-LOYALTY"] != cards/2 || left["HOBBY"] != 3 || left["X-CLUB"] != 3 || s.ExitCode != 3 {
		t.Errorf("exit %d, %+v", s.ExitCode, s.Columns)
	}

	o := newOrg(t, sandbox.Config{})
	few := prepared(t, dir, "few.vcf", b.String()[strings.LastIndex(b.String(), "BEGIN:"):],
		"version: 1\ncolumns: {UID: externalId, FN: name, HOBBY: tags, X-CLUB: username}\nmissing: ignore\nunmapped: ignore\n")
	s, err = pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{few}, State: dir + "/state",
		Org: o.connect(t)})
	if err != nil {
		t.Fatal(err)
	}
	if s.ExitCode != 0 || !strings.Contains(o.text(t), `"rook"`) {
		t.Errorf("exit %d, %+v, %s", s.ExitCode, s.Problems, o.text(t))
	}
}
