package source

import "bytes"

// relaxed is a record that strict reading finds fault with, and that can be read in one way only.
type relaxed struct {
	cells [][]byte
	end   int   // index in the view of what follows the record
	inner int64 // line ends inside quoted cells
	ok    bool
	more  bool // the view is too short to tell
}

// read is judge, but for two habits of other programs that leave one reading only: space around the quotes of a cell,
// and quotes inside a cell that does not start with one, such as 5" pipe.
func (d *dialect) read(w []byte, at int, s supply) verdict {
	v := d.judge(w, at, s)
	if v.state != ended || v.code != rowSyntax {
		return v
	}
	r := d.relax(w[at:], s)
	switch {
	case r.more && s == flowing:
		v.state = flowing
	case r.ok:
		v = verdict{end: at + r.end, width: len(r.cells), inner: r.inner, state: ended, relaxed: true}
	}
	return v
}

// relax reads the record that starts view. It is not ok where a quote can be taken in two ways, or where the record is
// too long or not as wide as the header.
func (d *dialect) relax(view []byte, s supply) relaxed {
	all := view
	long := len(view) > d.maxRow
	whole := s == ended && !long
	view = view[:min(len(view), d.maxRow+1)]
	r := relaxed{}
	odd, inches := 0, true // cells with an odd number of quotes, and whether each quote in them stands behind a digit
	for i := 0; ; i++ {
		cell, next, ok := d.relaxedCell(view, i)
		if next == len(view) && !whole || next+1 == len(all) && all[next] == '\r' && s == flowing {
			r.more = !long
			return r
		}
		if !ok || d.width > 0 && len(r.cells) >= d.width && len(bytes.TrimSpace(cell)) > 0 {
			return r
		}
		if raw := view[i:next]; len(raw) != len(cell) {
			r.inner += countLines(raw)
		} else if n := bytes.Count(raw, []byte{d.quote}); n > 0 {
			if !d.plainQuotes(raw, n) {
				return r
			}
			if n%2 == 1 {
				odd, inches = odd+1, inches && behindDigits(raw, d.quote)
			}
		}
		r.cells = append(r.cells, cell)
		if i = next; i < len(view) && view[i] == d.delimiter {
			continue
		}
		r.end = i
		if i < len(view) {
			r.end = afterLineEnd(all, i)
		}
		r.ok = (odd < 2 || inches) && (d.width == 0 || len(r.cells) >= d.width)
		return r
	}
}

// relaxedCell is the text of the cell that starts at view[i], and the index of what ends it: len(view) where nothing
// does. It is not ok where a quoted cell is not closed, or text follows its closing quote.
func (d *dialect) relaxedCell(view []byte, i int) (cell []byte, next int, ok bool) {
	open := i
	for d.spaced && open < len(view) && d.space(view[open]) {
		open++
	}
	if open == len(view) || view[open] != d.quote {
		for next = i; next < len(view) && !d.ends(view[next]); next++ {
		}
		return view[i:next], next, true
	}
	e := closingQuote(view, open+1, d.quote)
	if e < 0 {
		return nil, len(view), false
	}
	for next = e + 1; next < len(view) && d.space(view[next]); next++ {
	}
	return d.unquoted(view[open : e+1]), next, next == len(view) || d.ends(view[next])
}

// space says whether c may stand between a quote and a delimiter and mean nothing.
func (d *dialect) space(c byte) bool { return (c == ' ' || c == '\t') && c != d.delimiter }

// plainQuotes says whether the n quotes in an unquoted cell can only be text. One in front of all text may be meant to
// open the cell; a single one behind all text may be what is left of a pair, unless it is an inch or a second.
func (d *dialect) plainQuotes(cell []byte, n int) bool {
	text := bytes.TrimSpace(cell)
	last := len(text) - 1
	return text[0] != d.quote && (text[last] != d.quote || n%2 == 0 || isDigit(text[last-1]))
}

// behindDigits says whether each quote of a cell stands behind a digit, an apostrophe behind any part of a word.
func behindDigits(cell []byte, quote byte) bool {
	for i, c := range cell {
		if c == quote && (i == 0 || !isDigit(cell[i-1]) && (quote != '\'' || cell[i-1] == ' ')) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
