package report

import (
	"slices"
	"strings"
)

// samplesKept is how many places of one code in one column are kept: enough to see a pattern, few enough for a
// terminal.
const samplesKept = 5

// Place is where a problem stands.
type Place struct {
	Ordinal     int64 // of the row among all rows read
	File, Sheet string
	Line        int64  // 1-based line where the row starts
	Number      int64  // row number a spreadsheet shows; 0: the format has no cells
	Column      int    // 0-based index in the row, -1 for the whole row
	Expected    string // what would be right there; never a value; "" the code says it all
	Warning     bool
}

// Tally counts problems by code and column while they are found, and keeps the first five places of each. Its memory
// grows with the number of distinct codes and columns, never with that of problems. The zero value is ready. It belongs
// to one goroutine; Merge joins those of several, and the result does not depend on how the rows were spread over them.
type Tally struct {
	groups map[group]*tallied
	rows   int64 // rows with a problem
	last   int64 // ordinal+1 of the last row counted
}

type group struct {
	code, column string
	warning      bool
}

type tallied struct {
	count    int64
	places   []Place // those of the least ordinals, in order
	expected string  // at all of them
	differs  bool    // what is expected is not the same at all of them
}

// Count counts one problem. column is the column's name in the file, "" for the whole row. The problems of one row come
// one after another, which is how rows are counted. Nothing is allocated for a code and column met before, unless the
// place is among the first.
func (t *Tally) Count(code, column string, at Place) {
	if t.groups == nil {
		t.groups = make(map[group]*tallied)
	}
	if t.last != at.Ordinal+1 {
		t.last = at.Ordinal + 1
		t.rows++
	}
	g := t.groups[group{code, column, at.Warning}]
	if g == nil {
		g = new(tallied)
		t.groups[group{code, column, at.Warning}] = g
	}
	g.expect(g.count == 0, at.Expected, false)
	g.count++
	g.keep(at)
}

// expect notes what is expected at one place, or at all places that somebody else counted.
func (g *tallied) expect(first bool, expected string, differs bool) {
	if first {
		g.expected = expected
	}
	g.differs = g.differs || differs || g.expected != expected
}

func (g *tallied) keep(at Place) {
	i := len(g.places)
	for i > 0 && at.Ordinal < g.places[i-1].Ordinal {
		i--
	}
	if i == samplesKept {
		return
	}
	if len(g.places) == samplesKept {
		g.places = g.places[:samplesKept-1]
	}
	g.places = slices.Insert(g.places, i, at)
}

// Merge adds what other counted, of other rows; other is as it was.
func (t *Tally) Merge(other *Tally) {
	if t.groups == nil {
		t.groups = make(map[group]*tallied)
	}
	t.rows += other.rows
	for key, from := range other.groups {
		g := t.groups[key]
		if g == nil {
			g = new(tallied)
			t.groups[key] = g
		}
		g.expect(g.count == 0, from.expected, from.differs)
		g.count += from.count
		for _, at := range from.places {
			g.keep(at)
		}
	}
}

// Rows returns how many rows have a problem.
func (t *Tally) Rows() int64 { return t.rows }

// Problems returns what was counted, most frequent first. address makes a cell's address of a column's index and a row
// number; explain gives the meaning and fix of a code.
func (t *Tally) Problems(address func(column int, number int64) string,
	explain func(code string) (meaning, fix string)) []Problem {
	var problems []Problem
	byCode := make(map[string]int)
	for key, g := range t.groups {
		i, known := byCode[key.code]
		if !known {
			i = len(problems)
			byCode[key.code] = i
			meaning, fix := explain(key.code)
			problems = append(problems, Problem{Code: key.code, Meaning: meaning, Fix: fix})
		}
		c := Column{Column: key.column, Count: g.count, Truncated: g.count > int64(len(g.places))}
		if key.warning {
			c.Severity = Warning
		}
		c.Expected, c.Varies = g.expected, g.differs
		if g.differs {
			c.Expected = ""
			if at := slices.IndexFunc(g.places, func(p Place) bool { return p.Expected != "" }); at >= 0 {
				c.Expected = g.places[at].Expected
			}
		}
		for _, at := range g.places {
			s := Sample{File: at.File, Sheet: at.Sheet, Line: at.Line}
			if at.Column >= 0 && at.Number > 0 {
				s.Cell = address(at.Column, at.Number)
			}
			c.Samples = append(c.Samples, s)
		}
		problems[i].Count += g.count
		problems[i].Columns = append(problems[i].Columns, c)
	}
	order(problems)
	return problems
}

// Warning is the severity of a problem that has not kept its row back, as a rule of the mapping says.
const Warning = "warning"

// called is the column's name for people, with the severity where it is not the usual one; whole stands for rows as a
// whole.
func (c *Column) called(name, whole string) string {
	if name == "" {
		name = whole
	}
	if c.Severity == Warning {
		name = strings.TrimSpace(name + " (warning)")
	}
	return name
}

// colon is what stands between places and what is expected there.
func (c *Column) colon() string {
	if c.Varies {
		return "; the first: "
	}
	return ": "
}

// expects is what is expected, by itself.
func (c *Column) expects() string {
	if c.Varies && c.Expected != "" {
		return "the first: " + c.Expected
	}
	return c.Expected
}
