package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"muster/pipeline/redact"
)

// Verification is what was found when a run's customers were read back. Like a Summary it holds no value.
type Verification struct {
	Version int    `json:"version"` // of this form: the constant Version
	Muster  string `json:"muster"`
	Run     string `json:"run"`
	Line    string `json:"command_line,omitempty"`
	Org     *Org   `json:"org"`

	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`

	Landed  int64 `json:"landed"`  // rows that the run says the org has
	Sampled bool  `json:"sampled"` // not all of them were to be read
	Read    int64 `json:"read"`    // customers asked for: same + different + missing

	Same      int64 `json:"same"`
	Different int64 `json:"different"` // customers with at least one field that is not as it was sent
	Missing   int64 `json:"missing"`   // rows whose customer is not there
	// rows of Landed that are different or missing, with 95 % confidence; exact where all were read
	AtMost int64 `json:"at_most"`
	Extra  int64 `json:"extra"`  // fields, and lists with entries, that were not sent: somebody else's
	Veiled int64 `json:"veiled"` // fields that could not be compared

	// what the run said of the columns of its inputs; nil: its report is not there
	Columns *Columns `json:"columns,omitempty"`

	Differences *Differences `json:"duplicates_differ,omitempty"` // and of duplicates; nil: none says anything else

	Fields   []FieldVerdict `json:"fields,omitempty"`
	Requests int64          `json:"requests"`
	Files    []File         `json:"files,omitempty"`
	Next     []Next         `json:"next,omitempty"`
	Stopped  string         `json:"stopped,omitempty"`
	ExitCode int            `json:"exit_code"`
	Exit     string         `json:"exit_meaning,omitempty"`
}

// FieldVerdict is what was found of one field in all customers. Field "" is the customer as a whole.
type FieldVerdict struct {
	Field     string   `json:"field"`
	Different int64    `json:"different"`
	Missing   int64    `json:"missing"`
	Extra     int64    `json:"extra"`
	Veiled    int64    `json:"veiled"`
	Samples   []Sample `json:"samples,omitempty"` // of those different or missing, the first
}

// The verdicts on a field.
const (
	VerdictDifferent = "different"
	VerdictMissing   = "missing"
)

// Note counts one field that is not as it was sent.
func (f *FieldVerdict) Note(verdict string, at Sample) {
	if verdict == VerdictMissing {
		f.Missing++
	} else {
		f.Different++
	}
	if len(f.Samples) < samplesKept {
		f.Samples = append(f.Samples, at)
	}
}

// Settle orders the fields, the most frequent fault first, and fills in Version.
func (v *Verification) Settle() {
	v.Version = Version
	slices.SortFunc(v.Fields, func(a, b FieldVerdict) int {
		return cmp.Or(cmp.Compare(b.Different+b.Missing, a.Different+a.Missing),
			cmp.Compare(b.Extra+b.Veiled, a.Extra+a.Veiled), cmp.Compare(a.Field, b.Field))
	})
}

// WriteVerification writes v to path in one step, as WriteJSON does.
func WriteVerification(path string, v *Verification) error { return writeIndented(path, v) }

// VerdictHeader is the first line of verify.csv.
const VerdictHeader = "file,sheet,line,key,customer_id,field,verdict,expected,actual\n"

// Verdicts writes verify.csv: one line for each field that is not as it was sent, with both values. It is
// 0600, and belongs to one goroutine.
type Verdicts struct {
	sink   sink
	redact *redact.Redactor
	line   []byte
}

// CreateVerdicts begins verify.csv in dir; one that is there is replaced.
func CreateVerdicts(dir string, how redact.Redaction) (*Verdicts, error) {
	v := &Verdicts{redact: redact.New(how)}
	v.sink = sink{path: filepath.Join(dir, "verify.csv"), limit: sinkBuffer, open: openPrivate, begun: true,
		buffer: []byte(VerdictHeader)}
	return v, v.sink.flush()
}

// Path is where it stands.
func (v *Verdicts) Path() string { return v.sink.path }

// Add writes one line. Of a customer that is not there field, expected and actual are blank.
func (v *Verdicts) Add(row *OutcomeRow, field, verdict string, expected, actual []byte) error {
	line := append(appendField(v.line[:0], row.File), ',')
	line = append(appendField(line, row.Sheet), ',')
	line = append(strconv.AppendInt(line, row.Line, 10), ',')
	line = append(appendField(line, v.redact.Hide([]byte(row.Key))), ',')
	line = append(appendField(line, row.CustomerID), ',')
	line = append(appendField(line, field), ',')
	line = append(append(line, verdict...), ',')
	line = append(appendField(line, v.redact.Hide(plainValue(expected))), ',')
	line = append(appendField(line, v.redact.Hide(plainValue(actual))), '\n')
	v.line = line
	return v.sink.append(line)
}

// plainValue is a JSON value as people write it: a text without its quotes.
func plainValue(value []byte) []byte {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return []byte(s)
	}
	return value
}

// Close ends the file.
func (v *Verdicts) Close() error { return v.sink.close() }

// Outcomes reads an outcomes.csv line by line.
type Outcomes struct {
	records *csv.Reader
	row     OutcomeRow
	begun   bool
}

// NewOutcomes reads from r.
func NewOutcomes(r io.Reader) *Outcomes {
	o := &Outcomes{records: csv.NewReader(r)}
	o.records.ReuseRecord = true
	o.records.FieldsPerRecord = 9
	return o
}

// Next is the next line, nil after the last. It is valid until the next call. The error names a line, never what is in
// it.
func (o *Outcomes) Next() (*OutcomeRow, error) {
	if !o.begun {
		o.begun = true
		if _, err := o.records.Read(); err != nil {
			return nil, fmt.Errorf("outcomes: %w", err)
		}
	}
	cells, err := o.records.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("outcomes: %w", err)
	}
	at, err := strconv.ParseInt(cells[2], 10, 64)
	if err != nil {
		line, _ := o.records.FieldPos(2)
		return nil, fmt.Errorf("outcomes: line %d is not one that muster wrote", line)
	}
	o.row = OutcomeRow{File: cells[0], Sheet: cells[1], Line: at, Key: cells[3], Status: cells[4],
		CustomerID: cells[5], Code: cells[6], Column: cells[7], Detail: cells[8]}
	o.row.undefuse()
	return &o.row, nil
}
