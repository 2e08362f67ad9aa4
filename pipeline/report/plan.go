package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/redact"
)

// What a plan does with a row.
const (
	ActCreate    = "create"
	ActUpdate    = "update"
	ActUnchanged = "unchanged"
	ActDuplicate = "duplicate"
	ActConflict  = "conflict"
	ActHeld      = "held"
	ActInvalid   = "invalid"
	ActSkipped   = "skipped"
)

// Acts lists them in the order of every report.
func Acts() []string {
	return []string{ActCreate, ActUpdate, ActUnchanged, ActDuplicate, ActConflict, ActHeld, ActInvalid, ActSkipped}
}

// PlanHead is what a plan was made with.
type PlanHead struct {
	Version  int             `json:"version"`
	Run      string          `json:"run"` // that made it
	OrgID    string          `json:"org_id"`
	Org      string          `json:"org"`
	Host     string          `json:"host"`
	Made     time.Time       `json:"made"`
	Settings json.RawMessage `json:"settings"` // of the run, as in run.json
}

// PlanRow is what a plan says of one row of the input. Fields holds customers' values.
type PlanRow struct {
	Row      int64       `json:"row"` // its place among all rows, from 0
	File     string      `json:"file"`
	Sheet    string      `json:"sheet,omitempty"`
	Line     int64       `json:"line"`
	Act      string      `json:"act"`
	Name     string      `json:"name,omitempty"` // what the row calls its customer; its key where it gives no name
	Customer string      `json:"customer_id,omitempty"`
	Payload  string      `json:"payload,omitempty"` // hash of what the row says
	State    string      `json:"state,omitempty"`   // hash of what the customer was
	Code     string      `json:"code,omitempty"`
	Detail   string      `json:"detail,omitempty"`
	Fields   []PlanField `json:"fields,omitempty"`
	Kind     string      `json:"kind,omitempty"` // of its record, as mappings name it; "": customer
	Other    bool        `json:"-"`              // its record is neither a customer nor a conversation that is described

	// NewCompany is the name, or else the external id, of the company that would be made for the row; then Payload is the
	// hash of what the row says without its company.
	NewCompany string `json:"new_company,omitempty"`
}

// PlanField is one field of a customer that would change.
type PlanField struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`

	Entries *PlanEntries `json:"entries,omitempty"` // of a list
}

// PlanEntries is what becomes of the entries of a list.
type PlanEntries struct {
	Added   int64 `json:"added"`
	Changed int64 `json:"changed"`
	Kept    int64 `json:"kept"`
	Removed int64 `json:"removed"`
}

// String is it in words: 1 entry added, 2 kept.
func (e *PlanEntries) String() string {
	if e == nil {
		return ""
	}
	var parts []string
	for _, part := range []struct {
		n    int64
		word string
	}{{e.Added, "added"}, {e.Changed, "changed"}, {e.Removed, "taken off"}, {e.Kept, "kept"}} {
		if part.n == 0 {
			continue
		}
		noun := ""
		if len(parts) == 0 {
			if noun = "entries "; part.n == 1 {
				noun = "entry "
			}
		}
		parts = append(parts, number(part.n)+" "+noun+part.word)
	}
	return strings.Join(parts, ", ")
}

func (e *PlanEntries) add(more *PlanEntries) *PlanEntries {
	switch {
	case more == nil:
		return e
	case e == nil:
		e = &PlanEntries{}
	}
	e.Added, e.Changed, e.Kept, e.Removed = e.Added+more.Added, e.Changed+more.Changed, e.Kept+more.Kept, e.Removed+
		more.Removed
	return e
}

// PlanTotals is a plan in numbers. It holds no value.
type PlanTotals struct {
	Path    string      `json:"path"` // plan.json
	Acts    []ActCount  `json:"acts"`
	Fields  []PlanCount `json:"fields,omitempty"`  // those that would change, most frequent first
	Columns *Columns    `json:"columns,omitempty"` // what became of every column of the inputs
	Kinds   []KindActs  `json:"kinds,omitempty"`   // the same by kind of record, where it is not of customers alone
	Effects []string    `json:"effects,omitempty"` // what of the org may go off, and what cannot be known of it
	Apply   int64       `json:"apply_requests"`    // about how many requests it takes to carry it out
}

// ActCount is how many rows a plan does one thing with.
type ActCount struct {
	Act  string `json:"act"`
	Rows int64  `json:"rows"`
}

// KindActs is what a plan does with the rows of one kind of record.
type KindActs struct {
	Kind string     `json:"kind"`
	Many string     `json:"many"` // its records in words: conversations
	Acts []ActCount `json:"acts"` // those that there are
}

// PlanCount is of how many records one field would change.
type PlanCount struct {
	Field     string   `json:"field"`
	Kind      string   `json:"kind,omitempty"` // of the records; "": customers
	Customers int64    `json:"customers"`
	Samples   []Sample `json:"samples,omitempty"`

	Entries *PlanEntries `json:"entries,omitempty"` // of a list, of all customers together
}

// PlanWriter writes plan.json row by row, and plan.html at its end. It belongs to one goroutine.
type PlanWriter struct {
	dir    string
	redact *redact.Redactor
	hides  bool
	head   PlanHead
	file   Storage
	out    *bufio.Writer
	acts   map[string]int64
	kinds  []*kindActs // in the order of the input
	fields map[string]*PlanCount
	shown  []PlanRow // for the page
	fresh  []PlanRow // the first new customers, for the page
	size   int
	others map[string]int64 // rows by act whose requests Ending tells
	talks  int64            // conversations that would be described: each is read again by itself
	some   bool
}

// CreatePlan begins plan.json in dir, mode 0600. how hides the customers' values in it and in its page; what carrying
// it out needs is hashed in any case, so it can be carried out all the same.
func CreatePlan(dir string, head PlanHead, how redact.Redaction) (*PlanWriter, error) {
	file, err := openPrivate(filepath.Join(dir, "plan.json"))
	if err != nil {
		return nil, err
	}
	p := &PlanWriter{redact: redact.New(how), hides: how != redact.None, dir: dir, head: head, file: file,
		out: bufio.NewWriterSize(file, sinkBuffer), acts: map[string]int64{}, others: map[string]int64{},
		fields: map[string]*PlanCount{}}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	p.out.Write(text[:len(text)-1])
	_, err = p.out.WriteString(",\"rows\":[\n")
	return p, err
}

// What the page shows at most: rows, and bytes of their values.
const (
	planRowsShown  = 2000
	planFreshShown = 100
	planBytesShown = 1_200_000
)

// Add writes what is planned for the next row.
func (p *PlanWriter) Add(row *PlanRow) error {
	p.acts[row.Act]++
	p.ofKind(row.Kind).acts[row.Act]++
	switch {
	case row.Other:
		p.others[row.Act]++
	case row.Kind != "" && row.Act == ActUpdate:
		p.talks++
	}
	at := Sample{File: row.File, Sheet: row.Sheet, Line: row.Line}
	for i := range row.Fields {
		key := row.Kind + " " + row.Fields[i].Field
		f := p.fields[key]
		if f == nil {
			f = &PlanCount{Field: row.Fields[i].Field, Kind: row.Kind}
			p.fields[key] = f
		}
		if f.Customers++; len(f.Samples) < samplesKept {
			f.Samples = append(f.Samples, at)
		}
		f.Entries = f.Entries.add(row.Fields[i].Entries)
	}
	if p.hides {
		row = p.hidden(row)
	}
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if row.Act != ActUnchanged && row.Act != ActCreate && len(p.shown) < planRowsShown && p.size < planBytesShown {
		p.shown = append(p.shown, *row)
		p.size += len(text)
	}
	if row.Act == ActCreate && len(p.fresh) < planFreshShown {
		p.fresh = append(p.fresh, *row)
	}
	if p.some {
		p.out.WriteString(",\n")
	}
	p.some = true
	_, err = p.out.Write(text)
	return err
}

// hidden is the row with its values hidden.
func (p *PlanWriter) hidden(row *PlanRow) *PlanRow {
	hide := func(value json.RawMessage) json.RawMessage {
		if len(value) == 0 || string(value) == "null" {
			return value
		}
		text, _ := json.Marshal(string(p.redact.Hide(plainValue(value)))) // a text is always JSON
		return text
	}
	other := *row
	other.NewCompany = string(p.redact.Hide([]byte(row.NewCompany)))
	other.Name = string(p.redact.Hide([]byte(row.Name)))
	other.Fields = slices.Clone(row.Fields)
	for i := range other.Fields {
		f := &other.Fields[i]
		f.Before, f.After = hide(f.Before), hide(f.After)
	}
	return &other
}

// kindActs counts what a plan does with the rows of a kind.
type kindActs struct {
	kind string
	acts map[string]int64
}

func (p *PlanWriter) ofKind(kind string) *kindActs {
	for _, k := range p.kinds {
		if k.kind == kind {
			return k
		}
	}
	k := &kindActs{kind, map[string]int64{}}
	p.kinds = append(p.kinds, k)
	return k
}

// Ending is what a plan is told at its end.
type Ending struct {
	Columns *Columns                 // what became of those of the inputs
	Effects []string                 // see PlanTotals
	Many    func(kind string) string // a kind's records in words; nil: all are customers
	// Requests are those of carrying it out for records that are neither customers nor described conversations.
	Requests int64
}

// Close ends the plan. A plan that was not made to its end, as cause says, is taken away.
func (p *PlanWriter) Close(e Ending, cause error) (*PlanTotals, error) {
	t := &PlanTotals{Path: filepath.Join(p.dir, "plan.json"), Columns: e.Columns, Effects: e.Effects}
	for _, act := range Acts() {
		t.Acts = append(t.Acts, ActCount{act, p.acts[act]})
	}
	for _, k := range p.kinds {
		if e.Many == nil || len(p.kinds) == 1 && k.kind == "" {
			break
		}
		one := KindActs{Kind: cmp.Or(k.kind, "customer"), Many: e.Many(k.kind)}
		for _, act := range Acts() {
			if k.acts[act] > 0 {
				one.Acts = append(one.Acts, ActCount{act, k.acts[act]})
			}
		}
		t.Kinds = append(t.Kinds, one)
	}
	for _, f := range p.fields {
		t.Fields = append(t.Fields, *f)
	}
	slices.SortFunc(t.Fields, func(a, b PlanCount) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Field, b.Field))
	})
	batches := func(n int64) int64 { return 2 * ((n + 99) / 100) }
	// Updates are read again first, at best by a list of what changed lately and searches of twenty at a time.
	made, changed := p.acts[ActCreate]-p.others[ActCreate], p.acts[ActUpdate]-p.others[ActUpdate]
	t.Apply = batches(made) + batches(changed) + (changed-p.talks+19)/20 + p.talks + e.Requests
	text, err := json.Marshal(t)
	p.out.WriteString("\n],\"totals\":")
	p.out.Write(text)
	p.out.WriteString("}\n")
	cause = errors.Join(cause, err, p.out.Flush(), p.file.Close())
	if cause == nil {
		cause = writePlanPage(filepath.Join(p.dir, "plan.html"), p, t)
	}
	if cause != nil {
		return nil, errors.Join(cause, removeIfThere(t.Path))
	}
	return t, nil
}

// PlanRows reads a plan row by row.
type PlanRows struct {
	Head PlanHead
	file *os.File
	in   *json.Decoder
	path string
}

// OpenPlan opens a plan.json.
func OpenPlan(path string) (*PlanRows, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	p := &PlanRows{file: file, in: json.NewDecoder(bufio.NewReaderSize(file, 1<<16)), path: path}
	if err := p.head(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return p, nil
}

func (p *PlanRows) head() error {
	odd := fmt.Errorf("%s is no plan of muster's", p.path)
	if open, err := p.in.Token(); err != nil || open != json.Delim('{') {
		return odd
	}
	fields := map[string]any{"version": &p.Head.Version, "run": &p.Head.Run, "org_id": &p.Head.OrgID, "org": &p.Head.Org,
		"host": &p.Head.Host, "made": &p.Head.Made, "settings": &p.Head.Settings}
	for {
		name, err := p.in.Token()
		if err != nil {
			return odd
		}
		if name == "rows" {
			break
		}
		word, _ := name.(string)
		to := fields[word]
		if to == nil {
			to = new(json.RawMessage) // a later program's
		}
		if p.in.Decode(to) != nil {
			return odd
		}
	}
	if open, err := p.in.Token(); err != nil || open != json.Delim('[') || p.Head.Run == "" {
		return odd
	}
	if p.Head.Version != Version {
		return fmt.Errorf("%s: version %d of the plan, this program reads version %d", p.path, p.Head.Version, Version)
	}
	return nil
}

// Next is the next row, nil after the last.
func (p *PlanRows) Next() (*PlanRow, error) {
	if !p.in.More() {
		return nil, nil
	}
	row := &PlanRow{}
	if err := p.in.Decode(row); err != nil {
		return nil, fmt.Errorf("%s cannot be read to its end", p.path)
	}
	return row, nil
}

// Close gives the file back.
func (p *PlanRows) Close() error { return p.file.Close() }
