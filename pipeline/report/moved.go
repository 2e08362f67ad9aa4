package report

import (
	"fmt"
	"path/filepath"
)

// Moved is where a file holds its header once more, in another order: the rows below stand under the wrong columns.
type Moved struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"`
	Line  int64  `json:"line"` // 1-based
	Fix   string `json:"fix"`
}

// sentence is the headline.
func (m *Moved) sentence() string {
	name := filepath.Base(m.File)
	if m.File == "-" {
		name = "standard input"
	}
	if m.Sheet != "" {
		name += " [" + m.Sheet + "]"
	}
	return fmt.Sprintf("Line %d of %s is the header in another order: the rows below it stand under the wrong columns, "+
		"and nothing said of them here is to be believed", m.Line, name)
}

// moved is the headline of a file that changes its columns on the way. A run that stopped for it has said so.
func (p *page) moved(s *Summary) {
	if s.Moved == nil || s.Stopped != "" {
		return
	}
	p.wrap("  ", "", p.style.bad(p.clean(s.Moved.sentence())))
	p.wrap("       ", "  "+p.style.good("fix")+": ", p.clean(s.Moved.Fix))
	p.line()
}
