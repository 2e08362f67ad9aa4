package mappings

import (
	"embed"
	"path"
	"slices"
	"strings"
	"sync"

	"muster/pipeline/spelling"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

// Presets are the built-in mappings for files that other systems export, by name. They are parsed
// once; like every Mapping they must not be changed.
func Presets() []*Mapping { return slices.Clone(presets()) }

var presets = sync.OnceValue(parsePresets)

func parsePresets() []*Mapping {
	entries, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic("presets: " + err.Error()) // embedded: held by a test
	}
	var all []*Mapping
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".yaml")
		m, err := Parse("preset "+name, PresetFile(name))
		if err != nil {
			panic(err.Error()) // held by a test
		}
		all = append(all, m)
	}
	return all
}

// PresetFile is the text of a built-in preset, nil when there is none of this name.
func PresetFile(name string) []byte {
	text, err := presetFiles.ReadFile(path.Join("presets", name+".yaml"))
	if err != nil {
		return nil
	}
	return text
}

// Recognise finds the preset that files with these columns are for, and how surely, 0 to 1. It is
// nil where none fits at all, or where two fit equally well. Below Sure a person should decide.
func Recognise(columns []string) (preset *Mapping, confidence float64) {
	best, weight, tied := (*Mapping)(nil), 0, false
	for _, m := range presets() {
		sure := m.Fit(columns)
		if sure == 0 {
			continue
		}
		// Of several that fit, the one that asks for most is the one that is meant.
		w := len(m.Match.Must)
		if sure >= Sure {
			w += 1000
		}
		switch {
		case best == nil || w > weight || w == weight && sure > confidence:
			best, weight, confidence, tied = m, w, sure, false
		case w == weight && sure == confidence:
			tied = true
		}
	}
	if tied {
		return nil, 0
	}
	return best, confidence
}

// Says is where the mapping sends the first column of this name, as a mapping file writes it, {n} for
// a number; known is false when no entry names the column.
func (m *Mapping) Says(column string) (target string, known bool) {
	for i := range m.entries {
		e := &m.entries[i]
		if e.column != column && spelling.Fold(e.column) != spelling.Fold(column) &&
			(e.pattern == nil || !e.pattern.MatchString(column)) {
			continue
		}
		if e.ignore {
			return Ignore, true
		}
		if e.open != "" {
			return Undecided, true
		}
		path := e.target.path()
		if e.target.member < 0 && e.target.label == "" && e.target.kind != "" {
			path += "[" + e.target.kind + "]"
		}
		if e.as != "" {
			path += "any" + e.as
		}
		return path, true
	}
	return "", false
}
