package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"muster/pipeline/trust"
)

const (
	// mostCells bounds one operation: a larger one is said once in the mapping, which costs nothing for each row.
	mostCells = 100_000
	// mostEdited bounds what the page holds of a file, beside the file.
	mostEdited = 500_000
)

var (
	errTooMany = fmt.Errorf("that changes more than %s cells: say it once for the column, in Meaning", grouped(mostCells))
	errFull    = fmt.Errorf("more than %s cells of this file are edited by hand: say it for whole columns, in Meaning",
		grouped(mostEdited))
)

// An operation is what one paste, one replacement or one keystroke did, undone as a whole.
type operation struct {
	Kind  string `json:"kind,omitempty"` // edit, paste or replace
	Cells []cell `json:"cells,omitempty"`
	Undo  bool   `json:"undo,omitempty"` // the last operation is taken back
	Redo  bool   `json:"redo,omitempty"`
}

// A cell is one change: Before is what stood there, which was an edit already or the file's own.
type cell struct {
	Row    int64  `json:"r"`
	Column int    `json:"c"`
	Before string `json:"b"`
	After  string `json:"a"`
	Edited bool   `json:"e,omitempty"`
}

// edits is the overlay over a file's cells, and the journal that it is kept in: a line for each operation, on disk
// before the person is told. A line that a crash cut short was never told of.
type edits struct {
	file  *os.File
	size  int64 // of the whole lines in it
	cells map[int64]map[int]string
	n     int // cells
	done  []operation
	back  []operation // taken back, the last of them last
}

// openEdits reads the journal of a session.
func openEdits(path string) (*edits, error) {
	e := &edits{cells: map[int64]map[int]string{}}
	file, err := trust.Open(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal of edits: %w", err)
	}
	e.file = file
	reader := bufio.NewReaderSize(file, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		var o operation
		if err != nil || json.Unmarshal(line, &o) != nil {
			break
		}
		e.size += int64(len(line))
		e.take(&o)
	}
	if err := file.Truncate(e.size); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal of edits: %w", err), file.Close())
	}
	return e, nil
}

func (e *edits) close() { e.file.Close() }

// take brings the overlay to what it is after an operation, and gives the cells that it touched.
func (e *edits) take(o *operation) []cell {
	switch {
	case o.Undo && len(e.done) > 0:
		last := e.done[len(e.done)-1]
		e.done, e.back = e.done[:len(e.done)-1], append(e.back, last)
		for i := len(last.Cells) - 1; i >= 0; i-- {
			c := &last.Cells[i]
			e.put(c.Row, c.Column, c.Before, !c.Edited)
		}
		return last.Cells
	case o.Redo && len(e.back) > 0:
		last := e.back[len(e.back)-1]
		e.back, e.done = e.back[:len(e.back)-1], append(e.done, last)
		for i := range last.Cells {
			e.put(last.Cells[i].Row, last.Cells[i].Column, last.Cells[i].After, false)
		}
		return last.Cells
	case len(o.Cells) > 0:
		e.done, e.back = append(e.done, *o), nil
		for i := range o.Cells {
			e.put(o.Cells[i].Row, o.Cells[i].Column, o.Cells[i].After, false)
		}
		return o.Cells
	}
	return nil
}

func (e *edits) put(row int64, column int, text string, own bool) {
	cells := e.cells[row]
	if _, there := cells[column]; there {
		e.n--
	}
	if own {
		delete(cells, column)
		if len(cells) == 0 {
			delete(e.cells, row)
		}
		return
	}
	if cells == nil {
		cells = map[int]string{}
		e.cells[row] = cells
	}
	cells[column] = text
	e.n++
}

// at is the text that was put into a cell.
func (e *edits) at(row int64, column int) (string, bool) {
	text, there := e.cells[row][column]
	return text, there
}

// over puts the overlay on a row, which is the caller's. A row that was edited is as wide as the header: what it lacked
// is blank.
func (e *edits) over(ordinal int64, r *storedRow, width int) {
	for column, text := range e.cells[ordinal] {
		for len(r.Cells) < max(width, column+1) {
			r.Cells = append(r.Cells, "")
			if r.Kinds != nil {
				r.Kinds = append(r.Kinds, 0)
			}
		}
		if r.Kinds != nil {
			r.Kinds[column] = kindOf(r.Kinds[column], text)
		}
		r.Cells[column] = text
	}
}

// kindOf is the JSON kind of an edited cell: what it was, where the text can be that, else text.
func kindOf(kind byte, text string) byte {
	switch kind {
	case '0', 't', 'n', '[':
		if json.Valid([]byte(text)) {
			switch text[0] {
			case '[', 'n', 't':
				return text[0]
			case 'f':
				return 't'
			case '"', '{':
				return '"'
			}
			return '0'
		}
	}
	return '"'
}

// do carries an operation out: first on disk, then in the overlay. It gives the cells that it touched.
func (e *edits) do(o *operation) ([]cell, error) {
	switch {
	case len(o.Cells) > mostCells:
		return nil, errTooMany
	case e.n+len(o.Cells) > mostEdited:
		return nil, errFull
	case o.Undo && len(e.done) == 0, o.Redo && len(e.back) == 0, !o.Undo && !o.Redo && len(o.Cells) == 0:
		return nil, nil
	}
	if err := e.keep(o); err != nil {
		return nil, fmt.Errorf("keep the edit: %w", err)
	}
	return e.take(o), nil
}

// keep writes an operation behind the last. A line that could not be written whole is taken away, and the next begins
// where it began: left there it would hide every line behind it.
func (e *edits) keep(o *operation) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	_, err = e.file.WriteAt(line, e.size)
	if err = errors.Join(err, e.file.Sync()); err != nil {
		return errors.Join(err, e.file.Truncate(e.size))
	}
	e.size += int64(len(line))
	return nil
}
