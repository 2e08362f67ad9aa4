package source

// ProblemColumns are the columns of a sheet that lists the problems of the refused rows before it. A workbook is read
// without it.
func ProblemColumns() []string {
	return []string{"Row", "Cell", "Column", "What is wrong", "How to fix it", "Likely meant", "Line in your file"}
}
