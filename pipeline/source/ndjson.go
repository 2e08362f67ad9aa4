package source

// ndjsonReader reads one JSON object a line.
type ndjsonReader struct{ *jsonReader }

func newNDJSON(in *input, o Options) ndjsonReader {
	r := ndjsonReader{newJSONReader(in, o, "ndjson")}
	r.lined = true
	r.scan = r.scanWindow
	return r
}

// openNDJSON finds the columns. The error is an *Error.
func openNDJSON(in *input, o Options) (Reader, error) {
	if o.Format == "" {
		if r, err := unwrapped(in, o); r != nil || err != nil {
			return r, err
		}
	}
	if err := oneObject(in); err != nil {
		return nil, err
	}
	r := newNDJSON(in, o)
	r.learn(func(sample *input) (Reader, *jsonReader) {
		tmp := newNDJSON(sample, o)
		return tmp, tmp.jsonReader
	})
	return r, nil
}

// oneObject refuses a file that is one object over several lines: nothing says which part of it holds the records.
func oneObject(in *input) error {
	sample := in.look(sampleSize)
	data := append(make([]byte, 0, len(sample)+pad), sample...)
	seal(data[:cap(data)], len(sample))
	s := scanner{data: data[:len(sample)+pad], lines: true, lax: true}
	s.space()
	start := s.i
	if start == len(s.data) {
		return &Error{Code: fileEmpty, File: in.name, Detail: "is empty: it holds no record"}
	}
	if s.peek() != '{' {
		return nil
	}
	ok := s.object(0)
	whole := ok || s.i >= len(sample)
	if n := lineEnd(sample[start:]); n >= 0 && start+n < s.i && whole {
		return &Error{Code: fileFormat, File: in.name, Detail: "holds a JSON object that runs over several lines; write " +
			"one object on each line, or an array of objects"}
	}
	return nil
}

// scanWindow finds how far the window holds whole lines, at most as many as a chunk may have records.
func (r ndjsonReader) scanWindow(c *Chunk) int {
	w := c.window
	n := len(w)
	if c.supply != ended {
		n = lastLineStart(w, 0, n)
	}
	if n == 0 && c.supply != ended && len(w) > r.maxRow+1 {
		r.dropLine(c, 0, rowTooLong, tooLongDetail(r.maxRow), -1)
		return 0
	}
	limit := int64(rowsPerChunk(len(r.tree.names)))
	if countLines(w[:n]) <= limit {
		return n
	}
	n = 0
	for range limit {
		n = nextLine(w, n)
	}
	return n
}

// Parse is Reader.Parse.
func (r ndjsonReader) Parse(c *Chunk, b *Block) {
	line, number := c.Line, c.Number
	p := r.parser(c, b, int(countLines(c.Data))+1)
	for i := range c.bad {
		line, number = b.refuse(&c.bad[i], line, number)
	}
	for p.i < len(c.Data) {
		start := p.i
		if p.space(); !p.atLineEnd() {
			p.parseLine(start, line, number)
		}
		p.i = afterLineEnd(p.data, p.i)
		line++
		number++
	}
	r.finishBlock(p)
	b.passBlank(r.in)
}

// parseLine parses the line that starts at start, whose first character is at i, and goes to its end.
func (p *jsonParser) parseLine(start int, line, number int64) {
	nodes, columns := len(p.nodes), len(p.names)
	ok := p.record()
	if ok {
		if p.space(); !p.atLineEnd() {
			ok = p.fail("more behind the object")
			p.takeBack(nodes, columns)
		}
	}
	fault := p.i
	p.i += lineEnd(p.data[p.i:])
	if p.i-start > p.maxRow {
		if ok {
			p.takeBack(nodes, columns)
		}
		p.code, p.column = rowTooLong, -1
	}
	end := p.i
	p.i = fault
	p.row(line, line, number, start)
	p.i = end
}

func (p *jsonParser) atLineEnd() bool {
	c := p.peek()
	return c == '\n' || c == '\r'
}
