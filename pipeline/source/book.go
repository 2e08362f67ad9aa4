package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"muster/pipeline/printable"
)

// book reads a workbook: the rows of its sheets, one sheet after the other.
type book struct {
	in      *input
	archive *archive
	options Options
	format  string   // "xlsx" or "ods"
	sheets  []*sheet // as the workbook lists them
	tables  []*sheet // those that are read, in order

	date1904 bool
	formats  []numberFormat // by the number that cells give

	content      namespaces // ODS: of the one part
	stylesPart   string
	textsPart    *zip.File
	texts        *texts
	textsInvalid atomic.Bool // some shared string is not UTF-8
	textsFailed  atomic.Bool // textsError is set

	loading     sync.Mutex // held by who loads shared strings, and guards what follows
	textCutter  *rowCutter
	textSpaces  namespaces
	textChunk   Chunk
	textScratch []byte
	textsDone   bool
	textsError  error

	at       int        // table under way
	rows     *rowCutter // its rows; nil: not opened
	number   int64      // the row before the next chunk, where rows carry no numbers
	stream   *rowCutter // ODS: the one part that holds all sheets
	sheetTag []byte     // ODS: how a sheet starts in it
	passed   int        // ODS: sheets begun in stream
	end      error
}

// sheet is one table of a workbook.
type sheet struct {
	name   string
	part   *zip.File // XLSX
	hidden bool
	header *Header
	titles titles // of the header
	first  int64  // number of the first row behind the header
	tag    []byte // how its rows start, with their prefix
	spaces namespaces

	hiddenColumns []int
	hiddenRows    atomic.Int64 // met so far
	totals        []merge      // the rows of totals that its tables end with
	odsMerges     []merge
	filtered      bool     // rows are hidden, how many is not known yet
	notes         []string // what was decided about the header
	hasRows       bool
	lists         bool // the problems of the sheets before it
}

// Header is that of the first table. The other tables come with Block.Header, see Headers.
func (b *book) Header() *Header { return b.tables[0].header }

// Headers are those of all tables, in the order they are read.
func (b *book) Headers() []*Header {
	list := make([]*Header, len(b.tables))
	for i, s := range b.tables {
		list[i] = s.header
	}
	return list
}

func (b *book) Size() int64   { return b.in.size }
func (b *book) Offset() int64 { return b.in.raw.Load() }

// Close releases the file and what was kept for reading.
func (b *book) Close() error {
	b.texts.close()
	return b.in.close()
}

func (b *book) unreadable(detail string) *Error {
	return &Error{Code: fileFormat, File: b.in.name, Detail: detail}
}

// broken is the error for a part that stops short. s nil: it is none of the sheets.
func (b *book) broken(s *sheet, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	e := &Error{Code: fileBrokenOff, File: b.in.name, Detail: "the workbook is damaged: " + cause(err), Err: err}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		e.Detail = "the workbook stops short; the file is not complete"
	}
	if errors.Is(err, errTooMany) {
		e.Code, e.Detail = fileFormat, "holds more rows than a spreadsheet can have: a bomb, or damaged; save it as CSV UTF-8"
	}
	if s != nil {
		e.Sheet = s.name
	}
	return e
}

// openRows starts reading a sheet's rows.
func (b *book) openRows(s *sheet, size int) (*rowCutter, error) {
	if b.format == "ods" {
		return b.openTable(s, size)
	}
	return b.openSheetPart(s, size)
}

// begin decides which sheets are read and finds their headers. The error is an *Error.
func (b *book) begin() error {
	chosen, err := b.choose()
	if err != nil {
		return err
	}
	var bare []*sheet
	for _, s := range chosen {
		if err := b.findHeader(s); err != nil {
			return err
		}
		switch {
		case s.header == nil:
		case b.options.Sheet == "" && len(b.tables) > 0 && slices.Equal(s.header.Names, ProblemColumns()):
			s.lists = true
		case s.hasRows || b.options.Sheet != "":
			b.tables = append(b.tables, s)
		default:
			bare = append(bare, s)
		}
	}
	if len(b.tables) == 0 && len(bare) > 0 {
		b.tables = bare[:1]
	}
	if len(b.tables) == 0 {
		e := &Error{Code: fileEmpty, File: b.in.name, Detail: "is empty: no sheet has even a header row"}
		if len(chosen) == 1 {
			e.Sheet = chosen[0].name
		}
		return e
	}
	b.rewind()
	return nil
}

// rewind makes the next Cut start with the first table.
func (b *book) rewind() { b.at, b.rows, b.stream, b.passed = 0, nil, nil, 0 }

// choose gives the sheet that was asked for, or all that are not hidden.
func (b *book) choose() ([]*sheet, error) {
	var shown []*sheet
	var names []string
	for _, s := range b.sheets {
		if b.options.Sheet != "" && s.name == b.options.Sheet {
			return []*sheet{s}, nil
		}
		names = append(names, s.name)
		if !s.hidden {
			shown = append(shown, s)
		}
	}
	if b.options.Sheet == "" {
		if len(shown) == 0 {
			shown = b.sheets
		}
		return shown, nil
	}
	for _, s := range b.sheets {
		if strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(b.options.Sheet)) {
			return []*sheet{s}, nil
		}
	}
	return nil, &Error{Code: fileSheet, File: b.in.name,
		Detail: fmt.Sprintf("has no sheet %q; it has %s", b.options.Sheet, quoteList(names))}
}

// quoteList writes at most ten names.
func quoteList(names []string) string {
	var list []string
	for _, name := range names[:min(len(names), 10)] {
		list = append(list, fmt.Sprintf("%q", name))
	}
	if more := len(names) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// Cut is Reader.Cut: a chunk never holds rows of two sheets.
func (b *book) Cut(c *Chunk) error {
	if b.end == nil {
		b.end = b.cut(c)
	}
	if b.end != nil {
		c.Data, c.sheet = nil, nil
	}
	return b.end
}

func (b *book) cut(c *Chunk) error {
	if b.at == 0 && b.rows == nil || b.textsFailed.Load() {
		if err := b.loadTexts(0); err != nil { // a bomb is found before any row
			return err
		}
	}
	for ; b.at < len(b.tables); b.at, b.rows = b.at+1, nil {
		s := b.tables[b.at]
		if b.rows == nil {
			rows, err := b.openRows(s, b.options.ChunkSize)
			if err != nil {
				return err
			}
			rows.most = rowsPerChunk(len(s.header.Names))
			b.rows, b.number = rows, 0
		}
		long, err := b.rows.cut(c)
		if err == nil {
			b.place(c, s, long)
			return nil
		}
		if err != io.EOF || !b.rows.ended {
			return b.broken(s, err)
		}
	}
	if err := b.loadTexts(-1); err != nil {
		return err
	}
	return io.EOF
}

// place says where the rows of c stand.
func (b *book) place(c *Chunk, s *sheet, long bool) {
	c.sheet = s
	c.Number = b.number + 1
	if n, ok := s.numberOf(c.Data); ok {
		c.Number = n
	}
	b.number = b.lastNumber(s, c.Data, c.Number-1)
	c.Line = c.Number
	if long {
		c.bad = append(c.bad, span{end: len(c.Data), lines: 1, code: rowTooLong, detail: tooLongDetail(b.options.MaxRow),
			column: -1})
	}
}

// numberOf is the number that the first row in data carries; false: it carries none.
func (s *sheet) numberOf(data []byte) (int64, bool) {
	m := s.spaces.markup(data)
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		if kind == tokenOpen {
			n, ok := atoi(m.attr("r"))
			return int64(n), ok
		}
	}
	return 0, false
}

// lastNumber is the number of the last row in whole elements, of which the one before them is known. A row that does
// not say its number has the next one; ODS rows say how often they are repeated.
func (b *book) lastNumber(s *sheet, data []byte, before int64) int64 {
	if i := bytes.LastIndex(data, s.tag); i >= 0 && b.format == "xlsx" {
		if n, ok := s.numberOf(data[i:]); ok && tagEnds(data, i+len(s.tag)) {
			return n
		}
	}
	for {
		i := tagIndex(data, s.tag)
		if i < 0 {
			return before
		}
		m := s.spaces.markup(data[i:])
		if m.next() == tokenOpen {
			if n, ok := atoi(m.attr("r")); ok {
				before = int64(n)
			} else {
				before += repeats(m.attr("table:number-rows-repeated"))
			}
		}
		data = data[i+len(s.tag):]
	}
}

// Describe says what is read of the workbook and what is hidden in it.
func (b *book) Describe() string {
	parts := []string{strings.ToUpper(b.format)}
	if b.in.compression != "" {
		parts = append(parts, b.in.compression)
	}
	var read []string
	for _, s := range b.tables {
		read = append(read, s.describe())
	}
	parts = append(parts, strings.Join(read, "; "))
	if left := b.Unread(); len(left) > 0 {
		parts = append(parts, printable.Counted(len(left), "hidden sheet")+" left out: "+quoteList(left))
	}
	for _, s := range b.sheets {
		if s.lists {
			parts = append(parts, fmt.Sprintf("sheet %q left out: it lists the problems of these rows", s.name))
		}
	}
	return strings.Join(parts, ", ")
}

// Unread are the sheets that are hidden and not read.
func (b *book) Unread() (names []string) {
	for _, s := range b.sheets {
		if s.hidden && !b.reads(s) {
			names = append(names, s.name)
		}
	}
	return names
}

func (b *book) reads(s *sheet) bool {
	for _, t := range b.tables {
		if t == s {
			return true
		}
	}
	return false
}

func (s *sheet) describe() string {
	parts := []string{fmt.Sprintf("sheet %q", s.name)}
	if s.hidden {
		parts[0] = "hidden " + parts[0]
	}
	parts = append(parts, printable.Counted(len(s.header.Names), "column"))
	if s.header.Line > 1 {
		parts = append(parts, fmt.Sprintf("header in row %d", s.header.Line))
	}
	parts = append(parts, s.notes...)
	if n := len(s.hiddenColumns); n > 0 {
		var letters []string
		for _, c := range s.hiddenColumns[:min(n, 10)] {
			letters = append(letters, string(bytes.TrimRight([]byte(Address(c, 0)), "0")))
		}
		parts = append(parts, printable.Counted(n, "hidden column")+" read too: "+strings.Join(letters, " "))
	}
	if n := s.hiddenRows.Load(); n > 0 {
		parts = append(parts, printable.Counted(int(n), "hidden row")+" read too")
	} else if s.filtered {
		parts = append(parts, "hidden rows are read too")
	}
	return strings.Join(parts, ", ")
}
