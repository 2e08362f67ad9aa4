package pipeline

import (
	"muster/pipeline/bind"
	"muster/pipeline/block"
)

// tableNumber counts the tables of all inputs up to the one that w's rows are of.
func tableNumber(inputs []*bind.Input, w *block.Block) int {
	n := 0
	for _, in := range inputs[:w.Input] {
		n += len(in.Table.Sheets)
	}
	for i, t := range inputs[w.Input].Table.Sheets {
		if t == w.Table {
			return n + i
		}
	}
	return n // a header that grew
}
