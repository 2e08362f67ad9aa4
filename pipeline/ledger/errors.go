package ledger

import (
	"errors"
	"time"
)

// ErrState says that an act does not fit the state of its run, batch or
// request. Nothing was recorded.
var ErrState = errors.New("ledger: out of order")

// States of a run.
const (
	RunRunning     = "running"
	RunFinished    = "finished"
	RunInterrupted = "interrupted"
	RunFailed      = "failed"
)

// States of a request.
const (
	RequestIntended = "intended"
	RequestAccepted = "accepted"
	RequestAnswered = "answered"
)

// LockedError says that another live process holds the state directory.
type LockedError struct {
	PID   int       // 0 unknown
	Since time.Time // zero unknown
}

func (e *LockedError) Error() string { return "ledger: held by another process" }

// CorruptError says that the file is not a ledger that can be trusted.
type CorruptError struct {
	Path, Reason string
}

func (e *CorruptError) Error() string { return e.Path + ": " + e.Reason }
