package source

import "bytes"

// csvReader reads one CSV file.
type csvReader struct {
	cutter
	dialect
	header   *Header
	columns  int // Options.MaxColumns
	describe string
	titles   titles
	doubtful bool  // Options.Doubtful
	titled   bool  // lines may stand before the header
	barren   int64 // no record that fits starts on a line before this place of the text, see nextFit
}

func (r *csvReader) Header() *Header  { return r.header }
func (r *csvReader) Describe() string { return r.describe }

func (r *csvReader) Dialect() (delimiter byte, encoding string) { return r.delimiter, r.in.encoding }
func (r *csvReader) Size() int64                                { return r.in.size }
func (r *csvReader) Offset() int64                              { return r.in.raw.Load() }
func (r *csvReader) Close() error                               { return r.in.close() }

// scanWindow finds how far the window holds whole records. It jumps from quote to quote: a quoted cell
// that is well formed and stays on its line is passed over; at anything else the record it stands in is
// judged as a whole. So between mark and i, no quoted cell holds a line end, and any line end there is
// the end of a record.
func (r *csvReader) scanWindow(c *Chunk) int {
	w := c.window
	mark, i := 0, 0
	for {
		q := i + 1 // where all cells are quoted, the next one opens behind one delimiter
		if q >= len(w) || w[q] != r.quote || w[i] == r.quote {
			n := bytes.IndexByte(w[i:], r.quote)
			if n < 0 {
				return r.lastRecord(c, mark)
			}
			q = i + n
		}
		if e := r.plainQuoted(w, q); e > 0 {
			i = e + 1
			continue
		}
		start := lastLineStart(w, mark, q)
		next, ok := r.settle(c, start)
		if !ok {
			return start
		}
		mark, i = next, next
	}
}

// plainQuoted is the index of the quote that closes the quoted cell at w[q], if it is one, holds no
// line end, and the window shows what follows it; else 0.
func (r *csvReader) plainQuoted(w []byte, q int) int {
	if q > 0 && !r.ends(w[q-1]) {
		return 0
	}
	for i := q + 1; ; {
		i = quoteOrControl(w, i, r.quote)
		if i+1 >= len(w) {
			return 0
		}
		switch {
		case w[i] == '\n' || w[i] == '\r':
			return 0
		case w[i] != r.quote:
			i++
		case w[i+1] == r.quote:
			i += 2
		case r.ends(w[i+1]):
			return i
		default:
			return 0
		}
	}
}

// lastRecord is the end of the last whole record of a window that holds no more quotes behind mark's lines.
func (r *csvReader) lastRecord(c *Chunk, mark int) int {
	w := c.window
	if c.supply == ended {
		return len(w)
	}
	n := lastLineStart(w, mark, len(w))
	if n == 0 && len(w) > r.maxRow {
		n, _ = r.settle(c, 0)
	}
	return n
}

// settle decides over the record that starts at w[start]: a sound one is passed over, an unsound one is
// noted in c.bad together with the lines up to the next record to trust. It gives the index behind it; false
// when that takes more bytes than the window has.
func (r *csvReader) settle(c *Chunk, start int) (int, bool) {
	w := c.window
	v := r.read(w, start, c.supply)
	if v.state != ended {
		return 0, false
	}
	if v.relaxed {
		return r.refuse(c, v, start, v.end), true
	}
	if v.code == "" {
		if v.inner == 0 || !r.takesInRows(w, start, v, c.supply) {
			c.inner += v.inner
			return v.end, true
		}
		v = v.fault(takesInLines)
		v.column = -1
		return r.refuse(c, v, start, nextLine(w, start)), true
	}
	view := w[start:min(len(w), start+r.maxRow+1)]
	n := lineEnd(view)
	switch {
	case v.code == rowTooLong, n < 0 && len(view) > r.maxRow:
		return r.skipLong(c, v, start)
	case c.supply != ended && (n < 0 || c.supply == flowing && w[start+n] == '\r' && start+n+1 == len(w)):
		return 0, false
	}
	next, ok := r.resync(w, start, c.supply)
	if !ok {
		return 0, false
	}
	return r.refuse(c, v, start, next), true
}

// refuse notes the row w[start:end], which is untrustworthy or, without a code, not for the strict parser.
func (r *csvReader) refuse(c *Chunk, v verdict, start, end int) int {
	text := c.window[start:end]
	open := len(text) > 0 && text[len(text)-1] != '\n' && text[len(text)-1] != '\r'
	c.bad = append(c.bad, span{start, end, countLines(text), open, v.code, v.detail, v.column})
	return end
}

// skipLong refuses a record that is too long, or whose first line is, up to the end of the line on which it passes
// the limit. That may be far behind the window: then the text is dropped, and the refused row stands alone in its
// chunk.
func (r *csvReader) skipLong(c *Chunk, v verdict, start int) (int, bool) {
	w := c.window
	from := start + r.maxRow
	if n := lineEnd(w[from:]); n >= 0 && (from+n+1 < len(w) || c.supply == ended) {
		return r.refuse(c, v, start, afterLineEnd(w, from+n)), true
	}
	if start == 0 {
		r.dropLine(c, r.maxRow, v.code, v.detail, v.column)
	}
	return 0, false
}

// takesInRows says whether the lines inside the record that starts w[start:] are rows: then it is one whose closing
// quote is missing, not one row with text of several lines. In a record that is not as wide as the header all must fit.
// A line of text may fit a narrow table by chance, so they must hold four delimiters between them.
func (r *csvReader) takesInRows(w []byte, start int, v verdict, s supply) bool {
	end := v.end
	if v.width == r.width {
		return r.alikeInside(w[start:end])
	}
	text := bytes.TrimSuffix(bytes.TrimSuffix(w[start:end], []byte{'\n'}), []byte{'\r'})
	last := lastLineStart(w, start, start+len(text))
	rows := 0
	for p := nextLine(w, start); p < last; rows++ {
		v := r.judge(w, p, s)
		if !r.fits(w, p, v) || v.end > last {
			return false
		}
		p = v.end
	}
	return rows*(r.width-1) >= 4
}

// alikeInside says whether a record of several lines, as wide as the header, holds a row in its last line: the first
// line and that one are as wide as the header by themselves, and have an address, a date or a number in the same
// column.
func (r *csvReader) alikeInside(record []byte) bool {
	first := record[:nextLine(record, 0)]
	if bytes.Count(first, []byte{r.delimiter}) != r.width-1 {
		return false
	}
	text := bytes.TrimRight(record, "\r\n")
	last := text[lastLineStart(text, 0, len(text)):]
	if len(last) == len(text) || bytes.Count(last, []byte{r.delimiter}) != r.width-1 {
		return false
	}
	others := bytes.Split(last, []byte{r.delimiter})
	for i, cell := range bytes.Split(bytes.TrimRight(first, "\r\n"), []byte{r.delimiter})[:r.width-1] {
		if kind := looksLike(cell); kind > kindWords && kind != kindCount && kind == looksLike(others[i]) {
			return true
		}
	}
	return false
}

// lineStart is the index of the first line that starts at or behind from, which is not 0.
func lineStart(w []byte, from int) int {
	if last := w[from-1]; last == '\n' || last == '\r' && (from == len(w) || w[from] != '\n') {
		return from
	}
	return nextLine(w, from)
}

// nextLine is the index behind the first line end at or behind from, len(w) without one.
func nextLine(w []byte, from int) int {
	n := lineEnd(w[from:])
	if n < 0 {
		return len(w)
	}
	return afterLineEnd(w, from+n)
}
