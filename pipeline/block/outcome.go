package block

import (
	"bytes"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/outcome"
)

// Outcome is what became of one row. Its slices may alias a block's buffers until own is called.
type Outcome struct {
	Ordinal    int64 // 0-based, over all inputs in the order they are read
	Table      *bind.Table
	Line       int64 // 1-based line where the row starts
	Number     int64 // the row number a spreadsheet shows
	Key        []byte
	Status     outcome.Status
	CustomerID string
	Problems   []outcome.Problem
	Cells      [][]byte // the row as read, for the file of rejects; nil where the row needs none
	Differs    []int    // columns of a duplicate that say what the row which stays does not
	Detail     string   // one line about a row that has no problem but a story, as "same customer as line 14"
}

// Own copies what aliases the buffers of a block, so that the outcome may outlive it.
func (o *Outcome) Own() {
	o.Key, o.Problems = bytes.Clone(o.Key), slices.Clone(o.Problems)
	if o.Cells != nil {
		o.Cells = bind.Clone(o.Cells)
	}
}
