package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"
)

// OutcomeHeader is the first line of outcomes.csv.
const OutcomeHeader = "file,sheet,line,key,status,customer_id,code,column,detail\n"

// ProblemHeader is the first line of problems.csv.
const ProblemHeader = "file,sheet,line,cell,column,code,message,fix,severity,_suggestion\n"

// RejectColumns are the names of the columns that a rejects file has after those of the input. A reader that meets all
// four at the end of a header has one of our files before it: it drops them and takes every cell through Undefuse.
var RejectColumns = [...]string{"_code", "_column", "_message", "_fix"}

// OutcomeLine is one line of outcomes.csv: what became of one row. Key is the row's first match key, the only thing in
// it that is a customer's; the other fields hold names, codes and words of ours.
type OutcomeLine struct {
	File, Sheet string
	Source      []byte // both as AppendSource gives them, worked out once for a table; nil: as File and Sheet say
	Line        int64  // 1-based line where the row starts
	Key         []byte
	Status      string
	CustomerID  string
	Code        string
	Column      string
	Detail      string
}

// ProblemLine is one line of problems.csv: one problem of one row. Message and Fix never hold the cell's value;
// Suggestion is a value.
type ProblemLine struct {
	File    string `json:"-"`
	Sheet   string `json:"-"`
	Line    int64  `json:"-"` // 1-based line where the row starts
	Cell    string `json:"cell,omitempty"`
	Column  string `json:"column,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`

	Severity string `json:"severity,omitempty"` // error, or warning: the row is sent all the same

	Suggestion string `json:"suggestion,omitempty"` // the value that was likely meant, "" nothing is likely
}

// OutcomeRow is one line of outcomes.csv as read back, the defusing taken off.
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

// AppendOutcome appends l as one CSV line, formula-defused, and returns the longer slice. It allocates only to grow
// dst.
func AppendOutcome(dst []byte, l *OutcomeLine) []byte {
	if l.Source != nil {
		dst = append(dst, l.Source...)
	} else {
		dst = AppendSource(dst, l.File, l.Sheet)
	}
	dst = append(strconv.AppendInt(dst, l.Line, 10), ',')
	dst = append(appendField(dst, l.Key), ',')
	dst = append(appendField(dst, l.Status), ',')
	dst = append(appendField(dst, l.CustomerID), ',')
	dst = append(appendField(dst, l.Code), ',')
	dst = append(appendField(dst, l.Column), ',')
	return append(appendField(dst, l.Detail), '\n')
}

// AppendPlain is AppendOutcome for a row of which there is nothing to say but its status, which is a word.
func AppendPlain(dst, source []byte, line int64, key []byte, status string) []byte {
	dst = append(strconv.AppendInt(append(dst, source...), line, 10), ',')
	dst = append(appendField(dst, key), ',')
	return append(append(dst, status...), ",,,,\n"...)
}

// AppendSource appends what all lines of one table's rows begin with: file and sheet.
func AppendSource(dst []byte, file, sheet string) []byte {
	dst = append(appendField(dst, file), ',')
	return append(appendField(dst, sheet), ',')
}

// AppendProblem appends l as one CSV line, formula-defused, and returns the longer slice. It allocates only to grow
// dst.
func AppendProblem(dst []byte, l *ProblemLine) []byte {
	dst = append(appendField(dst, l.File), ',')
	dst = append(appendField(dst, l.Sheet), ',')
	dst = append(strconv.AppendInt(dst, l.Line, 10), ',')
	dst = append(appendField(dst, l.Cell), ',')
	dst = append(appendField(dst, l.Column), ',')
	dst = append(appendField(dst, l.Code), ',')
	dst = append(appendField(dst, l.Message), ',')
	dst = append(appendField(dst, l.Fix), ',')
	dst = append(appendField(dst, l.Severity), ',')
	return append(appendField(dst, l.Suggestion), '\n')
}

// AppendReject appends a row's own cells and why it was refused as one CSV line, formula-defused, and returns the
// longer slice. The cells go in as they are, however many: a row with too few is not filled up, since a filled row
// would pass on its next reading with its cells in the wrong columns.
func AppendReject(dst []byte, cells [][]byte, code, column, message, fix string) []byte {
	for _, cell := range cells {
		dst = append(appendField(dst, cell), ',')
	}
	dst = append(appendField(dst, code), ',')
	dst = append(appendField(dst, column), ',')
	dst = append(appendField(dst, message), ',')
	return append(appendField(dst, fix), '\n')
}

// appendNames appends a header line.
func appendNames(dst []byte, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendField(dst, name)
	}
	return append(dst, '\n')
}

// text is what a cell may be made of.
type text interface{ string | []byte }

// appendField appends one cell: defused, and quoted where RFC 4180 asks for it or where a reader might trim it.
func appendField[T text](dst []byte, cell T) []byte {
	if !quoted(cell) {
		return defuse(dst, cell)
	}
	dst = append(dst, '"')
	if explosive(cell) {
		dst = append(dst, '\'')
	}
	from := len(dst)
	if dst = append(dst, cell...); bytes.IndexByte(dst[from:], '"') >= 0 {
		dst = doubled(dst[:from], cell)
	}
	return append(dst, '"')
}

// doubled appends a cell with each of its quotes twice.
func doubled[T text](dst []byte, cell T) []byte {
	for i := range len(cell) {
		if cell[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, cell[i])
	}
	return dst
}

// quoted reports whether cell must stand in quotes: the separators, and space at either end, which many readers trim.
func quoted[T text](cell T) bool {
	if len(cell) == 0 {
		return false
	}
	for i := range len(cell) {
		if cell[i] > ',' { // most are
			continue
		}
		switch cell[i] {
		case ',', '"', '\n', '\r':
			return true
		}
	}
	first, last := cell[0], cell[len(cell)-1]
	return first == ' ' || last == ' ' || last == '\t' // a first tab has an apostrophe before it
}

// Defuse appends cell so that no spreadsheet runs it as a formula: one apostrophe goes before a cell that starts with
// = + - @ tab CR or LF or a full-width form of the signs (https://owasp.org/www-community/attacks/CSV_Injection), and
// also before one that starts so after apostrophes of its own, so that Undefuse(Defuse(x)) is x for every x. Plain
// negative numbers stay as they are.
func Defuse(dst, cell []byte) []byte { return defuse(dst, cell) }

func defuse[T text](dst []byte, cell T) []byte {
	if explosive(cell) {
		dst = append(dst, '\'')
	}
	return append(dst, cell...)
}

// Undefuse returns cell without the apostrophe that Defuse put on, as a part of cell.
func Undefuse[T string | []byte](cell T) T {
	if len(cell) > 0 && cell[0] == '\'' && explosive(cell) {
		return cell[1:]
	}
	return cell
}

// explosive reports whether cell, its leading apostrophes aside, starts as a formula does.
func explosive[T text](cell T) bool {
	i := 0
	for i < len(cell) && cell[i] == '\'' {
		i++
	}
	if i == len(cell) {
		return false
	}
	switch cell[i] {
	case '=', '+', '@', '\t', '\r', '\n':
		return true
	case '-':
		return !plainNumber(cell[i+1:])
	case 0xEF: // ＝ ＋ － ＠ are EF BC 9D, 8B, 8D and A0
		if len(cell) < i+3 || cell[i+1] != 0xBC {
			return false
		}
		last := cell[i+2]
		return last == 0x9D || last == 0x8B || last == 0x8D || last == 0xA0
	}
	return false
}

// plainNumber reports whether s is digits with marks between them: nothing a spreadsheet could run.
func plainNumber[T text](s T) bool {
	if len(s) == 0 {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != ',' {
			return false
		}
	}
	return true
}

// ReadOutcomes reads a whole outcomes.csv into memory: for files of a few hundred thousand rows; longer ones go through
// EachOutcome. CR LF inside a cell comes back as LF.
func ReadOutcomes(r io.Reader) ([]OutcomeRow, error) {
	var rows []OutcomeRow
	err := EachOutcome(r, func(row *OutcomeRow) error {
		rows = append(rows, *row)
		return nil
	})
	return rows, err
}

// EachOutcome calls f with every line of an outcomes.csv in turn; row is f's to keep. It ends at the first error, f's
// or its own. Its own errors name the line and never quote it.
func EachOutcome(r io.Reader, f func(row *OutcomeRow) error) error {
	file := &witness{Reader: r}
	records := csv.NewReader(file)
	lines, err := gocsv.NewUnmarshaller(records, OutcomeRow{})
	if errors.Is(err, io.EOF) {
		return errors.New("outcomes: the file is empty")
	}
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	if len(lines.MismatchedStructFields) > 0 {
		return fmt.Errorf("outcomes: no column %q", lines.MismatchedStructFields[0])
	}
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err, records, file.err)
		}
		row := line.(OutcomeRow)
		row.undefuse()
		if err := f(&row); err != nil {
			return err
		}
	}
}

// unreadable names where an outcomes.csv cannot be read. gocsv's own errors quote the cell that it could not convert,
// so they do not go through; those of encoding/csv (positions alone) and of the file itself do.
func unreadable(err error, records *csv.Reader, file error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) || file != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	line, _ := records.FieldPos(0)
	return fmt.Errorf("outcomes: line %d is not one that muster wrote", line)
}

// witness remembers why its reader failed.
type witness struct {
	io.Reader
	err error
}

// Read reads from the reader behind it.
func (w *witness) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

func (r *OutcomeRow) undefuse() {
	for _, s := range []*string{&r.File, &r.Sheet, &r.Key, &r.Status, &r.CustomerID, &r.Code, &r.Column, &r.Detail} {
		*s = Undefuse(*s)
	}
}

// AppendCells appends cells that were read back from a report as one CSV line: they are defused as they stand.
func AppendCells(dst []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		if quoted(cell) {
			dst = append(append(append(dst, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
		} else {
			dst = append(dst, cell...)
		}
	}
	return append(dst, '\n')
}
