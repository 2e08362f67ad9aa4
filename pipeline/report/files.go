package report

import (
	"errors"
	"io"
)

// ErrDoubled: an ordinal was added a second time. The first entry stands.
var ErrDoubled = errors.New("row already has an outcome")

// ErrNotAdded: Replace named an ordinal that has no entry.
var ErrNotAdded = errors.New("row has no outcome to replace")

// Entry is everything the reports hold of one row. Byte slices are copied before Add or Replace returns.
type Entry struct {
	Ordinal     int64  // 0-based place of the row among all rows read
	Outcome     []byte // finished CSV line incl. \n: AppendOutcome
	Reject      []byte // finished CSV line incl. \n, or nil: AppendReject
	RejectTable int    // which header Reject belongs under: Files.Table
	Problems    []byte // finished CSV lines incl. \n, or nil: AppendProblem
}

// FilesOptions are the settings of Files. The zero value is good.
type FilesOptions struct {
	Memory int                                          // bytes that entries ahead of their turn may hold before they go to a spill file; default 16 MiB
	Open   func(name string, flag int) (Storage, error) // opens every file, also the spill; default: os.OpenFile, mode 0600
}

// Storage is what Files needs of an open file; *os.File has it.
type Storage interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Truncate(size int64) error
}

// Files writes outcomes.csv, rejects*.csv and problems.csv in the order of ordinals, whatever order entries come in.
// It belongs to one goroutine.
type Files struct{}

// Ends says how Files closed.
type Ends struct {
	Missing int64    // ordinals 0..rows-1 that were never added
	Beyond  int64    // ordinals ≥ rows that were: more outcomes than rows
	Paths   []string // files written, complete; outcomes.csv first
}

// Create opens the reports in dir, which it makes (0700) if need be.
func Create(dir string, o FilesOptions) (*Files, error) { return &Files{}, nil }

// Table returns the number of the rejects file for rows under header; equal headers share one.
func (f *Files) Table(header []string) (table int) { return 0 }

// Add takes the entry of one row.
func (f *Files) Add(e Entry) error { return nil }

// Replace replaces the entry of an ordinal already added; applied at Close.
func (f *Files) Replace(e Entry) error { return nil }

// Close writes what still waits and closes all files. rows is the number of rows read.
func (f *Files) Close(rows int64) (Ends, error) { return Ends{}, nil }
