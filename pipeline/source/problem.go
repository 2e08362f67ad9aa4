package source

import (
	"strconv"
	"strings"

	"muster/pipeline/printable"
)

// Error says why an input cannot be read, or not any further. The texts never hold cell values.
type Error struct {
	Code        string // one of the file.* Codes
	File, Sheet string
	Line        int64  // 1-based, 0 when no line is meant
	Detail      string // what was found and, where there is one, the way out
	Err         error  // the cause below, or nil

	// file.encoding: one word of the file as several encodings read it, for the person at the terminal alone
	Readings []Reading
}

// Reading is a word as one encoding reads it.
type Reading struct{ Encoding, Word string }

// Error is one line: file, line if there is one, what happened, cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(printable.Line(displayName(e.File)))
	if e.Sheet != "" {
		b.WriteString(", sheet " + printable.Line(e.Sheet))
	}
	if e.Line > 0 {
		b.WriteString(":" + strconv.FormatInt(e.Line, 10))
	}
	b.WriteString(": " + e.Detail)
	return b.String()
}

// Unwrap gives the cause, so that errors.Is(err, fs.ErrNotExist) works.
func (e *Error) Unwrap() error { return e.Err }

func displayName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

// The codes of this room. file.* come in an *Error, row.* and cell.* in a Row.
const (
	fileDirectory  = "file.directory"
	filePermission = "file.permission"
	fileUnreadable = "file.unreadable"
	fileEmpty      = "file.empty"
	fileBinary     = "file.binary"
	fileEncoding   = "file.encoding"
	fileFormat     = "file.format"
	fileHeader     = "file.header"
	fileBrokenOff  = "file.broken_off"
	fileSheet      = "file.sheet"
	rowSyntax      = "row.syntax"
	rowWidth       = "row.width"
	rowHeader      = "row.header"
	rowOrder       = HeaderMoved
	rowTooLong     = "row.too_long"
	rowEncoding    = "row.encoding"
	rowJSON        = "row.json"
	rowVCard       = "row.vcard"
	cellError      = "cell.error"
)

// FileMissing is the code of a file that is not there.
const FileMissing = "file.missing"

// HeaderMoved is the code of a row that holds the header in another order: rows below it stand under the wrong columns.
const HeaderMoved = "row.header_order"

// Codes is every code this package can emit: file.* in an Error, row.* and cell.* in a Row.
func Codes() []string {
	return []string{
		FileMissing, fileDirectory, filePermission, fileUnreadable, fileEmpty, fileBinary,
		fileEncoding, fileFormat, fileHeader, fileBrokenOff, fileSheet,
		rowSyntax, rowWidth, rowHeader, rowOrder, rowTooLong, rowEncoding, rowJSON, rowVCard, cellError,
	}
}
