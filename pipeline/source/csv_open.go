package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sampleRows is how many records vote on the delimiter.
const sampleRows = 200

// openCSV finds the delimiter and reads the header. The error is an *Error.
func openCSV(in *input, o Options) (*csvReader, error) {
	r := &csvReader{columns: o.MaxColumns}
	r.maxRow = o.MaxRow
	r.tooLong = fmt.Sprintf("longer than %d bytes", o.MaxRow)
	r.cutter = cutter{in: in, size: o.ChunkSize, line: 1, number: 1, lined: true}
	r.scan = r.scanWindow
	how := "set by option"
	r.delimiter, r.quote = o.Delimiter, '"'
	r.skipLines(o.SkipLines)
	if d := r.takeSeparatorLine(); d != 0 && o.Delimiter == 0 {
		r.delimiter, how = d, "set by the sep= line"
	}
	if err := r.skipBlank(); err != nil {
		return nil, err
	}
	also := r.settleQuotes(o)
	if r.delimiter == 0 {
		var err error
		if r.delimiter, how, err = r.vote(in.look(sampleSize)); err != nil {
			return nil, err
		}
	}
	if o.SkipLines == 0 && !o.NoHeader {
		if n := r.skipPreamble(); n > 0 {
			also = append(also, plural(n, "line")+" before the header passed over")
		}
	}
	if err := r.readHeader(o.NoHeader); err != nil {
		return nil, err
	}
	if o.NoHeader {
		also = append(also, "no header, columns called by letters")
	}
	parts := append([]string{"CSV", delimiterName(r.delimiter) + "-separated (" + how + ")", plural(r.width, "column")}, also...)
	r.describe = describe(in, parts...)
	return r, nil
}

// takeSeparatorLine takes the line "sep=;" with which Excel is told the delimiter, and gives that. The
// line is no row of the sheet.
func (r *csvReader) takeSeparatorLine() byte {
	line := r.in.look(sampleSize)
	n := lineEnd(line[:min(len(line), 16)])
	if n < 0 {
		return 0
	}
	text := strings.Trim(string(line[:n]), `"`)
	if len(text) < 5 || !strings.EqualFold(text[:4], "sep=") {
		return 0
	}
	d := text[4]
	if text[4:] == `\t` {
		d = '\t'
	} else if len(text) != 5 || !validDelimiter(d) {
		return 0
	}
	r.advance(afterLineEnd(line, n))
	r.number = 1
	return d
}

// advance takes n bytes of the sample for good and counts their lines.
func (r *csvReader) advance(n int) {
	lines := countLines(r.in.head[:n])
	r.line += lines
	r.number += lines
	r.in.head = r.in.head[n:]
}

// skipBlank passes over blank lines before the header. A file of nothing else is file.empty.
func (r *csvReader) skipBlank() error {
	for {
		sample := r.in.look(sampleSize)
		n := len(sample) - len(bytes.TrimLeft(sample, "\r\n"))
		if n < len(sample) {
			r.advance(n)
			return nil
		}
		if r.in.end != nil {
			if err, ok := r.in.outcome(r.line).(*Error); ok {
				return err
			}
			return &Error{Code: fileEmpty, File: r.in.name, Detail: "is empty: it has not even a header line"}
		}
		if n--; bytes.HasSuffix(sample, []byte("\r\n")) {
			n--
		}
		r.advance(n) // the rest may be the first half of a line end
	}
}

// agreement reads the first records with d's delimiter: how wide the first one is, and how many of the others are
// as wide. A faulty record is passed over by one line and agrees with nothing.
func (d *dialect) agreement(sample []byte, s supply) (width, agree, of int) {
	for at := 0; at < len(sample) && of < sampleRows; {
		v := d.judge(sample, at, s)
		switch {
		case v.state != ended:
			return width, agree, of
		case v.code != "":
			v.end = nextLine(sample, at)
			of++
		case v.end-at <= 2 && lineEnd(sample[at:v.end]) == 0:
			// blank
		case width == 0:
			width = v.width
		default:
			of++
			if v.width == width {
				agree++
			}
		}
		at = v.end
	}
	return width, agree, of
}

// readHeader takes the first record as the header, or, if that is absent, as what tells the number of columns.
func (r *csvReader) readHeader(absent bool) error {
	sample, v := r.firstRecord()
	fail := func(code, detail string) error {
		return &Error{Code: code, File: r.in.name, Line: r.line, Detail: detail}
	}
	switch {
	case v.state == broken:
		return r.in.outcome(r.line)
	case v.code != "":
		return fail(fileHeader, "the header cannot be read: "+v.detail)
	case v.width > r.columns:
		return fail(fileHeader, fmt.Sprintf("the header has %d columns, more than the %d allowed", v.width, r.columns))
	case !utf8.Valid(sample[:v.end]):
		return fail(fileEncoding, "the header is not UTF-8, perhaps a Windows or Mac encoding; save it as CSV UTF-8")
	}
	r.width = v.width
	if absent {
		r.header = &Header{File: r.in.name, Format: "csv", Names: letters(v.width)}
		return nil
	}
	r.header = &Header{File: r.in.name, Line: r.line, Format: "csv", Names: r.names(sample[:v.end], v)}
	r.line += countLines(sample[:v.end])
	r.number++
	r.in.head = r.in.head[v.end:]
	return nil
}

// firstRecord looks at as much as it takes to judge the first record.
func (r *csvReader) firstRecord() ([]byte, verdict) {
	for n := sampleSize; ; n *= 2 {
		sample := r.in.look(n)
		v := r.judge(sample, 0, r.in.supplyBehind())
		if v.state != flowing {
			return sample, v
		}
	}
}

// names parses the header's record.
func (r *csvReader) names(record []byte, v verdict) []string {
	c := Chunk{Data: append(make([]byte, 0, len(record)+pad), record...), inner: v.inner}
	seal(c.Data[:cap(c.Data)], len(record))
	var b Block
	r.Parse(&c, &b)
	names := make([]string, 0, v.width)
	for _, cell := range b.Rows[0].Cells {
		names = append(names, strings.TrimSpace(strings.Trim(strings.TrimSpace(string(cell)), "\ufeff")))
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

// validDelimiter says whether d may separate cells: one ASCII character that is neither quote nor line end.
func validDelimiter(d byte) bool {
	return d != 0 && d != '"' && d != '\n' && d != '\r' && d < utf8.RuneSelf
}

func delimiterName(d byte) string {
	switch d {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "bar"
	case ' ':
		return "space"
	}
	return fmt.Sprintf("%q", d)
}
