package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
)

// FindOutcome returns the first line of an outcomes.csv whose key is key, nil when there is none. It goes through the
// file about as fast as it can be read. A line that has a line break inside one of its cells is not found: no run
// writes one, unless a file is named so. The error is r's.
func FindOutcome(r io.Reader, key string) (*OutcomeRow, error) {
	if key == "" {
		return nil, nil
	}
	needle := append(appendField([]byte{','}, key), ',')
	lines := bufio.NewReaderSize(r, 1<<16) // longer lines than that are none of ours
	for {
		line, err := lines.ReadSlice('\n')
		if bytes.Contains(line, needle) {
			if row := parseOutcome(line); row != nil && row.Key == key {
				return row, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// parseOutcome reads one line; nil when it is part of a longer one.
func parseOutcome(line []byte) *OutcomeRow {
	cells, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil || len(cells) != 9 {
		return nil
	}
	at, err := strconv.ParseInt(cells[2], 10, 64)
	if err != nil {
		return nil
	}
	row := &OutcomeRow{File: cells[0], Sheet: cells[1], Line: at, Key: cells[3], Status: cells[4],
		CustomerID: cells[5], Code: cells[6], Column: cells[7], Detail: cells[8]}
	row.undefuse()
	return row
}
