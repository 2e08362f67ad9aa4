package source

import (
	"bytes"
	"io"
)

// supply says whether the input may give more bytes after those in a window.
type supply int

const (
	flowing supply = iota // more may come
	ended                 // clean end
	broken                // the input stops short
)

// pad is how many line feeds follow a chunk's data in memory, so that the parsers may look at 64 bytes
// at a time and always meet an end.
const pad = 64

// cutter is the sequential half of every reader: it fills the chunk's window from the input and keeps
// what lies behind the last cut for the next one.
type cutter struct {
	in     *input
	size   int                // bytes to read for one chunk
	scan   func(c *Chunk) int // how far c.window holds whole records; 0 with no c.bad or c.elements: not one
	carry  []byte
	line   int64 // of the next chunk's first byte
	number int64
	lined  bool   // a row is a line, and blank lines count too; else rows are elements
	base   int64  // bytes of text before the window
	stop   *Error // why scan goes no further though bytes come
	end    error  // what Cut answered last, once it was an error
}

// span is a stretch of a chunk that is one untrustworthy row.
type span struct {
	start, end int
	lines      int64 // line ends in it
	open       bool  // the text ends in it without a line end
	code       string
	detail     string
	column     int
}

// Cut is Reader.Cut for every format.
func (k *cutter) Cut(c *Chunk) error {
	if k.end != nil {
		return k.end
	}
	k.begin(c)
	for {
		if n := k.scan(c); n > 0 || len(c.bad) > 0 || len(c.elements) > 0 {
			k.finish(c, n)
			return nil
		}
		if k.stop != nil || !k.grow(c) {
			return k.finally(c)
		}
	}
}

// finally is the answer to every Cut from now on.
func (k *cutter) finally(c *Chunk) error {
	c.Data = c.window[:0]
	if k.end = k.in.outcome(k.line); k.stop != nil && k.end == io.EOF {
		k.end = k.stop
	}
	return k.end
}

// begin puts what was carried over and fresh bytes into the window.
func (k *cutter) begin(c *Chunk) {
	c.bad, c.elements = c.bad[:0], c.elements[:0]
	c.inner, c.dropped = 0, 0
	c.window = append(c.window[:0], k.carry...)
	k.refill(c, k.size)
}

// refill reads until the window holds n bytes or no more come; false when neither bytes nor news came.
func (k *cutter) refill(c *Chunk, n int) bool {
	have, was := len(c.window), c.supply
	n = max(n, have)
	if cap(c.window) < n+pad {
		wider := make([]byte, have, n+pad)
		copy(wider, c.window)
		c.window = wider
	}
	c.window = c.window[:have+k.in.fill(c.window[have:n])]
	c.supply = k.in.supply()
	return len(c.window) > have || c.supply != was
}

// grow doubles the window for a record that does not fit; false when nothing more comes.
func (k *cutter) grow(c *Chunk) bool {
	return c.supply == flowing && k.refill(c, 2*len(c.window))
}

// finish cuts the window at n, and counts on.
func (k *cutter) finish(c *Chunk, n int) {
	k.carry = append(k.carry[:0], c.window[n:]...)
	c.Data = c.window[:n]
	seal(c.window, n)
	c.Line, c.Number = k.line, k.number
	lines := countLines(c.Data)
	k.line += lines + c.dropped
	k.base += int64(n)
	if !k.lined {
		k.number += int64(len(c.elements))
		return
	}
	k.number += lines + c.dropped - c.inner
	for _, s := range c.bad {
		k.number -= s.lines - 1
	}
}

// dropLine refuses the row that starts the window and drops it, up to the first line end at or behind from.
func (k *cutter) dropLine(c *Chunk, from int, code, detail string, column int) {
	lines := countLines(c.window[:from])
	k.drop(c, from)
	ends := k.skipLine(c)
	if ends {
		lines++
	}
	c.dropped = lines
	c.bad = append(c.bad, span{lines: lines, open: !ends, code: code, detail: detail, column: column})
}

// skipLine drops the window and what follows up to the end of the line, and says whether the line ends at all.
func (k *cutter) skipLine(c *Chunk) bool {
	for {
		n := lineEnd(c.window)
		if n >= 0 && (n+1 < len(c.window) || c.window[n] == '\n' || c.supply != flowing) {
			k.drop(c, afterLineEnd(c.window, n))
			return true
		}
		if n < 0 {
			n = len(c.window)
		}
		k.drop(c, n) // a carriage return at the very end stays until what follows it is seen
		if c.supply != flowing {
			return false
		}
		k.refill(c, len(c.window)+k.size)
	}
}

// drop forgets the first n bytes of the window.
func (k *cutter) drop(c *Chunk, n int) {
	c.window = append(c.window[:0], c.window[n:]...)
	k.base += int64(n)
}

// seal writes the pad behind the first n bytes of window.
func seal(window []byte, n int) {
	tail := window[n : n+pad]
	for i := range tail {
		tail[i] = '\n'
	}
}

// lineEnd is the index of the first line feed or carriage return, -1 for none. It looks in steps, so that
// the cost is that of the line and not of the window where one of the two does not occur.
func lineEnd(b []byte) int {
	for from, step := 0, 256; from < len(b); step *= 2 {
		part := b[from:min(from+step, len(b))]
		n := bytes.IndexByte(part, '\n')
		if n >= 0 {
			part = part[:n]
		}
		if r := bytes.IndexByte(part, '\r'); r >= 0 {
			return from + r
		}
		if n >= 0 {
			return from + n
		}
		from += len(part)
	}
	return -1
}

// afterLineEnd is the index behind the line end at n: LF, CRLF or CR.
func afterLineEnd(b []byte, n int) int {
	if b[n] == '\r' && n+1 < len(b) && b[n+1] == '\n' {
		return n + 2
	}
	return n + 1
}

// lastLineStart is the index behind the last line end in b[from:to], or from. A carriage return at the
// very end of b does not count: a line feed may follow it.
func lastLineStart(b []byte, from, to int) int {
	for i := to - 1; i >= from; i-- {
		if b[i] == '\n' || b[i] == '\r' && i+1 < len(b) {
			return i + 1
		}
	}
	return from
}

// countLines counts line ends: LF, CRLF and CR alone are one each.
func countLines(b []byte) int64 {
	n := int64(bytes.Count(b, []byte{'\n'}))
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i+1 >= len(b) || b[i+1] != '\n' {
			n++
		}
		i++
		next := bytes.IndexByte(b[i:], '\r')
		if next < 0 {
			break
		}
		i += next
	}
	return n
}
