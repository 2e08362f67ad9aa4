package bind

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// NoMapping is the error of an input whose columns no mapping at hand understands: none was named,
// none lies beside it, and neither a preset nor the standard mapping fits.
type NoMapping struct {
	File string // as the user named it
	Err  error  // which columns are in the way: a *mappings.BindError

	Guess  string   // where a guess lies that a person may edit, "" none was made
	Wanted float64  // how sure every column of a guess must be
	Unsure []string // the columns that are less sure, and why
	Sheets []string // of a workbook whose sheets have different columns; nil else
	Asking string   // the command that asks what its columns are; "" standard input
	Making string   // the command that makes the attributes which alone are in the way; "" more is, or none can be made
}

func (e *NoMapping) Error() string {
	said := e.File + ": " + e.Err.Error()
	if e.Guess == "" {
		return said
	}
	if len(e.Sheets) > 0 {
		said = fmt.Sprintf("%s: its sheets have different columns (%s): one mapping is not for all of them", e.File,
			strings.Join(e.Sheets, ", "))
	}
	const most = 6 // names that a line still bears
	unsure := e.Unsure
	if more := len(unsure) - most; more > 0 {
		unsure = append(unsure[:most:most], fmt.Sprintf("and %d more", more))
	}
	if len(unsure) == 0 {
		return said
	}
	if e.Wanted > 1 {
		return fmt.Sprintf("%s\n%s: a guess to read over is in %s", said, e.File, e.Guess)
	}
	if len(e.Sheets) > 0 || !e.onlyUnmapped() {
		return fmt.Sprintf("%s\n%s: not every column of a guess is %.0f %% sure: %s; the guess is in %s", said, e.File,
			100*e.Wanted, strings.Join(unsure, ", "), e.Guess)
	}
	return fmt.Sprintf("%s: not every column of a guess is %.0f %% sure: %s; the guess is in %s", e.File, 100*e.Wanted,
		strings.Join(unsure, ", "), e.Guess)
}

// onlyUnmapped says whether all that is in the way are columns whose names say nothing: the guess says more of them.
func (e *NoMapping) onlyUnmapped() bool {
	var found *mappings.BindError
	return errors.As(e.Err, &found) && !slices.ContainsFunc(found.Mistakes, func(m mappings.BindMistake) bool {
		return m.Kind != mappings.Unmapped
	})
}

// Unwrap is Err.
func (e *NoMapping) Unwrap() error { return e.Err }

// recognise takes the preset that the header shows, else the standard mapping.
func (in *Input) recognise() (*mappings.Mapping, []byte) {
	if m, sure := mappings.Recognise(OwnNames(in.Reader.Header())); m != nil && sure >= mappings.Sure {
		return m, mappings.PresetFile(PresetName(m))
	}
	return mappings.Standard(), []byte(standardRules)
}

// sayEmpty says that a mapping file beside the input is empty, as muster map leaves one that failed: it is passed over.
func (in *Input) sayEmpty(c *Options) {
	beside := MappingBeside(in.Path)
	if info, err := os.Stat(beside); in.Name != "-" && err == nil && info.Mode().IsRegular() && info.Size() == 0 &&
		c.Say != nil {
		c.Say(beside + " is empty, as a muster map that failed leaves it: it is passed over")
	}
}

// presetNamed is the built-in preset of a name, as --mapping may give it; nil when there is none.
func presetNamed(name string) (*mappings.Mapping, []byte) {
	raw := mappings.PresetFile(name)
	if raw == nil { // before all presets are parsed: that takes longer than a small file's whole check
		return nil, nil
	}
	for _, m := range mappings.Presets() {
		if PresetName(m) == name {
			return m, raw
		}
	}
	return nil, nil
}

// PresetName is a preset's name as --mapping takes it.
func PresetName(m *mappings.Mapping) string { return strings.TrimPrefix(m.Name, "preset ") }

// OwnNames are the names of the user's own columns: those that a rejects file adds come off.
func OwnNames(h *source.Header) []string {
	if own := len(h.Names) - len(report.RejectColumns); own > 0 && slices.Equal(h.Names[own:], report.RejectColumns[:]) {
		return h.Names[:own]
	}
	return h.Names
}

// misfit is the error of an input that could not be bound.
func (in *Input) misfit(err error) error {
	if in.Ruled == "" {
		return &NoMapping{File: in.Name, Err: err}
	}
	return fmt.Errorf("%s: %w", in.Name, err)
}

// headless refuses a table of whose header nothing is known, where that is left out: nothing of it would come in, and
// its first line is most likely a row, whose cells would stand as names in every report (law 5). Whoever gives --header
// knows better.
func (in *Input) headless() error {
	if in.options.HasHeader {
		return nil
	}
	for _, t := range in.Table.Sheets {
		strange := 0
		for _, use := range t.Plan.Uses[:t.Width] {
			if use.Why == mappings.NotKnown {
				strange++
			}
		}
		if t.Header.Line > 0 && strange > 0 && strange == len(t.Header.Names) {
			return &outcome.UsageError{Err: fmt.Errorf("%s: the header is missing, or nothing of it is known: the columns A "+
				"to %s are not mapped yet",
				in.Name, strings.TrimRight(Address(strange-1, 0), "0"))}
		}
	}
	return nil
}

// ruling says in one line which mapping was taken.
func (in *Input) ruling() string {
	m := in.Binder.Mapping
	line := in.Name + ": mapping " + m.Name
	switch {
	case in.Guessed != nil:
		line = in.said
	case in.Ruled == "" && m.Match != nil:
		line = fmt.Sprintf("%s: recognised as %s (%s)", in.Name, m.Match.Name, m.Name)
	case in.Ruled == "":
		line = in.Name + ": the standard mapping"
	}
	line = printable.Line(line)
	for i, t := range in.Table.Sheets[1:] {
		switch other := t.Binder.Mapping; {
		case other == m:
		case in.others[i+1] != nil && other.Match == nil:
			line += "\n" + printable.Line(fmt.Sprintf("%s, sheet %s: the best guess", in.Name, t.Header.Sheet))
		case other.Match != nil:
			line += "\n" + printable.Line(fmt.Sprintf("%s, sheet %s: recognised as %s (%s)", in.Name, t.Header.Sheet,
				other.Match.Name, other.Name))
		default:
			line += "\n" + printable.Line(fmt.Sprintf("%s, sheet %s: the standard mapping", in.Name, t.Header.Sheet))
		}
	}
	return line
}
