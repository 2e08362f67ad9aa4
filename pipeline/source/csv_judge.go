package source

import "bytes"

// Details of row.syntax, and how they are counted: see judge.
const (
	quoteInside  = "a quote inside an unquoted cell"
	textBehind   = "text after a closing quote"
	neverClosed  = "a quote that is opened and never closed"
	headerAgain  = "the header once more"
	headerMoved  = "the header in another order"
	takesInLines = "a quoted cell that takes in the rows after it: its closing quote is missing"
)

// dialect is how a CSV file is written and how wide its rows are to be.
type dialect struct {
	delimiter byte
	quote     byte   // 0: none
	width     int    // of the header
	maxRow    int    // bytes
	tooLong   string // Detail of row.too_long
	spaced    bool   // space stands between a delimiter and a quote, and means nothing
}

// verdict is what strict reading says of one record. It depends on the text alone, never on how much of it a
// window happens to hold.
type verdict struct {
	end    int   // index behind the record and its line end, when code is ""
	width  int   // cells
	inner  int64 // line ends inside quoted cells
	code   string
	detail string
	column int
	state  supply // flowing: the window must show more; broken: the input stops inside the record

	relaxed bool // it is sound only as relax reads it
}

// judge reads the record that starts at w[at] strictly (RFC 4180: a quote only around a whole cell and
// doubled inside it). It looks at maxRow bytes and one more.
func (d *dialect) judge(w []byte, at int, s supply) verdict {
	view := w[at:]
	if len(view) > d.maxRow {
		view = view[:d.maxRow+1]
	}
	v := verdict{width: 1, state: ended}
	eol := -1 // line end at or behind i, once looked for
	for i := 0; ; {
		if i < len(view) && view[i] == d.quote {
			e := closingQuote(view, i+1, d.quote)
			if e < 0 || e+1 == len(view) && (s != ended || len(view) > d.maxRow) {
				return d.exhausted(v, view, at, s, true)
			}
			if e+1 < len(view) && !d.ends(view[e+1]) {
				return v.fault(textBehind)
			}
			v.inner += countLines(view[i:e])
			i = e + 1
		}
		if eol < i {
			if eol = lineEnd(view[i:]); eol < 0 {
				eol = len(view)
			} else {
				eol += i
			}
		}
		run := view[i:eol]
		q := bytes.IndexByte(run, d.quote)
		if q >= 0 {
			v.width += bytes.Count(run[:q], []byte{d.delimiter})
			if q == 0 || run[q-1] != d.delimiter {
				return v.fault(quoteInside)
			}
			i += q
			continue
		}
		v.width += bytes.Count(run, []byte{d.delimiter})
		if eol == len(view) {
			return d.exhausted(v, view, at, s, false)
		}
		if at+eol+1 == len(w) && w[at+eol] == '\r' && s == flowing {
			v.state = flowing
			return v
		}
		v.end = afterLineEnd(w, at+eol)
		return v
	}
}

// exhausted is the verdict where the view ends before the record does.
func (d *dialect) exhausted(v verdict, view []byte, at int, s supply, quoted bool) verdict {
	if len(view) > d.maxRow {
		if quoted && lineEnd(view) >= 0 {
			return v.fault(neverClosed)
		}
		v.code, v.detail, v.column = rowTooLong, d.tooLong, -1
		return v
	}
	v.state = s
	if s != ended {
		return v
	}
	if quoted {
		return v.fault(neverClosed)
	}
	v.end = at + len(view)
	return v
}

func (v verdict) fault(detail string) verdict {
	v.code, v.detail, v.column = rowSyntax, detail, v.width-1
	return v
}

// ends says whether c may stand behind a closing quote.
func (d *dialect) ends(c byte) bool { return c == d.delimiter || c == '\n' || c == '\r' }

// fits says whether v, the verdict on the record at w[at], is one without fault and as wide as the header.
func (d *dialect) fits(w []byte, at int, v verdict) bool {
	return v.state == ended && v.code == "" && d.asWide(w[at:v.end], v.width, d.width)
}

// asWide says whether a record of so many cells has those of a header, and behind them none but blank ones.
func (d *dialect) asWide(record []byte, width, header int) bool {
	for i := len(record); i > 0 && width > header; i-- {
		switch c := record[i-1]; c {
		case d.delimiter:
			width--
		case d.quote, ' ', '\t', '\r', '\n':
		default:
			return false
		}
	}
	return width == header
}

// closingQuote is the index of the quote that closes the cell whose text starts at from, -1 for none. A
// quote that is the last byte of w is taken for closing: the caller must see whether it is.
func closingQuote(w []byte, from int, quote byte) int {
	for i := from; i < len(w); {
		n := bytes.IndexByte(w[i:], quote)
		if n < 0 {
			return -1
		}
		i += n
		if i+1 == len(w) || w[i+1] != quote {
			return i
		}
		i += 2
	}
	return -1
}
