package source

import "bytes"

// arrayReader reads a JSON array of objects. Its cutter follows the array strictly, element by element, since
// only that tells where one ends.
type arrayReader struct {
	*jsonReader
	place   place
	wrapped bool   // the array stands in an object, whose rest follows it
	known   int    // elements so far
	indent  []byte // white space before an element that stands at the start of a line
	scanner scanner
}

// place is where in the array the cutter stands.
type place int

const (
	beforeArray place = iota
	beforeFirst
	behindElement
	behindComma
	behindArray
)

// element is one element of the array: a stretch of a chunk's data.
type element struct {
	start, end int
	line       int64
	lines      int64 // line ends in it
	code       string
	detail     string
}

func newArray(in *input, o Options) *arrayReader {
	r := &arrayReader{jsonReader: newJSONReader(in, o, "json")}
	r.scan = r.scanWindow
	r.scanner.lines, r.scanner.lax = true, true
	return r
}

// openArray finds the columns. The error is an *Error.
func openArray(in *input, o Options) (Reader, error) {
	if text := bytes.TrimLeft(in.look(sampleSize), " \t\r\n"); len(text) == 0 || text[0] != '[' {
		if r, err := unwrapped(in, o); r != nil || err != nil {
			return r, err
		}
		return nil, &Error{Code: fileFormat, File: in.name, Detail: "is no JSON array of objects: it does not start with ["}
	}
	r := newArray(in, o)
	r.learn(func(sample *input) (Reader, *jsonReader) {
		tmp := newArray(sample, o)
		return tmp, tmp.jsonReader
	})
	return r, nil
}

// scanWindow notes the whole elements of the window and gives the index behind the last one, or behind the
// comma or bracket that follows it.
func (r *arrayReader) scanWindow(c *Chunk) int {
	w := c.window
	seal(w[:len(w)+pad], len(w))
	s := &r.scanner
	s.data = w[:len(w)+pad]
	lines := lineCounter{line: r.line, text: w}
	limit := rowsPerChunk(len(r.tree.names))
	done := 0
	for len(c.elements) < limit && r.stop == nil {
		s.i = done
		s.space()
		if s.i >= len(w) {
			return r.spaceOnly(c, done)
		}
		next, ok := r.punctuation(w, s.i)
		if ok {
			done = next
			continue
		}
		if r.place == behindArray {
			if r.wrapped {
				return len(w)
			}
			r.breakOff(lines.at(s.i), "there is more behind the end of the array")
			return done
		}
		if next = r.element(c, done, s.i, &lines); next < 0 {
			return done
		}
		done = next
	}
	return done
}

// spaceOnly is how much to cut of a window that holds only white space behind done.
func (r *arrayReader) spaceOnly(c *Chunk, done int) int {
	switch w := c.window; {
	case c.supply == ended && r.place != behindArray:
		r.breakOff(0, "the array is not closed; the file is not complete")
	case done == 0 && len(c.elements) == 0 && len(w) > r.maxRow && w[len(w)-1] != '\r':
		return len(w) // else no window could hold it
	}
	return done
}

// punctuation goes behind a bracket or comma that may stand at i.
func (r *arrayReader) punctuation(w []byte, i int) (int, bool) {
	switch {
	case r.place == beforeArray && w[i] == '[':
		r.place = beforeFirst
	case r.place == behindElement && w[i] == ',':
		r.place = behindComma
	case r.place != beforeArray && r.place != behindArray && w[i] == ']':
		r.place = behindArray
	default:
		return 0, false
	}
	return i + 1, true
}

func (r *arrayReader) breakOff(line int64, detail string) {
	r.stop = &Error{Code: fileBrokenOff, File: r.in.name, Line: line, Detail: detail}
}

// element notes the element at w[start], and gives the index behind it; -1 when the window does not hold it or
// nothing more can be told.
func (r *arrayReader) element(c *Chunk, done, start int, lines *lineCounter) int {
	w, s := c.window, &r.scanner
	s.i, s.text, s.keys = start, s.text[:0], s.keys[:0]
	ok := r.place != behindElement && s.value(0)
	if r.place == behindElement {
		s.fail("a comma is missing before it")
	}
	if s.i = min(s.i, len(w)); s.i-start > r.maxRow { // the pad is white space
		if done == 0 && len(c.elements) == 0 {
			r.dropElement(c, start, lines.at(start))
		}
		return -1
	}
	closed := ok && (w[s.i-1] == '}' || w[s.i-1] == ']')
	if s.i >= len(w) && !closed {
		return r.cutShort(c, lines.at(start))
	}
	r.learnIndent(w[done:start])
	e := element{start: start, end: s.i, line: lines.at(start)}
	if ok {
		r.place = behindElement
	} else {
		e.code, e.detail = rowJSON, jsonDetail(s.detail, s.i-start)
		if e.end, r.place = r.wayOut(c, start); e.end < 0 {
			return r.lost(c, e.end, e.line)
		}
	}
	e.lines = countLines(bytes.TrimRight(w[start:e.end], " \t\r\n"))
	r.known++
	c.elements = append(c.elements, e)
	return e.end
}

// cutShort is for an element that the window does not hold: an error if nothing more comes.
func (r *arrayReader) cutShort(c *Chunk, line int64) int {
	if c.supply == ended {
		r.breakOff(line, "the array stops in the middle of an element; the file is not complete")
	}
	return -1
}

func (r *arrayReader) lost(c *Chunk, end int, line int64) int {
	if end == needMore && c.supply == flowing {
		return -1
	}
	r.breakOff(line, "the array is damaged here, and where its next element starts cannot be told")
	return -1
}

// learnIndent notes how elements stand on their lines, from the white space before the first two.
func (r *arrayReader) learnIndent(before []byte) {
	if r.known >= 2 {
		return
	}
	r.indent = nil
	if n := bytes.LastIndexAny(before, "\r\n"); n >= 0 {
		r.indent = append(r.indent, before[n+1:]...)
	}
}

// Parse is Reader.Parse.
func (r *arrayReader) Parse(c *Chunk, b *Block) {
	p := r.parser(c, b, len(c.elements))
	p.scanner.lines = true
	number := c.Number
	for i := range c.elements {
		e := &c.elements[i]
		p.i = e.start
		if e.code == "" {
			p.record()
			p.row(e.line, e.line+e.lines, number, e.start)
		} else {
			row := b.next()
			row.Line, row.EndLine, row.Number = e.line, e.line+e.lines, number
			row.Code, row.Detail = e.code, e.detail
		}
		number++
	}
	r.finishBlock(p)
	b.passBlank(r.in)
}

// lineCounter gives line numbers of places in a text, asked for in ascending order.
type lineCounter struct {
	text []byte
	from int
	line int64
}

// at is the line of text[i], which is no line end.
func (l *lineCounter) at(i int) int64 {
	l.line += countLines(l.text[l.from:i])
	l.from = i
	return l.line
}
