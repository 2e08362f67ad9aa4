package pipeline

import "muster/pipeline/bind"

// tableNumber counts the tables of all inputs up to the one that w's rows are of.
func tableNumber(inputs []*bind.Input, w *work) int {
	n := 0
	for _, in := range inputs[:w.input] {
		n += len(in.Table.Sheets)
	}
	for i, t := range inputs[w.input].Table.Sheets {
		if t == w.table {
			return n + i
		}
	}
	return n // a header that grew
}
