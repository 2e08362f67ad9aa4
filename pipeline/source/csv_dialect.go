package source

import (
	"bytes"
	"fmt"

	"golang.org/x/text/transform"

	"muster/pipeline/printable"
)

// oddDelimiters are tried where none of the usual four separates anything. Characters of names, dates and addresses
// are not among them.
const oddDelimiters = "^~!#$%*=:\\\x1f\x1e\x01 "

// candidate is one way of reading the sample.
type candidate struct {
	delimiter        byte
	width, agree, of int
	spaced           bool // with space before quotes passed over
}

func (c candidate) better(than candidate) bool {
	lead := c.agree*than.of - than.agree*c.of
	return than.width < 2 || lead > 0 || lead == 0 && c.width > than.width
}

// vote takes the delimiter by which most of the first rows are as wide as the header; of equals, the one that gives
// the wider header. Without any there is one column. The error is an *Error: two delimiters give tables of one width.
func (r *csvReader) vote(sample []byte) (byte, string, error) {
	best := candidate{delimiter: ',', of: 1, width: 1}
	var rival candidate
	for _, delimiter := range []byte{',', ';', '\t', '|'} {
		c := r.try(sample, delimiter)
		switch {
		case c.width < 2:
		case best.width < 2 || c.better(best):
			best, rival = c, candidate{}
		case !best.better(c):
			rival = c
		}
	}
	if rival.width > 1 && rival.agree == rival.of && rival.of >= 3 {
		return 0, "", &Error{Code: fileFormat, File: r.in.name, Line: r.line, Detail: fmt.Sprintf(
			"can be read as %s-separated or as %s-separated, each time with %d columns; say which with --delimiter",
			delimiterName(best.delimiter), delimiterName(rival.delimiter), best.width)}
	}
	if best.width < 2 || best.agree*10 < best.of*9 {
		best = r.voteBehind(sample, best)
	}
	if best.width < 2 {
		best = r.oddVote(sample, best)
	}
	if best.width < 2 {
		return best.delimiter, "no delimiter found", nil
	}
	return best.delimiter, fmt.Sprintf("%d of the first %s as wide as the header", best.agree,
		printable.Counted(best.of, "row")), nil
}

// voteBehind takes the delimiter of a table that begins behind a preamble, where there is one and it fits better than
// best.
func (r *csvReader) voteBehind(sample []byte, best candidate) candidate {
	if !r.titled {
		return best
	}
	for _, delimiter := range []byte{',', ';', '\t', '|'} {
		d := r.dialect
		d.delimiter = delimiter
		if at, _ := d.preamble(sample, r.in.supplyBehind()); at > 0 {
			if c := r.try(sample[at:], delimiter); best.width < 2 || c.better(best) {
				best = c
			}
		}
	}
	return best
}

// oddVote takes an unusual delimiter only where every row is as wide as the header, and that is three columns or more.
func (r *csvReader) oddVote(sample []byte, best candidate) candidate {
	for _, delimiter := range []byte(oddDelimiters) {
		c := r.try(sample, delimiter)
		if c.width >= 3 && c.of >= 2 && c.agree == c.of && (best.width < 2 || c.better(best)) {
			best = c
		}
	}
	return best
}

func (r *csvReader) try(sample []byte, delimiter byte) candidate {
	d := r.dialect
	d.delimiter = delimiter
	width, agree, of := d.agreement(sample, r.in.supplyBehind())
	plain := candidate{delimiter: delimiter, width: width, agree: agree, of: max(of, 1)}
	if d.quote == 0 || bytes.Contains(sample, []byte{delimiter, d.quote}) ||
		!bytes.Contains(sample, []byte{delimiter, ' ', d.quote}) {
		return plain
	}
	d.spaced = true
	width, agree, of = d.agreement(sample, r.in.supplyBehind())
	if spaced := (candidate{delimiter: delimiter, width: width, agree: agree, of: max(of, 1),
		spaced: true}); agree*10 >= of*9 && spaced.better(plain) {
		return spaced
	}
	return plain
}

// settleQuotes decides on quote and escape and gives what is to be said of them. An escape is taken off the
// input as it comes: an escaped quote becomes a doubled one.
func (r *csvReader) settleQuotes(o Options) (also []string) {
	sample := r.in.look(sampleSize)
	switch {
	case o.Quote == NoQuote:
		r.quote = 0
		also = append(also, "no quotes (set by option)")
	case o.Quote != 0:
		r.quote = o.Quote
		also = append(also, fmt.Sprintf("quote %c (set by option)", o.Quote))
	case r.apostrophes(sample):
		r.quote = '\''
		also = append(also, "quote ' (found out: it encloses every cell that it starts)")
	}
	escape, how := o.Escape, "set by option"
	if escape == 0 && r.quote != 0 && bytes.Contains(sample, []byte{'\\', r.quote}) &&
		r.bestAgreement(escaped(sample, '\\', r.quote)) > r.bestAgreement(sample) {
		escape, how = '\\', "found out: more rows fit"
	}
	if escape != 0 && escape != r.quote && r.quote != 0 {
		r.in.reread(transform.NewReader(r.in.whole(), escapes{escape: escape, quote: r.quote}), r.in.encoding)
		also = append(also, fmt.Sprintf("escape %c (%s)", escape, how))
	}
	return also
}

// bestAgreement is the share of rows as wide as the header with the delimiter that fits best.
func (r *csvReader) bestAgreement(sample []byte) float64 {
	share := 0.0
	for _, delimiter := range []byte{r.delimiter, ',', ';', '\t', '|'} {
		if delimiter == 0 {
			continue
		}
		if c := r.try(sample, delimiter); c.width > 1 {
			share = max(share, float64(c.agree)/float64(c.of))
		}
		if r.delimiter != 0 {
			break
		}
	}
	return share
}

// apostrophes says whether ' is the sample's quote: it opens at least three cells and closes each that it opens, and "
// opens none.
func (r *csvReader) apostrophes(sample []byte) bool {
	sample = sample[:min(len(sample), 16<<10)]
	if bytes.IndexByte(sample, '\'') < 0 {
		return false
	}
	sample = sample[:lastLineStart(sample, 0, len(sample))]
	opened := 0
	for _, line := range bytes.FieldsFunc(sample, func(c rune) bool { return c == '\n' || c == '\r' }) {
		for i, c := range line {
			if c != '\'' && c != '"' || i > 0 && bytes.IndexByte([]byte(",;\t|"), line[i-1]) < 0 {
				continue
			}
			if c == '"' {
				return false
			}
			if opened++; bytes.IndexByte(line[i+1:], '\'') < 0 {
				return false
			}
		}
	}
	if opened < 3 {
		return false
	}
	plain := r.bestAgreement(sample)
	d := *r
	d.quote = '\''
	return d.bestAgreement(sample) >= max(plain, 0.9)
}

// skipLines takes n lines before the header for good.
func (r *csvReader) skipLines(n int) {
	for ; n > 0; n-- {
		sample := r.in.look(sampleSize)
		if len(sample) == 0 {
			return
		}
		r.advance(nextLine(sample, 0))
	}
}

// escapes makes of each escaped quote a doubled one, and of each escaped escape one.
type escapes struct {
	transform.NopResetter
	escape, quote byte
}

func (e escapes) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if len(dst)-nDst < 2 {
			return nDst, nSrc, transform.ErrShortDst
		}
		c := src[nSrc]
		if c == e.escape {
			if nSrc+1 == len(src) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if nSrc+1 < len(src) && (src[nSrc+1] == e.quote || src[nSrc+1] == e.escape) {
				nSrc++
				if c = src[nSrc]; c == e.quote {
					dst[nDst] = c
					nDst++
				}
			}
		}
		dst[nDst] = c
		nDst, nSrc = nDst+1, nSrc+1
	}
	return nDst, nSrc, nil
}

// escaped is the sample as the reader sees it behind escapes.
func escaped(sample []byte, escape, quote byte) []byte {
	text, _, err := transform.Bytes(escapes{escape: escape, quote: quote}, sample)
	if err != nil {
		return sample
	}
	return text
}
