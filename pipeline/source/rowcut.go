package source

import (
	"bytes"
	"io"
)

// rowCutter cuts a stream of XML into stretches of whole elements of one name: the rows of a sheet, the
// strings of the table of shared strings. These never stand inside each other, so one ends where the
// next begins.
type rowCutter struct {
	body     io.Reader
	tag      []byte // how an element starts, with its prefix: "<row"
	last     []byte // how what holds them ends: "</sheetData"
	limit    int    // bytes one element may have
	size     int    // bytes to read for one chunk
	several  bool   // more elements of the kind may follow behind last: those of the next sheet
	elements int    // that there may be in all, 0: they are counted elsewhere
	most     int    // elements in one chunk, 0: as many as there are

	carry []byte
	total int   // elements cut so far
	end   error // what body ended with
	ended bool  // last was seen
}

// fill reads until w has n bytes or body ends.
func (k *rowCutter) fill(w []byte, n int) []byte {
	if cap(w) < n {
		wider := make([]byte, len(w), n)
		copy(wider, w)
		w = wider
	}
	for empty := 0; len(w) < n && k.end == nil; {
		m, err := k.body.Read(w[len(w):n])
		w = w[:len(w)+m]
		k.end = err
		if m > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			k.end = io.ErrNoProgress
		}
	}
	return w
}

// enter reads on to the first element that starts with tag, passes over its start tag and gives its attributes.
// false: there is none. What is before it may be of any length; it is dropped.
func (k *rowCutter) enter(tag string) (attrs []byte, empty, ok bool) {
	w := k.fill(append([]byte(nil), k.carry...), 64<<10)
	for {
		if n := tagIndex(w, []byte(tag)); n >= 0 {
			m := markup{data: w[n:]}
			if m.next() == tokenOpen {
				k.carry = append(k.carry[:0], w[n+m.i:]...)
				k.ended = false
				return m.attrs, m.empty, true
			}
			w = w[n:]
		} else if keep := len(tag); len(w) > keep {
			w = append(w[:0], w[len(w)-keep:]...)
		}
		if k.end != nil || len(w) > maxTag {
			k.carry = nil
			return nil, false, false
		}
		w = k.fill(w, max(2*len(w), 64<<10))
	}
}

// fault is why enter did not find its tag.
func (k *rowCutter) fault() error {
	if k.end == nil {
		return errDamagedXML
	}
	return k.end
}

// maxTag is how long one start tag may be.
const maxTag = 1 << 20

// head is what stands before the first element that starts with tag, at most limit bytes. Nothing is passed over.
func (k *rowCutter) head(tag string, limit int) []byte {
	k.carry = k.fill(k.carry, 64<<10)
	for tagIndex(k.carry, []byte(tag)) < 0 && k.end == nil && len(k.carry) < limit {
		k.carry = k.fill(k.carry, 2*len(k.carry))
	}
	if n := tagIndex(k.carry, []byte(tag)); n >= 0 {
		return k.carry[:n]
	}
	return k.carry
}

// cut puts the next whole elements into c, which holds none at io.EOF. At an element longer than the limit,
// c.Data is the first bytes of it, and long is true. io.ErrUnexpectedEOF: the stream ends before last.
func (k *rowCutter) cut(c *Chunk) (long bool, err error) {
	c.Data, c.bad, c.elements = nil, c.bad[:0], c.elements[:0]
	if k.ended {
		return false, io.EOF
	}
	c.window = k.fill(append(c.window[:0], k.carry...), max(k.size, len(k.carry)))
	for {
		n, ended := k.boundary(c.window)
		if n > 0 || ended {
			if k.elements > 0 {
				fewer, count := k.few(c.window[:n])
				if fewer < n {
					n, ended = fewer, false
				}
				if k.total += count; k.total > k.elements {
					return false, errTooMany
				}
			}
			k.ended = ended
			k.carry = append(k.carry[:0], c.window[n:]...)
			c.Data = c.window[:n]
			if n == 0 {
				return false, io.EOF
			}
			return false, nil
		}
		switch {
		case k.end == io.EOF:
			return false, io.ErrUnexpectedEOF
		case k.end != nil:
			return false, k.end
		case len(c.window) > k.limit:
			k.pass(c)
			return true, nil
		}
		c.window = k.fill(c.window, 2*len(c.window))
	}
}

// few is how far the whole elements w hold no more than the most allowed, and how many these are.
func (k *rowCutter) few(w []byte) (n, count int) {
	for {
		next := tagIndex(w[n:], k.tag)
		if next < 0 {
			return len(w), count
		}
		if n += next; count == k.most && k.most > 0 {
			return n, count
		}
		n += len(k.tag)
		count++
	}
}

// pass drops the element that starts the window, which is too long, but for its first bytes.
func (k *rowCutter) pass(c *Chunk) {
	c.Data = append([]byte(nil), c.window[:min(len(c.window), 1024)]...)
	w := c.window[1:]
	keep := max(len(k.tag), len(k.last)) + 1
	for {
		n, m := tagIndex(w, k.tag), tagIndex(w, k.last)
		if n < 0 || m >= 0 && m < n {
			n = m
		}
		if n >= 0 || k.end != nil {
			k.carry = append(k.carry[:0], w[max(n, 0):]...)
			return
		}
		w = append(w[:0], w[max(0, len(w)-keep):]...)
		w = k.fill(w, max(k.size, 64<<10))
	}
}

// boundary is how far w holds whole elements, and whether their end was seen there.
func (k *rowCutter) boundary(w []byte) (n int, ended bool) {
	if declares(w) {
		return k.carefully(w)
	}
	if k.several {
		if n := tagIndex(w, k.last); n >= 0 {
			return n, true
		}
	}
	for to := len(w); ; {
		n := max(0, bytes.LastIndex(w[:to], k.tag))
		if n > 0 && !tagEnds(w, n+len(k.tag)) {
			to = n
			continue
		}
		if !k.several {
			if end := tagIndex(w[n:], k.last); end >= 0 {
				return n + end, true
			}
		}
		if n > 0 && tagIndex(w[:n], k.tag) < 0 {
			n = 0
		}
		return n, false
	}
}

// declares says whether w holds a comment, CDATA or a document type. It looks for the rarer of the two characters.
func declares(w []byte) bool {
	for i := 1; i < len(w); i++ {
		n := bytes.IndexByte(w[i:], '!')
		if n < 0 {
			return false
		}
		if i += n; w[i-1] == '<' {
			return true
		}
	}
	return false
}

// carefully is boundary for a window with comments or CDATA, in which a tag may be mere text.
func (k *rowCutter) carefully(w []byte) (n int, ended bool) {
	m := markup{data: w}
	seen := false
	for {
		kind := m.next()
		switch {
		case kind == tokenEnd:
			return n, false
		case kind == tokenClose && bytes.HasPrefix(w[m.start:], k.last) && tagEnds(w, m.start+len(k.last)):
			return m.start, true
		case kind == tokenOpen && bytes.HasPrefix(w[m.start:], k.tag) && tagEnds(w, m.start+len(k.tag)):
			if seen {
				n = m.start
			}
			seen = true
		}
	}
}

// tagIndex is the index of the first tag in w: "<row" is none in "<rowBreaks", nor at the very end of w. It looks
// for the tag's last letter, which is much rarer in a sheet than what tags begin with.
func tagIndex(w, tag []byte) int {
	last := len(tag) - 1
	for i := last; i < len(w); i++ {
		n := bytes.IndexByte(w[i:], tag[last])
		if n < 0 {
			return -1
		}
		i += n
		if bytes.Equal(w[i-last:i], tag[:last]) && tagEnds(w, i+1) {
			return i - last
		}
	}
	return -1
}

// tagEnds says whether the name of a tag ends before w[i].
func tagEnds(w []byte, i int) bool {
	return i < len(w) && (w[i] <= ' ' || w[i] == '>' || w[i] == '/')
}
