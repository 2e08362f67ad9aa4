package deliver

// Allowance is a number of rows or a share of them. The zero value allows none.
type Allowance struct {
	Rows    int64
	Percent float64
}

// Covers tells whether n of total rows are within the allowance.
func (a Allowance) Covers(n, total int64) bool {
	return n <= a.Rows || (a.Percent > 0 && float64(n) <= a.Percent/100*float64(total))
}
