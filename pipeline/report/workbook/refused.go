package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"muster/pipeline/report"
	"muster/pipeline/trust"
)

// What a sheet can hold: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
const (
	mostRows    = 1_048_576 // the header among them
	mostColumns = 16_384
	mostLetters = 32_767 // UTF-16 units of a cell
)

// ErrWide means that a table has more columns than a sheet, or a name of a column that is longer than a cell.
var ErrWide = errors.New("its columns cannot stand in a sheet of a workbook")

// RefusedSheet is the name of the sheet with the refused rows, the first.
const RefusedSheet = "Refused"

// ProblemSheet is the name of the sheet that lists the problems.
const ProblemSheet = "Problems"

// Refusals are refused rows and what is written of them.
type Refusals struct {
	Header [][]byte                                    // of the rows, report.RejectColumns behind their own
	Each   func(use func(*report.Refused) error) error // gives every row in turn; it is called twice
	List   []string                                    // the header of the list of problems: seven columns
	Fixes  map[string]string                           // go before those of the problems, by code
	Whole  string                                      // name of the file that has every row
}

// Left is what a workbook of refused rows does not have.
type Left struct {
	// that no sheet can hold: behind its last row, of another width than the header, with a cell too long or no text
	Rows        int64
	Problems    int64 // that found no place in their list
	Uncommented int64 // wrong cells without a comment, coloured all the same
}

// refusedWriter is one workbook of refused rows being written.
type refusedWriter struct {
	Refusals
	*bookWriter
	out      *bufio.Writer
	comments *sheetComments
	left     Left
	most     int // rows of a sheet
}

// Refused writes a workbook with the refused rows, all cells as text and the wrong ones coloured and commented, and a
// list of their problems whose cells lead to those of the rows. Memory is bounded: both sheets are written as they are
// read. A table that is too wide is an error that wraps ErrWide, and no file.
func Refused(to string, r Refusals) (Left, error) { return refused(to, r, mostRows) }

func refused(to string, r Refusals, most int) (Left, error) {
	if len(r.Header) > mostColumns || slices.ContainsFunc(r.Header, unholdable) {
		return Left{}, ErrWide
	}
	out, err := trust.Create(to)
	if err != nil {
		return Left{}, err
	}
	w := &refusedWriter{Refusals: r, most: most, bookWriter: &bookWriter{zip: zip.NewWriter(out)},
		comments: &sheetComments{number: 1, firstShape: 1024, relID: "rIdMuster"}}
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	err = errors.Join(w.run(), w.zip.Close(), out.Close())
	if err != nil {
		return Left{}, errors.Join(err, os.Remove(to))
	}
	return w.left, nil
}

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	packages      = "http://schemas.openxmlformats.org/package/2006/"
	spreadsheetML = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// The formats of cells, by their place in cellXfs.
const (
	plainText = 1 + iota
	wrongText
	headText
	linkText
)

// refusedStyles has a format for each. 49 is text, so that what a person types there stays as it is typed.
const refusedStyles = xmlHead + `<styleSheet xmlns="` + mainNamespace +
	`"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>` +
	`<font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	wrongFill + `</fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`

func (w *refusedWriter) run() error {
	err := errors.Join(w.frame(RefusedSheet, ProblemSheet),
		w.sheet("xl/worksheets/sheet1.xml", len(w.Header), 16, w.rows),
		w.sheet("xl/worksheets/sheet2.xml", len(w.List), 24, w.list))
	types := ""
	if c := w.comments; c.kept > 0 {
		c.blocks = c.kept/1024 + 1
		w.bookWriter.comments = append(w.bookWriter.comments, c)
		types += `<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>` +
			c.override()
		err = errors.Join(err, w.writeComments(), w.relate(&bookSheet{rels: "xl/worksheets/_rels/sheet1.xml.rels"}, c))
	}
	return errors.Join(err, w.kinds(types, 2))
}

// sheet writes a sheet whose header stays in view and can be filtered by. rows writes its rows and says how many there
// are. bufio's errors stick, so the last flush tells of them all.
func (w *refusedWriter) sheet(part string, columns, width int, rows func() (int, error)) error {
	to, err := w.zip.Create(part)
	if err != nil {
		return err
	}
	w.out = bufio.NewWriterSize(to, 64<<10)
	fmt.Fprintf(w.out, `%s<worksheet xmlns="%s" xmlns:r="%s"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<cols><col min="1" max="%d" width="%d" style="%d" customWidth="1"/></cols><sheetData>`, xmlHead, mainNamespace,
		relationsNamespace, columns, width, plainText)
	n, err := rows()
	if err != nil {
		return err
	}
	all := "A1:" + addressOf(columns-1, n)
	fmt.Fprintf(w.out, `</sheetData><autoFilter ref="%s"/><ignoredErrors><ignoredError sqref="%s" numberStoredAsText="1"/></ignoredErrors>`, all, all)
	if w.comments.kept > 0 && part == "xl/worksheets/sheet1.xml" {
		fmt.Fprintf(w.out, `<legacyDrawing r:id="%s"/>`, w.comments.relID)
	}
	w.out.WriteString("</worksheet>")
	return w.out.Flush()
}

// rows writes the refused rows.
func (w *refusedWriter) rows() (number int, err error) {
	number = 1
	w.row(1, w.Header, func(int) int { return headText })
	err = w.Each(func(r *report.Refused) error {
		if number == w.most || !w.fits(r) {
			w.left.Rows++
			return nil
		}
		number++
		notes := w.notesOf(r)
		w.row(number, r.Cells, func(column int) int {
			if slices.ContainsFunc(notes, func(n cellNote) bool { return n.column == column }) {
				return wrongText
			}
			return plainText
		})
		for _, n := range notes {
			if w.comments.kept == commentsKept {
				w.left.Uncommented++
				continue
			}
			if err := w.comments.add(addressOf(n.column, number), number, n); err != nil {
				return err
			}
		}
		return nil
	})
	return number, err
}

// fits says whether a row can stand under the header: one of another width would look as if it were whole.
func (w *refusedWriter) fits(r *report.Refused) bool {
	return len(r.Cells) == len(w.Header) && !slices.ContainsFunc(r.Cells, unholdable)
}

// notesOf are the notes on the cells of a row. What is said of the row as a whole stands on its first cell.
func (w *refusedWriter) notesOf(r *report.Refused) (notes []cellNote) {
	for _, p := range r.Problems {
		said := w.problem(p)
		text := said.comment()
		column, _ := parseAddress(string(p[problemCell]))
		if column = max(column, 0); column >= len(w.Header) {
			column = 0
		}
		if at := slices.IndexFunc(notes, func(n cellNote) bool { return n.column == column }); at >= 0 {
			notes[at].text += "\n\n" + text
		} else {
			notes = append(notes, cellNote{column: column, text: text})
		}
	}
	return notes
}

// The columns of problems.csv.
const (
	problemAt = iota + 2 // behind file and sheet
	problemCell
	problemColumn
	problemCode
	problemSaid
	problemFix
	_
	problemSuggestion
)

// problem is what is said in a line of problems.csv.
func (w *refusedWriter) problem(p [][]byte) problemLine {
	of := func(i int) string { return report.Undefuse(string(p[i])) }
	return problemLine{code: of(problemCode), said: of(problemSaid), suggestion: of(problemSuggestion),
		fix: cmp.Or(w.Fixes[of(problemCode)], of(problemFix))}
}

// list writes the problems of the rows, in the same order.
func (w *refusedWriter) list() (number int, err error) {
	number = 1
	head := make([][]byte, len(w.List))
	for i, name := range w.List {
		head[i] = []byte(name)
	}
	w.row(1, head, func(int) int { return headText })
	at := 1 // of the row in the first sheet
	err = w.Each(func(r *report.Refused) error {
		there := at < w.most && w.fits(r)
		if there {
			at++
		}
		for _, p := range r.Problems {
			if number == w.most {
				w.left.Problems++
				continue
			}
			number++
			said := w.problem(p)
			column, _ := parseAddress(string(p[problemCell]))
			row, cell := "", "not in this file: "+w.Whole
			if there {
				row, cell = fmt.Sprint(at), addressOf(max(column, 0), at)
			}
			fmt.Fprintf(w.out, `<row r="%d">`, number)
			w.cell(addressOf(0, number), plainText, []byte(row))
			if there {
				fmt.Fprintf(w.out, `<c r="%s" s="%d" t="str"><f>HYPERLINK("#%s!%s","%s")</f><v>%s</v></c>`, addressOf(1, number),
					linkText, RefusedSheet, cell, cell, cell)
			} else {
				w.cell(addressOf(1, number), plainText, []byte(cell))
			}
			for i, text := range [][]byte{p[problemColumn], []byte(said.said), []byte(said.fix), p[problemSuggestion],
				p[problemAt]} {
				w.cell(addressOf(i+2, number), plainText, text)
			}
			w.out.WriteString("</row>")
		}
		return nil
	})
	return number, err
}

func (w *refusedWriter) row(number int, cells [][]byte, format func(column int) int) {
	fmt.Fprintf(w.out, `<row r="%d">`, number)
	for i, cell := range cells {
		w.cell(addressOf(i, number), format(i), cell)
	}
	w.out.WriteString("</row>")
}

// cell writes a cell of text.
func (w *refusedWriter) cell(at string, format int, text []byte) {
	fmt.Fprintf(w.out, `<c r="%s" s="%d"`, at, format)
	if len(text) == 0 {
		w.out.WriteString("/>")
		return
	}
	w.out.WriteString(` t="inlineStr"><is><t xml:space="preserve">`)
	escape(w.out, text)
	w.out.WriteString(`</t></is></c>`)
}

// escape writes text as XML can hold it: what it cannot, and what would be read as an escape, goes as _xHHHH_ (ECMA-376
// part 1, section 22.9.2.19).
func escape(out *bufio.Writer, text []byte) {
	for i, c := range text {
		switch {
		case c == '&':
			out.WriteString("&amp;")
		case c == '<':
			out.WriteString("&lt;")
		case c == '>':
			out.WriteString("&gt;")
		case c < ' ' && c != '\t' && c != '\n', c == '_' && escapes(text[i:]):
			fmt.Fprintf(out, "_x%04X_", c)
		default:
			out.WriteByte(c)
		}
	}
}

// escapes says whether text begins with _xHHHH_.
func escapes(text []byte) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	return len(bytes.Trim(text[2:6], "0123456789abcdefABCDEF")) == 0
}

// unholdable says whether no cell of a workbook can hold a text as it is.
func unholdable(text []byte) bool {
	if !utf8.Valid(text) || bytes.Contains(text, []byte("\uFFFE")) || bytes.Contains(text, []byte("\uFFFF")) {
		return true
	}
	if len(text) <= mostLetters {
		return false
	}
	units := 0
	for _, c := range string(text) {
		units += utf16.RuneLen(c)
	}
	return units > mostLetters
}
