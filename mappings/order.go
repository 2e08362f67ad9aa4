package mappings

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A DateLayout is what a whole column has shown of its dates.
type DateLayout struct {
	Pattern string // as in layout:; "" ISO 8601
	Mixed   string // days and months stand in both orders: in words; dates that are not ISO 8601 are problems then
}

// An openDate is a column of dates whose layout nobody has said.
type openDate struct {
	column int
	read   *conversion
}

// bindDates takes the layout that the run names.
func (b *binder) bindDates(pattern string) {
	l, err := compileLayout(pattern)
	if err != nil {
		b.mistake(Invalid, "", "write it like DD/MM/YYYY, M/D/YYYY h:mm A or epoch", nil, "%s", err)
		return
	}
	b.base.layout = l
}

// openDate completes the reading of a column of dates: with what the whole column has shown, or as one
// that is open still.
func (b *binder) openDate(p *Plan, c *conversion, one binding) {
	if c.daily = one.target.field.name == "birthdayAt"; c.daily {
		c.today = tomorrow()
	}
	if c.layout != nil || one.column < 0 || one.column >= b.width-b.options.Joined {
		return
	}
	shown, known := b.options.Layouts[b.columns[one.column]]
	if !known {
		p.open = append(p.open, openDate{one.column, c})
		return
	}
	if shown.Mixed != "" {
		c.fault = &fault{codeDateOrder, shown.Mixed}
		return
	}
	if l, err := compileLayout(shown.Pattern); err == nil && shown.Pattern != "" {
		c.layout, c.fault = l, &fault{codeDate, expectedDate(l)}
	}
}

// Open is true for a column whose cells are read as dates and whose layout nobody has said: only ISO
// 8601 is read there.
func (p *Plan) Open(column int) bool {
	return slices.ContainsFunc(p.open, func(o openDate) bool { return o.column == column })
}

// Strange says of a row's cell in an open column whether it is filled, and whether with something that
// does not even look like ISO 8601.
func (p *Plan) Strange(column int, cells [][]byte, kinds []byte) (filled, strange bool) {
	text, kind := cell(cells, kinds, column)
	if kind == 0 || kind == ' ' || kind == 'n' {
		return false, false
	}
	return true, !likeISO(Unprotect(text))
}

// likeISO is true for what begins as ISO 8601 does, be there such a day or not.
func likeISO(b []byte) bool {
	var year, month, day int
	return len(b) >= 10 && b[4] == '-' && b[7] == '-' && readInt(b[:4], &year) && readTwo(b[5:7], &month) &&
		readTwo(b[8:10], &day)
}

// Skips is true for a row that the mapping leaves out.
func (p *Plan) Skips(cells [][]byte, kinds []byte, rec *Record) bool {
	rec.Problems, rec.Skipped = rec.Problems[:0], false
	return p.sieves != nil && p.skips(cells, kinds) || p.extras != nil && p.extras.skip(rec, cells, kinds)
}

// OpenDates gives each open column a new, empty Dates. A column that goes to two places stands there once.
func (p *Plan) OpenDates() []*Dates {
	var all []*Dates
	for _, o := range p.open {
		if !slices.ContainsFunc(all, func(d *Dates) bool { return d.Column == o.column }) {
			all = append(all, newDates(o))
		}
	}
	slices.SortFunc(all, func(x, y *Dates) int { return x.Column - y.Column })
	return all
}

// Dates gathers what the dates of one column show of their layout. It keeps counts and lines, no values.
type Dates struct {
	Column int

	read      *conversion // with what rewrites the cells, and nothing else
	record    Record
	candidate []*candidate // in the order of dateLayouts
	active    []*candidate // that have read a date
	filled    int64
	iso       int64
	dayFirst  sight // dates that only a layout with the day first reads
	monFirst  sight
	either    sight // dates that both read, differently
}

// A candidate is a layout that a column may have.
type candidate struct {
	layout, wide *layout // wide has two digits for day, month and hour
	pattern      string  // of wide while every date fits it, else of layout
	partner      *candidate
	order        byte  // 'D' day before month, 'M' month before day, 0 neither
	count        int64 // dates that it or its partner has read
}

// A sight is how often something was seen, and where first.
type sight struct {
	count int64
	lines []int64
}

// fewLines are how many lines a message names.
const fewLines = 3

func (s *sight) see(line int64) {
	if s.count++; len(s.lines) < fewLines {
		s.lines = append(s.lines, line)
	}
}

// candidates are the compiled dateLayouts.
var candidates = sync.OnceValue(func() []candidate {
	all := make([]candidate, len(dateLayouts))
	for i, pattern := range dateLayouts {
		all[i].layout, _ = compileLayout(pattern) // held by a test
		all[i].wide, all[i].pattern = all[i].layout, pattern
		if wide := widened(pattern); wide != pattern {
			all[i].wide, _ = compileLayout(wide)
			all[i].pattern = wide
		}
		switch {
		case strings.HasPrefix(pattern, "D") && strings.Contains(pattern, "M") && !strings.Contains(pattern, "MMM"):
			all[i].order = 'D'
		case strings.HasPrefix(pattern, "M") && !strings.Contains(pattern, "MMM"):
			all[i].order = 'M'
		}
	}
	return all
})

func newDates(o openDate) *Dates {
	d := &Dates{Column: o.column, read: &conversion{run: keepText, inner: keepText, rewriting: o.read.rewriting}}
	if o.read.rewriting != nil {
		d.read.run = readRewritten
	}
	for _, c := range candidates() {
		d.candidate = append(d.candidate, &c)
	}
	for _, c := range d.candidate {
		if c.order == 0 {
			continue
		}
		other := swapped(c.layout.pattern)
		i := slices.IndexFunc(d.candidate, func(x *candidate) bool { return x.layout.pattern == other })
		c.partner = d.candidate[i]
	}
	return d
}

// swapped puts the month of a layout before the day, or behind it.
func swapped(pattern string) string {
	return pattern[2:3] + pattern[1:2] + pattern[:1] + pattern[3:]
}

// keepText is the converter that changes nothing.
func keepText(_ *conversion, _ *Value, _ *Record) *fault { return nil }

// Add looks at the column's cell in one row, with its JSON kind as Map takes it.
func (d *Dates) Add(cells [][]byte, kinds []byte, line int64) {
	text, kind := cell(cells, kinds, d.Column)
	if kind != '"' && kind != '0' {
		return
	}
	d.record.buffer = d.record.buffer[:0]
	v := Value{Kind: kind, Text: text}
	if d.read.run(d.read, &v, &d.record) != nil || v.Kind != '"' && v.Kind != '0' {
		return
	}
	d.filled++
	text = Unprotect(v.Text)
	if likeISO(text) {
		d.iso++
		return
	}
	if !d.look(d.active, text, v.Kind, line) {
		d.look(d.candidate, text, v.Kind, line)
	}
}

// look lets each layout of a list try a date, and says whether one could read it.
func (d *Dates) look(list []*candidate, text []byte, kind byte, line int64) (read bool) {
	for _, c := range list {
		if c.order == 'M' {
			continue // is tried with its partner
		}
		fits, day := c.fits(text, kind)
		if c.order == 0 {
			read = d.take(c, fits) || read
			continue
		}
		swap, other := c.partner.fits(text, kind)
		switch {
		case fits && !swap:
			d.dayFirst.see(line)
		case swap && !fits:
			d.monFirst.see(line)
		case fits && day != other:
			d.either.see(line)
		}
		read = d.take(c, fits || swap) || read
	}
	return read
}

// take counts a date that a layout, or its partner, has read.
func (d *Dates) take(c *candidate, fits bool) bool {
	if !fits {
		return false
	}
	if c.count++; c.count == 1 {
		d.active = append(d.active, c)
	}
	return true
}

// fits says whether the layout reads a date, and which day it is.
func (c *candidate) fits(text []byte, kind byte) (ok bool, day [3]int) {
	if epoch := c.layout.epoch != 0; kind == '0' && !epoch || epoch &&
		!likeEpoch([]string{string(text)}, c.layout.pattern) {
		return false, day
	}
	var s stamp
	if !c.layout.parse(text, &s) || !s.valid() {
		return false, day
	}
	if c.pattern != c.layout.pattern {
		var w stamp
		if !c.wide.parse(text, &w) {
			c.pattern = c.layout.pattern
		}
	}
	return true, [3]int{s.year, s.month, s.day}
}

// Layout is what most of the column's cells show; Pattern is "" where they are ISO 8601, or no dates at all.
// The error is *AmbiguousDates, and the layout then the first of its readings.
func (d *Dates) Layout() (DateLayout, error) {
	best := &candidate{}
	for _, c := range d.active {
		if c.count > best.count {
			best = c
		}
	}
	if best.count*2 <= d.filled {
		return DateLayout{}, nil // ISO 8601, or what no layout says: the others are problems of their rows
	}
	if best.order == 0 {
		return DateLayout{Pattern: best.pattern}, nil
	}
	day, month := best, best.partner
	first, second := day.said(), month.said()
	switch {
	case d.dayFirst.count > 0 && d.monFirst.count > 0:
		return DateLayout{Mixed: fmt.Sprintf("days and months in one order throughout the column: %s can only be read as "+
			"%s, %s only as %s",
			d.dayFirst.words(), first, d.monFirst.words(), second)}, nil
	case d.monFirst.count > 0:
		return DateLayout{Pattern: month.pattern}, nil
	case d.dayFirst.count > 0 || d.either.count == 0:
		return DateLayout{Pattern: day.pattern}, nil
	}
	return DateLayout{Pattern: day.pattern}, &AmbiguousDates{Column: d.Column, Readings: [2]string{first, second},
		Count: d.either.count, Lines: d.either.lines}
}

// said is the layout as people write it, as wide as its partner allows.
func (c *candidate) said() string {
	if c.partner.pattern == c.partner.layout.pattern {
		return c.layout.pattern
	}
	return c.pattern
}

// words say how many dates were seen and where the first is.
func (s *sight) words() string {
	if s.count == 1 {
		return fmt.Sprintf("1 date (line %d)", s.lines[0])
	}
	return fmt.Sprintf("%d dates (the first in line %d)", s.count, s.lines[0])
}

// AmbiguousDates is a column whose dates can be read in two orders throughout.
type AmbiguousDates struct {
	Column   int
	Readings [2]string // layouts
	Count    int64     // dates that both read, differently
	Lines    []int64   // where the first of them are
}

// Error says both readings, without values.
func (e *AmbiguousDates) Error() string {
	lines := make([]string, len(e.Lines))
	for i, n := range e.Lines {
		lines[i] = fmt.Sprint(n)
	}
	where := "lines " + strings.Join(lines, ", ")
	if len(lines) == 1 {
		where = "line " + lines[0]
	}
	if e.Count > int64(len(lines)) {
		where += " …"
	}
	dates := "dates"
	if e.Count == 1 {
		dates = "date"
	}
	return fmt.Sprintf("%d %s can be read as %s and as %s, and no date of the column shows which (%s)", e.Count, dates,
		e.Readings[0], e.Readings[1], where)
}
