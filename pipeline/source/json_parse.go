package source

import (
	"bytes"
	"fmt"
)

// jsonParser turns records into rows of a block. It lives in the block, so that its buffers are reused.
type jsonParser struct {
	scanner
	shoots
	block  *Block
	limit  int // columns
	maxRow int
	seen   []uint32 // by node: the record it was last seen in
	stamp  uint32
	first  int // the row under way in block.cells and kinds
	n      int // its end
	column int32
}

// blockCells bounds the cells of one block of JSON rows, since a record costs a cell for each key that any
// record has: 24 MiB of slice headers at the most. Fewer rows go into a chunk where there are many columns.
const blockCells = 1 << 20

// maxName bounds a column's name in bytes, since a long key would be repeated in each column below it.
const maxName = 1024

// rowsPerChunk is how many records a chunk may hold, so that columns may grow fourfold in it.
func rowsPerChunk(columns int) int { return min(8192, max(1, blockCells/4/max(columns, 1))) }

// begin prepares for the rows of one chunk.
func (p *jsonParser) begin(b *Block, base *tree, data []byte, limit int) {
	p.block, p.data, p.i, p.limit = b, data, 0, limit
	p.text = p.text[:0]
	p.regrow(base)
	p.n = 0
}

// record parses the object at i into a new row's cells. False: the row is refused, and what it added is gone.
func (p *jsonParser) record() bool {
	nodes, columns := len(p.nodes), len(p.names)
	if p.stamp++; p.stamp == 0 {
		clear(p.seen)
		p.stamp = 1
	}
	p.code, p.detail, p.column, p.keys = "", "", -1, p.keys[:0]
	p.first = p.n
	p.extend(p.width())
	ok := false
	if p.peek() != '{' {
		p.fail("not an object in braces")
	} else {
		ok = p.fields(0, 0)
	}
	if !ok {
		p.takeBack(nodes, columns)
	}
	return ok
}

func (p *jsonParser) takeBack(nodes, columns int) {
	p.prune(nodes, columns)
	p.n = p.first
}

// extend adds n absent cells to the row under way.
func (p *jsonParser) extend(n int) {
	b := p.block
	if end := p.n + n; end > len(b.cells) || end > len(b.kinds) {
		size := max(2*len(b.cells), p.n-p.first+n, 4096)
		cells, kinds := make([][]byte, size), make([]byte, size)
		had := copy(cells, b.cells[p.first:p.n])
		copy(kinds, b.kinds[p.first:p.n])
		b.cells, b.kinds = cells, kinds
		p.first, p.n = 0, had
	}
	clear(b.cells[p.n : p.n+n])
	clear(b.kinds[p.n : p.n+n])
	p.n += n
}

// fields reads the object at i, the value of node parent, into cells.
func (p *jsonParser) fields(parent int32, depth int) bool {
	if depth >= maxDepth {
		return p.fail("nested too deep")
	}
	p.i++
	if p.space(); p.peek() == '}' {
		p.i++
		return true
	}
	expected := p.nodes[parent].first
	for {
		id := p.key(parent, expected)
		if id == 0 || !p.colon() || !p.field(id, depth) {
			return false
		}
		if expected = p.nodes[id].next; p.nodes[id].parent != parent {
			expected = 0 // the key was a path to another object
		}
		p.space()
		switch p.peek() {
		case ',':
			p.i++
			p.space()
		case '}':
			p.i++
			return true
		default:
			return p.fail("a comma or } is missing")
		}
	}
}

// key reads a key of the object at parent and gives its node, 0 for a fault. Records mostly repeat the order
// of keys, so the one expected is compared first.
func (p *jsonParser) key(parent, expected int32) int32 {
	if p.peek() != '"' {
		p.fail("a key in quotes is missing")
		return 0
	}
	id := expected
	if n := &p.nodes[expected]; expected == 0 || !n.plain || !p.quotes(n.name) {
		at := p.i
		key, ok := p.str()
		if !ok {
			return 0
		}
		if bytes.IndexByte(key, '.') >= 0 && isPath(key) {
			id = p.walk(parent, key, at)
		} else if id = p.child(parent, key); id == 0 {
			id = p.newKey(parent, key, at)
		}
	}
	if id == 0 {
		return 0
	}
	if int(id) >= len(p.seen) {
		p.seen = append(p.seen, make([]uint32, max(len(p.nodes)-len(p.seen), 64))...)
	}
	if p.seen[id] == p.stamp {
		p.column = p.nodes[id].column
		p.fail("a key that appears twice")
		return 0
	}
	p.seen[id] = p.stamp
	return id
}

// quotes goes behind the string at i if it is name, written without escapes.
func (p *jsonParser) quotes(name string) bool {
	from := p.i + 1
	to := from + len(name)
	if to >= len(p.data) || p.data[to] != '"' || string(p.data[from:to]) != name {
		return false
	}
	p.i = to + 1
	return true
}

// isPath says whether a key with dots in it is one of muster's own names for what stands in objects: address.city is
// the column that the city of an address has.
func isPath(key []byte) bool {
	return key[0] != '.' && key[len(key)-1] != '.' && !bytes.Contains(key, []byte(".."))
}

// walk gives the node of a path, 0 for a fault.
func (p *jsonParser) walk(parent int32, path []byte, at int) int32 {
	for more := true; more; {
		var key []byte
		key, path, more = bytes.Cut(path, []byte{'.'})
		id := p.child(parent, key)
		if id == 0 {
			if id = p.newKey(parent, key, at); id == 0 {
				return 0
			}
		}
		parent = id
	}
	return parent
}

func (p *jsonParser) newKey(parent int32, key []byte, at int) int32 {
	switch {
	case len(key) == 0:
		p.i = at
		p.fail("an empty key")
		return 0
	case int(p.nodes[parent].path)+1+len(key) > maxName:
		p.i = at
		p.fail("a key too long to name a column")
		return 0
	}
	return p.add(parent, string(key))
}

// field reads the value of node id.
func (p *jsonParser) field(id int32, depth int) bool {
	kind := p.peek()
	start := p.i
	var text []byte
	ok := false
	switch kind {
	case '{':
		return p.fields(id, depth+1)
	case '"':
		text, ok = p.str()
	case '[':
		ok = p.array(depth + 1)
		text = p.data[start:p.i:p.i]
	default:
		kind, ok = p.scalar(kind)
		if kind != 'n' {
			text = p.data[start:p.i:p.i]
		}
	}
	column := p.nodes[id].column
	if !ok {
		p.column = column
		return false
	}
	if column < 0 {
		if p.width() >= p.limit {
			p.code, p.detail = rowWidth, fmt.Sprintf("more different keys than the %d columns allowed", p.limit)
			return false
		}
		column = p.addColumn(id)
		p.extend(1)
	}
	at := p.first + int(column)
	p.block.cells[at], p.block.kinds[at] = text, kind
	return true
}

// row adds the record that was parsed, or, where code is set, refused.
func (p *jsonParser) row(line, endLine, number int64, start int) {
	row := p.block.next()
	row.Line, row.EndLine, row.Number = line, endLine, number
	if p.code == "" {
		row.Cells = p.block.cells[p.first:p.n:p.n]
		row.Kinds = p.block.kinds[p.first:p.n:p.n]
		return
	}
	row.Code, row.Detail, row.Column = p.code, p.detail, int(p.column)
	switch p.code {
	case rowJSON:
		row.Detail = jsonDetail(p.detail, p.i-start)
	case rowTooLong:
		row.Detail = tooLongDetail(p.maxRow)
	}
}

// level gives every row as many cells as the last one, after the columns have grown.
func (p *jsonParser) level() {
	if len(p.names) == 0 {
		return
	}
	width := p.width()
	for i := range p.block.Rows {
		row := &p.block.Rows[i]
		if row.Code != "" || len(row.Cells) == width {
			continue
		}
		cells, kinds := row.Cells, row.Kinds
		p.first = p.n
		p.extend(width)
		row.Cells = p.block.cells[p.first:p.n:p.n]
		row.Kinds = p.block.kinds[p.first:p.n:p.n]
		copy(row.Cells, cells)
		copy(row.Kinds, kinds)
	}
}
