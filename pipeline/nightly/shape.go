package nightly

import (
	"time"

	"muster/pipeline"
)

// shape is what one night's input was like, as far as the feed guard compares it.
type shape struct {
	Run     string    `json:"run"`
	At      time.Time `json:"at"`
	Rows    int64     `json:"rows"`
	Invalid int64     `json:"invalid"`
	Tables  []table   `json:"tables"`
}

// table is a sheet of it, or all files together.
type table struct {
	Sheet   string   `json:"sheet,omitempty"`
	Headed  bool     `json:"headed"` // the format has a header, so that the order of columns means something
	Rows    int64    `json:"rows"`
	Columns []column `json:"columns"`
}

// column is a column of it. Filled is -1 where only the header was seen.
type column struct {
	Name   string  `json:"name"`
	Filled int64   `json:"filled"`
	Kinds  []int64 `json:"kinds,omitempty"`
}

// shapeOf folds the tables of one sheet, of however many files, into one.
func shapeOf(s *pipeline.Survey, at time.Time) shape {
	out := shape{Run: s.Run, At: at.UTC(), Rows: s.Rows, Invalid: s.Invalid}
	for i := range s.Profiles {
		p := &s.Profiles[i]
		t := out.table(p.Sheet)
		if t == nil {
			out.Tables = append(out.Tables, table{Sheet: p.Sheet, Headed: p.Line > 0})
			t = &out.Tables[len(out.Tables)-1]
		}
		t.Rows += p.Rows
		for k := range p.Columns {
			c := t.column(p.Columns[k].Name)
			if c == nil {
				t.Columns = append(t.Columns, column{Name: p.Columns[k].Name, Kinds: make([]int64, len(p.Columns[k].Kinds))})
				c = &t.Columns[len(t.Columns)-1]
			}
			c.Filled += p.Columns[k].Filled
			for kind, n := range p.Columns[k].Kinds {
				c.Kinds[kind] += n
			}
		}
	}
	return out
}

// table is the table of a sheet, nil where there is none.
func (s *shape) table(sheet string) *table {
	for i := range s.Tables {
		if s.Tables[i].Sheet == sheet {
			return &s.Tables[i]
		}
	}
	return nil
}

// column is the column of a name, nil where there is none.
func (t *table) column(name string) *column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// blank is the share of a column's cells that are blank.
func (t *table) blank(c *column) float64 {
	if t.Rows == 0 {
		return 0
	}
	return 1 - float64(c.Filled)/float64(t.Rows)
}

// invalid is the share of rows that were invalid.
func (s *shape) invalid() float64 {
	if s.Rows == 0 {
		return 0
	}
	return float64(s.Invalid) / float64(s.Rows)
}
