// Package refusals counts, while a run goes, the cells that could not be used, and learns from them what would help.
package refusals

import (
	"muster/pipeline/block"
	"muster/pipeline/profile"
)

// Tally counts the problems of each column. Its memory hangs on the number of columns alone. It belongs to one
// goroutine.
type Tally struct {
	Counts map[profile.Place]int64
	Late   map[profile.Place]string // columns that no mapping was bound to, by their names: keys that a record had late

	foreign foreign
}

// New counts nothing yet.
func New() *Tally {
	return &Tally{Counts: map[profile.Place]int64{}, Late: map[profile.Place]string{}}
}

// Note counts the problems of a row's cells.
func (f *Tally) Note(o *block.Outcome) {
	for _, p := range o.Problems {
		if p.Column < 0 || p.Warning {
			continue
		}
		at := profile.Place{File: o.Table.Header.File, Sheet: o.Table.Header.Sheet, Column: p.Column}
		f.Counts[at]++
		if p.Code == PhoneCode {
			f.foreign.note(o, p.Column)
		}
		if p.Code == unmappedKey && p.Column >= o.Table.Width {
			f.Late[at] = o.Table.Column(p.Column)
		}
	}
}

// unmappedKey is the code of a key of a JSON record that appeared after the mapping was bound and that it has no rule
// for.
const unmappedKey = "row.unmapped"

// PhoneCode is the code of phone numbers that cannot be read.
const PhoneCode = "cell.phone"

// PhoneFix is what helps against most phone numbers that cannot be read; "": no country reads most of them.
func (f *Tally) PhoneFix() string { return f.foreign.fix() }
