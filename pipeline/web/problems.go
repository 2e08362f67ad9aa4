package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"muster/pipeline/outcome"
	"muster/pipeline/report"
	"muster/pipeline/source"
)

// mostListed bounds how many problems the page lists; all are counted.
const mostListed = 1_000_000

// A found is one problem of one row.
type found struct {
	Row    int64
	Column int32 // -1: of the whole row
	Kind   int32 // index into kinds
}

// A kind is what problems are that read the same.
type kind struct{ Code, Message, Fix string }

// expected is what would be right there, "" where the code says it all.
func (k *kind) expected() string {
	c, _ := outcome.Explain(k.Code)
	_, expected, _ := strings.Cut(k.Message, c.Meaning+": ")
	return expected
}

// problems is what the last check found, and what has become of the rows that were edited since.
type problems struct {
	run   string
	all   []found // of the check, by row
	cut   bool    // there are more than are listed
	kinds []kind
	index map[kind]int32
	live  map[int64][]found // of rows that were checked again

	regions map[int]string // by column: the country that its phone numbers are of; "" nobody can tell

	listed filter // what list holds
	list   []int64
}

// A filter says which rows are shown.
type filter struct {
	All    bool // every row
	Code   string
	Column int // -1: the whole row; -2: any
}

func newProblems(run string) *problems {
	return &problems{run: run, index: map[kind]int32{}, live: map[int64][]found{},
		regions: map[int]string{}}
}

// loadProblems reads what a check found. locate gives the row that starts on a line of what was checked.
func loadProblems(ctx context.Context, state, run string, locate func(line int64) int64) (*problems, error) {
	p := newProblems(run)
	file, _, err := source.OpenKept(filepath.Join(state, "runs", run, "problems.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil // there were none
	}
	if err != nil {
		return nil, fmt.Errorf("read the problems: %w", err)
	}
	defer file.Close()
	line, row := int64(-1), int64(-1)
	err = report.EachProblem(file, func(l *report.ProblemLine) error {
		if len(p.all) == mostListed {
			p.cut = true
			return errEnough
		}
		if l.Line != line {
			line, row = l.Line, locate(l.Line)
		}
		if row >= 0 {
			p.all = append(p.all, p.found(row, l))
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("read the problems: %w", err)
	}
	slices.SortStableFunc(p.all, func(a, b found) int { return cmp.Compare(a.Row, b.Row) })
	return p, nil
}

var errEnough = errors.New("enough")

func (p *problems) found(row int64, l *report.ProblemLine) found {
	k := kind{l.Code, l.Message, l.Fix}
	n, there := p.index[k]
	if !there {
		n = int32(len(p.kinds))
		p.kinds, p.index[k] = append(p.kinds, k), n
	}
	return found{Row: row, Column: columnOf(l.Cell), Kind: n}
}

// columnOf is the column of a cell's address: F14 is in column 5.
func columnOf(address string) int32 {
	n := int32(0)
	for _, c := range address {
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + (c - 'A' + 1)
	}
	return n - 1
}

// of gives the problems of a row.
func (p *problems) of(row int64) []found {
	if live, checked := p.live[row]; checked {
		return live
	}
	from := sort.Search(len(p.all), func(i int) bool { return p.all[i].Row >= row })
	to := from
	for to < len(p.all) && p.all[to].Row == row {
		to++
	}
	return p.all[from:to]
}

// each calls do for every problem that there is now.
func (p *problems) each(do func(f *found)) {
	for i := range p.all {
		if _, checked := p.live[p.all[i].Row]; !checked || len(p.live) == 0 {
			do(&p.all[i])
		}
	}
	for _, some := range p.live {
		for i := range some {
			do(&some[i])
		}
	}
}

func (f *filter) holds(p *problems, one *found) bool {
	return (f.Code == "" || p.kinds[one.Kind].Code == f.Code) && (f.Column == -2 || int(one.Column) == f.Column)
}

// rows are the rows that a filter shows, in order.
func (p *problems) rows(f filter) []int64 {
	if p.list != nil && p.listed == f {
		return p.list
	}
	list := []int64{}
	p.each(func(one *found) {
		if f.holds(p, one) {
			list = append(list, one.Row)
		}
	})
	slices.Sort(list)
	p.list, p.listed = slices.Compact(list), f
	return p.list
}

// A group is all problems of one code in one column.
type group struct {
	Code, Meaning, Fix, Expected string
	Column                       int
	Name                         string
	Count                        int64
	Suggests                     bool   // of some of the cells it is known what was likely meant
	Region                       string // the country by which the phone numbers could be read; "" none

	first []int64 // rows that have one
}

// groups are the problems by code and column, the most frequent first.
func (p *problems) groups(m *meaning) (all []group) {
	type key struct {
		code   string
		column int32
	}
	at := map[key]*group{}
	p.each(func(f *found) {
		k := p.kinds[f.Kind]
		g := at[key{k.Code, f.Column}]
		if g == nil {
			g = &group{Code: k.Code, Column: int(f.Column), Name: "whole row", Fix: k.Fix, Expected: k.Message}
			if c, known := outcome.Explain(k.Code); known {
				g.Meaning, g.Expected = c.Meaning, k.expected()
			}
			if f.Column >= 0 && int(f.Column) < len(m.names) {
				g.Name = m.called(int(f.Column))
			}
			at[key{k.Code, f.Column}] = g
		}
		if g.Count++; len(g.first) < sampled {
			g.first = append(g.first, f.Row)
		}
	})
	for _, g := range at {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Column, b.Column))
	})
	return all
}

// counts are how many problems there are now, and in how many rows.
func (p *problems) counts() (problems, rows int64) {
	p.each(func(*found) { problems++ })
	return problems, int64(len(p.rows(filter{Column: -2})))
}
