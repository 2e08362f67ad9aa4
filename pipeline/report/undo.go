package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"muster/pipeline/redact"
)

// Undo is what taking a run back came to, or would come to. Like a Summary it holds no value.
type Undo struct {
	Version int    `json:"version"` // of this form: the constant Version
	Muster  string `json:"muster"`
	Run     string `json:"run,omitempty"` // of the undo itself; "": nothing was done yet
	Undoes  string `json:"undoes"`        // the run that is taken back
	Line    string `json:"command_line,omitempty"`
	Org     *Org   `json:"org"`

	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Planned bool      `json:"planned"` // nothing was written: the figures are what would be

	// rows of the run that made or changed a customer, or may have: the sum of the next six
	Customers int64 `json:"customers"`
	Deleted   int64 `json:"deleted"`  // reversed: the run had made them, and they are gone
	Restored  int64 `json:"restored"` // reversed: the run had changed them, and they are as before
	Kept      int64 `json:"kept"`     // left as they are
	Failed    int64 `json:"failed"`   // the org refused
	Unknown   int64 `json:"unknown"`  // a request was begun and has no evidence of its end
	Left      int64 `json:"left"`     // it ended before their turn came
	Balanced  bool  `json:"balanced"`

	Reasons   []UndoReason   `json:"reasons,omitempty"`
	Companies *UndoCompanies `json:"companies,omitempty"`      // nil: the run made none
	Lacks     []string       `json:"lacks,omitempty"`          // roles that the key needs for it and has not
	Needs     string         `json:"lacks_in_words,omitempty"` // Lacks, each with the older role that does as well
	Requests  int64          `json:"requests"`
	Files     []File         `json:"files,omitempty"`
	Next      []Next         `json:"next,omitempty"`
	Stopped   string         `json:"stopped,omitempty"`
	ExitCode  int            `json:"exit_code"`
	Exit      string         `json:"exit_meaning,omitempty"`
}

// UndoReason is why customers are in one of the lists, where there is more to say than the list's name.
type UndoReason struct {
	List    string   `json:"list"` // one of the lists
	Reason  string   `json:"reason"`
	Count   int64    `json:"count"`
	Samples []Sample `json:"samples,omitempty"` // the first
}

// UndoCompanies are the companies that the run made. They are no customers: no list counts them.
type UndoCompanies struct {
	Made    int64            `json:"made"`
	Deleted int64            `json:"deleted"`
	Kept    int64            `json:"kept"`              // left as they are
	Reasons map[string]int64 `json:"reasons,omitempty"` // why they are kept
}

// Keep counts one that is left as it is.
func (u *UndoCompanies) Keep(reason string) {
	if u.Reasons == nil {
		u.Reasons = map[string]int64{}
	}
	u.Kept++
	u.Reasons[reason]++
}

// The lists of an undo.
const (
	ListDeleted  = "deleted"
	ListRestored = "restored"
	ListKept     = "kept"
	ListFailed   = "failed"
	ListUnknown  = "unknown"
	ListLeft     = "left"
)

// Count counts one customer.
func (u *Undo) Count(row *UndoRow) {
	u.Customers++
	*map[string]*int64{ListDeleted: &u.Deleted, ListRestored: &u.Restored, ListKept: &u.Kept,
		ListFailed: &u.Failed, ListUnknown: &u.Unknown, ListLeft: &u.Left}[row.List]++
	if row.Reason == "" {
		return
	}
	at := slices.IndexFunc(u.Reasons, func(r UndoReason) bool { return r.List == row.List && r.Reason == row.Reason })
	if at < 0 {
		// Reasons come from a short list, but for the runs they name.
		at = len(u.Reasons)
		u.Reasons = append(u.Reasons, UndoReason{List: row.List, Reason: row.Reason})
	}
	one := &u.Reasons[at]
	if one.Count++; len(one.Samples) < samplesKept {
		one.Samples = append(one.Samples, Sample{File: row.File, Sheet: row.Sheet, Line: row.Line})
	}
}

// Settle orders the reasons, and fills in Version and Balanced; customers is how many the ledger says there are.
func (u *Undo) Settle(customers int64) {
	u.Version = Version
	u.Balanced = u.Customers == customers && u.Deleted+u.Restored+u.Kept+u.Failed+u.Unknown+u.Left == customers
	slices.SortStableFunc(u.Reasons, func(a, b UndoReason) int { return cmp.Compare(b.Count, a.Count) })
}

// WriteUndo writes u to path in one step, as WriteJSON does.
func WriteUndo(path string, u *Undo) error { return writeIndented(path, u) }

// ReadUndo reads what WriteUndo wrote. The error wraps fs.ErrNotExist where there is nothing.
func ReadUndo(path string) (*Undo, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the undo's report: %w", err)
	}
	u := &Undo{}
	if err := json.Unmarshal(text, u); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return u, nil
}

// UndoRow is one customer of an undo: the row of the undone run, and what became of it.
type UndoRow struct {
	File, Sheet string
	Line        int64  // 0 not known
	Key         string // of the row in the reports
	CustomerID  string
	List        string
	Reason      string // why, in the words of the report; "": the list says it
	Detail      string // the fields or the run that are meant; never a value
}

// UndoHeader is the first line of undo.csv.
const UndoHeader = "file,sheet,line,key,customer_id,list,reason,detail\n"

// UndoRows writes undo.csv: one line for each customer. It is 0600, and belongs to one goroutine.
type UndoRows struct {
	sink   sink
	redact *redact.Redactor
	line   []byte
}

// CreateUndoRows begins undo.csv in dir; one that is there is replaced.
func CreateUndoRows(dir string, how redact.Redaction) (*UndoRows, error) {
	w := &UndoRows{redact: redact.New(how)}
	w.sink = sink{path: filepath.Join(dir, "undo.csv"), limit: sinkBuffer, open: openPrivate, begun: true,
		buffer: []byte(UndoHeader)}
	return w, w.sink.flush()
}

// Path is where it stands.
func (w *UndoRows) Path() string { return w.sink.path }

// Add writes one line.
func (w *UndoRows) Add(row *UndoRow) error {
	line := append(appendField(w.line[:0], row.File), ',')
	line = append(appendField(line, row.Sheet), ',')
	line = append(strconv.AppendInt(line, row.Line, 10), ',')
	line = append(appendField(line, w.redact.Hide([]byte(row.Key))), ',')
	for _, cell := range [...]string{row.CustomerID, row.List, row.Reason} {
		line = append(appendField(line, cell), ',')
	}
	w.line = append(appendField(line, row.Detail), '\n')
	return w.sink.append(w.line)
}

// Close ends the file.
func (w *UndoRows) Close() error { return w.sink.close() }
