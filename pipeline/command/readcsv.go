package command

import "strings"

// writeLine writes cells as one line of CSV. It is quoted so that it is read again as it is, whatever is found out of
// the file's delimiter, quotes and header.
func writeLine[T ~string | ~[]byte](c *csvRows, cells []T) error {
	c.line = c.line[:0]
	for i, cell := range cells {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		if !mustBeQuoted(cell, len(cells) == 1) {
			c.line = append(c.line, cell...)
			continue
		}
		c.line = append(c.line, '"')
		for i := range len(cell) {
			if cell[i] == '"' {
				c.line = append(c.line, '"')
			}
			c.line = append(c.line, cell[i])
		}
		c.line = append(c.line, '"')
	}
	_, err := c.w.Write(append(c.line, '\n'))
	return err
}

// mustBeQuoted says whether a cell stands in quotes: where it holds what may be taken for a delimiter, a quote or the
// end of a line, where space at its ends might be trimmed, and where it is empty and alone, since a blank line is no
// row.
func mustBeQuoted[T ~string | ~[]byte](cell T, alone bool) bool {
	if len(cell) == 0 {
		return alone
	}
	if first, last := cell[0], cell[len(cell)-1]; first == ' ' || last == ' ' || first == '\'' || first == '#' {
		return true
	}
	for i := range len(cell) {
		if c := cell[i]; c < '0' && strings.IndexByte(",\"\n\r\t", c) >= 0 || c == ';' || c == '|' {
			return true
		}
		if alone && strings.IndexByte("^~!#$%*=:\\\x1f\x1e\x01 ", cell[i]) >= 0 {
			return true
		}
	}
	return false
}
