package report

import (
	"fmt"
	"strings"
	"time"
)

// htmlProfiles is how many columns the page tells of, of all tables together.
const htmlProfiles = 400

// tablePart is what the page says of the columns of one table.
type tablePart struct {
	Anchor, Name, Looked string
	Columns              []profileLine
	More                 string
}

type profileLine struct {
	Name, Filled, Bar, Distinct, Kinds, Problems, Fate string
	Lost                                               bool
	Wrong                                              bool
}

// linkLine leads to one customer.
type linkLine struct{ Status, Place, ID, URL string }

// tables words the profiles.
func (h *sheet) tables(p *page, s *Summary) {
	room := htmlProfiles
	for i := range s.Tables {
		t := &s.Tables[i]
		if room <= 0 || len(h.Tables) == htmlLines {
			h.MoreTables = hidden(len(s.Tables)-i, "table")
			return
		}
		name := t.File
		if name == "-" {
			name = "standard input"
		}
		if t.Sheet != "" {
			name += " [" + t.Sheet + "]"
		}
		part := tablePart{Anchor: fmt.Sprint("table-", i+1), Name: tidy(p, name, htmlName)}
		if t.Looked < t.Rows {
			part.Looked = "Kinds and distinct values are those of a sample of " + number(t.Looked) +
				" rows; distinct values are an estimate."
		} else {
			part.Looked = "Distinct values are an estimate."
		}
		shown := t.Columns[:min(len(t.Columns), room)]
		room -= len(shown) + 1
		for c := range shown {
			part.Columns = append(part.Columns, profileOf(p, &shown[c], t))
		}
		part.More = hidden(len(t.Columns)-len(shown)+t.More, "column")
		h.Tables = append(h.Tables, part)
	}
}

func profileOf(p *page, c *Profile, t *Table) profileLine {
	l := profileLine{Name: tidy(p, c.Column, htmlName), Filled: "0 %", Bar: barLength(c.Filled, t.Rows),
		Distinct: number(c.Distinct), Problems: number(c.Problems), Wrong: c.Problems > 0,
		Fate: c.Fate, Lost: c.Fate == FateLeftOut}
	if c.Why != "" && l.Lost {
		l.Fate += ": " + tidy(p, c.Why, htmlName)
	}
	if t.Rows > 0 {
		l.Filled = fine(float64(c.Filled) / float64(t.Rows))
	}
	var looked int64
	for _, k := range c.Kinds {
		looked += k.Cells
	}
	if looked > 0 && c.Distinct >= looked-looked/20 && looked > 20 {
		l.Distinct += " (nearly all)"
	}
	var kinds []string
	for _, k := range c.Kinds[:min(len(c.Kinds), 3)] {
		kinds = append(kinds, tidy(p, k.Kind, 30)+" "+fine(float64(k.Cells)/float64(looked)))
	}
	if len(c.Kinds) == 1 {
		kinds[0] = tidy(p, c.Kinds[0].Kind, 30)
	}
	l.Kinds = strings.Join(kinds, ", ")
	return l
}

// customers words the links.
func (h *sheet) customers(p *page, s *Summary) {
	places := placing(s.Inputs)
	for _, c := range s.Customers[:min(len(s.Customers), htmlLines)] {
		if !strings.HasPrefix(c.URL, "https://") {
			continue
		}
		h.Customers = append(h.Customers, linkLine{Status: tidy(p, c.Status, htmlName), ID: tidy(p, c.ID, htmlName),
			URL:   c.URL,
			Place: tidy(p, places.of(p, &Sample{File: c.File, Sheet: c.Sheet, Line: c.Line}), htmlName)})
	}
}

// seconds words a number of seconds.
func seconds(n float64) string { return duration(time.Duration(n * float64(time.Second))) }
