package source

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"muster/pipeline/printable"
)

// plainReader reads CSV as the rules say it, a character at a time and with the whole text at hand: what
// the reader does, without what makes it fast. The text starts behind the header.
type plainReader struct {
	text      string
	delimiter byte
	width     int
	maxRow    int
	line      int
	number    int
	rows      []string
	names     []string
}

type refRecord struct {
	end    int
	cells  []string
	code   string
	detail string
	column int
}

func (f *plainReader) read() []string {
	for at := 0; at < len(f.text); {
		if n := f.lineEndAt(at); n > 0 {
			f.line, f.number, at = f.line+1, f.number+1, at+n
			continue
		}
		rec := f.record(at)
		end := rec.end
		switch {
		case rec.code == rowTooLong:
			end = f.nextLine(at + f.maxRow)
		case rec.code != "":
			if relaxed, ok := f.relaxed(at); ok {
				rec, end = relaxed, relaxed.end
			} else {
				end = f.resync(at)
			}
		case f.takesInRows(at, rec):
			rec.code, rec.detail, rec.column, end = rowSyntax, takesInLines, -1, f.nextLine(at)
		}
		f.show(at, end, rec)
		at = end
	}
	return f.rows
}

// lineEndAt is the length of the line end that stands at i: 0, 1 or 2.
func (f *plainReader) lineEndAt(i int) int {
	switch {
	case strings.HasPrefix(f.text[i:], "\r\n"):
		return 2
	case i < len(f.text) && (f.text[i] == '\n' || f.text[i] == '\r'):
		return 1
	}
	return 0
}

func (f *plainReader) nextLine(i int) int {
	for ; i < len(f.text); i++ {
		if n := f.lineEndAt(i); n > 0 {
			return i + n
		}
	}
	return len(f.text)
}

// record reads one record strictly. It sees maxRow bytes and one more.
func (f *plainReader) record(at int) (r refRecord) {
	r.column = -1
	view := f.text[at:min(len(f.text), at+f.maxRow+1)]
	long := len(view) > f.maxRow
	cell, quoted, closed := []byte(nil), false, false
	fault := func(detail string) refRecord {
		return refRecord{code: rowSyntax, detail: detail, column: len(r.cells)}
	}
	for i := 0; i < len(view); i++ {
		ch, next := view[i], byte(0)
		if i+1 < len(view) {
			next = view[i+1]
		}
		switch {
		case quoted && !closed && ch == '"' && next == '"':
			cell = append(cell, '"')
			i++
		case quoted && !closed && ch == '"' && i+1 == len(view) && long:
			// The byte behind it would tell what it means.
		case quoted && !closed && ch == '"':
			closed = true
		case quoted && !closed:
			cell = append(cell, ch)
		case ch == f.delimiter:
			r.cells, cell, quoted, closed = append(r.cells, string(cell)), nil, false, false
		case f.lineEndAt(at+i) > 0:
			r.cells, r.end = append(r.cells, string(cell)), at+i+f.lineEndAt(at+i)
			return r
		case closed:
			return fault(textBehind)
		case ch == '"' && (i == 0 || view[i-1] == f.delimiter):
			quoted = true
		case ch == '"':
			return fault(quoteInside)
		default:
			cell = append(cell, ch)
		}
	}
	switch open := quoted && !closed; {
	case long && open && strings.ContainsAny(view, "\r\n"):
		return fault(neverClosed)
	case long:
		return refRecord{code: rowTooLong, detail: tooLongDetail(f.maxRow), column: -1}
	case open:
		return fault(neverClosed)
	}
	r.cells, r.end = append(r.cells, string(cell)), len(f.text)
	return r
}

// fits also takes a record that is read in the relaxed way.
func (f *plainReader) fits(at int, r refRecord) bool {
	if r.code == rowSyntax {
		_, ok := f.relaxed(at)
		return ok
	}
	return r.code == "" && len(f.surplus(r.cells)) == f.width
}

func (f *plainReader) resync(at int) int {
	next, fit := f.nextLine(at), 0
	for p := next; p < len(f.text) && p-at <= f.maxRow && fit == 0; p = f.nextLine(p) {
		if f.fits(p, f.record(p)) {
			fit = p
		}
	}
	view, whole := f.text[at:min(len(f.text), at+f.maxRow)], at+f.maxRow >= len(f.text)
	if fit == next {
		return next
	}
	if fit > 0 && fit <= at+len(view) {
		view, whole = f.text[at:fit], true
	}
	for _, severalLines := range []bool{false, true} {
		for _, how := range []leniency{quotesInside, textAfter} {
			n := f.lenient(view, how, whole)
			if n > 0 && severalLines == (at+n > next) && (!severalLines || f.width == 1 || !f.linesFit(at, at+n) &&
				!f.takesInLines(view[:n], how)) {
				return at + n
			}
		}
	}
	return next
}

func (f *plainReader) linesFit(from, to int) bool {
	for p := from; p < to; p = f.nextLine(p) {
		if f.lenient(f.text[p:min(f.nextLine(p), to)], quotesLiteral, true) == 0 {
			return false
		}
	}
	return true
}

// lenient is the length of the record that starts view if, read leniently, it is as wide as the header; else 0.
func (f *plainReader) lenient(view string, how leniency, whole bool) int {
	ends := func(i int) bool { return i >= len(view) || strings.IndexByte("\r\n"+string(f.delimiter), view[i]) >= 0 }
	width, start, quoted := 1, true, false
	for i := 0; i < len(view); i++ {
		switch ch := view[i]; {
		case quoted && ch == '"' && i+1 < len(view) && view[i+1] == '"':
			i++
		case quoted:
			quoted = ch != '"' || how == quotesInside && !ends(i+1)
		case start && ch == '"':
			quoted = how != quotesLiteral || f.encloses(view[i+1:])
		case ch == f.delimiter:
			width++
			start = true
			continue
		case ends(i):
			if width != f.width || !whole && ch == '\r' && i+1 == len(view) {
				return 0
			}
			if strings.HasPrefix(view[i:], "\r\n") {
				i++
			}
			return i + 1
		}
		start = false
	}
	if quoted || !whole || width != f.width {
		return 0
	}
	return len(view)
}

// encloses says whether the quoted cell whose text starts rest is closed as it should be.
func (f *plainReader) encloses(rest string) bool {
	rest = strings.ReplaceAll(rest, `""`, "xx")
	n := strings.IndexByte(rest, '"')
	return n >= 0 && (n+1 == len(rest) || strings.IndexByte("\r\n"+string(f.delimiter), rest[n+1]) >= 0)
}

// takesInRows looks at the lines between the record's first and last one.
func (f *plainReader) takesInRows(at int, rec refRecord) bool {
	if rec.code != "" {
		return false
	}
	if len(rec.cells) == f.width {
		return false // the texts of this test hold no addresses
	}
	last := at
	for n := f.nextLine(last); n < rec.end; n = f.nextLine(n) {
		last = n
	}
	rows := 0
	for p := f.nextLine(at); p < last; rows++ {
		r := f.record(p)
		if r.code != "" || !f.fits(p, r) || r.end > last {
			return false
		}
		p = r.end
	}
	return rows*(f.width-1) >= 4
}

// show lists the record text[at:end] as showRow does and counts on.
func (f *plainReader) show(at, end int, r refRecord) {
	text := f.text[at:end]
	ends := 0
	for i := at; i < end; i++ {
		if n := f.lineEndAt(i); n > 0 {
			ends++
			i += n - 1
		}
	}
	last := f.line + ends
	if strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\r") {
		last--
	}
	content := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if !strings.HasSuffix(text, "\n") {
		content = strings.TrimSuffix(text, "\r")
	}
	row := Row{Line: int64(f.line), EndLine: int64(last), Number: int64(f.number), Column: -1}
	r.cells = f.surplus(r.cells)
	for _, cell := range r.cells {
		row.Cells = append(row.Cells, []byte(cell))
	}
	switch {
	case r.code != "":
		row.Code, row.Detail, row.Column, row.Cells = r.code, r.detail, r.column, nil
	case len(content) > f.maxRow:
		row.Code, row.Detail, row.Cells = rowTooLong, tooLongDetail(f.maxRow), nil
	case len(r.cells) != f.width:
		row.Code, row.Detail = rowWidth, fmt.Sprintf("%s where the header has %d", printable.Counted(len(r.cells), "cell"),
			f.width)
	case !utf8.ValidString(content):
		row.Code, row.Detail, row.Column = rowEncoding, notUTF8, firstInvalid(row.Cells)
	}
	f.rows = append(f.rows, showRow(&Header{Names: f.names}, &row))
	f.line += ends
	f.number++
}
