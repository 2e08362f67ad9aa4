package ledger

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrState says that an act does not fit the state its run, batch or
	// request is in (the table in the package's comment), or that it claims
	// what it has no evidence for. Nothing was recorded; the caller is wrong.
	ErrState = errors.New("out of order")

	// ErrNoRun says that the ledger has no run of that ID.
	ErrNoRun = errors.New("no such run")
)

// LockedError says that another live process holds the state directory.
// A lock whose process is dead is no obstacle and never causes it.
type LockedError struct {
	PID   int       // the holder's process id, 0 unknown
	Since time.Time // UTC, zero unknown
}

// Error names the holder as far as it is known.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return "the ledger is held by another process"
	}
	return fmt.Sprintf("the ledger is held by process %d since %s", e.PID, e.Since.Format(time.RFC3339))
}

// CorruptError says that a file is not a ledger this program can trust.
// Nothing in it was changed.
type CorruptError struct {
	Path   string
	Reason string
	Newer  bool // a newer muster made it, and nothing is wrong with it
}

// Error says which file and why.
func (e *CorruptError) Error() string { return fmt.Sprintf("%s: %s", e.Path, e.Reason) }

// explain names the act that failed and turns the database's verdict into
// what a caller may test: CorruptError, ENOSPC, EROFS, EACCES or EIO. The
// database's own texts name tables and columns, never what is in them.
func (l *Ledger) explain(act string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errPacked) {
		return fmt.Errorf("ledger: %s: %w", act, &CorruptError{Path: l.path, Reason: err.Error()})
	}
	var verdict *sqlite.Error
	if !errors.As(err, &verdict) {
		return fmt.Errorf("ledger: %s: %w", act, err)
	}
	var errno syscall.Errno
	switch verdict.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("ledger: %s: %w", act, &CorruptError{Path: l.path, Reason: verdict.Error()})
	case sqlite3.SQLITE_FULL:
		errno = syscall.ENOSPC
	case sqlite3.SQLITE_READONLY:
		errno = syscall.EROFS
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		errno = syscall.EACCES
	case sqlite3.SQLITE_IOERR:
		errno = syscall.EIO
	default:
		return fmt.Errorf("ledger: %s: %w", act, err)
	}
	return fmt.Errorf("ledger: %s: %w (%s)", act, errno, verdict)
}
