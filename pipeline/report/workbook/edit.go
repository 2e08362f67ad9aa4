package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"muster/pipeline/trust"
)

// A Put gives a cell another text.
type Put struct {
	Row, Column  int    // from 1 and from 0
	Before, Text string // what a reader takes from the cell, and what it is to take
}

// Edit writes a workbook to another path with other texts in some cells of a sheet, which come by rows and columns.
// Everything else stays as it is, formats of those cells included. A number stays one where its cell shows nothing
// else. The error wraps ErrUnfit where a cell holds a formula, or cannot be found; then there is no file.
func Edit(from, to, sheet string, puts []Put) error {
	b, err := open(from)
	if err != nil {
		return err
	}
	defer b.Close()
	return trust.Replace(to, 0o600, func(out *os.File) error {
		w := &bookWriter{Book: b, zip: zip.NewWriter(out), segments: segments{packers: inTurn}}
		w.zip.RegisterCompressor(zip.Deflate, w.compressor)
		s := w.sheet(sheet)
		if s == nil {
			return fmt.Errorf("no sheet %q: %w", sheet, ErrUnfit)
		}
		if err := w.rewriteSheet(s, false, byRow(puts)); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
		for _, f := range b.zip.File {
			if f.Name == s.part || f.Name == s.rels {
				continue
			}
			if err := w.zip.Copy(f); err != nil {
				return err
			}
		}
		return w.zip.Close()
	})
}

// byRow gives the cells row by row.
func byRow(puts []Put) func() (row int, cells []cellNote) {
	return func() (row int, cells []cellNote) {
		for len(puts) > 0 && (row == 0 || puts[0].Row == row) {
			row, cells = puts[0].Row, append(cells, cellNote{column: puts[0].Column, put: &puts[0]})
			puts = puts[1:]
		}
		return row, cells
	}
}

// inTurn packs one segment after the other.
func inTurn(fill func(func(*Segment) bool) error, do func(*Segment), take func(*Segment) error) error {
	var failed error
	err := fill(func(s *Segment) bool {
		do(s)
		failed = take(s)
		return failed == nil
	})
	return errors.Join(err, failed)
}

var (
	typeOf  = regexp.MustCompile(`\st="([^"]*)"`)
	valueOf = regexp.MustCompile(`<v>([^<]*)</v>`)
)

// replace writes a cell with another text. tag opens it and rest follows; what is left of that behind the cell is
// given back.
func (s *sheetWriter) replace(tag, rest []byte, p *Put) ([]byte, error) {
	var old []byte
	if open, empty := bytes.CutSuffix(tag, []byte("/>")); empty {
		tag = append(bytes.Clone(open), '>')
	} else {
		end := bytes.Index(rest, []byte("</c>"))
		if end < 0 {
			return nil, ErrUnfit
		}
		old, rest = rest[:end], rest[end+len("</c>"):]
	}
	if bytes.Contains(old, []byte("<f")) {
		return nil, fmt.Errorf("a cell that was edited holds a formula: %w", ErrUnfit)
	}
	kind, value := typeOf.FindSubmatch(tag), valueOf.FindSubmatch(old)
	bare := string(typeOf.ReplaceAll(tag, nil))
	if (kind == nil || string(kind[1]) == "n") && value != nil && string(value[1]) == p.Before && isNumber(p.Text) {
		fmt.Fprintf(s.out, "%s<v>%s</v></c>", bare, p.Text)
		return rest, nil
	}
	s.text(bare, p.Text)
	return rest, nil
}

// text writes a cell of text behind its opening tag, which has no type.
func (s *sheetWriter) text(tag, text string) {
	if text == "" {
		fmt.Fprint(s.out, tag[:len(tag)-1], "/>")
		return
	}
	fmt.Fprint(s.out, tag[:len(tag)-1], ` t="inlineStr"><is><t xml:space="preserve">`)
	escape(s.out, []byte(text))
	s.out.WriteString("</t></is></c>")
}

// isNumber says whether a text is a number that a spreadsheet shows as it stands.
func isNumber(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && len(text) <= 15 && strconv.FormatFloat(f, 'f', -1, 64) == text
}
