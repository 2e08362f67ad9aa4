package source

import (
	"errors"
	"fmt"
	"strings"

	"muster/pipeline/printable"
)

// jsonReader is what the readers of NDJSON and of JSON arrays share: the columns.
type jsonReader struct {
	cutter
	header   *Header
	tree     *tree
	columns  int // Options.MaxColumns
	maxRow   int
	describe string
	grown    grown
}

func (r *jsonReader) Header() *Header  { return r.header }
func (r *jsonReader) Describe() string { return r.describe }
func (r *jsonReader) Size() int64      { return r.in.size }
func (r *jsonReader) Offset() int64    { return r.in.raw.Load() }
func (r *jsonReader) Close() error     { return r.in.close() }

func newJSONReader(in *input, o Options, format string) *jsonReader {
	return &jsonReader{
		cutter:  cutter{in: in, size: o.ChunkSize, line: 1, number: 1},
		header:  &Header{File: in.name, Sheet: in.sheet, Format: format},
		tree:    newTree(),
		columns: o.MaxColumns,
		maxRow:  o.MaxRow,
	}
}

// learn reads the records of the sample with a reader of their own and takes over the columns it finds, in
// order of appearance. A sample without one whole record is widened.
func (r *jsonReader) learn(open func(*input) (Reader, *jsonReader)) {
	for n := sampleSize; ; n *= 2 {
		sample := r.in.look(n)
		end := r.in.end
		if end == nil {
			end = errSampleEnds
		}
		reader, tmp := open(&input{name: r.in.name, head: sample, end: end})
		tmp.size = len(sample)
		var c Chunk
		var b Block
		rows := 0
		for reader.Cut(&c) == nil {
			reader.Parse(&c, &b)
			rows += len(b.Rows)
			if p := b.json; p != nil && len(p.names) > 0 {
				tmp.tree = p.fixed()
			}
		}
		if rows > 0 || r.in.end != nil || n > 2*r.maxRow {
			r.tree = tmp.tree
			r.header.Names = tmp.tree.names
			r.describe = describe(r.in, strings.ToUpper(r.header.Format), printable.Counted(len(r.header.Names), "column"))
			return
		}
	}
}

// errSampleEnds stands for what follows the sample.
var errSampleEnds = errors.New("the sample ends")

// parser gives the block's parser, ready for c.
func (r *jsonReader) parser(c *Chunk, b *Block, rows int) *jsonParser {
	b.Header, b.Rows = r.header, b.Rows[:0]
	if b.json == nil {
		b.json = new(jsonParser)
	}
	p := b.json
	p.maxRow = r.maxRow
	p.begin(b, r.tree, c.padded(), min(r.columns, max(blockCells/max(rows, 1), len(r.tree.names)+1)))
	return p
}

// finishBlock gives the block its header and every row the same number of cells.
func (r *jsonReader) finishBlock(p *jsonParser) {
	if len(p.names) == 0 {
		return
	}
	p.level()
	p.block.Header = r.grown.with(r.header, p.names)
}

func tooLongDetail(maxRow int) string { return fmt.Sprintf("longer than %d bytes", maxRow) }
