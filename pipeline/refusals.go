package pipeline

import (
	"slices"

	"muster/pipeline/block"
	"muster/pipeline/outcome"
	"muster/pipeline/profile"
)

// refusals counts the problems of each column. Its memory hangs on the number of columns alone.
type refusals struct {
	counts map[profile.Place]int64
	late   map[profile.Place]string // columns that no mapping was bound to, by their names: keys that a record had late

	foreign foreign
}

func newRefusals() *refusals {
	return &refusals{counts: map[profile.Place]int64{}, late: map[profile.Place]string{}}
}

// note counts the problems of a row's cells.
func (f *refusals) note(o *block.Outcome) {
	for _, p := range o.Problems {
		if p.Column < 0 || p.Warning {
			continue
		}
		at := profile.Place{File: o.Table.Header.File, Sheet: o.Table.Header.Sheet, Column: p.Column}
		f.counts[at]++
		if p.Code == phoneCode {
			f.foreign.note(o, p.Column)
		}
		if p.Code == unmappedKey && p.Column >= o.Table.Width {
			f.late[at] = o.Table.Column(p.Column)
		}
	}
}

// unmappedKey is the code of a key of a JSON record that appeared after the mapping was bound and that it has no rule
// for.
const unmappedKey = "row.unmapped"

// dropped says whether a row went without some of its cells.
func dropped(problems []outcome.Problem) bool {
	return slices.ContainsFunc(problems, func(p outcome.Problem) bool { return p.Dropped })
}

// phoneCode is the code of phone numbers that cannot be read.
const phoneCode = "cell.phone"
