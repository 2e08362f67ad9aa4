package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"muster/pipeline/printable"
)

// sampleRows is how many records vote on the delimiter.
const sampleRows = 200

// openCSV finds the delimiter and reads the header. The error is an *Error.
func openCSV(in *input, o Options) (*csvReader, error) {
	r := &csvReader{columns: o.MaxColumns, doubtful: o.Doubtful}
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
	r.titled = o.SkipLines == 0 && !o.NoHeader
	also := r.settleQuotes(o)
	if r.delimiter == 0 {
		var err error
		if r.delimiter, how, err = r.vote(in.look(sampleSize)); err != nil {
			return nil, err
		}
	}
	if r.spaced = r.try(in.look(sampleSize), r.delimiter).spaced; r.spaced {
		also = append(also, "space before quotes passed over")
	}
	if at, n := r.preamble(in.look(sampleSize), in.supplyBehind()); at > 0 && r.titled {
		r.advance(at)
		also = append(also, printable.Counted(n, "line")+" before the header passed over")
	}
	said, err := r.readHeader(o)
	if err != nil {
		return nil, err
	}
	also = append(also, said...)
	parts := append([]string{"CSV", delimiterName(r.delimiter) + "-separated (" + how + ")",
		printable.Counted(r.width, "column")}, also...)
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
		v := d.read(sample, at, s)
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
			if d.asWide(sample[at:v.end], v.width, width) {
				agree++
			}
		}
		at = v.end
	}
	return width, agree, of
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
