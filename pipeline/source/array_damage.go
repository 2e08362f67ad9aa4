package source

import (
	"bytes"
	"fmt"
)

// How wayOut says that there is none.
const (
	noWay    = -1
	needMore = -2 // not in this window
)

// wayOut finds where the damaged element at start ends: by its brackets, where these and the strings still
// fit together, else before the next line that starts like an element and holds a sound one. It looks no
// further than maxRow, and gives the index behind the element and the place that is, or noWay or needMore and the
// place before it.
func (r *arrayReader) wayOut(c *Chunk, start int) (int, place) {
	w := c.window
	before := r.place
	short := c.supply == flowing && len(w)-start <= 2*r.maxRow+pad
	end := balanced(w, start, start+r.maxRow)
	if end == needMore && short {
		return needMore, before
	}
	if end > 0 {
		switch follows := r.goesOn(w, end); {
		case follows == needMore && short:
			return needMore, before
		case follows > 0:
			return end, behindElement
		}
	}
	if end = r.nextElementLine(c, start, short); end < 0 {
		return end, before
	}
	return end, behindComma
}

// goesOn says whether behind end stand a comma and an object's brace, or the end of the array.
func (r *arrayReader) goesOn(w []byte, end int) int {
	s := scanner{data: w, i: end, lines: true}
	if s.space(); s.peek() == ',' {
		s.i++
		s.space()
		if s.peek() == '{' {
			return s.i
		}
	}
	if s.peek() == ']' {
		return s.i
	}
	if s.i >= len(w) {
		return needMore
	}
	return noWay
}

// nextElementLine finds the next line on which, indented like the others, a sound element starts. What stands
// before that line, a comma or not, belongs to the damaged element.
func (r *arrayReader) nextElementLine(c *Chunk, start int, short bool) int {
	w, s := c.window, &r.scanner
	p := start
	for {
		n := lineEnd(w[p:])
		if n < 0 {
			break
		}
		p = afterLineEnd(w, p+n)
		if p-start > r.maxRow {
			return noWay
		}
		if !bytes.HasPrefix(w[p:], r.indent) || len(w) <= p+len(r.indent) || w[p+len(r.indent)] != '{' {
			continue
		}
		s.i = p + len(r.indent)
		sound := s.value(0)
		if s.i >= len(w) && short && !(sound && w[len(w)-1] == '}') {
			return needMore
		}
		if !sound || s.i-p > r.maxRow {
			continue
		}
		switch follows := r.goesOn(w, s.i); {
		case follows == needMore && short:
			return needMore
		case follows != noWay:
			return p
		}
	}
	if short {
		return needMore
	}
	return noWay
}

// balanced is the index behind the brackets that open at w[start], strings skipped; noWay when brackets or the
// places of strings do not fit, needMore when w ends before.
func balanced(w []byte, start, limit int) int {
	var open []byte
	before := byte(0) // the last character that is neither white space nor in a string
	for i := start; i < len(w); i++ {
		if i > limit {
			return noWay
		}
		switch ch := w[i]; ch {
		case ' ', '\t', '\r', '\n':
			continue
		case '{', '[':
			open = append(open, ch+2) // its closing one
		case '}', ']':
			if len(open) == 0 || open[len(open)-1] != ch {
				return noWay
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return i + 1
			}
		case '"':
			// A string stands behind punctuation only; if not, one quote too few or too many came before.
			if bytes.IndexByte([]byte("{[,:"), before) < 0 {
				return noWay
			}
			end := stringEnd(w, i)
			if end < 0 {
				return end
			}
			i = end - 1
		default:
			if len(open) == 0 {
				return noWay
			}
		}
		before = w[min(i, len(w)-1)]
	}
	return needMore
}

// stringEnd is the index behind the string that opens at w[i].
func stringEnd(w []byte, i int) int {
	for i++; i < len(w); i++ {
		switch {
		case w[i] == '\\':
			i++
		case w[i] == '"':
			return i + 1
		case w[i] < ' ':
			return noWay
		}
	}
	return needMore
}

// dropElement drops the window's first element, which is longer than any row may be, up to where its brackets
// close, however far that is.
func (r *arrayReader) dropElement(c *Chunk, start int, line int64) {
	lead := countLines(c.window[:start])
	r.drop(c, start)
	var f follower
	for {
		n, whole := f.follow(c.window)
		if whole {
			r.drop(c, n)
			break
		}
		r.drop(c, len(c.window))
		if c.supply != flowing {
			r.cutShort(c, line)
			break
		}
		r.refill(c, r.size)
	}
	r.place = behindElement
	c.dropped = lead + f.lines
	c.elements = append(c.elements, element{line: line, lines: f.lines, code: rowTooLong, detail: tooLongDetail(r.maxRow)})
}

// follower follows one value through several windows by its brackets and strings alone.
type follower struct {
	depth    int
	inString bool
	escaped  bool
	returned bool // the last byte was a carriage return
	begun    bool
	lines    int64
}

// follow reads on; whole says that the value ends before w[n].
func (f *follower) follow(w []byte) (n int, whole bool) {
	for i, ch := range w {
		if ch == '\n' && !f.returned || ch == '\r' {
			f.lines++
		}
		f.returned = ch == '\r'
		switch {
		case f.escaped:
			f.escaped = false
		case f.inString:
			f.escaped = ch == '\\'
			f.inString = ch != '"'
		case ch == '"':
			f.inString = true
		case ch == '{' || ch == '[':
			f.depth++
		case f.depth == 0 && f.begun && (ch == ',' || ch == ']'):
			return i, true
		case ch == '}' || ch == ']':
			f.depth--
		}
		if f.begun = true; f.depth <= 0 && !f.inString && (ch == '"' || ch == '}' || ch == ']') {
			return i + 1, true
		}
	}
	return 0, false
}

func jsonDetail(what string, at int) string {
	return fmt.Sprintf("not valid JSON: %s (byte %d of the record)", what, at+1)
}
