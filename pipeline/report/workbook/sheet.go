package workbook

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// rowSize bounds a row that is looked into.
const rowSize = 64 << 20

// sheetWriter copies one sheet and touches its wrong cells.
type sheetWriter struct {
	*bookWriter
	in       io.Reader
	out      *bufio.Writer
	base     []byte // where what is held stands
	held     []byte // read and not yet written
	passed   int    // so much of what is held stays as it is
	ended    bool
	comments *sheetComments // nil: the sheet has comments of its own, or gets none

	next func() (row int, cells []cellNote) // the next row that is touched; 0 none
}

// rewriteSheet writes a sheet of which next names the cells that are touched. noted: they get comments.
func (w *bookWriter) rewriteSheet(s *bookSheet, noted bool, next func() (row int, cells []cellNote)) error {
	in, err := w.parts[s.part].Open()
	if err != nil {
		return err
	}
	defer in.Close()
	w.segmented = true
	part, err := w.zip.Create(s.part)
	w.segmented = false
	if err != nil {
		return err
	}
	sw := &sheetWriter{bookWriter: w, in: in, out: bufio.NewWriterSize(part, 64<<10), base: make([]byte, 1<<20),
		next: next}
	sw.held = sw.base[:0]
	if noted && !s.commented {
		// Shape numbers come in blocks of 1024, of which every drawing needs its own.
		w.shapes++
		sw.comments = &sheetComments{number: len(w.comments) + 1, firstShape: w.shapes * 1024, relID: "rIdMuster"}
	}
	if err := w.segments.run(sw.copy); err != nil {
		return err
	}
	if sw.comments == nil || sw.comments.kept == 0 {
		if s.relsText == nil {
			return nil
		}
		return w.write(s.rels, s.relsText)
	}
	sw.comments.blocks = sw.comments.kept/1024 + 1
	w.shapes += sw.comments.blocks
	w.comments = append(w.comments, sw.comments)
	return w.relate(s, sw.comments)
}

// copy goes through the sheet row by row.
func (s *sheetWriter) copy() error {
	row, cells := s.next()
	for number := 0; row > 0; {
		at, end, err := s.nextRow()
		if err != nil {
			return err
		}
		if at < 0 {
			return fmt.Errorf("it has no row %d: %w", row, ErrUnfit)
		}
		number++
		if n, given := numberOf(s.held[at:end]); given {
			number = n
		}
		if number < row {
			s.passed = end
			continue
		}
		if number > row {
			return fmt.Errorf("it has no row %d: %w", row, ErrUnfit)
		}
		if err := s.rewriteRow(at, row, cells); err != nil {
			return err
		}
		row, cells = s.next()
	}
	return s.tail()
}

// fill reads more; false at the end of the part.
func (s *sheetWriter) fill() (more bool, err error) {
	if s.ended {
		return false, nil
	}
	if len(s.held) == cap(s.held) {
		if len(s.held) > len(s.base)/2 {
			s.base = make([]byte, 2*len(s.base))
		}
		s.held = s.base[:copy(s.base, s.held)]
	}
	n, err := s.in.Read(s.held[len(s.held):cap(s.held)])
	s.held = s.held[:len(s.held)+n]
	if errors.Is(err, io.EOF) {
		s.ended, err = true, nil
	}
	return n > 0 || !s.ended, err
}

// pass writes the first n bytes held as they are.
func (s *sheetWriter) pass(n int) error {
	_, err := s.out.Write(s.held[:n])
	s.held, s.passed = s.held[n:], 0
	return err
}

// nextRow finds the next opening tag of a row behind what is passed; at is -1 where there is none. What is passed is
// written when there is more than a buffer of it.
func (s *sheetWriter) nextRow() (at, end int, err error) {
	for from := s.passed; ; {
		if i := rowTag(s.held[from:]); i >= 0 {
			at = from + i
			if length := bytes.IndexByte(s.held[at:], '>'); length >= 0 {
				if c := s.held[at+4]; c == ' ' || c == '>' || c == '/' || c == '\n' || c == '\t' || c == '\r' {
					return at, at + length + 1, nil
				}
				from = at + 4
				continue
			}
			s.passed = at
		} else if bytes.Contains(s.held[from:], []byte("</sheetData")) {
			return -1, 0, nil
		} else {
			s.passed = max(from, len(s.held)-16)
		}
		if s.passed > 1<<16 {
			if err := s.pass(s.passed); err != nil {
				return 0, 0, err
			}
		}
		from = s.passed
		more, err := s.fill()
		if err != nil {
			return 0, 0, err
		}
		if !more {
			return -1, 0, nil
		}
	}
}

// rowTag is the index of the first "<row" in w, -1 without one. It looks for the letter that is rare in a sheet.
func rowTag(w []byte) int {
	for i := 3; i < len(w); i++ {
		n := bytes.IndexByte(w[i:], 'w')
		if n < 0 {
			return -1
		}
		if i += n; string(w[i-3:i]) == "<ro" {
			return i - 3
		}
	}
	return -1
}

// numberOf is the r attribute of a row's tag.
func numberOf(tag []byte) (n int, given bool) {
	at := bytes.Index(tag, []byte(` r="`))
	if at < 0 {
		return 0, false
	}
	for _, c := range tag[at+4:] {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n, n > 0
}

// rewriteRow writes what stands before a row, and the row with its wrong cells coloured.
func (s *sheetWriter) rewriteRow(at, number int, cells []cellNote) error {
	if err := s.pass(at); err != nil {
		return err
	}
	open := bytes.IndexByte(s.held, '>') + 1
	if s.held[open-2] == '/' { // a row without cells
		if _, err := s.out.Write(s.held[:open-2]); err != nil {
			return err
		}
		s.out.WriteByte('>')
		err := s.insert(number, cells)
		s.out.WriteString("</row>")
		s.held = s.held[open:]
		return err
	}
	end := -1
	for end < 0 {
		if i := bytes.Index(s.held, []byte("</row>")); i >= 0 {
			end = i
			break
		}
		if len(s.held) > rowSize {
			return fmt.Errorf("row %d is too long: %w", number, ErrUnfit)
		}
		if more, err := s.fill(); err != nil || !more {
			return errors.Join(err, ErrUnfit)
		}
	}
	s.out.Write(s.held[:open])
	if err := s.rewriteCells(s.held[open:end], number, cells); err != nil {
		return err
	}
	s.held = s.held[end:]
	return nil
}

// rewriteCells writes the cells of a row. bufio's errors stick, so the last flush tells of them all.
func (s *sheetWriter) rewriteCells(row []byte, number int, cells []cellNote) error {
	column := -1
	for len(row) > 0 {
		open := bytes.Index(row, []byte("<c"))
		for open >= 0 && open+2 < len(row) && row[open+2] != ' ' && row[open+2] != '>' && row[open+2] != '/' {
			next := bytes.Index(row[open+2:], []byte("<c"))
			if next < 0 {
				open = -1
				break
			}
			open += 2 + next
		}
		if open < 0 {
			break
		}
		s.out.Write(row[:open])
		row = row[open:]
		end := bytes.IndexByte(row, '>')
		if end < 0 {
			return ErrUnfit
		}
		column++
		tag := row[:end+1]
		if at := bytes.Index(tag, []byte(` r="`)); at >= 0 {
			column, _ = parseAddress(string(tag[at+4 : at+4+max(0, bytes.IndexByte(tag[at+4:], '"'))]))
		}
		before := 0
		for before < len(cells) && cells[before].column < column {
			before++
		}
		if err := s.insert(number, cells[:before]); err != nil {
			return err
		}
		cells = cells[before:]
		row = row[end+1:]
		if len(cells) == 0 || cells[0].column != column {
			s.out.Write(tag)
			continue
		}
		var err error
		if put := cells[0].put; put != nil {
			row, err = s.replace(tag, row, put)
		} else {
			err = s.colour(tag, number, cells[0])
		}
		if err != nil {
			return err
		}
		cells = cells[1:]
	}
	s.out.Write(row)
	return s.insert(number, cells)
}

// colour writes the opening tag of a cell with the coloured twin of its format.
func (s *sheetWriter) colour(tag []byte, number int, n cellNote) error {
	format := 0
	if at := bytes.Index(tag, []byte(` s="`)); at >= 0 {
		for _, c := range tag[at+4:] {
			if c < '0' || c > '9' {
				break
			}
			format = format*10 + int(c-'0')
		}
	}
	s.out.WriteString(withAttribute(string(tag), "s", strconv.Itoa(min(format, s.formats-1)+s.formats)))
	return s.comment(number, n)
}

// insert writes cells that the row does not have: a blank cell, too, can be wrong.
func (s *sheetWriter) insert(number int, cells []cellNote) error {
	for _, n := range cells {
		if n.put != nil {
			s.text(`<c r="`+addressOf(n.column, number)+`">`, n.put.Text)
			continue
		}
		fmt.Fprintf(s.out, `<c r="%s" s="%d"/>`, addressOf(n.column, number), s.formats)
		if err := s.comment(number, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheetWriter) comment(number int, n cellNote) error {
	if s.comments == nil || s.comments.kept == commentsKept {
		s.uncommented++
		return nil
	}
	return s.comments.add(addressOf(n.column, number), number, n)
}

// addressOf is a cell's address: column 5 of row 14 is F14.
func addressOf(column, row int) string {
	var letters []byte
	for c := column + 1; c > 0; c = (c - 1) / 26 {
		letters = append([]byte{byte('A' + (c-1)%26)}, letters...)
	}
	return string(letters) + strconv.Itoa(row)
}
