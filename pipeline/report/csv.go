package report

import (
	"io"
)

// OutcomeHeader is the first line of outcomes.csv.
const OutcomeHeader = "file,sheet,line,key,status,customer_id,code,column,detail\n"

// ProblemHeader is the first line of problems.csv.
const ProblemHeader = "file,sheet,line,cell,column,code,message,fix\n"

// RejectColumns are what a rejects file has after the columns of the input. A reader that meets them ignores them.
var RejectColumns = [...]string{"_code", "_column", "_message", "_fix"}

// OutcomeLine is one line of outcomes.csv.
type OutcomeLine struct {
	File, Sheet                              string
	Line                                     int64
	Key                                      []byte
	Status, CustomerID, Code, Column, Detail string
}

// ProblemLine is one line of problems.csv.
type ProblemLine struct {
	File, Sheet                      string
	Line                             int64
	Cell, Column, Code, Message, Fix string
}

// OutcomeRow is one line of outcomes.csv as read back.
type OutcomeRow struct {
	File       string `csv:"file"`
	Sheet      string `csv:"sheet"`
	Line       int64  `csv:"line"`
	Key        string `csv:"key"`
	Status     string `csv:"status"`
	CustomerID string `csv:"customer_id"`
	Code       string `csv:"code"`
	Column     string `csv:"column"`
	Detail     string `csv:"detail"`
}

// AppendOutcome appends l as one CSV line.
func AppendOutcome(dst []byte, l *OutcomeLine) []byte { return dst }

// AppendProblem appends l as one CSV line.
func AppendProblem(dst []byte, l *ProblemLine) []byte { return dst }

// AppendReject appends a row's own cells and why it was refused as one CSV line.
func AppendReject(dst []byte, cells [][]byte, code, column, message, fix string) []byte { return dst }

// Defuse appends cell so that no spreadsheet runs it as a formula.
func Defuse(dst, cell []byte) []byte { return append(dst, cell...) }

// Undefuse takes off what Defuse put on.
func Undefuse(cell []byte) []byte { return cell }

// ReadOutcomes reads a whole outcomes.csv.
func ReadOutcomes(r io.Reader) ([]OutcomeRow, error) { return nil, nil }
