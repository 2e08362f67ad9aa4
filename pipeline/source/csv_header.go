package source

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"muster/pipeline/printable"
)

// heading is what stands where a header should.
type heading struct {
	cells   [][]byte
	end     int // index in the sample of what follows it
	records int64
	said    []string // what was decided, for people
}

// readHeader decides which records at the start name the columns: one, or one and the groups above it, or none, and
// gives what is to be said of that. The error is an *Error.
func (r *csvReader) readHeader(o Options) (said []string, err error) {
	sample, v := r.firstRecord()
	if v.state == broken {
		return nil, r.in.outcome(r.line)
	}
	h, err := r.heading(sample, v, o)
	if err != nil {
		return nil, err
	}
	r.width = len(h.cells)
	body := sample[h.end:]
	why := "set by option"
	if !o.NoHeader {
		why = r.firstIsRow(h.cells, body)
	}
	if why != "" && !o.HasHeader {
		r.header = &Header{File: r.in.name, Sheet: r.in.sheet, Format: "csv", Names: letters(r.width)}
		return append(h.said, "no header ("+why+"), columns called by letters"), nil
	}
	if bytes.IndexByte(sample[:h.end], 0) >= 0 {
		return nil, &Error{Code: fileHeader, File: r.in.name, Line: r.line,
			Detail: "the header holds a zero byte; take it out, or save the file anew"}
	}
	repeated := h.cells
	names := namesOf(h.cells)
	if below, ok := r.grouped(names, sample, h.end); ok && !o.HasHeader {
		names = underGroups(names, namesOf(below.cells))
		below.said = append(h.said, "the header takes 2 rows")
		repeated, h, body = below.cells, below, sample[below.end:]
	}
	r.titles = newTitles(repeated)
	h.said = append(h.said, r.misfit(body)...)
	r.header = &Header{File: r.in.name, Sheet: r.in.sheet, Line: r.line, Format: "csv", Names: names}
	if slices.Contains(names, "") {
		r.header.Blank = r.blankColumns(body)
	}
	r.line += countLines(sample[:h.end])
	r.number += h.records
	r.in.head = r.in.head[h.end:]
	return h.said, nil
}

// heading takes the first record apart. A fault in it is passed over where that gives as many cells as the rows have.
func (r *csvReader) heading(sample []byte, v verdict, o Options) (heading, error) {
	h := heading{end: v.end, records: 1}
	fail := func(code, detail string) (heading, error) {
		return h, &Error{Code: code, File: r.in.name, Line: r.line, Detail: detail}
	}
	if v.code == rowSyntax && !o.NoHeader {
		h.end = nextLine(sample, 0)
		line := bytes.TrimRight(sample[:h.end], "\r\n")
		width, agree, of := r.bodyWidth(sample[h.end:])
		if sure := of >= 2 && agree*10 >= of*9; sure {
			h.cells = r.cellsAsWide(line, width)
		}
		if h.cells == nil && o.Doubtful {
			h.cells = r.lenientCells(line, quotesLiteral)
		}
		if h.cells == nil {
			return fail(fileHeader, "the header cannot be read: "+v.detail)
		}
		h.said = append(h.said, "a stray quote in the header taken for text ("+v.detail+")")
		v.code, v.width = "", len(h.cells)
	}
	switch {
	case v.code != "":
		return fail(fileHeader, "the header cannot be read: "+v.detail)
	case v.width > r.columns:
		return fail(fileHeader, fmt.Sprintf("the header has %d columns, more than the %d allowed", v.width, r.columns))
	case !utf8.Valid(sample[:h.end]):
		return fail(fileEncoding, "the header is not UTF-8, perhaps a Windows or Mac encoding; save it as CSV UTF-8")
	}
	if h.cells == nil {
		h.cells = r.cellsOf(sample[:h.end], v)
	}
	return h, nil
}

// blankColumns are the columns in which the first rows hold nothing.
func (r *csvReader) blankColumns(body []byte) []bool {
	blank := make([]bool, r.width)
	for i, kind := range r.columnKinds(body, r.width, r.in.supplyBehind()) {
		blank[i] = kind == kindBlank
	}
	return blank
}

// misfit says so where all rows have another width than the header, since they are going to be refused. Even where
// their last cells are empty, which column lacks its name is not to be guessed.
func (r *csvReader) misfit(body []byte) []string {
	width, agree, of := r.bodyWidth(body)
	if width == r.width || of < 3 || agree*10 < of*9 {
		return nil
	}
	return []string{fmt.Sprintf("the header has %s and %d of the first %s have %d: a delimiter is missing in the "+
		"header, or there is one too many",
		printable.Counted(r.width, "cell"), agree, printable.Counted(of, "row"), width)}
}

// firstRecord looks at as much as it takes to judge the first record.
func (r *csvReader) firstRecord() ([]byte, verdict) {
	for n := sampleSize; ; n *= 2 {
		sample := r.in.look(n)
		v := r.read(sample, 0, r.in.supplyBehind())
		if v.state != flowing {
			return sample, v
		}
	}
}

// records calls yield with each sound record of a sample that is not blank, up to sampleRows of them.
func (d *dialect) records(sample []byte, s supply, yield func(record []byte, v verdict)) {
	for at, n := 0, 0; at < len(sample) && n < sampleRows; {
		v := d.read(sample, at, s)
		switch {
		case v.state != ended:
			return
		case v.code != "":
			at = nextLine(sample, at)
			n++
			continue
		}
		if record := bytes.TrimRight(sample[at:v.end], "\r\n"); len(record) > 0 {
			if d.width > 0 && d.asWide(record, v.width, d.width) {
				v.width = d.width
			}
			yield(record, v)
			n++
		}
		at = v.end
	}
}

// bodyWidth is the width that most records of a sample have, how many have it, and how many there are.
func (r *csvReader) bodyWidth(sample []byte) (width, agree, of int) {
	seen := make(map[int]int)
	r.records(sample, r.in.supplyBehind(), func(_ []byte, v verdict) {
		seen[v.width]++
		of++
		if n := seen[v.width]; n > agree || n == agree && v.width == r.width {
			width, agree = v.width, n
		}
	})
	return width, agree, of
}

// namesOf are the names that a header's cells give.
func namesOf(cells [][]byte) []string {
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = columnTitle(cell)
	}
	return names
}

// letters are the names of columns that have none: A, B, C.
func letters(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strings.TrimRight(Address(i, 0), "0")
	}
	return names
}

// cellsOf are the cells of a record with the verdict v.
func (d *dialect) cellsOf(record []byte, v verdict) [][]byte {
	if v.relaxed {
		return d.relax(record, ended).cells
	}
	return d.lenientCells(bytes.TrimRight(record, "\r\n"), textAfter)
}

// cellsAsWide are the cells of a faulty record read in the one way that gives so many of them, nil without one.
func (d *dialect) cellsAsWide(record []byte, width int) [][]byte {
	for _, how := range [...]leniency{quotesInside, textAfter, quotesLiteral} {
		if cells := d.lenientCells(record, how); len(cells) == width {
			return cells
		}
	}
	return nil
}

// lenientCells takes a record without its line end apart. A cell that its quotes do not enclose keeps them.
func (d *dialect) lenientCells(record []byte, how leniency) (cells [][]byte) {
	for i := 0; ; i++ {
		start := i
		if i < len(record) && record[i] == d.quote {
			i = max(i, d.behindQuoted(record, i, how))
		}
		for i < len(record) && record[i] != d.delimiter {
			i++
		}
		cells = append(cells, d.unquoted(record[start:i]))
		if i == len(record) {
			return cells
		}
	}
}

// unquoted takes off the quotes that enclose a cell.
func (d *dialect) unquoted(cell []byte) []byte {
	n := len(cell) - 1
	if n < 1 || cell[0] != d.quote || cell[n] != d.quote {
		return cell
	}
	return bytes.ReplaceAll(cell[1:n], []byte{d.quote, d.quote}, []byte{d.quote})
}
