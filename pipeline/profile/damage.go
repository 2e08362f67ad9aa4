package profile

import (
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
	"muster/pipeline/unseen"
)

// Detector is what one checker sees of every column that goes anywhere: signs that values were damaged before they came
// here, by a spreadsheet or by the program that wrote the file. It belongs to one goroutine; its memory hangs on the
// number of columns alone.
type Detector struct {
	tables  []*seenTable
	last    *seenTable
	header  *source.Header // of last
	foreign bool           // the block's text may hold characters that were decoded wrongly
	tally   *Tally         // of the block
	classes [256]class     // of first characters
}

// class is what the first character of a cell says of whether it must be looked at closely.
type class uint8

const (
	classBlank class = 1 << iota // white space begins so, and may be all there is
	classEarly                   // before the letters, or a bracket: so begins what a sign may be in
	classOther
)

// NewDetector has seen nothing yet.
func NewDetector() *Detector {
	d := &Detector{}
	for c := range d.classes {
		if c < 'A' || c == '[' {
			d.classes[c] |= classEarly
		} else {
			d.classes[c] |= classOther
		}
		if unseen.Begins(byte(c)) {
			d.classes[c] |= classBlank
		}
	}
	return d
}

// seenTable is one table as one checker saw it.
type seenTable struct {
	input   int
	table   *bind.Table
	rows    int64
	seen    []seenColumn
	closely []class // by column: cells of which classes are looked at closely
	picked  []int   // room for as many columns
}

// place is where a cell stands.
type place struct{ line, number int64 }

// sightings is how often something was seen in a column, and where first.
type sightings struct {
	n     int64
	first [damagePlaces]place // in order
}

// damagePlaces is how many places are named.
const damagePlaces = 3

// longestNumber is how many digits a number may have to be counted by its length.
const longestNumber = 20

// seenColumn is what was seen of one column.
type seenColumn struct {
	role   role
	filled int64  // cells that are not empty, of the blocks that have ended
	met    bool   // there is one
	varied bool   // two cells differ
	easy   bool   // and a cell that begins with a letter tells nothing
	simple bool   // and one that begins with a digit only what number sees
	sample []byte // the first cell, while no other differs

	signs  [signs]sightings
	led    [longestNumber + 1]int64     // numbers that begin with 0, by length
	plain  [longestNumber + 1]sightings // the others
	long   int64                        // numbers of more than 15 digits
	floats floatSigns
	dates  int64 // cells that begin as a date does
}

// sign is what a single cell can tell. It may need its column to mean anything.
type sign uint8

const (
	signScientific sign = iota
	signDecimal
	signRounded
	signSerial
	signApostrophe
	signMojibake
	signError
	signPlaceholder
	signs
)

func (s *sightings) add(row *source.Row) {
	if s.n < damagePlaces {
		s.first[s.n] = place{row.Line, row.Number}
	}
	s.n++
}

// merge adds what another checker saw of the same column.
func (s *sightings) merge(other *sightings) {
	all := append(s.places(), other.places()...)
	slices.SortFunc(all, func(a, b place) int { return int(a.number - b.number) })
	s.n += other.n
	copy(s.first[:], all)
}

func (s *sightings) places() []place {
	return slices.Clone(s.first[:min(s.n, damagePlaces)])
}

// Begin takes up a block of an input's table, whose rows follow; what is counted of them goes to the tally.
func (d *Detector) Begin(input int, table *bind.Table, block *source.Block, tally *Tally) {
	if d.header != block.Header {
		d.last, d.header = d.tableOf(input, table), block.Header
	}
	d.foreign, d.tally = block.Misread || block.Header.Format != "csv", tally
	for n := range d.last.seen {
		d.last.closely[n] = d.last.seen[n].closely(d.foreign)
	}
	d.tally.widen(len(d.last.seen))
}

// Row looks at one row: it counts its filled cells for the profile, and looks closely at those that may tell of damage.
func (d *Detector) Row(row *source.Row, status outcome.Status) {
	switch {
	case row.Code != "":
		return
	case status == outcome.Skipped:
		d.skipped(row)
		return
	}
	t := d.last
	t.rows++
	for _, n := range d.count(row.Cells) {
		cell, c := row.Cells[n], &t.seen[n]
		if cell[0]-'0' <= 9 && c.simple && !d.foreign {
			c.number(cell, row) // as most do
			continue
		}
		d.cell(n, row, status == outcome.Unsent)
	}
}

// count counts the filled cells, and gives the columns of those to be looked at closely.
func (d *Detector) count(cells [][]byte) []int {
	cells = cells[:min(len(cells), len(d.last.seen))]
	filled, closely, picked := d.tally.filled[:len(cells)], d.last.closely[:len(cells)], d.last.picked[:len(cells)]
	n := 0
	for i, cell := range cells {
		if len(cell) == 0 {
			continue
		}
		filled[i]++
		if d.classes[cell[0]]&closely[i] != 0 {
			picked[n] = i
			n++
		}
	}
	return picked[:n]
}

// skipped counts the filled cells of a row that the mapping left out: of the profile it is, and of the table's damage
// not.
func (d *Detector) skipped(row *source.Row) {
	for n, cell := range row.Cells[:min(len(row.Cells), len(d.last.seen))] {
		if len(cell) == 0 {
			continue
		}
		d.last.seen[n].filled--
		d.tally.filled[n]++
		if unseen.Blank(cell) {
			d.tally.blank[n]++
		} else {
			d.tally.passed[n]++
		}
	}
}

// cell looks closely at one cell that is not empty.
func (d *Detector) cell(n int, row *source.Row, fit bool) {
	cell, c := row.Cells[n], &d.last.seen[n]
	first := d.classes[cell[0]]
	if first&classBlank != 0 && unseen.Blank(cell) {
		d.tally.blank[n]++
	}
	if first&d.last.closely[n]&^classBlank != 0 {
		c.cell(cell, row, d.foreign, fit)
	}
}

// closely says cells of which classes are looked at closely.
func (c *seenColumn) closely(foreign bool) class {
	switch {
	case c.role == roleNone:
		return classBlank
	case c.easy && !foreign:
		return classBlank | classEarly
	}
	return classBlank | classEarly | classOther
}

// End takes from the block's profile how many cells were filled.
func (d *Detector) End() {
	for n := range d.last.seen {
		d.last.seen[n].filled += d.tally.filled[n]
	}
}

// tableOf is the table of a block's header. A header that grew is the table it grew from, with more columns.
func (d *Detector) tableOf(input int, table *bind.Table) *seenTable {
	var t *seenTable
	for _, one := range d.tables {
		if one.input == input && one.table.Header.Sheet == table.Header.Sheet {
			t = one
		}
	}
	if t == nil {
		t = &seenTable{input: input}
		d.tables = append(d.tables, t)
	}
	t.table = table
	roles := rolesOf(table)
	for n := len(t.seen); n < len(roles); n++ {
		t.seen = append(t.seen, seenColumn{role: roles[n]})
		t.closely, t.picked = append(t.closely, 0), append(t.picked, 0)
	}
	return t
}
