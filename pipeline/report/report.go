// Package report turns the outcomes of a run into what people and programs read: outcomes.csv, rejects.csv and
// problems.csv in the order of the input, report.json, and the text for a terminal.
//
// It knows nothing of sources, mappings or Kustomer: callers hand it finished lines and counts. The CSV files hold
// customer data and are 0600 in a 0700 directory; Summary, report.json and the terminal text hold names of files and
// columns, cell addresses, codes and counts, never the value of a cell.
package report

import (
	"cmp"
	"slices"
	"time"
)

// Version is the version of the Summary's JSON form. Fields are only ever added within a version.
const Version = 1

// Summary is everything report.json and the terminal text say of one run. It is plain data; Settle fills in what
// follows from the rest. It holds no value of any cell, so that it may be shown, mailed and logged.
type Summary struct {
	Version int    `json:"version"`                // of this form: the constant Version
	Muster  string `json:"muster"`                 // the program's version
	Run     string `json:"run"`                    // run id, also the name of its directory
	Command string `json:"command"`                // the act: "import", "check" …
	Line    string `json:"command_line,omitempty"` // as a person would type it again; it never holds a key

	Org     *Org    `json:"org,omitempty"`     // nil: the command had no org (check)
	Inputs  []Input `json:"inputs"`            // in the order they were read
	Mapping string  `json:"mapping,omitempty"` // the mapping's file or name

	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Duration float64   `json:"duration_seconds"` // set by Settle

	Rows     int64         `json:"rows"`     // rows read, of all inputs
	Statuses []StatusCount `json:"statuses"` // the nine in their order, see Balance
	Missing  int64         `json:"missing"`  // rows read that got no outcome: Ends.Missing
	Unknown  int64         `json:"unknown"`  // rows whose end has no evidence; set by Settle from Statuses
	Balanced bool          `json:"balanced"` // set by Settle: the statuses add up to Rows and no row is missing

	Moved       *Moved       `json:"header_moved,omitempty"`      // a header that came again in another order; nil: none
	Stray       *Stray       `json:"not_in_rejects,omitempty"`    // refused rows that no file of rejects has; nil: none
	Differences *Differences `json:"duplicates_differ,omitempty"` // what duplicates say that is not imported; nil: nothing

	ProblemCount int64     `json:"problem_count"`      // problems found, exactly; set by Settle from Problems
	ProblemRows  int64     `json:"problem_rows"`       // rows that have at least one
	Problems     []Problem `json:"problems,omitempty"` // by code, most frequent first

	Columns *Columns `json:"columns,omitempty"` // what became of every column of the inputs
	Tables  []Table  `json:"tables,omitempty"`  // what the columns hold, for each table that was read
	Moments []Moment `json:"moments,omitempty"` // how far the run was at which moment
	// some that the run came to, with their pages; none where the org has no pages
	Customers []Customer `json:"customers,omitempty"`
	Damages   []Damage   `json:"damage,omitempty"` // columns that were damaged before they came here, the worst first

	Plan *PlanTotals `json:"plan,omitempty"` // what a plan would do; nil: it is none

	Requests   int64   `json:"requests"`         // HTTP requests made
	Budget     *Budget `json:"budget,omitempty"` // nil: no request was made
	Throughput float64 `json:"rows_per_second"`  // Rows over Duration; set by Settle

	Files    []File `json:"files,omitempty"`   // what the run wrote
	Next     []Next `json:"next,omitempty"`    // commands that make sense now, the best first
	Stopped  string `json:"stopped,omitempty"` // why the run ended before the input did, one line; "" it did not
	ExitCode int    `json:"exit_code"`
	Exit     string `json:"exit_meaning,omitempty"` // ExitCode in words

	Steps []Step `json:"-"` // of the run, in their order; not known of a report that is read back
}

// Step is when a run did what.
type Step struct {
	Name         string // survey, gate, send or plan, finish
	Began, Ended time.Time
	Failed       bool // the run ended early in it
}

// Org is where the records went.
type Org struct {
	Name string `json:"name,omitempty"`
	Host string `json:"host"` // host[:port], no path, no key
}

// Input is one table that was read: a file, or one sheet of it.
type Input struct {
	File   string `json:"file"` // as named on the command line; "-" is standard input
	Sheet  string `json:"sheet,omitempty"`
	Format string `json:"format"` // csv, ndjson, json …
	Rows   int64  `json:"rows"`
	Blank  int64  `json:"blank_rows,omitempty"` // passed over, and none of Rows: nothing can be seen in them
	Bytes  int64  `json:"bytes"`                // read, as they stood in the file (compressed where it was)
}

// StatusCount is one line of the balance.
type StatusCount struct {
	Status  string `json:"status"`
	Rows    int64  `json:"rows"`
	Meaning string `json:"meaning"` // one line
}

// Problem is all that was found under one code. Meaning, Cause and Fix come from the caller's registry of codes.
type Problem struct {
	Code    string   `json:"code"`
	Count   int64    `json:"count"` // exact, however many samples are kept
	Meaning string   `json:"meaning"`
	Cause   string   `json:"cause,omitempty"` // how it usually comes about
	Fix     string   `json:"fix"`
	Columns []Column `json:"columns"` // most frequent first; problems of a whole row are under the name ""
}

// Column is what one column has of one code.
type Column struct {
	Column   string `json:"column"`             // the file's own name; "" the whole row
	Count    int64  `json:"count"`              // exact
	Severity string `json:"severity,omitempty"` // "warning": the rows are sent all the same
	Expected string `json:"expected,omitempty"` // what would be right there; "" the meaning says it all
	// Expected is that of the first place that has some, and others have another
	Varies    bool     `json:"expected_varies,omitempty"`
	Samples   []Sample `json:"samples"`
	Truncated bool     `json:"truncated"` // there are more places than samples
}

// Sample is one place where a problem stands.
type Sample struct {
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"`
	Line  int64  `json:"line"`           // 1-based line where the row starts
	Cell  string `json:"cell,omitempty"` // "F14"; "" the whole row
}

// Table is what the columns of one table hold, in the order of its header. It holds no value.
type Table struct {
	File    string    `json:"file"`
	Sheet   string    `json:"sheet,omitempty"`
	Rows    int64     `json:"rows"`   // that could be taken apart into cells
	Looked  int64     `json:"looked"` // of them, whose values were looked at for Kinds and Distinct
	Columns []Profile `json:"columns"`
	More    int       `json:"more_columns,omitempty"` // that are left out
}

// Profile is what one column holds.
type Profile struct {
	Column   string `json:"column"`
	Filled   int64  `json:"filled"`          // cells that are not blank, of all rows
	Distinct int64  `json:"distinct"`        // different values, about, in the rows looked at
	Kinds    []Kind `json:"kinds,omitempty"` // what the values looked at look like, most frequent first
	Problems int64  `json:"problems"`        // found in the column
	Fate     string `json:"fate,omitempty"`  // what became of the column, one of Fates
	Why      string `json:"why,omitempty"`   // of one that is not sent
}

// Kind is one kind of value in a column.
type Kind struct {
	Kind  string `json:"kind"`
	Cells int64  `json:"cells"`
}

// Moment is how far a run was.
type Moment struct {
	Seconds  float64 `json:"seconds"` // since the phase began
	Rows     int64   `json:"rows"`    // that had been read by a check, or had their outcome in an import
	Requests int64   `json:"requests"`
}

// Customer is where one row arrived.
type Customer struct {
	Status string `json:"status"`
	File   string `json:"file"`
	Sheet  string `json:"sheet,omitempty"`
	Line   int64  `json:"line"`
	ID     string `json:"customer_id"`
	URL    string `json:"url"` // its page
}

// Budget is the org's request budget and what the run took of it, in requests per minute where not said otherwise.
type Budget struct {
	Limit     int64   `json:"limit"`     // what the org allows to all its programs together
	Granted   int64   `json:"granted"`   // what this run allowed itself
	Used      float64 `json:"used"`      // average over the run
	Share     float64 `json:"share"`     // Used over Limit, 0..1
	Throttled int64   `json:"throttled"` // answers 429, a count
}

// File is one file the run wrote.
type File struct {
	Kind string `json:"kind"` // "outcomes", "rejects", "problems", "report" …
	Path string `json:"path"`
}

// Next is a command worth running now.
type Next struct {
	Command string `json:"command"` // complete, to be copied
	Why     string `json:"why"`
}

// Balance returns the nine statuses in the order of every report, each with its rows in counts. Meanings are the
// caller's to fill in. A word in counts that is none of the nine is left out, so that the books will not balance.
func Balance(counts map[string]int64) []StatusCount {
	names := [...]string{"created", "updated", "unchanged", "duplicate", "skipped", "invalid", "rejected", "unsent",
		unknown}
	balance := make([]StatusCount, len(names))
	for i, name := range names {
		balance[i] = StatusCount{Status: name, Rows: counts[name]}
	}
	return balance
}

// unknown is the status of rows without evidence of their end.
const unknown = "unknown"

// Settle fills in what follows from the rest of s: Version, Duration, Unknown, Balanced, ProblemCount and Throughput,
// and the order of Problems and their Columns.
func (s *Summary) Settle() {
	s.Version = Version
	s.Duration = s.Ended.Sub(s.Started).Seconds()
	if s.Duration > 0 {
		s.Throughput = float64(s.Rows) / s.Duration
	}
	for _, status := range s.Statuses {
		if status.Status == unknown {
			s.Unknown = status.Rows
		}
	}
	s.Balanced = s.Missing == 0 && s.sum() == s.Rows
	s.ProblemCount = 0
	for i := range s.Problems {
		s.ProblemCount += s.Problems[i].Count
	}
	order(s.Problems)
}

// sum is what the statuses add up to.
func (s *Summary) sum() int64 {
	var sum int64
	for _, status := range s.Statuses {
		sum += status.Rows
	}
	return sum
}

// order puts the most frequent problems and columns first; equals stand by name, so that equal runs give equal reports.
func order(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	for _, p := range problems {
		slices.SortStableFunc(p.Columns, func(a, b Column) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Severity, b.Severity))
		})
	}
}
