package guess

import (
	"bytes"
	"fmt"
	"strings"

	"muster/mappings"
)

// WithUndecided adds to a mapping's text a line for each column of a file that the mapping leaves out though nobody
// said so: it is undecided until a person writes a target or ignore. text is what m was parsed of; rows are the first
// of the file; decided are the columns of which a person has said it already, by their place.
func WithUndecided(m *mappings.Mapping, text []byte, columns []string, rows [][]string,
	decided map[int]*Column) []byte {
	plan, err := m.Bind(columns, mappings.BindOptions{})
	if err != nil {
		return text // what is wrong is said when the file is imported
	}
	var lines, chosen bytes.Buffer
	guess := Infer(columns, rows, Options{})
	for i, use := range plan.Uses {
		if use.Kind != mappings.LeftOut {
			continue
		}
		if c := decided[i]; c != nil {
			own := *c
			own.byPlace = use.Why != mappings.NotKnown // the mapping has a line for its name already
			own.write(&chosen)
			continue
		}
		if use.Why == mappings.NotYet {
			continue // its line is there
		}
		name, target := columns[i], guess.Columns[i].Target
		if strings.TrimSpace(name) == "" || use.Why != mappings.NotKnown {
			name = mappings.ColumnAt(i)
		}
		line := mappings.Line(name, mappings.Undecided)
		switch {
		case use.Why != mappings.NotKnown:
			line += fmt.Sprintf(" # %s, %s", mappings.Printable(mappings.Quote(columns[i])), use.Why)
		case target != mappings.Ignore:
			line += " # or " + target
		}
		lines.WriteString("  " + line + "\n")
	}
	if lines.Len()+chosen.Len() == 0 {
		return text
	}
	head := "  " + decidedHead + "\n"
	if lines.Len() > 0 {
		head = "  # Columns of the file that nothing above takes: each is left out, and every report says so, until a\n" +
			"  # target or ignore stands in the place of undecided.\n"
	}
	lines.Write(chosen.Bytes())
	at := columnsEnd(text)
	if at < 0 {
		return append(append(bytes.TrimRight(text, "\n"), "\ncolumns:\n"+head...), lines.Bytes()...)
	}
	return append(append(bytes.Clone(text[:at]), head+lines.String()...), text[at:]...)
}

// columnsEnd is where the lines end that stand under columns:, -1 where there are none.
func columnsEnd(text []byte) int {
	at, end := 0, -1
	for line := range bytes.Lines(text) {
		at += len(line)
		inside := len(line) > 0 && (line[0] == ' ' || line[0] == '#' || line[0] == '\n' || line[0] == '\r')
		switch {
		case bytes.HasPrefix(line, []byte("columns:")):
			end = at
		case end < 0:
		case !inside:
			return end
		case line[0] == ' ':
			end = at
		}
	}
	return end
}

// What a mapping begins with, or has in it, that muster wrote and a person may never have read.
const (
	guessedHead = "# A mapping guessed"
	decidedHead = "# Columns of the file that a person has decided on."
)

// Made says whether a mapping's text was made here, by a guess or by answers: nobody has made its attributes yet.
func Made(text []byte) bool {
	return bytes.HasPrefix(text, []byte(guessedHead)) || bytes.Contains(text, []byte(decidedHead))
}
