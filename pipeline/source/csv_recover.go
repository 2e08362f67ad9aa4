package source

import "bytes"

// What of a faulty record is read again with its quotes taken literally: a bound on the cost of a file that is
// nothing but faults. Notes of more lines are rare.
const (
	recoverLimit = 64 << 10 // bytes
	recoverLines = 64
)

// resync finds where the faulty record at w[start] ends: where it does when the quote at fault is taken literally
// and that makes it as wide as the header, before the first line on which a record stands that fits; else at the end of
// its line, so that each line behind it has an outcome of its own. false: w has too little to say.
func (r *csvReader) resync(w []byte, start int, s supply) (int, bool) {
	next := nextLine(w, start)
	p, ok := r.nextFit(w, start, next, s)
	switch {
	case !ok:
		return 0, false
	case p == next:
		return next, true
	}
	if next-start <= min(r.maxRow, recoverLimit) && r.fitsLiterally(w[start:next]) {
		return next, true
	}
	view, whole := r.recoverable(w, start, p, s)
	if end := r.literalEnd(view, whole); end > 0 {
		return start + end, true
	}
	return next, true
}

// fitsLiterally says whether a line by itself, its quotes read leniently, is as wide as the header: the usual case, and
// the cheap one.
func (r *csvReader) fitsLiterally(line []byte) bool {
	for _, how := range [...]leniency{quotesInside, textAfter} {
		if end, width := r.leniently(line, how, true); end == len(line) && width == r.width {
			return true
		}
	}
	return false
}

// recoverable is the stretch in which the faulty record at w[start] may end, before the record that fits at
// w[p] if p is not 0; whole says that a record may end where it does.
func (r *csvReader) recoverable(w []byte, start, p int, s supply) (view []byte, whole bool) {
	end := min(len(w), start+min(r.maxRow, recoverLimit))
	whole = s == ended && end == len(w)
	switch {
	case p > 0 && p <= end:
		end, whole = p, true
	case end < len(w) && w[end-1] == '\r' && w[end] == '\n':
		end--
	}
	view = w[start:end]
	n := 0
	for range recoverLines {
		if n = nextLine(view, n); n == len(view) {
			return view, whole
		}
	}
	return view[:n], true
}

// nextFit is the first line at or behind next on which a record stands that fits, 0 without one. Lines once tried and
// found barren are not tried again, so that a file of nothing but stray quotes costs no more than a few readings.
func (r *csvReader) nextFit(w []byte, start, next int, s supply) (int, bool) {
	p := next
	if tried := int(r.barren - r.base); tried > next {
		p = lineStart(w, tried)
	}
	for ; p < len(w) && p-start <= r.maxRow; p = nextLine(w, p) {
		v := r.read(w, p, s)
		if v.state == flowing {
			r.barren = r.base + int64(p)
			return 0, false
		}
		if r.fits(w, p, v) {
			r.barren = r.base + int64(p)
			return p, true
		}
	}
	if p >= len(w) && s == flowing && p-start <= r.maxRow {
		return 0, false
	}
	r.barren = r.base + int64(p)
	return 0, true
}

// literalEnd is where the faulty record that starts view ends when its quotes are read leniently and it is
// then as wide as the header, 0 if it never is. whole: a record may end with view. A reading that stays on
// the first line comes before one of several lines, and one of several lines only where these are not rows themselves.
func (r *csvReader) literalEnd(view []byte, whole bool) int {
	first := nextLine(view, 0)
	several := 0
	for _, how := range [...]leniency{quotesInside, textAfter} {
		end, width := r.leniently(view, how, whole)
		if end == 0 || width != r.width {
			continue
		}
		if end <= first {
			return end
		}
		if several == 0 && (r.width == 1 || !r.linesFit(view[:end]) && !r.takesInLines(view[:end], how)) {
			several = end
		}
	}
	return several
}

// linesFit says whether each line of text, by itself and with its quotes read literally where need be, is as wide as
// the header.
func (r *csvReader) linesFit(text []byte) bool {
	for len(text) > 0 {
		n := nextLine(text, 0)
		if _, width := r.leniently(text[:n], quotesLiteral, true); width != r.width {
			return false
		}
		text = text[n:]
	}
	return true
}

// takesInLines says whether a quoted cell of the record, read leniently, takes in what looks like rows: lines with
// nearly as many delimiters as a row has.
func (d *dialect) takesInLines(record []byte, how leniency) bool {
	for i := 0; i < len(record); i++ {
		start := i
		if record[i] == d.quote {
			i = max(i, d.behindQuoted(record, i, how))
		}
		for text := record[start:i]; len(text) > 0; {
			if text = text[nextLine(text, 0):]; bytes.Count(text[:nextLine(text, 0)], []byte{d.delimiter}) >= max(1, d.width-2) {
				return true
			}
		}
		for i < len(record) && record[i] != d.delimiter {
			i++
		}
	}
	return false
}

// leniency is how a quote is taken that strict reading has no place for.
type leniency int

const (
	quotesInside  leniency = iota // a quoted cell ends only at a quote before a delimiter or line end; others are text
	textAfter                     // a quoted cell ends at its first quote that is not doubled; what follows is text
	quotesLiteral                 // a cell whose quotes do not enclose it is text with quotes in it
)

// leniently reads the record that starts view: the index behind it, and its width. 0, 0: it does
// not end in view, or is wider than the header.
func (d *dialect) leniently(view []byte, how leniency, whole bool) (end, width int) {
	width = 1
	for i := 0; width <= d.width; width++ {
		if i < len(view) && view[i] == d.quote {
			if i = d.behindQuoted(view, i, how); i < 0 {
				return 0, 0
			}
		}
		for i < len(view) && !d.ends(view[i]) {
			i++
		}
		switch {
		case i == len(view) && whole:
			return i, width
		case i == len(view), !whole && view[i] == '\r' && i+1 == len(view):
			return 0, 0
		case view[i] != d.delimiter:
			return afterLineEnd(view, i), width
		}
		i++
	}
	return 0, 0
}

// behindQuoted is the index behind the quotes of the cell that opens at view[open], open itself where they
// are text, -1 where the cell does not end.
func (d *dialect) behindQuoted(view []byte, open int, how leniency) int {
	for i := open + 1; ; {
		n := bytes.IndexByte(view[i:], d.quote)
		if n < 0 {
			break
		}
		i += n + 1
		switch {
		case i < len(view) && view[i] == d.quote:
			i++
		case i == len(view) || d.ends(view[i]) || how == textAfter:
			return i
		case how == quotesLiteral:
			return open
		}
	}
	if how == quotesLiteral {
		return open
	}
	return -1
}

// doubtfulCells are the cells of a record that cannot be trusted, as well as they can be made out.
func (r *csvReader) doubtfulCells(record []byte) [][]byte {
	record = bytes.TrimRight(record, "\r\n")
	if cells := r.cellsAsWide(record, r.width); cells != nil {
		return cells
	}
	return r.lenientCells(record, quotesLiteral)
}
