package ledger

import "time"

// Ledger is the durable memory of one state directory.
type Ledger struct{}

// Open opens the ledger of dir and makes it when there is none.
func Open(dir string) (*Ledger, error) { panic("ledger: not written yet") }

// Close gives the lock back.
func (l *Ledger) Close() error { panic("ledger: not written yet") }

// KeyHash stands for one match key of one record: never the value itself.
type KeyHash [16]byte

// RecordHash stands for a payload.
type RecordHash [16]byte

// Key is the hash by which this ledger knows a match key. Safe for concurrent use.
func (l *Ledger) Key(kind string, value []byte) KeyHash { panic("ledger: not written yet") }

// RunInfo is what the ledger tells of a run.
type RunInfo struct {
	ID          string // given by the caller, unique in the ledger
	Command     string
	OrgID, Org  string
	Fingerprint string // of everything that makes a later run the same run
	Version     string
	Started     time.Time
	Ended       time.Time // zero: it runs, or died
	State       string    // RunRunning, RunFinished, RunInterrupted or RunFailed
	Rows        int64
	Counts      map[string]int64 // by status
	Stamp       string           // the caller's own, kept when the run is taken up again
}

// Run is one run in the ledger. Safe for concurrent use.
type Run struct{}

// Begin takes up the unfinished run of the same OrgID and Fingerprint, or
// commits a new one.
func (l *Ledger) Begin(info RunInfo) (*Run, error) { panic("ledger: not written yet") }

// Runs lists all runs, newest first.
func (l *Ledger) Runs() ([]RunInfo, error) { panic("ledger: not written yet") }

// ID is the run's ID.
func (r *Run) ID() string { panic("ledger: not written yet") }

// Info is what the ledger holds of the run.
func (r *Run) Info() RunInfo { panic("ledger: not written yet") }

// Resumed tells whether the run was begun before.
func (r *Run) Resumed() bool { panic("ledger: not written yet") }

// Finish ends the run.
func (r *Run) Finish(state string, rows int64, counts map[string]int64) error {
	panic("ledger: not written yet")
}

// Known is what the ledger knows of one key.
type Known struct {
	Found      bool
	CustomerID string
	Hash       RecordHash // of the payload last landed
}

// Known tells what is known of each key; len(result) == len(keys).
func (l *Ledger) Known(orgID string, keys []KeyHash) ([]Known, error) {
	panic("ledger: not written yet")
}

// Doubt is a key whose last request has no evidence.
type Doubt struct {
	Key KeyHash
	Run string // the run that asked
}

// Doubts lists the keys that another run left in doubt in this org.
func (l *Ledger) Doubts(orgID, exceptRun string) ([]Doubt, error) { panic("ledger: not written yet") }
