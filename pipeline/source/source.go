// Package source turns the bytes of a file into rows: it finds out compression, encoding, format and
// dialect, cuts the stream into chunks of whole records (sequential and cheap), and parses chunks into
// rows (on as many cores as the caller likes).
//
// A row that cannot be trusted is not an error: it is a Row with a Code. An error means that the input
// as a whole cannot be read, or not any further. No error and no Detail ever holds a cell's value.
//
// Beside encoding/json and encoding/csv it reads by hand: JSON some 20 times as fast and with the place of a fault; CSV
// as fast on one core, and a stray quote costs its own row only.
package source

import (
	"strconv"
)

// Options say how to read an input. The zero value of each field means "find out" or its default.
type Options struct {
	// "csv", "ndjson", "json"; "": by content, then by name. Workbooks, vCards and archives are known by content alone
	Format    string
	Delimiter byte // one ASCII byte; 0: find out
	Quote     byte // what encloses a cell's text, one ASCII byte; 0: find out; NoQuote: nothing does
	// what makes a quote inside a cell text, beside doubling it; 0: find out, which takes the backslash where that fits
	// better
	Escape    byte
	SkipLines int  // lines of a CSV file before its header
	NoHeader  bool // the first record is a row; the columns are called A, B, C and so on
	HasHeader bool // the first record is the header as it stands, whatever it looks like; neither: find out
	// rows of a CSV file that cannot be trusted, and its header, are taken apart as well as may be; rows keep their Code
	Doubtful  bool
	KeepBlank bool // rows in which nothing can be seen are rows; else they are passed over and counted, see Block.Blank
	// of the text, such as "Windows-1252"; "": by byte order mark, UTF-8, or found out where one encoding is sure enough
	Encoding   string
	Sheet      string // the one sheet of a workbook, or file of a zip archive, to read; "": all sheets that are not hidden
	MaxRow     int    // bytes of one row, default 1 MiB; a longer one is row.too_long
	MaxColumns int    // columns of one table, default 16384
	Scratch    string // directory for temporary files, which no name leads to; "": the system's
	ChunkSize  int    // bytes of a chunk, default 128 KiB; a chunk grows past it only for a row that is longer
}

// NoQuote as Options.Quote says that cells are not quoted.
const NoQuote = 0xff

const (
	defaultMaxRow = 1 << 20
	// XLSX's own limit, so that a table which fits a spreadsheet fits here.
	// https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
	defaultMaxColumns = 16384
	// A chunk and the cells cut from it stay in one core's cache. Larger ones are no faster, and several are on the way at
	// once.
	defaultChunkSize = 128 << 10
)

func (o Options) withDefaults() Options {
	if o.MaxRow <= 0 {
		o.MaxRow = defaultMaxRow
	}
	if o.MaxColumns <= 0 {
		o.MaxColumns = defaultMaxColumns
	}
	if o.ChunkSize <= 0 {
		o.ChunkSize = defaultChunkSize
	}
	return o
}

// Header names the columns of one table. It is immutable once handed out and compared by pointer:
// the same pointer means the same columns.
type Header struct {
	File, Sheet string
	Line        int64 // 1-based line on which the header starts; 0: the format has none
	// as in the file, without byte order mark and surrounding space; JSON: dotted paths; doubles and "" are possible
	Names  []string
	Format string // "csv", "ndjson", "json", "xlsx", "ods" or "vcard"
	Blank  []bool // one per column, true where the rows looked at hold nothing in it; nil: not looked at
}

// Tables is implemented by Readers of files that may hold several tables, such as the sheets of a workbook: their rows
// come one table after the other, and Block.Header says which they are of.
type Tables interface {
	// Headers are those of all tables that will be read, in this order. They do not change.
	Headers() []*Header
}

// Unread is what a Reader is that passes over tables of its file: the sheets of a workbook that are hidden.
type Unread interface {
	Unread() []string // by their names
}

// Dialect is implemented by Readers of CSV: how the file is written, for who writes one like it.
type Dialect interface {
	Dialect() (delimiter byte, encoding string) // the encoding in words
}

// Reader reads one table, or several: see Tables. Cut, Header, Describe and Close belong to one goroutine; Parse, Size
// and Offset may be called from any.
type Reader interface {
	// Header is the header known at open. JSON formats may find further columns later: see Block.Header.
	Header() *Header
	// Describe says in one line, for people, what was decided: format, delimiter, encoding, compression.
	Describe() string
	// Cut puts the next stretch of whole records into c, reusing its buffers; it may hold no row.
	// io.EOF is the clean end. An *Error with code file.broken_off is an input that stops short
	// (truncated gzip, read error): every chunk cut before it stays valid, the record that was under way is dropped.
	// After an error, Cut returns the same error again.
	Cut(c *Chunk) error
	// Parse turns a chunk of this reader into rows, reusing b's buffers. It never fails: a row that
	// cannot be trusted has a Code. Safe for concurrent use with distinct c and b.
	Parse(c *Chunk, b *Block)
	// Size is the number of bytes on disk, 0 when unknown (standard input, pipes).
	Size() int64
	// Offset is how many of these bytes were read so far, before decompression.
	Offset() int64
	// Close releases the file; standard input stays open.
	Close() error
}

// Chunk is a stretch of whole records. The caller owns it, may reuse it for another Cut and may hand
// it to another goroutine for Parse; only a Reader gives it content, and only that Reader parses it.
type Chunk struct {
	Data   []byte // UTF-8, as in the file after decompression and decoding
	Line   int64  // 1-based line of its first record or blank line
	Number int64  // row number of its first record or blank line, see Row.Number

	window   []byte    // Data, what was read behind it, and room for the pad
	supply   supply    // whether more may come behind the window
	bad      []span    // stretches of Data that are one untrustworthy row each, in order
	elements []element // JSON arrays: the elements in Data
	inner    int64     // line ends inside quoted cells, those in bad left out
	dropped  int64     // line ends of a row too long to be kept
	sheet    *sheet    // workbooks: the sheet Data is of
	member   Reader    // archives: the reader of the file Data is of
}

// Block holds the rows of one chunk.
type Block struct {
	// Header names the columns of these rows: Reader.Header(), or, for JSON formats whose records bring
	// keys not seen at open, a longer one that starts with the same names.
	Header *Header
	Rows   []Row
	Blank  int64 // rows of the chunk that were passed over: they have cells, and nothing can be seen in any

	// Misread says of CSV that a character stands in its rows which text has that was decoded wrongly: only then need
	// their cells be looked at for it.
	Misread bool

	cells   [][]byte       // the rows' cells, one behind the other; replaced, never moved, when full
	kinds   []byte         // the same for kinds
	text    []byte         // unescaped cells
	details map[int]string // what was said of a row's width, by width
	filled  int            // workbooks: cells in use
	shared  textCache      // workbooks: shared strings read back
	json    *jsonParser    // JSON formats: the scanner and what it learned in this chunk
}

// Row is one record and where it stands. Cells alias the Chunk's and the Block's buffers: they are
// valid until either is reused, and must not be written to.
type Row struct {
	Line, EndLine int64 // 1-based physical lines on which the record starts and ends
	// the row number a spreadsheet shows: records and blank lines counted, the header of a file that starts with it is 1
	Number int64
	Cells  [][]byte // one per column unless Code is set; nil where the record could not be taken apart
	// nil: all text. Else one per cell: '"' text, '0' number, 't' true or false, 'n' null, '[' raw array, 0 absent
	Kinds  []byte
	Code   string // "" or why the row cannot be trusted: row.*
	Detail string // Code in words for people, without values
	Column int    // the column the Code points at, -1 none
}

// Address is where a spreadsheet shows a cell of the table; "" where the format has no cells, but fields of records and
// properties of cards: line and column say where those stand.
func (h *Header) Address(column int, number int64) string {
	if !h.Grid() {
		return ""
	}
	return Address(column, number)
}

// Grid says whether the format has cells with addresses.
func (h *Header) Grid() bool {
	return h.Format != "json" && h.Format != "ndjson" && h.Format != "vcard"
}

// Address is a cell's address as a spreadsheet shows it: column 0, number 14 → "A14"; 5 → F; 26 → AA.
// A negative column gives "".
func Address(column int, number int64) string {
	if column < 0 {
		return ""
	}
	var text [36]byte
	i := 16
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		i--
		text[i] = byte('A' + (n-1)%26)
	}
	return string(strconv.AppendInt(text[i:16], number, 10))
}
