package report

// Place is where a problem stands. Column is the 0-based index in the row, -1 for the whole row; Number the row number a
// spreadsheet shows.
type Place struct {
	Ordinal     int64
	File, Sheet string
	Line        int64
	Number      int64
	Column      int
}

// Tally counts problems by code and column while they are found and keeps the first few places of each, in memory that
// does not grow with their number. The zero value is ready. It belongs to one goroutine; Merge joins those of several, and
// the result does not depend on how problems were spread over them.
type Tally struct{}

// Count counts one problem. Nothing is allocated once the code and column have been met.
func (t *Tally) Count(code, column string, at Place) {}

// Merge adds what other counted.
func (t *Tally) Merge(other *Tally) {}

// Problems returns what was counted. address makes a cell's address of column and row number; text gives a code's meaning and fix.
func (t *Tally) Problems(address func(column int, number int64) string, text func(code string) (meaning, fix string)) []Problem {
	return nil
}
